//! `--statistics`: tables of counts by code and by bank at the end of the text report.

use super::record::{ReportSummary, VerdictCounts};
use crate::text::columns::{pad, thousands};
use std::io::{self, Write};

/// Minimum width of the first column.
const MIN_NAME_COLUMNS: usize = 20;
/// Width of a count with its separators.
const COUNT_COLUMNS: usize = 9;
/// The row of files without a detected or likely bank.
const NO_BANK: &str = "(none)";

/// Writes both tables, each followed by an empty line, with the most frequent rows first.
pub(super) fn write(summary: &ReportSummary, out: &mut dyn Write) -> io::Result<()> {
    let codes = summary.codes.iter().map(|(name, files)| (*name, *files));
    let mut codes: Vec<_> = codes.collect();
    codes.sort_by_key(|(_, files)| std::cmp::Reverse(*files));
    let banks = summary.banks.iter().map(|(bank, verdicts)| {
        let name = bank.as_deref().unwrap_or(NO_BANK);
        (name, verdicts)
    });
    let mut banks: Vec<_> = banks.collect();
    banks.sort_by_key(|(_, verdicts)| std::cmp::Reverse(verdicts.total()));
    let names = codes.iter().map(|(name, _)| *name);
    let names = names.chain(banks.iter().map(|(name, _)| *name));
    // Codes and identifiers of banks are ASCII.
    let columns = names.map(str::len).max().unwrap_or(0).max(MIN_NAME_COLUMNS);
    if !codes.is_empty() {
        writeln!(out, "  {}{}", pad("code", columns), right("files"))?;
        for (name, files) in codes {
            writeln!(out, "  {}{}", pad(name, columns), count(files))?;
        }
        writeln!(out)?;
    }
    if !banks.is_empty() {
        let heads = ["files", "pass", "warn", "fail"].map(right).concat();
        writeln!(out, "  {}{heads}", pad("bank", columns))?;
        for (name, verdicts) in banks {
            let VerdictCounts { pass, warn, fail } = *verdicts;
            let counts = [verdicts.total(), pass, warn, fail].map(count).concat();
            writeln!(out, "  {}{counts}", pad(name, columns))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn count(files: usize) -> String {
    right(&thousands(files))
}

fn right(text: &str) -> String {
    format!("{text:>COUNT_COLUMNS$}")
}
