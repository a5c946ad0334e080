//! Reads the transactions of all pages and proves their balances.
//!
//! A genuine statement adds up: each balance is the one before plus the amounts between. This
//! module reads the rows of all pages, checks every link, and compares printed sums, counts and page
//! numbers with what it has read. Arithmetic finds changes and losses, not fabrications: a document
//! whose balances were all computed anew adds up, too.
//!
//! Pages are read one after another, so that only the numbers of a page are kept. The roles of
//! columns are found when all rows are known: see [`columns`].

mod amount;
mod breaks;
mod chain;
mod columns;
mod continuity;
mod headings;
mod label;
mod lines;
mod mixed;
mod page_numbers;
mod references;
mod rows;
mod summary;
mod tables;
mod totals;
mod words;

#[cfg(test)]
mod tests;

use super::dates::{self, DateOrder};
use super::period::DateRange;
use crate::pdf::{Line, PageText};
use chain::Chain;
pub use continuity::Continuity;
use headings::Headings;
use lines::{MoneyLine, PageLines};
use mixed::PageAccount;
use page_numbers::PageNumber;
use rows::{Change, Row, RowKind};
use serde::{Deserialize, Serialize};
use summary::PrintedFact;
use tables::Tables;

/// Lines with numbers that are kept for one file.
const MAX_LINES: usize = 200_000;
/// Transactions that form a list.
const MIN_LISTED_ROWS: usize = 3;
/// Links from which a ledger counts as proven.
const MIN_PROVEN_LINKS: usize = 3;

/// Links that hold, from which a broken one is an exception: at least this many, and this many for
/// each broken one.
const MIN_HOLDING_LINKS: usize = 2;
const MIN_HOLDING_PER_BROKEN: usize = 3;
/// Pages with links for each page on which links are broken, if most links of these are broken.
const MIN_PAGES_PER_BROKEN: usize = 3;

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
    /// The printed page numbers.
    pub page_numbers: PageNumbers,
    /// Payment references that contain a date.
    pub references: References,
    /// The days of the first and the last transaction.
    pub days: Option<DateRange>,
    /// Pages with links.
    pub linked_pages: usize,
    /// Pages on which most links are broken.
    pub broken_pages: usize,
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

    /// Returns whether so many balances follow that the others are an exception: few in all, or
    /// all on few pages.
    pub fn is_understood(&self) -> bool {
        let holding = self.links - self.broken.min(self.links);
        let are_few = holding >= self.broken * MIN_HOLDING_PER_BROKEN;
        let are_together =
            holding >= self.broken && self.broken_pages * MIN_PAGES_PER_BROKEN <= self.linked_pages;
        holding >= MIN_HOLDING_LINKS && (are_few || are_together)
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

/// Collects the rows of a document, page by page.
#[derive(Debug, Default)]
pub struct LedgerReader {
    order: DateOrder,
    buffer: PageLines,
    layouts: Vec<Headings>,
    lines: Vec<MoneyLine>,
    facts: Vec<PrintedFact>,
    numbers: Vec<PageNumber>,
    /// The accounts that pages name.
    accounts: Vec<PageAccount>,
    /// Indices of the pages that could not be read.
    gaps: Vec<u32>,
    pages: u32,
    unread: usize,
}

impl LedgerReader {
    /// Creates a reader. The first pages show in which order dates are written.
    pub fn new<'p>(first_pages: impl Iterator<Item = &'p PageText>) -> Self {
        let lines = first_pages.flat_map(|page| &page.lines);
        Self {
            order: dates::detect_order(lines.map(Line::text)),
            ..Self::default()
        }
    }

    /// Adds the next page with text. `index` is its index in the file.
    pub fn add_page(&mut self, index: u32, page: &PageText) {
        let is_first = self.pages == 0;
        self.pages += 1;
        if self.lines.len() > MAX_LINES {
            self.unread += 1;
            return;
        }
        self.buffer.read(page);
        let number = |line| page_numbers::find(line, index);
        self.numbers
            .extend(self.buffer.lines().iter().find_map(number));
        let heading = self.buffer.find_tables(&mut self.layouts, is_first);
        let head = heading.and_then(|lines| page.lines.get(..lines));
        self.accounts
            .extend(head.and_then(|head| PageAccount::find(index, head)));
        self.buffer.read_numbers(self.order);
        self.buffer.take_summary(index, &mut self.facts);
        let lines = self.buffer.money_lines(index, &self.layouts, self.order);
        self.lines.extend(lines);
    }

    /// Notes a page that can't be read, such as a scan: no link crosses it.
    pub fn skip_page(&mut self, index: u32) {
        self.gaps.push(index);
    }

    /// Proves the balances; `None` if there is no row. `pages` is the number of pages of
    /// the file, `period` the printed statement period.
    pub fn finish(self, pages: u32, period: Option<DateRange>) -> Option<Ledger> {
        let references = self.lines.iter().flat_map(|line| {
            let references = line.references.iter();
            references.filter_map(|found| Some(found.agrees(line.date?)))
        });
        let references = references.fold(References::default(), |sum, agrees| References {
            dated: sum.dated + 1,
            disagree: sum.disagree + usize::from(!agrees),
        });
        let Tables { mut rows, order } = Tables::read(self.lines, &self.layouts);
        if let Some(days) = period {
            rows.iter_mut().for_each(|row| row.complete_date(days));
        }
        let mixed = mixed::judge(&self.accounts, &self.numbers, &rows);
        let mut chain = Chain::follow(&mut rows, &self.gaps, &mixed.starts);
        number_rows(&mut rows, order);
        let mut facts = self.facts;
        facts.append(&mut chain.facts);
        let unread = self.unread + chain.unlinked;
        let comparison = if unread == 0 {
            totals::compare(&facts, &chain, &rows)
        } else {
            totals::Comparison::default()
        };
        let (page_numbers, holes) = page_numbers::judge(&self.numbers, pages);
        let signs = breaks::Signs {
            comparison: &comparison,
            holes: &holes,
        };
        let count = |test: fn(i64) -> bool| {
            let rows = chain
                .transactions()
                .filter_map(|index| rows.get(index)?.change);
            rows.filter(|change| matches!(change, Change::Signed(value) if test(*value)))
                .count()
        };
        let transactions = chain.transactions().count();
        if transactions == 0 && unread == 0 {
            return None;
        }
        Some(Ledger {
            accounts: chain.segments.len(),
            transactions,
            unread,
            debits: count(|value| value < 0),
            credits: count(|value| value >= 0),
            links: chain.links,
            broken: chain.broken.len(),
            order,
            breaks: breaks::list(&chain, &rows, &signs),
            opening: opening(&chain, &comparison),
            totals: comparison.totals,
            page_numbers,
            references,
            days: days_of(&rows),
            linked_pages: chain.pages.len(),
            broken_pages: chain.broken_pages(),
            continuity: Continuity::of(&chain, &rows),
            mixed: mixed.verdict,
            foreign_pages: mixed.pages,
        })
    }
}

/// Returns the days of the first and the last transaction.
fn days_of(rows: &[Row]) -> Option<DateRange> {
    let transactions = rows.iter().filter(|row| row.kind() == RowKind::Transaction);
    let dates = || transactions.clone().filter_map(|row| row.date);
    let (from, to) = dates().min().zip(dates().max())?;
    Some(DateRange { from, to })
}

/// Numbers the transactions of each page from top to bottom.
fn number_rows(rows: &mut [Row], order: RowOrder) {
    let (mut page, mut number) = (None, 0);
    let mut set = |row: &mut Row| {
        if page != Some(row.page) {
            (page, number) = (Some(row.page), 0);
        }
        if row.kind() == RowKind::Transaction {
            number += 1;
            row.number = number;
        }
    };
    if order == RowOrder::NewestFirst {
        rows.iter_mut().rev().for_each(&mut set);
    } else {
        rows.iter_mut().for_each(&mut set);
    }
}

/// Returns the weakest origin of the opening balances.
fn opening(chain: &Chain, comparison: &totals::Comparison) -> OpeningBalance {
    let origins = chain.segments.iter().map(|segment| {
        if segment.is_opening_printed || comparison.confirms_opening {
            OpeningBalance::Printed
        } else if segment.opening.is_some() {
            OpeningBalance::Derived
        } else {
            OpeningBalance::None
        }
    });
    origins.max().unwrap_or(OpeningBalance::None)
}
