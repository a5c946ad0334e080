//! Classifies a page by what its content draws: text, images, shapes or nothing.

use super::content::{
    Area, CharMapping, Fill, FontFacts, Glyph, GlyphStyle, ImagePaint, Interpreter, MapSource,
    Matrix, Observer, Rgb, RunOutcome, Visibility, Workspace,
};
use super::damage::Damage;
use super::limits::{Budget, LimitHit};
use super::lost_glyphs::{DigitCounter, DigitCounts};
use super::structure::{self, PageFrame, UndrawnImages};
use super::surface::{Background, Surface};
use super::text;
use hayro_syntax::Pdf;
use hayro_syntax::object::ObjRef;
use hayro_syntax::page::Page;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
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

/// Letters and digits of a page of text over a full-page image (a scan has less on it).
const MIN_TEXT_OVER_IMAGE: u32 = 200;
/// Lines of a page of text over a full-page image.
const MIN_LINES_OVER_IMAGE: usize = 8;
/// Letters and digits of an invisible layer over a full-page image. Fewer are stray characters.
const MIN_INVISIBLE_OVER_IMAGE: u32 = 20;
/// Visible letters and digits without later paint from which a page without images is certain.
const MIN_CERTAIN_LETTERS: u32 = 20;
/// Minimum share of the page, in percent, that the images of a scan without text cover.
pub(super) const MIN_SCAN_PERCENT: u32 = 30;
/// Minimum share of the page, in percent, that a full-page image covers.
///
/// Scans have white margins; logos and photographs in a layout cover much less.
const MIN_FULL_PAGE_PERCENT: u32 = 70;
/// Minimum share of the page, in percent, of an image that is part of the page's background.
const MIN_PART_PERCENT: f32 = 5.0;

/// The class of a page, and what decides it together with other pages.
#[derive(Debug)]
pub(super) struct Classified {
    pub(super) class: PageClass,
    /// The images that cover the page; empty without a full-page image.
    pub(super) background: Vec<ObjRef>,
    /// Whether visible text makes it a text page if its images are only a background.
    pub(super) has_short_text: bool,
    /// Whether the page has text that no viewer shows: off the page, or in a hidden layer.
    pub(super) has_unshown_text: bool,
    /// Whether only the start of the content was read.
    pub(super) is_early: bool,
    pub(super) lost_digits: LostDigits,
}

/// Whether the digits of a page, or some of them, have no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LostDigits {
    No,
    /// If another page of the document lacks digits.
    Possible,
    Certain,
}

/// How much of a page's content is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ContentRead {
    /// Until no image of the page's resources can change the class.
    ///
    /// Inline images are not in the resources. Text is almost never below one, and only reading all
    /// content would find it.
    Enough,
    All,
}

/// Classifies one page.
///
/// # Errors
///
/// If the budget is exceeded.
pub(super) fn classify(
    pdf: &Pdf,
    page: &Page<'_>,
    read: ContentRead,
    workspace: &mut Workspace,
    budget: &mut Budget<'_>,
) -> Result<Classified, LimitHit> {
    let frame = PageFrame::of(page);
    let mut observed = Observed::new(frame.area);
    observed.read = read;
    observed.undrawn = structure::undrawn_images(page);
    let structure::Contents {
        streams: contents,
        is_incomplete,
    } = structure::contents(page);
    if is_incomplete {
        budget.record_damage(Damage::MissingContent);
    }
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
    let mut classified = observed.classified();
    classified.is_early = outcome == RunOutcome::Stopped;
    if classified.class == PageClass::Blank && (lost || outcome == RunOutcome::Damaged) {
        classified.class = PageClass::Unreadable;
    }
    // Font programs often map glyphs that the font dictionaries do not.
    if classified.class == PageClass::Unmapped
        && !observed.has_wrong_map
        && budget.request_unbounded_engine()
        && text::decodes_by_font_programs(page, &frame)
    {
        classified.class = PageClass::Text;
        classified.lost_digits = LostDigits::No;
    }
    Ok(classified)
}

/// The images behind pages, which distinguish a background from a scan.
#[derive(Debug, Default)]
pub(super) struct Backgrounds {
    behind_text: HashSet<ObjRef>,
    /// Pages with little text, and the images behind them.
    undecided: Vec<(usize, Vec<ObjRef>)>,
}

impl Backgrounds {
    /// Adds a page.
    pub(super) fn add(&mut self, index: usize, page: &Classified) {
        if page.class == PageClass::Text {
            self.behind_text.extend(&page.background);
        } else if page.has_short_text && !page.background.is_empty() {
            self.undecided.push((index, page.background.clone()));
        }
    }

    /// Returns the pages whose little text lies over the background of a text page.
    pub(super) fn text_pages(&self) -> impl Iterator<Item = usize> + '_ {
        self.undecided
            .iter()
            .filter(|(_, images)| images.iter().all(|id| self.behind_text.contains(id)))
            .map(|(index, _)| *index)
    }
}

/// Counts what the content of one page draws.
struct Observed {
    page: Area,
    surface: Surface,
    text: TextMarks,
    invisible: GlyphCounts,
    unshown_glyphs: u32,
    read: ContentRead,
    /// The style of the current text.
    style: GlyphStyle,
    /// Visible letters and digits since paint last covered anything.
    uncovered_letters: u32,
    has_unmapped: bool,
    /// Whether text was shown in a font whose dictionary states wrong characters.
    has_wrong_map: bool,
    digits: DigitCounter,
    /// Images that the page may still draw over its text.
    undrawn: UndrawnImages,
    /// The images drawn so far and their shares of the page in percent.
    drawn: Vec<(Option<ObjRef>, f32)>,
    has_drawing: bool,
}

#[derive(Debug, Clone, Copy, Default)]
struct GlyphCounts {
    /// All glyphs except spaces.
    glyphs: u32,
    /// Letters and digits.
    alphanumeric: u32,
    unmapped: u32,
    digits: DigitCounts,
}

impl GlyphCounts {
    fn of(mapping: &CharMapping) -> Self {
        let (glyphs, alphanumeric, unmapped) = match mapping {
            CharMapping::Unmapped => (1, 0, 1),
            CharMapping::Char(c) | CharMapping::Guess(c) if c.is_whitespace() => (0, 0, 0),
            _ if mapping.is_empty() => (0, 0, 0),
            _ => (1, u32::from(mapping.is_alphanumeric()), 0),
        };
        Self {
            glyphs,
            alphanumeric,
            unmapped,
            digits: DigitCounts::default(),
        }
    }

    fn add(&mut self, other: Self) {
        self.glyphs += other.glyphs;
        self.alphanumeric += other.alphanumeric;
        self.unmapped += other.unmapped;
        self.digits.add(other.digits);
    }
}

/// Glyphs that were visible when they were painted, by place and time.
#[derive(Debug, Default)]
struct TextMarks {
    marks: Vec<TextMark>,
}

/// Glyphs of one line in one cell of the surface.
#[derive(Debug, Clone, Copy)]
struct TextMark {
    counts: GlyphCounts,
    cell: usize,
    painted_at: u32,
    line: LineMark,
    /// Whether the glyphs are white and painted on an image.
    is_white_on_image: bool,
}

/// The baseline of glyphs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct LineMark {
    is_vertical: bool,
    /// Share of the page across the lines, in units of `1 / LINE_UNITS`.
    position: u16,
}

/// Units of [`LineMark::position`] per page: about 2 points on A4.
const LINE_UNITS: f32 = 400.0;
/// Units between two lines. Baselines that are closer belong to one line.
const MIN_LINE_DISTANCE: u16 = 2;
/// Marks stored per page; glyphs beyond are added to the last one.
const MAX_MARKS: usize = 1 << 17;

impl TextMarks {
    fn add(&mut self, mark: TextMark) {
        let is_full = self.marks.len() >= MAX_MARKS;
        match self.marks.last_mut() {
            Some(last) if last.is_same_place(&mark) || is_full => last.counts.add(mark.counts),
            _ => self.marks.push(mark),
        }
    }
}

impl TextMark {
    fn is_same_place(&self, other: &Self) -> bool {
        let key = |mark: &Self| {
            let Self {
                cell,
                painted_at,
                line,
                ..
            } = *mark;
            (cell, painted_at, line, mark.is_white_on_image)
        };
        key(self) == key(other)
    }
}

/// The visible text of one page.
#[derive(Debug, Default)]
struct VisibleText {
    counts: GlyphCounts,
    horizontal: Vec<LineMark>,
    vertical: Vec<LineMark>,
}

impl VisibleText {
    /// Whether the text is a page of its own, more than stamps or headers on a scan.
    fn fills_page(&self) -> bool {
        let letters = self.counts.alphanumeric + self.counts.unmapped;
        letters >= MIN_TEXT_OVER_IMAGE
            && [&self.horizontal, &self.vertical]
                .into_iter()
                .any(|lines| fills_half(lines))
    }
}

/// Whether enough lines span at least half of the page.
fn fills_half(lines: &[LineMark]) -> bool {
    let mut positions: Vec<_> = lines.iter().map(|line| line.position).collect();
    positions.sort_unstable();
    let (Some(first), Some(last)) = (positions.first(), positions.last()) else {
        return false;
    };
    let span = f32::from(last - first) / LINE_UNITS;
    let mut count = 0;
    let mut next = 0;
    for position in &positions {
        if *position >= next {
            count += 1;
            next = position + MIN_LINE_DISTANCE;
        }
    }
    count >= MIN_LINES_OVER_IMAGE && span >= 0.5
}

impl Observed {
    fn new(page: Area) -> Self {
        Self {
            page,
            surface: Surface::new(page),
            text: TextMarks::default(),
            invisible: GlyphCounts::default(),
            unshown_glyphs: 0,
            read: ContentRead::Enough,
            style: GlyphStyle {
                matrix: Matrix::IDENTITY,
                visibility: Visibility::Visible,
                colour: None,
                clip: page,
                font: FontFacts::default(),
            },
            uncovered_letters: 0,
            has_unmapped: false,
            has_wrong_map: false,
            digits: DigitCounter::default(),
            undrawn: UndrawnImages::default(),
            drawn: Vec::new(),
            has_drawing: false,
        }
    }

    fn has_full_page_image(&self) -> bool {
        self.surface.images().percent() >= MIN_FULL_PAGE_PERCENT
    }

    /// Returns the text that no later paint covers; adds the covered text to the invisible text.
    fn visible_text(&self, invisible: &mut GlyphCounts) -> VisibleText {
        let on_scan = self.has_full_page_image();
        let mut visible = VisibleText::default();
        for mark in &self.text.marks {
            // The paper of a scan is white, too.
            let is_unseen = mark.is_white_on_image && on_scan;
            if is_unseen || self.surface.is_covered(mark.cell, mark.painted_at) {
                invisible.add(mark.counts);
                continue;
            }
            visible.counts.add(mark.counts);
            if mark.counts.alphanumeric + mark.counts.unmapped > 0 {
                if mark.line.is_vertical {
                    visible.vertical.push(mark.line);
                } else {
                    visible.horizontal.push(mark.line);
                }
            }
        }
        visible
    }

    fn classified(&self) -> Classified {
        let mut invisible = self.invisible;
        let visible = self.visible_text(&mut invisible);
        let is_full = self.has_full_page_image();
        let class = self.class(&visible, invisible, is_full);
        let counts = visible.counts;
        Classified {
            class,
            background: if is_full {
                self.background()
            } else {
                Vec::new()
            },
            has_short_text: counts.alphanumeric > 0 && counts.alphanumeric >= counts.unmapped,
            has_unshown_text: self.unshown_glyphs > 0,
            is_early: false,
            lost_digits: match class {
                PageClass::Unmapped if counts.digits.lacks_digits(counts.glyphs) => {
                    LostDigits::Certain
                }
                PageClass::Text if counts.digits.may_lack_digits() => LostDigits::Possible,
                _ => LostDigits::No,
            },
        }
    }

    fn class(&self, visible: &VisibleText, invisible: GlyphCounts, is_full: bool) -> PageClass {
        // The order is from the most to the least extractable text.
        let counts = visible.counts;
        let is_enough = !is_full || visible.fills_page();
        let min_invisible = if is_full { MIN_INVISIBLE_OVER_IMAGE } else { 1 };
        let lacks_digits = counts.digits.lacks_digits(counts.glyphs);
        let is_mapped = counts.alphanumeric >= counts.unmapped && !lacks_digits;
        let has_lost_text = counts.unmapped > 0 || lacks_digits || counts.digits.has_lost_text();
        if is_enough && counts.alphanumeric > 0 && is_mapped {
            PageClass::Text
        } else if is_enough && has_lost_text {
            PageClass::Unmapped
        } else if invisible.alphanumeric >= min_invisible {
            PageClass::Ocr
        } else if self.surface.images().percent() >= MIN_SCAN_PERCENT {
            PageClass::Scanned
        } else if self.has_drawing || self.surface.images().has_image() || counts.glyphs > 0 {
            PageClass::Vector
        } else {
            PageClass::Blank
        }
    }

    /// Returns the image that covers the page, or its parts; empty if an image has no identity.
    fn background(&self) -> Vec<ObjRef> {
        let largest = self.drawn.iter().map(|(_, percent)| *percent);
        let is_whole = largest.fold(0.0, f32::max) >= MIN_FULL_PAGE_PERCENT as f32;
        let min_percent = if is_whole {
            MIN_FULL_PAGE_PERCENT as f32
        } else {
            MIN_PART_PERCENT
        };
        let parts = self
            .drawn
            .iter()
            .filter(|(_, percent)| *percent >= min_percent);
        let ids: Option<Vec<_>> = parts.map(|(id, _)| *id).collect();
        ids.unwrap_or_default()
    }

    /// Whether no image or text that follows can change the class.
    fn is_certain(&self) -> bool {
        self.read == ContentRead::Enough
            && self.uncovered_letters >= MIN_CERTAIN_LETTERS
            && !self.has_unmapped
            && self.undrawn.is_empty()
            && !self.has_full_page_image()
    }

    /// Counts a glyph that is painted within the page and the clipping path.
    fn add_painted(&mut self, counts: GlyphCounts, center: (f32, f32)) -> ControlFlow<()> {
        let background = self.surface.background(center);
        let is_white_on_image = match (self.style.colour, background) {
            (Some(colour), Background::Colour(below)) if colour.looks_like(below) => {
                self.invisible.add(counts);
                return ControlFlow::Continue(());
            }
            (Some(colour), Background::Image) => colour.looks_like(Rgb::WHITE),
            _ => false,
        };
        self.has_unmapped |= counts.unmapped > 0;
        let [a, b, ..] = self.style.matrix.0;
        let is_vertical = b.abs() > a.abs();
        let (across, length) = if is_vertical {
            (center.0, self.page.x1)
        } else {
            (center.1, self.page.y1)
        };
        self.text.add(TextMark {
            counts,
            cell: self.surface.cell_index(center),
            painted_at: self.surface.now(),
            line: LineMark {
                is_vertical,
                position: (across / length * LINE_UNITS) as u16,
            },
            is_white_on_image,
        });
        if !is_white_on_image {
            self.uncovered_letters += counts.alphanumeric;
        }
        if counts.alphanumeric > 0 && self.is_certain() {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }
}

impl Observer for Observed {
    // Most statement pages draw text within this many bytes.
    const INITIAL_CHUNK_BYTES: usize = 512;
    const TRACKS_PAINT: bool = true;

    fn style(&mut self, style: GlyphStyle) {
        self.style = style;
        self.has_wrong_map |= style.font.garbled == Some(MapSource::Stated);
    }

    fn glyph(&mut self, glyph: &Glyph, (x, y): (f32, f32)) -> ControlFlow<()> {
        let mut counts = GlyphCounts::of(&glyph.mapping);
        let origin = (x, y);
        counts.digits = self.digits.add(glyph, origin, self.style.matrix);
        if counts.glyphs == 0 && !glyph.mapping.is_empty() {
            return ControlFlow::Continue(());
        }
        let (dx, dy) = (glyph.advance / 2.0, X_HEIGHT / 2.0);
        let [a, b, c, d, ..] = self.style.matrix.0;
        let center = (a * dx + c * dy + x, b * dx + d * dy + y);
        if !self.page.contains(center.0, center.1) {
            self.unshown_glyphs += counts.glyphs;
            return ControlFlow::Continue(());
        }
        let is_clipped = !self.style.clip.contains(center.0, center.1);
        if is_clipped || self.style.visibility == Visibility::Invisible {
            self.invisible.add(counts);
            return ControlFlow::Continue(());
        }
        self.add_painted(counts, center)
    }

    fn image(&mut self, image: ImagePaint) -> ControlFlow<()> {
        if let Some(id) = image.id {
            self.undrawn.remove(id);
        }
        if self.surface.image(&image) {
            self.uncovered_letters = 0;
        }
        let percent = image.area.intersect(self.page).size() / self.page.size() * 100.0;
        if percent >= MIN_PART_PERCENT {
            self.drawn.push((image.id, percent));
        }
        ControlFlow::Continue(())
    }

    fn drawing(&mut self, fill: Option<Fill>) -> ControlFlow<()> {
        self.has_drawing = true;
        let has_text = !self.text.marks.is_empty();
        if fill.is_some_and(|fill| self.surface.fill(&fill, has_text)) {
            self.uncovered_letters = 0;
        }
        ControlFlow::Continue(())
    }

    fn hidden_text(&mut self) {
        self.unshown_glyphs += 1;
    }
}

/// Height of a lower-case letter in ems, roughly.
const X_HEIGHT: f32 = 0.5;

#[cfg(test)]
mod tests {
    use super::*;

    /// Shows letters on lines between two heights.
    fn show(observed: &mut Observed, letters: u32, lines: u32, (bottom, top): (f32, f32)) {
        let glyph = |mapping| Glyph {
            mapping,
            advance: 0.5,
        };
        observed.style.matrix = Matrix([8.0, 0.0, 0.0, 8.0, 0.0, 0.0]);
        let step = (top - bottom) / (lines.max(2) - 1) as f32;
        for letter in 0..letters {
            let (line, column) = (letter % lines, letter / lines);
            let origin = (30.0 + column as f32 * 4.0, bottom + line as f32 * step);
            let _flow = observed.glyph(&glyph(CharMapping::Char('a')), origin);
        }
    }

    fn full_page_image() -> ImagePaint {
        ImagePaint {
            area: Area::PAGE,
            id: Some(ObjRef::new(9, 0)),
            is_opaque: true,
        }
    }

    #[test]
    fn text_over_a_scan_counts_if_it_fills_the_page() {
        let class = |letters, lines, heights| {
            let mut observed = Observed::new(Area::PAGE);
            let _flow = observed.image(full_page_image());
            show(&mut observed, letters, lines, heights);
            observed.classified().class
        };
        assert_eq!(class(240, 8, (100.0, 600.0)), PageClass::Text);
        assert_eq!(class(190, 8, (100.0, 600.0)), PageClass::Scanned);
        assert_eq!(class(240, 7, (100.0, 600.0)), PageClass::Scanned);
        assert_eq!(class(240, 8, (100.0, 400.0)), PageClass::Scanned);
    }

    #[test]
    fn text_below_a_later_image_is_an_invisible_layer() {
        let class = |is_opaque| {
            let mut observed = Observed::new(Area::PAGE);
            show(&mut observed, 300, 20, (100.0, 700.0));
            let _flow = observed.image(ImagePaint {
                is_opaque,
                ..full_page_image()
            });
            observed.classified().class
        };
        assert_eq!(class(true), PageClass::Ocr);
        assert_eq!(class(false), PageClass::Text);
    }

    #[test]
    fn text_in_the_colour_of_its_background_is_invisible() {
        let mut observed = Observed::new(Area::PAGE);
        observed.style.colour = Some(Rgb::WHITE);
        show(&mut observed, 30, 2, (100.0, 200.0));
        assert_eq!(observed.classified().class, PageClass::Ocr);
        let _flow = observed.drawing(Some(Fill {
            area: Area::PAGE,
            solid: Some(Rgb::BLACK),
        }));
        show(&mut observed, 1, 1, (100.0, 200.0));
        assert_eq!(observed.classified().class, PageClass::Text);
    }

    #[test]
    fn text_off_the_page_is_not_an_invisible_layer() {
        let mut observed = Observed::new(Area::PAGE);
        show(&mut observed, 300, 20, (1000.0, 1700.0));
        let classified = observed.classified();
        assert_eq!(classified.class, PageClass::Blank);
        assert!(classified.has_unshown_text);
    }

    #[test]
    fn an_image_that_may_follow_keeps_the_class_open() {
        let mut observed = Observed::new(Area::PAGE);
        observed.undrawn = UndrawnImages::from_iter([ObjRef::new(9, 0)]);
        show(&mut observed, 300, 20, (100.0, 700.0));
        assert!(!observed.is_certain());
        let _flow = observed.image(full_page_image());
        show(&mut observed, 300, 20, (100.0, 700.0));
        assert!(!observed.is_certain(), "the image may be a scan");

        let mut observed = Observed::new(Area::PAGE);
        observed.undrawn = UndrawnImages::from_iter([ObjRef::new(9, 0)]);
        let _flow = observed.image(ImagePaint {
            area: Area {
                y0: 700.0,
                ..Area::PAGE
            },
            ..full_page_image()
        });
        show(&mut observed, 30, 3, (100.0, 700.0));
        assert!(observed.is_certain());
    }

    #[test]
    fn little_text_over_the_background_of_a_text_page_counts() {
        let page = |class, id| Classified {
            class,
            background: vec![ObjRef::new(id, 0)],
            has_short_text: true,
            has_unshown_text: false,
            is_early: false,
            lost_digits: LostDigits::No,
        };
        let mut backgrounds = Backgrounds::default();
        backgrounds.add(0, &page(PageClass::Scanned, 1));
        backgrounds.add(1, &page(PageClass::Text, 1));
        backgrounds.add(2, &page(PageClass::Scanned, 2));
        assert_eq!(backgrounds.text_pages().collect::<Vec<_>>(), [0]);
    }
}
