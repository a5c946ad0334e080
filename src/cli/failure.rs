//! Why a command could not be done, and what to do about it, said once on standard error.

use super::Exit;
use super::notice::notice;
use crate::batch::BatchError;
use crate::journal::JournalError;
use crate::text::sanitize;
use std::error::Error;
use std::fmt::{self, Write as _};
use std::io;

/// A command that could not be done.
#[derive(Debug)]
pub(crate) struct Failure {
    heading: String,
    source: Option<Box<dyn Error + Send + Sync>>,
    hint: Option<String>,
    /// A reader of our output that went away is no failure.
    closed_pipe: bool,
}

impl Failure {
    /// The command was called in a way that makes no sense.
    pub(crate) fn usage(heading: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            heading: heading.into(),
            source: None,
            hint: Some(hint.into()),
            closed_pipe: false,
        }
    }

    /// The system refused something.
    pub(crate) fn environment(
        heading: impl Into<String>,
        source: impl Into<Box<dyn Error + Send + Sync>>,
        hint: impl Into<String>,
    ) -> Self {
        Self {
            heading: heading.into(),
            source: Some(source.into()),
            hint: Some(hint.into()),
            closed_pipe: false,
        }
    }

    /// Says what is wrong on standard error and gives the exit code.
    pub(crate) fn report(&self) -> Exit {
        if self.closed_pipe {
            return Exit::Passed;
        }
        let mut text = format!("error: {}", self.what());
        if let Some(hint) = self.remedy() {
            let _infallible = write!(text, "\n  try: {hint}");
        }
        notice(text);
        Exit::NotDone
    }

    /// What is wrong, with its causes.
    pub(crate) fn what(&self) -> String {
        let mut text = sanitize(&self.heading).into_owned();
        let mut cause = self.source.as_ref().map(|source| &**source as &dyn Error);
        while let Some(error) = cause {
            let _infallible = write!(text, ": {}", sanitize(&error.to_string()));
            cause = error.source();
        }
        text
    }

    /// What to do about it.
    pub(crate) fn remedy(&self) -> Option<String> {
        self.hint.as_deref().map(|hint| sanitize(hint).into_owned())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what())?;
        self.remedy()
            .map_or(Ok(()), |hint| write!(f, "; try: {hint}"))
    }
}

impl From<BatchError> for Failure {
    fn from(error: BatchError) -> Self {
        match error {
            BatchError::Output(error) => error.into(),
            error => Self::environment("the screening could not start", error, "a smaller --jobs"),
        }
    }
}

impl From<JournalError> for Failure {
    fn from(error: JournalError) -> Self {
        let hint = match &error {
            JournalError::InUse { .. } => "again when that process has ended",
            JournalError::Folder { .. } | JournalError::Lock { .. } => {
                "BANKSCREEN_STATE_DIR with a folder that you may write to"
            }
            JournalError::Damaged { .. } => {
                "a copy from a backup; or bankscreen history --set-aside-damaged, which begins a \
                 new journal, and then make sure by hand what was uploaded"
            }
            JournalError::Foreign { .. } => "BANKSCREEN_STATE_DIR with another folder",
            JournalError::Newer { .. } => "the newest bankscreen that is installed",
            JournalError::Full { .. } => "again when there is space; nothing was sent without it",
            JournalError::Sound { .. } => "bankscreen history",
            _ => "again; if it stays, BANKSCREEN_STATE_DIR with a folder on another disk",
        };
        let source = error.source().map(ToString::to_string);
        Self {
            heading: error.to_string(),
            source: source.map(Into::into),
            hint: Some(hint.to_owned()),
            closed_pipe: false,
        }
    }
}

impl From<io::Error> for Failure {
    /// Errors of writing the report; all others are given a heading of their own.
    fn from(error: io::Error) -> Self {
        Self {
            closed_pipe: error.kind() == io::ErrorKind::BrokenPipe,
            ..Self::environment(
                "the report could not be written",
                error,
                "another --output, or free some space",
            )
        }
    }
}
