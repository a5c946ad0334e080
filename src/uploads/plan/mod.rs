//! The plan of the upload queue: which file to send next, when to retry and when to stop.
//!
//! This module is pure: it sends nothing, waits for nothing and reads no clock. The time is an
//! argument, random numbers come from a function, and results of attempts arrive as
//! [`AttemptResult`], without types of an HTTP library. The caller of a [`Plan`] performs its
//! [`PlanStep`]s and writes the journal.
//!
//! Two rules are decided here for all callers: what one attempt proves ([`AttemptResult`]), and
//! that a file is never started again if the service may have accepted it.

mod attempt;
mod backoff;
mod breaker;
mod code;
mod eligibility;
mod evidence;
mod outcome;
mod owner;
#[cfg(test)]
mod properties;
mod queue;
mod service;
mod step;
mod stop;

pub use attempt::{AttemptResult, NotProcessed, Receipt, Rejection, UnknownReason};
pub use backoff::busy_delay;
pub use code::{LocalCode, OutcomeCode};
pub use eligibility::{Eligibility, Skipped};
pub use evidence::{RemoteStatement, count_unmatched, find_evidence, upload_file_name};
pub use outcome::{Outcome, OutcomeKind, OutcomeRecord, PriorAttempt};
pub use owner::{Owner, RequestDigest};
pub use queue::Plan;
pub use step::{CancelResult, Job, JobId, PlanStep, QueueLimits, SettleResult, StartAttempt, Wait};
pub use stop::StopReason;
