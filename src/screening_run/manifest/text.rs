//! Decodes a manifest: UTF-8 with or without a byte order mark, or UTF-16 with one.

use super::layout::count_lines;
use zeroize::Zeroizing;

pub(super) const HINT: &str = "save it as UTF-8; spreadsheets call that format CSV UTF-8";

/// Why bytes are not text, and where.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct InvalidText {
    /// Counted from 1.
    pub(super) line: u64,
    pub(super) what: &'static str,
}

/// Returns the text without its byte order mark. It is wiped after use.
pub(super) fn decode(bytes: &[u8]) -> Result<Zeroizing<String>, InvalidText> {
    let text = match bytes {
        [0xFF, 0xFE, units @ ..] => from_utf16(units, u16::from_le_bytes)?,
        [0xFE, 0xFF, units @ ..] => from_utf16(units, u16::from_be_bytes)?,
        [0xEF, 0xBB, 0xBF, text @ ..] | text => from_utf8(text)?,
    };
    match memchr::memchr(0, text.as_bytes()) {
        None => Ok(text),
        Some(offset) => Err(InvalidText {
            line: line_at(text.as_bytes(), offset),
            what: "a NUL byte, which text does not contain",
        }),
    }
}

fn from_utf8(bytes: &[u8]) -> Result<Zeroizing<String>, InvalidText> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(Zeroizing::new(text.to_owned())),
        Err(error) => Err(InvalidText {
            line: line_at(bytes, error.valid_up_to()),
            what: "not valid UTF-8",
        }),
    }
}

fn from_utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<Zeroizing<String>, InvalidText> {
    let (units, rest) = bytes.as_chunks::<2>();
    // One unit has at most three bytes of UTF-8; a text that grows would leave unwiped copies.
    let mut text = Zeroizing::new(String::with_capacity(3 * units.len()));
    let invalid = |text: &str| InvalidText {
        line: line_at(text.as_bytes(), text.len()),
        what: "not valid UTF-16",
    };
    for c in char::decode_utf16(units.iter().copied().map(unit)) {
        let Ok(c) = c else { return Err(invalid(&text)) };
        text.push(c);
    }
    if rest.is_empty() {
        Ok(text)
    } else {
        Err(invalid(&text))
    }
}

/// Returns the line of an offset, from 1.
fn line_at(text: &[u8], offset: usize) -> u64 {
    1 + count_lines(text, 0..offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn every_encoding_gives_the_same_text() {
        let text = "path,bank\r\nआ😀.pdf,hdfc\r\n";
        let with_bom = format!("\u{FEFF}{text}");
        for bytes in [
            text.as_bytes().to_vec(),
            with_bom.as_bytes().to_vec(),
            utf16(&with_bom, u16::to_le_bytes),
            utf16(&with_bom, u16::to_be_bytes),
        ] {
            assert_eq!(decode(&bytes).unwrap().as_str(), text);
        }
        assert_eq!(decode(b"").unwrap().as_str(), "");
    }

    #[test]
    fn other_bytes_are_rejected_with_their_line() {
        let line = |bytes: &[u8]| decode(bytes).unwrap_err().line;
        assert_eq!(line(b"path\r\ncaf\xE9.pdf\r\n"), 2);
        assert_eq!(line(b"path\ra.pdf\rcaf\xE9.pdf"), 3);
        assert_eq!(line(b"\xE9"), 1);
        // UTF-16 without a byte order mark.
        assert_eq!(line(&utf16("path\na.pdf", u16::to_le_bytes)), 1);
        let mut cut = utf16("\u{FEFF}path\na.pdf", u16::to_le_bytes);
        cut.pop();
        assert_eq!(line(&cut), 2);
        let mut unpaired = utf16("\u{FEFF}path\n\n", u16::to_be_bytes);
        unpaired.extend([0xD8, 0x00, 0x00, b'a']);
        assert_eq!(line(&unpaired), 3);
    }
}
