//! The table of cases at the start of the text report.

use super::case_report::CaseReport;
use super::symbols::Symbols;
use crate::screen::cases::CaseState;
use crate::statement::Bank;
use crate::text::columns::{counted, pad, shorten_end};
use unicode_width::UnicodeWidthStr;

/// Width of the state.
pub(super) const STATE_COLUMNS: usize = 10;
/// Maximum width of the name.
const MAX_NAME_COLUMNS: usize = 40;

/// One row of the table. Untrusted text.
pub(super) struct Row {
    pub(super) state: CaseState,
    name: String,
    files: String,
    accounts: String,
    /// What is missing or to be done first.
    problem: String,
}

/// Widths of the columns.
pub(super) struct Widths {
    name: usize,
    files: usize,
    accounts: usize,
}

impl Row {
    pub(super) fn new(case: &CaseReport) -> Self {
        let first = case.actions.first().or(case.requests.first());
        let more = case.actions.len() + case.requests.len();
        let more = match more {
            0 | 1 => String::new(),
            all => format!(" (and {} more)", all - 1),
        };
        let banks = case.accounts.iter().map(|account| {
            let bank = account.bank.as_ref().map_or("-", Bank::id);
            format!("{bank} {}", account.account.trim_start_matches('X'))
        });
        Self {
            state: case.state,
            name: case.name.clone(),
            files: counted(case.files, "file"),
            accounts: banks.collect::<Vec<_>>().join(", "),
            problem: first.map_or_else(String::new, |text| format!("{text}{more}")),
        }
    }

    /// Formats all columns but the state.
    pub(super) fn format(&self, widths: &Widths, symbols: Symbols) -> String {
        let name = symbols.sanitize(&self.name);
        let name = shorten_end(&name, MAX_NAME_COLUMNS, symbols.ellipsis());
        let line = format!(
            "{}  {}  {}  {}",
            pad(&name, widths.name),
            pad(&self.files, widths.files),
            pad(&self.accounts, widths.accounts),
            symbols.sanitize(&self.problem)
        );
        line.trim_end().to_owned()
    }
}

impl Widths {
    pub(super) fn of(rows: &[Row]) -> Self {
        let max = |column: fn(&Row) -> &str| rows.iter().map(|row| column(row).width()).max();
        Self {
            name: max(|row| &row.name).unwrap_or(0).min(MAX_NAME_COLUMNS),
            files: max(|row| &row.files).unwrap_or(0),
            accounts: max(|row| &row.accounts).unwrap_or(0),
        }
    }
}
