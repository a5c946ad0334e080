//! The help: keys in groups, and the meaning of the symbols.

use super::canvas::{draw_frame, draw_lines};
use super::theme::{Role, Theme};
use crate::dashboard::keymap::Group;
use crate::dashboard::model::{HelpPage, Model};
use crate::pdf::PageClass;
use crate::screen::{Severity, Verdict};
use crate::statement::coverage::MonthCoverage;
use crate::text::columns::pad;
use crate::uploads::plan::OutcomeKind;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

/// Maximum columns of the help.
const MAX_COLUMNS: u16 = 100;
/// Columns from which the groups are in two columns.
const MIN_COLUMNS_FOR_TWO: usize = 68;
/// Columns between the two columns.
const GAP: usize = 3;
/// Columns of the keys.
const KEY_COLUMNS: usize = 11;

/// Draws the help over the screen.
pub(super) fn draw(page: HelpPage, model: &Model, theme: Theme, screen: Rect, cells: &mut Buffer) {
    let (width, columns) = width(screen);
    let lines = lines(model, theme, columns);
    let height = u16::try_from(lines.len() + 2).unwrap_or(u16::MAX);
    let height = height.min(screen.height).max(3);
    let title = Line::from(theme.span(Role::Emphasis, " Help "));
    let inside = draw_frame(cells, theme, screen, (width, height), title);
    let top = page
        .top
        .min(lines.len().saturating_sub(usize::from(inside.height)));
    draw_lines(cells, inside, lines.get(top..).unwrap_or_default());
}

/// Returns the first visible line when the help is scrolled to its end.
pub(super) fn max_top(model: &Model, screen: Rect) -> usize {
    let lines = lines(model, Theme::new(model.setup.appearance), width(screen).1);
    let rows = screen.height.saturating_sub(2).max(1);
    lines.len().saturating_sub(usize::from(rows))
}

/// Returns the width of the frame, and the columns in it.
fn width(screen: Rect) -> (u16, usize) {
    let width = MAX_COLUMNS.min(screen.width);
    (width, usize::from(width).saturating_sub(4))
}

fn lines(model: &Model, theme: Theme, columns: usize) -> Vec<Line<'static>> {
    let mut lines = if columns >= MIN_COLUMNS_FOR_TWO {
        let column = |groups: [Group; 2]| {
            let groups = groups.map(|group| group_lines(group, model, theme));
            groups.join(&Line::default())
        };
        let left = column([Group::Fix, Group::Send]);
        let right = column([Group::Find, Group::Move]);
        beside(left, right)
    } else {
        let groups = Group::ALL.map(|group| group_lines(group, model, theme));
        groups.join(&Line::default())
    };
    lines.push(Line::default());
    lines.extend(legend(theme, columns));
    lines
}

/// Joins two columns line by line.
fn beside(left: Vec<Line<'static>>, right: Vec<Line<'static>>) -> Vec<Line<'static>> {
    let columns = left.iter().map(Line::width).max().unwrap_or(0) + GAP;
    let rows = left.len().max(right.len());
    let (mut left, mut right) = (left.into_iter(), right.into_iter());
    let join = |_| {
        let mut line = left.next().unwrap_or_default();
        let gap = columns.saturating_sub(line.width());
        line.push_span(Span::raw(" ".repeat(gap)));
        line.spans.extend(right.next().unwrap_or_default().spans);
        line
    };
    (0..rows).map(join).collect()
}

/// Returns the heading and the keys of a group. Actions with the same text share a line.
fn group_lines(group: Group, model: &Model, theme: Theme) -> Vec<Line<'static>> {
    let mut rows: Vec<(Vec<String>, &'static str)> = Vec::new();
    let bindings = model.setup.keys.rows();
    for (binding, keys) in bindings.filter(|(binding, _)| binding.group == group) {
        let Some(key) = keys.first().map(|key| key.name()) else {
            continue;
        };
        match rows.last_mut().filter(|(_, text)| *text == binding.help) {
            Some((keys, _)) => keys.push(key),
            None => rows.push((vec![key], binding.help)),
        }
    }
    let heading = Line::from(theme.span(Role::Emphasis, group.name()));
    let rows = rows.into_iter().map(|(keys, text)| {
        let keys = format!("{} ", keys.join(" "));
        let keys = theme.span(Role::Key, pad(&keys, KEY_COLUMNS));
        Line::from(vec![keys, Span::raw(text)])
    });
    std::iter::once(heading).chain(rows).collect()
}

/// Returns the symbols with their meanings, in lines of `columns`.
fn legend(theme: Theme, columns: usize) -> Vec<Line<'static>> {
    let page = |class, text| {
        let (role, symbol) = theme.page(class);
        (role, symbol, text)
    };
    let month = |cover, text| {
        let (role, symbol) = theme.cover(cover);
        (role, symbol, text)
    };
    let (pass, passed, _) = theme.verdict(Some(Verdict::Pass));
    let (warn, warning) = theme.severity(Severity::Warning);
    let (fail, failed) = theme.severity(Severity::Error);
    let (sending, arrow) = theme.outcome(None);
    let (unknown, question) = theme.outcome(Some(OutcomeKind::Unknown));
    let groups = [
        (
            "Files",
            vec![
                (pass, passed, "ready or uploaded"),
                (warn, warning, "check it"),
                (fail, failed, "can't be sent"),
                (Role::Warning, "#", "needs a password"),
                (unknown, question, "bank or outcome unknown"),
                (Role::Error, "=", "duplicate"),
                (sending, arrow, "sending"),
                (Role::Normal, theme.symbol("●", "*"), "marked"),
            ],
        ),
        (
            "Pages",
            vec![
                page(PageClass::Text, "text"),
                page(PageClass::Scanned, "scan"),
                page(PageClass::Ocr, "scan with OCR"),
                page(PageClass::Unmapped, "unmapped text"),
                page(PageClass::Vector, "outlines"),
                page(PageClass::Unreadable, "unreadable"),
            ],
        ),
        (
            "Months",
            vec![
                month(MonthCoverage::Full, "covered"),
                month(MonthCoverage::Partial, "in part"),
                month(MonthCoverage::Missing, "missing"),
            ],
        ),
    ];
    let mut lines = Vec::new();
    for (name, symbols) in groups {
        let mut line = Line::from(theme.span(Role::Emphasis, pad(name, KEY_COLUMNS)));
        for (role, symbol, text) in symbols {
            let width = symbol.width() + text.width() + 3;
            if line.width() + width > columns && line.width() > KEY_COLUMNS {
                let next = Line::from(" ".repeat(KEY_COLUMNS));
                lines.push(std::mem::replace(&mut line, next));
            }
            line.push_span(theme.span(role, symbol));
            line.push_span(Span::raw(format!(" {text}  ")));
        }
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use crate::dashboard::keymap::BINDINGS;

    #[test]
    fn descriptions_have_at_most_five_words() {
        for binding in BINDINGS {
            let words = binding.help.split_whitespace().count();
            assert!((1..=5).contains(&words), "{}", binding.help);
        }
    }
}
