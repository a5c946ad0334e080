//! `json`: one object with all files. `ndjson`: one object a line, flushed line by line.

use super::Renderer;
use super::record::{Entry, Record, SCHEMA, Summary};
use std::io::{self, Write};
use std::time::Duration;

/// `{"schema": 1, "files": […], "summary": {…}}`.
#[derive(Default)]
pub(super) struct Json {
    started: bool,
}

impl Renderer for Json {
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        write!(out, "{{\"schema\":{SCHEMA},\"files\":[")
    }

    fn entry(&mut self, entry: &Entry, out: &mut dyn Write) -> io::Result<()> {
        let separator = if self.started { ",\n" } else { "\n" };
        self.started = true;
        out.write_all(separator.as_bytes())?;
        write_object(&Record::new(entry), out)
    }

    fn end(
        &mut self,
        summary: &Summary,
        _: Option<Duration>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        out.write_all(b"\n],\"summary\":")?;
        write_object(summary, out)?;
        out.write_all(b"}\n")
    }
}

/// One object a line; the last is the summary.
pub(super) struct Ndjson;

impl Renderer for Ndjson {
    fn begin(&mut self, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn entry(&mut self, entry: &Entry, out: &mut dyn Write) -> io::Result<()> {
        write_object(&Record::new(entry), out)?;
        out.write_all(b"\n")?;
        out.flush()
    }

    fn end(
        &mut self,
        summary: &Summary,
        _: Option<Duration>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        write_object(summary, out)?;
        out.write_all(b"\n")?;
        out.flush()
    }
}

/// Escapes, beyond what JSON asks for, what a terminal would act on if the line is shown raw, and
/// what some readers take for the end of a line.
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
        for (at, c) in fragment
            .char_indices()
            .filter(|(_, c)| acts_on_terminals(*c))
        {
            writer.write_all(fragment.get(start..at).unwrap_or_default().as_bytes())?;
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                write!(writer, "\\u{unit:04x}")?;
            }
            start = at + c.len_utf8();
        }
        writer.write_all(fragment.get(start..).unwrap_or_default().as_bytes())
    }
}

fn acts_on_terminals(c: char) -> bool {
    matches!(c, '\u{7F}'..='\u{9F}' | '\u{061C}' | '\u{200E}' | '\u{200F}'
        | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_shows_no_control_or_bidi_character_raw() {
        let mut out = Vec::new();
        write_object(&"a\u{9B}2J\x1b[m\u{202E}\u{2028}é", &mut out).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "\"a\\u009b2J\\u001b[m\\u202e\\u2028é\""
        );
    }
}
