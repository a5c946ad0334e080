//! The accounts of a case: those of which the user expects files, and what all have in common.

use crate::applicant::{Applicants, Field};
use crate::screen::accounts::AccountCoverage;
use crate::screen::{Expected, RequiredMonths, Screening, all_months};
use crate::statement::{Account, Bank, DateRange, coverage};

/// Returns the accounts that the details of the files of a case name. One that a file without a
/// readable number may be of is left out: that file is asked for anyway.
pub fn expected_accounts<'f>(
    files: impl IntoIterator<Item = (Option<&'f Expected>, &'f Screening)>,
) -> Vec<Account> {
    let mut expected: Vec<Account> = Vec::new();
    let mut unread: Vec<Account> = Vec::new();
    for (own, screening) in files {
        let applicants = own.and_then(|own| own.applicants.as_ref());
        let people = applicants.map_or(&[][..], Applicants::people);
        let numbers = people
            .iter()
            .filter_map(|details| Account::of_digits(details.get(Field::AccountNumber)?));
        let numbers: Vec<Account> = numbers.collect();
        // A file's own details come first.
        let own = numbers.first().cloned();
        unread.extend(own.filter(|_| screening.statement.account.is_none()));
        for account in numbers {
            if !expected.contains(&account) {
                expected.push(account);
            }
        }
    }
    expected.retain(|account| !unread.contains(account));
    expected
}

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

/// Returns the days from the first of the first month that an account has, to the last of the last
/// one.
pub fn months_span(accounts: &[AccountCoverage]) -> Option<DateRange> {
    let months = || accounts.iter().flat_map(AccountCoverage::present);
    Some(DateRange {
        from: months().min()?.first_day()?,
        to: months().max()?.first_day()?.last_of_month(),
    })
}

/// Returns the bank of all accounts, if they have one in common.
pub fn only_bank(accounts: &[AccountCoverage]) -> Option<&Bank> {
    let bank = accounts.first()?.bank.as_ref()?;
    let mut accounts = accounts.iter();
    accounts
        .all(|account| account.bank.as_ref().map(Bank::id) == Some(bank.id()))
        .then_some(bank)
}

/// Returns the days of all months of some accounts.
fn spanned(accounts: &[AccountCoverage]) -> Option<DateRange> {
    let months = all_months(accounts.iter());
    Some(DateRange {
        from: months.first()?.first_day()?,
        to: months.last()?.first_day()?.last_of_month(),
    })
}
