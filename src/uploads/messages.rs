//! Builds the upload record of a file: what happened, and what the user can do about it.

use super::driver::UploadResult;
use super::earlier::{EarlierReason, EarlierUpload};
use super::item::{Skipped, UploadItem};
use crate::bankconnect::wire::ErrorCode;
use crate::journal::Settlement;
use crate::report::{SettledUpload, UploadRecord};
use crate::settings::environment::time_zone;
use crate::text::capitalize;
use crate::text::columns::thousands;
use crate::uploads::plan::{Outcome, OutcomeCode, OutcomeKind};
use jiff::Timestamp;

const UNKNOWN_HINT: &str = "Run bankscreen session status to see whether it arrived; \
     --resend-unknown sends it again";
const EXPIRED_HINT: &str = "--resend-expired sends it to the new session";
const EXPIRED_CASE_HINT: &str = "--resend-expired sends all files of the case to a new session";
const REFUSED_HINT: &str = "Correct the bank or the password, or replace the file; \
     --resend-refused sends it again as it is";

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

/// Returns why a file of a case is not sent: its session accepts no more files.
pub(crate) fn expired_case() -> Skipped {
    Skipped {
        code: ErrorCode::SessionExpired.into(),
        message: "not sent: the session of the case has ended".to_owned(),
        hint: Some(EXPIRED_CASE_HINT.to_owned()),
    }
}

/// Replaces the hint of a file whose session has ended by that for a case.
pub(super) fn hint_at_new_session(record: &mut SettledUpload) {
    let code = record.outcome.code.as_ref();
    if let Some(OutcomeCode::Service(
        ErrorCode::SessionExpired | ErrorCode::SessionNotFound | ErrorCode::SessionDeleted,
    )) = code
    {
        record.hint = Some(EXPIRED_CASE_HINT.to_owned());
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

/// Returns the record of a file that is not sent because of an earlier upload.
pub(crate) fn earlier_record(earlier: EarlierUpload) -> SettledUpload {
    let EarlierUpload {
        settlement: Settlement { mut outcome, at },
        session,
        has_ended,
        reason,
    } = earlier;
    let when = at.to_zoned(time_zone());
    let when = when.strftime("%Y-%m-%d %H:%M");
    let code = outcome.code.as_ref().map_or("UNKNOWN", OutcomeCode::name);
    let (message, hint) = match reason {
        EarlierReason::Uploaded if has_ended => (
            format!("uploaded on {when} to a session that has ended; not sent again"),
            Some(EXPIRED_HINT),
        ),
        EarlierReason::Uploaded => (format!("uploaded on {when}; not sent again"), None),
        EarlierReason::Unknown => (
            format!("{code}: sent on {when} with unknown outcome; not sent again"),
            Some(UNKNOWN_HINT),
        ),
        EarlierReason::Refused => (
            format!("{code}: refused on {when}, and nothing has changed; not sent again"),
            Some(REFUSED_HINT),
        ),
    };
    outcome.kind = match reason {
        EarlierReason::Uploaded => OutcomeKind::AlreadyUploaded,
        EarlierReason::Unknown => outcome.kind,
        EarlierReason::Refused => OutcomeKind::Skipped,
    };
    SettledUpload {
        outcome,
        session: Some(session),
        at,
        message,
        hint: hint.map(str::to_owned),
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

/// Describes an outcome: code, bank, months, statement ID, suspicion and the service's message.
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
    if let Some(answer) = receipt.answer.as_ref().filter(|answer| answer.is_fraud) {
        let kind = answer.fraud_type.as_deref().unwrap_or("fraud");
        parts.push(format!("the service suspects {kind}"));
    }
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
