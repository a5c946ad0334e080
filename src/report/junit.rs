//! `junit`: `JUnit` XML with one test case per file, for CI servers.
//!
//! The output is valid under the JUnit schema of Jenkins. The counts precede the cases, so
//! the whole report is written at its end.

use super::diagnostic::{Diagnostic, Rule, diagnostics, is_failed, worst};
use super::record::{ReportEntry, ReportSummary};
use super::upload_record::{OutcomeCounts, UploadRecord};
use super::{Renderer, Scope};
use crate::bankconnect::wire::UploadAnswer;
use crate::screen::Code;
use crate::text::sanitize;
use std::cmp::Reverse;
use std::io::{self, Write};
use std::time::Duration;

/// Collects the test cases until the counts are final.
pub(super) struct JunitRenderer {
    suite: &'static str,
    cases: Vec<u8>,
    failures: usize,
    errors: usize,
    seconds: Option<f64>,
}

impl JunitRenderer {
    pub(super) fn new(scope: Scope) -> Self {
        Self {
            suite: match scope {
                Scope::Screening => "bankscreen.check",
                Scope::Upload => "bankscreen.upload",
            },
            cases: Vec::new(),
            failures: 0,
            errors: 0,
            seconds: None,
        }
    }

    fn case(&mut self, entry: &ReportEntry) -> io::Result<()> {
        let name = escape(&sanitize(&entry.name.text));
        let suite = self.suite;
        write!(
            self.cases,
            "    <testcase classname=\"{suite}\" name=\"{name}\""
        )?;
        if let Some(ms) = entry.elapsed_ms {
            let seconds = ms / 1000.0;
            self.seconds = Some(self.seconds.unwrap_or(0.0) + seconds);
            write!(self.cases, " time=\"{seconds:.3}\"")?;
        }
        let diagnostics = diagnostics(entry);
        let answer = entry.upload.as_ref().and_then(UploadRecord::answer);
        if diagnostics.is_empty() && answer.is_none() {
            return writeln!(self.cases, "/>");
        }
        writeln!(self.cases, ">")?;
        if let Some(answer) = answer {
            self.properties(answer)?;
        }
        if diagnostics.is_empty() {
            return writeln!(self.cases, "    </testcase>");
        }
        match worst(&diagnostics).filter(|_| is_failed(entry)) {
            Some(worst) => self.failure(worst, &diagnostics)?,
            None => writeln!(
                self.cases,
                "      <system-out>{}</system-out>",
                escape(&lines(&diagnostics))
            )?,
        }
        writeln!(self.cases, "    </testcase>")
    }

    fn properties(&mut self, answer: &UploadAnswer) -> io::Result<()> {
        writeln!(self.cases, "      <properties>")?;
        for (name, value) in answer.fields() {
            let value = escape(&sanitize(&value));
            writeln!(
                self.cases,
                "        <property name=\"answer.{name}\" value=\"{value}\"/>"
            )?;
        }
        writeln!(self.cases, "      </properties>")
    }

    fn failure(&mut self, worst: &Diagnostic, diagnostics: &[Diagnostic]) -> io::Result<()> {
        let element = if is_screening_error(worst.rule) {
            self.errors += 1;
            "error"
        } else {
            self.failures += 1;
            "failure"
        };
        writeln!(
            self.cases,
            "      <{element} type=\"{}\" message=\"{}\">{}</{element}>",
            worst.rule.name(),
            escape(&worst.message),
            escape(&lines(diagnostics))
        )
    }
}

/// Returns whether the file could not be screened, which `JUnit` counts as an error, not a failure.
fn is_screening_error(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::Code(Code::MissingFileObject | Code::LimitExceeded | Code::InternalError)
    )
}

impl Renderer for JunitRenderer {
    fn begin(&mut self, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn entry(&mut self, entry: &ReportEntry, _: &mut dyn Write) -> io::Result<()> {
        self.case(entry)
    }

    fn end(
        &mut self,
        summary: &ReportSummary,
        _: Option<Duration>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let time = self.seconds.map_or_else(String::new, |seconds| {
            // The schema allows at most three decimals.
            format!(" time=\"{seconds:.3}\"")
        });
        let counts = format!(
            "tests=\"{}\" failures=\"{}\" errors=\"{}\"{time}",
            summary.files, self.failures, self.errors
        );
        writeln!(
            out,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <testsuites name=\"bankscreen\" {counts}>\n  \
             <testsuite name=\"{}\" {counts}>\n    <properties>",
            self.suite
        )?;
        let mut properties = vec![
            ("version", env!("CARGO_PKG_VERSION").to_owned()),
            ("pages", summary.pages.to_string()),
            ("bytes", summary.bytes.to_string()),
            ("warnings", summary.verdicts.warn.to_string()),
            ("calls_saved", summary.calls_saved.to_string()),
        ];
        let outcomes = summary.outcomes.iter().flat_map(OutcomeCounts::by_name);
        properties.extend(outcomes.map(|(name, count)| (name, count.to_string())));
        for (name, value) in properties {
            writeln!(out, "      <property name=\"{name}\" value=\"{value}\"/>")?;
        }
        writeln!(out, "    </properties>")?;
        out.write_all(&self.cases)?;
        writeln!(out, "  </testsuite>\n</testsuites>")?;
        out.flush()
    }
}

/// Formats one line per diagnostic, the most severe first.
fn lines(diagnostics: &[Diagnostic]) -> String {
    let line = |diagnostic: &Diagnostic| {
        let severity = diagnostic.severity.name();
        let rule = diagnostic.rule.name();
        format!("{severity} {rule}: {}", diagnostic.text(". "))
    };
    let mut sorted: Vec<_> = diagnostics.iter().collect();
    sorted.sort_by_key(|diagnostic| Reverse(diagnostic.severity));
    sorted.into_iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Escapes sanitized text for XML content and double-quoted attributes.
///
/// The text must be sanitized first: XML 1.0 cannot represent most control characters.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_cannot_end_its_attribute_or_break_xml() {
        let name = "\"/><x a='&\0\u{1B}\u{FFFE}]]>";
        assert_eq!(
            escape(&sanitize(name)),
            "&quot;/&gt;&lt;x a='&amp;^@^[&lt;U+FFFE&gt;]]&gt;"
        );
    }
}
