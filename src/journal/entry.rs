//! The rows of the journal: one per file and session.

use crate::bankconnect::wire::UploadAnswer;
use crate::screen::ContentHash;
use crate::uploads::plan::{
    Outcome, OutcomeCode, OutcomeKind, PriorAttempt, Receipt, RequestDigest,
};
use jiff::Timestamp;
use rusqlite::Row;
use rusqlite::types::Type;
use std::error::Error;

/// The columns that [`read`] requires.
pub(super) const COLUMNS: &str = "id, content, session, name, bytes, bank, account, request, \
     predicted, begun_at, doubt, attempts, outcome, code, http_status, statement_id, answer, \
     later_codes, months, missing_months, settled_at, pruned";

/// The ID of an entry. Later entries have greater IDs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EntryId(pub(super) i64);

/// A file that is about to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intent {
    /// The hash of the file's bytes.
    pub content: ContentHash,
    /// The session to upload into.
    pub session: String,
    /// The display name of the file. It is stored sanitized, with long numbers masked.
    pub name: String,
    /// The size of the file in bytes.
    pub bytes: u64,
    /// The bank that is sent to the service, if any.
    pub bank: Option<String>,
    /// The account number, if it is known. It is stored masked.
    pub account: Option<String>,
    /// What is requested beside the file; `None` if nothing is to be sent.
    pub request: Option<RequestDigest>,
    /// The finding codes of the file, which are predictions of the service's answer.
    pub predicted: Vec<String>,
    /// Which files may be sent again.
    pub resend: Resend,
    /// The current time.
    pub at: Timestamp,
}

/// Which files may be sent again, because the user requested it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Resend {
    /// Files whose outcome is unknown.
    pub unknown: bool,
    /// Files that the service certainly refused, although nothing has changed.
    pub refused: bool,
    /// Files that an ended session has.
    pub expired: bool,
}

/// A stored row: a file in a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadEntry {
    /// The ID of the entry.
    pub id: EntryId,
    /// The hash of the file's bytes.
    pub content: ContentHash,
    /// The session.
    pub session: String,
    /// The display name of the file.
    pub name: String,
    /// The size of the file in bytes.
    pub bytes: u64,
    /// The bank that the service assigned; otherwise the bank that was sent to it.
    pub bank: Option<String>,
    /// The account number, masked.
    pub account: Option<String>,
    /// What was requested beside the file; `None` in entries of earlier versions.
    pub request: Option<String>,
    /// The finding codes of the file when it was sent.
    pub predicted: Vec<String>,
    /// The codes that the service gave the statement or its account after the upload.
    pub later_codes: Vec<String>,
    /// The start time of the last attempt.
    pub begun_at: Timestamp,
    /// Whether details were removed because of their age.
    pub is_pruned: bool,
    /// Whether an attempt may have uploaded the file without evidence.
    pub prior_attempt: PriorAttempt,
    /// The outcome; `None` while the file is being sent.
    pub settled: Option<Settlement>,
}

impl UploadEntry {
    /// Returns whether the file was ever sent, at least in part.
    pub fn has_attempt(&self) -> bool {
        let settled = self.settled.as_ref();
        settled.is_none_or(|settled| settled.outcome.attempts > 0)
    }

    /// Returns whether the service certainly refused the same request.
    pub fn refused(&self, request: Option<RequestDigest>) -> bool {
        let settled = self.settled.as_ref();
        let is_refusal = settled.is_some_and(|settled| settled.outcome.is_certain_refusal());
        let request = request.map(|request| request.to_string());
        is_refusal && request.is_some() && request == self.request
    }
}

/// An outcome and the time when it became known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// The outcome. Its attempts include those of earlier runs.
    pub outcome: Outcome,
    /// The time when it became known.
    pub at: Timestamp,
}

/// Reads a row with the [`COLUMNS`].
pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<UploadEntry> {
    let bank: Option<String> = row.get("bank")?;
    let content: String = row.get("content")?;
    let settled = match row.get::<_, Option<String>>("outcome")? {
        None => None,
        Some(name) => Some(Settlement {
            outcome: Outcome {
                kind: OutcomeKind::from_name(&name).ok_or_else(|| invalid_value(row, "outcome"))?,
                code: row
                    .get::<_, Option<String>>("code")?
                    .map(|name| OutcomeCode::from_name(&name)),
                http_status: row.get("http_status")?,
                attempts: row.get("attempts")?,
                receipt: Receipt {
                    statement_id: row.get("statement_id")?,
                    bank: bank.clone(),
                    months: words(row, "months")?,
                    missing_months: words(row, "missing_months")?,
                    answer: answer(row)?,
                },
            },
            at: time(row, "settled_at")?,
        }),
    };
    Ok(UploadEntry {
        id: EntryId(row.get("id")?),
        content: ContentHash::from_hex(&content).ok_or_else(|| invalid_value(row, "content"))?,
        session: row.get("session")?,
        name: row.get("name")?,
        bytes: row.get::<_, i64>("bytes")?.unsigned_abs(),
        bank,
        account: row.get("account")?,
        request: row.get("request")?,
        predicted: words(row, "predicted")?,
        later_codes: words(row, "later_codes")?,
        is_pruned: row.get("pruned")?,
        begun_at: time(row, "begun_at")?,
        prior_attempt: prior_attempt(row.get("doubt")?),
        settled,
    })
}

/// Reads a row whose only column is `doubt`.
pub(super) fn read_prior_attempt(row: &Row<'_>) -> rusqlite::Result<PriorAttempt> {
    row.get(0).map(prior_attempt)
}

/// Converts the column `doubt`, whose name is part of the schema.
fn prior_attempt(is_unknown: bool) -> PriorAttempt {
    if is_unknown {
        PriorAttempt::Unknown
    } else {
        PriorAttempt::None
    }
}

fn words(row: &Row<'_>, column: &str) -> rusqlite::Result<Vec<String>> {
    let text: String = row.get(column)?;
    Ok(text.split_whitespace().map(str::to_owned).collect())
}

fn answer(row: &Row<'_>) -> rusqlite::Result<Option<Box<UploadAnswer>>> {
    let json: Option<String> = row.get("answer")?;
    let parse = |json: String| serde_json::from_str(&json);
    json.map(parse)
        .transpose()
        .map_err(|_cause| invalid_value(row, "answer"))
}

fn time(row: &Row<'_>, column: &str) -> rusqlite::Result<Timestamp> {
    Timestamp::from_millisecond(row.get(column)?).map_err(|_range| invalid_value(row, column))
}

/// Returns the error of a value that no version of this program writes.
fn invalid_value(row: &Row<'_>, column: &str) -> rusqlite::Error {
    let index = row.as_ref().column_index(column).unwrap_or_default();
    let cause: Box<dyn Error + Send + Sync> = format!("invalid {column}").into();
    rusqlite::Error::FromSqlConversionFailure(index, Type::Text, cause)
}
