//! Writes the report in input order, each entry as soon as its upload has an outcome.

use super::item::{Skipped, UploadItem, predicted_codes};
use super::messages::skipped_record;
use super::plan::{Eligibility, Outcome, OutcomeKind};
use super::progress::UploadProgress;
use super::run::UploadReport;
use crate::batch::Input;
use crate::error::AppError;
use crate::event_log::Event;
use crate::journal::{Intent, Resend};
use crate::report::{CaseReport, ReportEntry, UploadRecord};
use crate::screen::cases::{Case, CaseState, StatementIdentity};
use crate::screen::{ContentHash, Policy, Screening, Verdict};
use crate::screening_run::{PausedRun, RunEnd, ScreeningRun};
use std::collections::HashMap;
use std::collections::hash_map::Entry;

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

/// Entries in input order, of which the first `written` are in the report.
pub(crate) struct OrderedReport<'r> {
    run: ScreeningRun<'r>,
    entries: Vec<(usize, ReportEntry)>,
    written: usize,
    /// Number and bytes of the items that have their outcome.
    settled: (usize, u64),
    progress: Option<UploadProgress>,
}

impl<'r> OrderedReport<'r> {
    /// Judges what depends on several files.
    ///
    /// # Errors
    ///
    /// If the overview of cases can't be written, and that ends the run.
    pub(crate) fn new(mut run: ScreeningRun<'r>) -> Result<Self, AppError> {
        Ok(Self {
            entries: run.take_deferred()?,
            run,
            written: 0,
            settled: (0, 0),
            progress: None,
        })
    }

    /// Returns the files to send. Afterwards, all others have their upload record.
    pub(crate) fn take_items(
        &mut self,
        inputs: &[Input],
        policy: &Policy,
        eligibility: Eligibility,
        resend: Resend,
        include_incomplete: bool,
    ) -> Vec<UploadItem> {
        let mut items: Vec<UploadItem> = Vec::new();
        let mut names: HashMap<(Option<usize>, ContentHash), String> = HashMap::new();
        for (position, (index, entry)) in self.entries.iter_mut().enumerate() {
            let Some(input) = inputs.get(*index) else {
                continue;
            };
            let file = (entry.name.text.as_str(), entry.bytes);
            let screening = &entry.screening;
            let item = case_allows(&self.run, input.case, include_incomplete).and_then(|()| {
                UploadItem::new(
                    (position, input),
                    file,
                    screening,
                    policy,
                    eligibility,
                    resend,
                )
            });
            // Even if duplicates are ignored, the same bytes are sent once to a session.
            let item = item.and_then(|item| match names.entry((input.case, item.content)) {
                Entry::Occupied(first) => Err(Skipped::copy_of(first.get())),
                Entry::Vacant(first) => {
                    first.insert(item.name.clone());
                    Ok(item)
                }
            });
            match item {
                Ok(item) => items.push(item),
                Err(skipped) => {
                    let record = UploadRecord::from(skipped_record(skipped));
                    let content = entry.screening.content;
                    self.run
                        .log()
                        .write(|| Event::uploaded(&entry.name.text, content, &record));
                    entry.upload = Some(record);
                }
            }
        }
        items
    }

    /// Returns the line of a case; `None` if not all of its files were screened.
    pub(crate) fn case_report(&self, case: usize) -> Option<&CaseReport> {
        self.run.case_report(case)
    }

    /// Returns what identifies the statements in the files of a case.
    pub(crate) fn identities(&self, case: usize) -> Vec<StatementIdentity> {
        let entries = self.entries_of(case).iter();
        let identities = entries.filter_map(|(_, entry)| StatementIdentity::of(&entry.screening));
        identities.collect()
    }

    /// Returns the cases of the run; `None` if it is not grouped into cases.
    pub(crate) fn cases(&self) -> Option<&'r [Case]> {
        self.run.cases()
    }

    /// Returns the screening and the upload of each file of a case, or with the index after the
    /// last case, those of files in none.
    pub(crate) fn uploads_of(
        &self,
        case: usize,
    ) -> impl Iterator<Item = (&Screening, Option<&UploadRecord>)> {
        let entries = self.entries_of(case).iter();
        entries.map(|(_, entry)| (&entry.screening, entry.upload.as_ref()))
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

    /// Returns the entries of a case, or with the index after the last case, those in none.
    fn entries_of(&self, case: usize) -> &[(usize, ReportEntry)] {
        let cases = self.run.cases().map_or(0, <[Case]>::len);
        // Entries are in the order of the cases.
        let case_of = |(index, _): &(usize, ReportEntry)| self.run.case_of(*index).unwrap_or(cases);
        let start = self.entries.partition_point(|entry| case_of(entry) < case);
        let end = self.entries.partition_point(|entry| case_of(entry) <= case);
        self.entries.get(start..end).unwrap_or_default()
    }

    /// Shows progress from now on.
    pub(crate) fn show_progress(&mut self, progress: UploadProgress) {
        self.progress = Some(progress);
    }

    /// Writes entries up to the first without an upload record.
    fn flush(&mut self) -> Result<(), AppError> {
        while let Some((index, entry)) = self.entries.get(self.written)
            && entry.upload.is_some()
        {
            let run = &mut self.run;
            match &self.progress {
                Some(progress) => progress.suspend(|| run.write(*index, entry))?,
                None => run.write(*index, entry)?,
            }
            self.written += 1;
        }
        Ok(())
    }

    /// Returns the calls that screening avoided: the case of each file, its content and the code
    /// for which the service would have refused it.
    pub(crate) fn saved_calls(&self) -> Vec<(Option<usize>, ContentHash, String)> {
        let entries = self.entries.iter();
        let saved = entries.filter_map(|(index, entry)| {
            let (content, code) = entry.saved_call()?;
            Some((self.run.case_of(*index), content, code.name().to_owned()))
        });
        saved.collect()
    }

    /// Returns the numbers of files and of failed files.
    pub(crate) fn screened(&self) -> (usize, usize) {
        let verdicts = self
            .entries
            .iter()
            .map(|(_, entry)| entry.screening.verdict);
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
    /// Files without bytes can't be journaled, and copies of a file count once. The journal has
    /// files that an earlier run uploaded.
    fn skipped(&self, session: &str, case: Option<usize>) -> Vec<(Intent, Outcome)> {
        let skipped = |(_, entry): &(usize, ReportEntry)| {
            let record = entry.upload.as_ref()?.settled()?;
            if record.outcome.kind != OutcomeKind::Skipped {
                return None;
            }
            let facts = &entry.screening.statement;
            let issuer = facts.issuer.as_ref();
            let intent = Intent {
                content: entry.screening.content?,
                session: session.to_owned(),
                name: entry.name.text.clone(),
                bytes: entry.bytes?,
                bank: issuer.map(|issuer| issuer.bank.id().to_owned()),
                account: facts.account.as_ref().map(|account| account.masked.clone()),
                request: None,
                predicted: predicted_codes(&entry.screening),
                resend: Resend::default(),
                at: record.at,
            };
            Some((intent, record.outcome.clone()))
        };
        let entries = match case {
            Some(case) => self.entries_of(case),
            None => &self.entries,
        };
        entries.iter().filter_map(skipped).collect()
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
        if let Some((_, entry)) = self.entries.get_mut(item.index) {
            entry.set_upload(record, self.run.policy());
        }
        self.flush()
    }
}
