//! Calendar months. The service counts coverage in months.

use jiff::civil::Date;
use serde::{Serialize, Serializer};
use std::fmt;

/// The last month of a session's period is not required if the period ends on or before this day
/// (Session API, period rules).
const LAST_DAY_OF_FIRST_WEEK: i8 = 7;

/// A month of a year, serialized as `2024-04`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Month {
    year: i16,
    month: i8,
}

impl Month {
    /// Returns the month that contains a day.
    pub fn of(date: Date) -> Self {
        Self {
            year: date.year(),
            month: date.month(),
        }
    }

    /// Parses `YYYY-MM`; `None` for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        let (year, month) = text.split_once('-')?;
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        if year.len() != 4 || month.len() != 2 || !digits(year) || !digits(month) {
            return None;
        }
        let month = month
            .parse()
            .ok()
            .filter(|month| (1..=12).contains(month))?;
        Some(Self {
            year: year.parse().ok()?,
            month,
        })
    }

    /// Returns all months with at least one day in a period, both ends included; none if it ends
    /// before it begins.
    pub fn all_in(from: Date, to: Date) -> Vec<Self> {
        let last = Self::of(to);
        std::iter::successors(Some(Self::of(from)), |month| Some(month.next()))
            .take_while(|month| *month <= last)
            .collect()
    }

    /// Returns the months for which a session's period requires statements.
    ///
    /// If the period ends in the first week of its last month, that month is not required.
    pub fn required_in(from: Date, to: Date) -> Vec<Self> {
        let mut months = Self::all_in(from, to);
        if Self::ignored_at_end(to).is_some() && months.len() > 1 {
            months.pop();
        }
        months
    }

    /// Returns the last month of a session's period if the service does not consider it, because
    /// the period ends in the month's first week.
    pub fn ignored_at_end(to: Date) -> Option<Self> {
        (to.day() <= LAST_DAY_OF_FIRST_WEEK).then(|| Self::of(to))
    }

    /// Returns the first day of the month; `None` for a year outside of the calendar.
    pub fn first_day(self) -> Option<Date> {
        Date::new(self.year, self.month, 1).ok()
    }

    /// Formats the month for a reader: `March 2024`.
    pub fn in_words(self) -> String {
        self.format("%B %Y")
    }

    /// Formats the month for a reader, with the first letters of its name: `Mar 2024`.
    pub fn short(self) -> String {
        self.format("%b %Y")
    }

    fn format(self, format: &str) -> String {
        self.first_day()
            .map_or_else(|| self.to_string(), |day| day.strftime(format).to_string())
    }

    fn next(self) -> Self {
        if self.month == 12 {
            Self {
                year: self.year.saturating_add(1),
                month: 1,
            }
        } else {
            Self {
                year: self.year,
                month: self.month + 1,
            }
        }
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl Serialize for Month {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn months_are_parsed_and_formatted() {
        assert_eq!(Month::parse("2024-04").unwrap().to_string(), "2024-04");
        for invalid in ["2024-13", "2024-0", "24-04", "2024/04", "+024-04", ""] {
            assert_eq!(Month::parse(invalid), None, "{invalid}");
        }
    }

    #[test]
    fn a_period_that_ends_in_the_first_week_does_not_require_its_last_month() {
        let ignored = |day| Month::ignored_at_end(date(2024, 3, day)).map(|m| m.to_string());
        assert_eq!(ignored(1).as_deref(), Some("2024-03"));
        assert_eq!(ignored(7).as_deref(), Some("2024-03"));
        assert_eq!(ignored(8), None);
    }

    #[test]
    fn months_are_written_in_words() {
        let month = Month::of(date(2024, 3, 31));
        assert_eq!(month.in_words(), "March 2024");
        assert_eq!(month.short(), "Mar 2024");
    }

    #[test]
    fn all_in_includes_partly_covered_months() {
        let months = Month::all_in(date(2023, 12, 1), date(2024, 3, 5));
        let months: Vec<_> = months.iter().map(Month::to_string).collect();
        assert_eq!(months, ["2023-12", "2024-01", "2024-02", "2024-03"]);
        assert_eq!(Month::all_in(date(2024, 2, 1), date(2024, 1, 1)), []);
    }
}
