//! Extracts the words of a page and their positions.
//!
//! Glyphs come from the interpreter that also classifies pages; it reads only font dictionaries. If
//! those do not map enough codes to Unicode, hayro-interpret decodes the glyphs, because it reads
//! font programs too. It is much slower and cannot be interrupted, so it runs only on pages that
//! the interpreter has executed within the budget.

mod font_programs;
mod glyph_positions;
mod layout;
mod page_text;

pub use page_text::{Line, PageText, Word};

use super::content::{
    Area, CharMapping, Fill, Glyph, GlyphStyle, ImagePaint, Interpreter, Observer, Visibility,
    Workspace,
};
use super::limits::{Budget, LimitHit};
use super::structure::{self, PageFrame};
use super::surface::Coverage;
use glyph_positions::GlyphPositions;
use hayro_syntax::page::Page;
use std::ops::ControlFlow;

/// Number of glyphs decoded to decide whether the font programs of a page map to Unicode.
const MAX_SAMPLED_GLYPHS: usize = 2000;

/// Extracts the visible or the invisible text of a page, or the other one if there is none.
///
/// Also returns the share of the page, in percent, that inline images cover.
///
/// # Errors
///
/// Returns an error if the document's budget is exhausted.
pub(super) fn extract(
    page: &Page<'_>,
    layer: Visibility,
    workspace: &mut Workspace,
    budget: &mut Budget<'_>,
) -> Result<(PageText, u32), LimitHit> {
    let frame = PageFrame::of(page);
    let mut collector = GlyphCollector::new(budget.limits().text_chars, frame.area, layer);
    Interpreter::new(workspace, budget, &mut collector).run(
        structure::contents(page).streams,
        page.resources(),
        frame.to_page,
        frame.area,
    )?;
    let _stopped = structure::run_annotations(page, &frame, workspace, budget, &mut collector)?;
    if collector.needs_font_programs() && budget.request_unbounded_engine() {
        let decoded = font_programs::decode(page, &frame, budget.limits().text_chars);
        // Font programs can also decode less, for example if they are damaged.
        if decoded.positions.len() > collector.positions.len() {
            collector.positions = decoded.positions;
        }
    }
    let inline_images = collector.inline_images.map_or(0, |images| images.percent());
    Ok((layout::layout(&collector.positions), inline_images))
}

/// Whether the font programs map at least half of a page's glyphs to Unicode.
///
/// At least one glyph must be a letter or digit.
pub(super) fn decodes_by_font_programs(page: &Page<'_>, frame: &PageFrame) -> bool {
    let decoded = font_programs::decode(page, frame, MAX_SAMPLED_GLYPHS);
    decoded.alphanumeric > 0 && decoded.alphanumeric >= decoded.unmapped
}

/// Collects the glyphs of a page and their positions.
struct GlyphCollector {
    positions: GlyphPositions,
    /// The text to collect, if the page has any.
    preferred: Visibility,
    /// The text that is collected. The other kind is used until the preferred one begins.
    collected: Visibility,
    /// The string being shown.
    shown: Visibility,
    page: Area,
    inline_images: Option<Box<Coverage>>,
    guessed: usize,
    unmapped: usize,
    /// Bytes of collected text.
    text_bytes: usize,
    max_text_bytes: usize,
}

impl GlyphCollector {
    fn new(max_text_bytes: usize, page: Area, preferred: Visibility) -> Self {
        Self {
            positions: GlyphPositions::new(page),
            preferred,
            collected: preferred.other(),
            shown: Visibility::Visible,
            page,
            inline_images: None,
            guessed: 0,
            unmapped: 0,
            text_bytes: 0,
            max_text_bytes,
        }
    }

    /// Whether more than a third of the glyphs are guessed or unmapped.
    ///
    /// Only then does reading font programs pay.
    fn needs_font_programs(&self) -> bool {
        let uncertain = self.guessed + self.unmapped;
        uncertain * 3 > self.positions.len() + self.unmapped
    }

    /// Discards the other text, because the page has preferred text.
    #[cold]
    fn begin_preferred(&mut self) {
        self.positions.clear();
        self.collected = self.preferred;
        (self.guessed, self.unmapped, self.text_bytes) = (0, 0, 0);
    }
}

impl Observer for GlyphCollector {
    // Almost always the whole page.
    const INITIAL_CHUNK_BYTES: usize = 64 << 10;
    const TRACKS_PAINT: bool = false;

    fn style(&mut self, style: GlyphStyle) {
        self.shown = style.visibility;
        self.positions.set_matrix(style.matrix);
    }

    #[expect(clippy::inline_always, reason = "called for every glyph of every page")]
    #[inline(always)]
    fn glyph(&mut self, glyph: &Glyph, origin: (f32, f32)) -> ControlFlow<()> {
        if self.shown != self.collected {
            if self.shown != self.preferred {
                return ControlFlow::Continue(());
            }
            self.begin_preferred();
        }
        match &glyph.mapping {
            CharMapping::Char(c) | CharMapping::Guess(c) => {
                self.guessed += usize::from(matches!(glyph.mapping, CharMapping::Guess(_)));
                self.text_bytes += c.len_utf8();
                self.positions.push(*c, origin, glyph.advance);
            }
            CharMapping::Text(text) => {
                self.text_bytes += text.len();
                self.positions.push_text(text, origin, glyph.advance);
            }
            CharMapping::Unmapped => {
                self.unmapped += 1;
                return ControlFlow::Continue(());
            }
        }
        if self.text_bytes >= self.max_text_bytes {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    fn image(&mut self, image: ImagePaint) -> ControlFlow<()> {
        if image.id.is_none() {
            self.inline_images
                .get_or_insert_with(|| Box::new(Coverage::new(self.page)))
                .add(image.area);
        }
        ControlFlow::Continue(())
    }

    fn drawing(&mut self, fill: Option<Fill>) -> ControlFlow<()> {
        // What a later fill covers is not on the page. Colours are not tracked, and do not matter.
        if let Some(fill) = fill.filter(|fill| fill.solid.is_some()) {
            self.positions.cover(fill.area);
        }
        ControlFlow::Continue(())
    }
}
