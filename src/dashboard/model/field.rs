//! A line of text that is typed.

use zeroize::Zeroize;

/// Characters that a field takes; more is no name, password or path that anyone types.
const MOST_CHARS: usize = 4096;

/// Text, and the place in it where typing goes on.
///
/// What was typed is wiped when the field goes, since it may be a password.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Field {
    chars: Vec<char>,
    cursor: usize,
    masked: bool,
}

impl std::fmt::Debug for Field {
    /// Never tells what was typed.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Field({} characters)", self.chars.len())
    }
}

impl Drop for Field {
    fn drop(&mut self) {
        self.chars.zeroize();
    }
}

impl Field {
    /// A field with text in it, to go on at its end.
    pub fn new(text: &str) -> Self {
        let mut field = Self::default();
        field.insert(text);
        field
    }

    /// A field that shows nothing of what is typed.
    pub fn masked() -> Self {
        Self {
            // Room from the start: a buffer that grows leaves copies behind that nobody wipes.
            chars: Vec::with_capacity(MOST_CHARS),
            cursor: 0,
            masked: true,
        }
    }

    /// Whether it is empty.
    pub fn is_empty(&self) -> bool {
        self.chars.is_empty()
    }

    /// What was typed.
    pub fn text(&self) -> String {
        self.chars.iter().collect()
    }

    /// What is shown of it: a dot a character where it is masked.
    pub fn shown(&self) -> String {
        if self.masked {
            return "\u{2022}".repeat(self.chars.len());
        }
        self.text()
    }

    /// Characters before the place where typing goes on.
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// Types text: what is no line of text in it is left out.
    pub fn insert(&mut self, text: &str) {
        for c in text.chars().filter(|c| !c.is_control()) {
            if self.chars.len() < MOST_CHARS {
                self.chars.insert(self.cursor, c);
                self.cursor += 1;
            }
        }
    }

    /// Puts other text in its place.
    pub fn replace(&mut self, text: &str) {
        self.clear();
        self.insert(text);
    }

    /// Deletes everything.
    pub fn clear(&mut self) {
        self.chars.zeroize();
        self.cursor = 0;
    }

    /// Deletes the character before the cursor.
    pub fn backspace(&mut self) {
        if self.cursor > 0 {
            self.cursor -= 1;
            self.chars.remove(self.cursor);
        }
    }

    /// Deletes the character under the cursor.
    pub fn delete(&mut self) {
        if self.cursor < self.chars.len() {
            self.chars.remove(self.cursor);
        }
    }

    /// Deletes the word before the cursor.
    pub fn delete_word(&mut self) {
        let before = self.chars.get(..self.cursor).unwrap_or_default();
        let word_end = before.iter().rposition(|c| !c.is_whitespace());
        let start = word_end.and_then(|end| {
            let word = before.get(..end)?;
            Some(
                word.iter()
                    .rposition(|c| matches!(c, ' ' | '/'))
                    .map_or(0, |gap| gap + 1),
            )
        });
        let start = start.unwrap_or(0);
        self.chars.drain(start..self.cursor);
        self.cursor = start;
    }

    /// Deletes what stands before the cursor.
    pub fn delete_to_start(&mut self) {
        self.chars.drain(..self.cursor);
        self.cursor = 0;
    }

    /// Goes left or right.
    pub fn go(&mut self, by: isize) {
        let to = self.cursor.saturating_add_signed(by);
        self.cursor = to.min(self.chars.len());
    }

    /// Goes to the start.
    pub fn home(&mut self) {
        self.cursor = 0;
    }

    /// Goes to the end.
    pub fn end(&mut self) {
        self.cursor = self.chars.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_can_be_mended() {
        let mut field = Field::new("hdfc bank");
        field.delete_word();
        assert_eq!((field.text().as_str(), field.cursor()), ("hdfc ", 5));
        field.backspace();
        field.home();
        field.delete();
        field.insert("H");
        assert_eq!(field.text(), "Hdfc");
        field.go(-9);
        assert_eq!(field.cursor(), 0);
        field.go(9);
        field.delete_to_start();
        assert!(field.is_empty());
    }

    #[test]
    fn no_control_character_gets_in_by_pasting() {
        let field = Field::new("a\x1b[2Jb\r\nc");
        assert_eq!(field.text(), "a[2Jbc");
    }

    #[test]
    fn a_masked_field_tells_nothing() {
        let mut field = Field::masked();
        field.insert("hunter2");
        assert_eq!(field.shown(), "•••••••");
        assert_eq!(format!("{field:?}"), "Field(7 characters)");
    }
}
