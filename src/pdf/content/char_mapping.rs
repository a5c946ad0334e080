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
    /// Whether the mapping contains a letter or digit, the only characters that count as text.
    pub(in crate::pdf) fn is_alphanumeric(&self) -> bool {
        match self {
            Self::Char(c) | Self::Guess(c) => c.is_alphanumeric(),
            Self::Text(text) => text.chars().any(char::is_alphanumeric),
            Self::Unmapped => false,
        }
    }
}

/// Whether copied text that contains this character is usable.
///
/// Returns `false` for the replacement character, for control characters other than white space
/// and for the private use areas.
pub(in crate::pdf) fn is_readable(c: char) -> bool {
    c != char::REPLACEMENT_CHARACTER
        && !matches!(c, '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..)
        && (!c.is_control() || c.is_whitespace())
}
