//! Judges the cases of a run, each when its last file was screened, so that only the files of one
//! case are compared at a time.
//!
//! What a case shares with others is known after the last file of all; the few cases that do are
//! judged again.

use super::case_memory::CaseMemory;
use super::deferred::DeferredEntries;
use crate::batch::Input;
use crate::event_log::{Event, EventLog};
use crate::report::{CaseCounts, CaseReport, ReportEntry};
use crate::screen::cases::{
    Case, CaseFile, Shared, StatementIdentity, StatementsByCase, accounts_of_case,
    add_accounts_without_files, expected_accounts, judge,
};
use crate::screen::notes::NoteTexts;
use crate::screen::{
    AccountCoverage, Code, CrossFileChecks, Finding, LateFinding, Policy, Screening,
};
use crate::statement::Bank;
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

/// A case of an earlier part of the run, with what identifies its statements.
#[derive(Debug, Clone)]
pub(crate) struct KnownCase {
    pub(crate) case: Case,
    pub(crate) identities: Vec<StatementIdentity>,
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

    fn report_mut(&mut self, case: usize) -> Option<&mut CaseReport> {
        let index = (*self.by_case.get(case)?)?;
        self.reports.get_mut(index)
    }

    /// Adds the line of the next case; `None` if it is not known.
    fn push(&mut self, report: Option<CaseReport>) {
        let position = report.as_ref().map(|_| self.reports.len());
        self.by_case.push(position);
        self.reports.extend(report);
    }

    /// Adds the upload of one file of a case.
    pub(super) fn add_upload(&mut self, case: usize, entry: &ReportEntry) {
        if let Some(report) = self.report_mut(case) {
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

/// The cases of a run whose files are being screened, one case after the other.
pub(super) struct CaseJudge<'r> {
    inputs: &'r [Input],
    cases: &'r [Case],
    /// Number of files by case.
    files: Vec<usize>,
    policy: &'r Policy,
    /// The cases of earlier runs; `None` if they are not compared.
    memory: Option<CaseMemory>,
    /// The words of requests.
    texts: &'r NoteTexts,
    log: EventLog,
    /// The entries of the case that is being screened, with their input indices.
    open: Vec<(usize, ReportEntry)>,
    statements: StatementsByCase,
    /// What a file shares with a case of an earlier run, by the index of its input.
    earlier: HashMap<usize, Shared>,
    judged: JudgedCases,
}

impl<'r> CaseJudge<'r> {
    /// `texts` has the words of requests, and `memory` the cases of earlier runs, if they are
    /// compared.
    pub(super) fn new(
        (inputs, cases): (&'r [Input], &'r [Case]),
        policy: &'r Policy,
        texts: &'r NoteTexts,
        memory: Option<CaseMemory>,
        log: &EventLog,
    ) -> Self {
        let mut files = vec![0; cases.len()];
        for case in inputs.iter().filter_map(|input| input.case) {
            if let Some(count) = files.get_mut(case) {
                *count += 1;
            }
        }
        Self {
            inputs,
            cases,
            files,
            policy,
            memory,
            texts,
            log: log.clone(),
            open: Vec::new(),
            statements: StatementsByCase::default(),
            earlier: HashMap::new(),
            judged: JudgedCases::default(),
        }
    }

    /// Returns the first case that has not ended.
    pub(super) fn current(&self) -> usize {
        self.judged.by_case.len()
    }

    /// Returns the name of the current case, which all of its entries share.
    pub(super) fn current_name(&self) -> Option<Arc<str>> {
        let known = self.open.last().and_then(|(_, entry)| entry.case.clone());
        known.or_else(|| Some(self.cases.get(self.current())?.name.as_str().into()))
    }

    /// Adds the next file of the current case.
    pub(super) fn add(&mut self, index: usize, entry: ReportEntry) {
        self.open.push((index, entry));
    }

    /// Ends the current case: judges it, and returns its entries with what they show together.
    /// `checks` compared its files; `None` if files are not compared.
    pub(super) fn end_case(
        &mut self,
        checks: Option<CrossFileChecks>,
    ) -> Vec<(usize, ReportEntry)> {
        let index = self.current();
        let mut entries = std::mem::take(&mut self.open);
        let Some(case) = self.cases.get(index) else {
            return entries;
        };
        let accounts = match checks {
            Some(checks) => self.accounts(case, checks, &mut entries),
            None => Vec::new(),
        };
        self.remember(index, case, &entries);
        let is_complete = self.files.get(index).copied().unwrap_or_default() == entries.len();
        let report = is_complete.then(|| self.report(case, accounts, &entries));
        self.judged.push(report);
        entries
    }

    /// Returns the months that the accounts of a case cover, and adds the findings about them.
    fn accounts(
        &self,
        case: &Case,
        mut checks: CrossFileChecks,
        entries: &mut [(usize, ReportEntry)],
    ) -> Vec<AccountCoverage> {
        let required = case.required(self.policy.requested_period);
        let mut accounts = accounts_of_case(checks.coverage(Some(required)));
        let files = entries.iter().map(|(index, entry)| {
            let input = self.inputs.get(*index);
            let own = input.and_then(|input| input.expected.as_deref());
            (own, &entry.screening)
        });
        let expected = expected_accounts(files);
        add_accounts_without_files(&mut accounts, &expected, required);
        let mut late = checks.late_findings(&accounts);
        for (index, entry) in entries {
            let found = late.remove(index).unwrap_or_default();
            add_late(found, entry, self.policy, &self.log);
        }
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

    /// Stores what other cases are compared with.
    fn remember(&mut self, case: usize, own: &Case, entries: &[(usize, ReportEntry)]) {
        for (index, entry) in entries {
            let Some(identity) = StatementIdentity::of(&entry.screening) else {
                continue;
            };
            self.statements.add(case, &identity);
            let memory = self.memory.as_ref();
            if let Some(shared) = memory.and_then(|all| all.shared(&identity, own, self.cases)) {
                self.earlier.insert(*index, shared);
            }
        }
    }

    /// Adds the statements of cases of earlier parts of the run, unless they are judged again.
    /// Returns all cases.
    fn add_known(&mut self, known: &[KnownCase]) -> Cow<'r, [Case]> {
        let mut all = Cow::Borrowed(self.cases);
        for known in known {
            let is_judged_again = self.cases.iter().any(|own| own.name == known.case.name);
            if !is_judged_again {
                for identity in &known.identities {
                    self.statements.add(all.len(), identity);
                }
                all.to_mut().push(known.case.clone());
            }
        }
        all
    }

    /// Ends the run, whose entries are all in `deferred`: adds a finding to each file whose
    /// statement or account is in another case, too, also in one of an earlier part of the run, and
    /// judges these cases again.
    pub(super) fn end(
        mut self,
        deferred: &mut DeferredEntries<'_>,
        known: &[KnownCase],
    ) -> JudgedCases {
        let all = self.add_known(known);
        let others = std::mem::take(&mut self.statements).shared();
        let mut concerned = others.cases();
        let case_of = |index: &usize| self.inputs.get(*index).and_then(|input| input.case);
        concerned.extend(self.earlier.keys().filter_map(case_of));
        for case in concerned {
            let Some(own) = self.cases.get(case) else {
                continue;
            };
            let mut has_changed = false;
            let mut entries = Vec::new();
            for position in deferred.of_case(Some(case)) {
                let Some((index, mut entry)) = deferred.screened(position) else {
                    continue;
                };
                let earlier = self.earlier.get(&index).copied();
                let finding = StatementIdentity::of(&entry.screening)
                    .and_then(|identity| others.finding(case, &identity, &all, earlier));
                if let Some(finding) = finding {
                    add_finding(finding, &mut entry, self.policy, &self.log);
                    deferred.set_screening(position, &entry.screening);
                    has_changed = true;
                }
                entries.push((index, entry));
            }
            if has_changed && let Some(report) = self.judged.report_mut(case) {
                let accounts = std::mem::take(&mut report.accounts);
                let judged_again = self.report(own, accounts, &entries);
                if let Some(report) = self.judged.report_mut(case) {
                    *report = judged_again;
                }
            }
        }
        self.judged
    }
}

fn add_finding(finding: Finding, entry: &mut ReportEntry, policy: &Policy, log: &EventLog) {
    let code = finding.code;
    add_logged(code, entry, log, |own| own.add_finding(finding, policy));
}

/// Adds a finding with this code to a file by `add`, and logs it.
fn add_logged(
    code: Code,
    entry: &mut ReportEntry,
    log: &EventLog,
    add: impl FnOnce(&mut Screening),
) {
    let before = entry.screening.verdict;
    add(&mut entry.screening);
    let name = &entry.name.text;
    log.write(|| Event::finding_added(name, code, before, &entry.screening));
}

/// Adds late findings, by the index of the input, to the files to which they belong.
pub(super) fn add_late_to_all(
    mut late: HashMap<usize, Vec<LateFinding>>,
    deferred: &mut DeferredEntries<'_>,
    policy: &Policy,
    log: &EventLog,
) {
    if late.is_empty() {
        return;
    }
    for position in 0..deferred.len() {
        let index = deferred.index(position);
        let found = index.and_then(|index| late.remove(&index));
        if let Some((found, (_, mut entry))) = found.zip(deferred.screened(position)) {
            add_late(found, &mut entry, policy, log);
            deferred.set_screening(position, &entry.screening);
        }
    }
}

/// Adds late findings to the file to which they belong, and logs them.
fn add_late(findings: Vec<LateFinding>, entry: &mut ReportEntry, policy: &Policy, log: &EventLog) {
    for finding in findings {
        let code = finding.code();
        add_logged(code, entry, log, |own| finding.add_to(own, policy));
    }
}
