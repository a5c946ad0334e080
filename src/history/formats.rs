//! The history as `json`, `ndjson` and `csv`, in the shapes of the report's formats.

use super::History;
use crate::journal::UploadEntry;
use crate::report::{SCHEMA, answer_cells, answer_header, escape_cell, write_object, write_row};
use crate::uploads::plan::{OutcomeCode, OutcomeKind, OutcomeRecord};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::{self, Write};

const HEADER: [&str; 15] = [
    "at",
    "outcome",
    "code",
    "name",
    "bank",
    "account",
    "bytes",
    "session_id",
    "statement_id",
    "http_status",
    "attempts",
    "months",
    "missing_months",
    "begun_at",
    "sha256",
];

#[derive(Serialize)]
struct Record<'e> {
    schema: u32,
    #[serde(rename = "type")]
    kind: &'static str,
    name: &'e str,
    sha256: String,
    bytes: u64,
    account: Option<&'e str>,
    session_id: &'e str,
    begun_at: Timestamp,
    /// `null` while the file is being sent.
    upload: Option<OutcomeRecord<'e>>,
}

impl<'e> Record<'e> {
    fn new(entry: &'e UploadEntry) -> Self {
        let settled = entry.settled.as_ref();
        Self {
            schema: SCHEMA,
            kind: "upload",
            name: &entry.name,
            sha256: entry.content.to_string(),
            bytes: entry.bytes,
            account: entry.account.as_deref(),
            session_id: &entry.session,
            begun_at: entry.begun_at,
            upload: settled.map(|s| OutcomeRecord::new(&s.outcome, Some(&entry.session), s.at)),
        }
    }
}

#[derive(Serialize)]
struct Summary {
    schema: u32,
    #[serde(rename = "type")]
    kind: &'static str,
    uploads: usize,
    outcomes: BTreeMap<&'static str, usize>,
    bytes: u64,
    runs: usize,
    screened: usize,
    calls_saved: usize,
}

impl Summary {
    fn new(history: &History) -> Self {
        let totals = &history.totals;
        let names = OutcomeKind::ALL.map(OutcomeKind::name);
        Self {
            schema: SCHEMA,
            kind: "summary",
            uploads: totals.uploads,
            outcomes: names.into_iter().zip(totals.outcomes).collect(),
            bytes: totals.bytes,
            runs: totals.runs,
            screened: totals.screened,
            calls_saved: totals.calls_saved,
        }
    }
}

/// Writes `{"schema": 1, "uploads": […], "summary": {…}}`.
pub(crate) fn write_json(history: &History, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "{{\"schema\":{SCHEMA},\"uploads\":[")?;
    for (index, entry) in history.entries.iter().enumerate() {
        out.write_all(if index > 0 { b",\n" } else { b"\n" })?;
        write_object(&Record::new(entry), out)?;
    }
    out.write_all(b"\n],\"summary\":")?;
    write_object(&Summary::new(history), out)?;
    out.write_all(b"}\n")
}

/// Writes one object per line; the last is the summary.
pub(crate) fn write_ndjson(history: &History, out: &mut dyn Write) -> io::Result<()> {
    for entry in &history.entries {
        write_object(&Record::new(entry), out)?;
        out.write_all(b"\n")?;
    }
    write_object(&Summary::new(history), out)?;
    out.write_all(b"\n")
}

/// Writes a header row and one row per file, without the totals.
pub(crate) fn write_csv(history: &History, out: &mut dyn Write) -> io::Result<()> {
    let header = HEADER.map(str::to_owned).into_iter();
    let header: Vec<_> = header.chain(answer_header()).collect();
    write_row(&header, out)?;
    for entry in &history.entries {
        let settled = entry.settled.as_ref();
        let answer = settled.and_then(|settled| settled.outcome.receipt.answer.as_deref());
        let cells = row(entry).into_iter().chain(answer_cells(answer));
        let cells: Vec<_> = cells.map(|cell| escape_cell(&cell)).collect();
        write_row(&cells, out)?;
    }
    Ok(())
}

fn row(entry: &UploadEntry) -> [String; 15] {
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    let settled = entry.settled.as_ref();
    let outcome = settled.map(|settled| &settled.outcome);
    let receipt = outcome.map(|outcome| &outcome.receipt);
    let number = |value: Option<u32>| value.map(|n| n.to_string()).unwrap_or_default();
    [
        settled.map(|s| s.at.to_string()).unwrap_or_default(),
        text(outcome.map(|o| o.kind.name())),
        text(outcome.and_then(|o| o.code.as_ref().map(OutcomeCode::name))),
        entry.name.clone(),
        text(entry.bank.as_deref()),
        text(entry.account.as_deref()),
        entry.bytes.to_string(),
        entry.session.clone(),
        text(receipt.and_then(|r| r.statement_id.as_deref())),
        number(outcome.and_then(|o| o.http_status).map(u32::from)),
        number(outcome.map(|o| o.attempts)),
        receipt.map(|r| r.months.join(" ")).unwrap_or_default(),
        receipt
            .map(|r| r.missing_months.join(" "))
            .unwrap_or_default(),
        entry.begun_at.to_string(),
        entry.content.to_string(),
    ]
}
