//! Writes the report in input order, each entry as soon as its upload has an outcome.

use super::item::{Skipped, UploadItem, predicted_codes};
use super::messages::skipped_record;
use super::plan::{Eligibility, Outcome, OutcomeKind};
use super::progress::UploadProgress;
use super::run::UploadReport;
use super::saved_calls::{SavedCall, SavedCalls};
use super::session::SessionSelector;
use crate::error::AppError;
use crate::event_log::Event;
use crate::journal::{Intent, Resend};
use crate::report::{CaseReport, FileName, ReportEntry, UploadRecord};
use crate::screen::cases::{Case, CaseState, StatementIdentity};
use crate::screen::{ContentHash, Screening, Verdict};
use crate::screening_run::{DeferredEntries, PausedRun, RunEnd, ScreeningRun};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ops::Range;

/// Which files are sent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Selection {
    pub(crate) eligibility: Eligibility,
    pub(crate) resend: Resend,
    /// Whether files of incomplete cases are sent.
    pub(crate) include_incomplete: bool,
}

/// Returns whether files of a case are sent.
///
/// # Errors
///
/// The reason why they are not.
fn case_allows(
    run: &ScreeningRun<'_>,
    case: Option<usize>,
    include_incomplete: bool,
) -> Result<(), Skipped> {
    if run.cases().is_none() {
        return Ok(());
    }
    let Some(case) = case else {
        return Err(Skipped::no_case());
    };
    let state = run.case_report(case).map(|report| report.state);
    match state {
        Some(CaseState::Ready) => Ok(()),
        Some(CaseState::Incomplete) if include_incomplete => Ok(()),
        // A signal ended screening before the case was known.
        None => Err(Skipped::case_not_ready(CaseState::Blocked)),
        Some(state) => Err(Skipped::case_not_ready(state)),
    }
}

/// Entries in input order, of which the first `written` are in the report. Those without an upload
/// record are to be sent.
///
/// The items to send are built when their turn has come: each has a kilobyte, and a run may have
/// 100,000.
pub(crate) struct OrderedReport<'r> {
    run: ScreeningRun<'r>,
    entries: DeferredEntries<'r>,
    selection: Selection,
    /// Number and bytes of the files to send.
    selected: (usize, u64),
    /// The calls that screening avoided, each with the case of its file.
    saved_calls: Vec<(Option<usize>, SavedCall)>,
    written: usize,
    /// Whether the run continues with further files, and the caller still asks about those of this
    /// part. Otherwise what was written is freed.
    is_part: bool,
    /// Number and bytes of the items that have their outcome.
    settled: (usize, u64),
    progress: Option<UploadProgress>,
}

impl<'r> OrderedReport<'r> {
    /// Judges what depends on several files, and selects the files to send. All others then have
    /// their upload record.
    ///
    /// # Errors
    ///
    /// If the overview of cases can't be written, and that ends the run.
    pub(crate) fn new(mut run: ScreeningRun<'r>, selection: Selection) -> Result<Self, AppError> {
        let mut report = Self {
            entries: run.take_deferred()?,
            run,
            selection,
            selected: (0, 0),
            saved_calls: Vec::new(),
            written: 0,
            is_part: false,
            settled: (0, 0),
            progress: None,
        };
        report.select();
        Ok(report)
    }

    /// Does the same in a part of a run that continues with further files.
    ///
    /// # Errors
    ///
    /// As [`OrderedReport::new`].
    pub(crate) fn of_part(run: ScreeningRun<'r>, selection: Selection) -> Result<Self, AppError> {
        let report = Self::new(run, selection)?;
        Ok(Self {
            is_part: true,
            ..report
        })
    }

    /// Gives every file that is not sent its upload record.
    fn select(&mut self) {
        // The first position of each content in the current case: cases follow one another.
        let mut known: HashMap<ContentHash, usize> = HashMap::new();
        let mut known_case = None;
        for position in 0..self.entries.len() {
            let Some((_, entry)) = self.entries.screened(position) else {
                continue;
            };
            let case = self.entries.case_of(position);
            if known_case != case {
                known_case = case;
                known.clear();
            }
            let saved_call = entry.screening.saved_call();
            self.saved_calls.extend(saved_call.map(|call| (case, call)));
            let item = self.item_of(position, &entry);
            // Even if duplicates are ignored, the same bytes are sent once to a session.
            let item = item.and_then(|item| match known.entry(item.content) {
                Entry::Occupied(first) => {
                    let first = self.entries.input(*first.get());
                    let name = first.map(|input| FileName::of(&input.path).text);
                    Err(Skipped::copy_of(&name.unwrap_or_default()))
                }
                Entry::Vacant(new) => {
                    new.insert(position);
                    Ok(item)
                }
            });
            match item {
                Ok(item) => {
                    self.selected.0 += 1;
                    self.selected.1 += item.bytes;
                }
                Err(skipped) => {
                    let record = UploadRecord::from(skipped_record(skipped));
                    let content = entry.screening.content;
                    self.run
                        .log()
                        .write(|| Event::uploaded(&entry.name.text, content, &record));
                    self.entries.set_upload(position, record);
                }
            }
        }
    }

    /// Returns the item of an entry, or why it is not sent.
    fn item_of(&self, position: usize, entry: &ReportEntry) -> Result<UploadItem, Skipped> {
        let input = self.entries.input(position);
        let input = input.ok_or_else(Skipped::unreadable)?;
        let selection = self.selection;
        case_allows(&self.run, input.case, selection.include_incomplete)?;
        UploadItem::new(
            (position, input),
            (entry.name.text.as_str(), entry.bytes),
            &entry.screening,
            self.run.policy(),
            selection.eligibility,
            selection.resend,
        )
    }

    /// Returns the number of files to send and the sum of their sizes in bytes.
    pub(crate) fn selected(&self) -> (usize, u64) {
        self.selected
    }

    /// Returns the cases of which files are to be sent, in their order.
    pub(crate) fn cases_to_send(&self) -> Vec<usize> {
        let positions = self.unsettled(0..self.entries.len());
        let cases = positions.filter_map(|position| self.entries.case_of(position));
        let mut cases: Vec<_> = cases.collect();
        cases.dedup();
        cases
    }

    /// Returns the positions of the files that are still to be sent.
    pub(crate) fn positions_to_send(&self) -> Vec<usize> {
        self.unsettled(0..self.entries.len()).collect()
    }

    /// Returns the item of the file at a position.
    pub(crate) fn item(&self, position: usize) -> Option<UploadItem> {
        let (_, entry) = self.entries.screened(position)?;
        self.item_of(position, &entry).ok()
    }

    /// Returns the item of each file that is still to be sent, in input order.
    pub(crate) fn items_to_send(&self) -> Vec<UploadItem> {
        self.items_in(0..self.entries.len())
    }

    fn items_in(&self, range: Range<usize>) -> Vec<UploadItem> {
        let positions = self.unsettled(range);
        positions
            .filter_map(|position| self.item(position))
            .collect()
    }

    fn unsettled(&self, range: Range<usize>) -> impl Iterator<Item = usize> {
        range.filter(|position| self.entries.upload(*position).is_none())
    }

    /// Returns the line of a case; `None` if not all of its files were screened.
    pub(crate) fn case_report(&self, case: usize) -> Option<&CaseReport> {
        self.run.case_report(case)
    }

    /// Returns what identifies the statements in the files of a case.
    pub(crate) fn identities(&self, case: usize) -> Vec<StatementIdentity> {
        let entries = self.entries.of_case(Some(case));
        let entries = entries.filter_map(|position| self.entries.screened(position));
        let identities = entries.filter_map(|(_, entry)| StatementIdentity::of(&entry.screening));
        identities.collect()
    }

    /// Returns the cases of the run; `None` if it is not grouped into cases.
    pub(crate) fn cases(&self) -> Option<&'r [Case]> {
        self.run.cases()
    }

    /// Returns the upload records of the files of a case.
    pub(crate) fn uploads_of(&self, case: usize) -> impl Iterator<Item = &UploadRecord> {
        let entries = self.entries.of_case(Some(case));
        entries.filter_map(|position| self.entries.upload(position))
    }

    /// Returns the screening and the upload of each file of a case.
    pub(crate) fn files_of(
        &self,
        case: usize,
    ) -> impl Iterator<Item = (Screening, Option<&UploadRecord>)> {
        let entries = self.entries.of_case(Some(case));
        entries.filter_map(|position| {
            let (_, entry) = self.entries.screened(position)?;
            Some((entry.screening, self.entries.upload(position)))
        })
    }

    /// Ends a part of a run whose reports continue with further files; see [`ScreeningRun::pause`].
    /// Files without an upload record, and those after them, are not in the report.
    ///
    /// # Errors
    ///
    /// If an entry can't be written, and that ends the run.
    pub(crate) fn pause(mut self) -> Result<PausedRun, AppError> {
        if let Some(progress) = self.progress.take() {
            progress.clear();
        }
        self.flush()?;
        if self.written == self.entries.len() {
            self.run.write_cases(None)?;
        }
        Ok(self.run.pause())
    }

    /// Shows progress from now on.
    pub(crate) fn show_progress(&mut self, progress: UploadProgress) {
        self.progress = Some(progress);
    }

    /// Writes entries up to the first without an upload record.
    fn flush(&mut self) -> Result<(), AppError> {
        while let Some(record) = self.entries.upload(self.written).cloned() {
            // Skipped files are journaled at the end of the run.
            let is_skipped = record.kind() == Some(OutcomeKind::Skipped);
            if let Some((index, mut entry)) = self.entries.screened(self.written) {
                entry.set_upload(record, self.run.policy());
                let run = &mut self.run;
                match &self.progress {
                    Some(progress) => progress.suspend(|| run.write(index, &entry))?,
                    None => run.write(index, &entry)?,
                }
            }
            if !is_skipped && !self.is_part {
                self.entries.forget(self.written);
            }
            self.written += 1;
        }
        Ok(())
    }

    /// Returns the calls that screening avoided. `session` is the one that all files would have
    /// been sent to; `None` if each case has its own.
    pub(crate) fn saved_calls(&self, session: Option<&SessionSelector>) -> SavedCalls {
        let calls = self.saved_calls.iter();
        match session {
            Some(session) => SavedCalls::of_session(session.scope(), calls.map(|(_, call)| *call)),
            None => SavedCalls::of_cases(calls.map(|(case, call)| {
                let case = case.and_then(|case| self.cases()?.get(case));
                (case, *call)
            })),
        }
    }

    /// Returns the numbers of files and of failed files.
    pub(crate) fn screened(&self) -> (usize, usize) {
        let verdicts = self.entries.verdicts();
        let failed = verdicts.filter(|verdict| *verdict == Verdict::Fail).count();
        (self.entries.len(), failed)
    }

    /// Ends the report.
    ///
    /// `calls_saved` is the number of calls that this run avoided and no earlier one, if known.
    ///
    /// # Errors
    ///
    /// If an entry can't be written, and that ends the run.
    pub(crate) fn end(
        mut self,
        calls_saved: Option<usize>,
        interrupted: bool,
    ) -> Result<RunEnd, AppError> {
        if let Some(progress) = self.progress.take() {
            progress.clear();
        }
        self.flush()?;
        self.run.write_cases(None)?;
        if let Some(calls_saved) = calls_saved {
            self.run.summary.calls_saved = calls_saved;
        }
        self.run.summary.interrupted = interrupted;
        Ok(self.run.end())
    }
}

impl UploadReport for OrderedReport<'_> {
    fn items(&mut self, case: usize) -> Vec<UploadItem> {
        self.items_in(self.entries.of_case(Some(case)))
    }

    /// Files without bytes can't be journaled, and copies of a file count once. The journal has
    /// files that an earlier run uploaded.
    fn skipped(&self, session: &str, case: Option<usize>) -> Vec<(Intent, Outcome)> {
        let skipped = |position: usize| {
            let record = self.entries.upload(position)?.settled()?;
            if record.outcome.kind != OutcomeKind::Skipped {
                return None;
            }
            let (_, entry) = self.entries.screened(position)?;
            let facts = &entry.screening.statement;
            let issuer = facts.issuer.as_ref();
            let intent = Intent {
                content: entry.screening.content?,
                session: session.to_owned(),
                bytes: entry.bytes?,
                bank: issuer.map(|issuer| issuer.bank.id().to_owned()),
                account: facts.account.as_ref().map(|account| account.masked.clone()),
                request: None,
                predicted: predicted_codes(&entry.screening),
                resend: Resend::default(),
                at: record.at,
                name: entry.name.text,
            };
            Some((intent, record.outcome.clone()))
        };
        let positions = match self.run.cases() {
            Some(_) => self.entries.of_case(case),
            None => 0..self.entries.len(),
        };
        positions.filter_map(skipped).collect()
    }

    fn settle(&mut self, item: &UploadItem, record: UploadRecord) -> Result<(), AppError> {
        let content = Some(item.content);
        self.run
            .log()
            .write(|| Event::uploaded(&item.name, content, &record));
        self.settled.0 += 1;
        self.settled.1 += item.bytes;
        if let Some(progress) = &self.progress {
            let (files, bytes) = self.settled;
            progress.settled(&item.name, record.outcome_name(), files, bytes);
        }
        self.entries.set_upload(item.index, record);
        self.flush()
    }
}
