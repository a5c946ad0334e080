//! Draws the model. One file per part of the screen.
//!
//! The view is a function of the model and the area. Symbols and colors come from the [`Theme`].
//! Untrusted text is sanitized where it enters a cell. Only visible rows are drawn, so that the
//! time does not depend on the length of the queue.

mod canvas;
mod cases;
mod colors;
mod coverage;
mod detail;
mod empty_state;
mod footer;
mod header;
mod help;
mod history;
mod labels;
mod log;
mod overlays;
mod preview;
mod segments;
mod status;
mod table;
mod theme;

use super::layout::Layout;
use super::model::{Model, Overlay, Tab};
use crate::report::Symbols;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::widgets::{Clear, Widget};
use theme::Theme;

/// Draws a model. Returns the position of the cursor if the user is typing.
///
/// The area may have any size, including none. The part outside of the buffer is not drawn.
pub fn view(model: &Model, area: Rect, cells: &mut Buffer) -> Option<Position> {
    let area = area.intersection(cells.area);
    let theme = Theme::new(model.setup.appearance);
    Clear.render(area, cells);
    let layout = Layout::new(area, model.tab, model.viewport.full_detail);
    header::draw(model, theme, layout.header, cells);
    let mut cursor = draw_tab(model, theme, &layout, cells);
    // Overlays leave the footer visible, which shows their keys.
    let screen = Rect {
        height: area.height - layout.footer.height,
        ..area
    };
    for overlay in &model.overlays {
        canvas::dim(cells, layout.body, theme);
        cursor = draw_overlay(overlay, model, theme, screen, cells);
    }
    cursor = footer::draw(model, theme, layout.footer, cells).or(cursor);
    // Last, so that it covers names and messages in every part.
    if theme.symbols() == Symbols::Ascii {
        canvas::replace_non_ascii(cells, area);
    }
    cursor
}

/// Returns the first visible line of the detail when it is scrolled to its end.
pub fn max_detail_top(model: &Model) -> u16 {
    let area = Rect::new(0, 0, model.viewport.width, model.viewport.height);
    let layout = Layout::new(area, model.tab, model.viewport.full_detail);
    detail::max_top(model, layout.detail)
}

/// Returns the columns and rows of pixels that a page preview has; a cell shows two, one above the
/// other.
pub fn preview_pixels(model: &Model) -> (u32, u32) {
    let area = Rect::new(0, 0, model.viewport.width, model.viewport.height);
    let layout = Layout::new(area, model.tab, model.viewport.full_detail);
    let height = area.height - layout.footer.height;
    let inside = canvas::inside_frame(Rect { height, ..area });
    (u32::from(inside.width), u32::from(inside.height) * 2)
}

/// Returns the first visible line of the help when it is scrolled to its end.
pub fn max_help_top(model: &Model) -> usize {
    let area = Rect::new(0, 0, model.viewport.width, model.viewport.height);
    let layout = Layout::new(area, model.tab, model.viewport.full_detail);
    let screen = Rect {
        height: area.height - layout.footer.height,
        ..area
    };
    help::max_top(model, screen)
}

fn draw_tab(model: &Model, theme: Theme, layout: &Layout, cells: &mut Buffer) -> Option<Position> {
    match model.tab {
        Tab::Cases => {
            cases::draw(model, theme, layout, cells);
            detail::case::draw(model, theme, layout.detail, cells);
            None
        }
        Tab::Files => {
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

fn draw_overlay(
    overlay: &Overlay,
    model: &Model,
    theme: Theme,
    screen: Rect,
    cells: &mut Buffer,
) -> Option<Position> {
    match overlay {
        Overlay::Picker(picker) => overlays::draw_picker(picker, theme, screen, cells),
        Overlay::Form(form) => overlays::draw_form(form, theme, screen, cells),
        Overlay::Choice(choice) => {
            overlays::draw_choice(choice, theme, screen, cells);
            None
        }
        Overlay::Preview(page) => {
            preview::draw(page, model, theme, screen, cells);
            None
        }
        Overlay::Help(page) => {
            help::draw(*page, model, theme, screen, cells);
            None
        }
        Overlay::Text(page) => {
            overlays::draw_text(page, theme, screen, cells);
            None
        }
    }
}
