//! Reads and searches the journal, even while another process writes it.

use super::entry::{self, COLUMNS, UploadEntry};
use super::error::JournalError;
use super::writer::Journal;
use super::{lock, privacy, storage};
use crate::screen::ContentHash;
use crate::uploads::plan::{LocalCode, OutcomeKind};
use jiff::Timestamp;
use rusqlite::{Connection, ErrorCode, named_params};
use std::path::{Path, PathBuf};

/// The rows that match a query.
///
/// While a writer is active, open rows are being sent. Otherwise a crash left them open. They are
/// then returned as the next writer will settle them: unknown, or skipped if no byte was sent.
const MATCHING_ROWS: &str = "(
    SELECT id, content, session, name, bytes, bank, account, begun_at, attempts, http_status,
        statement_id, months, missing_months,
        iif(phase = 'settled' OR :writer, doubt, doubt OR phase = 'body') AS doubt,
        iif(phase = 'settled' OR :writer, outcome,
            iif(phase = 'body' OR doubt, 'unknown', 'skipped')) AS outcome,
        iif(phase = 'settled' OR :writer, code, :interrupted) AS code,
        iif(phase = 'settled' OR :writer, settled_at, begun_at) AS settled_at
    FROM uploads)
    WHERE (:outcome IS NULL OR outcome = :outcome)
        AND (:since IS NULL OR coalesce(settled_at, begun_at) >= :since)
        AND (:text IS NULL
            OR name LIKE '%' || :name || '%' ESCAPE '\\'
            OR content LIKE :text || '%' ESCAPE '\\'
            OR session LIKE '%' || :text || '%' ESCAPE '\\'
            OR bank LIKE :text ESCAPE '\\'
            OR code LIKE '%' || :text || '%' ESCAPE '\\')";

/// A search in the journal. The default matches everything.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HistoryQuery {
    /// Part of a name, session or code, the beginning of a hash, or a bank. Ignores case.
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
    /// The number of entries.
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
    pub fn open(dir: &Path, now: Timestamp) -> Result<Option<Self>, JournalError> {
        let opened = match storage::open_read_only(dir) {
            Err(error) if needs_writer(&error) => {
                // Either a crash left a write that only a writer can complete, or the folder is
                // read-only.
                match Journal::open(dir, now) {
                    Ok(journal) => {
                        drop(journal);
                        storage::open_read_only(dir)
                    }
                    Err(JournalError::InUse { dir, holder }) => {
                        Err(JournalError::InUse { dir, holder })
                    }
                    Err(_) => match storage::open_immutable(dir) {
                        Ok(None) => Err(error),
                        immutable => immutable,
                    },
                }
            }
            opened => opened,
        };
        let reader = |connection| Self {
            connection,
            dir: dir.to_owned(),
        };
        opened.map(|connection| connection.map(reader))
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
        // Checked before reading: a row that is settled in between then reads as settled.
        let has_writer = lock::is_locked(&self.dir);
        let path = storage::database_path(&self.dir);
        self.read(query, has_writer)
            .map_err(|source| JournalError::from_sqlite(&path, source))
    }

    /// Returns the entry of a file in a session.
    ///
    /// # Errors
    ///
    /// Returns an error if the journal cannot be read or is damaged.
    pub fn find(
        &mut self,
        content: ContentHash,
        session: &str,
    ) -> Result<Option<UploadEntry>, JournalError> {
        let query = HistoryQuery {
            text: Some(content.to_string()),
            ..HistoryQuery::default()
        };
        let (entries, _) = self.history(&query)?;
        let session = privacy::label(session);
        let mut entries = entries.into_iter();
        Ok(entries.find(|entry| entry.content == content && entry.session == session))
    }

    /// Runs a query, and converts its error.
    pub(super) fn with_connection<T>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, JournalError> {
        query(&self.connection)
            .map_err(|source| JournalError::from_sqlite(&storage::database_path(&self.dir), source))
    }

    fn read(
        &mut self,
        query: &HistoryQuery,
        has_writer: bool,
    ) -> rusqlite::Result<(Vec<UploadEntry>, HistoryTotals)> {
        // One transaction, so that rows and counts are of the same time.
        let transaction = self.connection.transaction()?;
        let text = query.text.as_deref().map(escape_like);
        // Names are stored with masked numbers, so the text to find is masked as well.
        let name = query
            .text
            .as_deref()
            .map(|text| escape_like(&crate::text::mask_numbers(text)));
        let outcome = query.outcome.map(OutcomeKind::name);
        let since = query.since.map(Timestamp::as_millisecond);
        let mut totals = HistoryTotals::default();
        {
            let sql = format!(
                "SELECT outcome, count(*), sum(bytes) FROM {MATCHING_ROWS} GROUP BY outcome"
            );
            let mut statement = transaction.prepare(&sql)?;
            let values = named_params! {
                ":writer": has_writer, ":interrupted": LocalCode::Interrupted.name(),
                ":text": text, ":name": name, ":outcome": outcome, ":since": since,
            };
            let mut rows = statement.query(values)?;
            while let Some(row) = rows.next()? {
                let name: Option<String> = row.get(0)?;
                let count = row.get::<_, u32>(1)? as usize;
                let kind = name.as_deref().and_then(OutcomeKind::from_name);
                let counts = OutcomeKind::ALL.into_iter().zip(&mut totals.outcomes);
                for (_, outcome_count) in counts.filter(|(counted, _)| Some(*counted) == kind) {
                    *outcome_count = count;
                }
                totals.uploads += count;
                totals.bytes += row.get::<_, i64>(2)?.unsigned_abs();
            }
        }
        let runs = "SELECT count(*), coalesce(sum(files), 0), coalesce(sum(calls_saved), 0)
            FROM runs WHERE ?1 IS NULL OR at >= ?1";
        let counts = transaction.query_one(runs, [since], |row| {
            Ok((
                row.get::<_, u32>(0)?,
                row.get::<_, i64>(1)?,
                row.get::<_, i64>(2)?,
            ))
        })?;
        totals.runs = counts.0 as usize;
        totals.screened = usize::try_from(counts.1).unwrap_or_default();
        totals.calls_saved = usize::try_from(counts.2).unwrap_or_default();
        let entries = {
            let sql =
                format!("SELECT {COLUMNS} FROM {MATCHING_ROWS} ORDER BY id DESC LIMIT :limit");
            let mut statement = transaction.prepare(&sql)?;
            let values = named_params! {
                ":writer": has_writer, ":interrupted": LocalCode::Interrupted.name(),
                ":text": text, ":name": name, ":outcome": outcome, ":since": since,
                ":limit": query.limit.map_or(-1, i64::from),
            };
            let rows = statement.query_map(values, entry::read)?;
            rows.collect::<rusqlite::Result<Vec<_>>>()?
        };
        // The limit selects the latest entries; they are returned in the order of writing.
        Ok((entries.into_iter().rev().collect(), totals))
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
