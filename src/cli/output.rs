//! Where the report goes: standard output, or a file that appears whole or not at all.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this is where the report is written"
)]

use super::failure::Failure;
use rustix::fs::{AtFlags, CWD, Mode, OFlags};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// Where a process finds its open files by their numbers.
const OPEN_FILES: &str = "/proc/self/fd";

/// The sink of a report.
pub(crate) enum Output {
    Standard(BufWriter<io::Stdout>),
    /// A device or pipe, written as it is.
    Special(BufWriter<File>),
    /// A file without a name until it is whole: whatever ends the program, nothing stays behind.
    Unnamed {
        file: BufWriter<File>,
        folder: PathBuf,
        destination: PathBuf,
    },
    /// Where the file system knows no such files.
    Named {
        /// Written beside its destination, so that the last step is a rename.
        temporary: BufWriter<NamedTempFile>,
        destination: PathBuf,
    },
}

impl Output {
    /// Opens the sink before the long run, so that a bad path fails at once.
    pub(crate) fn open(destination: Option<&Path>) -> Result<Self, Failure> {
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
        let destination = destination.to_owned();
        if let Some(file) = unnamed(folder) {
            return Ok(Self::Unnamed {
                file: BufWriter::new(file),
                folder: folder.to_owned(),
                destination,
            });
        }
        let temporary = NamedTempFile::new_in(folder).map_err(|error| {
            Failure::environment(
                format!("{} can't be written", destination.display()),
                error,
                "a folder that exists and that you may write to",
            )
        })?;
        Ok(Self::Named {
            temporary: BufWriter::new(temporary),
            destination,
        })
    }

    /// The writer behind it.
    pub(crate) fn writer(&mut self) -> &mut dyn Write {
        match self {
            Self::Standard(out) => out,
            Self::Special(out) => out,
            Self::Unnamed { file, .. } => file,
            Self::Named { temporary, .. } => temporary,
        }
    }

    /// Makes what was written appear at its destination.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        match self {
            Self::Standard(mut out) => Ok(out.flush()?),
            Self::Special(mut out) => Ok(out.flush()?),
            Self::Unnamed {
                file,
                folder,
                destination,
            } => {
                let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
                file.sync_all()?;
                Ok(give_name(&file, &folder, &destination)?)
            }
            Self::Named {
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

/// A file in a folder without a name; `None` where there can be none, or none could get a name.
fn unnamed(folder: &Path) -> Option<File> {
    let flags = OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC;
    let file = rustix::fs::open(folder, flags, Mode::RUSR | Mode::WUSR).ok()?;
    Path::new(OPEN_FILES).is_dir().then(|| file.into())
}

/// Lets a file without a name appear at its destination, in place of what is there.
fn give_name(file: &File, folder: &Path, destination: &Path) -> io::Result<()> {
    let open = format!("{OPEN_FILES}/{}", file.as_raw_fd());
    let link = |path: &Path| {
        rustix::fs::linkat(CWD, &open, CWD, path, AtFlags::SYMLINK_FOLLOW).map_err(io::Error::from)
    };
    // A name of its own first, for a link does not replace what is there, and a rename does.
    let named = tempfile::Builder::new().make_in(folder, link)?;
    named.persist(destination).map_err(|error| error.error)?;
    Ok(())
}
