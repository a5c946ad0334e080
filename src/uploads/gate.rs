//! What concurrent upload runs to several sessions share: the limit on simultaneous calls, the time
//! that the service asked to wait, and the number of answers that were lost.

use super::session::MAX_BUSY_WAIT;
use crate::uploads::plan::AttemptResult;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep_until};

/// The way to the service. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct ServiceGate {
    permits: Arc<Semaphore>,
    pause: Arc<Mutex<Pause>>,
    /// Outcomes that are unknown, since the last known one.
    unknown: Arc<AtomicU32>,
    max_consecutive_unknown: u32,
}

#[derive(Debug, Default)]
struct Pause {
    until: Option<Instant>,
    /// All waits of the run together.
    total: Duration,
}

/// Why no further call may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct GateClosed;

impl ServiceGate {
    /// Creates a gate for this number of simultaneous calls, which closes after a number of unknown
    /// outcomes in a row. Most cases have fewer files than that.
    pub(crate) fn new(calls: usize, max_consecutive_unknown: u32) -> Self {
        Self {
            permits: Arc::new(Semaphore::new(calls.max(1))),
            pause: Arc::default(),
            unknown: Arc::default(),
            max_consecutive_unknown,
        }
    }

    /// Waits until a call may be made. Calls are admitted in the order of their requests.
    pub(crate) async fn enter(&self) -> Result<OwnedSemaphorePermit, GateClosed> {
        loop {
            let until = self.lock().until;
            if let Some(until) = until.filter(|until| *until > Instant::now()) {
                sleep_until(until).await;
                continue;
            }
            let permit = Arc::clone(&self.permits).acquire_owned().await;
            let permit = permit.map_err(|_closed| GateClosed)?;
            // A call that was running meanwhile may have been asked to wait.
            let is_paused = self
                .lock()
                .until
                .is_some_and(|until| until > Instant::now());
            if !is_paused {
                return Ok(permit);
            }
        }
    }

    /// Delays all calls for this time, as the service asked. Returns whether the run has then
    /// waited for too long in all.
    pub(crate) fn pause_for(&self, wait: Duration) -> bool {
        let mut pause = self.lock();
        let now = Instant::now();
        let known = pause.until.map_or(now, |until| until.max(now));
        let until = now.checked_add(wait).unwrap_or(known).max(known);
        pause.total = pause.total.saturating_add(until.duration_since(known));
        pause.until = Some(until);
        pause.total > MAX_BUSY_WAIT
    }

    /// Counts the result of a call, before its permit is returned: after too many unknown outcomes,
    /// no further call is admitted.
    pub(crate) fn count_unknown(&self, result: &AttemptResult) {
        match result {
            AttemptResult::Unknown { .. } => {
                self.unknown.fetch_add(1, Ordering::Relaxed);
                if self.loses_responses() {
                    self.close();
                }
            }
            AttemptResult::Accepted { .. } | AttemptResult::Rejected(_) => {
                self.unknown.store(0, Ordering::Relaxed);
            }
            AttemptResult::NotProcessed { .. } => {}
        }
    }

    /// Returns whether too many outcomes in a row are unknown, over all runs.
    pub(crate) fn loses_responses(&self) -> bool {
        self.unknown.load(Ordering::Relaxed) >= self.max_consecutive_unknown
    }

    /// Admits no further call.
    pub(crate) fn close(&self) {
        self.permits.close();
    }

    /// Returns whether no further call is admitted.
    pub(crate) fn is_closed(&self) -> bool {
        self.permits.is_closed()
    }

    fn lock(&self) -> MutexGuard<'_, Pause> {
        self.pause.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::uploads::plan::{Receipt, UnknownReason};

    #[test]
    fn waits_of_concurrent_calls_count_once() {
        let gate = ServiceGate::new(4, 10);
        let half = MAX_BUSY_WAIT / 2;
        assert!(!gate.pause_for(half));
        assert!(!gate.pause_for(half), "the same wait again");
        assert!(gate.pause_for(MAX_BUSY_WAIT * 2));
    }

    #[tokio::test]
    async fn unknown_outcomes_in_a_row_close_the_gate() {
        let gate = ServiceGate::new(4, 2);
        let unknown = AttemptResult::Unknown {
            reason: UnknownReason::ConnectionLost,
            http_status: None,
        };
        let accepted = AttemptResult::Accepted {
            http_status: 200,
            receipt: Receipt::default(),
        };
        for result in [&unknown, &accepted, &unknown] {
            gate.count_unknown(result);
        }
        assert!(gate.enter().await.is_ok() && !gate.loses_responses());
        gate.count_unknown(&unknown);
        assert!(gate.enter().await.is_err() && gate.loses_responses());
    }
}
