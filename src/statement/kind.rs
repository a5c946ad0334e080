//! Classifies a document: bank statement, uncertain, or another kind of document.
//!
//! The statement of a deposit account lists transactions with dates, amounts and a running balance.
//! Other documents have tables and the names of banks, too. A rejected statement is lost to the
//! user, so a document is classified as another kind only on clear evidence: markers of that kind,
//! or no list of transactions.

use super::banks;
use super::page::Page;
use super::phrase_matcher::MarkerSet;
use super::table::{self, BalanceCheck, Columns, Table};
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

const PHRASES: &str = include_str!("../data/document_phrases.tsv");
/// Correct balance differences that are not a coincidence.
const MIN_BALANCE_STEPS: usize = 3;
/// Rows that form a list of transactions.
const MIN_ROWS: usize = 3;
/// Score of another kind that outweighs a list of transactions.
const MIN_OTHER_SCORE: usize = 2;
/// Score of another kind that outweighs an account number with a running balance.
const MIN_OTHER_SCORE_AGAINST_LEDGER: usize = 3;
/// Score of a marker in the title; other markers score 1.
const TITLE_SCORE: usize = 2;
/// The reason for uncertainty of a list of transactions.
const NO_BALANCE: &str = "no balance and no account number";
/// Begins the reason for uncertainty if a document has markers of another kind.
const TYPICAL_TEXT: &str = "typical text of";
/// The reason for uncertainty of a list of transactions of which no row could be read.
const UNREADABLE_ROWS: &str = "no row of its table could be read";
/// Description of a document without markers and without transactions.
const NO_TRANSACTIONS: &str = "a document without a list of transactions";

/// The kind of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum DocumentKind {
    /// A bank statement.
    Statement,
    /// Possibly a bank statement; the reason for the uncertainty.
    Uncertain(String),
    /// Another kind of document; its description, such as "a credit card statement".
    Other(String),
}

/// Markers of other kinds of documents, with the description of each kind.
static MARKERS: LazyLock<MarkerSet<&'static str>> = LazyLock::new(|| {
    let rows = banks::rows(PHRASES);
    MarkerSet::new(rows.filter_map(|row| Some((*row.get(1)?, *row.first()?))))
});

/// Classifies a document by its tables and its markers.
pub(super) fn classify(pages: &[Page], tables: &[Table], has_account: bool) -> DocumentKind {
    let ledger = Ledger::new(tables);
    let likely = ledger.is_likely();
    let min_score = if ledger.is_certain(has_account) {
        MIN_OTHER_SCORE_AGAINST_LEDGER
    } else {
        MIN_OTHER_SCORE
    };
    match other_kind(pages, tables) {
        Some((kind, score)) if score >= min_score || !likely => {
            DocumentKind::Other(kind.to_owned())
        }
        Some((kind, score)) if score >= MIN_OTHER_SCORE => {
            DocumentKind::Uncertain(format!("{TYPICAL_TEXT} {kind}"))
        }
        // Markers of another kind, if any, are too weak from here on.
        _ if likely && (has_account || ledger.has_balance()) => DocumentKind::Statement,
        _ if likely => DocumentKind::Uncertain(NO_BALANCE.to_owned()),
        // An account number and a date column: the transactions may be in an unknown format.
        _ if has_account && (ledger.rows > 0 || ledger.columns.date) => {
            DocumentKind::Uncertain("no list of transactions found".to_owned())
        }
        _ => DocumentKind::Other(NO_TRANSACTIONS.to_owned()),
    }
}

/// Returns the kind of a document whose balances were read on all pages.
///
/// Markers of another kind outweigh a proven ledger, because loans and cards have balances, too.
pub(super) fn confirm(kind: DocumentKind, ledger: Option<&super::Ledger>) -> DocumentKind {
    let is_proven = ledger.is_some_and(super::Ledger::is_proven);
    let is_list = ledger.is_some_and(super::Ledger::is_list);
    let is_unreadable = ledger.is_some_and(super::Ledger::is_unreadable);
    match kind {
        DocumentKind::Statement if is_unreadable => {
            DocumentKind::Uncertain(UNREADABLE_ROWS.to_owned())
        }
        DocumentKind::Uncertain(reason) if is_proven && !reason.starts_with(TYPICAL_TEXT) => {
            DocumentKind::Statement
        }
        DocumentKind::Other(kind) if kind == NO_TRANSACTIONS && is_proven => {
            DocumentKind::Statement
        }
        DocumentKind::Other(kind) if kind == NO_TRANSACTIONS && is_list => {
            DocumentKind::Uncertain(NO_BALANCE.to_owned())
        }
        kind => kind,
    }
}

/// A summary of all tables of a document.
struct Ledger {
    /// The columns of all tables.
    columns: Columns,
    rows: usize,
    /// Rows with at least two amounts.
    rows_with_balance: usize,
    balance: BalanceCheck,
}

impl Ledger {
    fn new(tables: &[Table]) -> Self {
        let mut ledger = Self {
            columns: Columns::default(),
            rows: 0,
            rows_with_balance: 0,
            balance: BalanceCheck {
                checked: 0,
                correct: 0,
            },
        };
        for table in tables {
            ledger.columns = ledger.columns.union(table.columns);
            ledger.rows += table.rows.len();
            let has_balance = |row: &&table::Row| row.amounts.len() > 1;
            ledger.rows_with_balance += table.rows.iter().filter(has_balance).count();
            let balance = table::check_running_balance(&table.rows);
            ledger.balance.checked += balance.checked;
            ledger.balance.correct += balance.correct;
        }
        ledger
    }

    /// Returns whether the rows have a running balance.
    fn has_running_balance(&self) -> bool {
        let BalanceCheck { checked, correct } = self.balance;
        correct >= MIN_BALANCE_STEPS && correct * 2 >= checked
    }

    fn has_balance(&self) -> bool {
        self.columns.balance || self.has_running_balance()
    }

    /// Returns whether the tables list transactions of an account.
    fn is_likely(&self) -> bool {
        self.columns.are_ledger()
            || self.has_running_balance()
            || self.rows_with_balance >= MIN_ROWS
            || self.rows >= MIN_ROWS && self.columns.debit && self.columns.credit
    }

    /// Returns whether the tables are those of an account ledger, so that more markers of another
    /// kind are needed to outweigh them.
    fn is_certain(&self, has_account: bool) -> bool {
        has_account && self.has_running_balance() && self.columns.balance
    }
}

/// Returns the kind of another document that column headings show: account statements have none of
/// these columns.
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

/// Returns the other kind with the highest score, and its score.
fn other_kind(pages: &[Page], tables: &[Table]) -> Option<(&'static str, usize)> {
    let mut scores: Vec<(&'static str, usize)> = Vec::new();
    let in_headings = tables.iter().filter_map(|table| {
        let headings = table.headings.last()?;
        Some((kind_by_headings(headings)?, TITLE_SCORE))
    });
    let markers = MARKERS.find(pages).into_iter();
    let markers = markers.map(|found| (*found.value, if found.in_title { TITLE_SCORE } else { 1 }));
    for (kind, points) in in_headings.take(1).chain(markers) {
        match scores.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, score)) => *score += points,
            None => scores.push((kind, points)),
        }
    }
    // Of equal scores, `max_by_key` returns the last, and the first kind found must win.
    scores.into_iter().rev().max_by_key(|(_, score)| *score)
}
