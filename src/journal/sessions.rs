//! Sessions by what was asked for, so that the same call goes on where it stopped.

use super::{Journal, JournalError, privacy};
use crate::screen::ContentHash;
use jiff::Timestamp;
use rusqlite::OptionalExtension as _;

impl Journal {
    /// The session that was created for this request, by the hash of what was asked for.
    ///
    /// # Errors
    ///
    /// When the database can't be read.
    pub fn session_for(&self, request: ContentHash) -> Result<Option<String>, JournalError> {
        let sql = "SELECT session FROM sessions WHERE request = ?1";
        let key = [request.to_string()];
        let found = self.connection.query_row(sql, key, |row| row.get(0));
        found.optional().map_err(|error| self.sort(error))
    }

    /// Remembers the session that was created for a request, in place of an earlier one.
    ///
    /// # Errors
    ///
    /// When it can't be committed.
    pub fn remember_session(
        &mut self,
        request: ContentHash,
        session: &str,
        at: Timestamp,
    ) -> Result<(), JournalError> {
        let sql = "INSERT OR REPLACE INTO sessions (request, session, at) VALUES (?1, ?2, ?3)";
        let session = privacy::label(session);
        let row = (request.to_string(), session, at.as_millisecond());
        let written = self.connection.execute(sql, row);
        written.map(|_| ()).map_err(|error| self.sort(error))
    }

    /// Forgets the session of a request: it takes no more uploads.
    ///
    /// # Errors
    ///
    /// When it can't be committed.
    pub fn forget_session(&mut self, request: ContentHash) -> Result<(), JournalError> {
        let sql = "DELETE FROM sessions WHERE request = ?1";
        let removed = self.connection.execute(sql, [request.to_string()]);
        removed.map(|_| ()).map_err(|error| self.sort(error))
    }
}
