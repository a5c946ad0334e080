//! The words of one page and where they stand.
//!
//! Glyphs come from the same interpreter that classifies pages. Where its light fonts cannot tell
//! what the codes mean, hayro-interpret, which reads font programs, is asked instead: better at
//! decoding, slower by far, and without a way to stop it, so only for pages already run in budget.

mod engine;
mod layout;

use super::content::{Area, Glyph, Interpreter, Meaning, Observer, Workspace};
use super::limits::{Budget, LimitHit};
use super::structure::{self, PageFrame};
use hayro_syntax::page::Page;
use layout::{GlyphText, PlacedGlyph};
use std::ops::ControlFlow;

/// A word and where it stands, in points from the upper left corner of the page as shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Word {
    /// Its characters, as the document maps them to Unicode. Untrusted.
    pub text: String,
    /// The left end.
    pub x0: f32,
    /// The right end; never left of `x0`.
    pub x1: f32,
}

/// Words on one baseline, from left to right.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Never empty.
    pub words: Vec<Word>,
    /// The baseline, from the top of the page.
    pub y: f32,
    /// The size of the largest glyph.
    pub size: f32,
}

impl Line {
    /// The words with single spaces between them.
    pub fn text(&self) -> String {
        let words: Vec<&str> = self.words.iter().map(|word| word.text.as_str()).collect();
        words.join(" ")
    }
}

/// The text of one page, from top to bottom.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PageText {
    /// In points, after rotation.
    pub width: f32,
    /// In points, after rotation.
    pub height: f32,
    /// Lines from top to bottom.
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
    Ok(layout::page_text(&glyphs.placed, frame.area))
}

/// Whether the font programs tell what most glyphs of a page mean, letters or digits among them.
pub(super) fn decodes_by_font_programs(page: &Page<'_>, frame: &PageFrame) -> bool {
    let found = engine::glyphs(page, frame, GLYPHS_SAMPLED);
    found.alphanumeric > 0 && found.alphanumeric >= found.unmapped
}

/// Glyphs of a full page of a statement.
const USUAL_GLYPHS: usize = 4096;
/// Glyphs looked at to find out whether a page's font programs help.
const GLYPHS_SAMPLED: usize = 2000;

/// Collects glyphs with their places.
struct Glyphs {
    placed: Vec<PlacedGlyph>,
    /// The layer that OCR puts under a scan; used where nothing is visible.
    invisible: bool,
    guessed: usize,
    unmapped: usize,
    /// Bytes of text kept.
    kept: usize,
    max: usize,
    page: Area,
}

impl Glyphs {
    fn new(max: usize, page: Area) -> Self {
        Self {
            placed: Vec::with_capacity(USUAL_GLYPHS),
            invisible: true,
            guessed: 0,
            unmapped: 0,
            kept: 0,
            max,
            page,
        }
    }

    /// Whether so much is guessed or unknown that reading font programs pays.
    fn needs_font_programs(&self) -> bool {
        let doubtful = self.guessed + self.unmapped;
        doubtful * 3 > self.placed.len() + self.unmapped
    }
}

impl Observer for Glyphs {
    fn glyph(&mut self, glyph: &Glyph) -> ControlFlow<()> {
        if glyph.visible == self.invisible {
            if glyph.visible {
                // The first visible glyph: what was invisible before it does not count.
                self.placed.clear();
                self.invisible = false;
                (self.guessed, self.unmapped, self.kept) = (0, 0, 0);
            } else {
                return ControlFlow::Continue(());
            }
        }
        let text = match &glyph.meaning {
            Meaning::Char(c) => GlyphText::Char(*c),
            Meaning::Guess(c) => {
                self.guessed += 1;
                GlyphText::Char(*c)
            }
            Meaning::Text(text) => GlyphText::Many(text.clone()),
            Meaning::Unmapped => {
                self.unmapped += 1;
                return ControlFlow::Continue(());
            }
        };
        self.kept += text.len();
        if let Some(placed) = PlacedGlyph::new(text, glyph.matrix, glyph.advance, self.page) {
            self.placed.push(placed);
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
