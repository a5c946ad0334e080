//! Reads a ledger page by page.

use super::breaks::{self, Signs};
use super::chain::Chain;
use super::headings::Headings;
use super::lines::{MoneyLine, PageLines};
use super::mixed::{self, PageAccount};
use super::page_numbers::{self, PageNumber};
use super::rows::{Change, Row, RowKind};
use super::senders::{self, Code};
use super::summary::PrintedFact;
use super::tables::Tables;
use super::totals::{self, Comparison};
use super::{Continuity, Ledger, MIN_LISTED_ROWS, OpeningBalance, References};
use crate::pdf::{Line, PageText};
use crate::statement::dates::{self, DateOrder};
use crate::statement::period::DateRange;

/// Lines with numbers that are kept for one file.
const MAX_LINES: usize = 200_000;
/// Points by which dates of one column differ in their left ends.
const MAX_DATE_SHIFT: f32 = 3.0;

/// A line in a table that begins with a date and belongs to no row.
#[derive(Debug, Clone, Copy)]
struct UnusedDate {
    /// Index of the page in the file.
    page: u32,
    y: f32,
    x0: f32,
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
    unused_dates: Vec<UnusedDate>,
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
        self.numbers
            .extend(page_numbers::find(self.buffer.lines(), index));
        let heading = self.buffer.find_tables(&mut self.layouts, is_first);
        let head = heading.and_then(|lines| page.lines.get(..lines));
        self.accounts
            .extend(head.and_then(|head| PageAccount::find(index, head)));
        self.buffer.read_numbers(self.order);
        self.buffer.take_summary(index, &mut self.facts);
        let lines = self.buffer.money_lines(index, &self.layouts, self.order);
        self.lines.extend(lines);
        let unused = self.buffer.unused_dates();
        self.unused_dates
            .extend(unused.map(|(x0, y)| UnusedDate { page: index, y, x0 }));
    }

    /// Returns the number of rows without numbers: lines in the table whose date is in the column
    /// of dates.
    ///
    /// Some banks print such lines between rows, so that they count only behind the last row, or if
    /// a balance shows that a row is missing.
    fn rows_without_numbers(&self, has_broken_link: bool) -> usize {
        let mut dated = self
            .lines
            .iter()
            .filter(|line| line.date.is_some() && line.has_own_date);
        let ends = dated.clone().map(|line| line.x0).collect();
        let (Some(column), Some(last)) = (median(ends), dated.next_back()) else {
            return self.dated_list();
        };
        let is_row = |date: &&UnusedDate| {
            let is_behind = (date.page, date.y) > (last.page, last.y);
            (date.x0 - column).abs() < MAX_DATE_SHIFT && (is_behind || has_broken_link)
        };
        self.unused_dates.iter().filter(is_row).count()
    }

    /// Returns the number of dates below one another in a table whose numbers can't be read.
    fn dated_list(&self) -> usize {
        let ends = self.unused_dates.iter().map(|date| date.x0).collect();
        let Some(column) = median(ends) else {
            return 0;
        };
        let is_row = |date: &&UnusedDate| (date.x0 - column).abs() < MAX_DATE_SHIFT;
        let count = self.unused_dates.iter().filter(is_row).count();
        if count < MIN_LISTED_ROWS { 0 } else { count }
    }

    /// Notes a page that can't be read, such as a scan: no link crosses it.
    pub fn skip_page(&mut self, index: u32) {
        self.gaps.push(index);
    }

    /// Proves the balances; `None` if there is no row. `pages` is the number of pages of the file,
    /// `period` the printed statement period.
    pub fn finish(mut self, pages: u32, period: Option<DateRange>) -> Option<Ledger> {
        let mut tokens = std::mem::take(&mut self.buffer).into_tokens();
        let Tables { mut rows, order } = Tables::read(&self.lines, &mut tokens, &self.layouts);
        if let Some(days) = period {
            for row in &mut rows {
                row.complete_date(days);
            }
        }
        let mixed = mixed::judge(&self.accounts, &self.numbers, &rows);
        let mut chain = Chain::follow(&mut rows, &self.gaps, &mixed.starts);
        number_rows(&mut rows);
        let without_numbers = self.rows_without_numbers(!chain.broken.is_empty());
        let unread = self.unread + chain.unlinked + without_numbers;
        let transactions = chain.transactions().count();
        if transactions == 0 && unread == 0 {
            return None;
        }
        self.facts.append(&mut chain.facts);
        // Without all rows no sum can be right.
        let comparison = (unread == 0).then(|| totals::compare(&self.facts, &chain, &rows));
        let comparison = comparison.unwrap_or_default();
        let (page_numbers, holes) = page_numbers::judge(&self.numbers, pages);
        let signs = Signs {
            comparison: &comparison,
            holes: &holes,
        };
        let (debits, credits) = count_sides(&chain, &rows);
        Some(Ledger {
            accounts: chain.segments.len(),
            transactions,
            unread,
            debits,
            credits,
            links: chain.links,
            broken: chain.broken.len(),
            order,
            breaks: breaks::list(&chain, &rows, &signs),
            opening: opening(&chain, &comparison),
            totals: comparison.totals,
            differing_ends: comparison.differing_ends(),
            page_numbers,
            references: self.references(),
            sender: senders::most_frequent(outgoing_senders(&rows)),
            days: days_of(&rows),
            continuity: Continuity::of(&chain, &rows),
            mixed: mixed.verdict,
            foreign_pages: mixed.pages,
        })
    }

    /// Compares the dates in payment references with those of their rows.
    fn references(&self) -> References {
        let compared = self.lines.iter().flat_map(|line| {
            let references = line.references.iter();
            references.filter_map(|found| Some(found.agrees(line.date?)))
        });
        compared.fold(References::default(), |sum, agrees| References {
            dated: sum.dated + 1,
            disagree: sum.disagree + usize::from(!agrees),
        })
    }
}

fn median(mut values: Vec<f32>) -> Option<f32> {
    values.sort_by(f32::total_cmp);
    values.get(values.len() / 2).copied()
}

/// Counts the transactions that decrease and that increase the balance.
fn count_sides(chain: &Chain, rows: &[Row]) -> (usize, usize) {
    let changes = chain
        .transactions()
        .filter_map(|index| rows.get(index)?.change);
    changes.fold((0, 0), |(debits, credits), change| match change {
        Change::Signed(value) if value < 0 => (debits + 1, credits),
        Change::Signed(_) => (debits, credits + 1),
        Change::Unsigned(_) => (debits, credits),
    })
}

/// Returns the senders that the references of outgoing transfers name.
fn outgoing_senders(rows: &[Row]) -> Vec<Code> {
    let outgoing = rows.iter().filter(|row| {
        let is_debit = matches!(row.change, Some(Change::Signed(value)) if value < 0);
        is_debit && row.kind() == RowKind::Transaction
    });
    outgoing.filter_map(|row| row.sender).collect()
}

/// Returns the days of the first and the last transaction.
fn days_of(rows: &[Row]) -> Option<DateRange> {
    let transactions = rows.iter().filter(|row| row.kind() == RowKind::Transaction);
    let dates = || transactions.clone().filter_map(|row| row.date);
    let (from, to) = dates().min().zip(dates().max())?;
    Some(DateRange { from, to })
}

/// Numbers the transactions of each page from top to bottom.
fn number_rows(rows: &mut [Row]) {
    let mut printed: Vec<&mut Row> = rows
        .iter_mut()
        .filter(|row| row.kind() == RowKind::Transaction)
        .collect();
    printed.sort_by_key(|row| (row.page, row.place));
    let (mut page, mut number) = (None, 0);
    for row in printed {
        if page != Some(row.page) {
            (page, number) = (Some(row.page), 0);
        }
        number += 1;
        row.number = number;
    }
}

/// Returns the weakest origin of the opening balances.
fn opening(chain: &Chain, comparison: &Comparison) -> OpeningBalance {
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
