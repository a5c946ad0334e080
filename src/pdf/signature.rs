//! Tells a PDF from what else people upload under that name.
//!
//! Only the first bytes are looked at; whether a PDF is whole is found out by opening it.

use memchr::memmem;

/// How far into a file readers look for the header (ISO 32000-2, Annex I, note on 7.5.2).
const HEADER_WINDOW: usize = 1024;

/// Where a PDF header stands in the first kilobyte, in bytes from the start of the file.
pub(super) fn header_offset(bytes: &[u8]) -> Option<usize> {
    memmem::find(window(bytes, HEADER_WINDOW), b"%PDF-")
}

/// Whether a file begins like one of another kind, with a PDF header behind.
pub(super) fn is_disguised(bytes: &[u8]) -> bool {
    header_offset(bytes).is_some_and(|offset| offset > 0) && magic(bytes).is_some()
}

/// Whether bytes without a header nevertheless hold PDF objects.
///
/// A file whose start was lost keeps them, and readers open such files.
pub(super) fn has_objects(bytes: &[u8]) -> bool {
    memmem::find(bytes, b" obj").is_some() && memmem::find(bytes, b"/Page").is_some()
}

/// What a file is that is no PDF, in words that complete "it is …".
pub(super) fn describe(bytes: &[u8]) -> &'static str {
    magic(bytes)
        .or_else(|| markup(bytes))
        .unwrap_or_else(|| plain(bytes))
}

fn window(bytes: &[u8], len: usize) -> &[u8] {
    bytes.get(..len).unwrap_or(bytes)
}

fn magic(bytes: &[u8]) -> Option<&'static str> {
    const MAGIC: &[(&[u8], &str)] = &[
        (b"\xFF\xD8\xFF", "a JPEG image"),
        (b"\x89PNG\r\n\x1a\n", "a PNG image"),
        (b"GIF8", "a GIF image"),
        (b"II*\0", "a TIFF image"),
        (b"MM\0*", "a TIFF image"),
        (b"BM", "a BMP image"),
        (b"\x00GITCRYPT", "a file encrypted by git-crypt"),
        (b"\xD0\xCF\x11\xE0", "an older Office document (doc or xls)"),
        (b"{\\rtf", "an RTF document"),
        (b"Rar!", "a RAR archive"),
        (b"7z\xBC\xAF\x27\x1C", "a 7-Zip archive"),
        (b"\x1F\x8B", "a gzip archive"),
        (b"%!PS", "a PostScript file"),
        (b"\x7FELF", "a program"),
        (b"MZ", "a Windows program"),
        (b"SQLite format 3\0", "an SQLite database"),
    ];
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        return Some(zip(bytes));
    }
    if bytes.get(4..8) == Some(b"ftyp") {
        return Some("a HEIC image or a video");
    }
    if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        return Some("a WebP image");
    }
    let found = MAGIC.iter().find(|(start, _)| bytes.starts_with(start));
    found.map(|(_, name)| *name)
}

/// An Office document is a ZIP archive whose first entries have telling names.
fn zip(bytes: &[u8]) -> &'static str {
    let start = window(bytes, 4096);
    let has = |needle: &[u8]| memmem::find(start, needle).is_some();
    if has(b"word/") {
        "a Word document (docx)"
    } else if has(b"xl/") {
        "an Excel workbook (xlsx)"
    } else {
        "a ZIP archive"
    }
}

fn markup(bytes: &[u8]) -> Option<&'static str> {
    let start = window(bytes, HEADER_WINDOW).to_ascii_lowercase();
    let text = start
        .strip_prefix(b"\xEF\xBB\xBF")
        .unwrap_or(&start)
        .trim_ascii_start();
    if text.starts_with(b"<!doctype html") || memmem::find(text, b"<html").is_some() {
        return Some("a web page (HTML)");
    }
    if text.starts_with(b"<?xml") {
        return Some("an XML file");
    }
    text.starts_with(b"{").then_some("a JSON or text file")
}

fn plain(bytes: &[u8]) -> &'static str {
    let start = window(bytes, HEADER_WINDOW);
    let printable = |b: &u8| matches!(b, b'\t' | b'\n' | b'\r' | 0x20..=0x7E);
    if start.iter().all(printable) {
        "plain text"
    } else if start.iter().all(|b| *b == 0) {
        "a run of zero bytes"
    } else {
        "unknown binary data"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_files_are_named() {
        let check = |bytes: &[u8], expected: &str| assert_eq!(describe(bytes), expected);
        check(b"\xFF\xD8\xFF\xE0rest", "a JPEG image");
        check(b"PK\x03\x04....xl/workbook.xml", "an Excel workbook (xlsx)");
        check(b"PK\x03\x04....photo.jpg", "a ZIP archive");
        check(
            b"\n<!DOCTYPE html><title>Session expired",
            "a web page (HTML)",
        );
        check(b"Date,Amount,Balance\n", "plain text");
        check(b"\x00\x01\x02\x03", "unknown binary data");
    }

    #[test]
    fn a_header_counts_within_the_first_kilobyte_only() {
        let mut bytes = vec![b' '; 1000];
        bytes.extend_from_slice(b"%PDF-1.4");
        assert_eq!(header_offset(&bytes), Some(1000));
        let mut late = vec![b' '; 1020];
        late.extend_from_slice(b"%PDF-1.4");
        assert_eq!(header_offset(&late), None);
    }
}
