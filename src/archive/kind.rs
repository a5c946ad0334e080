//! Detects the format of an archive: by its content, and by its name if the content is ambiguous.

use super::{last_component, starts_like_pdf};
use crate::pdf::{FileKind, is_field};
use memchr::memmem;
use std::fmt;

/// How far into a file the fields of a mail are searched.
const MAIL_WINDOW: usize = 64 << 10;

/// How far before its end an archive shows whether it is whole: the record that ends a ZIP archive,
/// with the longest comment.
pub const END_BYTES: u64 = 22 + 0xFFFF;
/// The record that ends a ZIP archive.
const ZIP_END: &[u8] = b"PK\x05\x06";
/// The blocks that end a tar archive.
const TAR_END: [u8; 1024] = [0; 1024];

/// Magic number of the files that older programs of Office write.
const COMPOUND_FILE: &[u8] = b"\xD0\xCF\x11\xE0";

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
    /// A format that can contain PDF files, and is not read.
    Unread(Unread),
}

/// A format that is recognized, so that what it contains is not overlooked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unread {
    /// A RAR archive.
    Rar,
    /// A 7-Zip archive.
    SevenZip,
    /// A file that `xz` compressed.
    Xz,
    /// A file that `bzip2` compressed.
    Bzip2,
    /// A file that `zstd` compressed.
    Zstandard,
    /// A message that Outlook saved.
    OutlookMessage,
    /// The attachments of a mail in a format of Outlook.
    Tnef,
    /// An e-mail that is encrypted, or signed in binary form.
    SecureMail,
}

/// The endings of names that state a format, in lower case. Of compressed files, only tar archives
/// and PDF files are recognized.
const ENDINGS: [(&str, ArchiveKind); 23] = [
    (".zip", ArchiveKind::Zip),
    (".tar", ArchiveKind::Tar),
    (".tgz", ArchiveKind::Gzip),
    (".tar.gz", ArchiveKind::Gzip),
    (".pdf.gz", ArchiveKind::Gzip),
    (".eml", ArchiveKind::Mail),
    (".mbox", ArchiveKind::Mailbox),
    (".rar", ArchiveKind::Unread(Unread::Rar)),
    (".7z", ArchiveKind::Unread(Unread::SevenZip)),
    (".txz", ArchiveKind::Unread(Unread::Xz)),
    (".tar.xz", ArchiveKind::Unread(Unread::Xz)),
    (".pdf.xz", ArchiveKind::Unread(Unread::Xz)),
    (".tbz", ArchiveKind::Unread(Unread::Bzip2)),
    (".tbz2", ArchiveKind::Unread(Unread::Bzip2)),
    (".tar.bz2", ArchiveKind::Unread(Unread::Bzip2)),
    (".pdf.bz2", ArchiveKind::Unread(Unread::Bzip2)),
    (".tzst", ArchiveKind::Unread(Unread::Zstandard)),
    (".tar.zst", ArchiveKind::Unread(Unread::Zstandard)),
    (".pdf.zst", ArchiveKind::Unread(Unread::Zstandard)),
    (".msg", ArchiveKind::Unread(Unread::OutlookMessage)),
    (".tnef", ArchiveKind::Unread(Unread::Tnef)),
    ("winmail.dat", ArchiveKind::Unread(Unread::Tnef)),
    (".p7m", ArchiveKind::Unread(Unread::SecureMail)),
];

impl Unread {
    /// Returns the kind of file, for messages.
    pub fn file_kind(self) -> FileKind {
        match self {
            Self::Rar => FileKind::Rar,
            Self::SevenZip => FileKind::SevenZip,
            Self::Xz => FileKind::Xz,
            Self::Bzip2 => FileKind::Bzip2,
            Self::Zstandard => FileKind::Zstandard,
            Self::OutlookMessage => FileKind::OutlookMessage,
            Self::Tnef => FileKind::Tnef,
            Self::SecureMail => FileKind::SecureMail,
        }
    }
}

impl ArchiveKind {
    /// Returns the format that the ending of a name states.
    pub fn of_name(name: &[u8]) -> Option<Self> {
        let name = last_component(name).to_ascii_lowercase();
        let mut endings = ENDINGS.iter();
        let found = endings.find(|(ending, _)| name.ends_with(ending.as_bytes()));
        found.map(|(_, kind)| *kind)
    }

    /// Returns the format of a file by its first bytes, some KiB or all of them; `None` for a PDF
    /// file and for everything that is not an archive. [`FileKind::of_start`] recognizes it.
    ///
    /// Text that begins with any field is a mail if its name has the ending. An Office document has
    /// the form of a ZIP archive, and is one here: only its directory shows the difference.
    pub fn of_content(start: &[u8], name: &[u8]) -> Option<Self> {
        let by_name = Self::of_name(name);
        let head = start.get(..MAIL_WINDOW).unwrap_or(start);
        if let Some(kind) = FileKind::of_start(head).as_ref().and_then(Self::of_file) {
            return Some(kind);
        }
        match by_name? {
            Self::Mail if is_field(first_line(head)) => Some(Self::Mail),
            // Archives with other bytes before them, such as programs that extract themselves. A
            // PDF file with an archive behind it is a PDF file.
            Self::Zip if !starts_like_pdf(start) => Some(Self::Zip),
            // Its first bytes are those of any document of Office.
            message @ Self::Unread(Unread::OutlookMessage) if start.starts_with(COMPOUND_FILE) => {
                Some(message)
            }
            // Encrypted data has no magic number.
            secure @ Self::Unread(Unread::SecureMail) if !starts_like_pdf(start) => Some(secure),
            _ => None,
        }
    }

    /// Returns whether the end of a file, its last [`END_BYTES`], shows that it is whole. Only some
    /// formats mark their end: of the mails, those with several parts.
    pub fn has_end(self, end: &[u8]) -> bool {
        match self {
            Self::Zip => memmem::rfind(end, ZIP_END).is_some(),
            Self::Tar => end.ends_with(&TAR_END),
            Self::Mail => last_line(end).is_some_and(is_closing_boundary),
            Self::Gzip | Self::Mailbox | Self::Unread(_) => false,
        }
    }

    fn of_file(kind: &FileKind) -> Option<Self> {
        Some(match kind {
            kind if kind.is_zip() => Self::Zip,
            FileKind::Tar => Self::Tar,
            FileKind::Gzip => Self::Gzip,
            FileKind::Email(_) => Self::Mail,
            FileKind::Mailbox(_) => Self::Mailbox,
            FileKind::Rar => Self::Unread(Unread::Rar),
            FileKind::SevenZip => Self::Unread(Unread::SevenZip),
            FileKind::Xz => Self::Unread(Unread::Xz),
            FileKind::Bzip2 => Self::Unread(Unread::Bzip2),
            FileKind::Zstandard => Self::Unread(Unread::Zstandard),
            FileKind::OutlookMessage => Self::Unread(Unread::OutlookMessage),
            FileKind::Tnef => Self::Unread(Unread::Tnef),
            FileKind::SecureMail => Self::Unread(Unread::SecureMail),
            _ => return None,
        })
    }
}

fn first_line(text: &[u8]) -> &[u8] {
    let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
    text.split(|byte| *byte == b'\n').next().unwrap_or(text)
}

/// Returns the last line that is not empty.
fn last_line(text: &[u8]) -> Option<&[u8]> {
    let mut lines = text.rsplit(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    lines.find(|line| !line.is_empty())
}

/// Returns whether a line ends a mail with several parts (RFC 2046, 5.1.1).
fn is_closing_boundary(line: &[u8]) -> bool {
    let boundary = line
        .strip_prefix(b"--")
        .and_then(|line| line.strip_suffix(b"--"));
    boundary.is_some_and(|boundary| !boundary.is_empty())
}

impl fmt::Display for ArchiveKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Zip => "ZIP archive",
            Self::Tar => "tar archive",
            Self::Gzip => "gzip file",
            Self::Mail => "e-mail",
            Self::Mailbox => "mailbox",
            Self::Unread(_) => "archive",
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
        assert_eq!(of("A.RAR"), Some(ArchiveKind::Unread(Unread::Rar)));
        assert_eq!(of("a/winmail.dat"), Some(ArchiveKind::Unread(Unread::Tnef)));
    }

    #[test]
    fn the_end_of_a_file_shows_whether_it_is_whole() {
        let check = |kind: ArchiveKind, end: &[u8], expected: bool| {
            assert_eq!(kind.has_end(end), expected, "{kind}");
        };
        check(ArchiveKind::Zip, b"PK\x05\x06 and a comment", true);
        check(ArchiveKind::Zip, b"PK\x01\x02", false);
        check(ArchiveKind::Tar, &[0; 2048], true);
        check(ArchiveKind::Tar, &[0; 512], false);
        check(ArchiveKind::Mail, b"JVBERi0\r\n--b1--\r\n\r\n", true);
        check(ArchiveKind::Mail, b"--b1\r\nJVBERi0\r\n", false);
        check(ArchiveKind::Mail, b"----\r\n", false);
        check(ArchiveKind::Gzip, &[0; 2048], false);
    }

    #[test]
    fn content_decides_before_the_name() {
        let of = |bytes: &[u8], name: &str| ArchiveKind::of_content(bytes, name.as_bytes());
        assert_eq!(of(b"PK\x03\x04", "a.eml"), Some(ArchiveKind::Zip));
        let mail = b"From: a@example.com\r\nSubject: April\r\nTo: b@example.com\r\n\r\ntext";
        assert_eq!(of(mail, "april"), Some(ArchiveKind::Mail));
        assert_eq!(of(b"X-Unsent: 1\r\n\r\n", "a.eml"), Some(ArchiveKind::Mail));
        assert_eq!(of(b"To: do\nbuy milk", "list.txt"), None);
        let mailbox = b"From a@example.com Mon Apr  1\nFrom: a@example.com\n\n";
        assert_eq!(of(mailbox, "in"), Some(ArchiveKind::Mailbox));
        assert_eq!(of(b"From here on, nothing\n", "in"), None);
        assert_eq!(of(b"%PDF-1.7\n", "a.zip"), None);
        assert_eq!(of(b"", "a.eml"), None);
        let unread = |kind| Some(ArchiveKind::Unread(kind));
        assert_eq!(of(b"Rar!\x1A\x07\x01", "a.zip"), unread(Unread::Rar));
        assert_eq!(of(b"BZh91AY&SY", "a"), unread(Unread::Bzip2));
        assert_eq!(of(b"\x30\x82", "smime.p7m"), unread(Unread::SecureMail));
        // Text has lines like fields by accident.
        let dates = b"From: 01/04/2024\nTo: 30/06/2024\n\nDate Amount\n";
        assert_eq!(of(dates, "april.txt"), None);
        // A head that is longer than what was read of it.
        let cut = b"Received: from a\r\nDKIM-Signature: v=1;\r\n b=abc\r\nReceiv";
        assert_eq!(of(cut, "1680.M1P2"), Some(ArchiveKind::Mail));
    }
}
