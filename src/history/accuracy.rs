//! `history --accuracy`: what screening predicted, and what the service answered.

use crate::journal::{Accuracy, MIN_ANSWERS};
use crate::report::{SCHEMA, escape_cell, write_object, write_row};
use crate::text::columns::pad;
use crate::text::sanitize;
use serde::Serialize;
use std::io::{self, Write};

const HEADER: [&str; 9] = [
    "code",
    "bank",
    "predicted_refused",
    "predicted_accepted",
    "not_predicted",
    "share",
    "low",
    "high",
    "note",
];
/// Note of a row that has fewer answers than can be judged.
const TOO_FEW: &str = "too few to judge";

#[derive(Serialize)]
struct Row<'a> {
    code: &'a str,
    bank: Option<&'a str>,
    predicted_refused: usize,
    predicted_accepted: usize,
    not_predicted: usize,
    share: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
    note: Option<String>,
}

impl<'a> Row<'a> {
    fn new(accuracy: &'a Accuracy) -> Self {
        let share = accuracy.share();
        let rounded = |value: f64| (value * 1e4).round() / 1e4;
        Self {
            code: &accuracy.code,
            bank: Some(accuracy.bank.as_str()).filter(|bank| !bank.is_empty()),
            predicted_refused: accuracy.predicted_refused,
            predicted_accepted: accuracy.predicted_accepted,
            not_predicted: accuracy.not_predicted,
            share: share.map(|(share, _, _)| rounded(share)),
            low: share.map(|(_, low, _)| rounded(low)),
            high: share.map(|(_, _, high)| rounded(high)),
            note: note(accuracy),
        }
    }
}

fn note(accuracy: &Accuracy) -> Option<String> {
    if accuracy.answers() < MIN_ANSWERS {
        return Some(TOO_FEW.to_owned());
    }
    accuracy.contradiction()
}

/// Writes a table with aligned columns.
pub(crate) fn write_text(rows: &[Accuracy], out: &mut dyn Write) -> io::Result<()> {
    if rows.is_empty() {
        return writeln!(out, "  no upload has an answer about a prediction yet");
    }
    let mut lines = vec![
        [
            "code",
            "bank",
            "refused",
            "accepted",
            "not predicted",
            "confirmed",
            "note",
        ]
        .map(str::to_owned),
    ];
    for row in rows {
        let share = row.share().map_or_else(
            || "-".to_owned(),
            |(share, low, high)| {
                let percent = |value: f64| format!("{:.0}", value * 100.0);
                let (low, high) = (percent(low), percent(high));
                format!("{} % ({low} to {high} %)", percent(share))
            },
        );
        let bank = if row.bank.is_empty() { "-" } else { &row.bank };
        lines.push([
            sanitize(&row.code).into_owned(),
            sanitize(bank).into_owned(),
            row.predicted_refused.to_string(),
            row.predicted_accepted.to_string(),
            row.not_predicted.to_string(),
            share,
            note(row).unwrap_or_default(),
        ]);
    }
    let width = |column: usize| {
        let cells = lines.iter().filter_map(|line| line.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<_> = (0..HEADER.len()).map(width).collect();
    for line in &lines {
        let cells = line
            .iter()
            .zip(&widths)
            .map(|(cell, width)| pad(cell, *width));
        let text = cells.collect::<Vec<_>>().join("  ");
        writeln!(out, "  {}", text.trim_end())?;
    }
    Ok(())
}

/// Writes `{"schema": 1, "accuracy": […]}`.
pub(crate) fn write_json(rows: &[Accuracy], out: &mut dyn Write) -> io::Result<()> {
    write!(out, "{{\"schema\":{SCHEMA},\"accuracy\":[")?;
    for (index, row) in rows.iter().enumerate() {
        out.write_all(if index > 0 { b",\n" } else { b"\n" })?;
        write_object(&Row::new(row), out)?;
    }
    out.write_all(b"\n]}\n")
}

/// Writes one object per line.
pub(crate) fn write_ndjson(rows: &[Accuracy], out: &mut dyn Write) -> io::Result<()> {
    for row in rows {
        write_object(&Row::new(row), out)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

/// Writes a header row and one row per code and bank.
pub(crate) fn write_csv(rows: &[Accuracy], out: &mut dyn Write) -> io::Result<()> {
    write_row(&HEADER, out)?;
    for accuracy in rows {
        let row = Row::new(accuracy);
        let number = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
        let cells = [
            row.code.to_owned(),
            row.bank.unwrap_or_default().to_owned(),
            row.predicted_refused.to_string(),
            row.predicted_accepted.to_string(),
            row.not_predicted.to_string(),
            number(row.share),
            number(row.low),
            number(row.high),
            row.note.unwrap_or_default(),
        ];
        write_row(&cells.map(|cell| escape_cell(&cell)), out)?;
    }
    Ok(())
}
