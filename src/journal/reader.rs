//! Reads and searches the journal, also while another process writes it.

use super::entry::{self, COLUMNS, UploadEntry};
use super::{INTERRUPTED, Journal, JournalError, lock, privacy, storage};
use crate::screen::ContentHash;
use crate::uploads::plan::OutcomeKind;
use jiff::Timestamp;
use rusqlite::{Connection, ErrorCode, named_params};
use std::path::{Path, PathBuf};

/// The rows that a query finds. What a crash left open reads as it will be settled: unknown, or
/// skipped where no byte was sent. While a writer lives, it is being sent.
const FOUND: &str = "(
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

/// What to look for; the default finds everything.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HistoryQuery {
    /// Part of a name, session or code, the beginning of a hash, or a bank; in any letter case.
    pub text: Option<String>,
    /// How it ended.
    pub outcome: Option<OutcomeKind>,
    /// Not before.
    pub since: Option<Timestamp>,
    /// The latest so many.
    pub limit: Option<u32>,
}

/// Counts over everything that a query finds, whatever its limit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HistoryTotals {
    /// Entries.
    pub uploads: usize,
    /// Entries by outcome, in the order of [`OutcomeKind::ALL`].
    pub outcomes: [usize; OutcomeKind::ALL.len()],
    /// Their sizes together.
    pub bytes: u64,
    /// Runs in the time asked for; the query's other parts do not apply to runs.
    pub runs: usize,
    /// Files screened in them.
    pub screened: usize,
    /// Calls not made because of what screening found.
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
    /// When it can't be read, or is damaged, foreign or too new.
    pub fn open(dir: &Path, now: Timestamp) -> Result<Option<Self>, JournalError> {
        let opened = match storage::open_to_read(dir) {
            Err(error) if wants_a_writer(&error) => {
                // A crash has left something that only a writer may finish, or the folder can't be
                // written to at all.
                match Journal::open(dir, now) {
                    Ok(journal) => {
                        drop(journal);
                        storage::open_to_read(dir)
                    }
                    Err(JournalError::InUse { dir, holder }) => {
                        Err(JournalError::InUse { dir, holder })
                    }
                    Err(_) => match storage::open_frozen(dir) {
                        Ok(None) => Err(error),
                        frozen => frozen,
                    },
                }
            }
            opened => opened,
        };
        let found = |connection| Self {
            connection,
            dir: dir.to_owned(),
        };
        opened.map(|connection| connection.map(found))
    }

    /// The entries that a query finds, the latest last, and counts over all that it would find
    /// without its limit.
    ///
    /// # Errors
    ///
    /// When the journal can't be read, or is damaged.
    pub fn history(
        &mut self,
        query: &HistoryQuery,
    ) -> Result<(Vec<UploadEntry>, HistoryTotals), JournalError> {
        // Before reading: what was open and is settled in between reads as settled.
        let writer = lock::is_taken(&self.dir);
        let path = storage::database(&self.dir);
        self.read(query, writer)
            .map_err(|source| JournalError::sort(&path, source))
    }

    /// The entry of these bytes in a session.
    ///
    /// # Errors
    ///
    /// When the journal can't be read, or is damaged.
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

    pub(super) fn ask<T>(
        &self,
        question: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, JournalError> {
        question(&self.connection)
            .map_err(|source| JournalError::sort(&storage::database(&self.dir), source))
    }

    fn read(
        &mut self,
        query: &HistoryQuery,
        writer: bool,
    ) -> rusqlite::Result<(Vec<UploadEntry>, HistoryTotals)> {
        // One transaction, so that rows and counts are of the same moment.
        let moment = self.connection.transaction()?;
        let text = query.text.as_deref().map(pattern);
        let name = query
            .text
            .as_deref()
            .map(|text| pattern(&crate::text::mask_numbers(text)));
        let outcome = query.outcome.map(OutcomeKind::name);
        let since = query.since.map(Timestamp::as_millisecond);
        let mut totals = HistoryTotals::default();
        {
            let sql = format!("SELECT outcome, count(*), sum(bytes) FROM {FOUND} GROUP BY outcome");
            let mut statement = moment.prepare(&sql)?;
            let values = named_params! {
                ":writer": writer, ":interrupted": INTERRUPTED,
                ":text": text, ":name": name, ":outcome": outcome, ":since": since,
            };
            let mut rows = statement.query(values)?;
            while let Some(row) = rows.next()? {
                let word: Option<String> = row.get(0)?;
                let count = row.get::<_, u32>(1)? as usize;
                let place = OutcomeKind::ALL.iter().zip(&mut totals.outcomes);
                for (_, counted) in place.filter(|(kind, _)| word.as_deref() == Some(kind.name())) {
                    *counted = count;
                }
                totals.uploads += count;
                totals.bytes += row.get::<_, i64>(2)?.unsigned_abs();
            }
        }
        let runs = "SELECT count(*), coalesce(sum(files), 0), coalesce(sum(calls_saved), 0)
            FROM runs WHERE ?1 IS NULL OR at >= ?1";
        let counts = moment.query_one(runs, [since], |row| {
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
            let sql = format!("SELECT {COLUMNS} FROM {FOUND} ORDER BY id DESC LIMIT :limit");
            let mut statement = moment.prepare(&sql)?;
            let values = named_params! {
                ":writer": writer, ":interrupted": INTERRUPTED,
                ":text": text, ":name": name, ":outcome": outcome, ":since": since,
                ":limit": query.limit.map_or(-1, i64::from),
            };
            let rows = statement.query_map(values, entry::read)?;
            rows.collect::<rusqlite::Result<Vec<_>>>()?
        };
        Ok((entries.into_iter().rev().collect(), totals))
    }
}

fn wants_a_writer(error: &JournalError) -> bool {
    let JournalError::Database { source, .. } = error else {
        return false;
    };
    matches!(
        source.sqlite_error_code(),
        Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly)
    )
}

/// Text as `LIKE` takes it literally.
fn pattern(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
