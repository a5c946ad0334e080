//! Determines where the objects of a file begin and end, by its bytes alone.

use super::content::is_blank;
use super::content::object_lexer::{self, Token};
use memchr::{memchr2, memmem};
use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;

/// Bytes from which the part of an object before its stream is read.
const WINDOW: usize = 1 << 20;
/// White space between the data of a stream and its end.
const MAX_SPACE: usize = 4;

/// Returns the bytes from which an object is read.
pub(super) fn window(bytes: &[u8]) -> &[u8] {
    bytes.get(..WINDOW).unwrap_or(bytes)
}

/// Returns the number and generation at the end of the bytes in front of ` obj`.
pub(super) fn id_before(head: &[u8]) -> Option<(u32, u16)> {
    let (head, generation) = split_digits(head)?;
    let spaced = head.trim_ascii_end();
    if spaced.len() == head.len() {
        return None;
    }
    let (_, number) = split_digits(spaced)?;
    let text = |digits| std::str::from_utf8(digits).ok();
    Some((text(number)?.parse().ok()?, text(generation)?.parse().ok()?))
}

/// Splits off the digits at the end; `None` if there are none.
pub(super) fn split_digits(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let digits = bytes.iter().rev().take_while(|byte| byte.is_ascii_digit());
    bytes
        .split_at_checked(bytes.len() - digits.count())
        .filter(|(_, digits)| !digits.is_empty())
}

/// Returns the bytes behind white space.
pub(super) fn without_blanks(bytes: &[u8]) -> &[u8] {
    let blanks = bytes.iter().take_while(|byte| is_blank(**byte)).count();
    bytes.get(blanks..).unwrap_or_default()
}

/// Returns the bytes behind white space and comments.
pub(super) fn without_space(mut bytes: &[u8]) -> &[u8] {
    loop {
        bytes = without_blanks(bytes);
        if !bytes.starts_with(b"%") {
            return bytes;
        }
        let end = memchr2(b'\n', b'\r', bytes).unwrap_or(bytes.len());
        bytes = bytes.get(end..).unwrap_or_default();
    }
}

/// Looks up stream lengths that are objects of their own.
pub(super) struct StreamLengths<'b> {
    bytes: &'b [u8],
    known: RefCell<HashMap<Vec<u8>, Option<usize>>>,
}

impl<'b> StreamLengths<'b> {
    pub(super) fn new(bytes: &'b [u8]) -> Self {
        Self {
            bytes,
            known: RefCell::default(),
        }
    }

    /// Returns the number that is the last definition of an object.
    fn find(&self, head: &[u8]) -> Option<usize> {
        if self.known.borrow().is_empty() {
            *self.known.borrow_mut() = self.all();
        }
        self.known.borrow().get(head).copied().flatten()
    }

    /// Returns all objects that are a number, by their number and generation.
    fn all(&self) -> HashMap<Vec<u8>, Option<usize>> {
        let mut all = HashMap::from([(Vec::new(), None)]);
        for offset in memmem::find_iter(self.bytes, b" obj") {
            let (head, rest) = self.bytes.split_at(offset);
            let Some((number, generation)) = id_before(head) else {
                continue;
            };
            let rest = rest.get(b" obj".len()..).unwrap_or_default();
            let rest = rest.trim_ascii_start();
            let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            let digits = rest.get(..digits).unwrap_or_default();
            if let Some(value) = std::str::from_utf8(digits)
                .ok()
                .and_then(|d| d.parse().ok())
            {
                all.insert(format!("{number} {generation}").into_bytes(), Some(value));
            }
        }
        all
    }
}

/// Returns the range of the stream data behind a dictionary, which ends at `end`.
///
/// The declared length counts if the end of the stream follows it. Otherwise, the data ends before
/// the next `endstream`.
pub(super) fn stream_data(
    bytes: &[u8],
    end: usize,
    dictionary: &[u8],
    lengths: &StreamLengths<'_>,
) -> Option<Range<usize>> {
    let rest = bytes.get(end..)?;
    let data = rest.trim_ascii_start().strip_prefix(b"stream")?;
    // Some writers put spaces between the keyword and the line end.
    let spaces = data.iter().take_while(|byte| **byte == b' ').count();
    let data = match data.get(spaces..) {
        Some(at_line_end @ [b'\r' | b'\n', ..]) => at_line_end,
        _ => data,
    };
    let data = data.strip_prefix(b"\r").unwrap_or(data);
    let data = data.strip_prefix(b"\n").unwrap_or(data);
    let start = bytes.len() - data.len();
    let ends_at = |length: &usize| {
        data.get(*length..).is_some_and(|after| {
            let trimmed = after.trim_ascii_start();
            after.len() - trimmed.len() <= MAX_SPACE && trimmed.starts_with(b"endstream")
        })
    };
    let declared = declared_length(dictionary, lengths).filter(ends_at);
    let length = declared.or_else(|| {
        let end = memmem::find(data, b"endstream")?;
        let data = data.get(..end)?;
        let data = data.strip_suffix(b"\n").unwrap_or(data);
        Some(data.strip_suffix(b"\r").unwrap_or(data).len())
    })?;
    Some(start..start + length)
}

/// Returns the length that a stream's dictionary declares or refers to.
fn declared_length(dictionary: &[u8], lengths: &StreamLengths<'_>) -> Option<usize> {
    let mut key: &[u8] = b"";
    let mut numbers: Vec<&[u8]> = Vec::new();
    let mut is_reference = false;
    object_lexer::object_length(dictionary, |token, open| match token {
        Token::Name(name) => key = name,
        Token::Number(digits) if open == 1 && key == b"Length" => numbers.push(digits),
        Token::Keyword(b"R") if open == 1 && key == b"Length" => is_reference = true,
        _ => {}
    })?;
    let digits = |digits: &[u8]| std::str::from_utf8(digits).ok()?.parse().ok();
    match numbers.as_slice() {
        [number, generation, ..] if is_reference => {
            lengths.find(&[*number, b" ", *generation].concat())
        }
        [length, ..] => digits(length),
        [] => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stream_data_ends_at_the_declared_length_or_before_the_keyword() {
        let check = |dictionary: &str, expected: &str| {
            let file =
                format!("1 0 obj\n{dictionary}stream \r\nab endstream cd\nendstream 7 0 obj 15");
            let start = "1 0 obj\n".len();
            let end = start + dictionary.len();
            let lengths = StreamLengths::new(file.as_bytes());
            let data = stream_data(file.as_bytes(), end, dictionary.as_bytes(), &lengths).unwrap();
            assert_eq!(file.get(data), Some(expected), "{dictionary}");
        };
        check("<</Length 15>>", "ab endstream cd");
        check("<</A[1]/Length 7 0 R>>", "ab endstream cd");
        check("<</Length 4>>", "ab ");
        check("<</Length 8 0 R>>", "ab ");
        check("<<>>", "ab ");
    }

    #[test]
    fn numbers_and_generations_are_read_backwards() {
        assert_eq!(id_before(b"\n12 0"), Some((12, 0)));
        assert_eq!(id_before(b"12 3"), Some((12, 3)));
        assert_eq!(id_before(b"12"), None);
        assert_eq!(id_before(b"x 0"), None);
    }
}
