//! The queue of cases: which are sent, to which sessions, and what is journaled about the others.

use super::case_session::{case_session, remember_cases};
use super::cases::CaseUpload;
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
use tokio::runtime::Runtime;

/// Cases that are journaled at once, which bounds the memory.
const CASES_AT_ONCE: usize = 1_000;

/// What holds for all cases that are sent.
pub(crate) struct CaseQueue {
    /// Whether processing of ready cases is started once the service has their files.
    pub(crate) process: bool,
    /// The requested period of cases without one.
    pub(crate) requested: Option<DateRange>,
}

impl CaseQueue {
    /// Sends the selected files of a report, those of each case to its own session, and journals
    /// the files of the other cases. Returns the errors for which cases were stopped.
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
        let sent = report.cases_to_send();
        let base = run.client.base();
        let uploads = sent
            .iter()
            .map(|case| self.case_upload(*case, report, base));
        let uploads = uploads.collect::<Result<Vec<_>, _>>()?;
        for some in sent.chunks(CASES_AT_ONCE) {
            runtime.block_on(remember_cases(journal, with_identities(some, report)))?;
        }
        let observer = || progress.all_items();
        let errors = run.run_cases(&journal.journal, uploads, &observer, report);
        let errors = runtime.block_on(errors)?;
        record_unsent(&journal.journal, &sent, report)?;
        Ok(errors)
    }

    /// Returns the upload of a case, of which processing is started if it is ready.
    fn case_upload(
        &self,
        case: usize,
        report: &OrderedReport<'_>,
        base: &BaseUrl,
    ) -> Result<CaseUpload, AppError> {
        let judged = report.case_report(case);
        let is_ready = judged.is_some_and(|judged| judged.state == CaseState::Ready);
        Ok(CaseUpload {
            case,
            session: session_of_case(case, report, self.requested, base)?,
            process: self.process && is_ready,
        })
    }
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
    sent: &[usize],
    report: &OrderedReport<'r>,
) -> impl Iterator<Item = (&'r Case, Vec<StatementIdentity>)> {
    let cases = report.cases().unwrap_or_default();
    sent.iter().filter_map(|index| {
        let case = cases.get(*index)?;
        Some((case, report.identities(*index)))
    })
}

/// Journals the files of cases that are not sent, and of none.
///
/// # Errors
///
/// If the journal can't be written.
fn record_unsent(
    journal: &SharedJournal,
    sent: &[usize],
    report: &OrderedReport<'_>,
) -> Result<(), AppError> {
    let cases = report.cases().map_or(0, <[Case]>::len);
    let is_unsent = |case: &usize| sent.binary_search(case).is_err();
    let unsent: Vec<_> = (0..cases).filter(is_unsent).map(Some).collect();
    // `None` is for the files in no case.
    for some in unsent.chunks(CASES_AT_ONCE).chain([[None].as_slice()]) {
        let skipped = some.iter().flat_map(|case| report.skipped("", *case));
        let skipped: Vec<_> = skipped.collect();
        journal.run_blocking(move |journal| {
            journal.record_skipped(skipped.iter().map(|(intent, outcome)| (intent, outcome)))
        })?;
    }
    Ok(())
}
