//! The journal: an SQLite database of intents, outcomes and sessions.
//!
//! This module is a shell. [`Journal`] writes: an intent is committed before the first byte of a
//! file is sent, and the outcome after the last. If a process ends in between, the outcome is
//! unknown, unless certainly no byte of the body was sent. The bytes of a file have one row per
//! session and key, so two copies can never both be sent. [`JournalReader`] reads at any time.
//!
//! Several processes share a journal. Each change is a transaction, and a [`SessionLock`] is
//! required for sending to a session.
//!
//! The journal stores hashes, names, outcomes, codes, IDs, months, sizes, times and the counts of
//! password rules. It never
//! receives keys, passwords, names of account holders or messages, and it masks long numbers before
//! they are written.
//!
//! Times are arguments. They are stored for display only: the order of rows is the order of
//! writing.

mod accuracy;
mod case_statements;
mod entry;
mod error;
mod inspect;
mod integrity;
mod learnt_forms;
mod lock;
mod maintenance;
mod privacy;
mod reader;
mod rule_uses;
mod saved_calls;
mod sessions;
mod storage;
#[cfg(test)]
mod tests;
mod uploads;
mod writer;

pub use accuracy::{Accuracy, MIN_ANSWERS};
pub use case_statements::{CaseDigest, CaseKey, SentCase};
pub use entry::{EntryId, Intent, Resend, Settlement, UploadEntry};
pub use error::JournalError;
pub use inspect::{JournalStatus, inspect};
pub use learnt_forms::{FormLesson, FormSource};
pub use lock::{Holder, Locked, SessionLock, SessionLocks};
pub use maintenance::Pruned;
pub use reader::{HistoryQuery, HistoryTotals, JournalReader};
pub use sessions::{SessionState, StoredSession};
pub use storage::{is_own_file, set_aside};
pub use uploads::BeginResult;
pub use writer::{Journal, Recovered, RunSummary, WaitObserver};
