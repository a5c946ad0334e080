//! The footer: the keys, or the filter while the user edits it. If the screen is tall enough, a
//! notice has a line of its own above them.

use super::canvas::{cursor_position, draw_line, sanitized, scroll_input, truncated, wrap};
use super::segments::{Segment, line};
use super::theme::{Role, Theme};
use crate::dashboard::keymap::{self, Action};
use crate::dashboard::layout::{split_columns, split_rows};
use crate::dashboard::model::{Level, Model, Tab, TextInput};
use crate::text::columns::{counted, thousands};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Widget};
use unicode_width::UnicodeWidthStr;

/// Maximum rows of a notice.
const MAX_NOTICE_ROWS: u16 = 4;
/// Maximum columns of the filter text.
const MAX_FILTER_COLUMNS: usize = 30;

/// Draws the footer. Returns the position of the cursor while the user edits the filter.
pub(super) fn draw(
    model: &Model,
    theme: Theme,
    area: Rect,
    cells: &mut Buffer,
) -> Option<Position> {
    let (_, inside) = split_columns(area, 1);
    let has_message_line = inside.height >= 2;
    let (above, last) = split_rows(inside, inside.height.saturating_sub(1));
    let notice = model.notice.as_ref();
    if let Some(input) = &model.filter_input {
        return draw_filter_input(input, model, theme, last, cells);
    }
    let columns = usize::from(last.width);
    let mut segments = Vec::new();
    if model.shutting_down {
        let warning = theme.symbol("▲", "!");
        let text = format!("{warning} shutting down: finishing uploads in progress");
        segments.push(Segment::new(95, vec![theme.span(Role::Warning, text)]));
    }
    if matches!(model.tab, Tab::Cases | Tab::Files) && model.overlays.is_empty() {
        segments.extend(filter(model, theme));
    }
    segments.extend(watching(model, theme));
    if has_message_line {
        // What lasts stays in sight until a notice is more important.
        draw_line(cells, above, 0, &line(segments, Vec::new(), columns));
        let keys = keys(model, theme);
        draw_line(cells, last, 0, &line(keys, Vec::new(), columns));
        if let Some((level, text)) = notice {
            draw_notice((*level, text), theme, above, above.width, cells);
        }
    } else if let Some((level, text)) = notice {
        let keys = line(last_keys(model, theme), Vec::new(), columns);
        let keys_columns = u16::try_from(keys.width() + 2).unwrap_or(u16::MAX);
        let (left, right) = split_columns(last, last.width.saturating_sub(keys_columns));
        draw_line(cells, split_columns(right, 2).1, 0, &keys);
        draw_notice((*level, text), theme, left, last.width, cells);
    } else {
        segments.extend(keys(model, theme));
        draw_line(cells, last, 0, &line(segments, Vec::new(), columns));
    }
    None
}

/// Draws a notice on the last row of an area. A longer one covers the rows above, of which
/// `above_width` columns are cleared.
fn draw_notice(
    (level, text): (Level, &str),
    theme: Theme,
    area: Rect,
    above_width: u16,
    cells: &mut Buffer,
) {
    let (role, symbol) = theme.level(level);
    let text = format!("{symbol} {}", sanitized(text));
    let lines = wrap(&text, usize::from(area.width));
    let rows = u16::try_from(lines.len()).unwrap_or(u16::MAX);
    let rows = rows.min(MAX_NOTICE_ROWS).min(area.bottom()).max(1);
    let area = Rect {
        y: area.bottom().saturating_sub(rows),
        height: rows,
        ..area
    };
    let above = Rect {
        width: above_width,
        height: rows - 1,
        ..area
    };
    Clear.render(above.intersection(cells.area), cells);
    Clear.render(area.intersection(cells.area), cells);
    for (row, text) in lines.into_iter().enumerate() {
        draw_line(cells, area, row, &Line::from(theme.span(role, text)));
    }
}

/// Returns the keys that are always shown.
fn last_keys(model: &Model, theme: Theme) -> Vec<Segment> {
    let actions = [(Action::Help, 2), (Action::Quit, 1)];
    let keys = actions.map(|(action, priority)| {
        let key = theme.span(Role::Key, model.key(action));
        Segment::new(priority, vec![key])
    });
    keys.into()
}

/// Draws the filter that the user edits, and the number of matching files or cases.
fn draw_filter_input(
    input: &TextInput,
    model: &Model,
    theme: Theme,
    area: Rect,
    cells: &mut Buffer,
) -> Option<Position> {
    let right = line(
        Vec::new(),
        vec![
            Segment::new(3, vec![Span::raw(match_count(model))]),
            Segment::new(2, vec![theme.span(Role::Key, "Enter"), Span::raw(" keep")]),
            Segment::new(1, vec![theme.span(Role::Key, "Esc"), Span::raw(" clear")]),
        ],
        usize::from(area.width / 2),
    );
    let columns = usize::from(area.width).saturating_sub(right.width() + 4);
    let (text, column) = scroll_input(&input.display_text(), input.cursor(), columns);
    let gap = columns.saturating_sub(text.width()) + 2;
    let mut spans = vec![
        theme.span(Role::Key, "/ "),
        Span::raw(text),
        Span::raw(" ".repeat(gap)),
    ];
    spans.extend(right.spans);
    draw_line(cells, area, 0, &Line::from(spans));
    cursor_position(area, 0, column + 2)
}

/// Returns the watched folder, or the number of several.
fn watching(model: &Model, theme: Theme) -> Option<Segment> {
    let folders = model.watched.list();
    let text = match folders {
        [] => return None,
        [only] => format!(
            "watching {}",
            truncated(&only.path, MAX_FILTER_COLUMNS, theme)
        ),
        folders => format!("watching {}", counted(folders.len(), "folder")),
    };
    let segment = Segment::new(62, vec![theme.span(Role::InProgress, text)]);
    Some(segment.or(75, vec![theme.span(Role::InProgress, "watching")]))
}

/// Returns the active filter.
fn filter(model: &Model, theme: Theme) -> Option<Segment> {
    let filter = if model.tab == Tab::Cases {
        model.case_table.filter()
    } else {
        &model.queue.filter
    };
    if filter.is_empty() {
        return None;
    }
    let mut parts: Vec<String> = Vec::new();
    if filter.only_problems {
        parts.push("problems only".to_owned());
    }
    if !filter.text().is_empty() {
        let text = truncated(filter.text(), MAX_FILTER_COLUMNS, theme);
        parts.push(format!("/{text}"));
    }
    let text = parts.join(" ");
    let with_count = format!("{text} ({})", match_count(model));
    let segment = Segment::new(70, vec![theme.span(Role::Warning, with_count)]);
    Some(segment.or(90, vec![theme.span(Role::Warning, text)]))
}

fn match_count(model: &Model) -> String {
    let (shown, all) = if model.tab == Tab::Cases {
        let cases = model.queue.listed_cases().count();
        (model.case_table.rows().len(), cases)
    } else if let Some(case) = model.queue.filter.case {
        let (counts, _) = model.queue.totals_of_case(case);
        (model.queue.rows().len(), counts.files)
    } else {
        (model.queue.rows().len(), model.queue.counts().files)
    };
    format!("{} of {}", thousands(shown), thousands(all))
}

/// Returns the keys. Help and quit have the highest priority, then the most useful keys.
fn keys(model: &Model, theme: Theme) -> Vec<Segment> {
    let keys = keymap::footer_keys(model);
    let count = keys.len();
    let priority = |index: usize| match count - index {
        // The last two are help and quit, unless an overlay is open.
        1 | 2 if model.overlays.is_empty() => 60,
        _ => u8::try_from(50_usize.saturating_sub(index)).unwrap_or(0),
    };
    let keys = keys.into_iter().enumerate();
    keys.map(|(index, (key, label))| {
        let spans = vec![theme.span(Role::Key, key), Span::raw(format!(" {label}"))];
        Segment::new(priority(index), spans)
    })
    .collect()
}
