//! The table of files. The richest set of columns that fits the width is shown.

use super::theme::{Role, Theme};
use super::{canvas, empty_state, labels, status};
use crate::dashboard::Layout;
use crate::dashboard::model::{Column, File, Model, visible_top};
use crate::pdf::PageClass;
use crate::report::page_map::scale;
use crate::screen::CONFIDENCE_THRESHOLD;
use crate::text::columns::{shorten_end, shorten_middle, thousands};
use ratatui::buffer::Buffer;
use ratatui::layout::{Alignment, Rect};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

/// Columns before the name: the cursor, the mark and a space.
const LEAD: u16 = 3;
/// Columns between two table columns.
const GAP: u16 = 2;
/// Columns of a page count.
const PAGE_COUNT: u16 = 5;
/// Columns of a confidence, with the space before it.
const CONFIDENCE: u16 = 5;
/// Columns from which the bank has its name, else its identifier.
const BANK_NAME: u16 = 16;
/// Columns of a period; one more for the `~` of a period that is derived from transactions.
const PERIOD: u16 = labels::SHORT_DAYS + 1;
/// Columns of a period in its compact form.
const COMPACT: u16 = labels::COMPACT_DAYS + 1;

/// Widths of the table columns. A column of width 0 is not shown.
#[derive(Debug, Clone, Copy)]
struct Widths {
    /// Minimum width of the name, which takes the remaining space.
    name: u16,
    bank: u16,
    period: u16,
    status: u16,
    /// Includes the page map if it is wider than [`PAGE_COUNT`].
    pages: u16,
    size: u16,
}

const fn widths(name: u16, [bank, period, status, pages, size]: [u16; 5]) -> Widths {
    Widths {
        name,
        bank,
        period,
        status,
        pages,
        size,
    }
}

const NAME_ONLY: Widths = widths(1, [0; 5]);

/// Sets of columns, the richest first: a wider screen shows everything that a narrower one does.
/// The size is dropped first, then the pages, the bank, the period and the status.
const COLUMN_SETS: [Widths; 9] = [
    widths(30, [20, PERIOD, 32, 22, 8]),
    widths(28, [18, PERIOD, 28, 14, 0]),
    widths(26, [16, PERIOD, 24, 0, 0]),
    widths(24, [10, COMPACT, 21, 0, 0]),
    widths(20, [8, COMPACT, 17, 0, 0]),
    widths(20, [0, COMPACT, 17, 0, 0]),
    widths(12, [0, COMPACT, 12, 0, 0]),
    widths(10, [0, 0, 12, 0, 0]),
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
    fn columns(self) -> [(Column, u16); 6] {
        [
            (Column::Name, self.name),
            (Column::Bank, self.bank),
            (Column::Period, self.period),
            (Column::Status, self.status),
            (Column::Pages, self.pages),
            (Column::Size, self.size),
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
    let queue = &model.queue;
    let height = usize::from(rows.height);
    // The size of the screen may have changed since the model was updated.
    let top = visible_top(queue.top, queue.selected, queue.rows().len(), height);
    let shown = queue.rows().iter().enumerate().skip(top);
    for ((index, id), area) in shown.zip(rows.rows()) {
        let Some(file) = model.queue.file(*id) else {
            continue;
        };
        let is_selected = index == model.queue.selected;
        let status = table.draw_row(file, is_selected, area, cells);
        if is_selected {
            canvas::highlight(cells, area, status);
        }
    }
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
                Column::Bank | Column::Pages | Column::Period | Column::Size | Column::Status => {
                    place.column.name()
                }
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

    /// Draws a row. Returns the cells of its status.
    fn draw_row(&self, file: &File, is_selected: bool, area: Rect, cells: &mut Buffer) -> Rect {
        let theme = self.theme;
        let mut status = Rect::ZERO;
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
                    let name = shorten_middle(name, columns, theme.ellipsis());
                    (Line::from(Span::raw(name)), Alignment::Left)
                }
                Column::Bank => (bank(file, theme, columns), Alignment::Left),
                Column::Pages => (pages(file, theme, columns), Alignment::Left),
                Column::Period => (period(file, theme, place.width), Alignment::Left),
                Column::Size => {
                    let size = file.bytes.map_or_else(|| dash(theme), labels::size);
                    (Line::from(Span::raw(size)), Alignment::Right)
                }
                Column::Status => {
                    let line = self.status(file, columns);
                    let width = line.spans.first().map_or(0, Span::width);
                    let width = u16::try_from(width).unwrap_or(place.width);
                    status = Rect::new(place.x, area.y, width.min(place.width), 1);
                    (line, Alignment::Left)
                }
            };
            draw_cell(&line, align, *place, area.y, cells);
        }
        status
    }

    fn status(&self, file: &File, columns: usize) -> Line<'static> {
        let status = status::of_file(self.model, file, self.theme);
        let key = status.key_name(&self.model.setup.keys);
        let key_columns = key.as_ref().map_or(0, |key| key.width() + 2);
        let room = columns.saturating_sub(key_columns);
        let text = shorten_end(&status.text_within(room), room, self.theme.ellipsis());
        let mut spans = vec![self.theme.span(status.role, text)];
        if let Some(key) = key {
            spans.push(self.theme.span(Role::Key, format!("  {key}")));
        }
        Line::from(spans)
    }
}

fn dash(theme: Theme) -> String {
    theme.symbol("–", "-").to_owned()
}

/// Returns the bank, by its name if there is room. A likely bank has a question mark and its
/// confidence.
fn bank(file: &File, theme: Theme, columns: usize) -> Line<'static> {
    let Some((bank, confidence)) = file.bank() else {
        let none = if file.pages().is_some() {
            "?".to_owned()
        } else {
            dash(theme)
        };
        return Line::from(theme.span(Role::Muted, none));
    };
    let label = if columns >= usize::from(BANK_NAME) {
        bank.name()
    } else {
        bank.id()
    };
    let likely = confidence.filter(|confidence| *confidence < CONFIDENCE_THRESHOLD);
    let Some(confidence) = likely else {
        let label = shorten_end(label, columns, theme.ellipsis());
        return Line::from(Span::raw(label));
    };
    let room = columns.saturating_sub(usize::from(CONFIDENCE) + 1).max(1);
    let label = shorten_end(label, room, theme.ellipsis());
    let percent = labels::percent(confidence);
    Line::from(vec![
        theme.span(Role::Warning, format!("{label}?")),
        theme.span(Role::Muted, format!(" {percent}%")),
    ])
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

fn period(file: &File, theme: Theme, columns: u16) -> Line<'static> {
    let period = file.screening().and_then(|found| found.statement.period);
    match period {
        Some(period) if columns >= PERIOD => Line::from(Span::raw(labels::period(&period))),
        Some(period) => Line::from(Span::raw(labels::compact_period(&period))),
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
        assert_eq!(shown(200), "name bank period status pages size");
        assert_eq!(shown(130), "name bank period status pages");
        for width in [82, 72, 70] {
            assert_eq!(shown(width), "name bank period status", "{width}");
        }
        assert_eq!(shown(60), "name period status");
        assert_eq!(shown(48), "name period status");
        assert_eq!(shown(30), "name status");
        assert_eq!(shown(16), "name");
    }

    #[test]
    fn each_column_set_is_narrower_than_the_one_before() {
        let totals: Vec<_> = COLUMN_SETS.iter().map(|set| set.total()).collect();
        assert!(totals.is_sorted_by(|a, b| a > b), "{totals:?}");
    }
}
