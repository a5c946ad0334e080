//! The reports of a run: each format with its destination.

use super::run::ReportOptions;
use crate::error::{AppError, ErrorKind};
use crate::output::{OutputGuard, OutputKind, ReportOutput};
use crate::report::{self, CaseReport, Format, Renderer, ReportEntry, ReportSummary};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The option of an additional report.
const REPORT: &str = "--report";
/// The option of the main report's file.
const OUTPUT: &str = "--output";
/// The option of the file for counts and durations.
const METRICS: &str = "--metrics";
/// What the main report claims without an option.
const STANDARD_OUTPUT: &str = "the report";

/// What a report that can't be written does to the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OnWriteError {
    /// The run ends.
    End,
    /// The run continues, because it does more than report.
    Continue,
}

/// Creates the renderer of a format for a file, or for standard output.
pub(super) type NewRenderer<'r> = dyn Fn(Format, Option<&Path>) -> Box<dyn Renderer> + 'r;

/// All reports of a run, which receive the same entries.
pub(crate) struct Reports {
    open: Vec<OpenReport>,
    on_error: OnWriteError,
    /// Whether the parts before the first entry are written.
    has_begun: bool,
    /// The first report that could not be written.
    failure: Option<AppError>,
}

struct OpenReport {
    renderer: Box<dyn Renderer>,
    output: ReportOutput,
    /// Whether it has nothing but the counts of the whole run.
    is_metrics: bool,
    has_failed: bool,
}

impl Reports {
    /// Claims and opens all destinations.
    ///
    /// # Errors
    ///
    /// If the guard rejects one of them, or one can't be opened.
    pub(super) fn open(
        options: &ReportOptions,
        on_error: OnWriteError,
        guard: &mut OutputGuard,
        renderer: &NewRenderer<'_>,
    ) -> Result<Self, AppError> {
        let mut reports = Vec::new();
        for (option, format, path) in requested(options) {
            let mut output = ReportOutput::open(option, path, guard)?;
            if on_error == OnWriteError::End {
                output.check()?;
            }
            reports.push(OpenReport {
                renderer: renderer(format, output.path()),
                output,
                is_metrics: false,
                has_failed: false,
            });
        }
        if let Some(path) = &options.metrics {
            reports.push(OpenReport {
                renderer: report::metrics_renderer(),
                output: ReportOutput::open(METRICS, Some(path), guard)?,
                is_metrics: true,
                has_failed: false,
            });
        }
        Ok(Self {
            open: reports,
            on_error,
            has_begun: false,
            failure: None,
        })
    }

    /// Claims all destinations without opening one.
    ///
    /// # Errors
    ///
    /// If the guard rejects one of them.
    pub(super) fn check(options: &ReportOptions, guard: &mut OutputGuard) -> Result<(), AppError> {
        for (option, _, path) in requested(options) {
            guard.claim(option, path, OutputKind::Report)?;
        }
        if let Some(path) = &options.metrics {
            guard.claim(METRICS, Some(path), OutputKind::Report)?;
        }
        Ok(())
    }

    /// Returns whether a report is printed on standard output.
    pub(crate) fn use_stdout(&self) -> bool {
        let mut reports = self.open.iter();
        reports.any(|report| report.output.path().is_none())
    }

    /// Writes the parts before the first entry, unless an earlier part of the run did.
    pub(super) fn begin(&mut self) -> io::Result<()> {
        if std::mem::replace(&mut self.has_begun, true) {
            return Ok(());
        }
        self.for_each(|renderer, out| renderer.begin(out))
    }

    /// Writes the entry of one file.
    pub(super) fn entry(&mut self, entry: &ReportEntry) -> io::Result<()> {
        self.for_each(|renderer, out| renderer.entry(entry, out))
    }

    /// Writes the overview of all cases.
    pub(super) fn overview(&mut self, cases: &[CaseReport]) -> io::Result<()> {
        self.for_each(|renderer, out| renderer.overview(cases, out))
    }

    /// Writes the line of a case.
    pub(super) fn case(&mut self, case: &CaseReport) -> io::Result<()> {
        self.for_each(|renderer, out| renderer.case(case, out))
    }

    /// Makes the metrics of a run that continues appear; other reports are complete at its end.
    ///
    /// # Errors
    ///
    /// If they can't be written; the earlier ones then stay, and the next call tries again.
    pub(crate) fn publish_metrics(&mut self, summary: &ReportSummary) -> Result<(), AppError> {
        for report in self.open.iter_mut().filter(|report| report.is_metrics) {
            let renderer = &mut report.renderer;
            let write = |out: &mut dyn Write| renderer.end(summary, None, out);
            report.output.publish(write)?;
        }
        Ok(())
    }

    /// Ends all reports, makes their files appear, and returns the error of the first report that
    /// could not be written.
    ///
    /// # Errors
    ///
    /// The error of that report.
    pub(crate) fn end(
        mut self,
        summary: &ReportSummary,
        elapsed: Option<Duration>,
    ) -> Result<(), AppError> {
        let ended = self.for_each(|renderer, out| renderer.end(summary, elapsed, out));
        if ended.is_ok() {
            for report in self.open {
                if report.has_failed {
                    continue;
                }
                if let Err(error) = report.output.finish() {
                    keep_worse(&mut self.failure, error);
                }
            }
        }
        self.failure.map_or(Ok(()), Err)
    }

    /// Returns the error of a report that could not be written; the error of the run is less
    /// precise.
    pub(super) fn take_failure(&mut self) -> Option<AppError> {
        self.failure.take()
    }

    fn for_each(
        &mut self,
        write: impl Fn(&mut dyn Renderer, &mut dyn Write) -> io::Result<()>,
    ) -> io::Result<()> {
        for report in self.open.iter_mut().filter(|report| !report.has_failed) {
            let Err(error) = write(report.renderer.as_mut(), report.output.writer()) else {
                continue;
            };
            report.has_failed = true;
            let kind = error.kind();
            keep_worse(&mut self.failure, report.output.error(error));
            if self.on_error == OnWriteError::End {
                return Err(kind.into());
            }
        }
        Ok(())
    }
}

/// Keeps the first error; a reader that went away is the least.
fn keep_worse(failure: &mut Option<AppError>, error: AppError) {
    let is_replaceable = |known: &AppError| known.kind() == ErrorKind::ClosedOutput;
    if failure.as_ref().is_none_or(is_replaceable) {
        *failure = Some(error);
    }
}

/// Returns the reports that the options ask for: option, format and file.
fn requested(options: &ReportOptions) -> Vec<(&str, Format, Option<&Path>)> {
    let mut requested: Vec<(&str, Format, Option<&Path>)> = Vec::new();
    let output = options.output.as_deref();
    // An additional report on standard output takes the place of the main one.
    if output.is_some() || options.format.is_some() || !options.reports.iter().any(is_stdout) {
        let option = output.map_or(STANDARD_OUTPUT, |_| OUTPUT);
        let format = options.format.unwrap_or(Format::Text);
        requested.push((option, format, output));
    }
    for (format, path) in &options.reports {
        requested.push((REPORT, *format, Some(path)));
    }
    requested
}

fn is_stdout((_, path): &(Format, PathBuf)) -> bool {
    path == Path::new("-")
}
