//! The footer: a notice, the filter while the user edits it, or the filter and the keys.

use super::canvas::{cursor_position, draw_line, sanitized, scroll_input, truncated};
use super::segments::{Segment, line};
use super::theme::{Role, Theme};
use crate::dashboard::keymap;
use crate::dashboard::layout::split_columns;
use crate::dashboard::model::{Model, Tab, TextInput};
use crate::text::columns::thousands;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

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
    let columns = usize::from(inside.width);
    if let Some(input) = &model.filter_input {
        return draw_filter_input(input, model, theme, inside, cells);
    }
    // A notice replaces the keys: it is short-lived and needs the whole width.
    if let Some((level, text)) = &model.notice {
        let (role, symbol) = theme.level(*level);
        let line = Line::from(theme.span(role, format!("{symbol} {}", sanitized(text))));
        draw_line(cells, inside, 0, &line);
        return None;
    }
    let mut segments = Vec::new();
    if model.shutting_down {
        let warning = theme.symbol("▲", "!");
        let text = format!("{warning} shutting down: finishing uploads in progress");
        segments.push(Segment::new(95, vec![theme.span(Role::Warning, text)]));
    }
    if matches!(model.tab, Tab::Cases | Tab::Files) && model.overlays.is_empty() {
        segments.extend(filter(model, theme));
    }
    segments.extend(keys(model, theme));
    draw_line(cells, inside, 0, &line(segments, Vec::new(), columns));
    None
}

/// Draws the filter that the user edits, and the number of matching files.
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

/// Returns the active filter.
fn filter(model: &Model, theme: Theme) -> Option<Segment> {
    let filter = &model.queue.filter;
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
    let (shown, files) = (model.queue.rows().len(), model.queue.counts().files);
    format!("{} of {}", thousands(shown), thousands(files))
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
