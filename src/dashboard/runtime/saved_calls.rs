//! Journals the calls that screening made unnecessary.

use crate::journal::{Journal, JournalError, RunSummary};
use crate::uploads::{SavedCalls, SharedJournal};
use jiff::Timestamp;

/// Journals calls, each once for a file and a session or a case. Returns the number of those that
/// no earlier run has journaled.
///
/// # Errors
///
/// If the journal can't be written.
pub(super) async fn record(
    journal: &SharedJournal,
    calls: SavedCalls,
) -> Result<usize, JournalError> {
    let files = calls.files();
    if files == 0 {
        return Ok(0);
    }
    let record = move |journal: &mut Journal| {
        let now = Timestamp::now();
        let calls_saved = calls.record(journal, now)?;
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
