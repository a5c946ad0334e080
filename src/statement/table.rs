//! Finds the transaction table of a page: the column headings, and lines with a date at the start
//! and an amount.

use super::dates::{self, DateOrder};
use super::page::{Cell, Page, TextLine, Zone};
use jiff::civil::Date;

/// Rows that form a table even without headings.
const MIN_ROWS_WITHOUT_HEADINGS: usize = 2;
/// Words in the headings of a table.
const MAX_HEADING_WORDS: usize = 30;
/// Lines that headings can span.
const MAX_HEADING_LINES: usize = 3;
/// Digits of the largest amount, without its decimals.
const MAX_AMOUNT_DIGITS: usize = 13;
/// A larger gap below a line ends its row, in multiples of the line's size.
const MAX_ROW_GAP: f32 = 2.4;
/// Cells whose left ends are closer than this, in points, are in one column.
const SAME_COLUMN: f32 = 3.0;
/// Amounts on a line of transactions: a debit or credit, and the balance.
const ROW_AMOUNTS: usize = 2;

/// The kinds of columns that the headings of a table name.
#[expect(
    clippy::struct_excessive_bools,
    reason = "a set of columns, each present or not"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Columns {
    pub(super) date: bool,
    pub(super) text: bool,
    pub(super) debit: bool,
    pub(super) credit: bool,
    pub(super) amount: bool,
    pub(super) balance: bool,
}

/// One transaction.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    pub(super) date: Date,
    /// In hundredths of the currency unit, from left to right; negative if marked as debit.
    pub(super) amounts: Vec<i64>,
}

/// The table of one page.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Table {
    pub(super) columns: Columns,
    /// The headings in lower case: their first line, their first two lines, and so on, because the
    /// last line of the headings is not known. Empty if there are none.
    pub(super) headings: Vec<String>,
    /// From top to bottom.
    pub(super) rows: Vec<Row>,
}

impl Columns {
    /// Parses the headings of a table; `None` if the text is not one.
    fn parse(text: &str) -> Option<Self> {
        let mut columns = Self::default();
        let (mut known, mut all) = (0, 0);
        for word in super::page::words(text) {
            all += 1;
            known += usize::from(columns.add_word(word));
        }
        // Running text contains words such as "date" and "balance", too.
        let is_headings = all <= MAX_HEADING_WORDS && known * 5 >= all * 3;
        is_headings.then_some(columns)
    }

    /// Adds the column that a word names. Returns whether the word is usual in headings.
    fn add_word(&mut self, word: &str) -> bool {
        match word {
            "date" | "dt" | "dated" => self.date = true,
            "particulars" | "particular" | "description" | "narration" | "details" | "remarks"
            | "transaction" | "transactions" | "detail" | "naration" => self.text = true,
            "withdrawal" | "withdrawals" | "debit" | "debits" | "dr" | "withdraw" | "payments"
            | "paid" | "out" | "outflow" => self.debit = true,
            "deposit" | "deposits" | "credit" | "credits" | "cr" | "receipts" | "inflow" => {
                self.credit = true;
            }
            "amount" | "amt" | "amounts" => self.amount = true,
            "balance" | "bal" | "balances" => self.balance = true,
            "txn" | "tran" | "trans" | "value" | "val" | "post" | "posting" | "no" | "nos"
            | "sl" | "s" | "sr" | "sno" | "serial" | "number" | "num" | "chq" | "cheque" | "ch"
            | "ref" | "reference" | "instrument" | "instr" | "instrmnt" | "id" | "type"
            | "mode" | "branch" | "br" | "init" | "code" | "inr" | "rs" | "in" | "of" | "the"
            | "and" | "running" | "closing" | "available" | "ledger" | "time" | "utr"
            | "channel" | "category" | "sol" | "teller" | "entry" | "book" | "currency" | "brn"
            | "line" | "indicator" => {}
            _ => return false,
        }
        true
    }

    /// Returns the number of columns with amounts of money.
    fn money_columns(self) -> usize {
        [self.debit, self.credit, self.amount, self.balance]
            .iter()
            .filter(|column| **column)
            .count()
    }

    fn are_transactions(self) -> bool {
        self.money_columns() >= 2 && (self.date || self.text)
            || self.money_columns() == 1 && self.date && self.text
    }

    /// Returns the columns of both sets.
    pub(super) fn union(self, other: Self) -> Self {
        Self {
            date: self.date || other.date,
            text: self.text || other.text,
            debit: self.debit || other.debit,
            credit: self.credit || other.credit,
            amount: self.amount || other.amount,
            balance: self.balance || other.balance,
        }
    }

    /// Returns whether the columns are those of an account ledger: dates, amounts and running
    /// balance.
    pub(super) fn are_ledger(self) -> bool {
        self.balance && self.money_columns() >= 2 && (self.date || self.text)
    }
}

/// Finds the table of a page and sets the zone of every line.
pub(super) fn find(page: &mut Page, order: DateOrder) -> Table {
    let mut table = Table::default();
    let mut first = None;
    let mut last = None;
    let mut index = 0;
    while let Some(line) = page.lines.get(index) {
        // Rows above the headings belong to a summary.
        if table.headings.is_empty()
            && table.rows.len() < MIN_ROWS_WITHOUT_HEADINGS
            && let Some(headings) = find_headings(&page.lines, index)
        {
            table.rows.clear();
            first = Some(index);
            last = Some(index + headings.line_count - 1);
            table.columns = headings.columns;
            table.headings = headings.texts;
            index += headings.line_count;
            continue;
        }
        if let Some(row) = parse_row(line, order, first.is_some()) {
            first.get_or_insert(index);
            last = Some(index);
            table.rows.push(row);
        } else if table.columns.are_transactions() && has_date_and_amount(line, order) {
            // A row in an unknown format. Below headings it is not text of the issuer.
            last = Some(index);
        }
        index += 1;
    }
    if table.headings.is_empty()
        && let Some(above) = first.and_then(|row| row.checked_sub(1))
    {
        // The line above the rows can show that this is another kind of document.
        let headings = page.lines.get(above).map(|line| line.text.clone());
        table.headings.extend(headings);
    }
    if table.columns.are_transactions() && table.rows.is_empty() {
        // Dates that touch their neighbours can't be read.
        let is_row = |line: &TextLine| amounts(&line.text).len() >= ROW_AMOUNTS;
        last = last.max(page.lines.iter().rposition(is_row));
    }
    let is_table =
        table.columns.are_transactions() || table.rows.len() >= MIN_ROWS_WITHOUT_HEADINGS;
    if let (Some(first), Some(last), true) = (first, last, is_table) {
        let last = last_line_of_row(&page.lines, last);
        for (index, line) in page.lines.iter_mut().enumerate() {
            line.zone = match index {
                _ if index < first => Zone::Head,
                _ if index <= last => Zone::Table,
                _ => Zone::Foot,
            };
        }
    } else {
        table.rows.clear();
    }
    table
}

/// Column headings at a line.
struct Headings {
    columns: Columns,
    /// As in [`Table::headings`].
    texts: Vec<String>,
    line_count: usize,
}

/// Finds the column headings that begin on a line.
fn find_headings(lines: &[TextLine], from: usize) -> Option<Headings> {
    let mut text = String::new();
    let mut texts: Vec<String> = Vec::new();
    let mut best: Option<(Columns, usize)> = None;
    for (count, line) in lines.iter().skip(from).take(MAX_HEADING_LINES).enumerate() {
        // Headings have no numbers, except for a footnote or a column number.
        if line.text.bytes().filter(u8::is_ascii_digit).count() > 1 {
            break;
        }
        if !text.is_empty() {
            text.push_str("  ");
        }
        text.push_str(&line.text);
        let Some(columns) = Columns::parse(&text) else {
            break;
        };
        texts.push(text.clone());
        let is_better = best.is_none_or(|(known, _)| {
            columns.money_columns() > known.money_columns() || columns.date && !known.date
        });
        if columns.are_transactions() && is_better {
            best = Some((columns, count + 1));
        }
    }
    best.map(|(columns, line_count)| Headings {
        columns,
        texts,
        line_count,
    })
}

/// Parses a line with a date at the start and an amount after it.
///
/// Below headings, a transaction number can precede the date.
fn parse_row(line: &TextLine, order: DateOrder, below_headings: bool) -> Option<Row> {
    let found = dates::of_row(&line.text, order, below_headings)?;
    let after = line.text.get(found.range.end..)?;
    let amounts = amounts(after);
    (!amounts.is_empty()).then_some(Row {
        date: found.date,
        amounts,
    })
}

fn has_date_and_amount(line: &TextLine, order: DateOrder) -> bool {
    !amounts(&line.text).is_empty() && dates::find(&line.text, order).next().is_some()
}

/// Parses the amounts of money in a text, in hundredths of the currency unit.
fn amounts(text: &str) -> Vec<i64> {
    let mut amounts: Vec<i64> = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        if let Some(amount) = parse_amount(word) {
            amounts.push(amount);
        } else if matches!(word.trim_matches(['(', ')', '.']), "dr" | "debit")
            && let Some(last) = amounts.last_mut()
        {
            *last = -last.abs();
        }
    }
    amounts
}

/// Parses an amount with two decimals or with grouped digits, in hundredths.
///
/// Examples: `1,234.00`, `₹1,234.00cr`, `-12.50`, `(12.50)`, `1,23,456`.
fn parse_amount(word: &str) -> Option<i64> {
    let has = |is_match: fn(&u8) -> bool| word.as_bytes().iter().any(is_match);
    if !has(|byte| matches!(byte, b'.' | b',')) || !has(u8::is_ascii_digit) {
        return None;
    }
    let bare = word.strip_prefix("rs.").unwrap_or(word);
    let bare = bare.strip_prefix("inr").unwrap_or(bare);
    // Parentheses and the suffix "dr" mark a debit.
    let negative = bare.starts_with(['-', '(']) || bare.trim_end_matches(')').ends_with("dr");
    let bare = bare
        .trim_start_matches(['-', '+', '(', '₹', '$', '£', '€'])
        .trim_end_matches(')');
    let bare = ["cr", "dr"]
        .iter()
        .fold(bare, |bare, suffix| trim_suffixes(bare, suffix));
    let bare = bare.trim_end_matches('(');
    let (whole, hundredths) = match bare.rsplit_once('.') {
        Some((whole, decimals)) if decimals.len() == 2 => (whole, decimals.parse::<u8>().ok()?),
        None if bare.contains(',') => (bare, 0),
        // Without decimals and without grouping, a number can be anything.
        _ => return None,
    };
    let whole = match parse_whole_units(whole)? {
        (0, _) if !bare.starts_with('.') => return None,
        (_, units) => units,
    };
    let amount = whole * 100 + i64::from(hundredths);
    Some(if negative { -amount } else { amount })
}

/// Removes all repetitions of a suffix.
fn trim_suffixes<'t>(mut text: &'t str, suffix: &str) -> &'t str {
    while let Some(rest) = text.strip_suffix(suffix) {
        text = rest;
    }
    text
}

/// Returns the number of digits and the value of a number with commas at any position.
fn parse_whole_units(text: &str) -> Option<(usize, i64)> {
    let (mut digits, mut value) = (0, 0);
    for byte in text.bytes().filter(|byte| *byte != b',') {
        digits += 1;
        if !byte.is_ascii_digit() || digits > MAX_AMOUNT_DIGITS {
            return None;
        }
        value = value * 10 + i64::from(byte - b'0');
    }
    Some((digits, value))
}

/// Finds the last line of a row, whose narration can continue on the lines below in its own column.
fn last_line_of_row(lines: &[TextLine], row: usize) -> usize {
    let Some(start) = lines.get(row) else {
        return row;
    };
    let amounts_begin = start
        .cells
        .iter()
        .skip(1)
        .find(|cell| {
            start
                .cell(cell)
                .split(' ')
                .any(|word| parse_amount(word).is_some())
        })
        .map_or(f32::INFINITY, |cell| cell.x0);
    let mut last = row;
    for (index, line) in lines.iter().enumerate().skip(row + 1) {
        let above = lines.get(last).map_or(line.y, |line| line.y);
        // If a cell is full, an amount next to it looks like a part of it. A line that continues it
        // can begin with the space at which it was broken.
        let is_aligned = |cell: &Cell| {
            let shift = line.x0() - cell.x0;
            (-SAME_COLUMN..=start.size).contains(&shift)
        };
        let in_column = line.x0() > start.x0() + start.size
            && (line.x1() <= amounts_begin || start.cells.iter().any(is_aligned));
        // Text of the issuer below the table begins at the left margin or below a gap.
        if !in_column || line.y - above > MAX_ROW_GAP * start.size {
            break;
        }
        last = index;
    }
    last
}

/// The result of [`check_running_balance`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BalanceCheck {
    /// Pairs of rows that have a balance and an amount each.
    pub(super) checked: usize,
    /// Pairs of rows whose balances differ by an amount of one of them.
    pub(super) correct: usize,
}

/// Checks whether the last amount of each row follows from that of the row before.
pub(super) fn check_running_balance(rows: &[Row]) -> BalanceCheck {
    let mut checked = 0;
    let mut correct = 0;
    for pair in rows.windows(2) {
        let [above, below] = pair else { continue };
        let (Some((before, first)), Some((after, second))) =
            (above.amounts.split_last(), below.amounts.split_last())
        else {
            continue;
        };
        // A single number in a row is an amount or a balance, but which one is not known.
        if first.is_empty() || second.is_empty() {
            continue;
        }
        checked += 1;
        let difference = (after - before).abs();
        let explains = |amount: &i64| amount.abs() == difference;
        // If the newest row is printed first, the difference is the amount of the row above.
        let is_correct = second.iter().any(explains) || first.iter().any(explains);
        correct += usize::from(difference > 0 && is_correct);
    }
    BalanceCheck { checked, correct }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statement::page::tests::typed;

    fn zones(lines: &[&str]) -> (Table, String) {
        let mut page = Page::new(&typed(lines));
        let table = find(&mut page, DateOrder::DayFirst);
        let letter = |line: &TextLine| match line.zone {
            Zone::Head => 'h',
            Zone::Table => 't',
            Zone::Foot => 'f',
        };
        (table, page.lines.iter().map(letter).collect())
    }

    #[test]
    fn the_table_extends_from_the_headings_to_the_end_of_the_last_row() {
        let (table, zones) = zones(&[
            "Some Bank",
            "Statement from 01/04/2024 to 30/06/2024",
            "Date        Narration               Withdrawal    Deposit     Balance",
            "01/04/2024  UPI/someone/payment       1,200.00               8,800.00",
            "            continued",
            "02/04/2024  NEFT-HDFC0001234-SALARY              50,000.00  58,800.00",
            "            STATE BANK OF INDIA",
            "Registered office: Some Bank House",
        ]);
        assert_eq!(zones, "hhtttttf");
        assert!(table.columns.are_ledger());
        assert_eq!(table.rows.len(), 2);
        assert_eq!(table.rows[1].amounts, [5_000_000, 5_880_000]);
        let expected = BalanceCheck {
            checked: 1,
            correct: 1,
        };
        assert_eq!(check_running_balance(&table.rows), expected);
    }

    #[test]
    fn the_last_row_continues_below_its_narration_in_any_order_of_the_columns() {
        let (_, full) = zones(&[
            "Date        Narration               Withdrawal    Deposit     Balance",
            "01/04/2024  CHQ PAID STATE BANK OF INDIA KOCHI 100.00          900.00",
            "             STATE BANK OF INDIA KOCHI MAIN ROAD",
            "Registered office: Some Bank House",
        ]);
        assert_eq!(full, "tttf");
        let (_, moved) = zones(&[
            "Date        Withdrawal  Narration                    Deposit     Balance",
            "01/04/2024  100.00      CHQ PAID STATE                            900.00",
            "                        BANK OF INDIA KOCHI",
            "        Registered office: Some Bank House",
        ]);
        assert_eq!(moved, "tttf");
    }

    #[test]
    fn rows_whose_dates_touch_belong_to_the_table() {
        let (_, zones) = zones(&[
            "Date        Value Date  Narration     Withdrawal    Deposit     Balance",
            "15-MAY-202415-MAY-2024  CHQ PAID HDFC     100.00                 900.00",
            "                        BANK LTD",
            "16-MAY-202416-MAY-2024  ATM               100.00                 800.00",
            "Registered office: Some Bank House",
        ]);
        assert_eq!(zones, "ttttf");
    }

    #[test]
    fn rows_without_headings_form_a_table() {
        let (table, zones) = zones(&[
            "1  01-04-2024  by cash  100.00  1,100.00 Cr",
            "2  02-04-2024  to cash  200.00  900.00 Cr",
            "page 2",
        ]);
        assert_eq!((zones.as_str(), table.rows.len()), ("ttf", 2));
    }

    #[test]
    fn running_text_and_periods_do_not_form_a_table() {
        let (table, zones) = zones(&[
            "01/04/2024 to 30/06/2024",
            "The balance shown on the date above includes debit and credit entries that were made",
        ]);
        assert_eq!((zones.as_str(), table.rows.len()), ("hh", 0));
    }

    #[test]
    fn amounts_are_distinguished_from_other_numbers() {
        let check = |word, expected| assert_eq!(parse_amount(word), expected, "{word}");
        check("1,23,456.70", Some(12_345_670));
        check("₹500.00", Some(50_000));
        check("12.50cr", Some(1250));
        check("(12.50)", Some(-1250));
        check("12.50dr", Some(-1250));
        check("1,234", Some(123_400));
        check(".50", Some(50));
        check("1234", None);
        check("12.5", None);
        check("1.2.50", None);
        check("01/04/2024", None);
        check("99999999999999999999.00", None);
    }
}
