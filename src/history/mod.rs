//! The history of uploads in the formats of `bankscreen history`, and what predictions were worth.

pub(crate) mod accuracy;
pub(crate) mod formats;
mod table;

pub(crate) use table::HistoryTable;

use crate::journal::{HistoryTotals, UploadEntry};

/// The result of a query of the journal.
#[derive(Debug, Default)]
pub(crate) struct History {
    pub(crate) entries: Vec<UploadEntry>,
    pub(crate) totals: HistoryTotals,
}
