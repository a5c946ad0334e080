//! Parses dates as users enter them: in options, forms and manifests.
//!
//! Unlike the dates of statements, these have few notations, and an invalid one is explained.

use jiff::civil::Date;
use thiserror::Error;

/// The notations of a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notation {
    /// `DD/MM/YYYY` or `YYYY-MM-DD`.
    Slashes,
    /// `DD/MM/YYYY`, `DD-MM-YYYY` or `YYYY-MM-DD`, as spreadsheets write dates.
    SlashesOrDashes,
}

/// Why a text is not a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum InvalidDate {
    /// The text has another notation.
    #[error("invalid date; expected DD/MM/YYYY or YYYY-MM-DD")]
    Notation,
    /// The year has two digits.
    #[error("the year {0:02} has two digits; expected four, as in DD/MM/YYYY")]
    ShortYear(i16),
    /// The month is not one of 1 to 12.
    #[error("there is no month {0}; expected DD/MM/YYYY or YYYY-MM-DD")]
    Month(i8),
    /// The day is 0.
    #[error("there is no day 0")]
    DayZero,
    /// The month has fewer days.
    #[error("{month} has no day {day}")]
    Day {
        /// Name of the month.
        month: &'static str,
        /// The day.
        day: i8,
    },
    /// February has no day 29 in this year.
    #[error("February {0} has no day 29")]
    LeapDay(i16),
}

const MONTHS: [(&str, i8); 12] = [
    ("January", 31),
    ("February", 29),
    ("March", 31),
    ("April", 30),
    ("May", 31),
    ("June", 30),
    ("July", 31),
    ("August", 31),
    ("September", 30),
    ("October", 31),
    ("November", 30),
    ("December", 31),
];

/// Parses a date. Day and month may have one digit; the year has four.
///
/// # Errors
///
/// If the text has another notation, or the calendar has no such day.
pub fn parse(text: &str, notation: Notation) -> Result<Date, InvalidDate> {
    let parts = |separator: char| -> Option<[&str; 3]> {
        let parts: Vec<&str> = text.split(separator).collect();
        parts.try_into().ok()
    };
    let is_year = |part: &str| part.len() == 4;
    let (year, month, day) = match (parts('/'), parts('-')) {
        (Some([day, month, year]), _) => (year, month, day),
        (None, Some([year, month, day])) if is_year(year) => (year, month, day),
        (None, Some([day, month, year])) if notation == Notation::SlashesOrDashes => {
            (year, month, day)
        }
        _ => return Err(InvalidDate::Notation),
    };
    let (month, day) = (short_number(month)?, short_number(day)?);
    if year.len() == 2 {
        return Err(InvalidDate::ShortYear(short_number(year)?.into()));
    }
    if !is_year(year) || !year.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(InvalidDate::Notation);
    }
    let year: i16 = year.parse().map_err(|_cause| InvalidDate::Notation)?;
    let index = usize::try_from(month).unwrap_or(0).checked_sub(1);
    let known = index.and_then(|index| MONTHS.get(index));
    let Some((name, days)) = known.copied() else {
        return Err(InvalidDate::Month(month));
    };
    if day == 0 {
        return Err(InvalidDate::DayZero);
    }
    if day > days {
        return Err(InvalidDate::Day { month: name, day });
    }
    // Of the days that are left, only 29 February may not exist.
    Date::new(year, month, day).map_err(|_cause| InvalidDate::LeapDay(year))
}

/// Parses a number of one or two digits.
fn short_number(text: &str) -> Result<i8, InvalidDate> {
    // `parse` alone would also accept a sign.
    let is_number = (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    let number = is_number.then(|| text.parse().ok()).flatten();
    number.ok_or(InvalidDate::Notation)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn dates_have_two_or_three_notations() {
        for text in ["01/04/2026", "1/4/2026", "2026-04-01"] {
            assert_eq!(
                parse(text, Notation::Slashes),
                Ok(date(2026, 4, 1)),
                "{text}"
            );
        }
        let dashed = |notation| parse("01-04-2026", notation);
        assert_eq!(dashed(Notation::SlashesOrDashes), Ok(date(2026, 4, 1)));
        assert_eq!(dashed(Notation::Slashes), Err(InvalidDate::Notation));
        assert_eq!(
            parse("29/02/2024", Notation::Slashes),
            Ok(date(2024, 2, 29))
        );
    }

    #[test]
    fn an_invalid_date_is_explained() {
        for (text, why) in [
            ("31/02/2026", "February has no day 31"),
            ("30/02/2026", "February has no day 30"),
            ("29/02/2026", "February 2026 has no day 29"),
            ("2026-02-29", "February 2026 has no day 29"),
            ("31-04-2026", "April has no day 31"),
            ("2026-06-31", "June has no day 31"),
            ("99/12/2026", "December has no day 99"),
            ("00/01/2026", "there is no day 0"),
            (
                "04/13/2026",
                "there is no month 13; expected DD/MM/YYYY or YYYY-MM-DD",
            ),
            (
                "01/00/2026",
                "there is no month 0; expected DD/MM/YYYY or YYYY-MM-DD",
            ),
            (
                "01/04/26",
                "the year 26 has two digits; expected four, as in DD/MM/YYYY",
            ),
            (
                "01-04-05",
                "the year 05 has two digits; expected four, as in DD/MM/YYYY",
            ),
        ] {
            let error = parse(text, Notation::SlashesOrDashes).unwrap_err();
            assert_eq!(error.to_string(), why, "{text}");
        }
        for text in [
            "",
            "2026",
            "01.04.2026",
            "+1/04/2026",
            "1/4/2026/",
            "01/04/-026",
            "01/04/202",
            "01/04/20266",
            "001/04/2026",
            "April 2026",
            "01/04-2026",
            "٠١/04/2026",
            " 01/04/2026",
        ] {
            let error = parse(text, Notation::SlashesOrDashes).unwrap_err();
            assert_eq!(error, InvalidDate::Notation, "{text}");
        }
    }
}
