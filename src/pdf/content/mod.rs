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
mod state;
pub(super) mod syntax;
mod to_unicode;

pub(super) use font::{Meaning, is_readable};
pub(super) use interpreter::{Interpreter, Outcome, Workspace};
pub(super) use matrix::{Area, Matrix};

use std::ops::ControlFlow;

/// One glyph shown on a page.
#[derive(Debug)]
pub(super) struct Glyph {
    /// What it stands for.
    pub(super) meaning: Meaning,
    /// From glyph space, where the em is 1, to the page.
    pub(super) matrix: Matrix,
    /// How far the next glyph is, in ems.
    pub(super) advance: f32,
    /// `false` for text that is neither filled nor stroked, such as the layer that OCR adds.
    pub(super) visible: bool,
}

/// Learns what is drawn, in drawing order, and says when it has seen enough.
pub(super) trait Observer {
    /// A glyph is shown, visibly or not.
    fn glyph(&mut self, glyph: &Glyph) -> ControlFlow<()>;
    /// An image covers this much of the page, after clipping.
    fn image(&mut self, area: Area) -> ControlFlow<()>;
    /// A path or a shading is painted.
    fn drawing(&mut self) -> ControlFlow<()>;
}
