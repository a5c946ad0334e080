//! Calendar months, as the service counts coverage in them.

use jiff::civil::Date;
use serde::{Serialize, Serializer};
use std::fmt;

/// Days at the beginning of a month that do not count when a session's period ends in them
/// (Session API, period rules).
const FIRST_WEEK: i8 = 7;

/// A month of a year; `2024-04` on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Month {
    year: i16,
    month: i8,
}

impl Month {
    /// The month that a day lies in.
    pub fn of(date: Date) -> Self {
        Self {
            year: date.year(),
            month: date.month(),
        }
    }

    /// Reads `YYYY-MM`; `None` for anything else.
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

    /// The months that a period touches, both ends included; none where it ends before it begins.
    pub fn all_in(from: Date, to: Date) -> Vec<Self> {
        let last = Self::of(to);
        std::iter::successors(Some(Self::of(from)), |month| Some(month.next()))
            .take_while(|month| *month <= last)
            .collect()
    }

    /// The months that statements of a session's period are wanted of.
    ///
    /// A last month of which the period holds the first week only is not considered.
    pub fn required_in(from: Date, to: Date) -> Vec<Self> {
        let mut months = Self::all_in(from, to);
        if to.day() <= FIRST_WEEK && months.len() > 1 {
            months.pop();
        }
        months
    }

    /// Its first day; `None` for a year beyond the calendar.
    pub fn first_day(self) -> Option<Date> {
        Date::new(self.year, self.month, 1).ok()
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
    fn months_are_read_and_written_alike() {
        assert_eq!(Month::parse("2024-04").unwrap().to_string(), "2024-04");
        for wrong in ["2024-13", "2024-0", "24-04", "2024/04", "+024-04", ""] {
            assert_eq!(Month::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_period_touches_partly_covered_months_too() {
        let touched = Month::all_in(date(2023, 12, 1), date(2024, 3, 5));
        let touched: Vec<_> = touched.iter().map(Month::to_string).collect();
        assert_eq!(touched, ["2023-12", "2024-01", "2024-02", "2024-03"]);
        assert_eq!(Month::all_in(date(2024, 2, 1), date(2024, 1, 1)), []);
    }
}
