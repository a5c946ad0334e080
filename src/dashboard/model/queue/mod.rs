//! The files, and the table of them: visible rows, sort order, selection and scrolling.

mod cases;
mod totals;

pub use cases::{Cases, JudgedCase};
pub use totals::{FileCounts, UploadTotals};

use super::file::{File, FileId, Stage};
use super::filter::Filter;
use super::scroll::visible_top;
use super::sort::{Column, SortOrder};
use crate::screen::cases::Case;
use crate::screen::{
    AccountCoverage, ComparedFile, CrossFileChecks, Finding, Policy, RequiredMonths, Screening,
    SeverityRules,
};
use crate::statement::DateRange;
use std::cmp::Ordering;
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;
use totals::Contribution;

/// The files and the state of the table.
#[derive(Debug)]
pub struct Queue {
    files: Vec<File>,
    rows: Vec<FileId>,
    /// What was compared within each case; the last one is that of files in none. Empty if files
    /// are not compared.
    checks: Vec<CrossFileChecks>,
    cases: Cases,
    /// Policy of the cross-file checks, which depend on its severities only.
    policy: Policy,
    /// Whether the files in no case are to be judged together.
    rest_stale: bool,
    /// The accounts, each with its case.
    coverage: Option<Vec<(Option<usize>, AccountCoverage)>>,
    counts: FileCounts,
    upload_totals: UploadTotals,
    /// The counts and totals of each case; the last ones are those of files in none.
    group_totals: Vec<(FileCounts, UploadTotals)>,
    /// Words that several screenings share.
    words: HashSet<Arc<str>>,
    /// Whether files with warnings are eligible for upload.
    include_warnings: bool,
    /// The folder that contains all files, with a final `/`; `None` before the first file.
    common_folder: Option<String>,
    /// Whether `rows` must be rebuilt.
    rows_stale: bool,
    /// The filter of the table.
    pub filter: Filter,
    /// The sort order of the table.
    pub sort: SortOrder,
    /// Index of the selected row.
    pub selected: usize,
    /// Index of the first visible row.
    pub top: usize,
    /// Index of the row from which a range is marked.
    pub mark_anchor: Option<usize>,
}

/// What a requested period has to be covered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Periods {
    /// By each file.
    EachFile,
    /// By all files of an account.
    Together,
}

impl Queue {
    /// Creates an empty queue, whose files are grouped into these cases. With `files_only`, files
    /// are not compared.
    pub fn new(severities: SeverityRules, cases: Vec<Case>, files_only: bool) -> Self {
        let all_groups = cases.len() + 1;
        let groups = if files_only { 0 } else { cases.len() + 1 };
        Self {
            policy: Policy {
                severities,
                ..Policy::default()
            },
            files: Vec::new(),
            rows: Vec::new(),
            checks: (0..groups).map(|_| CrossFileChecks::default()).collect(),
            cases: Cases::new(cases),
            rest_stale: false,
            coverage: None,
            counts: FileCounts::default(),
            upload_totals: UploadTotals::default(),
            group_totals: vec![Default::default(); all_groups],
            words: HashSet::new(),
            include_warnings: true,
            common_folder: None,
            rows_stale: false,
            filter: Filter::default(),
            sort: SortOrder::ADDED,
            selected: 0,
            top: 0,
            mark_anchor: None,
        }
    }

    /// Excludes files with warnings from the eligible ones, or includes them.
    #[must_use]
    pub fn including_warnings(self, include_warnings: bool) -> Self {
        Self {
            include_warnings,
            ..self
        }
    }

    /// Returns all files, including removed ones.
    pub fn files(&self) -> &[File] {
        &self.files
    }

    /// Returns a file.
    pub fn file(&self, id: FileId) -> Option<&File> {
        self.files.get(id.index())
    }

    /// Returns the rows of the table.
    pub fn rows(&self) -> &[FileId] {
        &self.rows
    }

    /// Returns the selected file.
    pub fn current(&self) -> Option<(FileId, &File)> {
        let id = *self.rows.get(self.selected)?;
        Some((id, self.file(id)?))
    }

    /// Returns counts over the files in the queue.
    pub fn counts(&self) -> FileCounts {
        self.counts
    }

    /// Returns totals over the requested uploads.
    pub fn upload_totals(&self) -> UploadTotals {
        self.upload_totals
    }

    /// Returns the counts and totals over the files of a case.
    pub fn totals_of_case(&self, case: usize) -> (FileCounts, UploadTotals) {
        self.group_totals.get(case).copied().unwrap_or_default()
    }

    /// Returns the counts over the files in no case.
    pub fn counts_of_rest(&self) -> FileCounts {
        self.totals_of_case(self.cases.list().len()).0
    }

    /// Returns the months that each account covers, with the index of its case; empty before
    /// [`Queue::compute_coverage`].
    pub fn coverage(&self) -> &[(Option<usize>, AccountCoverage)] {
        self.coverage.as_deref().unwrap_or_default()
    }

    /// Returns the files in the queue, in order of addition.
    pub fn present(&self) -> impl Iterator<Item = (FileId, &File)> {
        let files = self.files.iter().enumerate();
        let present = files.filter(|(_, file)| !file.removed);
        present.map(|(index, file)| (file_id(index), file))
    }

    /// Returns the marked files, in order of addition.
    pub fn marked(&self) -> impl Iterator<Item = (FileId, &File)> {
        self.present().filter(|(_, file)| file.marked)
    }

    /// Returns the name of a file without the folder that contains all files; if only the files of
    /// its case are shown, without the folder that contains those.
    pub fn short_name<'f>(&self, file: &'f File) -> &'f str {
        let open_case = file.case.filter(|case| self.filter.case == Some(*case));
        let folder = open_case.and_then(|case| self.cases.folder(case));
        let folder = folder.or(self.common_folder.as_deref()).unwrap_or_default();
        let name = file.display_name();
        name.strip_prefix(folder).unwrap_or(name)
    }

    /// Adds a file and returns its ID.
    pub fn add(&mut self, file: File) -> FileId {
        let id = file_id(self.files.len());
        let contribution = Contribution::of(&file, self.include_warnings);
        contribution.add_to(&mut self.counts, &mut self.upload_totals);
        let group = self.group(&file);
        if let Some((counts, totals)) = self.group_totals.get_mut(group) {
            contribution.add_to(counts, totals);
        }
        if self.filter.matches(&file) {
            self.rows.push(id);
        }
        // The new row is last, which is correct in the order of addition only.
        self.rows_stale |= self.sort != SortOrder::ADDED;
        self.common_folder = Some(common_folder(
            self.common_folder.take(),
            file.display_name(),
        ));
        if let Some(case) = file.case {
            self.cases.add_file(case, id, file.display_name());
        }
        self.files.push(file);
        id
    }

    /// Changes a file and updates the counts.
    pub fn change(&mut self, id: FileId, change: impl FnOnce(&mut File)) {
        let include_warnings = self.include_warnings;
        let rest = self.cases.list().len();
        let Some(file) = self.files.get_mut(id.index()) else {
            return;
        };
        // Updating the counts by the difference keeps a change independent of the number of files.
        let before = Contribution::of(file, include_warnings);
        let group_before = file.case.unwrap_or(rest);
        let was_shown = self.filter.matches(file);
        change(file);
        let after = Contribution::of(file, include_warnings);
        let group_after = file.case.unwrap_or(rest);
        let is_shown = self.filter.matches(file);
        before.subtract_from(&mut self.counts, &mut self.upload_totals);
        after.add_to(&mut self.counts, &mut self.upload_totals);
        if let Some((counts, totals)) = self.group_totals.get_mut(group_before) {
            before.subtract_from(counts, totals);
        }
        if let Some((counts, totals)) = self.group_totals.get_mut(group_after) {
            after.add_to(counts, totals);
        }
        self.rows_stale |= is_shown != was_shown || self.sort.column != Column::Added;
        self.rows_stale |= before.present != after.present;
    }

    /// Stores a screening and runs the cross-file checks on it.
    pub fn set_screening(&mut self, id: FileId, screening: Screening) {
        let Some(file) = self.file(id) else { return };
        let (group, must_recheck) = (self.group(file), file.screening().is_some() || file.removed);
        let screening = compacted(screening, &mut self.words);
        self.changed(group);
        let (mut screening, mut own_findings, mut duplicate_of) = (screening, None, None);
        if !must_recheck {
            let periods = self.periods(group);
            (screening, own_findings, duplicate_of) =
                self.cross_check(id, screening, None, periods);
            self.coverage = None;
        }
        self.change(id, |file| {
            file.stage = Stage::Screened {
                screening,
                own_findings,
            };
            file.duplicate_of = duplicate_of;
        });
        // The result of an earlier screening is part of the cross-file checks of all later files,
        // so these checks must be repeated.
        // Files in no case are compared again when they are judged, unless some still wait.
        let is_judged_next = group >= self.cases.list().len() && self.counts.waiting == 0;
        if must_recheck && !is_judged_next {
            self.recheck(group, self.periods(group));
        }
    }

    /// Notes that a file of a case, or with the index after the last case, of none, was screened,
    /// changed, removed or restored.
    fn changed(&mut self, group: usize) {
        self.cases.changed(group);
        self.rest_stale |= group >= self.cases.list().len();
    }

    /// Returns how the periods of a group are judged when one of its files is screened. Files in no
    /// case are judged together only once none waits, since the others may still come.
    fn periods(&self, group: usize) -> Periods {
        if group < self.cases.list().len() {
            Periods::Together
        } else {
            Periods::EachFile
        }
    }

    /// Returns the index of the checks for a file: that of its case, else the last one.
    fn group(&self, file: &File) -> usize {
        file.case.unwrap_or(self.cases.list().len())
    }

    /// Compares a screening with those before it. Returns it with the findings of the comparison,
    /// its own findings if the comparison changed them, and the earlier file of the same content.
    fn cross_check(
        &mut self,
        id: FileId,
        mut screening: Box<Screening>,
        own_findings: Option<Box<[Finding]>>,
        periods: Periods,
    ) -> (Box<Screening>, Option<Box<[Finding]>>, Option<FileId>) {
        let own_findings = own_findings.unwrap_or_else(|| screening.findings.as_slice().into());
        screening.set_findings(own_findings.to_vec(), &self.policy);
        let duplicate_of = self.compare(id, &mut screening, periods);
        screening.findings.shrink_to_fit();
        let has_changed = *own_findings != *screening.findings;
        (screening, has_changed.then_some(own_findings), duplicate_of)
    }

    /// Adds to a screening what a comparison with those before it shows. Returns the earlier file
    /// of the same content.
    fn compare(
        &mut self,
        id: FileId,
        screening: &mut Screening,
        periods: Periods,
    ) -> Option<FileId> {
        let files = &self.files;
        let file = files.get(id.index())?;
        // Ignored warnings stay visible as notes but no longer affect the verdict.
        for code in &file.ignored {
            screening.downgrade_to_note(*code, &self.policy);
        }
        let name = |index: usize| {
            let file = files.get(index);
            file.map_or_else(String::new, |file| file.name.text.clone())
        };
        let expected_bank = file.expected.bank.as_ref();
        let compared = ComparedFile {
            index: id.index(),
            requested: file.expected.requested_period,
            expected_bank: expected_bank.or(self.policy.expected_bank.as_ref()),
        };
        let group = self.group(file);
        let checks = self.checks.get_mut(group)?;
        if periods == Periods::Together {
            checks.take_partial_period(id.index(), screening, &self.policy);
        }
        let original = checks.check(compared, screening, &name, &self.policy);
        original.map(file_id)
    }

    /// Repeats the cross-file checks on all files that were compared with some that changed.
    pub fn recheck_files(&mut self, changed: &[FileId]) {
        let groups = changed
            .iter()
            .filter_map(|id| Some(self.group(self.file(*id)?)));
        let groups: BTreeSet<usize> = groups.collect();
        for group in groups {
            self.changed(group);
            self.recheck(group, self.periods(group));
        }
    }

    /// Repeats the cross-file checks on the files of a case, or with the index after the last case,
    /// on those in none.
    fn recheck(&mut self, group: usize, periods: Periods) {
        if let Some(checks) = self.checks.get_mut(group) {
            *checks = CrossFileChecks::default();
        }
        self.coverage = None;
        for id in self.files_of_group(group) {
            // Taken out, since the checks borrow the whole queue.
            let mut stage = Stage::Waiting;
            self.change(id, |file| std::mem::swap(&mut stage, &mut file.stage));
            let Stage::Screened {
                screening,
                own_findings,
            } = stage
            else {
                continue;
            };
            let (screening, own_findings, duplicate_of) =
                self.cross_check(id, screening, own_findings, periods);
            self.change(id, |file| {
                file.stage = Stage::Screened {
                    screening,
                    own_findings,
                };
                file.duplicate_of = duplicate_of;
            });
        }
        self.rows_stale = true;
    }

    /// Returns the files of a case, or with the index after the last case, those in none.
    fn files_of_group(&self, group: usize) -> Vec<FileId> {
        if group < self.cases.list().len() {
            return self.files_of_case(group).map(|(id, _)| id).collect();
        }
        let present = self.present().filter(|(_, file)| file.case.is_none());
        present.map(|(id, _)| id).collect()
    }

    /// Computes the coverage of a period, unless it is known. Without a period, the coverage is
    /// that of the days that all statements span. The accounts of cases come first, in their order.
    pub fn compute_coverage(&mut self, period: Option<DateRange>) {
        if self.coverage.is_some() {
            return;
        }
        let period = period.or_else(|| self.spanned_days());
        let cases = 0..self.cases.list().len();
        let judged = cases.filter_map(|case| Some((case, self.cases.judged(case)?)));
        let judged = judged.flat_map(|(case, judged)| {
            let accounts = judged.accounts.iter().cloned();
            accounts.map(move |account| (Some(case), account))
        });
        let rest = self.checks.last();
        let rest = rest.map(|checks| checks.coverage(period.map(RequiredMonths::Of)));
        let rest = rest.into_iter().flatten().map(|account| (None, account));
        self.coverage = Some(judged.chain(rest).collect());
    }

    /// Discards what depends on the requested period, since it changed.
    pub fn clear_coverage(&mut self) {
        self.coverage = None;
        self.cases.invalidate();
        self.rest_stale = true;
    }

    /// Returns the days from the start of the first statement period to the end of the last.
    fn spanned_days(&self) -> Option<DateRange> {
        let periods = self
            .present()
            .filter_map(|(_, file)| file.screening()?.statement.period);
        periods.fold(None, |range: Option<DateRange>, period| {
            Some(match range {
                None => DateRange {
                    from: period.from,
                    to: period.to,
                },
                Some(range) => DateRange {
                    from: range.from.min(period.from),
                    to: range.to.max(period.to),
                },
            })
        })
    }

    /// Sets the filter.
    pub fn set_filter(&mut self, filter: Filter) {
        if self.filter != filter {
            self.filter = filter;
            self.invalidate_rows();
        }
    }

    /// Sets the sort order.
    pub fn set_sort(&mut self, sort: SortOrder) {
        if self.sort != sort {
            self.sort = sort;
            self.invalidate_rows();
        }
    }

    fn invalidate_rows(&mut self) {
        self.rows_stale = true;
        self.mark_anchor = None;
    }

    /// Rebuilds the rows if they are stale. The selection stays on its file.
    pub fn refresh(&mut self) {
        if !self.rows_stale {
            return;
        }
        self.rows_stale = false;
        // The selection follows its file, not its row number.
        let current = self.rows.get(self.selected).copied();
        let files = &self.files;
        let is_shown = |id: &FileId| {
            files
                .get(id.index())
                .is_some_and(|file| !file.removed && self.filter.matches(file))
        };
        let mut rows: Vec<FileId> = (0..files.len()).map(file_id).filter(is_shown).collect();
        if self.sort != SortOrder::ADDED {
            rows.sort_by(|a, b| {
                let (Some(first), Some(second)) = (files.get(a.index()), files.get(b.index()))
                else {
                    return Ordering::Equal;
                };
                self.sort.compare((a.index(), first), (b.index(), second))
            });
        }
        self.rows = rows;
        if let Some(row) = current.and_then(|id| self.row_of(id)) {
            self.selected = row;
        }
        self.selected = self.selected.min(self.rows.len().saturating_sub(1));
    }

    fn row_of(&self, id: FileId) -> Option<usize> {
        if self.sort == SortOrder::ADDED {
            // Rows in the order of addition are sorted by ID.
            return self.rows.binary_search(&id).ok();
        }
        self.rows.iter().position(|row| *row == id)
    }

    /// Selects a row and scrolls a table of `height` rows to it.
    pub fn select(&mut self, row: usize, height: usize) {
        self.selected = row.min(self.rows.len().saturating_sub(1));
        self.scroll_to_selected(height);
    }

    /// Scrolls a table of `height` rows to the selected row.
    pub fn scroll_to_selected(&mut self, height: usize) {
        self.top = visible_top(self.top, self.selected, self.rows.len(), height);
    }
}

/// Returns an equal screening in as little memory as possible: without unused capacity, and
/// allocated by this thread.
///
/// What a screening thread allocates lies between much larger values that it needs meanwhile, and
/// would keep their memory from being used again.
///
/// The evidence for a bank is the same in the statements of one form: `words` has one copy of each.
fn compacted(mut screening: Screening, words: &mut HashSet<Arc<str>>) -> Box<Screening> {
    let issuer = screening.statement.issuer.as_mut();
    for evidence in issuer.into_iter().flat_map(|issuer| &mut issuer.evidence) {
        if let Some(known) = words.get(evidence) {
            *evidence = Arc::clone(known);
        } else {
            // A copy by this thread, too.
            *evidence = Arc::from(&**evidence);
            words.insert(Arc::clone(evidence));
        }
    }
    let compact = Box::new(screening.clone());
    drop(screening);
    compact
}

/// Returns the deepest folder that contains both `folder` and the file `name`.
fn common_folder(folder: Option<String>, name: &str) -> String {
    let end = name.rfind('/').map_or(0, |slash| slash + 1);
    let own_folder = name.get(..end).unwrap_or_default();
    let Some(mut folder) = folder else {
        return own_folder.to_owned();
    };
    while !own_folder.starts_with(folder.as_str()) {
        folder.pop();
        folder.truncate(folder.rfind('/').map_or(0, |slash| slash + 1));
    }
    folder
}

/// Converts an index to an ID. The queue never holds more files than there are IDs.
fn file_id(index: usize) -> FileId {
    FileId(u32::try_from(index).unwrap_or(u32::MAX))
}
