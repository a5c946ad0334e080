//! One writer at a time: a lock of the operating system on a file beside the journal.
//!
//! The lock ends with its process, however that ends, so it is never stale. What the file says is
//! for people only: who holds it, and since when.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this is where the lock file is opened"
)]

use super::JournalError;
use jiff::Timestamp;
use std::fmt;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::thread;
use std::time::Duration;

const FILE: &str = "journal.lock";
/// A reader holds the lock for the moment in which it asks whether there is a writer; a writer that
/// has just begun needs a moment to say who it is.
const PATIENCE: [Duration; 4] = [
    Duration::from_millis(10),
    Duration::from_millis(20),
    Duration::from_millis(40),
    Duration::from_millis(80),
];

/// Who writes the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Its process.
    pub pid: u32,
    /// The machine it runs on.
    pub host: String,
    /// Since when.
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
        file.take(1024).read_to_string(&mut line).ok()?;
        let mut words = line.trim_end().splitn(3, ' ');
        Some(Self {
            pid: words.next()?.parse().ok()?,
            since: words.next()?.parse().ok()?,
            host: words.next()?.to_owned(),
        })
    }
}

/// The right to write, for as long as it lives.
#[derive(Debug)]
pub(super) struct WriterLock {
    file: File,
}

impl WriterLock {
    /// Takes the lock.
    pub(super) fn take(dir: &Path, now: Timestamp) -> Result<Self, JournalError> {
        let mut open = OpenOptions::new();
        open.read(true).write(true).create(true).truncate(false);
        let file = open.mode(0o600).open(dir.join(FILE));
        let file = file.map_err(|source| JournalError::Folder {
            dir: dir.to_owned(),
            source,
        })?;
        let mut patience = PATIENCE.iter();
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) => match patience.next() {
                    Some(wait) => thread::sleep(*wait),
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
        // The lock holds without it; only the other's message would be poorer.
        let _unsaid = lock.sign(now);
        Ok(lock)
    }

    fn sign(&self, now: Timestamp) -> io::Result<()> {
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
        let _unsaid = self.file.set_len(0);
    }
}

/// Who has last said that it writes the journal.
pub(super) fn holder(dir: &Path) -> Option<Holder> {
    Holder::read(&File::open(dir.join(FILE)).ok()?)
}

/// Whether a process writes the journal now.
pub(super) fn is_taken(dir: &Path) -> bool {
    let Ok(file) = File::open(dir.join(FILE)) else {
        return false;
    };
    matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))
}
