//! Compares pictures of logos: a hash that stays nearly equal when a logo is scaled or compressed.
//!
//! The hash has one bit for each pixel of a 16 x 16 grid: whether the picture becomes lighter
//! towards the right. The proportions of the logo belong to it, so that a square never matches a
//! banner.

use super::banks::{Bank, BankRegistry};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Rows and columns of the grid.
const GRID: usize = 16;
/// Bits of two hashes of one logo that may differ.
const MAX_DISTANCE: u32 = 10;
/// Percent by which the proportions of one logo may differ: a pixel at each edge.
const MAX_STRETCH: u32 = 12;
/// Set bits of a picture with enough detail. Rules, frames and empty pictures have fewer, noise has
/// more.
const SET_BITS: std::ops::RangeInclusive<u32> = 32..=200;
/// Different rows of a picture with enough detail. Bars and gradients have fewer.
const MIN_ROWS: usize = 5;
/// A smaller step of the luminance, after its range is stretched to 255, is noise.
const MIN_STEP: f32 = 12.0;
/// The range of the luminance in a picture that shows anything.
const MIN_RANGE: f32 = 40.0;

/// The hash of a picture of a logo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogoHash {
    rows: [u16; GRID],
    /// The width in percent of the height.
    width: u32,
}

/// A picture in shades of grey.
#[derive(Debug, Clone, Copy)]
pub struct Shades<'p> {
    /// Pixels per row.
    pub width: usize,
    /// Luminance, row by row from the top; 255 is white.
    pub pixels: &'p [u8],
}

/// A part of a picture, in pixels from its left and upper edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Area {
    /// The first column.
    pub x: usize,
    /// The first row.
    pub y: usize,
    /// The number of columns.
    pub width: usize,
    /// The number of rows.
    pub height: usize,
}

impl LogoHash {
    /// Computes the hash of an area; `None` if it shows too little to be recognised, or lies
    /// outside of the picture.
    pub fn of(picture: Shades<'_>, area: Area) -> Option<Self> {
        let mut grid = [[0.0_f32; GRID + 1]; GRID];
        for (row, cells) in grid.iter_mut().enumerate() {
            for (column, cell) in cells.iter_mut().enumerate() {
                *cell = picture.average(area, (column, GRID + 1), (row, GRID))?;
            }
        }
        let all = || grid.iter().flatten().copied();
        let darkest = all().fold(f32::INFINITY, f32::min);
        let range = all().fold(0.0, f32::max) - darkest;
        if range < MIN_RANGE {
            return None;
        }
        let min_step = MIN_STEP * range / 255.0;
        let rows = grid.map(|cells| {
            let mut neighbours = cells.iter().zip(cells.iter().skip(1));
            let step = |bits: u16, (left, right): (&f32, &f32)| {
                bits << 1 | u16::from(right - left > min_step)
            };
            neighbours.by_ref().fold(0, step)
        });
        let mut different = rows.to_vec();
        different.sort_unstable();
        different.dedup();
        let set: u32 = rows.iter().map(|row| row.count_ones()).sum();
        let is_detailed = SET_BITS.contains(&set) && different.len() >= MIN_ROWS;
        let width = u32::try_from(area.width * 100 / area.height).ok()?;
        is_detailed.then_some(Self { rows, width })
    }

    /// Computes the hashes of an area whose left and right ends are up to a pixel off.
    ///
    /// The end of a scaled logo is between two pixels, and all of its parts move with it.
    pub fn nearby(picture: Shades<'_>, area: Area) -> impl Iterator<Item = Self> {
        let shifts = (0..3).flat_map(|left| (0..3).map(move |right| (left, right)));
        shifts.filter_map(move |(left, right)| {
            let x = (area.x + 1).checked_sub(left)?;
            let end = area.x + area.width + right;
            let width = end
                .checked_sub(x + 1)
                .filter(|_| end - 1 <= picture.width)?;
            Self::of(picture, Area { x, width, ..area })
        })
    }

    /// Parses what [`Display`](fmt::Display) writes.
    pub fn parse(text: &str) -> Option<Self> {
        let (digits, width) = text.split_once('/')?;
        let (groups, rest) = digits.as_bytes().as_chunks::<4>();
        if groups.len() != GRID || !rest.is_empty() {
            return None;
        }
        let mut rows = [0; GRID];
        for (row, group) in rows.iter_mut().zip(groups) {
            for digit in group {
                let value = char::from(*digit).to_digit(16)?;
                *row = *row << 4 | u16::try_from(value).ok()?;
            }
        }
        let width = width.parse().ok().filter(|width| *width > 0)?;
        Some(Self { rows, width })
    }

    /// Returns whether two hashes are those of one logo.
    pub fn matches(&self, other: &Self) -> bool {
        let pairs = self.rows.iter().zip(&other.rows);
        let distance: u32 = pairs.map(|(a, b)| (a ^ b).count_ones()).sum();
        let (narrow, wide) = (self.width.min(other.width), self.width.max(other.width));
        let is_as_wide = u64::from(wide) * 100 <= u64::from(narrow) * u64::from(100 + MAX_STRETCH);
        distance <= MAX_DISTANCE && is_as_wide
    }
}

impl fmt::Display for LogoHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.rows
            .iter()
            .try_for_each(|row| write!(f, "{row:04x}"))?;
        write!(f, "/{}", self.width)
    }
}

impl Shades<'_> {
    /// Returns the average luminance of a cell of an area, each side as its index and the number of
    /// cells.
    fn average(
        self,
        area: Area,
        (column, columns): (usize, usize),
        (row, rows): (usize, usize),
    ) -> Option<f32> {
        let horizontal = weights(area.width, column, columns);
        let (mut sum, mut all) = (0.0, 0.0);
        for (y, height) in weights(area.height, row, rows) {
            let start = (area.y + y) * self.width + area.x;
            let line = self.pixels.get(start..start + area.width)?;
            for (x, width) in horizontal.clone() {
                let weight = width * height;
                sum += weight * f32::from(*line.get(x)?);
                all += weight;
            }
        }
        (all > 0.0).then(|| sum / all)
    }
}

/// Returns the pixels of a cell among `count` equal cells of a side, each with its share in it.
fn weights(side: usize, index: usize, count: usize) -> impl Iterator<Item = (usize, f32)> + Clone {
    let scale = side as f32 / count as f32;
    let (from, to) = (index as f32 * scale, (index + 1) as f32 * scale);
    let pixels = from as usize..side.min(to.ceil() as usize);
    pixels.filter_map(move |pixel| {
        let share = to.min((pixel + 1) as f32) - from.max(pixel as f32);
        (share > 0.0).then_some((pixel, share))
    })
}

/// Hashes of logos, each with its bank.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct KnownLogos(Vec<(String, LogoHash)>);

/// Why a row of a table of logos is invalid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LogoProblem {
    /// The row does not consist of two columns.
    #[error("line {0}: not a bank and a hash, separated by a tab")]
    Columns(usize),
    /// The bank is unknown.
    #[error("line {0}: unknown bank identifier")]
    Bank(usize),
    /// The hash is not one.
    #[error("line {0}: not a hash that bankscreen forms logos prints")]
    Hash(usize),
}

impl KnownLogos {
    /// Parses a table: identifier and hash, separated by a tab. Empty lines and those that begin
    /// with `#` are skipped.
    ///
    /// # Errors
    ///
    /// The first invalid row.
    pub fn parse(text: &str, banks: &BankRegistry) -> Result<Self, LogoProblem> {
        let mut logos = Vec::new();
        for (line, number) in text.lines().zip(1..) {
            let line = line.trim_end();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (id, hash) = line.split_once('\t').ok_or(LogoProblem::Columns(number))?;
            let bank = banks.by_id(id).ok_or(LogoProblem::Bank(number))?;
            let hash = LogoHash::parse(hash).ok_or(LogoProblem::Hash(number))?;
            logos.push((bank.id().to_owned(), hash));
        }
        Ok(Self(logos))
    }

    /// Returns whether no logo is known.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the bank with a logo among the hashes, if it is only one.
    pub(super) fn bank<'r>(&self, found: &[LogoHash], banks: &'r BankRegistry) -> Option<&'r Bank> {
        let is_found = |hash: &LogoHash| found.iter().any(|other| other.matches(hash));
        let mut matching = self.0.iter().filter(|(_, hash)| is_found(hash));
        let (id, _) = matching.next()?;
        let is_only = matching.all(|(other, _)| other == id);
        banks.by_id(id).filter(|_| is_only)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Draws rectangles, which the number chooses, in a picture of this size.
    fn drawn(number: usize, width: usize, height: usize) -> Vec<u8> {
        let mut state = number * 7919 + 17;
        let mut random = |limit: usize| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 33) % limit
        };
        let mut pixels = vec![255; width * height];
        for _ in 0..14 {
            let (x, y) = (random(80), random(80));
            let (right, bottom) = (x + 5 + random(16), y + 8 + random(30));
            let shade = u8::try_from(random(160)).unwrap();
            for row in y * height / 100..(bottom * height / 100).min(height) {
                for column in x * width / 100..(right * width / 100).min(width) {
                    pixels[row * width + column] = shade;
                }
            }
        }
        pixels
    }

    fn hash(pixels: &[u8], width: usize) -> Option<LogoHash> {
        let height = pixels.len() / width;
        let area = Area {
            x: 0,
            y: 0,
            width,
            height,
        };
        LogoHash::of(Shades { width, pixels }, area)
    }

    #[test]
    fn a_logo_matches_itself_at_any_size_and_with_noise() {
        for number in 0..20 {
            let original = hash(&drawn(number, 300, 120), 300).unwrap();
            for (width, height) in [(150, 60), (100, 40), (420, 168), (233, 92)] {
                let scaled = hash(&drawn(number, width, height), width).unwrap();
                assert!(original.matches(&scaled), "{number}: {original} {scaled}");
            }
            let darken = |(index, pixel): (usize, u8)| {
                let step = u8::try_from(index * 31 % 9).unwrap();
                pixel.saturating_sub(step)
            };
            let pixels = drawn(number, 300, 120).into_iter().enumerate();
            let noisy: Vec<u8> = pixels.map(darken).collect();
            assert!(original.matches(&hash(&noisy, 300).unwrap()), "{number}");
            assert_eq!(LogoHash::parse(&original.to_string()), Some(original));
        }
    }

    #[test]
    fn a_logo_whose_ends_are_a_pixel_off_is_nearby() {
        for number in 0..20 {
            let (wide, narrow) = (drawn(number, 143, 57), drawn(number, 140, 57));
            let original = hash(&wide, 143).unwrap();
            let mut pixels = Vec::new();
            for row in narrow.chunks(140) {
                pixels.extend([&[255; 5], row, &[255; 5]].concat());
            }
            let area = Area {
                x: 4,
                y: 0,
                width: 141,
                height: 57,
            };
            let picture = Shades {
                width: 150,
                pixels: &pixels,
            };
            let mut nearby = LogoHash::nearby(picture, area);
            assert!(nearby.any(|hash| hash.matches(&original)), "{number}");
        }
    }

    #[test]
    fn different_logos_never_match() {
        let hashes: Vec<_> = (0..60)
            .filter_map(|number| hash(&drawn(number, 300, 120), 300))
            .collect();
        assert!(hashes.len() > 50);
        for (index, one) in hashes.iter().enumerate() {
            for other in &hashes[..index] {
                assert!(!one.matches(other), "{one} {other}");
            }
        }
        let square = hash(&drawn(1, 120, 120), 120).unwrap();
        assert!(!square.matches(&hashes[1]));
    }

    #[test]
    fn pictures_without_detail_have_no_hash() {
        let picture = |shade: fn(usize, usize) -> u8| {
            let pixels = (0..120).flat_map(|y| (0..300).map(move |x| shade(x, y)));
            hash(&pixels.collect::<Vec<u8>>(), 300)
        };
        assert_eq!(picture(|_, _| 255), None);
        assert_eq!(picture(|_, y| if y < 60 { 0 } else { 255 }), None);
        assert_eq!(picture(|x, _| if x % 40 < 20 { 0 } else { 255 }), None);
        assert_eq!(picture(|x, _| u8::try_from(x * 255 / 300).unwrap()), None);
        let frame = |x, y| match (x, y) {
            (3..297, 3..117) => 255,
            _ => 0,
        };
        assert_eq!(picture(frame), None);
        assert_eq!(
            picture(|x, y| 255 - u8::try_from((x * 7 + y * 13) % 20).unwrap()),
            None
        );
    }

    #[test]
    fn tables_of_logos_are_parsed_and_two_banks_with_one_logo_prove_nothing() {
        let banks = BankRegistry::default();
        let hash = hash(&drawn(1, 300, 120), 300).unwrap();
        let row = |bank: &str| format!("{bank}\t{hash}\n");
        let found = |table: &str| {
            let known = KnownLogos::parse(table, &banks).unwrap();
            let bank = known.bank(std::slice::from_ref(&hash), &banks);
            bank.map(|bank| bank.id().to_owned())
        };
        assert_eq!(
            found(&format!("# ours\n\n{}", row("axis"))),
            Some("axis".to_owned())
        );
        assert_eq!(
            found(&(row("axis") + &row("axis"))),
            Some("axis".to_owned())
        );
        assert_eq!(found(&(row("axis") + &row("hdfc"))), None);
        let problem = |table: &str| KnownLogos::parse(table, &banks).unwrap_err();
        assert_eq!(problem("# \naxis 00"), LogoProblem::Columns(2));
        assert_eq!(problem(&row("nobank")), LogoProblem::Bank(1));
        assert_eq!(problem("axis\t00/250"), LogoProblem::Hash(1));
        let wide = "00ff".repeat(16);
        assert_eq!(problem(&format!("axis\t{wide}/0")), LogoProblem::Hash(1));
        assert_eq!(problem(&format!("axis\t{wide}")), LogoProblem::Hash(1));
    }
}
