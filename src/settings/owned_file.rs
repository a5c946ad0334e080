//! Reads files that only the user can have written.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this is where files with settings are opened"
)]

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

/// Maximum size of a file with settings.
const MAX_BYTES: u64 = 1 << 20;
/// Permission bits with which users other than the owner can write.
const WRITABLE_BY_OTHERS: u32 = 0o022;

/// Reads a file, unless another user could have written it: it can name commands that are run.
pub(super) fn read_owned(path: &Path) -> io::Result<String> {
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    let reject = |what: String| Err(io::Error::new(io::ErrorKind::PermissionDenied, what));
    if !metadata.is_file() {
        let what = "not a regular file";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, what));
    }
    let mode = metadata.permissions().mode() & 0o777;
    if mode & WRITABLE_BY_OTHERS != 0 {
        return reject(format!("other users can write it (mode {mode:o})"));
    }
    let user = rustix::process::geteuid().as_raw();
    if metadata.uid() != user && metadata.uid() != 0 && user != 0 {
        return reject("it belongs to another user".to_owned());
    }
    let mut text = String::new();
    file.take(MAX_BYTES).read_to_string(&mut text)?;
    Ok(text)
}
