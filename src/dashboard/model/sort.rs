//! The sort order of the table.

use super::file::{File, UploadState};
use crate::screen::Verdict;
use crate::uploads::plan::OutcomeKind;
use std::cmp::Ordering;

/// A column of the table, and the key to sort by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// The order of addition. Not a visible column.
    Added,
    /// Name.
    Name,
    /// Bank.
    Bank,
    /// Number of pages.
    Pages,
    /// First day of the statement period.
    Period,
    /// Size.
    Size,
    /// Status, what needs the user first.
    Status,
}

/// The sort order of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SortOrder {
    /// The column to sort by.
    pub column: Column,
    /// Whether the order is reversed.
    pub reversed: bool,
}

impl SortOrder {
    /// The order of addition.
    pub const ADDED: Self = Self {
        column: Column::Added,
        reversed: false,
    };

    /// Compares two files, which were added as `first_index` and `second_index`.
    pub(super) fn compare(
        self,
        (first_index, first): (usize, &File),
        (second_index, second): (usize, &File),
    ) -> Ordering {
        let order = self.column.compare(first, second);
        // Total, so that equal files keep a stable order when rows are rebuilt.
        let order = order.then(first_index.cmp(&second_index));
        if self.reversed {
            order.reverse()
        } else {
            order
        }
    }
}

impl Column {
    /// All columns, in the order of the menu.
    pub const ALL: [Self; 7] = [
        Self::Added,
        Self::Name,
        Self::Bank,
        Self::Pages,
        Self::Period,
        Self::Size,
        Self::Status,
    ];

    /// Returns the name of the column.
    pub fn name(self) -> &'static str {
        match self {
            Self::Added => "order added",
            Self::Name => "name",
            Self::Bank => "bank",
            Self::Pages => "pages",
            Self::Period => "period",
            Self::Size => "size",
            Self::Status => "status",
        }
    }

    /// Compares two files by the column. Files without a value come last.
    fn compare(self, a: &File, b: &File) -> Ordering {
        fn none_last<T: Ord>(a: Option<T>, b: Option<T>) -> Ordering {
            match (a, b) {
                (Some(a), Some(b)) => a.cmp(&b),
                (a, b) => b.is_some().cmp(&a.is_some()),
            }
        }
        match self {
            Self::Added => Ordering::Equal,
            Self::Name => a.display_name().cmp(b.display_name()),
            Self::Bank => none_last(
                a.bank().map(|(bank, _)| bank.id()),
                b.bank().map(|(bank, _)| bank.id()),
            ),
            Self::Pages => none_last(a.pages(), b.pages()),
            Self::Period => none_last(first_day(a), first_day(b)),
            Self::Size => none_last(a.bytes, b.bytes),
            Self::Status => status_rank(a).cmp(&status_rank(b)),
        }
    }
}

fn first_day(file: &File) -> Option<jiff::civil::Date> {
    Some(file.screening()?.statement.period?.from)
}

fn status_rank(file: &File) -> u8 {
    match &file.upload {
        UploadState::Finished(record) => match record.outcome.kind {
            OutcomeKind::Unknown => 0,
            OutcomeKind::Rejected => 1,
            OutcomeKind::Skipped => 2,
            OutcomeKind::AlreadyUploaded => 10,
            OutcomeKind::Accepted => 11,
        },
        UploadState::NotRequested => match file.verdict() {
            Some(Verdict::Fail) => 3,
            Some(Verdict::Warn) => 4,
            None => 5,
            Some(Verdict::Pass) => 6,
        },
        UploadState::Retrying(_) => 7,
        UploadState::Sending { .. } => 8,
        UploadState::Queued => 9,
    }
}
