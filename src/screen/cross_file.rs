//! Compares the files of a run, or of one case: duplicates, overlapping periods, balances from file
//! to file, missing months and months without transactions.

use super::accounts::{self, AccountCoverage, AccountFile, RequiredMonths};
use super::seams::ComparedLedger;
use super::{Code, ContentHash, Finding, Policy, Screening, Severity, Verdict};
use crate::statement::{Bank, DateRange, Fingerprint};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Files of one account that a file is compared with.
const MAX_COMPARED_FILES: usize = 100;

/// The state of the cross-file checks: what is known about the files before.
#[derive(Debug, Default)]
pub struct CrossFileChecks {
    contents: HashMap<ContentHash, usize>,
    texts: HashMap<Fingerprint, usize>,
    /// The files whose period is known, in input order.
    files: Vec<AccountFile>,
    /// Indices in `files` by bank identifier and last digits of the account.
    by_digits: HashMap<(Option<String>, String), Vec<usize>>,
    /// Findings about the period of single files, which the other files of the account may refute.
    partial: BTreeMap<usize, LateFinding>,
}

/// A finding that is added to a file after all files were screened.
#[derive(Debug, Clone, PartialEq)]
pub struct LateFinding {
    finding: Finding,
    /// Its position among the findings of the file; the end if there are fewer.
    position: usize,
}

impl LateFinding {
    /// Returns the code.
    pub fn code(&self) -> Code {
        self.finding.code
    }

    /// Adds the finding to a file, and updates the verdict.
    pub fn add_to(mut self, screening: &mut Screening, policy: &Policy) {
        policy.severities.apply(&mut self.finding);
        let position = self.position.min(screening.findings.len());
        screening.findings.insert(position, self.finding);
        screening.verdict = policy.severities.verdict(&screening.findings);
    }
}

/// A file that is compared with the files before it.
#[derive(Debug, Clone, Copy)]
pub struct ComparedFile<'f> {
    /// Its index in input order.
    pub index: usize,
    /// Its own requested period, if it has one.
    pub requested: Option<DateRange>,
    /// The bank that is expected of it; it counts if none is detected.
    pub expected_bank: Option<&'f Bank>,
}

impl CrossFileChecks {
    /// Takes the finding that the file covers the requested period only in part, so that the period
    /// is judged over all files of the account. [`CrossFileChecks::late_findings`] returns it for
    /// files whose account does not cover every day.
    pub fn take_partial_period(
        &mut self,
        index: usize,
        screening: &mut Screening,
        policy: &Policy,
    ) {
        let mut findings = screening.findings.iter();
        let found = findings.position(|finding| finding.code == Code::PartialPeriod);
        if let Some(position) = found {
            let finding = screening.findings.remove(position);
            screening.verdict = policy.severities.verdict(&screening.findings);
            let partial = LateFinding { finding, position };
            self.partial.insert(index, partial);
        }
    }

    /// Compares a file with the files before it, adds the resulting findings, and stores the file.
    ///
    /// Returns the index of the earlier file that it duplicates. `name` returns the name of an
    /// earlier file.
    pub fn check(
        &mut self,
        file: ComparedFile<'_>,
        screening: &mut Screening,
        name: &dyn Fn(usize) -> String,
        policy: &Policy,
    ) -> Option<usize> {
        if let Some((original, same)) = self.original(file.index, screening) {
            let message = format!("Same {same} as {}", name(original));
            let finding = Finding::error(Code::StatementDuplicate, message)
                .with_hint("Keep one of the two files; the service rejects duplicates");
            screening.add_finding(finding, policy);
            return Some(original);
        }
        self.add_to_account(file, screening, name, policy);
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
        file: ComparedFile<'_>,
        screening: &mut Screening,
        name: &dyn Fn(usize) -> String,
        policy: &Policy,
    ) {
        let facts = &screening.statement;
        let Some(period) = facts.period else {
            return;
        };
        let counts = screening.verdict != Verdict::Fail;
        if !counts && !is_out_of_range(screening) {
            return;
        }
        let detected = facts.issuer.as_ref().map(|issuer| &issuer.bank);
        let own = AccountFile {
            index: file.index,
            bank: detected.or(file.expected_bank).cloned(),
            account: facts.account.clone(),
            period: counts.then_some(period),
            requested: file.requested,
            opened: facts.account_opened,
            ledger: ComparedLedger::of(screening).filter(|_| counts),
        };
        let found = self.compare(&own, name);
        if let Some(key) = own.short_key() {
            let files = self.by_digits.entry(key).or_default();
            files.push(self.files.len());
        }
        // Compared before it is added, so that a file does not overlap itself.
        self.files.push(own);
        for finding in found {
            screening.add_finding(finding, policy);
        }
    }

    /// Returns what the earlier files of the account show about a file.
    fn compare(&self, own: &AccountFile, name: &dyn Fn(usize) -> String) -> Vec<Finding> {
        let key = own.short_key();
        let indices = key.and_then(|key| self.by_digits.get(&key));
        let indices = indices.map_or(&[][..], Vec::as_slice);
        let others = || {
            let files = indices.iter().filter_map(|index| self.files.get(*index));
            files.filter(|other| other.is_compatible(own))
        };
        let mut findings = Vec::new();
        if let Some(ledger) = &own.ledger {
            let compared = others().rev().take(MAX_COMPARED_FILES);
            let differences: Vec<Finding> = compared
                .filter_map(|other| ledger.compare(other.ledger.as_ref()?, &name(other.index)))
                .collect();
            for code in [Code::MissingTransactions, Code::BalanceMismatch] {
                let mut found = differences.iter().filter(|finding| finding.code == code);
                findings.extend(found.next().cloned());
            }
        }
        let overlap = others().find_map(|other| {
            let (period, covered) = (own.period?, other.period?);
            let overlaps = covered.from <= period.to && period.from <= covered.to;
            overlaps.then(|| {
                let from = period.from.max(covered.from);
                let to = period.to.min(covered.to);
                let other = name(other.index);
                let message = format!("{from} to {to} is also covered by {other}");
                Finding::note(Code::OverlappingPeriod, message)
            })
        });
        findings.extend(overlap);
        findings
    }

    /// Returns the months that each account covers of the period that is requested of its files,
    /// ordered by bank and account.
    ///
    /// An account has one entry for each period that is requested of it, in the order of the days.
    pub fn coverage(&self, required: Option<RequiredMonths>) -> Vec<AccountCoverage> {
        accounts::coverage(&self.files, required)
    }

    /// Returns the days from the first to the last one that any file covers.
    pub fn covered_range(&self) -> Option<DateRange> {
        let periods = || self.files.iter().filter_map(|file| file.period);
        Some(DateRange {
            from: periods().map(|period| period.from).min()?,
            to: periods().map(|period| period.to).max()?,
        })
    }

    /// Returns, by the index of the file, what only all files together show. `accounts` is their
    /// coverage.
    pub fn late_findings(
        &mut self,
        accounts: &[AccountCoverage],
    ) -> HashMap<usize, Vec<LateFinding>> {
        let mut late: HashMap<usize, Vec<LateFinding>> = HashMap::new();
        let complete: HashSet<usize> = accounts
            .iter()
            .filter(|account| account.is_complete())
            .flat_map(|account| account.files.iter().copied())
            .collect();
        for (index, finding) in std::mem::take(&mut self.partial) {
            if !complete.contains(&index) {
                late.entry(index).or_default().push(finding);
            }
        }
        for account in accounts {
            let Some(index) = account.last_file else {
                continue;
            };
            let found = account.findings().into_iter().map(|finding| LateFinding {
                finding,
                position: usize::MAX,
            });
            // Most accounts have none, and need no entry.
            for finding in found {
                late.entry(index).or_default().push(finding);
            }
        }
        late
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
