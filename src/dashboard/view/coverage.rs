//! Accounts by months: which are covered, which are missing.

use super::paint::{indented, paragraph, put, put_all};
use super::theme::{Role, Theme};
use super::{empty, words};
use crate::dashboard::keymap::Action;
use crate::dashboard::model::Model;
use crate::screen::AccountCoverage;
use crate::statement::coverage::MonthCoverage;
use crate::statement::{Bank, Month};
use crate::text::columns::{pad, shorten_end};
use crate::text::sanitize;
use jiff::civil::Date;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

/// Columns of the widest account shown.
const MOST_NAME: usize = 30;
/// Columns of a month, where its name fits, and where it does not.
const MONTH_COLUMNS: [usize; 3] = [4, 2, 1];
/// Columns that the words of missing months need to be worth it.
const WORDS: usize = 16;

/// Draws it.
pub(super) fn draw(model: &Model, theme: Theme, area: Rect, cells: &mut Buffer) {
    let area = indented(area);
    let accounts = model.queue.coverage();
    if accounts.is_empty() {
        put_all(cells, area, &nothing(theme, usize::from(area.width)));
        return;
    }
    let grid = Grid::new(accounts, usize::from(area.width), theme);
    let headings = grid.headings(accounts);
    let rows = usize::from(area.height)
        .saturating_sub(headings.len() + 2)
        .max(1);
    put_all(cells, area, &headings);
    let top = model
        .screen
        .coverage_top
        .min(accounts.len().saturating_sub(rows));
    for (row, account) in accounts.iter().skip(top).take(rows).enumerate() {
        put(cells, area, headings.len() + row, &grid.row(account));
    }
    let last = usize::from(area.height).saturating_sub(1);
    if last > headings.len() + rows.min(accounts.len() - top) {
        put(
            cells,
            area,
            last,
            &legend(theme, accounts.len(), (top, rows)),
        );
    }
}

fn nothing(theme: Theme, columns: usize) -> Vec<Line<'static>> {
    let why = "Accounts appear here once statements that name their period are screened.";
    let mut lines = vec![
        Line::default(),
        Line::from(theme.span(Role::Strong, "No account and month to show yet.")),
    ];
    lines.extend(paragraph(theme, Role::Plain, (0, columns), why));
    lines.push(Line::default());
    let actions = [Action::Add, Action::Range].into_iter();
    lines.extend(actions.flat_map(|action| empty::help(theme, action, columns)));
    lines
}

fn legend(theme: Theme, accounts: usize, (top, rows): (usize, usize)) -> Line<'static> {
    let mut spans = Vec::new();
    let words = [
        (MonthCoverage::Full, "whole"),
        (MonthCoverage::Partial, "in part"),
        (MonthCoverage::Missing, "missing"),
    ];
    for (cover, word) in words {
        let (role, sign) = theme.cover(cover);
        spans.push(theme.span(role, sign));
        spans.push(theme.span(Role::Faint, format!(" {word}   ")));
    }
    if accounts > rows {
        let last = (top + rows).min(accounts);
        let seen = format!("{}-{last} of {accounts} accounts", top + 1);
        spans.push(theme.span(Role::Faint, seen));
    }
    Line::from(spans)
}

/// How accounts and months are laid out.
struct Grid {
    theme: Theme,
    /// Columns of the account, and of a month.
    name: usize,
    month: usize,
    /// Months shown, of longer ranges the last, and columns for words.
    months: usize,
    words: usize,
}

impl Grid {
    fn new(accounts: &[AccountCoverage], columns: usize, theme: Theme) -> Self {
        let widest = accounts.iter().map(|account| name(account).width()).max();
        let least = columns / 2;
        let name = widest.unwrap_or(0).min(MOST_NAME).min(least.max(8));
        let most = accounts.iter().map(|account| account.months.len()).max();
        let most = most.unwrap_or(0);
        let room = columns.saturating_sub(name + 2);
        let fits = |month: &usize| most * month <= room;
        let month = MONTH_COLUMNS.into_iter().find(fits).unwrap_or(1);
        let months = most.min(room / month);
        let words = room.saturating_sub(months * month + 2);
        let words = if words >= WORDS { words } else { 0 };
        Self {
            theme,
            name,
            month,
            months,
            words,
        }
    }

    fn shown<'a, T>(&self, months: &'a [T]) -> &'a [T] {
        let first = months.len().saturating_sub(self.months);
        months.get(first..).unwrap_or_default()
    }

    /// The years, and the months below them.
    fn headings(&self, accounts: &[AccountCoverage]) -> Vec<Line<'static>> {
        // All accounts are asked for the same months.
        let months = accounts.first().map(|account| account.months.as_slice());
        let months = self.shown(months.unwrap_or_default());
        let days = months.iter().filter_map(|(month, _)| month.first_day());
        let days: Vec<_> = days.collect();
        let faint = |text: String| self.theme.span(Role::Faint, text);
        let mut years = vec![faint(pad("", self.name + 2))];
        for same in days.chunk_by(|a, b| a.year() == b.year()) {
            let columns = same.len() * self.month;
            let year = same.first().map_or(0, |day| day.year()).to_string();
            let shown = if year.len() < columns {
                year
            } else {
                String::new()
            };
            years.push(faint(pad(&shown, columns)));
        }
        let mut names = vec![faint(pad("account", self.name + 2))];
        let month = |day: &Date| faint(self.heading(words::month_name(*day)));
        names.extend(days.iter().map(month));
        vec![Line::from(years), Line::from(names)]
    }

    fn heading(&self, name: &str) -> String {
        let letters = if self.month >= 4 { 3 } else { 1 };
        pad(&shorten_end(name, letters, ""), self.month)
    }

    fn row(&self, account: &AccountCoverage) -> Line<'static> {
        let theme = self.theme;
        let name = shorten_end(&name(account), self.name, theme.cut());
        let mut spans = vec![Span::raw(pad(&name, self.name + 2))];
        for (_, cover) in self.shown(&account.months) {
            let (role, sign) = theme.cover(*cover);
            let cell = match self.month {
                4.. => pad(&format!(" {sign}"), self.month),
                month => pad(sign, month),
            };
            spans.push(theme.span(role, cell));
        }
        if self.words > 0 {
            spans.push(Span::raw("  "));
            spans.push(self.told(account));
        }
        Line::from(spans)
    }

    fn told(&self, account: &AccountCoverage) -> Span<'static> {
        let named = |months: &[Month], word: &str| {
            (!months.is_empty()).then(|| format!("{word} {}", words::months(months)))
        };
        let missing = account.missing();
        let part = account.months_with(MonthCoverage::Partial);
        let role = match (missing.is_empty(), part.is_empty()) {
            (true, true) => return self.theme.span(Role::Faint, "complete"),
            (true, false) => Role::Doubtful,
            (false, _) => Role::Bad,
        };
        let told = [named(&missing, "missing"), named(&part, "in part")];
        let told: Vec<String> = told.into_iter().flatten().collect();
        let text = shorten_end(&told.join("; "), self.words, self.theme.cut());
        self.theme.span(role, text)
    }
}

fn name(account: &AccountCoverage) -> String {
    let bank = account.bank.as_ref().map_or("-", Bank::id);
    format!("{bank} {}", sanitize(&account.account))
}
