//! Classifies broken links: one row is wrong, rows are missing, or rows are in a wrong order.
//!
//! A break alone does not show which: a changed amount and a missing row look the same. A second
//! sign decides, such as a hole in the page numbers, or a printed count that differs from that of
//! the rows.

use super::chain::{BrokenLink, Chain};
use super::label::Label;
use super::rows::{Row, RowKind};
use super::summary::Fact;
use super::totals::Comparison;
use super::{BreakKind, LedgerBreak};

/// Breaks that are listed.
const MAX_BREAKS: usize = 100;
/// Days between the rows before and after missing ones.
const MIN_GAP_DAYS: i32 = 12;

/// What is known beside the chain.
pub(super) struct Signs<'s> {
    pub(super) comparison: &'s Comparison,
    /// Indices of the pages behind a hole in the printed page numbers.
    pub(super) holes: &'s [u32],
}

/// Lists the breaks in the order of the pages.
pub(super) fn list(chain: &Chain, rows: &[Row], signs: &Signs<'_>) -> Vec<LedgerBreak> {
    let mut breaks = Vec::new();
    let mut links = chain.broken.iter().peekable();
    while let Some(link) = links.next() {
        let mut kind = kind(link, chain, rows, signs);
        // A wrong balance breaks two links by opposite differences; one row is wrong.
        let is_other_half =
            |next: &&BrokenLink| next.previous == link.row && next.difference == -link.difference;
        if links.next_if(is_other_half).is_some() {
            kind = BreakKind::Amount;
        }
        if breaks.len() < MAX_BREAKS {
            breaks.extend(at_row(link, rows, kind));
        }
    }
    breaks.sort_by_key(|found: &LedgerBreak| (found.page, found.row));
    breaks
}

/// Returns the break at the transaction with the balance, or at the first one after it.
fn at_row(link: &BrokenLink, rows: &[Row], kind: BreakKind) -> Option<LedgerBreak> {
    let balance = rows.get(link.row)?.balance?;
    let mut from = rows.get(link.row..)?.iter();
    let row = from
        .find(|row| row.kind() == RowKind::Transaction)
        .or_else(|| rows.get(link.row))?;
    Some(LedgerBreak {
        page: row.page + 1,
        row: row.number.max(1),
        kind,
        place: row.place,
        balance,
        expected: balance - link.difference,
    })
}

fn kind(link: &BrokenLink, chain: &Chain, rows: &[Row], signs: &Signs<'_>) -> BreakKind {
    let (Some(before), Some(row)) = (rows.get(link.previous), rows.get(link.row)) else {
        return BreakKind::Amount;
    };
    let is_page_edge = before.page != row.page;
    let dates = before.date.zip(row.date);
    let falls = dates.is_some_and(|(before, after)| after < before);
    if is_page_edge && falls && has_matching_end(link, chain, rows) || is_swapped(link, chain, rows)
    {
        return BreakKind::Order;
    }
    let days = dates.and_then(|(before, after)| after.since(before).ok());
    let other_signs = [
        signs.holes.contains(&row.page) || signs.holes.contains(&before.page),
        row.label == Some(Label::BroughtForward),
        is_page_edge && days.is_some_and(|span| span.get_days() >= MIN_GAP_DAYS),
        is_page_edge && signs.comparison.totals == super::Totals::Differ,
        has_other_count(signs.comparison),
    ];
    if other_signs.contains(&true) {
        BreakKind::Missing
    } else {
        BreakKind::Amount
    }
}

/// Whether a printed count of transactions differs.
fn has_other_count(comparison: &Comparison) -> bool {
    let is_count = |fact| matches!(fact, Fact::DebitCount | Fact::CreditCount);
    comparison
        .differing
        .iter()
        .any(|printed| is_count(printed.fact))
}

/// Whether the row continues a balance that another page ends with.
fn has_matching_end(link: &BrokenLink, chain: &Chain, rows: &[Row]) -> bool {
    let Some(row) = rows.get(link.row) else {
        return false;
    };
    let Some(start) = row.balance.map(|balance| balance - row.signed()) else {
        return false;
    };
    let ends = chain
        .broken
        .iter()
        .filter_map(|other| rows.get(other.previous));
    let last = rows.iter().rev().find(|row| row.balance.is_some());
    ends.chain(last)
        .any(|end| end.balance == Some(start) && end.page != row.page)
}

/// Whether the chain holds if the row and its neighbour change places.
fn is_swapped(link: &BrokenLink, chain: &Chain, rows: &[Row]) -> bool {
    let broken = |row: usize| chain.broken.iter().any(|link| link.row == row);
    let fits = |first: usize| {
        let balance = |index: usize| rows.get(index)?.balance;
        let change = |index: usize| rows.get(index).map(Row::signed);
        let before = first.checked_sub(1)?;
        let (second, after) = (first + 1, first + 2);
        let swapped = balance(before)? + change(second)? == balance(second)?
            && balance(second)? + change(first)? == balance(first)?;
        let continues = match (balance(after), change(after)) {
            (Some(next), Some(change)) => balance(first)? + change == next,
            _ => true,
        };
        Some(swapped && continues)
    };
    let candidates = [
        link.row.checked_sub(2),
        link.row.checked_sub(1),
        Some(link.row),
    ];
    candidates.into_iter().flatten().any(|first| {
        let is_run = broken(first) && broken(first + 1);
        is_run && fits(first) == Some(true)
    })
}
