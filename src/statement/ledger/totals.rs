//! Compares printed balances, sums and counts with the rows.

use super::chain::{Chain, Segment};
use super::rows::{Change, Row, RowKind};
use super::summary::{Fact, PrintedFact};
use super::{DifferingEnds, MAX_ROUNDING, Totals};
use std::collections::{BTreeMap, BTreeSet};

/// Accounts whose sums are compared.
const MAX_SEGMENTS: usize = 50;
/// The factor between a count and its value in a [`PrintedFact`].
const COUNT_UNIT: i64 = 100;

/// The result of the comparison.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Comparison {
    pub(super) totals: Totals,
    /// The facts that differ, with their pages.
    pub(super) differing: Vec<PrintedFact>,
    /// Whether a printed opening balance agrees.
    pub(super) confirms_opening: bool,
}

impl Comparison {
    /// Returns the ends at which a printed balance differs.
    pub(super) fn differing_ends(&self) -> DifferingEnds {
        let differs = |end| self.differing.iter().any(|printed| printed.fact == end);
        DifferingEnds {
            opening: differs(Fact::Opening),
            closing: differs(Fact::Closing),
        }
    }
}

/// Sums over some rows.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    opening: Option<i64>,
    closing: Option<i64>,
    /// By the side of each row.
    debits: i64,
    credits: i64,
    debit_count: i64,
    credit_count: i64,
    /// By the column of each number, as printed: a reversal is a debit below zero.
    column_debits: i64,
    column_credits: i64,
    column_debit_count: i64,
    column_credit_count: i64,
}

impl Sums {
    fn add(mut self, row: &Row) -> Self {
        if row.kind() != RowKind::Transaction {
            return self;
        }
        match row.change {
            Some(Change::Signed(value)) if value < 0 => {
                self.debits -= value;
                self.debit_count += 1;
            }
            Some(Change::Signed(value)) => {
                self.credits += value;
                self.credit_count += 1;
            }
            _ => {}
        }
        let (debit, credit) = (row.debit.unwrap_or(0), row.credit.unwrap_or(0));
        self.column_debits += debit;
        self.column_credits += credit;
        self.column_debit_count += i64::from(debit != 0);
        self.column_credit_count += i64::from(credit != 0);
        self
    }

    /// Returns the sums without those of the rows before.
    fn since(self, before: Self) -> Self {
        Self {
            opening: None,
            closing: None,
            debits: self.debits - before.debits,
            credits: self.credits - before.credits,
            debit_count: self.debit_count - before.debit_count,
            credit_count: self.credit_count - before.credit_count,
            column_debits: self.column_debits - before.column_debits,
            column_credits: self.column_credits - before.column_credits,
            column_debit_count: self.column_debit_count - before.column_debit_count,
            column_credit_count: self.column_credit_count - before.column_credit_count,
        }
    }

    fn confirm(&self, printed: &PrintedFact) -> bool {
        let equals = |value: i64| (value - printed.value).abs() <= MAX_ROUNDING;
        let balance = |value: Option<i64>| value.is_some_and(|v| equals(v) || equals(v.abs()));
        let opening = self.opening.unwrap_or(0).abs();
        // Sums can include the opening balance, and refunds are subtracted or added.
        let sum = |values: [i64; 2]| values.iter().any(|v| equals(*v) || equals(*v + opening));
        let count = |values: [i64; 2]| values.iter().any(|v| *v * COUNT_UNIT == printed.value);
        match printed.fact {
            Fact::Opening => balance(self.opening),
            Fact::Closing => balance(self.closing),
            Fact::Debits => sum([self.debits, self.column_debits]),
            Fact::Credits => sum([self.credits, self.column_credits]),
            Fact::DebitCount => count([self.debit_count, self.column_debit_count]),
            Fact::CreditCount => count([self.credit_count, self.column_credit_count]),
        }
    }
}

/// The sums of all ranges of rows: a statement of 2,000 pages prints thousands of them.
struct RangeSums {
    /// The sums of the rows before each index.
    before: Vec<Sums>,
    /// The range of the rows of each page.
    pages: BTreeMap<u32, (usize, usize)>,
}

impl RangeSums {
    fn new(rows: &[Row]) -> Self {
        let mut sums = Sums::default();
        let mut before = vec![sums];
        let mut pages: BTreeMap<u32, (usize, usize)> = BTreeMap::new();
        for (index, row) in rows.iter().enumerate() {
            sums = sums.add(row);
            before.push(sums);
            let (_, end) = pages.entry(row.page).or_insert((index, index));
            *end = index + 1;
        }
        Self { before, pages }
    }

    fn of(&self, from: usize, to: usize) -> Sums {
        let at = |index: usize| self.before.get(index).copied().unwrap_or_default();
        at(to).since(at(from))
    }

    fn of_segment(&self, segment: &Segment) -> Sums {
        let ends = segment
            .transactions
            .first()
            .zip(segment.transactions.last());
        let sums = ends
            .map(|(first, last)| self.of(*first, last + 1))
            .unwrap_or_default();
        Sums {
            opening: segment.opening,
            closing: segment.closing,
            ..sums
        }
    }

    /// Whether the rows of a page, those up to it, or those that a row of totals follows confirm
    /// a fact.
    fn confirm(&self, printed: &PrintedFact) -> bool {
        let covered = printed.rows.map(|(from, to)| self.of(from, to));
        let page = self.pages.get(&printed.page).copied();
        let last = self.before.len().saturating_sub(1);
        let of_page = page.map(|(from, to)| self.of(from, to));
        // The rows up to a page come first in time, or last if the newest is printed first.
        let up_to = page.map(|(_, to)| self.of(0, to));
        let from_here = page.map(|(from, _)| self.of(from, last));
        let mut scopes = [covered, of_page, up_to, from_here].into_iter().flatten();
        scopes.any(|sums| sums.confirm(printed))
    }
}

/// Compares what a statement prints with its rows. Sums can be those of all rows, of one account,
/// of one page, or of the rows so far.
pub(super) fn compare(facts: &[PrintedFact], chain: &Chain, rows: &[Row]) -> Comparison {
    let ranges = RangeSums::new(rows);
    let segments = chain.segments.iter().take(MAX_SEGMENTS);
    let mut scopes: Vec<Sums> = segments.map(|segment| ranges.of_segment(segment)).collect();
    scopes.push(ranges.of(0, rows.len()));
    let agrees = |printed: &PrintedFact| {
        scopes.iter().any(|sums| sums.confirm(printed)) || ranges.confirm(printed)
    };
    let (agreeing, others): (Vec<&PrintedFact>, _) = facts.iter().partition(|fact| agrees(fact));
    // A number alone can be the sum of anything: of other accounts, or of charges.
    let confirmed = agreeing.iter().filter(|fact| fact.value != 0);
    let confirmed: BTreeSet<u32> = confirmed.map(|fact| fact.page).collect();
    let is_confirmed = |page: u32| confirmed.contains(&page);
    let differing = others
        .into_iter()
        .filter(|fact| fact.is_certain && is_confirmed(fact.page));
    let differing: Vec<PrintedFact> = differing.copied().collect();
    let totals = if !differing.is_empty() {
        Totals::Differ
    } else if agreeing.iter().any(|fact| !fact.fact.is_balance()) {
        Totals::Agree
    } else {
        Totals::None
    };
    Comparison {
        totals,
        confirms_opening: agreeing.iter().any(|fact| fact.fact == Fact::Opening),
        differing,
    }
}
