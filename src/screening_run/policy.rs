//! Builds the screening policy of a run from its options.

use super::{applicant_file, password_file};
use crate::error::AppError;
use crate::event_log::Notices;
use crate::pdf::{Engines, Limits};
use crate::screen::{LedgerUse, PeriodOrigin, Policy, SeverityRules};
use crate::settings::environment::today;
use crate::settings::{Settings, known_logos, trust_anchors};
use crate::statement::{Bank, BankRegistry, DateRange};
use crate::text::columns::counted;
use jiff::civil::Date;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Number of similar identifiers that the hint for an unknown bank lists.
const SUGGESTIONS: usize = 3;

/// What the files of a run are screened by.
#[derive(Debug, Clone)]
pub(crate) struct PolicyOptions {
    pub(crate) max_file_size: u64,
    pub(crate) max_pages: usize,
    pub(crate) time_limit: Duration,
    pub(crate) password_file: Option<PathBuf>,
    /// The details of one applicant, who all files are from.
    pub(crate) applicant: Option<PathBuf>,
    /// Identifier of the bank that every file must be from.
    pub(crate) bank: Option<String>,
    /// First and last day of the requested period.
    pub(crate) period: Option<(Date, Date)>,
    pub(crate) period_use: PeriodUse,
    pub(crate) severities: SeverityRules,
    pub(crate) ledger: LedgerUse,
}

/// What a requested period is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PeriodUse {
    /// Screening only. The first day is not after the last.
    Screening,
    /// A session, too. As the service requires, the first day is before the last, and the last
    /// before today.
    Session,
}

/// Why days are not a requested period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum InvalidPeriod {
    Reversed,
    OneDay,
    NotBeforeToday(Date),
}

impl PolicyOptions {
    /// Builds the policy. A note reports candidate passwords beyond the limit, which are not tried.
    ///
    /// # Errors
    ///
    /// If the password file, the applicant file or a trust anchor can't be read, the bank is
    /// unknown or the period is invalid.
    pub(crate) fn build(&self, settings: &Settings, notices: &Notices) -> Result<Policy, AppError> {
        let banks = &settings.banks;
        let limits = Limits {
            file_bytes: self.max_file_size,
            pages: self.max_pages,
            time: self.time_limit,
            ..Limits::default()
        };
        let (candidates, untried) = match &self.password_file {
            Some(path) => password_file::read(path, limits.candidates, notices)?,
            None => (Vec::new(), 0),
        };
        if untried > 0 {
            notices.note(untried_passwords(untried, limits.candidates));
        }
        let applicant = self.applicant.as_deref();
        let applicants = applicant.map(|path| applicant_file::read(path, settings));
        let mut ignored = self.severities.ignored.iter();
        if let Some(code) = ignored.find(|code| self.severities.errors.contains(code)) {
            return Err(AppError::usage(
                format!("{code} is in --ignore and in --error"),
                "remove it from one of them",
            ));
        }
        let bank = self.bank.as_deref().map(|id| {
            let place = settings.profile.place_of("bank", id);
            let place = place.map_or_else(String::new, |place| format!("{place}: "));
            find_bank(banks, id, &format!("{place}bank {id}"))
        });
        let period = self
            .period
            .map(|days| requested_period(days, self.period_use));
        Ok(Policy {
            limits,
            candidates,
            untried,
            applicants: applicants.transpose()?,
            rule_uses: Arc::default(),
            learnt_forms: Arc::default(),
            logos: Arc::new(known_logos(banks)?),
            suggested_bank: None,
            described_password: None,
            banks: banks.clone(),
            expected_bank: bank.transpose()?,
            account_category: None,
            requested_period: period.transpose()?,
            period_origin: PeriodOrigin::User,
            anchors: trust_anchors()?,
            severities: self.severities.clone(),
            engines: Engines::Bounded,
            ledger: self.ledger,
        })
    }
}

fn untried_passwords(untried: usize, limit: usize) -> String {
    let are = if untried == 1 { "is" } else { "are" };
    format!(
        "{} of the password file {are} not tried: the limit is {limit} per file",
        counted(untried, "password")
    )
}

/// Returns the period that the options `--from` and `--to` request.
///
/// # Errors
///
/// If it can't be used for this purpose.
pub(crate) fn requested_period(
    (from, to): (Date, Date),
    period_use: PeriodUse,
) -> Result<DateRange, AppError> {
    check_period((from, to), period_use).map_err(|invalid| {
        let what = match invalid {
            InvalidPeriod::Reversed => format!("--from {from} is after --to {to}"),
            InvalidPeriod::OneDay => format!("--from {from} is not before --to {to}"),
            InvalidPeriod::NotBeforeToday(today) => {
                format!("--to {to} is not before today, {today}")
            }
        };
        AppError::usage(what, invalid.hint())
    })
}

/// Checks a period.
pub(super) fn check_period(
    (from, to): (Date, Date),
    period_use: PeriodUse,
) -> Result<DateRange, InvalidPeriod> {
    if from > to {
        return Err(InvalidPeriod::Reversed);
    }
    if period_use == PeriodUse::Session {
        let today = today();
        if from == to {
            return Err(InvalidPeriod::OneDay);
        }
        if to >= today {
            return Err(InvalidPeriod::NotBeforeToday(today));
        }
    }
    Ok(DateRange { from, to })
}

impl InvalidPeriod {
    pub(super) fn hint(self) -> &'static str {
        match self {
            Self::Reversed => "swap the dates",
            Self::OneDay => "use an earlier first day: a session covers at least two days",
            Self::NotBeforeToday(_) => "use yesterday or an earlier day: the service requires it",
        }
    }
}

/// Returns the bank with this identifier; `origin` describes in messages where it was given.
///
/// # Errors
///
/// If no such bank is known.
pub(crate) fn find_bank(banks: &BankRegistry, id: &str, origin: &str) -> Result<Bank, AppError> {
    banks.by_id(id).cloned().ok_or_else(|| {
        AppError::usage(
            format!("{origin}: unknown bank identifier"),
            format!(
                "use one of the nearest identifiers, {}; bankscreen banks lists all",
                nearest_banks(banks, id)
            ),
        )
    })
}

/// Returns the identifiers of the banks that are most similar to a text, as a list.
pub(crate) fn nearest_banks(banks: &BankRegistry, text: &str) -> String {
    let text = text.trim().to_lowercase();
    let banks = banks.all().iter();
    let mut scored: Vec<_> = banks
        .map(|bank| (similarity(bank, &text), bank.id()))
        .collect();
    scored.sort_by(|(a, first), (b, second)| b.total_cmp(a).then_with(|| first.cmp(second)));
    let nearest = scored.into_iter().take(SUGGESTIONS);
    nearest.map(|(_, id)| id).collect::<Vec<_>>().join(", ")
}

/// Returns how similar a bank is to a text in lower case, from 0 to 1.
fn similarity(bank: &Bank, text: &str) -> f64 {
    let name = bank.name().to_lowercase();
    let words = name.split(|c: char| !c.is_alphanumeric());
    let initials: String = words.filter_map(|word| word.chars().next()).collect();
    let code = bank
        .ifsc_codes()
        .iter()
        .any(|code| code.eq_ignore_ascii_case(text));
    let spelling = strsim::jaro_winkler(bank.id(), text).max(strsim::jaro_winkler(&name, text));
    // Abbreviations and parts of a name are typed on purpose, and outweigh a similar spelling.
    if code || (initials.len() > 1 && initials.starts_with(text) && text.len() > 2) {
        spelling.max(0.97)
    } else if text.len() > 2 && (bank.id().contains(text) || name.contains(text)) {
        spelling.max(0.9)
    } else {
        spelling
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::columns::assert_agrees;
    use jiff::civil::date;

    #[test]
    fn the_nearest_banks_have_a_similar_identifier_or_name() {
        let banks = BankRegistry::default();
        for (text, expected) in [
            ("hdfcx", "hdfc"),
            ("HDFC Bank", "hdfc"),
            ("icci", "icici"),
            ("kotk", "kotak"),
            ("State Bank of India", "sbi"),
            ("SBIN", "sbi"),
            ("axsi", "axis"),
        ] {
            let nearest = nearest_banks(&banks, text);
            let ids: Vec<_> = nearest.split(", ").collect();
            assert_eq!(ids.len(), SUGGESTIONS, "{nearest}");
            assert!(ids.contains(&expected), "{text}: {nearest}");
        }
    }

    #[test]
    fn a_period_for_a_session_has_two_days_before_today() {
        let today = today();
        let (first, second) = (date(2024, 4, 1), date(2024, 4, 2));
        let check = |days, expected: [Option<InvalidPeriod>; 2]| {
            let uses = [PeriodUse::Screening, PeriodUse::Session];
            assert_eq!(
                uses.map(|period_use| check_period(days, period_use).err()),
                expected
            );
        };
        check((first, second), [None, None]);
        check((first, first), [None, Some(InvalidPeriod::OneDay)]);
        let reversed = Some(InvalidPeriod::Reversed);
        check((second, first), [reversed, reversed]);
        let not_before = Some(InvalidPeriod::NotBeforeToday(today));
        check((first, today), [None, not_before]);
        check((first, date(2999, 1, 1)), [None, not_before]);
    }

    #[test]
    fn the_note_about_untried_passwords_agrees_with_their_number() {
        assert_agrees(|count| untried_passwords(count, 500));
        let note = "1 password of the password file is not tried: the limit is 500 per file";
        assert_eq!(untried_passwords(1, 500), note);
    }
}
