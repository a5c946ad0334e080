//! Classifies a page by what its content draws: text, images, shapes or nothing.

use super::content::{
    Area, CharMapping, Glyph, GlyphStyle, Interpreter, Observer, RunOutcome, Workspace,
};
use super::limits::{Budget, LimitHit};
use super::structure::{self, PageFrame};
use super::text;
use hayro_syntax::Pdf;
use hayro_syntax::page::Page;
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;

/// What a reader can extract from one page. The letters are those of the page map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum PageClass {
    /// `T`: visible text that can be copied.
    Text,
    /// `O`: all text is invisible, such as the layer that OCR adds to a scan.
    Ocr,
    /// `U`: visible text, but most glyphs do not map to Unicode.
    Unmapped,
    /// `S`: no text, and images cover much of the page.
    Scanned,
    /// `V`: no text, but vector graphics or small images.
    Vector,
    /// `B`: no content.
    Blank,
    /// `X`: the page could not be read.
    Unreadable,
}

impl PageClass {
    /// All classes.
    pub const ALL: [Self; 7] = [
        Self::Text,
        Self::Ocr,
        Self::Unmapped,
        Self::Scanned,
        Self::Vector,
        Self::Blank,
        Self::Unreadable,
    ];

    /// Returns the letter of this class in a page map.
    pub fn letter(self) -> char {
        match self {
            Self::Text => 'T',
            Self::Ocr => 'O',
            Self::Unmapped => 'U',
            Self::Scanned => 'S',
            Self::Vector => 'V',
            Self::Blank => 'B',
            Self::Unreadable => 'X',
        }
    }
}

/// Minimum letters and digits for a text page if an image covers the full page: scans often have a
/// page number or stray characters as text.
const MIN_LETTERS_OVER_IMAGE: u32 = 20;
/// Minimum share of the page, in percent, that the images of a scan without text cover.
const MIN_SCAN_PERCENT: u32 = 30;
/// Minimum share of the page, in percent, that a full-page image covers.
///
/// Scans have white margins; logos and photographs in a layout cover much less.
const MIN_FULL_PAGE_PERCENT: u32 = 70;

/// Classifies one page. Stops reading as soon as the class is certain.
///
/// # Errors
///
/// If the budget is exceeded.
pub(super) fn classify(
    pdf: &Pdf,
    page: &Page<'_>,
    workspace: &mut Workspace,
    budget: &mut Budget<'_>,
) -> Result<PageClass, LimitHit> {
    let frame = PageFrame::of(page);
    let mut observed = Observed::new(frame.area);
    let contents = structure::contents(page);
    let lost = contents.is_empty() && structure::has_lost_contents(pdf, page);
    let outcome = Interpreter::new(workspace, budget, &mut observed).run(
        contents,
        page.resources(),
        frame.to_page,
        frame.area,
    )?;
    if outcome != RunOutcome::Stopped {
        let _stopped = structure::run_annotations(page, &frame, workspace, budget, &mut observed)?;
    }
    let class = observed.class();
    if class == PageClass::Blank && (lost || outcome == RunOutcome::Damaged) {
        return Ok(PageClass::Unreadable);
    }
    // Font programs often map glyphs that the font dictionaries do not.
    if class == PageClass::Unmapped
        && budget.request_unbounded_engine()
        && text::decodes_by_font_programs(page, &frame)
    {
        return Ok(PageClass::Text);
    }
    Ok(class)
}

/// Counts what the content of one page draws.
struct Observed {
    coverage: Coverage,
    visible: GlyphCounts,
    invisible: GlyphCounts,
    /// Whether the current text is visible.
    is_visible: bool,
    has_drawing: bool,
}

#[derive(Default)]
struct GlyphCounts {
    /// All glyphs except spaces.
    glyphs: u32,
    /// Letters and digits.
    alphanumeric: u32,
    unmapped: u32,
}

impl GlyphCounts {
    fn count(&mut self, mapping: &CharMapping) {
        match mapping {
            CharMapping::Unmapped => {
                self.glyphs += 1;
                self.unmapped += 1;
            }
            CharMapping::Char(c) | CharMapping::Guess(c) if c.is_whitespace() => {}
            CharMapping::Text(text) if text.is_empty() => {}
            _ => {
                self.glyphs += 1;
                self.alphanumeric += u32::from(mapping.is_alphanumeric());
            }
        }
    }
}

impl Observed {
    fn new(page: Area) -> Self {
        Self {
            coverage: Coverage::new(page),
            visible: GlyphCounts::default(),
            invisible: GlyphCounts::default(),
            is_visible: true,
            has_drawing: false,
        }
    }

    fn class(&self) -> PageClass {
        // The order is from the most to the least extractable text.
        let covered = self.coverage.percent();
        let min_letters = if covered >= MIN_FULL_PAGE_PERCENT {
            MIN_LETTERS_OVER_IMAGE
        } else {
            1
        };
        if self.visible.alphanumeric >= min_letters
            && self.visible.alphanumeric >= self.visible.unmapped
        {
            PageClass::Text
        } else if self.visible.unmapped >= min_letters {
            PageClass::Unmapped
        } else if self.invisible.alphanumeric >= min_letters {
            PageClass::Ocr
        } else if covered >= MIN_SCAN_PERCENT {
            PageClass::Scanned
        } else if self.has_drawing || self.coverage.has_image || self.visible.glyphs > 0 {
            PageClass::Vector
        } else {
            PageClass::Blank
        }
    }
}

impl Observer for Observed {
    // Most statement pages draw text within this many bytes.
    const INITIAL_CHUNK_BYTES: usize = 512;

    fn style(&mut self, style: GlyphStyle) {
        self.is_visible = style.is_visible;
    }

    fn glyph(&mut self, glyph: &Glyph, _: (f32, f32)) -> ControlFlow<()> {
        if !self.is_visible {
            self.invisible.count(&glyph.mapping);
            return ControlFlow::Continue(());
        }
        self.visible.count(&glyph.mapping);
        let counts = &self.visible;
        // The page has enough text, whatever follows.
        if counts.alphanumeric >= MIN_LETTERS_OVER_IMAGE && counts.unmapped == 0 {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    fn image(&mut self, area: Area) -> ControlFlow<()> {
        self.coverage.add(area);
        ControlFlow::Continue(())
    }

    fn drawing(&mut self) -> ControlFlow<()> {
        self.has_drawing = true;
        ControlFlow::Continue(())
    }
}

/// Measures the share of a page that images cover, on a grid: strips of one image add up, and
/// overlaps count once.
struct Coverage {
    page: Area,
    /// One bit per covered cell.
    rows: [u64; GRID],
    has_image: bool,
}

/// Rows and columns of the grid: the bits of a `u64`.
const GRID: usize = 64;

impl Coverage {
    fn new(page: Area) -> Self {
        Self {
            page,
            rows: [0; GRID],
            has_image: false,
        }
    }

    fn add(&mut self, area: Area) {
        let area = area.intersect(self.page);
        if area.is_empty() {
            return;
        }
        self.has_image = true;
        // Both edges are rounded to cell borders, so that adjacent strips leave no gap.
        let cells = |from: f32, to: f32, start: f32, end: f32| {
            let scale = GRID as f32 / (end - start).max(f32::MIN_POSITIVE);
            let first = ((from - start) * scale).round().clamp(0.0, GRID as f32);
            let last = ((to - start) * scale).round().clamp(0.0, GRID as f32);
            (first as usize, last as usize)
        };
        let (left, right) = cells(area.x0, area.x1, self.page.x0, self.page.x1);
        let (bottom, top) = cells(area.y0, area.y1, self.page.y0, self.page.y1);
        let width = right - left;
        if width == 0 {
            return;
        }
        let mask = (u64::MAX >> (GRID - width)) << left;
        for row in self.rows.iter_mut().take(top).skip(bottom) {
            *row |= mask;
        }
    }

    fn percent(&self) -> u32 {
        let cells: u32 = self.rows.iter().map(|row| row.count_ones()).sum();
        cells * 100 / (GRID * GRID) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: Area = Area {
        x0: 0.0,
        y0: 0.0,
        x1: 600.0,
        y1: 800.0,
    };

    fn covered(areas: &[(f32, f32, f32, f32)]) -> u32 {
        let mut coverage = Coverage::new(PAGE);
        for &(x0, y0, x1, y1) in areas {
            coverage.add(Area { x0, y0, x1, y1 });
        }
        coverage.percent()
    }

    #[test]
    fn strips_add_up_and_overlaps_count_once() {
        assert_eq!(covered(&[(0.0, 0.0, 600.0, 800.0)]), 100);
        assert_eq!(covered(&[(0.0, 0.0, 600.0, 400.0); 2]), 50);
        let strips: Vec<_> = (0..100)
            .map(|strip| (0.0, strip as f32 * 8.0, 600.0, strip as f32 * 8.0 + 8.0))
            .collect();
        assert_eq!(covered(&strips), 100);
        assert_eq!(covered(&[(-500.0, -500.0, 0.0, 0.0)]), 0);
    }

    #[test]
    fn classes_with_more_extractable_text_take_precedence() {
        let check = |text: u32, unmapped: u32, invisible: u32, full_image: bool, expected| {
            let mut observed = Observed::new(PAGE);
            observed.visible.alphanumeric = text;
            observed.visible.unmapped = unmapped;
            observed.visible.glyphs = text + unmapped;
            observed.invisible.alphanumeric = invisible;
            if full_image {
                observed.coverage.add(PAGE);
            }
            assert_eq!(observed.class(), expected);
        };
        check(1, 0, 0, false, PageClass::Text);
        check(19, 0, 0, true, PageClass::Scanned);
        check(20, 0, 0, true, PageClass::Text);
        check(0, 30, 0, false, PageClass::Unmapped);
        check(0, 0, 500, true, PageClass::Ocr);
        check(0, 0, 1, true, PageClass::Scanned);
        check(0, 0, 0, true, PageClass::Scanned);
        check(0, 0, 0, false, PageClass::Blank);
    }
}
