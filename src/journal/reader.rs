//! Reads and searches the journal, even while another process writes it.

use super::entry::{self, COLUMNS, UploadEntry};
use super::error::JournalError;
use super::lock::SessionLock;
use super::writer::Journal;
use super::{privacy, storage};
use crate::screen::ContentHash;
use crate::uploads::plan::{LocalCode, OutcomeKind, Owner};
use jiff::Timestamp;
use rusqlite::{Connection, ErrorCode, OptionalExtension as _, ToSql};
use std::path::{Path, PathBuf};

/// The condition of a text, also for a change of rows.
pub(super) const MATCHING_TEXT: &str = "(:text IS NULL
    OR name LIKE '%' || :name || '%' ESCAPE '\\'
    OR content LIKE :text || '%' ESCAPE '\\'
    OR session LIKE '%' || :text || '%' ESCAPE '\\'
    OR session IN (SELECT session FROM sessions WHERE link = :link)
    OR bank LIKE :text ESCAPE '\\'
    OR code LIKE '%' || :text || '%' ESCAPE '\\')";

/// The rows that match a query.
///
/// Open rows of a session that a process has locked are being sent. Other open rows were left by a
/// crash. They are returned as the next writer will settle them: unknown, or skipped if no byte was
/// sent.
fn matching_rows() -> String {
    let as_stored = "phase = 'settled'
        OR owner || ' ' || session IN (SELECT value FROM json_each(:live))";
    format!(
        "(SELECT id, content, session, name, bytes, bank, account, request, predicted, begun_at,
            attempts, http_status, statement_id, answer, later_codes, months, missing_months,
            pruned,
            iif({as_stored}, doubt, doubt OR phase = 'body') AS doubt,
            iif({as_stored}, outcome, iif(phase = 'body' OR doubt, 'unknown', 'skipped'))
                AS outcome,
            iif({as_stored}, code, :interrupted) AS code,
            iif({as_stored}, settled_at, begun_at) AS settled_at
        FROM uploads)
        WHERE (:outcome IS NULL OR outcome = :outcome)
            AND (:since IS NULL OR coalesce(settled_at, begun_at) >= :since)
            AND {MATCHING_TEXT}"
    )
}

/// The values of [`MATCHING_TEXT`].
pub(super) struct TextValues {
    text: Option<String>,
    name: Option<String>,
    link: Option<String>,
}

impl TextValues {
    pub(super) fn new(text: Option<&str>) -> Self {
        Self {
            text: text.map(escape_like),
            // Names are stored with masked numbers, so the text to find is masked as well.
            name: text.map(|text| escape_like(&crate::text::mask_numbers(text))),
            link: text.map(|text| ContentHash::of(text.as_bytes()).to_string()),
        }
    }

    pub(super) fn named(&self) -> [(&'static str, &dyn ToSql); 3] {
        [
            (":text", &self.text),
            (":name", &self.name),
            (":link", &self.link),
        ]
    }
}
/// A search in the journal. The default matches everything.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HistoryQuery {
    /// Part of a name, session or code, the beginning of a hash, or a bank, ignoring case; or a
    /// link ID.
    pub text: Option<String>,
    /// The kind of the outcome.
    pub outcome: Option<OutcomeKind>,
    /// The earliest time.
    pub since: Option<Timestamp>,
    /// The maximum number of entries; the latest are returned.
    pub limit: Option<u32>,
}

/// Counts of all rows that match a query, regardless of its limit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HistoryTotals {
    /// The number of entries that were sent: those whose outcome is not "skipped".
    pub uploads: usize,
    /// The number of entries by outcome, in the order of [`OutcomeKind::ALL`].
    pub outcomes: [usize; OutcomeKind::ALL.len()],
    /// The total size of their files.
    pub bytes: u64,
    /// The number of runs since the earliest time. Other conditions do not apply to runs.
    pub runs: usize,
    /// The number of files screened in these runs.
    pub screened: usize,
    /// The number of calls that screening avoided.
    pub calls_saved: usize,
}

/// The journal, open for reading.
#[derive(Debug)]
pub struct JournalReader {
    connection: Connection,
    dir: PathBuf,
}

impl JournalReader {
    /// Opens the journal in a folder; `None` if nothing was ever written there.
    ///
    /// # Errors
    ///
    /// Returns an error if the journal cannot be read, is damaged, or is of another program or a
    /// newer version.
    pub fn open(dir: &Path) -> Result<Option<Self>, JournalError> {
        let opened = match storage::open_read_only(dir) {
            Err(error) if needs_writer(&error) => {
                // Either a crash left a write that only a writer can complete, or the folder is
                // read-only.
                match Journal::open(dir, None, None) {
                    Ok(journal) => {
                        drop(journal);
                        storage::open_read_only(dir)
                    }
                    Err(busy @ JournalError::Busy { .. }) => Err(busy),
                    Err(_) => match storage::open_immutable(dir) {
                        Ok(None) => Err(error),
                        immutable => immutable,
                    },
                }
            }
            opened => opened,
        };
        opened.map(|connection| connection.map(|connection| Self::new(connection, dir)))
    }

    /// Opens the journal in a folder without ever writing there; `None` if there is none.
    ///
    /// # Errors
    ///
    /// Like [`JournalReader::open`], and also if only a writer could make the journal readable.
    pub fn open_unchanged(dir: &Path) -> Result<Option<Self>, JournalError> {
        if !storage::database_path(dir).exists() {
            return Ok(None);
        }
        // Without a log, SQLite would create one, and the file that processes share.
        let opened = match storage::open_immutable(dir)? {
            Some(connection) => Some(connection),
            None => storage::open_read_only(dir)?,
        };
        Ok(opened.map(|connection| Self::new(connection, dir)))
    }

    fn new(connection: Connection, dir: &Path) -> Self {
        Self {
            connection,
            dir: dir.to_owned(),
        }
    }

    /// Returns the entries that match a query, the latest last, and the counts without its limit.
    ///
    /// # Errors
    ///
    /// Returns an error if the journal cannot be read or is damaged.
    pub fn history(
        &mut self,
        query: &HistoryQuery,
    ) -> Result<(Vec<UploadEntry>, HistoryTotals), JournalError> {
        let path = storage::database_path(&self.dir);
        // Checked before reading: a row that is settled in between then reads as settled.
        let live = live_sessions(&self.connection, &self.dir);
        let read = live.and_then(|live| read(&mut self.connection, query, &live));
        read.map_err(|source| JournalError::from_sqlite(&path, source))
    }

    /// Returns the entry of a file in a session, of an owner or of any.
    ///
    /// # Errors
    ///
    /// Returns an error if the journal cannot be read or is damaged.
    pub fn find(
        &self,
        content: ContentHash,
        session: &str,
        owner: Option<Owner>,
    ) -> Result<Option<UploadEntry>, JournalError> {
        let owner = owner.map(|owner| owner.to_string());
        let session = privacy::label(session);
        self.with_connection(|connection| {
            let sql = format!(
                "SELECT {COLUMNS} FROM uploads WHERE content = ?1 AND session = ?2
                    AND (?3 IS NULL OR owner IN (?3, '')) ORDER BY owner DESC LIMIT 1"
            );
            let key = (content.to_string(), session, owner);
            connection.query_row(&sql, key, entry::read).optional()
        })
    }

    /// Runs a query, and converts its error.
    pub(super) fn with_connection<T>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, JournalError> {
        query(&self.connection)
            .map_err(|source| JournalError::from_sqlite(&storage::database_path(&self.dir), source))
    }
}

/// Returns the sessions with open rows whose lock a process holds, as JSON.
fn live_sessions(connection: &Connection, dir: &Path) -> rusqlite::Result<String> {
    let sql = "SELECT DISTINCT owner, session FROM uploads WHERE phase != 'settled'";
    let mut select = connection.prepare(sql)?;
    let rows = select.query_map([], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
    })?;
    let mut live = Vec::new();
    for row in rows {
        let (owner, session) = row?;
        if SessionLock::is_held(dir, &owner, &session) {
            live.push(format!("{owner} {session}"));
        }
    }
    Ok(serde_json::json!(live).to_string())
}

fn read(
    connection: &mut Connection,
    query: &HistoryQuery,
    live: &str,
) -> rusqlite::Result<(Vec<UploadEntry>, HistoryTotals)> {
    // One transaction, so that rows and counts are of the same time.
    let transaction = connection.transaction()?;
    let text = TextValues::new(query.text.as_deref());
    let outcome = query.outcome.map(OutcomeKind::name);
    let since = query.since.map(Timestamp::as_millisecond);
    let limit = query.limit.map_or(-1, i64::from);
    let interrupted = LocalCode::Interrupted.name();
    let mut values: Vec<(&str, &dyn ToSql)> = text.named().into();
    values.extend::<[(&str, &dyn ToSql); 4]>([
        (":live", &live),
        (":interrupted", &interrupted),
        (":outcome", &outcome),
        (":since", &since),
    ]);
    let matching = matching_rows();
    let mut totals = HistoryTotals::default();
    let sql = format!("SELECT outcome, count(*), sum(bytes) FROM {matching} GROUP BY outcome");
    let mut statement = transaction.prepare(&sql)?;
    let mut rows = statement.query(&*values)?;
    while let Some(row) = rows.next()? {
        let outcome: Option<String> = row.get(0)?;
        totals.add(outcome.as_deref(), row.get(1)?, row.get(2)?);
    }
    drop(rows);
    drop(statement);
    let runs = "SELECT count(*), coalesce(sum(files), 0), coalesce(sum(calls_saved), 0)
        FROM runs WHERE ?1 IS NULL OR at >= ?1";
    let counts = transaction.query_one(runs, [since], |row| {
        Ok((row.get::<_, u32>(0)?, row.get(1)?, row.get(2)?))
    })?;
    let count = |number: i64| usize::try_from(number).unwrap_or_default();
    totals.runs = counts.0 as usize;
    totals.screened = count(counts.1);
    totals.calls_saved = count(counts.2);
    values.push((":limit", &limit));
    let sql = format!("SELECT {COLUMNS} FROM {matching} ORDER BY id DESC LIMIT :limit");
    let mut statement = transaction.prepare(&sql)?;
    let entries = statement.query_map(&*values, entry::read)?;
    let entries = entries.collect::<rusqlite::Result<Vec<_>>>()?;
    // The limit selects the latest entries; they are returned in the order of writing.
    Ok((entries.into_iter().rev().collect(), totals))
}

impl HistoryTotals {
    /// Returns the number of files that were not sent.
    pub fn skipped(&self) -> usize {
        let counts = OutcomeKind::ALL.into_iter().zip(self.outcomes);
        let skipped = counts.filter(|(kind, _)| *kind == OutcomeKind::Skipped);
        skipped.map(|(_, count)| count).sum()
    }

    fn add(&mut self, outcome: Option<&str>, count: u32, bytes: i64) {
        let count = count as usize;
        let kind = outcome.and_then(OutcomeKind::from_name);
        let counts = OutcomeKind::ALL.into_iter().zip(&mut self.outcomes);
        for (_, outcome_count) in counts.filter(|(counted, _)| Some(*counted) == kind) {
            *outcome_count += count;
        }
        if kind != Some(OutcomeKind::Skipped) {
            self.uploads += count;
            self.bytes += bytes.unsigned_abs();
        }
    }
}

/// Returns whether opening failed in a way that only a writer can fix.
fn needs_writer(error: &JournalError) -> bool {
    let JournalError::Database { source, .. } = error else {
        return false;
    };
    matches!(
        source.sqlite_error_code(),
        Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly)
    )
}

/// Escapes a text for a literal match with `LIKE`.
fn escape_like(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
