//! Builds the upload record of a file: what happened, and what the user can do about it.

use super::driver::UploadResult;
use super::item::{Skipped, UploadItem};
use crate::journal::Settlement;
use crate::report::{SettledUpload, UploadRecord};
use crate::settings::environment::time_zone;
use crate::text::capitalize;
use crate::text::columns::thousands;
use crate::uploads::plan::{Outcome, OutcomeCode, OutcomeKind};
use jiff::Timestamp;

const UNKNOWN_HINT: &str = "Run bankscreen session status to see whether it arrived; \
     --resend-unknown sends it again";

/// Returns the record of a file that is not sent.
pub(crate) fn skipped_record(skipped: Skipped) -> SettledUpload {
    SettledUpload {
        outcome: Outcome::without_response(OutcomeKind::Skipped, skipped.code.clone(), 0),
        session: None,
        at: Timestamp::now(),
        message: format!("{}: {}", skipped.code, skipped.message),
        hint: skipped.hint,
    }
}

/// Returns the record of a dry run's file.
pub(crate) fn planned_record(item: &UploadItem) -> UploadRecord {
    let bank = item.bank.as_deref().unwrap_or("no bank named");
    let bytes = usize::try_from(item.bytes).unwrap_or(usize::MAX);
    let mut message = format!("{bank}, {} bytes", thousands(bytes));
    if let Some(candidate) = &item.password {
        message = format!("{message}, with the password from {}", candidate.id);
    }
    UploadRecord::Planned { message }
}

/// Returns the record of a file that an earlier run sent, or may have sent.
pub(crate) fn earlier_record(settled: Settlement, session: &str) -> SettledUpload {
    let Settlement { mut outcome, at } = settled;
    if outcome.kind.is_uploaded() {
        outcome.kind = OutcomeKind::AlreadyUploaded;
    }
    let when = at.to_zoned(time_zone());
    let when = when.strftime("%Y-%m-%d %H:%M");
    let uploaded = outcome.kind.is_uploaded();
    let message = if uploaded {
        format!("uploaded on {when}; not sent again")
    } else {
        let code = outcome.code.as_ref().map_or("UNKNOWN", OutcomeCode::name);
        format!("{code}: sent on {when} with unknown outcome; not sent again")
    };
    SettledUpload {
        outcome,
        session: Some(session.to_owned()),
        at,
        message,
        hint: (!uploaded).then(|| UNKNOWN_HINT.to_owned()),
    }
}

/// Returns the record of a file that this run settled.
pub(crate) fn settled_record(result: UploadResult, session: &str) -> SettledUpload {
    let UploadResult {
        outcome,
        at,
        message,
    } = result;
    let hint = match outcome.kind {
        OutcomeKind::Accepted | OutcomeKind::AlreadyUploaded => None,
        OutcomeKind::Unknown => Some(UNKNOWN_HINT.to_owned()),
        OutcomeKind::Rejected | OutcomeKind::Skipped => {
            let hint = outcome.code.as_ref().and_then(OutcomeCode::hint);
            hint.map(capitalize)
        }
    };
    SettledUpload {
        message: describe(&outcome, message.as_deref()),
        hint,
        outcome,
        session: Some(session.to_owned()),
        at,
    }
}

/// Describes an outcome: code, bank, months, statement ID and the service's message.
fn describe(outcome: &Outcome, message: Option<&str>) -> String {
    let mut parts = Vec::new();
    let receipt = &outcome.receipt;
    parts.extend(receipt.bank.clone());
    if let (Some(first), Some(last)) = (receipt.months.first(), receipt.months.last()) {
        parts.push(format!("{first} to {last}"));
    }
    if !receipt.missing_months.is_empty() {
        parts.push(format!("missing {}", receipt.missing_months.join(" ")));
    }
    let statement = receipt.statement_id.as_ref();
    parts.extend(statement.map(|id| format!("statement {id}")));
    let mut text = parts.join(", ");
    if let Some(code) = &outcome.code {
        let status = outcome.http_status;
        let status = status.map_or_else(String::new, |status| format!(" (HTTP {status})"));
        text = join(&format!("{code}{status}"), "; ", &text);
    } else if outcome.kind == OutcomeKind::Rejected {
        let status = outcome.http_status.unwrap_or_default();
        text = format!("HTTP {status}");
    }
    join(&text, ": ", message.unwrap_or_default())
}

fn join(first: &str, separator: &str, second: &str) -> String {
    match (first.is_empty(), second.is_empty()) {
        (_, true) => first.to_owned(),
        (true, false) => second.to_owned(),
        (false, false) => format!("{first}{separator}{second}"),
    }
}
