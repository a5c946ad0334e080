//! The months of a range that the statements of one account cover.
//!
//! The service requires every month of its range. If the range ends in the first week of its last
//! month, that month is not required (API sections 2.1 and 4.2).

use super::month::Month;
use super::period::{DateRange, Period};
use jiff::civil::Date;

/// The part of a month that statements cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MonthCoverage {
    /// Every day of the month that is in the range.
    Full,
    /// Some of these days.
    Partial,
    /// None of these days.
    Missing,
}

/// Returns every month that a range requires, with the part that the periods cover together.
///
/// The days before the account was opened are not required, nor are months without later ones.
pub fn months(
    periods: &[Period],
    range: DateRange,
    opened: Option<Date>,
) -> Vec<(Month, MonthCoverage)> {
    // A period that begins before the account was opened contradicts that day.
    let opened = opened.filter(|day| periods.iter().all(|period| period.from >= *day));
    let first = opened.map_or(range.from, |day| day.max(range.from));
    let range_in_account = DateRange {
        from: first,
        to: range.to,
    };
    let required = Month::required_in(range.from, range.to).into_iter();
    required
        .filter(|month| *month >= Month::of(first))
        .filter_map(|month| Some((month, coverage(month, periods, range_in_account)?)))
        .collect()
}

fn coverage(month: Month, periods: &[Period], range: DateRange) -> Option<MonthCoverage> {
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
    let first_is_covered = is_covered(from);
    Some(if !days.all(|day| is_covered(day) == first_is_covered) {
        MonthCoverage::Partial
    } else if first_is_covered {
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
        check_opened(&periods, range, None, expected);
    }

    fn check_opened(periods: &[Period], range: DateRange, opened: Option<Date>, expected: &str) {
        let found: Vec<_> = months(periods, range, opened)
            .into_iter()
            .map(|(month, coverage)| format!("{month} {coverage:?}"))
            .collect();
        assert_eq!(found.join(", "), expected);
    }

    #[test]
    fn months_are_full_partial_or_missing() {
        check(
            &[("2024-04-01", "2024-04-30"), ("2024-06-10", "2024-06-30")],
            ("2024-04-01", "2024-06-30"),
            "2024-04 Full, 2024-05 Missing, 2024-06 Partial",
        );
    }

    #[test]
    fn several_files_together_cover_a_month() {
        check(
            &[("2023-12-01", "2024-01-15"), ("2024-01-16", "2024-02-29")],
            ("2023-12-10", "2024-01-31"),
            "2023-12 Full, 2024-01 Full",
        );
    }

    #[test]
    fn a_last_month_with_only_its_first_week_is_not_required() {
        check(&[], ("2024-04-01", "2024-05-07"), "2024-04 Missing");
        check(
            &[],
            ("2024-04-01", "2024-05-08"),
            "2024-04 Missing, 2024-05 Missing",
        );
        check(&[], ("2024-05-02", "2024-05-06"), "2024-05 Missing");
    }

    #[test]
    fn months_before_the_account_was_opened_are_not_required() {
        let date = |text: &str| text.parse::<Date>().unwrap();
        let period = |from, to| Period {
            from: date(from),
            to: date(to),
            source: PeriodSource::Printed,
        };
        let range = DateRange {
            from: date("2024-01-01"),
            to: date("2024-04-30"),
        };
        let opened = Some(date("2024-03-10"));
        let periods = [period("2024-03-10", "2024-04-30")];
        check_opened(&periods, range, opened, "2024-03 Full, 2024-04 Full");
        let earlier = [period("2024-02-01", "2024-02-29")];
        let expected = "2024-01 Missing, 2024-02 Full, 2024-03 Missing, 2024-04 Missing";
        check_opened(&earlier, range, opened, expected);
    }
}
