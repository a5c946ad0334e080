//! The queue: jobs in, steps out, attempts settled; nothing that may have been taken starts again.

use super::attempt::{AttemptResult, NotProcessed, Receipt};
use super::backoff;
use super::outcome::{Outcome, OutcomeKind, PriorAttempt};
use super::service::{Gate, Service};
use super::stop::StopReason;
use crate::screen::ContentHash;
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::time::Duration;

/// The knobs of a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueLimits {
    /// Attempts under way at once; 0 counts as 1.
    pub concurrency: usize,
    /// Times that one file's body may be cut before the file is given up.
    pub cuts: u32,
    /// Failures to connect in a row that open the breaker.
    pub breaker: u32,
    /// How often an open breaker lets one file try.
    pub probe_every: Duration,
    /// How long to try when the service has not been reached at all: it may be the wrong address.
    pub first_contact: Duration,
    /// How long to try while a service that was reached can't be, or asks to wait.
    pub give_up: Duration,
    /// Answers lost in a row that stop the queue.
    pub lost_in_a_row: u32,
}

impl Default for QueueLimits {
    /// The concurrency is the published default; the other numbers are assumed, not measured.
    fn default() -> Self {
        Self {
            concurrency: 4,
            cuts: 4,
            breaker: 5,
            probe_every: Duration::from_secs(15),
            first_contact: Duration::from_secs(30),
            give_up: Duration::from_mins(10),
            lost_in_a_row: 10,
        }
    }
}

/// A file to send, to the one session that the queue is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Job {
    /// The bytes.
    pub content: ContentHash,
    /// Whether an attempt of an earlier run may have been taken.
    pub prior_attempt: PriorAttempt,
}

/// A job's place among all that were added, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JobId(pub usize);

/// An attempt to start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StartAttempt {
    /// The file.
    pub job: JobId,
    /// Its attempt, from 1.
    pub attempt: u32,
}

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlanStep {
    /// StartAttempt this attempt, and settle it however it ends.
    Start(StartAttempt),
    /// StartAttempt nothing until then, or until an attempt is settled.
    Wait(Wait),
    /// Every job has its outcome.
    Done,
    /// The queue was stopped, nothing is under way, and every job has its outcome.
    Stopped(StopReason),
}

/// Why nothing can be started. Times are those at which to ask again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// For attempts under way.
    Attempts,
    /// Only files that failed are left, and the first of them is due then.
    Backoff(Duration),
    /// The service asked for it.
    RetryAfter(Duration),
    /// The service can't be reached; without a time, one attempt is finding out.
    Unreachable(Option<Duration>),
}

impl Wait {
    /// When to ask again, if no attempt is settled before.
    pub fn until(self) -> Option<Duration> {
        match self {
            Self::Attempts => None,
            Self::Backoff(until) | Self::RetryAfter(until) => Some(until),
            Self::Unreachable(until) => until,
        }
    }
}

/// What a settled attempt means for its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettleResult {
    /// It was certainly not taken, and is started again, then at the earliest.
    RetryAt(Duration),
    /// It has its outcome.
    Finished(Outcome),
    /// No attempt of it is under way; nothing has changed.
    NotRunning,
}

/// What cancelling a file did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CancelResult {
    /// It is skipped.
    Skipped,
    /// An attempt is under way: abort it, and settle it with how far it came.
    Running,
    /// It had its outcome already, or there is no such file.
    AlreadyFinished,
}

#[derive(Debug)]
enum State {
    Queued,
    Running { cancelled: bool },
    Finished(Outcome),
}

#[derive(Debug)]
struct Entry {
    prior_attempt: PriorAttempt,
    attempts: u32,
    cuts: u32,
    state: State,
}

/// The plan of one queue.
///
/// Times are spans since any fixed moment on a clock that never goes back.
pub struct Plan {
    settings: QueueLimits,
    entries: Vec<Entry>,
    /// The last job with these bytes that was worth starting.
    latest: HashMap<ContentHash, JobId>,
    fresh: VecDeque<JobId>,
    /// Files to try again, by the time at which they are due.
    waiting: BTreeSet<(Duration, JobId)>,
    under_way: usize,
    service: Service,
    stop: Option<StopReason>,
    random: Box<dyn FnMut() -> f64 + Send>,
}

impl Plan {
    /// Plans to send jobs in their order; `random` gives numbers in `0.0..1.0`.
    ///
    /// A job with the bytes of one before it is skipped as a duplicate.
    pub fn new(
        jobs: &[Job],
        settings: QueueLimits,
        random: impl FnMut() -> f64 + Send + 'static,
    ) -> Self {
        let mut plan = Self {
            settings,
            entries: Vec::with_capacity(jobs.len()),
            latest: HashMap::new(),
            fresh: VecDeque::new(),
            waiting: BTreeSet::new(),
            under_way: 0,
            service: Service::new(),
            stop: None,
            random: Box::new(random),
        };
        for job in jobs {
            plan.add(job);
        }
        plan
    }

    /// Adds a job behind those before it; one that the plan knows to be of no use is skipped.
    ///
    /// Bytes that are on their way already are a duplicate. Bytes that have their outcome may come
    /// again: whether they may be sent is for the journal to say.
    pub fn add(&mut self, job: &Job) -> JobId {
        let id = JobId(self.entries.len());
        let twin = self.latest.get(&job.content);
        let twin = twin.and_then(|twin| self.entries.get(twin.0));
        let skipped = if let Some(stop) = &self.stop {
            Some(stop.code())
        } else {
            let is_open = |twin: &Entry| !matches!(twin.state, State::Finished(_));
            twin.is_some_and(is_open)
                .then_some("STATEMENT_DUPLICATE".into())
        };
        let mut entry = Entry {
            prior_attempt: job.prior_attempt,
            attempts: 0,
            cuts: 0,
            state: State::Queued,
        };
        if let Some(code) = skipped {
            entry.skip(&code);
        } else {
            self.latest.insert(job.content, id);
            self.fresh.push_back(id);
        }
        self.entries.push(entry);
        id
    }

    /// What to do now. An attempt that this starts counts as under way until it is settled.
    pub fn next(&mut self, now: Duration) -> PlanStep {
        let queued = self.fresh.len() + self.waiting.len() > 0;
        let mut full = self.under_way >= self.settings.concurrency.max(1);
        if queued && let Some(stop) = self.service.hopeless(now, &self.settings) {
            // What is under way may still prove the service to be there.
            full = self.under_way > 0;
            if !full {
                self.stop(stop);
            }
        }
        if self.under_way == 0 {
            if let Some(stop) = &self.stop {
                return PlanStep::Stopped(stop.clone());
            }
            if !queued {
                return PlanStep::Done;
            }
        }
        if full || self.stop.is_some() || !queued {
            return PlanStep::Wait(Wait::Attempts);
        }
        let gate = self.service.gate(now);
        if let Gate::Shut(wait) = gate {
            return PlanStep::Wait(wait);
        }
        match self.take_due(now) {
            Ok(job) => {
                if gate == Gate::Probe {
                    self.service.probe(job);
                }
                self.start(job)
            }
            Err(wait) => PlanStep::Wait(wait),
        }
    }

    /// Files that failed and are due go before those not tried yet, so that none is put off for
    /// ever.
    fn take_due(&mut self, now: Duration) -> Result<JobId, Wait> {
        let first = self.waiting.first().copied();
        if let Some((due, job)) = first
            && due <= now
        {
            self.waiting.remove(&(due, job));
            return Ok(job);
        }
        self.fresh
            .pop_front()
            .ok_or_else(|| first.map_or(Wait::Attempts, |(due, _)| Wait::Backoff(due)))
    }

    fn start(&mut self, job: JobId) -> PlanStep {
        let Some(entry) = self.entries.get_mut(job.0) else {
            return PlanStep::Wait(Wait::Attempts);
        };
        entry.attempts += 1;
        entry.state = State::Running { cancelled: false };
        self.under_way += 1;
        PlanStep::Start(StartAttempt {
            job,
            attempt: entry.attempts,
        })
    }

    /// Takes in how an attempt ended.
    pub fn settle(&mut self, job: JobId, end: &AttemptResult, now: Duration) -> SettleResult {
        let Some(entry) = self.entries.get_mut(job.0) else {
            return SettleResult::NotRunning;
        };
        let State::Running { cancelled } = entry.state else {
            return SettleResult::NotRunning;
        };
        self.under_way -= 1;
        entry.cuts += u32::from(matches!(
            end,
            AttemptResult::NotProcessed {
                reason: NotProcessed::BodyCut,
                ..
            }
        ));
        let delay = backoff::delay(entry.attempts, (self.random)());
        self.service.hear(job, end, now, delay, &self.settings);
        let again = !cancelled
            && self.stop.is_none()
            && entry.cuts < self.settings.cuts.max(1)
            && is_worth_another(end);
        if again {
            entry.state = State::Queued;
            let due = now.saturating_add(delay);
            self.waiting.insert((due, job));
            return SettleResult::RetryAt(due);
        }
        let outcome = outcome(end, entry.attempts).given(entry.prior_attempt);
        entry.state = State::Finished(outcome.clone());
        if let AttemptResult::Rejected(refusal) = end
            && let Some(stop) = StopReason::after(refusal)
        {
            self.stop(stop);
        }
        if self.service.loses_answers(&self.settings) {
            self.stop(StopReason::AnswersLost);
        }
        SettleResult::Finished(outcome)
    }

    /// Gives up one file.
    pub fn cancel(&mut self, job: JobId) -> CancelResult {
        let Some(entry) = self.entries.get_mut(job.0) else {
            return CancelResult::AlreadyFinished;
        };
        match &mut entry.state {
            State::Finished(_) => CancelResult::AlreadyFinished,
            State::Running { cancelled } => {
                *cancelled = true;
                CancelResult::Running
            }
            State::Queued => {
                entry.skip(NotProcessed::Cancelled.code());
                self.fresh.retain(|queued| *queued != job);
                self.waiting.retain(|(_, queued)| *queued != job);
                CancelResult::Skipped
            }
        }
    }

    /// Starts nothing more; files not under way are skipped. The first reason stays.
    ///
    /// Attempts under way go on until they are settled. Whoever wants them aborted does so.
    pub fn stop(&mut self, reason: StopReason) {
        if self.stop.is_some() {
            return;
        }
        let code = reason.code();
        self.stop = Some(reason);
        self.fresh.clear();
        self.waiting.clear();
        let queued = self.entries.iter_mut();
        for entry in queued.filter(|entry| matches!(entry.state, State::Queued)) {
            entry.skip(&code);
        }
    }

    /// A file's outcome, once it has one.
    pub fn outcome(&self, job: JobId) -> Option<&Outcome> {
        match &self.entries.get(job.0)?.state {
            State::Finished(outcome) => Some(outcome),
            State::Queued | State::Running { .. } => None,
        }
    }
}

impl Entry {
    fn skip(&mut self, code: &str) {
        let skipped = Outcome::own(OutcomeKind::Skipped, code, self.attempts);
        self.state = State::Finished(skipped.given(self.prior_attempt));
    }
}

/// Whether the file was certainly not taken, and another attempt may fare better.
fn is_worth_another(end: &AttemptResult) -> bool {
    let AttemptResult::NotProcessed { reason, .. } = end else {
        return false;
    };
    match reason {
        NotProcessed::NameResolution
        | NotProcessed::Connect
        | NotProcessed::Tls
        | NotProcessed::BodyCut
        | NotProcessed::RateLimited
        | NotProcessed::ServiceUnavailable => true,
        NotProcessed::Cancelled
        | NotProcessed::InvalidRequest
        | NotProcessed::FileChanged
        | NotProcessed::JournalRefused => false,
    }
}

/// The outcome of a file whose last attempt ended so.
fn outcome(end: &AttemptResult, attempts: u32) -> Outcome {
    let (kind, code, http_status, receipt) = match end {
        AttemptResult::NotProcessed { reason, .. } => {
            let code = Some(reason.code().to_owned());
            (OutcomeKind::Skipped, code, reason.http_status(), None)
        }
        AttemptResult::Unknown {
            reason,
            http_status,
        } => {
            let code = Some(reason.code().to_owned());
            (OutcomeKind::Unknown, code, *http_status, None)
        }
        AttemptResult::Accepted {
            http_status,
            receipt,
        } => (
            OutcomeKind::Accepted,
            None,
            Some(*http_status),
            Some(receipt.clone()),
        ),
        AttemptResult::Rejected(refusal) => (
            OutcomeKind::Rejected,
            refusal.code.clone(),
            Some(refusal.http_status),
            None,
        ),
    };
    Outcome {
        kind,
        code,
        http_status,
        attempts,
        receipt: receipt.unwrap_or_else(Receipt::default),
    }
}

#[cfg(test)]
mod tests;
