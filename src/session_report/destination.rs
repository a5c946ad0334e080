//! Where a session report is written: a new private file, standard output, or a device.
//!
//! Nothing appears at the destination before the report is complete.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this is where the destination of a report is inspected and opened"
)]

use super::{ReportFormat, ReportOptions};
use crate::error::AppError;
use crate::output::{AtomicFile, Existing, OutputGuard, OutputKind, StandardOutput, Target};
use crate::settings::environment;
use std::fs::{File, OpenOptions};
use std::io::{self, Cursor, IsTerminal, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// The name of standard output.
const STANDARD_OUTPUT: &str = "-";

/// Content that can be written, and read again to check it.
pub(super) trait Content: Read + Write + Seek {}

impl<C: Read + Write + Seek> Content for C {}

/// An open destination, and what was written so far.
pub(super) struct ReportFile {
    path: PathBuf,
    draft: Draft,
}

enum Draft {
    /// A file that gets its name when it is complete.
    File(AtomicFile, Existing),
    /// Content for a destination that can't be taken back. A report has a limited size.
    Memory(Cursor<Vec<u8>>, Stream),
}

enum Stream {
    StandardOutput,
    Device(File),
}

impl ReportFile {
    /// Checks and opens the destination.
    ///
    /// # Errors
    ///
    /// If it is a terminal or an existing file without `--force`, a file that this program uses, or
    /// can't be written.
    pub(super) fn open(options: &ReportOptions, guard: OutputGuard) -> Result<Self, AppError> {
        let path = options.output.as_path();
        let draft = if path == Path::new(STANDARD_OUTPUT) {
            if options.format == ReportFormat::Spreadsheet {
                return Err(AppError::usage(
                    "a spreadsheet is not written to standard output",
                    "set --output to a file",
                ));
            }
            check_terminal(environment::report_on_terminal(None), options.force)?;
            Draft::Memory(Cursor::default(), Stream::StandardOutput)
        } else {
            open(options, guard)?
        };
        Ok(Self {
            path: path.to_owned(),
            draft,
        })
    }

    /// Returns the content written so far.
    pub(super) fn content(&mut self) -> &mut dyn Content {
        match &mut self.draft {
            Draft::File(file, _) => file.file(),
            Draft::Memory(content, _) => content,
        }
    }

    /// Returns the number of bytes written so far.
    ///
    /// # Errors
    ///
    /// If the file can't be read.
    pub(super) fn bytes(&mut self) -> Result<u64, AppError> {
        let end = self.content().seek(SeekFrom::End(0));
        end.map_err(|error| self.error(error))
    }

    pub(super) fn is_standard_output(&self) -> bool {
        matches!(self.draft, Draft::Memory(_, Stream::StandardOutput))
    }

    /// Makes the complete report appear at the destination.
    ///
    /// # Errors
    ///
    /// If it can't be written, or another program has created the file in the meantime.
    pub(super) fn finish(self) -> Result<(), AppError> {
        let Self { path, draft } = self;
        let written = match draft {
            Draft::File(file, existing) => file.persist(existing),
            Draft::Memory(content, Stream::StandardOutput) => {
                let mut out = StandardOutput;
                let written = out.write_all(content.get_ref()).and_then(|()| out.flush());
                return written.map_err(AppError::standard_output);
            }
            Draft::Memory(content, Stream::Device(mut device)) => {
                device.write_all(content.get_ref())
            }
        };
        written.map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => exists(&path),
            _ => AppError::report_file(&path, error),
        })
    }

    /// Returns the error of a failed write.
    pub(super) fn error(&self, error: io::Error) -> AppError {
        AppError::report_file(&self.path, error)
    }
}

/// Opens a file, or a device or pipe, which is written in place.
fn open(options: &ReportOptions, mut guard: OutputGuard) -> Result<Draft, AppError> {
    let path = options.output.as_path();
    let reject = |error: io::Error| {
        let message = format!("could not write {}", path.display());
        let hint = "use an existing folder that you can write to";
        AppError::environment(message, error, hint)
    };
    let path = match guard.claim("--output", Some(path), OutputKind::Download)? {
        Target::File(path) => path,
        Target::StandardOutput => {
            return Ok(Draft::Memory(Cursor::default(), Stream::StandardOutput));
        }
        Target::Device(path) => {
            let device = OpenOptions::new().write(true).open(path).map_err(reject)?;
            check_terminal(device.is_terminal(), options.force)?;
            return Ok(Draft::Memory(Cursor::default(), Stream::Device(device)));
        }
    };
    // Programs such as mktemp create an empty file to reserve its name.
    let existing = if options.force || path.exists() {
        Existing::Replace
    } else {
        Existing::Keep
    };
    let file = AtomicFile::create(&path).map_err(reject)?;
    Ok(Draft::File(file, existing))
}

/// Rejects a terminal, where personal data would remain visible, unless it is forced.
fn check_terminal(is_terminal: bool, is_forced: bool) -> Result<(), AppError> {
    if is_terminal && !is_forced {
        return Err(AppError::usage(
            "the report contains personal data and is not printed on a terminal",
            "set --output to a file, or add --force",
        ));
    }
    Ok(())
}

fn exists(path: &Path) -> AppError {
    AppError::usage(
        format!("{} already exists", path.display()),
        "choose another --output, or add --force to replace it",
    )
}
