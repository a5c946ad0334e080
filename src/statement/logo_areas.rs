//! Finds what may be a logo at the top of a rendered page: marks that are larger than lines of text
//! and separate from them.

use super::logo_hash::{Area, LogoHash, Shades};

/// Logos are in this part of the page, from the top.
const SEARCHED_SHARE: usize = 3;
/// The side of the squares that are searched, in pixels.
const SQUARE: usize = 4;
/// Luminance of the lightest ink. Compressed images have lighter pixels around their marks.
const LIGHTEST_INK: u8 = 215;
/// The shorter side of the smallest logo, in pixels.
const MIN_SIDE: usize = 24;
/// Areas of one page that are hashed.
const MAX_AREAS: usize = 64;

/// Returns the areas that may show a logo, from the top, each with its hash.
pub fn find_logos(page: Shades<'_>) -> Vec<(Area, LogoHash)> {
    let height = page.pixels.len() / page.width.max(1) / SEARCHED_SHARE;
    let mut squares = Squares::new(page, height);
    let mut found = Vec::new();
    while let Some(area) = squares.next_area() {
        let Some(area) = trimmed(page, area, height) else {
            continue;
        };
        // What continues below is the transactions, or a picture of the whole page.
        let is_whole = area.y + area.height < height;
        if is_whole
            && area.width.min(area.height) >= MIN_SIDE
            && let Some(hash) = LogoHash::of(page, area)
        {
            found.push((area, hash));
        }
        if found.len() == MAX_AREAS {
            break;
        }
    }
    found
}

/// The squares of the searched part that have ink and were not yet visited.
struct Squares {
    columns: usize,
    rows: usize,
    has_ink: Vec<bool>,
    next: usize,
}

impl Squares {
    fn new(page: Shades<'_>, height: usize) -> Self {
        let columns = page.width.div_ceil(SQUARE);
        let rows = height.div_ceil(SQUARE);
        let mut has_ink = vec![false; columns * rows];
        let lines = page.pixels.chunks_exact(page.width.max(1)).take(height);
        for (y, line) in lines.enumerate() {
            for (x, pixel) in line.iter().enumerate() {
                let square = y / SQUARE * columns + x / SQUARE;
                if let Some(has_ink) = has_ink.get_mut(square) {
                    *has_ink |= *pixel <= LIGHTEST_INK;
                }
            }
        }
        Self {
            columns,
            rows,
            has_ink,
            next: 0,
        }
    }

    /// Takes the ink of a square. Returns whether it had any.
    fn take(&mut self, column: usize, row: usize) -> bool {
        let is_inside = column < self.columns && row < self.rows;
        let square = self.has_ink.get_mut(row * self.columns + column);
        is_inside && square.is_some_and(std::mem::take)
    }

    /// Returns the box around the next squares that are connected, with at most one empty square
    /// between them.
    fn next_area(&mut self) -> Option<Area> {
        let first = self.has_ink.iter().skip(self.next).position(|ink| *ink)?;
        self.next += first;
        let start = (self.next % self.columns, self.next / self.columns);
        self.take(start.0, start.1);
        let (mut left, mut top) = start;
        let (mut right, mut bottom) = start;
        let mut open = vec![start];
        while let Some((column, row)) = open.pop() {
            (left, top) = (left.min(column), top.min(row));
            (right, bottom) = (right.max(column), bottom.max(row));
            for y in row.saturating_sub(2)..=row + 2 {
                for x in column.saturating_sub(2)..=column + 2 {
                    if self.take(x, y) {
                        open.push((x, y));
                    }
                }
            }
        }
        Some(Area {
            x: left * SQUARE,
            y: top * SQUARE,
            width: (right - left + 1) * SQUARE,
            height: (bottom - top + 1) * SQUARE,
        })
    }
}

/// Returns the smallest area with the same ink above `end`; `None` if there is none.
fn trimmed(page: Shades<'_>, area: Area, end: usize) -> Option<Area> {
    let (mut left, mut right) = (usize::MAX, 0);
    let (mut top, mut bottom) = (usize::MAX, 0);
    let last = (area.x + area.width).min(page.width);
    for y in area.y..(area.y + area.height).min(end) {
        let line = page.pixels.get(y * page.width..(y + 1) * page.width)?;
        for x in area.x..last {
            if line.get(x).is_some_and(|pixel| *pixel <= LIGHTEST_INK) {
                (left, top) = (left.min(x), top.min(y));
                (right, bottom) = (right.max(x), bottom.max(y));
            }
        }
    }
    (left <= right && top <= bottom).then(|| Area {
        x: left,
        y: top,
        width: right - left + 1,
        height: bottom - top + 1,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDTH: usize = 600;
    const HEIGHT: usize = 900;

    /// Returns a page with a pattern that has details, of this size at this place.
    fn page(marks: &[(usize, usize, usize, usize)]) -> Vec<u8> {
        let mut pixels = vec![255; WIDTH * HEIGHT];
        for (x, y, width, height) in marks {
            for row in 0..*height {
                for column in 0..*width {
                    let (u, v) = (column * 16 / width, row * 16 / height);
                    let is_edge =
                        column == 0 || row == 0 || column + 1 == *width || row + 1 == *height;
                    if is_edge || (u * u + v * v * 3 + u * v) % 5 < 2 {
                        pixels[(y + row) * WIDTH + x + column] = 40;
                    }
                }
            }
        }
        pixels
    }

    fn areas(marks: &[(usize, usize, usize, usize)]) -> Vec<(usize, usize, usize, usize)> {
        let found = find_logos(Shades {
            width: WIDTH,
            pixels: &page(marks),
        });
        let areas = found.into_iter().map(|(area, _)| area);
        areas
            .map(|area| (area.x, area.y, area.width, area.height))
            .collect()
    }

    #[test]
    fn separate_marks_in_the_upper_third_are_found() {
        let marks = [(31, 20, 160, 64), (400, 33, 80, 80)];
        assert_eq!(areas(&marks), marks);
        assert_eq!(areas(&[(31, 500, 160, 64)]), []);
    }

    #[test]
    fn marks_as_small_as_text_are_no_logos() {
        assert_eq!(areas(&[(31, 20, 200, 14), (31, 60, 14, 14)]), []);
        assert_eq!(
            find_logos(Shades {
                width: 0,
                pixels: &[]
            }),
            []
        );
    }
}
