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

use super::content::{Area, CharMapping, Glyph, GlyphStyle, Interpreter, Observer, Workspace};
use super::limits::{Budget, LimitHit};
use super::structure::{self, PageFrame};
use glyph_positions::GlyphPositions;
use hayro_syntax::page::Page;
use std::ops::ControlFlow;

/// Number of glyphs decoded to decide whether the font programs of a page map to Unicode.
const MAX_SAMPLED_GLYPHS: usize = 2000;

/// Extracts the text of a page.
///
/// # Errors
///
/// Returns an error if the document's budget is exhausted.
pub(super) fn extract(
    page: &Page<'_>,
    workspace: &mut Workspace,
    budget: &mut Budget<'_>,
) -> Result<PageText, LimitHit> {
    let frame = PageFrame::of(page);
    let mut collector = GlyphCollector::new(budget.limits().text_chars, frame.area);
    Interpreter::new(workspace, budget, &mut collector).run(
        structure::contents(page),
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
    Ok(layout::layout(&collector.positions))
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
    /// Whether the collected text is invisible, such as the OCR layer of a scan.
    ///
    /// Invisible text is used only if the page has no visible text.
    is_invisible: bool,
    /// Whether the string being shown is visible.
    shows_visible: bool,
    guessed: usize,
    unmapped: usize,
    /// Bytes of collected text.
    text_bytes: usize,
    max_text_bytes: usize,
}

impl GlyphCollector {
    fn new(max_text_bytes: usize, page: Area) -> Self {
        Self {
            positions: GlyphPositions::new(page),
            is_invisible: true,
            shows_visible: true,
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

    /// Discards the invisible text, because the page has visible text.
    #[cold]
    fn begin_visible(&mut self) {
        self.positions.clear();
        self.is_invisible = false;
        (self.guessed, self.unmapped, self.text_bytes) = (0, 0, 0);
    }
}

impl Observer for GlyphCollector {
    // Almost always the whole page.
    const INITIAL_CHUNK_BYTES: usize = 64 << 10;

    fn style(&mut self, style: GlyphStyle) {
        self.shows_visible = style.is_visible;
        self.positions.set_matrix(style.matrix);
    }

    #[expect(clippy::inline_always, reason = "called for every glyph of every page")]
    #[inline(always)]
    fn glyph(&mut self, glyph: &Glyph, origin: (f32, f32)) -> ControlFlow<()> {
        if self.shows_visible == self.is_invisible {
            if !self.shows_visible {
                return ControlFlow::Continue(());
            }
            self.begin_visible();
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

    fn image(&mut self, _: Area) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    fn drawing(&mut self) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}
