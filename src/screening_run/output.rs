//! Report destination: standard output, or an output file that is written atomically.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this is where the report is written"
)]

use super::{AtomicFile, Existing};
use crate::error::AppError;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

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
    /// A file without its name until it is complete.
    File(BufWriter<AtomicFile>),
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
            Sink::File(file) => file,
        }
    }

    /// Flushes the report and makes an output file appear at its path.
    ///
    /// # Errors
    ///
    /// If the report can't be written completely; an existing file is then unchanged.
    pub(crate) fn finish(self) -> Result<(), AppError> {
        let Self { sink, path } = self;
        finish(sink).map_err(|error| write_error(path.as_deref(), error))
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
    let file = AtomicFile::create(path).map_err(reject)?;
    Ok(Sink::File(BufWriter::new(file)))
}

fn finish(sink: Sink) -> io::Result<()> {
    match sink {
        Sink::Stdout(mut out) => out.flush(),
        Sink::Special(mut out) => out.flush(),
        Sink::File(file) => {
            let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
            file.persist(Existing::Replace)
        }
    }
}
