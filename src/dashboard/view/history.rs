//! What was sent in earlier runs.

use super::paint::{centered_top, cursor, indented, put, put_all, safe, select, typed};
use super::segments::{Segment, line};
use super::theme::{Role, Theme};
use super::words;
use crate::dashboard::layout::split_rows;
use crate::dashboard::model::{History, HistoryRow, Model};
use crate::text::columns::{counted, pad, shorten_end, shorten_front, thousands};
use crate::uploads::plan::OutcomeKind;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

/// Columns of the time, the outcome, the bank, the session, the service's own name.
const AT: usize = 16;
const OUTCOME: usize = 13;
const BANK: usize = 12;
const ID: usize = 12;
const GAP: &str = "  ";

/// Draws it; gives the place of the cursor while what is looked for is typed.
pub(super) fn draw(
    model: &Model,
    theme: Theme,
    area: Rect,
    cells: &mut Buffer,
) -> Option<Position> {
    let history = &model.history;
    let inside = indented(area);
    let (head, rest) = split_rows(inside, 1);
    let columns = usize::from(head.width);
    put(cells, head, 0, &totals(history, theme, columns));
    let query = history.typing || !history.query.is_empty();
    let (typed, rest) = split_rows(rest, u16::from(query));
    let place = query
        .then(|| query_line(history, theme, typed, cells))
        .flatten();
    if let Some(message) = message(history, theme) {
        let lines =
            super::paint::paragraph(theme, message.0, (0, usize::from(rest.width)), &message.1);
        put_all(cells, rest, &lines);
        return place;
    }
    let columns = Columns::fitting(usize::from(rest.width));
    let (heading, rows) = split_rows(rest, u16::from(rest.height >= 3));
    put(cells, heading, 0, &columns.heading(theme));
    let height = usize::from(rows.height);
    let selected = history.selected.min(history.rows.len().saturating_sub(1));
    let top = centered_top(selected, history.rows.len(), height);
    let shown = history.rows.iter().enumerate().skip(top);
    for ((index, row), area) in shown.zip(rows.rows()) {
        put(cells, area, 0, &columns.row(row, theme));
        if index == selected {
            select(cells, area);
        }
    }
    place
}

fn query_line(history: &History, theme: Theme, area: Rect, cells: &mut Buffer) -> Option<Position> {
    let columns = usize::from(area.width).saturating_sub(2);
    let (text, place) = typed(&history.query.shown(), history.query.cursor(), columns);
    let line = Line::from(vec![theme.span(Role::Key, "/ "), Span::raw(text)]);
    put(cells, area, 0, &line);
    history.typing.then(|| cursor(area, 0, place + 2)).flatten()
}

/// What stands in place of rows.
fn message(history: &History, theme: Theme) -> Option<(Role, String)> {
    if let Some(fault) = &history.fault {
        let sign = theme.either("✖", "x");
        return Some((Role::Bad, format!("{sign} {}", safe(fault))));
    }
    if !history.read {
        return Some((Role::Faint, "Reading the history.".to_owned()));
    }
    history.rows.is_empty().then(|| {
        let text = if history.query.is_empty() {
            "Nothing was sent from this machine yet."
        } else {
            "Nothing that was sent matches."
        };
        (Role::Plain, text.to_owned())
    })
}

/// Counts over all that was sent, as far as there is room.
fn totals(history: &History, theme: Theme, columns: usize) -> Line<'static> {
    let past = &history.past;
    let uploads = theme.span(Role::Strong, counted(past.uploads, "upload"));
    let mut parts = vec![Segment::new(9, vec![uploads])];
    for (kind, count) in OutcomeKind::ALL.into_iter().zip(past.outcomes) {
        if count > 0 {
            let (role, sign) = theme.outcome(Some(kind));
            let word = words::outcome_word(kind);
            let count = thousands(count);
            let long = theme.span(role, format!("{sign} {count} {word}"));
            let short = theme.span(role, format!("{sign}{count}"));
            parts.push(Segment::new(5, vec![long]).or(8, vec![short]));
        }
    }
    if past.calls_saved > 0 {
        let saved = counted(past.calls_saved, "call");
        let long = Segment::new(4, vec![Span::raw(format!("{saved} saved"))]);
        parts.push(long);
    }
    line(parts, Vec::new(), columns)
}

/// Columns shown, by the width.
struct Columns {
    name: usize,
    code: usize,
    bank: bool,
    session: bool,
    statement: bool,
}

impl Columns {
    fn fitting(width: usize) -> Self {
        let fixed = AT + OUTCOME + 2 * GAP.len();
        let bank = width >= 72;
        let session = width >= 110;
        let statement = width >= 150;
        let mut left = width.saturating_sub(fixed);
        for (shown, columns) in [(bank, BANK), (session, ID), (statement, ID)] {
            if shown {
                left = left.saturating_sub(columns + GAP.len());
            }
        }
        let code = if left >= 44 { (left / 2).min(28) } else { 0 };
        let name = left.saturating_sub(if code > 0 { code + GAP.len() } else { 0 });
        Self {
            name,
            code,
            bank,
            session,
            statement,
        }
    }

    fn cells<T>(&self, cells: [T; 7]) -> impl Iterator<Item = (T, usize)> {
        let [at, outcome, name, bank, code, session, statement] = cells;
        let shown = |shown: bool, width: usize| if shown { width } else { 0 };
        let all = [
            (at, AT),
            (outcome, OUTCOME),
            (name, self.name),
            (bank, shown(self.bank, BANK)),
            (code, self.code),
            (session, shown(self.session, ID)),
            (statement, shown(self.statement, ID)),
        ];
        all.into_iter().filter(|(_, width)| *width > 0)
    }

    fn heading(&self, theme: Theme) -> Line<'static> {
        let names = [
            "when",
            "outcome",
            "file",
            "bank",
            "code",
            "session",
            "statement",
        ];
        let mut spans = Vec::new();
        for (name, width) in self.cells(names) {
            spans.push(theme.span(Role::Faint, pad(name, width) + GAP));
        }
        Line::from(spans)
    }

    fn row(&self, row: &HistoryRow, theme: Theme) -> Line<'static> {
        let (role, sign) = theme.outcome(row.outcome);
        let word = row.outcome.map_or("sending", words::outcome_word);
        let name = shorten_front(&row.name, self.name, theme.cut());
        let texts = [
            (Role::Faint, row.at.clone()),
            (role, format!("{sign} {word}")),
            (Role::Plain, name),
            (Role::Plain, row.bank.clone()),
            (Role::Plain, row.code.clone()),
            (Role::Faint, row.session.clone()),
            (Role::Faint, row.statement.clone()),
        ];
        let mut spans = Vec::new();
        for ((role, text), width) in self.cells(texts) {
            let text = shorten_end(&text, width, theme.cut());
            spans.push(theme.span(role, pad(&text, width) + GAP));
        }
        Line::from(spans)
    }
}
