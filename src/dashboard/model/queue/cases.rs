//! The cases of the queue: the files of each, and how it is judged.
//!
//! A case is judged once all of its files are screened, and again after each change to one of
//! them. What a file shares with other cases is known once no file of the queue waits.

use super::{Periods, Queue, common_folder, file_id};
use crate::dashboard::model::file::{CaseOfFile, File, FileId};
use crate::report::CaseCounts;
use crate::screen::cases::{
    Case, CaseFile, CaseState, StatementIdentity, StatementsByCase, accounts_of_case,
    add_accounts_without_files, expected_accounts, judge,
};
use crate::screen::notes::Need;
use crate::screen::{AccountCoverage, CrossFileChecks, Finding, LateFinding, RequiredMonths};
use crate::statement::DateRange;
use std::collections::{BTreeSet, HashMap};

/// The cases of the queue, in the order given.
#[derive(Debug, Default)]
pub struct Cases {
    list: Vec<Case>,
    /// The files of each case, in order of addition.
    files: Vec<Vec<FileId>>,
    /// The folder that contains all files of each case, with a final `/`.
    folders: Vec<Option<String>>,
    /// How each case was judged; `None` until all of its files are screened.
    judged: Vec<Option<JudgedCase>>,
    /// Whether each case was added after the start, for certain files.
    added: Vec<bool>,
    /// Cases to judge.
    stale: BTreeSet<usize>,
    /// Whether statements were added or removed since they were compared between cases.
    others_stale: bool,
    /// What files share with other cases.
    shared: HashMap<FileId, Finding>,
}

/// How a case was judged.
#[derive(Debug, Clone, PartialEq)]
pub struct JudgedCase {
    /// Whether it can be sent.
    pub state: CaseState,
    /// The months that its accounts cover.
    pub accounts: Vec<AccountCoverage>,
    /// What to ask the applicant for.
    pub needs: Vec<Need>,
    /// What the staff must do. Untrusted text.
    pub actions: Vec<String>,
}

impl Cases {
    /// Creates the cases of a queue, which have no files yet.
    pub(super) fn new(list: Vec<Case>) -> Self {
        Self {
            files: vec![Vec::new(); list.len()],
            folders: vec![None; list.len()],
            judged: vec![None; list.len()],
            added: vec![false; list.len()],
            stale: (0..list.len()).collect(),
            others_stale: false,
            shared: HashMap::new(),
            list,
        }
    }

    /// Returns the cases.
    pub fn list(&self) -> &[Case] {
        &self.list
    }

    /// Returns whether the queue is not grouped into cases.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Returns how a case was judged, once all of its files are screened.
    pub fn judged(&self, case: usize) -> Option<&JudgedCase> {
        self.judged.get(case)?.as_ref()
    }

    /// Returns the number of judged cases by state.
    pub fn counts(&self) -> CaseCounts {
        let mut counts = CaseCounts::default();
        for judged in self.judged.iter().flatten() {
            counts.add(judged.state);
        }
        counts
    }

    /// Adds a case without files.
    pub(super) fn add(&mut self, case: Case) {
        self.stale.insert(self.list.len());
        self.list.push(case);
        self.files.push(Vec::new());
        self.folders.push(None);
        self.judged.push(None);
        self.added.push(true);
    }

    /// Judges all cases again, since the requested period changed.
    pub(super) fn invalidate(&mut self) {
        self.stale = (0..self.list.len()).collect();
    }

    /// Returns the folder that contains all files of a case, with a final `/`.
    pub(super) fn folder(&self, case: usize) -> Option<&str> {
        self.folders.get(case)?.as_deref()
    }

    pub(super) fn add_file(&mut self, case: usize, id: FileId, name: &str) {
        if let Some(files) = self.files.get_mut(case) {
            files.push(id);
        }
        if let Some(folder) = self.folders.get_mut(case) {
            *folder = Some(common_folder(folder.take(), name));
        }
        self.changed(case);
    }

    /// Moves a file from a case, or from none, to another one.
    fn move_file(&mut self, id: FileId, before: Option<usize>, case: Option<usize>) {
        if let Some(files) = before.and_then(|before| self.files.get_mut(before)) {
            files.retain(|other| *other != id);
        }
        if let Some(files) = case.and_then(|case| self.files.get_mut(case)) {
            // In the order of addition.
            let place = files.partition_point(|other| *other < id);
            files.insert(place, id);
        }
    }

    /// Notes that a file was screened, changed, removed or restored.
    pub(super) fn changed(&mut self, case: usize) {
        // Files in no case have the index after the last one.
        if case < self.list.len() {
            self.stale.insert(case);
            self.others_stale = true;
        }
    }
}

impl Queue {
    /// Returns the cases.
    pub fn cases(&self) -> &Cases {
        &self.cases
    }

    /// Returns whether a case is in the table of cases.
    ///
    /// One that was added after the start is, as long as it has a file: if the move that made it
    /// is undone, nothing is left of it. Cases of the start are, since their applicant owes files.
    pub fn is_listed(&self, case: usize) -> bool {
        let is_added = self.cases.added.get(case).copied().unwrap_or_default();
        !is_added || self.totals_of_case(case).0.files > 0
    }

    /// Returns the cases that are listed, each with its index.
    pub fn listed_cases(&self) -> impl Iterator<Item = (usize, &Case)> {
        let cases = self.cases.list.iter().enumerate();
        cases.filter(|(index, _)| self.is_listed(*index))
    }

    /// Adds a case, unless there is one of this name.
    pub fn add_case(&mut self, case: Case) {
        if self.cases.list.iter().all(|known| known.name != case.name) {
            // The last checks are those of files in no case.
            if let Some(rest) = self.checks.len().checked_sub(1) {
                self.checks.insert(rest, CrossFileChecks::default());
            }
            let rest = self.cases.list.len();
            self.group_totals.insert(rest, Default::default());
            self.cases.add(case);
            self.rest_stale = true;
        }
    }

    /// Moves files to cases, and compares them with the files there.
    pub fn move_files(&mut self, places: &[CaseOfFile]) {
        let mut groups: BTreeSet<usize> = BTreeSet::new();
        for (id, case) in places {
            let Some(file) = self.file(*id) else { continue };
            let before = file.case;
            groups.insert(self.group(file));
            self.change(*id, |file| file.case = *case);
            self.cases.move_file(*id, before, *case);
            groups.extend(self.file(*id).map(|file| self.group(file)));
        }
        for group in groups {
            self.set_folder(group);
            self.changed(group);
            self.recheck(group, self.periods(group));
        }
    }

    /// Finds the folder that contains all files of a case.
    fn set_folder(&mut self, case: usize) {
        let names = self
            .files_of_case(case)
            .map(|(_, file)| file.display_name());
        let found = names.fold(None, |folder, name| Some(common_folder(folder, name)));
        if let Some(folder) = self.cases.folders.get_mut(case) {
            *folder = found;
        }
    }

    /// Returns the files of a case that are in the queue, in order of addition.
    pub fn files_of_case(&self, case: usize) -> impl Iterator<Item = (FileId, &File)> {
        let ids = self.cases.files.get(case).map_or(&[][..], Vec::as_slice);
        let files = ids.iter().filter_map(|id| Some((*id, self.file(*id)?)));
        files.filter(|(_, file)| !file.removed)
    }

    /// Judges the cases that changed and whose files are all screened, and the files in no case.
    /// `requested` is the period of cases without one. Returns the cases that changed.
    pub fn judge_cases(&mut self, requested: Option<DateRange>) -> Vec<usize> {
        self.judge_rest(requested);
        self.compare_cases();
        let changed = std::mem::take(&mut self.cases.stale);
        for case in &changed {
            let is_complete = self.is_listed(*case) && {
                let mut files = self.files_of_case(*case);
                files.all(|(_, file)| file.screening().is_some())
            };
            // Each screening of a file marks its case as changed, so that the last one is noticed.
            let judged = is_complete.then(|| self.judge_case(*case, requested));
            if let Some(place) = self.cases.judged.get_mut(*case) {
                *place = judged;
            }
        }
        changed.into_iter().collect()
    }

    fn judge_case(&mut self, case: usize, requested: Option<DateRange>) -> JudgedCase {
        self.recheck(case, Periods::Together);
        self.coverage = None;
        let own = self.cases.list.get(case);
        let requested = own.and_then(|case| case.requested).or(requested);
        let accounts = self.accounts_of(case, requested);
        let late = self.checks.get_mut(case);
        let late = late.map(|checks| checks.late_findings(&accounts));
        let ids = self.files_of_group(case);
        self.add_late_findings(ids, late.unwrap_or_default());
        let files: Vec<CaseFile<'_>> = self
            .files_of_case(case)
            .filter_map(|(_, file)| {
                Some(CaseFile {
                    name: &file.name.text,
                    screening: file.screening()?,
                    expected_bank: file.expected.bank.as_ref(),
                    is_duplicate: file.duplicate_of.is_some(),
                })
            })
            .collect();
        let judgement = judge(&files, &accounts, requested, &self.policy);
        JudgedCase {
            state: judgement.state,
            accounts,
            needs: judgement.needs,
            actions: judgement.actions,
        }
    }

    fn accounts_of(&self, case: usize, requested: Option<DateRange>) -> Vec<AccountCoverage> {
        let (Some(own), Some(checks)) = (self.cases.list.get(case), self.checks.get(case)) else {
            return Vec::new();
        };
        let required = own.required(requested);
        let mut accounts = accounts_of_case(checks.coverage(Some(required)));
        let files = self.files_of_case(case);
        let files = files.filter_map(|(_, file)| Some((Some(&*file.expected), file.screening()?)));
        add_accounts_without_files(&mut accounts, &expected_accounts(files), required);
        accounts
    }

    /// Judges the files in no case together once none waits, by the same rules as a run without
    /// cases: an account may have its months in several files. Beside cases, there is no period
    /// that they would have to cover together. `requested` is the period of the run.
    fn judge_rest(&mut self, requested: Option<DateRange>) {
        if !self.rest_stale || self.counts.waiting > 0 {
            return;
        }
        self.rest_stale = false;
        let rest = self.cases.list.len();
        self.recheck(rest, Periods::Together);
        let requested = requested.filter(|_| rest == 0);
        let late = self.checks.get_mut(rest).map(|checks| {
            let accounts = checks.coverage(requested.map(RequiredMonths::Of));
            checks.late_findings(&accounts)
        });
        let ids = self.files_of_group(rest);
        self.add_late_findings(ids, late.unwrap_or_default());
    }

    /// Adds what several files together show, and what files share with other cases.
    fn add_late_findings(&mut self, ids: Vec<FileId>, mut late: HashMap<usize, Vec<LateFinding>>) {
        let policy = self.policy.clone();
        for id in ids {
            let late = late.remove(&id.index()).unwrap_or_default();
            let shared = self.cases.shared.get(&id).cloned();
            if late.is_empty() && shared.is_none() {
                continue;
            }
            self.change(id, |file| {
                let ignored = file.ignored.clone();
                let Some(screening) = file.screening_mut() else {
                    return;
                };
                for finding in late {
                    finding.add_to(screening, &policy);
                }
                if let Some(finding) = shared {
                    screening.add_finding(finding, &policy);
                }
                for code in ignored {
                    screening.downgrade_to_note(code, &policy);
                }
            });
        }
    }

    /// Compares the statements of different cases, once no file waits.
    fn compare_cases(&mut self) {
        if !self.cases.others_stale || self.counts.waiting > 0 {
            return;
        }
        self.cases.others_stale = false;
        let identities = self.present().filter_map(|(id, file)| {
            let identity = StatementIdentity::of(file.screening()?)?;
            Some((id, file.case?, identity, file.shared_before))
        });
        let identities: Vec<_> = identities.collect();
        let mut statements = StatementsByCase::default();
        for (_, case, identity, _) in &identities {
            statements.add(*case, identity);
        }
        let others = statements.shared();
        let list = &self.cases.list;
        let shared = identities
            .iter()
            .filter_map(|(id, case, identity, before)| {
                let finding = others.finding(*case, identity, list, *before)?;
                Some((*id, finding))
            });
        let shared: HashMap<FileId, Finding> = shared.collect();
        let before = std::mem::replace(&mut self.cases.shared, shared);
        let cases = self.files.iter().enumerate().filter_map(|(index, file)| {
            let id = file_id(index);
            let has_changed = before.get(&id) != self.cases.shared.get(&id);
            file.case.filter(|_| has_changed)
        });
        let changed: Vec<usize> = cases.collect();
        self.cases.stale.extend(changed);
    }
}
