//! Compares the files of a run: duplicates, overlapping periods, balances from file to file,
//! missing months and months without transactions.

use super::seams::ComparedLedger;
use super::{Code, ContentHash, Finding, Policy, Screening, Severity, Verdict};
use crate::statement::coverage::{self, MonthCoverage};
use crate::statement::{AccountKey, Bank, DateRange, Fingerprint, Month, Period, PeriodSource};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Files of one account that a file is compared with.
const MAX_COMPARED_FILES: usize = 100;
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
#[derive(Debug, Clone)]
struct AccountFile {
    index: usize,
    /// `None` if it does not count: the file is out of range.
    period: Option<Period>,
    /// Its own requested period; `None` for that of the run.
    requested: Option<DateRange>,
    /// `None` if its transactions are not known for certain.
    ledger: Option<ComparedLedger>,
}

/// The months of a range that the files of one account cover.
#[derive(Debug, Clone, PartialEq)]
pub struct AccountCoverage {
    /// The bank, if one was identified.
    pub bank: Option<Bank>,
    /// The masked account number.
    pub account: String,
    /// The index, in input order, of the account's last file whose period counts; `None` if all
    /// files are out of range.
    pub last_file: Option<usize>,
    /// Every required month.
    pub months: Vec<(Month, MonthCoverage)>,
    /// Whether all files print their period. A period derived from transactions can be longer than
    /// it appears, and its partial months can be complete.
    pub is_printed: bool,
    /// Covered months without any transaction. Empty unless the transactions of all files are
    /// known.
    pub without_transactions: Vec<Month>,
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
    /// The period of a file that the service would reject does not count. The account of a
    /// statement that is out of range exists all the same: its months are missing.
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
        let counts = screening.verdict != Verdict::Fail;
        if !counts && !is_out_of_range(screening) {
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
        let overlap = account.files.iter().find_map(|other| {
            let covered = other.period.filter(|_| counts)?;
            let overlaps = covered.from <= period.to && period.from <= covered.to;
            overlaps.then_some((other.index, covered))
        });
        let ledger = ComparedLedger::of(screening).filter(|_| counts);
        let differences: Vec<Finding> = ledger.as_ref().map_or_else(Vec::new, |ledger| {
            let others = account.files.iter().rev().take(MAX_COMPARED_FILES);
            let compared = others.filter_map(|other| {
                let other_ledger = other.ledger.as_ref()?;
                ledger.compare(other_ledger, &name(other.index))
            });
            compared.collect()
        });
        // Compared before it is added, so that a file does not overlap itself.
        account.files.push(AccountFile {
            index,
            period: counts.then_some(period),
            requested,
            ledger,
        });
        for code in [Code::MissingTransactions, Code::BalanceMismatch] {
            let mut found = differences.iter().filter(|finding| finding.code == code);
            if let Some(finding) = found.next() {
                screening.add_finding(finding.clone(), policy);
            }
        }
        if let Some((other, covered)) = overlap {
            let from = period.from.max(covered.from);
            let to = period.to.min(covered.to);
            let message = format!("{from} to {to} is also covered by {}", name(other));
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
        let covered = files_by_range.into_iter().map(|((from, to), files)| {
            let periods: Vec<Period> = files.iter().filter_map(|file| file.period).collect();
            let last_file = files.iter().rfind(|file| file.period.is_some());
            let is_printed = |period: &Period| period.source == PeriodSource::Printed;
            let months = coverage::months(&periods, DateRange { from, to });
            AccountCoverage {
                bank: self.bank.clone(),
                account: self.masked.clone(),
                last_file: last_file.map(|file| file.index),
                without_transactions: without_transactions(&months, &files),
                months,
                is_printed: periods.iter().all(is_printed),
            }
        });
        covered.collect()
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
pub fn all_months(accounts: &[AccountCoverage]) -> Vec<Month> {
    let months = accounts.iter().flat_map(|account| &account.months);
    let months: BTreeSet<Month> = months.map(|(month, _)| *month).collect();
    months.into_iter().collect()
}

/// Returns whether a statement fails because its period is outside of the requested one, and not
/// because it is another document or from another bank.
fn is_out_of_range(screening: &Screening) -> bool {
    let has_error = |code| {
        let mut findings = screening.findings.iter();
        findings.any(|finding| finding.code == code && finding.severity == Severity::Error)
    };
    has_error(Code::OutOfDateRange)
        && !has_error(Code::StatementUnsupportedFormat)
        && !has_error(Code::BankNameMismatch)
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
