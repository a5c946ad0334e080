//! Detects the format of an archive: by its content, and by its name if the content is ambiguous.

use super::{last_component, starts_like_pdf};
use std::fmt;

/// Magic number of a tar header, behind its offset.
const TAR_MAGIC: (usize, &[u8]) = (257, b"ustar");
/// How far into a file the fields of a mail are searched.
const MAIL_WINDOW: usize = 64 << 10;
/// Fields of which a mail without a telling name has at least two.
const MAIL_FIELDS: [&str; 14] = [
    "content-type",
    "date",
    "delivered-to",
    "dkim-signature",
    "from",
    "message-id",
    "mime-version",
    "received",
    "reply-to",
    "return-path",
    "subject",
    "to",
    "x-mailer",
    "x-received",
];

/// The format of an archive. The display form is a noun.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ArchiveKind {
    /// A ZIP archive.
    Zip,
    /// A tar archive.
    Tar,
    /// A gzip file: a compressed tar archive, or another compressed file.
    Gzip,
    /// A mail (RFC 5322), as saved with the ending `.eml`.
    Mail,
    /// Several mails in the mbox format.
    Mailbox,
}

impl ArchiveKind {
    /// Returns the format that the ending of a name states. Of compressed files, only tar archives
    /// and PDF files are recognized.
    pub fn of_name(name: &[u8]) -> Option<Self> {
        let name = last_component(name).to_ascii_lowercase();
        let has = |ending: &str| name.ends_with(ending.as_bytes());
        if has(".zip") {
            Some(Self::Zip)
        } else if has(".tar") {
            Some(Self::Tar)
        } else if has(".tgz") || has(".tar.gz") || has(".pdf.gz") {
            Some(Self::Gzip)
        } else if has(".eml") {
            Some(Self::Mail)
        } else if has(".mbox") {
            Some(Self::Mailbox)
        } else {
            None
        }
    }

    /// Returns the format of a file by its first bytes, some KiB or all of them; `None` for a PDF
    /// file and for everything that is not an archive.
    ///
    /// Text that begins with any field is a mail if its name has the ending.
    pub fn of_content(start: &[u8], name: &[u8]) -> Option<Self> {
        let (offset, magic) = TAR_MAGIC;
        if start.starts_with(b"PK\x03\x04") || start.starts_with(b"PK\x05\x06") {
            return Some(Self::Zip);
        }
        if start.starts_with(b"\x1F\x8B") {
            return Some(Self::Gzip);
        }
        if start.get(offset..offset + magic.len()) == Some(magic) {
            return Some(Self::Tar);
        }
        let head = start.get(..MAIL_WINDOW).unwrap_or(start);
        if head.starts_with(b"From ") && known_fields(second_line(head)) > 0 {
            return Some(Self::Mailbox);
        }
        let fields = known_fields(head);
        let is_mail = match Self::of_name(name) {
            Some(Self::Mail) => fields > 0 || is_field(first_line(head)),
            _ => fields > 1,
        };
        if is_mail {
            return Some(Self::Mail);
        }
        // Archives with other bytes before them, such as programs that extract themselves. A PDF
        // file with an archive behind it is a PDF file.
        let is_zip = Self::of_name(name) == Some(Self::Zip) && !starts_like_pdf(start);
        is_zip.then_some(Self::Zip)
    }
}

fn first_line(text: &[u8]) -> &[u8] {
    text.split(|byte| *byte == b'\n').next().unwrap_or(text)
}

fn second_line(text: &[u8]) -> &[u8] {
    let end = memchr::memchr(b'\n', text).map_or(text.len(), |end| end + 1);
    text.get(end..).unwrap_or_default()
}

/// Returns whether a line begins with the name of a field and a colon (RFC 5322, 2.2).
fn is_field(line: &[u8]) -> bool {
    let colon = memchr::memchr(b':', line);
    let name = colon.and_then(|colon| line.get(..colon));
    name.is_some_and(|name| !name.is_empty() && name.iter().all(|b| (33..=126).contains(b)))
}

/// Counts the lines with known fields, up to the first line that is not part of a mail's head.
fn known_fields(head: &[u8]) -> usize {
    let head = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
    let mut known = 0;
    for line in head.split(|byte| *byte == b'\n') {
        if line.starts_with(b" ") || line.starts_with(b"\t") {
            continue;
        }
        if !is_field(line) {
            break;
        }
        let name = line.split(|byte| *byte == b':').next().unwrap_or(line);
        let name = String::from_utf8_lossy(name).to_ascii_lowercase();
        known += usize::from(MAIL_FIELDS.contains(&name.as_str()));
    }
    known
}

impl fmt::Display for ArchiveKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Zip => "ZIP archive",
            Self::Tar => "tar archive",
            Self::Gzip => "gzip file",
            Self::Mail => "e-mail",
            Self::Mailbox => "mailbox",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_state_a_format_by_their_ending() {
        let of = |name: &str| ArchiveKind::of_name(name.as_bytes());
        assert_eq!(of("in/April.ZIP"), Some(ArchiveKind::Zip));
        assert_eq!(of("a.tar.gz"), Some(ArchiveKind::Gzip));
        assert_eq!(of("log.gz"), None);
        assert_eq!(of("a.zip/readme"), None);
        assert_eq!(of("a.docx"), None);
    }

    #[test]
    fn content_decides_before_the_name() {
        let of = |bytes: &[u8], name: &str| ArchiveKind::of_content(bytes, name.as_bytes());
        assert_eq!(of(b"PK\x03\x04", "a.eml"), Some(ArchiveKind::Zip));
        let mail = b"From: a@example.com\r\nSubject: April\r\n\r\ntext";
        assert_eq!(of(mail, "april"), Some(ArchiveKind::Mail));
        assert_eq!(of(b"X-Unsent: 1\r\n\r\n", "a.eml"), Some(ArchiveKind::Mail));
        assert_eq!(of(b"To: do\nbuy milk", "list.txt"), None);
        let mailbox = b"From a@example.com Mon Apr  1\nFrom: a@example.com\n\n";
        assert_eq!(of(mailbox, "in"), Some(ArchiveKind::Mailbox));
        assert_eq!(of(b"From here on, nothing\n", "in"), None);
        assert_eq!(of(b"%PDF-1.7\n", "a.zip"), None);
        assert_eq!(of(b"", "a.eml"), None);
    }
}
