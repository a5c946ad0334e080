//! A question with a few answers.

use super::paint::{frame, paragraph, put, put_all, safe, safe_end, select};
use super::theme::{Role, Theme};
use crate::dashboard::layout::split_rows;
use crate::dashboard::model::Choice;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// Columns of the whole, where the screen has as many.
const WIDTH: u16 = 68;

/// Draws it.
pub(super) fn draw(choice: &Choice, theme: Theme, screen: Rect, cells: &mut Buffer) {
    let width = WIDTH.min(screen.width.saturating_sub(4)).max(20);
    let columns = usize::from(width).saturating_sub(4);
    let mut text = Vec::new();
    for line in choice.text.lines() {
        text.extend(paragraph(theme, Role::Plain, (0, columns), &safe(line)));
    }
    if !text.is_empty() {
        text.push(Line::default());
    }
    let rows = |count: usize| u16::try_from(count).unwrap_or(u16::MAX);
    let wanted = rows(text.len() + choice.options.len() + 2);
    let height = wanted.min(screen.height.saturating_sub(2)).max(3);
    let title = format!(" {} ", safe(&choice.title));
    let title = Line::from(theme.span(Role::Strong, title));
    let inside = frame(cells, theme, screen, (width, height), title);
    // Where not all fits, the answers do: without them nothing can be done.
    let answers = rows(choice.options.len()).min(inside.height);
    let (above, below) = split_rows(inside, inside.height - answers);
    put_all(cells, above, &text);
    for ((index, option), row) in choice.options.iter().enumerate().zip(below.rows()) {
        let room = usize::from(row.width).saturating_sub(4);
        let line = Line::from(vec![
            theme.span(Role::Key, format!(" {} ", safe(&option.key.to_string()))),
            Span::raw(" "),
            Span::raw(safe_end(&option.label, room, theme)),
        ]);
        put(cells, row, 0, &line);
        if index == choice.selected {
            select(cells, row);
        }
    }
}
