//! Detects whether a file is a PDF and, if it isn't, what kind of file it is.
//!
//! Whether a PDF is complete shows when it is opened.

use super::encoded_pdf::{self, MailForm};
use memchr::memmem;
use std::fmt;

/// How far into a file readers search for the header (ISO 32000-2, Annex I, note on 7.5.2).
const HEADER_WINDOW: usize = 1024;
/// Bytes searched for the entry names of a ZIP archive, at its start and in the directory at its
/// end.
const ZIP_WINDOW: usize = 4096;
const ZIP_DIRECTORY_WINDOW: usize = 64 << 10;
/// Bytes searched for the entry names of an older Office document.
const OFFICE_WINDOW: usize = 64 << 20;
/// Bytes searched for the brands of an ISO base media file.
const BRANDS_WINDOW: usize = 64;
/// Names of attachments that a message lists.
const MAX_NAMES: usize = 3;

/// The kind of a file that isn't a PDF. The display form is a noun with its article.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    /// A HEIC or HEIF image, as phones take.
    Heic,
    /// An AVIF image.
    Avif,
    /// A video.
    Video,
    /// A ZIP archive that isn't a known Office document.
    Zip,
    /// A ZIP archive whose members need a password.
    LockedZip,
    /// A tar archive.
    Tar,
    /// A RAR archive.
    Rar,
    /// A 7-Zip archive.
    SevenZip,
    /// A gzip archive.
    Gzip,
    /// A file that `xz` compressed.
    Xz,
    /// A file that `bzip2` compressed.
    Bzip2,
    /// A file that `zstd` compressed.
    Zstandard,
    /// A Word document (docx).
    Word,
    /// An Excel workbook (xlsx).
    Excel,
    /// Another Office document of the formats since 2007, such as a presentation.
    Office,
    /// A spreadsheet in the open document format (ods).
    OpenDocumentSheet,
    /// Another file in the open document format.
    OpenDocument,
    /// A spreadsheet of Apple Numbers, or another iWork document.
    IWork,
    /// An Excel workbook of the formats before 2007 (xls).
    LegacyExcel,
    /// An Office document of the formats before 2007.
    LegacyOffice,
    /// An Office document that needs a password.
    LockedOffice,
    /// A message that Outlook saved (msg).
    OutlookMessage,
    /// The attachments of a mail in a format of Outlook (TNEF, `winmail.dat`).
    Tnef,
    /// An e-mail that is encrypted, or signed in binary form (S/MIME).
    SecureMail,
    /// An e-mail, with the names of its PDF attachments, or of all if none is a PDF. An unnamed
    /// PDF has an empty name.
    Email(Vec<String>),
    /// E-mails in the mbox format, with the same names.
    Mailbox(Vec<String>),
    /// A web page that a browser saved in MIME format (mhtml).
    SavedWebPage,
    /// The base64 text of a PDF.
    Base64Pdf,
    /// A data URI with a PDF, and its name.
    DataUri(Option<String>),
    /// A PDF in hexadecimal digits.
    HexadecimalPdf,
    /// JSON with a PDF in base64.
    JsonWithPdf,
    /// The attributes of a file that macOS stores beside it (`AppleDouble`).
    AppleDouble,
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
    /// Printable text in ASCII or UTF-8.
    PlainText,
    /// Printable text in UTF-16.
    Utf16Text,
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
    /// Returns whether it is an image or a video.
    pub fn is_image(&self) -> bool {
        matches!(
            self,
            Self::Jpeg
                | Self::Png
                | Self::Gif
                | Self::Tiff
                | Self::Bmp
                | Self::WebP
                | Self::Heic
                | Self::Avif
                | Self::Video
        )
    }

    /// Returns whether it is an archive that can contain a PDF.
    pub fn is_archive(&self) -> bool {
        matches!(
            self,
            Self::Zip
                | Self::LockedZip
                | Self::Rar
                | Self::SevenZip
                | Self::Gzip
                | Self::Xz
                | Self::Bzip2
                | Self::Zstandard
                | Self::Tar
        )
    }

    /// Returns whether it has the form of a ZIP archive, as Office documents have. Its first bytes
    /// can be those of an Office document in an archive; its directory distinguishes them.
    pub fn is_zip(&self) -> bool {
        matches!(
            self,
            Self::Zip
                | Self::LockedZip
                | Self::Word
                | Self::Excel
                | Self::Office
                | Self::OpenDocument
                | Self::OpenDocumentSheet
                | Self::IWork
        )
    }

    /// Returns whether it is a spreadsheet.
    pub fn is_spreadsheet(&self) -> bool {
        matches!(
            self,
            Self::Excel | Self::LegacyExcel | Self::OpenDocumentSheet
        )
    }

    /// Returns whether it is text that contains a PDF in encoded form.
    pub fn is_encoded_pdf(&self) -> bool {
        matches!(
            self,
            Self::Base64Pdf | Self::DataUri(_) | Self::HexadecimalPdf | Self::JsonWithPdf
        )
    }

    /// Detects the kind of a file that isn't a PDF.
    pub(super) fn detect(bytes: &[u8]) -> Self {
        Self::from_magic(bytes)
            .or_else(|| encoded_pdf::detect(bytes))
            .or_else(|| Self::from_utf16(bytes))
            .or_else(|| Self::from_markup(bytes))
            .unwrap_or_else(|| Self::from_content(bytes))
    }

    /// Detects the kind of a file by its first bytes, 512 or more: an e-mail without the names of
    /// its attachments, or what begins with a magic number. Text has none.
    ///
    /// This is the only place that recognizes formats by content, so that an archive is one
    /// wherever it is found. With all bytes, Office documents and ZIP archives are distinguished by
    /// all entries; with the first bytes, by the first entries.
    pub fn of_start(start: &[u8]) -> Option<Self> {
        Self::from_magic(start).or_else(|| {
            Some(match encoded_pdf::mail_form(start)? {
                MailForm::WebPage => Self::SavedWebPage,
                MailForm::Mailbox => Self::Mailbox(Vec::new()),
                MailForm::Mail => Self::Email(Vec::new()),
            })
        })
    }

    fn from_magic(bytes: &[u8]) -> Option<Self> {
        const MAGIC: [(&[u8], FileKind); 24] = [
            (b"\xFF\xD8\xFF", FileKind::Jpeg),
            (b"\x89PNG\r\n\x1a\n", FileKind::Png),
            (b"GIF8", FileKind::Gif),
            (b"II*\0", FileKind::Tiff),
            (b"MM\0*", FileKind::Tiff),
            (b"BM", FileKind::Bmp),
            (b"\x00GITCRYPT", FileKind::GitCrypt),
            (b"\x00\x05\x16\x07", FileKind::AppleDouble),
            (b"\x00\x05\x16\x00", FileKind::AppleDouble),
            // Excel up to version 4 wrote its records without a container.
            (b"\x09\x08\x10\x00", FileKind::LegacyExcel),
            (b"\x09\x04\x06\x00", FileKind::LegacyExcel),
            (b"\x09\x02\x06\x00", FileKind::LegacyExcel),
            (b"{\\rtf", FileKind::Rtf),
            (b"Rar!", FileKind::Rar),
            (b"7z\xBC\xAF\x27\x1C", FileKind::SevenZip),
            (b"\x1F\x8B", FileKind::Gzip),
            (b"\xFD7zXZ\0", FileKind::Xz),
            (b"\x28\xB5\x2F\xFD", FileKind::Zstandard),
            (b"\x78\x9F\x3E\x22", FileKind::Tnef),
            (b"%!PS", FileKind::PostScript),
            (b"\x7FELF", FileKind::Program),
            (b"MZ", FileKind::WindowsProgram),
            (b"SQLite format 3\0", FileKind::Sqlite),
            (b"\x1A\x45\xDF\xA3", FileKind::Video),
        ];
        if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
            return Some(Self::from_zip(bytes));
        }
        if bytes.starts_with(b"\xD0\xCF\x11\xE0") {
            return Some(Self::from_compound_file(bytes));
        }
        if bytes.get(4..8) == Some(b"ftyp") {
            return Some(Self::from_brand(bytes));
        }
        if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
            return Some(Self::WebP);
        }
        if bytes.get(257..262) == Some(b"ustar") {
            return Some(Self::Tar);
        }
        // The fourth byte is the level.
        if bytes.starts_with(b"BZh") && bytes.get(4..10) == Some(b"1AY&SY") {
            return Some(Self::Bzip2);
        }
        let found = MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic));
        found.map(|(_, kind)| kind.clone())
    }

    /// Detects the kind of an ISO base media file by its brands (ISO/IEC 14496-12, 4.3).
    fn from_brand(bytes: &[u8]) -> Self {
        let brands = prefix(bytes, BRANDS_WINDOW).get(8..).unwrap_or_default();
        let (brands, _) = brands.as_chunks::<4>();
        // The first brand is the main one; the others are compatible ones.
        for brand in brands {
            match brand {
                b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" => return Self::Heic,
                b"avif" | b"avis" => return Self::Avif,
                _ => {}
            }
        }
        match brands.first() {
            Some(b"mif1" | b"msf1" | b"miaf") => Self::Heic,
            _ => Self::Video,
        }
    }

    /// Office documents are ZIP archives; the names of their entries identify them.
    fn from_zip(bytes: &[u8]) -> Self {
        let start = prefix(bytes, ZIP_WINDOW);
        let directory = bytes.len().saturating_sub(ZIP_DIRECTORY_WINDOW);
        let end = bytes.get(directory..).unwrap_or_default();
        let has = |needle: &[u8]| {
            memmem::find(start, needle).is_some() || memmem::find(end, needle).is_some()
        };
        // The first entry of an OpenDocument file is its type, uncompressed.
        if memmem::find(start, b"opendocument.spreadsheet").is_some() {
            return Self::OpenDocumentSheet;
        }
        if memmem::find(start, b"mimetypeapplication/vnd.oasis").is_some() {
            return Self::OpenDocument;
        }
        // Bit 0 of the flags of an entry: its data is encrypted.
        if bytes.get(6).is_some_and(|flags| flags & 1 != 0) || has_locked_entry(end) {
            return Self::LockedZip;
        }
        let is_office = has(b"[Content_Types].xml");
        let begins_with = |name| is_office && memmem::find(start, name).is_some();
        if has(b"word/document") || begins_with(b"word/") {
            Self::Word
        } else if has(b"xl/workbook") || begins_with(b"xl/") {
            Self::Excel
        } else if has(b"Index/Document.iwa") {
            Self::IWork
        } else if is_office {
            Self::Office
        } else {
            Self::Zip
        }
    }

    /// Detects the kind of an OLE compound file by the names of its entries, in UTF-16.
    fn from_compound_file(bytes: &[u8]) -> Self {
        let bytes = prefix(bytes, OFFICE_WINDOW);
        let has = |name: &str| {
            let name: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
            memmem::find(bytes, &name).is_some()
        };
        if has("EncryptedPackage") {
            Self::LockedOffice
        } else if has("WordDocument") {
            Self::LegacyOffice
        } else if has("__substg1.0_") {
            Self::OutlookMessage
        } else if has("Workbook\0") || has("Book\0") {
            Self::LegacyExcel
        } else {
            Self::LegacyOffice
        }
    }

    /// Detects text in UTF-16, with or without a byte order mark.
    fn from_utf16(bytes: &[u8]) -> Option<Self> {
        let start = prefix(bytes, HEADER_WINDOW);
        let (start, encoding) = match start {
            [0xFF, 0xFE, rest @ ..] => (rest, encoding_rs::UTF_16LE),
            [0xFE, 0xFF, rest @ ..] => (rest, encoding_rs::UTF_16BE),
            // Without a mark, ASCII shows itself by the zeros between its characters.
            [first, 0, second, 0, ..] if *first != 0 && *second != 0 => {
                (start, encoding_rs::UTF_16LE)
            }
            [0, first, 0, second, ..] if *first != 0 && *second != 0 => {
                (start, encoding_rs::UTF_16BE)
            }
            _ => return None,
        };
        // The last character can be cut.
        let start = start.get(..start.len() / 2 * 2)?;
        let text = encoding.decode_without_bom_handling(start).0;
        let is_noise = |c: char| {
            c.is_control() && !c.is_whitespace() || c == char::REPLACEMENT_CHARACTER || c == '\0'
        };
        if text.is_empty() || text.chars().filter(|c| is_noise(*c)).count() > 1 {
            return None;
        }
        let text = text.as_bytes();
        let inner = encoded_pdf::detect(text).or_else(|| Self::from_markup(text));
        Some(inner.unwrap_or(Self::Utf16Text))
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
        let text = match std::str::from_utf8(start) {
            Ok(text) => Some(text),
            // The last character can be cut.
            Err(error) if error.error_len().is_none() => {
                let valid = start.get(..error.valid_up_to());
                valid.and_then(|valid| std::str::from_utf8(valid).ok())
            }
            Err(_) => None,
        };
        let printable = |c: char| matches!(c, '\t' | '\n' | '\r' | '\x0C') || !c.is_control();
        if text.is_some_and(|text| text.chars().all(printable)) {
            Self::PlainText
        } else if start.iter().all(|b| *b == 0) {
            Self::Zeros
        } else {
            Self::Unknown
        }
    }
}

/// Returns whether the directory of a ZIP archive has an entry whose data is encrypted.
fn has_locked_entry(directory: &[u8]) -> bool {
    memmem::find_iter(directory, b"PK\x01\x02")
        .any(|entry| directory.get(entry + 8).is_some_and(|flags| flags & 1 != 0))
}

/// Lists names for a message, the first ones if there are many.
pub(crate) fn listed(names: &[String]) -> String {
    let shown = names.get(..MAX_NAMES).unwrap_or(names);
    match names.len() - shown.len() {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

impl fmt::Display for FileKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let with_attachments =
            |f: &mut fmt::Formatter<'_>, kind: &str, names: &[String]| match names {
                [] => f.write_str(kind),
                [name] if name.is_empty() => write!(f, "{kind} with a PDF attached"),
                [name] => write!(f, "{kind} with the attachment {name}"),
                names => write!(f, "{kind} with the attachments {}", listed(names)),
            };
        f.write_str(match self {
            Self::Email(names) => return with_attachments(f, "an e-mail", names),
            Self::Mailbox(names) => return with_attachments(f, "a mailbox (mbox)", names),
            Self::DataUri(Some(name)) => {
                return write!(f, "a data URI with the base64 text of the PDF {name}");
            }
            Self::DataUri(None) => "a data URI with the base64 text of a PDF",
            Self::Base64Pdf => "the base64 text of a PDF",
            Self::HexadecimalPdf => "a PDF in hexadecimal digits",
            Self::JsonWithPdf => "JSON with the base64 text of a PDF",
            Self::SavedWebPage => "a saved web page (MHTML)",
            Self::OutlookMessage => "an e-mail saved by Outlook (msg)",
            Self::Tnef => "attachments in a format of Outlook (winmail.dat)",
            Self::SecureMail => "an encrypted or signed e-mail (S/MIME)",
            Self::AppleDouble => "a macOS resource file (AppleDouble)",
            Self::Utf16Text => "plain text (UTF-16)",
            Self::LockedZip => "a password-protected ZIP archive",
            Self::Tar => "a tar archive",
            Self::OpenDocumentSheet => "an OpenDocument spreadsheet (ods)",
            Self::OpenDocument => "an OpenDocument file",
            Self::IWork => "a Numbers, Pages or Keynote document",
            Self::LegacyExcel => "an older Excel workbook (xls)",
            Self::LockedOffice => "a password-protected Office document",
            Self::Jpeg => "a JPEG image",
            Self::Png => "a PNG image",
            Self::Gif => "a GIF image",
            Self::Tiff => "a TIFF image",
            Self::Bmp => "a BMP image",
            Self::WebP => "a WebP image",
            Self::Heic => "a HEIC image",
            Self::Avif => "an AVIF image",
            Self::Video => "a video",
            Self::Zip => "a ZIP archive",
            Self::Rar => "a RAR archive",
            Self::SevenZip => "a 7-Zip archive",
            Self::Gzip => "a gzip archive",
            Self::Xz => "an xz archive",
            Self::Bzip2 => "a bzip2 archive",
            Self::Zstandard => "a Zstandard archive",
            Self::Word => "a Word document (docx)",
            Self::Excel => "an Excel workbook (xlsx)",
            Self::Office => "an Office document",
            Self::LegacyOffice => "an older Office document (such as doc)",
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

/// Returns whether a line begins with the name of a field and a colon (RFC 5322, 2.2).
pub(crate) fn is_field(line: &[u8]) -> bool {
    encoded_pdf::field_name(line).is_some()
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
        let far = [&b"PK\x03\x04...."[..], &[1; 9000], b"xl/workbook.xml"].concat();
        check(&far, FileKind::Excel);
        check(
            b"PK\x03\x04\x14\x00\x01\x00\x63\x00april.pdf",
            FileKind::LockedZip,
        );
        let listed = b"PK\x03\x04\x14\0\0\0note PK\x01\x02\x14\0\x14\0\x01\0april.pdf";
        check(listed, FileKind::LockedZip);
        let sheet = b"PK\x03\x04\x14\0mimetypeapplication/vnd.oasis.opendocument.spreadsheet";
        check(sheet, FileKind::OpenDocumentSheet);
        let text = b"PK\x03\x04\x14\0mimetypeapplication/vnd.oasis.opendocument.text";
        check(text, FileKind::OpenDocument);
        check(b"PK\x03\x04\x14\0....Index/Document.iwa", FileKind::IWork);
        let compound = |name: &str| {
            let name: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
            [b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", &name[..], b"\0\0"].concat()
        };
        check(&compound("Workbook"), FileKind::LegacyExcel);
        check(&compound("Book"), FileKind::LegacyExcel);
        check(&compound("WordDocument"), FileKind::LegacyOffice);
        check(&compound("EncryptedPackage"), FileKind::LockedOffice);
        check(&compound("__substg1.0_0037001F"), FileKind::OutlookMessage);
        check(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", FileKind::Heic);
        check(b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif", FileKind::Avif);
        check(b"\0\0\0\x18ftypmp42\0\0\0\0isom", FileKind::Video);
        check(b"RIFF\x10\0\0\0WEBPVP8 ", FileKind::WebP);
        check(
            b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X",
            FileKind::AppleDouble,
        );
        check(b"\xFF\xFED\0a\0t\0e\0", FileKind::Utf16Text);
        check(b"\xFE\xFF\0D\0a\0t\0e", FileKind::Utf16Text);
        check(b"D\0a\0t\0e\0\n", FileKind::Utf16Text);
        check(b"\xFF\xFE<\0h\0t\0m\0l\0>\0", FileKind::Html);
        check("तारीख,शेष".as_bytes(), FileKind::PlainText);
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
