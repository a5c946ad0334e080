//! Sessions by request, so that repeating a command resumes the same session.

use super::error::JournalError;
use super::privacy;
use super::reader::JournalReader;
use super::writer::Journal;
use crate::screen::ContentHash;
use crate::statement::DateRange;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _};

impl Journal {
    /// Returns the session that was created for a request. `request` is the hash of its parameters.
    ///
    /// # Errors
    ///
    /// Returns an error if the database cannot be read.
    pub fn session_for(&self, request: ContentHash) -> Result<Option<String>, JournalError> {
        session_for(&self.connection, request).map_err(|error| self.error(error))
    }

    /// Returns the requested period of a session, if this journal stores it.
    ///
    /// # Errors
    ///
    /// Returns an error if the database cannot be read.
    pub fn session_period(&self, session: &str) -> Result<Option<DateRange>, JournalError> {
        let sql = "SELECT first_day, last_day FROM sessions
            WHERE session = ?1 AND first_day IS NOT NULL AND last_day IS NOT NULL";
        let key = [privacy::label(session)];
        let days = self.connection.query_row(sql, key, |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
        });
        let days = days.optional().map_err(|error| self.error(error))?;
        Ok(days.and_then(|(from, to)| {
            let (from, to) = (from.parse().ok()?, to.parse().ok()?);
            Some(DateRange { from, to })
        }))
    }

    /// Stores the session of a request and its requested period. Replaces an earlier session.
    ///
    /// # Errors
    ///
    /// Returns an error if the change cannot be committed.
    pub fn save_session(
        &mut self,
        request: ContentHash,
        session: &str,
        period: Option<DateRange>,
        at: Timestamp,
    ) -> Result<(), JournalError> {
        let sql = "INSERT OR REPLACE INTO sessions (request, session, at, first_day, last_day)
            VALUES (?1, ?2, ?3, ?4, ?5)";
        let row = (
            request.to_string(),
            privacy::label(session),
            at.as_millisecond(),
            period.map(|period| period.from.to_string()),
            period.map(|period| period.to.to_string()),
        );
        let written = self.connection.execute(sql, row);
        written.map(|_| ()).map_err(|error| self.error(error))
    }

    /// Deletes the session of a request, because it accepts no more uploads.
    ///
    /// # Errors
    ///
    /// Returns an error if the change cannot be committed.
    pub fn delete_session(&mut self, request: ContentHash) -> Result<(), JournalError> {
        let sql = "DELETE FROM sessions WHERE request = ?1";
        let removed = self.connection.execute(sql, [request.to_string()]);
        removed.map(|_| ()).map_err(|error| self.error(error))
    }
}

impl JournalReader {
    /// Returns the session that was created for a request. `request` is the hash of its parameters.
    ///
    /// # Errors
    ///
    /// Returns an error if the database cannot be read.
    pub fn session_for(&mut self, request: ContentHash) -> Result<Option<String>, JournalError> {
        self.with_connection(|connection| {
            // A journal of an older version has no such table until a writer migrates it.
            let sql = "SELECT count(*) FROM sqlite_schema WHERE name = 'sessions'";
            if connection.query_one(sql, [], |row| row.get::<_, u32>(0))? == 0 {
                return Ok(None);
            }
            session_for(connection, request)
        })
    }
}

fn session_for(connection: &Connection, request: ContentHash) -> rusqlite::Result<Option<String>> {
    let sql = "SELECT session FROM sessions WHERE request = ?1";
    let found = connection.query_row(sql, [request.to_string()], |row| row.get(0));
    found.optional()
}
