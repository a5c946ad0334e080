//! Finds damage that SQLite does not: changed values, lost commits, and a cut file.
//!
//! Each row has a checksum, the schema is compared with that of a new database, and the number of
//! commits is repeated in a file of its own. A damaged journal could allow a second upload, so it
//! is never used.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this module reads and writes files of the journal"
)]

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};
use sha2::{Digest as _, Sha256};
use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Name of the file that repeats the number of commits.
const COUNTER_NAME: &str = "journal.commits";
/// Offsets in the header of an SQLite database (file format, section 1.3).
const PAGE_SIZE_OFFSET: usize = 16;
const CHANGE_COUNTER_OFFSET: usize = 24;
const PAGE_COUNT_OFFSET: usize = 28;
const VERSION_VALID_FOR_OFFSET: usize = 92;
/// Length of that header.
const HEADER_BYTES: usize = 100;
/// The largest page size, which the header represents by 1.
const MAX_PAGE_BYTES: u64 = 65_536;

/// A table whose rows have a checksum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Table {
    Uploads,
    Sessions,
}

impl Table {
    const ALL: [Self; 2] = [Self::Uploads, Self::Sessions];

    fn name(self) -> &'static str {
        match self {
            Self::Uploads => "uploads",
            Self::Sessions => "sessions",
        }
    }
}

/// Writes the checksum of a row after a change.
pub(super) fn seal(connection: &Connection, table: Table, id: i64) -> rusqlite::Result<()> {
    let name = table.name();
    let sql = format!("SELECT * FROM {name} WHERE id = ?1");
    let mut select = connection.prepare(&sql)?;
    let sum = select.query_row([id], checksum)?;
    let sql = format!("UPDATE {name} SET checksum = ?2 WHERE id = ?1");
    connection.prepare(&sql)?.execute((id, sum))?;
    Ok(())
}

/// Writes the checksums of all rows, after a migration.
pub(super) fn seal_all(connection: &Connection) -> rusqlite::Result<()> {
    for table in Table::ALL {
        let sql = format!("SELECT id FROM {}", table.name());
        let mut select = connection.prepare(&sql)?;
        let ids: Vec<i64> = select
            .query_map([], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        for id in ids {
            seal(connection, table, id)?;
        }
    }
    Ok(())
}

/// Returns whether all rows have the checksum that was written with them.
pub(super) fn rows_are_intact(connection: &Connection) -> rusqlite::Result<bool> {
    for table in Table::ALL {
        let sql = format!("SELECT * FROM {}", table.name());
        let mut select = connection.prepare(&sql)?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            if !is_intact(row)? {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

fn is_intact(row: &Row<'_>) -> rusqlite::Result<bool> {
    let stored: i64 = row.get("checksum")?;
    Ok(checksum(row)? == stored)
}

/// Returns the checksum over the values of a row with all columns.
fn checksum(row: &Row<'_>) -> rusqlite::Result<i64> {
    let statement: &rusqlite::Statement<'_> = row.as_ref();
    let checked = statement.column_count();
    let mut hasher = Sha256::new();
    for index in 0..checked {
        if statement.column_name(index)? == "checksum" {
            continue;
        }
        // The type and the length separate values from each other.
        match row.get_ref(index)? {
            ValueRef::Null => hasher.update(b"n"),
            ValueRef::Integer(number) => {
                hasher.update(b"i");
                hasher.update(number.to_le_bytes());
            }
            ValueRef::Real(number) => {
                hasher.update(b"r");
                hasher.update(number.to_le_bytes());
            }
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
                hasher.update(b"t");
                hasher.update(bytes.len().to_le_bytes());
                hasher.update(bytes);
            }
        }
    }
    let hash = hasher.finalize();
    let first = hash.first_chunk().copied().unwrap_or_default();
    Ok(i64::from_le_bytes(first))
}

/// Returns whether tables and indexes are the expected ones and SQLite finds no damage.
///
/// `expected` is a new database of the same version.
pub(super) fn structure_is_intact(
    connection: &Connection,
    expected: &Connection,
) -> rusqlite::Result<bool> {
    if schema(connection)? != schema(expected)? {
        return Ok(false);
    }
    // Unlike `quick_check`, this compares indexes with their tables.
    let result: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    Ok(result == "ok")
}

fn schema(connection: &Connection) -> rusqlite::Result<Vec<[Option<String>; 4]>> {
    let sql = "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name";
    let mut select = connection.prepare(sql)?;
    let rows = select.query_map([], |row| {
        Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?])
    })?;
    rows.collect()
}

/// Returns whether a database file has the length that its header states.
///
/// With a write-ahead log the header may be older than the file, so only whole pages are required.
pub(super) fn length_is_intact(path: &Path, has_log: bool) -> io::Result<bool> {
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    let mut header = [0; HEADER_BYTES];
    if length == 0 {
        return Ok(true);
    }
    if (&file).read_exact(&mut header).is_err() {
        return Ok(false);
    }
    let number = |offset: usize| {
        let bytes = header.get(offset..).and_then(<[u8]>::first_chunk::<4>);
        bytes.map_or(0, |bytes| u32::from_be_bytes(*bytes))
    };
    let page_bytes = match number(PAGE_SIZE_OFFSET) >> 16 {
        1 => MAX_PAGE_BYTES,
        bytes => u64::from(bytes),
    };
    if page_bytes == 0 || length % page_bytes != 0 {
        return Ok(false);
    }
    let has_page_count = number(CHANGE_COUNTER_OFFSET) == number(VERSION_VALID_FOR_OFFSET);
    let expected = u64::from(number(PAGE_COUNT_OFFSET)) * page_bytes;
    Ok(has_log || !has_page_count || length == expected)
}

/// The file that repeats the number of commits.
///
/// SQLite ignores a damaged end of its write-ahead log, and with it the commits there. This file
/// shows that they are missing. It is never flushed: after a power failure it may be behind, which
/// is allowed.
#[derive(Debug)]
pub(super) struct CommitCounter(File);

impl CommitCounter {
    pub(super) fn open(dir: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let file = options.mode(0o600).open(counter_path(dir))?;
        Ok(Self(file))
    }

    /// Returns the stored number; 0 if there is none, or if it is not intact.
    pub(super) fn read(&self) -> u64 {
        let mut bytes = [0; 16];
        if self.0.read_exact_at(&mut bytes, 0).is_err() {
            return 0;
        }
        let (number, inverted) = bytes.split_at(8);
        let parse = |bytes: &[u8]| bytes.first_chunk().map_or(0, |b| u64::from_le_bytes(*b));
        let (number, inverted) = (parse(number), parse(inverted));
        if number == !inverted { number } else { 0 }
    }

    /// Stores a number after its commit.
    pub(super) fn write(&self, number: u64) -> io::Result<()> {
        let bytes = [number.to_le_bytes(), (!number).to_le_bytes()].concat();
        self.0.write_all_at(&bytes, 0)
    }
}

/// Returns the path of that file.
pub(super) fn counter_path(dir: &Path) -> PathBuf {
    dir.join(COUNTER_NAME)
}
