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
    /// Creates a gate for this number of simultaneous calls.
    pub(crate) fn new(calls: usize) -> Self {
        Self {
            permits: Arc::new(Semaphore::new(calls.max(1))),
            pause: Arc::default(),
            unknown: Arc::default(),
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

    /// Counts the result of an attempt. Returns how many outcomes in a row are unknown, over all
    /// runs.
    pub(crate) fn count_unknown(&self, result: &AttemptResult) -> u32 {
        match result {
            AttemptResult::Unknown { .. } => self.unknown.fetch_add(1, Ordering::Relaxed) + 1,
            AttemptResult::Accepted { .. } | AttemptResult::Rejected(_) => {
                self.unknown.store(0, Ordering::Relaxed);
                0
            }
            AttemptResult::NotProcessed { .. } => self.unknown.load(Ordering::Relaxed),
        }
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

    #[test]
    fn waits_of_concurrent_calls_count_once() {
        let gate = ServiceGate::new(4);
        let half = MAX_BUSY_WAIT / 2;
        assert!(!gate.pause_for(half));
        assert!(!gate.pause_for(half), "the same wait again");
        assert!(gate.pause_for(MAX_BUSY_WAIT * 2));
    }
}
