//! Reads files that the user wrote for this program, up to a maximum size.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this is where files of the user are opened"
)]

use crate::error::AppError;
use crate::event_log::Notices;
use crate::text::sanitize;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use zeroize::Zeroizing;

/// Bytes that are read at once.
const CHUNK_BYTES: usize = 64 << 10;
/// Permission bits of users other than the owner.
const OTHERS: u32 = 0o077;

/// A file with secrets. Its bytes are wiped after use.
pub(super) struct SecretFile {
    pub(super) bytes: Zeroizing<Vec<u8>>,
    /// Whether it is a regular file, as opposed to a pipe.
    pub(super) is_regular: bool,
    /// The permission bits.
    mode: u32,
}

impl SecretFile {
    /// Reads a file or a pipe once, up to `max_bytes`.
    pub(super) fn read(path: &Path, max_bytes: u64) -> io::Result<Self> {
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        Ok(Self {
            bytes: read_wiped(file, metadata.len().min(max_bytes), max_bytes)?,
            is_regular: metadata.is_file(),
            mode: metadata.permissions().mode() & 0o777,
        })
    }

    /// Rejects a file, described by `what`, that users other than the owner can use.
    pub(super) fn reject_if_shared(&self, what: &str, path: &Path) -> Result<(), AppError> {
        if !self.is_shared() {
            return Ok(());
        }
        let path = path.to_string_lossy();
        Err(AppError::usage(
            format!(
                "other users can access {what} {path} (mode {:03o})",
                self.mode
            ),
            format!("run chmod 600 {}", quoted(&path)),
        ))
    }

    fn is_shared(&self) -> bool {
        self.is_regular && self.mode & OTHERS != 0
    }

    /// Warns if users other than the owner can use the file, which is described by `what`.
    pub(super) fn warn_if_shared(&self, what: &str, path: &Path, notices: &Notices) {
        if self.is_shared() {
            let path = path.to_string_lossy();
            notices.warning(format_args!(
                "other users can access {what} {} (mode {:03o})\n  hint: chmod 600 {}",
                sanitize(&path),
                self.mode,
                sanitize(&quoted(&path))
            ));
        }
    }
}

/// Returns a path as one word of a shell.
fn quoted(path: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+,@%=:".contains(c);
    let path = if path.starts_with('-') {
        format!("./{path}")
    } else {
        path.to_owned()
    };
    if path.chars().all(is_plain) {
        path
    } else {
        format!("'{}'", path.replace('\'', r"'\''"))
    }
}

/// Reads everything, up to `max_bytes`, without unwiped copies; `expected` bytes need no growth.
fn read_wiped(
    mut file: impl Read,
    expected: u64,
    max_bytes: u64,
) -> io::Result<Zeroizing<Vec<u8>>> {
    let expected = usize::try_from(expected).unwrap_or(0);
    let mut bytes = Zeroizing::new(Vec::with_capacity(expected));
    let mut chunk = Zeroizing::new(vec![0; CHUNK_BYTES]);
    loop {
        let read = match file.read(&mut chunk) {
            Ok(0) => return Ok(bytes),
            Ok(read) => chunk.get(..read).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let length = bytes.len() + read.len();
        if length as u64 > max_bytes {
            return Err(too_large(max_bytes));
        }
        if length > bytes.capacity() {
            // A vector that grows by itself would leave an unwiped copy.
            let mut larger = Zeroizing::new(Vec::with_capacity(2 * length));
            larger.extend_from_slice(&bytes);
            bytes = larger;
        }
        bytes.extend_from_slice(read);
    }
}

/// Reads everything, up to `max_bytes`.
pub(super) fn read_limited<R: Read>(
    open: impl FnOnce() -> io::Result<R>,
    max_bytes: u64,
) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open()?.take(max_bytes + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > max_bytes {
        return Err(too_large(max_bytes));
    }
    Ok(bytes)
}

/// Returns the error of a file that exceeds a limit of whole MiB.
fn too_large(max_bytes: u64) -> io::Error {
    let message = format!("larger than {} MiB", max_bytes >> 20);
    io::Error::new(io::ErrorKind::FileTooLarge, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_read_up_to_a_limit_whatever_their_announced_size() {
        let text: Vec<u8> = (0..=255).cycle().take(3 * CHUNK_BYTES + 7).collect();
        for expected in [0, 1, text.len() as u64] {
            let read = read_wiped(text.as_slice(), expected, text.len() as u64).unwrap();
            assert_eq!(*read, text);
        }
        let limit = text.len() as u64 - 1;
        assert!(read_wiped(text.as_slice(), 0, limit).is_err());
        assert!(read_wiped(io::repeat(0), 0, 1 << 20).is_err());
    }

    #[test]
    fn a_path_is_quoted_for_a_shell() {
        assert_eq!(quoted("in/pw-1.txt"), "in/pw-1.txt");
        assert_eq!(quoted("-pw"), "./-pw");
        assert_eq!(quoted("my pw"), "'my pw'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }
}
