//! Fields to fill in.

use super::paint::{cursor, frame, paragraph, put_all, safe, safe_end, typed};
use super::theme::{Role, Theme};
use crate::dashboard::model::{Form, FormField};
use crate::text::columns::pad;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

/// Columns of the whole, where the screen has as many.
const WIDTH: u16 = 72;
/// Ways to go on that are shown at once.
const MOST_COMPLETIONS: usize = 6;

/// Draws it; gives the place of the cursor.
pub(super) fn draw(
    form: &Form,
    theme: Theme,
    screen: Rect,
    cells: &mut Buffer,
) -> Option<Position> {
    let width = WIDTH.min(screen.width.saturating_sub(4)).max(20);
    let columns = usize::from(width).saturating_sub(4);
    let (lines, typing) = lines(form, theme, columns);
    let wanted = u16::try_from(lines.len()).unwrap_or(u16::MAX);
    let height = wanted.saturating_add(2);
    let height = height.min(screen.height.saturating_sub(2)).max(3);
    let title = format!(" {} ", safe(&form.title));
    let title = Line::from(theme.span(Role::Strong, title));
    let inside = frame(cells, theme, screen, (width, height), title);
    // What is typed stays in sight, with what is said of it below.
    let rows = usize::from(inside.height);
    let row = typing.map_or(0, |(row, _)| row);
    let top = (row + 2)
        .saturating_sub(rows)
        .min(lines.len().saturating_sub(rows));
    put_all(cells, inside, lines.get(top..).unwrap_or_default());
    let (row, column) = typing?;
    cursor(inside, row.checked_sub(top)?, column)
}

/// The lines, and the row and column at which typing goes on.
fn lines(form: &Form, theme: Theme, columns: usize) -> (Vec<Line<'static>>, Option<(usize, u16)>) {
    let widest = form.fields.iter().map(|field| field.label.width()).max();
    let label = widest.unwrap_or(0) + 2;
    let beside = columns.saturating_sub(label) >= 20;
    let mut lines = Vec::new();
    let mut typing = None;
    for (index, field) in form.fields.iter().enumerate() {
        let focused = index == form.focus;
        let role = if focused { Role::Strong } else { Role::Plain };
        let margin = if beside { label } else { 0 };
        let mut spans = vec![theme.span(role, pad(field.label, margin))];
        if !beside {
            lines.push(Line::from(std::mem::take(&mut spans)));
        }
        let room = columns.saturating_sub(margin).max(1);
        let (text, column) = typed(&field.field.shown(), field.field.cursor(), room);
        if focused {
            let margin = u16::try_from(margin).unwrap_or(u16::MAX);
            typing = Some((lines.len(), margin.saturating_add(column)));
        }
        spans.push(input(field, text, room, focused, theme));
        lines.push(Line::from(spans));
        lines.extend(below(field, focused, theme, (margin, columns)));
        if focused {
            lines.extend(completions(form, theme, (margin, columns)));
        }
    }
    if !form.note.is_empty() {
        lines.push(Line::default());
        for line in form.note.lines() {
            lines.extend(paragraph(theme, Role::Faint, (0, columns), &safe(line)));
        }
    }
    (lines, typing)
}

/// What was typed, underlined as far as there is room for it; what is expected, while it is empty.
fn input(
    field: &FormField,
    text: String,
    room: usize,
    focused: bool,
    theme: Theme,
) -> Span<'static> {
    let empty = field.field.is_empty();
    let text = if empty {
        safe_end(field.hint, room, theme)
    } else {
        text
    };
    let role = if empty { Role::Faint } else { Role::Plain };
    let style = theme.style(role);
    let style = if focused { style.underlined() } else { style };
    Span::styled(pad(&text, room), style)
}

/// What is wrong with what was typed; else, while it is typed, what is expected.
fn below(
    field: &FormField,
    focused: bool,
    theme: Theme,
    columns: (usize, usize),
) -> Vec<Line<'static>> {
    if let Some(fault) = &field.fault {
        let text = format!("{} {}", theme.either("✖", "x"), safe(fault));
        return paragraph(theme, Role::Bad, columns, &text);
    }
    if focused && !field.field.is_empty() && !field.hint.is_empty() {
        return paragraph(theme, Role::Faint, columns, field.hint);
    }
    Vec::new()
}

fn completions(form: &Form, theme: Theme, (margin, columns): (usize, usize)) -> Vec<Line<'static>> {
    let indent = " ".repeat(margin);
    let line = |text: String| {
        let text = theme.span(Role::Key, text);
        Line::from(vec![Span::raw(indent.clone()), text])
    };
    let room = columns.saturating_sub(margin);
    let shown = form.completions.iter().take(MOST_COMPLETIONS);
    let mut lines: Vec<_> = shown
        .map(|text| line(safe_end(text, room, theme)))
        .collect();
    let more = form.completions.len().saturating_sub(MOST_COMPLETIONS);
    if more > 0 {
        lines.push(line(format!("{more} more")));
    }
    lines
}
