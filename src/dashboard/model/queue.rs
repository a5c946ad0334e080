//! The files, and the table of them: visible rows, sort order, selection and scrolling.

use super::file::{File, FileId, Stage, UploadState};
use super::filter::Filter;
use super::sort::{Column, SortOrder};
use crate::screen::{AccountCoverage, CrossFileChecks, Policy, Screening, SeverityRules, Verdict};
use crate::statement::DateRange;
use crate::uploads::plan::OutcomeKind;
use std::cmp::Ordering;

/// The files and the state of the table.
#[derive(Debug)]
pub struct Queue {
    files: Vec<File>,
    rows: Vec<FileId>,
    cross_file: CrossFileChecks,
    /// Policy of the cross-file checks, which depend on its severities only.
    policy: Policy,
    coverage: Option<Vec<AccountCoverage>>,
    counts: FileCounts,
    upload_totals: UploadTotals,
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
    /// Number of files in watched folders that are incomplete.
    pub arriving: usize,
}

/// Counts over the files in the queue.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FileCounts {
    /// All files.
    pub files: usize,
    /// Files that are not screened yet.
    pub waiting: usize,
    /// Files that passed.
    pub pass: usize,
    /// Files with warnings.
    pub warn: usize,
    /// Files that failed.
    pub fail: usize,
    /// Marked files.
    pub marked: usize,
    /// Calls that screening made unnecessary.
    pub calls_saved: usize,
}

/// Totals over the files whose upload was requested.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UploadTotals {
    /// Files whose upload was requested.
    pub requested: usize,
    /// Requested files with an outcome.
    pub finished: usize,
    /// Requested files that are accepted or already uploaded.
    pub uploaded: usize,
    /// Requested files whose outcome is unknown.
    pub unknown: usize,
    /// Requested files that were rejected or skipped.
    pub not_sent: usize,
    /// Files with an attempt in progress.
    pub sending: usize,
    /// Size of the requested files, in bytes.
    pub bytes: u64,
    /// Bytes of the requested files that were sent.
    pub bytes_sent: u64,
}

impl UploadTotals {
    /// Requested files without an outcome.
    pub fn left(&self) -> usize {
        self.requested.saturating_sub(self.finished)
    }
}

impl Queue {
    /// Creates an empty queue.
    pub fn new(severities: SeverityRules) -> Self {
        Self {
            policy: Policy {
                severities,
                ..Policy::default()
            },
            files: Vec::new(),
            rows: Vec::new(),
            cross_file: CrossFileChecks::default(),
            coverage: None,
            counts: FileCounts::default(),
            upload_totals: UploadTotals::default(),
            common_folder: None,
            rows_stale: false,
            filter: Filter::default(),
            sort: SortOrder::ADDED,
            selected: 0,
            top: 0,
            mark_anchor: None,
            arriving: 0,
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

    /// Returns the months that each account covers; empty before [`Queue::compute_coverage`].
    pub fn coverage(&self) -> &[AccountCoverage] {
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

    /// Returns the name of a file without the folder that contains all files.
    pub fn short_name<'f>(&self, file: &'f File) -> &'f str {
        let folder = self.common_folder.as_deref().unwrap_or_default();
        let name = &file.display_name;
        name.strip_prefix(folder).unwrap_or(name)
    }

    /// Adds a file and returns its ID.
    pub fn add(&mut self, file: File) -> FileId {
        let id = file_id(self.files.len());
        Contribution::of(&file).add_to(&mut self.counts, &mut self.upload_totals);
        if self.filter.matches(&file) {
            self.rows.push(id);
        }
        // The new row is last, which is correct in the order of addition only.
        self.rows_stale |= self.sort != SortOrder::ADDED;
        self.common_folder = Some(common_folder(self.common_folder.take(), &file.display_name));
        self.files.push(file);
        id
    }

    /// Changes a file and updates the counts.
    pub fn change(&mut self, id: FileId, change: impl FnOnce(&mut File)) {
        let Some(file) = self.files.get_mut(id.index()) else {
            return;
        };
        // Updating the counts by the difference keeps a change independent of the number of files.
        let before = Contribution::of(file);
        let was_shown = self.filter.matches(file);
        change(file);
        let after = Contribution::of(file);
        let is_shown = self.filter.matches(file);
        before.subtract_from(&mut self.counts, &mut self.upload_totals);
        after.add_to(&mut self.counts, &mut self.upload_totals);
        self.rows_stale |= is_shown != was_shown || self.sort.column != Column::Added;
        self.rows_stale |= before.present != after.present;
    }

    /// Stores a screening and runs the cross-file checks on it.
    pub fn set_screening(&mut self, id: FileId, screening: Screening) {
        let Some(file) = self.file(id) else { return };
        let was_screened = file.screening().is_some();
        let own_findings = screening.findings.len();
        // The result of an earlier screening is part of the cross-file checks of all later files,
        // so these checks must be repeated.
        if was_screened || file.removed {
            self.change(id, |file| {
                file.stage = Stage::Screened {
                    screening: Box::new(screening),
                    own_findings,
                };
            });
            self.recheck_all();
            return;
        }
        let (screening, duplicate_of) = self.cross_check(id, Box::new(screening), own_findings);
        self.coverage = None;
        self.change(id, |file| {
            file.stage = Stage::Screened {
                screening,
                own_findings,
            };
            file.duplicate_of = duplicate_of;
        });
    }

    /// Compares a screening with those before it. Returns it with the findings of the comparison,
    /// and the earlier file of the same content.
    fn cross_check(
        &mut self,
        id: FileId,
        mut screening: Box<Screening>,
        own_findings: usize,
    ) -> (Box<Screening>, Option<FileId>) {
        screening.truncate_findings(own_findings, &self.policy);
        let files = &self.files;
        if let Some(file) = files.get(id.index()) {
            // Ignored warnings stay visible as notes but no longer affect the verdict.
            for code in &file.ignored {
                screening.downgrade_to_note(*code, &self.policy);
            }
        }
        let name = |index: usize| {
            let file = files.get(index);
            file.map_or_else(String::new, |file| file.name.text.clone())
        };
        let file = files.get(id.index());
        let requested = file.and_then(|file| file.expected.requested_period);
        let file = (id.index(), requested);
        let duplicate_of = self
            .cross_file
            .check(file, &mut screening, &name, &self.policy);
        (screening, duplicate_of.map(file_id))
    }

    /// Repeats the cross-file checks on all files, after one of them was changed or removed.
    pub fn recheck_all(&mut self) {
        self.cross_file = CrossFileChecks::default();
        self.coverage = None;
        for index in 0..self.files.len() {
            let id = file_id(index);
            let Some(file) = self.files.get_mut(index).filter(|file| !file.removed) else {
                continue;
            };
            // Taken out, since the checks borrow the whole queue.
            let stage = std::mem::replace(&mut file.stage, Stage::Waiting);
            let Stage::Screened {
                screening,
                own_findings,
            } = stage
            else {
                continue;
            };
            let (screening, duplicate_of) = self.cross_check(id, screening, own_findings);
            if let Some(file) = self.files.get_mut(index) {
                file.stage = Stage::Screened {
                    screening,
                    own_findings,
                };
                file.duplicate_of = duplicate_of;
            }
        }
        self.recount();
    }

    fn recount(&mut self) {
        self.counts = FileCounts::default();
        self.upload_totals = UploadTotals::default();
        for file in &self.files {
            Contribution::of(file).add_to(&mut self.counts, &mut self.upload_totals);
        }
        self.rows_stale = true;
    }

    /// Computes the coverage of a period, unless it is known. Without a period, the coverage is
    /// that of the days that all statements span.
    pub fn compute_coverage(&mut self, period: Option<DateRange>) {
        if self.coverage.is_none() {
            let period = period.or_else(|| self.spanned_days());
            self.coverage = Some(self.cross_file.coverage(period));
        }
    }

    /// Discards the coverage, since the requested period changed.
    pub fn clear_coverage(&mut self) {
        self.coverage = None;
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
        let height = height.max(1);
        if self.selected < self.top {
            self.top = self.selected;
        } else if self.selected >= self.top + height {
            self.top = self.selected + 1 - height;
        }
        self.top = self.top.min(self.rows.len().saturating_sub(height));
    }
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

/// The part of a file in the counts and totals.
#[derive(Debug, Clone, Copy)]
struct Contribution {
    present: bool,
    verdict: Option<Verdict>,
    marked: bool,
    call_saved: bool,
    /// `None` if the upload was not requested.
    upload: Option<UploadContribution>,
}

/// The part of a file in the upload totals.
#[derive(Debug, Clone, Copy)]
struct UploadContribution {
    bytes: u64,
    bytes_sent: u64,
    sending: bool,
    outcome: Option<OutcomeKind>,
}

impl UploadContribution {
    fn of(file: &File) -> Option<Self> {
        let bytes = file.bytes.unwrap_or(0);
        let waiting = Self {
            bytes,
            bytes_sent: 0,
            sending: false,
            outcome: None,
        };
        match &file.upload {
            UploadState::NotRequested => None,
            // A retry sends all bytes again.
            UploadState::Queued | UploadState::Retrying(_) => Some(waiting),
            UploadState::Sending { sent, total } => {
                // Scaled, since the request body is longer than the file.
                let scaled = u128::from(bytes) * u128::from(*sent) / u128::from((*total).max(1));
                Some(Self {
                    bytes_sent: u64::try_from(scaled).unwrap_or(bytes).min(bytes),
                    sending: true,
                    ..waiting
                })
            }
            UploadState::Finished(record) => Some(Self {
                bytes_sent: bytes,
                outcome: Some(record.outcome.kind),
                ..waiting
            }),
        }
    }
}

impl Contribution {
    fn of(file: &File) -> Self {
        // The service would reject a file with an error that has one of its own codes.
        Self {
            present: !file.removed,
            verdict: file.verdict(),
            marked: file.marked,
            call_saved: file
                .screening()
                .is_some_and(|screening| screening.refusal().is_some()),
            upload: UploadContribution::of(file),
        }
    }

    fn add_to(self, counts: &mut FileCounts, totals: &mut UploadTotals) {
        self.apply(counts, totals, |number| *number += 1);
        if let Some(upload) = self.upload.filter(|_| self.present) {
            totals.bytes += upload.bytes;
            totals.bytes_sent += upload.bytes_sent;
        }
    }

    fn subtract_from(self, counts: &mut FileCounts, totals: &mut UploadTotals) {
        self.apply(counts, totals, |number| *number = number.saturating_sub(1));
        if let Some(upload) = self.upload.filter(|_| self.present) {
            totals.bytes = totals.bytes.saturating_sub(upload.bytes);
            totals.bytes_sent = totals.bytes_sent.saturating_sub(upload.bytes_sent);
        }
    }

    /// Applies `step` to each number that includes the file.
    fn apply(self, counts: &mut FileCounts, totals: &mut UploadTotals, step: impl Fn(&mut usize)) {
        if !self.present {
            return;
        }
        let count = |number: &mut usize, counts: bool| {
            if counts {
                step(number);
            }
        };
        count(&mut counts.files, true);
        count(&mut counts.waiting, self.verdict.is_none());
        count(&mut counts.pass, self.verdict == Some(Verdict::Pass));
        count(&mut counts.warn, self.verdict == Some(Verdict::Warn));
        count(&mut counts.fail, self.verdict == Some(Verdict::Fail));
        count(&mut counts.marked, self.marked);
        count(&mut counts.calls_saved, self.call_saved);
        let Some(upload) = self.upload else { return };
        let is_uploaded = upload.outcome.is_some_and(OutcomeKind::is_uploaded);
        let is_unknown = upload.outcome == Some(OutcomeKind::Unknown);
        count(&mut totals.requested, true);
        count(&mut totals.finished, upload.outcome.is_some());
        count(&mut totals.uploaded, is_uploaded);
        count(&mut totals.unknown, is_unknown);
        let is_not_sent = upload.outcome.is_some() && !is_uploaded && !is_unknown;
        count(&mut totals.not_sent, is_not_sent);
        count(&mut totals.sending, upload.sending);
    }
}
