//! Screens the inputs of a run, judges what depends on several files, and writes the report.

use super::ReportOutput;
use super::experience::Experience;
use crate::batch::{self, BatchError, Input, Screened};
use crate::error::AppError;
use crate::event_log::{Event, EventLog, Notices};
use crate::isolation;
use crate::report::{
    self, FileName, Format, Renderer, ReportContext, ReportEntry, ReportSummary, Scope, Style,
};
use crate::screen::{CrossFileChecks, Policy, Screening};
use crate::settings::environment::{self, columns};
use crate::settings::{ColorChoice, Settings};
use crate::statement::Bank;
use crate::text::sanitize;
use base64::Engine as _;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Instant;
use unicode_width::UnicodeWidthStr;

/// Redraws of the progress bar per second.
const PROGRESS_HZ: u8 = 10;

/// How a run is reported.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent options, each on or off"
)]
pub(crate) struct ReportOptions {
    pub(crate) format: Format,
    /// The report's file; `None` for standard output.
    pub(crate) output: Option<PathBuf>,
    pub(crate) color: ColorChoice,
    /// Adds the time per file to records.
    pub(crate) timings: bool,
    /// Starts CSV with a byte order mark.
    pub(crate) csv_bom: bool,
    pub(crate) quiet: bool,
    pub(crate) verbose: bool,
}

impl ReportOptions {
    /// Returns whether progress is shown on standard error.
    pub(crate) fn shows_progress(&self) -> bool {
        !self.quiet && environment::stderr_is_terminal()
    }

    /// Returns what the reports of a run have in common.
    fn context(&self, policy: &Policy, scope: Scope) -> ReportContext {
        ReportContext {
            scope,
            requested_period: policy.requested_period,
            day: environment::today(),
            timings: self.timings,
            csv_bom: self.csv_bom,
        }
    }

    fn style(&self, inputs: &[Input], settings: &Settings) -> Style {
        // Only the text format has columns, and a run may have many names.
        let named = if self.format == Format::Text {
            inputs
        } else {
            &[]
        };
        let widths = named
            .iter()
            .map(|input| sanitize(&input.path.to_string_lossy()).width());
        Style {
            color: environment::color(self.color, self.output.as_deref()),
            symbols: settings.symbols(),
            width: columns(self.output.as_deref()),
            name_width: widths.max().unwrap_or(0),
            verbose: self.verbose,
            quiet: self.quiet,
        }
    }
}

/// A screening run in progress.
pub(crate) struct ScreeningRun<'r> {
    inputs: &'r [Input],
    policy: &'r Policy,
    scope: Scope,
    renderer: Box<dyn Renderer>,
    pub(crate) summary: ReportSummary,
    cross_file: CrossFileChecks,
    experience: Experience,
    /// Entries that are written at the end of the run, with their input indices.
    deferred: Vec<(usize, ReportEntry)>,
    /// Number of paths that could not be read.
    unreadable: usize,
    options: &'r ReportOptions,
    progress: ProgressBar,
    started: Instant,
    notices: &'r Notices,
    log: EventLog,
}

impl<'r> ScreeningRun<'r> {
    /// Prepares a run over `inputs`.
    pub(crate) fn new(
        inputs: &'r [Input],
        policy: &'r Policy,
        options: &'r ReportOptions,
        scope: Scope,
        settings: &Settings,
        (notices, log): (&'r Notices, &EventLog),
    ) -> Self {
        if inputs.is_empty() {
            notices.note("no PDF file found in the given paths");
        }
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
        Self {
            inputs,
            policy,
            scope,
            renderer: report::renderer(
                options.format,
                options.style(inputs, settings),
                &options.context(policy, scope),
            ),
            summary: ReportSummary::new(),
            cross_file: CrossFileChecks::default(),
            experience: Experience::load(),
            deferred: Vec::new(),
            unreadable: 0,
            options,
            progress,
            started: now(),
            notices,
            log: log.clone(),
        }
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
        output: &mut ReportOutput,
        adjust: &(dyn Fn(&mut Screening) + Sync),
    ) -> Result<(), AppError> {
        let begun = self.renderer.begin(output.writer());
        begun.map_err(|error| output.error(error))?;
        let (inputs, policy) = (self.inputs, self.policy);
        let screen = &isolation::screen;
        let screened = batch::run(inputs, policy, jobs, stop, screen, |mut screened| {
            adjust(&mut screened.screening);
            self.add(screened, output)
        });
        self.progress.finish_and_clear();
        screened.map_err(|error| match error {
            BatchError::Output(error) => output.error(error),
            error => error.into(),
        })
    }

    /// Judges what depends on other files, then writes or defers the entry.
    fn add(&mut self, screened: Screened, output: &mut ReportOutput) -> io::Result<()> {
        let Some(input) = self.inputs.get(screened.index) else {
            return Ok(());
        };
        let elapsed_ms = (screened.elapsed.as_secs_f64() * 1e6).round() / 1e3;
        let mut entry = ReportEntry {
            name: display_name(&input.path),
            bytes: screened.bytes,
            screening: screened.screening,
            duplicate_of: None,
            elapsed_ms: self.options.timings.then_some(elapsed_ms),
            upload: None,
        };
        let inputs = self.inputs;
        let name_of = |index: usize| inputs.get(index).map(|input| display_name(&input.path));
        let text_of = |index: usize| name_of(index).map_or_else(String::new, |name| name.text);
        let duplicate_of =
            self.cross_file
                .check(screened.index, &mut entry.screening, &text_of, self.policy);
        entry.duplicate_of = duplicate_of.and_then(name_of);
        let own_bank = input.expected.as_ref().and_then(|own| own.bank.as_ref());
        let bank = own_bank.or(self.policy.expected_bank.as_ref());
        self.experience
            .apply(&mut entry.screening, bank.map(Bank::id));
        self.log.write(|| {
            let (bytes, elapsed) = (entry.bytes, screened.elapsed);
            Event::screened(&entry.name.text, bytes, &entry.screening, elapsed)
        });
        self.unreadable += usize::from(screened.unreadable);
        self.progress.inc(1);
        // Missing months are known after the last file, and upload outcomes even later.
        if self.policy.requested_period.is_some() || self.scope == Scope::Upload {
            self.deferred.push((screened.index, entry));
            return Ok(());
        }
        self.write(&entry, output)
    }

    /// Counts an entry and writes it.
    pub(crate) fn write(
        &mut self,
        entry: &ReportEntry,
        output: &mut ReportOutput,
    ) -> io::Result<()> {
        self.summary.add(entry);
        let renderer = &mut self.renderer;
        self.progress
            .suspend(|| renderer.entry(entry, output.writer()))
    }

    /// Adds missing months to the last file of each account, and returns the deferred entries with
    /// their input indices.
    pub(crate) fn take_deferred(&mut self) -> Vec<(usize, ReportEntry)> {
        let mut deferred = std::mem::take(&mut self.deferred);
        let Some(range) = self.policy.requested_period else {
            return deferred;
        };
        self.summary.accounts = self.cross_file.coverage(range);
        for account in &self.summary.accounts {
            let last = deferred
                .iter_mut()
                .find(|(index, _)| Some(*index) == account.last_file);
            if let (Some((_, entry)), Some(finding)) = (last, account.finding()) {
                let (before, code) = (entry.screening.verdict, finding.code);
                entry.screening.add_finding(finding, self.policy);
                let name = &entry.name.text;
                self.log
                    .write(|| Event::finding_added(name, code, before, &entry.screening));
            }
        }
        deferred
    }

    /// Returns the policy of the run.
    pub(crate) fn policy(&self) -> &Policy {
        self.policy
    }

    /// Returns the event log of the run.
    pub(crate) fn log(&self) -> &EventLog {
        &self.log
    }

    /// Ends the report.
    ///
    /// # Errors
    ///
    /// If the report can't be written completely.
    pub(crate) fn end(&mut self, mut output: ReportOutput) -> Result<(), AppError> {
        let on_terminal = environment::report_on_terminal(self.options.output.as_deref());
        let elapsed = on_terminal.then(|| self.started.elapsed());
        let ended = self.renderer.end(&self.summary, elapsed, output.writer());
        ended.map_err(|error| output.error(error))?;
        output.finish()
    }

    /// Returns whether a path could not be read, and reports it on standard error.
    pub(crate) fn has_unreadable_paths(&self) -> bool {
        let count = match self.unreadable {
            0 => return false,
            1 => "1 path".to_owned(),
            count => format!("{count} paths"),
        };
        self.notices.error(format_args!(
            "could not read {count}; see MISSING_FILE_OBJECT in the report"
        ));
        true
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a shell: the report shows how long the run took"
)]
fn now() -> Instant {
    Instant::now()
}

/// Returns a path as text, with its bytes if they are not UTF-8.
pub(crate) fn display_name(path: &Path) -> FileName {
    let text = path.to_string_lossy().into_owned();
    let bytes = path.to_str().is_none().then(|| {
        let bytes = path.as_os_str().as_encoded_bytes();
        base64::engine::general_purpose::STANDARD.encode(bytes)
    });
    FileName { text, bytes }
}
