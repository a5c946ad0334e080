//! Exit codes, as published in the README.

use std::process::ExitCode;

/// How the program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Every file passed.
    Passed,
    /// The run finished, and at least one file failed.
    Failed,
    /// The run could not be done, or not for every path.
    NotDone,
    /// A signal ended the run.
    Interrupted(i32),
}

impl Exit {
    /// The code that the shell sees.
    pub fn code(self) -> u8 {
        match self {
            Self::Passed => 0,
            Self::Failed => 1,
            Self::NotDone => 2,
            Self::Interrupted(signal) => u8::try_from(128 + signal).unwrap_or(2),
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
