//! Compares printed balances, sums and counts with the rows.

use super::Totals;
use super::chain::{Chain, Segment};
use super::rows::{Change, Row, RowKind};
use super::summary::{Fact, PrintedFact};

/// Some banks round each number by itself.
const MAX_ROUNDING: i64 = 1;
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
    fn of<'r>(rows: impl Iterator<Item = &'r Row>) -> Self {
        let mut sums = Self::default();
        for row in rows.filter(|row| row.kind() == RowKind::Transaction) {
            match row.change {
                Some(Change::Signed(value)) if value < 0 => {
                    sums.debits -= value;
                    sums.debit_count += 1;
                }
                Some(Change::Signed(value)) => {
                    sums.credits += value;
                    sums.credit_count += 1;
                }
                _ => {}
            }
            let (debit, credit) = (row.debit.unwrap_or(0), row.credit.unwrap_or(0));
            sums.column_debits += debit;
            sums.column_credits += credit;
            sums.column_debit_count += i64::from(debit != 0);
            sums.column_credit_count += i64::from(credit != 0);
        }
        sums
    }

    fn of_segment(segment: &Segment, rows: &[Row]) -> Self {
        Self {
            opening: segment.opening,
            closing: segment.closing,
            ..Self::of(
                segment
                    .transactions
                    .iter()
                    .filter_map(|index| rows.get(*index)),
            )
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

/// Compares what a statement prints with its rows. Sums can be those of all rows, of one account,
/// of one page, or of the rows so far.
pub(super) fn compare(facts: &[PrintedFact], chain: &Chain, rows: &[Row]) -> Comparison {
    let mut scopes: Vec<Sums> = chain
        .segments
        .iter()
        .map(|segment| Sums::of_segment(segment, rows))
        .collect();
    scopes.push(Sums::of(rows.iter()));
    let agrees = |printed: &PrintedFact| {
        scopes.iter().any(|sums| sums.confirm(printed)) || {
            let covered = printed.rows.and_then(|(from, to)| rows.get(from..to));
            let page = rows.iter().filter(|row| row.page == printed.page);
            let so_far = rows.iter().filter(|row| row.page <= printed.page);
            covered.is_some_and(|rows| Sums::of(rows.iter()).confirm(printed))
                || Sums::of(page).confirm(printed)
                || Sums::of(so_far).confirm(printed)
        }
    };
    let (agreeing, others): (Vec<&PrintedFact>, _) = facts.iter().partition(|fact| agrees(fact));
    // A number alone can be the sum of anything: of other accounts, or of charges.
    let is_confirmed = |page: u32| {
        let mut on_page = agreeing.iter().filter(|fact| fact.page == page);
        on_page.any(|fact| fact.value != 0)
    };
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
