//! `json`: one object with all files. `ndjson`: one object per line, flushed after each.

use super::Renderer;
use super::case_report::{CaseRecord, CaseReport};
use super::record::{FileRecord, ReportEntry, ReportSummary, SCHEMA};
use std::io::{self, Write};
use std::time::Duration;

/// Writes `{"schema": 1, "files": […], "summary": {…}}`, with `cases` before the summary.
#[derive(Default)]
pub(super) struct JsonRenderer {
    started: bool,
    /// The objects of the cases, which follow the files.
    cases: Vec<u8>,
    has_cases: bool,
}

impl Renderer for JsonRenderer {
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        write!(out, "{{\"schema\":{SCHEMA},\"files\":[")
    }

    fn entry(&mut self, entry: &ReportEntry, out: &mut dyn Write) -> io::Result<()> {
        let separator = if self.started { ",\n" } else { "\n" };
        self.started = true;
        out.write_all(separator.as_bytes())?;
        write_object(&FileRecord::new(entry), out)
    }

    fn overview(&mut self, _: &[CaseReport], _: &mut dyn Write) -> io::Result<()> {
        self.has_cases = true;
        Ok(())
    }

    fn case(&mut self, case: &CaseReport, _: &mut dyn Write) -> io::Result<()> {
        let separator = if self.cases.is_empty() { "\n" } else { ",\n" };
        self.cases.extend_from_slice(separator.as_bytes());
        write_object(&CaseRecord::new(case), &mut self.cases)
    }

    fn end(
        &mut self,
        summary: &ReportSummary,
        _: Option<Duration>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        if self.has_cases {
            out.write_all(b"\n],\"cases\":[")?;
            out.write_all(&self.cases)?;
        }
        out.write_all(b"\n],\"summary\":")?;
        write_object(summary, out)?;
        out.write_all(b"}\n")
    }
}

/// Writes one object per line: files, each case after its files, and the summary.
pub(super) struct NdjsonRenderer;

impl Renderer for NdjsonRenderer {
    fn begin(&mut self, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn entry(&mut self, entry: &ReportEntry, out: &mut dyn Write) -> io::Result<()> {
        write_object(&FileRecord::new(entry), out)?;
        out.write_all(b"\n")?;
        // Pipelines process each record as soon as it is available.
        out.flush()
    }

    fn case(&mut self, case: &CaseReport, out: &mut dyn Write) -> io::Result<()> {
        write_object(&CaseRecord::new(case), out)?;
        out.write_all(b"\n")?;
        out.flush()
    }

    fn end(
        &mut self,
        summary: &ReportSummary,
        _: Option<Duration>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        write_object(summary, out)?;
        out.write_all(b"\n")?;
        out.flush()
    }
}

/// Writes an object in one line.
///
/// In addition to the characters that JSON requires, escapes C1 controls and bidirectional
/// controls, which affect terminals, and U+2028 and U+2029, which some parsers treat as line ends.
pub(crate) fn write_object(object: &impl serde::Serialize, out: &mut dyn Write) -> io::Result<()> {
    let mut serializer = serde_json::Serializer::with_formatter(out, EscapingFormatter);
    object.serialize(&mut serializer).map_err(io::Error::from)
}

struct EscapingFormatter;

impl serde_json::ser::Formatter for EscapingFormatter {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut start = 0;
        for (offset, c) in fragment.char_indices().filter(|(_, c)| needs_escape(*c)) {
            writer.write_all(fragment.get(start..offset).unwrap_or_default().as_bytes())?;
            // JSON escapes characters above U+FFFF as a surrogate pair.
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                write!(writer, "\\u{unit:04x}")?;
            }
            start = offset + c.len_utf8();
        }
        writer.write_all(fragment.get(start..).unwrap_or_default().as_bytes())
    }
}

fn needs_escape(c: char) -> bool {
    matches!(c, '\u{7F}'..='\u{9F}' | '\u{061C}' | '\u{200E}' | '\u{200F}'
        | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_and_bidi_characters_are_escaped() {
        let mut out = Vec::new();
        write_object(&"a\u{9B}2J\x1b[m\u{202E}\u{2028}é", &mut out).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "\"a\\u009b2J\\u001b[m\\u202e\\u2028é\""
        );
    }
}
