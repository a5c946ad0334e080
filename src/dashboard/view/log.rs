//! What was asked and answered, the latest last.

use super::paint::{indented, put, put_all, wrap};
use super::theme::{Role, Theme};
use crate::dashboard::layout::split_rows;
use crate::dashboard::model::{LogLine, Model};
use crate::text::columns::thousands;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// Columns of the time and the sign.
const LEAD: usize = 11;

/// Draws it.
pub(super) fn draw(model: &Model, theme: Theme, area: Rect, cells: &mut Buffer) {
    let area = indented(area);
    let heading = u16::from(area.height >= 3);
    let (head, body) = split_rows(area, heading);
    let lines = model.log.lines();
    let back = model.log.back.min(lines.len());
    let mut title = format!("{:LEAD$}what was asked and answered", "UTC");
    if back > 0 {
        title = format!("{title}   {} lines later: G", thousands(back));
    }
    put(cells, head, 0, &Line::from(theme.span(Role::Faint, title)));
    if lines.is_empty() {
        let words = "Nothing was asked of the service yet.";
        put(cells, body, 0, &Line::from(words));
        return;
    }
    let shown = fill(
        lines.iter().rev().skip(back),
        theme,
        (usize::from(body.width), usize::from(body.height)),
    );
    put_all(cells, body, &shown);
}

/// Wraps entries, the latest first, until they fill so many rows; gives the last rows in order.
fn fill<'l>(
    latest_first: impl Iterator<Item = &'l LogLine>,
    theme: Theme,
    (columns, rows): (usize, usize),
) -> Vec<Line<'static>> {
    let mut blocks: Vec<Vec<Line<'static>>> = Vec::new();
    let mut taken = 0;
    for entry in latest_first {
        if taken >= rows {
            break;
        }
        let block = wrapped(entry, theme, columns);
        taken += block.len();
        blocks.push(block);
    }
    let lines: Vec<_> = blocks.into_iter().rev().flatten().collect();
    let surplus = lines.len().saturating_sub(rows);
    lines.into_iter().skip(surplus).collect()
}

fn wrapped(entry: &LogLine, theme: Theme, columns: usize) -> Vec<Line<'static>> {
    let (role, sign) = theme.level(entry.level);
    let time = entry.at.strftime("%H:%M:%S").to_string();
    // Plain text for what went well: most lines do.
    let text_role = if role == Role::Faint {
        Role::Plain
    } else {
        role
    };
    let lines = wrap(&entry.text, columns.saturating_sub(LEAD)).into_iter();
    let with_lead = |(index, text)| {
        let mut spans = match index {
            0 => vec![
                theme.span(Role::Faint, time.clone()),
                Span::raw(" "),
                theme.span(role, sign),
                Span::raw(" "),
            ],
            _ => vec![Span::raw(" ".repeat(LEAD))],
        };
        spans.push(theme.span(text_role, text));
        Line::from(spans)
    };
    lines.enumerate().map(with_lead).collect()
}
