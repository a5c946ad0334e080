//! Describes the transactions of a statement in one line.

use crate::statement::{Ledger, LedgerBreak, Totals};
use crate::text::columns::{counted, thousands};

/// Describes what was read and what it proves: `412 transactions; all 411 balances follow`.
pub(crate) fn describe(ledger: &Ledger) -> String {
    let mut parts = vec![counted(ledger.transactions, "transaction")];
    if ledger.accounts > 1 {
        parts.push(format!(
            "{} in one file",
            counted(ledger.accounts, "account")
        ));
    }
    parts.push(match (ledger.links, ledger.broken) {
        (0, _) => "no balances to compare".to_owned(),
        (1, 0) => "the balance follows".to_owned(),
        (links, 0) => format!("all {} balances follow", thousands(links)),
        (links, broken) => {
            let verb = if broken == 1 { "does" } else { "do" };
            format!(
                "{} of {} {verb} not follow",
                thousands(broken),
                counted(links, "balance")
            )
        }
    });
    match ledger.totals {
        Totals::Agree => parts.push("printed totals agree".to_owned()),
        Totals::Differ => parts.push("printed totals differ".to_owned()),
        Totals::None => {}
    }
    if ledger.unread > 0 {
        parts.push(format!("{} not read", counted(ledger.unread, "row")));
    }
    parts.join("; ")
}

/// Describes a broken balance with its amounts. Only for a user who asked for amounts.
pub(crate) fn describe_amounts(found: &LedgerBreak) -> String {
    format!(
        "{}: balance {}, expected {}",
        found.location(),
        amount(found.balance),
        amount(found.expected)
    )
}

/// Formats minor units as a number with two decimals.
fn amount(minor: i64) -> String {
    let sign = if minor < 0 { "-" } else { "" };
    let units = usize::try_from(minor.unsigned_abs() / 100).unwrap_or(usize::MAX);
    format!(
        "{sign}{}.{:02}",
        thousands(units),
        minor.unsigned_abs() % 100
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_two_decimals_and_a_sign() {
        assert_eq!(amount(123_456_789), "1,234,567.89");
        assert_eq!(amount(-5), "-0.05");
    }
}
