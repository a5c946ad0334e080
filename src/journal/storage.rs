//! The journal's files: folder, permissions, durability, versions, and what a damaged one becomes.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this is where the journal's files are made"
)]

use super::JournalError;
use super::lock::WriterLock;
use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

const FILE: &str = "journal.sqlite3";
/// Files that the database engine keeps beside its own.
const COMPANIONS: [&str; 3] = ["-wal", "-shm", "-journal"];
/// `PRAGMA application_id` of the journal, set by the first migration.
const APPLICATION_ID: u32 = 1_112_754_764;
/// A migration a version, the first for version 1. They are only ever added.
const MIGRATIONS: [&str; 3] = [
    include_str!("migrations/0001_uploads.sql"),
    include_str!("migrations/0002_sessions.sql"),
    include_str!("migrations/0003_periods.sql"),
];
/// The newest version that this program knows.
const KNOWN: u32 = MIGRATIONS.len() as u32;
/// Readers hold the database for milliseconds, and writers for a commit.
const BUSY: Duration = Duration::from_secs(5);

/// How commits reach the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Commits {
    /// A write-ahead log: one flush a commit, and readers never wait.
    Log,
    /// A rollback journal, for network file systems, on which processes can't share the memory that
    /// a write-ahead log needs.
    Rollback,
}

impl Commits {
    fn for_folder(dir: &Path) -> Self {
        if is_network(dir) {
            Self::Rollback
        } else {
            Self::Log
        }
    }

    fn journal_mode(self) -> &'static str {
        match self {
            Self::Log => "wal",
            Self::Rollback => "delete",
        }
    }
}

/// Whether a folder is on a file system that other machines may write to as well.
#[cfg(target_os = "linux")]
pub(super) fn is_network(dir: &Path) -> bool {
    // NFS, SMB, CIFS, SMB2, 9P (shares of virtual machines), AFS, Ceph, FUSE (sshfs and others).
    const NETWORK: [u32; 8] = [
        0x6969,
        0x517B,
        0xFF53_4D42,
        0xFE53_4D42,
        0x0102_1997,
        0x5346_414F,
        0x00C3_6400,
        0x6573_5546,
    ];
    rustix::fs::statfs(dir).is_ok_and(|found| NETWORK.contains(&(found.f_type as u32)))
}

/// Elsewhere it can't be told as simply; a rollback journal is right everywhere.
#[cfg(not(target_os = "linux"))]
pub(super) fn is_network(_: &Path) -> bool {
    true
}

/// Where the database of a folder is.
pub(super) fn database(dir: &Path) -> PathBuf {
    dir.join(FILE)
}

/// Makes the folder, for its owner only. One that is there keeps its permissions: it may be shared
/// with other programs, and the files in it are private by themselves.
pub(super) fn make_folder(dir: &Path) -> Result<(), JournalError> {
    let refuse = |source| JournalError::Folder {
        dir: dir.to_owned(),
        source,
    };
    if !dir.is_dir() {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(dir);
        made.map_err(refuse)?;
        if let Some(parent) = dir.parent() {
            // Power may fail before the parent is written; some file systems flush no folders.
            let _best_effort = sync_folder(parent);
        }
    }
    Ok(())
}

fn sync_folder(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

/// Opens the database for writing, made if there is none, brought to the newest version.
pub(super) fn open(dir: &Path) -> Result<Connection, JournalError> {
    open_with(dir, Commits::for_folder(dir))
}

pub(super) fn open_with(dir: &Path, commits: Commits) -> Result<Connection, JournalError> {
    let path = database(dir);
    let refuse = |source| JournalError::Folder {
        dir: dir.to_owned(),
        source,
    };
    make_private(&path).map_err(refuse)?;
    // Before SQLite sees the file: what it takes for an unfinished write it would roll back.
    if !looks_like_a_database(&path).map_err(refuse)? {
        return Err(JournalError::Damaged { path });
    }
    let sort = |source| JournalError::sort(&path, source);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(&path, flags).map_err(sort)?;
    harden(&connection).map_err(sort)?;
    let version = version(&connection, &path)?;
    check(&connection, &path)?;
    // `EXTRA` flushes every commit, and in rollback mode the folder too: an intent that power can
    // take back is no intent. `secure_delete` overwrites what is pruned.
    connection
        .execute_batch(
            "PRAGMA synchronous = EXTRA; PRAGMA fullfsync = ON; PRAGMA secure_delete = ON;",
        )
        .map_err(sort)?;
    let set = |row: &rusqlite::Row<'_>| row.get::<_, String>(0);
    let mode = commits.journal_mode();
    let in_force = connection.pragma_update_and_check(None, "journal_mode", mode, set);
    if in_force.map_err(sort)? != mode {
        let busy = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY);
        return Err(sort(rusqlite::Error::SqliteFailure(busy, None)));
    }
    migrate(&mut connection, version).map_err(sort)?;
    let _best_effort = sync_folder(dir);
    Ok(connection)
}

/// Creates an empty file that only its owner can read, or makes a present one so.
fn make_private(path: &Path) -> io::Result<()> {
    let mut open = OpenOptions::new();
    open.read(true).write(true).create(true).truncate(false);
    let file = open.mode(0o600).open(path)?;
    let permissions = file.metadata()?.permissions();
    if permissions.mode() & 0o077 != 0 {
        file.set_permissions(fs::Permissions::from_mode(0o600))?;
    }
    Ok(())
}

fn looks_like_a_database(path: &Path) -> io::Result<bool> {
    const MAGIC: &[u8] = b"SQLite format 3\0";
    let mut start = Vec::new();
    let magic = MAGIC.len() as u64;
    File::open(path)?.take(magic).read_to_end(&mut start)?;
    Ok(start.is_empty() || start == MAGIC)
}

/// Opens a database for reading; `None` while nothing was ever written to it.
pub(super) fn open_to_read(dir: &Path) -> Result<Option<Connection>, JournalError> {
    let path = database(dir);
    match path.try_exists() {
        Ok(true) => {}
        Ok(false) => return Ok(None),
        Err(source) => {
            return Err(JournalError::Folder {
                dir: dir.to_owned(),
                source,
            });
        }
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let sort = |source| JournalError::sort(&path, source);
    let connection = Connection::open_with_flags(&path, flags).map_err(sort)?;
    readable(connection, &path)
}

/// Opens a database that nobody writes, in a folder that can't be written to.
///
/// `None` where a writer has left something to be finished first.
pub(super) fn open_frozen(dir: &Path) -> Result<Option<Connection>, JournalError> {
    let path = database(dir);
    let unfinished = |ending: &str| {
        let companion = beside(&path, ending);
        ending != "-shm" && companion.metadata().is_ok_and(|found| found.len() > 0)
    };
    if COMPANIONS.iter().any(|ending| unfinished(ending)) {
        return Ok(None);
    }
    let Some(text) = path.to_str() else {
        return Ok(None);
    };
    let mut uri = String::from("file:");
    for c in text.chars() {
        match c {
            '%' => uri.push_str("%25"),
            '?' => uri.push_str("%3f"),
            '#' => uri.push_str("%23"),
            c => uri.push(c),
        }
    }
    uri.push_str("?immutable=1");
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_URI;
    let sort = |source| JournalError::sort(&path, source);
    let connection = Connection::open_with_flags(&uri, flags).map_err(sort)?;
    readable(connection, &path)
}

fn readable(connection: Connection, path: &Path) -> Result<Option<Connection>, JournalError> {
    harden(&connection).map_err(|source| JournalError::sort(path, source))?;
    let version = version(&connection, path)?;
    Ok((version > 0).then_some(connection))
}

/// Trusts nothing that the file says of itself.
fn harden(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY)?;
    connection.execute_batch("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;")
}

/// The version of a database that is ours and not too new; 0 for one without any content.
fn version(connection: &Connection, path: &Path) -> Result<u32, JournalError> {
    let ask = |sql: &str| {
        let answer = connection.query_row(sql, [], |row| row.get::<_, u32>(0));
        answer.map_err(|source| JournalError::sort(path, source))
    };
    let path = path.to_owned();
    let found = ask("SELECT user_version FROM pragma_user_version")?;
    let application = ask("SELECT application_id FROM pragma_application_id")?;
    let tables = ask("SELECT count(*) FROM sqlite_schema")?;
    if application != APPLICATION_ID && (found, tables) != (0, 0) {
        return Err(JournalError::Foreign { path });
    }
    if found > KNOWN {
        let known = KNOWN;
        return Err(JournalError::Newer { path, found, known });
    }
    Ok(found)
}

fn check(connection: &Connection, path: &Path) -> Result<(), JournalError> {
    let verdict = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0));
    let verdict: String = verdict.map_err(|source| JournalError::sort(path, source))?;
    if verdict == "ok" {
        Ok(())
    } else {
        Err(JournalError::Damaged {
            path: path.to_owned(),
        })
    }
}

fn migrate(connection: &mut Connection, version: u32) -> rusqlite::Result<()> {
    for (sql, next) in MIGRATIONS.iter().zip(1..).skip(version as usize) {
        let whole = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        whole.execute_batch(sql)?;
        whole.pragma_update(None, "user_version", next)?;
        whole.commit()?;
    }
    Ok(())
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// Renames a damaged journal, and gives its new name. Nothing of it is deleted.
///
/// # Errors
///
/// When the journal is sound, in use, or can't be renamed.
pub fn set_aside(dir: &Path, now: Timestamp) -> Result<PathBuf, JournalError> {
    make_folder(dir)?;
    let _lock = WriterLock::take(dir, now)?;
    let path = database(dir);
    match open(dir) {
        Err(JournalError::Damaged { .. }) => {}
        Ok(_) => return Err(JournalError::Sound { path }),
        Err(other) => return Err(other),
    }
    let kept = beside(&path, &format!(".damaged-{}", now.as_millisecond()));
    let refuse = |source| JournalError::Folder {
        dir: dir.to_owned(),
        source,
    };
    // The database goes last: as long as it is there, nobody takes the journal for a new one.
    for ending in COMPANIONS.into_iter().chain([""]) {
        match fs::rename(beside(&path, ending), beside(&kept, ending)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(refuse(error)),
            _ => {}
        }
    }
    Ok(kept)
}
