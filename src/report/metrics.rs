//! `--metrics`: counts and durations of a run in the text format of Prometheus.
//!
//! All values are gauges: they describe the last run, and the next run replaces them. A watch
//! replaces them whenever it has judged cases.

use super::Renderer;
use super::case_report::CaseReport;
use super::record::{ReportEntry, ReportSummary};
use crate::uploads::plan::OutcomeKind;
use std::io::{self, Write};
use std::time::Duration;

/// Writes the counts at the end of a run.
pub(super) struct MetricsRenderer;

impl Renderer for MetricsRenderer {
    fn begin(&mut self, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn entry(&mut self, _: &ReportEntry, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn case(&mut self, _: &CaseReport, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn end(
        &mut self,
        summary: &ReportSummary,
        _: Option<Duration>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let verdicts = &summary.verdicts;
        let files = [
            ("pass", verdicts.pass),
            ("warn", verdicts.warn),
            ("fail", verdicts.fail),
        ];
        labelled(out, "files", "Screened files by verdict.", "verdict", files)?;
        let codes = summary.codes.iter().map(|(code, files)| (*code, *files));
        let help = "Files with a finding of this code.";
        labelled(out, "finding_files", help, "code", codes)?;
        let banks = summary.banks.iter();
        let banks = banks.map(|(bank, counts)| (bank.as_deref().unwrap_or(""), counts.total()));
        let help = "Files by detected or likely bank; empty if there is none.";
        labelled(out, "bank_files", help, "bank", banks)?;
        if let Some(outcomes) = &summary.outcomes {
            let kinds = OutcomeKind::ALL.map(|kind| (kind.name(), outcomes.of(kind)));
            let help = "Files by upload outcome.";
            labelled(out, "upload_files", help, "outcome", kinds)?;
        }
        if let Some(cases) = &summary.cases {
            let states = [
                ("ready", cases.ready),
                ("incomplete", cases.incomplete),
                ("blocked", cases.blocked),
            ];
            labelled(out, "cases", "Cases by state.", "state", states)?;
        }
        value(out, "pages", "Pages of the files.", summary.pages)?;
        value(out, "bytes", "Size of the files in bytes.", summary.bytes)?;
        let help = "Uploads that would have been made and paid for.";
        value(out, "calls_saved", help, summary.calls_saved)?;
        let help = "Whether a signal ended the run before all files were screened.";
        value(out, "interrupted", help, u8::from(summary.interrupted))?;
        let help = "Time spent on screening, summed over all files and threads.";
        let seconds = summary.screening_time.as_secs_f64();
        value(out, "screening_seconds", help, seconds)?;
        let seconds = summary.run_time.as_secs_f64();
        value(out, "run_seconds", "Duration of the run.", seconds)?;
        out.flush()
    }
}

/// Writes a metric with one value per label.
fn labelled<'v>(
    out: &mut dyn Write,
    name: &str,
    help: &str,
    label: &str,
    values: impl IntoIterator<Item = (&'v str, usize)>,
) -> io::Result<()> {
    head(out, name, help)?;
    for (text, value) in values {
        let text = text.replace('\\', "\\\\").replace('"', "\\\"");
        writeln!(out, "bankscreen_{name}{{{label}=\"{text}\"}} {value}")?;
    }
    Ok(())
}

/// Writes a metric with one value.
fn value(
    out: &mut dyn Write,
    name: &str,
    help: &str,
    value: impl std::fmt::Display,
) -> io::Result<()> {
    head(out, name, help)?;
    writeln!(out, "bankscreen_{name} {value}")
}

fn head(out: &mut dyn Write, name: &str, help: &str) -> io::Result<()> {
    writeln!(out, "# HELP bankscreen_{name} {help}")?;
    writeln!(out, "# TYPE bankscreen_{name} gauge")
}
