//! Finds the transactions of a page: the row of column headings, and lines that begin with a date
//! and bear an amount.

use super::dates::{self, Order};
use super::page::{Page, TextLine, Zone};
use jiff::civil::Date;

/// Bytes that may stand before the date of a row: a serial number and its signs.
const SERIAL_BYTES: usize = 8;
/// Bytes of a serial number and the number of a transaction.
const NUMBER_BYTES: usize = 40;
/// Rows that make a table where no headings stand above them.
const ROWS_WITHOUT_HEADINGS: usize = 2;
/// Words of the longest row of headings.
const MOST_HEADINGS: usize = 30;
/// Lines over which headings may run.
const MOST_HEADING_LINES: usize = 3;
/// Digits of the largest amount, without its decimals.
const MOST_DIGITS: usize = 13;
/// A gap below a row, in its own sizes, after which nothing of it follows.
const ROW_GAP: f32 = 2.4;

/// What the column headings of a table promise.
#[expect(
    clippy::struct_excessive_bools,
    reason = "a set of columns, each there or not"
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

/// One transaction, or what looks like one.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    pub(super) date: Date,
    /// In hundredths of the currency's unit, from left to right; negative where marked so.
    pub(super) amounts: Vec<i64>,
}

/// The table of one page.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Table {
    pub(super) columns: Columns,
    /// The headings as printed, in lower case: their first line, their first two, and so on, as
    /// nothing tells where they end. Empty where there are none.
    pub(super) headings: Vec<String>,
    /// From top to bottom.
    pub(super) rows: Vec<Row>,
}

impl Columns {
    fn of(text: &str) -> Option<Self> {
        let mut columns = Self::default();
        let (mut known, mut all) = (0, 0);
        for word in super::page::words(text) {
            all += 1;
            known += usize::from(columns.take(word));
        }
        // Running text names dates and balances, too.
        let is_headings = all <= MOST_HEADINGS && known * 5 >= all * 3;
        is_headings.then_some(columns)
    }

    /// Notes what a word of the headings says; whether it is one that headings are made of.
    fn take(&mut self, word: &str) -> bool {
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

    /// Columns that hold money.
    fn money(self) -> usize {
        [self.debit, self.credit, self.amount, self.balance]
            .iter()
            .filter(|column| **column)
            .count()
    }

    fn are_headings(self) -> bool {
        self.money() >= 2 && (self.date || self.text) || self.money() == 1 && self.date && self.text
    }

    /// What either promises.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            date: self.date || other.date,
            text: self.text || other.text,
            debit: self.debit || other.debit,
            credit: self.credit || other.credit,
            amount: self.amount || other.amount,
            balance: self.balance || other.balance,
        }
    }

    /// Dates, amounts and what is left after each: the ledger of an account.
    pub(super) fn are_of_account(self) -> bool {
        self.balance && self.money() >= 2 && (self.date || self.text)
    }
}

/// Finds the table of a page and puts every line into its zone.
pub(super) fn find(page: &mut Page, order: Order) -> Table {
    let mut table = Table::default();
    let mut first = None;
    let mut last = None;
    let mut index = 0;
    while let Some(line) = page.lines.get(index) {
        // A dated line above the headings is a summary's.
        if table.headings.is_empty()
            && table.rows.len() < ROWS_WITHOUT_HEADINGS
            && let Some((columns, headings, lines)) = headings(&page.lines, index)
        {
            table.rows.clear();
            first = Some(index);
            last = Some(index + lines - 1);
            table.columns = columns;
            table.headings = headings;
            index += lines;
            continue;
        }
        if let Some(row) = row(line, order, first.is_some()) {
            first.get_or_insert(index);
            last = Some(index);
            table.rows.push(row);
        } else if table.columns.are_headings() && mentions_money_and_date(line, order) {
            // Not understood, but below headings it is no text of the issuer's.
            last = Some(index);
        }
        index += 1;
    }
    if let (true, Some(above)) = (
        table.headings.is_empty(),
        first.and_then(|row| row.checked_sub(1)),
    ) {
        // They may say what no account's statement has.
        table
            .headings
            .extend(page.lines.get(above).map(|line| line.text.clone()));
    }
    let is_table = table.columns.are_headings() || table.rows.len() >= ROWS_WITHOUT_HEADINGS;
    if let (Some(first), Some(last), true) = (first, last, is_table) {
        let last = end_of_row(&page.lines, last);
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

/// The headings that begin on a line, their text, and over how many lines they run.
fn headings(lines: &[TextLine], from: usize) -> Option<(Columns, Vec<String>, usize)> {
    let mut text = String::new();
    let mut texts: Vec<String> = Vec::new();
    let mut best: Option<(Columns, usize)> = None;
    for (count, line) in lines.iter().skip(from).take(MOST_HEADING_LINES).enumerate() {
        // No heading bears a number, but for a currency's or a column's.
        if line.text.bytes().filter(u8::is_ascii_digit).count() > 1 {
            break;
        }
        if !text.is_empty() {
            text.push_str("  ");
        }
        text.push_str(&line.text);
        let Some(columns) = Columns::of(&text) else {
            break;
        };
        texts.push(text.clone());
        let more = best.is_none_or(|(known, _)| {
            columns.money() > known.money() || columns.date && !known.date
        });
        if columns.are_headings() && more {
            best = Some((columns, count + 1));
        }
    }
    best.map(|(columns, count)| (columns, texts, count))
}

/// A line that begins with a date and bears an amount behind it. Below headings, a transaction's
/// number may stand before the date.
fn row(line: &TextLine, order: Order, below_headings: bool) -> Option<Row> {
    let head = line.text.get(..line.text.len().min(60));
    let first = dates::find(head.unwrap_or(&line.text), order).next()?;
    let before = line.text.get(..first.range.start)?;
    let is_serial =
        before.len() <= SERIAL_BYTES && !before.bytes().any(|b| b.is_ascii_alphabetic());
    let is_number = below_headings
        && before.len() <= NUMBER_BYTES
        && before
            .split(' ')
            .all(|word| word.is_empty() || word.contains(|c: char| c.is_ascii_digit()));
    if !is_serial && !is_number {
        return None;
    }
    let behind = line.text.get(first.range.end..)?;
    let amounts = amounts(behind);
    (!amounts.is_empty()).then_some(Row {
        date: first.date,
        amounts,
    })
}

fn mentions_money_and_date(line: &TextLine, order: Order) -> bool {
    !amounts(&line.text).is_empty() && dates::find(&line.text, order).next().is_some()
}

/// The amounts of money in a text, in hundredths.
fn amounts(text: &str) -> Vec<i64> {
    let mut amounts: Vec<i64> = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        if let Some(amount) = money(word) {
            amounts.push(amount);
        } else if matches!(word.trim_matches(['(', ')', '.']), "dr" | "debit")
            && let Some(last) = amounts.last_mut()
        {
            *last = -last.abs();
        }
    }
    amounts
}

/// `1,234.00`, `₹1,234.00cr`, `-12.50`, `(12.50)`, `1,23,456`: with two decimals, or grouped.
fn money(word: &str) -> Option<i64> {
    let has = |wanted: fn(&u8) -> bool| word.as_bytes().iter().any(wanted);
    if !has(|byte| matches!(byte, b'.' | b',')) || !has(u8::is_ascii_digit) {
        return None;
    }
    let bare = word.strip_prefix("rs.").unwrap_or(word);
    let bare = bare.strip_prefix("inr").unwrap_or(bare);
    let negative = bare.starts_with(['-', '(']) || bare.trim_end_matches(')').ends_with("dr");
    let bare = bare
        .trim_start_matches(['-', '+', '(', '₹', '$', '£', '€'])
        .trim_end_matches(')');
    let bare = ["cr", "dr"]
        .iter()
        .fold(bare, |bare, mark| without_marks(bare, mark));
    let bare = bare.trim_end_matches('(');
    let (whole, hundredths) = match bare.rsplit_once('.') {
        Some((whole, decimals)) if decimals.len() == 2 => (whole, decimals.parse::<u8>().ok()?),
        None if bare.contains(',') => (bare, 0),
        _ => return None,
    };
    let whole = match whole_units(whole)? {
        (0, _) if !bare.starts_with('.') => return None,
        (_, units) => units,
    };
    let amount = whole * 100 + i64::from(hundredths);
    Some(if negative { -amount } else { amount })
}

/// A text without the mark at its end, however often it stands there.
fn without_marks<'t>(mut text: &'t str, mark: &str) -> &'t str {
    while let Some(rest) = text.strip_suffix(mark) {
        text = rest;
    }
    text
}

/// How many digits a number has, and its value, whatever commas stand between them.
fn whole_units(text: &str) -> Option<(usize, i64)> {
    let (mut digits, mut value) = (0, 0);
    for byte in text.bytes().filter(|byte| *byte != b',') {
        digits += 1;
        if !byte.is_ascii_digit() || digits > MOST_DIGITS {
            return None;
        }
        value = value * 10 + i64::from(byte - b'0');
    }
    Some((digits, value))
}

/// The last line of a row: its narration may go on below, in its own column.
fn end_of_row(lines: &[TextLine], row: usize) -> usize {
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
                .any(|word| money(word).is_some())
        })
        .map_or(f32::INFINITY, |cell| cell.x0);
    let mut last = row;
    for (index, line) in lines.iter().enumerate().skip(row + 1) {
        let above = lines.get(last).map_or(line.y, |line| line.y);
        let in_column = line.x0() > start.x0() + start.size && line.x1() <= amounts_begin;
        if !in_column || line.y - above > ROW_GAP * start.size {
            break;
        }
        last = index;
    }
    last
}

/// Whether the last amount of each row follows from the one before: how many steps were checked,
/// and how many are right.
pub(super) fn running_balance(rows: &[Row]) -> (usize, usize) {
    let mut checked = 0;
    let mut right = 0;
    for pair in rows.windows(2) {
        let [above, below] = pair else { continue };
        let (Some((before, first)), Some((after, second))) =
            (above.amounts.split_last(), below.amounts.split_last())
        else {
            continue;
        };
        if first.is_empty() || second.is_empty() {
            continue;
        }
        checked += 1;
        let step = (after - before).abs();
        // Newest first, the step is the amount of the row above.
        let explains = |amount: &i64| amount.abs() == step;
        right +=
            usize::from(step > 0 && (second.iter().any(explains) || first.iter().any(explains)));
    }
    (checked, right)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statement::page::tests::typed;

    fn zones(lines: &[&str]) -> (Table, String) {
        let mut page = Page::of(&typed(lines));
        let table = find(&mut page, Order::DayFirst);
        let letter = |line: &TextLine| match line.zone {
            Zone::Head => 'h',
            Zone::Table => 't',
            Zone::Foot => 'f',
        };
        (table, page.lines.iter().map(letter).collect())
    }

    #[test]
    fn the_table_goes_from_its_headings_to_the_end_of_its_last_row() {
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
        assert!(table.columns.are_of_account());
        assert_eq!(table.rows.len(), 2);
        assert_eq!(table.rows[1].amounts, [5_000_000, 5_880_000]);
        assert_eq!(running_balance(&table.rows), (1, 1));
    }

    #[test]
    fn rows_are_a_table_without_headings_too() {
        let (table, zones) = zones(&[
            "1  01-04-2024  by cash  100.00  1,100.00 Cr",
            "2  02-04-2024  to cash  200.00  900.00 Cr",
            "page 2",
        ]);
        assert_eq!((zones.as_str(), table.rows.len()), ("ttf", 2));
    }

    #[test]
    fn running_text_and_periods_are_no_table() {
        let (table, zones) = zones(&[
            "01/04/2024 to 30/06/2024",
            "The balance shown on the date above includes debit and credit entries that were made",
        ]);
        assert_eq!((zones.as_str(), table.rows.len()), ("hh", 0));
    }

    #[test]
    fn money_is_told_from_other_numbers() {
        let check = |word, expected| assert_eq!(money(word), expected, "{word}");
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
