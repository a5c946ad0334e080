//! `github`: workflow commands, which GitHub Actions shows as annotations of the run.
//!
//! Every line begins with a command of ours, so that nothing in a name or message can begin one.

use super::columns::{counted, thousands};
use super::record::{Entry, Summary};
use super::told::{Told, told};
use super::{Renderer, clean};
use crate::screen::Severity;
use std::io::{self, Write};
use std::time::Duration;

/// One command a finding, and one for the summary.
pub(super) struct Github;

impl Renderer for Github {
    fn begin(&mut self, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn entry(&mut self, entry: &Entry, out: &mut dyn Write) -> io::Result<()> {
        let file = property(&clean(&entry.name.text));
        for told in told(entry) {
            let (command, title) = (command(told.severity), property(told.rule));
            writeln!(
                out,
                "::{command} file={file},title={title}::{}",
                body(&told)
            )?;
        }
        out.flush()
    }

    fn end(
        &mut self,
        summary: &Summary,
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
        if let Some(outcomes) = &summary.outcomes {
            let words = outcomes.words().into_iter().filter(|(_, count)| *count > 0);
            let words: Vec<_> = words
                .map(|(word, count)| format!("{} {word}", thousands(count)))
                .collect();
            text = format!("{text}\nUploads: {}", words.join(", "));
        }
        writeln!(out, "::notice title=bankscreen::{}", data(&text))?;
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

fn body(told: &Told) -> String {
    let hint = told.hint.as_deref();
    data(&hint.map_or_else(
        || told.message.clone(),
        |hint| format!("{}\nTry: {hint}", told.message),
    ))
}

/// Escapes a message. Runners of the older kind look for `##[` anywhere in a line.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
        .replace("##[", "## [")
}

/// Escapes the value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_ends_neither_its_property_nor_its_line() {
        let name = "a,title=x::error::b\n::add-mask::c%0A##[add-path]d";
        assert_eq!(
            property(&clean(name)),
            "a%2Ctitle=x%3A%3Aerror%3A%3Ab^J%3A%3Aadd-mask%3A%3Ac%250A## [add-path]d"
        );
        assert_eq!(data("two\r\nlines"), "two%0D%0Alines");
    }
}
