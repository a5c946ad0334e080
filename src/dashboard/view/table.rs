//! The table of files. The richest set of columns that fits the width is shown.

use super::theme::{Role, Theme};
use super::{canvas, empty_state, labels};
use crate::dashboard::Layout;
use crate::dashboard::model::{Column, File, Model};
use crate::pdf::PageClass;
use crate::report::page_map::scale;
use crate::screen::CONFIDENCE_THRESHOLD;
use crate::text::columns::{pad, shorten_end, shorten_front, thousands};
use ratatui::buffer::Buffer;
use ratatui::layout::{Alignment, Rect};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

/// Columns before the name: the cursor, the mark and a space.
const LEAD: u16 = 3;
/// Columns between two table columns.
const GAP: u16 = 2;
/// Columns of `✔ pass`.
const VERDICT: u16 = 6;
/// Columns of a page count.
const PAGE_COUNT: u16 = 5;
/// Columns of a confidence, with the space before it.
const CONFIDENCE: u16 = 5;
/// Maximum columns of a bank without confidence.
const BANK: u16 = 8;
/// Columns of a period; one more for the `~` of a period that is derived from transactions.
const PERIOD: u16 = labels::SHORT_DAYS + 1;
/// Minimum columns of the code after the label of an upload. With less room, it is not shown.
const MIN_CODE: usize = 6;

/// Widths of the table columns. A column of width 0 is not shown.
#[derive(Debug, Clone, Copy)]
struct Widths {
    /// Minimum width of the name, which takes the remaining space.
    name: u16,
    verdict: u16,
    /// Includes the confidence if it is wider than [`BANK`].
    bank: u16,
    /// Includes the page map if it is wider than [`PAGE_COUNT`].
    pages: u16,
    period: u16,
    size: u16,
    outcome: u16,
}

const fn widths(name: u16, [bank, pages, period, size, outcome]: [u16; 5]) -> Widths {
    Widths {
        name,
        verdict: VERDICT,
        bank,
        pages,
        period,
        size,
        outcome,
    }
}

const NAME_ONLY: Widths = Widths {
    verdict: 0,
    ..widths(1, [0; 5])
};

/// Sets of columns, the richest first. The size is dropped first, then the period, the page map and
/// the bank.
const COLUMN_SETS: [Widths; 11] = [
    widths(30, [17, 26, PERIOD, 8, 31]),
    widths(26, [13, 16, PERIOD, 8, 22]),
    widths(22, [13, 16, PERIOD, 8, 16]),
    widths(22, [13, 14, PERIOD, 0, 14]),
    widths(21, [13, 14, 0, 0, 14]),
    widths(18, [13, 12, 0, 0, 14]),
    widths(14, [13, 6, 0, 0, 12]),
    widths(14, [BANK, 6, 0, 0, 12]),
    widths(10, [0, 0, 0, 0, 12]),
    widths(4, [0; 5]),
    NAME_ONLY,
];

/// The position of a table column on the screen.
#[derive(Debug, Clone, Copy)]
struct Placement {
    column: Column,
    x: u16,
    width: u16,
}

impl Widths {
    fn columns(self) -> [(Column, u16); 7] {
        [
            (Column::Name, self.name),
            (Column::Verdict, self.verdict),
            (Column::Bank, self.bank),
            (Column::Pages, self.pages),
            (Column::Period, self.period),
            (Column::Size, self.size),
            (Column::Outcome, self.outcome),
        ]
    }

    fn total(self) -> u16 {
        let shown = self.columns().into_iter().filter(|(_, width)| *width > 0);
        let with_gaps: u16 = shown.map(|(_, width)| width + GAP).sum();
        LEAD + with_gaps - GAP
    }

    /// Returns the richest set of columns that fits a width.
    fn fitting(width: u16) -> Self {
        let fits = |set: &Self| set.total() <= width;
        let mut set = COLUMN_SETS.into_iter().find(fits).unwrap_or(NAME_ONLY);
        // The name is the column that gains most from more space.
        set.name += width.saturating_sub(set.total());
        set
    }

    fn placements(self, area: Rect) -> Vec<Placement> {
        let mut x = area.x.saturating_add(LEAD);
        let mut placements = Vec::new();
        for (column, width) in self.columns() {
            let width = width.min(area.right().saturating_sub(x));
            if width > 0 {
                placements.push(Placement { column, x, width });
                x = x.saturating_add(width + GAP);
            }
        }
        placements
    }
}

/// Draws the table, or the empty state if it has no rows.
pub(super) fn draw(model: &Model, theme: Theme, layout: &Layout, cells: &mut Buffer) {
    if model.queue.rows().is_empty() {
        empty_state::draw(model, theme, layout.body, cells);
        return;
    }
    let table = Table {
        model,
        theme,
        placements: Widths::fitting(layout.list.width).placements(layout.list),
    };
    let rows = layout.rows();
    if rows.y > layout.list.y {
        table.draw_headings(layout.list, cells);
    }
    let top = first_row(model, usize::from(rows.height));
    let shown = model.queue.rows().iter().enumerate().skip(top);
    for ((index, id), area) in shown.zip(rows.rows()) {
        let Some(file) = model.queue.file(*id) else {
            continue;
        };
        let is_selected = index == model.queue.selected;
        table.draw_row(file, is_selected, area, cells);
        if is_selected {
            canvas::highlight(cells, area);
        }
    }
}

/// Returns the first visible row: that of the model, unless the selected row would be invisible.
/// The size of the screen may have changed since the model was updated.
fn first_row(model: &Model, height: usize) -> usize {
    let queue = &model.queue;
    let min = (queue.selected + 1).saturating_sub(height);
    let max = queue.rows().len().saturating_sub(height);
    queue.top.min(max).clamp(min, min.max(queue.selected))
}

/// Draws a line into a column.
fn draw_cell(line: &Line<'_>, align: Alignment, place: Placement, y: u16, cells: &mut Buffer) {
    let width = u16::try_from(line.width()).unwrap_or(u16::MAX);
    let indent = match align {
        Alignment::Right => place.width.saturating_sub(width),
        Alignment::Left | Alignment::Center => 0,
    };
    let area = Rect::new(place.x + indent, y, place.width - indent, 1);
    canvas::draw_line(cells, area, 0, line);
}

/// What the cells of the table depend on.
struct Table<'m> {
    model: &'m Model,
    theme: Theme,
    placements: Vec<Placement>,
}

impl Table<'_> {
    fn draw_headings(&self, area: Rect, cells: &mut Buffer) {
        for place in &self.placements {
            let name = match place.column {
                Column::Added | Column::Name => "file",
                Column::Verdict
                | Column::Bank
                | Column::Pages
                | Column::Period
                | Column::Size
                | Column::Outcome => place.column.name(),
            };
            let arrow = self.sort_arrow(place.column);
            let role = if arrow.is_empty() {
                Role::Muted
            } else {
                Role::Emphasis
            };
            let (align, place) = if place.column == Column::Size {
                (Alignment::Right, *place)
            } else {
                // A left-aligned heading may extend into the gap, for its arrow.
                let width = (place.width + 1).min(area.right() - place.x);
                (Alignment::Left, Placement { width, ..*place })
            };
            let room = usize::from(place.width).saturating_sub(arrow.width());
            let text = format!("{}{arrow}", shorten_end(name, room, ""));
            let line = Line::from(self.theme.span(role, text));
            draw_cell(&line, align, place, area.y, cells);
        }
        self.draw_position(area, cells);
    }

    /// Returns the arrow of the sorted column. The reversed order of addition is shown at the name;
    /// the order of addition itself has no arrow.
    fn sort_arrow(&self, column: Column) -> &'static str {
        let sort = self.model.queue.sort;
        let is_sorted =
            column == sort.column || (sort.column, column) == (Column::Added, Column::Name);
        match (is_sorted, sort.reversed) {
            (false, _) => "",
            (true, true) => self.theme.symbol("▲", "^"),
            (true, false) if sort.column == Column::Added => "",
            (true, false) => self.theme.symbol("▼", "v"),
        }
    }

    /// Draws the number of the selected row, right-aligned in the heading of the name.
    fn draw_position(&self, area: Rect, cells: &mut Buffer) {
        let Some(name) = self.placements.first() else {
            return;
        };
        let queue = &self.model.queue;
        let (row, rows) = (queue.selected + 1, queue.rows().len());
        let text = format!("{}/{}", thousands(row), thousands(rows));
        let line = Line::from(self.theme.span(Role::Muted, text));
        // Leaves room for the heading and its arrow.
        if line.width() + 8 <= usize::from(name.width) {
            draw_cell(&line, Alignment::Right, *name, area.y, cells);
        }
    }

    fn draw_row(&self, file: &File, is_selected: bool, area: Rect, cells: &mut Buffer) {
        let theme = self.theme;
        let pointer = if is_selected {
            theme.symbol("▸", ">")
        } else {
            " "
        };
        let mark = if file.marked {
            theme.symbol("●", "*")
        } else {
            " "
        };
        let lead = Line::from(vec![Span::raw(pointer), theme.span(Role::Key, mark)]);
        canvas::draw_line(cells, area, 0, &lead);
        for place in &self.placements {
            let columns = usize::from(place.width);
            let (line, align) = match place.column {
                Column::Added | Column::Name => {
                    let name = self.model.queue.short_name(file);
                    let name = shorten_front(name, columns, theme.ellipsis());
                    (Line::from(Span::raw(name)), Alignment::Left)
                }
                Column::Verdict => {
                    let (role, symbol, label) = theme.verdict(file.verdict());
                    let text = format!("{symbol} {label}");
                    (Line::from(theme.span(role, text)), Alignment::Left)
                }
                Column::Bank => (bank(file, theme, columns), Alignment::Left),
                Column::Pages => (pages(file, theme, columns), Alignment::Left),
                Column::Period => (period(file, theme), Alignment::Left),
                Column::Size => {
                    let size = file.bytes.map_or_else(|| dash(theme), labels::size);
                    (Line::from(Span::raw(size)), Alignment::Right)
                }
                Column::Outcome => (self.outcome(file, columns), Alignment::Left),
            };
            draw_cell(&line, align, *place, area.y, cells);
        }
    }

    fn outcome(&self, file: &File, columns: usize) -> Line<'static> {
        let include_warnings = self.model.setup.include_warnings;
        let (role, symbol, label) = labels::upload(self.theme, file, include_warnings);
        let mut text = format!("{symbol} {label}");
        let room = columns.saturating_sub(text.width() + 1);
        let code = labels::upload_code(file, include_warnings);
        if let Some(code) = code.filter(|_| room >= MIN_CODE) {
            text = format!("{text} {}", canvas::truncated(code, room, self.theme));
        }
        Line::from(self.theme.span(role, text))
    }
}

fn dash(theme: Theme) -> String {
    theme.symbol("–", "-").to_owned()
}

/// Returns the bank and its confidence. A likely bank has a question mark.
fn bank(file: &File, theme: Theme, columns: usize) -> Line<'static> {
    let Some((bank, confidence)) = file.bank() else {
        let none = if file.pages().is_some() {
            "?".to_owned()
        } else {
            dash(theme)
        };
        return Line::from(theme.span(Role::Muted, none));
    };
    let has_confidence = columns > usize::from(BANK);
    let room = if has_confidence {
        columns - usize::from(CONFIDENCE)
    } else {
        columns
    };
    let is_likely = confidence.is_some_and(|confidence| confidence < CONFIDENCE_THRESHOLD);
    let (role, mark) = if is_likely {
        (Role::Warning, "?")
    } else {
        (Role::Normal, "")
    };
    let id = shorten_end(bank.id(), room - mark.len(), theme.ellipsis());
    let mut spans = vec![theme.span(role, pad(&format!("{id}{mark}"), room))];
    if has_confidence {
        let confidence = match confidence {
            Some(confidence) => format!("{}%", labels::percent(confidence)),
            None => "set".to_owned(),
        };
        spans.push(theme.span(Role::Muted, format!(" {confidence:>4}")));
    }
    Line::from(spans)
}

/// Returns the page count, and the page map if there is room for it.
fn pages(file: &File, theme: Theme, columns: usize) -> Line<'static> {
    let map_columns = columns.saturating_sub(usize::from(PAGE_COUNT) + 1);
    let count_columns = match map_columns {
        0 => columns,
        _ => usize::from(PAGE_COUNT),
    };
    let Some(document) = file.screening().and_then(|found| found.document.as_ref()) else {
        let label = if file.is_locked() {
            "locked".to_owned()
        } else {
            dash(theme)
        };
        // At the start of the page map, else at the end of the page count.
        let text = match map_columns {
            0 => format!("{label:>count_columns$}"),
            _ => format!("{:>count_columns$} {label}", ""),
        };
        return Line::from(theme.span(Role::Muted, text));
    };
    let count = thousands(document.page_count);
    let mut spans = vec![Span::raw(format!("{count:>count_columns$}"))];
    if map_columns > 0 && file.is_locked() {
        spans.push(theme.span(Role::Muted, " locked".to_owned()));
    } else if map_columns > 0 {
        spans.push(Span::raw(" "));
        spans.extend(page_map(&document.pages, map_columns, theme));
    }
    Line::from(spans)
}

/// Returns a page map: one letter per page, scaled down to `columns` if there are more pages.
pub(super) fn page_map(pages: &[PageClass], columns: usize, theme: Theme) -> Vec<Span<'static>> {
    let mut spans = Vec::new();
    let mut classes = scale(pages, columns).into_iter().peekable();
    while let Some(class) = classes.next() {
        // One span per run of equal pages, which keeps frames small on slow connections.
        let mut run = 1;
        while classes.next_if_eq(&class).is_some() {
            run += 1;
        }
        let (role, letter) = theme.page(class);
        spans.push(theme.span(role, letter.repeat(run)));
    }
    spans
}

fn period(file: &File, theme: Theme) -> Line<'static> {
    let period = file.screening().and_then(|found| found.statement.period);
    match period {
        Some(period) => Line::from(Span::raw(labels::period(&period))),
        None => Line::from(theme.span(Role::Muted, dash(theme))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_dropped_as_the_width_shrinks() {
        let shown = |width: u16| {
            let columns = Widths::fitting(width).columns();
            let shown = columns.into_iter().filter(|(_, width)| *width > 0);
            let names: Vec<_> = shown.map(|(column, _)| column.name()).collect();
            names.join(" ")
        };
        let all = "name verdict bank pages period size outcome";
        assert_eq!(shown(200), all);
        assert_eq!(shown(117), all);
        assert_eq!(shown(103), "name verdict bank pages period outcome");
        assert_eq!(shown(80), "name verdict bank pages outcome");
        assert_eq!(shown(59), "name verdict bank pages outcome");
        assert_eq!(shown(40), "name verdict outcome");
        assert_eq!(shown(16), "name verdict");
        assert_eq!(shown(5), "name");
    }

    #[test]
    fn each_column_set_is_narrower_than_the_one_before() {
        let totals: Vec<_> = COLUMN_SETS.iter().map(|set| set.total()).collect();
        assert!(totals.is_sorted_by(|a, b| a > b), "{totals:?}");
    }
}
