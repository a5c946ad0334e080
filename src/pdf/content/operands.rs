//! The operands of an operator: numbers, names and strings.

use super::lexer::{self, TokenKind};
use super::matrix::Matrix;
use std::borrow::Cow;
use std::ops::Range;

/// Strings and adjustments stored for one operator. A line of text has a few hundred.
const MAX_SHOWN: usize = 1 << 16;
/// Numbers stored for one operator. The interpreted operators take at most six.
const MAX_OPERANDS: usize = 8;

/// The operands collected before an operator.
#[derive(Debug, Default)]
pub(super) struct Operands {
    numbers: [f32; MAX_OPERANDS],
    /// Numbers and names so far, outside arrays.
    count: usize,
    first_name: Option<Range<usize>>,
    last_name: Option<Range<usize>>,
    /// Strings, and the numbers between them in an array.
    pub(super) shown: Vec<ShownItem>,
    array_depth: usize,
}

/// One item of the array of `TJ`, or the string of another text-showing operator.
#[derive(Debug)]
pub(super) enum ShownItem {
    String(TokenKind, Range<usize>),
    /// Moves the next glyph back, in thousandths of the font size.
    Adjust(f32),
}

impl Operands {
    pub(super) fn in_array(&self) -> bool {
        self.array_depth > 0
    }

    #[expect(clippy::inline_always, reason = "called for every token of every page")]
    #[inline(always)]
    pub(super) fn push(&mut self, kind: TokenKind, range: Range<usize>) {
        // Bounds the memory of an operand list that never reaches an operator.
        if self.shown.len() >= MAX_SHOWN {
            return;
        }
        match kind {
            TokenKind::ArrayStart => self.array_depth += 1,
            TokenKind::ArrayEnd => self.array_depth = self.array_depth.saturating_sub(1),
            TokenKind::Literal | TokenKind::PlainLiteral | TokenKind::Hex => {
                self.shown.push(ShownItem::String(kind, range));
            }
            TokenKind::Number(number) if self.in_array() => {
                self.shown.push(ShownItem::Adjust(number));
            }
            TokenKind::Number(number) => {
                // If there are too many operands, keep the last ones.
                if self.count == MAX_OPERANDS {
                    self.numbers.rotate_left(1);
                    self.count -= 1;
                }
                if let Some(slot) = self.numbers.get_mut(self.count) {
                    *slot = number;
                }
                self.count += 1;
            }
            TokenKind::Name if !self.in_array() => {
                self.first_name.get_or_insert_with(|| range.clone());
                self.last_name = Some(range);
                // A name takes an index too: the size of `Tf` is operand 1.
                self.count = (self.count + 1).min(MAX_OPERANDS);
            }
            TokenKind::Name | TokenKind::Keyword | TokenKind::DictMark => {}
        }
    }

    /// Whether no operand was collected since the last operator.
    pub(super) fn are_empty(&self) -> bool {
        self.count == 0 && !self.in_array() && self.shown.is_empty()
    }

    /// Adds the numbers `1 0 0 1`, and two more if there are. There are no other operands.
    pub(super) fn push_identity(&mut self, origin: Option<(f32, f32)>) {
        let (x, y) = origin.unwrap_or_default();
        let numbers = [1.0, 0.0, 0.0, 1.0, x, y];
        for (slot, number) in self.numbers.iter_mut().zip(numbers) {
            *slot = number;
        }
        self.count = if origin.is_some() { 6 } else { 4 };
    }

    pub(super) fn clear(&mut self) {
        self.numbers = [0.0; MAX_OPERANDS];
        self.count = 0;
        self.first_name = None;
        self.last_name = None;
        self.shown.clear();
        self.array_depth = 0;
    }

    /// Returns a number by its index; a missing one is 0.
    pub(super) fn number(&self, index: usize) -> f32 {
        self.numbers.get(index).copied().unwrap_or(0.0)
    }

    /// Whether there are numbers, and all are zero.
    pub(super) fn all_numbers_are_zero(&self) -> bool {
        self.count > 0 && self.numbers.iter().all(|number| *number == 0.0)
    }

    pub(super) fn matrix(&self) -> Option<Matrix> {
        let [a, b, c, d, e, f, ..] = self.numbers;
        (self.count >= 6).then_some(Matrix([a, b, c, d, e, f]))
    }

    /// Returns the first name, with its escapes decoded.
    pub(super) fn name<'b>(&self, bytes: &'b [u8]) -> Option<Cow<'b, [u8]>> {
        self.written_name(bytes).map(lexer::unescape_name)
    }

    /// Returns the first name as the stream writes it.
    pub(super) fn written_name<'b>(&self, bytes: &'b [u8]) -> Option<&'b [u8]> {
        bytes.get(self.first_name.clone()?)
    }

    /// Returns the last name, with its escapes decoded.
    pub(super) fn last_name<'b>(&self, bytes: &'b [u8]) -> Option<Cow<'b, [u8]>> {
        let range = self.last_name.clone()?;
        bytes.get(range).map(lexer::unescape_name)
    }
}
