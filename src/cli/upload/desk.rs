//! Writes the report in input order, each entry as soon as its upload has an outcome.

use super::bar::Bar;
use crate::batch::Input;
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::screening::Run;
use crate::event_log::Event;
use crate::journal::{Intent, Resend};
use crate::report::{Entry, Summary, UploadRecord};
use crate::screen::Policy;
use crate::uploads::plan::Outcome;
use crate::uploads::{Parcel, Rules, kept};
use std::io;
use std::path::Path;

/// Entries that wait for what becomes of their uploads.
pub(super) struct Desk<'r> {
    run: Run<'r>,
    output: Output,
    entries: Vec<(usize, Entry)>,
    written: usize,
    /// Files and bytes that have their outcome, of those to be sent.
    ended: (usize, u64),
    pub(super) bar: Option<Bar>,
}

impl<'r> Desk<'r> {
    pub(super) fn new(mut run: Run<'r>, output: Output) -> Self {
        Self {
            entries: run.held(),
            run,
            output,
            written: 0,
            ended: (0, 0),
            bar: None,
        }
    }

    /// The files to send. All others have their outcome.
    pub(super) fn sort(&mut self, inputs: &[Input], policy: &Policy, rules: Rules) -> Vec<Parcel> {
        let mut parcels = Vec::new();
        for (place, (index, entry)) in self.entries.iter_mut().enumerate() {
            let Some(input) = inputs.get(*index) else {
                continue;
            };
            match rules.sort(place, input, entry, policy) {
                Ok(parcel) => parcels.push(parcel),
                Err(why) => {
                    let sent = UploadRecord::Settled(kept(why));
                    let content = entry.screening.content;
                    self.run
                        .log()
                        .write(|| Event::upload(&entry.name.text, content, &sent));
                    entry.upload = Some(sent);
                }
            }
        }
        parcels
    }

    /// The files that are not sent, as the journal keeps them. Without bytes there is nothing to
    /// keep, and copies of a file are one.
    pub(super) fn kept(&self, session: &str) -> Vec<(Intent, Outcome)> {
        let kept = |(_, entry): &(usize, Entry)| {
            let settled = entry.upload.as_ref()?.settled()?;
            let facts = &entry.screening.statement;
            let intent = Intent {
                content: entry.screening.content?,
                session: session.to_owned(),
                name: entry.name.text.clone(),
                bytes: entry.bytes?,
                bank: facts
                    .issuer
                    .as_ref()
                    .map(|issuer| issuer.bank.id.to_owned()),
                account: facts.account.as_ref().map(|account| account.masked.clone()),
                resend: Resend::Never,
                at: settled.at,
            };
            Some((intent, settled.outcome.clone()))
        };
        self.entries.iter().filter_map(kept).collect()
    }

    /// Takes in what became of a file, and writes what can be written.
    pub(super) fn settle(
        &mut self,
        parcel: &Parcel,
        upload: impl Into<UploadRecord>,
    ) -> io::Result<()> {
        let sent = upload.into();
        let content = Some(parcel.content);
        self.run
            .log()
            .write(|| Event::upload(&parcel.name, content, &sent));
        self.ended.0 += 1;
        self.ended.1 += parcel.bytes;
        if let Some(bar) = &self.bar {
            let (files, bytes) = self.ended;
            bar.ended(&parcel.name, sent.outcome_name(), files, bytes);
        }
        if let Some((_, entry)) = self.entries.get_mut(parcel.place) {
            entry.upload = Some(sent);
        }
        self.flush()
    }

    /// Writes entries up to the first without an outcome.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        while let Some((_, entry)) = self.entries.get(self.written)
            && entry.upload.is_some()
        {
            let (run, output) = (&mut self.run, &mut self.output);
            match &self.bar {
                Some(bar) => bar.suspend(|| run.write(entry, output))?,
                None => run.write(entry, output)?,
            }
            self.written += 1;
        }
        Ok(())
    }

    /// Ends the report, and gives its summary and whether paths were missing.
    pub(super) fn close(mut self, file: Option<&Path>) -> Result<(Summary, bool), Failure> {
        if let Some(bar) = self.bar.take() {
            bar.clear();
        }
        self.flush()?;
        self.run.end(file, self.output)?;
        let lacks_paths = self.run.lacks_paths();
        Ok((self.run.summary, lacks_paths))
    }
}
