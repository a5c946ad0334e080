//! One round of a watch: screens cases that are due, sends ready ones, and records how each ended.

use super::arrivals::{CaseEnd, Due};
use super::case_end::{CaseTerms, case_end};
use super::scan::stamp_of;
use super::{DropFolder, MAX_CASES_PER_ROUND, in_words};
use crate::bankconnect::wire::ApiError;
use crate::batch::{Input, has_end};
use crate::error::{AppError, ErrorKind};
use crate::journal::JournalError;
use crate::report::{OutcomeCounts, Scope, UploadRecord};
use crate::screen::cases::StatementIdentity;
use crate::screen::{Code, Policy};
use crate::screening_run::{KnownCase, PausedRun, RunFiles, ScreeningRun, learnt_forms, rule_uses};
use crate::text::columns::counted;
use crate::text::sanitize;
use crate::uploads::plan::{LocalCode, Skipped};
use crate::uploads::{
    CaseQueue, JournalFolder, OrderedReport, UploadProgress, UploadReport as _, UploadRun,
    record_run, session_of_case, skipped_record,
};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What a failed call or a failed journal means for the watch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Extent {
    /// One case, which is tried again.
    Case,
    /// All cases wait.
    All,
    /// No later attempt can succeed.
    Fatal,
}

impl DropFolder<'_> {
    /// Judges cases that are due. Returns whether there was one.
    ///
    /// # Errors
    ///
    /// If no later attempt can succeed.
    pub(super) fn round(&mut self) -> Result<bool, Vec<AppError>> {
        if !self.refresh() || self.now() < self.paused_until {
            return Ok(false);
        }
        // After a failure that concerns all, one case probes the service.
        let limit = if self.outage.failures() > 0 {
            1
        } else {
            MAX_CASES_PER_ROUND
        };
        let now = self.now();
        let (due, problems) = self
            .arrivals
            .due(now, limit, &mut |path, stamp| has_end(path, stamp.bytes));
        for problem in problems {
            self.notices
                .warning(format_args!("{}; waiting", sanitize(&problem)));
        }
        if due.is_empty() {
            return Ok(false);
        }
        if !self.open_journal()? {
            return Ok(false);
        }
        match self.resolve_usable(due) {
            Ok((due, _)) if due.is_empty() => Ok(false),
            Ok((due, files)) => self.judge(&due, &files),
            Err(error) => self.fail(error).map(|()| false),
        }
    }

    /// Resolves the cases that can be resolved. The others, such as one with two periods in the
    /// manifest, wait; each problem is reported once.
    fn resolve_usable(&mut self, due: Vec<Due>) -> Result<(Vec<Due>, RunFiles), AppError> {
        if let Ok(files) = self.resolve(&due) {
            return Ok((due, files));
        }
        let (now, mut usable, mut problems) = (self.now(), Vec::new(), BTreeSet::new());
        for due in due {
            match self.resolve(std::slice::from_ref(&due)) {
                Ok(_) => usable.push(due),
                Err(error) => {
                    let problem = error.to_string();
                    if self.arrivals.hold(&due, &problem, now) {
                        problems.insert(problem);
                    }
                }
            }
        }
        // A row of the manifest can concern several cases.
        for problem in problems {
            self.notices
                .warning(format_args!("{}; waiting", sanitize(&problem)));
        }
        let files = self.resolve(&usable)?;
        Ok((usable, files))
    }

    /// Opens the journal again after a failure. Returns whether it is open.
    fn open_journal(&mut self) -> Result<bool, Vec<AppError>> {
        if self.journal.is_some() {
            return Ok(true);
        }
        let (path, owner) = (self.journal_path.clone(), self.sending.client.owner());
        match JournalFolder::open_at(path, owner, self.notices) {
            Ok(journal) => {
                self.journal = Some(journal);
                Ok(true)
            }
            Err(
                error @ (JournalError::Damaged { .. }
                | JournalError::NotAJournal { .. }
                | JournalError::NewerVersion { .. }),
            ) => Err(vec![error.into()]),
            Err(error) => self.fail(error.into()).map(|()| false),
        }
    }

    /// Resolves the cases to inputs: the statements that were seen, and no others.
    fn resolve(&self, due: &[Due]) -> Result<RunFiles, AppError> {
        let root = &self.options.folder;
        let folders = due.iter().filter_map(|due| due.folder.as_ref());
        let folders = folders.map(|name| root.join(name)).collect();
        let loose = due.iter().filter(|due| due.folder.is_none());
        let loose: Vec<PathBuf> = loose
            .flat_map(|due| due.statements.keys().cloned())
            .collect();
        let manifest = self.user_files.manifest.as_ref();
        let inputs = &self.screening.inputs;
        let mut files = inputs.resolve_folders(folders, loose, manifest, &self.policy)?;
        let seen: BTreeSet<&Path> = due
            .iter()
            .flat_map(|due| due.statements.keys().map(PathBuf::as_path))
            .collect();
        let is_seen = |input: &Input| input.file_path().is_some_and(|path| seen.contains(path));
        files.inputs.retain(is_seen);
        Ok(files)
    }

    /// Screens and sends cases.
    fn judge(&mut self, due: &[Due], files: &RunFiles) -> Result<bool, Vec<AppError>> {
        let Some(paused) = self.paused.take() else {
            return Err(vec![AppError::internal("a round of the watch never ended")]);
        };
        self.announce(due);
        let report_options = self.screening.report;
        let mut policy = self.policy.clone();
        policy.rule_uses = rule_uses(&policy, &files.inputs, report_options.compared);
        policy.learnt_forms = learnt_forms(report_options.compared);
        let known = std::mem::take(&mut self.known);
        let outputs = (self.notices, self.log);
        let run = ScreeningRun::new(
            files,
            &policy,
            report_options,
            Scope::Upload,
            paused.reports,
            outputs,
        );
        let mut run = run.continuing(paused.summary, &known);
        let bankless = self.sending.selection.eligibility.bankless;
        let jobs = self.screening.jobs;
        let screened = run.screen(jobs, self.interrupt.flag(), &|screening| {
            if bankless {
                screening.downgrade_to_note(Code::BankNameUndetected, &policy);
            }
        });
        if screened.is_err() || self.interrupt.signal().is_some() {
            self.paused = Some(run.pause());
            self.known = known;
            return match screened {
                // Cases of which not all files were screened are judged after the next start.
                Ok(()) => Ok(false),
                Err(error) => self.fail(error).map(|()| false),
            };
        }
        let report = OrderedReport::of_part(run, self.sending.selection);
        let mut report = report.map_err(|error| vec![error])?;
        let sent = self.send(&policy, due, &mut report);
        let identities = (0..due.len()).map(|case| report.identities(case));
        let judged: Vec<_> = identities.collect();
        let outcome = self.settle(due, &report, sent);
        let paused = report.pause().map_err(|error| vec![error])?;
        self.resume(paused);
        self.remember(known, files, judged);
        outcome.map(|()| true)
    }

    fn announce(&self, due: &[Due]) {
        for due in due {
            let files = counted(due.statements.len(), "file");
            match &due.folder {
                Some(name) => self.notices.note(format_args!(
                    "case {}: screening {files}",
                    sanitize(&name.to_string_lossy())
                )),
                None => self.notices.warning(format_args!(
                    "{files} in no folder of a case: screened, and not sent"
                )),
            }
        }
    }

    /// Sends ready cases, and returns the errors for which cases were stopped.
    fn send(
        &mut self,
        policy: &Policy,
        due: &[Due],
        report: &mut OrderedReport<'_>,
    ) -> Result<Vec<AppError>, AppError> {
        let sending = &self.sending;
        self.skip_unsendable(policy, due, report)?;
        let progress = UploadProgress::new(self.screening.report, report.selected());
        report.show_progress(progress.clone());
        let Some(journal) = &self.journal else {
            return Err(AppError::internal("the journal of the watch is not open"));
        };
        let run = UploadRun {
            client: sending.client.clone(),
            session: None,
            options: sending.options,
            identities: sending.identities.clone(),
            concurrency: sending.concurrency,
            case: None,
            gate: None,
            interrupt: self.interrupt,
            notices: self.notices,
            log: self.log,
        };
        let queue = CaseQueue {
            process: sending.process,
            requested: policy.requested_period,
        };
        let errors = queue.send(&run, (journal, sending.runtime), &progress, report)?;
        if let Some(error) = sending
            .identities
            .as_ref()
            .and_then(|file| file.take_error())
        {
            self.notices
                .warning(format_args!("could not keep all identities: {error}"));
        }
        self.calls_saved += record_run(&journal.journal, None, report)?;
        Ok(errors)
    }

    /// Reports the items that can't be sent as skipped.
    ///
    /// A file that changed since it was found complete may be incomplete now. A case whose session
    /// the service would reject must not stop all.
    fn skip_unsendable(
        &self,
        policy: &Policy,
        due: &[Due],
        report: &mut OrderedReport<'_>,
    ) -> Result<(), AppError> {
        let base = self.sending.client.base();
        for item in report.items_to_send() {
            let case = item.input.case.unwrap_or(usize::MAX);
            let path = item.input.file_path().unwrap_or(&item.input.path);
            let found = due.get(case).and_then(|due| due.statements.get(path));
            let session = session_of_case(case, report, policy.requested_period, base);
            let (code, message) = match session {
                _ if found != stamp_of(path).as_ref() => (
                    LocalCode::FileChanged,
                    "not sent: the file changed while it was screened".to_owned(),
                ),
                Err(error) => (
                    LocalCode::RequestNotBuilt,
                    format!("not sent: {}", error.message()),
                ),
                Ok(_) => continue,
            };
            let skipped = Skipped {
                code: code.into(),
                message,
                hint: None,
            };
            report.settle(&item, skipped_record(skipped).into())?;
        }
        Ok(())
    }

    /// Records how each case ended, and whether all cases wait.
    fn settle(
        &mut self,
        due: &[Due],
        report: &OrderedReport<'_>,
        sent: Result<Vec<AppError>, AppError>,
    ) -> Result<(), Vec<AppError>> {
        let errors = sent.as_ref().map(Vec::as_slice).unwrap_or_default();
        let is_interrupted = self.interrupt.signal().is_some();
        let is_unavailable =
            |case: usize| report.uploads_of(case).any(UploadRecord::is_unavailable);
        let concerns_all = |error: &AppError| extent(error) == Extent::All;
        let is_outage =
            sent.is_err() || errors.iter().any(concerns_all) || (0..due.len()).any(is_unavailable);
        for (case, own) in due.iter().enumerate() {
            let judged = report.case_report(case);
            let is_processing_missing = self.sending.process && !errors.is_empty();
            let terms = CaseTerms {
                state: judged.map(|judged| judged.state),
                can_reconcile: self.sending.client.has_server_hash(),
                resends_expired: self.sending.selection.resend.expired,
                is_disturbed: is_processing_missing || has_changed(own),
            };
            let end = match own.folder {
                Some(_) => case_end(report.files_of(case), terms),
                None => CaseEnd::Waiting,
            };
            let delay = self.arrivals.judged(own, terms.state, end, self.now());
            let Some(name) = &own.folder else { continue };
            let mut outcomes = OutcomeCounts::default();
            let uploads = report.uploads_of(case);
            uploads.for_each(|upload| outcomes.add(upload));
            let state = terms.state.map_or("not judged", |state| state.name());
            // If all cases wait, one message announces the next attempt.
            let again = match delay.filter(|_| !is_interrupted && !is_outage) {
                Some(delay) => format!("; next attempt in {}", in_words(delay)),
                None => String::new(),
            };
            self.notices.note(format_args!(
                "case {}: {state}, {}{again}",
                sanitize(&name.to_string_lossy()),
                outcomes.list()
            ));
        }
        self.end_round(sent, is_outage)
    }

    /// Reports the errors of a round. All cases wait if one of them concerns all.
    fn end_round(
        &mut self,
        sent: Result<Vec<AppError>, AppError>,
        is_outage: bool,
    ) -> Result<(), Vec<AppError>> {
        if self.interrupt.signal().is_some() {
            return Ok(());
        }
        let errors = match sent {
            Ok(errors) => errors,
            Err(error) => {
                self.close_journal();
                vec![error]
            }
        };
        if errors.iter().any(|error| extent(error) == Extent::Fatal) {
            return Err(errors);
        }
        // Each case has an error of its own, often the same.
        let messages: BTreeSet<String> = errors.iter().map(ToString::to_string).collect();
        for message in messages {
            self.notices.warning(message);
        }
        if errors.iter().any(is_of_journal) {
            self.close_journal();
        }
        if is_outage {
            self.pause();
        } else {
            self.outage.reset();
        }
        Ok(())
    }

    /// Reports an error before anything was sent, after which all cases wait.
    fn fail(&mut self, error: AppError) -> Result<(), Vec<AppError>> {
        if extent(&error) == Extent::Fatal {
            return Err(vec![error]);
        }
        self.notices.warning(format_args!("{error}"));
        self.pause();
        Ok(())
    }

    fn pause(&mut self) {
        let delay = self.outage.next_delay();
        self.paused_until = self.now() + delay;
        self.notices.note(format_args!(
            "no upload is lost; next attempt in {}",
            in_words(delay)
        ));
    }

    /// Closes the journal, so that it is opened and checked before the next round. That of a
    /// sandbox would be lost.
    fn close_journal(&mut self) {
        if !self.is_sandbox {
            self.journal = None;
        }
    }

    fn resume(&mut self, mut paused: PausedRun) {
        if let Err(error) = std::mem::replace(&mut paused.noted, Ok(())) {
            self.notices.warning(format_args!("{error}"));
        }
        self.paused = Some(paused);
    }

    /// Keeps what identifies the statements of judged cases, and forgets cases that are gone.
    fn remember(
        &mut self,
        mut known: Vec<KnownCase>,
        files: &RunFiles,
        judged: Vec<Vec<StatementIdentity>>,
    ) {
        let cases = files.cases.as_deref().unwrap_or_default();
        let mut remaining = self.arrivals.names();
        for case in cases {
            remaining.remove(&case.name);
        }
        known.retain(|known| remaining.contains(&known.case.name));
        let judged = cases.iter().zip(judged);
        known.extend(judged.map(|(case, identities)| KnownCase {
            case: case.clone(),
            identities,
        }));
        self.known = known;
    }
}

/// Returns whether a statement is not as it was when the folder was listed.
fn has_changed(due: &Due) -> bool {
    let mut statements = due.statements.iter();
    statements.any(|(path, stamp)| stamp_of(path).as_ref() != Some(stamp))
}

/// Returns what an error concerns.
fn extent(error: &AppError) -> Extent {
    let call = error.call_error();
    match error.kind() {
        ErrorKind::Network => match call {
            Some(ApiError::Rejected(response)) if !matches!(response.http_status, 401..=403) => {
                Extent::Case
            }
            _ => Extent::Fatal,
        },
        ErrorKind::ClosedOutput => Extent::Fatal,
        // Another process uses the session. If the service is not available, the records of the
        // files show it.
        ErrorKind::Unavailable if call.is_none() => Extent::Case,
        ErrorKind::Unavailable
        | ErrorKind::Usage
        | ErrorKind::Environment
        | ErrorKind::Internal => Extent::All,
    }
}

/// Returns whether the journal failed.
fn is_of_journal(error: &AppError) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Environment | ErrorKind::Usage | ErrorKind::Internal
    )
}
