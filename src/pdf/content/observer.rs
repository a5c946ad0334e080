//! The interface between the interpreter and the code that evaluates a page.

use super::font::Glyph;
use super::matrix::{Area, Matrix};
use std::ops::ControlFlow;

/// The appearance of the glyphs of one shown string.
#[derive(Debug, Clone, Copy)]
pub(in crate::pdf) struct GlyphStyle {
    /// Maps glyph space, where the em is 1, to the page. The origin is passed with each glyph.
    pub(in crate::pdf) matrix: Matrix,
    /// `false` for text that is neither filled nor stroked, such as an OCR text layer.
    pub(in crate::pdf) is_visible: bool,
}

/// Receives what a page draws, in drawing order, and can stop the execution at any call.
pub(in crate::pdf) trait Observer {
    /// Bytes of content to inflate at first.
    ///
    /// Every further chunk has a fixed cost, and inflating content that is never executed costs as
    /// much as executing it. The best size is thus what this observer reads of almost every page.
    const INITIAL_CHUNK_BYTES: usize;

    /// Sets the style of the glyphs that follow.
    fn style(&mut self, style: GlyphStyle);
    /// Receives a glyph, visible or not, and its origin on the page.
    fn glyph(&mut self, glyph: &Glyph, origin: (f32, f32)) -> ControlFlow<()>;
    /// Receives the area of the page that an image covers, after clipping.
    fn image(&mut self, area: Area) -> ControlFlow<()>;
    /// Receives a painted path or shading.
    fn drawing(&mut self) -> ControlFlow<()>;
}
