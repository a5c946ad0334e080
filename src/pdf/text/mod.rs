//! The words of one page and where they stand.
//!
//! Glyphs come from the same interpreter that classifies pages. Where its light fonts cannot tell
//! what the codes mean, hayro-interpret, which reads font programs, is asked instead: better at
//! decoding, slower by far, and without a way to stop it, so only for pages already run in budget.

mod engine;
mod layout;
mod placing;

use super::content::{Area, Interpreter, Meaning, Observer, Sign, Style, Workspace};
use super::limits::{Budget, LimitHit};
use super::structure::{self, PageFrame};
use hayro_syntax::page::Page;
use placing::PlacedGlyphs;
use std::ops::ControlFlow;

/// A word and where it stands, in points from the left edge of the page as shown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Word<'l> {
    /// Its characters, as the document maps them to Unicode. Untrusted.
    pub text: &'l str,
    /// The left end.
    pub x0: f32,
    /// The right end; never left of `x0`.
    pub x1: f32,
}

/// Words on one baseline, from left to right.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    text: String,
    places: Vec<Place>,
    /// The baseline, from the top of the page.
    pub y: f32,
    /// The size of the largest glyph.
    pub size: f32,
}

/// Where a word stands in the text of its line, and on the page.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Place {
    start: usize,
    end: usize,
    x0: f32,
    x1: f32,
}

/// Glyphs of a word of a statement, with what parts it from the next.
const USUAL_WORD: usize = 6;

impl Line {
    /// A line of these words.
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

    /// The words with single spaces between them.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// From left to right.
    pub fn words(&self) -> impl ExactSizeIterator<Item = Word<'_>> {
        self.places.iter().map(|place| Word {
            text: self.text.get(place.start..place.end).unwrap_or_default(),
            x0: place.x0,
            x1: place.x1,
        })
    }

    /// A line without words, and room for those of so many glyphs.
    fn with_capacity(glyphs: usize) -> Self {
        let words = glyphs.div_ceil(USUAL_WORD);
        Self {
            text: String::with_capacity(glyphs + words),
            places: Vec::with_capacity(words),
            y: 0.0,
            size: 0.0,
        }
    }

    fn begin_word(&mut self, x0: f32, x1: f32) {
        if !self.places.is_empty() {
            self.text.push(' ');
        }
        let start = self.text.len();
        self.places.push(Place {
            start,
            end: start,
            x0,
            x1,
        });
    }

    /// Ends the last word, for now, behind the text and at `x1`.
    fn end_word(&mut self, x1: f32) {
        if let Some(place) = self.places.last_mut() {
            place.end = self.text.len();
            place.x1 = place.x1.max(x1);
        }
    }
}

/// The text of one page, from top to bottom.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PageText {
    /// In points, after rotation.
    pub width: f32,
    /// In points, after rotation.
    pub height: f32,
    /// Lines from top to bottom, none of them without words.
    pub lines: Vec<Line>,
}

/// Reads the text of a page.
///
/// # Errors
///
/// When the document's budget is used up.
pub(super) fn extract(
    page: &Page<'_>,
    workspace: &mut Workspace,
    budget: &mut Budget<'_>,
) -> Result<PageText, LimitHit> {
    let frame = PageFrame::of(page);
    let mut glyphs = Glyphs::new(budget.limits().text_chars, frame.area);
    Interpreter::new(workspace, budget, &mut glyphs).run(
        structure::contents(page),
        page.resources(),
        frame.to_page,
        frame.area,
    )?;
    let _stopped = structure::run_annotations(page, &frame, workspace, budget, &mut glyphs)?;
    if glyphs.needs_font_programs() && budget.may_run_any_engine() {
        let better = engine::glyphs(page, &frame, budget.limits().text_chars);
        if better.placed.len() > glyphs.placed.len() {
            glyphs.placed = better.placed;
        }
    }
    Ok(layout::read(&glyphs.placed))
}

/// Whether the font programs tell what most glyphs of a page mean, letters or digits among them.
pub(super) fn decodes_by_font_programs(page: &Page<'_>, frame: &PageFrame) -> bool {
    let found = engine::glyphs(page, frame, GLYPHS_SAMPLED);
    found.alphanumeric > 0 && found.alphanumeric >= found.unmapped
}

/// Glyphs looked at to find out whether a page's font programs help.
const GLYPHS_SAMPLED: usize = 2000;

/// Collects glyphs with their places.
struct Glyphs {
    placed: PlacedGlyphs,
    /// The layer that OCR puts under a scan; used where nothing is visible.
    invisible: bool,
    /// Whether the string being shown is visible.
    shows: bool,
    guessed: usize,
    unmapped: usize,
    /// Bytes of text kept.
    kept: usize,
    max: usize,
}

impl Glyphs {
    fn new(max: usize, page: Area) -> Self {
        Self {
            placed: PlacedGlyphs::on(page),
            invisible: true,
            shows: true,
            guessed: 0,
            unmapped: 0,
            kept: 0,
            max,
        }
    }

    /// Whether so much is guessed or unknown that reading font programs pays.
    fn needs_font_programs(&self) -> bool {
        let doubtful = self.guessed + self.unmapped;
        doubtful * 3 > self.placed.len() + self.unmapped
    }

    /// What was invisible does not count where something is visible.
    #[cold]
    fn begin_visible(&mut self) {
        self.placed.clear();
        self.invisible = false;
        (self.guessed, self.unmapped, self.kept) = (0, 0, 0);
    }
}

impl Observer for Glyphs {
    // Nearly always the whole page.
    const FIRST_PIECE: usize = 64 << 10;

    fn style(&mut self, style: Style) {
        self.shows = style.visible;
        self.placed.set(style.matrix);
    }

    #[expect(
        clippy::inline_always,
        reason = "every glyph of every page read comes by"
    )]
    #[inline(always)]
    fn glyph(&mut self, sign: &Sign, origin: (f32, f32)) -> ControlFlow<()> {
        if self.shows == self.invisible {
            if !self.shows {
                return ControlFlow::Continue(());
            }
            self.begin_visible();
        }
        match &sign.meaning {
            Meaning::Char(c) | Meaning::Guess(c) => {
                self.guessed += usize::from(matches!(sign.meaning, Meaning::Guess(_)));
                self.kept += c.len_utf8();
                self.placed.push(*c, origin, sign.advance);
            }
            Meaning::Text(text) => {
                self.kept += text.len();
                self.placed.push_text(text, origin, sign.advance);
            }
            Meaning::Unmapped => {
                self.unmapped += 1;
                return ControlFlow::Continue(());
            }
        }
        if self.kept >= self.max {
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
