//! The text of a page as lines and words.

use std::ops::Range;

/// Glyphs of a typical word of a statement including the space, for the initial capacity.
const TYPICAL_WORD_GLYPHS: usize = 6;
/// Glyphs of most lines of a statement, for the initial capacity: lines are reused for others.
const TYPICAL_LINE_GLYPHS: usize = 96;

/// A word and its position, in points from the left edge of the displayed page.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Word<'l> {
    /// The characters as the document maps them to Unicode. Untrusted.
    pub text: &'l str,
    /// The left end.
    pub x0: f32,
    /// The right end; at least `x0`.
    pub x1: f32,
}

/// The words on one baseline, from left to right.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Line {
    pub(super) text: String,
    words: Vec<WordSpan>,
    /// The baseline, from the top of the page.
    pub y: f32,
    /// The size of the largest glyph.
    pub size: f32,
}

/// The position of a word in the text of its line (bytes) and on the page (points).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WordSpan {
    /// The offset of its first byte.
    pub start: usize,
    /// The offset behind its last byte.
    pub end: usize,
    /// The left end.
    pub x0: f32,
    /// The right end; at least `x0`.
    pub x1: f32,
}

impl Line {
    /// Creates a line from words.
    pub fn new<'w>(words: impl IntoIterator<Item = Word<'w>>, y: f32, size: f32) -> Self {
        let mut line = Self {
            y,
            size,
            ..Self::default()
        };
        for word in words {
            if !line.text.is_empty() {
                line.text.push(' ');
            }
            let start = line.text.len();
            line.text.push_str(word.text);
            line.add_word(start..line.text.len(), (word.x0, word.x1));
        }
        line
    }

    /// Returns the words, separated by single spaces.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the words from left to right.
    pub fn words(&self) -> impl ExactSizeIterator<Item = Word<'_>> {
        self.words.iter().map(|span| Word {
            text: self.text.get(span.start..span.end).unwrap_or_default(),
            x0: span.x0,
            x1: span.x1,
        })
    }

    /// Returns the positions of the words from left to right.
    pub fn spans(&self) -> &[WordSpan] {
        &self.words
    }

    /// Removes the words, and reserves memory for those of `glyphs` glyphs.
    pub(super) fn clear(&mut self, glyphs: usize) {
        let glyphs = glyphs.max(TYPICAL_LINE_GLYPHS);
        let words = glyphs.div_ceil(TYPICAL_WORD_GLYPHS);
        self.text.clear();
        self.text.reserve(glyphs + words);
        self.words.clear();
        self.words.reserve(words);
        (self.y, self.size) = (0.0, 0.0);
    }

    /// Adds a word by its range in the text and its two ends on the page.
    pub(super) fn add_word(&mut self, range: Range<usize>, (x0, x1): (f32, f32)) {
        let Range { start, end } = range;
        self.words.push(WordSpan { start, end, x0, x1 });
    }
}

/// Returns a height on a page, from its top, in ten-thousandths of the height of the page.
pub fn place_on_page(y: f32, height: f32) -> u16 {
    // A conversion of floating-point numbers saturates.
    (y / height.max(1.0) * 10_000.0) as u16
}

/// The text of one page, from top to bottom.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PageText {
    /// Width in points, after rotation.
    pub width: f32,
    /// Height in points, after rotation.
    pub height: f32,
    /// Lines from top to bottom. Each has at least one word.
    pub lines: Vec<Line>,
}

impl PageText {
    /// Returns the place of a line by its number, from 1, as [`place_on_page`] does.
    pub fn place_of_line(&self, number: usize) -> Option<u16> {
        let line = self.lines.get(number.checked_sub(1)?)?;
        Some(place_on_page(line.y, self.height))
    }
}
