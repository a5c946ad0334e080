//! Doors into private parts, for fuzz targets and benchmarks alone.

use super::content::{Area, Glyph, GlyphStyle, Interpreter, Matrix, Observer, Workspace};
use super::inflate::{Inflate, Progress};
use super::limits::{Budget, LimitHit, Limits};
use super::structure;
use hayro_syntax::Pdf;
use std::ops::ControlFlow;
use std::time::Duration;

/// What running a content stream put on the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Marks {
    /// Glyphs shown.
    pub glyphs: usize,
    /// Images drawn.
    pub images: usize,
    /// Paths and shadings painted.
    pub drawings: usize,
}

impl Observer for Marks {
    const INITIAL_CHUNK_BYTES: usize = 1 << 10;

    fn style(&mut self, _: GlyphStyle) {}

    fn glyph(&mut self, _: &Glyph, _: (f32, f32)) -> ControlFlow<()> {
        self.glyphs += 1;
        ControlFlow::Continue(())
    }

    fn image(&mut self, _: Area) -> ControlFlow<()> {
        self.images += 1;
        ControlFlow::Continue(())
    }

    fn drawing(&mut self) -> ControlFlow<()> {
        self.drawings += 1;
        ControlFlow::Continue(())
    }
}

/// Runs bytes as the content of a page with a font, a form that invokes itself, and an image.
///
/// # Errors
///
/// When the limits are hit.
pub fn content(data: &[u8], limits: &Limits) -> Result<Marks, LimitHit> {
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
    let mut marks = Marks::default();
    let Ok(pdf) = Pdf::new(file) else {
        return Ok(marks);
    };
    let mut budget = Budget::new(limits, &|| Duration::ZERO);
    for page in pdf.pages().iter() {
        let area = Area::EMPTY.extended_to(0.0, 0.0).extended_to(600.0, 800.0);
        Interpreter::new(&mut Workspace::default(), &mut budget, &mut marks).run(
            structure::contents(page),
            page.resources(),
            Matrix::IDENTITY,
            area,
        )?;
    }
    Ok(marks)
}

/// How inflating ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// As many bytes as were allowed came out.
    Full,
    /// The stream, or its input, ended.
    Ended,
    /// The data is damaged.
    Damaged,
}

/// Inflates at most `most` bytes, `piece` bytes a call.
pub fn inflate(data: &[u8], piece: usize, most: usize) -> (Vec<u8>, Ending) {
    let mut out = Vec::new();
    let mut inflate = Inflate::default();
    while out.len() < most {
        let want = piece.min(most - out.len());
        match inflate.read(data, &mut out, want) {
            Progress::More => {}
            Progress::End => return (out, Ending::Ended),
            Progress::Damaged => return (out, Ending::Damaged),
        }
    }
    (out, Ending::Full)
}
