//! Which months and days of a session's period an account's statements cover.

use crate::bankconnect::wire::Month;
use jiff::civil::Date;

/// Months that the statements touch, in order. Partly covered months count.
pub(super) fn months(periods: &[(Date, Date)]) -> Vec<Month> {
    let touched = periods
        .iter()
        .flat_map(|(from, to)| Month::touched(*from, *to));
    let mut months: Vec<_> = touched.collect();
    months.sort_unstable();
    months.dedup();
    months
}

/// Months of the session's period that no statement touches.
pub(super) fn missing(session: (Date, Date), periods: &[(Date, Date)]) -> Vec<Month> {
    let covered = months(periods);
    let mut wanted = Month::wanted(session.0, session.1);
    wanted.retain(|month| !covered.contains(month));
    wanted
}

/// Stretches of days of the session's period that no statement covers.
pub(super) fn gaps(session: (Date, Date), periods: &[(Date, Date)]) -> Vec<(Date, Date)> {
    let mut periods = periods.to_vec();
    periods.sort_unstable();
    let (mut next, last) = session;
    let mut gaps = Vec::new();
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
        // The example of the documentation.
        let session = (date(2023, 11, 1), date(2024, 4, 30));
        let periods = [(date(2023, 12, 1), date(2024, 3, 5))];
        let text = |months: Vec<Month>| -> Vec<_> { months.iter().map(Month::to_string).collect() };
        assert_eq!(
            text(months(&periods)),
            ["2023-12", "2024-01", "2024-02", "2024-03"]
        );
        assert_eq!(text(missing(session, &periods)), ["2023-11", "2024-04"]);
        assert_eq!(
            gaps(session, &periods),
            [
                (date(2023, 11, 1), date(2023, 11, 30)),
                (date(2024, 3, 6), date(2024, 4, 30))
            ]
        );
    }

    #[test]
    fn a_period_that_ends_in_a_first_week_does_not_want_that_month() {
        let periods = [(date(2024, 1, 1), date(2024, 1, 31))];
        let missing = |last| missing((date(2024, 1, 1), last), &periods).len();
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
