//! Errors of the journal. After any of them, nothing may be sent without a committed intent.

use super::lock::Holder;
use rusqlite::{ErrorCode, ffi};
use std::io;
use std::path::{Path, PathBuf};

/// Why the journal cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// Another process kept the journal locked for longer than the time to wait.
    #[error("the journal in {} is busy, locked by {}", dir.display(), holder_name(holder.as_ref()))]
    Busy {
        /// The folder of the journal.
        dir: PathBuf,
        /// The process that has it locked, if that can be read.
        holder: Option<Holder>,
    },
    /// The folder cannot be created, entered or written to.
    #[error("the journal folder {} is not usable", dir.display())]
    Folder {
        /// The folder of the journal.
        dir: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The file system has no locks. Without them two processes could send the same file.
    #[error("the journal in {} cannot be locked", dir.display())]
    Lock {
        /// The folder of the journal.
        dir: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The file is not an intact database, or a value or a commit in it was lost.
    #[error("the journal {} is damaged", path.display())]
    Damaged {
        /// The database.
        path: PathBuf,
    },
    /// The file is an intact database of another program.
    #[error("{} is not a bankscreen journal", path.display())]
    NotAJournal {
        /// The database.
        path: PathBuf,
    },
    /// A newer version of bankscreen wrote the journal.
    #[error(
        "the journal {} has version {found}; this program supports versions up to {supported}",
        path.display()
    )]
    NewerVersion {
        /// The database.
        path: PathBuf,
        /// The version of the database.
        found: u32,
        /// The newest version that this program supports.
        supported: u32,
    },
    /// The disk is full.
    #[error("no space left for the journal {}", path.display())]
    DiskFull {
        /// The database.
        path: PathBuf,
        /// The error of the database engine.
        source: rusqlite::Error,
    },
    /// Reading or writing failed for another reason.
    #[error("the journal {} cannot be read or written", path.display())]
    Database {
        /// The database.
        path: PathBuf,
        /// The error of the database engine.
        source: rusqlite::Error,
    },
    /// The thread of the journal has ended. This is a bug.
    #[error("the journal was closed")]
    Ended,
    /// An entry is not in the state that the operation requires.
    #[error("entry {id} of the journal {} is not open", path.display())]
    NotOpen {
        /// The database.
        path: PathBuf,
        /// The ID of the entry.
        id: i64,
    },
    /// Setting aside was requested for a journal that is not damaged.
    #[error("the journal {} is not damaged", path.display())]
    NotDamaged {
        /// The database.
        path: PathBuf,
    },
}

impl JournalError {
    /// Returns an equal error, for another operation of the same failed commit.
    pub(crate) fn repeated(&self) -> Self {
        let repeat = |source: &rusqlite::Error| {
            let code = source.sqlite_error().copied();
            let code = code.unwrap_or_else(|| ffi::Error::new(ffi::SQLITE_ERROR));
            rusqlite::Error::SqliteFailure(code, Some(source.to_string()))
        };
        match self {
            Self::DiskFull { path, source } => Self::DiskFull {
                path: path.clone(),
                source: repeat(source),
            },
            Self::Database { path, source } => Self::Database {
                path: path.clone(),
                source: repeat(source),
            },
            Self::Damaged { path } => Self::Damaged { path: path.clone() },
            Self::Busy { dir, holder } => Self::Busy {
                dir: dir.clone(),
                holder: holder.clone(),
            },
            _ => Self::Ended,
        }
    }
}

fn holder_name(holder: Option<&Holder>) -> String {
    holder.map_or_else(|| "another process".to_owned(), Holder::to_string)
}

impl JournalError {
    /// Classifies an error of the database engine.
    pub(super) fn from_sqlite(path: &Path, source: rusqlite::Error) -> Self {
        let path = path.to_owned();
        match source.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy {
                dir: path.parent().unwrap_or(&path).to_owned(),
                holder: None,
            },
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged { path },
            Some(ErrorCode::DiskFull) => Self::DiskFull { path, source },
            _ => Self::Database { path, source },
        }
    }
}
