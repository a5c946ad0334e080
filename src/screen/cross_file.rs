//! What one file is beside the others of its run: a copy, one of several of an account, the last.

use super::{Code, ContentHash, Finding, Policy, Screening, Verdict};
use crate::statement::{AccountKey, Bank, DateRange, Fingerprint, Month, Period, coverage};
use std::collections::{BTreeMap, HashMap};

/// Names shown where a message lists months.
const MOST_MONTHS: usize = 12;

/// Everything that a run remembers of the files before.
#[derive(Debug, Default)]
pub struct CrossFileChecks {
    contents: HashMap<ContentHash, usize>,
    texts: HashMap<Fingerprint, usize>,
    accounts: BTreeMap<(Option<&'static str>, AccountKey), Statements>,
}

/// The files of one account, in input order.
#[derive(Debug)]
struct Statements {
    bank: Option<&'static Bank>,
    masked: String,
    files: Vec<(usize, Period)>,
}

/// The months of a range that the files of one account cover.
#[derive(Debug, Clone, PartialEq)]
pub struct AccountCoverage {
    /// Its bank, if one was told.
    pub bank: Option<&'static Bank>,
    /// Its number, masked.
    pub account: String,
    /// Its last file in input order.
    pub last_file: usize,
    /// Every month asked for.
    pub months: Vec<(Month, coverage::MonthCoverage)>,
}

impl CrossFileChecks {
    /// Compares a file with those before it, adds what follows to its findings, and remembers it.
    /// Gives the earlier file that it is a copy of. `name` tells what an earlier file is called.
    pub fn check(
        &mut self,
        index: usize,
        screening: &mut Screening,
        name: &dyn Fn(usize) -> String,
        policy: &Policy,
    ) -> Option<usize> {
        if let Some((twin, same)) = self.twin(index, screening) {
            let message = format!("the same {same} as {}", name(twin));
            let finding = Finding::error(Code::StatementDuplicate, message)
                .with_hint("one of them is enough; the service refuses the second");
            screening.add_finding(finding, policy);
            return Some(twin);
        }
        self.join_account(index, screening, name, policy);
        None
    }

    fn twin(&mut self, index: usize, screening: &Screening) -> Option<(usize, &'static str)> {
        let empty = screening
            .findings
            .iter()
            .any(|finding| finding.code == Code::EmptyFile);
        let content = screening.content.filter(|_| !empty)?;
        let first = *self.contents.entry(content).or_insert(index);
        if first != index {
            return Some((first, "bytes"));
        }
        let text = screening.statement.fingerprint?;
        let first = *self.texts.entry(text).or_insert(index);
        (first != index).then_some((first, "text and pages"))
    }

    /// Files that the service would refuse cover nothing.
    fn join_account(
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
        if screening.verdict == Verdict::Fail {
            return;
        }
        let bank = facts.issuer.as_ref().map(|issuer| issuer.bank);
        let statements = self
            .accounts
            .entry((bank.map(|bank| bank.id), account.key))
            .or_insert_with(|| Statements {
                bank,
                masked: account.masked.clone(),
                files: Vec::new(),
            });
        let overlap = statements
            .files
            .iter()
            .find(|(_, other)| other.from <= period.to && period.from <= other.to)
            .copied();
        statements.files.push((index, period));
        if let Some((other, known)) = overlap {
            let (from, to) = (period.from.max(known.from), period.to.min(known.to));
            let message = format!("{from} to {to} is covered by {} as well", name(other));
            screening.add_finding(Finding::note(Code::OverlappingPeriod, message), policy);
        }
    }

    /// The months of a range that each account covers, by bank and number.
    pub fn coverage(&self, range: DateRange) -> Vec<AccountCoverage> {
        let covered = self.accounts.values().filter_map(|statements| {
            let periods: Vec<Period> = statements.files.iter().map(|(_, period)| *period).collect();
            Some(AccountCoverage {
                bank: statements.bank,
                account: statements.masked.clone(),
                last_file: statements.files.last()?.0,
                months: coverage::months(&periods, range),
            })
        });
        covered.collect()
    }
}

impl AccountCoverage {
    /// Months of which no day is covered.
    pub fn missing(&self) -> Vec<Month> {
        self.months_with(coverage::MonthCoverage::Missing)
    }

    /// Months covered in a certain way.
    pub fn months_with(&self, wanted: coverage::MonthCoverage) -> Vec<Month> {
        let months = self.months.iter();
        months
            .filter(|(_, cover)| *cover == wanted)
            .map(|(month, _)| *month)
            .collect()
    }

    /// What the last file of the account is told, if months are missing.
    pub fn finding(&self) -> Option<Finding> {
        let missing = self.missing();
        let shown: Vec<_> = missing
            .iter()
            .take(MOST_MONTHS)
            .map(Month::to_string)
            .collect();
        let more = missing.len().saturating_sub(MOST_MONTHS);
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        (!missing.is_empty()).then(|| {
            Finding::warning(
                Code::MissingMonths,
                format!(
                    "no file of account {} covers {}{more}",
                    self.account,
                    shown.join(", ")
                ),
            )
            .with_hint("ask for the statements of these months")
        })
    }
}
