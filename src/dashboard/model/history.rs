//! The history of uploads, as shown by the dashboard.

use super::TextInput;
use crate::uploads::plan::OutcomeKind;

/// The history tab.
#[derive(Debug, Default)]
pub struct History {
    /// Uploads that match the query, the latest first.
    pub rows: Vec<HistoryRow>,
    /// Counts over the matching uploads.
    pub totals: HistoryTotals,
    /// The query.
    pub query: TextInput,
    /// Whether the user is editing the query.
    pub typing: bool,
    /// Why the history could not be read.
    pub error: Option<String>,
    /// Index of the selected row.
    pub selected: usize,
    /// Whether the history was requested before.
    pub requested: bool,
}

/// One upload. All texts are sanitized.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryRow {
    /// Local time of the outcome, or of the first attempt if there is no outcome.
    pub at: String,
    /// The outcome; `None` if an attempt is in flight.
    pub outcome: Option<OutcomeKind>,
    /// Code of the outcome: the service's, or bankscreen's own.
    pub code: String,
    /// Name of the file.
    pub name: String,
    /// ID of the bank.
    pub bank: String,
    /// ID of the session.
    pub session: String,
    /// The service's ID of the statement.
    pub statement_id: String,
}

/// Counts over the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HistoryTotals {
    /// Number of uploads.
    pub uploads: usize,
    /// Number of uploads by outcome, in the order of [`OutcomeKind::ALL`].
    pub outcomes: [usize; OutcomeKind::ALL.len()],
    /// Number of calls that screening made unnecessary.
    pub calls_saved: usize,
}
