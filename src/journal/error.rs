//! Errors of the journal. After any of them, nothing may be sent without a committed intent.

use super::lock::Holder;
use rusqlite::ErrorCode;
use std::io;
use std::path::{Path, PathBuf};

/// Why the journal cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// Another process has the journal open for writing.
    #[error("the journal in {} is in use by {}", dir.display(), holder_name(holder.as_ref()))]
    InUse {
        /// The folder of the journal.
        dir: PathBuf,
        /// The process that has it open, if that can be read.
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
    /// The file is not an intact database.
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

fn holder_name(holder: Option<&Holder>) -> String {
    holder.map_or_else(|| "another process".to_owned(), Holder::to_string)
}

impl JournalError {
    /// Classifies an error of the database engine.
    pub(super) fn from_sqlite(path: &Path, source: rusqlite::Error) -> Self {
        let path = path.to_owned();
        match source.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged { path },
            Some(ErrorCode::DiskFull) => Self::DiskFull { path, source },
            _ => Self::Database { path, source },
        }
    }
}
