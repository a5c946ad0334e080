//! Reads `--password-file`: candidate passwords, one per line.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this is where the password file is read"
)]

use super::user_file::too_large;
use crate::error::AppError;
use crate::pdf::Password;
use crate::screen::{CandidateId, CandidatePassword};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use zeroize::Zeroizing;

/// Maximum size of a password file.
const MAX_BYTES: usize = 1 << 20;

/// Reads up to `max` candidates, kept exactly except for the line end, and returns how many more
/// the file has.
///
/// # Errors
///
/// If the file can't be read, is larger than 1 MiB or is not UTF-8.
pub(super) fn read(path: &Path, max: usize) -> Result<(Vec<CandidatePassword>, usize), AppError> {
    let reject = |error: io::Error, hint: &str| {
        let message = format!("could not read the password file {}", path.display());
        AppError::environment(message, error, hint)
    };
    let file = File::open(path).map_err(|error| reject(error, "check the path"))?;
    // The full capacity from the start: a growing buffer would leave unwiped copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_BYTES + 1));
    file.take(MAX_BYTES as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| reject(error, "check its permissions and its disk"))?;
    if bytes.len() > MAX_BYTES {
        let hint = "use a text file with one password per line";
        return Err(reject(too_large(MAX_BYTES as u64), hint));
    }
    let text = std::str::from_utf8(&bytes).map_err(|error| {
        let error = io::Error::new(io::ErrorKind::InvalidData, error);
        reject(error, "save it as UTF-8 text with one password per line")
    })?;
    let lines = text.strip_prefix('\u{FEFF}').unwrap_or(text).lines();
    let mut lines = lines.enumerate().filter(|(_, line)| !line.is_empty());
    let candidate = |(index, line): (usize, &str)| CandidatePassword {
        password: Password::new(line),
        id: CandidateId::PasswordFile(index + 1),
    };
    let kept = lines.by_ref().take(max).map(candidate).collect();
    Ok((kept, lines.count()))
}
