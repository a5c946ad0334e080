//! A list that is searched while one types.

use super::paint::{apart, centered_top, cursor, frame, put, safe, safe_end, select, typed};
use super::theme::{Role, Theme};
use crate::dashboard::layout::split_rows;
use crate::dashboard::model::{Item, Picker};
use crate::text::columns::thousands;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

/// Columns and rows of the whole, where the screen has as many.
const SIZE: (u16, u16) = (84, 24);
/// Rows besides those of the list: the frame, what is typed, a rule.
const BESIDES: u16 = 4;

/// Draws it; gives the place of the cursor.
pub(super) fn draw(
    picker: &Picker,
    theme: Theme,
    screen: Rect,
    cells: &mut Buffer,
) -> Option<Position> {
    // The size follows all there is to pick, so that it does not jump while one types.
    let rows = u16::try_from(picker.all()).unwrap_or(u16::MAX);
    let height = rows.saturating_add(BESIDES).min(SIZE.1);
    let width = SIZE.0.min(screen.width.saturating_sub(4)).max(20);
    let height = height.min(screen.height.saturating_sub(2)).max(5);
    let title = format!(" {} ", safe(&picker.title));
    let title = Line::from(theme.span(Role::Strong, title));
    let inside = frame(cells, theme, screen, (width, height), title);

    let (line, rest) = split_rows(inside, 1);
    let place = query(picker, theme, line, cells);
    let (rule, list) = split_rows(rest, u16::from(rest.height >= 3));
    let sign = theme.either("─", "-").repeat(usize::from(rule.width));
    put(cells, rule, 0, &Line::from(theme.span(Role::Faint, sign)));
    items(picker, theme, list, cells);
    place
}

fn query(picker: &Picker, theme: Theme, area: Rect, cells: &mut Buffer) -> Option<Position> {
    let (shown, all) = (picker.shown().len(), picker.all());
    let count = if shown == all {
        thousands(all)
    } else {
        format!("{} of {}", thousands(shown), thousands(all))
    };
    let count = Line::from(theme.span(Role::Faint, format!("  {count}")));
    let columns = usize::from(area.width).saturating_sub(count.width() + 2);
    let (text, place) = typed(&picker.query.shown(), picker.query.cursor(), columns);
    let text = if picker.query.is_empty() {
        theme.span(Role::Faint, "type to search")
    } else {
        Span::raw(text)
    };
    let sign = theme.span(Role::Key, theme.either("› ", "> "));
    let line = Line::from(vec![sign, text]);
    put(
        cells,
        area,
        0,
        &apart(theme, line, count, usize::from(area.width)),
    );
    cursor(area, 0, place + 2)
}

fn items(picker: &Picker, theme: Theme, area: Rect, cells: &mut Buffer) {
    if picker.shown().len() == 0 {
        put(cells, area, 0, &Line::from("Nothing matches."));
        return;
    }
    let top = centered_top(
        picker.selected,
        picker.shown().len(),
        usize::from(area.height),
    );
    let shown = picker.shown().enumerate().skip(top);
    for ((index, item), row) in shown.zip(area.rows()) {
        put(cells, row, 0, &line(item, theme, usize::from(row.width)));
        if index == picker.selected {
            select(cells, row);
        }
    }
}

/// The label at the left; what else there is to say, keys mostly, at the right.
fn line(item: &Item, theme: Theme, columns: usize) -> Line<'static> {
    let role = if item.enabled {
        Role::Plain
    } else {
        Role::Faint
    };
    let detail = safe_end(&item.detail, columns / 2, theme);
    let right = Line::from(theme.span(Role::Faint, format!("  {detail}")));
    let label = Line::from(theme.span(role, safe(&item.label)));
    apart(theme, label, right, columns)
}
