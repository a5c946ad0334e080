//! Compares the ledgers of two files of one account: whether one continues the other, and whether
//! they agree on the days that both cover.

use super::{Code, Finding, Screening};
use crate::statement::{Continuity, DateRange, PeriodSource, day_in_words};

/// The part of a file's ledger that is compared with other files.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ComparedLedger {
    /// The days that the file covers.
    days: DateRange,
    /// Whether the file prints these days. Else it may cover more on the first and the last one.
    is_printed: bool,
    continuity: Continuity,
}

impl ComparedLedger {
    /// Returns the ledger of a file, if all of its balances follow.
    pub(super) fn of(screening: &Screening) -> Option<Self> {
        let ledger = screening.statement.ledger.as_ref();
        let ledger = ledger.filter(|ledger| ledger.is_proven())?;
        let period = screening.statement.period?;
        Some(Self {
            days: period.days(),
            is_printed: period.source == PeriodSource::Printed,
            continuity: ledger.continuity.clone()?,
        })
    }

    /// Returns whether a transaction is within a range.
    pub(super) fn has_transactions_in(&self, range: DateRange) -> bool {
        self.continuity.has_transactions_in(range)
    }

    /// Compares the file with an earlier one of the run, which has this name.
    pub(super) fn compare(&self, other: &Self, name: &str) -> Option<Finding> {
        self.seam(other, name).or_else(|| self.overlap(other, name))
    }

    fn seam(&self, other: &Self, name: &str) -> Option<Finding> {
        let follows = |first: &Self, second: &Self| {
            first.is_printed
                && second.is_printed
                && first
                    .days
                    .to
                    .tomorrow()
                    .is_ok_and(|day| day == second.days.from)
        };
        let message = if follows(other, self) && !other.continuity.continues_in(&self.continuity) {
            format!(
                "The opening balance is not the closing balance of {name}, which ends the day \
                 before"
            )
        } else if follows(self, other) && !self.continuity.continues_in(&other.continuity) {
            format!(
                "The closing balance is not the opening balance of {name}, which begins the next \
                 day"
            )
        } else {
            return None;
        };
        Some(
            Finding::warning(Code::MissingTransactions, message)
                .with_hint("Request both statements again as the bank issued them"),
        )
    }

    fn overlap(&self, other: &Self, name: &str) -> Option<Finding> {
        let (mine, theirs) = (self.certain_days()?, other.certain_days()?);
        let both = DateRange {
            from: mine.from.max(theirs.from),
            to: mine.to.min(theirs.to),
        };
        let day = self.continuity.first_difference(&other.continuity, both)?;
        let message = format!(
            "The transactions of {} differ from those in {name}",
            day_in_words(day)
        );
        Some(
            Finding::warning(Code::BalanceMismatch, message)
                .with_hint("Request both statements again; one of them was changed"),
        )
    }

    /// Returns the days of which all transactions are in the file.
    fn certain_days(&self) -> Option<DateRange> {
        if self.is_printed {
            return Some(self.days);
        }
        Some(DateRange {
            from: self.days.from.tomorrow().ok()?,
            to: self.days.to.yesterday().ok()?,
        })
    }
}
