//! What a model looks like.

use super::Model;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

/// Draws a model; gives the place of the cursor where text is typed.
pub fn view(_model: &Model, _area: Rect, _cells: &mut Buffer) -> Option<Position> {
    None
}
