//! What stands before an operator: numbers, names, strings.

use super::lexer::{self, Kind};
use super::matrix::Matrix;
use std::borrow::Cow;
use std::ops::Range;

/// Strings and adjustments kept for one operator. A line of text has some hundred.
const MAX_SHOWN: usize = 1 << 16;
/// Operands kept for one operator; no operator that matters here takes more than six.
const MAX_OPERANDS: usize = 8;

/// The operands gathered before an operator.
#[derive(Debug, Default)]
pub(super) struct Operands {
    numbers: [f32; MAX_OPERANDS],
    /// Operands so far, of any kind, outside of arrays.
    count: usize,
    first_name: Option<Range<usize>>,
    last_name: Option<Range<usize>>,
    /// Strings, and the numbers between them in an array.
    pub(super) shown: Vec<Shown>,
    arrays: usize,
}

#[derive(Debug)]
pub(super) enum Shown {
    String(Kind, Range<usize>),
    /// Moves the next glyph back by so many thousandths of the font size.
    Adjust(f32),
}

impl Operands {
    pub(super) fn in_array(&self) -> bool {
        self.arrays > 0
    }

    #[expect(clippy::inline_always, reason = "every token of every page comes by")]
    #[inline(always)]
    pub(super) fn push(&mut self, kind: Kind, range: Range<usize>) {
        if self.shown.len() >= MAX_SHOWN {
            return;
        }
        match kind {
            Kind::ArrayStart => self.arrays += 1,
            Kind::ArrayEnd => self.arrays = self.arrays.saturating_sub(1),
            Kind::Literal | Kind::Hex => self.shown.push(Shown::String(kind, range)),
            Kind::Number(number) if self.in_array() => self.shown.push(Shown::Adjust(number)),
            Kind::Number(number) => {
                // Of too many operands the last ones count.
                if self.count == MAX_OPERANDS {
                    self.numbers.rotate_left(1);
                    self.count -= 1;
                }
                if let Some(slot) = self.numbers.get_mut(self.count) {
                    *slot = number;
                }
                self.count += 1;
            }
            Kind::Name if !self.in_array() => {
                self.first_name.get_or_insert_with(|| range.clone());
                self.last_name = Some(range);
                self.count = (self.count + 1).min(MAX_OPERANDS);
            }
            Kind::Name | Kind::Keyword | Kind::DictMark => {}
        }
    }

    pub(super) fn clear(&mut self) {
        self.numbers = [0.0; MAX_OPERANDS];
        self.count = 0;
        self.first_name = None;
        self.last_name = None;
        self.shown.clear();
        self.arrays = 0;
    }

    pub(super) fn number(&self, index: usize) -> f32 {
        self.numbers.get(index).copied().unwrap_or(0.0)
    }

    pub(super) fn matrix(&self) -> Option<Matrix> {
        let [a, b, c, d, e, f, ..] = self.numbers;
        (self.count >= 6).then_some(Matrix([a, b, c, d, e, f]))
    }

    pub(super) fn name<'b>(&self, bytes: &'b [u8]) -> Option<Cow<'b, [u8]>> {
        let range = self.first_name.clone()?;
        bytes.get(range).map(lexer::unescape_name)
    }

    pub(super) fn last_name<'b>(&self, bytes: &'b [u8]) -> Option<Cow<'b, [u8]>> {
        let range = self.last_name.clone()?;
        bytes.get(range).map(lexer::unescape_name)
    }
}
