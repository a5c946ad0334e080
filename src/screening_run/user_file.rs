//! Reads files that the user wrote for this program, up to a maximum size.

use std::io::{self, Read};

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
pub(super) fn too_large(max_bytes: u64) -> io::Error {
    let message = format!("larger than {} MiB", max_bytes >> 20);
    io::Error::new(io::ErrorKind::FileTooLarge, message)
}
