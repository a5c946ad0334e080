//! Reads a whole file up to a size limit, without blocking on pipes and devices.
//!
//! Files are read, not mapped. Truncating a mapped file would kill the process, and the screened
//! bytes must be the uploaded bytes.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this is where files are read"
)]

use super::discover::{Input, Origin, ReadFailure};
use crate::archive::{ArchiveError, ArchiveKind, END_BYTES};
use crate::pdf::{FileBytes, Password};
use crate::screen::{Code, Finding, unread_hint};
use crate::text::columns::{counted, thousands};
use memchr::memmem;
use rustix::fs::OFlags;
use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;
use std::sync::Arc;

/// The end marker of a PDF is in this many bytes at the end of the file.
const PDF_END_BYTES: u64 = 1024;

/// Why an input could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The path is not a regular file.
    #[error("{0}, not a regular file")]
    NotRegular(&'static str),
    /// The file exceeds the size limit.
    #[error("larger than {limit} bytes")]
    TooLarge {
        /// Size of the file; `None` for a stream, which is not read to its end.
        size: Option<u64>,
        /// The size limit in bytes.
        limit: u64,
    },
    /// Another process writes to the file.
    #[error("the file changed while it was read")]
    Changing,
    /// An archive or a member of it could not be read.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The reader of archives failed.
    #[error("reading the archive failed: {0}")]
    Panicked(String),
    /// The operating system returned an error.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl ReadError {
    /// Returns the size of the file if it is known.
    pub fn size(&self) -> Option<u64> {
        match self {
            Self::TooLarge { size, .. } | Self::Archive(ArchiveError::TooLarge { size, .. }) => {
                *size
            }
            Self::NotRegular(_)
            | Self::Changing
            | Self::Archive(_)
            | Self::Panicked(_)
            | Self::Io(_) => None,
        }
    }

    /// Returns whether reading failed, as opposed to an unsuitable file.
    pub fn is_unreadable(&self) -> bool {
        matches!(self, Self::Io(_))
    }

    /// Returns the finding that reports this error.
    pub fn finding(&self) -> Finding {
        match self {
            Self::NotRegular(what) => Finding::error(
                Code::MissingFileObject,
                format!("The path is {what}, not a file"),
            )
            .with_hint("Enter the path of a PDF file or of a folder with PDF files"),
            Self::TooLarge { size, limit } => Finding::error(
                Code::FileTooLarge,
                match size {
                    Some(size) => format!(
                        "File size {} exceeds the limit of {}",
                        format_size(*size),
                        format_size(*limit)
                    ),
                    None => format!("File size exceeds the limit of {}", format_size(*limit)),
                },
            )
            .with_hint("Increase --max-file-size if the file is a bank statement"),
            Self::Changing => Finding::error(
                Code::InvalidFileObject,
                "The file changed while it was read",
            )
            .with_hint("Wait until the download or copy is complete, then screen the file again"),
            Self::Archive(error) => archive_finding(error),
            Self::Panicked(panic) => Finding::error(
                Code::InternalError,
                format!("Reading the archive failed: {panic}"),
            )
            .with_hint("Report this as a bug; other files are not affected"),
            Self::Io(error) if error.kind() == io::ErrorKind::NotFound => {
                Finding::error(Code::MissingFileObject, "File not found")
                    .with_hint("Check the path; the file may have been moved or renamed")
            }
            Self::Io(error) => Finding::error(
                Code::MissingFileObject,
                format!("Could not read the file: {error}"),
            )
            .with_hint("Check the file permissions and that the disk is available"),
        }
    }
}

fn archive_finding(error: &ArchiveError) -> Finding {
    const EXTRACT: &str = "Extract the archive with another program and screen the files in it";
    let limit = |message| {
        Finding::error(Code::LimitExceeded, message).with_hint(
            "Extract the archive and screen the files in it; those beyond the limit were not read",
        )
    };
    match error {
        ArchiveError::TooLarge { limit, .. } => Finding::error(
            Code::FileTooLarge,
            format!("The archive exceeds the limit of {}", format_size(*limit)),
        )
        .with_hint(EXTRACT),
        ArchiveError::Locked { method, tried } => {
            let tried = match tried {
                0 => "no password supplied".to_owned(),
                1 => "the candidate password does not match".to_owned(),
                count => format!(
                    "none of the {} matches",
                    counted(*count, "candidate password")
                ),
            };
            Finding::error(
                Code::PasswordIncorrect,
                format!("The archive is encrypted with {method}; {tried}"),
            )
            .with_hint(Code::PasswordIncorrect.explain().hint)
        }
        ArchiveError::Unread(format) => {
            let kind = format.file_kind();
            Finding::error(
                Code::InvalidFileObject,
                format!("The file is {kind}, which is not read"),
            )
            .with_hint(unread_hint(&kind))
        }
        ArchiveError::OtherFormat => Finding::error(
            Code::InvalidFileObject,
            "The file has the name of an archive, and another content",
        )
        .with_hint("Request the file again"),
        ArchiveError::Damaged { kind, what } => Finding::error(
            Code::InvalidFileObject,
            format!("The {kind} is damaged: {what}"),
        )
        .with_hint("Request the file again"),
        ArchiveError::Members(count) => limit(format!(
            "The archive has more than {} members",
            thousands(*count)
        )),
        ArchiveError::Total(bytes) => limit(format!(
            "The members of the archive exceed {} in total",
            format_size(*bytes)
        )),
        ArchiveError::LockedArchives(count) => limit(format!(
            "No password opens {count} locked archives in the archive; further ones were not tried"
        )),
        ArchiveError::Passwords(count) => limit(format!(
            "None of the first {} opens the file; further ones were not tried, because the archive \
             has many locked files",
            counted(*count, "candidate password")
        )),
        ArchiveError::TimeLimit => Finding::error(
            Code::LimitExceeded,
            "The time limit ended before all candidate passwords were tried on the file",
        )
        .with_hint("Raise --time-limit, or supply fewer passwords"),
        ArchiveError::Depth(levels) => limit(format!(
            "Archives are nested more than {levels} levels deep"
        )),
        other => Finding::error(
            Code::InvalidFileObject,
            format!("The archive could not be read: {other}"),
        )
        .with_hint(EXTRACT),
    }
}

fn format_size(bytes: u64) -> String {
    if bytes >= 1 << 20 {
        format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20))
    } else {
        format!("{bytes} bytes")
    }
}

/// Reads one input of at most `limit` bytes. A member of a locked archive opens with the password
/// that opened it before.
///
/// # Errors
///
/// Returns an error if the input is not a regular file, exceeds the limit or cannot be read.
pub fn read(input: &Input, limit: u64) -> Result<FileBytes, ReadError> {
    let unlocking = Unlocking {
        passwords: &Vec::new,
        may_continue: &|| true,
    };
    read_with(input, limit, &unlocking)
}

/// How a locked archive around an input, or a locked member, is opened.
pub(super) struct Unlocking<'u> {
    /// Forms the passwords, the likely ones first.
    pub(super) passwords: &'u dyn Fn() -> Vec<Password>,
    /// Returns whether time remains.
    pub(super) may_continue: &'u dyn Fn() -> bool,
}

/// Reads one input, which may be in a locked archive.
pub(super) fn read_with(
    input: &Input,
    limit: u64,
    unlocking: &Unlocking<'_>,
) -> Result<FileBytes, ReadError> {
    match &input.origin {
        Origin::StandardInput(bytes) if bytes.len() as u64 > limit => {
            Err(ReadError::TooLarge { size: None, limit })
        }
        Origin::StandardInput(bytes) => Ok(Arc::clone(bytes)),
        Origin::TooLarge(bytes) => {
            let size = Some(*bytes);
            Err(ReadError::TooLarge { size, limit })
        }
        Origin::Unreadable(kind, message) => Err(io::Error::new(*kind, message.clone()).into()),
        Origin::Rejected(_, ReadFailure::Archive(error)) => Err(error.clone().into()),
        Origin::Rejected(_, ReadFailure::Panicked(panic)) => {
            Err(ReadError::Panicked(panic.clone()))
        }
        Origin::Member(member) => member.read(limit, unlocking).map(Arc::new),
        Origin::File => read_file(&input.path, limit).map(Arc::new),
    }
}

pub(super) fn read_file(path: &Path, limit: u64) -> Result<Vec<u8>, ReadError> {
    // Checked before opening, because opening a socket fails with an unhelpful error.
    if let Ok(metadata) = std::fs::metadata(path)
        && !metadata.is_file()
    {
        return Err(ReadError::NotRegular(file_type_name(&metadata)));
    }
    let file = open_nonblocking(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(ReadError::NotRegular(file_type_name(&metadata)));
    }
    read_whole(file, metadata.len(), limit)
}

/// Reads a file of `size` bytes and detects whether it grew or shrank in the meantime.
fn read_whole(file: impl Read, size: u64, limit: u64) -> Result<Vec<u8>, ReadError> {
    if size > limit {
        let size = Some(size);
        return Err(ReadError::TooLarge { size, limit });
    }
    // Some file systems report size 0 for files with content, so these are read to their end.
    let max = if size == 0 { limit } else { size };
    let mut bytes = Vec::with_capacity(size as usize + 1);
    // One more byte detects a file that grows, without following it to its end.
    file.take(max + 1).read_to_end(&mut bytes)?;
    match bytes.len() as u64 {
        length if size > 0 && length != size => Err(ReadError::Changing),
        length if length > limit => Err(ReadError::TooLarge { size: None, limit }),
        _ => Ok(bytes),
    }
}

/// Opens a file for reading without blocking on a pipe that has no writer.
fn open_nonblocking(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    // Without NOCTTY, opening a terminal device could make it the controlling terminal.
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
    options.custom_flags(flags.bits().cast_signed());
    options.open(path)
}

/// Returns whether a file of `size` bytes has the end of a PDF, or that of an archive if its name
/// is that of one. A copy that stopped in the middle rarely has one, and a file whose space was
/// reserved before its content never has.
///
/// # Errors
///
/// If the file can't be read.
pub fn has_end(path: &Path, size: u64) -> io::Result<bool> {
    let kind = ArchiveKind::of_name(path.as_os_str().as_bytes());
    let max = if kind.is_some() {
        END_BYTES
    } else {
        PDF_END_BYTES
    };
    // A file that a pipe has replaced would block.
    let mut file = open_nonblocking(path)?;
    file.seek(SeekFrom::Start(size.saturating_sub(max)))?;
    let mut end = Vec::new();
    file.take(max).read_to_end(&mut end)?;
    Ok(match kind {
        Some(kind) => kind.has_end(&end),
        None => memmem::find(&end, b"%%EOF").is_some(),
    })
}

fn file_type_name(metadata: &Metadata) -> &'static str {
    let kind = metadata.file_type();
    if kind.is_fifo() {
        "a named pipe"
    } else if kind.is_socket() {
        "a socket"
    } else if kind.is_char_device() || kind.is_block_device() {
        "a device"
    } else if kind.is_dir() {
        "a folder"
    } else {
        "a special file"
    }
}

/// Reads standard input, at most `limit + 1` bytes.
///
/// # Errors
///
/// Returns an error if reading fails.
pub fn read_standard_input(limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    io::stdin().lock().take(limit + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_bytes(bytes: &[u8], size: u64, limit: u64) -> Result<Vec<u8>, String> {
        read_whole(bytes, size, limit).map_err(|error| error.to_string())
    }

    #[test]
    fn a_file_that_grows_or_shrinks_while_it_is_read_is_an_error() {
        assert_eq!(read_bytes(b"%PDF-", 5, 5), Ok(b"%PDF-".to_vec()));
        let changing = Err(ReadError::Changing.to_string());
        assert_eq!(read_bytes(b"%PDF-1", 5, 100), changing);
        assert_eq!(read_bytes(b"%PDF", 5, 100), changing);
        assert_eq!(read_bytes(b"", 5, 100), changing);
        let endless = read_whole(io::repeat(0), 5, 100);
        assert!(matches!(endless, Err(ReadError::Changing)));
    }

    #[test]
    fn a_file_without_its_end_is_recognized() {
        let folder = tempfile::tempdir().unwrap();
        let check = |name: &str, bytes: &[u8], expected: bool| {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            assert_eq!(has_end(&path, bytes.len() as u64).unwrap(), expected);
        };
        check("a.pdf", b"%PDF-1.4 whole\n%%EOF\n", true);
        check("a.pdf", b"%PDF-1.4 half", false);
        check("a.pdf", &[0; 5000], false);
        check("a.pdf", b"", false);
        check("a.zip", b"PK\x03\x04 PK\x05\x06", true);
        check("a.zip", b"PK\x03\x04 %%EOF", false);
    }

    #[test]
    fn a_file_of_unknown_size_is_read_up_to_the_limit() {
        assert_eq!(read_bytes(b"", 0, 5), Ok(Vec::new()));
        assert_eq!(read_bytes(b"%PDF-", 0, 5), Ok(b"%PDF-".to_vec()));
        assert!(read_bytes(b"%PDF-1", 0, 5).is_err());
        let large = read_whole(io::empty(), 6, 5);
        assert_eq!(large.unwrap_err().size(), Some(6));
    }
}
