//! One row of the journal: a file in a session.

use crate::screen::ContentHash;
use crate::uploads::plan::{Outcome, OutcomeCode, OutcomeKind, PriorAttempt, Receipt};
use jiff::Timestamp;
use rusqlite::Row;
use rusqlite::types::Type;
use std::error::Error;

/// The columns that [`read`] reads, in its order.
pub(super) const COLUMNS: &str = "id, content, session, name, bytes, bank, account, begun_at, \
     doubt, attempts, outcome, code, http_status, statement_id, months, missing_months, settled_at";

/// The number of an entry; later entries have greater ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EntryId(pub(super) i64);

/// What is about to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intent {
    /// The bytes.
    pub content: ContentHash,
    /// The session that they go to.
    pub session: String,
    /// What people call the file. Kept cleaned, with long numbers masked.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// The bank named to the service, if one is.
    pub bank: Option<String>,
    /// The account, if it is known. Kept masked.
    pub account: Option<String>,
    /// Whether to send what the service may have already.
    pub resend: Resend,
    /// Now.
    pub at: Timestamp,
}

/// Whether a file whose outcome is unsettled may be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Resend {
    /// It may not.
    #[default]
    Never,
    /// A person has asked for it.
    Unknown,
}

/// A file in a session, as the journal knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadEntry {
    /// Its number.
    pub id: EntryId,
    /// The bytes.
    pub content: ContentHash,
    /// The session.
    pub session: String,
    /// What people call the file.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// The bank that the service named, else the one named to it.
    pub bank: Option<String>,
    /// The account, masked.
    pub account: Option<String>,
    /// When the last attempt began.
    pub begun_at: Timestamp,
    /// Whether some attempt may have been taken, and nothing has proved it.
    pub prior_attempt: PriorAttempt,
    /// How it ended; `None` while it is being sent.
    pub settled: Option<Settlement>,
}

/// How a file ended, and when that became known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// How it ended. Attempts are those of all runs.
    pub outcome: Outcome,
    /// When that became known.
    pub at: Timestamp,
}

/// Reads a row of [`COLUMNS`].
pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<UploadEntry> {
    let bank: Option<String> = row.get("bank")?;
    let content: String = row.get("content")?;
    let settled = match row.get::<_, Option<String>>("outcome")? {
        None => None,
        Some(word) => Some(Settlement {
            outcome: Outcome {
                kind: OutcomeKind::from_name(&word).ok_or_else(|| odd(row, "outcome"))?,
                code: row
                    .get::<_, Option<String>>("code")?
                    .map(|name| OutcomeCode::from_name(&name)),
                http_status: row.get("http_status")?,
                attempts: row.get("attempts")?,
                receipt: Receipt {
                    statement_id: row.get("statement_id")?,
                    bank: bank.clone(),
                    months: months(row, "months")?,
                    missing_months: months(row, "missing_months")?,
                },
            },
            at: time(row, "settled_at")?,
        }),
    };
    Ok(UploadEntry {
        id: EntryId(row.get("id")?),
        content: ContentHash::from_hex(&content).ok_or_else(|| odd(row, "content"))?,
        session: row.get("session")?,
        name: row.get("name")?,
        bytes: row.get::<_, i64>("bytes")?.unsigned_abs(),
        bank,
        account: row.get("account")?,
        begun_at: time(row, "begun_at")?,
        prior_attempt: prior_attempt(row.get("doubt")?),
        settled,
    })
}

/// Reads a row of one column, the doubt.
pub(super) fn read_prior_attempt(row: &Row<'_>) -> rusqlite::Result<PriorAttempt> {
    row.get(0).map(prior_attempt)
}

fn prior_attempt(open: bool) -> PriorAttempt {
    if open {
        PriorAttempt::Unknown
    } else {
        PriorAttempt::None
    }
}

fn months(row: &Row<'_>, column: &str) -> rusqlite::Result<Vec<String>> {
    let text: String = row.get(column)?;
    Ok(text.split_whitespace().map(str::to_owned).collect())
}

fn time(row: &Row<'_>, column: &str) -> rusqlite::Result<Timestamp> {
    Timestamp::from_millisecond(row.get(column)?).map_err(|_range| odd(row, column))
}

/// A value that no version of this program has written.
fn odd(row: &Row<'_>, column: &str) -> rusqlite::Error {
    let place = row.as_ref().column_index(column).unwrap_or_default();
    let cause: Box<dyn Error + Send + Sync> = format!("the {column} makes no sense").into();
    rusqlite::Error::FromSqlConversionFailure(place, Type::Text, cause)
}
