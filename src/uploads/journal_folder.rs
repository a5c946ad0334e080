//! The journal of a run: the user's, or a temporary one for a sandbox.

use crate::error::AppError;
use crate::journal::Journal;
use crate::settings::environment::state_folder;
use jiff::Timestamp;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// An open journal with its folder.
pub(crate) struct JournalFolder {
    pub(crate) journal: Journal,
    path: PathBuf,
    /// Deleted together with this value, if the journal belongs to a sandbox.
    temporary: Option<TempDir>,
}

impl JournalFolder {
    /// Opens the user's journal, or for a sandbox a temporary one.
    ///
    /// # Errors
    ///
    /// If the folder can't be created or the journal can't be opened.
    pub(crate) fn open(sandbox: bool) -> Result<Self, AppError> {
        let temporary = sandbox.then(tempfile::tempdir).transpose();
        let temporary = temporary.map_err(|error| {
            let message = "could not create a folder for the sandbox's journal";
            let hint = "set TMPDIR to a folder that you can write to";
            AppError::environment(message, error, hint)
        })?;
        let path = match &temporary {
            Some(folder) => folder.path().to_owned(),
            None => state_folder()?,
        };
        Ok(Self {
            journal: Journal::open(&path, Timestamp::now())?,
            path,
            temporary,
        })
    }

    /// Returns the folder.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the journal and the guard that keeps its folder.
    pub(crate) fn into_parts(self) -> (Journal, Option<TempDir>) {
        (self.journal, self.temporary)
    }
}
