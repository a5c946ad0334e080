//! SanitizedText that came from outside: cleaned and cut where it enters, so that it can be shown anywhere.

use crate::text::sanitize;
use serde::{Serialize, Serializer};
use std::fmt;

/// Characters kept of one text. The longest message documented has some two hundred.
const MAX_CHARS: usize = 1000;
/// Characters shown of an answer that can't be read.
const EXCERPT_CHARS: usize = 200;
/// Characters of an account number that stay readable.
const CLEAR_CHARS: usize = 4;

/// SanitizedText without control, bidi or invisible characters, of at most a thousand characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SanitizedText(String);

impl SanitizedText {
    /// Cleans and cuts.
    pub fn new(raw: &str) -> Self {
        Self::cut(raw, MAX_CHARS)
    }

    /// The beginning of a body that could not be read; bytes that are no UTF-8 are replaced.
    pub fn excerpt(body: &[u8]) -> Self {
        // A character has up to four bytes: enough is decoded, and never a megabyte.
        let head = body.get(..EXCERPT_CHARS * 4).unwrap_or(body);
        Self::cut(String::from_utf8_lossy(head).trim(), EXCERPT_CHARS)
    }

    fn cut(raw: &str, most: usize) -> Self {
        let kept = match raw.char_indices().nth(most) {
            Some((end, _)) => raw.get(..end).unwrap_or_default(),
            None => raw,
        };
        let mut text = sanitize(kept).into_owned();
        if kept.len() < raw.len() {
            text.push('…');
        }
        Self(text)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing to see.
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

/// An account number of which only the last four characters can be read.
///
/// Shorter ones are covered whole: four of five digits would tell too much.
pub fn mask_account_number(number: &SanitizedText) -> SanitizedText {
    let chars: Vec<char> = number.as_str().chars().collect();
    let clear = if chars.len() >= 2 * CLEAR_CHARS {
        CLEAR_CHARS
    } else {
        0
    };
    let covered = chars.len() - clear;
    let masked = chars.iter().enumerate();
    SanitizedText(
        masked
            .map(|(n, c)| if n < covered { 'X' } else { *c })
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_enters_is_clean_and_bounded() {
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
    fn account_numbers_are_masked_but_for_four_characters() {
        let check = |number, expected| {
            assert_eq!(
                mask_account_number(&SanitizedText::new(number)).as_str(),
                expected
            )
        };
        check("924010012345678", "XXXXXXXXXXX5678");
        check("XXXXXXXX1234", "XXXXXXXX1234");
        check("12345", "XXXXX");
        check("", "");
    }
}
