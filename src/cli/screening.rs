//! A run over files as every command screens them: what only the run can know, and the report.

use super::args::ScreeningArgs;
use super::failure::Failure;
use super::notice::{notice, notice_unless};
use super::output::Output;
use crate::batch::{self, Input, Screened};
use crate::event_log::{Event, Log};
use crate::isolation;
use crate::report::{self, Entry, Format, Name, Renderer, Scope, Style, Summary};
use crate::screen::{CrossFileChecks, Policy, Screening};
use crate::settings::resolve;
use crate::text::sanitize;
use base64::Engine as _;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Instant;
use unicode_width::UnicodeWidthStr;

/// What a run gathers while results come in.
pub(crate) struct Run<'r> {
    inputs: &'r [Input],
    policy: &'r Policy,
    scope: Scope,
    renderer: Box<dyn Renderer>,
    pub(crate) summary: Summary,
    cross_file: CrossFileChecks,
    /// Entries that wait for the end of the run, with their places in the input.
    held: Vec<(usize, Entry)>,
    unreadable: usize,
    timings: bool,
    progress: ProgressBar,
    started: Instant,
    log: Log,
}

impl<'r> Run<'r> {
    pub(crate) fn new(
        args: &ScreeningArgs,
        inputs: &'r [Input],
        policy: &'r Policy,
        scope: Scope,
        log: &Log,
    ) -> Self {
        if inputs.is_empty() {
            notice_unless(args.quiet, "note: there is no PDF file in what was given");
        }
        log.write(|| Event::FilesFound {
            files: inputs.len(),
        });
        let format = resolve::format(args.format);
        // Only one format has columns, and names may be many.
        let named = if format == Format::Text { inputs } else { &[] };
        let widths = named
            .iter()
            .map(|i| sanitize(&i.path.to_string_lossy()).width());
        let style = Style {
            color: resolve::color(args.color, args.output.as_deref()),
            symbols: resolve::symbols(),
            width: resolve::columns(args.output.as_deref()),
            name_width: widths.max().unwrap_or(0),
            verbose: args.verbose,
            quiet: args.quiet,
        };
        let target = if resolve::shows_progress(args) {
            ProgressDrawTarget::stderr_with_hz(10)
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
            renderer: report::renderer(format, style, scope),
            summary: Summary::new(),
            cross_file: CrossFileChecks::default(),
            held: Vec::new(),
            unreadable: 0,
            timings: args.timings,
            progress,
            started: now(),
            log: log.clone(),
        }
    }

    /// Screens the inputs, and writes the entries that need not wait for the end of the run.
    pub(crate) fn screen(
        &mut self,
        jobs: usize,
        stop: &AtomicBool,
        output: &mut Output,
        judge: &(dyn Fn(&mut Screening) + Sync),
    ) -> Result<(), Failure> {
        self.renderer.begin(output.writer())?;
        let (inputs, policy) = (self.inputs, self.policy);
        let screened = batch::run(
            inputs,
            policy,
            jobs,
            stop,
            &isolation::screen,
            |mut screened| {
                judge(&mut screened.screening);
                self.take(screened, output)
            },
        );
        self.progress.finish_and_clear();
        Ok(screened?)
    }

    /// Judges what only the run can know, counts, and writes.
    fn take(&mut self, screened: Screened, output: &mut Output) -> io::Result<()> {
        let Some(input) = self.inputs.get(screened.index) else {
            return Ok(());
        };
        let mut entry = Entry {
            name: name(&input.path),
            bytes: screened.bytes,
            screening: screened.screening,
            duplicate_of: None,
            elapsed_ms: self
                .timings
                .then(|| (screened.elapsed.as_secs_f64() * 1e6).round() / 1e3),
            upload: None,
        };
        let inputs = self.inputs;
        let name_of = |index: usize| inputs.get(index).map(|input| name(&input.path));
        let text_of = |index: usize| name_of(index).map_or_else(String::new, |name| name.text);
        let twin =
            self.cross_file
                .check(screened.index, &mut entry.screening, &text_of, self.policy);
        entry.duplicate_of = twin.and_then(name_of);
        self.log.write(|| {
            let (bytes, elapsed) = (entry.bytes, screened.elapsed);
            Event::screened(&entry.name.text, bytes, &entry.screening, elapsed)
        });
        self.unreadable += usize::from(screened.unreadable);
        self.progress.inc(1);
        self.hand_on(screened.index, entry, output)
    }

    /// Writes an entry, or keeps it: which months an account lacks can be told only when all files
    /// are known, and what became of an upload even later.
    fn hand_on(&mut self, index: usize, entry: Entry, output: &mut Output) -> io::Result<()> {
        if self.policy.requested_period.is_some() || self.scope == Scope::Upload {
            self.held.push((index, entry));
            return Ok(());
        }
        self.write(&entry, output)
    }

    /// Counts an entry and writes it.
    pub(crate) fn write(&mut self, entry: &Entry, output: &mut Output) -> io::Result<()> {
        self.summary.add(entry);
        let renderer = &mut self.renderer;
        self.progress
            .suspend(|| renderer.entry(entry, output.writer()))
    }

    /// Tells the last file of each account which months are missing, and gives what was kept, with
    /// the places in the input.
    pub(crate) fn held(&mut self) -> Vec<(usize, Entry)> {
        let mut held = std::mem::take(&mut self.held);
        let Some(range) = self.policy.requested_period else {
            return held;
        };
        self.summary.accounts = self.cross_file.coverage(range);
        for account in &self.summary.accounts {
            let last = held
                .iter_mut()
                .find(|(index, _)| *index == account.last_file);
            if let (Some((_, entry)), Some(finding)) = (last, account.finding()) {
                let (before, code) = (entry.screening.verdict, finding.code);
                entry.screening.add_finding(finding, self.policy);
                let name = &entry.name.text;
                self.log
                    .write(|| Event::finding_added(name, code, before, &entry.screening));
            }
        }
        held
    }

    /// Where what becomes of files is written down.
    pub(crate) fn log(&self) -> &Log {
        &self.log
    }

    /// Ends the report; `file` is where it goes, if not to standard output.
    pub(crate) fn end(&mut self, file: Option<&Path>, mut output: Output) -> Result<(), Failure> {
        let elapsed = resolve::reads_on_terminal(file).then(|| self.started.elapsed());
        self.renderer.end(&self.summary, elapsed, output.writer())?;
        output.finish()
    }

    /// Whether some path could not be read, which is said on standard error.
    pub(crate) fn lacks_paths(&self) -> bool {
        if self.unreadable == 0 {
            return false;
        }
        let paths = if self.unreadable == 1 {
            "path"
        } else {
            "paths"
        };
        let count = self.unreadable;
        notice(format_args!(
            "error: {count} {paths} could not be read; see MISSING_FILE_OBJECT in the report"
        ));
        true
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a shell: the time that the run took is shown to people"
)]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// A path as text, with its bytes where the text does not tell them.
pub(crate) fn name(path: &Path) -> Name {
    let text = path.to_string_lossy().into_owned();
    let bytes = path.to_str().is_none().then(|| {
        let bytes = path.as_os_str().as_encoded_bytes();
        base64::engine::general_purpose::STANDARD.encode(bytes)
    });
    Name { text, bytes }
}
