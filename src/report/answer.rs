//! Answers of `--serve-stdio`: one JSON object per line, each with the id of its request.

use super::json::write_object;
use super::record::{FileRecord, ReportEntry, SCHEMA};
use serde::Serialize;
use serde_json::Value;
use std::io::{self, Write};

/// The record of a file with the id of its request.
#[derive(Serialize)]
struct FileAnswer<'a> {
    id: &'a Value,
    #[serde(flatten)]
    record: FileRecord<'a>,
}

/// A request that could not be done.
#[derive(Serialize)]
struct ErrorAnswer<'a> {
    id: &'a Value,
    schema: u32,
    #[serde(rename = "type")]
    kind: &'static str,
    message: &'a str,
    hint: Option<&'a str>,
}

/// Writes the record of a file, and flushes it.
pub(crate) fn write_record(id: &Value, entry: &ReportEntry, out: &mut dyn Write) -> io::Result<()> {
    let record = FileRecord::new(entry);
    write_line(&FileAnswer { id, record }, out)
}

/// Writes why a file was not screened, and flushes it.
pub(crate) fn write_error(
    id: &Value,
    (message, hint): (&str, Option<&str>),
    out: &mut dyn Write,
) -> io::Result<()> {
    let answer = ErrorAnswer {
        id,
        schema: SCHEMA,
        kind: "error",
        message,
        hint,
    };
    write_line(&answer, out)
}

fn write_line(answer: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    // One call writes the whole line, so that a reader never waits for the rest of one.
    let mut line = Vec::new();
    write_object(answer, &mut line)?;
    line.push(b'\n');
    out.write_all(&line)?;
    out.flush()
}
