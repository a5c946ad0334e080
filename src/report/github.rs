//! `github`: workflow commands, which GitHub Actions shows as annotations of the run.
//!
//! Every line starts with a command of this module and line feeds are escaped, so that a file name
//! or message cannot inject a command.

use super::Renderer;
use super::case_report::{CaseReport, lines, outcomes};
use super::diagnostic::diagnostics;
use super::record::{ReportEntry, ReportSummary};
use super::upload_record::UploadRecord;
use crate::screen::Severity;
use crate::text::columns::{counted, thousands};
use crate::text::sanitize;
use std::io::{self, Write};
use std::time::Duration;

/// Writes one command per diagnostic, one per case, and one for the summary.
pub(super) struct GithubRenderer;

impl Renderer for GithubRenderer {
    fn begin(&mut self, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn entry(&mut self, entry: &ReportEntry, out: &mut dyn Write) -> io::Result<()> {
        let file = escape_property(&sanitize(&entry.name.text));
        for diagnostic in diagnostics(entry) {
            writeln!(
                out,
                "::{} file={file},title={}::{}",
                command(diagnostic.severity),
                escape_property(diagnostic.rule.name()),
                escape_message(&diagnostic.text("\n"))
            )?;
        }
        if let Some(answer) = entry.upload.as_ref().and_then(UploadRecord::answer) {
            let message = escape_message(&sanitize(&answer.line()));
            writeln!(out, "::notice file={file},title=UPLOAD_ANSWER::{message}")?;
        }
        out.flush()
    }

    fn case(&mut self, case: &CaseReport, out: &mut dyn Write) -> io::Result<()> {
        let mut text = vec![format!(
            "{}: {}, {}",
            case.name,
            case.state.name(),
            counted(case.files, "file")
        )];
        text.extend(lines(case));
        text.extend(outcomes(case).map(|list| format!("Uploads: {list}")));
        let text: Vec<_> = text.iter().map(|line| sanitize(line)).collect();
        let message = escape_message(&text.join("\n"));
        writeln!(out, "::notice title=CASE::{message}")?;
        out.flush()
    }

    fn end(
        &mut self,
        summary: &ReportSummary,
        _: Option<Duration>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let verdicts = &summary.verdicts;
        let mut text = format!(
            "{}, {}: {} pass, {} warn, {} fail",
            counted(summary.files, "file"),
            counted(summary.pages, "page"),
            thousands(verdicts.pass),
            thousands(verdicts.warn),
            thousands(verdicts.fail),
        );
        if let Some(cases) = summary.cases {
            text = format!("{text}\n{}", cases.in_words());
        }
        if let Some(outcomes) = &summary.outcomes {
            text = format!("{text}\nUploads: {}", outcomes.list());
        }
        writeln!(out, "::notice title=bankscreen::{}", escape_message(&text))?;
        out.flush()
    }
}

fn command(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    }
}

/// Escapes a message.
fn escape_message(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
        // Runners also accept the older command syntax `##[…]` anywhere in a line.
        .replace("##[", "## [")
}

/// Escapes the value of a property.
fn escape_property(text: &str) -> String {
    escape_message(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_cannot_end_its_property_or_line() {
        let name = "a,title=x::error::b\n::add-mask::c%0A##[add-path]d";
        assert_eq!(
            escape_property(&sanitize(name)),
            "a%2Ctitle=x%3A%3Aerror%3A%3Ab^J%3A%3Aadd-mask%3A%3Ac%250A## [add-path]d"
        );
        assert_eq!(escape_message("two\r\nlines"), "two%0D%0Alines");
    }
}
