//! The history tab: totals, query and uploads of earlier runs.

use super::canvas::{
    centered_top, cursor_position, draw_line, draw_lines, highlight, inside_margins, paragraph,
    sanitized, scroll_input,
};
use super::labels;
use super::segments::{Segment, line};
use super::theme::{Role, Theme};
use crate::dashboard::layout::{split_columns, split_rows};
use crate::dashboard::model::{History, HistoryRow, Model};
use crate::text::columns::{counted, pad, shorten_end, shorten_front, thousands};
use crate::uploads::plan::OutcomeKind;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

const TIME_COLUMNS: usize = 16;
const OUTCOME_COLUMNS: usize = 13;
const BANK_COLUMNS: usize = 12;
/// Columns of a session ID and of a statement ID.
const ID_COLUMNS: usize = 12;
const GAP: &str = "  ";

/// Draws the tab. Returns the position of the cursor while the user edits the query.
pub(super) fn draw(
    model: &Model,
    theme: Theme,
    area: Rect,
    cells: &mut Buffer,
) -> Option<Position> {
    let history = &model.history;
    let inside = inside_margins(area);
    let (totals_area, rest) = split_rows(inside, 1);
    let columns = usize::from(totals_area.width);
    draw_line(cells, totals_area, 0, &totals(history, theme, columns));
    let has_query = history.typing || !history.query.is_empty();
    let (query_area, rest) = split_rows(rest, u16::from(has_query));
    let cursor = if has_query {
        draw_query(history, theme, query_area, cells)
    } else {
        None
    };
    if let Some((role, text)) = empty_state(history, theme) {
        let lines = paragraph(theme, role, (0, usize::from(rest.width)), &text);
        draw_lines(cells, rest, &lines);
        return cursor;
    }
    let columns = Columns::fitting(usize::from(rest.width));
    let (headings, rows) = split_rows(rest, u16::from(rest.height >= 3));
    draw_line(cells, headings, 0, &columns.headings(theme));
    let height = usize::from(rows.height);
    let selected = history.selected.min(history.rows.len().saturating_sub(1));
    let top = centered_top(selected, history.rows.len(), height);
    let shown = history.rows.iter().enumerate().skip(top);
    for ((index, row), area) in shown.zip(rows.rows()) {
        draw_line(cells, area, 0, &columns.row(row, theme));
        if index == selected {
            let before = TIME_COLUMNS + GAP.len();
            let (_, after) = split_columns(area, u16::try_from(before).unwrap_or(area.width));
            let outcome = u16::try_from(OUTCOME_COLUMNS).unwrap_or(area.width);
            highlight(cells, area, split_columns(after, outcome).0);
        }
    }
    cursor
}

fn draw_query(history: &History, theme: Theme, area: Rect, cells: &mut Buffer) -> Option<Position> {
    let columns = usize::from(area.width).saturating_sub(2);
    let query = &history.query;
    let (text, column) = scroll_input(&query.display_text(), query.cursor(), columns);
    let line = Line::from(vec![theme.span(Role::Key, "/ "), Span::raw(text)]);
    draw_line(cells, area, 0, &line);
    if history.typing {
        cursor_position(area, 0, column + 2)
    } else {
        None
    }
}

/// Returns the text that replaces the rows if there are none.
fn empty_state(history: &History, theme: Theme) -> Option<(Role, String)> {
    if let Some(error) = &history.error {
        let symbol = theme.symbol("✖", "x");
        return Some((Role::Error, format!("{symbol} {}", sanitized(error))));
    }
    if !history.requested {
        return Some((Role::Muted, "Reading the history.".to_owned()));
    }
    history.rows.is_empty().then(|| {
        let text = if history.query.is_empty() {
            "No uploads yet."
        } else {
            "No upload matches."
        };
        (Role::Normal, text.to_owned())
    })
}

/// Returns the counts by outcome, shortened to the width.
fn totals(history: &History, theme: Theme, columns: usize) -> Line<'static> {
    let totals = &history.totals;
    let uploads = theme.span(Role::Emphasis, counted(totals.uploads, "upload"));
    let mut segments = vec![Segment::new(9, vec![uploads])];
    for (kind, count) in OutcomeKind::ALL.into_iter().zip(totals.outcomes) {
        if count > 0 {
            let (role, symbol) = theme.outcome(Some(kind));
            let label = kind.name();
            let count = thousands(count);
            let long = theme.span(role, format!("{symbol} {count} {label}"));
            let short = theme.span(role, format!("{symbol}{count}"));
            segments.push(Segment::new(5, vec![long]).or(8, vec![short]));
        }
    }
    if totals.calls_saved > 0 {
        let saved = counted(totals.calls_saved, "call");
        let saved = Span::raw(format!("{saved} saved"));
        segments.push(Segment::new(4, vec![saved]));
    }
    line(segments, Vec::new(), columns)
}

/// The columns shown, which depend on the width.
struct Columns {
    name: usize,
    /// 0 if codes are not shown.
    code: usize,
    bank: bool,
    session: bool,
    statement: bool,
}

impl Columns {
    fn fitting(width: usize) -> Self {
        let fixed = TIME_COLUMNS + OUTCOME_COLUMNS + 2 * GAP.len();
        let bank = width >= 72;
        let session = width >= 110;
        let statement = width >= 150;
        let mut room = width.saturating_sub(fixed);
        let optional = [
            (bank, BANK_COLUMNS),
            (session, ID_COLUMNS),
            (statement, ID_COLUMNS),
        ];
        for (shown, columns) in optional {
            if shown {
                room = room.saturating_sub(columns + GAP.len());
            }
        }
        let code = if room >= 44 { (room / 2).min(28) } else { 0 };
        let name = room.saturating_sub(if code > 0 { code + GAP.len() } else { 0 });
        Self {
            name,
            code,
            bank,
            session,
            statement,
        }
    }

    /// Pairs the cells of the shown columns with their widths.
    fn shown<T>(&self, cells: [T; 7]) -> impl Iterator<Item = (T, usize)> {
        let [time, outcome, name, bank, code, session, statement] = cells;
        let optional = |shown: bool, width: usize| if shown { width } else { 0 };
        let all = [
            (time, TIME_COLUMNS),
            (outcome, OUTCOME_COLUMNS),
            (name, self.name),
            (bank, optional(self.bank, BANK_COLUMNS)),
            (code, self.code),
            (session, optional(self.session, ID_COLUMNS)),
            (statement, optional(self.statement, ID_COLUMNS)),
        ];
        all.into_iter().filter(|(_, width)| *width > 0)
    }

    fn headings(&self, theme: Theme) -> Line<'static> {
        let names = [
            "time",
            "outcome",
            "file",
            "bank",
            "code",
            "session",
            "statement",
        ];
        let mut spans = Vec::new();
        for (name, width) in self.shown(names) {
            spans.push(theme.span(Role::Muted, pad(name, width) + GAP));
        }
        Line::from(spans)
    }

    fn row(&self, row: &HistoryRow, theme: Theme) -> Line<'static> {
        let (role, symbol) = theme.outcome(row.outcome);
        let outcome = row.outcome.map_or("sending", labels::outcome);
        let name = shorten_front(&row.name, self.name, theme.ellipsis());
        let cells = [
            (Role::Muted, row.at.clone()),
            (role, format!("{symbol} {outcome}")),
            (Role::Normal, name),
            (Role::Normal, row.bank.clone()),
            (Role::Normal, row.code.clone()),
            (Role::Muted, row.session.clone()),
            (Role::Muted, row.statement_id.clone()),
        ];
        let mut spans = Vec::new();
        for ((role, text), width) in self.shown(cells) {
            let text = shorten_end(&text, width, theme.ellipsis());
            spans.push(theme.span(role, pad(&text, width) + GAP));
        }
        Line::from(spans)
    }
}
