//! The journal, open for writing.

use super::entry::{self, COLUMNS, EntryId, Intent, Resend, UploadEntry};
use super::error::JournalError;
use super::lock::WriterLock;
use super::{privacy, storage};
use crate::screen::ContentHash;
use crate::uploads::plan::{LocalCode, Outcome, PriorAttempt};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, named_params};
use std::path::{Path, PathBuf};

/// The journal, open for writing.
///
/// A folder has at most one writer at a time, on all machines that share it.
#[derive(Debug)]
pub struct Journal {
    pub(super) connection: Connection,
    path: PathBuf,
    recovered: Recovered,
    /// Declared last, because fields are dropped in order: the database is closed before the lock
    /// is released.
    _lock: WriterLock,
}

/// Entries that a previous process left open. They are settled when the journal is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Recovered {
    /// Files that the service may have; their outcome is unknown.
    pub unknown: usize,
    /// Files of which no byte was sent; they are skipped.
    pub skipped: usize,
}

/// The result of [`Journal::begin`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BeginResult {
    /// The intent is committed: the file may be sent.
    Recorded(EntryId),
    /// The service has these bytes in this session: nothing may be sent.
    AlreadyUploaded(Box<UploadEntry>),
    /// The service may have these bytes, or they are being sent: nothing may be sent.
    Unsettled(Box<UploadEntry>),
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
    /// Files that the service would have rejected, and therefore calls that were avoided.
    pub calls_saved: usize,
}

/// What [`Journal::prune`] removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pruned {
    /// Entries removed.
    pub uploads: usize,
    /// Runs removed.
    pub runs: usize,
    /// Entries of that age that were retained, because their outcome is unknown.
    pub retained: usize,
}

impl Journal {
    /// Opens the journal in a folder, and creates it if there is none.
    ///
    /// Entries that a crash left open are settled.
    ///
    /// # Errors
    ///
    /// Returns an error if another process has the journal open, if the folder is not usable, or if
    /// the database is damaged, of another program or of a newer version. Then nothing may be sent.
    pub fn open(dir: &Path, now: Timestamp) -> Result<Self, JournalError> {
        Self::open_with(dir, now, storage::open)
    }

    pub(super) fn open_with(
        dir: &Path,
        now: Timestamp,
        open: impl Fn(&Path) -> Result<Connection, JournalError>,
    ) -> Result<Self, JournalError> {
        storage::create_folder(dir)?;
        let lock = WriterLock::take(dir, now)?;
        let mut journal = Self {
            connection: open(dir)?,
            path: storage::database_path(dir),
            recovered: Recovered::default(),
            _lock: lock,
        };
        journal.recovered = journal.recover(now).map_err(|e| journal.error(e))?;
        Ok(journal)
    }

    pub(super) fn error(&self, source: rusqlite::Error) -> JournalError {
        JournalError::from_sqlite(&self.path, source)
    }

    /// Settles open entries: unknown if bytes of the body may have been sent, otherwise skipped.
    fn recover(&self, now: Timestamp) -> rusqlite::Result<Recovered> {
        let settle = |condition: &str, outcome: &str, doubt: u8| {
            let sql = format!(
                "UPDATE uploads SET phase = 'settled', outcome = '{outcome}', doubt = {doubt},
                     code = ?1, settled_at = ?2
                 WHERE phase != 'settled' AND {condition}"
            );
            let now = now.as_millisecond();
            self.connection
                .execute(&sql, (LocalCode::Interrupted.name(), now))
        };
        // In this order: the second statement settles everything that the first left open.
        Ok(Recovered {
            unknown: settle("(phase = 'body' OR doubt)", "unknown", 1)?,
            skipped: settle("TRUE", "skipped", 0)?,
        })
    }

    /// Returns the number of entries that a previous process left open.
    pub fn recovered(&self) -> Recovered {
        self.recovered
    }

    /// Returns the entry of a file in a session.
    ///
    /// # Errors
    ///
    /// Returns an error if the database cannot be read.
    pub fn find(
        &self,
        content: ContentHash,
        session: &str,
    ) -> Result<Option<UploadEntry>, JournalError> {
        let sql = format!("SELECT {COLUMNS} FROM uploads WHERE content = ?1 AND session = ?2");
        let key = (content.to_string(), privacy::label(session));
        let row = self.connection.query_row(&sql, key, entry::read);
        row.optional().map_err(|e| self.error(e))
    }

    /// Commits the intent to send a file.
    ///
    /// Nothing may be sent unless this returns [`BeginResult::Recorded`], and nothing of the body
    /// before [`Journal::body_started`].
    ///
    /// # Errors
    ///
    /// Returns an error if the intent cannot be committed. Then nothing may be sent.
    pub fn begin(&mut self, intent: &Intent) -> Result<BeginResult, JournalError> {
        // Reading and writing need no common transaction: the lock excludes other writers.
        if let Some(entry) = self.find(intent.content, &intent.session)? {
            let may_resend =
                entry.prior_attempt == PriorAttempt::None || intent.resend == Resend::Unknown;
            match &entry.settled {
                Some(settled) if settled.outcome.kind.is_uploaded() => {
                    return Ok(BeginResult::AlreadyUploaded(Box::new(entry)));
                }
                Some(_) if may_resend => {}
                _ => return Ok(BeginResult::Unsettled(Box::new(entry))),
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
            .map_err(|e| self.error(e))
    }

    /// Commits the outcomes of skipped files, either all or none.
    ///
    /// A row with an attempt is never changed, because its outcome is about that attempt.
    ///
    /// # Errors
    ///
    /// Returns an error if the outcomes cannot be committed.
    pub fn record_skipped<'k>(
        &mut self,
        skipped: impl IntoIterator<Item = (&'k Intent, &'k Outcome)>,
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
            let transaction = self.connection.transaction()?;
            {
                let mut statement = transaction.prepare(sql)?;
                for (file, outcome) in skipped {
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
            transaction.commit()
        };
        record().map_err(|e| JournalError::from_sqlite(&self.path, e))
    }

    /// Commits that bytes of the body are about to be sent. Call it before the first of them.
    ///
    /// # Errors
    ///
    /// Returns an error if the change cannot be committed, or the entry is not open. Then nothing
    /// may be sent.
    pub fn body_started(&mut self, id: EntryId) -> Result<(), JournalError> {
        let sql = "UPDATE uploads SET phase = 'body' WHERE id = ?1 AND phase != 'settled'";
        let changed = self.connection.execute(sql, [id.0]);
        self.expect_one(id, changed)
    }

    /// Commits the outcome of an attempt, and returns it adjusted to earlier attempts.
    ///
    /// An attempt that will be repeated is settled as skipped, because it was certainly not
    /// processed. [`Journal::begin`] opens the entry again.
    ///
    /// # Errors
    ///
    /// Returns an error if the change cannot be committed, or the entry is not open. The entry then
    /// counts as unknown at the next start. The call may be repeated.
    pub fn settle(
        &mut self,
        id: EntryId,
        outcome: &Outcome,
        at: Timestamp,
    ) -> Result<Outcome, JournalError> {
        let sql = "SELECT doubt FROM uploads WHERE id = ?1 AND phase != 'settled'";
        let prior = self
            .connection
            .query_row(sql, [id.0], entry::read_prior_attempt);
        let prior = prior.optional().map_err(|e| self.error(e))?;
        let prior = prior.ok_or_else(|| self.not_open(id))?;
        let outcome = outcome.clone().given(prior);
        let changed = self.write(id, &outcome, outcome.prior_attempt_after(prior), at);
        self.expect_one(id, changed)?;
        Ok(outcome)
    }

    /// Commits the outcome of an unsettled entry for which evidence was found later.
    ///
    /// # Errors
    ///
    /// Returns an error if the change cannot be committed, or the entry is not unsettled.
    pub fn resolve(
        &mut self,
        id: EntryId,
        outcome: &Outcome,
        at: Timestamp,
    ) -> Result<(), JournalError> {
        let sql = "SELECT doubt FROM uploads WHERE id = ?1 AND doubt AND phase = 'settled'";
        let unsettled = self.connection.query_row(sql, [id.0], |_| Ok(()));
        let unsettled = unsettled.optional().map_err(|e| self.error(e))?;
        unsettled.ok_or_else(|| self.not_open(id))?;
        let changed = self.write(id, outcome, PriorAttempt::None, at);
        self.expect_one(id, changed)
    }

    fn write(
        &self,
        id: EntryId,
        outcome: &Outcome,
        prior: PriorAttempt,
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
            ":doubt": prior == PriorAttempt::Unknown,
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
            Err(error) => Err(self.error(error)),
        }
    }

    fn not_open(&self, id: EntryId) -> JournalError {
        JournalError::NotOpen {
            path: self.path.clone(),
            id: id.0,
        }
    }

    /// Returns the entries of a session that the service may have, without evidence.
    ///
    /// # Errors
    ///
    /// Returns an error if the database cannot be read.
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
        read().map_err(|e| self.error(e))
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
        let inserted = self.connection.execute(sql, values);
        inserted.map(|_| ()).map_err(|e| self.error(e))
    }

    /// Deletes entries that were settled, and runs that were made, before a time.
    ///
    /// Entries with an unknown outcome are retained.
    ///
    /// # Errors
    ///
    /// Returns an error if the change cannot be committed. Then nothing is deleted.
    pub fn prune(&mut self, before: Timestamp) -> Result<Pruned, JournalError> {
        let before = [before.as_millisecond()];
        let mut prune = || {
            let transaction = self.connection.transaction()?;
            let old = "FROM uploads WHERE phase = 'settled' AND settled_at < ?1";
            let pruned = Pruned {
                uploads: transaction.execute(&format!("DELETE {old} AND NOT doubt"), before)?,
                runs: {
                    // Not counted: sessions are never shown.
                    transaction.execute("DELETE FROM sessions WHERE at < ?1", before)?;
                    transaction.execute("DELETE FROM runs WHERE at < ?1", before)?
                },
                // Counted after the deletion, so only unknown outcomes are left.
                retained: transaction.query_one(
                    &format!("SELECT count(*) {old}"),
                    before,
                    |row| row.get::<_, u32>(0),
                )? as usize,
            };
            transaction.commit()?;
            Ok(pruned)
        };
        prune().map_err(|e| JournalError::from_sqlite(&self.path, e))
    }
}
