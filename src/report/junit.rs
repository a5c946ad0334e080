//! `junit`: `JUnit` XML with one test case per file, for CI servers. The files of an applicant's
//! case are one test suite.
//!
//! The output is valid under the JUnit schema of Jenkins. The counts precede the test cases, so
//! the whole report is written at its end.

use super::case_report::CaseReport;
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
    /// The name of the suite of files that are in no case.
    name: &'static str,
    /// The suite of the files that were added last.
    suite: Suite,
    /// The suites of the cases, written whole.
    finished: Vec<u8>,
    total: Counts,
}

/// A test suite of which the counts are not final.
#[derive(Default)]
struct Suite {
    cases: Vec<u8>,
    counts: Counts,
}

#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    tests: usize,
    failures: usize,
    errors: usize,
    seconds: Option<f64>,
}

impl Counts {
    fn add(&mut self, other: Self) {
        self.tests += other.tests;
        self.failures += other.failures;
        self.errors += other.errors;
        if let Some(seconds) = other.seconds {
            self.seconds = Some(self.seconds.unwrap_or(0.0) + seconds);
        }
    }

    /// Formats the counts as attributes.
    fn attributes(self) -> String {
        let Self {
            tests,
            failures,
            errors,
            seconds,
        } = self;
        let time = seconds.map_or_else(String::new, |seconds| {
            // The schema allows at most three decimals.
            format!(" time=\"{seconds:.3}\"")
        });
        format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\"{time}")
    }
}

impl JunitRenderer {
    pub(super) fn new(scope: Scope) -> Self {
        Self {
            name: match scope {
                Scope::Screening => "bankscreen.check",
                Scope::Upload => "bankscreen.upload",
            },
            suite: Suite::default(),
            finished: Vec::new(),
            total: Counts::default(),
        }
    }

    /// Writes the suite of the files that were added last, and begins another.
    fn finish_suite(&mut self, name: &str, properties: &[(&str, String)]) -> io::Result<()> {
        let Suite { cases, counts } = std::mem::take(&mut self.suite);
        self.total.add(counts);
        let out = &mut self.finished;
        let name = escape(&sanitize(name));
        let counts = counts.attributes();
        writeln!(
            out,
            "  <testsuite name=\"{name}\" {counts}>\n    <properties>"
        )?;
        for (name, value) in properties {
            let value = escape(&sanitize(value));
            writeln!(out, "      <property name=\"{name}\" value=\"{value}\"/>")?;
        }
        writeln!(out, "    </properties>")?;
        out.write_all(&cases)?;
        writeln!(out, "  </testsuite>")
    }
}

impl Suite {
    fn case(&mut self, entry: &ReportEntry, class: &str) -> io::Result<()> {
        self.counts.tests += 1;
        let name = escape(&sanitize(&entry.name.text));
        write!(
            self.cases,
            "    <testcase classname=\"{class}\" name=\"{name}\""
        )?;
        if let Some(ms) = entry.elapsed_ms {
            let seconds = ms / 1000.0;
            self.counts.seconds = Some(self.counts.seconds.unwrap_or(0.0) + seconds);
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
            self.counts.errors += 1;
            "error"
        } else {
            self.counts.failures += 1;
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
        self.suite.case(entry, self.name)
    }

    fn case(&mut self, case: &CaseReport, _: &mut dyn Write) -> io::Result<()> {
        let mut properties = vec![("state", case.state.name().to_owned())];
        let (requests, actions) = (case.requests.iter(), case.actions.iter());
        properties.extend(requests.map(|text| ("request", text.clone())));
        properties.extend(actions.map(|text| ("action", text.clone())));
        properties.extend(case.session.clone().map(|session| ("session_id", session)));
        self.finish_suite(&case.name, &properties)
    }

    fn end(
        &mut self,
        summary: &ReportSummary,
        _: Option<Duration>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let mut properties = vec![
            ("version", env!("CARGO_PKG_VERSION").to_owned()),
            ("pages", summary.pages.to_string()),
            ("bytes", summary.bytes.to_string()),
            ("warnings", summary.verdicts.warn.to_string()),
            ("calls_saved", summary.calls_saved.to_string()),
        ];
        let outcomes = summary.outcomes.iter().flat_map(OutcomeCounts::by_name);
        properties.extend(outcomes.map(|(name, count)| (name, count.to_string())));
        // The suite of a run without cases, or of the files that are in none.
        self.finish_suite(self.name, &properties)?;
        let total = Counts {
            tests: summary.files,
            ..self.total
        };
        writeln!(
            out,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <testsuites name=\"bankscreen\" {}>",
            total.attributes()
        )?;
        out.write_all(&self.finished)?;
        writeln!(out, "</testsuites>")?;
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
