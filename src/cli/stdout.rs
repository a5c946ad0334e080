//! Standard output of commands that print a result rather than a report.

use crate::error::AppError;
use crate::output::StandardOutput;
use std::io::{self, BufWriter, Write};

/// Writes to standard output and flushes it.
///
/// # Errors
///
/// If standard output can't be written.
pub(super) fn print(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), AppError> {
    let mut out = BufWriter::new(StandardOutput);
    let written = write(&mut out).and_then(|()| out.flush());
    written.map_err(AppError::standard_output)
}
