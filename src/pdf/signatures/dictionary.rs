//! Reads dictionaries as they are written, with the offsets of their values.

use crate::pdf::content::object_lexer::{Container, Token, visit_tokens};
use crate::pdf::content::{unescape_name, unescape_string};
use std::collections::HashSet;
use std::ops::Range;

/// Bytes from which a dictionary is read. The signature itself is in it, as hexadecimal digits.
const WINDOW: usize = 8 << 20;

/// A dictionary in a file.
pub(super) struct Dictionary<'b> {
    bytes: &'b [u8],
    /// Keys with their escapes decoded, and the ranges of the values in the bytes.
    entries: Vec<(Vec<u8>, Range<usize>)>,
}

impl<'b> Dictionary<'b> {
    /// Reads the dictionary at the start of the bytes; `None` if there is none.
    pub(super) fn parse(bytes: &'b [u8]) -> Option<Self> {
        let bytes = bytes.get(..WINDOW).unwrap_or(bytes);
        let mut is_dictionary = None;
        let mut entries: Vec<(Vec<u8>, Range<usize>)> = Vec::new();
        let mut key: Option<Vec<u8>> = None;
        // Whether the tokens that follow belong to the last value: a reference has three.
        let mut is_open = false;
        visit_tokens(bytes, |token, range, depth| {
            if is_dictionary.is_none() {
                is_dictionary = Some(token == Token::Open(Container::Dictionary));
                return;
            }
            match (token, depth) {
                (_, 0) => {}
                (Token::Name(name), 1) if key.is_none() => {
                    key = Some(unescape_name(name).into_owned());
                    is_open = false;
                }
                // The end of a value that is an array or a dictionary.
                (Token::Close, 1) => {
                    if let Some((_, value)) = entries.last_mut() {
                        value.end = range.end;
                    }
                    is_open = false;
                }
                (Token::Number(_) | Token::Keyword(_), 1) if is_open && key.is_none() => {
                    if let Some((_, value)) = entries.last_mut() {
                        value.end = range.end;
                    }
                }
                _ => {
                    if let Some(key) = key.take() {
                        is_open = matches!(token, Token::Number(_));
                        entries.push((key, range));
                    }
                }
            }
        })?;
        (is_dictionary == Some(true)).then_some(Self { bytes, entries })
    }

    /// Returns the keys.
    pub(super) fn keys(&self) -> impl Iterator<Item = &[u8]> {
        self.entries.iter().map(|(key, _)| key.as_slice())
    }

    /// Returns whether a key occurs twice.
    pub(super) fn has_repeated_key(&self) -> bool {
        let mut known = HashSet::new();
        !self.keys().all(|key| known.insert(key))
    }

    /// Returns the range of a value. A key that is repeated has none, because readers differ in
    /// which one they take.
    pub(super) fn range(&self, key: &[u8]) -> Option<Range<usize>> {
        let mut found = self.entries.iter().filter(|(known, _)| known == key);
        let range = found.next()?.1.clone();
        found.next().is_none().then_some(range)
    }

    /// Returns the bytes of a value.
    pub(super) fn value(&self, key: &[u8]) -> Option<&'b [u8]> {
        self.bytes.get(self.range(key)?)
    }

    /// Returns a value that is a name, without the slash.
    pub(super) fn name(&self, key: &[u8]) -> Option<Vec<u8>> {
        let name = self.value(key)?.strip_prefix(b"/")?;
        Some(unescape_name(name).into_owned())
    }

    /// Returns the number of the object that a value refers to.
    pub(super) fn reference(&self, key: &[u8]) -> Option<u32> {
        reference(self.value(key)?)
    }
}

/// Visits all tokens of a value, and whether each is a hexadecimal string. Returns what can't be
/// read, without blanks around it.
pub(super) fn visit_all(value: &[u8], mut visit: impl FnMut(Token<'_>, bool)) -> Vec<u8> {
    // A token at the end of the bytes could go on behind it.
    let value = [value, b" "].concat();
    let mut rest = value.as_slice();
    loop {
        let current = rest;
        let length = visit_tokens(current, |token, range, _| {
            visit(token, current.get(range.start) == Some(&b'<'));
        });
        match length {
            Some(length) if length > 0 => rest = rest.get(length..).unwrap_or_default(),
            _ => return rest.trim_ascii().to_vec(),
        }
    }
}

/// Returns the number of the object that a value refers to, if it is a reference.
pub(super) fn reference(value: &[u8]) -> Option<u32> {
    let is_number = value.first().is_some_and(u8::is_ascii_digit);
    match references(value).as_slice() {
        [number] if is_number => Some(*number),
        _ => None,
    }
}

/// Returns the numbers of the objects that a value refers to, in order.
pub(super) fn references(value: &[u8]) -> Vec<u32> {
    let mut numbers: [Option<u32>; 2] = [None; 2];
    let mut found = Vec::new();
    let _unread = visit_all(value, |token, _| match token {
        Token::Number(digits) => {
            let number = std::str::from_utf8(digits).ok();
            numbers = [numbers[1], number.and_then(|digits| digits.parse().ok())];
        }
        Token::Keyword(b"R") => {
            found.extend(numbers[1].and(numbers[0]));
            numbers = [None; 2];
        }
        _ => numbers = [None; 2],
    });
    found
}

/// Returns the first string in a value.
pub(super) fn first_string(value: &[u8]) -> Option<Vec<u8>> {
    let mut found = None;
    let _unread = visit_all(value, |token, is_hexadecimal| {
        if let Token::String(text) = token {
            found.get_or_insert_with(|| unescape_string(text, is_hexadecimal));
        }
    });
    found
}

/// Returns the numbers of an array.
pub(super) fn numbers(value: &[u8]) -> Option<Vec<u64>> {
    let mut numbers = Vec::new();
    let mut is_valid = value.starts_with(b"[");
    let _unread = visit_all(value, |token, _| match token {
        Token::Number(digits) if digits.iter().all(u8::is_ascii_digit) => {
            let number = std::str::from_utf8(digits).ok();
            let number = number.and_then(|digits| digits.parse::<u64>().ok());
            is_valid &= number.is_some();
            numbers.extend(number);
        }
        Token::Open(Container::Array) | Token::Close => {}
        _ => is_valid = false,
    });
    is_valid.then_some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_offsets() {
        let bytes = b"<</A 1 0 R/B[1 2]/C/N /D<</A 5>>/E(x)/F<AB> /Sub#46ilter /x /G null>> endobj";
        let dictionary = Dictionary::parse(bytes).unwrap();
        let value = |key: &[u8]| std::str::from_utf8(dictionary.value(key).unwrap()).unwrap();
        let keys = ["A", "B", "C", "D", "E", "F", "SubFilter", "G"];
        let values = [
            "1 0 R", "[1 2]", "/N", "<</A 5>>", "(x)", "<AB>", "/x", "null",
        ];
        for (key, expected) in keys.iter().zip(values) {
            assert_eq!(value(key.as_bytes()), expected, "{key}");
        }
        assert_eq!(dictionary.keys().count(), keys.len());
        assert_eq!(dictionary.reference(b"A"), Some(1));
        assert_eq!(dictionary.reference(b"B"), None);
        assert!(Dictionary::parse(b"[<</A 1>>] ").is_none());
    }

    #[test]
    fn a_repeated_key_has_no_value() {
        let dictionary = Dictionary::parse(b"<</A 1/B 2/#41 3>> ").unwrap();
        assert_eq!(dictionary.value(b"A"), None);
        assert_eq!(dictionary.value(b"B"), Some(&b"2"[..]));
    }

    #[test]
    fn references_and_numbers_are_read() {
        assert_eq!(references(b"[1 0 R 3 /A 24 0 R<</B 7 0 R>>]"), [1, 24, 7]);
        assert_eq!(numbers(b"[0 10 20 5 ]"), Some(vec![0, 10, 20, 5]));
        assert_eq!(numbers(b"[0 -1 20 5]"), None);
        assert_eq!(numbers(b"[0 1 0 R 5]"), None);
    }
}
