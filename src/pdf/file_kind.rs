//! Detects whether a file is a PDF and, if it isn't, what kind of file it is.
//!
//! Only [`has_objects`] reads past the first kilobytes. Whether a PDF is complete shows when it is
//! opened.

use memchr::memmem;
use std::fmt;

/// How far into a file readers search for the header (ISO 32000-2, Annex I, note on 7.5.2).
const HEADER_WINDOW: usize = 1024;
/// Bytes searched for the entry names of a ZIP archive.
const ZIP_WINDOW: usize = 4096;

/// The kind of a file that isn't a PDF. The display form is a noun with its article.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileKind {
    /// A JPEG image.
    Jpeg,
    /// A PNG image.
    Png,
    /// A GIF image.
    Gif,
    /// A TIFF image.
    Tiff,
    /// A BMP image.
    Bmp,
    /// A WebP image.
    WebP,
    /// An ISO base media file: photos and videos of phones.
    HeicOrVideo,
    /// A ZIP archive that isn't a known Office document.
    Zip,
    /// A RAR archive.
    Rar,
    /// A 7-Zip archive.
    SevenZip,
    /// A gzip archive.
    Gzip,
    /// A Word document (docx).
    Word,
    /// An Excel workbook (xlsx).
    Excel,
    /// An Office document of the formats before 2007.
    LegacyOffice,
    /// An RTF document.
    Rtf,
    /// A PostScript file.
    PostScript,
    /// A web page.
    Html,
    /// An XML file.
    Xml,
    /// A JSON file, or text that begins with a brace.
    Json,
    /// Printable ASCII text.
    PlainText,
    /// An SQLite database.
    Sqlite,
    /// A file that `git-crypt` encrypted.
    GitCrypt,
    /// A Linux program.
    Program,
    /// A Windows program.
    WindowsProgram,
    /// Zero bytes only.
    Zeros,
    /// Anything else.
    Unknown,
}

impl FileKind {
    /// Returns whether it is an image, or may be one.
    pub fn is_image(self) -> bool {
        matches!(
            self,
            Self::Jpeg
                | Self::Png
                | Self::Gif
                | Self::Tiff
                | Self::Bmp
                | Self::WebP
                | Self::HeicOrVideo
        )
    }

    /// Returns whether it is an archive that can contain a PDF.
    pub fn is_archive(self) -> bool {
        matches!(self, Self::Zip | Self::Rar | Self::SevenZip | Self::Gzip)
    }

    /// Detects the kind of a file that isn't a PDF.
    pub(super) fn detect(bytes: &[u8]) -> Self {
        Self::from_magic(bytes)
            .or_else(|| Self::from_markup(bytes))
            .unwrap_or_else(|| Self::from_content(bytes))
    }

    fn from_magic(bytes: &[u8]) -> Option<Self> {
        const MAGIC: [(&[u8], FileKind); 16] = [
            (b"\xFF\xD8\xFF", FileKind::Jpeg),
            (b"\x89PNG\r\n\x1a\n", FileKind::Png),
            (b"GIF8", FileKind::Gif),
            (b"II*\0", FileKind::Tiff),
            (b"MM\0*", FileKind::Tiff),
            (b"BM", FileKind::Bmp),
            (b"\x00GITCRYPT", FileKind::GitCrypt),
            (b"\xD0\xCF\x11\xE0", FileKind::LegacyOffice),
            (b"{\\rtf", FileKind::Rtf),
            (b"Rar!", FileKind::Rar),
            (b"7z\xBC\xAF\x27\x1C", FileKind::SevenZip),
            (b"\x1F\x8B", FileKind::Gzip),
            (b"%!PS", FileKind::PostScript),
            (b"\x7FELF", FileKind::Program),
            (b"MZ", FileKind::WindowsProgram),
            (b"SQLite format 3\0", FileKind::Sqlite),
        ];
        if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
            return Some(Self::from_zip(bytes));
        }
        if bytes.get(4..8) == Some(b"ftyp") {
            return Some(Self::HeicOrVideo);
        }
        if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
            return Some(Self::WebP);
        }
        let found = MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic));
        found.map(|(_, kind)| *kind)
    }

    /// Office documents are ZIP archives; the names of their first entries identify them.
    fn from_zip(bytes: &[u8]) -> Self {
        let start = prefix(bytes, ZIP_WINDOW);
        let has = |needle: &[u8]| memmem::find(start, needle).is_some();
        if has(b"word/") {
            Self::Word
        } else if has(b"xl/") {
            Self::Excel
        } else {
            Self::Zip
        }
    }

    fn from_markup(bytes: &[u8]) -> Option<Self> {
        let start = prefix(bytes, HEADER_WINDOW).to_ascii_lowercase();
        let text = start
            .strip_prefix(b"\xEF\xBB\xBF")
            .unwrap_or(&start)
            .trim_ascii_start();
        // Error pages of web servers often have no doctype, or begin with a comment.
        if text.starts_with(b"<!doctype html") || memmem::find(text, b"<html").is_some() {
            return Some(Self::Html);
        }
        if text.starts_with(b"<?xml") {
            return Some(Self::Xml);
        }
        text.starts_with(b"{").then_some(Self::Json)
    }

    fn from_content(bytes: &[u8]) -> Self {
        let start = prefix(bytes, HEADER_WINDOW);
        let printable = |b: &u8| matches!(b, b'\t' | b'\n' | b'\r' | 0x20..=0x7E);
        if start.iter().all(printable) {
            Self::PlainText
        } else if start.iter().all(|b| *b == 0) {
            Self::Zeros
        } else {
            Self::Unknown
        }
    }
}

impl fmt::Display for FileKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Jpeg => "a JPEG image",
            Self::Png => "a PNG image",
            Self::Gif => "a GIF image",
            Self::Tiff => "a TIFF image",
            Self::Bmp => "a BMP image",
            Self::WebP => "a WebP image",
            Self::HeicOrVideo => "a HEIC image or a video",
            Self::Zip => "a ZIP archive",
            Self::Rar => "a RAR archive",
            Self::SevenZip => "a 7-Zip archive",
            Self::Gzip => "a gzip archive",
            Self::Word => "a Word document (docx)",
            Self::Excel => "an Excel workbook (xlsx)",
            Self::LegacyOffice => "an older Office document (doc or xls)",
            Self::Rtf => "an RTF document",
            Self::PostScript => "a PostScript file",
            Self::Html => "a web page (HTML)",
            Self::Xml => "an XML file",
            Self::Json => "a JSON or text file",
            Self::PlainText => "plain text",
            Self::Sqlite => "an SQLite database",
            Self::GitCrypt => "a file encrypted by git-crypt",
            Self::Program => "a program",
            Self::WindowsProgram => "a Windows program",
            Self::Zeros => "a run of zero bytes",
            Self::Unknown => "unknown binary data",
        })
    }
}

/// Returns the offset of a PDF header in the first kilobyte.
pub(super) fn header_offset(bytes: &[u8]) -> Option<usize> {
    memmem::find(prefix(bytes, HEADER_WINDOW), b"%PDF-")
}

/// Returns whether a file begins like another kind of file and has a PDF header after that.
pub(super) fn is_disguised(bytes: &[u8]) -> bool {
    header_offset(bytes).is_some_and(|offset| offset > 0) && FileKind::from_magic(bytes).is_some()
}

/// Returns whether bytes without a header contain PDF objects.
///
/// Files that lost their start still contain them, and readers open such files.
pub(super) fn has_objects(bytes: &[u8]) -> bool {
    memmem::find(bytes, b" obj").is_some() && memmem::find(bytes, b"/Page").is_some()
}

fn prefix(bytes: &[u8], len: usize) -> &[u8] {
    bytes.get(..len).unwrap_or(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_kinds_of_files_are_detected() {
        let check = |bytes: &[u8], expected| assert_eq!(FileKind::detect(bytes), expected);
        check(b"\xFF\xD8\xFF\xE0rest", FileKind::Jpeg);
        check(b"PK\x03\x04....xl/workbook.xml", FileKind::Excel);
        check(b"PK\x03\x04....photo.jpg", FileKind::Zip);
        check(b"\n<!DOCTYPE html><title>Session expired", FileKind::Html);
        check(b"Date,Amount,Balance\n", FileKind::PlainText);
        check(b"\x00\x01\x02\x03", FileKind::Unknown);
    }

    #[test]
    fn a_header_counts_only_within_the_first_kilobyte() {
        let mut bytes = vec![b' '; 1000];
        bytes.extend_from_slice(b"%PDF-1.4");
        assert_eq!(header_offset(&bytes), Some(1000));
        let mut late = vec![b' '; 1020];
        late.extend_from_slice(b"%PDF-1.4");
        assert_eq!(header_offset(&late), None);
    }
}
