//! What the service and the journal know a case by: its session, the scope of its saved calls, and
//! the hashes of its statements.

use super::journal_folder::JournalFolder;
use super::session::{SessionSelector, default_period, session_request};
use crate::bankconnect::BaseUrl;
use crate::error::AppError;
use crate::journal::{CaseKey, Journal};
use crate::screen::cases::{Case, StatementIdentity, months_span, only_bank};
use crate::screen::{AccountCoverage, ContentHash};
use crate::settings::environment::today;
use crate::statement::{Bank, DateRange};
use jiff::Timestamp;
use jiff::civil::Date;

/// Selects the session of a case: named as the case, with its period, else that of the run, else
/// the months of its accounts; and with its bank if there is only one.
///
/// # Errors
///
/// If the service would reject the request of the session.
pub(crate) fn case_session(
    case: &Case,
    accounts: &[AccountCoverage],
    requested: Option<DateRange>,
    base: &BaseUrl,
) -> Result<SessionSelector, AppError> {
    let requested = case.requested.or(requested);
    let explicit = requested.map(|range| (range.from, range.to));
    let period = explicit.or_else(|| own_period(accounts));
    let bank = only_bank(accounts).map(Bank::id);
    let period = period.unwrap_or_else(default_period);
    let request = session_request(case.name.clone(), period, bank);
    SessionSelector::for_case(request, explicit, base)
}

/// Returns the months of accounts, at the latest until yesterday.
fn own_period(accounts: &[AccountCoverage]) -> Option<(Date, Date)> {
    let DateRange { from, to } = months_span(accounts)?;
    let to = to.min(today().yesterday().ok()?);
    (from < to).then_some((from, to))
}

/// Journals what cases contain, before the first of their uploads.
///
/// # Errors
///
/// If the journal or its key can't be written.
pub(crate) async fn remember_cases(
    folder: &JournalFolder,
    cases: impl IntoIterator<Item = (&Case, Vec<StatementIdentity>)>,
) -> Result<(), AppError> {
    let key = CaseKey::read_or_create(folder.path()).map_err(|error| {
        let message = "could not use the key of the hashes of cases";
        AppError::environment(message, error, "check the file case-key beside the journal")
    })?;
    let remembered = cases.into_iter().map(|(case, identities)| {
        let digests = identities.iter().flat_map(|identity| key.digests(identity));
        let link = ContentHash::of(case.name.as_bytes());
        (link, digests.collect::<Vec<_>>())
    });
    let remembered: Vec<_> = remembered.collect();
    let now = Timestamp::now();
    let remember = move |journal: &mut Journal| {
        let mut remembered = remembered.iter();
        remembered.try_for_each(|(link, digests)| journal.remember_case(*link, digests, now))
    };
    folder.journal.run(remember).await?;
    Ok(())
}

/// Returns what identifies a case when calls are counted that screening avoided.
pub(super) fn case_scope(case: &Case) -> String {
    ContentHash::of(format!("case {}", case.name).as_bytes()).to_string()
}
