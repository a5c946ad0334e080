//! Candidate passwords, and the bytes that programs may have made of them.
//!
//! A password is typed as text, but a file is locked with bytes. Up to revision 4, the encoding is
//! `PDFDocEncoding` on paper and whatever the program used in practice. From revision 5 on, it is
//! UTF-8 after normalization by `SASLprep` (RFC 4013), which programs skip, or do with the tables
//! of another Unicode version than that of the RFC. All these readings are tried.

use encoding_rs::{Encoding, MACINTOSH, WINDOWS_1252};
use serde::{Deserialize, Serialize};
use std::fmt;
use stringprep::tables;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// Characters without width, which text copied from messages and web pages can contain.
const INVISIBLE: [char; 5] = ['\u{200B}', '\u{200C}', '\u{200D}', '\u{2060}', '\u{FEFF}'];
/// Pairs of quotation marks around a password.
const QUOTES: [(char, char); 8] = [
    ('"', '"'),
    ('\'', '\''),
    ('`', '`'),
    ('\u{201C}', '\u{201D}'),
    ('\u{2018}', '\u{2019}'),
    ('\u{201E}', '\u{201C}'),
    ('\u{AB}', '\u{BB}'),
    ('\u{2039}', '\u{203A}'),
];
/// `PDFDocEncoding` where it differs from Latin-1 (ISO 32000-2, annex D.2).
const PDF_DOC: [(char, u8); 40] = [
    ('\u{2D8}', 0x18),
    ('\u{2C7}', 0x19),
    ('\u{2C6}', 0x1A),
    ('\u{2D9}', 0x1B),
    ('\u{2DD}', 0x1C),
    ('\u{2DB}', 0x1D),
    ('\u{2DA}', 0x1E),
    ('\u{2DC}', 0x1F),
    ('\u{2022}', 0x80),
    ('\u{2020}', 0x81),
    ('\u{2021}', 0x82),
    ('\u{2026}', 0x83),
    ('\u{2014}', 0x84),
    ('\u{2013}', 0x85),
    ('\u{192}', 0x86),
    ('\u{2044}', 0x87),
    ('\u{2039}', 0x88),
    ('\u{203A}', 0x89),
    ('\u{2212}', 0x8A),
    ('\u{2030}', 0x8B),
    ('\u{201E}', 0x8C),
    ('\u{201C}', 0x8D),
    ('\u{201D}', 0x8E),
    ('\u{2018}', 0x8F),
    ('\u{2019}', 0x90),
    ('\u{201A}', 0x91),
    ('\u{2122}', 0x92),
    ('\u{FB01}', 0x93),
    ('\u{FB02}', 0x94),
    ('\u{141}', 0x95),
    ('\u{152}', 0x96),
    ('\u{160}', 0x97),
    ('\u{178}', 0x98),
    ('\u{17D}', 0x99),
    ('\u{131}', 0x9A),
    ('\u{142}', 0x9B),
    ('\u{153}', 0x9C),
    ('\u{161}', 0x9D),
    ('\u{17E}', 0x9E),
    ('\u{20AC}', 0xA0),
];

/// The bytes of a password. They are wiped from memory on drop.
pub(super) type PasswordBytes = Zeroizing<Vec<u8>>;

/// A candidate password. It is wiped from memory on drop, and its debug form hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(Zeroizing<String>);

/// What was removed around a candidate password before it matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum PasswordForm {
    /// Nothing: the candidate as supplied.
    #[default]
    Literal,
    /// Spaces.
    Trimmed,
    /// Spaces, and quotation marks within them.
    Unquoted,
    /// Spaces outside and inside quotation marks, and the quotation marks.
    UnquotedAndTrimmed,
}

impl PasswordForm {
    const ALL: [Self; 4] = [
        Self::Literal,
        Self::Trimmed,
        Self::Unquoted,
        Self::UnquotedAndTrimmed,
    ];

    fn apply(self, text: &str) -> &str {
        match self {
            Self::Literal => text,
            Self::Trimmed => trimmed(text),
            Self::Unquoted => unquoted(trimmed(text)),
            Self::UnquotedAndTrimmed => trimmed(unquoted(trimmed(text))),
        }
    }
}

impl Password {
    /// Takes a password verbatim: UTF-8, spaces included.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(Zeroizing::new(secret.into()))
    }

    /// Returns the secret, for the engines that check it and the upload that sends it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Returns the password in a form, such as without the spaces around it.
    #[must_use]
    pub fn in_form(&self, form: PasswordForm) -> Self {
        Self::new(form.apply(self.expose()))
    }

    /// Returns the password in all forms to try, each text once, the literal one first.
    pub(crate) fn all_forms(&self) -> impl Iterator<Item = Self> {
        self.forms().into_iter().map(|form| self.in_form(form))
    }

    /// Returns the forms to try, each text once, the literal one first.
    pub(super) fn forms(&self) -> Vec<PasswordForm> {
        let mut seen: Vec<&str> = Vec::new();
        let is_new = |form: &PasswordForm| {
            let text = form.apply(self.expose());
            let is_new = !seen.contains(&text) && (!text.is_empty() || seen.is_empty());
            seen.push(text);
            is_new
        };
        PasswordForm::ALL.into_iter().filter(is_new).collect()
    }

    /// Returns the bytes to try for a revision of the security handler, each once. The first ones
    /// are UTF-8.
    pub(super) fn encodings(&self, revision: i64) -> Vec<PasswordBytes> {
        let text = self.expose();
        let mut all = Encodings(vec![Zeroizing::new(text.as_bytes().to_vec())]);
        // All encodings agree on ASCII.
        if text.is_ascii() {
            return all.0;
        }
        let composed = Zeroizing::new(text.nfc().collect::<String>());
        let decomposed = Zeroizing::new(text.nfd().collect::<String>());
        if revision >= 5 {
            all.add_text(&saslprep(text, |_| true));
            // Programs with the tables of Unicode 3.2 keep characters that are newer.
            all.add_text(&saslprep(text, |c| !tables::unassigned_code_point(c)));
        }
        all.add_text(&composed);
        all.add_text(&decomposed);
        all.add_single_bytes(&composed);
        all.add_single_bytes(text);
        if revision >= 5 {
            // UTF-8 taken for another encoding, and encoded once more.
            all.add_text(&WINDOWS_1252.decode_without_bom_handling(text.as_bytes()).0);
            let bytes = text.bytes().map(char::from);
            all.add_text(&Zeroizing::new(bytes.collect::<String>()));
        }
        all.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// A list of byte strings, each once.
struct Encodings(Vec<PasswordBytes>);

impl Encodings {
    fn add(&mut self, bytes: Vec<u8>) {
        let bytes = Zeroizing::new(bytes);
        if !bytes.is_empty() && !self.0.contains(&bytes) {
            self.0.push(bytes);
        }
    }

    fn add_text(&mut self, text: &str) {
        self.add(text.as_bytes().to_vec());
    }

    /// Adds the encodings with one byte per character.
    fn add_single_bytes(&mut self, text: &str) {
        let latin = |c: char| u8::try_from(u32::from(c)).ok();
        if let Some(bytes) = text.chars().map(pdf_doc_byte).collect() {
            self.add(bytes);
        }
        if let Some(bytes) = text.chars().map(latin).collect() {
            self.add(bytes);
        }
        for encoding in [WINDOWS_1252, MACINTOSH] {
            self.add_encoded(text, encoding);
        }
        // Java programs replace characters outside Latin-1, or keep the low byte of each code unit.
        self.add(text.chars().map(|c| latin(c).unwrap_or(b'?')).collect());
        self.add(text.encode_utf16().map(|unit| unit as u8).collect());
    }

    fn add_encoded(&mut self, text: &str, encoding: &'static Encoding) {
        let (bytes, _, has_unmappable) = encoding.encode(text);
        if !has_unmappable {
            self.add(bytes.into_owned());
        }
    }
}

fn pdf_doc_byte(c: char) -> Option<u8> {
    let special = PDF_DOC.iter().find(|(special, _)| *special == c);
    match (special, u32::from(c)) {
        (Some((_, byte)), _) => Some(*byte),
        (None, 0x18..=0x1F | 0x7F..=0xA0 | 0xAD) => None,
        (None, code) => u8::try_from(code).ok(),
    }
}

/// Maps and normalizes a password by `SASLprep`, without its checks for prohibited characters.
/// Keeps the characters that `is_known` rejects.
fn saslprep(text: &str, is_known: impl Fn(char) -> bool) -> Zeroizing<String> {
    let mapped = text
        .chars()
        .filter(|c| !tables::commonly_mapped_to_nothing(*c))
        .map(|c| {
            if tables::non_ascii_space_character(c) {
                ' '
            } else {
                c
            }
        });
    let mapped: Zeroizing<Vec<char>> = Zeroizing::new(mapped.collect());
    let mut out = Zeroizing::new(String::new());
    for run in mapped.chunk_by(|a, b| is_known(*a) == is_known(*b)) {
        if run.first().is_some_and(|first| is_known(*first)) {
            out.extend(run.iter().copied().nfkc());
        } else {
            out.extend(run);
        }
    }
    out
}

fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || INVISIBLE.contains(&c))
}

fn unquoted(text: &str) -> &str {
    QUOTES
        .iter()
        .find_map(|(open, close)| text.strip_prefix(*open)?.strip_suffix(*close))
        .unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has(text: &str, revision: i64, bytes: &[u8]) {
        let encodings = Password::new(text).encodings(revision);
        let found = encodings.iter().any(|encoding| encoding[..] == *bytes);
        assert!(found, "{text} in revision {revision}: {encodings:?}");
    }

    #[test]
    fn text_outside_ascii_is_tried_in_the_encodings_of_other_programs() {
        for revision in [2, 3, 4, 5, 6] {
            has("pässwört", revision, "pässwört".as_bytes());
            has("pässwört", revision, b"p\xE4ssw\xF6rt");
            has("pay€", revision, b"pay\x80");
            has("pay€", revision, b"pay\xA0");
            has("pay€", revision, b"pay\xDB");
            has("pay€", revision, b"pay\xAC");
            has("pay€", revision, b"pay?");
            has("a\u{308}", revision, b"\xE4");
            has("ä", revision, "a\u{308}".as_bytes());
            has("शाखा", revision, "शाखा".as_bytes());
        }
        has("ä", 6, "Ã¤".as_bytes());
    }

    #[test]
    fn saslprep_is_tried_with_the_tables_of_old_and_new_unicode() {
        // The ligature is in Unicode 3.2; the modifier letter and the rupee sign are newer.
        has("ﬁ\u{AD}\u{A0}x", 6, b"fi x");
        has("ﬁᴬ₹", 6, "fiA₹".as_bytes());
        has("ﬁᴬ₹", 6, "fiᴬ₹".as_bytes());
        has("ﬁᴬ₹", 6, "ﬁᴬ₹".as_bytes());
    }

    #[test]
    fn ascii_has_one_encoding() {
        assert_eq!(Password::new("RAJE1503").encodings(6).len(), 1);
        assert_eq!(Password::new("RAJE1503").encodings(2).len(), 1);
    }

    #[test]
    fn spaces_and_quotation_marks_are_removed_after_the_literal_form() {
        let check = |text: &str, expected: &[&str]| {
            let password = Password::new(text);
            let forms = password.forms().into_iter();
            let texts: Vec<_> = forms.map(|form| password.in_form(form)).collect();
            let texts: Vec<_> = texts.iter().map(Password::expose).collect();
            assert_eq!(texts, expected, "{text:?}");
        };
        check("plain", &["plain"]);
        check(" a b\t", &[" a b\t", "a b"]);
        check("\"RAJE\"", &["\"RAJE\"", "RAJE"]);
        check(" “ RAJE ” ", &[" “ RAJE ” ", "“ RAJE ”", " RAJE ", "RAJE"]);
        check("\u{A0}x\u{200B}", &["\u{A0}x\u{200B}", "x"]);
        check("\"", &["\""]);
        check("  ", &["  "]);
        check("", &[""]);
    }
}
