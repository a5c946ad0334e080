//! `bankscreen --check`: screen, report, and tell the outcome by the exit code.

use super::Exit;
use super::args::ScreeningArgs;
use super::failure::Failure;
use super::interrupt::Interrupt;
use super::notice::notice;
use super::output::Output;
use super::settings;
use crate::batch::{self, Input, Screened};
use crate::jail;
use crate::report::{self, Entry, Format, Name, Renderer, Style, Summary, clean};
use crate::screen::{Policy, Siblings};
use base64::Engine as _;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io;
use std::path::Path;
use std::time::Instant;
use unicode_width::UnicodeWidthStr;

/// Screens and reports.
pub(super) fn run(args: &ScreeningArgs) -> Result<Exit, Failure> {
    let policy = settings::policy(args)?;
    let inputs = settings::inputs(args)?;
    let mut output = Output::open(args.output.as_deref())?;
    // From here on there is a report to finish; until now a signal may just end the program.
    let interrupt = Interrupt::watch()
        .map_err(|error| Failure::environment("signals can't be watched", error, "run it again"))?;
    if inputs.is_empty() && !args.quiet {
        notice("note: there is no PDF file in what was given");
    }
    let mut run = Run::new(args, &inputs, &policy);
    run.renderer.begin(output.writer())?;
    let jobs = settings::jobs(args);
    let stop = interrupt.flag();
    let screened = batch::run(&inputs, &policy, jobs, stop, &jail::screen, |screened| {
        run.take(screened, &mut output)
    });
    run.progress.finish_and_clear();
    screened?;
    run.finish(&mut output)?;
    let elapsed =
        settings::reads_on_terminal(args.output.as_deref()).then(|| run.started.elapsed());
    run.renderer.end(&run.summary, elapsed, output.writer())?;
    output.finish()?;
    if let Some(signal) = interrupt.signal() {
        let done = run.summary.files;
        let all = inputs.len();
        notice(format_args!(
            "interrupted: {done} of {all} files are reported"
        ));
        return Ok(Exit::Interrupted(signal));
    }
    Ok(run.exit())
}

/// What a run gathers while results come in.
struct Run<'r> {
    inputs: &'r [Input],
    policy: &'r Policy,
    renderer: Box<dyn Renderer>,
    summary: Summary,
    siblings: Siblings,
    /// Entries that wait for the end of the run, with their places in the input.
    held: Vec<(usize, Entry)>,
    unreadable: usize,
    timings: bool,
    progress: ProgressBar,
    started: Instant,
}

impl<'r> Run<'r> {
    fn new(args: &ScreeningArgs, inputs: &'r [Input], policy: &'r Policy) -> Self {
        let format = settings::format(args.format);
        // Only one format has columns, and names may be many.
        let named = if format == Format::Text { inputs } else { &[] };
        let widths = named
            .iter()
            .map(|i| clean(&i.path.to_string_lossy()).width());
        let style = Style {
            color: settings::color(args.color, args.output.as_deref()),
            symbols: settings::symbols(),
            width: settings::columns(args.output.as_deref()),
            name_width: widths.max().unwrap_or(0),
            verbose: args.verbose,
            quiet: args.quiet,
        };
        let target = if settings::shows_progress(args) {
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
            renderer: report::renderer(format, style),
            summary: Summary::new(),
            siblings: Siblings::default(),
            held: Vec::new(),
            unreadable: 0,
            timings: args.timings,
            progress,
            started: now(),
        }
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
        };
        let inputs = self.inputs;
        let name_of = |index: usize| inputs.get(index).map(|input| name(&input.path));
        let text_of = |index: usize| name_of(index).map_or_else(String::new, |name| name.text);
        let twin = self
            .siblings
            .judge(screened.index, &mut entry.screening, &text_of, self.policy);
        entry.duplicate_of = twin.and_then(name_of);
        self.unreadable += usize::from(screened.unreadable);
        self.progress.inc(1);
        self.hand_on(screened.index, entry, output)
    }

    /// Writes an entry, or keeps it until all files are known: only then it can be told which
    /// months an account lacks.
    fn hand_on(&mut self, index: usize, entry: Entry, output: &mut Output) -> io::Result<()> {
        if self.policy.range.is_some() {
            self.held.push((index, entry));
            return Ok(());
        }
        self.write(&entry, output)
    }

    fn write(&mut self, entry: &Entry, output: &mut Output) -> io::Result<()> {
        self.summary.add(entry);
        let renderer = &mut self.renderer;
        self.progress
            .suspend(|| renderer.entry(entry, output.writer()))
    }

    /// Tells the last file of each account which months are missing, and writes what was kept.
    fn finish(&mut self, output: &mut Output) -> io::Result<()> {
        let Some(range) = self.policy.range else {
            return Ok(());
        };
        self.summary.accounts = self.siblings.coverage(range);
        let mut held = std::mem::take(&mut self.held);
        for account in &self.summary.accounts {
            let last = held
                .iter_mut()
                .find(|(index, _)| *index == account.last_file);
            if let (Some((_, entry)), Some(finding)) = (last, account.finding()) {
                entry.screening.add(finding, self.policy);
            }
        }
        held.iter()
            .try_for_each(|(_, entry)| self.write(entry, output))
    }

    fn exit(&self) -> Exit {
        if self.unreadable > 0 {
            let paths = if self.unreadable == 1 {
                "path"
            } else {
                "paths"
            };
            let count = self.unreadable;
            notice(format_args!(
                "error: {count} {paths} could not be read; see MISSING_FILE_OBJECT in the report"
            ));
            return Exit::NotDone;
        }
        let failed = self.summary.verdicts.fail > 0;
        if failed { Exit::Failed } else { Exit::Passed }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a shell: the time that the run took is shown to people"
)]
fn now() -> Instant {
    Instant::now()
}

/// A path as text, with its bytes where the text does not tell them.
fn name(path: &Path) -> Name {
    let text = path.to_string_lossy().into_owned();
    let bytes = path.to_str().is_none().then(|| {
        let bytes = path.as_os_str().as_encoded_bytes();
        base64::engine::general_purpose::STANDARD.encode(bytes)
    });
    Name { text, bytes }
}
