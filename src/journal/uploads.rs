//! The rows of uploads: intents, outcomes and evidence.

use super::entry::{self, COLUMNS, EntryId, Intent, UploadEntry};
use super::error::JournalError;
use super::integrity::{self, Table};
use super::privacy;
use super::writer::Journal;
use crate::screen::ContentHash;
use crate::uploads::plan::{Outcome, OutcomeKind, PriorAttempt, UnknownReason};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, named_params};

/// The result of [`Journal::begin`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BeginResult {
    /// The intent is committed: the file may be sent.
    Recorded(EntryId),
    /// The service has these bytes in this session: nothing may be sent.
    AlreadyUploaded(Box<UploadEntry>),
    /// The service may have these bytes, or they are being sent: nothing may be sent.
    Unsettled(Box<UploadEntry>),
    /// The service refused the same request before: nothing may be sent.
    Refused(Box<UploadEntry>),
}

impl Journal {
    /// Returns the entry of a file in a session.
    ///
    /// An entry of an earlier version, which stored no owner, counts as this owner's until the
    /// session turns out to be another's.
    ///
    /// # Errors
    ///
    /// Returns an error if the database cannot be read, or if the entry is damaged.
    pub fn find(
        &self,
        content: ContentHash,
        session: &str,
    ) -> Result<Option<UploadEntry>, JournalError> {
        let owner = self.owner_text();
        find(&self.connection, content, &privacy::label(session), &owner)
            .map_err(|source| self.error(source))
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
        self.group(|journal| {
            let earlier = journal.find(intent.content, &intent.session)?;
            if let Some(entry) = &earlier
                && let Some(obstacle) = obstacle(entry, intent)
            {
                return Ok(obstacle);
            }
            let id = earlier.map(|entry| entry.id.0);
            let owner = journal.owner_text();
            let id = journal.change(|connection| write_intent(connection, &owner, id, intent))?;
            Ok(BeginResult::Recorded(EntryId(id)))
        })
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
        let owner = self.owner_text();
        self.group(|journal| {
            for (file, outcome) in skipped {
                journal.change(|connection| write_skipped(connection, &owner, file, outcome))?;
            }
            Ok(())
        })
    }

    /// Commits that bytes of the body are about to be sent. Call it before the first of them.
    ///
    /// # Errors
    ///
    /// Returns an error if the change cannot be committed, or the entry is not open. Then nothing
    /// may be sent.
    pub fn body_started(&mut self, id: EntryId) -> Result<(), JournalError> {
        let sql = "UPDATE uploads SET phase = 'body' WHERE id = ?1 AND phase != 'settled'";
        let changed = self.change(|connection| {
            let changed = connection.prepare(sql)?.execute([id.0])?;
            integrity::seal(connection, Table::Uploads, id.0)?;
            Ok(changed)
        })?;
        if changed == 0 {
            return Err(self.not_open(id));
        }
        Ok(())
    }

    /// Commits the outcome of an attempt, and returns it adjusted to earlier attempts.
    ///
    /// An attempt that will be repeated is settled as skipped, because it was certainly not
    /// processed. [`Journal::begin`] opens the entry again. An accepted file with the statement ID
    /// of another file becomes unknown: the service contradicts itself.
    ///
    /// # Errors
    ///
    /// Returns an error if the change cannot be committed, or the entry is not open. The entry then
    /// counts as unknown after the next start. The call may be repeated.
    pub fn settle(
        &mut self,
        id: EntryId,
        outcome: &Outcome,
        at: Timestamp,
    ) -> Result<Outcome, JournalError> {
        self.group(|journal| {
            let sql = "SELECT doubt FROM uploads WHERE id = ?1 AND phase != 'settled'";
            let prior = journal.change(|connection| {
                let mut select = connection.prepare(sql)?;
                select
                    .query_row([id.0], entry::read_prior_attempt)
                    .optional()
            })?;
            let prior = prior.ok_or_else(|| journal.not_open(id))?;
            let mut outcome = outcome.clone().given(prior);
            if journal.has_statement_of_another_file(id, &outcome)? {
                outcome = Outcome {
                    http_status: outcome.http_status,
                    ..Outcome::without_response(
                        OutcomeKind::Unknown,
                        UnknownReason::InvalidResponse.code(),
                        outcome.attempts,
                    )
                };
            }
            let prior = outcome.prior_attempt_after(prior);
            journal.change(|connection| write_outcome(connection, id, &outcome, prior, at))?;
            Ok(outcome)
        })
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
        self.group(|journal| {
            let sql = "SELECT count(*) FROM uploads WHERE id = ?1 AND doubt AND phase = 'settled'";
            let unsettled: u32 =
                journal.change(|connection| connection.query_row(sql, [id.0], |row| row.get(0)))?;
            if unsettled == 0 {
                return Err(journal.not_open(id));
            }
            let prior = PriorAttempt::None;
            journal.change(|connection| write_outcome(connection, id, outcome, prior, at))
        })
    }

    /// Returns the entries of a session that the service may have, without evidence.
    ///
    /// # Errors
    ///
    /// Returns an error if the database cannot be read.
    pub fn unsettled(&self, session: &str) -> Result<Vec<UploadEntry>, JournalError> {
        self.read_session(session, " AND doubt AND phase = 'settled'")
    }

    /// Returns the entries of a session, whatever their outcome.
    ///
    /// # Errors
    ///
    /// Returns an error if the database cannot be read, or if an entry is damaged.
    pub fn entries_of(&self, session: &str) -> Result<Vec<UploadEntry>, JournalError> {
        self.read_session(session, "")
    }

    /// Reads the entries of a session that a condition selects.
    fn read_session(
        &self,
        session: &str,
        condition: &str,
    ) -> Result<Vec<UploadEntry>, JournalError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM uploads
             WHERE session = ?1 AND owner IN (?2, ''){condition} ORDER BY id"
        );
        let key = (privacy::label(session), self.owner_text());
        let read = || {
            let mut statement = self.connection.prepare(&sql)?;
            let rows = statement.query_map(key, entry::read)?;
            rows.collect::<rusqlite::Result<_>>()
        };
        read().map_err(|source| self.error(source))
    }

    /// Stores the codes that the service gave statements, or their accounts, after the upload.
    ///
    /// # Errors
    ///
    /// Returns an error if the change cannot be committed.
    pub fn record_later_codes<'c>(
        &mut self,
        session: &str,
        codes: impl IntoIterator<Item = (&'c str, Vec<&'c str>)>,
    ) -> Result<(), JournalError> {
        let session = privacy::label(session);
        let owner = self.owner_text();
        self.group(|journal| {
            for (statement_id, codes) in codes {
                let codes: Vec<_> = codes.into_iter().map(privacy::code).collect();
                let sql = "UPDATE uploads SET later_codes = ?4
                    WHERE session = ?1 AND owner IN (?2, '') AND statement_id = ?3
                        AND later_codes != ?4 RETURNING id";
                let values = (&session, &owner, statement_id, codes.join(" "));
                journal.change(|connection| {
                    let id = connection.query_row(sql, values, |row| row.get(0));
                    match id.optional()? {
                        Some(id) => integrity::seal(connection, Table::Uploads, id),
                        None => Ok(()),
                    }
                })?;
            }
            Ok(())
        })
    }

    fn has_statement_of_another_file(
        &mut self,
        id: EntryId,
        outcome: &Outcome,
    ) -> Result<bool, JournalError> {
        let Some(statement) = &outcome.receipt.statement_id else {
            return Ok(false);
        };
        let sql = "SELECT count(*) FROM uploads WHERE statement_id = ?1 AND id != ?2
            AND content != (SELECT content FROM uploads WHERE id = ?2)";
        let key = (privacy::label(statement), id.0);
        let others: u32 =
            self.change(|connection| connection.query_row(sql, key, |row| row.get(0)))?;
        Ok(others > 0)
    }
}

/// Returns why a file must not be sent, if an earlier attempt forbids it.
fn obstacle(entry: &UploadEntry, intent: &Intent) -> Option<BeginResult> {
    let entry = || Box::new(entry.clone());
    let stored = entry();
    let Some(settled) = &stored.settled else {
        return Some(BeginResult::Unsettled(entry()));
    };
    if settled.outcome.kind.is_uploaded() {
        return Some(BeginResult::AlreadyUploaded(entry()));
    }
    if stored.prior_attempt == PriorAttempt::Unknown && !intent.resend.unknown {
        return Some(BeginResult::Unsettled(entry()));
    }
    (!intent.resend.refused && stored.refused(intent.request))
        .then(|| BeginResult::Refused(entry()))
}

fn find(
    connection: &Connection,
    content: ContentHash,
    session: &str,
    owner: &str,
) -> rusqlite::Result<Option<UploadEntry>> {
    // The owner's own row precedes one of an earlier version.
    let sql = format!(
        "SELECT {COLUMNS} FROM uploads
         WHERE content = :content AND session = :session AND (owner = :owner
             OR (owner = '' AND NOT EXISTS (SELECT 1 FROM sessions
                 WHERE session = :session AND owner = :owner AND state = 'foreign')))
         ORDER BY owner DESC LIMIT 1"
    );
    let values = named_params! {
        ":content": content.to_string(), ":session": session, ":owner": owner,
    };
    let mut select = connection.prepare(&sql)?;
    select.query_row(values, entry::read).optional()
}

/// Writes an intent into the row with this ID, or into a new one, and returns its ID.
fn write_intent(
    connection: &Connection,
    owner: &str,
    id: Option<i64>,
    intent: &Intent,
) -> rusqlite::Result<i64> {
    let sql = "INSERT INTO uploads
            (id, owner, content, session, name, bytes, bank, account, request, predicted, begun_at,
             attempts, phase)
        VALUES
            (:id, :owner, :content, :session, :name, :bytes, :bank, :account, :request, :predicted,
             :at, 1, 'intent')
        ON CONFLICT (id) DO UPDATE SET
            name = :name, bank = :bank, account = :account, request = :request,
            predicted = :predicted, begun_at = :at, attempts = attempts + 1, phase = 'intent',
            outcome = NULL, settled_at = NULL, code = NULL, http_status = NULL,
            statement_id = NULL, answer = NULL, later_codes = '', months = '',
            missing_months = '', pruned = 0
        RETURNING id";
    let values = named_params! {
        ":id": id,
        ":owner": owner,
        ":content": intent.content.to_string(),
        ":session": privacy::label(&intent.session),
        ":name": privacy::name(&intent.name),
        ":bytes": i64::try_from(intent.bytes).unwrap_or(i64::MAX),
        ":bank": intent.bank.as_deref().map(privacy::label),
        ":account": intent.account.as_deref().map(privacy::account),
        ":request": intent.request.map(|request| request.to_string()),
        ":predicted": privacy::codes(&intent.predicted),
        ":at": intent.at.as_millisecond(),
    };
    let mut insert = connection.prepare(sql)?;
    let id = insert.query_row(values, |row| row.get(0))?;
    integrity::seal(connection, Table::Uploads, id)?;
    Ok(id)
}

fn write_skipped(
    connection: &Connection,
    owner: &str,
    file: &Intent,
    outcome: &Outcome,
) -> rusqlite::Result<()> {
    let sql = "INSERT INTO uploads
            (owner, content, session, name, bytes, bank, account, predicted, begun_at, attempts,
             phase, outcome, code, settled_at)
        VALUES
            (:owner, :content, :session, :name, :bytes, :bank, :account, :predicted, :at, 0,
             'settled', :outcome, :code, :at)
        ON CONFLICT (content, session, owner) DO UPDATE SET
            name = :name, predicted = :predicted, begun_at = :at, outcome = :outcome, code = :code,
            settled_at = :at
        WHERE attempts = 0
        RETURNING id";
    let values = named_params! {
        ":owner": owner,
        ":content": file.content.to_string(),
        ":session": privacy::label(&file.session),
        ":name": privacy::name(&file.name),
        ":bytes": i64::try_from(file.bytes).unwrap_or(i64::MAX),
        ":bank": file.bank.as_deref().map(privacy::label),
        ":account": file.account.as_deref().map(privacy::account),
        ":predicted": privacy::codes(&file.predicted),
        ":at": file.at.as_millisecond(),
        ":outcome": outcome.kind.name(),
        ":code": outcome.code.as_ref().map(|code| privacy::code(code.name())),
    };
    // A row of an earlier version, without an owner, has an attempt that must stay the only row.
    let session = privacy::label(&file.session);
    if find(connection, file.content, &session, owner)?.is_some_and(|entry| entry.has_attempt()) {
        return Ok(());
    }
    let mut insert = connection.prepare(sql)?;
    let id = insert.query_row(values, |row| row.get(0)).optional()?;
    id.map_or(Ok(()), |id| integrity::seal(connection, Table::Uploads, id))
}

fn write_outcome(
    connection: &Connection,
    id: EntryId,
    outcome: &Outcome,
    prior: PriorAttempt,
    at: Timestamp,
) -> rusqlite::Result<()> {
    let sql = "UPDATE uploads SET
            phase = 'settled', outcome = :outcome, doubt = :doubt, code = :code,
            http_status = :http_status, statement_id = :statement_id, answer = :answer,
            bank = coalesce(:bank, bank), months = :months, missing_months = :missing_months,
            settled_at = :at
        WHERE id = :id";
    let receipt = &outcome.receipt;
    let answer = receipt.answer.as_ref();
    let values = named_params! {
        ":id": id.0,
        ":outcome": outcome.kind.name(),
        ":doubt": prior == PriorAttempt::Unknown,
        ":code": outcome.code.as_ref().map(|code| privacy::code(code.name())),
        ":http_status": outcome.http_status,
        ":statement_id": receipt.statement_id.as_deref().map(privacy::label),
        ":answer": answer.and_then(|answer| serde_json::to_string(answer).ok()),
        ":bank": receipt.bank.as_deref().map(privacy::label),
        ":months": privacy::months(&receipt.months),
        ":missing_months": privacy::months(&receipt.missing_months),
        ":at": at.as_millisecond(),
    };
    connection.prepare(sql)?.execute(values)?;
    integrity::seal(connection, Table::Uploads, id.0)
}
