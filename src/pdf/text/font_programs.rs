//! Decodes glyphs with hayro-interpret, for fonts that need their font programs read.

use super::glyph_positions::GlyphPositions;
use crate::pdf::content::{CharMapping, Glyph as ContentGlyph, Matrix, is_readable, is_zero_width};
use crate::pdf::lost_glyphs::{DigitCounter, DigitCounts};
use crate::pdf::structure::PageFrame;
use hayro_cmap::BfString;
use hayro_interpret::font::{Glyph, GlyphRun};
use hayro_interpret::kurbo::{Affine, BezPath, Rect};
use hayro_interpret::{
    BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps,
    InterpreterCache, InterpreterSettings, SoftMask, interpret_page,
};
use hayro_syntax::page::Page;

/// Units of hayro-interpret's glyph space per em.
const UNITS_PER_EM: f64 = 1000.0;
/// Advance in ems of a glyph whose width hayro-interpret does not provide.
const DEFAULT_ADVANCE: f32 = 0.5;

/// The glyphs of a page as its font programs decode them.
#[derive(Debug)]
pub(super) struct DecodedGlyphs {
    pub(super) positions: GlyphPositions,
    /// Number of glyphs that map to a letter or digit.
    pub(super) alphanumeric: usize,
    /// Number of glyphs without a Unicode mapping.
    pub(super) unmapped: usize,
    digits: DigitCounts,
}

impl DecodedGlyphs {
    /// Whether the digits of the page, or some of them, have no text.
    pub(super) fn lacks_digits(&self) -> bool {
        let glyphs = self.positions.len() + self.unmapped;
        self.digits.lacks_digits(glyphs as u32)
    }
}

/// Decodes at most `max_glyphs` glyphs of a page.
///
/// The call cannot be interrupted and has no budget, so the caller must check beforehand that
/// unbounded engines are allowed.
pub(super) fn decode(page: &Page<'_>, frame: &PageFrame, max_glyphs: usize) -> DecodedGlyphs {
    let cache = InterpreterCache::new();
    let mut collector = GlyphCollector {
        decoded: DecodedGlyphs {
            positions: GlyphPositions::new(frame.area),
            alphanumeric: 0,
            unmapped: 0,
            digits: DigitCounts::default(),
        },
        digits: DigitCounter::default(),
        max_glyphs,
    };
    let area = frame.area;
    let bounds = Rect::new(0.0, 0.0, f64::from(area.x1), f64::from(area.y1));
    let to_page = Affine::new(frame.to_page.0.map(f64::from));
    let settings = InterpreterSettings::default();
    let mut context = Context::new(to_page, bounds, &cache, page.xref(), settings);
    interpret_page(page, &mut context, &mut collector);
    collector.decoded
}

struct GlyphCollector {
    decoded: DecodedGlyphs,
    digits: DigitCounter,
    max_glyphs: usize,
}

impl<'a> Device<'a> for GlyphCollector {
    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, mode: &DrawMode) {
        if matches!(mode, DrawMode::Invisible) {
            return;
        }
        for glyph in run.glyphs() {
            if self.decoded.positions.len() + self.decoded.unmapped >= self.max_glyphs {
                return;
            }
            let advance = match &**glyph {
                Glyph::Outline(outline) => outline
                    .advance_width()
                    .map_or(DEFAULT_ADVANCE, |width| width / UNITS_PER_EM as f32),
                Glyph::Type3(_) => DEFAULT_ADVANCE,
            };
            let to_page = props.transform * glyph.transform() * Affine::scale(UNITS_PER_EM);
            let matrix = Matrix(to_page.as_coeffs().map(|number| number as f32));
            let [.., x, y] = matrix.0;
            let mapping = map_text(glyph.as_unicode());
            let shown = ContentGlyph { mapping, advance };
            let digits = self.digits.add(&shown, (x, y), matrix);
            self.decoded.digits.add(digits);
            let CharMapping::Text(text) = &shown.mapping else {
                self.decoded.unmapped += 1;
                continue;
            };
            self.decoded.alphanumeric += usize::from(shown.mapping.is_alphanumeric());
            self.decoded.positions.set_matrix(matrix);
            self.decoded.positions.push_text(text, (x, y), advance);
        }
    }

    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'a>, _: &DrawMode) {}
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}
    fn draw_image(&mut self, _: Image<'a, '_>, _: ImageDrawProps<'a>) {}
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}

/// Converts the text of a glyph. Unreadable and empty texts are unmapped.
fn map_text(text: Option<BfString>) -> CharMapping {
    let text = match text {
        Some(BfString::Char(c)) => c.to_string(),
        Some(BfString::String(text)) => text,
        None => String::new(),
    };
    if text.chars().all(is_zero_width) || !text.chars().all(is_readable) {
        return CharMapping::Unmapped;
    }
    CharMapping::Text(text.into())
}
