//! Reads words and numbers between white space and comments (ISO 32000-2, 7.2.3).

use crate::pdf::object_extent::without_space;

/// Reads the bytes of a file from an offset on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor<'b> {
    bytes: &'b [u8],
    offset: usize,
}

impl<'b> Cursor<'b> {
    pub(super) fn new(bytes: &'b [u8], offset: usize) -> Self {
        Self { bytes, offset }
    }

    pub(super) fn offset(&self) -> usize {
        self.offset
    }

    pub(super) fn rest(&self) -> &'b [u8] {
        self.bytes.get(self.offset..).unwrap_or_default()
    }

    /// Skips white space and comments.
    pub(super) fn skip_space(&mut self) {
        let rest = self.rest();
        self.offset += rest.len() - without_space(rest).len();
    }

    /// Skips white space and a word, if the word is next.
    pub(super) fn word(&mut self, word: &[u8]) -> Option<()> {
        let mut after = *self;
        after.skip_space();
        if !after.rest().starts_with(word) {
            return None;
        }
        after.offset += word.len();
        *self = after;
        Some(())
    }

    /// Skips white space and reads an unsigned number.
    pub(super) fn number(&mut self) -> Option<u64> {
        let mut after = *self;
        after.skip_space();
        let digits = after.rest().iter().take_while(|byte| byte.is_ascii_digit());
        let digits = after.rest().get(..digits.count())?;
        let number = std::str::from_utf8(digits).ok()?.parse().ok()?;
        after.offset += digits.len();
        *self = after;
        Some(number)
    }

    /// Reads the number and the generation in front of an object, and the word `obj`.
    pub(super) fn object_head(&mut self) -> Option<(u32, u32)> {
        let mut after = *self;
        let number = after.number()?;
        let generation = after.number()?;
        after.word(b"obj")?;
        *self = after;
        Some((number.try_into().ok()?, generation.try_into().ok()?))
    }
}
