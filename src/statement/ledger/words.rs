//! The words of one line in lower case, with their positions.

use super::amount;
use super::hints::Hints;
use crate::pdf::{Line, WordSpan};
use crate::statement::page::push_word;

/// A reusable buffer for the words of a line.
#[derive(Debug, Default)]
pub(super) struct LineWords {
    /// The words, separated by single spaces.
    text: String,
    spans: Vec<WordSpan>,
    hints: Hints,
    /// The baseline, from the top of the page, in points.
    pub(super) y: f32,
    /// The size of the largest glyph, in points.
    pub(super) size: f32,
}

/// One word of a line.
#[derive(Debug, Clone, Copy)]
pub(super) struct LineWord<'w> {
    pub(super) text: &'w str,
    /// Offset of the word in the text of the line.
    pub(super) start: usize,
    pub(super) x0: f32,
    pub(super) x1: f32,
}

impl LineWords {
    /// Replaces the content by the words of a line.
    pub(super) fn read(&mut self, line: &Line) {
        self.text.clear();
        self.spans.clear();
        (self.y, self.size) = (line.y, line.size);
        if line.text().is_ascii() {
            self.text.push_str(line.text());
            self.spans.extend_from_slice(line.spans());
        } else {
            self.push_words(line);
        }
        // `push_word` has converted the letters outside of ASCII.
        self.text.make_ascii_lowercase();
        self.hints = Hints::of(&self.text);
    }

    /// Adds words whose conversion to lower case can change their lengths.
    #[cold]
    fn push_words(&mut self, line: &Line) {
        for word in line.words() {
            if !self.spans.is_empty() {
                self.text.push(' ');
            }
            let start = self.text.len();
            push_word(&mut self.text, word.text);
            self.spans.push(WordSpan {
                start,
                end: self.text.len(),
                x0: word.x0,
                x1: word.x1,
            });
        }
    }

    /// Returns whether the line can contain a text of a group.
    pub(super) fn may_contain(&self, group: Hints) -> bool {
        self.hints.has(group)
    }

    /// Returns whether the line contains a text of a group.
    pub(super) fn contains(&self, group: Hints) -> bool {
        self.hints.confirm(group, &self.text)
    }

    /// Returns the words, separated by single spaces.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Whether the line has more than one digit. Headings have none, except for a footnote or a
    /// column number.
    pub(super) fn has_numbers(&self) -> bool {
        self.text
            .bytes()
            .filter(u8::is_ascii_digit)
            .nth(1)
            .is_some()
    }

    pub(super) fn len(&self) -> usize {
        self.spans.len()
    }

    /// Returns the left end of the first word.
    pub(super) fn x0(&self) -> f32 {
        self.spans.first().map_or(0.0, |span| span.x0)
    }

    /// Returns the indices of the words behind an offset that can be numbers, by their first bytes.
    pub(super) fn possible_numbers(&self, from: usize) -> impl Iterator<Item = usize> + '_ {
        let is_possible = move |span: &WordSpan| {
            let first = self.text.as_bytes().get(span.start);
            span.start >= from && first.is_some_and(|first| amount::may_begin(*first))
        };
        let words = self.spans.iter().enumerate();
        words
            .filter(move |(_, span)| is_possible(span))
            .map(|(index, _)| index)
    }

    pub(super) fn get(&self, index: usize) -> Option<LineWord<'_>> {
        let span = self.spans.get(index)?;
        Some(LineWord {
            text: self.text.get(span.start..span.end).unwrap_or_default(),
            start: span.start,
            x0: span.x0,
            x1: span.x1,
        })
    }

    /// Returns the words from left to right.
    pub(super) fn iter(&self) -> impl Iterator<Item = LineWord<'_>> {
        (0..self.len()).filter_map(|index| self.get(index))
    }
}
