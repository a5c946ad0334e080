//! Extracts the words of a page and their positions.
//!
//! Glyphs come from the interpreter that also classifies pages; it reads only font dictionaries. If
//! those do not map enough codes to Unicode, hayro-interpret decodes the glyphs, because it reads
//! font programs too. It is much slower and cannot be interrupted, so it runs only on pages that
//! the interpreter has executed within the budget.

mod font_programs;
mod glyph_positions;
mod layout;

use super::content::{Area, CharMapping, Glyph, GlyphStyle, Interpreter, Observer, Workspace};
use super::limits::{Budget, LimitHit};
use super::structure::{self, PageFrame};
use glyph_positions::GlyphPositions;
use hayro_syntax::page::Page;
use std::ops::ControlFlow;

/// Number of glyphs decoded to decide whether the font programs of a page map to Unicode.
const MAX_SAMPLED_GLYPHS: usize = 2000;
/// Glyphs of a typical word of a statement including the space, for the initial capacity.
const TYPICAL_WORD_GLYPHS: usize = 6;

/// A word and its position, in points from the left edge of the displayed page.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Word<'l> {
    /// The characters as the document maps them to Unicode. Untrusted.
    pub text: &'l str,
    /// The left end.
    pub x0: f32,
    /// The right end; at least `x0`.
    pub x1: f32,
}

/// The words on one baseline, from left to right.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    text: String,
    words: Vec<WordSpan>,
    /// The baseline, from the top of the page.
    pub y: f32,
    /// The size of the largest glyph.
    pub size: f32,
}

/// The position of a word in the text of its line (bytes) and on the page (points).
#[derive(Debug, Clone, Copy, PartialEq)]
struct WordSpan {
    start: usize,
    end: usize,
    x0: f32,
    x1: f32,
}

impl Line {
    /// Creates a line from words.
    pub fn new<'w>(words: impl IntoIterator<Item = Word<'w>>, y: f32, size: f32) -> Self {
        let mut line = Self::with_capacity(0);
        (line.y, line.size) = (y, size);
        for word in words {
            line.begin_word(word.x0, word.x1);
            line.text.push_str(word.text);
            line.end_word(word.x1);
        }
        line
    }

    /// Returns the words, separated by single spaces.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the words from left to right.
    pub fn words(&self) -> impl ExactSizeIterator<Item = Word<'_>> {
        self.words.iter().map(|span| Word {
            text: self.text.get(span.start..span.end).unwrap_or_default(),
            x0: span.x0,
            x1: span.x1,
        })
    }

    /// Creates a line without words, with capacity for the words of `glyphs` glyphs.
    fn with_capacity(glyphs: usize) -> Self {
        let words = glyphs.div_ceil(TYPICAL_WORD_GLYPHS);
        Self {
            text: String::with_capacity(glyphs + words),
            words: Vec::with_capacity(words),
            y: 0.0,
            size: 0.0,
        }
    }

    fn begin_word(&mut self, x0: f32, x1: f32) {
        if !self.words.is_empty() {
            self.text.push(' ');
        }
        let start = self.text.len();
        self.words.push(WordSpan {
            start,
            end: start,
            x0,
            x1,
        });
    }

    /// Extends the last word to the end of the text and to `x1`.
    fn end_word(&mut self, x1: f32) {
        if let Some(span) = self.words.last_mut() {
            span.end = self.text.len();
            span.x1 = span.x1.max(x1);
        }
    }
}

/// The text of one page, from top to bottom.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PageText {
    /// Width in points, after rotation.
    pub width: f32,
    /// Height in points, after rotation.
    pub height: f32,
    /// Lines from top to bottom. Each has at least one word.
    pub lines: Vec<Line>,
}

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
