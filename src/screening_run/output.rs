//! Report destination: standard output, or an output file that is written atomically.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this is where the report is written"
)]

use crate::error::AppError;
use rustix::fs::{AtFlags, CWD, Mode, OFlags};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// The folder in which a process finds its open files by number.
const OPEN_FILES: &str = "/proc/self/fd";

/// An open report destination.
pub(crate) struct ReportOutput {
    sink: Sink,
    /// The output file; `None` for standard output.
    path: Option<PathBuf>,
}

enum Sink {
    Stdout(BufWriter<io::Stdout>),
    /// A device or pipe, which is written in place.
    Special(BufWriter<File>),
    /// A file without a name until it is complete, so that nothing remains if the program dies.
    Unnamed {
        file: BufWriter<File>,
        folder: PathBuf,
    },
    /// A temporary file beside the destination, for file systems without unnamed files.
    Named(BufWriter<NamedTempFile>),
}

impl ReportOutput {
    /// Opens the destination before a long run, so that an invalid path fails at once.
    ///
    /// # Errors
    ///
    /// If the path is a folder, or its folder can't be written.
    pub(crate) fn open(path: Option<&Path>) -> Result<Self, AppError> {
        let sink = match path {
            None => Sink::Stdout(BufWriter::new(io::stdout())),
            Some(path) => open_file(path)?,
        };
        Ok(Self {
            sink,
            path: path.map(Path::to_owned),
        })
    }

    /// Returns the writer.
    pub(crate) fn writer(&mut self) -> &mut dyn Write {
        match &mut self.sink {
            Sink::Stdout(out) => out,
            Sink::Special(out) => out,
            Sink::Unnamed { file, .. } => file,
            Sink::Named(file) => file,
        }
    }

    /// Flushes the report and makes an output file appear at its path.
    ///
    /// # Errors
    ///
    /// If the report can't be written completely; an existing file is then unchanged.
    pub(crate) fn finish(self) -> Result<(), AppError> {
        let Self { sink, path } = self;
        finish(sink, path.as_deref()).map_err(|error| write_error(path.as_deref(), error))
    }

    /// Returns the error of a failed write to this destination.
    pub(crate) fn error(&self, error: io::Error) -> AppError {
        write_error(self.path.as_deref(), error)
    }
}

fn write_error(path: Option<&Path>, error: io::Error) -> AppError {
    match path {
        Some(path) => AppError::report_file(path, error),
        None => AppError::standard_output(error),
    }
}

fn open_file(path: &Path) -> Result<Sink, AppError> {
    let reject = |error: io::Error| {
        let message = format!("could not write {}", path.display());
        let hint = "use an existing folder that you can write to";
        AppError::environment(message, error, hint)
    };
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => {
            return Err(AppError::usage(
                format!("{} is a folder", path.display()),
                "set --output to a file in that folder",
            ));
        }
        // Replacing a device with a file would be a surprise.
        Ok(found) if !found.is_file() => {
            let file = OpenOptions::new().write(true).open(path);
            return Ok(Sink::Special(BufWriter::new(file.map_err(reject)?)));
        }
        _ => {}
    }
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    if let Some(file) = open_unnamed(folder) {
        return Ok(Sink::Unnamed {
            file: BufWriter::new(file),
            folder: folder.to_owned(),
        });
    }
    let temporary = NamedTempFile::new_in(folder).map_err(reject)?;
    Ok(Sink::Named(BufWriter::new(temporary)))
}

fn finish(sink: Sink, path: Option<&Path>) -> io::Result<()> {
    let path = path.unwrap_or(Path::new(""));
    match sink {
        Sink::Stdout(mut out) => out.flush(),
        Sink::Special(mut out) => out.flush(),
        Sink::Unnamed { file, folder } => {
            let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
            file.sync_all()?;
            link_at(&file, &folder, path)
        }
        Sink::Named(temporary) => {
            let file = temporary
                .into_inner()
                .map_err(io::IntoInnerError::into_error)?;
            file.as_file().sync_all()?;
            file.persist(path).map_err(|error| error.error)?;
            Ok(())
        }
    }
}

/// Opens a file without a name in a folder, if the file system supports that.
fn open_unnamed(folder: &Path) -> Option<File> {
    let flags = OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC;
    let file = rustix::fs::open(folder, flags, Mode::RUSR | Mode::WUSR).ok()?;
    Path::new(OPEN_FILES).is_dir().then(|| file.into())
}

/// Gives an unnamed file its name, in place of an existing file.
fn link_at(file: &File, folder: &Path, path: &Path) -> io::Result<()> {
    let open = format!("{OPEN_FILES}/{}", file.as_raw_fd());
    let link = |path: &Path| {
        rustix::fs::linkat(CWD, &open, CWD, path, AtFlags::SYMLINK_FOLLOW).map_err(io::Error::from)
    };
    // A temporary name first: a link can't replace an existing file, and a rename can.
    let named = tempfile::Builder::new().make_in(folder, link)?;
    named.persist(path).map_err(|error| error.error)?;
    Ok(())
}
