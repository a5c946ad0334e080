//! Reads a file whole, under a cap, without ever blocking on what is no file.
//!
//! Files are read, not mapped: a mapped file that someone truncates ends the process, and the bytes
//! screened must be the bytes sent.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this is where files are read"
)]

use super::discover::{Input, Origin};
use crate::screen::{Code, Finding};
use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::path::Path;

/// Why an input's bytes were not read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// Something else than a regular file is there.
    #[error("it is {0}, not a regular file")]
    NotRegular(&'static str),
    /// It is larger than allowed.
    #[error("it has {size} bytes; the limit is {limit}")]
    TooLarge {
        /// The size of the file.
        size: u64,
        /// The most that is read.
        limit: u64,
    },
    /// The system refuses.
    #[error("it can't be read: {0}")]
    Io(#[from] io::Error),
}

impl ReadError {
    /// The size of the file, where it is known.
    pub fn size(&self) -> Option<u64> {
        match self {
            Self::TooLarge { size, .. } => Some(*size),
            Self::NotRegular(_) | Self::Io(_) => None,
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
            .hint("give the path of a PDF file, or of a folder with PDF files"),
            Self::TooLarge { size, limit } => Finding::error(
                Code::FileTooLarge,
                format!("it is {} large; the limit is {}", mebi(*size), mebi(*limit)),
            )
            .hint("raise --max-file-size if this is really a statement"),
            Self::Io(error) if error.kind() == io::ErrorKind::NotFound => {
                Finding::error(Code::MissingFileObject, "there is no such file")
                    .hint("check the path; it may have been moved or renamed")
            }
            Self::Io(error) => Finding::error(
                Code::MissingFileObject,
                format!("it can't be read: {error}"),
            )
            .hint("check its permissions and that its disk is there"),
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
pub(super) fn read(input: &Input, limit: u64) -> Result<Vec<u8>, ReadError> {
    match &input.origin {
        Origin::StandardInput(bytes) => bounded(bytes.len() as u64, limit).map(|()| bytes.to_vec()),
        Origin::Unreadable(kind, message) => Err(io::Error::new(*kind, message.clone()).into()),
        Origin::File => read_file(&input.path, limit),
    }
}

fn bounded(size: u64, limit: u64) -> Result<(), ReadError> {
    if size > limit {
        return Err(ReadError::TooLarge { size, limit });
    }
    Ok(())
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
    bounded(metadata.len(), limit)?;
    let mut bytes = Vec::with_capacity(metadata.len() as usize + 1);
    // One byte more than allowed, to notice a file that grows while it is read.
    file.take(limit + 1).read_to_end(&mut bytes)?;
    bounded(bytes.len() as u64, limit)?;
    Ok(bytes)
}

/// Opens for reading; a pipe without a writer does not block.
fn open_without_waiting(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
        options.custom_flags(flags.bits().cast_signed());
    }
    options.open(path)
}

fn kind(metadata: &Metadata) -> &'static str {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        let kind = metadata.file_type();
        if kind.is_fifo() {
            return "a named pipe";
        }
        if kind.is_socket() {
            return "a socket";
        }
        if kind.is_char_device() || kind.is_block_device() {
            return "a device";
        }
    }
    if metadata.is_dir() {
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
