//! The log tab: the activity log, the latest line last.

use super::canvas::{draw_line, draw_lines, inside_margins, wrap};
use super::theme::{Role, Theme};
use crate::dashboard::keymap::Action;
use crate::dashboard::layout::split_rows;
use crate::dashboard::model::{Level, LogLine, Model};
use crate::text::columns::{counted, thousands};
use jiff::tz::TimeZone;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// Columns of the time and the symbol, with the spaces after them.
const LEAD_COLUMNS: usize = 11;

/// Draws the tab.
pub(super) fn draw(model: &Model, theme: Theme, area: Rect, cells: &mut Buffer) {
    let area = inside_margins(area);
    let (heading, body) = split_rows(area, u16::from(area.height >= 3));
    let lines = model.log.lines();
    let scrolled_back = model.log.scrolled_back.min(lines.len());
    let mut title = format!("{:LEAD_COLUMNS$}activity", "time");
    if scrolled_back > 0 {
        let later = match scrolled_back {
            1 => counted(1, "later line"),
            _ => format!("{} later lines", thousands(scrolled_back)),
        };
        title = format!("{title}   {later}: {} shows them", model.key(Action::Last));
    }
    let title = Line::from(theme.span(Role::Muted, title));
    draw_line(cells, heading, 0, &title);
    if lines.is_empty() {
        draw_line(cells, body, 0, &Line::from("No activity yet."));
        return;
    }
    let visible = fill(
        lines.iter().rev().skip(scrolled_back),
        (theme, &model.setup.time_zone),
        (usize::from(body.width), usize::from(body.height)),
    );
    draw_lines(cells, body, &visible);
}

/// Wraps log lines, the latest first, until they fill `rows` rows. Returns these rows in order.
fn fill<'l>(
    latest_first: impl Iterator<Item = &'l LogLine>,
    (theme, zone): (Theme, &TimeZone),
    (columns, rows): (usize, usize),
) -> Vec<Line<'static>> {
    let mut blocks: Vec<Vec<Line<'static>>> = Vec::new();
    let mut filled = 0;
    for line in latest_first {
        if filled >= rows {
            break;
        }
        let block = wrapped(line, theme, zone, columns);
        filled += block.len();
        blocks.push(block);
    }
    let lines: Vec<_> = blocks.into_iter().rev().flatten().collect();
    let surplus = lines.len().saturating_sub(rows);
    lines.into_iter().skip(surplus).collect()
}

fn wrapped(line: &LogLine, theme: Theme, zone: &TimeZone, columns: usize) -> Vec<Line<'static>> {
    let (role, symbol) = theme.level(line.level);
    let time = line.at.to_zoned(zone.clone());
    let time = time.strftime("%H:%M:%S").to_string();
    let text_role = match line.level {
        // Most lines are informational, and too many to be muted.
        Level::Info => Role::Normal,
        Level::Warning | Level::Error => role,
    };
    let rows = wrap(&line.text, columns.saturating_sub(LEAD_COLUMNS)).into_iter();
    let with_lead = |(index, text)| {
        let mut spans = match index {
            0 => vec![
                theme.span(Role::Muted, time.clone()),
                Span::raw(" "),
                theme.span(role, symbol),
                Span::raw(" "),
            ],
            _ => vec![Span::raw(" ".repeat(LEAD_COLUMNS))],
        };
        spans.push(theme.span(text_role, text));
        Line::from(spans)
    };
    rows.enumerate().map(with_lead).collect()
}
