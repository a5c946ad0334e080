//! The graphics state, as far as it moves or hides text and images (ISO 32000-2, 8.4 and 9.3).

use super::font::Font;
use super::matrix::{Area, Matrix};
use std::rc::Rc;

/// The part of the graphics state that `q` saves and `Q` restores.
#[derive(Debug, Clone)]
pub(super) struct GraphicsState {
    pub(super) ctm: Matrix,
    /// The box around the clipping path, in page space.
    pub(super) clip: Area,
    pub(super) text: TextState,
}

#[derive(Debug, Clone)]
pub(super) struct TextState {
    pub(super) font: Option<Rc<Font>>,
    pub(super) size: f32,
    pub(super) char_spacing: f32,
    pub(super) word_spacing: f32,
    /// `Tz` as a factor.
    pub(super) horizontal_scale: f32,
    pub(super) leading: f32,
    pub(super) rise: f32,
    /// `Tr`.
    pub(super) render_mode: i32,
}

impl GraphicsState {
    pub(super) fn new(ctm: Matrix, clip: Area) -> Self {
        Self {
            ctm,
            clip,
            text: TextState {
                font: None,
                size: 0.0,
                char_spacing: 0.0,
                word_spacing: 0.0,
                horizontal_scale: 1.0,
                leading: 0.0,
                rise: 0.0,
                render_mode: 0,
            },
        }
    }
}

impl TextState {
    /// Modes 3 and 7 leave no mark (ISO 32000-2, table 104).
    pub(super) fn is_visible(&self) -> bool {
        !matches!(self.render_mode, 3 | 7)
    }
}

/// The path under construction: only the box around it matters.
#[derive(Debug, Clone, Copy)]
pub(super) struct Path {
    /// In page space.
    pub(super) area: Area,
    /// `W` or `W*` was seen: the path clips what follows it.
    pub(super) clips: bool,
}

impl Path {
    pub(super) const EMPTY: Self = Self {
        area: Area::EMPTY,
        clips: false,
    };
}

/// The matrices between `BT` and `ET`.
#[derive(Debug, Clone, Copy)]
pub(super) struct TextObject {
    pub(super) matrix: Matrix,
    pub(super) line: Matrix,
}

impl TextObject {
    pub(super) const START: Self = Self {
        matrix: Matrix::IDENTITY,
        line: Matrix::IDENTITY,
    };

    pub(super) fn move_line(&mut self, x: f32, y: f32) {
        self.line = self.line.moved(x, y);
        self.matrix = self.line;
    }
}
