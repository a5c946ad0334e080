//! Removes secrets that a response repeats, also encoded, in another letter case, or with invisible
//! characters between.
//!
//! A service may echo its input: the API key, the server hash, or the password of a file. Redacting
//! every response keeps them out of messages, reports, journal and log.

use crate::text::hex;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use memchr::memmem;
use serde_json::Value;
use std::fmt::Write as _;
use std::ops::Range;
use zeroize::Zeroizing;

/// Replaces a secret. No typed field has this form, so a typed field that held one is dropped.
const MASK: &str = "***";
/// Shortest secret that is redacted inside other text. A shorter one is redacted only as a whole
/// word, because it would occur by chance.
const MIN_INNER_CHARS: usize = 6;
/// Shortest Base64 text that is searched for inside other text.
const MIN_BASE64_CHARS: usize = 8;
/// Shortest beginning of a secret that is removed from the end of a text.
const MIN_CUT_CHARS: usize = 4;
/// Number of encodings inside each other that are decoded.
const MAX_DECODINGS: usize = 3;
/// Longest reference of HTML that is decoded, such as `&#x0000041;`.
const MAX_REFERENCE_CHARS: usize = 12;

/// Finds and masks secrets in text.
#[derive(Default)]
pub struct Redactor {
    secrets: Vec<Pattern>,
}

/// A secret in the forms in which it is searched.
struct Pattern {
    /// In lower case; compared with decoded text.
    plain: Vec<Zeroizing<Vec<char>>>,
    /// The parts of Base64 texts that do not depend on what surrounds the secret.
    base64: Vec<Zeroizing<Vec<char>>>,
    /// Whether it is searched only as a whole word.
    whole_word: bool,
}

/// Which secrets to search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Secrets {
    All,
    /// Those that do not occur by chance, for values whose form is checked.
    Long,
}

/// A character of decoded text, with the range of the original text that it was decoded from.
#[derive(Clone)]
struct Unit {
    decoded: char,
    source: Range<usize>,
}

impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Redactor({} secrets)", self.secrets.len())
    }
}

impl Redactor {
    /// Creates a redactor. Empty secrets are ignored.
    pub fn new<'s>(secrets: impl IntoIterator<Item = &'s str>) -> Self {
        let secrets = secrets.into_iter().filter(|secret| !secret.is_empty());
        Self {
            secrets: secrets.map(Pattern::new).collect(),
        }
    }

    /// Returns a free text without the secrets.
    pub fn text(&self, text: &str) -> String {
        self.masked(text, Secrets::All)
    }

    /// Returns a free text without the secrets, if the text may have been cut off: a secret that is
    /// cut off at its end is removed, too.
    pub fn cut_text(&self, text: &str) -> String {
        let masked = self.text(text);
        let units = visible_units(&masked);
        let cut = |pattern: &[char]| {
            let longest = pattern.len().min(units.len());
            let lengths = (MIN_CUT_CHARS..=longest).rev();
            let is_end = |length: &usize| {
                let start = units.len() - length;
                let end = units.get(start..).unwrap_or_default();
                let is_same = |(unit, c): (&Unit, &char)| lower_case(unit.decoded) == *c;
                end.iter().zip(pattern).all(is_same)
            };
            lengths.into_iter().find(is_end)
        };
        let patterns = self.secrets.iter().flat_map(|secret| &secret.plain);
        let longest = patterns.filter_map(|pattern| cut(pattern)).max();
        let start = longest.and_then(|length| units.get(units.len() - length));
        match start {
            Some(unit) => format!(
                "{}{MASK}",
                masked.get(..unit.source.start).unwrap_or_default()
            ),
            None => masked,
        }
    }

    /// Returns whether a text contains a secret.
    pub fn finds(&self, text: &str) -> bool {
        !self.ranges(text, Secrets::All).is_empty()
    }

    /// Overwrites the secrets in a large document with asterisks, also those that are encoded as a
    /// whole. The length stays the same.
    ///
    /// Unlike [`Redactor::text`] it decodes nothing, so that megabytes take milliseconds.
    pub fn mask_bytes(&self, document: &mut [u8]) {
        let lower = document.to_ascii_lowercase();
        let mut found = Vec::new();
        for secret in self.secrets.iter().filter(|secret| !secret.whole_word) {
            for pattern in secret.encoded() {
                let pattern = Zeroizing::new(pattern.to_lowercase());
                let offsets = memmem::find_iter(&lower, pattern.as_bytes());
                found.extend(offsets.map(|offset| offset..offset + pattern.len()));
            }
            for pattern in &secret.base64 {
                let pattern: Zeroizing<String> = Zeroizing::new(pattern.iter().collect());
                let offsets = memmem::find_iter(document, pattern.as_bytes());
                found.extend(offsets.map(|offset| offset..offset + pattern.len()));
            }
        }
        for range in found {
            if let Some(secret) = document.get_mut(range) {
                secret.fill(b'*');
            }
        }
    }

    /// Masks the secrets in all texts and numbers of a response.
    ///
    /// Secrets that are too short to be found inside text are left: they would damage dates and
    /// numbers. Use [`Redactor::text`] for messages.
    pub fn scrub(&self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.masked(text, Secrets::Long),
            Value::Number(number) => {
                if !self.ranges(&number.to_string(), Secrets::Long).is_empty() {
                    *value = Value::String(MASK.to_owned());
                }
            }
            Value::Array(values) => values.iter_mut().for_each(|value| self.scrub(value)),
            Value::Object(fields) => {
                let scrubbed = std::mem::take(fields).into_iter().map(|(name, mut value)| {
                    self.scrub(&mut value);
                    (self.masked(&name, Secrets::Long), value)
                });
                *fields = scrubbed.collect();
            }
            Value::Null | Value::Bool(_) => {}
        }
    }

    fn masked(&self, text: &str, which: Secrets) -> String {
        let mut masked = String::with_capacity(text.len());
        let mut end = 0;
        for range in self.ranges(text, which) {
            masked.push_str(text.get(end..range.start).unwrap_or_default());
            masked.push_str(MASK);
            end = range.end;
        }
        masked.push_str(text.get(end..).unwrap_or_default());
        masked
    }

    /// Returns the ranges of all secrets, in order and without overlaps.
    fn ranges(&self, text: &str, which: Secrets) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        let mut units = visible_units(text);
        for _ in 0..=MAX_DECODINGS {
            for secret in &self.secrets {
                if which == Secrets::All || !secret.whole_word {
                    secret.find(&units, &mut found);
                }
            }
            match decode(&units) {
                Some(decoded) => units = decoded,
                None => break,
            }
        }
        merge(found)
    }
}

impl Pattern {
    fn new(secret: &str) -> Self {
        let lower = |text: &str| Zeroizing::new(text.to_lowercase().chars().collect());
        let hex = Zeroizing::new(hex(secret.as_bytes()));
        let mut plain = vec![lower(secret)];
        if secret.contains(' ') {
            plain.push(lower(&Zeroizing::new(secret.replace(' ', "+"))));
        }
        let whole_word = secret.chars().count() < MIN_INNER_CHARS;
        if !whole_word {
            plain.push(lower(&hex));
        }
        Self {
            plain,
            base64: base64_cores(secret.as_bytes()),
            whole_word,
        }
    }

    /// Returns the secret in its plain forms, and with every character escaped as in JSON, URLs and
    /// HTML.
    fn encoded(&self) -> Vec<Zeroizing<String>> {
        let plain = self.plain.iter();
        let mut encoded: Vec<Zeroizing<String>> = plain
            .map(|pattern| Zeroizing::new(pattern.iter().collect()))
            .collect();
        let Some(secret) = encoded.first().cloned() else {
            return encoded;
        };
        encoded.push(Zeroizing::new(secret.replace('/', "\\/")));
        let mut each = |escape: &dyn Fn(&mut String, char)| {
            let text = secret.chars().fold(String::new(), |mut text, c| {
                escape(&mut text, c);
                text
            });
            encoded.push(Zeroizing::new(text));
        };
        each(&|text, c| {
            let _infallible = write!(text, "\\u{:04x}", u32::from(c));
        });
        each(&|text, c| {
            let mut bytes = [0; 4];
            for byte in c.encode_utf8(&mut bytes).bytes() {
                let _infallible = write!(text, "%{byte:02x}");
            }
        });
        each(&|text, c| {
            let _infallible = write!(text, "&#{};", u32::from(c));
        });
        encoded
    }

    fn find(&self, units: &[Unit], found: &mut Vec<Range<usize>>) {
        for pattern in &self.plain {
            for range in matches(units, pattern, lower_case) {
                if !self.whole_word || is_delimited(units, &range) {
                    found.extend(source_range(units, range));
                }
            }
        }
        for pattern in &self.base64 {
            for range in matches(units, pattern, |c| c) {
                let token = base64_token(units, range.clone());
                if !self.whole_word || token == range {
                    found.extend(source_range(units, token));
                }
            }
        }
    }
}

/// Returns the Base64 texts of a secret at the three possible offsets, without the characters that
/// depend on its neighbours.
fn base64_cores(secret: &[u8]) -> Vec<Zeroizing<Vec<char>>> {
    let mut cores = Vec::new();
    for offset in 0..3_usize {
        let mut padded = Zeroizing::new(vec![0; offset]);
        padded.extend_from_slice(secret);
        for engine in [STANDARD, URL_SAFE] {
            let text = Zeroizing::new(engine.encode(&*padded));
            // A character holds six bits; those at the ends are shared with the neighbours.
            let start = (offset * 8).div_ceil(6);
            let end = padded.len() * 8 / 6;
            let core: Vec<char> = text.chars().take(end).skip(start).collect();
            let core = Zeroizing::new(core);
            if core.len() >= MIN_BASE64_CHARS && !cores.contains(&core) {
                cores.push(core);
            }
        }
    }
    cores
}

/// Returns the characters of a text that can be seen, with their ranges.
fn visible_units(text: &str) -> Vec<Unit> {
    let units = text.char_indices().map(|(start, c)| Unit {
        decoded: narrow(c),
        source: start..start + c.len_utf8(),
    });
    units.filter(|unit| !is_invisible(unit.decoded)).collect()
}

/// Maps the wide forms of ASCII characters to the characters themselves.
fn narrow(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        _ => c,
    }
}

/// Returns whether a character has no glyph: controls, joiners, selectors, tags and fillers.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
            | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
            | '\u{FFA0}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}')
}

fn lower_case(c: char) -> char {
    let mut lower = c.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(lower), None) => lower,
        _ => c,
    }
}

/// Returns the positions of a pattern.
fn matches(units: &[Unit], pattern: &[char], map: impl Fn(char) -> char) -> Vec<Range<usize>> {
    let length = pattern.len();
    let windows = units.windows(length.max(1)).enumerate();
    let is_match = |window: &[Unit]| {
        let pairs = window.iter().zip(pattern);
        pairs.into_iter().all(|(unit, c)| map(unit.decoded) == *c)
    };
    windows
        .filter(|(_, window)| is_match(window))
        .map(|(start, _)| start..start + length)
        .collect()
}

/// Returns whether neither neighbour is a letter or digit.
fn is_delimited(units: &[Unit], range: &Range<usize>) -> bool {
    let before = range
        .start
        .checked_sub(1)
        .and_then(|index| units.get(index));
    let neighbours = [before, units.get(range.end)];
    let mut neighbours = neighbours.into_iter().flatten();
    !neighbours.any(|unit| unit.decoded.is_alphanumeric())
}

/// Extends a range to the whole Base64 text around it, whose other characters hold bits of the
/// secret.
fn base64_token(units: &[Unit], range: Range<usize>) -> Range<usize> {
    let is_base64 = |unit: &&Unit| {
        unit.decoded.is_ascii_alphanumeric() || matches!(unit.decoded, '+' | '/' | '-' | '_' | '=')
    };
    let before = units.get(..range.start).unwrap_or_default();
    let after = units.get(range.end..).unwrap_or_default();
    let start = range.start - before.iter().rev().take_while(is_base64).count();
    start..range.end + after.iter().take_while(is_base64).count()
}

fn source_range(units: &[Unit], range: Range<usize>) -> Option<Range<usize>> {
    let units = units.get(range)?;
    Some(units.first()?.source.start..units.last()?.source.end)
}

/// Sorts ranges and joins those that overlap.
fn merge(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_by_key(|range| range.start);
    let mut merged: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}

/// Decodes escapes of JSON, URLs and HTML once; `None` if there are none.
fn decode(units: &[Unit]) -> Option<Vec<Unit>> {
    let mut decoded = Vec::with_capacity(units.len());
    let mut rest = units;
    let mut has_changed = false;
    while let Some((first, tail)) = rest.split_first() {
        let escape = match first.decoded {
            '\\' => json_escape(rest),
            '%' => percent_escapes(rest),
            '&' => html_reference(rest),
            _ => None,
        };
        if let Some((text, length)) = escape {
            let (escaped, remaining) = rest.split_at_checked(length)?;
            let source = first.source.start..escaped.last()?.source.end;
            decoded.extend(text.chars().filter(|c| !is_invisible(*c)).map(|c| Unit {
                decoded: narrow(c),
                source: source.clone(),
            }));
            rest = remaining;
            has_changed = true;
        } else {
            decoded.push(first.clone());
            rest = tail;
        }
    }
    has_changed.then_some(decoded)
}

/// Returns the text of some units.
fn text_of(units: &[Unit], range: Range<usize>) -> Option<String> {
    Some(units.get(range)?.iter().map(|unit| unit.decoded).collect())
}

/// Decodes `\uXXXX`, `\xXX` or `\c`, and returns the number of characters read.
fn json_escape(units: &[Unit]) -> Option<(String, usize)> {
    let hex = |range: Range<usize>| {
        let digits = text_of(units, range)?;
        u32::from_str_radix(&digits, 16)
            .ok()
            .and_then(char::from_u32)
    };
    match units.get(1)?.decoded {
        'u' => Some((hex(2..6)?.into(), 6)),
        'x' => Some((hex(2..4)?.into(), 4)),
        'n' | 'r' | 't' | 'b' | 'f' => Some((String::new(), 2)),
        c => Some((c.into(), 2)),
    }
}

/// Decodes a run of `%XX`, which are bytes of UTF-8.
fn percent_escapes(units: &[Unit]) -> Option<(String, usize)> {
    let mut bytes = Vec::new();
    let mut length = 0;
    while units.get(length).is_some_and(|unit| unit.decoded == '%')
        && let Some(digits) = text_of(units, length + 1..length + 3)
        && let Ok(byte) = u8::from_str_radix(&digits, 16)
    {
        bytes.push(byte);
        length += 3;
    }
    (length > 0).then(|| (String::from_utf8_lossy(&bytes).into_owned(), length))
}

/// Decodes `&#65;`, `&#x41;` or one of the named references of punctuation.
fn html_reference(units: &[Unit]) -> Option<(String, usize)> {
    let window = units.get(..units.len().min(MAX_REFERENCE_CHARS))?;
    let end = window.iter().position(|unit| unit.decoded == ';')?;
    let name = text_of(units, 1..end)?;
    let number = |digits: &str, radix| u32::from_str_radix(digits, radix).ok();
    let code = match name.strip_prefix('#') {
        Some(digits) => match digits.strip_prefix(['x', 'X']) {
            Some(digits) => number(digits, 16),
            None => number(digits, 10),
        },
        None => None,
    };
    let c = match (code, name.as_str()) {
        (Some(code), _) => char::from_u32(code)?,
        (None, "amp") => '&',
        (None, "lt") => '<',
        (None, "gt") => '>',
        (None, "quot") => '"',
        (None, "apos") => '\'',
        (None, "nbsp") => ' ',
        _ => return None,
    };
    Some((c.into(), end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const KEY: &str = "Canary/Key+42=x";

    fn redacted(text: &str) -> String {
        Redactor::new([KEY, "1234"]).text(text)
    }

    #[test]
    fn a_secret_is_masked_in_every_encoding() {
        let percent = |text: &str| {
            text.bytes().fold(String::new(), |mut out, byte| {
                let _infallible = write!(out, "%{byte:02X}");
                out
            })
        };
        let json = |text: &str| {
            text.chars().fold(String::new(), |mut out, c| {
                let _infallible = write!(out, "\\u{:04x}", u32::from(c));
                out
            })
        };
        let html = |text: &str| {
            text.chars().fold(String::new(), |mut out, c| {
                let _infallible = write!(out, "&#{};", u32::from(c));
                out
            })
        };
        let hex = KEY.bytes().fold(String::new(), |mut out, byte| {
            let _infallible = write!(out, "{byte:02X}");
            out
        });
        let encoded = [
            KEY.to_owned(),
            KEY.to_uppercase(),
            KEY.replace('/', "\\/"),
            KEY.replace('K', "\u{200B}K\u{AD}"),
            KEY.replace('K', "\u{1}K"),
            percent(KEY),
            percent(&percent(KEY)),
            json(KEY),
            html(KEY),
            html(&percent(KEY)),
            hex,
            "Ｃanary/Key+42=x".to_owned(),
        ];
        for text in encoded {
            let message = format!("sent [{text}] twice: [{text}]");
            assert_eq!(redacted(&message), "sent [***] twice: [***]", "{text}");
        }
    }

    #[test]
    fn base64_is_masked_at_every_offset() {
        for prefix in ["", "a", "ab", "key="] {
            for engine in [STANDARD, URL_SAFE] {
                let encoded = engine.encode(format!("{prefix}{KEY}&more"));
                let text = format!("Basic {encoded}, end");
                assert_eq!(redacted(&text), "Basic ***, end", "{prefix}");
            }
        }
    }

    #[test]
    fn a_short_secret_is_masked_only_as_a_word() {
        assert_eq!(
            redacted("password '1234' is wrong"),
            "password '***' is wrong"
        );
        assert_eq!(redacted("account 91234 of 12345"), "account 91234 of 12345");
        assert_eq!(redacted("1234"), "***");
    }

    #[test]
    fn a_secret_that_is_cut_off_is_masked() {
        let redactor = Redactor::new([KEY]);
        assert_eq!(redactor.cut_text("the key is canary/k"), "the key is ***");
        assert_eq!(redactor.cut_text("in the Can"), "in the Can");
        assert_eq!(redactor.cut_text(&format!("{KEY} ended")), "*** ended");
    }

    #[test]
    fn a_large_document_keeps_its_length() {
        let redactor = Redactor::new([KEY]);
        let base64 = STANDARD.encode(KEY);
        let upper = KEY.to_uppercase();
        let escaped = KEY.replace('/', "\\/");
        let mut document = format!("{{{KEY},{upper},{escaped},{base64}}}").into_bytes();
        let length = document.len();
        redactor.mask_bytes(&mut document);
        let masked = String::from_utf8(document).unwrap();
        assert_eq!(masked.len(), length);
        // The last characters of the Base64 text also hold bits of what follows.
        let rest: String = masked.chars().filter(|c| *c != '*').collect();
        assert!(rest.len() < 12, "{masked}");
    }

    #[test]
    fn other_text_is_unchanged() {
        for text in [
            "",
            "100 % & more \\ \\u00",
            "%zz &#; &unknown; %",
            "Canary",
            "नमस्ते",
        ] {
            assert_eq!(redacted(text), text);
        }
    }

    #[test]
    fn values_are_scrubbed_but_short_secrets_are_left() {
        let redactor = Redactor::new([KEY, "1234", "987654321"]);
        let mut value = json!({
            KEY: [KEY, {"date": "1234-01-01", "count": 1234, "number": 987_654_321, "ok": true}],
        });
        redactor.scrub(&mut value);
        let expected = json!({
            "***": ["***", {"date": "1234-01-01", "count": 1234, "number": "***", "ok": true}],
        });
        assert_eq!(value, expected);
        assert!(redactor.finds("x 1234 y") && !redactor.finds("x 12345 y"));
    }
}
