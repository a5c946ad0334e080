//! Text on cells: sanitizing, truncating, wrapping, and drawing lines and frames.

use super::theme::{Role, Theme};
use crate::dashboard::layout::split_columns;
use crate::text::columns::{shorten_end, wrap as wrap_words};
use crate::text::sanitize;
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Position, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Widget};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Draws a line on a row of an area. Rows outside of the area are ignored.
pub(super) fn draw_line(cells: &mut Buffer, area: Rect, row: usize, line: &Line<'_>) {
    let area = area.intersection(cells.area);
    let Some(y) = u16::try_from(row).ok().filter(|row| *row < area.height) else {
        return;
    };
    cells.set_line(area.x, area.y + y, line, area.width);
}

/// Draws lines from the top of an area.
pub(super) fn draw_lines(cells: &mut Buffer, area: Rect, lines: &[Line<'_>]) {
    for (row, line) in lines.iter().take(usize::from(area.height)).enumerate() {
        draw_line(cells, area, row, line);
    }
}

/// Removes the first and the last column of an area.
pub(super) fn inside_margins(area: Rect) -> Rect {
    let (_, inner) = split_columns(area, 1);
    split_columns(inner, inner.width.saturating_sub(1)).0
}

/// Highlights a selected row by reversing it. The cells of `status` keep their color, which becomes
/// their background: it means the same in a selected row.
pub(super) fn highlight(cells: &mut Buffer, row: Rect, status: Rect) {
    let row = row.intersection(cells.area);
    let reversed = Style::new()
        .remove_modifier(Modifier::DIM)
        .add_modifier(Modifier::REVERSED);
    for position in row.positions() {
        if let Some(cell) = cells.cell_mut(position) {
            cell.set_style(reversed);
            // Colors without a meaning of their own would become patches of background color.
            if !status.contains(position) {
                cell.set_fg(Color::Reset);
            }
        }
    }
}

/// Dims what is behind an overlay.
pub(super) fn dim(cells: &mut Buffer, area: Rect, theme: Theme) {
    let area = area.intersection(cells.area);
    let muted = Style::new()
        .fg(Color::Reset)
        .remove_modifier(Modifier::BOLD);
    cells.set_style(area, muted.patch(theme.style(Role::Muted)));
}

/// Clears a centered area and draws a frame around it. Returns the area inside of the frame.
pub(super) fn draw_frame(
    cells: &mut Buffer,
    theme: Theme,
    screen: Rect,
    (width, height): (u16, u16),
    title: Line<'_>,
) -> Rect {
    let screen = screen.intersection(cells.area);
    let area = screen.centered(Constraint::Length(width), Constraint::Length(height));
    // Before clearing, while the characters are still there.
    clear_wide_characters_at_left_edge(cells, area);
    Clear.render(area, cells);
    cells.set_style(area, Style::reset());
    let block = Block::bordered()
        .border_set(theme.border())
        .title_top(title);
    block.render(area, cells);
    inside_frame(area)
}

/// Returns the area inside of a frame.
pub(super) fn inside_frame(area: Rect) -> Rect {
    let inside = Block::bordered().inner(area);
    // Very narrow overlays need every column.
    let padding = u16::from(inside.width > 8);
    Rect {
        x: inside.x + padding,
        width: inside.width - 2 * padding,
        ..inside
    }
}

/// Clears the wide characters whose second column is in the area: they would hide its first column.
fn clear_wide_characters_at_left_edge(cells: &mut Buffer, area: Rect) {
    let Some(x) = area.x.checked_sub(1) else {
        return;
    };
    for y in area.top()..area.bottom() {
        if let Some(cell) = cells.cell_mut((x, y))
            && cell.symbol().width() > 1
        {
            cell.set_symbol(" ");
        }
    }
}

/// Replaces the characters that are not ASCII.
pub(super) fn replace_non_ascii(cells: &mut Buffer, area: Rect) {
    for position in area.intersection(cells.area).positions() {
        let Some(cell) = cells.cell_mut(position) else {
            continue;
        };
        let symbol = cell.symbol();
        if !symbol.is_ascii() {
            let plain = match symbol {
                "–" | "—" => "-",
                "…" => "~",
                "→" => ">",
                "•" | "●" => "*",
                "·" => ".",
                "‘" | "’" => "'",
                "“" | "”" => "\"",
                // Names in other scripts: one question mark per cell keeps the columns aligned.
                _ => "?",
            };
            cell.set_symbol(plain);
        }
    }
}

/// Sanitizes untrusted text.
pub(super) fn sanitized(text: &str) -> String {
    sanitize(text).into_owned()
}

/// Sanitizes untrusted text and truncates it at the end.
pub(super) fn truncated(text: &str, columns: usize, theme: Theme) -> String {
    shorten_end(&sanitize(text), columns, theme.ellipsis())
}

/// Wraps text at words. A word that is wider than a line is broken anywhere.
pub(super) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(1);
    let mut lines = Vec::new();
    for line in wrap_words(text, columns) {
        if line.width() <= columns {
            lines.push(line);
            continue;
        }
        let (mut part, mut width) = (String::new(), 0);
        // By graphemes: a combining mark stays with its base character.
        for grapheme in Span::raw(line).styled_graphemes(Style::new()) {
            let grapheme_width = grapheme.symbol.width();
            if width + grapheme_width > columns && !part.is_empty() {
                lines.push(std::mem::take(&mut part));
                width = 0;
            }
            part.push_str(grapheme.symbol);
            width += grapheme_width;
        }
        lines.push(part);
    }
    lines
}

/// Wraps text at `columns`, indented by `margin`.
pub(super) fn paragraph(
    theme: Theme,
    role: Role,
    (margin, columns): (usize, usize),
    text: &str,
) -> Vec<Line<'static>> {
    let indent = " ".repeat(margin);
    let lines = wrap(text, columns.saturating_sub(margin)).into_iter();
    lines
        .map(|line| Line::from(vec![Span::raw(indent.clone()), theme.span(role, line)]))
        .collect()
}

/// Aligns two parts with the edges of a line. The left part is truncated if the line is too short.
pub(super) fn justified(
    theme: Theme,
    left: Line<'static>,
    right: Line<'static>,
    columns: usize,
) -> Line<'static> {
    let mut room = columns.saturating_sub(right.width());
    let mut spans: Vec<Span<'static>> = Vec::new();
    for span in left.spans {
        let text = shorten_end(&span.content, room, theme.ellipsis());
        let is_truncated = text != span.content;
        room = room.saturating_sub(text.width());
        spans.push(Span::styled(text, span.style));
        if is_truncated {
            break;
        }
    }
    spans.push(Span::raw(" ".repeat(room)));
    spans.extend(right.spans);
    Line::from(spans)
}

/// Scrolls the text of an input to its cursor, which is before the character `cursor`.
///
/// Returns the visible text, sanitized, and the column of the cursor in it.
pub(super) fn scroll_input(text: &str, cursor: usize, columns: usize) -> (String, u16) {
    let before: String = text.chars().take(cursor).collect();
    let before = sanitize(&before);
    let after: String = text.chars().skip(cursor).collect();
    let after = sanitize(&after);
    // The cursor needs a column after the last character.
    let max_column = columns.saturating_sub(1);
    let mut width = before.width();
    let mut chars = before.char_indices();
    let mut start = 0;
    while width > max_column {
        let Some((_, c)) = chars.next() else { break };
        width = width.saturating_sub(c.width().unwrap_or(0));
        start = chars.offset();
    }
    let visible = before.get(start..).unwrap_or_default();
    let text = shorten_end(&format!("{visible}{after}"), columns, "");
    (text, u16::try_from(width).unwrap_or(u16::MAX))
}

/// Returns the screen position of a cursor in an area; `None` if it is outside of the area.
pub(super) fn cursor_position(area: Rect, row: usize, column: u16) -> Option<Position> {
    let row = u16::try_from(row).ok()?;
    let inside = row < area.height && column < area.width;
    inside.then(|| Position::new(area.x + column, area.y + row))
}

/// Returns the first visible row of a list of `height` rows, with the selected row near the middle.
pub(super) fn centered_top(selected: usize, rows: usize, height: usize) -> usize {
    let top = selected.saturating_sub(height / 2);
    top.min(rows.saturating_sub(height))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_wider_than_a_line_are_broken() {
        assert_eq!(
            wrap("an IFSC0001234 it is", 4),
            ["an", "IFSC", "0001", "234", "it", "is"]
        );
        assert_eq!(wrap("खाता", 3), ["खा", "ता"]);
        assert_eq!(wrap("あああ", 1), ["あ", "あ", "あ"]);
    }

    #[test]
    fn the_cursor_of_an_input_is_always_visible() {
        assert_eq!(scroll_input("inbox", 5, 10), ("inbox".to_owned(), 5));
        assert_eq!(scroll_input("a/long/path", 11, 6), ("/path".to_owned(), 5));
        assert_eq!(scroll_input("a/long/path", 0, 6), ("a/long".to_owned(), 0));
        let (text, column) = scroll_input("a\u{202E}b", 3, 20);
        assert_eq!((text.as_str(), column), ("a<U+202E>b", 10));
    }

    #[test]
    fn a_list_shows_its_selected_row() {
        assert_eq!(centered_top(0, 100, 10), 0);
        assert_eq!(centered_top(50, 100, 10), 45);
        assert_eq!(centered_top(99, 100, 10), 90);
        assert_eq!(centered_top(3, 5, 10), 0);
    }
}
