//! The interface between the interpreter and the code that evaluates a page.

use super::font::Glyph;
use super::level::LevelGlyphs;
use super::matrix::{Area, Matrix};
use super::paint::Rgb;
use hayro_syntax::object::ObjRef;
use std::ops::ControlFlow;

/// Whether the text state paints glyphs, wherever they are on the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::pdf) enum Visibility {
    /// Filled or stroked.
    Visible,
    /// Not painted or fully transparent, such as an OCR text layer.
    Invisible,
}

impl Visibility {
    pub(in crate::pdf) fn other(self) -> Self {
        match self {
            Self::Visible => Self::Invisible,
            Self::Invisible => Self::Visible,
        }
    }
}

/// Where the characters of a font's glyphs come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::pdf) enum MapSource {
    /// The font dictionary.
    Stated,
    /// Mostly guesses ([`super::CharMapping::Guess`]).
    Guessed,
}

/// What is known about the font of a shown string.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::pdf) struct FontFacts {
    /// Identifies the font among those of the document.
    pub(in crate::pdf) id: u32,
    /// Whether the font program, if it maps the codes, is more reliable than the mapping.
    pub(in crate::pdf) prefers_program: bool,
    /// The source of the mapping, if it was found to be wrong.
    pub(in crate::pdf) garbled: Option<MapSource>,
}

/// The appearance of the glyphs of one shown string.
#[derive(Debug, Clone, Copy)]
pub(in crate::pdf) struct GlyphStyle {
    /// Maps glyph space, where the em is 1, to the page. The origin is passed with each glyph.
    pub(in crate::pdf) matrix: Matrix,
    pub(in crate::pdf) visibility: Visibility,
    /// The colour of fill or stroke; `None` if it is unknown.
    pub(in crate::pdf) colour: Option<Rgb>,
    /// The bounding box of the clipping path.
    pub(in crate::pdf) clip: Area,
    pub(in crate::pdf) font: FontFacts,
}

/// An image on the page.
#[derive(Debug, Clone, Copy)]
pub(in crate::pdf) struct ImagePaint {
    /// The area of the page that it covers, after clipping.
    pub(in crate::pdf) area: Area,
    /// The image object; `None` for an inline image.
    pub(in crate::pdf) id: Option<ObjRef>,
    /// Whether it hides what was painted before.
    pub(in crate::pdf) is_opaque: bool,
}

/// A filled path or shading.
#[derive(Debug, Clone, Copy)]
pub(in crate::pdf) struct Fill {
    /// Its bounding box on the page, after clipping.
    pub(in crate::pdf) area: Area,
    /// The colour, if the fill is an upright rectangle and opaque: it then covers the whole area.
    pub(in crate::pdf) solid: Option<Rgb>,
}

/// Receives what a page draws, in drawing order, and can stop the execution at any call.
pub(in crate::pdf) trait Observer {
    /// Bytes of content to inflate at first.
    ///
    /// Every further chunk has a fixed cost, and inflating content that is never executed costs as
    /// much as executing it. The best size is thus what this observer reads of almost every page.
    const INITIAL_CHUNK_BYTES: usize;
    /// Whether the observer uses colours, fills, tiling patterns and hidden text. Tracking them
    /// takes time.
    const TRACKS_PAINT: bool;
    /// Whether the observer takes most glyphs of a string at once. One that stops early does not.
    const TAKES_LEVEL_GLYPHS: bool = false;

    /// Sets the style of the glyphs that follow.
    fn style(&mut self, style: GlyphStyle);
    /// Receives a glyph, visible or not, and its origin on the page.
    fn glyph(&mut self, glyph: &Glyph, origin: (f32, f32)) -> ControlFlow<()>;
    /// Receives consecutive glyphs of a string that are on one level baseline, at the height `y`.
    ///
    /// Called instead of [`Self::glyph`], if [`Self::TAKES_LEVEL_GLYPHS`].
    fn level_glyphs(&mut self, _glyphs: &LevelGlyphs<'_>, _y: f32) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
    /// Receives an image.
    fn image(&mut self, image: ImagePaint) -> ControlFlow<()>;
    /// Receives a painted path or shading. `fill` is `None` for lines.
    fn drawing(&mut self, fill: Option<Fill>) -> ControlFlow<()>;
    /// Receives the notice that text of a hidden layer is skipped.
    fn hidden_text(&mut self) {}
}
