//! `upload --cases`: which cases are sent, and to which sessions.

use super::ordered_report::OrderedReport;
use crate::bankconnect::BaseUrl;
use crate::cli::args::UploadArgs;
use crate::error::AppError;
use crate::journal::CaseKey;
use crate::report::CaseReport;
use crate::screen::cases::{Case, CaseState};
use crate::screen::{ContentHash, Policy};
use crate::settings::environment::today;
use crate::statement::{Bank, DateRange};
use crate::uploads::{
    CaseUpload, JournalFolder, SessionSelector, SharedJournal, UploadItem, UploadReport as _,
    default_period, session_request,
};
use jiff::Timestamp;
use jiff::civil::Date;
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
        Some((case, judged)) => session(case, judged, policy, base),
        None => Err(AppError::internal("a case is not known")),
    }
}

/// Selects the session of a case: named as the case, with its period, and its bank if there is only
/// one.
fn session(
    case: &Case,
    judged: &CaseReport,
    policy: &Policy,
    base: &BaseUrl,
) -> Result<SessionSelector, AppError> {
    let requested = case.requested.or(policy.requested_period);
    let explicit = requested.map(|range| (range.from, range.to));
    let period = explicit.or_else(|| own_period(judged));
    let bank = judged.only_bank().map(Bank::id);
    let period = period.unwrap_or_else(default_period);
    let request = session_request(case.name.clone(), period, bank);
    SessionSelector::for_case(request, explicit, base)
}

/// Returns the months of a case without a requested period, at the latest until yesterday.
fn own_period(judged: &CaseReport) -> Option<(Date, Date)> {
    let DateRange { from, to } = judged.months_span()?;
    let to = to.min(today().yesterday().ok()?);
    (from < to).then_some((from, to))
}

/// Journals what the cases contain that are sent, before the first upload.
///
/// # Errors
///
/// If the journal or its key can't be written.
pub(super) fn remember(
    folder: &JournalFolder,
    sent: &BTreeSet<usize>,
    report: &OrderedReport<'_>,
) -> Result<(), AppError> {
    let key = CaseKey::read_or_create(folder.path()).map_err(|error| {
        let message = "could not use the key of the hashes of cases";
        AppError::environment(message, error, "check the file case-key beside the journal")
    })?;
    let cases = report.cases().unwrap_or_default();
    let named = sent
        .iter()
        .filter_map(|index| Some((*index, cases.get(*index)?)));
    let remembered: Vec<_> = named
        .map(|(index, case)| {
            let identities = report.identities(index);
            let digests = identities.iter().flat_map(|identity| key.digests(identity));
            let link = ContentHash::of(case.name.as_bytes());
            (link, digests.collect::<Vec<_>>())
        })
        .collect();
    let now = Timestamp::now();
    folder.journal.run_blocking(move |journal| {
        let mut remembered = remembered.iter();
        remembered.try_for_each(|(link, digests)| journal.remember_case(*link, digests, now))
    })?;
    Ok(())
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
    let unsent = (0..cases).filter(|case| !sent.contains(case));
    // The index after the last case is that of files in none.
    let unsent = unsent.chain([cases]);
    let skipped: Vec<_> = unsent
        .flat_map(|case| report.skipped("", Some(case)))
        .collect();
    journal.run_blocking(move |journal| {
        journal.record_skipped(skipped.iter().map(|(intent, outcome)| (intent, outcome)))
    })?;
    Ok(())
}

/// Returns what identifies a case when calls are counted that screening avoided.
pub(super) fn scope(case: Option<&Case>) -> String {
    let name = case.map_or("", |case| case.name.as_str());
    ContentHash::of(format!("case {name}").as_bytes()).to_string()
}
