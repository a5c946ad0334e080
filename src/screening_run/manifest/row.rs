//! One row of a manifest: a path, and what is expected of the files that it names.

use super::Place;
use super::columns::{Column, Columns};
use crate::applicant::{Details, Field};
use crate::error::AppError;
use crate::pdf::Password;
use crate::screening_run::cases::related_names;
use crate::screening_run::policy::{self, InvalidPeriod};
use crate::screening_run::{PeriodUse, find_bank};
use crate::statement::entered_date::{self, Notation};
use crate::statement::{Bank, BankRegistry, DateRange};
use csv::ByteRecord;
use jiff::civil::Date;
use std::path::{Path, PathBuf};

/// A row with at least one value.
#[derive(Debug)]
pub(super) struct Row {
    /// Counted from 1.
    pub(super) line: u64,
    /// The path in the row, joined to the folder of the manifest.
    pub(super) path: PathBuf,
    pub(super) values: Values,
}

/// The values of a row; `None` for an empty field.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Values {
    pub(super) bank: Option<Bank>,
    pub(super) password: Option<Password>,
    pub(super) account_category: Option<String>,
    pub(super) period: Option<DateRange>,
    /// The name of the case, trimmed.
    pub(super) case: Option<String>,
    /// The names of cases that may have the same statements; empty for none.
    pub(super) related: Option<Vec<String>>,
    /// Whether the files are neither screened nor counted.
    pub(super) skip: Option<bool>,
    /// What is known of the applicant.
    pub(super) details: Details,
}

/// Parses rows.
pub(super) struct Reader<'r> {
    /// The folder to which paths are relative.
    pub(super) folder: &'r Path,
    pub(super) banks: &'r BankRegistry,
    pub(super) period_use: PeriodUse,
}

impl Reader<'_> {
    /// Parses a row.
    ///
    /// # Errors
    ///
    /// The first value that is invalid.
    pub(super) fn read(
        &self,
        columns: &Columns,
        row: &ByteRecord,
        place: Place<'_>,
    ) -> Result<Row, AppError> {
        let text = |column| columns.field(row, column);
        // Only the path and the password may begin or end with a space.
        let trimmed = |column| Some(text(column).trim()).filter(|text| !text.is_empty());
        let at = |column: Column| Place {
            column: Some(column.name()),
            ..place
        };
        let path = text(Column::Path);
        if path.trim().is_empty() {
            let hint = "enter the path of a file or a folder, relative to the manifest";
            return Err(at(Column::Path).reject("the path is empty", hint));
        }
        let bank = trimmed(Column::Bank).map(|id| {
            let origin = format!("{}: {id}", at(Column::Bank));
            find_bank(self.banks, id, &origin)
        });
        let skip = trimmed(Column::Skip).map(|word| {
            if word.eq_ignore_ascii_case("yes") {
                Ok(true)
            } else if word.eq_ignore_ascii_case("no") {
                Ok(false)
            } else {
                let what = format!("{word:?} is neither yes nor no");
                Err(at(Column::Skip).reject(&what, "enter yes or no, or nothing"))
            }
        });
        let day = |column| {
            let day = trimmed(column).map(|text| parse_day(text, at(column)));
            day.transpose()
        };
        let days = (day(Column::From)?, day(Column::To)?);
        let password = text(Column::Password);
        Ok(Row {
            line: place.line,
            path: self.folder.join(path),
            values: Values {
                bank: bank.transpose()?,
                password: (!password.is_empty()).then(|| Password::new(password)),
                account_category: trimmed(Column::AccountCategory).map(str::to_owned),
                period: self.period(days, &at)?,
                case: trimmed(Column::Case).map(str::to_owned),
                related: trimmed(Column::Related).map(related_names),
                skip: skip.transpose()?,
                details: details(&trimmed, &at)?,
            },
        })
    }

    fn period<'p>(
        &self,
        days: (Option<Date>, Option<Date>),
        at: &dyn Fn(Column) -> Place<'p>,
    ) -> Result<Option<DateRange>, AppError> {
        let missing = |column, other: Column| {
            let what = format!("a date is required, because {} has one", other.name());
            at(column).reject(&what, "enter both dates or none")
        };
        let (from, to) = match days {
            (None, None) => return Ok(None),
            (Some(from), Some(to)) => (from, to),
            (Some(_), None) => return Err(missing(Column::To, Column::From)),
            (None, Some(_)) => return Err(missing(Column::From, Column::To)),
        };
        let period = policy::check_period((from, to), self.period_use);
        period.map(Some).map_err(|invalid| {
            let (column, what) = match invalid {
                InvalidPeriod::Reversed => (Column::From, format!("{from} is after to, {to}")),
                InvalidPeriod::OneDay => (Column::From, format!("{from} is not before to, {to}")),
                InvalidPeriod::NotBeforeToday(today) => {
                    (Column::To, format!("{to} is not before today, {today}"))
                }
            };
            at(column).reject(&what, invalid.hint())
        })
    }
}

fn details<'p>(
    text: &dyn Fn(Column) -> Option<&'p str>,
    at: &dyn Fn(Column) -> Place<'p>,
) -> Result<Details, AppError> {
    let mut details = Details::default();
    for field in Field::ALL {
        let column = Column::Detail(field);
        let set = details.set(field, text(column).unwrap_or_default());
        set.map_err(|invalid| at(column).reject(&invalid.to_string(), invalid.hint()))?;
    }
    Ok(details)
}

fn parse_day(text: &str, place: Place<'_>) -> Result<Date, AppError> {
    entered_date::parse(text, Notation::SlashesOrDashes).map_err(|invalid| {
        let what = format!("{text}: {invalid}");
        place.reject(
            &what,
            "enter a date as DD/MM/YYYY, DD-MM-YYYY or YYYY-MM-DD",
        )
    })
}
