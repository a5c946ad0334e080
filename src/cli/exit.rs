//! Exit codes, as documented in the guide, and the report of the error that ends a run.

use crate::error::{AppError, ErrorKind};
use crate::event_log::Notices;
use std::fmt::Write as _;
use std::process::ExitCode;

/// How the program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitStatus {
    /// Every file passed.
    Passed,
    /// The run finished, and at least one file failed.
    Failed,
    /// The run could not be done, or not for every path.
    NotDone,
    /// The network, the service, the journal or the session was not available: run the same call
    /// later.
    Unavailable,
    /// The reader of standard output went away before everything was written.
    ReaderGone,
    /// A signal ended the run.
    Interrupted(i32),
}

/// The signal that a closed pipe sends to programs that do not ignore it.
const SIGPIPE: u8 = 13;

impl ExitStatus {
    /// Returns the status that decides if both apply.
    #[must_use]
    pub fn worse(self, other: Self) -> Self {
        let rank = |status: Self| match status {
            Self::Passed => 0,
            Self::Failed => 1,
            Self::Unavailable => 2,
            Self::NotDone => 3,
            Self::ReaderGone => 4,
            Self::Interrupted(_) => 5,
        };
        if rank(other) > rank(self) {
            other
        } else {
            self
        }
    }

    /// Returns the exit code.
    pub fn code(self) -> u8 {
        match self {
            Self::Passed => 0,
            Self::Failed => 1,
            Self::NotDone => 2,
            Self::Unavailable => 75,
            Self::ReaderGone => 128 + SIGPIPE,
            Self::Interrupted(signal) => u8::try_from(128 + signal).unwrap_or(2),
        }
    }
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        Self::from(status.code())
    }
}

/// Prints an error with its causes and hints, and returns the exit status.
pub(super) fn report(error: &AppError, notices: &Notices) -> ExitStatus {
    match error.kind() {
        // The reader of the output has closed it and expects no message.
        ErrorKind::ClosedOutput => ExitStatus::ReaderGone,
        kind => {
            notices.error(text(error));
            match kind {
                ErrorKind::Unavailable => ExitStatus::Unavailable,
                ErrorKind::Usage
                | ErrorKind::Environment
                | ErrorKind::Network
                | ErrorKind::Internal
                | ErrorKind::ClosedOutput => ExitStatus::NotDone,
            }
        }
    }
}

/// Formats an error with its causes and hints.
pub(super) fn text(error: &AppError) -> String {
    let mut text = error.message();
    for hint in error.hints() {
        let _infallible = write!(text, "\n  hint: {hint}");
    }
    text
}

/// Prints an error that occurred before the event log was opened.
pub(super) fn report_before_log(error: &AppError) -> ExitStatus {
    report(error, &Notices::default())
}
