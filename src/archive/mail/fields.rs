//! The fields of a mail or of a part of it: unfolded values, parameters, and encoded words.

use super::Transfer;
use encoding_rs::Encoding;
use std::borrow::Cow;

/// Bytes of a head that are read.
const MAX_HEAD_BYTES: usize = 256 << 10;
/// Bytes of a value that are read.
const MAX_VALUE_BYTES: usize = 16 << 10;
/// The fields that are kept.
const KEPT: [&str; 5] = [
    "content-disposition",
    "content-transfer-encoding",
    "content-type",
    "from",
    "subject",
];

/// Returns the lengths of the head and of the head with the empty line behind it.
pub(super) fn split(part: &[u8]) -> (usize, usize) {
    let mut start = 0;
    // A part without fields begins with the empty line.
    while let Some(line) = part.get(start..) {
        let length = memchr::memchr(b'\n', line).map_or(line.len(), |end| end + 1);
        let line = line.get(..length).unwrap_or_default();
        if line.trim_ascii().is_empty() {
            return (start, start + length);
        }
        start += length;
    }
    (part.len(), part.len())
}

/// The fields that are kept, with unfolded values.
pub(super) struct Fields(Vec<(&'static str, String)>);

impl Fields {
    pub(super) fn parse(head: &[u8]) -> Self {
        let head = head.get(..MAX_HEAD_BYTES).unwrap_or(head);
        let mut fields = Vec::new();
        let mut current: Option<(&'static str, Vec<u8>)> = None;
        for line in head.split(|byte| *byte == b'\n') {
            let is_folded = line.starts_with(b" ") || line.starts_with(b"\t");
            if let Some((_, value)) = current.as_mut().filter(|_| is_folded) {
                if value.len() < MAX_VALUE_BYTES {
                    value.push(b' ');
                    value.extend_from_slice(line.trim_ascii());
                }
                continue;
            }
            fields.extend(current.take());
            let colon = memchr::memchr(b':', line);
            let Some((name, value)) = colon.and_then(|colon| line.split_at_checked(colon)) else {
                continue;
            };
            let name = name.trim_ascii();
            let kept = KEPT
                .iter()
                .find(|kept| name.eq_ignore_ascii_case(kept.as_bytes()));
            let value = value.get(1..).unwrap_or_default().trim_ascii();
            let value = value.get(..MAX_VALUE_BYTES).unwrap_or(value);
            current = kept.map(|kept| (*kept, value.to_vec()));
        }
        fields.extend(current);
        let decoded = fields
            .into_iter()
            .map(|(name, value)| (name, decode_words(&String::from_utf8_lossy(&value))));
        Self(decoded.collect())
    }

    /// Returns the value of the first field with this name.
    pub(super) fn get(&self, name: &str) -> Option<Cow<'_, str>> {
        let mut fields = self.0.iter();
        let (_, value) = fields.find(|(known, _)| *known == name)?;
        Some(Cow::Borrowed(value))
    }
}

/// A value with parameters (RFC 2045, 5.1; RFC 2231).
pub(super) struct Parameters {
    /// The value in lower case.
    pub(super) value: String,
    /// Names in lower case, with their texts.
    all: Vec<(String, String)>,
}

impl Parameters {
    pub(super) fn parse(field: &str) -> Self {
        let mut parts = split_outside_quotes(field).into_iter();
        let value = parts.next().unwrap_or_default();
        let all = parts.filter_map(|part| {
            let (name, text) = part.split_once('=')?;
            Some((name.trim().to_ascii_lowercase(), unquoted(text.trim())))
        });
        Self {
            value: value.trim().to_ascii_lowercase(),
            all: all.collect(),
        }
    }

    /// Returns the text of a parameter, in one piece or several, encoded or not.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        let plain = |wanted: &str| {
            let mut all = self.all.iter();
            all.find(|(known, _)| known == wanted)
                .map(|(_, text)| text.as_str())
        };
        if let Some(text) = plain(&format!("{name}*")) {
            return Some(decode_extended(text));
        }
        if let Some(text) = plain(name) {
            return Some(text.to_owned());
        }
        let mut joined = String::new();
        let mut is_encoded = false;
        for number in 0..self.all.len() {
            if let Some(text) = plain(&format!("{name}*{number}*")) {
                is_encoded = true;
                joined.push_str(text);
            } else if let Some(text) = plain(&format!("{name}*{number}")) {
                joined.push_str(text);
            } else {
                break;
            }
        }
        if joined.is_empty() {
            return None;
        }
        Some(if is_encoded {
            decode_extended(&joined)
        } else {
            joined
        })
    }
}

fn split_outside_quotes(field: &str) -> Vec<&str> {
    let mut is_quoted = false;
    let mut is_escaped = false;
    let is_separator = |c: char| {
        let is_separator = c == ';' && !is_quoted;
        if c == '"' && !is_escaped {
            is_quoted = !is_quoted;
        }
        is_escaped = c == '\\' && !is_escaped;
        is_separator
    };
    field.split(is_separator).collect()
}

fn unquoted(text: &str) -> String {
    let Some(text) = text.strip_prefix('"') else {
        return text.to_owned();
    };
    let mut chars = text.chars();
    let mut inner = String::new();
    while let Some(c) = chars.next() {
        match c {
            '"' => break,
            '\\' => inner.extend(chars.next()),
            c => inner.push(c),
        }
    }
    inner
}

/// Decodes a value with its character set: `utf-8'en'a%20b`.
fn decode_extended(text: &str) -> String {
    let mut parts = text.splitn(3, '\'');
    let (charset, text) = match (parts.next(), parts.next(), parts.next()) {
        (Some(charset), Some(_), Some(text)) => (charset, text),
        _ => ("utf-8", text),
    };
    decode_charset(charset, &decode_escapes(text.as_bytes(), b'%'))
}

/// Decodes a byte in two hexadecimal digits behind an escape character.
pub(super) fn decode_escapes(text: &[u8], escape: u8) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        let digits = after.get(..2).filter(|_| *first == escape);
        let digits = digits.and_then(|digits| std::str::from_utf8(digits).ok());
        if let Some(byte) = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            bytes.push(byte);
            rest = after.get(2..).unwrap_or_default();
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    bytes
}

fn decode_charset(charset: &str, bytes: &[u8]) -> String {
    let encoding = Encoding::for_label(charset.as_bytes()).unwrap_or(encoding_rs::UTF_8);
    encoding.decode_without_bom_handling(bytes).0.into_owned()
}

/// Decodes the encoded words in a value (RFC 2047), such as `=?utf-8?Q?a=20b?=`.
fn decode_words(value: &str) -> String {
    let mut decoded = String::new();
    let mut rest = value;
    let mut follows_word = false;
    while let Some((before, after)) = rest.split_once("=?") {
        let word = encoded_word(after);
        // The space between two encoded words is not part of the text.
        let is_between = follows_word && word.is_some() && before.trim().is_empty();
        if !is_between {
            decoded.push_str(before);
        }
        follows_word = word.is_some();
        if let Some((word, end)) = word {
            decoded.push_str(&word);
            rest = end;
        } else {
            decoded.push_str("=?");
            rest = after;
        }
    }
    decoded.push_str(rest);
    decoded
}

/// Decodes the word at the start of a text, and returns what follows it.
fn encoded_word(text: &str) -> Option<(String, &str)> {
    let (charset, rest) = text.split_once('?')?;
    let (encoding, rest) = rest.split_once('?')?;
    let (word, rest) = rest.split_once("?=")?;
    let charset = charset.split('*').next().unwrap_or(charset);
    let bytes = match encoding {
        "B" | "b" => Transfer::Base64.decode(word.as_bytes()),
        "Q" | "q" => decode_escapes(word.replace('_', " ").as_bytes(), b'='),
        _ => return None,
    };
    Some((decode_charset(charset, &bytes), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_unfolded_and_words_are_decoded() {
        let head =
            b"Subject: =?utf-8?Q?a=C3=A9_?=\r\n =?iso-8859-1?B?6Q==?= =?broken\r\nFrom : x\r\n";
        let fields = Fields::parse(head);
        assert_eq!(fields.get("subject").unwrap(), "aé é =?broken");
        assert_eq!(fields.get("from").unwrap(), "x");
        assert!(fields.get("content-type").is_none());
    }

    #[test]
    fn parameters_can_be_quoted_split_and_encoded() {
        let get = |field: &str, name: &str| Parameters::parse(field).get(name);
        let quoted = r#"attachment; filename="a;\"b\".pdf"; x"#;
        assert_eq!(get(quoted, "filename").unwrap(), "a;\"b\".pdf");
        let split = "a; name*1=\"c.pdf\"; name*0=ab";
        assert_eq!(get(split, "name").unwrap(), "abc.pdf");
        let encoded = "a; filename=x; filename*=iso-8859-1'en'%E9.pdf";
        assert_eq!(get(encoded, "filename").unwrap(), "é.pdf");
        assert_eq!(get("a; b", "b"), None);
        assert_eq!(Parameters::parse("Text/HTML ; a=b").value, "text/html");
    }

    #[test]
    fn a_head_ends_at_the_first_empty_line() {
        assert_eq!(split(b"a: b\r\n\r\nbody"), (6, 8));
        assert_eq!(split(b"\nbody"), (0, 1));
        assert_eq!(split(b"a: b"), (4, 4));
        assert_eq!(split(b""), (0, 0));
    }
}
