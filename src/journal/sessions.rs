//! Sessions by request, so that repeating a command resumes the same session.
//!
//! A request keeps its ended sessions: the files that were sent there are not sent again unless the
//! user requests it.

use super::error::JournalError;
use super::integrity::{self, Table};
use super::privacy;
use super::reader::JournalReader;
use super::writer::Journal;
use crate::screen::ContentHash;
use crate::statement::DateRange;
use crate::uploads::plan::Owner;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row};

/// A session that was used for a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSession {
    /// The session ID, as received.
    pub id: String,
    /// The requested period, if it is known.
    pub period: Option<DateRange>,
    /// Whether it may accept uploads.
    pub state: SessionState,
    /// Whether it was proved that the session belongs to this key. An earlier version did not store
    /// keys.
    pub is_owned: bool,
}

/// Whether a session may accept uploads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionState {
    /// It may.
    Open,
    /// The service reported it as expired, deleted or unknown.
    Ended,
    /// The user wants to use it no more.
    Forgotten,
}

impl SessionState {
    fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Ended => "ended",
            Self::Forgotten => "forgotten",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [Self::Open, Self::Ended, Self::Forgotten]
            .into_iter()
            .find(|state| state.name() == name)
    }
}

/// Sessions of a request: the owner's, and those of earlier versions that are not another's. All
/// sessions of the request if the owner is null.
const SESSIONS: &str = "SELECT session, first_day, last_day, state, owner FROM sessions AS own
    WHERE request = ?1 AND state != 'foreign' AND (?2 IS NULL OR owner = ?2
        OR (owner = '' AND NOT EXISTS (SELECT 1 FROM sessions AS known
            WHERE known.session = own.session AND known.owner = ?2)))
    ORDER BY at, id";

impl Journal {
    /// Returns the sessions of a request in the order of their use. `request` is the hash of its
    /// parameters.
    ///
    /// # Errors
    ///
    /// Returns an error if the database cannot be read.
    pub fn sessions_of(&self, request: ContentHash) -> Result<Vec<StoredSession>, JournalError> {
        sessions_of(&self.connection, request, Some(&self.owner_text()))
            .map_err(|error| self.error(error))
    }

    /// Returns the requested period of a session, if this journal stores it.
    ///
    /// # Errors
    ///
    /// Returns an error if the database cannot be read.
    pub fn session_period(&self, session: &str) -> Result<Option<DateRange>, JournalError> {
        let sql = "SELECT first_day, last_day FROM sessions
            WHERE session = ?1 AND owner IN (?2, '') AND first_day IS NOT NULL";
        let key = (privacy::label(session), self.owner_text());
        let found = self.connection.query_row(sql, key, |row| period(row, 0));
        let found = found.optional().map_err(|error| self.error(error))?;
        Ok(found.flatten())
    }

    /// Stores the session of a request and its requested period. `link` is the hash of the link ID.
    ///
    /// # Errors
    ///
    /// Returns an error if the change cannot be committed.
    pub fn save_session(
        &mut self,
        (request, link): (ContentHash, ContentHash),
        session: &str,
        period: Option<DateRange>,
        at: Timestamp,
    ) -> Result<(), JournalError> {
        let sql = "INSERT INTO sessions (owner, request, link, session, at, first_day, last_day)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
            ON CONFLICT (request, session, owner) DO UPDATE SET at = ?5, state = 'open'
            RETURNING id";
        let row = (
            self.owner_text(),
            request.to_string(),
            link.to_string(),
            privacy::label(session),
            at.as_millisecond(),
            period.map(|period| period.from.to_string()),
            period.map(|period| period.to.to_string()),
        );
        self.change(|connection| {
            let id = connection.query_row(sql, row, |row| row.get(0))?;
            integrity::seal(connection, Table::Sessions, id)
        })
    }

    /// Marks a session as one that accepts no more uploads.
    ///
    /// # Errors
    ///
    /// Returns an error if the change cannot be committed.
    pub fn end_session(&mut self, session: &str) -> Result<(), JournalError> {
        let owner = self.owner_text();
        let changed = set_state("state = 'ended'", "owner = ?2 AND state = 'open'");
        self.change(|connection| change_sessions(connection, &changed, session, &owner).map(|_| ()))
    }

    /// Gives the rows of an earlier version about a session to this owner, after the service has
    /// proved that the session is its own.
    ///
    /// # Errors
    ///
    /// Returns an error if the change cannot be committed.
    pub fn claim_session(&mut self, session: &str) -> Result<(), JournalError> {
        let owner = self.owner_text();
        let count = "SELECT (SELECT count(*) FROM uploads WHERE session = ?1 AND owner = '')
            + (SELECT count(*) FROM sessions WHERE session = ?1 AND owner = '')";
        let key = [privacy::label(session)];
        let unowned: u32 = self
            .connection
            .query_row(count, key, |row| row.get(0))
            .map_err(|error| self.error(error))?;
        if unowned == 0 {
            return Ok(());
        }
        self.change(|connection| {
            let uploads = "UPDATE uploads SET owner = ?2 WHERE session = ?1 AND owner = ''
                RETURNING id";
            for id in changed_ids(connection, uploads, session, &owner)? {
                integrity::seal(connection, Table::Uploads, id)?;
            }
            let sessions = set_state("owner = ?2", "owner = ''");
            change_sessions(connection, &sessions, session, &owner).map(|_| ())
        })
    }

    /// Stores that a session of an earlier version belongs to another key.
    ///
    /// # Errors
    ///
    /// Returns an error if the change cannot be committed.
    pub fn disclaim_session(
        &mut self,
        request: ContentHash,
        session: &str,
        at: Timestamp,
    ) -> Result<(), JournalError> {
        let owner = self.owner_text();
        let sql = "INSERT INTO sessions (owner, request, session, at, state)
            VALUES (?1, ?2, ?3, ?4, 'foreign')
            ON CONFLICT (request, session, owner) DO UPDATE SET state = 'foreign'
            RETURNING id";
        let row = (
            owner,
            request.to_string(),
            privacy::label(session),
            at.as_millisecond(),
        );
        self.change(|connection| {
            let id = connection.query_row(sql, row, |row| row.get(0))?;
            integrity::seal(connection, Table::Sessions, id)
        })
    }

    /// Marks a session as forgotten, whoever owns it, and returns whether it was stored. What was
    /// sent to it stays protected.
    ///
    /// # Errors
    ///
    /// Returns an error if the change cannot be committed.
    pub fn forget_session(&mut self, session: &str) -> Result<bool, JournalError> {
        let sql = "UPDATE sessions SET state = 'forgotten'
            WHERE session = ?1 AND state NOT IN ('foreign', ?2) RETURNING id";
        self.change(|connection| change_sessions(connection, sql, session, "forgotten"))
    }
}

impl JournalReader {
    /// Returns the sessions of a request in the order of their use: those of an owner, or all if
    /// the owner is not known. `request` is the hash of its parameters.
    ///
    /// # Errors
    ///
    /// Returns an error if the journal cannot be read or is damaged.
    pub fn sessions_of(
        &self,
        request: ContentHash,
        owner: Option<Owner>,
    ) -> Result<Vec<StoredSession>, JournalError> {
        let owner = owner.map(|owner| owner.to_string());
        self.with_connection(|connection| sessions_of(connection, request, owner.as_deref()))
    }
}

fn sessions_of(
    connection: &Connection,
    request: ContentHash,
    owner: Option<&str>,
) -> rusqlite::Result<Vec<StoredSession>> {
    let mut select = connection.prepare(SESSIONS)?;
    let rows = select.query_map((request.to_string(), owner), |row| {
        let state: String = row.get("state")?;
        let owner: String = row.get("owner")?;
        Ok(StoredSession {
            id: row.get("session")?,
            period: period(row, 1)?,
            // An unknown state must not open a session.
            state: SessionState::from_name(&state).unwrap_or(SessionState::Ended),
            is_owned: !owner.is_empty(),
        })
    })?;
    rows.collect()
}

/// Reads a period from two columns, of which the first has this index.
fn period(row: &Row<'_>, first: usize) -> rusqlite::Result<Option<DateRange>> {
    let days: (Option<String>, Option<String>) = (row.get(first)?, row.get(first + 1)?);
    let parse = |day: Option<String>| day.and_then(|day| day.parse().ok());
    let days = (parse(days.0), parse(days.1));
    Ok(match days {
        (Some(from), Some(to)) => Some(DateRange { from, to }),
        _ => None,
    })
}

fn set_state(change: &str, condition: &str) -> String {
    format!("UPDATE sessions SET {change} WHERE session = ?1 AND {condition} RETURNING id")
}

/// Changes rows of sessions, seals them, and returns whether there were any.
fn change_sessions(
    connection: &Connection,
    sql: &str,
    session: &str,
    value: &str,
) -> rusqlite::Result<bool> {
    let ids = changed_ids(connection, sql, session, value)?;
    for id in &ids {
        integrity::seal(connection, Table::Sessions, *id)?;
    }
    Ok(!ids.is_empty())
}

fn changed_ids(
    connection: &Connection,
    sql: &str,
    session: &str,
    value: &str,
) -> rusqlite::Result<Vec<i64>> {
    let mut update = connection.prepare(sql)?;
    let rows = update.query_map((privacy::label(session), value), |row| row.get(0))?;
    rows.collect()
}
