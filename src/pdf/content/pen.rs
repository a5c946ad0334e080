//! The position of the glyphs of a string (ISO 32000-2, 9.4.4).

use super::char_code::CharCode;
use super::level::LevelState;
use super::matrix::Matrix;

/// The position of the next glyph of a string.
///
/// Within a string only the origin changes, so everything else is computed once.
#[derive(Clone, Copy)]
pub(super) struct Pen {
    /// The origin in text space, without the rise.
    pub(super) x: f32,
    pub(super) y: f32,
    /// The direction of the text, per unit of advance.
    pub(super) along: (f32, f32),
    pub(super) rise: (f32, f32),
    pub(super) ctm: Matrix,
    pub(super) size: f32,
    pub(super) char_spacing: f32,
    pub(super) word_spacing: f32,
    pub(super) horizontal_scale: f32,
}

impl Pen {
    /// Returns the origin of the glyph on the page.
    pub(super) fn origin(&self) -> (f32, f32) {
        let (rise_x, rise_y) = self.rise;
        self.ctm.apply(rise_x + self.x, rise_y + self.y)
    }

    /// Whether all glyphs of the string have the same baseline, in parallel to the page's edge.
    pub(super) fn is_level(&self) -> bool {
        let [_, b, ..] = self.ctm.0;
        self.along.1 == 0.0 && b == 0.0
    }

    /// Returns the distance to the next glyph, per unit of direction.
    pub(super) fn distance(&self, code: CharCode, advance: f32) -> f32 {
        let mut advance = advance * self.size + self.char_spacing;
        if code.is_word_space() {
            advance += self.word_spacing;
        }
        advance * self.horizontal_scale
    }

    /// Moves behind a glyph by its advance width.
    pub(super) fn advance(&mut self, code: CharCode, advance: f32) {
        let distance = self.distance(code, advance);
        self.x += self.along.0 * distance;
        self.y += self.along.1 * distance;
    }

    /// Returns what a glyph of a string that [is level](Self::is_level) adds to `x`.
    pub(super) fn step(&self, code: CharCode, advance: f32) -> f32 {
        self.along.0 * self.distance(code, advance)
    }

    /// Whether the position on the page grows with `x`.
    pub(super) fn grows(&self) -> bool {
        let [a, ..] = self.ctm.0;
        a >= 0.0
    }

    /// Returns what the steps depend on; `em` is the length of an em on the page.
    pub(super) fn level_state(&self, em: f32) -> LevelState {
        LevelState {
            size: self.size,
            char_spacing: self.char_spacing,
            word_spacing: self.word_spacing,
            horizontal_scale: self.horizontal_scale,
            along: self.along.0,
            em,
        }
    }
}
