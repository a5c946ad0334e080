//! The files of the journal: folder, permissions, durability, migrations and damaged databases.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this module creates the files of the journal"
)]

use super::error::JournalError;
use super::integrity::{self, CommitCounter};
use super::lock::{FolderLock, Locked};
use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

const FILE_NAME: &str = "journal.sqlite3";
/// Suffixes of the files that the database engine creates next to the database.
const COMPANION_SUFFIXES: [&str; 3] = [LOG_SUFFIX, "-shm", "-journal"];
/// Suffix of the write-ahead log.
const LOG_SUFFIX: &str = "-wal";
/// `PRAGMA application_id` of the journal, set by the first migration.
const APPLICATION_ID: u32 = 1_112_754_764;
/// One migration per version, the first for version 1. Migrations are only added, never changed.
const MIGRATIONS: [&str; 7] = [
    include_str!("migrations/0001_uploads.sql"),
    include_str!("migrations/0002_sessions.sql"),
    include_str!("migrations/0003_periods.sql"),
    include_str!("migrations/0004_owners.sql"),
    include_str!("migrations/0005_rule_uses.sql"),
    include_str!("migrations/0006_case_statements.sql"),
    include_str!("migrations/0007_learnt_forms.sql"),
];
/// The first version whose rows have checksums.
const FIRST_SEALED_VERSION: u32 = 4;
/// The newest version that this program supports.
const SUPPORTED_VERSION: u32 = MIGRATIONS.len() as u32;
/// Maximum time that SQLite waits for another connection. Readers hold the database for
/// milliseconds, and writers for one commit; the journal repeats an operation for longer.
const BUSY_TIMEOUT: Duration = Duration::from_secs(1);
/// The journal mode of SQLite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum JournalMode {
    /// A write-ahead log: one flush per commit, and readers never wait.
    WriteAheadLog,
    /// A rollback journal, for network file systems. There processes cannot share the memory that
    /// a write-ahead log requires.
    Rollback,
}

impl JournalMode {
    fn for_folder(dir: &Path) -> Self {
        if is_network(dir) {
            Self::Rollback
        } else {
            Self::WriteAheadLog
        }
    }

    fn pragma(self) -> &'static str {
        match self {
            Self::WriteAheadLog => "wal",
            Self::Rollback => "delete",
        }
    }
}

/// Returns whether a folder is on a network file system, to which other machines may write too.
#[cfg(target_os = "linux")]
pub(super) fn is_network(dir: &Path) -> bool {
    // NFS, SMB, CIFS, SMB2, 9P (shares of virtual machines), AFS, Ceph, FUSE (sshfs and others).
    const NETWORK_MAGIC: [u32; 8] = [
        0x6969,
        0x517B,
        0xFF53_4D42,
        0xFE53_4D42,
        0x0102_1997,
        0x5346_414F,
        0x00C3_6400,
        0x6573_5546,
    ];
    rustix::fs::statfs(dir).is_ok_and(|stats| NETWORK_MAGIC.contains(&(stats.f_type as u32)))
}

/// Always true: other systems offer no simple check, and a rollback journal works everywhere.
#[cfg(not(target_os = "linux"))]
pub(super) fn is_network(_: &Path) -> bool {
    true
}

/// Returns the path of the database in a folder.
pub(super) fn database_path(dir: &Path) -> PathBuf {
    dir.join(FILE_NAME)
}

/// Creates the folder, accessible to its owner only.
///
/// An existing folder keeps its permissions. It may be shared with other programs, and the files of
/// the journal have private permissions themselves.
pub(super) fn create_folder(dir: &Path) -> Result<(), JournalError> {
    let folder_error = |source| JournalError::Folder {
        dir: dir.to_owned(),
        source,
    };
    if !dir.is_dir() {
        let created = DirBuilder::new().recursive(true).mode(0o700).create(dir);
        created.map_err(folder_error)?;
        if let Some(parent) = dir.parent() {
            // Makes the new folder survive a power failure. Some file systems cannot sync folders.
            let _best_effort = sync_folder(parent);
        }
    }
    Ok(())
}

fn sync_folder(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

/// Opens the database for writing. Creates it if there is none, and migrates it to the newest
/// version.
pub(super) fn open(dir: &Path) -> Result<Connection, JournalError> {
    open_with(dir, JournalMode::for_folder(dir))
}

pub(super) fn open_with(dir: &Path, mode: JournalMode) -> Result<Connection, JournalError> {
    let path = database_path(dir);
    let folder_error = |source| JournalError::Folder {
        dir: dir.to_owned(),
        source,
    };
    // SQLite would create the file with the default permissions of the process.
    if create_private(&path).map_err(folder_error)? {
        // The user deleted an earlier database, so its commits are not missed.
        let _counter = fs::remove_file(integrity::counter_path(dir));
    }
    // Checked before SQLite opens the file, because SQLite would roll back what it considers an
    // unfinished write.
    if !has_sqlite_header(&path).map_err(folder_error)? {
        return Err(JournalError::Damaged { path });
    }
    let error = |source| JournalError::from_sqlite(&path, source);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(&path, flags).map_err(error)?;
    harden(&connection).map_err(error)?;
    check_integrity(&connection, &path)?;
    // `EXTRA` flushes every commit, and in rollback mode the folder as well: an intent must survive
    // a power failure. `secure_delete` overwrites pruned rows.
    connection
        .execute_batch(
            "PRAGMA synchronous = EXTRA; PRAGMA fullfsync = ON; PRAGMA secure_delete = ON;",
        )
        .map_err(error)?;
    let read = |row: &rusqlite::Row<'_>| row.get::<_, String>(0);
    let mode = mode.pragma();
    // If the mode cannot be changed, the pragma returns the old mode without an error.
    let active = connection.pragma_update_and_check(None, "journal_mode", mode, read);
    if active.map_err(error)? != mode {
        let busy = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY);
        return Err(error(rusqlite::Error::SqliteFailure(busy, None)));
    }
    migrate(&mut connection).map_err(error)?;
    let _best_effort = sync_folder(dir);
    Ok(connection)
}

/// Creates an empty file with private permissions, or makes an existing file private. Returns
/// whether it was created.
fn create_private(path: &Path) -> io::Result<bool> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).mode(0o600);
    match options.clone().create_new(true).open(path) {
        Ok(_created) => return Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error),
    }
    let file = options.open(path)?;
    let permissions = file.metadata()?.permissions();
    if permissions.mode() & 0o077 != 0 {
        file.set_permissions(fs::Permissions::from_mode(0o600))?;
    }
    Ok(false)
}

fn has_sqlite_header(path: &Path) -> io::Result<bool> {
    const MAGIC: &[u8] = b"SQLite format 3\0";
    let mut start = Vec::new();
    let magic = MAGIC.len() as u64;
    File::open(path)?.take(magic).read_to_end(&mut start)?;
    Ok(start.is_empty() || start == MAGIC)
}

/// Opens a database for reading; `None` if nothing was ever written to it.
pub(super) fn open_read_only(dir: &Path) -> Result<Option<Connection>, JournalError> {
    let path = database_path(dir);
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
    let error = |source| JournalError::from_sqlite(&path, source);
    let connection = Connection::open_with_flags(&path, flags).map_err(error)?;
    reader_connection(connection, &path)
}

/// Opens a database without a writer in a read-only folder.
///
/// Returns `None` if a writer must complete an unfinished write first.
pub(super) fn open_immutable(dir: &Path) -> Result<Option<Connection>, JournalError> {
    let path = database_path(dir);
    let is_unfinished = |suffix: &str| {
        let companion = with_suffix(&path, suffix);
        // The shared-memory file contains an index only, which SQLite rebuilds.
        suffix != "-shm"
            && companion
                .metadata()
                .is_ok_and(|metadata| metadata.len() > 0)
    };
    if COMPANION_SUFFIXES
        .iter()
        .any(|suffix| is_unfinished(suffix))
    {
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
    // Without locks and without shared memory, which a read-only folder does not allow.
    uri.push_str("?immutable=1");
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_URI;
    let error = |source| JournalError::from_sqlite(&path, source);
    let connection = Connection::open_with_flags(&uri, flags).map_err(error)?;
    reader_connection(connection, &path)
}

fn reader_connection(
    connection: Connection,
    path: &Path,
) -> Result<Option<Connection>, JournalError> {
    harden(&connection).map_err(|source| JournalError::from_sqlite(path, source))?;
    let version = read_version(&connection, path)?;
    Ok((version > 0).then_some(connection))
}

/// Protects against malicious database files.
fn harden(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.execute_batch("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;")
}

/// Returns the version of a supported journal; 0 for an empty database.
fn read_version(connection: &Connection, path: &Path) -> Result<u32, JournalError> {
    let query = |sql: &str| {
        let value = connection.query_row(sql, [], |row| row.get::<_, u32>(0));
        value.map_err(|source| JournalError::from_sqlite(path, source))
    };
    let path = path.to_owned();
    let found = query("SELECT user_version FROM pragma_user_version")?;
    let application = query("SELECT application_id FROM pragma_application_id")?;
    let tables = query("SELECT count(*) FROM sqlite_schema")?;
    if application != APPLICATION_ID && (found, tables) != (0, 0) {
        return Err(JournalError::NotAJournal { path });
    }
    if found > SUPPORTED_VERSION {
        return Err(JournalError::NewerVersion {
            path,
            found,
            supported: SUPPORTED_VERSION,
        });
    }
    Ok(found)
}

/// Checks the version, the length and the structure of a database, and its rows if they have
/// checksums.
fn check_integrity(connection: &Connection, path: &Path) -> Result<(), JournalError> {
    let error = |source| JournalError::from_sqlite(path, source);
    // One transaction, because other processes may write, or even migrate it, meanwhile.
    let transaction = connection.unchecked_transaction().map_err(error)?;
    let version = read_version(&transaction, path)?;
    let check = || {
        let expected = Connection::open_in_memory()?;
        for sql in MIGRATIONS.iter().take(version as usize) {
            expected.execute_batch(sql)?;
        }
        Ok(integrity::structure_is_intact(&transaction, &expected)?
            && (version < FIRST_SEALED_VERSION || integrity::rows_are_intact(&transaction)?))
    };
    let is_intact = check().map_err(error)? && length_is_intact(path)?;
    transaction.finish().map_err(error)?;
    if is_intact {
        Ok(())
    } else {
        Err(JournalError::Damaged {
            path: path.to_owned(),
        })
    }
}

/// Returns whether the database file has the length that its header states. Call it in a
/// transaction, in which the file can't shrink.
fn length_is_intact(path: &Path) -> Result<bool, JournalError> {
    let log = fs::metadata(with_suffix(path, LOG_SUFFIX));
    let has_log = log.is_ok_and(|log| log.len() > 0);
    integrity::length_is_intact(path, has_log).map_err(|source| JournalError::Folder {
        dir: path.parent().unwrap_or(path).to_owned(),
        source,
    })
}

fn migrate(connection: &mut Connection) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Read here, because another process may have migrated it meanwhile.
    let version: u32 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    for (sql, next) in MIGRATIONS.iter().zip(1..).skip(version as usize) {
        // The version changes in the same transaction, so an interrupted migration is repeated.
        transaction.execute_batch(sql)?;
        transaction.pragma_update(None, "user_version", next)?;
        if next == FIRST_SEALED_VERSION {
            integrity::seal_all(&transaction)?;
        }
    }
    transaction.commit()
}

/// Fails if commits are missing that were made before, and returns the number of commits.
pub(super) fn check_commits(dir: &Path, connection: &Connection) -> Result<u64, JournalError> {
    let path = database_path(dir);
    let counter = CommitCounter::open(dir).map_err(|source| JournalError::Folder {
        dir: dir.to_owned(),
        source,
    })?;
    // Read before the database, in which another process may commit meanwhile.
    let expected = counter.read();
    let sql = "SELECT number FROM commits WHERE id = 1";
    let number = connection.query_row(sql, [], |row| row.get::<_, i64>(0));
    match number.map(i64::unsigned_abs) {
        Ok(number) if number >= expected => Ok(number),
        Ok(_) | Err(rusqlite::Error::QueryReturnedNoRows) => Err(JournalError::Damaged { path }),
        Err(source) => Err(JournalError::from_sqlite(&path, source)),
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Returns whether a name in the journal's folder is one of a file that the journal keeps there:
/// the database with its companions and earlier versions, the counter, or a lock.
pub fn is_own_file(name: &str) -> bool {
    let is_lock = Path::new(name)
        .extension()
        .is_some_and(|extension| extension == "lock");
    name.starts_with("journal.") || name.starts_with("dashboard-") || is_lock
}

/// Renames a damaged journal and returns its new path. Nothing is deleted.
///
/// # Errors
///
/// Returns an error if the journal is not damaged, is in use, or cannot be renamed.
pub fn set_aside(dir: &Path, now: Timestamp) -> Result<PathBuf, JournalError> {
    create_folder(dir)?;
    let _lock = match FolderLock::exclusive(dir)? {
        Locked::Taken(lock) => lock,
        Locked::Held(holder) => {
            return Err(JournalError::Busy {
                dir: dir.to_owned(),
                holder,
            });
        }
    };
    let path = database_path(dir);
    // Opened like for writing, because only that checks the integrity.
    match open(dir).and_then(|connection| check_commits(dir, &connection)) {
        Err(JournalError::Damaged { .. }) => {}
        Ok(_) => return Err(JournalError::NotDamaged { path }),
        Err(other) => return Err(other),
    }
    let new_path = with_suffix(&path, &format!(".damaged-{}", now.as_millisecond()));
    let folder_error = |source| JournalError::Folder {
        dir: dir.to_owned(),
        source,
    };
    let _counter = fs::remove_file(integrity::counter_path(dir));
    // The database is renamed last: while it exists, no process creates a new journal.
    for suffix in COMPANION_SUFFIXES.into_iter().chain([""]) {
        match fs::rename(with_suffix(&path, suffix), with_suffix(&new_path, suffix)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(folder_error(error));
            }
            _ => {}
        }
    }
    Ok(new_path)
}
