//! Turns lines with numbers into the rows of a ledger, by the roles of their columns.

use super::amount::{Form, Side};
use super::columns::{self, Columns, Role};
use super::label::Label;
use super::lines::{MoneyLine, Token};
use super::senders::Code;
use super::summary::{Fact, PrintedFact};
use crate::statement::period::DateRange;
use jiff::Span;
use jiff::civil::Date;

/// The largest distance between the lines of one row, in multiples of their size.
const MAX_LINE_DISTANCE: f32 = 2.4;

/// The largest distance between two baselines of one line, in multiples of its size.
const SAME_LINE: f32 = 0.7;
/// Days by which a date without a year may lie outside of the statement period.
const MAX_OUTSIDE_DAYS: i64 = 31;

/// One row of a transaction table.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    /// Index of the page in the file.
    pub(super) page: u32,
    /// Number of the transaction on its page, from 1; 0 if the row is no transaction.
    pub(super) number: u32,
    pub(super) date: Option<Date>,
    /// Month and day of the date if it has no year.
    month_day: Option<(i8, i8)>,
    /// Whether the date is on the line of the amounts.
    pub(super) has_own_date: bool,
    pub(super) label: Option<Label>,
    /// What the row adds to the balance; `None` without an amount.
    pub(super) change: Option<Change>,
    /// The printed balance; negative for a debit balance.
    pub(super) balance: Option<i64>,
    /// The number in the column of debits, as printed.
    pub(super) debit: Option<i64>,
    /// The number in the column of credits, as printed.
    pub(super) credit: Option<i64>,
    /// The bank that numbered the payment.
    pub(super) sender: Option<Code>,
    /// Whether the row is printed a second time.
    pub(super) is_repeated: bool,
    /// The first amount of a labelled line, in any column.
    stated: Option<i64>,
    /// The place of the row on its page: see [`LedgerBreak::place`](super::LedgerBreak).
    pub(super) place: u16,
    y: f32,
    size: f32,
}

/// What a row is in the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RowKind {
    /// It changes the balance.
    Transaction,
    /// It only states a balance.
    Anchor,
    /// It states sums.
    Total,
    /// A label without a balance, or a number outside of the table.
    Other,
}

/// What a row adds to the balance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// Credits are positive.
    Signed(i64),
    /// An amount of unknown side.
    Unsigned(i64),
}

impl Change {
    /// Adds the number of another column of the row. Zeros fill the column that is not used.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Signed(a), Self::Signed(b)) => Self::Signed(a + b),
            (Self::Unsigned(0) | Self::Signed(0), other) => other,
            (first, _) => first,
        }
    }
}

impl Row {
    /// Reads a line, with the numbers of the document; `None` if it has no number in a column of
    /// money and no label.
    pub(super) fn read(line: &MoneyLine, tokens: &[Token], columns: &Columns) -> Option<Self> {
        let tokens = line.tokens(tokens);
        let money = tokens.iter().find(|token| token.form == Form::Money);
        let mut row = Self {
            page: line.page,
            number: 0,
            date: line.date,
            month_day: line.month_day,
            has_own_date: line.has_own_date,
            label: line.label,
            change: None,
            balance: None,
            debit: None,
            credit: None,
            sender: line.sender,
            is_repeated: false,
            stated: line.label.and(money).map(|token| token.minor),
            place: line.place,
            y: line.y,
            size: line.size,
        };
        for token in tokens {
            let minus = token.own == Some(Side::Debit);
            let printed = if minus { -token.minor } else { token.minor };
            let add = match columns.role(token) {
                Role::Balance => {
                    let balance = columns::balance(token, columns.marks);
                    row.balance = row.balance.or(Some(balance));
                    continue;
                }
                Role::Signed(sign) => {
                    row.set_column(sign, printed);
                    // Some banks print a reversal so, others what the reversal adds.
                    if minus {
                        Change::Unsigned(token.minor)
                    } else {
                        Change::Signed(sign * token.minor)
                    }
                }
                Role::SignedMinus(sign) => {
                    row.set_column(sign, token.minor);
                    Change::Signed(sign * token.minor)
                }
                Role::Marked(place) => match columns::marked_side(token, place) {
                    Some(Side::Credit) => Change::Signed(token.minor),
                    Some(Side::Debit) => Change::Signed(-token.minor),
                    None => Change::Unsigned(token.minor),
                },
                Role::Unsigned => Change::Unsigned(token.minor),
                Role::Other => continue,
            };
            row.change = Some(row.change.map_or(add, |change| change.and(add)));
        }
        (row.change.is_some() || row.balance.is_some() || row.stated.is_some()).then_some(row)
    }

    fn set_column(&mut self, sign: i64, printed: i64) {
        if sign > 0 {
            self.credit = Some(printed);
        } else {
            self.debit = Some(printed);
        }
    }

    /// Returns what the row is in the ledger.
    pub(super) fn kind(&self) -> RowKind {
        // The name of a counterparty can begin with "total".
        let is_named = self.label == Some(Label::Total) && self.has_own_date;
        if self.is_repeated {
            return RowKind::Other;
        }
        match (self.label.filter(|_| !is_named), self.change, self.balance) {
            (Some(Label::Total), ..) => RowKind::Total,
            (Some(_), _, Some(_)) | (None, None, Some(_)) => RowKind::Anchor,
            (None, Some(Change::Signed(0) | Change::Unsigned(0)), None) => RowKind::Other,
            (None, Some(_), _) => RowKind::Transaction,
            _ => RowKind::Other,
        }
    }

    /// Returns what a row without a transaction states about the others.
    pub(super) fn facts(&self) -> impl Iterator<Item = PrintedFact> {
        let is_total = self.kind() == RowKind::Total;
        let sum = |fact: Fact, value: Option<i64>| {
            let value = value.filter(|_| is_total)?;
            Some((fact, value))
        };
        let stated = match self.label {
            Some(Label::Opening) => self.balance.or(self.stated).map(|v| (Fact::Opening, v)),
            Some(Label::Closing) => self.balance.or(self.stated).map(|v| (Fact::Closing, v)),
            _ => None,
        };
        let page = self.page;
        let sums = [
            sum(Fact::Debits, self.debit),
            sum(Fact::Credits, self.credit),
            stated,
        ];
        let facts = sums.into_iter().flatten();
        facts.map(move |(fact, value)| PrintedFact::certain(page, fact, value))
    }

    /// Completes a date without a year, from a range of days in which it is.
    pub(super) fn complete_date(&mut self, days: DateRange) {
        if let (None, Some((month, day))) = (self.date, self.month_day) {
            let dates = (days.from.year()..=days.to.year())
                .filter_map(|year| Date::new(year, month, day).ok());
            let margin = Span::new().days(MAX_OUTSIDE_DAYS);
            let from = days.from.checked_sub(margin).unwrap_or(days.from);
            let to = days.to.checked_add(margin).unwrap_or(days.to);
            self.date = dates.into_iter().find(|date| (from..=to).contains(date));
        }
    }

    /// Whether another row is the same one, printed again.
    pub(super) fn repeats(&self, other: &Self) -> bool {
        self.date == other.date && self.balance == other.balance && {
            let amount = |row: &Self| match row.change {
                Some(Change::Signed(value) | Change::Unsigned(value)) => value.abs(),
                None => 0,
            };
            amount(self) == amount(other)
        }
    }

    /// Whether the balance follows from the one before and the amount.
    pub(super) fn follows(&self, before: i64) -> bool {
        let difference = self.balance.map(|balance| balance - before);
        match self.change {
            Some(Change::Signed(value)) => difference == Some(value),
            Some(Change::Unsigned(value)) => difference.map(i64::abs) == Some(value.abs()),
            None => true,
        }
    }

    /// Returns the change if its side is known, else 0.
    pub(super) fn signed(&self) -> i64 {
        match self.change {
            Some(Change::Signed(value)) => value,
            _ => 0,
        }
    }

    /// Adds the next line to the row if it is a part of the same row: one has the amount, the other
    /// the balance.
    ///
    /// The balance can be on a line below. An amount is only on a line of the same height: it was
    /// written later, with a slightly different baseline.
    pub(super) fn join(&mut self, next: &Self) -> bool {
        let distance = next.y - self.y;
        let has_amount = |row: &Self| row.change.is_some() && row.balance.is_none();
        let has_balance = |row: &Self| row.change.is_none() && row.balance.is_some();
        let completes =
            has_amount(self) && has_balance(next) && distance <= MAX_LINE_DISTANCE * self.size
                || has_balance(self) && has_amount(next) && distance <= SAME_LINE * self.size;
        let is_one_row = self.page == next.page && !(self.has_own_date && next.has_own_date);
        if !completes || !is_one_row || self.label.is_some() || next.label.is_some() {
            return false;
        }
        self.balance = self.balance.or(next.balance);
        self.change = self.change.or(next.change);
        self.debit = self.debit.or(next.debit);
        self.credit = self.credit.or(next.credit);
        self.date = self.date.or(next.date);
        self.month_day = self.month_day.or(next.month_day);
        self.sender = self.sender.or(next.sender);
        self.has_own_date |= next.has_own_date;
        true
    }
}
