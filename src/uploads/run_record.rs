//! Journals what a run screened, and the calls that it saved.

use super::case_session::case_scope;
use super::ordered_report::OrderedReport;
use super::session::SessionSelector;
use super::shared_journal::SharedJournal;
use crate::error::AppError;
use crate::journal::{Journal, RunSummary};
use crate::screen::{Code, ContentHash};
use jiff::Timestamp;
use std::collections::BTreeMap;

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
    let scope_of = |case: Option<usize>| match session {
        Some(session) => session.scope(),
        None => case_scope(case.and_then(|case| report.cases()?.get(case))),
    };
    let mut saved: BTreeMap<String, Vec<(ContentHash, Code)>> = BTreeMap::new();
    for (case, content, code) in report.saved_calls() {
        let calls = saved.entry(scope_of(*case)).or_default();
        calls.push((*content, *code));
    }
    let (files, failed) = report.screened();
    let record = move |journal: &mut Journal| {
        let now = Timestamp::now();
        let mut calls_saved = 0;
        for (scope, calls) in &saved {
            let calls = calls.iter();
            let calls = calls.map(|(content, code)| (*content, code.name()));
            calls_saved += journal.record_saved_calls(scope, calls, now)?;
        }
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
