//! Puts glyphs together into words and lines by where they stand.

use super::{Line, PageText};
use crate::pdf::content::{Area, Matrix};

/// A gap that parts words, in ems. Spaces of common fonts are 0.25 to 0.33 em wide, kerning stays
/// below 0.1.
const WORD_GAP: f32 = 0.17;
/// Baselines nearer than this, in ems of the smaller glyph, are one line.
const SAME_LINE: f32 = 0.35;
/// The same character within this many ems was drawn twice to look bold.
const OVERPRINT: f32 = 0.12;
/// Glyphs of a full page of a statement.
const USUAL_GLYPHS: usize = 3 << 10;

/// What one glyph stands for: nearly always one character.
#[derive(Debug, Clone, Copy, PartialEq)]
enum GlyphText {
    Char(char),
    /// One of [`PlacedGlyphs::texts`].
    Many(u32),
}

/// The texts of glyphs that stand for more than one character.
#[derive(Debug, Default)]
struct Texts(Vec<Box<str>>);

impl Texts {
    fn get(&self, index: u32) -> &str {
        self.0.get(index as usize).map_or("", |text| text)
    }

    fn is_blank(&self, text: GlyphText) -> bool {
        match text {
            GlyphText::Char(c) => c.is_whitespace(),
            GlyphText::Many(index) => self.get(index).trim().is_empty(),
        }
    }

    fn are_same(&self, a: GlyphText, b: GlyphText) -> bool {
        match (a, b) {
            (GlyphText::Char(a), GlyphText::Char(b)) => a == b,
            (GlyphText::Many(a), GlyphText::Many(b)) => self.get(a) == self.get(b),
            _ => false,
        }
    }

    fn append(&self, text: GlyphText, line: &mut String) {
        match text {
            GlyphText::Char(c) => line.push(c),
            GlyphText::Many(index) => line.push_str(self.get(index)),
        }
    }
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

impl Direction {
    fn of(dx: f32, dy: f32) -> Self {
        if dx.abs() >= dy.abs() {
            if dx < 0.0 { Self::Left } else { Self::Right }
        } else if dy > 0.0 {
            Self::Up
        } else {
            Self::Down
        }
    }

    /// Turns the page so that this direction runs to the right; `y` then counts from the top.
    fn turn(self, (x, y): (f32, f32), page: Area) -> (f32, f32) {
        match self {
            Self::Right => (x, page.y1 - y),
            Self::Left => (page.x1 - x, y),
            Self::Up => (y, x),
            Self::Down => (page.y1 - y, page.x1 - x),
        }
    }
}

/// One glyph on the page turned so that its text runs to the right, in points.
#[derive(Debug, Clone, Copy)]
struct PlacedGlyph {
    text: GlyphText,
    x0: f32,
    /// Never left of `x0`.
    x1: f32,
    /// The baseline, from the top.
    y: f32,
    size: f32,
}

/// The glyphs of one page, in drawing order.
#[derive(Debug)]
pub(super) struct PlacedGlyphs {
    /// By the direction that they run in.
    glyphs: [Vec<PlacedGlyph>; 4],
    texts: Texts,
    page: Area,
    pen: Pen,
}

/// How glyphs are set, on the page as drawn.
#[derive(Debug, Clone, Copy, Default)]
struct Pen {
    /// One em along the baseline.
    along: (f32, f32),
    size: f32,
    /// Whether the baseline is level, and the size one that glyphs can have.
    upright: bool,
}

impl PlacedGlyphs {
    /// None yet, on a page of this size.
    pub(super) fn on(page: Area) -> Self {
        let room = |direction| match direction {
            Direction::Right => Vec::with_capacity(USUAL_GLYPHS),
            _ => Vec::new(),
        };
        Self {
            glyphs: DIRECTIONS.map(room),
            texts: Texts::default(),
            page,
            pen: Pen::default(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.glyphs.iter().map(Vec::len).sum()
    }

    pub(super) fn clear(&mut self) {
        self.glyphs.iter_mut().for_each(Vec::clear);
        self.texts.0.clear();
    }

    /// Sets the glyphs that follow by a matrix from glyph space to the page.
    pub(super) fn set(&mut self, matrix: Matrix) {
        let [a, b, c, d, ..] = matrix.0;
        // Upright text needs no root.
        let size = if c == 0.0 { d.abs() } else { c.hypot(d) };
        self.pen = Pen {
            along: (a, b),
            size,
            upright: b == 0.0 && size > 0.0 && size.is_finite(),
        };
    }

    /// Adds a glyph that stands for one character, unless it has no finite place on the page.
    #[inline]
    pub(super) fn push(&mut self, character: char, origin: (f32, f32), advance: f32) {
        self.place(GlyphText::Char(character), origin, advance);
    }

    /// Adds a glyph that stands for any text, unless it has no finite place on the page.
    pub(super) fn push_text(&mut self, text: &str, origin: (f32, f32), advance: f32) {
        let mut characters = text.chars();
        if let (Some(only), None) = (characters.next(), characters.next()) {
            return self.push(only, origin, advance);
        }
        // No page has four thousand million glyphs: limits cut it long before.
        let Ok(index) = u32::try_from(self.texts.0.len()) else {
            return;
        };
        self.texts.0.push(text.into());
        self.place(GlyphText::Many(index), origin, advance);
    }

    #[inline]
    fn place(&mut self, text: GlyphText, (x, y): (f32, f32), advance: f32) {
        if !self.page.contains(x, y) {
            return;
        }
        let Pen {
            along: (a, b),
            size,
            upright,
        } = self.pen;
        let x1 = a * advance + x;
        if upright && x1 >= x && x1 < f32::INFINITY {
            // Nearly all text: [`PlacedGlyphs::place_turned`] would come to the same.
            let [right, ..] = &mut self.glyphs;
            right.push(PlacedGlyph {
                text,
                x0: x,
                x1,
                y: self.page.y1 - y,
                size,
            });
        } else {
            self.place_turned(text, (x, y), (x1, b * advance + y));
        }
    }

    #[cold]
    fn place_turned(&mut self, text: GlyphText, start: (f32, f32), end: (f32, f32)) {
        let finite = [end.0, end.1, self.pen.size]
            .iter()
            .all(|number| number.is_finite());
        if !finite || self.pen.size <= 0.0 {
            return;
        }
        let direction = Direction::of(end.0 - start.0, end.1 - start.1);
        let (x0, y) = direction.turn(start, self.page);
        let (x1, _) = direction.turn(end, self.page);
        let [right, up, left, down] = &mut self.glyphs;
        let glyphs = match direction {
            Direction::Right => right,
            Direction::Up => up,
            Direction::Left => left,
            Direction::Down => down,
        };
        glyphs.push(PlacedGlyph {
            text,
            x0,
            x1: x1.max(x0),
            y,
            size: self.pen.size,
        });
    }

    /// Lays out the page: in its main direction only, as a stamp across a page would cut its lines.
    pub(super) fn into_text(self) -> PageText {
        let directions = DIRECTIONS.into_iter().zip(self.glyphs);
        // Of equally many the first.
        let most = directions.rev().max_by_key(|(_, glyphs)| glyphs.len());
        let (main, glyphs) = most.unwrap_or((Direction::Right, Vec::new()));
        let page = self.page;
        let (width, height) = match main {
            Direction::Right | Direction::Left => (page.x1, page.y1),
            Direction::Up | Direction::Down => (page.y1, page.x1),
        };
        let mut glyphs = from_top(glyphs);
        let lines = glyphs.chunk_by_mut(is_same_line);
        PageText {
            width,
            height,
            lines: lines
                .filter_map(|line| read_line(line, &self.texts))
                .collect(),
        }
    }
}

/// Glyphs in the order of their baselines; those on one baseline stay in theirs.
///
/// A string is drawn on one baseline: its glyphs are moved together.
fn from_top(glyphs: Vec<PlacedGlyph>) -> Vec<PlacedGlyph> {
    let same = |a: &PlacedGlyph, b: &PlacedGlyph| a.y.to_bits() == b.y.to_bits();
    let mut runs: Vec<&[PlacedGlyph]> = glyphs.chunk_by(same).collect();
    let y = |run: &[PlacedGlyph]| run.first().map_or(0.0, |glyph| glyph.y);
    if runs.is_sorted_by(|a, b| y(a).total_cmp(&y(b)).is_le()) {
        return glyphs;
    }
    runs.sort_by(|a, b| y(a).total_cmp(&y(b)));
    runs.concat()
}

/// Whether a glyph stands on the baseline of the one before it.
fn is_same_line(last: &PlacedGlyph, glyph: &PlacedGlyph) -> bool {
    (glyph.y - last.y).abs() <= SAME_LINE * smaller(glyph, last)
}

/// The smaller of two sizes, neither of which is NaN: a comparison alone.
fn smaller(a: &PlacedGlyph, b: &PlacedGlyph) -> f32 {
    if a.size < b.size { a.size } else { b.size }
}

/// Cuts one line into words.
fn read_line(glyphs: &mut [PlacedGlyph], texts: &Texts) -> Option<Line> {
    // Most lines are drawn from left to right.
    if !glyphs.is_sorted_by(|a, b| a.x0 <= b.x0) {
        glyphs.sort_by(|a, b| a.x0.total_cmp(&b.x0));
    }
    let mut line = Line::with_capacity(glyphs.len());
    let mut previous: Option<&PlacedGlyph> = None;
    let mut broken = true;
    // Where the word ends so far.
    let mut x1 = f32::NEG_INFINITY;
    for glyph in glyphs.iter() {
        if glyph.size > line.size {
            line.size = glyph.size;
        }
        if texts.is_blank(glyph.text) {
            broken = true;
            continue;
        }
        if let Some(last) = previous {
            let size = smaller(glyph, last);
            let again = (glyph.x0 - last.x0).abs() < OVERPRINT * size;
            if again && texts.are_same(glyph.text, last.text) {
                continue;
            }
            broken |= glyph.x0 - last.x1 > WORD_GAP * size;
        }
        if broken {
            line.end_word(x1);
            line.begin_word(glyph.x0, glyph.x1);
            x1 = glyph.x1;
            broken = false;
        }
        texts.append(glyph.text, &mut line.text);
        if glyph.x1 > x1 {
            x1 = glyph.x1;
        }
        previous = Some(glyph);
    }
    line.end_word(x1);
    line.y = previous?.y;
    Some(line)
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

    /// Reads texts shown with half-em advances, each from a start along a direction.
    fn read(shown: &[(&str, [f32; 6])]) -> Vec<String> {
        let mut glyphs = PlacedGlyphs::on(PAGE);
        for (text, [a, b, c, d, e, f]) in shown {
            glyphs.set(Matrix([*a, *b, *c, *d, *e, *f]));
            for (index, character) in text.chars().enumerate() {
                let offset = index as f32 * 0.5;
                glyphs.push(character, (e + a * offset, f + b * offset), 0.5);
            }
        }
        let text = glyphs.into_text();
        text.lines
            .iter()
            .map(|line| line.text().to_owned())
            .collect()
    }

    #[test]
    fn gaps_and_spaces_part_words() {
        let mut shown = vec![("Opening Balance", [10.0, 0.0, 0.0, 10.0, 50.0, 700.0])];
        shown.push(("1,000.00", [10.0, 0.0, 0.0, 10.0, 300.0, 700.5]));
        shown.push(("Period", [10.0, 0.0, 0.0, 10.0, 50.0, 720.0]));
        assert_eq!(read(&shown), ["Period", "Opening Balance 1,000.00"]);
    }

    #[test]
    fn text_drawn_twice_to_look_bold_is_read_once() {
        let mut shown = vec![("IFSC", [10.0, 0.0, 0.0, 10.0, 50.0, 700.0])];
        shown.push(("IFSC", [10.0, 0.0, 0.0, 10.0, 50.4, 700.0]));
        assert_eq!(read(&shown), ["IFSC"]);
    }

    #[test]
    fn a_page_set_sideways_is_read_along_its_text() {
        let mut shown = vec![("first line", [0.0, 10.0, -10.0, 0.0, 100.0, 50.0])];
        shown.push(("second line", [0.0, 10.0, -10.0, 0.0, 120.0, 50.0]));
        assert_eq!(read(&shown), ["first line", "second line"]);
    }
}
