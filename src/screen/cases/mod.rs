//! Judges cases: whether the files of one applicant can be sent, what to ask the applicant for, and
//! what the staff must do.
//!
//! A [`Case`] is what the user requests of an applicant. [`judge`] takes the screened files of a
//! case with the months that its accounts cover, and returns a [`Judgement`]. The module is pure
//! and has neither folders nor sessions.

mod accounts;
mod effect;
mod other_cases;

pub use accounts::{add_accounts_without_files, expected_accounts, months_span, only_bank};
pub use effect::{CodeEffect, code_effect};
pub use other_cases::{OtherCases, Shared, StatementIdentity, StatementsByCase};

use super::notes::Need;
use super::{AccountCoverage, ApplicantRequests, Policy, RequiredMonths, Screening};
use crate::statement::{Bank, DateRange, Month};
pub(super) use effect::Effect;
use serde::Serialize;

/// Maximum number of characters of a case's name, as of the link ID that it becomes.
pub const MAX_NAME_CHARS: usize = 500;

/// One applicant of a run, with all their files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// The name, which is unique in the run.
    pub name: String,
    /// The requested period of the case; `None` if the user requests none.
    pub requested: Option<DateRange>,
    /// The names of cases that may have the same statements and accounts.
    pub related: Vec<String>,
}

/// Whether a case can be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CaseState {
    /// Every requested month of every account is there.
    Ready,
    /// The applicant must send something.
    Incomplete,
    /// The staff must act.
    Blocked,
}

/// One screened file of a case.
#[derive(Debug, Clone, Copy)]
pub struct CaseFile<'f> {
    /// The name, as in the report. Untrusted text.
    pub name: &'f str,
    /// The screening, with the findings that depend on other files.
    pub screening: &'f Screening,
    /// The bank that the user named for the file.
    pub expected_bank: Option<&'f Bank>,
    /// Whether an earlier file of the case has the same content.
    pub is_duplicate: bool,
}

/// What a case needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// Whether it can be sent.
    pub state: CaseState,
    /// What to ask the applicant for. File names in it are untrusted.
    pub needs: Vec<Need>,
    /// What the staff must do, in sentences with file and code. Untrusted text.
    pub actions: Vec<String>,
}

/// Why a name can't be that of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidName {
    /// It is empty.
    #[error("the name of the case is empty")]
    Empty,
    /// It is longer than [`MAX_NAME_CHARS`].
    #[error("the name of the case has more than {MAX_NAME_CHARS} characters")]
    TooLong,
    /// It contains a control character.
    #[error("the name of the case contains a control character")]
    ControlCharacter,
}

impl Case {
    /// Returns a case without a period and without related cases. The name is trimmed.
    ///
    /// # Errors
    ///
    /// If the name can't be used.
    pub fn new(name: &str) -> Result<Self, InvalidName> {
        let name = name.trim();
        if name.is_empty() {
            return Err(InvalidName::Empty);
        }
        if name.chars().count() > MAX_NAME_CHARS {
            return Err(InvalidName::TooLong);
        }
        if name.chars().any(char::is_control) {
            return Err(InvalidName::ControlCharacter);
        }
        Ok(Self {
            name: name.to_owned(),
            requested: None,
            related: Vec::new(),
        })
    }

    /// Returns the months that are required of the accounts; `range` is the period of the run.
    pub fn required(&self, range: Option<DateRange>) -> RequiredMonths {
        let range = self.requested.or(range);
        range.map_or(RequiredMonths::Own, RequiredMonths::Of)
    }

    /// Returns whether the user declared that the cases may share statements.
    pub fn is_related(&self, other: &Self) -> bool {
        self.related.contains(&other.name) || other.related.contains(&self.name)
    }
}

impl CaseState {
    /// All states.
    pub const ALL: [Self; 3] = [Self::Ready, Self::Incomplete, Self::Blocked];

    /// Returns the name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Incomplete => "incomplete",
            Self::Blocked => "blocked",
        }
    }
}

/// Returns whether a period has a month that the service counts.
pub fn has_counted_month(range: DateRange) -> bool {
    let counted = Month::all_in(range.from, range.to);
    counted.len() > 1 || Month::ignored_at_end(range.to).is_none()
}

/// Returns the accounts of a case among those of its files.
///
/// An account of which all files are out of range counts only if there is no other account.
pub fn accounts_of_case(mut accounts: Vec<AccountCoverage>) -> Vec<AccountCoverage> {
    if accounts.iter().any(|account| !account.files.is_empty()) {
        accounts.retain(|account| !account.files.is_empty());
    }
    accounts
}

/// Judges a case by its files and the months that its accounts cover. `requested` is its period.
pub fn judge(
    files: &[CaseFile<'_>],
    accounts: &[AccountCoverage],
    requested: Option<DateRange>,
    policy: &Policy,
) -> Judgement {
    let mut requests = ApplicantRequests::default();
    let (mut actions, mut is_blocked) = (Vec::new(), false);
    let mut is_incomplete = accounts.is_empty();
    for file in files {
        let effect = Effect::of(file, policy);
        requests.add_for_case(file, &effect);
        is_incomplete |= effect.is_incomplete();
        is_blocked |= effect.is_blocked();
        actions.extend(effect.actions(file));
    }
    is_incomplete |= accounts.iter().any(|account| !account.missing().is_empty());
    let state = if is_blocked {
        CaseState::Blocked
    } else if is_incomplete {
        CaseState::Incomplete
    } else {
        CaseState::Ready
    };
    Judgement {
        state,
        needs: requests.needs_of_case(accounts, requested, is_blocked),
        actions,
    }
}

#[cfg(test)]
mod tests;
