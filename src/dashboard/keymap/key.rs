//! Keys: as terminals report them, and by their names.

use Key::{Char, Code, Ctrl, Shift};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// A key of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Key {
    /// A character. A capital letter includes Shift.
    Char(char),
    /// Ctrl and a character.
    Ctrl(char),
    /// Any other key.
    Code(KeyCode),
    /// Shift and any other key.
    Shift(KeyCode),
}

impl Key {
    pub(super) fn from_event(key: KeyEvent) -> Option<Self> {
        let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
        let shift = key.modifiers.contains(KeyModifiers::SHIFT);
        // No binding uses Alt. Esc followed quickly by another key arrives as Alt, too.
        if key.modifiers.contains(KeyModifiers::ALT) {
            return None;
        }
        Some(match key.code {
            // Some terminals report Ctrl with a capital letter.
            KeyCode::Char(c) if ctrl => Ctrl(c.to_ascii_lowercase()),
            KeyCode::Char(c) => Char(c),
            // Terminals without the keyboard protocol send NUL for Ctrl-Space.
            KeyCode::Null => Ctrl(' '),
            code if shift => Shift(code),
            code => Code(code),
        })
    }

    /// Parses a name, as [`Key::name`] returns it; letter case of names does not matter.
    ///
    /// # Errors
    ///
    /// If the name is unknown, or terminals do not report the key as one of its own.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let mut chars = text.chars();
        if let (Some(c), None) = (chars.next(), chars.next()) {
            return if c == ' ' || c.is_control() {
                Err("write the name of the key, such as Space")
            } else {
                Ok(Char(c))
            };
        }
        let name = text.to_ascii_lowercase();
        if let Some(rest) = name.strip_prefix("ctrl-") {
            let mut chars = rest.chars();
            return match (chars.next(), chars.next()) {
                _ if rest == "space" => Ok(Ctrl(' ')),
                (Some('i'), None) => Err("terminals send Tab for Ctrl-i; use Tab"),
                (Some('m'), None) => Err("terminals send Enter for Ctrl-m; use Enter"),
                (Some(c), None) if c.is_ascii_lowercase() => Ok(Ctrl(c)),
                _ => Err("write Ctrl- and a letter or Space, such as Ctrl-x"),
            };
        }
        if let Some(rest) = name.strip_prefix("shift-") {
            return match code(rest) {
                Some(KeyCode::Up | KeyCode::Down) => Err("Shift-Up and Shift-Down mark files"),
                Some(key) => Ok(Shift(key)),
                None => Err("write a capital letter instead of Shift- and a letter"),
            };
        }
        match name.as_str() {
            "space" => Ok(Char(' ')),
            _ => code(&name)
                .map(Code)
                .ok_or("write a character, or a name such as Space, Enter, PgDn, F5 or Ctrl-x"),
        }
    }

    /// Returns the name of the key, as in `Ctrl-d` or `PgDn`.
    pub fn name(self) -> String {
        let code = |code: KeyCode| match code {
            KeyCode::Enter => "Enter".to_owned(),
            KeyCode::Esc => "Esc".to_owned(),
            KeyCode::Tab => "Tab".to_owned(),
            KeyCode::Delete => "Del".to_owned(),
            KeyCode::PageDown => "PgDn".to_owned(),
            KeyCode::PageUp => "PgUp".to_owned(),
            KeyCode::F(number) => format!("F{number}"),
            other => format!("{other:?}"),
        };
        match self {
            Char(' ') => "Space".to_owned(),
            Char(c) => c.to_string(),
            Ctrl(' ') => "Ctrl-Space".to_owned(),
            Ctrl(c) => format!("Ctrl-{c}"),
            Code(key) => code(key),
            Shift(key) => format!("Shift-{}", code(key)),
        }
    }
}

/// Returns the key with a lower-case name.
fn code(name: &str) -> Option<KeyCode> {
    Some(match name {
        "enter" => KeyCode::Enter,
        "esc" => KeyCode::Esc,
        "tab" => KeyCode::Tab,
        "backspace" => KeyCode::Backspace,
        "del" | "delete" => KeyCode::Delete,
        "insert" => KeyCode::Insert,
        "home" => KeyCode::Home,
        "end" => KeyCode::End,
        "pgdn" | "pagedown" => KeyCode::PageDown,
        "pgup" | "pageup" => KeyCode::PageUp,
        "up" => KeyCode::Up,
        "down" => KeyCode::Down,
        "left" => KeyCode::Left,
        "right" => KeyCode::Right,
        _ => {
            let number: u8 = name.strip_prefix('f')?.parse().ok()?;
            (1..=12).contains(&number).then_some(KeyCode::F(number))?
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dashboard::keymap::BINDINGS;

    #[test]
    fn names_are_parsed_back() {
        for key in BINDINGS.iter().flat_map(|binding| binding.keys) {
            assert_eq!(Key::parse(&key.name()), Ok(*key));
        }
        assert_eq!(Key::parse("ctrl-X"), Ok(Ctrl('x')));
        assert_eq!(Key::parse("Shift-F5"), Ok(Shift(KeyCode::F(5))));
        for invalid in [
            "", " ", "\u{1b}", "hyper-x", "Ctrl-i", "Ctrl-xy", "Shift-a", "F13",
        ] {
            assert!(Key::parse(invalid).is_err(), "{invalid}");
        }
    }
}
