//! Reads the transactions of all pages and proves their balances.
//!
//! A genuine statement adds up: each balance is the one before plus the amounts between. This
//! module reads the rows of all pages, checks every link, and compares printed sums, counts and
//! page numbers with what it has read. Arithmetic finds changes and losses, not fabrications: a
//! document whose balances were all computed anew adds up, too.
//!
//! Pages are read one after another, so that only the numbers of a page are kept. The roles of
//! columns are found when all rows are known: see [`columns`].

mod amount;
mod breaks;
mod chain;
mod columns;
mod continuity;
mod headings;
mod hints;
mod label;
mod lines;
mod mixed;
mod page_numbers;
mod reader;
mod references;
mod rows;
mod senders;
mod summary;
mod tables;
mod totals;
mod words;

#[cfg(test)]
mod tests;

use super::period::DateRange;
pub use continuity::Continuity;
pub use reader::LedgerReader;
use serde::{Deserialize, Serialize};

/// Transactions that form a list.
const MIN_LISTED_ROWS: usize = 3;
/// Links from which a ledger counts as proven.
const MIN_PROVEN_LINKS: usize = 3;
/// Links that hold, without which a table is not understood.
const MIN_HOLDING_LINKS: usize = 2;
/// Minor units by which a balance or sum may differ: some banks round each number by itself.
const MAX_ROUNDING: i64 = 1;

/// The transactions of a document and what their balances prove.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    /// Accounts, or statements of one account, that follow one another.
    pub accounts: usize,
    /// Rows that change the balance.
    pub transactions: usize,
    /// Rows that could not be read or belong to no link.
    pub unread: usize,
    /// Transactions that decrease the balance.
    pub debits: usize,
    /// Transactions that increase the balance.
    pub credits: usize,
    /// Steps from one printed balance to the next.
    pub links: usize,
    /// Links that do not add up.
    pub broken: usize,
    /// The order in which the rows are printed.
    pub order: RowOrder,
    /// The first broken links, in the order of the pages.
    pub breaks: Vec<LedgerBreak>,
    /// Where the opening balance is from.
    pub opening: OpeningBalance,
    /// Printed sums and counts against the rows.
    pub totals: Totals,
    /// The ends at which a printed balance differs from the rows.
    pub differing_ends: DifferingEnds,
    /// The printed page numbers.
    pub page_numbers: PageNumbers,
    /// Payment references that contain a date.
    pub references: References,
    /// The first four letters of the IFSC codes of the bank that sent nearly all outgoing
    /// transfers, by their references.
    pub sender: Option<String>,
    /// The days of the first and the last transaction.
    pub days: Option<DateRange>,
    /// What other files of the account are compared with; `None` for several accounts.
    pub continuity: Option<Continuity>,
    /// Whether pages of several accounts are in the file.
    pub mixed: Mixed,
    /// The numbers, from 1, of the pages of another account than most.
    pub foreign_pages: Vec<usize>,
}

impl Ledger {
    /// Returns whether every row is read and every balance follows.
    pub fn is_proven(&self) -> bool {
        self.links >= MIN_PROVEN_LINKS
            && self.broken == 0
            && self.unread == 0
            && self.totals != Totals::Differ
    }

    /// Returns whether the rows are a list of transactions even without balances: each has an
    /// amount whose side is known.
    pub(super) fn is_list(&self) -> bool {
        self.transactions >= MIN_LISTED_ROWS
            && self.debits + self.credits == self.transactions
            && self.days.is_some()
    }

    /// Returns whether there are rows and none of them could be read.
    pub(super) fn is_unreadable(&self) -> bool {
        self.transactions == 0 && self.unread > 0
    }

    /// Returns whether at least as many balances follow as do not. Otherwise the table was probably
    /// misread.
    pub fn is_understood(&self) -> bool {
        let holding = self.links - self.broken.min(self.links);
        holding >= self.broken.max(MIN_HOLDING_LINKS)
    }
}

/// The order in which rows are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RowOrder {
    /// By rising dates.
    OldestFirst,
    /// By falling dates.
    NewestFirst,
    /// Different in different tables.
    Mixed,
}

/// A balance that does not follow from the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerBreak {
    /// The number of the page in the file, from 1.
    pub page: u32,
    /// The number of the transaction on its page, from 1.
    pub row: u32,
    /// What is likely wrong.
    pub kind: BreakKind,
    /// The baseline of the row, from the top of the page, in ten-thousandths of the page's height.
    pub place: u16,
    /// The printed balance, in minor units. Shown only if the user asks for amounts.
    pub balance: i64,
    /// The balance that follows from the one before, in minor units.
    pub expected: i64,
}

impl LedgerBreak {
    /// Returns the location for a message: `page 3, row 14`.
    pub fn location(&self) -> String {
        format!("page {}, row {}", self.page, self.row)
    }
}

/// What a break is, by two signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BreakKind {
    /// An amount or a balance of the row is wrong.
    Amount,
    /// Rows or pages are missing before the row.
    Missing,
    /// Rows or pages are in a wrong order.
    Order,
}

impl BreakKind {
    /// Says what is wrong, for a list of places.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Amount => "the balance does not follow from the amount",
            Self::Missing => "rows or pages before it are missing",
            Self::Order => "rows or pages are in a wrong order",
        }
    }
}

/// Where the balance before the first transaction is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OpeningBalance {
    /// The statement prints it.
    Printed,
    /// From the first balance and its amount.
    Derived,
    /// There are no balances.
    None,
}

/// The result of comparing printed sums and counts with the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Totals {
    /// All printed ones agree.
    Agree,
    /// At least one differs.
    Differ,
    /// None is printed.
    #[default]
    None,
}

/// The ends of a statement at which a printed balance differs from the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DifferingEnds {
    /// The opening balance differs.
    pub opening: bool,
    /// The closing balance differs.
    pub closing: bool,
}

/// What the printed page numbers show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PageNumbers {
    /// They follow one another.
    Complete,
    /// There is a hole, or the last pages are missing.
    Missing,
    /// A number occurs on two pages in a row.
    Repeated,
    /// None are printed, or not on most pages.
    #[default]
    None,
}

/// Whether pages of several accounts are in one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Mixed {
    /// All pages that name an account name the same one.
    #[default]
    No,
    /// Whole statements follow one another, each with its own beginning.
    Statements,
    /// Pages of another account are inside a statement.
    Pages,
}

/// Payment references that contain a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct References {
    /// References in a form that contains a date, in rows with a date.
    pub dated: usize,
    /// Those whose date is not that of the row.
    pub disagree: usize,
}
