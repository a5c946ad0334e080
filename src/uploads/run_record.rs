//! Journals what a run screened, and the calls that it saved.

use super::ordered_report::OrderedReport;
use super::session::SessionSelector;
use super::shared_journal::SharedJournal;
use crate::error::AppError;
use crate::journal::{Journal, RunSummary};
use jiff::Timestamp;

/// Journals the run, and returns the number of calls that it avoided and no earlier one. `session`
/// is `None` if each case has its own.
///
/// # Errors
///
/// If the journal can't be written.
pub(crate) fn record_run(
    journal: &SharedJournal,
    session: Option<&SessionSelector>,
    report: &OrderedReport<'_>,
) -> Result<usize, AppError> {
    let saved = report.saved_calls(session);
    let (files, failed) = report.screened();
    let record = move |journal: &mut Journal| {
        let now = Timestamp::now();
        let calls_saved = saved.record(journal, now)?;
        journal.record_run(&RunSummary {
            at: now,
            files,
            failed,
            calls_saved,
        })?;
        Ok(calls_saved)
    };
    Ok(journal.run_blocking(record)?)
}
