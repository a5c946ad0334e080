//! Extracts the words of a page and their positions.
//!
//! Glyphs come from the interpreter that also classifies pages; it reads only font dictionaries. If
//! those do not map enough codes to Unicode, hayro-interpret decodes the glyphs, because it reads
//! font programs too. It is much slower and cannot be interrupted, so it runs only on pages that
//! the interpreter has executed within the budget.

mod edits;
mod font_programs;
mod garbled_fonts;
mod glyph_positions;
mod layout;
mod odd_numbers;
mod overlays;
mod page_text;

pub(super) use edits::DocumentEdits;
pub(crate) use edits::is_amount;
pub use edits::{Edit, EditKind};
pub(super) use garbled_fonts::FontJudge;
pub use odd_numbers::Difference;
pub(super) use odd_numbers::odd_number;
pub use page_text::{Line, PageText, Word, WordSpan, place_on_page};

use super::content::{
    Area, CharMapping, Fill, FontFacts, Glyph, GlyphStyle, ImagePaint, LevelGlyphs, MapSource,
    Observer, Visibility, Workspace,
};
use super::limits::{Budget, LimitHit};
use super::lost_glyphs::MIN_LOST_GLYPHS;
use super::structure::{self, PageFrame};
use super::surface::Coverage;
use edits::{EditAt, PageEdits};
use garbled_fonts::FontSpan;
use glyph_positions::GlyphPositions;
use hayro_syntax::page::Page;
use std::ops::ControlFlow;

/// Number of glyphs decoded to decide whether the font programs of a page map to Unicode.
const MAX_SAMPLED_GLYPHS: usize = 2000;
/// Lines whose memory is kept for the next page.
const MAX_SPARE_LINES: usize = 1 << 10;

/// The text of a page, and what a classification that read only the start of it may have missed.
#[derive(Debug)]
pub(super) struct Extracted {
    pub(super) text: PageText,
    /// The share of the page, in percent, that inline images cover.
    pub(super) inline_images: u32,
    /// Whether many glyphs have no text.
    pub(super) has_lost_glyphs: bool,
    /// Whether the text shows that a font maps its glyphs to wrong characters.
    pub(super) has_garbled_font: bool,
    /// Signs that the page was edited.
    pub(super) edits: PageEdits,
}

/// Memory that is reused from page to page.
#[derive(Debug, Default)]
pub(super) struct TextBuffers {
    positions: Option<GlyphPositions>,
    lines: Vec<Line>,
}

impl TextBuffers {
    /// Takes the memory of a page that is not used any more.
    pub(super) fn recycle(&mut self, page: PageText) {
        if self.lines.len() < MAX_SPARE_LINES {
            self.lines.extend(page.lines);
        }
    }
}

/// Extracts the visible or the invisible text of a page, or the other one if there is none.
///
/// # Errors
///
/// Returns an error if the document's budget is exhausted.
pub(super) fn extract(
    page: &Page<'_>,
    layer: Visibility,
    fonts: &mut FontJudge,
    workspace: &mut Workspace,
    buffers: &mut TextBuffers,
    budget: &mut Budget<'_>,
) -> Result<Extracted, LimitHit> {
    let frame = PageFrame::of(page);
    let used = buffers.positions.take();
    let mut positions = used.unwrap_or_else(|| GlyphPositions::new(frame.area));
    positions.restart(frame.area);
    let mut collector = GlyphCollector::new(budget.limits().text_chars, positions, layer);
    structure::run_contents(page, &frame, workspace, budget, &mut collector)?;
    let covering = collector.covering_annotations(page, &frame);
    let _stopped = structure::run_annotations(page, &frame, workspace, budget, &mut collector)?;
    collector.end_span();
    let mut is_decoded = false;
    if collector.needs_font_programs() && budget.request_unbounded_engine() {
        let decoded = font_programs::decode(page, &frame, budget.limits().text_chars);
        // Font programs can also decode less, for example if they are damaged.
        let (found, known) = (decoded.positions.len(), collector.positions.len());
        let is_enough = collector.prefers_programs && found * 10 >= known * 9;
        is_decoded = found > known || is_enough;
        if is_decoded {
            collector.positions = decoded.positions;
        }
    }
    let garbled = if !is_decoded {
        fonts.judge(&collector.spans, &collector.positions)
    } else if garbled_fonts::is_nonsense(&collector.positions) {
        collector.guessed_fonts()
    } else {
        Vec::new()
    };
    for (font, source) in &garbled {
        workspace.mark_garbled(*font, *source);
    }
    let lost = collector.lost;
    let glyphs = collector.positions.len() + lost;
    let text = layout::layout(&collector.positions, &mut buffers.lines);
    let extracted = Extracted {
        edits: match layer {
            Visibility::Visible if !is_decoded => {
                PageEdits::of(&collector.spans, &collector.positions, covering, &text)
            }
            _ => PageEdits::default(),
        },
        text,
        inline_images: collector.inline_images.map_or(0, |images| images.percent()),
        has_lost_glyphs: lost >= MIN_LOST_GLYPHS as usize && lost * 50 >= glyphs,
        has_garbled_font: !garbled.is_empty(),
    };
    buffers.positions = Some(collector.positions);
    Ok(extracted)
}

/// Whether the font programs map at least half of a page's glyphs to Unicode, and to text that
/// makes sense.
///
/// At least one glyph must be a letter or digit.
pub(super) fn decodes_by_font_programs(page: &Page<'_>, frame: &PageFrame) -> bool {
    let decoded = font_programs::decode(page, frame, MAX_SAMPLED_GLYPHS);
    decoded.alphanumeric > 0
        && decoded.alphanumeric >= decoded.unmapped
        && !decoded.lacks_digits()
        && !garbled_fonts::is_nonsense(&decoded.positions)
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
    /// Glyphs without text that are not blanks.
    lost: usize,
    /// Number of glyphs with text before the last glyph without.
    lost_at: usize,
    /// The font of the current text.
    font: Option<FontFacts>,
    /// The texts of single fonts. The last one has no end yet.
    spans: Vec<FontSpan>,
    /// Whether a font program is more reliable than the mapping of a font.
    prefers_programs: bool,
    /// Whether the font dictionary of a font states wrong characters.
    has_wrong_map: bool,
    /// Bytes of collected text.
    text_bytes: usize,
    max_text_bytes: usize,
}

impl GlyphCollector {
    fn new(max_text_bytes: usize, positions: GlyphPositions, preferred: Visibility) -> Self {
        Self {
            page: positions.page(),
            positions,
            preferred,
            collected: preferred.other(),
            shown: Visibility::Visible,
            inline_images: None,
            guessed: 0,
            unmapped: 0,
            lost: 0,
            lost_at: usize::MAX,
            font: None,
            spans: Vec::new(),
            prefers_programs: false,
            has_wrong_map: false,
            text_bytes: 0,
            max_text_bytes,
        }
    }

    /// Whether more than a third of the glyphs are guessed or unmapped.
    ///
    /// Only then does reading font programs pay.
    fn needs_font_programs(&self) -> bool {
        let uncertain = self.guessed + self.unmapped;
        let glyphs = self.positions.len() + self.unmapped;
        !self.has_wrong_map && (uncertain * 3 > glyphs || self.unmapped_is_much(glyphs))
    }

    /// Whether so many glyphs have no text that they can be digits.
    fn unmapped_is_much(&self, glyphs: usize) -> bool {
        self.unmapped >= MIN_LOST_GLYPHS as usize && self.unmapped * 20 > glyphs
    }

    /// Starts the text of another font.
    #[cold]
    fn begin_font(&mut self, font: FontFacts) {
        self.end_span();
        self.font = Some(font);
        self.prefers_programs |= font.prefers_program;
        self.has_wrong_map |= font.garbled == Some(MapSource::Stated);
        let start = self.positions.mark();
        self.spans.push(FontSpan {
            font: font.id,
            start,
            end: start,
            guessed: self.guessed,
        });
    }

    fn end_span(&mut self) {
        if let Some(span) = self.spans.last_mut() {
            span.end = self.positions.mark();
            span.guessed = self.guessed - span.guessed;
        }
    }

    /// Adds a glyph that is not a character which the font dictionary states, or not of the text
    /// that is collected.
    #[cold]
    #[inline(never)]
    fn add_unusual(&mut self, glyph: &Glyph, origin: (f32, f32)) {
        if self.shown != self.collected {
            if self.shown != self.preferred {
                return;
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
                if text.is_empty() {
                    self.add_lost(true);
                }
                self.positions.push_text(text, origin, glyph.advance);
            }
            CharMapping::Unmapped => {
                self.unmapped += 1;
                self.add_lost(false);
            }
        }
    }

    /// Counts a glyph without text. A single one with an empty text can be a blank.
    #[cold]
    fn add_lost(&mut self, is_empty: bool) {
        let before = self.positions.len();
        self.lost += usize::from(!is_empty || before == self.lost_at);
        self.lost_at = before;
    }

    /// Returns the annotations that cover digits of the content, each with the baseline of one.
    fn covering_annotations(&self, page: &Page<'_>, frame: &PageFrame) -> Vec<EditAt> {
        let annotations = structure::covering_annotations(page, frame);
        let at = annotations.into_iter().filter_map(|(kind, area)| {
            let kind = EditKind::Annotation(kind);
            let y = self.positions.digit_within(area)?;
            Some(EditAt { kind, y })
        });
        at.collect()
    }

    /// Returns the fonts with guessed characters.
    fn guessed_fonts(&self) -> Vec<(u32, MapSource)> {
        let guessed = self.spans.iter().filter(|span| span.is_guessed());
        let mut fonts: Vec<_> = guessed
            .map(|span| (span.font, MapSource::Guessed))
            .collect();
        fonts.sort_unstable_by_key(|(font, _)| *font);
        fonts.dedup();
        fonts
    }

    /// Discards the other text, because the page has preferred text.
    #[cold]
    fn begin_preferred(&mut self) {
        self.positions.clear();
        self.collected = self.preferred;
        (self.guessed, self.unmapped, self.text_bytes) = (0, 0, 0);
        (self.lost, self.lost_at) = (0, usize::MAX);
        self.spans.clear();
        if let Some(font) = self.font {
            self.begin_font(font);
        }
    }
}

impl Observer for GlyphCollector {
    // Almost always the whole page.
    const INITIAL_CHUNK_BYTES: usize = 64 << 10;
    const TRACKS_PAINT: bool = false;
    const TAKES_LEVEL_GLYPHS: bool = true;

    fn style(&mut self, style: GlyphStyle) {
        self.shown = style.visibility;
        if self.font != Some(style.font) {
            self.begin_font(style.font);
        }
        self.positions.set_matrix(style.matrix);
    }

    #[expect(clippy::inline_always, reason = "called for every glyph of every page")]
    #[inline(always)]
    fn glyph(&mut self, glyph: &Glyph, origin: (f32, f32)) -> ControlFlow<()> {
        match glyph.mapping {
            CharMapping::Char(c) if self.shown == self.collected => {
                self.text_bytes += c.len_utf8();
                self.positions.push(c, origin, glyph.advance);
            }
            _ => self.add_unusual(glyph, origin),
        }
        if self.text_bytes >= self.max_text_bytes {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    fn level_glyphs(&mut self, glyphs: &LevelGlyphs<'_>, y: f32) -> ControlFlow<()> {
        if self.shown != self.collected {
            if self.shown != self.preferred {
                return ControlFlow::Continue(());
            }
            self.begin_preferred();
        }
        self.text_bytes += self.positions.extend_level(glyphs, y);
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
