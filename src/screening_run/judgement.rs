//! Judges the cases of a run after all files were screened.

use super::case_memory::CaseMemory;
use crate::batch::Input;
use crate::event_log::{Event, EventLog};
use crate::report::{CaseCounts, CaseReport, ReportEntry};
use crate::screen::cases::{
    Case, CaseFile, OtherCases, StatementIdentity, accounts_of_case, add_accounts_without_files,
    expected_accounts, judge,
};
use crate::screen::notes::NoteTexts;
use crate::screen::{AccountCoverage, CrossFileChecks, Finding, LateFinding, Policy};
use crate::statement::Bank;
use std::collections::HashMap;
use std::ops::Range;

/// A case of an earlier part of the run, with what identifies its statements.
#[derive(Debug, Clone)]
pub(crate) struct KnownCase {
    pub(crate) case: Case,
    pub(crate) identities: Vec<StatementIdentity>,
}

/// The screened files of a run with cases, and what was compared within each.
pub(super) struct ScreenedFiles<'r> {
    pub(super) inputs: &'r [Input],
    pub(super) cases: &'r [Case],
    /// One for each case, and the last for files in none; empty if files are not compared.
    pub(super) checks: Vec<CrossFileChecks>,
    pub(super) policy: &'r Policy,
    /// The cases of earlier runs; `None` if they are not compared.
    pub(super) memory: Option<CaseMemory>,
    /// The cases of earlier parts of the run, which may have been judged without being sent.
    pub(super) known: &'r [KnownCase],
    /// The words of requests.
    pub(super) texts: &'r NoteTexts,
    pub(super) log: &'r EventLog,
}

/// The lines of the cases, in the order of the cases.
#[derive(Debug, Default)]
pub(super) struct JudgedCases {
    reports: Vec<CaseReport>,
    /// The index in `reports` by case; `None` if a signal ended the run before all of its files
    /// were screened.
    by_case: Vec<Option<usize>>,
    /// The first case whose line is not yet written.
    next: usize,
}

impl JudgedCases {
    pub(super) fn reports(&self) -> &[CaseReport] {
        &self.reports
    }

    /// Returns the number of cases by state.
    pub(super) fn counts(&self) -> CaseCounts {
        let mut counts = CaseCounts::default();
        self.reports.iter().for_each(|case| counts.add(case.state));
        counts
    }

    pub(super) fn report(&self, case: usize) -> Option<&CaseReport> {
        self.reports.get((*self.by_case.get(case)?)?)
    }

    /// Adds the upload of one file of a case.
    pub(super) fn add_upload(&mut self, case: usize, entry: &ReportEntry) {
        let index = self.by_case.get(case).copied().flatten();
        if let Some(report) = index.and_then(|index| self.reports.get_mut(index)) {
            report.add_upload(entry);
        }
    }

    /// Returns the next line to write, of a case before the given one.
    pub(super) fn next_before(&mut self, before: Option<usize>) -> Option<CaseReport> {
        let end = before.unwrap_or(self.by_case.len());
        while self.next < end {
            let case = self.next;
            self.next += 1;
            if let Some(report) = self.report(case) {
                return Some(report.clone());
            }
        }
        None
    }
}

impl ScreenedFiles<'_> {
    /// Adds to the entries what all files together show, and judges each case.
    pub(super) fn judge(mut self, entries: &mut [(usize, ReportEntry)]) -> JudgedCases {
        self.add_other_cases(entries);
        let ranges = self.ranges(entries);
        let files = self.files_by_case();
        let mut judged = JudgedCases::default();
        for (index, case) in self.cases.iter().enumerate() {
            let range = ranges.get(index).cloned().unwrap_or_default();
            let own = entries.get_mut(range).unwrap_or_default();
            let accounts = self.accounts(index, case, own);
            let is_complete = files.get(index).copied().unwrap_or_default() == own.len();
            let report = is_complete.then(|| self.report(case, accounts, own));
            let position = report.as_ref().map(|_| judged.reports.len());
            judged.by_case.push(position);
            judged.reports.extend(report);
        }
        // Files in no case are judged by their own period only.
        if let Some(mut rest) = self.checks.pop() {
            let accounts = rest.coverage(None);
            let late = rest.late_findings(&accounts);
            add_late(late, entries, self.policy, self.log);
        }
        judged
    }

    /// Returns where the entries of each case are: they are sorted by case.
    fn ranges(&self, entries: &[(usize, ReportEntry)]) -> Vec<Range<usize>> {
        let case_of = |index: usize| self.inputs.get(index).and_then(|input| input.case);
        let mut start = 0;
        let cases = 0..self.cases.len();
        let ranges = cases.map(|case| {
            let rest = entries.get(start..).unwrap_or_default();
            let own = rest
                .iter()
                .take_while(|(index, _)| case_of(*index) == Some(case));
            let range = start..start + own.count();
            start = range.end;
            range
        });
        ranges.collect()
    }

    fn files_by_case(&self) -> Vec<usize> {
        let mut counts = vec![0; self.cases.len()];
        for case in self.inputs.iter().filter_map(|input| input.case) {
            if let Some(count) = counts.get_mut(case) {
                *count += 1;
            }
        }
        counts
    }

    /// Returns the months that the accounts of a case cover, and adds the findings about them.
    fn accounts(
        &mut self,
        index: usize,
        case: &Case,
        entries: &mut [(usize, ReportEntry)],
    ) -> Vec<AccountCoverage> {
        // The last one is that of files in no case.
        let is_own = index + 1 < self.checks.len();
        let Some(checks) = self.checks.get_mut(index).filter(|_| is_own) else {
            return Vec::new();
        };
        let required = case.required(self.policy.requested_period);
        let mut accounts = accounts_of_case(checks.coverage(Some(required)));
        let files = entries.iter().map(|(index, entry)| {
            let input = self.inputs.get(*index);
            let own = input.and_then(|input| input.expected.as_deref());
            (own, &entry.screening)
        });
        let expected = expected_accounts(files);
        add_accounts_without_files(&mut accounts, &expected, required);
        let late = checks.late_findings(&accounts);
        add_late(late, entries, self.policy, self.log);
        accounts
    }

    fn report(
        &self,
        case: &Case,
        accounts: Vec<AccountCoverage>,
        entries: &[(usize, ReportEntry)],
    ) -> CaseReport {
        let files = entries.iter().map(|(index, entry)| CaseFile {
            name: &entry.name.text,
            screening: &entry.screening,
            expected_bank: self.expected_bank(*index),
            is_duplicate: entry.duplicate_of.is_some(),
        });
        let files: Vec<_> = files.collect();
        let requested = case.requested.or(self.policy.requested_period);
        let judgement = judge(&files, &accounts, requested, self.policy);
        let entries = entries.iter().map(|(_, entry)| entry);
        CaseReport::new(&case.name, entries, accounts, judgement, self.texts)
    }

    fn expected_bank(&self, index: usize) -> Option<&Bank> {
        let own = self.inputs.get(index)?.expected.as_ref();
        let own = own.and_then(|own| own.bank.as_ref());
        own.or(self.policy.expected_bank.as_ref())
    }

    /// Adds a finding to each file whose statement or account is in another case, too.
    fn add_other_cases(&self, entries: &mut [(usize, ReportEntry)]) {
        let mut others = OtherCases::default();
        let with_case = |(index, entry): &(usize, ReportEntry)| {
            let case = self.inputs.get(*index)?.case?;
            Some((case, StatementIdentity::of(&entry.screening)?))
        };
        let identities: Vec<_> = entries.iter().map(with_case).collect();
        for (case, identity) in identities.iter().flatten() {
            others.add(*case, identity);
        }
        let mut cases = self.cases.to_vec();
        for known in self.known {
            let is_judged_again = self.cases.iter().any(|own| own.name == known.case.name);
            if !is_judged_again {
                let add = |identity| others.add(cases.len(), identity);
                known.identities.iter().for_each(add);
                cases.push(known.case.clone());
            }
        }
        for ((_, entry), identity) in entries.iter_mut().zip(identities) {
            let Some((case, identity)) = identity else {
                continue;
            };
            let earlier = self.memory.as_ref().and_then(|memory| {
                let own = self.cases.get(case)?;
                memory.shared(&identity, own, self.cases)
            });
            let finding = others.finding(case, &identity, &cases, earlier);
            if let Some(finding) = finding {
                add_finding(finding, entry, self.policy, self.log);
            }
        }
    }
}

fn add_finding(finding: Finding, entry: &mut ReportEntry, policy: &Policy, log: &EventLog) {
    let (before, code) = (entry.screening.verdict, finding.code);
    entry.screening.add_finding(finding, policy);
    let name = &entry.name.text;
    log.write(|| Event::finding_added(name, code, before, &entry.screening));
}

/// Adds findings to the files to which they belong, and logs them.
pub(super) fn add_late(
    mut late: HashMap<usize, Vec<LateFinding>>,
    entries: &mut [(usize, ReportEntry)],
    policy: &Policy,
    log: &EventLog,
) {
    if late.is_empty() {
        return;
    }
    for (index, entry) in entries {
        for finding in late.remove(index).into_iter().flatten() {
            let (before, code) = (entry.screening.verdict, finding.code());
            finding.add_to(&mut entry.screening, policy);
            let name = &entry.name.text;
            log.write(|| Event::finding_added(name, code, before, &entry.screening));
        }
    }
}
