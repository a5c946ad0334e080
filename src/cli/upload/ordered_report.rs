//! Writes the report in input order, each entry as soon as its upload has an outcome.

use crate::batch::Input;
use crate::cli::progress::UploadProgress;
use crate::error::AppError;
use crate::event_log::Event;
use crate::journal::{Intent, Resend};
use crate::report::{ReportEntry, ReportSummary, UploadRecord};
use crate::screen::{ContentHash, Policy, Verdict};
use crate::screening_run::{ReportOutput, ScreeningRun};
use crate::uploads::plan::{Eligibility, Outcome, OutcomeKind};
use crate::uploads::{UploadItem, UploadReport, predicted_codes, skipped_record};

/// Entries in input order, of which the first `written` are in the report.
pub(super) struct OrderedReport<'r> {
    run: ScreeningRun<'r>,
    output: ReportOutput,
    entries: Vec<(usize, ReportEntry)>,
    written: usize,
    /// Number and bytes of the items that have their outcome.
    settled: (usize, u64),
    progress: Option<UploadProgress>,
}

impl<'r> OrderedReport<'r> {
    pub(super) fn new(mut run: ScreeningRun<'r>, output: ReportOutput) -> Self {
        Self {
            entries: run.take_deferred(),
            run,
            output,
            written: 0,
            settled: (0, 0),
            progress: None,
        }
    }

    /// Returns the files to send. Afterwards, all others have their upload record.
    pub(super) fn take_items(
        &mut self,
        inputs: &[Input],
        policy: &Policy,
        eligibility: Eligibility,
        resend: Resend,
    ) -> Vec<UploadItem> {
        let mut items = Vec::new();
        for (position, (index, entry)) in self.entries.iter_mut().enumerate() {
            let Some(input) = inputs.get(*index) else {
                continue;
            };
            let file = (entry.name.text.as_str(), entry.bytes);
            let screening = &entry.screening;
            let item = UploadItem::new(
                (position, input),
                file,
                screening,
                policy,
                eligibility,
                resend,
            );
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

    /// Shows progress from now on.
    pub(super) fn show_progress(&mut self, progress: UploadProgress) {
        self.progress = Some(progress);
    }

    /// Writes entries up to the first without an upload record.
    fn flush(&mut self) -> Result<(), AppError> {
        while let Some((_, entry)) = self.entries.get(self.written)
            && entry.upload.is_some()
        {
            let (run, output) = (&mut self.run, &mut self.output);
            let written = match &self.progress {
                Some(progress) => progress.suspend(|| run.write(entry, output)),
                None => run.write(entry, output),
            };
            written.map_err(|error| output.error(error))?;
            self.written += 1;
        }
        Ok(())
    }

    /// Returns the calls that screening avoided: the content of each file and the code for which
    /// the service would have refused it.
    pub(super) fn saved_calls(&self) -> Vec<(ContentHash, String)> {
        let entries = self.entries.iter();
        let saved = entries.filter_map(|(_, entry)| entry.saved_call());
        saved
            .map(|(content, code)| (content, code.name().to_owned()))
            .collect()
    }

    /// Returns the numbers of files and of failed files.
    pub(super) fn screened(&self) -> (usize, usize) {
        let verdicts = self
            .entries
            .iter()
            .map(|(_, entry)| entry.screening.verdict);
        let failed = verdicts.filter(|verdict| *verdict == Verdict::Fail).count();
        (self.entries.len(), failed)
    }

    /// Ends the report, and returns its summary and whether a path could not be read.
    ///
    /// `calls_saved` is the number of calls that this run avoided and no earlier one, if known.
    pub(super) fn end(
        mut self,
        calls_saved: Option<usize>,
    ) -> Result<(ReportSummary, bool), AppError> {
        if let Some(progress) = self.progress.take() {
            progress.clear();
        }
        self.flush()?;
        if let Some(calls_saved) = calls_saved {
            self.run.summary.calls_saved = calls_saved;
        }
        self.run.end(self.output)?;
        let unreadable = self.run.has_unreadable_paths();
        Ok((self.run.summary, unreadable))
    }
}

impl UploadReport for OrderedReport<'_> {
    /// Files without bytes can't be journaled, and copies of a file count once. The journal has
    /// files that an earlier run uploaded.
    fn skipped(&self, session: &str) -> Vec<(Intent, Outcome)> {
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
        self.entries.iter().filter_map(skipped).collect()
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
