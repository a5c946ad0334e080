//! The table of accounts and the months that their files cover, for people.

use super::columns::pad;
use super::text::Symbols;
use crate::screen::AccountCoverage;
use crate::statement::coverage::Cover;
use std::io::{self, Write};

/// Months shown of a range; of longer ones, the last.
const MOST_MONTHS: usize = 24;

/// Writes a row an account: its months, and those that are missing by name.
pub(super) fn write(
    accounts: &[AccountCoverage],
    symbols: Symbols,
    out: &mut dyn Write,
) -> io::Result<()> {
    let name = |account: &AccountCoverage| {
        let bank = account.bank.map_or("-", |bank| bank.id);
        format!("{bank} {}", account.account)
    };
    let width = accounts.iter().map(|account| name(account).chars().count());
    let width = width.max().unwrap_or(0);
    for account in accounts {
        let first = account.months.len().saturating_sub(MOST_MONTHS);
        let shown = account.months.get(first..).unwrap_or_default();
        let strip: String = shown
            .iter()
            .map(|(_, cover)| sign(*cover, symbols))
            .collect();
        let range = match (shown.first(), shown.last()) {
            (Some((from, _)), Some((to, _))) => format!("{from} {strip} {to}"),
            _ => strip,
        };
        let named = |months: Vec<_>, word: &str| {
            let months: Vec<String> = months.iter().map(ToString::to_string).collect();
            (!months.is_empty()).then(|| format!("{word} {}", months.join(", ")))
        };
        let words: Vec<String> = [
            named(account.missing(), "missing"),
            named(account.months_with(Cover::Part), "in part"),
        ]
        .into_iter()
        .flatten()
        .collect();
        let line = format!(
            "  {}  {range}  {}",
            pad(&name(account), width),
            words.join("; ")
        );
        writeln!(out, "{}", line.trim_end())?;
    }
    writeln!(out)
}

fn sign(cover: Cover, symbols: Symbols) -> &'static str {
    match (symbols, cover) {
        (Symbols::Unicode, Cover::Whole) => "█",
        (Symbols::Unicode, Cover::Part) => "▒",
        (Symbols::Unicode, Cover::Missing) => "·",
        (Symbols::Ascii, Cover::Whole) => "#",
        (Symbols::Ascii, Cover::Part) => "+",
        (Symbols::Ascii, Cover::Missing) => ".",
    }
}
