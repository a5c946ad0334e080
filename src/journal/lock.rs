//! Locks of the operating system: one per session, and one for the whole folder.
//!
//! Processes share the folder, and only one at a time sends to a session. A lock ends with its
//! process, so it can never be stale. The content of a lock file serves messages only: which
//! process holds the lock, and since when.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this module opens the lock files"
)]

use super::error::JournalError;
use crate::screen::ContentHash;
use crate::uploads::plan::Owner;
use jiff::Timestamp;
use std::fmt;
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The lock of the folder. Earlier versions hold it exclusively while they run.
const FOLDER_LOCK: &str = "journal.lock";
/// The folder of the session locks.
const SESSION_LOCKS: &str = "locks";
/// Maximum bytes of a holder record.
const MAX_HOLDER_BYTES: u64 = 1024;

/// The process that holds a lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The process ID.
    pub pid: u32,
    /// The host name of its machine.
    pub host: String,
    /// The time when it took the lock.
    pub since: Timestamp,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pid, host, since } = self;
        write!(f, "process {pid} on {host} since {since:.0}")
    }
}

impl Holder {
    fn read(mut file: &File) -> Option<Self> {
        let mut line = String::new();
        file.rewind().ok()?;
        file.take(MAX_HOLDER_BYTES).read_to_string(&mut line).ok()?;
        let mut fields = line.trim_end().splitn(3, ' ');
        Some(Self {
            pid: fields.next()?.parse().ok()?,
            since: fields.next()?.parse().ok()?,
            host: fields.next()?.to_owned(),
        })
    }

    /// Writes the record of this process. It only improves the message of another process.
    fn write(mut file: &File, now: Timestamp) -> io::Result<()> {
        let host = rustix::system::uname();
        let host = host.nodename().to_string_lossy();
        let pid = std::process::id();
        file.set_len(0)?;
        file.rewind()?;
        writeln!(file, "{pid} {now} {host}")
    }
}

/// The result of trying to take a lock.
#[derive(Debug)]
pub enum Locked<T> {
    /// The lock was free, and is held now.
    Taken(T),
    /// Another process holds it, if that can be read.
    Held(Option<Holder>),
}

/// The right to use the folder, shared with other processes until it is dropped.
#[derive(Debug)]
pub(super) struct FolderLock {
    /// Locked until it is closed.
    _file: File,
}

impl FolderLock {
    /// Takes the shared lock, which only an earlier version or [`FolderLock::exclusive`] withholds.
    pub(super) fn shared(dir: &Path) -> Result<Locked<Self>, JournalError> {
        let file = open_lock_file(&dir.join(FOLDER_LOCK), dir)?;
        match file.try_lock_shared() {
            Ok(()) => Ok(Locked::Taken(Self { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(Locked::Held(Holder::read(&file))),
            Err(TryLockError::Error(source)) => Err(lock_error(dir, source)),
        }
    }

    /// Takes the exclusive lock: no other process uses the folder.
    pub(super) fn exclusive(dir: &Path) -> Result<Locked<Self>, JournalError> {
        let file = open_lock_file(&dir.join(FOLDER_LOCK), dir)?;
        match file.try_lock() {
            Ok(()) => Ok(Locked::Taken(Self { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(Locked::Held(Holder::read(&file))),
            Err(TryLockError::Error(source)) => Err(lock_error(dir, source)),
        }
    }
}

/// The session locks of an owner in a folder.
#[derive(Debug, Clone)]
pub struct SessionLocks {
    dir: PathBuf,
    owner: Option<Owner>,
}

impl SessionLocks {
    pub(super) fn new(dir: &Path, owner: Option<Owner>) -> Self {
        Self {
            dir: dir.to_owned(),
            owner,
        }
    }

    /// Tries to take the right to send to a session, or to create the session of a request.
    ///
    /// # Errors
    ///
    /// Returns an error if the lock file cannot be used.
    pub fn take(&self, session: &str, now: Timestamp) -> Result<Locked<SessionLock>, JournalError> {
        match self.owner {
            Some(owner) => SessionLock::take(&self.dir, owner, session, now),
            None => Ok(Locked::Held(None)),
        }
    }
}

/// The exclusive right to send to a session, until it is dropped.
#[derive(Debug)]
pub struct SessionLock {
    file: File,
    path: PathBuf,
}

impl SessionLock {
    /// Tries to take the lock of a session, or of the request that will create one.
    fn take(
        dir: &Path,
        owner: Owner,
        session: &str,
        now: Timestamp,
    ) -> Result<Locked<Self>, JournalError> {
        let folder = dir.join(SESSION_LOCKS);
        let created = DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder);
        created.map_err(|source| folder_error(dir, source))?;
        let path = session_path(&folder, owner, session);
        loop {
            let file = open_lock_file(&path, dir)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Ok(Locked::Held(Holder::read(&file))),
                Err(TryLockError::Error(source)) => return Err(lock_error(dir, source)),
            }
            // Its last holder may have deleted the file after it was opened here. Another process
            // would then lock a new file of that name.
            if is_same_file(&file, &path) {
                let _best_effort = Holder::write(&file, now);
                return Ok(Locked::Taken(Self { file, path }));
            }
        }
    }

    /// Returns whether a process holds the lock of a session.
    pub(super) fn is_held(dir: &Path, owner: &str, session: &str) -> bool {
        let Ok(file) = File::open(path_of(&dir.join(SESSION_LOCKS), owner, session)) else {
            return false;
        };
        // A shared lock, so that two readers that check at the same time do not block each other.
        matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))
    }
}

impl Drop for SessionLock {
    fn drop(&mut self) {
        // Deleted while it is locked: nobody else can hold this file.
        if is_same_file(&self.file, &self.path) {
            let _best_effort = fs::remove_file(&self.path);
        }
    }
}

fn session_path(folder: &Path, owner: Owner, session: &str) -> PathBuf {
    path_of(folder, &owner.to_string(), session)
}

/// Returns the path of a lock file. Its name is a hash, because a session ID may be any text.
fn path_of(folder: &Path, owner: &str, session: &str) -> PathBuf {
    let name = ContentHash::of(format!("{owner} {session}").as_bytes());
    folder.join(format!("{name}.lock"))
}

fn is_same_file(file: &File, path: &Path) -> bool {
    let id = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
    let open = file.metadata().map(id).ok();
    open.is_some() && open == fs::metadata(path).map(id).ok()
}

fn open_lock_file(path: &Path, dir: &Path) -> Result<File, JournalError> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    let file = options.mode(0o600).open(path);
    file.map_err(|source| folder_error(dir, source))
}

fn folder_error(dir: &Path, source: io::Error) -> JournalError {
    JournalError::Folder {
        dir: dir.to_owned(),
        source,
    }
}

fn lock_error(dir: &Path, source: io::Error) -> JournalError {
    JournalError::Lock {
        dir: dir.to_owned(),
        source,
    }
}
