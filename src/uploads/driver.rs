//! Drives the upload plan: starts attempts, waits, and settles each in the plan and the journal.

use super::attempt::{FinishedAttempt, Uploader};
use super::gate::ServiceGate;
use super::item::UploadItem;
use crate::bankconnect::wire::ErrorCode;
use crate::event_log::{AttemptEvent, AttemptTimes, Event};
use crate::journal::{EntryId, Journal, JournalError};
use crate::uploads::plan::{
    AttemptResult, CancelResult, Job, JobId, LocalCode, Outcome, OutcomeKind, Plan, PlanStep,
    PriorAttempt, QueueLimits, Receipt, SettleResult, StartAttempt, StopReason,
};
use jiff::Timestamp;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;
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

/// A commit in progress, after which an item is reported.
struct Commit {
    job: JobId,
    message: Option<String>,
    at: Timestamp,
    /// What is reported if the commit fails.
    outcome: Outcome,
    stored: Result<Outcome, JournalError>,
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
    /// Outcomes that are being written to the journal. The next attempts don't wait for them.
    commits: JoinSet<Commit>,
    running: HashMap<Id, RunningAttempt>,
    /// Whether the outcome of each item was reported.
    reported: Vec<bool>,
    /// All items before this one were reported.
    first_unreported: usize,
    /// Items that were settled without an attempt and are not yet reported.
    pending: VecDeque<JobId>,
    /// Whether the service has proved that the session belongs to this API key.
    is_claimed: bool,
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
            commits: JoinSet::new(),
            running: HashMap::new(),
            reported: Vec::new(),
            first_unreported: 0,
            pending: VecDeque::new(),
            is_claimed: false,
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
            if let Some(job) = self.pending.pop_front() {
                self.report(job);
            }
            let step = self.plan.next(self.started.elapsed());
            let until = match step {
                PlanStep::Start(start) => {
                    self.start(start);
                    return DriverEvent::Started(start.job);
                }
                PlanStep::Wait(wait) => wait.until(),
                PlanStep::Done => {
                    self.report_unreported();
                    if self.commits.is_empty() {
                        return DriverEvent::Done;
                    }
                    None
                }
                PlanStep::Stopped(reason) => {
                    self.report_unreported();
                    if self.commits.is_empty() {
                        self.uploader.log.write(|| Event::queue_stopped(&reason));
                        return DriverEvent::Stopped(reason);
                    }
                    None
                }
            };
            let due = until.and_then(|until| self.started.checked_add(until));
            tokio::select! {
                Some(joined) = self.attempts.join_next_with_id() => {
                    if let Some(event) = self.settle(joined) {
                        return event;
                    }
                }
                Some(Ok(commit)) = self.commits.join_next() => return self.committed(commit),
                () = sleep_until_or_forever(due) => {}
            }
        }
    }

    /// Returns how long the service asked to send nothing from now on, if it did.
    pub(crate) fn requested_wait(&self) -> Option<Duration> {
        let until = self.plan.paused_until()?;
        until.checked_sub(self.started.elapsed())
    }

    /// Reports the items that the queue stopped before.
    fn report_unreported(&mut self) {
        while let Some(reported) = self.reported.get(self.first_unreported) {
            if !reported {
                self.report(JobId(self.first_unreported));
            }
            self.first_unreported += 1;
        }
    }

    /// Reports an item that was settled without an attempt.
    fn report(&mut self, job: JobId) {
        if let Some(outcome) = self.plan.outcome(job).cloned() {
            self.commit(job, None, outcome, None);
        }
    }

    /// Writes an outcome to the journal: that of an attempt, or of an item without one.
    fn commit(
        &mut self,
        job: JobId,
        entry: Option<EntryId>,
        outcome: Outcome,
        message: Option<String>,
    ) {
        let (Some(item), Some(reported)) = (self.items.get(job.0), self.reported.get_mut(job.0))
        else {
            return;
        };
        *reported = true;
        let (uploader, item) = (Arc::clone(&self.uploader), Arc::clone(item));
        let at = Timestamp::now();
        self.commits.spawn(async move {
            let stored = if let Some(entry) = entry {
                uploader.settle(entry, &outcome, at, Some(&item)).await
            } else {
                let recorded = uploader.record_skipped(&item, &outcome).await;
                recorded.map(|()| outcome.clone())
            };
            Commit {
                job,
                message,
                at,
                outcome,
                stored,
            }
        });
    }

    /// Reports an item whose outcome was written to the journal, or could not be.
    fn committed(&mut self, commit: Commit) -> DriverEvent {
        let outcome = commit.stored.unwrap_or_else(|error| {
            // The outcome is reported in any case, and the error at the end of the run.
            self.uploader.set_journal_error(error);
            self.plan.stop(StopReason::JournalUnavailable);
            commit.outcome
        });
        let result = UploadResult {
            outcome,
            at: commit.at,
            message: commit.message,
        };
        DriverEvent::Settled(commit.job, result)
    }

    fn start(&mut self, start: StartAttempt) {
        let Some(item) = self.items.get(start.job.0) else {
            return;
        };
        let uploader = Arc::clone(&self.uploader);
        uploader.log.write(|| {
            let what = (item.bytes, item.bank.as_deref());
            let (name, session) = (&item.name, &uploader.session.id);
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
            let event = AttemptEvent::new(file, &uploader.session.id, number, end, &times);
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
        self.share_pause(now);
        if self
            .uploader
            .gate()
            .is_some_and(ServiceGate::loses_responses)
        {
            self.plan.stop(StopReason::ResponsesLost);
        }
        let FinishedAttempt {
            result,
            entry,
            message,
            redirected,
        } = finished;
        if redirected {
            self.plan.stop(redirect_reason(&result));
        }
        if !self.is_claimed && proves_ownership(&result) {
            self.is_claimed = true;
            self.claim_session();
        }
        let outcome = match settled {
            SettleResult::RetryAt(_) => {
                // Nothing waits for this commit: the next attempt's is made after it.
                if let Some(entry) = entry {
                    self.settle_for_retry(entry, retry_outcome(&result, start.attempt));
                }
                return Some(DriverEvent::Retrying(start.job, retry_reason(&result)));
            }
            SettleResult::Finished(outcome) => outcome,
            SettleResult::NotRunning => return None,
        };
        if outcome.code == Some(LocalCode::JournalWithheld.into()) {
            self.plan.stop(StopReason::JournalUnavailable);
        }
        self.commit(start.job, entry, outcome, message);
        None
    }

    /// Lets the runs of other sessions wait as well, if the service asked to.
    fn share_pause(&mut self, now: Duration) {
        let wait = self.plan.paused_until();
        let wait = wait.and_then(|until| until.checked_sub(now));
        let gate = self.uploader.gate();
        if let (Some(gate), Some(wait)) = (gate, wait.filter(|wait| !wait.is_zero()))
            && gate.pause_for(wait)
        {
            self.plan.stop(StopReason::Busy);
        }
    }

    /// Journals that an attempt was certainly not processed.
    fn settle_for_retry(&self, entry: EntryId, outcome: Outcome) {
        let uploader = Arc::clone(&self.uploader);
        tokio::spawn(async move {
            if let Err(error) = uploader
                .settle(entry, &outcome, Timestamp::now(), None)
                .await
            {
                // The next attempt finds the entry open, and is refused.
                uploader.set_journal_error(error);
            }
        });
    }

    /// Gives rows of an earlier version about the session to this API key.
    fn claim_session(&self) {
        let uploader = Arc::clone(&self.uploader);
        tokio::spawn(async move {
            let session = uploader.session.id.clone();
            let claim = move |journal: &mut Journal| journal.claim_session(&session);
            if let Err(error) = uploader.journal.run(claim).await {
                uploader.set_journal_error(error);
            }
        });
    }
}

/// Returns whether a result shows that the session belongs to the API key that was used.
fn proves_ownership(result: &AttemptResult) -> bool {
    match result {
        AttemptResult::Accepted { .. } => true,
        AttemptResult::Rejected(rejection) => {
            let is_about_session = matches!(
                rejection.code,
                Some(
                    ErrorCode::SessionNotFound
                        | ErrorCode::SessionExpired
                        | ErrorCode::SessionDeleted
                )
            );
            !is_about_session && !matches!(rejection.http_status, 401 | 403 | 404)
        }
        AttemptResult::NotProcessed { .. } | AttemptResult::Unknown { .. } => false,
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
