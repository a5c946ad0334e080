//! Keeps on disk what is sent, before the first byte goes out, and what became of it, after.
//!
//! A shell. [`Journal`] is the one writer: a file whose intent is not committed is not sent, and an
//! intent without an outcome counts as unknown after a crash, unless it is certain that no byte of
//! the body had gone out. The bytes of a file have one row in a session, so two copies can't both
//! be sent. [`JournalReader`] reads while a writer writes.
//!
//! It keeps hashes, names, outcomes, codes, identifiers, months, sizes and times. It is given no
//! key, password, person's name or message, and masks long numbers before they are written.
//!
//! Times are arguments. They are kept for people; order is the order of writing.

mod entry;
mod error;
mod inspect;
mod lock;
mod privacy;
mod reader;
mod sessions;
mod storage;
#[cfg(test)]
mod tests;

pub use entry::{EntryId, Intent, Resend, Settlement, UploadEntry};
pub use error::JournalError;
pub use inspect::{JournalStatus, inspect};
pub use lock::Holder;
pub use reader::{HistoryQuery, HistoryTotals, JournalReader};
pub use storage::set_aside;

use crate::screen::ContentHash;
use crate::uploads::plan::{Outcome, PriorAttempt};
use entry::COLUMNS;
use jiff::Timestamp;
use lock::WriterLock;
use rusqlite::{Connection, OptionalExtension as _, named_params};
use std::path::{Path, PathBuf};

/// The code of entries that a crash left without an outcome.
pub const INTERRUPTED: &str = "INTERRUPTED";

/// The journal, open for writing. There is one at a time, on all machines that share the folder.
#[derive(Debug)]
pub struct Journal {
    connection: Connection,
    path: PathBuf,
    recovered: Recovered,
    /// Declared last, so that it is let go after the database is closed.
    _lock: WriterLock,
}

/// What an earlier process left open, settled when the journal was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Recovered {
    /// Files that the service may have: now unknown.
    pub unknown: usize,
    /// Files of which no byte was sent: now skipped.
    pub skipped: usize,
}

/// What [`Journal::begin`] answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BeginResult {
    /// The intent is on disk: the file may be sent.
    Recorded(EntryId),
    /// The service has these bytes in this session: nothing may be sent.
    AlreadyUploaded(Box<UploadEntry>),
    /// The service may have them, or they are being sent: nothing may be sent.
    Unsettled(Box<UploadEntry>),
}

/// What the screenings of a run came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunSummary {
    /// When it was.
    pub at: Timestamp,
    /// Files screened.
    pub files: usize,
    /// Files that failed, for whatever reason.
    pub failed: usize,
    /// Files that the service would have refused, so calls that were not made.
    pub calls_saved: usize,
}

/// What [`Journal::prune`] removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pruned {
    /// Entries removed.
    pub uploads: usize,
    /// Runs removed.
    pub runs: usize,
    /// Entries as old that stay, because their outcome is unsettled.
    pub kept: usize,
}

impl Journal {
    /// Opens the journal in a folder, made if there is none, and settles what a crash left open.
    ///
    /// # Errors
    ///
    /// When another process writes it, the folder or its files can't be used, or what is there is
    /// damaged, foreign or too new. Nothing may be sent then.
    pub fn open(dir: &Path, now: Timestamp) -> Result<Self, JournalError> {
        Self::open_with(dir, now, storage::open)
    }

    fn open_with(
        dir: &Path,
        now: Timestamp,
        open: impl Fn(&Path) -> Result<Connection, JournalError>,
    ) -> Result<Self, JournalError> {
        storage::make_folder(dir)?;
        let lock = WriterLock::take(dir, now)?;
        let mut journal = Self {
            connection: open(dir)?,
            path: storage::database(dir),
            recovered: Recovered::default(),
            _lock: lock,
        };
        journal.recovered = journal.recover(now).map_err(|e| journal.sort(e))?;
        Ok(journal)
    }

    fn sort(&self, source: rusqlite::Error) -> JournalError {
        JournalError::sort(&self.path, source)
    }

    fn recover(&self, now: Timestamp) -> rusqlite::Result<Recovered> {
        let settle = |condition: &str, outcome: &str, doubt: u8| {
            let sql = format!(
                "UPDATE uploads SET phase = 'settled', outcome = '{outcome}', doubt = {doubt},
                     code = ?1, settled_at = ?2
                 WHERE phase != 'settled' AND {condition}"
            );
            let now = now.as_millisecond();
            self.connection.execute(&sql, (INTERRUPTED, now))
        };
        Ok(Recovered {
            unknown: settle("(phase = 'body' OR doubt)", "unknown", 1)?,
            skipped: settle("TRUE", "skipped", 0)?,
        })
    }

    /// What an earlier process left open.
    pub fn recovered(&self) -> Recovered {
        self.recovered
    }

    /// The entry of these bytes in this session.
    ///
    /// # Errors
    ///
    /// When the database can't be read.
    pub fn find(
        &self,
        content: ContentHash,
        session: &str,
    ) -> Result<Option<UploadEntry>, JournalError> {
        let sql = format!("SELECT {COLUMNS} FROM uploads WHERE content = ?1 AND session = ?2");
        let key = (content.to_string(), privacy::label(session));
        let row = self.connection.query_row(&sql, key, entry::read);
        row.optional().map_err(|e| self.sort(e))
    }

    /// Commits the intent to send a file. Nothing of its body may be sent before
    /// [`Journal::body_started`], and nothing at all unless this answers [`BeginResult::Recorded`].
    ///
    /// # Errors
    ///
    /// When the intent can't be committed. Nothing may be sent then.
    pub fn begin(&mut self, intent: &Intent) -> Result<BeginResult, JournalError> {
        if let Some(found) = self.find(intent.content, &intent.session)? {
            let uploaded = |s: &Settlement| s.outcome.kind.is_uploaded();
            match &found.settled {
                Some(settled) if uploaded(settled) => {
                    return Ok(BeginResult::AlreadyUploaded(Box::new(found)));
                }
                Some(_)
                    if found.prior_attempt == PriorAttempt::None
                        || intent.resend == Resend::Unknown => {}
                _ => return Ok(BeginResult::Unsettled(Box::new(found))),
            }
        }
        let sql = "INSERT INTO uploads
                (content, session, name, bytes, bank, account, begun_at, attempts, phase)
            VALUES
                (:content, :session, :name, :bytes, :bank, :account, :at, 1, 'intent')
            ON CONFLICT (content, session) DO UPDATE SET
                name = :name, bank = :bank, account = :account, begun_at = :at,
                attempts = attempts + 1, phase = 'intent', outcome = NULL, settled_at = NULL,
                code = NULL, http_status = NULL, statement_id = NULL,
                months = '', missing_months = ''
            RETURNING id";
        let values = named_params! {
            ":content": intent.content.to_string(),
            ":session": privacy::label(&intent.session),
            ":name": privacy::name(&intent.name),
            ":bytes": i64::try_from(intent.bytes).unwrap_or(i64::MAX),
            ":bank": intent.bank.as_deref().map(privacy::label),
            ":account": intent.account.as_deref().map(privacy::account),
            ":at": intent.at.as_millisecond(),
        };
        let id = self.connection.query_one(sql, values, |row| row.get(0));
        id.map(|id| BeginResult::Recorded(EntryId(id)))
            .map_err(|e| self.sort(e))
    }

    /// Commits the outcomes of files that were not begun, all or none. A row that tells what became
    /// of an attempt stands, whatever is found about the file later.
    ///
    /// # Errors
    ///
    /// When they can't be committed.
    pub fn record_skipped<'k>(
        &mut self,
        kept: impl IntoIterator<Item = (&'k Intent, &'k Outcome)>,
    ) -> Result<(), JournalError> {
        let sql = "INSERT INTO uploads
                (content, session, name, bytes, bank, account, begun_at, attempts, phase, outcome,
                 code, settled_at)
            VALUES
                (:content, :session, :name, :bytes, :bank, :account, :at, 0, 'settled', :outcome,
                 :code, :at)
            ON CONFLICT (content, session) DO UPDATE SET
                name = :name, begun_at = :at, outcome = :outcome, code = :code, settled_at = :at
            WHERE attempts = 0";
        let record = || {
            let whole = self.connection.transaction()?;
            {
                let mut statement = whole.prepare(sql)?;
                for (file, outcome) in kept {
                    statement.execute(named_params! {
                        ":content": file.content.to_string(),
                        ":session": privacy::label(&file.session),
                        ":name": privacy::name(&file.name),
                        ":bytes": i64::try_from(file.bytes).unwrap_or(i64::MAX),
                        ":bank": file.bank.as_deref().map(privacy::label),
                        ":account": file.account.as_deref().map(privacy::account),
                        ":at": file.at.as_millisecond(),
                        ":outcome": outcome.kind.name(),
                        ":code": outcome.code.as_ref().map(|code| privacy::code(code.name())),
                    })?;
                }
            }
            whole.commit()
        };
        record().map_err(|e| JournalError::sort(&self.path, e))
    }

    /// Commits that bytes of the body go out from now on; to be called before the first of them.
    ///
    /// # Errors
    ///
    /// When it can't be committed, or the entry is not open. Nothing may be sent then.
    pub fn body_started(&mut self, id: EntryId) -> Result<(), JournalError> {
        let sql = "UPDATE uploads SET phase = 'body' WHERE id = ?1 AND phase != 'settled'";
        let changed = self.connection.execute(sql, [id.0]);
        self.expect_one(id, changed)
    }

    /// Commits how an attempt ended, and gives the outcome as it stands in view of earlier ones.
    ///
    /// An attempt that will be repeated is settled too, as skipped: it is known then that it was
    /// not taken. [`Journal::begin`] opens the entry again.
    ///
    /// # Errors
    ///
    /// When it can't be committed, or the entry is not open. The entry then counts as unknown at
    /// the next start; the call may be repeated.
    pub fn settle(
        &mut self,
        id: EntryId,
        outcome: &Outcome,
        at: Timestamp,
    ) -> Result<Outcome, JournalError> {
        let sql = "SELECT doubt FROM uploads WHERE id = ?1 AND phase != 'settled'";
        let doubt = self
            .connection
            .query_row(sql, [id.0], entry::read_prior_attempt);
        let doubt = doubt.optional().map_err(|e| self.sort(e))?;
        let doubt = doubt.ok_or_else(|| self.not_open(id))?;
        let outcome = outcome.clone().given(doubt);
        let left = outcome.prior_attempt_after(doubt);
        let changed = self.write(id, &outcome, left, at);
        self.expect_one(id, changed)?;
        Ok(outcome)
    }

    /// Commits what was found out later of an unsettled entry.
    ///
    /// # Errors
    ///
    /// When it can't be committed, or the entry is not unsettled.
    pub fn resolve(
        &mut self,
        id: EntryId,
        proof: &Outcome,
        at: Timestamp,
    ) -> Result<(), JournalError> {
        let sql = "SELECT doubt FROM uploads WHERE id = ?1 AND doubt AND phase = 'settled'";
        let unsettled = self.connection.query_row(sql, [id.0], |_| Ok(()));
        let unsettled = unsettled.optional().map_err(|e| self.sort(e))?;
        unsettled.ok_or_else(|| self.not_open(id))?;
        let changed = self.write(id, proof, PriorAttempt::None, at);
        self.expect_one(id, changed)
    }

    fn write(
        &self,
        id: EntryId,
        outcome: &Outcome,
        doubt: PriorAttempt,
        at: Timestamp,
    ) -> rusqlite::Result<usize> {
        let sql = "UPDATE uploads SET
                phase = 'settled', outcome = :outcome, doubt = :doubt, code = :code,
                http_status = :http_status, statement_id = :statement_id,
                bank = coalesce(:bank, bank), months = :months, missing_months = :missing_months,
                settled_at = :at
            WHERE id = :id";
        let receipt = &outcome.receipt;
        let values = named_params! {
            ":id": id.0,
            ":outcome": outcome.kind.name(),
            ":doubt": doubt == PriorAttempt::Unknown,
            ":code": outcome.code.as_ref().map(|code| privacy::code(code.name())),
            ":http_status": outcome.http_status,
            ":statement_id": receipt.statement_id.as_deref().map(privacy::label),
            ":bank": receipt.bank.as_deref().map(privacy::label),
            ":months": privacy::months(&receipt.months),
            ":missing_months": privacy::months(&receipt.missing_months),
            ":at": at.as_millisecond(),
        };
        self.connection.execute(sql, values)
    }

    fn expect_one(
        &self,
        id: EntryId,
        changed: rusqlite::Result<usize>,
    ) -> Result<(), JournalError> {
        match changed {
            Ok(0) => Err(self.not_open(id)),
            Ok(_) => Ok(()),
            Err(error) => Err(self.sort(error)),
        }
    }

    fn not_open(&self, id: EntryId) -> JournalError {
        JournalError::NotOpen {
            path: self.path.clone(),
            id: id.0,
        }
    }

    /// Entries of a session that the service may have and that nothing has settled.
    ///
    /// # Errors
    ///
    /// When the database can't be read.
    pub fn unsettled(&self, session: &str) -> Result<Vec<UploadEntry>, JournalError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM uploads
             WHERE session = ?1 AND doubt AND phase = 'settled' ORDER BY id"
        );
        let read = || {
            let mut statement = self.connection.prepare(&sql)?;
            let rows = statement.query_map([privacy::label(session)], entry::read)?;
            rows.collect::<rusqlite::Result<_>>()
        };
        read().map_err(|e| self.sort(e))
    }

    /// Records what the screenings of a run came to.
    ///
    /// # Errors
    ///
    /// When it can't be committed.
    pub fn record_run(&mut self, run: &RunSummary) -> Result<(), JournalError> {
        let sql = "INSERT INTO runs (at, files, failed, calls_saved) VALUES (?1, ?2, ?3, ?4)";
        let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        let values = (
            run.at.as_millisecond(),
            count(run.files),
            count(run.failed),
            count(run.calls_saved),
        );
        let inserted = self.connection.execute(sql, values);
        inserted.map(|_| ()).map_err(|e| self.sort(e))
    }

    /// Forgets entries settled, and runs made, before a time. What is unsettled stays.
    ///
    /// # Errors
    ///
    /// When it can't be committed; nothing is forgotten then.
    pub fn prune(&mut self, before: Timestamp) -> Result<Pruned, JournalError> {
        let before = [before.as_millisecond()];
        let mut forget = || {
            let whole = self.connection.transaction()?;
            let old = "FROM uploads WHERE phase = 'settled' AND settled_at < ?1";
            let pruned = Pruned {
                uploads: whole.execute(&format!("DELETE {old} AND NOT doubt"), before)?,
                runs: {
                    whole.execute("DELETE FROM sessions WHERE at < ?1", before)?;
                    whole.execute("DELETE FROM runs WHERE at < ?1", before)?
                },
                kept: whole.query_one(&format!("SELECT count(*) {old}"), before, |row| {
                    row.get::<_, u32>(0)
                })? as usize,
            };
            whole.commit()?;
            Ok(pruned)
        };
        forget().map_err(|e| JournalError::sort(&self.path, e))
    }
}
