//! `upload --cases`: which cases are sent, and to which sessions.

use super::ordered_report::OrderedReport;
use crate::bankconnect::BaseUrl;
use crate::cli::args::UploadArgs;
use crate::error::AppError;
use crate::screen::Policy;
use crate::screen::cases::{Case, CaseState, StatementIdentity};
use crate::uploads::{
    CaseUpload, SessionSelector, SharedJournal, UploadItem, UploadReport as _, case_session,
};
use std::collections::{BTreeMap, BTreeSet};

/// Returns the uploads of all cases of which files are sent, in the order of the cases.
///
/// # Errors
///
/// If the service would reject the request of a session.
pub(super) fn uploads(
    items: Vec<UploadItem>,
    report: &OrderedReport<'_>,
    args: &UploadArgs,
    policy: &Policy,
    base: &BaseUrl,
) -> Result<Vec<CaseUpload>, AppError> {
    let mut by_case: BTreeMap<usize, Vec<UploadItem>> = BTreeMap::new();
    for item in items {
        if let Some(case) = item.input.case {
            by_case.entry(case).or_default().push(item);
        }
    }
    let uploads = by_case.into_iter().map(|(index, items)| {
        let judged = report.case_report(index);
        let is_ready = judged.is_some_and(|judged| judged.state == CaseState::Ready);
        Ok(CaseUpload {
            case: index,
            session: session_of(index, report, policy, base)?,
            items,
            process: args.sending.process && is_ready,
        })
    });
    uploads.collect()
}

/// Selects the session of the case with an index.
///
/// # Errors
///
/// If the service would reject the request of the session.
pub(super) fn session_of(
    index: usize,
    report: &OrderedReport<'_>,
    policy: &Policy,
    base: &BaseUrl,
) -> Result<SessionSelector, AppError> {
    let case = report.cases().and_then(|cases| cases.get(index));
    match case.zip(report.case_report(index)) {
        Some((case, judged)) => case_session(case, &judged.accounts, policy.requested_period, base),
        None => Err(AppError::internal("a case is not known")),
    }
}

/// Returns the cases that are sent, with what identifies their statements.
pub(super) fn with_identities<'r>(
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
pub(super) fn record_unsent(
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
