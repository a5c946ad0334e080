//! Text from outside, sanitized and truncated on input, so that it is safe to print anywhere.

use crate::text::sanitize;
use serde::{Serialize, Serializer};
use std::fmt;

/// Maximum length of a text. The longest documented message has about 200 characters.
const MAX_CHARS: usize = 1000;
/// Maximum length of an excerpt of an invalid response.
const EXCERPT_CHARS: usize = 200;
/// Unmasked characters at the end of an account number.
const VISIBLE_CHARS: usize = 4;

/// Text without control, bidirectional or invisible characters.
///
/// Text of more than 1000 characters is truncated and ends in an ellipsis.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SanitizedText(String);

impl SanitizedText {
    /// Sanitizes and truncates a text.
    pub fn new(raw: &str) -> Self {
        Self::truncated(raw, MAX_CHARS)
    }

    /// Returns the beginning of an invalid body. Bytes that are not UTF-8 are replaced.
    pub fn excerpt(body: &[u8]) -> Self {
        // A character has at most four bytes, so this prefix is long enough and never a megabyte.
        let head = body.get(..EXCERPT_CHARS * 4).unwrap_or(body);
        Self::truncated(String::from_utf8_lossy(head).trim(), EXCERPT_CHARS)
    }

    fn truncated(raw: &str, max_chars: usize) -> Self {
        let kept = match raw.char_indices().nth(max_chars) {
            Some((end, _)) => raw.get(..end).unwrap_or_default(),
            None => raw,
        };
        let mut text = sanitize(kept).into_owned();
        if kept.len() < raw.len() {
            text.push('…');
        }
        Self(text)
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns whether the text is empty or white space.
    pub fn is_empty(&self) -> bool {
        self.0.trim().is_empty()
    }
}

impl fmt::Display for SanitizedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl Serialize for SanitizedText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// Masks an account number except for its last four characters.
///
/// A number of fewer than eight characters is masked completely: four digits out of five would
/// reveal too much.
pub fn mask_account_number(number: &SanitizedText) -> SanitizedText {
    let chars: Vec<char> = number.as_str().chars().collect();
    let visible = if chars.len() >= 2 * VISIBLE_CHARS {
        VISIBLE_CHARS
    } else {
        0
    };
    let masked = chars.len() - visible;
    let indexed = chars.iter().enumerate();
    SanitizedText(
        indexed
            .map(|(n, c)| if n < masked { 'X' } else { *c })
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_sanitized_and_bounded() {
        assert_eq!(SanitizedText::new("a\x1b[31mb").as_str(), "a^[[31mb");
        assert_eq!(
            SanitizedText::new(&"x".repeat(5000))
                .as_str()
                .chars()
                .count(),
            1001
        );
        let excerpt = SanitizedText::excerpt(&[b" <html>\xFF".as_slice(), &[b'y'; 9000]].concat());
        assert!(excerpt.as_str().starts_with("<html>\u{FFFD}y"));
        assert_eq!(excerpt.as_str().chars().count(), 201);
    }

    #[test]
    fn account_numbers_are_masked_except_the_last_four_characters() {
        let check = |number, expected| {
            assert_eq!(
                mask_account_number(&SanitizedText::new(number)).as_str(),
                expected
            );
        };
        check("924010012345678", "XXXXXXXXXXX5678");
        check("XXXXXXXX1234", "XXXXXXXX1234");
        check("12345", "XXXXX");
        check("", "");
    }
}
