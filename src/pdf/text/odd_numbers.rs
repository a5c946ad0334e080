//! Finds an amount that is drawn differently from the other amounts of its column.
//!
//! By itself this is no sign of editing: one genuine statement in fourteen has such an amount, and
//! one in five has one whose right edge sticks out. It becomes one if the balances do not follow
//! from its row either, so a page is read for it only if that is known.

use super::edits::is_amount;
use crate::pdf::content::{
    CharMapping, Fill, Glyph, GlyphStyle, ImagePaint, Observer, Rgb, Visibility, Workspace,
};
use crate::pdf::limits::{Budget, LimitHit};
use crate::pdf::structure::{self, PageFrame};
use hayro_syntax::page::Page;
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;

/// Amounts of other rows with which an amount is compared.
const MIN_COLUMN: usize = 4;
/// Words that are collected of a page.
const MAX_WORDS: usize = 20_000;
/// Distance of two glyphs that separates words, in ems.
const WORD_GAP: f32 = 0.25;
/// Distance of a baseline from that of a row, in ems.
const SAME_ROW: f32 = 0.5;
/// Share by which sizes differ.
const OTHER_SIZE: f32 = 0.03;
/// Difference of baselines in one row that no rounding explains, in ems.
const OTHER_BASELINE: f32 = 0.05;
/// Distance within which right edges are aligned, in ems.
const ALIGNED: f32 = 0.06;
/// Distance of a right edge that is not aligned, in ems.
const STICKS_OUT: f32 = 0.15;

/// How an amount differs from all other amounts of its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Difference {
    /// Another font.
    Font,
    /// Another size.
    Size,
    /// Another colour.
    Colour,
    /// It is above or below the other words of its row.
    Baseline,
    /// The column is aligned on the right, and the amount is not.
    RightEdge,
}

/// Returns how an amount on the row with a baseline differs from its column, if one does. `place`
/// is the baseline's distance from the top, as a share of the page's height.
///
/// # Errors
///
/// If the budget is exceeded.
pub(in crate::pdf) fn odd_number(
    page: &Page<'_>,
    place: f32,
    workspace: &mut Workspace,
    budget: &mut Budget<'_>,
) -> Result<Option<Difference>, LimitHit> {
    let frame = PageFrame::of(page);
    let mut collector = Collector::default();
    structure::run_contents(page, &frame, workspace, budget, &mut collector)?;
    collector.end_word();
    let y = frame.area.y1 * (1.0 - place);
    Ok(difference(&collector.words, y))
}

/// Returns how an amount at a baseline differs from its column. `y` is from the bottom.
fn difference(words: &[Word], y: f32) -> Option<Difference> {
    let in_row = words.iter().filter(|word| word.is_in_row(y));
    let mut amounts = in_row.filter(|word| is_amount(&word.text));
    amounts.find_map(|amount| {
        let is_beside = |other: &&Word| is_amount(&other.text) && other.shares_column(amount);
        let others = words.iter().filter(is_beside);
        let column: Vec<&Word> = others.filter(|word| !word.is_in_row(amount.y)).collect();
        if column.len() < MIN_COLUMN {
            return None;
        }
        let is_odd = |difference: &Difference| match difference {
            Difference::Font => column.iter().all(|other| other.font != amount.font),
            Difference::Size => column.iter().all(|other| other.has_other_size(amount)),
            Difference::Colour => column.iter().all(|other| other.colour != amount.colour),
            Difference::Baseline => {
                amount.is_off_row(words) && !column.iter().any(|other| other.is_off_row(words))
            }
            Difference::RightEdge => sticks_out(amount, &column),
        };
        let all = [
            Difference::Font,
            Difference::Size,
            Difference::Colour,
            Difference::Baseline,
            Difference::RightEdge,
        ];
        all.into_iter().find(is_odd)
    })
}

/// Whether all amounts of a column are aligned on the right, except one.
fn sticks_out(amount: &Word, column: &[&Word]) -> bool {
    let mut edges: Vec<f32> = column.iter().map(|word| word.x1).collect();
    edges.sort_unstable_by(f32::total_cmp);
    let edge = edges.get(edges.len() / 2).copied().unwrap_or_default();
    let aligned = |x: f32| (x - edge).abs() <= ALIGNED * amount.size;
    edges.into_iter().all(aligned) && (amount.x1 - edge).abs() > STICKS_OUT * amount.size
}

/// Consecutive glyphs of one style.
#[derive(Debug, Default, PartialEq)]
struct Word {
    text: String,
    x0: f32,
    x1: f32,
    /// The baseline, from the bottom.
    y: f32,
    size: f32,
    font: u32,
    colour: Option<Rgb>,
}

impl Word {
    fn is_in_row(&self, y: f32) -> bool {
        (self.y - y).abs() <= SAME_ROW * self.size
    }

    fn shares_column(&self, other: &Self) -> bool {
        let middle = |word: &Self| f32::midpoint(word.x0, word.x1);
        let contains = |word: &Self, x: f32| word.x0 <= x && x <= word.x1;
        contains(self, middle(other)) || contains(other, middle(self))
    }

    fn has_other_size(&self, other: &Self) -> bool {
        (self.size - other.size).abs() > OTHER_SIZE * other.size
    }

    /// Whether the baseline differs from that of all other words in the row.
    fn is_off_row(&self, words: &[Self]) -> bool {
        let is_other = |word: &&Self| word.is_in_row(self.y) && !std::ptr::eq(*word, self);
        let mut others = words.iter().filter(is_other).peekable();
        let is_off = |word: &Self| (word.y - self.y).abs() > OTHER_BASELINE * self.size;
        others.peek().is_some() && others.all(is_off)
    }

    fn is_continued_at(&self, (x, y): (f32, f32)) -> bool {
        let (dx, dy) = (x - self.x1, y - self.y);
        dx.abs() <= WORD_GAP * self.size && dy.abs() <= OTHER_BASELINE * self.size
    }
}

/// Collects the upright words that a page shows.
#[derive(Debug, Default)]
struct Collector {
    words: Vec<Word>,
    /// The current word; empty between words.
    word: Word,
    em: f32,
    is_shown: bool,
}

impl Collector {
    fn end_word(&mut self) {
        let next = Word {
            text: String::new(),
            ..self.word
        };
        let word = std::mem::replace(&mut self.word, next);
        if !word.text.is_empty() {
            self.words.push(word);
        }
    }
}

impl Observer for Collector {
    const INITIAL_CHUNK_BYTES: usize = 64 << 10;
    const TRACKS_PAINT: bool = true;

    fn style(&mut self, style: GlyphStyle) {
        let [a, b, _, d, ..] = style.matrix.0;
        let (font, colour) = (style.font.id, style.colour);
        let word = &self.word;
        if (word.font, word.colour, word.size) != (font, colour, d) {
            self.end_word();
            self.word.font = font;
            self.word.colour = colour;
            self.word.size = d;
        }
        self.em = a;
        self.is_shown = style.visibility == Visibility::Visible && b == 0.0 && a > 0.0 && d > 0.0;
    }

    fn glyph(&mut self, glyph: &Glyph, origin: (f32, f32)) -> ControlFlow<()> {
        let character = match &glyph.mapping {
            CharMapping::Char(c) | CharMapping::Guess(c) if !c.is_whitespace() => *c,
            _ => {
                self.end_word();
                return ControlFlow::Continue(());
            }
        };
        if !self.is_shown {
            return ControlFlow::Continue(());
        }
        if !self.word.is_continued_at(origin) {
            self.end_word();
        }
        let (x, y) = origin;
        if self.word.text.is_empty() {
            (self.word.x0, self.word.y) = (x, y);
        }
        self.word.text.push(character);
        self.word.x1 = self.em * glyph.advance + x;
        if self.words.len() >= MAX_WORDS {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    fn image(&mut self, _: ImagePaint) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    fn drawing(&mut self, _: Option<Fill>) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of a date and two amounts that are aligned on the right.
    fn page() -> Vec<Word> {
        let word = |text: &str, x1: f32, y: f32| Word {
            text: text.to_owned(),
            x0: x1 - 5.0 * text.len() as f32,
            x1,
            y,
            size: 10.0,
            font: 1,
            colour: None,
        };
        let row = |index: u8| {
            let y = 700.0 - 12.0 * f32::from(index);
            let amount = format!("{}.00", 100 * u32::from(index) + 7);
            let balance = "12,345.00";
            [
                word("01/04/2024", 90.0, y),
                word(&amount, 300.0, y),
                word(balance, 400.0, y),
            ]
        };
        (0..8).flat_map(row).collect()
    }

    /// The amount of the fourth row, and its baseline.
    const AMOUNT: usize = 3 * 3 + 1;
    const Y: f32 = 700.0 - 36.0;

    fn changed(change: impl FnOnce(&mut Word)) -> Option<Difference> {
        let mut words = page();
        change(&mut words[AMOUNT]);
        difference(&words, Y)
    }

    #[test]
    fn a_uniform_column_has_no_odd_amount() {
        assert_eq!(changed(|_| ()), None);
        // Nor is an amount odd that another one of its column resembles.
        let mut words = page();
        (words[AMOUNT].font, words[AMOUNT + 3].font) = (2, 2);
        assert_eq!(difference(&words, Y), None);
    }

    #[test]
    fn each_difference_is_found() {
        assert_eq!(changed(|word| word.font = 2), Some(Difference::Font));
        assert_eq!(changed(|word| word.size = 9.5), Some(Difference::Size));
        assert_eq!(changed(|word| word.y += 0.8), Some(Difference::Baseline));
        assert_eq!(changed(|word| word.x1 += 2.0), Some(Difference::RightEdge));
        let colour = changed(|word| word.colour = Some(Rgb::WHITE));
        assert_eq!(colour, Some(Difference::Colour));
    }

    #[test]
    fn other_rows_are_not_judged() {
        let mut words = page();
        words[AMOUNT + 6].font = 2;
        assert_eq!(difference(&words, Y), None);
    }

    #[test]
    fn short_columns_show_nothing() {
        let mut words = page();
        words.truncate(3 * 4);
        words[AMOUNT].font = 2;
        assert_eq!(difference(&words, Y), None);
    }
}
