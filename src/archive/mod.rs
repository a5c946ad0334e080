//! Archives and mails: lists the PDF files in them, and reads single members, within limits.
//!
//! This module is pure: it takes the bytes of a ZIP or tar archive, a mail or a mailbox, and
//! returns names and bytes of members. It opens no file, and writes none: names of members, which
//! are untrusted, are only ever displayed and compared.
//!
//! It runs in the main process, without isolation. The readers are safe Rust over a slice of bytes:
//! every offset is checked, no length of the archive is allocated before it was compared with a
//! limit, and nesting has a depth. What isolation is for (engines that hang, allocate without bound
//! or overflow their stack) can't occur, and starting a process costs more than reading a mail.
//! Members are PDF files, which are screened as any other file, in isolation where necessary.
//!
//! A member is a range of the archive's bytes: it is listed without being decoded, counted against
//! one budget, and read again at upload. Headers of tar archives are read by the crate `tar`. ZIP
//! archives and mails are read by own code: the crate `zip` (9.8.2) keeps one entry per name, so
//! that one of two statements with one name would be lost. The crate `mail-parser` (0.11.9)
//! overflows the stack when it drops a mail of 6 MB that consists of nested messages. The crate
//! `mailparse` (0.18.0) has no limit of parts, so that a mail of 12 MB with empty ones takes
//! 467 MB, and decodes fields in quadratic time: one of 60 KB takes a second.

mod kind;
mod listing;
mod mail;
mod mailbox;
mod tar;
mod zip;

pub use kind::{ArchiveKind, END_BYTES, Unread};
pub use listing::{Listed, Listing, PdfMember, Problem};
pub use mail::MailText;

use crate::pdf::{FileBytes, Password};
use flate2::read::MultiGzDecoder;
use mail::Transfer;
use memchr::memmem;
use std::io::{self, Read};
use std::ops::Range;
use std::sync::Arc;

/// How far into a member the header of a PDF is searched, as in files.
const PDF_WINDOW: usize = 1024;
/// Maximum depth of archives in archives: a ZIP archive in a forwarded mail in a mailbox is the
/// fourth level.
const MAX_DEPTH: usize = 4;

/// Returns whether the header of a PDF file begins near the start of a file, of which 1,024 bytes
/// suffice.
pub fn starts_like_pdf(start: &[u8]) -> bool {
    let window = start.get(..PDF_WINDOW).unwrap_or(start);
    memmem::find(window, b"%PDF").is_some()
}

/// What is read of one archive at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArchiveLimits {
    /// Size in bytes of an archive that is a file, and of the content of a gzip file.
    pub archive_bytes: u64,
    /// Size in bytes of one member, inflated: a PDF file, or an archive in an archive.
    pub member_bytes: u64,
    /// Sum in bytes of the sizes of all members that are read: inflated, or in the archive if that
    /// is more.
    pub total_bytes: u64,
    /// Number of members, those that are not PDF files included.
    pub members: usize,
    /// Number of archives around a PDF file.
    pub depth: usize,
}

impl ArchiveLimits {
    /// Returns the limits for PDF files of at most `member_bytes` bytes.
    pub fn new(member_bytes: u64) -> Self {
        Self {
            archive_bytes: 256 << 20,
            member_bytes,
            total_bytes: 2 << 30,
            members: 10_000,
            depth: MAX_DEPTH,
        }
    }
}

/// Why an archive or a member could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ArchiveError {
    /// It is larger than a limit.
    #[error("larger than {limit} bytes")]
    TooLarge {
        /// Its size in bytes; `None` if it was not read to its end.
        size: Option<u64>,
        /// The limit in bytes.
        limit: u64,
    },
    /// It is an archive of a format that is not read.
    #[error("{} is not read", .0.file_kind())]
    Unread(Unread),
    /// It is not an archive.
    #[error("not an archive")]
    OtherFormat,
    /// The archive contradicts its format.
    #[error("{kind} is damaged: {what}")]
    Damaged {
        /// The format.
        kind: ArchiveKind,
        /// What is wrong.
        what: &'static str,
    },
    /// A member is encrypted, and no password opens it.
    #[error("encrypted with {method}")]
    Locked {
        /// The algorithm.
        method: &'static str,
        /// The number of passwords that were tried.
        tried: usize,
    },
    /// A member is encrypted, and the time ended before all passwords were tried.
    #[error("not opened within the time limit")]
    TimeLimit,
    /// The format has a feature that is not supported.
    #[error("{0} is not supported")]
    Unsupported(String),
    /// The archive has more members than the limit.
    #[error("more than {0} members")]
    Members(usize),
    /// The sizes of all members add up to more bytes than the limit.
    #[error("more than {0} bytes in all members")]
    Total(u64),
    /// Archives are nested more deeply than the limit.
    #[error("archives are nested more than {0} levels deep")]
    Depth(usize),
    /// No password opens this many archives in the archive, and further ones are not tried.
    #[error("more than {0} locked archives in the archive")]
    LockedArchives(usize),
    /// None of this many passwords opens a member, and further ones are not tried.
    #[error("none of the first {0} passwords opens it")]
    Passwords(usize),
    /// The archive has changed since it was listed.
    #[error("the archive changed while it was read")]
    Changed,
}

/// The passwords to try on a locked member.
#[derive(Clone, Copy)]
pub struct Tries<'t> {
    /// The passwords, the likely ones first.
    pub passwords: &'t [&'t Password],
    /// Returns whether time remains for the next one.
    pub may_continue: &'t dyn Fn() -> bool,
}

impl<'t> Tries<'t> {
    /// Returns tries that end with the last password.
    pub fn of(passwords: &'t [&'t Password]) -> Self {
        let may_continue = &|| true;
        Self {
            passwords,
            may_continue,
        }
    }
}

/// An archive with the list of its members.
#[derive(Debug)]
pub struct Archive {
    bytes: FileBytes,
    members: Vec<Member>,
    /// Why the list of members is not complete.
    incomplete: Option<ArchiveError>,
    /// The texts of a mail, and its sender.
    text: Option<mail::TextParts>,
}

/// The content of a member.
#[derive(Debug)]
pub struct MemberContent {
    /// The bytes of the file.
    pub bytes: Vec<u8>,
    /// The password that opened it; `None` if it is not encrypted.
    pub opened_by: Option<Password>,
}

/// A member of an archive.
#[derive(Debug)]
struct Member {
    /// The name in the archive, or one by its position. Untrusted, and not always UTF-8.
    name: Vec<u8>,
    /// The declared size in bytes, or an estimate from above.
    size: u64,
    /// The kind of an archive that is not recognized by its name.
    kind: Option<ArchiveKind>,
    data: MemberData,
}

impl Member {
    /// Returns the number of bytes that reading the member processes, for the limit of all members.
    fn cost(&self) -> u64 {
        match &self.data {
            MemberData::Zip(entry) => entry.cost(),
            MemberData::Plain(_) | MemberData::Encoded(..) => self.size,
            MemberData::Unread(_) => 0,
        }
    }
}

/// The bytes of a member.
#[derive(Debug)]
enum MemberData {
    /// As they are in the archive.
    Plain(Range<usize>),
    /// As the part of a mail.
    Encoded(Range<usize>, Transfer),
    /// As the entry of a ZIP archive.
    Zip(zip::Entry),
    /// In a form that is not read.
    Unread(ArchiveError),
}

/// The members of an archive, as the reader of its format lists them.
#[derive(Debug, Default)]
struct MemberList {
    members: Vec<Member>,
    /// Why there can be more.
    incomplete: Option<ArchiveError>,
}

impl MemberContent {
    fn plain(bytes: Vec<u8>) -> Self {
        let opened_by = None;
        Self { bytes, opened_by }
    }
}

impl Archive {
    /// Lists the members of an archive. The content decides about the format; `name` does if the
    /// content leaves it open.
    ///
    /// # Errors
    ///
    /// If the bytes are not an archive, or are damaged so that no member can be found.
    pub fn open(
        bytes: FileBytes,
        name: &[u8],
        limits: &ArchiveLimits,
    ) -> Result<Self, ArchiveError> {
        let kind = ArchiveKind::of_content(&bytes, name).ok_or(ArchiveError::OtherFormat)?;
        let mut text = None;
        let list = match kind {
            ArchiveKind::Zip => {
                let list = zip::list(&bytes, limits.members)?;
                if is_office_document(&list) {
                    return Err(ArchiveError::OtherFormat);
                }
                list
            }
            ArchiveKind::Tar => tar::list(&bytes, limits.members)?,
            ArchiveKind::Mailbox => mailbox::list(&bytes, limits.members),
            ArchiveKind::Mail => {
                let mail = mail::list(&bytes, limits.members);
                text = Some(mail.text);
                mail.list
            }
            ArchiveKind::Gzip => return Self::open_gzip(&bytes, name, limits),
            ArchiveKind::Unread(format) => return Err(ArchiveError::Unread(format)),
        };
        Ok(Self {
            bytes,
            members: list.members,
            incomplete: list.incomplete,
            text,
        })
    }

    /// Opens a gzip file: a tar archive, or one member with the name of the file without `.gz`.
    fn open_gzip(
        bytes: &FileBytes,
        name: &[u8],
        limits: &ArchiveLimits,
    ) -> Result<Self, ArchiveError> {
        let limit = limits.archive_bytes;
        let content = read_limited(MultiGzDecoder::new(bytes.as_slice()), limit).map_err(
            |error| match error {
                ReadFailure::TooLarge => ArchiveError::TooLarge { size: None, limit },
                ReadFailure::Damaged => damaged(ArchiveKind::Gzip, "its data can't be inflated"),
            },
        )?;
        let content = Arc::new(content);
        if ArchiveKind::of_content(&content, b"") == Some(ArchiveKind::Tar) {
            let list = tar::list(&content, limits.members)?;
            return Ok(Self {
                bytes: content,
                members: list.members,
                incomplete: list.incomplete,
                text: None,
            });
        }
        let name = last_component(name);
        let stem = name.len().checked_sub(b".gz".len());
        let stem = stem.and_then(|end| Some((name.get(..end)?, name.get(end..)?)));
        let stem = match stem {
            Some((stem, end)) if !stem.is_empty() && end.eq_ignore_ascii_case(b".gz") => stem,
            _ => b"content",
        };
        let member = Member {
            name: stem.to_vec(),
            size: content.len() as u64,
            kind: None,
            data: MemberData::Plain(0..content.len()),
        };
        Ok(Self {
            bytes: content,
            members: vec![member],
            incomplete: None,
            text: None,
        })
    }

    /// Reads a member of at most `limit` bytes, with the first of the passwords that opens it.
    ///
    /// # Errors
    ///
    /// If there is no such member, it exceeds the limit, is damaged, or no password opens it in
    /// time.
    pub fn read(
        &self,
        index: usize,
        limit: u64,
        tries: &Tries<'_>,
    ) -> Result<MemberContent, ArchiveError> {
        let member = self.members.get(index).ok_or(ArchiveError::Changed)?;
        let too_large = |size| ArchiveError::TooLarge { size, limit };
        match &member.data {
            MemberData::Plain(_) | MemberData::Zip(_) if member.size > limit => {
                Err(too_large(Some(member.size)))
            }
            MemberData::Plain(range) => Ok(MemberContent::plain(self.slice(range).to_vec())),
            MemberData::Encoded(range, transfer) => {
                let bytes = transfer.decode(self.slice(range));
                let size = bytes.len() as u64;
                if size > limit {
                    return Err(too_large(Some(size)));
                }
                Ok(MemberContent::plain(bytes))
            }
            MemberData::Zip(entry) => entry.read(&self.bytes, tries),
            MemberData::Unread(error) => Err(error.clone()),
        }
    }

    /// Returns the first bytes of a member; `None` if they can't be read, as those of an encrypted
    /// member.
    fn start(&self, member: &Member) -> Option<Vec<u8>> {
        match &member.data {
            MemberData::Plain(range) => {
                let bytes = self.slice(range);
                Some(bytes.get(..PDF_WINDOW).unwrap_or(bytes).to_vec())
            }
            MemberData::Encoded(range, transfer) => {
                let bytes = self.slice(range);
                // Base64 is a third longer, and the other encodings at most three times as long.
                Some(transfer.decode(bytes.get(..3 * PDF_WINDOW).unwrap_or(bytes)))
            }
            MemberData::Zip(entry) => entry.start(&self.bytes, PDF_WINDOW),
            MemberData::Unread(_) => None,
        }
    }

    /// Returns the name of a member.
    pub fn name(&self, index: usize) -> Option<&[u8]> {
        self.members.get(index).map(|member| member.name.as_slice())
    }

    fn slice(&self, range: &Range<usize>) -> &[u8] {
        self.bytes.get(range.clone()).unwrap_or_default()
    }
}

/// Returns whether the members are those of an Office document, by the first part of its package
/// (ECMA-376, 10.1; ODF 1.3, 3.3), or of a document of Apple.
fn is_office_document(list: &MemberList) -> bool {
    let is_part = |(index, member): (usize, &Member)| match member.name.as_slice() {
        b"mimetype" => index == 0,
        b"[Content_Types].xml" | b"Index/Document.iwa" => true,
        _ => false,
    };
    list.members.iter().enumerate().any(is_part)
}

fn damaged(kind: ArchiveKind, what: &'static str) -> ArchiveError {
    ArchiveError::Damaged { kind, what }
}

/// Returns what follows the last slash of a name.
fn last_component(name: &[u8]) -> &[u8] {
    name.rsplit(|byte| matches!(byte, b'/' | b'\\'))
        .next()
        .unwrap_or(name)
}

enum ReadFailure {
    TooLarge,
    Damaged,
}

/// Reads a stream of at most `limit` bytes to its end.
fn read_limited(stream: impl Read, limit: u64) -> Result<Vec<u8>, ReadFailure> {
    let mut bytes = Vec::new();
    let read: io::Result<usize> = stream.take(limit + 1).read_to_end(&mut bytes);
    match read {
        Err(_) => Err(ReadFailure::Damaged),
        Ok(_) if bytes.len() as u64 > limit => Err(ReadFailure::TooLarge),
        Ok(_) => Ok(bytes),
    }
}
