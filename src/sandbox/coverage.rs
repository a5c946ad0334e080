//! Computes how much of a session's period an account's statements cover.

use crate::bankconnect::wire::Month;
use jiff::civil::Date;

/// Returns the months that the statements cover at least partly, in order and without duplicates.
pub(super) fn covered_months(periods: &[(Date, Date)]) -> Vec<Month> {
    let touched = periods
        .iter()
        .flat_map(|(from, to)| Month::all_in(*from, *to));
    let mut months: Vec<_> = touched.collect();
    months.sort_unstable();
    months.dedup();
    months
}

/// Returns the months of the session's period that no statement covers, not even partly.
pub(super) fn missing_months(session: (Date, Date), periods: &[(Date, Date)]) -> Vec<Month> {
    let covered = covered_months(periods);
    // The service's sample response counts a partly covered month as covered.
    let mut missing = Month::required_in(session.0, session.1);
    missing.retain(|month| !covered.contains(month));
    missing
}

/// Returns the ranges of days in the session's period that no statement covers.
pub(super) fn gaps(session: (Date, Date), periods: &[(Date, Date)]) -> Vec<(Date, Date)> {
    let mut periods = periods.to_vec();
    periods.sort_unstable();
    let (mut next, last) = session;
    let mut gaps = Vec::new();
    // Sorted by first day, so `next` is the first day that no earlier statement covers.
    for (from, to) in periods {
        if from > next && next <= last {
            let before = from.yesterday().unwrap_or(from);
            gaps.push((next, before.min(last)));
        }
        next = next.max(to.tomorrow().unwrap_or(to));
    }
    if next <= last {
        gaps.push((next, last));
    }
    gaps
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_partly_covered_month_is_not_missing() {
        // The example in the service's documentation.
        let session = (date(2023, 11, 1), date(2024, 4, 30));
        let periods = [(date(2023, 12, 1), date(2024, 3, 5))];
        let text = |months: Vec<Month>| -> Vec<_> { months.iter().map(Month::to_string).collect() };
        assert_eq!(
            text(covered_months(&periods)),
            ["2023-12", "2024-01", "2024-02", "2024-03"]
        );
        assert_eq!(
            text(missing_months(session, &periods)),
            ["2023-11", "2024-04"]
        );
        assert_eq!(
            gaps(session, &periods),
            [
                (date(2023, 11, 1), date(2023, 11, 30)),
                (date(2024, 3, 6), date(2024, 4, 30))
            ]
        );
    }

    #[test]
    fn a_last_month_that_ends_in_its_first_week_is_not_required() {
        let periods = [(date(2024, 1, 1), date(2024, 1, 31))];
        let missing = |last| missing_months((date(2024, 1, 1), last), &periods).len();
        assert_eq!(missing(date(2024, 2, 7)), 0);
        assert_eq!(missing(date(2024, 2, 8)), 1);
    }

    #[test]
    fn overlapping_statements_leave_no_gap() {
        let session = (date(2024, 1, 1), date(2024, 1, 31));
        let periods = [
            (date(2024, 1, 10), date(2024, 2, 29)),
            (date(2023, 12, 1), date(2024, 1, 9)),
        ];
        assert_eq!(gaps(session, &periods), []);
        assert_eq!(gaps(session, &[]), [session]);
    }
}
