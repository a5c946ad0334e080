//! Follows the balance from row to row: the links, and where they break.

use super::MAX_ROUNDING;
use super::label::Label;
use super::rows::{Change, Row, RowKind};
use super::summary::PrintedFact;

/// Amounts of unknown side in one link; with more, the link cannot be checked.
const MAX_UNSIGNED: usize = 6;
/// Rows before a row among which it is looked for if it is printed twice.
const MAX_REPEATED_ROWS: usize = 120;

/// The links between the balances of a document.
#[derive(Debug, Default)]
pub(super) struct Chain {
    /// The accounts, or statements, that follow one another.
    pub(super) segments: Vec<Segment>,
    pub(super) links: usize,
    pub(super) broken: Vec<BrokenLink>,
    /// Rows that belong to no link although the statement has balances.
    pub(super) unlinked: usize,
    /// What rows state about the others.
    pub(super) facts: Vec<PrintedFact>,
}

/// A balance that does not follow from the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BrokenLink {
    /// Index of the row with the balance.
    pub(super) row: usize,
    /// Index of the row with the balance before.
    pub(super) previous: usize,
    /// The printed balance minus the expected one.
    pub(super) difference: i64,
}

/// Rows of one account without a new beginning.
#[derive(Debug, Clone, Default)]
pub(super) struct Segment {
    /// The balance before the first transaction.
    pub(super) opening: Option<i64>,
    pub(super) is_opening_printed: bool,
    /// The balance after the last transaction.
    pub(super) closing: Option<i64>,
    /// Indices of its transactions.
    pub(super) transactions: Vec<usize>,
}

/// The state while rows are followed.
struct Follower<'r> {
    gaps: &'r [u32],
    starts: &'r [u32],
    rows: &'r mut [Row],
    chain: Chain,
    segment: Segment,
    /// The transactions since the last balance.
    pending: Vec<usize>,
    /// The row with the last balance.
    last: Option<usize>,
    /// The row of the last opening balance or balance brought forward.
    carry: usize,
    /// Rows before this one are those of an account without transactions.
    skip_to: usize,
    /// The position, among the transactions, of the row that was printed again last.
    repeated: Option<usize>,
}

impl Chain {
    /// Follows rows in the order of time.
    ///
    /// Rows outside of the table are recognised by their links: they are given no amount, so that
    /// they are no transactions any more. An amount of unknown side gets the side that its link
    /// needs.
    ///
    /// `gaps` are the indices of pages that could not be read: no link crosses them. `starts` are
    /// those of pages that begin another account.
    pub(super) fn follow(rows: &mut [Row], gaps: &[u32], starts: &[u32]) -> Self {
        let mut follower = Follower {
            gaps,
            starts,
            rows,
            chain: Self::default(),
            segment: Segment::default(),
            pending: Vec::new(),
            last: None,
            carry: 0,
            skip_to: 0,
            repeated: None,
        };
        for index in 0..follower.rows.len() {
            follower.add(index);
        }
        follower.end_segment();
        follower.chain
    }

    /// Returns the indices of all transactions.
    pub(super) fn transactions(&self) -> impl Iterator<Item = usize> + '_ {
        self.segments
            .iter()
            .flat_map(|segment| segment.transactions.iter().copied())
    }
}

impl Follower<'_> {
    fn add(&mut self, index: usize) {
        let Some(row) = self.rows.get(index) else {
            return;
        };
        let kind = row.kind();
        let (label, balance) = (row.label, row.balance);
        match kind {
            RowKind::Transaction => self.pending.push(index),
            RowKind::Anchor if index < self.skip_to => return,
            RowKind::Anchor if self.is_statement_about_others(index) => {
                match self.empty_account(index) {
                    Some(end) => self.skip_to = end,
                    None => self.chain.facts.extend(row.facts()),
                }
                return;
            }
            RowKind::Anchor => {}
            RowKind::Total | RowKind::Other => {
                let rows = Some((self.carry, index));
                let facts = row.facts();
                self.chain
                    .facts
                    .extend(facts.map(|fact| PrintedFact { rows, ..fact }));
                return;
            }
        }
        if matches!(label, Some(Label::Opening | Label::BroughtForward)) {
            self.carry = index;
        }
        let is_opening = kind == RowKind::Anchor && label == Some(Label::Opening);
        if is_opening || self.begins_account(index) {
            let own = std::mem::take(&mut self.pending);
            let (own, before) = own.into_iter().partition(|pending| *pending == index);
            self.pending = before;
            self.end_segment();
            self.pending = own;
        }
        let Some(balance) = balance else { return };
        match self.segment.closing {
            Some(before) => self.link(index, before, balance),
            None => self.open(index, balance),
        }
    }

    /// Whether a row with a balance belongs to a summary behind the table.
    fn is_statement_about_others(&self, index: usize) -> bool {
        let label = self.rows.get(index).and_then(|row| row.label);
        match label {
            Some(Label::Closing) => true,
            Some(Label::Opening) => {
                let is_first = self.segment.closing.is_none() && self.pending.is_empty();
                !is_first && !starts_segment(self.rows.get(index + 1..).unwrap_or_default())
            }
            _ => false,
        }
    }

    /// Returns the end of an account without transactions: its opening and closing balance.
    fn empty_account(&self, index: usize) -> Option<usize> {
        let (opening, closing) = (self.rows.get(index)?, self.rows.get(index + 1)?);
        let is_pair = opening.label == Some(Label::Opening)
            && closing.label == Some(Label::Closing)
            && opening.balance == closing.balance;
        is_pair.then_some(index + 2)
    }

    /// Begins with the first balance of a segment.
    fn open(&mut self, index: usize, balance: i64) {
        let Some(row) = self.rows.get(index) else {
            return;
        };
        self.segment.is_opening_printed = row.kind() == RowKind::Anchor;
        // The rows before the one with the first balance can't be checked.
        self.chain.unlinked += self.pending.len().saturating_sub(1);
        let change: i64 = self.pending_rows().map(|(_, row)| row.signed()).sum();
        self.segment.opening = Some(balance - change);
        self.close_link(index, balance);
    }

    fn link(&mut self, index: usize, before: i64, balance: i64) {
        self.repeated = self.repeated(index);
        if self.repeated.is_some() {
            self.pending.clear();
            if let Some(row) = self.rows.get_mut(index) {
                row.is_repeated = true;
            }
            self.segment.closing = Some(balance);
            return;
        }
        if self.crosses_gap(index) {
            self.close_link(index, balance);
            return;
        }
        let pending = std::mem::take(&mut self.pending);
        let is_resolved = self.resolve(before, balance, &pending);
        self.pending = pending;
        if !is_resolved {
            let kept: Vec<usize> = self
                .pending_rows()
                .filter(|(index, row)| !self.is_loose(*index, row))
                .map(|(index, _)| index)
                .collect();
            if kept.len() < self.pending.len() && self.resolve(before, balance, &kept) {
                self.drop_rows(&kept);
            } else if self.is_outside(index) {
                return;
            } else {
                let change: i64 = self.pending_rows().map(|(_, row)| row.signed()).sum();
                self.chain.broken.push(BrokenLink {
                    row: index,
                    previous: self.last.unwrap_or(index),
                    difference: balance - before - change,
                });
            }
        }
        self.chain.links += 1;
        self.close_link(index, balance);
    }

    /// Whether pages of another account begin between the row and the balance before.
    fn begins_account(&self, index: usize) -> bool {
        let page = |index: usize| self.rows.get(index).map(|row| row.page);
        let Some((before, after)) = self.last.and_then(page).zip(page(index)) else {
            return false;
        };
        let (first, last) = (before.min(after), before.max(after));
        self.starts
            .iter()
            .any(|start| first < *start && *start <= last)
    }

    /// Whether a page between the row and the balance before could not be read.
    fn crosses_gap(&self, index: usize) -> bool {
        let page = |index: usize| self.rows.get(index).map(|row| row.page);
        let Some((before, after)) = self.last.and_then(page).zip(page(index)) else {
            return false;
        };
        let between = before.min(after)..before.max(after);
        self.gaps.iter().any(|gap| between.contains(gap))
    }

    /// Returns the position, among the transactions, of the row that is printed a second time.
    ///
    /// Some banks repeat the last rows of a page on the next one, and pages are printed twice. The
    /// first repeated row does not follow from the one before; the others repeat the next ones.
    fn repeated(&self, index: usize) -> Option<usize> {
        let row = self.rows.get(index).filter(|row| row.has_own_date)?;
        let before = self.segment.closing?;
        if self.pending != [index] {
            return None;
        }
        let known = &self.segment.transactions;
        let repeats = |position: &usize| {
            let known = known.get(*position).and_then(|index| self.rows.get(*index));
            known.is_some_and(|known| known.repeats(row))
        };
        if let Some(next) = self.repeated.map(|position| position + 1).filter(repeats) {
            return Some(next);
        }
        if row.follows(before) {
            return None;
        }
        let recent = known.len().saturating_sub(MAX_REPEATED_ROWS)..known.len();
        recent.rev().find(repeats)
    }

    /// Whether a row is no transaction if its link holds without it: a number without a date, or
    /// the rest of a row that began on the page before.
    fn is_loose(&self, index: usize, row: &Row) -> bool {
        let follows_carry = || {
            let before = index.checked_sub(1).and_then(|index| self.rows.get(index));
            before.is_some_and(|row| row.label == Some(Label::BroughtForward))
        };
        row.balance.is_none() && (!row.has_own_date || follows_carry())
    }

    /// Whether a number that breaks the chain is outside of the table.
    fn is_outside(&self, index: usize) -> bool {
        let Some(row) = self.rows.get(index) else {
            return true;
        };
        row.kind() == RowKind::Anchor && row.label.is_none() && !row.has_own_date
    }

    fn pending_rows(&self) -> impl Iterator<Item = (usize, &Row)> {
        let row = |index: &usize| Some((*index, self.rows.get(*index)?));
        self.pending.iter().filter_map(row)
    }

    /// Keeps some of the pending rows; the others are no transactions.
    fn drop_rows(&mut self, kept: &[usize]) {
        for index in std::mem::take(&mut self.pending) {
            if kept.contains(&index) {
                self.pending.push(index);
            } else if let Some(row) = self.rows.get_mut(index) {
                row.change = None;
            }
        }
    }

    /// Returns whether rows lead from one balance to another, and gives amounts of unknown side the
    /// side that this needs.
    fn resolve(&mut self, before: i64, after: i64, rows: &[usize]) -> bool {
        let change = |index: &usize| self.rows.get(*index)?.change;
        let mut rest = after - before;
        let mut unsigned: Vec<(usize, i64)> = Vec::new();
        for index in rows {
            match change(index) {
                Some(Change::Signed(value)) => rest -= value,
                Some(Change::Unsigned(value)) => unsigned.push((*index, value)),
                None => {}
            }
        }
        if unsigned.len() > MAX_UNSIGNED {
            return false;
        }
        let signs = |mask: u32, position: usize| if mask >> position & 1 == 0 { 1 } else { -1 };
        let fits = (0..1_u32 << unsigned.len()).find(|mask| {
            let amounts = unsigned.iter().enumerate();
            let sum: i64 = amounts
                .map(|(at, (_, value))| signs(*mask, at) * value)
                .sum();
            (rest - sum).abs() <= MAX_ROUNDING
        });
        let Some(mask) = fits else { return false };
        for (position, (index, value)) in unsigned.into_iter().enumerate() {
            if let Some(row) = self.rows.get_mut(index) {
                row.change = Some(Change::Signed(signs(mask, position) * value));
            }
        }
        true
    }

    fn close_link(&mut self, index: usize, balance: i64) {
        self.segment.closing = Some(balance);
        self.segment.transactions.append(&mut self.pending);
        self.last = Some(index);
    }

    fn end_segment(&mut self) {
        if self.segment.closing.is_some() {
            let is_row = |(_, row): &(usize, &Row)| row.has_own_date;
            self.chain.unlinked += self.pending_rows().filter(is_row).count();
            let kept: Vec<usize> = self.pending_rows().filter(is_row).map(|(i, _)| i).collect();
            self.drop_rows(&kept);
        }
        self.segment.transactions.append(&mut self.pending);
        let segment = std::mem::take(&mut self.segment);
        if segment.closing.is_some() || !segment.transactions.is_empty() {
            self.chain.segments.push(segment);
        }
        self.last = None;
    }
}

/// Whether an opening balance begins another segment: a transaction follows before its end.
fn starts_segment(rows: &[Row]) -> bool {
    let next = rows.iter().find(|row| {
        row.kind() == RowKind::Transaction
            || matches!(row.label, Some(Label::Closing | Label::Opening))
    });
    next.is_some_and(|row| row.kind() == RowKind::Transaction)
}
