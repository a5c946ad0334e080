//! The inputs and outputs of a plan: limits, jobs, steps and results.

use super::outcome::{Outcome, PriorAttempt};
use super::stop::StopReason;
use crate::screen::ContentHash;
use std::time::Duration;

/// The limits of a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueLimits {
    /// Maximum attempts that run at the same time; 0 counts as 1.
    pub concurrency: usize,
    /// Number of cut bodies after which a file is skipped; 0 counts as 1.
    pub max_body_cuts: u32,
    /// Consecutive failures to connect after which the circuit breaker opens.
    pub breaker_failures: u32,
    /// Time between two probes while the circuit breaker is open.
    pub probe_interval: Duration,
    /// Maximum time to retry while the service was never reached. It is short, because the address
    /// may be wrong.
    pub first_contact_timeout: Duration,
    /// Maximum time to retry while a service that was reached before is unreachable or busy.
    pub max_outage: Duration,
    /// Consecutive unknown outcomes after which the queue stops.
    pub max_consecutive_unknown: u32,
}

impl Default for QueueLimits {
    /// The concurrency is the documented default. The other numbers are assumed, not measured.
    fn default() -> Self {
        Self {
            concurrency: 4,
            max_body_cuts: 4,
            breaker_failures: 5,
            probe_interval: Duration::from_secs(15),
            first_contact_timeout: Duration::from_secs(30),
            max_outage: Duration::from_mins(10),
            max_consecutive_unknown: 10,
        }
    }
}

/// A file to upload. All jobs of a queue have the same session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Job {
    /// The hash of the file's bytes.
    pub content: ContentHash,
    /// Whether an earlier run may have uploaded the file.
    pub prior_attempt: PriorAttempt,
}

/// The index of a job among all jobs that were added, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JobId(pub usize);

/// An attempt to start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StartAttempt {
    /// The job.
    pub job: JobId,
    /// The number of the attempt, from 1.
    pub attempt: u32,
}

/// The next step of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlanStep {
    /// Start this attempt, and settle it when it ends.
    Start(StartAttempt),
    /// Start nothing until the given time, or until an attempt is settled.
    Wait(Wait),
    /// All jobs have an outcome.
    Done,
    /// The queue was stopped, no attempt is running, and all jobs have an outcome.
    Stopped(StopReason),
}

/// Why no attempt can start. Times are those at which to request the next step again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// Attempts are running, and their results are required.
    Attempts,
    /// Only failed files are left, and the first retry is due at this time.
    Backoff(Duration),
    /// The service requested to wait until this time.
    RetryAfter(Duration),
    /// The service is unreachable until the next probe at this time; `None` while a probe runs.
    Unreachable(Option<Duration>),
}

impl Wait {
    /// Returns when to request the next step again, if no attempt is settled before.
    pub fn until(self) -> Option<Duration> {
        match self {
            Self::Attempts => None,
            Self::Backoff(until) | Self::RetryAfter(until) => Some(until),
            Self::Unreachable(until) => until,
        }
    }
}

/// The effect of a settled attempt on its job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettleResult {
    /// The file was certainly not processed. It is retried at this time or later.
    RetryAt(Duration),
    /// The job has its outcome.
    Finished(Outcome),
    /// No attempt of the job is running; nothing changed.
    NotRunning,
}

/// The effect of cancelling a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CancelResult {
    /// The job is skipped.
    Skipped,
    /// An attempt is running: abort it and settle it with its result.
    Running,
    /// The job has its outcome already, or does not exist.
    AlreadyFinished,
}
