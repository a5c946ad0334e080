//! Puts glyphs where they stand on the page, turned so that their text runs to the right.

use crate::pdf::content::{Area, Matrix};

/// Glyphs of a full page of a statement.
const USUAL_GLYPHS: usize = 4 << 10;
/// Lines of one.
const USUAL_RUNS: usize = 1 << 8;

/// Which way a text runs on the page as shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Right,
    Up,
    Left,
    Down,
}

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

/// Where one character stands along its baseline, in points.
#[derive(Debug, Clone, Copy)]
pub(super) struct PlacedGlyph {
    pub(super) character: char,
    pub(super) x0: f32,
    /// Never left of `x0`.
    pub(super) x1: f32,
}

/// Glyphs of one size on one baseline, drawn one after the other from left to right.
#[derive(Debug, Clone, Copy)]
pub(super) struct Run<'g> {
    /// At least one.
    pub(super) glyphs: &'g [PlacedGlyph],
    /// The baseline, from the top.
    pub(super) y: f32,
    pub(super) size: f32,
}

impl<'g> Run<'g> {
    /// Where the first glyph begins.
    pub(super) fn x_first(&self) -> f32 {
        self.glyphs.first().map_or(0.0, |glyph| glyph.x0)
    }

    /// Where the last glyph begins.
    pub(super) fn x_last(&self) -> f32 {
        self.glyphs.last().map_or(0.0, |glyph| glyph.x0)
    }

    /// Each of its glyphs as a run of its own.
    pub(super) fn single_glyphs(&self) -> impl Iterator<Item = Self> + use<'g> {
        let Self { glyphs, y, size } = *self;
        glyphs.chunks(1).map(move |glyphs| Self { glyphs, y, size })
    }
}

/// The glyphs that run in one direction, in drawing order.
#[derive(Debug, Default)]
struct Drawn {
    glyphs: Vec<PlacedGlyph>,
    /// Each ends where the next begins.
    runs: Vec<RunStart>,
}

#[derive(Debug, Clone, Copy)]
struct RunStart {
    glyph: usize,
    y: f32,
    size: f32,
}

impl Drawn {
    #[inline]
    fn push(&mut self, glyph: PlacedGlyph, y: f32, size: f32) {
        let setting = [y, size].map(f32::to_bits);
        let is_set_so = |run: &RunStart| [run.y, run.size].map(f32::to_bits) == setting;
        let goes_on = self.runs.last().is_some_and(is_set_so)
            && self.glyphs.last().is_some_and(|last| last.x0 <= glyph.x0);
        if !goes_on {
            let glyph = self.glyphs.len();
            self.runs.push(RunStart { glyph, y, size });
        }
        self.glyphs.push(glyph);
    }

    fn runs(&self) -> impl Iterator<Item = Run<'_>> {
        let ends = self.runs.iter().skip(1).map(|next| next.glyph);
        let ends = ends.chain([self.glyphs.len()]);
        self.runs.iter().zip(ends).map(|(start, end)| Run {
            glyphs: self.glyphs.get(start.glyph..end).unwrap_or_default(),
            y: start.y,
            size: start.size,
        })
    }
}

/// The glyphs of one page.
#[derive(Debug)]
pub(super) struct PlacedGlyphs {
    right: Drawn,
    up: Drawn,
    left: Drawn,
    down: Drawn,
    pen: Pen,
    page: Area,
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
        Self {
            right: Drawn {
                glyphs: Vec::with_capacity(USUAL_GLYPHS),
                runs: Vec::with_capacity(USUAL_RUNS),
            },
            up: Drawn::default(),
            left: Drawn::default(),
            down: Drawn::default(),
            pen: Pen::default(),
            page,
        }
    }

    /// By the direction that they run in.
    fn drawn(&self) -> [(Direction, &Drawn); 4] {
        [
            (Direction::Right, &self.right),
            (Direction::Up, &self.up),
            (Direction::Left, &self.left),
            (Direction::Down, &self.down),
        ]
    }

    pub(super) fn len(&self) -> usize {
        self.drawn()
            .iter()
            .map(|(_, drawn)| drawn.glyphs.len())
            .sum()
    }

    pub(super) fn clear(&mut self) {
        for drawn in [
            &mut self.right,
            &mut self.up,
            &mut self.left,
            &mut self.down,
        ] {
            drawn.glyphs.clear();
            drawn.runs.clear();
        }
    }

    /// The page's main direction, that of most glyphs, and its runs in drawing order.
    pub(super) fn main_runs(&self) -> (Direction, Vec<Run<'_>>) {
        let directions = self.drawn().into_iter();
        // Of equally many the first.
        let most = directions.rev().max_by_key(|(_, drawn)| drawn.glyphs.len());
        most.map_or((Direction::Right, Vec::new()), |(direction, drawn)| {
            (direction, drawn.runs().collect())
        })
    }

    /// The width and the height of the page turned so that a direction runs to the right.
    pub(super) fn page_turned(&self, direction: Direction) -> (f32, f32) {
        match direction {
            Direction::Right | Direction::Left => (self.page.x1, self.page.y1),
            Direction::Up | Direction::Down => (self.page.y1, self.page.x1),
        }
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
    #[expect(
        clippy::inline_always,
        reason = "every glyph of every page read comes by"
    )]
    #[inline(always)]
    pub(super) fn push(&mut self, character: char, (x, y): (f32, f32), advance: f32) {
        if !self.page.contains(x, y) {
            return;
        }
        let x1 = self.pen.along.0 * advance + x;
        if self.pen.upright && x1 >= x && x1 < f32::INFINITY {
            // Nearly all text: [`PlacedGlyphs::push_turned`] would come to the same.
            let glyph = PlacedGlyph {
                character,
                x0: x,
                x1,
            };
            self.right.push(glyph, self.page.y1 - y, self.pen.size);
        } else {
            self.push_turned(character, (x, y), (x1, self.pen.along.1 * advance + y));
        }
    }

    /// Adds a glyph that stands for any text, such as a ligature: its characters share its width.
    #[cold]
    pub(super) fn push_text(&mut self, text: &str, (x, y): (f32, f32), advance: f32) {
        let share = advance / text.chars().count().max(1) as f32;
        let (dx, dy) = (self.pen.along.0 * share, self.pen.along.1 * share);
        for (index, character) in text.chars().enumerate() {
            let place = index as f32;
            self.push(character, (dx * place + x, dy * place + y), share);
        }
    }

    #[cold]
    fn push_turned(&mut self, character: char, start: (f32, f32), end: (f32, f32)) {
        let size = self.pen.size;
        let finite = [end.0, end.1, size].iter().all(|number| number.is_finite());
        if !finite || size <= 0.0 {
            return;
        }
        let direction = Direction::of(end.0 - start.0, end.1 - start.1);
        let (x0, y) = direction.turn(start, self.page);
        let (x1, _) = direction.turn(end, self.page);
        let drawn = match direction {
            Direction::Right => &mut self.right,
            Direction::Up => &mut self.up,
            Direction::Left => &mut self.left,
            Direction::Down => &mut self.down,
        };
        let glyph = PlacedGlyph {
            character,
            x0,
            x1: x1.max(x0),
        };
        drawn.push(glyph, y, size);
    }
}
