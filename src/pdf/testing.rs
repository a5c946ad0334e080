//! Exposes private functions to the fuzz targets.

use super::content::{
    Area, Fill, Glyph, GlyphStyle, ImagePaint, Interpreter, Matrix, Observer, Workspace,
};
use super::inflate::{Inflate, InflateStatus};
use super::limits::{Budget, LimitHit, Limits};
use super::structure;
use hayro_syntax::Pdf;
use std::ops::ControlFlow;
use std::time::Duration;

/// Counts of what a content stream draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DrawCounts {
    /// Glyphs.
    pub glyphs: usize,
    /// Images.
    pub images: usize,
    /// Paths and shadings.
    pub drawings: usize,
}

impl Observer for DrawCounts {
    const INITIAL_CHUNK_BYTES: usize = 1 << 10;
    const TRACKS_PAINT: bool = true;

    fn style(&mut self, _: GlyphStyle) {}

    fn glyph(&mut self, _: &Glyph, _: (f32, f32)) -> ControlFlow<()> {
        self.glyphs += 1;
        ControlFlow::Continue(())
    }

    fn image(&mut self, _: ImagePaint) -> ControlFlow<()> {
        self.images += 1;
        ControlFlow::Continue(())
    }

    fn drawing(&mut self, _: Option<Fill>) -> ControlFlow<()> {
        self.drawings += 1;
        ControlFlow::Continue(())
    }
}

/// Interprets bytes as the content of a page with a font, an image and a form that executes itself.
///
/// # Errors
///
/// If a limit is exceeded.
pub fn content(data: &[u8], limits: &Limits) -> Result<DrawCounts, LimitHit> {
    // The form executes itself, which tests the depth limit.
    let form = b"/F 12 Tf BT (form) Tj ET /Self Do";
    let mut file = b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n\
        2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n\
        3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources 5 0 R>>\
        endobj\n5 0 obj<</Font<</F 6 0 R>>/XObject<</Self 7 0 R/Im 8 0 R>>>>endobj\n\
        6 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n\
        8 0 obj<</Subtype/Image/Width 1/Height 1/Length 1>>stream\n0\nendstream endobj\n"
        .to_vec();
    for (number, extra, bytes) in [
        (7, "/Subtype/Form/BBox[0 0 9 9]/Resources 5 0 R", &form[..]),
        (4, "", data),
    ] {
        let head = format!("{number} 0 obj<<{extra}/Length {}>>stream\n", bytes.len());
        file.extend_from_slice(head.as_bytes());
        file.extend_from_slice(bytes);
        file.extend_from_slice(b"\nendstream endobj\n");
    }
    file.extend_from_slice(b"trailer<</Root 1 0 R>>\n");
    let mut counts = DrawCounts::default();
    let Ok(pdf) = Pdf::new(file) else {
        return Ok(counts);
    };
    let mut budget = Budget::new(limits, &|| Duration::ZERO);
    for page in pdf.pages().iter() {
        let area = Area::EMPTY.extended_to(0.0, 0.0).extended_to(600.0, 800.0);
        Interpreter::new(&mut Workspace::default(), &mut budget, &mut counts).run(
            structure::contents(page).streams,
            page.resources(),
            Matrix::IDENTITY,
            area,
        )?;
    }
    Ok(counts)
}

/// Why inflation stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InflateEnd {
    /// The maximum number of bytes was produced.
    Full,
    /// The stream or its input ended.
    Ended,
    /// The data is damaged.
    Damaged,
}

/// Inflates at most `max` bytes, `piece` bytes per call.
pub fn inflate(data: &[u8], piece: usize, max: usize) -> (Vec<u8>, InflateEnd) {
    let mut out = Vec::new();
    let mut inflate = Inflate::default();
    while out.len() < max {
        let requested = piece.min(max - out.len());
        match inflate.read(data, &mut out, requested) {
            InflateStatus::More => {}
            InflateStatus::End | InflateStatus::Cut => return (out, InflateEnd::Ended),
            InflateStatus::Damaged => return (out, InflateEnd::Damaged),
        }
    }
    (out, InflateEnd::Full)
}
