//! Collects the glyphs of a page with their positions, rotated so that their text runs rightward.

pub(super) use crate::pdf::content::PositionedGlyph;
use crate::pdf::content::{Area, LevelGlyphs, Matrix};
use std::ops::Range;

/// Glyphs of a full statement page, for the initial capacity.
const TYPICAL_GLYPHS: usize = 4 << 10;
/// Text runs of a full statement page, for the initial capacity.
const TYPICAL_RUNS: usize = 1 << 8;

/// Runs that are compared with fills, for one page. A page needs a few thousand.
const MAX_COVER_CHECKS: usize = 4 << 20;

/// The direction of a text run on the page as displayed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Right,
    Up,
    Left,
    Down,
}

impl Direction {
    /// Returns the direction closest to a vector.
    fn of(dx: f32, dy: f32) -> Self {
        if dx.abs() >= dy.abs() {
            if dx < 0.0 { Self::Left } else { Self::Right }
        } else if dy > 0.0 {
            Self::Up
        } else {
            Self::Down
        }
    }

    /// Rotates a point so that this direction becomes rightward; `y` is then relative to the top.
    fn rotate(self, (x, y): (f32, f32), page: Area) -> (f32, f32) {
        match self {
            Self::Right => (x, page.y1 - y),
            Self::Left => (page.x1 - x, y),
            Self::Up => (y, x),
            Self::Down => (page.y1 - y, page.x1 - x),
        }
    }
}

/// The distance of the middle of a digit from the baseline, in ems.
const DIGIT_MIDDLE: f32 = 0.35;

/// The character of a covered glyph: it is not read, and separates no words.
pub(super) const COVERED: char = '\0';

/// Areas with covered digits that are remembered of one page.
const MAX_COVERED: usize = 200;

/// Digits that a fill covers.
#[derive(Debug)]
pub(super) struct CoveredDigits {
    /// The digits in drawing order.
    pub(super) digits: String,
    /// The baseline of the first one, from the top of the page.
    pub(super) baseline: f32,
    /// The covered area; `y` is from the top.
    x: (f32, f32),
    y: (f32, f32),
    /// The number of glyphs that were drawn before the fill.
    drawn: usize,
}

/// Glyphs of one size on one baseline, drawn consecutively from left to right.
#[derive(Debug, Clone, Copy)]
pub(super) struct TextRun<'g> {
    /// Not empty.
    pub(super) glyphs: &'g [PositionedGlyph],
    /// The baseline, from the top of the page.
    pub(super) y: f32,
    pub(super) size: f32,
}

impl<'g> TextRun<'g> {
    /// Returns the left end of the first glyph.
    pub(super) fn first_x(&self) -> f32 {
        self.glyphs.first().map_or(0.0, |glyph| glyph.x0)
    }

    /// Returns the left end of the last glyph.
    pub(super) fn last_x(&self) -> f32 {
        self.glyphs.last().map_or(0.0, |glyph| glyph.x0)
    }

    /// Returns whether a glyph is one of the run's, and not only equal to one.
    pub(super) fn owns(&self, glyph: &PositionedGlyph) -> bool {
        self.glyphs
            .as_ptr_range()
            .contains(&std::ptr::from_ref(glyph))
    }

    /// Returns the left and the right end.
    pub(super) fn extent(&self) -> (f32, f32) {
        (
            self.first_x(),
            self.glyphs.last().map_or(0.0, |glyph| glyph.x1),
        )
    }

    /// Splits the run into runs of one glyph.
    pub(super) fn split_glyphs(&self) -> impl Iterator<Item = Self> + use<'g> {
        let Self { glyphs, y, size } = *self;
        glyphs.chunks(1).map(move |glyphs| Self { glyphs, y, size })
    }
}

/// The glyphs of one direction, in drawing order.
#[derive(Debug, Default)]
struct DirectionGlyphs {
    glyphs: Vec<PositionedGlyph>,
    /// A run ends at the start of the next one.
    runs: Vec<RunStart>,
    /// The range of the baselines.
    extent: Option<(f32, f32)>,
}

#[derive(Debug, Clone, Copy)]
struct RunStart {
    /// Index of the first glyph.
    glyph: usize,
    y: f32,
    size: f32,
}

impl RunStart {
    /// Whether the run has this baseline and size. Bits are compared because only identical ones
    /// continue a run.
    fn has(&self, y: f32, size: f32) -> bool {
        [self.y, self.size].map(f32::to_bits) == [y, size].map(f32::to_bits)
    }

    /// Returns whether the digits of the run are between two heights, from the top.
    fn is_within(&self, y: (f32, f32)) -> bool {
        is_digit_within(self.y, self.size, y)
    }
}

/// Returns whether the middle of digits, which stand on a baseline, is between two heights.
fn is_digit_within(baseline: f32, size: f32, y: (f32, f32)) -> bool {
    let middle = baseline - size * DIGIT_MIDDLE;
    middle >= y.0 && middle <= y.1
}

impl PositionedGlyph {
    /// Returns whether the centre is between two ends.
    fn is_within(&self, x: (f32, f32)) -> bool {
        let centre = f32::midpoint(self.x0, self.x1);
        centre > x.0 && centre < x.1
    }
}

/// Returns the bytes of a text.
fn text_bytes(glyphs: &[PositionedGlyph]) -> usize {
    let bytes = glyphs.iter().map(|glyph| glyph.character.len_utf8());
    bytes.sum()
}

impl DirectionGlyphs {
    #[inline]
    fn push(&mut self, glyph: PositionedGlyph, y: f32, size: f32) {
        let continues_run = self.runs.last().is_some_and(|run| run.has(y, size))
            && self.glyphs.last().is_some_and(|last| last.x0 <= glyph.x0);
        if !continues_run {
            self.begin_run(y, size);
        }
        self.glyphs.push(glyph);
    }

    /// Begins a run with the next glyph. Called for few glyphs, so that it is not inlined.
    #[cold]
    fn begin_run(&mut self, y: f32, size: f32) {
        let glyph = self.glyphs.len();
        self.runs.push(RunStart { glyph, y, size });
        self.extent = Some(match self.extent {
            Some((top, bottom)) => (top.min(y), bottom.max(y)),
            None => (y, y),
        });
    }

    /// Marks the glyphs whose centre is in an area as covered; `y` is from the top. Returns the
    /// number of runs that were compared, and the digits that were covered.
    fn cover(&mut self, x: (f32, f32), y: (f32, f32)) -> (usize, Option<CoveredDigits>) {
        if self
            .extent
            .is_none_or(|(top, bottom)| top > y.1 || bottom < y.0)
        {
            return (0, None);
        }
        let drawn = self.glyphs.len();
        let mut covered: Option<CoveredDigits> = None;
        for (index, run) in self.runs.iter().enumerate() {
            if !run.is_within(y) {
                continue;
            }
            let end = self
                .runs
                .get(index + 1)
                .map_or(self.glyphs.len(), |next| next.glyph);
            for glyph in self.glyphs.get_mut(run.glyph..end).unwrap_or_default() {
                if !glyph.is_within(x) {
                    continue;
                }
                if glyph.character.is_ascii_digit() {
                    let covered = covered.get_or_insert_with(|| CoveredDigits {
                        digits: String::new(),
                        baseline: run.y,
                        x,
                        y,
                        drawn,
                    });
                    covered.digits.push(glyph.character);
                }
                glyph.character = COVERED;
            }
        }
        (self.runs.len(), covered)
    }

    /// Returns the digits with their centre in an area, of the glyphs after the first ones.
    fn digits_within(&self, x: (f32, f32), y: (f32, f32), first: usize) -> String {
        let runs = self.runs_within(first..self.glyphs.len());
        let runs = runs.filter(|run| is_digit_within(run.y, run.size, y));
        let glyphs = runs.flat_map(|run| run.glyphs);
        let glyphs = glyphs.filter(|glyph| glyph.is_within(x) && glyph.character.is_ascii_digit());
        glyphs.map(|glyph| glyph.character).collect()
    }

    /// Returns the parts of runs within a range of glyphs.
    fn runs_within(&self, range: Range<usize>) -> impl Iterator<Item = TextRun<'_>> {
        let first = self.runs.partition_point(|run| run.glyph <= range.start);
        let first = first.saturating_sub(1);
        let bounds = self.runs.get(first..).unwrap_or_default();
        let ends = bounds.iter().skip(1).map(|run| run.glyph);
        let ends = ends.chain([self.glyphs.len()]);
        let end = range.end;
        bounds
            .iter()
            .zip(ends)
            .map_while(move |(run, next)| {
                let from = run.glyph.max(range.start);
                (from < end).then(|| (run, from..next.min(end)))
            })
            .map(|(run, range)| TextRun {
                glyphs: self.glyphs.get(range).unwrap_or_default(),
                y: run.y,
                size: run.size,
            })
    }

    fn runs(&self) -> impl Iterator<Item = TextRun<'_>> {
        let ends = self.runs.iter().skip(1).map(|next| next.glyph);
        let ends = ends.chain([self.glyphs.len()]);
        self.runs.iter().zip(ends).map(|(start, end)| TextRun {
            glyphs: self.glyphs.get(start.glyph..end).unwrap_or_default(),
            y: start.y,
            size: start.size,
        })
    }
}

/// The positioned glyphs of one page.
#[derive(Debug)]
pub(super) struct GlyphPositions {
    right: DirectionGlyphs,
    up: DirectionGlyphs,
    left: DirectionGlyphs,
    down: DirectionGlyphs,
    transform: GlyphTransform,
    page: Area,
    cover_checks: usize,
    covered: Vec<CoveredDigits>,
}

/// A boundary between the glyphs of a page in drawing order, per direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct PositionMark([usize; 4]);

impl PositionMark {
    /// Returns the number of glyphs since an earlier mark.
    pub(super) fn distance(self, earlier: Self) -> usize {
        let counts = self.0.into_iter().zip(earlier.0);
        counts.map(|(now, before)| now - before).sum()
    }
}

/// The transformation from glyph space to the page, without its origin.
#[derive(Debug, Clone, Copy, Default)]
struct GlyphTransform {
    /// The vector of one em along the baseline.
    em: (f32, f32),
    size: f32,
    /// Whether the baseline is horizontal and the size is positive and finite.
    is_horizontal: bool,
}

impl GlyphPositions {
    /// Creates an empty collection for a page of this area.
    pub(super) fn new(page: Area) -> Self {
        Self {
            right: DirectionGlyphs {
                glyphs: Vec::with_capacity(TYPICAL_GLYPHS),
                runs: Vec::with_capacity(TYPICAL_RUNS),
                extent: None,
            },
            up: DirectionGlyphs::default(),
            left: DirectionGlyphs::default(),
            down: DirectionGlyphs::default(),
            transform: GlyphTransform::default(),
            page,
            cover_checks: 0,
            covered: Vec::new(),
        }
    }

    /// Removes the glyphs and begins a page of this area, in the same memory.
    pub(super) fn restart(&mut self, page: Area) {
        self.clear();
        self.transform = GlyphTransform::default();
        self.page = page;
        self.cover_checks = 0;
    }

    /// Returns the area of the page.
    pub(super) fn page(&self) -> Area {
        self.page
    }

    fn by_direction(&self) -> [(Direction, &DirectionGlyphs); 4] {
        [
            (Direction::Right, &self.right),
            (Direction::Up, &self.up),
            (Direction::Left, &self.left),
            (Direction::Down, &self.down),
        ]
    }

    /// Returns the current end of the glyphs, as a boundary for [`Self::runs_between`].
    pub(super) fn mark(&self) -> PositionMark {
        PositionMark(
            self.by_direction()
                .map(|(_, direction)| direction.glyphs.len()),
        )
    }

    /// Returns the glyphs that were added between two marks, by runs.
    pub(super) fn runs_between(
        &self,
        from: PositionMark,
        to: PositionMark,
    ) -> impl Iterator<Item = TextRun<'_>> {
        let ranges = from.0.into_iter().zip(to.0).map(|(from, to)| from..to);
        let directions = self.by_direction().into_iter().zip(ranges);
        directions.flat_map(|((_, direction), range)| direction.runs_within(range))
    }

    pub(super) fn len(&self) -> usize {
        self.by_direction()
            .iter()
            .map(|(_, direction)| direction.glyphs.len())
            .sum()
    }

    pub(super) fn clear(&mut self) {
        for direction in [
            &mut self.right,
            &mut self.up,
            &mut self.left,
            &mut self.down,
        ] {
            direction.glyphs.clear();
            direction.runs.clear();
            direction.extent = None;
        }
        self.covered.clear();
    }

    /// Marks the rightward glyphs that an opaque fill covers.
    pub(super) fn cover(&mut self, area: Area) {
        if self.cover_checks < MAX_COVER_CHECKS {
            let y = (self.page.y1 - area.y1, self.page.y1 - area.y0);
            let (checks, covered) = self.right.cover((area.x0, area.x1), y);
            self.cover_checks += checks;
            if self.covered.len() < MAX_COVERED {
                self.covered.extend(covered);
            }
        }
    }

    /// Returns the digits that fills cover.
    pub(super) fn covered(&self) -> &[CoveredDigits] {
        &self.covered
    }

    /// Returns the digits that were drawn over covered ones.
    pub(super) fn digits_over(&self, covered: &CoveredDigits) -> String {
        self.right
            .digits_within(covered.x, covered.y, covered.drawn)
    }

    /// Returns the baseline of the first digit in an area, from the top of the page.
    pub(super) fn digit_within(&self, area: Area) -> Option<f32> {
        let y = (self.page.y1 - area.y1, self.page.y1 - area.y0);
        let mut runs = self.right.runs();
        let is_digit = |glyph: &PositionedGlyph| {
            glyph.character.is_ascii_digit() && glyph.is_within((area.x0, area.x1))
        };
        let run =
            runs.find(|run| is_digit_within(run.y, run.size, y) && run.glyphs.iter().any(is_digit));
        run.map(|run| run.y)
    }

    /// Returns the runs of rightward glyphs in drawing order.
    pub(super) fn rightward_runs(&self) -> impl Iterator<Item = TextRun<'_>> {
        self.right.runs()
    }

    /// Returns the direction of most glyphs and its runs in drawing order.
    pub(super) fn main_runs(&self) -> (Direction, Vec<TextRun<'_>>) {
        // `max_by_key` returns the last maximum, so reverse the order to prefer the first one.
        let directions = self.by_direction().into_iter().rev();
        let main = directions.max_by_key(|(_, glyphs)| glyphs.glyphs.len());
        main.map_or((Direction::Right, Vec::new()), |(direction, glyphs)| {
            (direction, glyphs.runs().collect())
        })
    }

    /// Returns the width and height of the page, rotated so that a direction becomes rightward.
    pub(super) fn rotated_page_size(&self, direction: Direction) -> (f32, f32) {
        match direction {
            Direction::Right | Direction::Left => (self.page.x1, self.page.y1),
            Direction::Up | Direction::Down => (self.page.y1, self.page.x1),
        }
    }

    /// Sets the matrix from glyph space to the page for the glyphs that follow.
    pub(super) fn set_matrix(&mut self, matrix: Matrix) {
        let [a, b, c, d, ..] = matrix.0;
        // Upright text, the common case, needs no square root.
        let size = if c == 0.0 { d.abs() } else { c.hypot(d) };
        self.transform = GlyphTransform {
            em: (a, b),
            size,
            is_horizontal: b == 0.0 && size > 0.0 && size.is_finite(),
        };
    }

    /// Adds a glyph that maps to one character.
    ///
    /// Glyphs outside the page or without a finite position are ignored.
    #[expect(clippy::inline_always, reason = "called for every glyph of every page")]
    #[inline(always)]
    pub(super) fn push(&mut self, character: char, (x, y): (f32, f32), advance: f32) {
        let (em_x, em_y) = self.transform.em;
        self.push_between(character, (x, y), (em_x * advance + x, em_y * advance + y));
    }

    /// Adds a glyph by the two ends of its baseline.
    #[expect(clippy::inline_always, reason = "called for every glyph of every page")]
    #[inline(always)]
    fn push_between(&mut self, character: char, (x, y): (f32, f32), end: (f32, f32)) {
        if !self.page.contains(x, y) {
            return;
        }
        let (x1, _) = end;
        if self.transform.is_horizontal && x1 >= x && x1 < f32::INFINITY {
            // Fast path for almost all text; [`GlyphPositions::push_rotated`] has the same result.
            let glyph = PositionedGlyph {
                character,
                x0: x,
                x1,
            };
            self.right
                .push(glyph, self.page.y1 - y, self.transform.size);
        } else {
            self.push_rotated(character, (x, y), end);
        }
    }

    /// Adds glyphs on one level baseline, like [`Self::push`]; returns the bytes of their text.
    pub(super) fn extend_level(&mut self, level: &LevelGlyphs<'_>, y: f32) -> usize {
        let is_horizontal = self.transform.is_horizontal;
        match level.glyphs {
            // All glyphs of the string continue the run of the first one.
            [first, rest @ ..] if level.are_ordered && is_horizontal => {
                let last = rest.last().unwrap_or(first);
                if self.page.contains(first.x0, y) && self.page.contains(last.x0, y) {
                    self.right
                        .push(*first, self.page.y1 - y, self.transform.size);
                    self.right.glyphs.extend_from_slice(rest);
                } else {
                    self.push_singly(level.glyphs, y);
                }
            }
            glyphs => self.push_singly(glyphs, y),
        }
        if level.are_ascii {
            level.glyphs.len()
        } else {
            text_bytes(level.glyphs)
        }
    }

    /// Adds glyphs on a level baseline, each by itself.
    #[cold]
    fn push_singly(&mut self, glyphs: &[PositionedGlyph], y: f32) {
        for glyph in glyphs {
            self.push_between(glyph.character, (glyph.x0, y), (glyph.x1, y));
        }
    }

    /// Adds a glyph that maps to any text, such as a ligature. Its characters share its width.
    #[cold]
    pub(super) fn push_text(&mut self, text: &str, (x, y): (f32, f32), advance: f32) {
        let share = advance / text.chars().count().max(1) as f32;
        let (dx, dy) = (self.transform.em.0 * share, self.transform.em.1 * share);
        for (index, character) in text.chars().enumerate() {
            let index = index as f32;
            self.push(character, (dx * index + x, dy * index + y), share);
        }
    }

    #[cold]
    fn push_rotated(&mut self, character: char, start: (f32, f32), end: (f32, f32)) {
        let size = self.transform.size;
        let is_finite = [end.0, end.1, size].iter().all(|number| number.is_finite());
        if !is_finite || size <= 0.0 {
            return;
        }
        let direction = Direction::of(end.0 - start.0, end.1 - start.1);
        let (x0, y) = direction.rotate(start, self.page);
        let (x1, _) = direction.rotate(end, self.page);
        let glyphs = match direction {
            Direction::Right => &mut self.right,
            Direction::Up => &mut self.up,
            Direction::Left => &mut self.left,
            Direction::Down => &mut self.down,
        };
        let glyph = PositionedGlyph {
            character,
            x0,
            x1: x1.max(x0),
        };
        glyphs.push(glyph, y, size);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Describes the runs of rightward glyphs: baselines, sizes, and each character's extent.
    fn runs(positions: &GlyphPositions) -> Vec<String> {
        let runs = positions.rightward_runs();
        runs.map(|run| format!("{run:?}")).collect()
    }

    #[test]
    fn level_glyphs_are_added_like_single_ones() {
        let (a, narrow) = (('a', 0.5), ('\u{E9}', -0.1));
        // In order, backwards, beside the page on both sides, without a position.
        let drawn = [
            10.0,
            15.0,
            20.0,
            12.0,
            18.0,
            -5.0,
            30.0,
            700.0,
            f32::NAN,
            40.0,
        ];
        let mut single = GlyphPositions::new(Area::PAGE);
        let mut level = GlyphPositions::new(Area::PAGE);
        for (y, size) in [
            (700.0, 10.0),
            (700.0, 10.0),
            (700.0, 8.0),
            (-3.0, 8.0),
            (650.0, 8.0),
        ] {
            for positions in [&mut single, &mut level] {
                positions.set_matrix(Matrix([size, 0.0, 0.0, size, 0.0, 0.0]));
            }
            let glyphs = drawn.iter().zip([a, a, narrow].into_iter().cycle());
            let glyphs = glyphs.map(|(x, (character, advance))| {
                single.push(character, (*x, y), advance);
                let (x0, x1) = (*x, size * advance + x);
                PositionedGlyph { character, x0, x1 }
            });
            let glyphs: Vec<_> = glyphs.collect();
            // Strings of one to all glyphs.
            let mut bytes = 0;
            let mut rest = &*glyphs;
            for length in [1, 2, 3, 4] {
                let (string, others) = rest.split_at(length);
                bytes += level.extend_level(&LevelGlyphs::new(string), y);
                rest = others;
            }
            assert_eq!(bytes, 7 + 3 * 2);
            assert_eq!(runs(&level), runs(&single));
        }
        assert_eq!(level.len(), single.len());
        assert!(level.len() > 20);
    }
}
