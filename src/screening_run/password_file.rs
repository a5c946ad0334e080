//! Reads `--password-file`: candidate passwords, one per line.

use super::user_file::SecretFile;
use crate::error::AppError;
use crate::event_log::Notices;
use crate::pdf::Password;
use crate::screen::{CandidateId, CandidatePassword};
use std::io;
use std::path::Path;

/// Maximum size of a password file.
const MAX_BYTES: u64 = 1 << 20;

/// Reads up to `max` candidates, kept exactly except for the line end, and returns how many more
/// the file has. A warning reports a file that other users can access.
///
/// # Errors
///
/// If the file can't be read, is larger than 1 MiB or is not UTF-8.
pub(super) fn read(
    path: &Path,
    max: usize,
    notices: &Notices,
) -> Result<(Vec<CandidatePassword>, usize), AppError> {
    let reject = |error: io::Error, hint: &str| {
        let message = format!("could not read the password file {}", path.display());
        AppError::environment(message, error, hint)
    };
    let file = SecretFile::read(path, MAX_BYTES).map_err(|error| {
        let hint = match error.kind() {
            io::ErrorKind::FileTooLarge => "use a text file with one password per line",
            _ => "check the path, its permissions and its disk",
        };
        reject(error, hint)
    })?;
    file.warn_if_shared("the password file", path, notices);
    let text = std::str::from_utf8(&file.bytes).map_err(|error| {
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
