//! Draws pickers, forms and choices.

use super::canvas::{
    centered_top, cursor_position, draw_frame, draw_line, draw_lines, highlight, justified,
    paragraph, sanitized, scroll_input, truncated,
};
use super::theme::{Role, Theme};
use crate::dashboard::layout::split_rows;
use crate::dashboard::model::{Choice, Form, FormField, Picker, PickerItem, TextPage};
use crate::text::columns::{pad, shorten_end, thousands};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

/// Maximum columns and rows of a picker.
const PICKER_SIZE: (u16, u16) = (84, 24);
/// Rows of a picker besides the items: the frame, the query and a rule.
const PICKER_EXTRA_ROWS: u16 = 4;
/// Maximum columns of a form.
const FORM_COLUMNS: u16 = 72;
/// Maximum number of completions below a field.
const MAX_COMPLETIONS: usize = 6;
/// Maximum columns of a choice.
const CHOICE_COLUMNS: u16 = 68;
/// Maximum columns of a text.
const TEXT_COLUMNS: u16 = 84;

/// Returns the width of an overlay: at most `max`, within the margins of the screen.
fn width(max: u16, screen: Rect) -> u16 {
    max.min(screen.width.saturating_sub(4)).max(20)
}

fn title(text: &str, theme: Theme) -> Line<'static> {
    Line::from(theme.span(Role::Emphasis, format!(" {} ", sanitized(text))))
}

/// Draws a picker. Returns the position of the cursor.
pub(super) fn draw_picker(
    picker: &Picker,
    theme: Theme,
    screen: Rect,
    cells: &mut Buffer,
) -> Option<Position> {
    // The height depends on all items, so that it does not change while the user types.
    let items = u16::try_from(picker.total()).unwrap_or(u16::MAX);
    let height = items.saturating_add(PICKER_EXTRA_ROWS).min(PICKER_SIZE.1);
    let height = height.min(screen.height.saturating_sub(2)).max(5);
    let size = (width(PICKER_SIZE.0, screen), height);
    let inside = draw_frame(cells, theme, screen, size, title(&picker.title, theme));
    let (query, rest) = split_rows(inside, 1);
    let cursor = draw_query(picker, theme, query, cells);
    let (rule, list) = split_rows(rest, u16::from(rest.height >= 3));
    let dashes = theme.symbol("─", "-").repeat(usize::from(rule.width));
    draw_line(cells, rule, 0, &Line::from(theme.span(Role::Muted, dashes)));
    draw_items(picker, theme, list, cells);
    cursor
}

fn draw_query(picker: &Picker, theme: Theme, area: Rect, cells: &mut Buffer) -> Option<Position> {
    let (matches, total) = (picker.matches().len(), picker.total());
    let count = if matches == total {
        thousands(total)
    } else {
        format!("{} of {}", thousands(matches), thousands(total))
    };
    let count = Line::from(theme.span(Role::Muted, format!("  {count}")));
    let columns = usize::from(area.width).saturating_sub(count.width() + 2);
    let query = &picker.query;
    let (text, column) = scroll_input(&query.display_text(), query.cursor(), columns);
    let text = if query.is_empty() {
        theme.span(Role::Muted, "type to search")
    } else {
        Span::raw(text)
    };
    let prompt = theme.span(Role::Key, theme.symbol("› ", "> "));
    let left = Line::from(vec![prompt, text]);
    let line = justified(theme, left, count, usize::from(area.width));
    draw_line(cells, area, 0, &line);
    cursor_position(area, 0, column + 2)
}

fn draw_items(picker: &Picker, theme: Theme, area: Rect, cells: &mut Buffer) {
    let matches = picker.matches();
    if matches.len() == 0 {
        draw_line(cells, area, 0, &Line::from("No match."));
        return;
    }
    let top = centered_top(picker.selected, matches.len(), usize::from(area.height));
    for ((index, item), row) in matches.enumerate().skip(top).zip(area.rows()) {
        draw_line(
            cells,
            row,
            0,
            &item_line(item, theme, usize::from(row.width)),
        );
        if picker.is_chosen && index == picker.selected {
            highlight(cells, row, Rect::ZERO);
        }
    }
}

/// Returns a line with the label on the left and the detail on the right.
fn item_line(item: &PickerItem, theme: Theme, columns: usize) -> Line<'static> {
    let role = if item.enabled {
        Role::Normal
    } else {
        Role::Muted
    };
    // The label keeps at least half of the line.
    let detail = truncated(&item.detail, columns / 2, theme);
    let right = Line::from(theme.span(Role::Muted, format!("  {detail}")));
    let left = Line::from(theme.span(role, sanitized(&item.label)));
    justified(theme, left, right, columns)
}

/// Draws a form. Returns the position of the cursor.
pub(super) fn draw_form(
    form: &Form,
    theme: Theme,
    screen: Rect,
    cells: &mut Buffer,
) -> Option<Position> {
    let width = width(FORM_COLUMNS, screen);
    let columns = usize::from(width).saturating_sub(4);
    let (lines, cursor) = form_lines(form, theme, columns);
    let rows = u16::try_from(lines.len()).unwrap_or(u16::MAX);
    let height = rows.saturating_add(2);
    let height = height.min(screen.height.saturating_sub(2)).max(3);
    let title = title(&form.title, theme);
    let inside = draw_frame(cells, theme, screen, (width, height), title);
    // Scroll so that the focused field and the line below it, its error or hint, are visible.
    let rows = usize::from(inside.height);
    let cursor_row = cursor.map_or(0, |(row, _)| row);
    let top = (cursor_row + 2)
        .saturating_sub(rows)
        .min(lines.len().saturating_sub(rows));
    draw_lines(cells, inside, lines.get(top..).unwrap_or_default());
    let (row, column) = cursor?;
    cursor_position(inside, row.checked_sub(top)?, column)
}

/// Returns the lines of a form, and the row and column of the cursor.
fn form_lines(
    form: &Form,
    theme: Theme,
    columns: usize,
) -> (Vec<Line<'static>>, Option<(usize, u16)>) {
    let widest = form.fields.iter().map(|field| field.label.width()).max();
    let label_columns = widest.unwrap_or(0) + 2;
    // On narrow screens, a label has its own line above the field.
    let is_beside = columns.saturating_sub(label_columns) >= 20;
    let margin = if is_beside { label_columns } else { 0 };
    let room = columns.saturating_sub(margin).max(1);
    let mut lines = Vec::new();
    let mut cursor = None;
    for (index, field) in form.fields.iter().enumerate() {
        let is_focused = index == form.focus;
        let role = if is_focused {
            Role::Emphasis
        } else {
            Role::Normal
        };
        let mut spans = vec![theme.span(role, pad(field.label, margin))];
        if !is_beside {
            lines.push(Line::from(std::mem::take(&mut spans)));
        }
        let (text, column) = scroll_input(&field.input.display_text(), field.input.cursor(), room);
        if is_focused {
            let margin = u16::try_from(margin).unwrap_or(u16::MAX);
            cursor = Some((lines.len(), margin.saturating_add(column)));
        }
        spans.push(input(field, text, room, is_focused, theme));
        lines.push(Line::from(spans));
        lines.extend(error_or_hint(field, is_focused, theme, (margin, columns)));
        if is_focused {
            lines.extend(completions(form, theme, (margin, columns)));
        }
    }
    if !form.note.is_empty() {
        lines.push(Line::default());
        for line in form.note.lines() {
            let text = sanitized(line);
            lines.extend(paragraph(theme, Role::Muted, (0, columns), &text));
        }
    }
    (lines, cursor)
}

/// Returns the text of an input, or its hint if it is empty. A focused input is underlined.
fn input(
    field: &FormField,
    text: String,
    room: usize,
    is_focused: bool,
    theme: Theme,
) -> Span<'static> {
    let (role, text) = if field.input.is_empty() {
        (Role::Muted, truncated(field.hint, room, theme))
    } else {
        (Role::Normal, text)
    };
    let style = theme.style(role);
    let style = if is_focused {
        style.underlined()
    } else {
        style
    };
    Span::styled(pad(&text, room), style)
}

/// Returns the error of a field, else the hint of the focused field.
fn error_or_hint(
    field: &FormField,
    is_focused: bool,
    theme: Theme,
    columns: (usize, usize),
) -> Vec<Line<'static>> {
    if let Some(error) = &field.error {
        let text = format!("{} {}", theme.symbol("✖", "x"), sanitized(error));
        return paragraph(theme, Role::Error, columns, &text);
    }
    if is_focused && !field.input.is_empty() && !field.hint.is_empty() {
        return paragraph(theme, Role::Muted, columns, field.hint);
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
    let shown = form.completions.iter().take(MAX_COMPLETIONS);
    let mut lines: Vec<_> = shown
        .map(|text| line(truncated(text, room, theme)))
        .collect();
    let more = form.completions.len().saturating_sub(MAX_COMPLETIONS);
    if more > 0 {
        lines.push(line(format!("{more} more")));
    }
    lines
}

/// Draws a text to read and copy.
pub(super) fn draw_text(page: &TextPage, theme: Theme, screen: Rect, cells: &mut Buffer) {
    let is_page = page.request_id.is_some();
    let max = if is_page { u16::MAX } else { TEXT_COLUMNS };
    let width = width(max, screen);
    let columns = usize::from(width).saturating_sub(4);
    let mut lines = Vec::new();
    for line in page.text.lines() {
        let line = sanitized(line);
        if is_page {
            let rest: String = line.chars().skip(page.left).collect();
            lines.push(Line::from(shorten_end(&rest, columns, theme.ellipsis())));
        } else if line.trim().is_empty() {
            lines.push(Line::default());
        } else {
            lines.extend(paragraph(theme, Role::Normal, (0, columns), &line));
        }
    }
    let height = u16::try_from(lines.len() + 2).unwrap_or(u16::MAX);
    let height = height.min(screen.height.saturating_sub(2)).max(3);
    let title = title(&page.title, theme);
    let inside = draw_frame(cells, theme, screen, (width, height), title);
    let top = page
        .top
        .min(lines.len().saturating_sub(usize::from(inside.height)));
    draw_lines(cells, inside, lines.get(top..).unwrap_or_default());
}

/// Draws a question and its answers.
pub(super) fn draw_choice(choice: &Choice, theme: Theme, screen: Rect, cells: &mut Buffer) {
    let width = width(CHOICE_COLUMNS, screen);
    let columns = usize::from(width).saturating_sub(4);
    let mut text = Vec::new();
    for line in choice.text.lines() {
        let line = sanitized(line);
        text.extend(paragraph(theme, Role::Normal, (0, columns), &line));
    }
    if !text.is_empty() {
        text.push(Line::default());
    }
    let rows = |count: usize| u16::try_from(count).unwrap_or(u16::MAX);
    let height = rows(text.len() + choice.options.len() + 2);
    let height = height.min(screen.height.saturating_sub(2)).max(3);
    let title = title(&choice.title, theme);
    let inside = draw_frame(cells, theme, screen, (width, height), title);
    // If space is short, the text is truncated: the answers are indispensable.
    let options = rows(choice.options.len()).min(inside.height);
    let (above, below) = split_rows(inside, inside.height - options);
    draw_lines(cells, above, &text);
    for ((index, option), row) in choice.options.iter().enumerate().zip(below.rows()) {
        let room = usize::from(row.width).saturating_sub(4);
        let key = format!(" {} ", sanitized(&option.key.to_string()));
        let line = Line::from(vec![
            theme.span(Role::Key, key),
            Span::raw(" "),
            Span::raw(truncated(&option.label, room, theme)),
        ]);
        draw_line(cells, row, 0, &line);
        if index == choice.selected {
            highlight(cells, row, Rect::ZERO);
        }
    }
}
