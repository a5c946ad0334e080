//! Groups the files of a run, or of one case, by account, and computes the months that each account
//! covers.
//!
//! Two files are of one account if bank and last four digits agree, unless both print their whole
//! number and the numbers differ. A file without a number belongs to the only account of its bank.

use super::seams::ComparedLedger;
use super::{Code, Finding};
use crate::statement::coverage::{self, MonthCoverage};
use crate::statement::{Account, AccountKey, Bank, DateRange, Month, Period, PeriodSource};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Months that a message lists.
const MAX_LISTED_MONTHS: usize = 12;

/// One file of an account.
#[derive(Debug, Clone)]
pub(super) struct AccountFile {
    /// The index of the file in input order.
    pub(super) index: usize,
    pub(super) bank: Option<Bank>,
    /// `None` if no number can be read.
    pub(super) account: Option<Account>,
    /// `None` if it does not count: the file is out of range.
    pub(super) period: Option<Period>,
    /// Its own requested period; `None` for that of the run.
    pub(super) requested: Option<DateRange>,
    /// The day on which the account was opened, if it is printed.
    pub(super) opened: Option<Date>,
    /// `None` if its transactions are not known for certain.
    pub(super) ledger: Option<ComparedLedger>,
}

/// The months that are required of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequiredMonths {
    /// Those of a period, for files without a requested period of their own.
    Of(DateRange),
    /// Those between the first and the last month of the account itself: only holes are missing.
    Own,
}

/// The months of a range that the files of one account cover.
#[derive(Debug, Clone, PartialEq)]
pub struct AccountCoverage {
    /// The bank, if one was identified.
    pub bank: Option<Bank>,
    /// The masked account number.
    pub account: String,
    /// The whole number, if a file prints it. Only for comparisons.
    pub key: Option<AccountKey>,
    /// The index, in input order, of the account's last file whose period counts; `None` if all
    /// files are out of range.
    pub last_file: Option<usize>,
    /// The indices of the files whose period counts, ascending.
    pub files: Vec<usize>,
    /// Every required month.
    pub months: Vec<(Month, MonthCoverage)>,
    /// Whether all files print their period. A period derived from transactions can be longer than
    /// it appears, and its partial months can be complete.
    pub is_printed: bool,
    /// Covered months without any transaction. Empty unless the transactions of all files are
    /// known.
    pub without_transactions: Vec<Month>,
}

/// Bank identifier and last digits.
type ShortKey = (Option<String>, String);

impl AccountFile {
    fn bank_id(&self) -> Option<String> {
        self.bank.as_ref().map(|bank| bank.id().to_owned())
    }

    pub(super) fn short_key(&self) -> Option<ShortKey> {
        let digits = self.account.as_ref()?.last_digits().to_owned();
        Some((self.bank_id(), digits))
    }

    fn full_key(&self) -> Option<AccountKey> {
        let account = self.account.as_ref().filter(|account| account.is_full)?;
        Some(account.key)
    }

    /// Returns whether a file with the same [`AccountFile::short_key`] can be of the same account.
    pub(super) fn is_compatible(&self, other: &Self) -> bool {
        match (self.full_key(), other.full_key()) {
            (Some(own), Some(other)) => own == other,
            _ => true,
        }
    }
}

/// The files of one account.
struct Group<'f> {
    bank: Option<Bank>,
    masked: String,
    key: Option<AccountKey>,
    files: Vec<&'f AccountFile>,
}

/// Groups files by account: ordered by bank, number and first file.
fn group(files: &[AccountFile]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group> = Vec::new();
    let mut by_digits: HashMap<ShortKey, Vec<usize>> = HashMap::new();
    // Whole numbers first: then it is known whether a masked one is that of several accounts.
    let full = files.iter().filter(|file| file.full_key().is_some());
    let masked = files
        .iter()
        .filter(|file| file.account.is_some() && file.full_key().is_none());
    for file in full.chain(masked) {
        let (Some(short), Some(account)) = (file.short_key(), &file.account) else {
            continue;
        };
        let same_digits = by_digits.entry(short).or_default();
        let key = file.full_key();
        let mut known = same_digits.iter().copied();
        let found = match key {
            Some(_) => known.find(|index| groups.get(*index).is_some_and(|own| own.key == key)),
            // A masked number that several accounts can have belongs to none of them.
            None if same_digits.len() > 1 => continue,
            None => known.next(),
        };
        if let Some(group) = found.and_then(|index| groups.get_mut(index)) {
            group.files.push(file);
        } else {
            same_digits.push(groups.len());
            groups.push(Group {
                bank: file.bank.clone(),
                masked: account.masked.clone(),
                key,
                files: vec![file],
            });
        }
    }
    assign_without_number(&mut groups, files);
    for group in &mut groups {
        group.files.sort_by_key(|file| file.index);
    }
    groups.sort_by_cached_key(|group| {
        let bank = group.bank.as_ref().map(|bank| bank.id().to_owned());
        let first = group.files.first().map(|file| file.index);
        (bank, group.masked.clone(), first)
    });
    groups
}

/// Assigns files without a number to the only account of their bank, if there is one.
fn assign_without_number<'f>(groups: &mut [Group<'f>], files: &'f [AccountFile]) {
    let mut by_bank: HashMap<Option<String>, Vec<usize>> = HashMap::new();
    for (index, group) in groups.iter().enumerate() {
        let bank = group.bank.as_ref().map(|bank| bank.id().to_owned());
        by_bank.entry(bank).or_default().push(index);
    }
    for file in files.iter().filter(|file| file.account.is_none()) {
        if let Some([only]) = by_bank.get(&file.bank_id()).map(Vec::as_slice)
            && let Some(group) = groups.get_mut(*only)
        {
            group.files.push(file);
        }
    }
}

/// Returns the months that each account covers, ordered by bank and account. An account has one
/// entry for each period that is requested of it, in the order of the days.
pub(super) fn coverage(
    files: &[AccountFile],
    required: Option<RequiredMonths>,
) -> Vec<AccountCoverage> {
    let groups = group(files);
    let coverages = groups.iter().flat_map(|group| group.coverage(required));
    coverages.collect()
}

impl Group<'_> {
    fn coverage(&self, required: Option<RequiredMonths>) -> Vec<AccountCoverage> {
        let mut files_by_range: BTreeMap<(Date, Date), Vec<&AccountFile>> = BTreeMap::new();
        for file in &self.files {
            let range = match required {
                Some(RequiredMonths::Of(range)) => Some(file.requested.unwrap_or(range)),
                Some(RequiredMonths::Own) => file.requested.or_else(|| self.own_range()),
                None => file.requested,
            };
            if let Some(range) = range {
                let days = (range.from, range.to);
                files_by_range.entry(days).or_default().push(file);
            }
        }
        let covered = files_by_range
            .into_iter()
            .map(|((from, to), files)| self.covered(&files, DateRange { from, to }));
        covered.collect()
    }

    fn covered(&self, files: &[&AccountFile], range: DateRange) -> AccountCoverage {
        let counted: Vec<&&AccountFile> =
            files.iter().filter(|file| file.period.is_some()).collect();
        let periods: Vec<Period> = counted.iter().filter_map(|file| file.period).collect();
        let is_printed = |period: &Period| period.source == PeriodSource::Printed;
        let opened = files.iter().filter_map(|file| file.opened).min();
        let months = coverage::months(&periods, range, opened);
        AccountCoverage {
            bank: self.bank.clone(),
            account: self.masked.clone(),
            key: self.key,
            last_file: counted.last().map(|file| file.index),
            files: counted.iter().map(|file| file.index).collect(),
            without_transactions: without_transactions(&months, files),
            months,
            is_printed: periods.iter().all(is_printed),
        }
    }

    /// Returns the days from the first to the last one that the account covers.
    fn own_range(&self) -> Option<DateRange> {
        let periods = || self.files.iter().filter_map(|file| file.period);
        Some(DateRange {
            from: periods().map(|period| period.from).min()?,
            to: periods().map(|period| period.to).max()?,
        })
    }
}

/// Returns the fully covered months in which no file has a transaction.
fn without_transactions(months: &[(Month, MonthCoverage)], files: &[&AccountFile]) -> Vec<Month> {
    let counted = files.iter().filter(|file| file.period.is_some());
    let ledgers: Option<Vec<&ComparedLedger>> = counted.map(|file| file.ledger.as_ref()).collect();
    let Some(ledgers) = ledgers.filter(|ledgers| !ledgers.is_empty()) else {
        return Vec::new();
    };
    let is_empty = |month: &Month| {
        month.first_day().is_some_and(|from| {
            let to = from.last_of_month();
            let days = DateRange { from, to };
            !ledgers
                .iter()
                .any(|ledger| ledger.has_transactions_in(days))
        })
    };
    let covered = months
        .iter()
        .filter(|(_, cover)| *cover == MonthCoverage::Full);
    covered.map(|(month, _)| *month).filter(is_empty).collect()
}

/// Returns the months of all accounts, ascending.
///
/// Accounts have different months if different periods are requested of them.
pub fn all_months<'a>(accounts: impl IntoIterator<Item = &'a AccountCoverage>) -> Vec<Month> {
    let months = accounts.into_iter().flat_map(|account| &account.months);
    let months: BTreeSet<Month> = months.map(|(month, _)| *month).collect();
    months.into_iter().collect()
}

impl AccountCoverage {
    /// Returns the coverage of a month; `None` if the month is not requested of this account.
    pub fn coverage_of(&self, month: Month) -> Option<MonthCoverage> {
        let mut months = self.months.iter();
        months
            .find(|(known, _)| *known == month)
            .map(|(_, cover)| *cover)
    }

    /// Returns the months without any covered day.
    pub fn missing(&self) -> Vec<Month> {
        self.months_with(MonthCoverage::Missing)
    }

    /// Returns the months with at least one covered day, which the service counts.
    pub fn present(&self) -> Vec<Month> {
        let months = self.months.iter();
        months
            .filter(|(_, known)| *known != MonthCoverage::Missing)
            .map(|(month, _)| *month)
            .collect()
    }

    /// Returns whether every day of every required month is covered.
    pub fn is_complete(&self) -> bool {
        let mut months = self.months.iter();
        months.all(|(_, known)| *known == MonthCoverage::Full)
    }

    /// Returns the months with this coverage.
    pub fn months_with(&self, coverage: MonthCoverage) -> Vec<Month> {
        let months = self.months.iter();
        months
            .filter(|(_, known)| *known == coverage)
            .map(|(month, _)| *month)
            .collect()
    }

    /// Returns the months that are certainly covered only in part.
    pub fn incomplete(&self) -> Vec<Month> {
        if self.is_printed {
            self.months_with(MonthCoverage::Partial)
        } else {
            Vec::new()
        }
    }

    /// Creates the findings for the account's last file: missing months, and months without
    /// transactions.
    pub fn findings(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        let missing = self.missing();
        if !missing.is_empty() {
            let message = format!(
                "No file of account {} covers {}",
                self.account,
                listed(&missing)
            );
            let finding = Finding::warning(Code::MissingMonths, message);
            findings.push(finding.with_hint("Request statements for these months"));
        }
        if !self.without_transactions.is_empty() {
            let message = format!(
                "No file of account {} has a transaction in {}",
                self.account,
                listed(&self.without_transactions)
            );
            let finding = Finding::warning(Code::IncompleteMonths, message);
            findings.push(finding.with_hint(
                "Check these months; the service can refuse a report on months without \
                 transactions",
            ));
        }
        findings
    }
}

/// Lists months for a message.
fn listed(months: &[Month]) -> String {
    let names: Vec<_> = months
        .iter()
        .take(MAX_LISTED_MONTHS)
        .map(Month::to_string)
        .collect();
    let more = months.len().saturating_sub(MAX_LISTED_MONTHS);
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    format!("{}{more}", names.join(", "))
}
