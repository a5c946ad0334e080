//! Reads a file whole, under a cap, without ever blocking on what is no file.
//!
//! Files are read, not mapped: a mapped file that someone truncates ends the process, and the bytes
//! screened must be the bytes sent.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this is where files are read"
)]

use super::discover::{Input, Origin};
use crate::pdf::FileBytes;
use crate::screen::{Code, Finding};
use rustix::fs::OFlags;
use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;
use std::sync::Arc;

/// Why an input's bytes were not read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// Something else than a regular file is there.
    #[error("it is {0}, not a regular file")]
    NotRegular(&'static str),
    /// It is larger than allowed.
    #[error("it is larger than {limit} bytes")]
    TooLarge {
        /// The size of the file, where it is known: a stream is not read to its end.
        size: Option<u64>,
        /// The most that is read.
        limit: u64,
    },
    /// Someone else writes to it.
    #[error("it changes while it is read")]
    Changing,
    /// The system refuses.
    #[error("it can't be read: {0}")]
    Io(#[from] io::Error),
}

impl ReadError {
    /// The size of the file, where it is known.
    pub fn size(&self) -> Option<u64> {
        match self {
            Self::TooLarge { size, .. } => *size,
            Self::NotRegular(_) | Self::Changing | Self::Io(_) => None,
        }
    }

    /// Whether the path could not be read, rather than holding something unfit.
    pub fn is_unreadable(&self) -> bool {
        matches!(self, Self::Io(_))
    }

    /// What the report says of it.
    pub fn finding(&self) -> Finding {
        match self {
            Self::NotRegular(what) => Finding::error(
                Code::MissingFileObject,
                format!("this is {what}, not a file"),
            )
            .with_hint("give the path of a PDF file, or of a folder with PDF files"),
            Self::TooLarge { size, limit } => Finding::error(
                Code::FileTooLarge,
                match size {
                    Some(size) => {
                        format!("it is {} large; the limit is {}", mebi(*size), mebi(*limit))
                    }
                    None => format!("it is larger than the limit of {}", mebi(*limit)),
                },
            )
            .with_hint("raise --max-file-size if this is really a statement"),
            Self::Changing => Finding::error(
                Code::InvalidFileObject,
                "it changed while it was read: something still writes to it",
            )
            .with_hint("wait until it is downloaded or copied whole, and screen it again"),
            Self::Io(error) if error.kind() == io::ErrorKind::NotFound => {
                Finding::error(Code::MissingFileObject, "there is no such file")
                    .with_hint("check the path; it may have been moved or renamed")
            }
            Self::Io(error) => Finding::error(
                Code::MissingFileObject,
                format!("it can't be read: {error}"),
            )
            .with_hint("check its permissions and that its disk is there"),
        }
    }
}

fn mebi(bytes: u64) -> String {
    if bytes >= 1 << 20 {
        format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20))
    } else {
        format!("{bytes} bytes")
    }
}

/// Reads one input of at most `limit` bytes.
///
/// # Errors
///
/// When there is no regular file of that size, or it can't be read.
pub fn read(input: &Input, limit: u64) -> Result<FileBytes, ReadError> {
    match &input.origin {
        Origin::StandardInput(bytes) if bytes.len() as u64 > limit => {
            Err(ReadError::TooLarge { size: None, limit })
        }
        Origin::StandardInput(bytes) => Ok(Arc::clone(bytes)),
        Origin::Unreadable(kind, message) => Err(io::Error::new(*kind, message.clone()).into()),
        Origin::File => read_file(&input.path, limit).map(Arc::new),
    }
}

fn read_file(path: &Path, limit: u64) -> Result<Vec<u8>, ReadError> {
    // A socket can't be opened at all: say what it is.
    if let Ok(found) = std::fs::metadata(path)
        && !found.is_file()
    {
        return Err(ReadError::NotRegular(kind(&found)));
    }
    let file = open_without_waiting(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(ReadError::NotRegular(kind(&metadata)));
    }
    read_whole(file, metadata.len(), limit)
}

/// Reads as many bytes as the file had when it was opened, and looks whether that is still all.
fn read_whole(file: impl Read, size: u64, limit: u64) -> Result<Vec<u8>, ReadError> {
    if size > limit {
        let size = Some(size);
        return Err(ReadError::TooLarge { size, limit });
    }
    // Some file systems don't tell sizes: what they call empty is read as far as it goes.
    let most = if size == 0 { limit } else { size };
    let mut bytes = Vec::with_capacity(size as usize + 1);
    // One byte more, to notice a file that grows; one that never ends is not followed.
    file.take(most + 1).read_to_end(&mut bytes)?;
    match bytes.len() as u64 {
        length if size > 0 && length != size => Err(ReadError::Changing),
        length if length > limit => Err(ReadError::TooLarge { size: None, limit }),
        _ => Ok(bytes),
    }
}

/// Opens for reading; a pipe without a writer does not block.
fn open_without_waiting(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
    options.custom_flags(flags.bits().cast_signed());
    options.open(path)
}

fn kind(metadata: &Metadata) -> &'static str {
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
        "something special"
    }
}

/// Reads a PDF from standard input, one byte more than `limit` at most.
///
/// # Errors
///
/// When standard input can't be read.
pub fn read_standard_input(limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    io::stdin().lock().take(limit + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(found: &[u8], size: u64, limit: u64) -> Result<Vec<u8>, String> {
        read_whole(found, size, limit).map_err(|error| error.to_string())
    }

    #[test]
    fn a_file_that_grows_or_shrinks_while_it_is_read_is_told_from_one_that_does_not() {
        assert_eq!(whole(b"%PDF-", 5, 5), Ok(b"%PDF-".to_vec()));
        let changing = Err(ReadError::Changing.to_string());
        assert_eq!(whole(b"%PDF-1", 5, 100), changing);
        assert_eq!(whole(b"%PDF", 5, 100), changing);
        assert_eq!(whole(b"", 5, 100), changing);
        let endless = read_whole(io::repeat(0), 5, 100);
        assert!(matches!(endless, Err(ReadError::Changing)));
    }

    #[test]
    fn what_tells_no_size_is_read_to_its_end_under_the_limit() {
        assert_eq!(whole(b"", 0, 5), Ok(Vec::new()));
        assert_eq!(whole(b"%PDF-", 0, 5), Ok(b"%PDF-".to_vec()));
        assert!(whole(b"%PDF-1", 0, 5).is_err());
        let large = read_whole(io::empty(), 6, 5);
        assert_eq!(large.unwrap_err().size(), Some(6));
    }
}
