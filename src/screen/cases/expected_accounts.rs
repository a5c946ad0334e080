//! Accounts of which the user expects files, and none came.

use crate::screen::accounts::AccountCoverage;
use crate::screen::{RequiredMonths, all_months};
use crate::statement::{Account, DateRange, coverage};

/// Returns whether files of an account came.
///
/// Only the last digits are compared: spreadsheets drop zeros in front, and banks print numbers
/// with and without those of the branch.
fn is_among(account: &Account, known: &[AccountCoverage]) -> bool {
    let mut known = known.iter();
    known.any(|known| known.account.ends_with(account.last_digits()))
}

/// Adds the accounts that the user named and for which no file came: all months are missing.
pub fn add_accounts_without_files(
    accounts: &mut Vec<AccountCoverage>,
    expected: &[Account],
    required: RequiredMonths,
) {
    let range = match required {
        RequiredMonths::Of(range) => Some(range),
        // The months of the other accounts.
        RequiredMonths::Own => spanned(accounts),
    };
    for account in expected {
        if is_among(account, accounts) {
            continue;
        }
        let months = range.map(|range| coverage::months(&[], range, None));
        accounts.push(AccountCoverage {
            bank: None,
            account: account.masked.clone(),
            key: None,
            last_file: None,
            files: Vec::new(),
            months: months.unwrap_or_default(),
            is_printed: true,
            without_transactions: Vec::new(),
        });
    }
}

/// Returns the days of all months of some accounts.
fn spanned(accounts: &[AccountCoverage]) -> Option<DateRange> {
    let months = all_months(accounts);
    Some(DateRange {
        from: months.first()?.first_day()?,
        to: months.last()?.first_day()?.last_of_month(),
    })
}
