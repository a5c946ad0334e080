//! Ensures a single writer by an operating-system lock on a file next to the journal.
//!
//! The lock ends with its process, so it can never be stale. The content of the file serves
//! messages only: which process holds the lock, and since when.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this module opens the lock file"
)]

use super::error::JournalError;
use jiff::Timestamp;
use std::fmt;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::thread;
use std::time::Duration;

const FILE_NAME: &str = "journal.lock";
/// Delays between attempts to take the lock.
///
/// A reader holds the lock briefly when it checks for a writer. A new writer needs a moment to
/// write its holder record.
const RETRY_DELAYS: [Duration; 4] = [
    Duration::from_millis(10),
    Duration::from_millis(20),
    Duration::from_millis(40),
    Duration::from_millis(80),
];
/// Maximum bytes of a holder record.
const MAX_HOLDER_BYTES: u64 = 1024;

/// The process that has the journal open for writing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The process ID.
    pub pid: u32,
    /// The host name of its machine.
    pub host: String,
    /// The time when it opened the journal.
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
}

/// The exclusive right to write, until it is dropped.
#[derive(Debug)]
pub(super) struct WriterLock {
    file: File,
}

impl WriterLock {
    /// Takes the lock.
    pub(super) fn take(dir: &Path, now: Timestamp) -> Result<Self, JournalError> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let file = options.mode(0o600).open(dir.join(FILE_NAME));
        let file = file.map_err(|source| JournalError::Folder {
            dir: dir.to_owned(),
            source,
        })?;
        // The file is never deleted: a process could hold the lock of a deleted file.
        let mut delays = RETRY_DELAYS.iter();
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) => match delays.next() {
                    Some(delay) => thread::sleep(*delay),
                    None => {
                        return Err(JournalError::InUse {
                            dir: dir.to_owned(),
                            holder: Holder::read(&file),
                        });
                    }
                },
                Err(TryLockError::Error(source)) => {
                    return Err(JournalError::Lock {
                        dir: dir.to_owned(),
                        source,
                    });
                }
            }
        }
        let lock = Self { file };
        // The record only improves the error message of another process.
        let _best_effort = lock.write_holder(now);
        Ok(lock)
    }

    fn write_holder(&self, now: Timestamp) -> io::Result<()> {
        let mut file = &self.file;
        let host = rustix::system::uname();
        let host = host.nodename().to_string_lossy();
        let pid = std::process::id();
        file.set_len(0)?;
        file.rewind()?;
        writeln!(file, "{pid} {now} {host}")
    }
}

impl Drop for WriterLock {
    fn drop(&mut self) {
        let _best_effort = self.file.set_len(0);
    }
}

/// Returns the holder record, if there is one.
pub(super) fn holder(dir: &Path) -> Option<Holder> {
    Holder::read(&File::open(dir.join(FILE_NAME)).ok()?)
}

/// Returns whether a process has the journal open for writing.
pub(super) fn is_locked(dir: &Path) -> bool {
    let Ok(file) = File::open(dir.join(FILE_NAME)) else {
        return false;
    };
    // A shared lock, so that two readers that check at the same time do not block each other.
    matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))
}
