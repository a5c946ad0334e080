//! Whether a document is the statement of a bank account at all, and what it is instead.
//!
//! A deposit account's statement lists transactions with dates, amounts and the balance after
//! each. Other documents have tables too, and the same banks' names. Refusing a real statement
//! loses it, so only what is plainly something else, or has nothing of a statement, is refused.

use super::banks;
use super::page::Page;
use super::phrase_matcher::Marks;
use super::table::{self, Columns, Table};
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

const PHRASES: &str = include_str!("../data/document_phrases.tsv");
/// Steps of a running balance that are no accident.
const STEPS: usize = 3;
/// Rows that make a list of transactions.
const ROWS: usize = 3;
/// Marks of one other kind that outweigh a list of transactions.
const MARKS_AGAINST: usize = 2;
/// And those that outweigh a running balance of an account.
const MARKS_AGAINST_CERTAINTY: usize = 3;
/// What a mark in the title counts for.
const TITLE: usize = 2;

/// What a document is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum DocumentKind {
    /// The statement of a bank account.
    Statement,
    /// It may be one; why it may not.
    Uncertain(String),
    /// Something else; what it seems to be, as in "a credit card statement".
    Other(String),
}

/// The marks of other documents, and what each of these is.
static MARKS: LazyLock<Marks<&'static str>> = LazyLock::new(|| {
    let rows = banks::rows(PHRASES);
    Marks::new(rows.filter_map(|row| Some((*row.get(1)?, *row.first()?))))
});

/// Tells what a document is from what its pages list and say.
pub(super) fn classify(pages: &[Page], tables: &[Table], has_account: bool) -> DocumentKind {
    let ledger = Ledger::of(tables);
    let likely = ledger.is_likely();
    let enough = if ledger.is_certain(has_account) {
        MARKS_AGAINST_CERTAINTY
    } else {
        MARKS_AGAINST
    };
    match other_kind(pages, tables) {
        Some((kind, marks)) if marks >= enough || !likely => DocumentKind::Other(kind.to_owned()),
        Some((kind, marks)) if marks >= MARKS_AGAINST => {
            DocumentKind::Uncertain(format!("it has marks of {kind}"))
        }
        _ if likely && (has_account || ledger.has_balance()) => DocumentKind::Statement,
        _ if likely => {
            DocumentKind::Uncertain("it shows neither a balance nor an account number".to_owned())
        }
        _ if has_account && (ledger.rows > 0 || ledger.columns.date) => {
            DocumentKind::Uncertain("its list of transactions was not found".to_owned())
        }
        _ => DocumentKind::Other(NO_LIST.to_owned()),
    }
}

/// What a document without any mark is called.
const NO_LIST: &str = "a document without a list of transactions";

/// What the tables of a document amount to.
struct Ledger {
    /// All that the headings promise.
    columns: Columns,
    rows: usize,
    /// Rows with two amounts and more.
    rows_with_balance: usize,
    /// Steps of the running balance that come out right.
    right_steps: usize,
    checked_steps: usize,
}

impl Ledger {
    fn of(tables: &[Table]) -> Self {
        let mut ledger = Self {
            columns: Columns::default(),
            rows: 0,
            rows_with_balance: 0,
            right_steps: 0,
            checked_steps: 0,
        };
        for table in tables {
            ledger.columns = ledger.columns.or(table.columns);
            ledger.rows += table.rows.len();
            let two = |row: &&table::Row| row.amounts.len() > 1;
            ledger.rows_with_balance += table.rows.iter().filter(two).count();
            let (checked, right) = table::running_balance(&table.rows);
            ledger.checked_steps += checked;
            ledger.right_steps += right;
        }
        ledger
    }

    /// Whether a balance runs along the transactions.
    fn runs(&self) -> bool {
        self.right_steps >= STEPS && self.right_steps * 2 >= self.checked_steps
    }

    fn has_balance(&self) -> bool {
        self.columns.balance || self.runs()
    }

    /// Whether it lists transactions as accounts do.
    fn is_likely(&self) -> bool {
        self.columns.are_of_account()
            || self.runs()
            || self.rows_with_balance >= ROWS
            || self.rows >= ROWS && self.columns.debit && self.columns.credit
    }

    /// Whether no phrase around it can make it anything but an account's ledger.
    fn is_certain(&self, has_account: bool) -> bool {
        has_account && self.runs() && self.columns.balance
    }
}

/// Columns that no account's statement has.
fn kind_by_headings(headings: &str) -> Option<&'static str> {
    super::page::words(headings).find_map(|word| match word {
        "principal" | "outstanding" | "emi" | "instalment" | "installment" | "instl" => {
            Some("a loan account statement")
        }
        "units" | "unit" | "nav" | "folio" => Some("a mutual fund statement"),
        "isin" | "scrip" => Some("the statement of a demat account"),
        "hsn" | "qty" | "quantity" => Some("an invoice"),
        _ => None,
    })
}

/// The kind of other document that most marks point to, and how many do.
fn other_kind(pages: &[Page], tables: &[Table]) -> Option<(&'static str, usize)> {
    let mut counts: Vec<(&'static str, usize)> = Vec::new();
    let in_headings = tables.iter().filter_map(|table| {
        let headings = table.headings.last()?;
        Some((kind_by_headings(headings)?, TITLE))
    });
    let borne = MARKS.borne_by(pages).into_iter();
    let borne = borne.map(|borne| (*borne.value, if borne.in_title { TITLE } else { 1 }));
    for (kind, weight) in in_headings.take(1).chain(borne) {
        match counts.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, count)) => *count += weight,
            None => counts.push((kind, weight)),
        }
    }
    counts.into_iter().rev().max_by_key(|(_, count)| *count)
}
