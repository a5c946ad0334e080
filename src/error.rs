//! Errors of the application: what could not be done, why, and what the user can do about it.
//!
//! Every layer above the shells returns [`AppError`]. This module decides in one place which kind
//! and which hint an error of a shell gets. It prints nothing: `cli` does.

use crate::bankconnect::wire::ApiError;
use crate::batch::BatchError;
use crate::journal::JournalError;
use crate::text::sanitize;
use std::error::Error;
use std::fmt::{self, Write as _};
use std::io;
use std::path::Path;

/// The cause of an [`AppError`].
type Source = Box<dyn Error + Send + Sync>;

/// An operation that could not be done.
#[derive(Debug)]
pub(crate) struct AppError {
    kind: ErrorKind,
    /// A lower-case fragment that reads after "error: ".
    message: String,
    source: Option<Source>,
    /// Lower-case imperatives that read after "hint: ".
    hints: Vec<String>,
}

/// Whose fault an error is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ErrorKind {
    /// The command line, a setting, or a file that the user wrote for this program.
    Usage,
    /// The operating system refused something: a file, a terminal, a thread.
    Environment,
    /// The service refused the request, or the network is set up wrongly.
    Network,
    /// The network, the service, the journal or the session is not available now: the same call may
    /// succeed later.
    Unavailable,
    /// The reader of standard output closed it.
    ClosedOutput,
    /// This program.
    Internal,
}

impl AppError {
    /// The user asked for something that can't be done.
    pub(crate) fn usage(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            kind: ErrorKind::Usage,
            message: message.into(),
            source: None,
            hints: vec![hint.into()],
        }
    }

    /// The operating system refused something.
    pub(crate) fn environment(
        message: impl Into<String>,
        source: impl Into<Source>,
        hint: impl Into<String>,
    ) -> Self {
        Self {
            kind: ErrorKind::Environment,
            message: message.into(),
            source: Some(source.into()),
            hints: vec![hint.into()],
        }
    }

    /// Something that is not available now.
    pub(crate) fn unavailable(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            kind: ErrorKind::Unavailable,
            ..Self::usage(message, hint)
        }
    }

    /// An upload queue that the service ended.
    pub(crate) fn network(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            kind: ErrorKind::Network,
            ..Self::usage(message, hint)
        }
    }

    /// A call to the service that failed; `action` reads after "could not ".
    pub(crate) fn call(action: &str, error: ApiError) -> Self {
        let hint = error.hint();
        let kind = if error.is_temporary() {
            ErrorKind::Unavailable
        } else {
            ErrorKind::Network
        };
        Self {
            kind,
            ..Self::environment(format!("could not {action}"), error, hint)
        }
    }

    /// Returns the error of the call to the service, if it was the cause.
    pub(crate) fn call_error(&self) -> Option<&ApiError> {
        self.source.as_ref()?.downcast_ref::<ApiError>()
    }

    /// Replaces the hints of an error by one for the command that failed.
    pub(crate) fn with_hint(self, hint: impl Into<String>) -> Self {
        Self {
            hints: vec![hint.into()],
            ..self
        }
    }

    /// A state that a correct program can't be in.
    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Self {
            kind: ErrorKind::Internal,
            ..Self::usage(message, "report it as a bug")
        }
    }

    /// Standard output could not be written.
    pub(crate) fn standard_output(error: io::Error) -> Self {
        let hint = "free disk space, or redirect standard output to another file";
        Self::output(error, "could not write to standard output", hint)
    }

    /// A report could not be written to its file.
    pub(crate) fn report_file(path: &Path, error: io::Error) -> Self {
        let message = format!("could not write {}", path.display());
        Self::output(
            error,
            message,
            "free disk space, or choose another --output",
        )
    }

    fn output(error: io::Error, message: impl Into<String>, hint: &str) -> Self {
        let kind = match error.kind() {
            io::ErrorKind::BrokenPipe => ErrorKind::ClosedOutput,
            _ => ErrorKind::Environment,
        };
        Self {
            kind,
            ..Self::environment(message, error, hint)
        }
    }

    /// Whose fault it is.
    pub(crate) fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The message and its causes, in one line that is safe to print.
    pub(crate) fn message(&self) -> String {
        let mut text = sanitize(&self.message).into_owned();
        let mut cause = self.source.as_ref().map(|source| &**source as &dyn Error);
        while let Some(error) = cause {
            let _infallible = write!(text, ": {}", sanitize(&error.to_string()));
            cause = error.source();
        }
        text
    }

    /// What the user can do, each hint safe to print.
    pub(crate) fn hints(&self) -> impl Iterator<Item = String> {
        self.hints.iter().map(|hint| sanitize(hint).into_owned())
    }
}

impl fmt::Display for AppError {
    /// The message, its causes and its hints in one line, for the dashboard.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message())?;
        self.hints().try_for_each(|hint| write!(f, "; {hint}"))
    }
}

impl From<BatchError> for AppError {
    fn from(error: BatchError) -> Self {
        match error {
            BatchError::Output(error) => Self::standard_output(error),
            error => Self::environment("could not start screening", error, "use a smaller --jobs"),
        }
    }
}

impl From<JournalError> for AppError {
    fn from(error: JournalError) -> Self {
        let hint = match &error {
            JournalError::Busy { .. } => "run the same command again when that process has ended",
            JournalError::Folder { .. } | JournalError::Lock { .. } => {
                "set BANKSCREEN_STATE_DIR to a folder that you can write to"
            }
            JournalError::Damaged { .. } => {
                "restore a backup; or run bankscreen history --set-aside-damaged, which starts a \
                 new journal, and check by hand what was uploaded"
            }
            JournalError::NotAJournal { .. } => "set BANKSCREEN_STATE_DIR to another folder",
            JournalError::NewerVersion { .. } => "use the newest installed bankscreen",
            JournalError::DiskFull { .. } => {
                "free disk space and try again; nothing was sent without the journal"
            }
            JournalError::NotDamaged { .. } => "run bankscreen history",
            _ => {
                "try again; if the error persists, set BANKSCREEN_STATE_DIR to a folder on another \
                 disk"
            }
        };
        let source = error.source().map(ToString::to_string);
        let kind = match &error {
            JournalError::Busy { .. } => ErrorKind::Unavailable,
            _ => ErrorKind::Environment,
        };
        Self {
            kind,
            message: error.to_string(),
            source: source.map(Into::into),
            hints: vec![hint.to_owned()],
        }
    }
}
