//! Finds text of a page that was probably written over it after the page was made.
//!
//! Each sign was chosen because it is almost never on a statement as the bank made it: what writes
//! a page as a whole writes a column of numbers with one font, and hides nothing that it has shown.

use super::garbled_fonts::FontSpan;
use super::glyph_positions::{CoveredDigits, GlyphPositions, PositionedGlyph, TextRun};
use super::odd_numbers::Difference;
use super::page_text::PageText;
use crate::pdf::structure::CoveringAnnotation;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Glyphs that a font writes at most on its page if it was added for a number.
const MAX_LONE_GLYPHS: usize = 24;
/// Glyphs of the other fonts on a page where a font with few glyphs is a sign.
const MIN_OTHER_GLYPHS: usize = 200;
/// Numbers of other fonts in the column of a number.
const MIN_COLUMN_NUMBERS: usize = 2;
/// Fonts of a page; with more, none of them is judged.
const MAX_FONTS: usize = 64;
/// Signs of one page.
const MAX_EDITS: usize = 20;
/// Pages on which a font writes a single number if this is how the document was made.
const MIN_USUAL_PAGES: usize = 3;
/// Maximum distance of two baselines of one line, in ems.
const SAME_LINE: f32 = 0.3;

/// A sign that a page was edited.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Edit {
    /// The number of the page, from 1.
    pub page: usize,
    /// The number of the line of text on the page, from 1, if the sign is on a line.
    pub line: Option<usize>,
    /// What is on the page.
    pub kind: EditKind,
    /// Where it is, if that is known: from the top of the page, in ten-thousandths of its height.
    pub place: Option<u16>,
}

/// What a page has that the program which made it does not write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum EditKind {
    /// A number in a column that is otherwise written with another font, and nothing else, uses
    /// this font.
    LoneFont,
    /// An amount that is drawn differently from its column, in a row from which the balance does
    /// not follow: the transaction with this number, from 1, on the page.
    OddNumber(u32, Difference),
    /// Digits that a fill covers, and other digits over it.
    CoveredDigits,
    /// An annotation that covers digits.
    Annotation(CoveringAnnotation),
    /// Words with digits that the page shows only since an update of the file, or did before it.
    Update,
    /// The last page of a file from which an update removed this number of pages behind it.
    RemovedPages(usize),
}

/// Signs that a page was edited, each with the number of its line from 1.
#[derive(Debug, Default)]
pub(in crate::pdf) struct PageEdits {
    certain: Vec<(EditKind, Option<LineOnPage>)>,
    /// Lines of fonts that write a single number of the page. Other pages can show that this is
    /// how the document was made.
    lone_fonts: Vec<(u32, Option<LineOnPage>)>,
    /// The fonts that write more than that.
    common_fonts: Vec<u32>,
}

impl PageEdits {
    /// Finds the signs on a page with this text. `covering` are the annotations over its digits.
    pub(super) fn of(
        spans: &[FontSpan],
        positions: &GlyphPositions,
        covering: Vec<EditAt>,
        text: &PageText,
    ) -> Self {
        let fonts = page_fonts(spans, positions.len());
        let certain = covering.into_iter().chain(covered_digits(positions));
        let lone_fonts = lone_fonts(&fonts.rare, spans, positions).into_iter();
        Self {
            certain: certain.map(|at| (at.kind, at.line(text))).collect(),
            lone_fonts: lone_fonts.map(|(font, at)| (font, at.line(text))).collect(),
            common_fonts: fonts.common,
        }
    }
}

/// The signs on the pages of a document.
#[derive(Debug, Default)]
pub(in crate::pdf) struct DocumentEdits {
    /// By page index.
    pages: BTreeMap<usize, PageEdits>,
}

impl DocumentEdits {
    /// Sets the signs on a page.
    pub(in crate::pdf) fn set(&mut self, index: usize, edits: PageEdits) {
        self.pages.insert(index, edits);
    }

    /// Returns the signs that no other page explains, by page and line.
    pub(in crate::pdf) fn found(&self) -> Vec<Edit> {
        let common: HashSet<u32> = self
            .pages
            .values()
            .flat_map(|page| page.common_fonts.iter().copied())
            .collect();
        let mut lone: HashMap<u32, usize> = HashMap::new();
        for (font, _) in self.pages.values().flat_map(|page| &page.lone_fonts) {
            *lone.entry(*font).or_default() += 1;
        }
        let is_usual = |font: &u32| {
            let pages = lone.get(font).copied().unwrap_or_default();
            common.contains(font) || pages >= MIN_USUAL_PAGES && pages * 2 > self.pages.len()
        };
        let mut found = Vec::new();
        for (index, page) in &self.pages {
            let lone = page.lone_fonts.iter().filter(|(font, _)| !is_usual(font));
            let lone = lone.map(|(_, line)| (EditKind::LoneFont, *line));
            let edits = page.certain.iter().copied().chain(lone);
            found.extend(edits.map(|(kind, line)| Edit {
                page: index + 1,
                line: line.map(|line| line.number),
                kind,
                place: line.and_then(|line| line.place),
            }));
        }
        found.sort();
        found.dedup();
        found
    }
}

/// A sign of editing at a baseline of the page.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct EditAt {
    pub(super) kind: EditKind,
    /// The baseline, from the top of the page.
    pub(super) y: f32,
}

impl EditAt {
    /// Returns the line at the baseline.
    fn line(self, text: &PageText) -> Option<LineOnPage> {
        let distance = |y: f32| (y - self.y).abs();
        let lines = text.lines.iter().enumerate();
        let nearest = lines.min_by(|(_, a), (_, b)| distance(a.y).total_cmp(&distance(b.y)));
        nearest
            .filter(|(_, line)| distance(line.y) <= line.size)
            .map(|(index, _)| LineOnPage {
                number: index + 1,
                place: text.place_of_line(index + 1),
            })
    }
}

/// A line of text.
#[derive(Debug, Clone, Copy, PartialEq)]
struct LineOnPage {
    /// Its number on the page, from 1.
    number: usize,
    /// Its place: see [`Edit::place`].
    place: Option<u16>,
}

/// The fonts of a page, by the number of glyphs that they write.
#[derive(Debug, Default)]
struct PageFonts {
    /// Those that write few glyphs of a page with many.
    rare: Vec<u32>,
    common: Vec<u32>,
}

/// Divides the fonts of a page with `total` glyphs.
fn page_fonts(spans: &[FontSpan], total: usize) -> PageFonts {
    let mut counts: Vec<(u32, usize)> = Vec::new();
    for span in spans {
        let glyphs = span.end.distance(span.start);
        if glyphs == 0 {
            continue;
        }
        if let Some((_, count)) = counts.iter_mut().find(|(font, _)| *font == span.font) {
            *count += glyphs;
        } else if counts.len() < MAX_FONTS {
            counts.push((span.font, glyphs));
        } else {
            return PageFonts::default();
        }
    }
    let is_rare = |count: usize| count <= MAX_LONE_GLYPHS && total >= count + MIN_OTHER_GLYPHS;
    let (rare, common): (Vec<_>, Vec<_>) =
        counts.into_iter().partition(|(_, count)| is_rare(*count));
    let fonts = |counts: Vec<(u32, usize)>| counts.into_iter().map(|(font, _)| font).collect();
    PageFonts {
        rare: fonts(rare),
        common: fonts(common),
    }
}

/// Returns the fonts among the rare ones that were added for a number: they write nothing else, in
/// a column of numbers of another font, next to other digits.
fn lone_fonts(rare: &[u32], spans: &[FontSpan], positions: &GlyphPositions) -> Vec<(u32, EditAt)> {
    let find = |font: &u32| {
        let spans = spans.iter().filter(|span| span.font == *font);
        let runs: Vec<TextRun<'_>> = spans
            .flat_map(|span| positions.runs_between(span.start, span.end))
            .collect();
        if !runs.iter().all(|run| is_number_text(run.glyphs)) {
            return None;
        }
        let mut numbers = runs.iter().filter(|run| are_amount(run.glyphs));
        let number = numbers.find(|run| is_in_foreign_row(run, &runs, positions))?;
        let kind = EditKind::LoneFont;
        Some((*font, EditAt { kind, y: number.y }))
    };
    rare.iter().filter_map(find).take(MAX_EDITS).collect()
}

/// Returns whether glyphs are numbers and the signs that belong to them.
fn is_number_text(glyphs: &[PositionedGlyph]) -> bool {
    let is_sign = |c: char| matches!(c, ',' | '.' | '-' | '+' | '(' | ')' | '₹' | ' ' | '\u{A0}');
    let mut characters = glyphs.iter().map(|glyph| glyph.character);
    characters.all(|c| c.is_ascii_digit() || is_sign(c))
}

/// Returns whether glyphs are an amount.
fn are_amount(glyphs: &[PositionedGlyph]) -> bool {
    let characters = glyphs.iter().map(|glyph| glyph.character);
    let text: String = characters.filter(|c| !c.is_whitespace()).collect();
    is_amount(&text)
}

/// Returns whether a text is an amount with two decimals.
pub(crate) fn is_amount(text: &str) -> bool {
    let number = text.trim_matches(|c: char| !c.is_ascii_digit());
    let decimals = number.rsplit_once('.').map(|(_, decimals)| decimals);
    decimals.is_some_and(|decimals| {
        decimals.len() == 2 && decimals.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// Returns whether other fonts write digits on the line of a number, and amounts above or below it.
/// `own` are the runs of its font.
fn is_in_foreign_row(
    number: &TextRun<'_>,
    own: &[TextRun<'_>],
    positions: &GlyphPositions,
) -> bool {
    let is_beside = |run: &TextRun<'_>| (run.y - number.y).abs() <= SAME_LINE * number.size;
    let is_foreign_digit = |glyph: &&PositionedGlyph| {
        glyph.character.is_ascii_digit() && !own.iter().any(|own| own.owns(glyph))
    };
    let (from, to) = number.extent();
    let middle = f32::midpoint(from, to);
    let mut has_row = false;
    let mut column = 0;
    for run in positions.rightward_runs() {
        let mut digits = run.glyphs.iter().filter(is_foreign_digit);
        if is_beside(&run) {
            has_row |= digits.next().is_some();
        } else {
            column += usize::from(digits.any(|glyph| glyph.x0 <= middle && middle <= glyph.x1));
        }
    }
    has_row && column >= MIN_COLUMN_NUMBERS
}

/// Returns where digits are covered, and other ones are shown over them.
fn covered_digits(positions: &GlyphPositions) -> Vec<EditAt> {
    let is_replaced = |covered: &&CoveredDigits| {
        let shown = positions.digits_over(covered);
        !shown.is_empty() && shown != covered.digits
    };
    let replaced = positions
        .covered()
        .iter()
        .filter(is_replaced)
        .take(MAX_EDITS);
    let at = replaced.map(|covered| EditAt {
        kind: EditKind::CoveredDigits,
        y: covered.baseline,
    });
    at.collect()
}
