//! The coverage table of the text report: accounts and the months that their files cover.

use super::symbols::Symbols;
use crate::screen::AccountCoverage;
use crate::statement::Bank;
use crate::statement::coverage::MonthCoverage;
use crate::text::columns::pad;
use std::io::{self, Write};

/// Maximum number of months shown; of a longer range, the last ones.
const MAX_MONTHS: usize = 24;

/// Writes one row per account: a symbol per month, then the missing and partial months.
pub(super) fn write(
    accounts: &[AccountCoverage],
    symbols: Symbols,
    out: &mut dyn Write,
) -> io::Result<()> {
    let name = |account: &AccountCoverage| {
        let bank = account.bank.as_ref().map_or("-", Bank::id);
        format!("{bank} {}", account.account)
    };
    let width = accounts.iter().map(|account| name(account).chars().count());
    let width = width.max().unwrap_or(0);
    for account in accounts {
        let first = account.months.len().saturating_sub(MAX_MONTHS);
        let shown = account.months.get(first..).unwrap_or_default();
        let map: String = shown
            .iter()
            .map(|(_, cover)| month_symbol(*cover, symbols))
            .collect();
        let range = match (shown.first(), shown.last()) {
            (Some((from, _)), Some((to, _))) => format!("{from} {map} {to}"),
            _ => map,
        };
        let list = |months: Vec<_>, label: &str| {
            let months: Vec<String> = months.iter().map(ToString::to_string).collect();
            (!months.is_empty()).then(|| format!("{label} {}", months.join(", ")))
        };
        let gaps: Vec<String> = [
            list(account.missing(), "missing"),
            list(account.months_with(MonthCoverage::Partial), "partial"),
        ]
        .into_iter()
        .flatten()
        .collect();
        let line = format!(
            "  {}  {range}  {}",
            pad(&name(account), width),
            gaps.join("; ")
        );
        writeln!(out, "{}", line.trim_end())?;
    }
    writeln!(out)
}

fn month_symbol(cover: MonthCoverage, symbols: Symbols) -> &'static str {
    match (symbols, cover) {
        (Symbols::Unicode, MonthCoverage::Full) => "█",
        (Symbols::Unicode, MonthCoverage::Partial) => "▒",
        (Symbols::Unicode, MonthCoverage::Missing) => "·",
        (Symbols::Ascii, MonthCoverage::Full) => "#",
        (Symbols::Ascii, MonthCoverage::Partial) => "+",
        (Symbols::Ascii, MonthCoverage::Missing) => ".",
    }
}
