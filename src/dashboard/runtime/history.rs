//! Reads the upload history for the dashboard.

use crate::dashboard::model::{HistoryRow, HistoryTotals};
use crate::journal::{HistoryQuery, JournalReader, UploadEntry};
use crate::settings::environment::time_zone;
use crate::text::sanitize;
use crate::uploads::plan::OutcomeCode;
use std::path::Path;

/// Maximum number of rows; `bankscreen history` has no maximum.
const MAX_ROWS: u32 = 1000;

/// Returns the latest rows that match a text, the latest first, and the totals of all rows.
pub(super) fn read(folder: &Path, text: &str) -> Result<(Vec<HistoryRow>, HistoryTotals), String> {
    let reader = JournalReader::open(folder).map_err(|error| error.to_string())?;
    let Some(mut reader) = reader else {
        return Ok((Vec::new(), HistoryTotals::default()));
    };
    let query = HistoryQuery {
        text: Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        limit: Some(MAX_ROWS),
        ..HistoryQuery::default()
    };
    let (entries, totals) = reader.history(&query).map_err(|error| error.to_string())?;
    let past = HistoryTotals {
        uploads: totals.uploads,
        outcomes: totals.outcomes,
        calls_saved: totals.calls_saved,
    };
    Ok((entries.iter().rev().map(row).collect(), past))
}

fn row(entry: &UploadEntry) -> HistoryRow {
    let outcome = entry.settled.as_ref().map(|settled| &settled.outcome);
    let at = entry
        .settled
        .as_ref()
        .map_or(entry.begun_at, |settled| settled.at);
    let at = at.to_zoned(time_zone());
    let safe = |text: Option<&str>| sanitize(text.unwrap_or_default()).into_owned();
    HistoryRow {
        at: at.strftime("%Y-%m-%d %H:%M").to_string(),
        outcome: outcome.map(|outcome| outcome.kind),
        code: safe(outcome.and_then(|outcome| outcome.code.as_ref().map(OutcomeCode::name))),
        name: safe(Some(&entry.name)),
        bank: safe(entry.bank.as_deref()),
        session: safe(Some(&entry.session)),
        statement_id: safe(outcome.and_then(|outcome| outcome.receipt.statement_id.as_deref())),
    }
}
