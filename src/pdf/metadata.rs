//! Reads the document information dictionary (ISO 32000-2, 14.3.3).

use hayro_syntax::object::DateTime;
use hayro_syntax::{Pdf, PdfVersion};
use serde::{Deserialize, Serialize};

/// Characters kept of a metadata string.
const MAX_CHARS: usize = 200;
/// Earlier dates are errors: the PDF format is from the 1990s.
const FIRST_YEAR: u16 = 1990;

/// The document information. Its strings are untrusted and not yet sanitized.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Metadata {
    /// The PDF version, such as `1.4`.
    pub version: String,
    /// The program that wrote the file.
    pub producer: Option<String>,
    /// The program that created the original document.
    pub creator: Option<String>,
    /// When the document was created, as RFC 3339.
    pub created: Option<String>,
    /// When the document was last modified, as RFC 3339.
    pub modified: Option<String>,
}

impl Metadata {
    pub(super) fn of(pdf: &Pdf) -> Self {
        let info = pdf.metadata();
        Self {
            version: version(pdf.version()).to_owned(),
            producer: info.producer.as_deref().and_then(text_string),
            creator: info.creator.as_deref().and_then(text_string),
            created: info.creation_date.and_then(rfc3339),
            modified: info.modification_date.and_then(rfc3339),
        }
    }
}

pub(super) fn version(version: PdfVersion) -> &'static str {
    match version {
        PdfVersion::Pdf10 => "1.0",
        PdfVersion::Pdf11 => "1.1",
        PdfVersion::Pdf12 => "1.2",
        PdfVersion::Pdf13 => "1.3",
        PdfVersion::Pdf14 => "1.4",
        PdfVersion::Pdf15 => "1.5",
        PdfVersion::Pdf16 => "1.6",
        PdfVersion::Pdf17 => "1.7",
        PdfVersion::Pdf20 => "2.0",
    }
}

/// Decodes a text string (ISO 32000-2, 7.9.2.2): UTF-16 or UTF-8 with a byte order mark, else
/// PDFDocEncoding.
///
/// Some banks write these strings unencrypted into encrypted files, so that decryption turns them
/// into noise. Strings that look like noise are dropped: `None`.
pub(super) fn text_string(bytes: &[u8]) -> Option<String> {
    let text = match bytes {
        [0xFE, 0xFF, rest @ ..] => encoding_rs::UTF_16BE.decode_without_bom_handling(rest).0,
        [0xFF, 0xFE, rest @ ..] => encoding_rs::UTF_16LE.decode_without_bom_handling(rest).0,
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8_lossy(rest),
        // PDFDocEncoding equals Latin-1 except for some punctuation.
        _ => {
            encoding_rs::WINDOWS_1252
                .decode_without_bom_handling(bytes)
                .0
        }
    };
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\0');
    let is_noise = |c: char| c.is_control() || c == char::REPLACEMENT_CHARACTER;
    if text.is_empty() || text.contains(is_noise) {
        return None;
    }
    // UTF-16 strings may be in any script; in the others, many non-ASCII characters are noise.
    let non_ascii = text.chars().filter(|c| !c.is_ascii()).count();
    if !bytes.starts_with(&[0xFE, 0xFF]) && non_ascii * 3 > text.chars().count() {
        return None;
    }
    Some(text.chars().take(MAX_CHARS).collect())
}

fn rfc3339(date: DateTime) -> Option<String> {
    let valid = date.year >= FIRST_YEAR
        && (1..=12).contains(&date.month)
        && (1..=31).contains(&date.day)
        && date.hour < 24
        && date.minute < 60
        && date.second < 61;
    let offset_minutes = i32::from(date.utc_offset_hour) * 60
        + i32::from(date.utc_offset_hour.signum()) * i32::from(date.utc_offset_minute);
    let zone = if offset_minutes == 0 {
        "Z".to_owned()
    } else {
        let sign = if offset_minutes < 0 { '-' } else { '+' };
        let minutes = offset_minutes.abs();
        format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
    };
    valid.then(|| {
        format!(
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{zone}",
            date.year, date.month, date.day, date.hour, date.minute, date.second
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_strings_are_decoded_and_noise_is_dropped() {
        let check = |bytes: &[u8], expected: Option<&str>| {
            assert_eq!(text_string(bytes).as_deref(), expected);
        };
        check(b"iText 2.1.7", Some("iText 2.1.7"));
        check(b"\xFE\xFF\x00B\x00o\x00I", Some("BoI"));
        check(b"\x8B\x02\xF1\x9Cx\x11", None);
        check(b"\xE9\xF1\xC8\xD5\xB6a", None);
        check(b"", None);
    }
}
