//! What was sent in earlier runs.

use super::Field;
use crate::uploads::plan::OutcomeKind;

/// The history as it was last read.
#[derive(Debug, Default)]
pub struct History {
    /// The latest first.
    pub rows: Vec<HistoryRow>,
    /// Counts over all of them.
    pub past: Past,
    /// What is looked for.
    pub query: Field,
    /// Whether what is looked for is being typed.
    pub typing: bool,
    /// Why it could not be read.
    pub fault: Option<String>,
    /// The row under the cursor.
    pub selected: usize,
    /// Whether it was ever read.
    pub read: bool,
}

/// One file that was sent. Texts are safe to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryRow {
    /// When its outcome became known, as people write it.
    pub at: String,
    /// How it ended; `None` while it is being sent.
    pub outcome: Option<OutcomeKind>,
    /// The service's code, or ours.
    pub code: String,
    /// What people call it.
    pub name: String,
    /// Its bank.
    pub bank: String,
    /// The session.
    pub session: String,
    /// The service's own name for it.
    pub statement: String,
}

/// Counts over a history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Past {
    /// Files.
    pub uploads: usize,
    /// Files by outcome, in the order of [`OutcomeKind::ALL`].
    pub outcomes: [usize; OutcomeKind::ALL.len()],
    /// Calls not made because of what screening found.
    pub calls_saved: usize,
}
