//! Calls that screening avoided, and times until which the service asked to send nothing.

use super::error::JournalError;
use super::privacy;
use super::writer::Journal;
use crate::screen::ContentHash;
use jiff::Timestamp;
use rusqlite::OptionalExtension as _;

impl Journal {
    /// Stores calls that were avoided, and returns how many of them no earlier run has stored.
    ///
    /// `scope` names the session, or the request that would have created one: a file that fails in
    /// every run of a schedule saves one call, not one per run.
    ///
    /// # Errors
    ///
    /// Returns an error if the change cannot be committed.
    pub fn record_saved_calls<'c>(
        &mut self,
        scope: &str,
        calls: impl IntoIterator<Item = (ContentHash, &'c str)>,
        at: Timestamp,
    ) -> Result<usize, JournalError> {
        let owner = self.owner_text();
        let scope = privacy::label(scope);
        self.change(|connection| {
            let sql = "INSERT INTO saved_calls (owner, scope, content, code, at)
                VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING";
            let mut insert = connection.prepare(sql)?;
            let mut new = 0;
            for (content, code) in calls {
                let code = privacy::code(code);
                let content = content.to_string();
                new += insert.execute((&owner, &scope, content, code, at.as_millisecond()))?;
            }
            Ok(new)
        })
    }

    /// Stores until when the service asked this key to send nothing.
    ///
    /// # Errors
    ///
    /// Returns an error if the change cannot be committed.
    pub fn set_wait(&mut self, until: Timestamp) -> Result<(), JournalError> {
        let owner = self.owner_text();
        let sql = "INSERT INTO waits (owner, until) VALUES (?1, ?2)
            ON CONFLICT (owner) DO UPDATE SET until = max(until, ?2)";
        self.change(|connection| {
            let values = (owner, until.as_millisecond());
            connection.execute(sql, values).map(|_| ())
        })
    }

    /// Returns until when the service asked this key to send nothing, if that is in the future.
    ///
    /// # Errors
    ///
    /// Returns an error if the database cannot be read.
    pub fn wait_until(&self, now: Timestamp) -> Result<Option<Timestamp>, JournalError> {
        let sql = "SELECT until FROM waits WHERE owner = ?1";
        let owner = [self.owner_text()];
        let until = self.connection.query_row(sql, owner, |row| row.get(0));
        let until = until.optional().map_err(|source| self.error(source))?;
        let until = until.and_then(|until| Timestamp::from_millisecond(until).ok());
        Ok(until.filter(|until| *until > now))
    }
}
