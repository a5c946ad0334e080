//! What can go wrong with the journal. Whatever it is, nothing is sent without a written intent.

use super::lock::Holder;
use rusqlite::ErrorCode;
use std::io;
use std::path::{Path, PathBuf};

/// Why the journal can't be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// Another process writes it.
    #[error("the journal in {} is in use by {}", dir.display(), who(holder.as_ref()))]
    InUse {
        /// The folder of the journal.
        dir: PathBuf,
        /// Who holds it, where that can be read.
        holder: Option<Holder>,
    },
    /// The folder can't be made, entered or written to.
    #[error("the journal's folder {} can't be used", dir.display())]
    Folder {
        /// The folder of the journal.
        dir: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file system has no locks, without which two processes could send one file.
    #[error("the journal in {} can't be locked", dir.display())]
    Lock {
        /// The folder of the journal.
        dir: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file is no sound database.
    #[error("the journal {} is damaged", path.display())]
    Damaged {
        /// The database.
        path: PathBuf,
    },
    /// The file is a sound database of some other program.
    #[error("{} is not a journal of this program", path.display())]
    Foreign {
        /// The database.
        path: PathBuf,
    },
    /// A newer program has written it.
    #[error(
        "the journal {} has version {found}, and this program knows versions up to {known}",
        path.display()
    )]
    Newer {
        /// The database.
        path: PathBuf,
        /// Its version.
        found: u32,
        /// The newest version that this program can write.
        known: u32,
    },
    /// There is no space left.
    #[error("there is no space left for the journal {}", path.display())]
    Full {
        /// The database.
        path: PathBuf,
        /// What the database says.
        source: rusqlite::Error,
    },
    /// Reading or writing failed in some other way.
    #[error("the journal {} can't be read or written", path.display())]
    Database {
        /// The database.
        path: PathBuf,
        /// What the database says.
        source: rusqlite::Error,
    },
    /// An entry was to be changed that is not in the state for it.
    #[error("entry {id} of the journal {} is not open", path.display())]
    NotOpen {
        /// The database.
        path: PathBuf,
        /// The entry.
        id: i64,
    },
    /// A sound journal was to be set aside.
    #[error("the journal {} is not damaged", path.display())]
    Sound {
        /// The database.
        path: PathBuf,
    },
}

fn who(holder: Option<&Holder>) -> String {
    holder.map_or_else(|| "another process".to_owned(), Holder::to_string)
}

impl JournalError {
    /// Sorts what the database says.
    pub(super) fn sort(path: &Path, source: rusqlite::Error) -> Self {
        let path = path.to_owned();
        match source.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged { path },
            Some(ErrorCode::DiskFull) => Self::Full { path, source },
            _ => Self::Database { path, source },
        }
    }
}
