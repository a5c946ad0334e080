//! The surface of a page on a grid: what was painted last, and the share that images cover.

use super::content::{Area, Fill, ImagePaint, Rgb};

/// Rows and columns of the grid: the bits of a `u64`.
const GRID: usize = 64;
/// Share of a cell that may stay uncovered at the edge of a fill that covers the cell.
const EDGE_TOLERANCE: f32 = 0.1;

/// What is below a point of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Background {
    /// A colour; the paper is white.
    Colour(Rgb),
    Image,
    /// Shapes, or the edges of fills.
    Mixed,
}

/// The last paint of one cell.
#[derive(Debug, Clone, Copy)]
struct Cell {
    background: Background,
    /// The time of the last opaque paint that covers the cell, or 0.
    covered_at: u32,
}

const PAPER: Cell = Cell {
    background: Background::Colour(Rgb::WHITE),
    covered_at: 0,
};

/// Tracks what content paints on one page.
#[derive(Debug)]
pub(super) struct Surface {
    page: Area,
    /// Empty until something other than paper is painted.
    cells: Vec<Cell>,
    now: u32,
    images: Coverage,
}

/// The cells of an area.
struct Cells {
    columns: std::ops::Range<usize>,
    rows: std::ops::Range<usize>,
}

impl Surface {
    pub(super) fn new(page: Area) -> Self {
        Self {
            page,
            cells: Vec::new(),
            now: 0,
            images: Coverage::new(page),
        }
    }

    /// The number of paints so far.
    pub(super) fn now(&self) -> u32 {
        self.now
    }

    /// Returns the images of the page.
    pub(super) fn images(&self) -> &Coverage {
        &self.images
    }

    /// Paints an image; returns whether it covers any cell.
    pub(super) fn image(&mut self, image: &ImagePaint) -> bool {
        self.images.add(image.area);
        let cells = self.cells_of(image.area, f32::round, f32::round);
        let covers = image.is_opaque && !cells.is_empty();
        self.now = self.now.saturating_add(1);
        let now = self.now;
        self.each_cell(&cells, |cell, _| {
            cell.background = Background::Image;
            if covers {
                cell.covered_at = now;
            }
        });
        covers
    }

    /// Paints a fill; returns whether it covers any cell. `has_text` is whether text was painted.
    pub(super) fn fill(&mut self, fill: &Fill, has_text: bool) -> bool {
        let is_paper = fill
            .solid
            .is_some_and(|colour| colour.looks_like(Rgb::WHITE));
        self.now = self.now.saturating_add(1);
        let now = self.now;
        let outer = self.cells_of(fill.area, f32::floor, f32::ceil);
        let inner = self.cells_of(
            fill.area,
            |edge| (edge - EDGE_TOLERANCE).ceil(),
            |edge| (edge + EDGE_TOLERANCE).floor(),
        );
        let covers = fill.solid.is_some() && !inner.is_empty();
        // White on paper has no effect; many writers paint it first.
        if is_paper && !has_text && self.cells.is_empty() {
            return false;
        }
        self.each_cell(&outer, |cell, (column, row)| match fill.solid {
            Some(colour) if inner.columns.contains(&column) && inner.rows.contains(&row) => {
                *cell = Cell {
                    background: Background::Colour(colour),
                    covered_at: now,
                };
            }
            Some(colour) if cell.background == Background::Colour(colour) => {}
            _ => cell.background = Background::Mixed,
        });
        covers
    }

    /// Returns what is below a point.
    pub(super) fn background(&self, point: (f32, f32)) -> Background {
        let cell = self.cells.get(self.cell_index(point));
        cell.unwrap_or(&PAPER).background
    }

    /// Returns whether a cell was covered after a point in time.
    pub(super) fn is_covered(&self, cell: usize, since: u32) -> bool {
        let cell = self.cells.get(cell).unwrap_or(&PAPER);
        cell.covered_at > since
    }

    /// Returns the index of the cell of a point; points outside the page are moved to its edge.
    pub(super) fn cell_index(&self, (x, y): (f32, f32)) -> usize {
        let index = |position: f32, start: f32, end: f32| {
            let share = (position - start) / (end - start).max(f32::MIN_POSITIVE);
            ((share * GRID as f32) as usize).min(GRID - 1)
        };
        let row = index(y, self.page.y0, self.page.y1);
        row * GRID + index(x, self.page.x0, self.page.x1)
    }

    fn each_cell(&mut self, cells: &Cells, mut change: impl FnMut(&mut Cell, (usize, usize))) {
        if cells.is_empty() {
            return;
        }
        if self.cells.is_empty() {
            self.cells = vec![PAPER; GRID * GRID];
        }
        for row in cells.rows.clone() {
            let start = row * GRID;
            let row_cells = self
                .cells
                .get_mut(start + cells.columns.start..start + cells.columns.end);
            let columns = cells.columns.clone();
            for (column, cell) in columns.zip(row_cells.into_iter().flatten()) {
                change(cell, (column, row));
            }
        }
    }

    fn cells_of(&self, area: Area, first: fn(f32) -> f32, last: fn(f32) -> f32) -> Cells {
        let area = area.intersect(self.page);
        Cells::of(area, self.page, first, last)
    }
}

impl Cells {
    /// Returns the cells between the edges of an area, rounded by `first` and `last`.
    fn of(area: Area, page: Area, first: fn(f32) -> f32, last: fn(f32) -> f32) -> Self {
        if area.is_empty() {
            return Self {
                columns: 0..0,
                rows: 0..0,
            };
        }
        let range = |from: f32, to: f32, start: f32, end: f32| {
            let scale = GRID as f32 / (end - start).max(f32::MIN_POSITIVE);
            let edge = |edge: f32| edge.clamp(0.0, GRID as f32) as usize;
            edge(first((from - start) * scale))..edge(last((to - start) * scale))
        };
        Self {
            columns: range(area.x0, area.x1, page.x0, page.x1),
            rows: range(area.y0, area.y1, page.y0, page.y1),
        }
    }

    fn is_empty(&self) -> bool {
        self.columns.is_empty() || self.rows.is_empty()
    }
}

/// Measures the share of a page that images cover: strips of one image add up, and overlaps count
/// once.
#[derive(Debug)]
pub(super) struct Coverage {
    page: Area,
    /// One bit per covered cell.
    rows: [u64; GRID],
    has_image: bool,
}

impl Coverage {
    pub(super) fn new(page: Area) -> Self {
        Self {
            page,
            rows: [0; GRID],
            has_image: false,
        }
    }

    /// Whether any image is on the page.
    pub(super) fn has_image(&self) -> bool {
        self.has_image
    }

    /// Adds an image.
    pub(super) fn add(&mut self, area: Area) {
        let area = area.intersect(self.page);
        if area.is_empty() {
            return;
        }
        self.has_image = true;
        // Both edges are rounded to cell borders, so that adjacent strips leave no gap.
        let cells = Cells::of(area, self.page, f32::round, f32::round);
        let width = cells.columns.len();
        if width == 0 {
            return;
        }
        let mask = (u64::MAX >> (GRID - width)) << cells.columns.start;
        let rows = self.rows.iter_mut();
        for row in rows.take(cells.rows.end).skip(cells.rows.start) {
            *row |= mask;
        }
    }

    /// Returns the covered share in percent.
    pub(super) fn percent(&self) -> u32 {
        let cells: u32 = self.rows.iter().map(|row| row.count_ones()).sum();
        cells * 100 / (GRID * GRID) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area((x0, y0, x1, y1): (f32, f32, f32, f32)) -> Area {
        Area { x0, y0, x1, y1 }
    }

    fn covered(areas: &[(f32, f32, f32, f32)]) -> u32 {
        let mut coverage = Coverage::new(Area::PAGE);
        for corners in areas {
            coverage.add(area(*corners));
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
    fn only_opaque_paint_that_follows_covers_a_point() {
        let point = (300.0, 400.0);
        let mut surface = Surface::new(Area::PAGE);
        let cell = surface.cell_index(point);
        let image = |is_opaque| ImagePaint {
            area: Area::PAGE,
            id: None,
            is_opaque,
        };
        assert!(!surface.image(&image(false)));
        assert!(!surface.is_covered(cell, 0));
        assert!(surface.image(&image(true)));
        assert!(surface.is_covered(cell, 1));
        assert!(!surface.is_covered(cell, surface.now()));
        assert_eq!(surface.background(point), Background::Image);
    }

    #[test]
    fn the_edges_of_a_fill_have_no_certain_colour() {
        let mut surface = Surface::new(Area::PAGE);
        let fill = |corners, solid| Fill {
            area: area(corners),
            solid,
        };
        let black = Rgb::BLACK;
        assert!(surface.fill(&fill((0.0, 95.0, 600.0, 205.0), Some(black)), true));
        let below = |surface: &Surface, y| surface.background((300.0, y));
        assert_eq!(below(&surface, 150.0), Background::Colour(black));
        assert_eq!(below(&surface, 203.0), Background::Mixed);
        assert_eq!(below(&surface, 300.0), Background::Colour(Rgb::WHITE));
        // A line of text is higher than this fill, which thus covers none.
        assert!(!surface.fill(&fill((0.0, 700.0, 600.0, 704.0), Some(black)), true));
    }
}
