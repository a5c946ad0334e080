//! Builds the screening policy of a run from its options.

use super::password_file;
use crate::error::AppError;
use crate::event_log::Notices;
use crate::pdf::{Engines, Limits};
use crate::screen::Policy;
use crate::settings::environment::today;
use crate::statement::{Bank, BankRegistry, DateRange};
use jiff::civil::Date;
use std::path::PathBuf;
use std::time::Duration;

/// Number of similar identifiers that the hint for an unknown bank lists.
const MAX_SUGGESTIONS: usize = 5;

/// What the files of a run are screened by.
#[derive(Debug, Clone)]
pub(crate) struct PolicyOptions {
    pub(crate) max_file_size: u64,
    pub(crate) max_pages: usize,
    pub(crate) time_limit: Duration,
    pub(crate) password_file: Option<PathBuf>,
    /// Identifier of the bank that every file must be from.
    pub(crate) bank: Option<String>,
    /// First and last day of the requested period.
    pub(crate) period: Option<(Date, Date)>,
    pub(crate) strict: bool,
}

impl PolicyOptions {
    /// Builds the policy. A note reports candidate passwords beyond the limit, which are not tried.
    ///
    /// # Errors
    ///
    /// If the password file can't be read, the bank is unknown or the period is invalid.
    pub(crate) fn build(
        &self,
        banks: &BankRegistry,
        notices: &Notices,
    ) -> Result<Policy, AppError> {
        let limits = Limits {
            file_bytes: self.max_file_size,
            pages: self.max_pages,
            time: self.time_limit,
            ..Limits::default()
        };
        let (candidates, untried) = match &self.password_file {
            Some(path) => password_file::read(path, limits.candidates)?,
            None => (Vec::new(), 0),
        };
        if untried > 0 {
            notices.note(format_args!(
                "{untried} passwords of the password file are not tried: the limit is {} per file",
                limits.candidates
            ));
        }
        let bank = self.bank.as_deref();
        let bank = bank.map(|id| find_bank(banks, id, &format!("bank {id}")));
        Ok(Policy {
            limits,
            candidates,
            untried,
            banks: banks.clone(),
            expected_bank: bank.transpose()?,
            account_category: None,
            requested_period: self.requested_period()?,
            strict: self.strict,
            engines: Engines::Bounded,
        })
    }

    /// Returns the requested period. As the service requires, it starts before it ends and ends
    /// before today.
    fn requested_period(&self) -> Result<Option<DateRange>, AppError> {
        let Some((from, to)) = self.period else {
            return Ok(None);
        };
        if from >= to {
            return Err(AppError::usage(
                format!("--from {from} is not before --to {to}"),
                "swap the dates",
            ));
        }
        let today = today();
        if to >= today {
            return Err(AppError::usage(
                format!("--to {to} is not before today, {today}"),
                "use yesterday or an earlier day",
            ));
        }
        Ok(Some(DateRange { from, to }))
    }
}

/// Returns the bank with this identifier; `origin` describes in messages where it was given.
///
/// # Errors
///
/// If no such bank is known.
pub(crate) fn find_bank(banks: &BankRegistry, id: &str, origin: &str) -> Result<Bank, AppError> {
    banks.by_id(id).cloned().ok_or_else(|| {
        let query = [id.to_lowercase()];
        let similar = banks.search(&query).map(Bank::id);
        let similar: Vec<_> = similar.take(MAX_SUGGESTIONS).collect();
        let hint = if similar.is_empty() {
            "run bankscreen banks to list the identifiers".to_owned()
        } else {
            format!("use one of {}", similar.join(", "))
        };
        AppError::usage(format!("{origin}: unknown bank identifier"), hint)
    })
}
