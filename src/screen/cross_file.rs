//! Compares the files of a run: duplicates, overlapping periods, missing months.

use super::{Code, ContentHash, Finding, Policy, Screening, Verdict};
use crate::statement::coverage::{self, MonthCoverage};
use crate::statement::{AccountKey, Bank, DateRange, Fingerprint, Month, Period};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Months that a message lists.
const MAX_LISTED_MONTHS: usize = 12;

/// The state of the cross-file checks: what is known about the files before.
#[derive(Debug, Default)]
pub struct CrossFileChecks {
    contents: HashMap<ContentHash, usize>,
    texts: HashMap<Fingerprint, usize>,
    /// By bank identifier and account.
    accounts: BTreeMap<(Option<String>, AccountKey), AccountFiles>,
}

/// The files of one account, in input order.
#[derive(Debug)]
struct AccountFiles {
    bank: Option<Bank>,
    masked: String,
    files: Vec<AccountFile>,
}

/// One file of an account.
#[derive(Debug, Clone, Copy)]
struct AccountFile {
    index: usize,
    period: Period,
    /// Its own requested period; `None` for that of the run.
    requested: Option<DateRange>,
}

/// The months of a range that the files of one account cover.
#[derive(Debug, Clone, PartialEq)]
pub struct AccountCoverage {
    /// The bank, if one was identified.
    pub bank: Option<Bank>,
    /// The masked account number.
    pub account: String,
    /// The index of the account's last file in input order.
    pub last_file: usize,
    /// Every required month.
    pub months: Vec<(Month, MonthCoverage)>,
}

impl CrossFileChecks {
    /// Compares a file with the files before it, adds the resulting findings, and stores the file.
    ///
    /// Returns the index of the earlier file that it duplicates. `requested` is the file's own
    /// requested period, if it has one. `name` returns the name of an earlier file.
    pub fn check(
        &mut self,
        (index, requested): (usize, Option<DateRange>),
        screening: &mut Screening,
        name: &dyn Fn(usize) -> String,
        policy: &Policy,
    ) -> Option<usize> {
        if let Some((original, same)) = self.original(index, screening) {
            let message = format!("Same {same} as {}", name(original));
            let finding = Finding::error(Code::StatementDuplicate, message)
                .with_hint("Keep one of the two files; the service rejects duplicates");
            screening.add_finding(finding, policy);
            return Some(original);
        }
        self.add_to_account((index, requested), screening, name, policy);
        None
    }

    /// Returns the earlier file with the same content, and what is the same in both.
    fn original(&mut self, index: usize, screening: &Screening) -> Option<(usize, &'static str)> {
        // Empty files are equal to each other, but not duplicates of a statement.
        let is_empty = screening
            .findings
            .iter()
            .any(|finding| finding.code == Code::EmptyFile);
        let content = screening.content.filter(|_| !is_empty)?;
        let first = *self.contents.entry(content).or_insert(index);
        if first != index {
            return Some((first, "bytes"));
        }
        let text = screening.statement.fingerprint?;
        let first = *self.texts.entry(text).or_insert(index);
        (first != index).then_some((first, "text and page count"))
    }

    /// Adds the period of a file to its account and reports an overlap.
    ///
    /// Ignores files that the service would reject, because they cover nothing.
    fn add_to_account(
        &mut self,
        (index, requested): (usize, Option<DateRange>),
        screening: &mut Screening,
        name: &dyn Fn(usize) -> String,
        policy: &Policy,
    ) {
        let facts = &screening.statement;
        let (Some(account), Some(period)) = (&facts.account, facts.period) else {
            return;
        };
        if screening.verdict == Verdict::Fail {
            return;
        }
        let bank = facts.issuer.as_ref().map(|issuer| &issuer.bank);
        let bank_id = bank.map(|bank| bank.id().to_owned());
        let account = self
            .accounts
            .entry((bank_id, account.key))
            .or_insert_with(|| AccountFiles {
                bank: bank.cloned(),
                masked: account.masked.clone(),
                files: Vec::new(),
            });
        let mut earlier = account.files.iter().copied();
        let overlap =
            earlier.find(|other| other.period.from <= period.to && period.from <= other.period.to);
        // Compared before it is added, so that a file does not overlap itself.
        account.files.push(AccountFile {
            index,
            period,
            requested,
        });
        if let Some(other) = overlap {
            let from = period.from.max(other.period.from);
            let to = period.to.min(other.period.to);
            let message = format!("{from} to {to} is also covered by {}", name(other.index));
            screening.add_finding(Finding::note(Code::OverlappingPeriod, message), policy);
        }
    }

    /// Returns the months that each account covers of the period that is requested of its files,
    /// ordered by bank and account.
    ///
    /// `range` is the requested period of the files without their own. An account has one entry for
    /// each period that is requested of it, in the order of the days.
    pub fn coverage(&self, range: Option<DateRange>) -> Vec<AccountCoverage> {
        let accounts = self.accounts.values();
        accounts
            .flat_map(|account| account.coverage(range))
            .collect()
    }
}

impl AccountFiles {
    fn coverage(&self, range: Option<DateRange>) -> Vec<AccountCoverage> {
        let mut files_by_range: BTreeMap<(Date, Date), Vec<&AccountFile>> = BTreeMap::new();
        for file in &self.files {
            if let Some(requested) = file.requested.or(range) {
                let days = (requested.from, requested.to);
                files_by_range.entry(days).or_default().push(file);
            }
        }
        let covered = files_by_range
            .into_iter()
            .filter_map(|((from, to), files)| {
                let periods: Vec<Period> = files.iter().map(|file| file.period).collect();
                Some(AccountCoverage {
                    bank: self.bank.clone(),
                    account: self.masked.clone(),
                    last_file: files.last()?.index,
                    months: coverage::months(&periods, DateRange { from, to }),
                })
            });
        covered.collect()
    }
}

/// Returns the months of all accounts, ascending.
///
/// Accounts have different months if different periods are requested of them.
pub fn all_months(accounts: &[AccountCoverage]) -> Vec<Month> {
    let months = accounts.iter().flat_map(|account| &account.months);
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

    /// Returns the months with this coverage.
    pub fn months_with(&self, coverage: MonthCoverage) -> Vec<Month> {
        let months = self.months.iter();
        months
            .filter(|(_, known)| *known == coverage)
            .map(|(month, _)| *month)
            .collect()
    }

    /// Creates the finding for the account's last file, if months are missing.
    pub fn finding(&self) -> Option<Finding> {
        let missing = self.missing();
        let listed: Vec<_> = missing
            .iter()
            .take(MAX_LISTED_MONTHS)
            .map(Month::to_string)
            .collect();
        let more = missing.len().saturating_sub(MAX_LISTED_MONTHS);
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        (!missing.is_empty()).then(|| {
            let message = format!(
                "No file of account {} covers {}{more}",
                self.account,
                listed.join(", ")
            );
            Finding::warning(Code::MissingMonths, message)
                .with_hint("Request statements for these months")
        })
    }
}
