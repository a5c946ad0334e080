//! Mapping of character codes to Unicode, shared by fonts, encodings and `ToUnicode` maps.

/// The Unicode text that a character code maps to.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::pdf) enum CharMapping {
    /// One character, stated by the font dictionary.
    Char(char),
    /// Several characters, such as a ligature, or the empty text.
    Text(Box<str>),
    /// A probable character. The font program, which is not read, may map the code differently.
    Guess(char),
    /// No character could be determined.
    Unmapped,
}

impl CharMapping {
    /// Whether the mapping states that the code has no text.
    pub(in crate::pdf) fn is_empty(&self) -> bool {
        matches!(self, Self::Text(text) if text.is_empty())
    }

    /// Whether the mapping contains a letter or digit, the only characters that count as text.
    pub(in crate::pdf) fn is_alphanumeric(&self) -> bool {
        match self {
            Self::Char(c) | Self::Guess(c) => c.is_alphanumeric(),
            Self::Text(text) => text.chars().any(char::is_alphanumeric),
            Self::Unmapped => false,
        }
    }
}

/// Whether a character is a space without width. The joiners of Indian scripts are not.
pub(in crate::pdf) fn is_zero_width(c: char) -> bool {
    matches!(c, '\u{200B}' | '\u{2060}' | '\u{FEFF}')
}

/// Whether a character belongs to a private use area.
pub(super) fn is_private(c: char) -> bool {
    matches!(c, '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..)
}

/// Whether copied text that contains this character is usable.
///
/// Returns `false` for the replacement character, for control characters other than white space
/// and for the private use areas.
pub(in crate::pdf) fn is_readable(c: char) -> bool {
    c != char::REPLACEMENT_CHARACTER && !is_private(c) && (!c.is_control() || c.is_whitespace())
}
