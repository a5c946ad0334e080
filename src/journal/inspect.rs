//! What is there to know of a journal without opening it for work.

use super::lock::{self, Holder};
use super::storage;
use std::path::{Path, PathBuf};

/// The condition of the journal in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalStatus {
    /// The database, whether or not it is there.
    pub path: PathBuf,
    /// The version of its shape; `None` where there is none, or it can't be read.
    pub version: Option<u32>,
    /// Whether some process writes it now, and which, if that can be told.
    pub writer: Option<Option<Holder>>,
    /// Whether it is on a network file system, where it commits more slowly.
    pub on_network: bool,
}

/// Looks at the journal in a folder. Nothing is made or changed.
pub fn inspect(dir: &Path) -> JournalStatus {
    let connection = storage::open_to_read(dir).ok().flatten();
    let version = connection.and_then(|connection| {
        let read = |row: &rusqlite::Row<'_>| row.get::<_, u32>(0);
        connection.query_row("PRAGMA user_version", [], read).ok()
    });
    JournalStatus {
        path: storage::database(dir),
        version,
        writer: lock::is_taken(dir).then(|| lock::holder(dir)),
        on_network: storage::is_network(dir),
    }
}
