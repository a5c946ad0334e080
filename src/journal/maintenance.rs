//! Removes details of old entries, and entries whose protection the user gives up.

use super::error::JournalError;
use super::integrity::{self, Table};
use super::reader::{MATCHING_TEXT, TextValues};
use super::writer::Journal;
use jiff::Timestamp;
use rusqlite::Connection;

/// What [`Journal::prune`] removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pruned {
    /// Entries whose details were removed.
    pub uploads: usize,
    /// Runs removed.
    pub runs: usize,
}

impl Journal {
    /// Removes the details of entries that were settled, and the runs that were made, before a
    /// time.
    ///
    /// Hash, key, session and outcome stay, because they protect against a second upload.
    ///
    /// # Errors
    ///
    /// Returns an error if the change cannot be committed. Then nothing is removed.
    pub fn prune(&mut self, before: Timestamp) -> Result<Pruned, JournalError> {
        let before = [before.as_millisecond()];
        self.change(|connection| {
            let sql = "UPDATE uploads SET pruned = 1, name = '', bank = NULL, account = NULL,
                    predicted = '', answer = NULL, later_codes = '', months = '',
                    missing_months = ''
                WHERE phase = 'settled' AND settled_at < ?1 AND NOT pruned RETURNING id";
            let ids = ids(connection, sql, before)?;
            for id in &ids {
                integrity::seal(connection, Table::Uploads, *id)?;
            }
            Ok(Pruned {
                uploads: ids.len(),
                runs: connection.execute("DELETE FROM runs WHERE at < ?1", before)?,
            })
        })
    }

    /// Removes the settled entries that match a text, and returns their number. The files may then
    /// be sent again.
    ///
    /// # Errors
    ///
    /// Returns an error if the change cannot be committed. Then nothing is removed.
    pub fn forget(&mut self, text: &str) -> Result<usize, JournalError> {
        let values = TextValues::new(Some(text));
        let sql = format!("DELETE FROM uploads WHERE phase = 'settled' AND {MATCHING_TEXT}");
        self.change(|connection| connection.execute(&sql, &values.named()))
    }
}

fn ids(
    connection: &Connection,
    sql: &str,
    values: impl rusqlite::Params,
) -> rusqlite::Result<Vec<i64>> {
    let mut select = connection.prepare(sql)?;
    let rows = select.query_map(values, |row| row.get(0))?;
    rows.collect()
}
