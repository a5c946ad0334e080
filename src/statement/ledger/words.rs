//! The words of one line in lower case, with their positions.

use super::hints::Hints;
use crate::pdf::Line;
use crate::statement::page::push_word;
use std::ops::Range;

/// A reusable buffer for the words of a line.
#[derive(Debug, Default)]
pub(super) struct LineWords {
    /// The words, separated by single spaces.
    text: String,
    spans: Vec<Span>,
    hints: Hints,
    /// The baseline, from the top of the page, in points.
    pub(super) y: f32,
    /// The size of the largest glyph, in points.
    pub(super) size: f32,
}

#[derive(Debug, Clone)]
struct Span {
    range: Range<usize>,
    x0: f32,
    x1: f32,
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
        let is_plain = line.text().is_ascii();
        if is_plain {
            self.text.push_str(line.text());
        }
        let mut start = 0;
        for word in line.words() {
            if !is_plain {
                if start > 0 {
                    self.text.push(' ');
                }
                push_word(&mut self.text, word.text);
            }
            let end = if is_plain {
                start + word.text.len()
            } else {
                self.text.len()
            };
            self.spans.push(Span {
                range: start..end,
                x0: word.x0,
                x1: word.x1,
            });
            start = end + 1;
        }
        // `push_word` has converted the letters outside of ASCII.
        self.text.make_ascii_lowercase();
        self.hints = Hints::of(&self.text);
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

    pub(super) fn get(&self, index: usize) -> Option<LineWord<'_>> {
        let span = self.spans.get(index)?;
        Some(LineWord {
            text: self.text.get(span.range.clone()).unwrap_or_default(),
            start: span.range.start,
            x0: span.x0,
            x1: span.x1,
        })
    }

    /// Returns the words from left to right.
    pub(super) fn iter(&self) -> impl Iterator<Item = LineWord<'_>> {
        (0..self.len()).filter_map(|index| self.get(index))
    }
}
