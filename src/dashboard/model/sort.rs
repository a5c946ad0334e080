//! The order of the table.

use super::file::{Delivery, File};
use crate::screen::Verdict;
use crate::uploads::plan::OutcomeKind;
use std::cmp::Ordering;

/// What the table is ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// The order in which files were given.
    Given,
    /// The name.
    Name,
    /// The verdict, the worst first.
    Verdict,
    /// The bank.
    Bank,
    /// The number of pages.
    Pages,
    /// The first day of the period.
    Period,
    /// The size.
    Size,
    /// How far it is on its way, what needs a person first.
    Outcome,
}

impl Column {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 8] = [
        Self::Given,
        Self::Name,
        Self::Verdict,
        Self::Bank,
        Self::Pages,
        Self::Period,
        Self::Size,
        Self::Outcome,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Given => "order given",
            Self::Name => "name",
            Self::Verdict => "verdict",
            Self::Bank => "bank",
            Self::Pages => "pages",
            Self::Period => "period",
            Self::Size => "size",
            Self::Outcome => "outcome",
        }
    }

    /// How two files are ordered by it; files that have no such thing come last.
    pub(super) fn compare(self, a: &File, b: &File) -> Ordering {
        fn last<T: Ord>(a: Option<T>, b: Option<T>) -> Ordering {
            match (a, b) {
                (Some(a), Some(b)) => a.cmp(&b),
                (a, b) => b.is_some().cmp(&a.is_some()),
            }
        }
        match self {
            Self::Given => Ordering::Equal,
            Self::Name => a.shown.cmp(&b.shown),
            Self::Verdict => last(a.verdict().map(badness), b.verdict().map(badness)),
            Self::Bank => last(
                a.bank().map(|(bank, _)| bank.id()),
                b.bank().map(|(bank, _)| bank.id()),
            ),
            Self::Pages => last(a.pages(), b.pages()),
            Self::Period => last(first_day(a), first_day(b)),
            Self::Size => last(a.bytes, b.bytes),
            Self::Outcome => urgency(a).cmp(&urgency(b)),
        }
    }
}

fn badness(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Fail => 0,
        Verdict::Warn => 1,
        Verdict::Pass => 2,
    }
}

fn first_day(file: &File) -> Option<jiff::civil::Date> {
    Some(file.screening()?.statement.period?.from)
}

fn urgency(file: &File) -> u8 {
    match &file.delivery {
        Delivery::Ended(sent) => match sent.outcome.kind {
            OutcomeKind::Unknown => 0,
            OutcomeKind::Rejected => 1,
            OutcomeKind::Skipped => 2,
            OutcomeKind::AlreadyUploaded => 7,
            OutcomeKind::Accepted => 8,
        },
        Delivery::Again(_) => 3,
        Delivery::Sending(..) => 4,
        Delivery::Queued => 5,
        Delivery::Idle => 6,
    }
}
