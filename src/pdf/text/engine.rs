//! Glyphs by hayro-interpret, for fonts whose programs must be read.

use super::placing::PlacedGlyphs;
use crate::pdf::content::{Matrix, is_readable};
use crate::pdf::structure::PageFrame;
use hayro_cmap::BfString;
use hayro_interpret::font::{Glyph, GlyphRun};
use hayro_interpret::kurbo::{Affine, BezPath, Rect};
use hayro_interpret::{
    BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps,
    InterpreterCache, InterpreterSettings, SoftMask, interpret_page,
};
use hayro_syntax::page::Page;

/// Reads the glyphs of a page, at most `max` of them.
pub(super) fn glyphs(page: &Page<'_>, frame: &PageFrame, max: usize) -> Decoded {
    let cache = InterpreterCache::new();
    let mut collector = Collector {
        decoded: Decoded {
            placed: PlacedGlyphs::on(frame.area),
            alphanumeric: 0,
            unmapped: 0,
        },
        max,
    };
    let area = frame.area;
    let bounds = Rect::new(0.0, 0.0, f64::from(area.x1), f64::from(area.y1));
    let to_page = Affine::new(frame.to_page.0.map(f64::from));
    let settings = InterpreterSettings::default();
    let mut context = Context::new(to_page, bounds, &cache, page.xref(), settings);
    interpret_page(page, &mut context, &mut collector);
    collector.decoded
}

/// What the font programs made of a page.
#[derive(Debug)]
pub(super) struct Decoded {
    pub(super) placed: PlacedGlyphs,
    /// Letters and digits.
    pub(super) alphanumeric: usize,
    pub(super) unmapped: usize,
}

struct Collector {
    decoded: Decoded,
    max: usize,
}

impl<'a> Device<'a> for Collector {
    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, mode: &DrawMode) {
        if matches!(mode, DrawMode::Invisible) {
            return;
        }
        for glyph in run.glyphs() {
            if self.decoded.placed.len() + self.decoded.unmapped >= self.max {
                return;
            }
            let text = match glyph.as_unicode() {
                Some(BfString::Char(c)) if is_readable(c) => c.to_string(),
                Some(BfString::String(text)) if text.chars().all(is_readable) => text,
                _ => {
                    self.decoded.unmapped += 1;
                    continue;
                }
            };
            self.decoded.alphanumeric += usize::from(text.chars().any(char::is_alphanumeric));
            // The engine's glyph space has 1,000 units to the em.
            let advance = match &**glyph {
                Glyph::Outline(outline) => outline.advance_width().unwrap_or(500.0) / 1000.0,
                Glyph::Type3(_) => 0.5,
            };
            let to_page = props.transform * glyph.transform() * Affine::scale(1000.0);
            let matrix = Matrix(to_page.as_coeffs().map(|number| number as f32));
            self.decoded.placed.set(matrix);
            let [.., x, y] = matrix.0;
            self.decoded.placed.push_text(&text, (x, y), advance);
        }
    }

    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'a>, _: &DrawMode) {}
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}
    fn draw_image(&mut self, _: Image<'a, '_>, _: ImageDrawProps<'a>) {}
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}
