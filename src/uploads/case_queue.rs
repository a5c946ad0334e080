//! The queue of cases: which are sent, to which sessions, and what is journaled about the others.

use super::case_session::{case_session, remember_cases};
use super::cases::CaseUpload;
use super::item::UploadItem;
use super::journal_folder::JournalFolder;
use super::ordered_report::OrderedReport;
use super::progress::UploadProgress;
use super::run::{UploadReport as _, UploadRun};
use super::session::SessionSelector;
use super::shared_journal::SharedJournal;
use crate::bankconnect::BaseUrl;
use crate::error::AppError;
use crate::screen::cases::{Case, CaseState, StatementIdentity};
use crate::statement::DateRange;
use std::collections::BTreeSet;
use tokio::runtime::Runtime;

/// The files of cases that are sent.
pub(crate) struct CaseQueue {
    pub(crate) items: Vec<UploadItem>,
    /// Whether processing of ready cases is started once the service has their files.
    pub(crate) process: bool,
    /// The requested period of cases without one.
    pub(crate) requested: Option<DateRange>,
}

impl CaseQueue {
    /// Sends the files, those of each case to its own session, and journals the files of the other
    /// cases. Returns the errors for which cases were stopped.
    ///
    /// # Errors
    ///
    /// If the service would reject the request of a session, or the journal can't be written.
    pub(crate) fn send(
        self,
        run: &UploadRun<'_>,
        (journal, runtime): (&JournalFolder, &Runtime),
        progress: &UploadProgress,
        report: &mut OrderedReport<'_>,
    ) -> Result<Vec<AppError>, AppError> {
        let base = run.client.base();
        let uploads = case_uploads(self.items, report, self.process, self.requested, base)?;
        let sent = uploads.iter().map(|upload| upload.case).collect();
        let identities = with_identities(&sent, report);
        runtime.block_on(remember_cases(journal, identities))?;
        let observer = || progress.all_items();
        let errors = run.run_cases(&journal.journal, uploads, &observer, report);
        let errors = runtime.block_on(errors)?;
        record_unsent(&journal.journal, &sent, report)?;
        Ok(errors)
    }
}

/// Returns the uploads of all cases of which files are sent, in the order of the cases. `process`
/// starts processing of the ready ones.
///
/// # Errors
///
/// If the service would reject the request of a session.
fn case_uploads(
    mut items: Vec<UploadItem>,
    report: &OrderedReport<'_>,
    process: bool,
    requested: Option<DateRange>,
    base: &BaseUrl,
) -> Result<Vec<CaseUpload>, AppError> {
    let mut uploads = Vec::new();
    // From the last case on, so that the memory of the list shrinks: items are in the order of the
    // cases, and a run may have 100,000.
    while let Some(case) = items.last().map(|item| item.input.case) {
        let rest = items.iter().rev();
        let count = rest.take_while(|item| item.input.case == case).count();
        let own = items.split_off(items.len() - count);
        if items.len() < items.capacity() / 2 {
            items.shrink_to_fit();
        }
        let Some(case) = case else {
            continue;
        };
        let judged = report.case_report(case);
        let is_ready = judged.is_some_and(|judged| judged.state == CaseState::Ready);
        uploads.push(CaseUpload {
            case,
            session: session_of_case(case, report, requested, base)?,
            items: own,
            process: process && is_ready,
        });
    }
    uploads.reverse();
    Ok(uploads)
}

/// Selects the session of the case with an index.
///
/// # Errors
///
/// If the service would reject the request of the session.
pub(crate) fn session_of_case(
    index: usize,
    report: &OrderedReport<'_>,
    requested: Option<DateRange>,
    base: &BaseUrl,
) -> Result<SessionSelector, AppError> {
    let case = report.cases().and_then(|cases| cases.get(index));
    match case.zip(report.case_report(index)) {
        Some((case, judged)) => case_session(case, &judged.accounts, requested, base),
        None => Err(AppError::internal("a case is not known")),
    }
}

/// Returns the cases that are sent, with what identifies their statements.
fn with_identities<'r>(
    sent: &BTreeSet<usize>,
    report: &OrderedReport<'r>,
) -> Vec<(&'r Case, Vec<StatementIdentity>)> {
    let cases = report.cases().unwrap_or_default();
    let named = sent.iter().filter_map(|index| {
        let case = cases.get(*index)?;
        Some((case, report.identities(*index)))
    });
    named.collect()
}

/// Journals the files of cases that are not sent, and of none.
///
/// # Errors
///
/// If the journal can't be written.
fn record_unsent(
    journal: &SharedJournal,
    sent: &BTreeSet<usize>,
    report: &OrderedReport<'_>,
) -> Result<(), AppError> {
    let cases = report.cases().map_or(0, <[Case]>::len);
    let unsent = (0..cases).filter(|case| !sent.contains(case)).map(Some);
    // `None` is for the files in no case.
    let unsent = unsent.chain([None]);
    let skipped: Vec<_> = unsent.flat_map(|case| report.skipped("", case)).collect();
    journal.run_blocking(move |journal| {
        journal.record_skipped(skipped.iter().map(|(intent, outcome)| (intent, outcome)))
    })?;
    Ok(())
}
