//! The journal of a run: the user's, or a temporary one for a sandbox.

use super::shared_journal::SharedJournal;
use crate::error::AppError;
use crate::event_log::Notices;
use crate::journal::{Holder, Journal, JournalError};
use crate::settings::environment::state_folder;
use crate::uploads::plan::Owner;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// An open journal with its folder.
pub(crate) struct JournalFolder {
    pub(crate) journal: SharedJournal,
    path: PathBuf,
    /// Deleted together with this value, if the journal belongs to a sandbox.
    _temporary: Option<TempDir>,
}

impl JournalFolder {
    /// Opens the user's journal for a host and key, or for a sandbox a temporary one.
    ///
    /// # Errors
    ///
    /// If the folder can't be created or the journal can't be opened.
    pub(crate) fn open(sandbox: bool, owner: Owner, notices: &Notices) -> Result<Self, AppError> {
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
            _temporary: temporary,
            ..Self::open_at(path, owner, notices)?
        })
    }

    /// Opens the journal in a folder, as after a failure.
    ///
    /// # Errors
    ///
    /// If the journal can't be opened.
    pub(crate) fn open_at(
        path: PathBuf,
        owner: Owner,
        notices: &Notices,
    ) -> Result<Self, JournalError> {
        let notices = notices.clone();
        let on_wait = Box::new(move |holder: Option<&Holder>| {
            let by = holder.map_or_else(|| "another process".to_owned(), Holder::to_string);
            notices.note(format_args!("waiting for the journal, which {by} uses"));
        });
        let journal = Journal::open(&path, Some(owner), Some(on_wait))?;
        let journal = SharedJournal::start(journal).map_err(|source| JournalError::Folder {
            dir: path.clone(),
            source,
        })?;
        Ok(Self {
            journal,
            path,
            _temporary: None,
        })
    }

    /// Returns the folder.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}
