//! Puts glyphs together into words and lines by where they stand.

use super::{Line, PageText, Word};
use crate::pdf::content::{Area, Matrix};

/// A gap that parts words, in ems. Spaces of common fonts are 0.25 to 0.33 em wide, kerning stays
/// below 0.1.
const WORD_GAP: f32 = 0.17;
/// Baselines nearer than this, in ems of the smaller glyph, are one line.
const SAME_LINE: f32 = 0.35;
/// The same character within this many ems was drawn twice to look bold.
const OVERPRINT: f32 = 0.12;
/// Words of a row of a table.
const USUAL_WORDS: usize = 16;
/// Bytes that nearly all words have room in.
const USUAL_WORD: usize = 16;

/// What one glyph stands for: nearly always one character, which needs no memory of its own.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum GlyphText {
    Char(char),
    Many(Box<str>),
}

impl GlyphText {
    /// Bytes in UTF-8.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Char(c) => c.len_utf8(),
            Self::Many(text) => text.len(),
        }
    }

    fn is_blank(&self) -> bool {
        match self {
            Self::Char(c) => c.is_whitespace(),
            Self::Many(text) => text.trim().is_empty(),
        }
    }

    fn append_to(&self, word: &mut String) {
        match self {
            Self::Char(c) => word.push(*c),
            Self::Many(text) => word.push_str(text),
        }
    }
}

/// One glyph where it is shown.
#[derive(Debug, Clone)]
pub(super) struct PlacedGlyph {
    text: GlyphText,
    /// Start and end of its advance on the baseline, from the lower left corner of the page.
    start: (f32, f32),
    end: (f32, f32),
    size: f32,
}

/// Which way a text runs on the page as shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Right,
    Up,
    Left,
    Down,
}

const DIRECTIONS: [Direction; 4] = [
    Direction::Right,
    Direction::Up,
    Direction::Left,
    Direction::Down,
];

impl PlacedGlyph {
    /// `None` where the glyph has no finite place, or lies outside of the page.
    #[inline]
    pub(super) fn new(text: GlyphText, matrix: Matrix, advance: f32, page: Area) -> Option<Self> {
        let start = matrix.apply(0.0, 0.0);
        let end = matrix.apply(advance, 0.0);
        let [_, _, c, d, ..] = matrix.0;
        // Upright text needs no root.
        let size = if c == 0.0 { d.abs() } else { c.hypot(d) };
        let finite = [start.0, start.1, end.0, end.1, size]
            .iter()
            .all(|number| number.is_finite());
        let inside = !Area::EMPTY
            .with(start.0, start.1)
            .intersect(page)
            .is_empty();
        (finite && inside && size > 0.0).then_some(Self {
            text,
            start,
            end,
            size,
        })
    }

    fn direction(&self) -> Direction {
        let (dx, dy) = (self.end.0 - self.start.0, self.end.1 - self.start.1);
        if dx.abs() >= dy.abs() {
            if dx < 0.0 {
                Direction::Left
            } else {
                Direction::Right
            }
        } else if dy > 0.0 {
            Direction::Up
        } else {
            Direction::Down
        }
    }

    /// Turns the page so that `direction` runs to the right; `y` then counts from the top.
    fn turned(&self, direction: Direction, page: Area) -> Turned<'_> {
        let turn = |(x, y): (f32, f32)| match direction {
            Direction::Right => (x, page.y1 - y),
            Direction::Left => (page.x1 - x, y),
            Direction::Up => (y, x),
            Direction::Down => (page.y1 - y, page.x1 - x),
        };
        let (start, end) = (turn(self.start), turn(self.end));
        Turned {
            text: &self.text,
            x0: start.0,
            x1: end.0.max(start.0),
            y: start.1,
            size: self.size,
        }
    }
}

/// A glyph with text running to the right and `y` counted from the top.
#[derive(Debug, Clone, Copy)]
struct Turned<'g> {
    text: &'g GlyphText,
    x0: f32,
    x1: f32,
    y: f32,
    size: f32,
}

/// Lays out a page: in its main direction only, as a stamp across a page would cut its lines.
pub(super) fn page_text(glyphs: &[PlacedGlyph], page: Area) -> PageText {
    let main = main_direction(glyphs);
    let mut turned = Vec::with_capacity(glyphs.len());
    turned.extend(
        glyphs
            .iter()
            .filter(|glyph| glyph.direction() == main)
            .map(|glyph| glyph.turned(main, page)),
    );
    let mut turned = from_top(turned);
    let (width, height) = match main {
        Direction::Right | Direction::Left => (page.x1, page.y1),
        Direction::Up | Direction::Down => (page.y1, page.x1),
    };
    PageText {
        width,
        height,
        lines: turned.chunk_by_mut(is_same_line).filter_map(line).collect(),
    }
}

/// The direction of most glyphs.
fn main_direction(glyphs: &[PlacedGlyph]) -> Direction {
    let mut counts = DIRECTIONS.map(|direction| (direction, 0));
    for glyph in glyphs {
        let own = glyph.direction();
        let count = counts.iter_mut().find(|(direction, _)| *direction == own);
        if let Some((_, count)) = count {
            *count += 1;
        }
    }
    let most = counts.into_iter().rev().max_by_key(|(_, count)| *count);
    most.map_or(Direction::Right, |(direction, _)| direction)
}

/// Glyphs in the order of their baselines; those on one baseline stay in theirs.
///
/// A string is drawn on one baseline: its glyphs are moved together.
fn from_top(glyphs: Vec<Turned<'_>>) -> Vec<Turned<'_>> {
    let same = |a: &Turned<'_>, b: &Turned<'_>| a.y.to_bits() == b.y.to_bits();
    let mut runs: Vec<&[Turned<'_>]> = glyphs.chunk_by(same).collect();
    let y = |run: &[Turned<'_>]| run.first().map_or(0.0, |glyph| glyph.y);
    if runs.is_sorted_by(|a, b| y(a).total_cmp(&y(b)).is_le()) {
        return glyphs;
    }
    runs.sort_by(|a, b| y(a).total_cmp(&y(b)));
    runs.concat()
}

/// Whether a glyph stands on the baseline of the one before it.
fn is_same_line(last: &Turned<'_>, glyph: &Turned<'_>) -> bool {
    (glyph.y - last.y).abs() <= SAME_LINE * glyph.size.min(last.size)
}

/// Cuts one line into words.
fn line(glyphs: &mut [Turned<'_>]) -> Option<Line> {
    let order = |a: &Turned<'_>, b: &Turned<'_>| a.x0.total_cmp(&b.x0);
    // Most lines are drawn from left to right.
    if !glyphs.is_sorted_by(|a, b| order(a, b).is_le()) {
        glyphs.sort_by(order);
    }
    let mut words: Vec<Word> = Vec::with_capacity(USUAL_WORDS);
    let mut previous: Option<Turned<'_>> = None;
    let mut broken = true;
    for glyph in glyphs.iter() {
        if glyph.text.is_blank() {
            broken = true;
            continue;
        }
        if let Some(last) = previous {
            let size = glyph.size.min(last.size);
            if glyph.text == last.text && (glyph.x0 - last.x0).abs() < OVERPRINT * size {
                continue;
            }
            broken |= glyph.x0 - last.x1 > WORD_GAP * size;
        }
        match words.last_mut() {
            Some(word) if !broken => {
                glyph.text.append_to(&mut word.text);
                word.x1 = word.x1.max(glyph.x1);
            }
            _ => {
                let mut text = String::with_capacity(USUAL_WORD);
                glyph.text.append_to(&mut text);
                words.push(Word {
                    text,
                    x0: glyph.x0,
                    x1: glyph.x1,
                });
            }
        }
        broken = false;
        previous = Some(*glyph);
    }
    let y = previous?.y;
    let size = glyphs.iter().map(|glyph| glyph.size).fold(0.0, f32::max);
    Some(Line { words, y, size })
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

    /// Shows text with half-em advances, from a start along a direction.
    fn show(text: &str, matrix: [f32; 6]) -> Vec<PlacedGlyph> {
        let [a, b, c, d, e, f] = matrix;
        let place = |(index, character): (usize, char)| {
            let offset = index as f32 * 0.5;
            let matrix = Matrix([a, b, c, d, e + a * offset, f + b * offset]);
            PlacedGlyph::new(GlyphText::Char(character), matrix, 0.5, PAGE).unwrap()
        };
        text.chars().enumerate().map(place).collect()
    }

    fn read(glyphs: &[PlacedGlyph]) -> Vec<String> {
        let text = page_text(glyphs, PAGE);
        text.lines.iter().map(Line::text).collect()
    }

    #[test]
    fn gaps_and_spaces_part_words() {
        let mut glyphs = show("Opening Balance", [10.0, 0.0, 0.0, 10.0, 50.0, 700.0]);
        glyphs.extend(show("1,000.00", [10.0, 0.0, 0.0, 10.0, 300.0, 700.5]));
        glyphs.extend(show("Period", [10.0, 0.0, 0.0, 10.0, 50.0, 720.0]));
        assert_eq!(read(&glyphs), ["Period", "Opening Balance 1,000.00"]);
    }

    #[test]
    fn text_drawn_twice_to_look_bold_is_read_once() {
        let mut glyphs = show("IFSC", [10.0, 0.0, 0.0, 10.0, 50.0, 700.0]);
        glyphs.extend(show("IFSC", [10.0, 0.0, 0.0, 10.0, 50.4, 700.0]));
        assert_eq!(read(&glyphs), ["IFSC"]);
    }

    #[test]
    fn a_page_set_sideways_is_read_along_its_text() {
        let mut glyphs = show("first line", [0.0, 10.0, -10.0, 0.0, 100.0, 50.0]);
        glyphs.extend(show("second line", [0.0, 10.0, -10.0, 0.0, 120.0, 50.0]));
        assert_eq!(read(&glyphs), ["first line", "second line"]);
    }
}
