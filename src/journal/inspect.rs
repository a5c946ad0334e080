//! Reports the status of a journal without opening it for writing.

use super::storage;
use std::path::{Path, PathBuf};

/// The status of the journal in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalStatus {
    /// The path of the database, which may not exist.
    pub path: PathBuf,
    /// The schema version; `None` if it cannot be read.
    pub version: Option<u32>,
    /// Whether the folder is on a network file system. Commits are slower there.
    pub on_network: bool,
}

/// Returns the status of the journal in a folder. Creates and changes nothing.
pub fn inspect(dir: &Path) -> JournalStatus {
    let connection = storage::open_read_only(dir).ok().flatten();
    let version = connection.and_then(|connection| {
        let read = |row: &rusqlite::Row<'_>| row.get::<_, u32>(0);
        connection.query_row("PRAGMA user_version", [], read).ok()
    });
    JournalStatus {
        path: storage::database_path(dir),
        version,
        on_network: storage::is_network(dir),
    }
}
