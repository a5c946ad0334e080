//! Puts text into cells: made safe, cut at columns, wrapped at words.

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

/// Draws a line on a row of an area, counted from 0. Rows outside are left out.
pub(super) fn put(cells: &mut Buffer, area: Rect, row: usize, line: &Line<'_>) {
    let area = area.intersection(cells.area);
    let Some(y) = u16::try_from(row).ok().filter(|row| *row < area.height) else {
        return;
    };
    cells.set_line(area.x, area.y + y, line, area.width);
}

/// Draws lines from the top of an area.
pub(super) fn put_all(cells: &mut Buffer, area: Rect, lines: &[Line<'_>]) {
    for (row, line) in lines.iter().take(usize::from(area.height)).enumerate() {
        put(cells, area, row, line);
    }
}

/// An area without its outermost columns.
pub(super) fn indented(area: Rect) -> Rect {
    let (_, inner) = split_columns(area, 1);
    split_columns(inner, inner.width.saturating_sub(1)).0
}

/// Shows that rows are under the cursor: reversed, and in no other colour, which would turn into
/// patches.
pub(super) fn select(cells: &mut Buffer, area: Rect) {
    let area = area.intersection(cells.area);
    let plain = Style::new()
        .fg(Color::Reset)
        .remove_modifier(Modifier::DIM)
        .add_modifier(Modifier::REVERSED);
    cells.set_style(area, plain);
}

/// A framed area in the middle of another, cleared; gives what is inside of the frame.
pub(super) fn frame(
    cells: &mut Buffer,
    theme: Theme,
    screen: Rect,
    (width, height): (u16, u16),
    title: Line<'_>,
) -> Rect {
    let screen = screen.intersection(cells.area);
    let area = screen.centered(Constraint::Length(width), Constraint::Length(height));
    part_wide_characters(cells, area);
    Clear.render(area, cells);
    let block = Block::bordered()
        .border_set(theme.border())
        .title_top(title);
    let inside = block.inner(area);
    block.render(area, cells);
    let padding = u16::from(inside.width > 8);
    Rect {
        x: inside.x + padding,
        width: inside.width - 2 * padding,
        ..inside
    }
}

/// A character of two columns of which an area covers the second would hide the area's edge.
fn part_wide_characters(cells: &mut Buffer, area: Rect) {
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

/// Leaves nothing on the screen but ASCII, whatever names and messages hold.
pub(super) fn keep_ascii(cells: &mut Buffer, area: Rect) {
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
                _ => "?",
            };
            cell.set_symbol(plain);
        }
    }
}

/// Untrusted text, ready to be shown.
pub(super) fn safe(text: &str) -> String {
    sanitize(text).into_owned()
}

/// Untrusted text, cut at its end where it is wider.
pub(super) fn safe_end(text: &str, columns: usize, theme: Theme) -> String {
    shorten_end(&sanitize(text), columns, theme.cut())
}

/// Breaks text at words, and words that are wider than a line anywhere.
pub(super) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(1);
    let mut lines = Vec::new();
    for line in wrap_words(text, columns) {
        if line.width() <= columns {
            lines.push(line);
            continue;
        }
        let (mut part, mut width) = (String::new(), 0);
        for grapheme in Span::raw(line).styled_graphemes(Style::new()) {
            let more = grapheme.symbol.width();
            if width + more > columns && !part.is_empty() {
                lines.push(std::mem::take(&mut part));
                width = 0;
            }
            part.push_str(grapheme.symbol);
            width += more;
        }
        lines.push(part);
    }
    lines
}

/// Lines of text behind a margin, in a role.
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

/// A line whose two ends stand at the two edges; the left one gives way.
pub(super) fn apart(
    theme: Theme,
    left: Line<'static>,
    right: Line<'static>,
    columns: usize,
) -> Line<'static> {
    let mut room = columns.saturating_sub(right.width());
    let mut spans: Vec<Span<'static>> = Vec::new();
    for span in left.spans {
        let text = shorten_end(&span.content, room, theme.cut());
        let cut = text != span.content;
        room = room.saturating_sub(text.width());
        spans.push(Span::styled(text, span.style));
        if cut {
            break;
        }
    }
    spans.push(Span::raw(" ".repeat(room)));
    spans.extend(right.spans);
    Line::from(spans)
}

/// The front of a text that fits into columns.
fn fit(text: &str, columns: usize) -> String {
    shorten_end(text, columns, "")
}

/// Text that is typed, scrolled so that the place where typing goes on is seen, and that place in
/// columns from its start. The text is safe to show.
pub(super) fn typed(shown: &str, cursor: usize, columns: usize) -> (String, u16) {
    let before: String = shown.chars().take(cursor).collect();
    let before = sanitize(&before);
    let after: String = shown.chars().skip(cursor).collect();
    let after = sanitize(&after);
    let room = columns.saturating_sub(1);
    let mut width = before.width();
    let mut start = before.char_indices();
    let mut from = 0;
    while width > room {
        let Some((_, c)) = start.next() else { break };
        width = width.saturating_sub(c.width().unwrap_or(0));
        from = start.offset();
    }
    let kept = before.get(from..).unwrap_or_default();
    let text = fit(&format!("{kept}{after}"), columns);
    (text, u16::try_from(width).unwrap_or(u16::MAX))
}

/// Where the cursor is on a row of an area, if that is on the area.
pub(super) fn cursor(area: Rect, row: usize, column: u16) -> Option<Position> {
    let row = u16::try_from(row).ok()?;
    let inside = row < area.height && column < area.width;
    inside.then(|| Position::new(area.x + column, area.y + row))
}

/// The first of so many rows to be shown in a list, so that one of them is seen, near the middle.
pub(super) fn centered_top(selected: usize, rows: usize, height: usize) -> usize {
    let top = selected.saturating_sub(height / 2);
    top.min(rows.saturating_sub(height))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_no_line_holds_are_broken() {
        assert_eq!(
            wrap("an IFSC0001234 it is", 4),
            ["an", "IFSC", "0001", "234", "it", "is"]
        );
        assert_eq!(wrap("खाता", 3), ["खा", "ता"]);
        assert_eq!(wrap("あああ", 1), ["あ", "あ", "あ"]);
    }

    #[test]
    fn the_place_of_typing_is_always_seen() {
        assert_eq!(typed("inbox", 5, 10), ("inbox".to_owned(), 5));
        assert_eq!(typed("a/long/path", 11, 6), ("/path".to_owned(), 5));
        assert_eq!(typed("a/long/path", 0, 6), ("a/long".to_owned(), 0));
        let (text, column) = typed("a\u{202E}b", 3, 20);
        assert_eq!((text.as_str(), column), ("a<U+202E>b", 10));
    }

    #[test]
    fn a_list_shows_the_row_under_the_cursor() {
        assert_eq!(centered_top(0, 100, 10), 0);
        assert_eq!(centered_top(50, 100, 10), 45);
        assert_eq!(centered_top(99, 100, 10), 90);
        assert_eq!(centered_top(3, 5, 10), 0);
    }
}
