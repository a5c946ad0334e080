//! Runs content streams and tells an [`Observer`] what they put on the page.
//!
//! This is an interpreter without a painter: it follows the graphics and text state, enters forms
//! and stops as soon as the observer has seen enough. It inflates no image and reads no font
//! program. Page classes and words are both made from what it reports.

mod encoding;
mod font;
mod interpreter;
mod lexer;
mod matrix;
mod operands;
mod reader;
mod run;
mod showing;
mod state;
pub(super) mod syntax;
mod to_unicode;

pub(super) use font::{Meaning, Sign, is_readable};
pub(super) use interpreter::{Interpreter, Outcome, Workspace};
pub(super) use matrix::{Area, Matrix};

use std::ops::ControlFlow;

/// How the glyphs of one shown string are set.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    /// From glyph space, where the em is 1, to the page; where the glyphs stand is told of each.
    pub(super) matrix: Matrix,
    /// `false` for text that is neither filled nor stroked, such as the layer that OCR adds.
    pub(super) visible: bool,
}

/// Learns what is drawn, in drawing order, and says when it has seen enough.
pub(super) trait Observer {
    /// Bytes of content that it will look at in any case: what inflates to more than is read costs
    /// as much as reading it, and every further piece costs something of its own.
    const FIRST_PIECE: usize;

    /// Glyphs follow that are set so.
    fn style(&mut self, style: Style);
    /// A glyph is shown in the last style, visibly or not, with its origin at a point of the page.
    fn glyph(&mut self, sign: &Sign, origin: (f32, f32)) -> ControlFlow<()>;
    /// An image covers this much of the page, after clipping.
    fn image(&mut self, area: Area) -> ControlFlow<()>;
    /// A path or a shading is painted.
    fn drawing(&mut self) -> ControlFlow<()>;
}
