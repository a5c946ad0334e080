//! The journal: an SQLite database of intents, outcomes and sessions.
//!
//! This module is a shell. [`Journal`] is the only writer. An intent is committed before the first
//! byte of a file is sent, and the outcome after the last. If a process ends in between, the
//! outcome is unknown, unless certainly no byte of the body was sent. The bytes of a file have one
//! row per session, so two copies can never both be sent. [`JournalReader`] reads while a writer
//! writes.
//!
//! The journal stores hashes, names, outcomes, codes, IDs, months, sizes and times. It never
//! receives keys, passwords, names of account holders or messages, and it masks long numbers before
//! they are written.
//!
//! Times are arguments. They are stored for display only: the order of rows is the order of
//! writing.

mod entry;
mod error;
mod inspect;
mod lock;
mod privacy;
mod reader;
mod sessions;
mod storage;
#[cfg(test)]
mod tests;
mod writer;

pub use entry::{EntryId, Intent, Resend, Settlement, UploadEntry};
pub use error::JournalError;
pub use inspect::{JournalStatus, inspect};
pub use lock::Holder;
pub use reader::{HistoryQuery, HistoryTotals, JournalReader};
pub use storage::set_aside;
pub use writer::{BeginResult, Journal, Pruned, Recovered, RunSummary};
