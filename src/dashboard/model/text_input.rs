//! A line of text that the user edits.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use zeroize::Zeroize;

/// Maximum number of characters. Names, passwords and paths are far shorter.
const MAX_CHARS: usize = 4096;

/// Text and the cursor in it.
///
/// The text is zeroed on drop, since it may be a password.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct TextInput {
    chars: Vec<char>,
    cursor: usize,
    masked: bool,
    /// Whether all of the text is selected: what the user types replaces it.
    selected: bool,
}

/// The effect of a key on a text input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edit {
    /// The user accepted the text.
    Accepted,
    /// The user cancelled the input.
    Cancelled,
    /// The text or the cursor changed.
    Changed,
    /// The key does not edit text.
    Ignored,
}

impl std::fmt::Debug for TextInput {
    /// Omits the text, which may be a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TextInput({} characters)", self.chars.len())
    }
}

impl Drop for TextInput {
    fn drop(&mut self) {
        self.chars.zeroize();
    }
}

impl TextInput {
    /// Creates an input that holds `text`, with the cursor at its end.
    pub fn new(text: &str) -> Self {
        let mut input = Self::default();
        input.insert(text);
        input
    }

    /// Creates an input that holds `text`, which typing replaces.
    pub fn selected(text: &str) -> Self {
        let mut input = Self::new(text);
        input.selected = !text.is_empty();
        input
    }

    /// Creates an empty input that displays dots instead of its text.
    pub fn masked() -> Self {
        let mut input = Self::private();
        input.masked = true;
        input
    }

    /// Creates an empty input whose text leaves no copies in memory.
    pub fn private() -> Self {
        Self {
            // Allocated once: a buffer that grows leaves copies that are not zeroed.
            chars: Vec::with_capacity(MAX_CHARS),
            cursor: 0,
            masked: false,
            selected: false,
        }
    }

    /// Returns whether the text is empty.
    pub fn is_empty(&self) -> bool {
        self.chars.is_empty()
    }

    /// Returns the text.
    pub fn text(&self) -> String {
        self.chars.iter().collect()
    }

    /// Returns the text to display: one dot per character if the input is masked.
    pub fn display_text(&self) -> String {
        if self.masked {
            return "\u{2022}".repeat(self.chars.len());
        }
        self.text()
    }

    /// Returns whether all of the text is selected.
    pub fn is_selected(&self) -> bool {
        self.selected
    }

    /// Returns the number of characters before the cursor.
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// Handles a key, as in readline.
    pub fn handle_key(&mut self, key: KeyEvent) -> Edit {
        let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
        if self.selected && matches!(key.code, KeyCode::Backspace | KeyCode::Delete) {
            self.clear();
            return Edit::Changed;
        }
        match key.code {
            KeyCode::Enter => return Edit::Accepted,
            KeyCode::Esc => return Edit::Cancelled,
            KeyCode::Char('c' | 'g') if ctrl => return Edit::Cancelled,
            KeyCode::Char('w') if ctrl => self.delete_word(),
            KeyCode::Char('u') if ctrl => self.delete_to_start(),
            KeyCode::Char('a') if ctrl => self.move_to_start(),
            KeyCode::Char('e') if ctrl => self.move_to_end(),
            // Alt and Ctrl with a character are commands that this input does not have.
            KeyCode::Char(c) if !ctrl && !key.modifiers.contains(KeyModifiers::ALT) => {
                self.insert(c.encode_utf8(&mut [0; 4]));
            }
            KeyCode::Backspace => self.backspace(),
            KeyCode::Delete => self.delete(),
            KeyCode::Left => self.move_cursor(-1),
            KeyCode::Right => self.move_cursor(1),
            KeyCode::Home => self.move_to_start(),
            KeyCode::End => self.move_to_end(),
            _ => return Edit::Ignored,
        }
        self.selected = false;
        Edit::Changed
    }

    /// Inserts text at the cursor, without its control characters.
    pub fn insert(&mut self, text: &str) {
        if self.selected {
            self.clear();
        }
        // Pasted text may end in a line break or contain escape sequences.
        for c in text.chars().filter(|c| !c.is_control()) {
            if self.chars.len() < MAX_CHARS {
                self.chars.insert(self.cursor, c);
                self.cursor += 1;
            }
        }
    }

    /// Replaces the whole text.
    pub fn replace(&mut self, text: &str) {
        self.clear();
        self.insert(text);
    }

    /// Deletes the whole text.
    pub fn clear(&mut self) {
        self.chars.zeroize();
        self.cursor = 0;
        self.selected = false;
    }

    fn backspace(&mut self) {
        if self.cursor > 0 {
            self.cursor -= 1;
            self.chars.remove(self.cursor);
        }
    }

    fn delete(&mut self) {
        if self.cursor < self.chars.len() {
            self.chars.remove(self.cursor);
        }
    }

    /// Deletes the word before the cursor. Spaces and slashes separate words.
    fn delete_word(&mut self) {
        let before = self.chars.get(..self.cursor).unwrap_or_default();
        let word_end = before.iter().rposition(|c| !c.is_whitespace());
        let start = word_end.and_then(|end| {
            let word = before.get(..end)?;
            Some(
                word.iter()
                    .rposition(|c| matches!(c, ' ' | '/'))
                    .map_or(0, |separator| separator + 1),
            )
        });
        let start = start.unwrap_or(0);
        self.chars.drain(start..self.cursor);
        self.cursor = start;
    }

    fn delete_to_start(&mut self) {
        self.chars.drain(..self.cursor);
        self.cursor = 0;
    }

    fn move_cursor(&mut self, by: isize) {
        let to = self.cursor.saturating_add_signed(by);
        self.cursor = to.min(self.chars.len());
    }

    fn move_to_start(&mut self) {
        self.cursor = 0;
    }

    fn move_to_end(&mut self) {
        self.cursor = self.chars.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_can_be_edited() {
        let mut input = TextInput::new("hdfc bank");
        input.delete_word();
        assert_eq!((input.text().as_str(), input.cursor()), ("hdfc ", 5));
        input.backspace();
        input.move_to_start();
        input.delete();
        input.insert("H");
        assert_eq!(input.text(), "Hdfc");
        input.move_cursor(-9);
        assert_eq!(input.cursor(), 0);
        input.move_cursor(9);
        input.delete_to_start();
        assert!(input.is_empty());
    }

    #[test]
    fn typing_replaces_selected_text() {
        let key = |code| KeyEvent::new(code, KeyModifiers::NONE);
        let mut input = TextInput::selected("LOAN-1");
        input.handle_key(key(KeyCode::Char('X')));
        input.handle_key(key(KeyCode::Char('2')));
        assert_eq!(input.text(), "X2");
        // A movement keeps the text.
        let mut input = TextInput::selected("LOAN-1");
        input.handle_key(key(KeyCode::End));
        input.handle_key(key(KeyCode::Char('2')));
        assert_eq!(input.text(), "LOAN-12");
    }

    #[test]
    fn control_characters_are_dropped_from_pasted_text() {
        let input = TextInput::new("a\x1b[2Jb\r\nc");
        assert_eq!(input.text(), "a[2Jbc");
    }

    #[test]
    fn a_masked_input_never_displays_its_text() {
        let mut input = TextInput::masked();
        input.insert("hunter2");
        assert_eq!(input.display_text(), "•••••••");
        assert_eq!(format!("{input:?}"), "TextInput(7 characters)");
    }
}
