//! Journals the calls that screening made unnecessary.

use crate::journal::{Journal, JournalError, RunSummary};
use crate::screen::ContentHash;
use crate::uploads::SharedJournal;
use jiff::Timestamp;

/// Files that the service would refuse, with its codes.
pub(super) type SavedCalls = Vec<(ContentHash, &'static str)>;

/// Journals calls, each once for a file and a session or a case, which `scope` identifies. Returns
/// the number of those that no earlier run has journaled.
///
/// # Errors
///
/// If the journal can't be written.
pub(super) async fn record(
    journal: &SharedJournal,
    scope: String,
    calls: SavedCalls,
) -> Result<usize, JournalError> {
    if calls.is_empty() {
        return Ok(0);
    }
    let record = move |journal: &mut Journal| {
        let now = Timestamp::now();
        let files = calls.len();
        let calls_saved = journal.record_saved_calls(&scope, calls, now)?;
        if calls_saved > 0 {
            journal.record_run(&RunSummary {
                at: now,
                files,
                failed: files,
                calls_saved,
            })?;
        }
        Ok(calls_saved)
    };
    journal.run(record).await
}
