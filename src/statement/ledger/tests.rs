//! Reads ledgers from lines of text.

use super::*;
use crate::pdf::PageText;
use crate::statement::page::tests::typed;

const HEADINGS: &str = "Date        Narration             Withdrawal      Deposit      Balance";

/// Reads pages in a typewriter face, with a printed period from 2024 on.
fn read(pages: &[&[&str]]) -> Ledger {
    let pages: Vec<PageText> = pages.iter().map(|lines| typed(lines)).collect();
    let mut reader = LedgerReader::new(pages.iter());
    for (index, page) in (0..).zip(&pages) {
        reader.add_page(index, page);
    }
    let period = DateRange {
        from: jiff::civil::date(2024, 1, 1),
        to: jiff::civil::date(2024, 12, 31),
    };
    reader.finish(pages.len() as u32, Some(period)).unwrap()
}

/// A page of a statement: headings and rows.
fn page<'r>(rows: &[&'r str]) -> Vec<&'r str> {
    [&[HEADINGS], rows].concat()
}

fn counts(ledger: &Ledger) -> [usize; 4] {
    [
        ledger.transactions,
        ledger.links,
        ledger.broken,
        ledger.unread,
    ]
}

/// Returns page, row and kind of all breaks.
fn breaks(ledger: &Ledger) -> Vec<(u32, u32, BreakKind)> {
    let breaks = ledger.breaks.iter();
    breaks
        .map(|found| (found.page, found.row, found.kind))
        .collect()
}

const ROWS: [&str; 6] = [
    "01/04/2024  UPI/one                 200.00                   800.00",
    "02/04/2024  NEFT/two                             1,000.00  1,800.00",
    "05/04/2024  UPI/three                50.00                 1,750.00",
    "            continued",
    "09/04/2024  ATM/four                750.00                 1,000.00",
    "12/04/2024  IMPS/five                              25.50   1,025.50",
];

#[test]
fn every_balance_follows_from_the_one_before() {
    let ledger = read(&[&page(&ROWS)]);
    assert_eq!(counts(&ledger), [5, 4, 0, 0]);
    assert_eq!((ledger.debits, ledger.credits), (3, 2));
    assert_eq!(ledger.opening, OpeningBalance::Derived);
    assert!(ledger.is_proven());
    let days = ledger.days.unwrap();
    assert_eq!(
        (days.from.to_string(), days.to.to_string()),
        ("2024-04-01".to_owned(), "2024-04-12".to_owned())
    );
}

#[test]
fn a_changed_amount_breaks_one_link_and_a_changed_balance_one_row() {
    let mut rows = page(&ROWS);
    rows[3] = "05/04/2024  UPI/three                80.00                 1,750.00";
    assert_eq!(breaks(&read(&[&rows])), [(1, 3, BreakKind::Amount)]);
    let mut rows = page(&ROWS);
    rows[3] = "05/04/2024  UPI/three                50.00                 1,780.00";
    let ledger = read(&[&rows]);
    assert_eq!(ledger.broken, 2);
    assert_eq!(breaks(&ledger), [(1, 3, BreakKind::Amount)]);
}

#[test]
fn rows_of_the_newest_day_can_be_printed_first() {
    let mut rows: Vec<&str> = ROWS.iter().rev().copied().collect();
    rows.retain(|row| row.starts_with('0') || row.starts_with('1'));
    let ledger = read(&[&page(&rows)]);
    assert_eq!(counts(&ledger), [5, 4, 0, 0]);
    assert_eq!(ledger.order, RowOrder::NewestFirst);
    rows.remove(2);
    assert_eq!(breaks(&read(&[&page(&rows)])), [(1, 2, BreakKind::Amount)]);
}

#[test]
fn two_rows_in_the_wrong_order_are_distinguished_from_a_wrong_amount() {
    let mut rows = page(&ROWS);
    rows.remove(4);
    rows.swap(3, 4);
    let ledger = read(&[&rows]);
    assert!(
        breaks(&ledger)
            .iter()
            .all(|found| found.2 == BreakKind::Order),
        "{ledger:?}"
    );
    assert!(ledger.broken >= 2);
}

#[test]
fn a_hole_in_the_page_numbers_shows_that_a_page_is_missing() {
    let first = page(&["Page 1 of 3", ROWS[0], ROWS[1], ROWS[2]]);
    let third = page(&["Page 3 of 3", ROWS[5]]);
    let ledger = read(&[&first, &third]);
    assert_eq!(ledger.page_numbers, PageNumbers::Missing);
    assert_eq!(breaks(&ledger), [(2, 1, BreakKind::Missing)]);
}

#[test]
fn a_balance_brought_forward_belongs_to_the_page_before() {
    let first = page(&[ROWS[0], ROWS[1], ROWS[2]]);
    let second = [
        "            Balance b/f                                    1,750.00",
        ROWS[4],
        ROWS[5],
    ];
    let ledger = read(&[&first, &page(&second)]);
    assert_eq!(counts(&ledger), [5, 5, 0, 0]);
    let third = [
        "            Balance b/f                                      950.00",
        "12/04/2024  IMPS/five                              25.50     975.50",
        "13/04/2024  IMPS/six                               25.50   1,001.00",
    ];
    let ledger = read(&[&first, &page(&third)]);
    assert_eq!(breaks(&ledger), [(2, 1, BreakKind::Missing)]);
}

#[test]
fn printed_totals_and_counts_are_compared_with_the_rows() {
    let total = |debits: &'static str| {
        let mut rows = page(&ROWS);
        rows.push(debits);
        read(&[&rows]).totals
    };
    assert_eq!(
        total("            Total              1,000.00     1,025.50"),
        Totals::Agree
    );
    assert_eq!(
        total("            Total              1,100.00     1,025.50"),
        Totals::Differ
    );
    let summary = |values| {
        let labels = "Opening Balance   Dr Count   Cr Count   Debits      Credits    Closing Bal";
        let mut rows = page(&ROWS);
        rows.extend(["Statement summary", labels, values]);
        read(&[&rows]).totals
    };
    let agreeing = "       1,000.00          3          2   1,000.00    1,025.50     1,025.50";
    assert_eq!(summary(agreeing), Totals::Agree);
    let differing = "      1,000.00          4          2   1,000.00    1,025.50     1,025.50";
    assert_eq!(summary(differing), Totals::Differ);
}

#[test]
fn amounts_of_one_column_have_their_side_behind_them() {
    let ledger = read(&[&[
        "Date        Narration                Amount            Balance",
        "01/04/2024  one                     200.00 Dr         800.00 Cr",
        "02/04/2024  two                   1,000.00 Cr       1,800.00 Cr",
        "03/04/2024  three                 2,000.00 Dr         200.00 Dr",
        "04/04/2024  four                     50.00 Dr         250.00 Dr",
    ]]);
    assert_eq!(counts(&ledger), [4, 3, 0, 0]);
    assert_eq!((ledger.debits, ledger.credits), (3, 1));
}

#[test]
fn the_differences_tell_columns_without_headings() {
    let rows: Vec<&str> = ROWS.to_vec();
    assert_eq!(counts(&read(&[&rows])), [5, 4, 0, 0]);
}

#[test]
fn amounts_can_be_on_the_line_below_the_date() {
    let ledger = read(&[&[
        "01-Apr-2024 T one",
        "            200.00      800.00Dr",
        "02-Apr-2024 T two",
        "            100.00      900.00Dr",
        "03-Apr-2024 T three",
        "             50.00      950.00Dr",
        "04-Apr-2024 T four",
        "             50.00    1,000.00Dr",
    ]]);
    assert_eq!(counts(&ledger), [4, 3, 0, 0]);
    assert!(ledger.days.is_some());
}

#[test]
fn dates_can_be_broken_over_two_lines_and_lack_the_year() {
    let wrapped = read(&[&[
        "Txn Date    Description           Debit        Credit      Balance",
        "2 Apr       one                  200.00                   800.00",
        "2024",
        "3 Apr       two                               100.00      900.00",
        "2024",
        "4 Apr       three                 50.00                   850.00",
        "2024",
        "5 Apr       four                  50.00                   800.00",
        "2024",
    ]]);
    assert_eq!(counts(&wrapped), [4, 3, 0, 0]);
    assert_eq!(wrapped.days.unwrap().to, jiff::civil::date(2024, 4, 5));
}

#[test]
fn a_balance_of_the_day_closes_a_link_over_several_rows() {
    let ledger = read(&[&page(&[
        "01/04/2024  one                     200.00                   800.00",
        "02/04/2024  two                      50.00",
        "            three                    25.00                   725.00",
        "03/04/2024  four                                 100.00      825.00",
        "04/04/2024  five                                 100.00      925.00",
    ])]);
    assert_eq!(counts(&ledger), [5, 3, 0, 0]);
}

#[test]
fn rows_printed_twice_count_once() {
    let rows = page(&[
        ROWS[0], ROWS[1], ROWS[2], ROWS[1], ROWS[2], ROWS[4], ROWS[5],
    ]);
    let ledger = read(&[&rows]);
    assert_eq!(counts(&ledger), [5, 4, 0, 0]);
}

#[test]
fn no_link_crosses_a_page_that_cannot_be_read() {
    let pages = [page(&ROWS[..3]), page(&ROWS[5..])].map(|lines| typed(&lines));
    let mut reader = LedgerReader::new(pages.iter());
    reader.add_page(0, &pages[0]);
    reader.skip_page(1);
    reader.add_page(2, &pages[1]);
    let ledger = reader.finish(3, None).unwrap();
    assert_eq!(counts(&ledger), [4, 2, 0, 0]);
}

#[test]
fn accounts_with_their_own_opening_balance_are_separate() {
    let second = [
        "            Opening Balance                                5,000.00",
        "03/04/2024  six                     100.00                 4,900.00",
        "04/04/2024  seven                   100.00                 4,800.00",
    ];
    let rows = page(&[&ROWS[..], &second[..]].concat());
    let ledger = read(&[&rows]);
    assert_eq!(ledger.accounts, 2);
    assert_eq!(counts(&ledger), [7, 6, 0, 0]);
}

#[test]
fn numbers_outside_of_the_table_are_not_rows() {
    let mut first = vec![
        "Account summary",
        "Balance as on date                  77,777.00",
    ];
    first.extend(page(&ROWS));
    first.push("                                                      Page      7");
    let ledger = read(&[
        &first,
        &["Terms: a fee of 500.00 applies", "from 01/04/2024"],
    ]);
    assert_eq!(counts(&ledger), [5, 4, 0, 0]);
}

#[test]
fn a_table_of_a_million_columns_costs_bounded_time() {
    let words: Vec<String> = (0..2000).map(|number| format!("{number}.00")).collect();
    let line = words.join("  ");
    let lines: Vec<&str> = vec![&line; 60];
    let pages = typed(&lines);
    let mut reader = LedgerReader::new(std::iter::once(&pages));
    reader.add_page(0, &pages);
    let ledger = reader.finish(1, None);
    assert!(ledger.is_none_or(|ledger| !ledger.is_proven()));
}
