//! Where the report goes: standard output, or a file that appears whole or not at all.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this is where the report is written"
)]

use super::failure::Failure;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// The sink of a report.
pub(super) enum Output {
    Standard(BufWriter<io::Stdout>),
    /// A device or pipe, written as it is.
    Special(BufWriter<File>),
    File {
        /// Written beside its destination, so that the last step is a rename.
        temporary: BufWriter<NamedTempFile>,
        destination: PathBuf,
    },
}

impl Output {
    /// Opens the sink before the long run, so that a bad path fails at once.
    pub(super) fn open(destination: Option<&Path>) -> Result<Self, Failure> {
        let Some(destination) = destination else {
            return Ok(Self::Standard(BufWriter::new(io::stdout())));
        };
        match fs::metadata(destination) {
            Ok(found) if found.is_dir() => {
                return Err(Failure::usage(
                    format!("{} is a folder", destination.display()),
                    "--output with the name of a file in it",
                ));
            }
            // Replacing a device by a file would be a surprise.
            Ok(found) if !found.is_file() => {
                let file = OpenOptions::new().write(true).open(destination)?;
                return Ok(Self::Special(BufWriter::new(file)));
            }
            _ => {}
        }
        let folder = match destination.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let temporary = NamedTempFile::new_in(folder).map_err(|error| {
            Failure::environment(
                format!("{} can't be written", destination.display()),
                error,
                "a folder that exists and that you may write to",
            )
        })?;
        Ok(Self::File {
            temporary: BufWriter::new(temporary),
            destination: destination.to_owned(),
        })
    }

    /// The writer behind it.
    pub(super) fn writer(&mut self) -> &mut dyn Write {
        match self {
            Self::Standard(out) => out,
            Self::Special(out) => out,
            Self::File { temporary, .. } => temporary,
        }
    }

    /// Makes what was written appear at its destination.
    pub(super) fn finish(self) -> Result<(), Failure> {
        match self {
            Self::Standard(mut out) => Ok(out.flush()?),
            Self::Special(mut out) => Ok(out.flush()?),
            Self::File {
                temporary,
                destination,
            } => {
                let file = temporary
                    .into_inner()
                    .map_err(io::IntoInnerError::into_error)?;
                file.as_file().sync_all()?;
                file.persist(&destination).map_err(|error| error.error)?;
                Ok(())
            }
        }
    }
}
