//! Compares the files of a run: duplicates, overlapping periods, missing months.

use super::{Code, ContentHash, Finding, Policy, Screening, Severity, Verdict};
use crate::statement::coverage::{self, MonthCoverage};
use crate::statement::{AccountKey, Bank, DateRange, Fingerprint, Month, Period, PeriodSource};
use std::collections::{BTreeMap, HashMap};

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
    /// The files whose periods count; none if all are out of range.
    files: Vec<(usize, Period)>,
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
}

impl CrossFileChecks {
    /// Compares a file with the files before it, adds the resulting findings, and stores the file.
    ///
    /// Returns the index of the earlier file that it duplicates. `name` returns the name of an
    /// earlier file.
    pub fn check(
        &mut self,
        index: usize,
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
        self.add_to_account(index, screening, name, policy);
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
        index: usize,
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
        if !counts {
            return;
        }
        let overlap = account
            .files
            .iter()
            .find(|(_, other)| other.from <= period.to && period.from <= other.to)
            .copied();
        // Compared before it is added, so that a file does not overlap itself.
        account.files.push((index, period));
        if let Some((other, known)) = overlap {
            let (from, to) = (period.from.max(known.from), period.to.min(known.to));
            let message = format!("{from} to {to} is also covered by {}", name(other));
            screening.add_finding(Finding::note(Code::OverlappingPeriod, message), policy);
        }
    }

    /// Returns the months of a range that each account covers, ordered by bank and account.
    pub fn coverage(&self, range: DateRange) -> Vec<AccountCoverage> {
        let covered = self.accounts.values().map(|account| {
            let periods: Vec<Period> = account.files.iter().map(|(_, period)| *period).collect();
            let is_printed = |period: &Period| period.source == PeriodSource::Printed;
            AccountCoverage {
                bank: account.bank.clone(),
                account: account.masked.clone(),
                last_file: account.files.last().map(|(index, _)| *index),
                months: coverage::months(&periods, range),
                is_printed: periods.iter().all(is_printed),
            }
        });
        covered.collect()
    }
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
