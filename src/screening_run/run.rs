//! Screens the inputs of a run, judges what depends on several files, and writes the report.

use super::case_memory::CaseMemory;
use super::cases::RunFiles;
use super::deferred::DeferredEntries;
use super::experience::Experience;
use super::inputs::listed;
use super::judgement::{self, CaseJudge, JudgedCases, KnownCase};
use super::notes;
use super::reports::{OnWriteError, Reports};
use crate::batch::{self, BatchError, Input, Screened};
use crate::error::AppError;
use crate::event_log::{Event, EventLog, Hidden, Notices};
use crate::isolation;
use crate::output::OutputGuard;
use crate::report::{
    self, CaseReport, FileName, Format, ReportContext, ReportEntry, ReportSummary, Scope, Style,
};
use crate::screen::cases::Case;
use crate::screen::notes::NoteLanguages;
use crate::screen::{ComparedFile, CrossFileChecks, Policy, RequiredMonths, Screening};
use crate::settings::environment::{self, columns};
use crate::settings::{ColorChoice, Settings};
use crate::statement::Bank;
use crate::text::columns::counted;
use crate::text::sanitize;
use crate::uploads::plan::Owner;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};
use unicode_width::UnicodeWidthStr;

/// Redraws of the progress bar per second.
const PROGRESS_HZ: u8 = 10;

/// What each file is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compared {
    /// Nothing: every file is judged by itself.
    Alone,
    /// The other files of the run.
    Run,
    /// The other files of the run, and what earlier runs recorded.
    RunAndJournal,
}

/// How a run is reported.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent options, each on or off"
)]
pub(crate) struct ReportOptions {
    /// The format of the main report, if the user chose one; else text.
    pub(crate) format: Option<Format>,
    /// The report's file; `None` for standard output.
    pub(crate) output: Option<PathBuf>,
    /// Additional reports with their files; `-` is standard output.
    pub(crate) reports: Vec<(Format, PathBuf)>,
    pub(crate) color: ColorChoice,
    /// Adds the time per file to records.
    pub(crate) timings: bool,
    /// Starts CSV with a byte order mark.
    pub(crate) csv_bom: bool,
    /// What the text report and standard error omit.
    pub(crate) hidden: Hidden,
    /// Adds tables of counts to the text report.
    pub(crate) statistics: bool,
    /// The file for counts and durations.
    pub(crate) metrics: Option<PathBuf>,
    pub(crate) verbose: bool,
    /// Prints the amounts of rows whose balance does not follow.
    pub(crate) show_amounts: bool,
    pub(crate) compared: Compared,
    /// Host and key of the uploads, if the run uploads; a case of the same name is then the same.
    pub(crate) owner: Option<Owner>,
    /// The words of requests to applicants.
    pub(crate) notes: NoteLanguages,
    /// Where a message to each applicant is written.
    pub(crate) notes_folder: Option<PathBuf>,
}

impl ReportOptions {
    /// Returns whether progress is shown on standard error.
    pub(crate) fn shows_progress(&self) -> bool {
        self.hidden == Hidden::Nothing && environment::stderr_is_terminal()
    }

    /// Claims the outputs of the reports, to find conflicts before anything is written.
    ///
    /// # Errors
    ///
    /// If an output is a file that the run uses or that has other content, or amounts are requested
    /// in another report than the text on standard output.
    pub(crate) fn check(&self, guard: &OutputGuard) -> Result<(), AppError> {
        let is_text = self.format.is_none_or(|format| format == Format::Text);
        let is_stdout = self.output.is_none() && self.reports.is_empty();
        if self.show_amounts && !(is_text && is_stdout) {
            // Amounts must not end up in a file.
            return Err(AppError::usage(
                "--show-amounts is only for the text report on standard output",
                "remove --format, --output and --report",
            ));
        }
        Reports::check(self, &mut guard.clone())
    }

    /// Claims and opens the reports over `inputs`; `None` if the files are not known yet.
    ///
    /// # Errors
    ///
    /// If an output is a file that the run uses or that has other content, or can't be written.
    pub(crate) fn open(
        &self,
        inputs: Option<&[Input]>,
        settings: &Settings,
        (scope, policy): (Scope, &Policy),
        guard: &mut OutputGuard,
    ) -> Result<Reports, AppError> {
        let context = self.context(policy, scope);
        let on_error = match scope {
            Scope::Screening => OnWriteError::End,
            // The queue is sent whatever happens to the report.
            Scope::Upload => OnWriteError::Continue,
        };
        Reports::open(self, on_error, guard, &|format, output| {
            let style = self.style(format, output, inputs, settings);
            report::renderer(format, style, &context)
        })
    }

    /// Returns what the reports of a run have in common.
    fn context(&self, policy: &Policy, scope: Scope) -> ReportContext {
        ReportContext {
            scope,
            requested_period: policy.requested_period,
            day: environment::today(),
            timings: self.timings,
            csv_bom: self.csv_bom,
            texts: Arc::new(self.notes.english().clone()),
        }
    }

    fn style(
        &self,
        format: Format,
        output: Option<&Path>,
        inputs: Option<&[Input]>,
        settings: &Settings,
    ) -> Style {
        // Only the text format has columns, and a run may have many names.
        let named = inputs.filter(|_| format == Format::Text);
        let widths = named
            .unwrap_or_default()
            .iter()
            .map(|input| sanitize(&input.path.to_string_lossy()).width());
        let widest = widths.max().unwrap_or(0);
        Style {
            color: environment::color(self.color, output),
            symbols: settings.symbols(),
            width: columns(output),
            name_width: inputs.map_or(usize::MAX, |_| widest),
            verbose: self.verbose,
            quiet: self.hidden >= Hidden::Notes,
            errors_only: self.hidden >= Hidden::Warnings,
            // A report in a file is recognized by its totals.
            totals: self.hidden < Hidden::Warnings || output.is_some(),
            statistics: self.statistics,
            show_amounts: self.show_amounts,
        }
    }
}

/// A screening run in progress.
pub(crate) struct ScreeningRun<'r> {
    inputs: &'r [Input],
    /// `None` if the run is not grouped into cases.
    cases: Option<&'r [Case]>,
    policy: &'r Policy,
    scope: Scope,
    reports: Reports,
    pub(crate) summary: ReportSummary,
    /// Compares the files of the run, or with cases, those of the current case, and at the end
    /// those in none; `None` if every file is judged by itself.
    cross_file: Option<CrossFileChecks>,
    /// `None` if the run is not grouped into cases, and after all files were screened.
    judge: Option<CaseJudge<'r>>,
    judged: JudgedCases,
    /// Cases of earlier parts of the run.
    known_cases: &'r [KnownCase],
    experience: Experience,
    /// Entries that are written at the end of the run.
    deferred: DeferredEntries<'r>,
    /// Whether a period is requested of any file.
    has_requested_period: bool,
    /// The paths that could not be read.
    unreadable: Vec<&'r Path>,
    options: &'r ReportOptions,
    progress: ProgressBar,
    started: Instant,
    notices: &'r Notices,
    log: EventLog,
}

impl<'r> ScreeningRun<'r> {
    /// Prepares a run over `inputs`.
    pub(crate) fn new(
        files: &'r RunFiles,
        policy: &'r Policy,
        options: &'r ReportOptions,
        scope: Scope,
        reports: Reports,
        (notices, log): (&'r Notices, &EventLog),
    ) -> Self {
        let (inputs, cases) = (files.inputs.as_slice(), files.cases.as_deref());
        log.write(|| Event::FilesFound {
            files: inputs.len(),
        });
        let target = if options.shows_progress() {
            ProgressDrawTarget::stderr_with_hz(PROGRESS_HZ)
        } else {
            ProgressDrawTarget::hidden()
        };
        let progress = ProgressBar::with_draw_target(Some(inputs.len() as u64), target);
        if let Ok(bar) = ProgressStyle::with_template("  {wide_bar} {pos}/{len} files  {eta} left")
        {
            progress.set_style(bar);
        }
        let is_compared = options.compared != Compared::Alone;
        let memory = || match options.compared {
            Compared::RunAndJournal => CaseMemory::load(options.owner),
            Compared::Alone | Compared::Run => None,
        };
        let texts = options.notes.english();
        let judge =
            cases.map(|cases| CaseJudge::new((inputs, cases), policy, texts, memory(), log));
        Self {
            inputs,
            cases,
            policy,
            scope,
            reports,
            summary: ReportSummary::new(),
            cross_file: is_compared.then(CrossFileChecks::default),
            judge,
            judged: JudgedCases::default(),
            known_cases: &[],
            experience: if options.compared == Compared::RunAndJournal {
                Experience::load()
            } else {
                Experience::default()
            },
            deferred: DeferredEntries::new(inputs, policy),
            has_requested_period: policy.requested_period.is_some()
                || inputs.iter().any(has_own_period),
            unreadable: Vec::new(),
            options,
            progress,
            started: now(),
            notices,
            log: log.clone(),
        }
    }

    /// Continues a run: `summary` has its counts so far, and files are compared with those of its
    /// earlier cases.
    #[must_use]
    pub(crate) fn continuing(mut self, summary: ReportSummary, cases: &'r [KnownCase]) -> Self {
        self.summary = summary;
        self.known_cases = cases;
        self
    }

    /// Screens the inputs and writes the entries that can be written at once. `adjust` may change a
    /// screening before it is counted.
    ///
    /// # Errors
    ///
    /// If the threads can't be started or the report can't be written.
    pub(crate) fn screen(
        &mut self,
        jobs: usize,
        stop: &AtomicBool,
        adjust: &(dyn Fn(&mut Screening) + Sync),
    ) -> Result<(), AppError> {
        if let Err(error) = self.reports.begin() {
            return Err(self.write_error(error));
        }
        let (inputs, policy) = (self.inputs, self.policy);
        let screen = &isolation::screen;
        let screened = batch::run(inputs, policy, jobs, stop, screen, |mut screened| {
            adjust(&mut screened.screening);
            self.add(screened)
        });
        self.progress.finish_and_clear();
        screened.map_err(|error| match error {
            BatchError::Output(error) => self.write_error(error),
            error => error.into(),
        })
    }

    /// Returns the error of the report that could not be written.
    fn write_error(&mut self, error: io::Error) -> AppError {
        let failure = self.reports.take_failure();
        failure.unwrap_or_else(|| AppError::standard_output(error))
    }

    /// Judges what depends on other files, then writes or defers the entry.
    fn add(&mut self, screened: Screened) -> io::Result<()> {
        let Some(input) = self.inputs.get(screened.index) else {
            return Ok(());
        };
        self.end_cases(input.case);
        let judge = self.judge.as_ref().filter(|_| input.case.is_some());
        let mut entry = ReportEntry {
            name: FileName::of(&input.path),
            bytes: screened.bytes,
            screening: screened.screening,
            duplicate_of: None,
            case: judge.and_then(CaseJudge::current_name),
            elapsed_ms: self.options.timings.then(|| elapsed_ms(screened.elapsed)),
            upload: None,
        };
        let inputs = self.inputs;
        let name_of = |index: usize| inputs.get(index).map(|input| FileName::of(&input.path));
        let text_of = |index: usize| name_of(index).map_or_else(String::new, |name| name.text);
        let own = input.expected.as_ref();
        let own_bank = own.and_then(|own| own.bank.as_ref());
        let bank = own_bank.or(self.policy.expected_bank.as_ref());
        let file = ComparedFile {
            index: screened.index,
            requested: own.and_then(|own| own.requested_period),
            expected_bank: bank,
        };
        let duplicate_of = self.cross_file.as_mut().and_then(|cross_file| {
            cross_file.take_partial_period(file.index, &mut entry.screening, self.policy);
            cross_file.check(file, &mut entry.screening, &text_of, self.policy)
        });
        entry.duplicate_of = duplicate_of.and_then(name_of);
        self.experience
            .apply(&mut entry.screening, bank.map(Bank::id));
        self.log.write(|| {
            let (bytes, elapsed) = (entry.bytes, screened.elapsed);
            Event::screened(&entry.name.text, bytes, &entry.screening, elapsed)
        });
        self.summary.screening_time += screened.elapsed;
        if screened.unreadable {
            self.unreadable.push(&input.path);
        }
        self.progress.inc(1);
        match &mut self.judge {
            Some(judge) if input.case.is_some() => judge.add(screened.index, entry),
            // Missing months and cases are known after the last file, and upload outcomes even
            // later.
            None if !self.has_requested_period && self.scope == Scope::Screening => {
                return self.add_entry(&entry);
            }
            _ => self.deferred.push(screened.index, entry),
        }
        Ok(())
    }

    /// Ends the cases before the one of the next file, or all of them.
    fn end_cases(&mut self, next: Option<usize>) {
        let Some(judge) = &mut self.judge else {
            return;
        };
        let next = next.unwrap_or(self.cases.map_or(0, <[Case]>::len));
        while judge.current() < next {
            let checks = self.cross_file.as_mut().map(std::mem::take);
            for (index, entry) in judge.end_case(checks) {
                self.deferred.push(index, entry);
            }
        }
    }

    /// Counts an entry and writes it.
    fn add_entry(&mut self, entry: &ReportEntry) -> io::Result<()> {
        self.summary.add(entry);
        let reports = &mut self.reports;
        self.progress.suspend(|| reports.entry(entry))
    }

    /// Counts an entry and writes it, after the lines of the cases before it.
    ///
    /// # Errors
    ///
    /// If a report can't be written, and that ends the run.
    pub(crate) fn write(&mut self, index: usize, entry: &ReportEntry) -> Result<(), AppError> {
        let case = self.inputs.get(index).and_then(|input| input.case);
        self.write_cases(case)?;
        if let Some(case) = case {
            self.judged.add_upload(case, entry);
        }
        let added = self.add_entry(entry);
        added.map_err(|error| self.write_error(error))
    }

    /// Writes the lines of the cases before one, or of all remaining cases.
    ///
    /// # Errors
    ///
    /// If a report can't be written, and that ends the run.
    pub(crate) fn write_cases(&mut self, before: Option<usize>) -> Result<(), AppError> {
        while let Some(case) = self.judged.next_before(before) {
            let reports = &mut self.reports;
            let written = self.progress.suspend(|| reports.case(&case));
            written.map_err(|error| self.write_error(error))?;
        }
        Ok(())
    }

    /// Returns the cases of the run; `None` if it is not grouped into cases.
    pub(crate) fn cases(&self) -> Option<&'r [Case]> {
        self.cases
    }

    /// Returns the line of a case; `None` if not all of its files were screened.
    pub(crate) fn case_report(&self, case: usize) -> Option<&CaseReport> {
        self.judged.report(case)
    }

    /// Adds what all files together show, such as missing months, ends the cases, and returns the
    /// deferred entries.
    ///
    /// # Errors
    ///
    /// If the overview of the cases can't be written, and that ends the run.
    pub(crate) fn take_deferred(&mut self) -> Result<DeferredEntries<'r>, AppError> {
        self.end_cases(None);
        let none = DeferredEntries::new(self.inputs, self.policy);
        let mut deferred = std::mem::replace(&mut self.deferred, none);
        if let Some(mut cross_file) = self.cross_file.take() {
            // With cases, these are the files in none, which are judged by their own period only.
            let range = self
                .policy
                .requested_period
                .filter(|_| self.cases.is_none());
            let accounts = cross_file.coverage(range.map(RequiredMonths::Of));
            let late = cross_file.late_findings(&accounts);
            judgement::add_late_to_all(late, &mut deferred, self.policy, &self.log);
            if self.cases.is_none() {
                self.summary.accounts = accounts;
            }
        }
        if let Some(judge) = self.judge.take() {
            self.judged = judge.end(&mut deferred, self.known_cases);
            self.summary.cases = Some(self.judged.counts());
            let written = self.reports.overview(self.judged.reports());
            written.map_err(|error| self.write_error(error))?;
        }
        Ok(deferred)
    }

    /// Returns the policy of the run.
    pub(crate) fn policy(&self) -> &Policy {
        self.policy
    }

    /// Returns the event log of the run.
    pub(crate) fn log(&self) -> &EventLog {
        &self.log
    }

    /// Ends a part of a run whose reports continue with further files.
    pub(crate) fn pause(self) -> PausedRun {
        self.progress.finish_and_clear();
        PausedRun {
            noted: self.write_notes(),
            reports: self.reports,
            summary: self.summary,
        }
    }

    /// Writes the messages to the applicants of the judged cases, if the user wants them.
    fn write_notes(&self) -> Result<(), AppError> {
        match &self.options.notes_folder {
            Some(folder) => notes::write(folder, self.judged.reports(), &self.options.notes),
            None => Ok(()),
        }
    }

    /// Ends the reports, and returns what they showed.
    pub(crate) fn end(mut self) -> RunEnd {
        let on_terminal = self.reports.use_stdout() && environment::report_on_terminal(None);
        self.summary.run_time = self.started.elapsed();
        let elapsed = on_terminal.then_some(self.summary.run_time);
        let noted = self.write_notes();
        let written = self.reports.end(&self.summary, elapsed);
        let has_unreadable_paths = !self.unreadable.is_empty();
        if has_unreadable_paths {
            let text = unreadable_paths(&self.unreadable);
            self.notices.error(sanitize(&text));
        }
        RunEnd {
            summary: self.summary,
            has_unreadable_paths,
            written: written.and(noted),
        }
    }
}

/// A run that continues with further files.
pub(crate) struct PausedRun {
    pub(crate) reports: Reports,
    /// The counts so far.
    pub(crate) summary: ReportSummary,
    /// Whether the messages to the applicants of the judged cases are written.
    pub(crate) noted: Result<(), AppError>,
}

impl PausedRun {
    /// Returns a run that has not started.
    pub(crate) fn new(reports: Reports) -> Self {
        Self {
            reports,
            summary: ReportSummary::new(),
            noted: Ok(()),
        }
    }
}

/// How a run ended.
pub(crate) struct RunEnd {
    pub(crate) summary: ReportSummary,
    /// Whether a path could not be read, which was then reported on standard error.
    pub(crate) has_unreadable_paths: bool,
    /// Whether all reports are complete.
    pub(crate) written: Result<(), AppError>,
}

fn unreadable_paths(paths: &[&Path]) -> String {
    format!(
        "could not read {}: {}; see MISSING_FILE_OBJECT in the report",
        counted(paths.len(), "path"),
        listed(paths)
    )
}

/// Returns the duration of a screening for its record, in milliseconds with three decimals.
pub(super) fn elapsed_ms(elapsed: Duration) -> f64 {
    (elapsed.as_secs_f64() * 1e6).round() / 1e3
}

fn has_own_period(input: &Input) -> bool {
    let own = input.expected.as_ref();
    own.is_some_and(|own| own.requested_period.is_some())
}

#[expect(
    clippy::disallowed_methods,
    reason = "a shell: the report shows how long the run took"
)]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::columns::assert_agrees;

    #[test]
    fn the_message_about_unreadable_paths_names_some() {
        assert_agrees(|count| unreadable_paths(&vec![Path::new("a.pdf"); count + 1]));
        let paths = ["a", "b", "c", "d", "e"].map(Path::new);
        assert_eq!(
            unreadable_paths(&paths),
            "could not read 5 paths: a, b, c, and 2 more; see MISSING_FILE_OBJECT in the report"
        );
    }
}
