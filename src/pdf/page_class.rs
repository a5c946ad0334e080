//! One page's class, from what its content puts on the page.

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

/// What a reader can get out of one page. The letters are those of the record's page map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum PageClass {
    /// `T`: visible text that can be copied.
    Text,
    /// `O`: the only text is invisible, as OCR adds it to a scan.
    Ocr,
    /// `U`: text is shown, but most of it does not map to Unicode.
    Unmapped,
    /// `S`: no text, and images cover much of the page.
    Scanned,
    /// `V`: no text, but drawn shapes or small images.
    Vector,
    /// `B`: nothing at all.
    Blank,
    /// `X`: the page could not be read.
    Unreadable,
}

impl PageClass {
    /// Every class.
    pub const ALL: [Self; 7] = [
        Self::Text,
        Self::Ocr,
        Self::Unmapped,
        Self::Scanned,
        Self::Vector,
        Self::Blank,
        Self::Unreadable,
    ];

    /// The letter that stands for this class in a page map.
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

/// Letters and digits that make text on a page under a full-page image: scans often carry a page
/// number or a stray character as text.
const LETTERS_OVER_IMAGE: u32 = 20;
/// The share of the page, in percent, from which images without text make a scan.
const SCAN_PERCENT: u32 = 30;
/// The share of the page, in percent, from which an image counts as full-page.
///
/// Scans keep white margins; logos and photographs in a layout stay well below.
const FULL_PAGE_PERCENT: u32 = 70;

/// Classifies one page, reading no further than needed.
///
/// # Errors
///
/// When the document's budget is used up.
pub(super) fn classify(
    pdf: &Pdf,
    page: &Page<'_>,
    workspace: &mut Workspace,
    budget: &mut Budget<'_>,
) -> Result<PageClass, LimitHit> {
    let frame = PageFrame::of(page);
    let mut marks = Marks::new(frame.area);
    let contents = structure::contents(page);
    let lost = contents.is_empty() && structure::has_lost_contents(pdf, page);
    let outcome = Interpreter::new(workspace, budget, &mut marks).run(
        contents,
        page.resources(),
        frame.to_page,
        frame.area,
    )?;
    if outcome != RunOutcome::Stopped {
        let _stopped = structure::run_annotations(page, &frame, workspace, budget, &mut marks)?;
    }
    let class = marks.class();
    if class == PageClass::Blank && (lost || outcome == RunOutcome::Damaged) {
        return Ok(PageClass::Unreadable);
    }
    // Font programs often know what the dictionaries do not say.
    if class == PageClass::Unmapped
        && budget.may_run_any_engine()
        && text::decodes_by_font_programs(page, &frame)
    {
        return Ok(PageClass::Text);
    }
    Ok(class)
}

/// Counts what was seen on one page.
struct Marks {
    coverage: Coverage,
    visible: Letters,
    invisible: Letters,
    /// Whether the string being shown is visible.
    shows: bool,
    drawn: bool,
}

#[derive(Default)]
struct Letters {
    /// Glyphs of any kind that are not spaces.
    glyphs: u32,
    /// Letters and digits.
    alphanumeric: u32,
    unmapped: u32,
}

impl Letters {
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

impl Marks {
    fn new(page: Area) -> Self {
        Self {
            coverage: Coverage::new(page),
            visible: Letters::default(),
            invisible: Letters::default(),
            shows: true,
            drawn: false,
        }
    }

    fn class(&self) -> PageClass {
        let covered = self.coverage.percent();
        let needed = if covered >= FULL_PAGE_PERCENT {
            LETTERS_OVER_IMAGE
        } else {
            1
        };
        if self.visible.alphanumeric >= needed && self.visible.alphanumeric >= self.visible.unmapped
        {
            PageClass::Text
        } else if self.visible.unmapped >= needed {
            PageClass::Unmapped
        } else if self.invisible.alphanumeric >= needed {
            PageClass::Ocr
        } else if covered >= SCAN_PERCENT {
            PageClass::Scanned
        } else if self.drawn || self.coverage.any || self.visible.glyphs > 0 {
            PageClass::Vector
        } else {
            PageClass::Blank
        }
    }
}

impl Observer for Marks {
    // Most pages of statements show text within it.
    const INITIAL_CHUNK_BYTES: usize = 512;

    fn style(&mut self, style: GlyphStyle) {
        self.shows = style.is_visible;
    }

    fn glyph(&mut self, glyph: &Glyph, _: (f32, f32)) -> ControlFlow<()> {
        if !self.shows {
            self.invisible.count(&glyph.mapping);
            return ControlFlow::Continue(());
        }
        self.visible.count(&glyph.mapping);
        let seen = &self.visible;
        // Whatever follows, the page has text.
        if seen.alphanumeric >= LETTERS_OVER_IMAGE && seen.unmapped == 0 {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    fn image(&mut self, area: Area) -> ControlFlow<()> {
        self.coverage.add(area);
        ControlFlow::Continue(())
    }

    fn drawing(&mut self) -> ControlFlow<()> {
        self.drawn = true;
        ControlFlow::Continue(())
    }
}

/// How much of a page images cover, on a grid, so that strips add up and overlaps do not.
struct Coverage {
    page: Area,
    rows: [u64; GRID],
    any: bool,
}

const GRID: usize = 64;

impl Coverage {
    fn new(page: Area) -> Self {
        Self {
            page,
            rows: [0; GRID],
            any: false,
        }
    }

    fn add(&mut self, area: Area) {
        let area = area.intersect(self.page);
        if area.is_empty() {
            return;
        }
        self.any = true;
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
    fn strips_add_up_and_overlaps_do_not() {
        assert_eq!(covered(&[(0.0, 0.0, 600.0, 800.0)]), 100);
        assert_eq!(covered(&[(0.0, 0.0, 600.0, 400.0); 2]), 50);
        let strips: Vec<_> = (0..100)
            .map(|strip| (0.0, strip as f32 * 8.0, 600.0, strip as f32 * 8.0 + 8.0))
            .collect();
        assert_eq!(covered(&strips), 100);
        assert_eq!(covered(&[(-500.0, -500.0, 0.0, 0.0)]), 0);
    }

    #[test]
    fn classes_are_ordered_by_what_a_reader_can_copy() {
        let check = |text: u32, unmapped: u32, invisible: u32, full_image: bool, expected| {
            let mut marks = Marks::new(PAGE);
            marks.visible.alphanumeric = text;
            marks.visible.unmapped = unmapped;
            marks.visible.glyphs = text + unmapped;
            marks.invisible.alphanumeric = invisible;
            if full_image {
                marks.coverage.add(PAGE);
            }
            assert_eq!(marks.class(), expected);
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
