//! Plans the queue of uploads: which file to send next, when to try again, when to stop.
//!
//! This module is pure. It sends nothing, waits for nothing and never consults the clock: the time
//! is an argument, random numbers come from a function passed in, and what became of an attempt is
//! told to it as an [`AttemptResult`], in words that know no HTTP library. Whoever drives a [`Plan`]
//! performs its [`PlanStep`]s and keeps the journal.
//!
//! It decides two things for everyone: what one attempt proves ([`AttemptResult`]), and that a file
//! that the service may have taken is not started again.

mod attempt;
mod backoff;
mod breaker;
mod eligibility;
mod evidence;
mod outcome;
#[cfg(test)]
mod properties;
mod queue;
mod service;
mod stop;

pub use attempt::{AttemptResult, NotProcessed, Receipt, Rejection, UnknownReason};
pub use eligibility::{Eligibility, Skipped};
pub use evidence::{RemoteStatement, find_evidence, upload_file_name};
pub use outcome::{Outcome, OutcomeKind, OutcomeRecord, PriorAttempt};
pub use queue::{
    CancelResult, Job, JobId, Plan, PlanStep, QueueLimits, SettleResult, StartAttempt, Wait,
};
pub use stop::StopReason;
