//! Destination of a report: standard output, or an output file that is written atomically.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this is where the report is written"
)]

use super::guard::unwritable;
use super::{AtomicFile, Existing, OutputGuard, OutputKind, Target};
use crate::error::AppError;
use rustix::io::Errno;
use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether standard output was closed when the program started.
///
/// The standard library then opens `/dev/null` in its place, so that this must be observed before.
static STDOUT_IS_CLOSED: AtomicBool = AtomicBool::new(false);

/// Records whether standard output is closed. Has no effect unless it is called before `main`.
pub(crate) fn record_closed_stdout() {
    let flags = rustix::io::fcntl_getfd(rustix::stdio::stdout());
    STDOUT_IS_CLOSED.store(flags == Err(Errno::BADF), Ordering::Relaxed);
}

/// An open report destination.
pub(crate) struct ReportOutput {
    sink: Sink,
    /// The output file; `None` for standard output.
    path: Option<PathBuf>,
}

enum Sink {
    Stdout(BufWriter<StandardOutput>),
    /// A device or pipe, which is written in place.
    Device(BufWriter<File>),
    /// A file without its name until it is complete.
    File(BufWriter<AtomicFile>),
}

impl ReportOutput {
    /// Claims and opens the destination before a long run, so that an invalid path fails at once.
    ///
    /// # Errors
    ///
    /// If the guard rejects the path, or its folder can't be written.
    pub(crate) fn open(
        option: &str,
        path: Option<&Path>,
        guard: &mut OutputGuard,
    ) -> Result<Self, AppError> {
        Self::open_as(option, path, OutputKind::Report, guard)
    }

    /// Opens the destination of another output, like [`ReportOutput::open`].
    ///
    /// # Errors
    ///
    /// If the guard rejects the path, or its folder can't be written.
    pub(crate) fn open_as(
        option: &str,
        path: Option<&Path>,
        kind: OutputKind,
        guard: &mut OutputGuard,
    ) -> Result<Self, AppError> {
        let sink = match guard.claim(option, path, kind)? {
            Target::StandardOutput => {
                return Ok(Self {
                    sink: Sink::Stdout(BufWriter::new(StandardOutput)),
                    path: None,
                });
            }
            Target::Device(path) => {
                let file = OpenOptions::new().write(true).open(&path);
                Sink::Device(BufWriter::new(
                    file.map_err(|error| unwritable(&path, error))?,
                ))
            }
            Target::File(path) => {
                let file = AtomicFile::create(&path).map_err(|error| unwritable(&path, error))?;
                Sink::File(BufWriter::new(file))
            }
        };
        Ok(Self {
            sink,
            path: path.map(Path::to_owned),
        })
    }

    /// Returns the file that the report goes to; `None` for standard output.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// Checks that the destination can be written at all.
    ///
    /// # Errors
    ///
    /// If standard output is closed.
    pub(crate) fn check(&mut self) -> Result<(), AppError> {
        let flushed = self.writer().flush();
        flushed.map_err(|error| self.error(error))
    }

    /// Returns the writer.
    pub(crate) fn writer(&mut self) -> &mut dyn Write {
        match &mut self.sink {
            Sink::Stdout(out) => out,
            Sink::Device(out) => out,
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

    /// Makes a version appear at the path while the report is not complete. A device or standard
    /// output has one version after the other.
    ///
    /// # Errors
    ///
    /// If the version can't be written completely; an existing file is then unchanged.
    pub(crate) fn publish(
        &mut self,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), AppError> {
        // A file of its own, so that nothing of a version that failed is in the next one.
        let published = match (&self.sink, &self.path) {
            (Sink::File(_), Some(path)) => AtomicFile::create(path).and_then(|file| {
                let mut file = BufWriter::new(file);
                write(&mut file)?;
                finish(Sink::File(file))
            }),
            _ => write(self.writer()).and_then(|()| self.writer().flush()),
        };
        published.map_err(|error| self.error(error))
    }

    /// Returns the error of a failed write to this destination.
    pub(crate) fn error(&self, error: io::Error) -> AppError {
        write_error(self.path.as_deref(), error)
    }
}

/// Standard output, which fails if it was closed at the start.
pub(crate) struct StandardOutput;

impl StandardOutput {
    fn open() -> io::Result<io::Stdout> {
        if STDOUT_IS_CLOSED.load(Ordering::Relaxed) {
            return Err(Errno::BADF.into());
        }
        Ok(io::stdout())
    }
}

impl Write for StandardOutput {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Self::open()?.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Self::open()?.flush()
    }
}

fn write_error(path: Option<&Path>, error: io::Error) -> AppError {
    match path {
        Some(path) => AppError::report_file(path, error),
        None => AppError::standard_output(error),
    }
}

fn finish(sink: Sink) -> io::Result<()> {
    match sink {
        Sink::Stdout(mut out) => out.flush(),
        Sink::Device(mut out) => out.flush(),
        Sink::File(file) => {
            let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
            file.persist(Existing::Replace)
        }
    }
}
