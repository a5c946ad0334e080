//! The files, and the rows of the table: which are shown, in which order, where the cursor is.

use super::file::{Delivery, File, FileId, Stage};
use super::filter::Filter;
use super::sort::Column;
use crate::screen::{AccountCoverage, Code, CrossFileChecks, Policy, Screening, Severity, Verdict};
use crate::statement::DateRange;
use crate::uploads::plan::OutcomeKind;
use std::cmp::Ordering;

/// The files and the table of them.
#[derive(Debug)]
pub struct Queue {
    files: Vec<File>,
    rows: Vec<FileId>,
    cross_file: CrossFileChecks,
    /// What judging beside others takes: whether warnings fail.
    policy: Policy,
    coverage: Option<Vec<AccountCoverage>>,
    tally: Tally,
    progress: Progress,
    /// The folder that all files lie in, with its `/`; none before the first file.
    folder: Option<String>,
    /// Whether rows may be missing or in the wrong place.
    stale: bool,
    /// What is looked for.
    pub filter: Filter,
    /// What the table is ordered by, and whether backwards.
    pub order: (Column, bool),
    /// The row under the cursor.
    pub selected: usize,
    /// The row at the top.
    pub top: usize,
    /// The row from which a range is marked.
    pub anchor: Option<usize>,
    /// Files of watched folders that are not whole yet.
    pub arriving: usize,
}

/// Files by what they are worth.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Files in the queue.
    pub files: usize,
    /// Files that wait to be screened.
    pub waiting: usize,
    /// Passed.
    pub pass: usize,
    /// Passed with warnings.
    pub warn: usize,
    /// Failed.
    pub fail: usize,
    /// Marked.
    pub marked: usize,
    /// Calls that need not be made.
    pub saved: usize,
}

/// How far the uploads are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Files that were asked to be sent.
    pub asked: usize,
    /// Of these, those with an outcome.
    pub ended: usize,
    /// Of these, those that the service has.
    pub uploaded: usize,
    /// Of these, those whose outcome is unknown.
    pub unknown: usize,
    /// Being sent at this moment.
    pub sending: usize,
    /// Bytes of all that were asked to be sent.
    pub bytes: u64,
    /// Bytes of these that went out.
    pub sent: u64,
}

impl Queue {
    /// A queue without files; `strict` has warnings fail them.
    pub fn new(strict: bool) -> Self {
        Self {
            policy: Policy {
                strict,
                ..Policy::default()
            },
            files: Vec::new(),
            rows: Vec::new(),
            cross_file: CrossFileChecks::default(),
            coverage: None,
            tally: Tally::default(),
            progress: Progress::default(),
            folder: None,
            stale: false,
            filter: Filter::default(),
            order: (Column::Given, false),
            selected: 0,
            top: 0,
            anchor: None,
            arriving: 0,
        }
    }

    /// All files, dropped ones too.
    pub fn files(&self) -> &[File] {
        &self.files
    }

    /// A file.
    pub fn file(&self, id: FileId) -> Option<&File> {
        self.files.get(id.index())
    }

    /// The rows of the table.
    pub fn rows(&self) -> &[FileId] {
        &self.rows
    }

    /// The file under the cursor.
    pub fn current(&self) -> Option<(FileId, &File)> {
        let id = *self.rows.get(self.selected)?;
        Some((id, self.file(id)?))
    }

    /// Counts over all files in the queue.
    pub fn tally(&self) -> Tally {
        self.tally
    }

    /// How far the uploads are.
    pub fn progress(&self) -> Progress {
        self.progress
    }

    /// The months that accounts cover, once [`Queue::cover`] was called.
    pub fn coverage(&self) -> &[AccountCoverage] {
        self.coverage.as_deref().unwrap_or_default()
    }

    /// Marked files in the order of the table; none marked means none.
    pub fn marked(&self) -> impl Iterator<Item = (FileId, &File)> {
        let files = self.files.iter().enumerate();
        let marked = files.filter(|(_, file)| file.marked && !file.dropped);
        marked.map(|(index, file)| (file_id(index), file))
    }

    /// Files in the queue.
    pub fn present(&self) -> impl Iterator<Item = (FileId, &File)> {
        let files = self.files.iter().enumerate();
        let present = files.filter(|(_, file)| !file.dropped);
        present.map(|(index, file)| (file_id(index), file))
    }

    /// What tells a file from the others: its name without the folder that all files lie in.
    pub fn short_name<'f>(&self, file: &'f File) -> &'f str {
        let folder = self.folder.as_deref().unwrap_or_default();
        file.shown.strip_prefix(folder).unwrap_or(&file.shown)
    }

    /// Adds a file, and gives its number.
    pub fn add(&mut self, file: File) -> FileId {
        let id = file_id(self.files.len());
        Counted::of(&file).apply(&mut self.tally, &mut self.progress, true);
        if self.filter.fits(&file) {
            self.rows.push(id);
        }
        // Files come in the order given: any other needs sorting.
        self.stale |= self.order != (Column::Given, false);
        self.folder = Some(common_folder(self.folder.take(), &file.shown));
        self.files.push(file);
        id
    }

    /// Changes a file. All counts follow.
    pub fn change(&mut self, id: FileId, change: impl FnOnce(&mut File)) {
        let Some(file) = self.files.get_mut(id.index()) else {
            return;
        };
        let before = Counted::of(file);
        let fitted = self.filter.fits(file);
        change(file);
        let after = Counted::of(file);
        let fits = self.filter.fits(file);
        before.apply(&mut self.tally, &mut self.progress, false);
        after.apply(&mut self.tally, &mut self.progress, true);
        self.stale |= fits != fitted || self.order.0 != Column::Given;
        self.stale |= before.present != after.present;
    }

    /// Takes in a screening: what the file is beside the others is judged too.
    pub fn screened(&mut self, id: FileId, screening: Screening) {
        let Some(file) = self.file(id) else { return };
        let again = file.screening().is_some();
        let own = screening.findings.len();
        if again || file.dropped {
            self.change(id, |file| {
                file.stage = Stage::Screened {
                    screening: Box::new(screening),
                    own,
                };
            });
            self.judge_all();
            return;
        }
        let (screening, twin) = self.judged(id, Box::new(screening), own);
        self.coverage = None;
        self.change(id, |file| {
            file.stage = Stage::Screened { screening, own };
            file.twin = twin;
        });
    }

    /// A screening as it is beside the files before it.
    fn judged(
        &mut self,
        id: FileId,
        mut screening: Box<Screening>,
        own: usize,
    ) -> (Box<Screening>, Option<FileId>) {
        screening.truncate_findings(own, &self.policy);
        let files = &self.files;
        if let Some(file) = files.get(id.index()) {
            for code in &file.ignored {
                screening.downgrade_to_note(*code, &self.policy);
            }
        }
        let name = |index: usize| {
            let file = files.get(index);
            file.map_or_else(String::new, |file| file.name.text.clone())
        };
        let twin = self
            .cross_file
            .check(id.index(), &mut screening, &name, &self.policy);
        (screening, twin.map(file_id))
    }

    /// Judges all files anew, after one of them was changed or dropped.
    pub fn judge_all(&mut self) {
        self.cross_file = CrossFileChecks::default();
        self.coverage = None;
        for index in 0..self.files.len() {
            let id = file_id(index);
            let Some(file) = self.files.get_mut(index).filter(|file| !file.dropped) else {
                continue;
            };
            let stage = std::mem::replace(&mut file.stage, Stage::Waiting);
            let Stage::Screened { screening, own } = stage else {
                continue;
            };
            let (screening, twin) = self.judged(id, screening, own);
            if let Some(file) = self.files.get_mut(index) {
                file.stage = Stage::Screened { screening, own };
                file.twin = twin;
            }
        }
        self.recount();
    }

    fn recount(&mut self) {
        self.tally = Tally::default();
        self.progress = Progress::default();
        for file in &self.files {
            Counted::of(file).apply(&mut self.tally, &mut self.progress, true);
        }
        self.stale = true;
    }

    /// Works out the months that accounts cover, if that is not known.
    pub fn cover(&mut self, range: Option<DateRange>) {
        if self.coverage.is_none() {
            let range = range.or_else(|| self.whole_range());
            self.coverage = range.map(|range| self.cross_file.coverage(range));
        }
    }

    /// The days that all periods together span.
    fn whole_range(&self) -> Option<DateRange> {
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

    /// Forgets the months, since the days asked for have changed.
    pub fn uncover(&mut self) {
        self.coverage = None;
    }

    /// Shows files by another filter or in another order.
    pub fn show(&mut self, filter: Filter, order: (Column, bool)) {
        if self.filter != filter || self.order != order {
            self.filter = filter;
            self.order = order;
            self.stale = true;
            self.anchor = None;
        }
    }

    /// Puts the rows right, once for all changes before. The cursor stays on its file.
    pub fn refresh(&mut self) {
        if !self.stale {
            return;
        }
        self.stale = false;
        let current = self.rows.get(self.selected).copied();
        let files = &self.files;
        let fits = |id: &FileId| {
            files
                .get(id.index())
                .is_some_and(|file| !file.dropped && self.filter.fits(file))
        };
        let mut rows: Vec<FileId> = (0..files.len()).map(file_id).filter(fits).collect();
        let (column, backwards) = self.order;
        if self.order != (Column::Given, false) {
            rows.sort_by(|a, b| {
                let (Some(first), Some(second)) = (files.get(a.index()), files.get(b.index()))
                else {
                    return Ordering::Equal;
                };
                let order = column.compare(first, second).then(a.cmp(b));
                if backwards { order.reverse() } else { order }
            });
        }
        self.rows = rows;
        if let Some(place) = current.and_then(|id| self.place(id)) {
            self.selected = place;
        }
        self.selected = self.selected.min(self.rows.len().saturating_sub(1));
    }

    fn place(&self, id: FileId) -> Option<usize> {
        if self.order == (Column::Given, false) {
            return self.rows.binary_search(&id).ok();
        }
        self.rows.iter().position(|row| *row == id)
    }

    /// Puts the cursor on a row and keeps it on screen, of which the table has so many rows.
    pub fn select(&mut self, row: usize, height: usize) {
        self.selected = row.min(self.rows.len().saturating_sub(1));
        self.keep_in_view(height);
    }

    /// Scrolls so that the cursor is on screen.
    pub fn keep_in_view(&mut self, height: usize) {
        let height = height.max(1);
        if self.selected < self.top {
            self.top = self.selected;
        } else if self.selected >= self.top + height {
            self.top = self.selected + 1 - height;
        }
        self.top = self.top.min(self.rows.len().saturating_sub(height));
    }
}

/// The folder that a file shares with those before it.
fn common_folder(before: Option<String>, name: &str) -> String {
    let end = name.rfind('/').map_or(0, |slash| slash + 1);
    let folder = name.get(..end).unwrap_or_default();
    let Some(mut before) = before else {
        return folder.to_owned();
    };
    while !folder.starts_with(before.as_str()) {
        before.pop();
        before.truncate(before.rfind('/').map_or(0, |slash| slash + 1));
    }
    before
}

/// A place as a file's number. More files than numbers are never added: the list ends before.
pub(super) fn file_id(index: usize) -> FileId {
    FileId(u32::try_from(index).unwrap_or(u32::MAX))
}

/// What a file counts as.
#[derive(Debug, Clone, Copy)]
struct Counted {
    present: bool,
    verdict: Option<Verdict>,
    marked: bool,
    saved: bool,
    delivery: Option<Share>,
}

/// A file's share of the progress.
#[derive(Debug, Clone, Copy)]
struct Share {
    bytes: u64,
    sent: u64,
    sending: bool,
    outcome: Option<OutcomeKind>,
}

impl Counted {
    fn of(file: &File) -> Self {
        let bytes = file.bytes.unwrap_or(0);
        let share = |sent: u64, sending: bool, outcome: Option<OutcomeKind>| Share {
            bytes,
            sent,
            sending,
            outcome,
        };
        let delivery = match &file.delivery {
            Delivery::Idle => None,
            Delivery::Queued | Delivery::Again(_) => Some(share(0, false, None)),
            Delivery::Sending(sent, total) => {
                // The body is longer than the file.
                let part = u128::from(bytes) * u128::from(*sent) / u128::from((*total).max(1));
                Some(share(
                    u64::try_from(part).unwrap_or(bytes).min(bytes),
                    true,
                    None,
                ))
            }
            Delivery::Ended(sent) => Some(share(bytes, false, Some(sent.outcome.kind))),
        };
        let screening = file.screening();
        let refused = |screening: &Screening| {
            let mut findings = screening.findings.iter();
            findings.any(|f| f.severity == Severity::Error && Code::is_service_code(f.code))
        };
        Self {
            present: !file.dropped,
            verdict: file.verdict(),
            marked: file.marked,
            saved: screening.is_some_and(refused),
            delivery,
        }
    }

    fn apply(self, tally: &mut Tally, progress: &mut Progress, add: bool) {
        if !self.present {
            return;
        }
        let count = |number: &mut usize, counts: bool| {
            if counts && add {
                *number += 1;
            } else if counts {
                *number = number.saturating_sub(1);
            }
        };
        count(&mut tally.files, true);
        count(&mut tally.waiting, self.verdict.is_none());
        count(&mut tally.pass, self.verdict == Some(Verdict::Pass));
        count(&mut tally.warn, self.verdict == Some(Verdict::Warn));
        count(&mut tally.fail, self.verdict == Some(Verdict::Fail));
        count(&mut tally.marked, self.marked);
        count(&mut tally.saved, self.saved);
        let Some(share) = self.delivery else { return };
        count(&mut progress.asked, true);
        count(&mut progress.ended, share.outcome.is_some());
        count(
            &mut progress.uploaded,
            share.outcome.is_some_and(OutcomeKind::is_uploaded),
        );
        count(
            &mut progress.unknown,
            share.outcome == Some(OutcomeKind::Unknown),
        );
        count(&mut progress.sending, share.sending);
        let (bytes, sent) = (&mut progress.bytes, &mut progress.sent);
        if add {
            *bytes += share.bytes;
            *sent += share.sent;
        } else {
            *bytes = bytes.saturating_sub(share.bytes);
            *sent = sent.saturating_sub(share.sent);
        }
    }
}
