//! The last line: a word to the person, else the filter, and the keys of this moment.

use super::paint::{cursor, put, safe, safe_end, typed};
use super::segments::{Segment, line};
use super::theme::{Role, Theme};
use crate::dashboard::keymap;
use crate::dashboard::layout::split_columns;
use crate::dashboard::model::{Field, Model, Tab};
use crate::text::columns::thousands;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

/// Draws it; gives the place of the cursor while a filter is typed.
pub(super) fn draw(
    model: &Model,
    theme: Theme,
    area: Rect,
    cells: &mut Buffer,
) -> Option<Position> {
    let (_, inside) = split_columns(area, 1);
    let columns = usize::from(inside.width);
    if let Some(field) = &model.filter_line {
        return filter_line(field, model, theme, inside, cells);
    }
    if let Some((level, text)) = &model.notice {
        let (role, sign) = theme.level(*level);
        let line = Line::from(theme.span(role, format!("{sign} {}", safe(text))));
        put(cells, inside, 0, &line);
        return None;
    }
    let mut parts = Vec::new();
    if model.screen.ending {
        let words = "ending: uploads under way are finished";
        parts.push(Segment::new(
            95,
            vec![theme.span(
                Role::Doubtful,
                format!("{} {words}", theme.either("▲", "!")),
            )],
        ));
    }
    if model.tab == Tab::Queue && model.overlays.is_empty() {
        parts.extend(filter(model, theme));
    }
    parts.extend(keys(model, theme));
    put(cells, inside, 0, &line(parts, Vec::new(), columns));
    None
}

/// The filter while it is typed, and how many files it finds.
fn filter_line(
    field: &Field,
    model: &Model,
    theme: Theme,
    area: Rect,
    cells: &mut Buffer,
) -> Option<Position> {
    let right = line(
        Vec::new(),
        vec![
            Segment::new(3, vec![Span::raw(found(model))]),
            Segment::new(2, vec![theme.span(Role::Key, "Enter"), Span::raw(" keep")]),
            Segment::new(1, vec![theme.span(Role::Key, "Esc"), Span::raw(" clear")]),
        ],
        usize::from(area.width / 2),
    );
    let columns = usize::from(area.width).saturating_sub(right.width() + 4);
    let (text, place) = typed(&field.shown(), field.cursor(), columns);
    let gap = columns.saturating_sub(text.width()) + 2;
    let mut spans = vec![
        theme.span(Role::Key, "/ "),
        Span::raw(text),
        Span::raw(" ".repeat(gap)),
    ];
    spans.extend(right.spans);
    put(cells, area, 0, &Line::from(spans));
    cursor(area, 0, place + 2)
}

/// The filter in force.
fn filter(model: &Model, theme: Theme) -> Option<Segment> {
    let filter = &model.queue.filter;
    if filter.is_open() {
        return None;
    }
    let mut words: Vec<String> = Vec::new();
    if filter.faults {
        words.push("faults only".to_owned());
    }
    if !filter.text().is_empty() {
        words.push(format!("/{}", safe_end(filter.text(), 30, theme)));
    }
    let text = words.join(" ");
    let part = Segment::new(
        70,
        vec![theme.span(Role::Doubtful, format!("{text} ({})", found(model)))],
    );
    Some(part.or(90, vec![theme.span(Role::Doubtful, text)]))
}

fn found(model: &Model) -> String {
    let (shown, files) = (model.queue.rows().len(), model.queue.tally().files);
    format!("{} of {}", thousands(shown), thousands(files))
}

/// The keys; those that help most stay longest, and the way to the others to the end.
fn keys(model: &Model, theme: Theme) -> Vec<Segment> {
    let keys = keymap::for_now(model);
    let last = keys.len();
    let weight = |place: usize| match last - place {
        // Help and quit.
        1 | 2 if model.overlays.is_empty() => 60,
        _ => u8::try_from(50_usize.saturating_sub(place)).unwrap_or(0),
    };
    let keys = keys.into_iter().enumerate();
    keys.map(|(place, (key, word))| {
        let spans = vec![theme.span(Role::Key, key), Span::raw(format!(" {word}"))];
        Segment::new(weight(place), spans)
    })
    .collect()
}
