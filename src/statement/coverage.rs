//! Which months of a range the statements of one account cover.
//!
//! The service asks for every month of its range, but for the last one where the range ends within
//! that month's first week (API sections 2.1 and 4.2).

use super::month::Month;
use super::period::{DateRange, Period};
use jiff::civil::Date;

/// How much of a month statements cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MonthCoverage {
    /// Every day that is asked for.
    Full,
    /// Some days.
    Partial,
    /// No day.
    Missing,
}

/// Every month that a range asks for, and how much of it the periods cover together.
pub fn months(periods: &[Period], range: DateRange) -> Vec<(Month, MonthCoverage)> {
    let wanted = Month::required_in(range.from, range.to).into_iter();
    wanted
        .filter_map(|month| Some((month, cover(month, periods, range)?)))
        .collect()
}

fn cover(month: Month, periods: &[Period], range: DateRange) -> Option<MonthCoverage> {
    let first = month.first_day()?;
    let from = first.max(range.from);
    let to = first.last_of_month().min(range.to);
    let mut days = from
        .series(jiff::Span::new().days(1))
        .take_while(|day| *day <= to);
    let is_covered = |day: Date| {
        let mut periods = periods.iter();
        periods.any(|period| period.from <= day && day <= period.to)
    };
    let start = is_covered(from);
    Some(if !days.all(|day| is_covered(day) == start) {
        MonthCoverage::Partial
    } else if start {
        MonthCoverage::Full
    } else {
        MonthCoverage::Missing
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statement::PeriodSource;

    fn check(periods: &[(&str, &str)], range: (&str, &str), expected: &str) {
        let date = |text: &str| text.parse::<Date>().unwrap();
        let periods: Vec<_> = periods
            .iter()
            .map(|(from, to)| Period {
                from: date(from),
                to: date(to),
                source: PeriodSource::Printed,
            })
            .collect();
        let range = DateRange {
            from: date(range.0),
            to: date(range.1),
        };
        let shown: Vec<_> = months(&periods, range)
            .into_iter()
            .map(|(month, cover)| format!("{month} {cover:?}"))
            .collect();
        assert_eq!(shown.join(", "), expected);
    }

    #[test]
    fn months_are_whole_in_part_or_missing() {
        check(
            &[("2024-04-01", "2024-04-30"), ("2024-06-10", "2024-06-30")],
            ("2024-04-01", "2024-06-30"),
            "2024-04 Whole, 2024-05 Missing, 2024-06 Part",
        );
    }

    #[test]
    fn files_cover_a_month_together() {
        check(
            &[("2023-12-01", "2024-01-15"), ("2024-01-16", "2024-02-29")],
            ("2023-12-10", "2024-01-31"),
            "2023-12 Whole, 2024-01 Whole",
        );
    }

    #[test]
    fn a_month_of_which_only_the_first_week_is_asked_for_does_not_count() {
        check(&[], ("2024-04-01", "2024-05-07"), "2024-04 Missing");
        check(
            &[],
            ("2024-04-01", "2024-05-08"),
            "2024-04 Missing, 2024-05 Missing",
        );
        check(&[], ("2024-05-02", "2024-05-06"), "2024-05 Missing");
    }
}
