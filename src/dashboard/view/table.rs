//! The table of files. Only the rows on screen are looked at.

use super::theme::{Role, Theme};
use super::words;
use super::{empty, paint};
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

/// Columns before the name: the cursor, the mark, and air.
const LEAD: u16 = 3;
/// Columns between two columns of the table.
const GAP: u16 = 2;
/// Columns of `✔ pass`.
const VERDICT: u16 = 6;
/// Columns of a count of pages.
const COUNT: u16 = 5;
/// Columns of a bank's confidence.
const CONFIDENCE: u16 = 5;
/// Columns of a bank without its confidence, at most.
const BANK: u16 = 8;
/// Columns of the days, with room for the sign of those that only transactions tell.
const PERIOD: u16 = words::SHORT_DAYS + 1;
/// Columns of an outcome's code that are worth showing.
const CODE: usize = 6;

/// The widths of the columns; those without any are not shown.
#[derive(Debug, Clone, Copy)]
struct Widths {
    /// The least that the name takes; it is given all that is left.
    name: u16,
    verdict: u16,
    /// With the confidence, where it is wider than an identifier alone.
    bank: u16,
    /// With the strip, where it is wider than a count alone.
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

/// What is shown on a screen too narrow for all else.
const NAME_ALONE: Widths = Widths {
    verdict: 0,
    ..widths(1, [0; 5])
};

/// From the richest to the poorest: the size goes first, then the period, the strip, the bank.
const FORMS: [Widths; 11] = [
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
    NAME_ALONE,
];

/// A column on the screen.
#[derive(Debug, Clone, Copy)]
struct Place {
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

    /// The richest form that a width holds.
    fn fitting(width: u16) -> Self {
        let fits = |form: &Self| form.total() <= width;
        let mut form = FORMS.into_iter().find(fits).unwrap_or(NAME_ALONE);
        form.name += width.saturating_sub(form.total());
        form
    }

    fn places(self, area: Rect) -> Vec<Place> {
        let mut x = area.x.saturating_add(LEAD);
        let mut places = Vec::new();
        for (column, width) in self.columns() {
            let width = width.min(area.right().saturating_sub(x));
            if width > 0 {
                places.push(Place { column, x, width });
                x = x.saturating_add(width + GAP);
            }
        }
        places
    }
}

/// Draws the table, or what to do where it has no rows.
pub(super) fn draw(model: &Model, theme: Theme, layout: &Layout, cells: &mut Buffer) {
    if model.queue.rows().is_empty() {
        empty::draw(model, theme, layout.body, cells);
        return;
    }
    let places = Widths::fitting(layout.list.width).places(layout.list);
    let rows = layout.rows();
    if rows.y > layout.list.y {
        headings(model, theme, &places, layout.list, cells);
    }
    let top = top(model, usize::from(rows.height));
    let shown = model.queue.rows().iter().enumerate().skip(top);
    for ((place, id), area) in shown.zip(rows.rows()) {
        let Some(file) = model.queue.file(*id) else {
            continue;
        };
        let selected = place == model.queue.selected;
        row(
            (file, model.queue.short_name(file)),
            selected,
            theme,
            &places,
            area,
            cells,
        );
        if selected {
            paint::select(cells, area);
        }
    }
}

/// The first row shown. The model's own, unless the cursor would be out of sight.
fn top(model: &Model, height: usize) -> usize {
    let queue = &model.queue;
    let least = (queue.selected + 1).saturating_sub(height);
    let most = queue.rows().len().saturating_sub(height);
    queue.top.min(most).clamp(least, least.max(queue.selected))
}

fn headings(model: &Model, theme: Theme, places: &[Place], area: Rect, cells: &mut Buffer) {
    let (order, backwards) = model.queue.order;
    let (down, up) = (theme.either("▼", "v"), theme.either("▲", "^"));
    for place in places {
        let name = match place.column {
            Column::Name => "file",
            column => column.name(),
        };
        let ordered =
            place.column == order || (order, place.column) == (Column::Given, Column::Name);
        let sign = match (ordered, backwards) {
            (false, _) => "",
            (true, true) => up,
            // The order in which files were given needs no sign.
            (true, false) if order == Column::Given => "",
            (true, false) => down,
        };
        let role = if sign.is_empty() {
            Role::Faint
        } else {
            Role::Strong
        };
        let (align, place) = match place.column {
            Column::Size => (Alignment::Right, *place),
            // A heading may reach into the gap.
            _ => (
                Alignment::Left,
                Place {
                    width: (place.width + 1).min(area.right() - place.x),
                    ..*place
                },
            ),
        };
        let room = usize::from(place.width).saturating_sub(sign.width());
        let text = format!("{}{sign}", shorten_end(name, room, ""));
        let line = Line::from(theme.span(role, text));
        cell(&line, align, place, area.y, cells);
    }
    position(model, theme, places, area, cells);
}

/// Where in the table the cursor is, in place of the heading of the name's far end.
fn position(model: &Model, theme: Theme, places: &[Place], area: Rect, cells: &mut Buffer) {
    let Some(name) = places.first() else { return };
    let (at, all) = (model.queue.selected + 1, model.queue.rows().len());
    let text = format!("{}/{}", thousands(at), thousands(all));
    let line = Line::from(theme.span(Role::Faint, text));
    if line.width() + 8 <= usize::from(name.width) {
        cell(&line, Alignment::Right, *name, area.y, cells);
    }
}

/// Draws a line into a column of a row.
fn cell(line: &Line<'_>, align: Alignment, place: Place, y: u16, cells: &mut Buffer) {
    let width = u16::try_from(line.width()).unwrap_or(u16::MAX);
    let indent = match align {
        Alignment::Right => place.width.saturating_sub(width),
        Alignment::Left | Alignment::Center => 0,
    };
    let area = Rect::new(place.x + indent, y, place.width - indent, 1);
    paint::put(cells, area, 0, line);
}

fn row(
    (file, name): (&File, &str),
    selected: bool,
    theme: Theme,
    places: &[Place],
    area: Rect,
    cells: &mut Buffer,
) {
    let pointer = if selected {
        theme.either("▸", ">")
    } else {
        " "
    };
    let mark = if file.marked {
        theme.either("●", "*")
    } else {
        " "
    };
    let lead = Line::from(vec![Span::raw(pointer), theme.span(Role::Key, mark)]);
    paint::put(cells, area, 0, &lead);
    for place in places {
        let columns = usize::from(place.width);
        let (line, align) = match place.column {
            Column::Given | Column::Name => {
                let name = shorten_front(name, columns, theme.cut());
                (Line::from(Span::raw(name)), Alignment::Left)
            }
            Column::Verdict => {
                let (role, sign, word) = theme.verdict(file.verdict());
                let text = format!("{sign} {word}");
                (Line::from(theme.span(role, text)), Alignment::Left)
            }
            Column::Bank => (bank(file, theme, columns), Alignment::Left),
            Column::Pages => (pages(file, theme, columns), Alignment::Left),
            Column::Period => (period(file, theme), Alignment::Left),
            Column::Size => {
                let size = file.bytes.map_or_else(|| dash(theme), words::size);
                (Line::from(Span::raw(size)), Alignment::Right)
            }
            Column::Outcome => (outcome(file, theme, columns), Alignment::Left),
        };
        cell(&line, align, *place, area.y, cells);
    }
}

fn dash(theme: Theme) -> String {
    theme.either("–", "-").to_owned()
}

/// The bank, how sure that is, and whether it is not sure enough.
fn bank(file: &File, theme: Theme, columns: usize) -> Line<'static> {
    let Some((bank, confidence)) = file.bank() else {
        let nothing = if file.pages().is_some() {
            "?".to_owned()
        } else {
            dash(theme)
        };
        return Line::from(theme.span(Role::Faint, nothing));
    };
    let confident = columns > usize::from(BANK);
    let room = if confident {
        columns - usize::from(CONFIDENCE)
    } else {
        columns
    };
    let unsure = confidence.is_some_and(|confidence| confidence < CONFIDENCE_THRESHOLD);
    let sign = if unsure { "?" } else { "" };
    let id = shorten_end(bank.id(), room - sign.len(), theme.cut());
    let role = if unsure { Role::Doubtful } else { Role::Plain };
    let id = pad(&format!("{id}{sign}"), room);
    let mut spans = vec![theme.span(role, id)];
    if confident {
        // A bank that a person gave is as sure as it gets.
        let share = confidence.map_or_else(|| "set".to_owned(), words::percent);
        spans.push(theme.span(Role::Faint, format!(" {share:>4}")));
    }
    Line::from(spans)
}

/// The number of pages, and the strip where there is room.
fn pages(file: &File, theme: Theme, columns: usize) -> Line<'static> {
    let strip_columns = columns.saturating_sub(usize::from(COUNT) + 1);
    let count = match strip_columns {
        0 => columns,
        _ => usize::from(COUNT),
    };
    let Some(document) = file.screening().and_then(|found| found.document.as_ref()) else {
        let words = if file.is_locked() {
            "locked".to_owned()
        } else {
            dash(theme)
        };
        // Where the strip would be; else where the count would end.
        let text = match strip_columns {
            0 => format!("{words:>count$}"),
            _ => format!("{:>count$} {words}", ""),
        };
        return Line::from(theme.span(Role::Faint, text));
    };
    let number = thousands(document.page_count);
    let mut spans = vec![Span::raw(format!("{number:>count$}"))];
    if strip_columns > 0 {
        spans.push(Span::raw(" "));
        spans.extend(strip(&document.pages, strip_columns, theme));
    }
    Line::from(spans)
}

/// A sign a page, scaled to so many columns.
pub(super) fn strip(pages: &[PageClass], columns: usize, theme: Theme) -> Vec<Span<'static>> {
    let mut spans = Vec::new();
    let mut classes = scale(pages, columns).into_iter().peekable();
    while let Some(class) = classes.next() {
        let mut run = 1;
        while classes.next_if_eq(&class).is_some() {
            run += 1;
        }
        let (role, sign) = theme.page(class);
        spans.push(theme.span(role, sign.repeat(run)));
    }
    spans
}

fn period(file: &File, theme: Theme) -> Line<'static> {
    let period = file.screening().and_then(|found| found.statement.period);
    match period {
        Some(period) => Line::from(Span::raw(words::period(&period))),
        None => Line::from(theme.span(Role::Faint, dash(theme))),
    }
}

fn outcome(file: &File, theme: Theme, columns: usize) -> Line<'static> {
    let (role, sign, word) = words::outcome(theme, file);
    let mut text = format!("{sign} {word}");
    let room = columns.saturating_sub(text.width() + 1);
    if let Some(code) = words::outcome_code(file).filter(|_| room >= CODE) {
        text = format!("{text} {}", paint::safe_end(code, room, theme));
    }
    Line::from(theme.span(role, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_give_way_one_after_another() {
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
    fn each_form_is_narrower_than_the_one_before() {
        let totals: Vec<_> = FORMS.iter().map(|form| form.total()).collect();
        assert!(totals.is_sorted_by(|a, b| a > b), "{totals:?}");
    }
}
