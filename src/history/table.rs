//! The history as text: one line per file, the latest last, and a line of totals.

use super::History;
use crate::journal::UploadEntry;
use crate::report::Symbols;
use crate::text::columns::{counted, pad, shorten_front, thousands};
use crate::text::sanitize;
use crate::uploads::plan::OutcomeKind;
use jiff::tz::TimeZone;
use std::borrow::Cow;
use std::io::{self, Write};
use unicode_width::UnicodeWidthStr;

/// Minimum and maximum width of the name column.
const NAME_COLUMNS: (usize, usize) = (12, 44);
/// Width of everything except the name, with the gaps, for a code of usual length.
const OTHER_COLUMNS: usize = 88;
/// Width of the longest outcome and its symbol.
const OUTCOME_COLUMNS: usize = 18;
/// Width of a bank's identifier.
const BANK_COLUMNS: usize = 10;
/// Characters of a session ID that are shown.
const SESSION_COLUMNS: usize = 8;

/// The appearance of the table.
pub(crate) struct HistoryTable {
    pub(crate) color: bool,
    pub(crate) symbols: Symbols,
    /// Width of the terminal; `None` if nothing is shortened.
    pub(crate) width: Option<usize>,
    pub(crate) zone: TimeZone,
}

impl HistoryTable {
    pub(crate) fn write(&self, history: &History, out: &mut dyn Write) -> io::Result<()> {
        let names = history
            .entries
            .iter()
            .map(|entry| sanitize(&entry.name).width());
        let (min, max) = NAME_COLUMNS;
        let max = self.width.map_or(max, |width| {
            max.min(width.saturating_sub(OTHER_COLUMNS)).max(min)
        });
        let columns = names.max().unwrap_or(0).clamp(min, max);
        for entry in &history.entries {
            writeln!(out, "{}", self.line(entry, columns))?;
        }
        if !history.entries.is_empty() {
            writeln!(out)?;
        }
        self.write_totals(history, out)
    }

    fn line(&self, entry: &UploadEntry, columns: usize) -> String {
        let kind = entry.settled.as_ref().map(|settled| settled.outcome.kind);
        let at = entry.settled.as_ref().map_or(entry.begun_at, |s| s.at);
        let at = at.to_zoned(self.zone.clone()).strftime("%Y-%m-%d %H:%M");
        let name = if entry.is_pruned {
            Cow::Borrowed("(details removed)")
        } else {
            sanitize(&entry.name)
        };
        let name = if self.width.is_some() {
            shorten_front(&name, columns, self.symbols.ellipsis())
        } else {
            name.into_owned()
        };
        let outcome = pad(&self.outcome(kind), OUTCOME_COLUMNS);
        let session: String = entry.session.chars().take(SESSION_COLUMNS).collect();
        let line = format!(
            "  {}  {at}  {}  {}  {:>9}  {}  {}",
            self.paint(color(kind), &outcome),
            pad(&name, columns),
            pad(
                &sanitize(entry.bank.as_deref().unwrap_or("-")),
                BANK_COLUMNS
            ),
            size(entry.bytes),
            pad(&sanitize(&session), SESSION_COLUMNS),
            sanitize(&detail(entry)),
        );
        line.trim_end().to_owned()
    }

    fn outcome(&self, kind: Option<OutcomeKind>) -> String {
        let (unicode, ascii) = match kind {
            Some(OutcomeKind::Accepted | OutcomeKind::AlreadyUploaded) => ("✔", "+"),
            Some(OutcomeKind::Rejected) => ("✖", "x"),
            Some(OutcomeKind::Unknown) => ("▲", "?"),
            Some(OutcomeKind::Skipped) => ("·", "-"),
            None => ("…", ">"),
        };
        let symbol = match self.symbols {
            Symbols::Unicode => unicode,
            Symbols::Ascii => ascii,
        };
        format!("{symbol} {}", kind.map_or("sending", OutcomeKind::name))
    }

    fn write_totals(&self, history: &History, out: &mut dyn Write) -> io::Result<()> {
        let totals = &history.totals;
        let counts = OutcomeKind::ALL.iter().zip(totals.outcomes);
        let mut outcomes: Vec<_> = counts
            .filter(|(kind, count)| **kind != OutcomeKind::Skipped && *count > 0)
            .map(|(kind, count)| format!("{} {}", thousands(count), kind.name()))
            .collect();
        let settled = totals.outcomes.iter().sum::<usize>() - totals.skipped();
        let sending = totals.uploads.saturating_sub(settled);
        if sending > 0 {
            outcomes.push(format!("{} sending", thousands(sending)));
        }
        let saved = match totals.calls_saved {
            0 => String::new(),
            calls => format!(
                "  {} saved in {}.",
                counted(calls, "wasted call"),
                counted(totals.runs, "run")
            ),
        };
        let uploads = self.paint("1", &counted(totals.uploads, "upload"));
        let list = match outcomes.as_slice() {
            [] => String::new(),
            outcomes => format!(": {}", outcomes.join(", ")),
        };
        let skipped = totals.skipped();
        let skipped = match skipped {
            0 => String::new(),
            files => format!("; {} skipped", counted(files, "file")),
        };
        writeln!(out, "  {uploads}{list}{skipped}.{saved}")
    }

    fn paint(&self, sgr: &str, text: &str) -> String {
        if self.color {
            format!("\x1b[{sgr}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }
}

/// Returns the SGR parameters that the report uses for the corresponding verdict.
fn color(kind: Option<OutcomeKind>) -> &'static str {
    match kind {
        Some(OutcomeKind::Accepted | OutcomeKind::AlreadyUploaded) => "32",
        Some(OutcomeKind::Rejected) => "31",
        Some(OutcomeKind::Unknown) => "33",
        Some(OutcomeKind::Skipped) => "2",
        None => "34",
    }
}

/// Returns the code, or the months that the account covers.
fn detail(entry: &UploadEntry) -> String {
    let Some(settled) = &entry.settled else {
        return String::new();
    };
    let outcome = &settled.outcome;
    let answer = outcome.receipt.answer.as_ref();
    if let Some(answer) = answer.filter(|answer| answer.is_fraud) {
        let kind = answer.fraud_type.as_deref().unwrap_or("fraud");
        return format!("suspected {kind}");
    }
    if let Some(code) = &outcome.code {
        return code.to_string();
    }
    let receipt = &outcome.receipt;
    let months = match receipt.months.as_slice() {
        [] => String::new(),
        [only] => only.clone(),
        [first, .., last] => format!("{first} to {last}"),
    };
    match receipt.missing_months.len() {
        0 => months,
        missing => format!("{months}, {missing} missing"),
    }
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{} kB", bytes.div_ceil(1000)),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::HistoryTotals;
    use crate::text::columns::assert_agrees;

    fn totals(uploads: usize, outcomes: [usize; OutcomeKind::ALL.len()], count: usize) -> String {
        let history = History {
            entries: Vec::new(),
            totals: HistoryTotals {
                uploads,
                outcomes,
                runs: count,
                calls_saved: count,
                ..HistoryTotals::default()
            },
        };
        let table = HistoryTable {
            color: false,
            symbols: Symbols::Ascii,
            width: None,
            zone: TimeZone::UTC,
        };
        let mut text = Vec::new();
        table.write(&history, &mut text).unwrap();
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn the_totals_agree_with_their_counts() {
        assert_eq!(totals(0, [0; 5], 0), "  0 uploads.\n");
        assert_agrees(|count| totals(count, [0; 5], count));
        assert_agrees(|count| totals(5 * count, [count; 5], count));
        let one = totals(0, [0, 0, 0, 0, 1], 1);
        assert_eq!(
            one,
            "  0 uploads; 1 file skipped.  1 wasted call saved in 1 run.\n"
        );
    }

    #[test]
    fn sizes_are_short() {
        assert_eq!(size(0), "0 kB");
        assert_eq!(size(184_213), "185 kB");
        assert_eq!(size(12_345_678), "12.3 MB");
    }
}
