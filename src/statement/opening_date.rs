//! Finds the day on which the account was opened, if the statement prints it.
//!
//! Months before that day can't be missing. A wrong day would hide missing months, so only a date
//! directly after an explicit label counts, or below it in the same column.

use super::dates::{self, DateOrder};
use super::page::{self, Page, TextLine};
use jiff::civil::Date;

/// Labels of the day, in lower case.
const LABELS: [&str; 8] = [
    "open date",
    "opening date",
    "opened on",
    "opened date",
    "date of opening",
    "date of account opening",
    "date of a/c opening",
    "account opened",
];
/// Characters between a label and its value.
const MAX_GAP: usize = 8;
/// Lines below a label that can contain the value of its column.
const ROWS_BELOW: usize = 1;
/// Points by which the value of a column may be shifted from its label.
const COLUMN_SHIFT: f32 = 10.0;

/// Finds the day in the lines around the table of the first page.
pub(super) fn find(pages: &[Page], order: DateOrder) -> Option<Date> {
    let lines: Vec<&TextLine> = pages.first()?.around_table().collect();
    (0..lines.len()).find_map(|index| date_at(&lines, index, order))
}

fn date_at(lines: &[&TextLine], index: usize, order: DateOrder) -> Option<Date> {
    let line = lines.get(index)?;
    let end = LABELS
        .iter()
        .find_map(|label| Some(line.text.find(label)? + label.len()))?;
    if let Some(found) = dates::find(line.text.get(end..)?, order).next()
        && found.range.start <= MAX_GAP
    {
        return Some(found.date);
    }
    let column = line.cells.iter().find(|cell| cell.range.end >= end)?;
    let below = page::below(lines, index, column, ROWS_BELOW, COLUMN_SHIFT);
    below
        .filter_map(|text| dates::find(text, order).next())
        .find(|found| found.range.start == 0)
        .map(|found| found.date)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statement::page::tests::typed;
    use jiff::civil::date;

    fn check(lines: &[&str], expected: Option<Date>) {
        let page = typed(lines);
        let found = find(&[Page::new(&page)], DateOrder::DayFirst);
        assert_eq!(found, expected, "{lines:?}");
    }

    #[test]
    fn the_day_follows_an_explicit_label() {
        let day = Some(date(2024, 5, 20));
        check(&["A/C Open Date : 20/05/2024"], day);
        check(&["Account Opening Date 20-May-2024"], day);
        check(&["Date of Opening: 20/05/2024"], day);
        check(&["Name : A", "Account opened on 20/05/2024"], day);
    }

    #[test]
    fn other_dates_are_not_the_day_of_opening() {
        check(&["Opening Balance 20/05/2024"], None);
        check(&["Statement from 01/04/2024 to 30/06/2024"], None);
        check(
            &["Account open date: see passbook, printed 20/05/2024"],
            None,
        );
    }
}
