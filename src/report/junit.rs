//! `junit`: one test case a file, as CI servers read them. Validated against Jenkins' schema.
//!
//! The counts stand before the cases, so the whole report is written at its end.

use super::record::{Entry, Summary};
use super::sent::Outcomes;
use super::told::{Told, failed, told};
use super::{Renderer, Scope, clean};
use crate::screen::Code;
use std::io::{self, Write};
use std::time::Duration;

/// Holds the cases until their number is known.
pub(super) struct Junit {
    suite: &'static str,
    cases: Vec<u8>,
    failures: usize,
    errors: usize,
    seconds: Option<f64>,
}

impl Junit {
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

    fn case(&mut self, entry: &Entry) -> io::Result<()> {
        let name = escape(&clean(&entry.name.text));
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
        let told = told(entry);
        if told.is_empty() {
            return writeln!(self.cases, "/>");
        }
        writeln!(self.cases, ">")?;
        // Of several as bad, the first: the order is that of what stops everything else.
        let worst = told.iter().rev().max_by_key(|told| told.severity);
        match worst.filter(|_| failed(entry)) {
            Some(worst) => self.failure(worst, &told)?,
            None => writeln!(
                self.cases,
                "      <system-out>{}</system-out>",
                escape(&lines(&told))
            )?,
        }
        writeln!(self.cases, "    </testcase>")
    }

    fn failure(&mut self, worst: &Told, told: &[Told]) -> io::Result<()> {
        // What keeps a file from being judged is no failure of the file.
        let unjudged = [
            Code::MissingFileObject,
            Code::LimitExceeded,
            Code::InternalError,
        ];
        let element = if unjudged.iter().any(|code| code.name() == worst.rule) {
            self.errors += 1;
            "error"
        } else {
            self.failures += 1;
            "failure"
        };
        writeln!(
            self.cases,
            "      <{element} type=\"{}\" message=\"{}\">{}</{element}>",
            worst.rule,
            escape(&worst.message),
            escape(&lines(told))
        )
    }
}

impl Renderer for Junit {
    fn begin(&mut self, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn entry(&mut self, entry: &Entry, _: &mut dyn Write) -> io::Result<()> {
        self.case(entry)
    }

    fn end(
        &mut self,
        summary: &Summary,
        _: Option<Duration>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let time = self.seconds.map_or_else(String::new, |seconds| {
            // The schema has no more than three decimals.
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
        let outcomes = summary.outcomes.iter().flat_map(Outcomes::words);
        properties.extend(outcomes.map(|(word, count)| (word, count.to_string())));
        for (name, value) in properties {
            writeln!(out, "      <property name=\"{name}\" value=\"{value}\"/>")?;
        }
        writeln!(out, "    </properties>")?;
        out.write_all(&self.cases)?;
        writeln!(out, "  </testsuite>\n</testsuites>")?;
        out.flush()
    }
}

/// A line each: weight, rule, message, remedy.
fn lines(told: &[Told]) -> String {
    let line = |told: &Told| {
        let hint = told.hint.as_ref();
        let hint = hint.map_or_else(String::new, |hint| format!(". Try: {hint}"));
        let severity = told.severity.name();
        format!("{severity} {}: {}{hint}", told.rule, told.message)
    };
    let mut told: Vec<_> = told.iter().collect();
    told.sort_by_key(|told| std::cmp::Reverse(told.severity));
    told.into_iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Escapes text that is clean: XML has no way at all to write most control characters.
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
    fn a_name_leaves_neither_its_attribute_nor_xml() {
        let name = "\"/><x a='&\0\u{1B}\u{FFFE}]]>";
        assert_eq!(
            escape(&clean(name)),
            "&quot;/&gt;&lt;x a='&amp;^@^[&lt;U+FFFE&gt;]]&gt;"
        );
    }
}
