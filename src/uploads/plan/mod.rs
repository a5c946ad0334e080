//! Plans the queue of uploads: which file to send next, when to try again, when to stop.
//!
//! This module is pure. It sends nothing, waits for nothing and never consults the clock: the time
//! is an argument, random numbers come from a function passed in, and what became of an attempt is
//! told to it as an [`AttemptEnd`], in words that know no HTTP library. Whoever drives a [`Plan`]
//! performs its [`Step`]s and keeps the journal.
//!
//! It decides two things for everyone: what one attempt proves ([`AttemptEnd`]), and that a file
//! that the service may have taken is not started again.

mod attempt;
mod backoff;
mod breaker;
mod outcome;
#[cfg(test)]
mod properties;
mod queue;
mod service;
mod settle;
mod stop;

pub use attempt::{Answer, AttemptEnd, Lost, NotTaken, Receipt, Refusal};
pub use outcome::{Doubt, Outcome, OutcomeKind, OutcomeRecord};
pub use queue::{Cancelled, Job, JobId, Plan, Settings, Settled, Start, Step, Wait};
pub use settle::{Sighting, proof_among, sent_name};
pub use stop::Stop;
