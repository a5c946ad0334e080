//! The journal, open for writing: transactions, waiting for other processes, and recovery.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this module waits for other processes"
)]

use super::entry::EntryId;
use super::error::JournalError;
use super::integrity::{self, CommitCounter, Table};
use super::lock::{FolderLock, Holder, Locked, SessionLocks};
use super::{privacy, storage};
use crate::uploads::plan::{LocalCode, Owner};
use jiff::Timestamp;
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

/// Maximum time to wait while another process keeps the journal locked.
const MAX_WAIT: Duration = Duration::from_mins(1);
/// Time between two attempts.
const RETRY_INTERVAL: Duration = Duration::from_millis(50);

/// Called once when the journal has to wait for another process.
pub type WaitObserver = Box<dyn FnMut(Option<&Holder>) + Send>;

/// The journal, open for writing for one owner.
///
/// Several processes may have it open. Each change is one transaction. A [`super::SessionLock`]
/// ensures that only one process sends to a session.
pub struct Journal {
    pub(super) connection: Connection,
    /// The owner of new rows; `None` for maintenance, which writes none.
    owner: Option<Owner>,
    pub(super) dir: PathBuf,
    commits: u64,
    counter: CommitCounter,
    /// Whether a transaction is open, to which changes belong.
    in_group: bool,
    on_wait: Option<WaitObserver>,
    /// Declared last, because fields are dropped in order: the database is closed before the lock
    /// is released.
    _lock: FolderLock,
}

/// Entries that an ended process left open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Recovered {
    /// Files that the service may have; their outcome is unknown.
    pub unknown: usize,
    /// Files of which no byte was sent; they are skipped.
    pub skipped: usize,
}

/// The screening counts of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunSummary {
    /// The time of the run.
    pub at: Timestamp,
    /// Files screened.
    pub files: usize,
    /// Files that failed for any reason.
    pub failed: usize,
    /// Calls that this run avoided, and no earlier run.
    pub calls_saved: usize,
}

impl Journal {
    /// Opens the journal in a folder, and creates it if there is none.
    ///
    /// # Errors
    ///
    /// Returns an error if the folder is not usable, if another process keeps the journal locked,
    /// or if the database is damaged, of another program or of a newer version. Then nothing may be
    /// sent.
    pub fn open(
        dir: &Path,
        owner: Option<Owner>,
        on_wait: Option<WaitObserver>,
    ) -> Result<Self, JournalError> {
        Self::open_with(dir, owner, on_wait, storage::open)
    }

    pub(super) fn open_with(
        dir: &Path,
        owner: Option<Owner>,
        mut on_wait: Option<WaitObserver>,
        open: impl Fn(&Path) -> Result<Connection, JournalError>,
    ) -> Result<Self, JournalError> {
        storage::create_folder(dir)?;
        let lock = wait_for_folder(dir, &mut on_wait)?;
        let connection = retry_busy(&mut on_wait, || open(dir))?;
        let commits = storage::check_commits(dir, &connection)?;
        let counter = CommitCounter::open(dir).map_err(|source| JournalError::Folder {
            dir: dir.to_owned(),
            source,
        })?;
        Ok(Self {
            connection,
            owner,
            dir: dir.to_owned(),
            commits,
            counter,
            in_group: false,
            on_wait,
            _lock: lock,
        })
    }

    /// Returns the owner of new rows, as it is stored. Without one, no row matches it.
    pub(super) fn owner_text(&self) -> String {
        self.owner
            .map_or_else(|| "none".to_owned(), |owner| owner.to_string())
    }

    pub(super) fn error(&self, source: rusqlite::Error) -> JournalError {
        JournalError::from_sqlite(&storage::database_path(&self.dir), source)
    }

    pub(super) fn not_open(&self, id: EntryId) -> JournalError {
        JournalError::NotOpen {
            path: storage::database_path(&self.dir),
            id: id.0,
        }
    }

    /// Returns the session locks of the owner. They are independent of transactions.
    pub fn locks(&self) -> SessionLocks {
        SessionLocks::new(&self.dir, self.owner)
    }

    /// Makes several changes in one transaction: all are committed, or none.
    ///
    /// # Errors
    ///
    /// Returns an error of `changes`, or of the commit.
    pub fn group<T>(
        &mut self,
        changes: impl FnOnce(&mut Self) -> Result<T, JournalError>,
    ) -> Result<T, JournalError> {
        if self.in_group {
            return self.savepoint(changes);
        }
        self.begin_transaction()?;
        let before = self.connection.total_changes();
        self.in_group = true;
        let result = changes(self);
        self.in_group = false;
        let has_changes = self.connection.total_changes() != before;
        let committed = result.and_then(|value| self.commit(has_changes).map(|()| value));
        if committed.is_err() && !self.connection.is_autocommit() {
            // Fails if SQLite has rolled it back already.
            let _best_effort = self.connection.execute_batch("ROLLBACK");
        }
        committed
    }

    /// Makes changes inside the open transaction: all of them, or none.
    fn savepoint<T>(
        &mut self,
        changes: impl FnOnce(&mut Self) -> Result<T, JournalError>,
    ) -> Result<T, JournalError> {
        let begun = self.connection.execute_batch("SAVEPOINT change");
        begun.map_err(|source| self.error(source))?;
        let result = changes(self);
        let end = match &result {
            Ok(_) => "RELEASE change",
            Err(_) => "ROLLBACK TO change; RELEASE change",
        };
        let ended = self.connection.execute_batch(end);
        ended.map_err(|source| self.error(source)).and(result)
    }

    fn begin_transaction(&mut self) -> Result<(), JournalError> {
        let path = storage::database_path(&self.dir);
        let connection = &self.connection;
        // `IMMEDIATE`: what the transaction reads stays true until it is committed.
        retry_busy(&mut self.on_wait, || {
            let begun = connection.execute_batch("BEGIN IMMEDIATE");
            begun.map_err(|source| JournalError::from_sqlite(&path, source))
        })
    }

    fn commit(&mut self, has_changes: bool) -> Result<(), JournalError> {
        if !has_changes {
            let ended = self.connection.execute_batch("COMMIT");
            return ended.map_err(|source| self.error(source));
        }
        let sql = "UPDATE commits SET number = number + 1 WHERE id = 1 RETURNING number";
        let number = self.connection.prepare(sql);
        let number = number.and_then(|mut sql| sql.query_row([], |row| row.get::<_, i64>(0)));
        let number = number.map_err(|source| self.error(source))?;
        let path = storage::database_path(&self.dir);
        let connection = &self.connection;
        retry_busy(&mut self.on_wait, || {
            let committed = connection.execute_batch("COMMIT");
            committed.map_err(|source| JournalError::from_sqlite(&path, source))
        })?;
        self.commits = number.unsigned_abs();
        // If this fails, a commit that is lost later is not noticed; nothing is lost now.
        let _best_effort = self.counter.write(self.commits);
        Ok(())
    }

    /// Runs a change in the open transaction, or in one of its own.
    pub(super) fn change<T>(
        &mut self,
        change: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, JournalError> {
        self.group(|journal| change(&journal.connection).map_err(|source| journal.error(source)))
    }

    /// Settles the entries of a session that an ended process left open: unknown if bytes of the
    /// body may have been sent, otherwise skipped.
    ///
    /// Call it only while holding the lock of the session.
    ///
    /// # Errors
    ///
    /// Returns an error if the change cannot be committed.
    pub fn recover(&mut self, session: &str, now: Timestamp) -> Result<Recovered, JournalError> {
        let owner = self.owner_text();
        let session = privacy::label(session);
        let sql = "SELECT id, phase = 'body' OR doubt FROM uploads
            WHERE session = ?1 AND owner IN (?2, '') AND phase != 'settled'";
        let read = |connection: &Connection| {
            let mut select = connection.prepare(sql)?;
            let rows = select.query_map((&session, &owner), |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, bool>(1)?))
            })?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        };
        let open = read(&self.connection).map_err(|source| self.error(source))?;
        if open.is_empty() {
            return Ok(Recovered::default());
        }
        self.change(|connection| {
            let sql = "UPDATE uploads SET phase = 'settled', outcome = ?2, doubt = ?3, code = ?4,
                settled_at = ?5 WHERE id = ?1";
            let mut recovered = Recovered::default();
            for (id, is_unknown) in open {
                let outcome = if is_unknown { "unknown" } else { "skipped" };
                let code = LocalCode::Interrupted.name();
                let values = (id, outcome, is_unknown, code, now.as_millisecond());
                connection.execute(sql, values)?;
                integrity::seal(connection, Table::Uploads, id)?;
                recovered.unknown += usize::from(is_unknown);
                recovered.skipped += usize::from(!is_unknown);
            }
            Ok(recovered)
        })
    }

    /// Commits the screening counts of a run.
    ///
    /// # Errors
    ///
    /// Returns an error if the counts cannot be committed.
    pub fn record_run(&mut self, run: &RunSummary) -> Result<(), JournalError> {
        let sql = "INSERT INTO runs (at, files, failed, calls_saved) VALUES (?1, ?2, ?3, ?4)";
        let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        let values = (
            run.at.as_millisecond(),
            count(run.files),
            count(run.failed),
            count(run.calls_saved),
        );
        self.change(|connection| connection.execute(sql, values).map(|_| ()))
    }
}

impl std::fmt::Debug for Journal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Journal")
            .field("dir", &self.dir)
            .finish_non_exhaustive()
    }
}

/// Waits until the folder can be shared.
fn wait_for_folder(
    dir: &Path,
    on_wait: &mut Option<WaitObserver>,
) -> Result<FolderLock, JournalError> {
    retry_busy(on_wait, || match FolderLock::shared(dir)? {
        Locked::Taken(lock) => Ok(lock),
        Locked::Held(holder) => Err(JournalError::Busy {
            dir: dir.to_owned(),
            holder,
        }),
    })
}

/// Repeats an operation while another process keeps the journal locked.
fn retry_busy<T>(
    on_wait: &mut Option<WaitObserver>,
    mut operation: impl FnMut() -> Result<T, JournalError>,
) -> Result<T, JournalError> {
    let deadline = Instant::now() + MAX_WAIT;
    loop {
        match operation() {
            Err(JournalError::Busy { holder, .. }) if Instant::now() < deadline => {
                if let Some(mut on_wait) = on_wait.take() {
                    on_wait(holder.as_ref());
                }
                thread::sleep(RETRY_INTERVAL);
            }
            other => return other,
        }
    }
}
