//! What a model looks like. One file a part.
//!
//! Everything here is a function of the model and of the area it is given. What is drawn is text in
//! a [`Theme`]: signs by the locale, colours by the terminal. Untrusted text is made safe where it
//! enters a cell, and nothing is drawn that is not on screen, so that a queue may be long.

mod choice;
mod coverage;
mod detail;
mod empty;
mod footer;
mod form;
mod header;
mod history;
mod log;
mod page;
mod paint;
mod picker;
mod segments;
mod table;
mod theme;
mod words;

use super::layout::Layout;
use super::model::{Model, Overlay, Tab};
use crate::report::Symbols;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::widgets::{Clear, Widget};
use theme::Theme;

/// Draws a model; gives the place of the cursor where text is typed.
///
/// The area may be of any size, down to none. What is outside of the buffer is left out.
pub fn view(model: &Model, area: Rect, cells: &mut Buffer) -> Option<Position> {
    let area = area.intersection(cells.area);
    let theme = Theme::new(model.setup.look);
    Clear.render(area, cells);
    let layout = Layout::of(area, model.tab, model.screen.detail);
    header::draw(model, theme, layout.header, cells);
    let mut cursor = body(model, theme, &layout, cells);
    cursor = footer::draw(model, theme, layout.footer, cells).or(cursor);
    // What lies over the views leaves the footer, which names its keys.
    let screen = Rect {
        height: area.height - layout.footer.height,
        ..area
    };
    for overlay in &model.overlays {
        cursor = over(overlay, model, theme, screen, cells);
    }
    if theme.symbols() == Symbols::Ascii {
        paint::keep_ascii(cells, area);
    }
    cursor
}

/// Lines that the detail of the selected file can be scrolled down before its end is on screen.
pub fn most_detail_top(model: &Model) -> u16 {
    let area = Rect::new(0, 0, model.screen.width, model.screen.height);
    let layout = Layout::of(area, model.tab, model.screen.detail);
    detail::most_top(model, layout.detail)
}

fn body(model: &Model, theme: Theme, layout: &Layout, cells: &mut Buffer) -> Option<Position> {
    match model.tab {
        Tab::Queue => {
            table::draw(model, theme, layout, cells);
            detail::draw(model, theme, layout.detail, cells);
            None
        }
        Tab::Coverage => {
            coverage::draw(model, theme, layout.list, cells);
            None
        }
        Tab::Log => {
            log::draw(model, theme, layout.list, cells);
            None
        }
        Tab::History => history::draw(model, theme, layout.list, cells),
    }
}

fn over(
    overlay: &Overlay,
    model: &Model,
    theme: Theme,
    screen: Rect,
    cells: &mut Buffer,
) -> Option<Position> {
    match overlay {
        Overlay::Picker(picker) => picker::draw(picker, theme, screen, cells),
        Overlay::Form(form) => form::draw(form, theme, screen, cells),
        Overlay::Choice(choice) => {
            choice::draw(choice, theme, screen, cells);
            None
        }
        Overlay::Page(page) => {
            page::draw(page, model, theme, screen, cells);
            None
        }
    }
}
