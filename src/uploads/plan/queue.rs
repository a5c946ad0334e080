//! The plan of one queue: takes jobs, returns steps, and settles attempts.
//!
//! A file that the service may have accepted never starts again.

use super::attempt::{AttemptResult, NotProcessed, Receipt};
use super::backoff;
use super::code::OutcomeCode;
use super::outcome::{Outcome, OutcomeKind, PriorAttempt};
use super::service::{Admission, ServiceState};
use super::step::{
    CancelResult, Job, JobId, PlanStep, QueueLimits, SettleResult, StartAttempt, Wait,
};
use super::stop::StopReason;
use crate::bankconnect::wire::ErrorCode;
use crate::screen::ContentHash;
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::time::Duration;

#[derive(Debug)]
enum JobState {
    Queued,
    Running { is_cancelled: bool },
    Finished(Outcome),
}

#[derive(Debug)]
struct JobEntry {
    prior_attempt: PriorAttempt,
    attempts: u32,
    body_cuts: u32,
    state: JobState,
}

/// The plan of one queue.
///
/// Times are durations since a fixed moment on a monotonic clock.
pub struct Plan {
    limits: QueueLimits,
    entries: Vec<JobEntry>,
    /// The latest job with these bytes that was not skipped when it was added.
    latest: HashMap<ContentHash, JobId>,
    /// Jobs without an attempt, in their order.
    fresh: VecDeque<JobId>,
    /// Failed jobs to retry, by the time when they are due.
    retries: BTreeSet<(Duration, JobId)>,
    running: usize,
    service: ServiceState,
    stop_reason: Option<StopReason>,
    random: Box<dyn FnMut() -> f64 + Send>,
}

impl Plan {
    /// Creates a plan that sends jobs in their order. `random` returns numbers in `0.0..1.0`.
    ///
    /// A job with the same bytes as an earlier one is skipped as a duplicate.
    pub fn new(
        jobs: &[Job],
        limits: QueueLimits,
        random: impl FnMut() -> f64 + Send + 'static,
    ) -> Self {
        let mut plan = Self {
            limits,
            entries: Vec::with_capacity(jobs.len()),
            latest: HashMap::new(),
            fresh: VecDeque::new(),
            retries: BTreeSet::new(),
            running: 0,
            service: ServiceState::new(),
            stop_reason: None,
            random: Box::new(random),
        };
        for job in jobs {
            plan.add(job);
        }
        plan
    }

    /// Appends a job. It is skipped if the queue was stopped, or if an unfinished job has the same
    /// bytes.
    ///
    /// The bytes of a finished job may be added again; the journal decides whether they may be
    /// sent.
    pub fn add(&mut self, job: &Job) -> JobId {
        let id = JobId(self.entries.len());
        // Jobs with the same bytes share one journal row, so only one of them may be unfinished.
        let same_bytes = self.latest.get(&job.content);
        let same_bytes = same_bytes.and_then(|latest| self.entries.get(latest.0));
        let skip_code = if let Some(reason) = &self.stop_reason {
            Some(reason.code())
        } else {
            same_bytes
                .is_some_and(|entry| !matches!(entry.state, JobState::Finished(_)))
                .then_some(ErrorCode::StatementDuplicate.into())
        };
        let mut entry = JobEntry {
            prior_attempt: job.prior_attempt,
            attempts: 0,
            body_cuts: 0,
            state: JobState::Queued,
        };
        if let Some(code) = skip_code {
            entry.skip(code);
        } else {
            self.latest.insert(job.content, id);
            self.fresh.push_back(id);
        }
        self.entries.push(entry);
        id
    }

    /// Returns the next step. An attempt that it starts counts as running until it is settled.
    pub fn next(&mut self, now: Duration) -> PlanStep {
        let has_queued = !self.fresh.is_empty() || !self.retries.is_empty();
        let mut is_blocked = self.running >= self.limits.concurrency.max(1);
        if has_queued && let Some(reason) = self.service.give_up_reason(now, &self.limits) {
            // A running attempt may still reach the service, so wait for it before giving up.
            is_blocked = self.running > 0;
            if !is_blocked {
                self.stop(reason);
            }
        }
        if self.running == 0 {
            if let Some(reason) = &self.stop_reason {
                return PlanStep::Stopped(reason.clone());
            }
            if !has_queued {
                return PlanStep::Done;
            }
        }
        if is_blocked || self.stop_reason.is_some() || !has_queued {
            return PlanStep::Wait(Wait::Attempts);
        }
        let admission = self.service.admission(now);
        if let Admission::Blocked(wait) = admission {
            return PlanStep::Wait(wait);
        }
        match self.take_due(now) {
            Ok(job) => {
                if admission == Admission::Probe {
                    self.service.start_probe(job);
                }
                self.start(job)
            }
            Err(wait) => PlanStep::Wait(wait),
        }
    }

    /// Removes and returns the next job to start.
    ///
    /// Due retries precede fresh jobs, so that no retry is delayed forever.
    fn take_due(&mut self, now: Duration) -> Result<JobId, Wait> {
        let first = self.retries.first().copied();
        if let Some((due, job)) = first
            && due <= now
        {
            self.retries.remove(&(due, job));
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
        entry.state = JobState::Running {
            is_cancelled: false,
        };
        self.running += 1;
        PlanStep::Start(StartAttempt {
            job,
            attempt: entry.attempts,
        })
    }

    /// Settles a running attempt with its result, and decides whether to retry.
    pub fn settle(&mut self, job: JobId, result: &AttemptResult, now: Duration) -> SettleResult {
        let Some(entry) = self.entries.get_mut(job.0) else {
            return SettleResult::NotRunning;
        };
        let JobState::Running { is_cancelled } = entry.state else {
            return SettleResult::NotRunning;
        };
        self.running -= 1;
        entry.body_cuts += u32::from(matches!(
            result,
            AttemptResult::NotProcessed {
                reason: NotProcessed::BodyCut,
                ..
            }
        ));
        let random = (self.random)();
        let delay = backoff::delay(entry.attempts, random);
        self.service.record(job, result, now, random, &self.limits);
        // Only cut bodies are limited per file, since each of them costs bandwidth. The other
        // failures concern the service, and `give_up_reason` limits them for the whole queue.
        let retry = !is_cancelled
            && self.stop_reason.is_none()
            && entry.body_cuts < self.limits.max_body_cuts.max(1)
            && is_retryable(result);
        if retry {
            entry.state = JobState::Queued;
            let due = now.saturating_add(delay);
            self.retries.insert((due, job));
            return SettleResult::RetryAt(due);
        }
        let outcome = outcome(result, entry.attempts).given(entry.prior_attempt);
        entry.state = JobState::Finished(outcome.clone());
        if let AttemptResult::Rejected(rejection) = result
            && let Some(reason) = StopReason::after(rejection)
        {
            self.stop(reason);
        }
        if self.service.loses_responses(&self.limits) {
            self.stop(StopReason::ResponsesLost);
        }
        SettleResult::Finished(outcome)
    }

    /// Cancels one job.
    pub fn cancel(&mut self, job: JobId) -> CancelResult {
        let Some(entry) = self.entries.get_mut(job.0) else {
            return CancelResult::AlreadyFinished;
        };
        match &mut entry.state {
            JobState::Finished(_) => CancelResult::AlreadyFinished,
            JobState::Running { is_cancelled } => {
                *is_cancelled = true;
                CancelResult::Running
            }
            JobState::Queued => {
                entry.skip(NotProcessed::Cancelled.code().into());
                self.fresh.retain(|queued| *queued != job);
                self.retries.retain(|(_, queued)| *queued != job);
                CancelResult::Skipped
            }
        }
    }

    /// Stops the queue: no further attempt starts, and all queued jobs are skipped. If the queue
    /// was stopped before, the first reason stays.
    ///
    /// Running attempts continue until they are settled. The caller may abort them.
    pub fn stop(&mut self, reason: StopReason) {
        if self.stop_reason.is_some() {
            return;
        }
        let code = reason.code();
        self.stop_reason = Some(reason);
        self.fresh.clear();
        self.retries.clear();
        let queued = self.entries.iter_mut();
        for entry in queued.filter(|entry| matches!(entry.state, JobState::Queued)) {
            entry.skip(code.clone());
        }
    }

    /// Returns until when the service asked to wait, if it ever did.
    pub fn paused_until(&self) -> Option<Duration> {
        self.service.paused_until()
    }

    /// Returns the outcome of a job, if it has one.
    pub fn outcome(&self, job: JobId) -> Option<&Outcome> {
        match &self.entries.get(job.0)?.state {
            JobState::Finished(outcome) => Some(outcome),
            JobState::Queued | JobState::Running { .. } => None,
        }
    }
}

impl JobEntry {
    fn skip(&mut self, code: OutcomeCode) {
        let skipped = Outcome::without_response(OutcomeKind::Skipped, code, self.attempts);
        self.state = JobState::Finished(skipped.given(self.prior_attempt));
    }
}

/// Returns whether the file was certainly not processed, and another attempt may succeed.
fn is_retryable(result: &AttemptResult) -> bool {
    let AttemptResult::NotProcessed { reason, .. } = result else {
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

/// Returns the outcome of a file whose last attempt had this result.
fn outcome(result: &AttemptResult, attempts: u32) -> Outcome {
    let (kind, code, http_status, receipt) = match result {
        AttemptResult::NotProcessed { reason, .. } => {
            let code = Some(reason.code().into());
            (OutcomeKind::Skipped, code, reason.http_status(), None)
        }
        AttemptResult::Unknown {
            reason,
            http_status,
        } => {
            let code = Some(reason.code().into());
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
        AttemptResult::Rejected(rejection) => {
            // A rejection of the key, the plan or the session is not about the file.
            let kind = match StopReason::after(rejection) {
                Some(_) => OutcomeKind::Skipped,
                None => OutcomeKind::Rejected,
            };
            let http_status = Some(rejection.http_status);
            (kind, Some(rejection.outcome_code()), http_status, None)
        }
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
