//! Monthly statements of invented accounts, whose balances continue from month to month.

use crate::generator::banks::design;
use crate::generator::calendar::Day;
use crate::generator::layout::Design;
use crate::generator::ledger::{Ledger, LedgerSpec};
use crate::generator::statement::statement;

/// Transactions per statement.
const ROWS: usize = 6;
/// First and last day of the months of 2024 that tests use.
pub(crate) const MONTHS: [(&str, &str); 6] = [
    ("2024-01-01", "2024-01-31"),
    ("2024-02-01", "2024-02-29"),
    ("2024-03-01", "2024-03-31"),
    ("2024-04-01", "2024-04-30"),
    ("2024-05-01", "2024-05-31"),
    ("2024-06-01", "2024-06-30"),
];

/// An account of an invented customer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CustomerAccount {
    bank: &'static str,
    number: &'static str,
    seed: u64,
}

impl CustomerAccount {
    /// Returns an account; accounts with different seeds have different numbers and transactions.
    pub(crate) fn new(bank: &'static str, seed: u64) -> Self {
        let original = design(bank).account.unwrap();
        // Digits before the last four, so that many accounts share these.
        let digits = format!("{seed:05}");
        let kept = original.len() - 4;
        let start = &original[..kept - digits.len()];
        let number = format!("{start}{digits}{}", &original[kept..]);
        Self {
            bank,
            number: number.leak(),
            seed,
        }
    }

    /// Returns the statements of these days, which must be in order.
    pub(crate) fn statements(self, periods: &[(&'static str, &'static str)]) -> Vec<Vec<u8>> {
        let mut closing = None;
        let statements = periods.iter().enumerate().map(|(index, period)| {
            let mut own: Design = *design(self.bank);
            own.account = Some(self.number);
            own.period = *period;
            own.rows = ROWS;
            own.seed = self.seed * 100 + u64::try_from(index).unwrap();
            let ledger = Ledger::draw(&LedgerSpec {
                seed: own.seed,
                from: Day::from_iso(period.0),
                to: Day::from_iso(period.1),
                rows: ROWS,
                issuer: own.ifsc_prefix,
                counterparty: own.counterparty,
                has_own_references: false,
            });
            // The balances of the generator begin anywhere.
            own.overdraft = closing.map_or(0, |closing| ledger.opening - closing);
            closing = Some(ledger.closing() - own.overdraft);
            statement(&own).bytes()
        });
        statements.collect()
    }

    /// Returns the statements of the months with these numbers.
    pub(crate) fn months(self, numbers: &[usize]) -> Vec<Vec<u8>> {
        let periods: Vec<_> = numbers.iter().map(|number| MONTHS[number - 1]).collect();
        self.statements(&periods)
    }
}
