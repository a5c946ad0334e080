//! Drives the upload plan: starts attempts, waits, and settles each in the plan and the journal.

use super::attempt::{FinishedAttempt, Uploader};
use super::item::UploadItem;
use crate::event_log::{AttemptEvent, AttemptTimes, Event};
use crate::uploads::plan::{
    AttemptResult, CancelResult, Job, JobId, LocalCode, Outcome, OutcomeKind, Plan, PlanStep,
    PriorAttempt, QueueLimits, Receipt, SettleResult, StartAttempt, StopReason,
};
use jiff::Timestamp;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use tokio::sync::watch;
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::{Instant, sleep_until};

/// The final outcome of an item in this run.
pub(crate) struct UploadResult {
    pub(crate) outcome: Outcome,
    pub(crate) at: Timestamp,
    /// The message of the service or the network, for the user.
    pub(crate) message: Option<String>,
}

/// What a driver reports.
pub(crate) enum DriverEvent {
    /// An attempt started.
    Started(JobId),
    /// An attempt certainly did not reach the service, and will be repeated for this reason.
    Retrying(JobId, &'static str),
    /// An item has its outcome.
    Settled(JobId, UploadResult),
    /// Every item has its outcome.
    Done,
    /// The queue stopped early, and every item has its outcome.
    Stopped(StopReason),
}

/// An attempt in progress.
struct RunningAttempt {
    start: StartAttempt,
    started: Instant,
    cancel: watch::Sender<bool>,
}

/// Uploads a queue of items to one session.
pub(crate) struct Driver {
    uploader: Arc<Uploader>,
    items: Vec<Arc<UploadItem>>,
    plan: Plan,
    started: Instant,
    attempts: JoinSet<FinishedAttempt>,
    running: HashMap<Id, RunningAttempt>,
    /// Whether the outcome of each item was reported.
    reported: Vec<bool>,
    /// All items before this one were reported.
    first_unreported: usize,
    /// Items that are settled and not yet reported.
    pending: VecDeque<JobId>,
}

impl Driver {
    /// Returns a driver with an empty queue.
    pub(crate) fn new(uploader: Arc<Uploader>, concurrency: usize) -> Self {
        let limits = QueueLimits {
            concurrency,
            ..QueueLimits::default()
        };
        Self {
            uploader,
            plan: Plan::new(&[], limits, fastrand::f64),
            items: Vec::new(),
            started: Instant::now(),
            attempts: JoinSet::new(),
            running: HashMap::new(),
            reported: Vec::new(),
            first_unreported: 0,
            pending: VecDeque::new(),
        }
    }

    /// Appends an item to the queue.
    pub(crate) fn add(&mut self, item: UploadItem, prior_attempt: PriorAttempt) -> JobId {
        let job = Job {
            content: item.content,
            prior_attempt,
        };
        self.items.push(Arc::new(item));
        self.reported.push(false);
        let job = self.plan.add(&job);
        if self.plan.outcome(job).is_some() {
            self.pending.push_back(job);
        }
        job
    }

    /// Returns an item of the queue.
    pub(crate) fn item(&self, job: JobId) -> Option<&UploadItem> {
        self.items.get(job.0).map(|item| &**item)
    }

    /// Cancels one item. A running attempt of it ends early.
    pub(crate) fn cancel(&mut self, job: JobId) {
        match self.plan.cancel(job) {
            CancelResult::Skipped => self.pending.push_back(job),
            CancelResult::Running => {
                let attempts = self.running.values();
                for attempt in attempts.filter(|attempt| attempt.start.job == job) {
                    attempt.cancel.send_replace(true);
                }
            }
            CancelResult::AlreadyFinished => {}
        }
    }

    /// Starts no further attempt.
    pub(crate) fn stop(&mut self, reason: StopReason) {
        self.plan.stop(reason);
    }

    /// Ends the running attempts early.
    pub(crate) fn abort(&self) {
        #[expect(clippy::iter_over_hash_type, reason = "all are ended, in any order")]
        for attempt in self.running.values() {
            attempt.cancel.send_replace(true);
        }
    }

    /// Waits for the next event. The future can be dropped while it waits, and created again.
    pub(crate) async fn next_event(&mut self) -> DriverEvent {
        loop {
            if let Some(event) = self.pending.pop_front().and_then(|job| self.report(job)) {
                return event;
            }
            let step = self.plan.next(self.started.elapsed());
            let until = match step {
                PlanStep::Start(start) => {
                    self.start(start);
                    return DriverEvent::Started(start.job);
                }
                PlanStep::Wait(wait) => wait.until(),
                PlanStep::Done => return self.next_unreported().unwrap_or(DriverEvent::Done),
                PlanStep::Stopped(reason) => {
                    return self.next_unreported().unwrap_or_else(|| {
                        self.uploader.log.write(|| Event::queue_stopped(&reason));
                        DriverEvent::Stopped(reason)
                    });
                }
            };
            let due = until.and_then(|until| self.started.checked_add(until));
            tokio::select! {
                Some(joined) = self.attempts.join_next_with_id() => {
                    if let Some(event) = self.settle(joined) {
                        return event;
                    }
                }
                () = sleep_until_or_forever(due) => {}
            }
        }
    }

    /// Reports the next item that the queue stopped before.
    fn next_unreported(&mut self) -> Option<DriverEvent> {
        while let Some(reported) = self.reported.get(self.first_unreported) {
            if !reported {
                return self.report(JobId(self.first_unreported));
            }
            self.first_unreported += 1;
        }
        None
    }

    /// Reports an item that was settled without an attempt.
    fn report(&mut self, job: JobId) -> Option<DriverEvent> {
        let outcome = self.plan.outcome(job)?.clone();
        if let Some(item) = self.items.get(job.0) {
            // An error is reported at the end of the run; the outcome is reported in any case.
            let _stored = self.uploader.record_skipped(item, &outcome);
        }
        *self.reported.get_mut(job.0)? = true;
        let result = UploadResult {
            outcome,
            at: Timestamp::now(),
            message: None,
        };
        Some(DriverEvent::Settled(job, result))
    }

    fn start(&mut self, start: StartAttempt) {
        let Some(item) = self.items.get(start.job.0) else {
            return;
        };
        let uploader = Arc::clone(&self.uploader);
        uploader.log.write(|| {
            let what = (item.bytes, item.bank.as_deref());
            let (name, session) = (&item.name, &uploader.session);
            Event::attempt_began(name, item.content, session, what, start.attempt)
        });
        let cancel = watch::Sender::new(false);
        let attempt = uploader.attempt(Arc::clone(item), cancel.subscribe());
        let task = self.attempts.spawn(attempt);
        let attempt = RunningAttempt {
            start,
            started: Instant::now(),
            cancel,
        };
        self.running.insert(task.id(), attempt);
    }

    fn log(&self, attempt: &RunningAttempt, finished: &FinishedAttempt, settled: &SettleResult) {
        let Some(item) = self.items.get(attempt.start.job.0) else {
            return;
        };
        let wait = match settled {
            SettleResult::RetryAt(due) => Some(due.saturating_sub(self.started.elapsed())),
            SettleResult::Finished(_) | SettleResult::NotRunning => None,
        };
        let uploader = &self.uploader;
        uploader.log.write(|| {
            let times = AttemptTimes {
                elapsed: attempt.started.elapsed(),
                wait,
            };
            let file = (item.name.as_str(), item.content);
            let end = (&finished.result, finished.message.as_deref());
            let number = attempt.start.attempt;
            let event = AttemptEvent::new(file, &uploader.session, number, end, &times);
            Event::AttemptEnded(event)
        });
    }

    /// Settles an attempt in the plan and in the journal.
    fn settle(&mut self, joined: Result<(Id, FinishedAttempt), JoinError>) -> Option<DriverEvent> {
        let (id, finished) =
            joined.unwrap_or_else(|error| (error.id(), FinishedAttempt::panicked()));
        let attempt = self.running.remove(&id)?;
        let start = attempt.start;
        let now = self.started.elapsed();
        let settled = self.plan.settle(start.job, &finished.result, now);
        self.log(&attempt, &finished, &settled);
        let FinishedAttempt {
            result,
            entry,
            message,
            redirected,
        } = finished;
        if redirected {
            self.plan.stop(redirect_reason(&result));
        }
        let (mut outcome, is_last) = match settled {
            SettleResult::RetryAt(_) => (retry_outcome(&result, start.attempt), false),
            SettleResult::Finished(outcome) => (outcome, true),
            SettleResult::NotRunning => return None,
        };
        let at = Timestamp::now();
        if entry.is_none()
            && is_last
            && let Some(item) = self.items.get(start.job.0)
            && self.uploader.record_skipped(item, &outcome).is_err()
        {
            self.plan.stop(StopReason::JournalUnavailable);
        }
        if let Some(entry) = entry {
            let mut journal = self.uploader.journal();
            // The disk may have been full for a moment only, so a second try is worth it.
            let written = journal
                .settle(entry, &outcome, at)
                .or_else(|_| journal.settle(entry, &outcome, at));
            drop(journal);
            match written {
                Ok(stored) => outcome = stored,
                Err(error) => {
                    self.uploader.set_journal_error(error);
                    self.plan.stop(StopReason::JournalUnavailable);
                }
            }
        }
        if outcome.code == Some(LocalCode::JournalWithheld.into()) {
            self.plan.stop(StopReason::JournalUnavailable);
        }
        if !is_last {
            return Some(DriverEvent::Retrying(start.job, retry_reason(&result)));
        }
        *self.reported.get_mut(start.job.0)? = true;
        let result = UploadResult {
            outcome,
            at,
            message,
        };
        Some(DriverEvent::Settled(start.job, result))
    }
}

/// Sleeps until a moment, or forever if there is none.
pub(super) async fn sleep_until_or_forever(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

/// Returns the reason for which a queue stops when the service redirects.
fn redirect_reason(result: &AttemptResult) -> StopReason {
    let http_status = match result {
        AttemptResult::Unknown { http_status, .. } => *http_status,
        AttemptResult::NotProcessed { .. }
        | AttemptResult::Accepted { .. }
        | AttemptResult::Rejected(_) => None,
    };
    StopReason::Redirected {
        http_status: http_status.unwrap_or(300),
    }
}

/// Returns the code of the reason for another attempt.
fn retry_reason(result: &AttemptResult) -> &'static str {
    match result {
        AttemptResult::NotProcessed { reason, .. } => reason.code().name(),
        AttemptResult::Accepted { .. }
        | AttemptResult::Rejected(_)
        | AttemptResult::Unknown { .. } => "",
    }
}

/// Returns the journaled outcome of an attempt that another attempt follows.
fn retry_outcome(result: &AttemptResult, attempts: u32) -> Outcome {
    let reason = match result {
        AttemptResult::NotProcessed { reason, .. } => Some(reason),
        AttemptResult::Accepted { .. }
        | AttemptResult::Rejected(_)
        | AttemptResult::Unknown { .. } => None,
    };
    Outcome {
        kind: OutcomeKind::Skipped,
        code: reason.map(|reason| reason.code().into()),
        http_status: reason.and_then(|reason| reason.http_status()),
        attempts,
        receipt: Receipt::default(),
    }
}
