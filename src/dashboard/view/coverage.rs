//! The coverage tab: for each account, which months are complete, partial or missing.

use super::canvas::{draw_line, draw_lines, inside_margins, paragraph};
use super::cases::short_account;
use super::theme::{Role, Theme};
use super::{empty_state, labels};
use crate::dashboard::keymap::Action;
use crate::dashboard::model::Model;
use crate::screen::{AccountCoverage, all_months};
use crate::statement::coverage::MonthCoverage;
use crate::statement::{Bank, Month};
use crate::text::columns::{pad, shorten_end};
use crate::text::sanitize;
use jiff::civil::Date;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

/// Maximum columns of an account.
const MAX_ACCOUNT_COLUMNS: usize = 40;
/// Columns of a month, from the widest layout to the narrowest.
const MONTH_COLUMNS: [usize; 3] = [4, 2, 1];
/// Minimum columns of the summary of an account. With less room, there is none.
const MIN_SUMMARY_COLUMNS: usize = 16;

/// Draws the tab.
pub(super) fn draw(model: &Model, theme: Theme, area: Rect, cells: &mut Buffer) {
    let area = inside_margins(area);
    let accounts = model.queue.coverage();
    if accounts.is_empty() {
        let lines = no_accounts(model, theme, usize::from(area.width));
        draw_lines(cells, area, &lines);
        return;
    }
    let grid = Grid::new(model, accounts, usize::from(area.width), theme);
    let headings = grid.headings();
    let rows = usize::from(area.height)
        .saturating_sub(headings.len() + 2)
        .max(1);
    draw_lines(cells, area, &headings);
    let top = model
        .viewport
        .coverage_top
        .min(accounts.len().saturating_sub(rows));
    for (row, (case, account)) in accounts.iter().skip(top).take(rows).enumerate() {
        let columns = grid.account_columns;
        let name = account_name_within(model, (*case, account), columns, theme.ellipsis());
        draw_line(cells, area, headings.len() + row, &grid.row(&name, account));
    }
    let last = usize::from(area.height).saturating_sub(1);
    if last > headings.len() + rows.min(accounts.len() - top) {
        let legend = legend(theme, accounts.len(), (top, rows));
        draw_line(cells, area, last, &legend);
    }
}

fn no_accounts(model: &Model, theme: Theme, columns: usize) -> Vec<Line<'static>> {
    let text = "Accounts appear here after statements with a statement period are screened.";
    let mut lines = vec![
        Line::default(),
        Line::from(theme.span(Role::Emphasis, "No accounts yet.")),
    ];
    lines.extend(paragraph(theme, Role::Normal, (0, columns), text));
    lines.push(Line::default());
    let actions = [Action::AddFiles, Action::Period];
    lines.extend(empty_state::help(model, theme, &actions, columns));
    lines
}

fn legend(theme: Theme, accounts: usize, (top, rows): (usize, usize)) -> Line<'static> {
    let mut spans = Vec::new();
    let entries = [
        (MonthCoverage::Full, "complete"),
        (MonthCoverage::Partial, "partial"),
        (MonthCoverage::Missing, "missing"),
    ];
    for (cover, label) in entries {
        let (role, symbol) = theme.cover(cover);
        spans.push(theme.span(role, symbol));
        spans.push(theme.span(Role::Muted, format!(" {label}   ")));
    }
    if accounts > rows {
        let last = (top + rows).min(accounts);
        let visible = format!("{}-{last} of {accounts} accounts", top + 1);
        spans.push(theme.span(Role::Muted, visible));
    }
    Line::from(spans)
}

/// The layout of the accounts and months.
struct Grid {
    theme: Theme,
    account_columns: usize,
    month_columns: usize,
    /// The months of all accounts, ascending. Of a longer period, the first months are left out.
    months: Vec<Month>,
    /// Columns of the summary; 0 if there is none.
    summary_columns: usize,
}

impl Grid {
    fn new(
        model: &Model,
        accounts: &[(Option<usize>, AccountCoverage)],
        columns: usize,
        theme: Theme,
    ) -> Self {
        let widest = accounts
            .iter()
            .map(|(case, account)| account_name(model, *case, account).width())
            .max();
        // Long account names leave at least half of the width to the months.
        let half = (columns / 2).max(8);
        let account_columns = widest.unwrap_or(0).min(MAX_ACCOUNT_COLUMNS).min(half);
        let all = accounts.iter().map(|(_, account)| account);
        let mut months = all_months(all);
        let room = columns.saturating_sub(account_columns + 2);
        let fits = |month_columns: &usize| months.len() * month_columns <= room;
        let month_columns = MONTH_COLUMNS.into_iter().find(fits).unwrap_or(1);
        months.drain(..months.len().saturating_sub(room / month_columns));
        let summary_columns = room.saturating_sub(months.len() * month_columns + 2);
        Self {
            theme,
            account_columns,
            month_columns,
            months,
            summary_columns: if summary_columns >= MIN_SUMMARY_COLUMNS {
                summary_columns
            } else {
                0
            },
        }
    }

    /// Returns a line of years and a line of months.
    fn headings(&self) -> Vec<Line<'static>> {
        let days = self.months.iter().filter_map(|month| month.first_day());
        let days: Vec<_> = days.collect();
        let muted = |text: String| self.theme.span(Role::Muted, text);
        let mut years = vec![muted(pad("", self.account_columns + 2))];
        for same_year in days.chunk_by(|a, b| a.year() == b.year()) {
            let columns = same_year.len() * self.month_columns;
            let year = same_year.first().map_or(0, |day| day.year()).to_string();
            // A year that is wider than its months would run into the next year.
            let text = if year.len() < columns {
                year
            } else {
                String::new()
            };
            years.push(muted(pad(&text, columns)));
        }
        let mut names = vec![muted(pad("account", self.account_columns + 2))];
        names.extend(days.iter().map(|day| muted(self.month_heading(*day))));
        vec![Line::from(years), Line::from(names)]
    }

    fn month_heading(&self, day: Date) -> String {
        let letters = if self.month_columns >= 4 { 3 } else { 1 };
        let name = shorten_end(labels::month_name(day), letters, "");
        pad(&name, self.month_columns)
    }

    fn row(&self, name: &str, account: &AccountCoverage) -> Line<'static> {
        let theme = self.theme;
        let mut spans = vec![Span::raw(pad(name, self.account_columns + 2))];
        for month in &self.months {
            let (role, symbol) = match account.coverage_of(*month) {
                Some(cover) => theme.cover(cover),
                // Not requested of this account.
                None => (Role::Muted, " "),
            };
            let cell = match self.month_columns {
                4.. => pad(&format!(" {symbol}"), self.month_columns),
                columns => pad(symbol, columns),
            };
            spans.push(theme.span(role, cell));
        }
        if self.summary_columns > 0 {
            spans.push(Span::raw("  "));
            spans.push(self.summary(account));
        }
        Line::from(spans)
    }

    /// Lists the missing and the partial months.
    fn summary(&self, account: &AccountCoverage) -> Span<'static> {
        let list = |label: &str, months: &[Month]| {
            (!months.is_empty()).then(|| format!("{label} {}", labels::months(months)))
        };
        let missing = account.missing();
        let partial = account.months_with(MonthCoverage::Partial);
        let role = match (missing.is_empty(), partial.is_empty()) {
            (true, true) => return self.theme.span(Role::Muted, "complete"),
            (true, false) => Role::Warning,
            (false, _) => Role::Error,
        };
        let lists = [list("missing", &missing), list("partial", &partial)];
        let lists: Vec<String> = lists.into_iter().flatten().collect();
        let text = shorten_end(
            &lists.join("; "),
            self.summary_columns,
            self.theme.ellipsis(),
        );
        self.theme.span(role, text)
    }
}

/// Returns the name of an account in a limited number of columns. The mask of its number goes
/// first, then the end of the case's name: the digits that distinguish accounts are the last to go.
fn account_name_within(
    model: &Model,
    (case, account): (Option<usize>, &AccountCoverage),
    columns: usize,
    ellipsis: &str,
) -> String {
    let full = account_name(model, case, account);
    if full.width() <= columns {
        return full;
    }
    let short = short_account(account);
    let room = columns.saturating_sub(short.width() + 2);
    let case = case.and_then(|case| model.queue.cases().list().get(case));
    match case.filter(|_| room > 1) {
        Some(case) => format!(
            "{}  {short}",
            shorten_end(&sanitize(&case.name), room, ellipsis)
        ),
        None => shorten_end(&short, columns, ellipsis),
    }
}

/// Returns the bank and the number of an account, after the name of its case.
fn account_name(model: &Model, case: Option<usize>, account: &AccountCoverage) -> String {
    let bank = account.bank.as_ref().map_or("-", Bank::id);
    let name = format!("{bank} {}", sanitize(&account.account));
    let case = case.and_then(|case| model.queue.cases().list().get(case));
    match case {
        Some(case) => format!("{}  {name}", sanitize(&case.name)),
        None => name,
    }
}
