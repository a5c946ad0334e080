//! Says for people what became of a file, and what to do about it.

use super::attempt::Post;
use super::parcel::{Kept, Parcel};
use super::queue::Delivered;
use crate::bankconnect::wire::ErrorCode;
use crate::journal::Settlement;
use crate::report::{SettledUpload, UploadRecord};
use crate::text::columns::thousands;
use crate::uploads::plan::{Outcome, OutcomeKind};
use jiff::Timestamp;

const ASK: &str = "bankscreen session status tells what arrived; --resend-unknown sends it again";

/// A file that is not sent, whatever the service would say.
pub(crate) fn kept(kept: Kept) -> SettledUpload {
    SettledUpload {
        outcome: Outcome::own(OutcomeKind::Skipped, &kept.code, 0),
        session: None,
        at: Timestamp::now(),
        message: format!("{}: {}", kept.code, kept.told),
        hint: kept.hint,
    }
}

/// A file that would be sent.
pub(crate) fn planned(parcel: &Parcel) -> UploadRecord {
    let bank = parcel.bank.map_or("no bank named", |bank| bank);
    let size = usize::try_from(parcel.bytes).unwrap_or(usize::MAX);
    let mut told = format!("{bank}, {} bytes", thousands(size));
    if let Some((_, origin)) = &parcel.password {
        told = format!("{told}, with the password from {origin}");
    }
    UploadRecord::Planned { message: told }
}

/// A file that an earlier run has sent, or may have.
pub(crate) fn earlier(settled: Settlement, session: &str) -> SettledUpload {
    let Settlement { mut outcome, at } = settled;
    if outcome.kind.is_uploaded() {
        outcome.kind = OutcomeKind::AlreadyUploaded;
    }
    let when = at.to_zoned(crate::settings::resolve::time_zone());
    let when = when.strftime("%Y-%m-%d %H:%M");
    let uploaded = outcome.kind.is_uploaded();
    let told = if uploaded {
        format!("sent on {when}; not sent again")
    } else {
        let code = outcome.code.as_deref().unwrap_or("UNKNOWN");
        format!("{code}: sent on {when}, and nobody knows whether it was taken; not sent again")
    };
    SettledUpload {
        outcome,
        session: Some(session.to_owned()),
        at,
        message: told,
        hint: (!uploaded).then(|| ASK.to_owned()),
    }
}

/// A file that this run has brought to its end.
pub(crate) fn delivered(delivered: Delivered, post: &Post) -> SettledUpload {
    let Delivered {
        outcome,
        at,
        message,
    } = delivered;
    let hint = match outcome.kind {
        OutcomeKind::Accepted | OutcomeKind::AlreadyUploaded => None,
        OutcomeKind::Unknown => Some(ASK.to_owned()),
        OutcomeKind::Rejected | OutcomeKind::Skipped => {
            let code = outcome.code.as_deref().map(ErrorCode::from_name);
            let advice = code.as_ref().and_then(ErrorCode::hint);
            advice.map(str::to_owned)
        }
    };
    SettledUpload {
        message: told(&outcome, message.as_deref()),
        hint,
        outcome,
        session: Some(post.session.clone()),
        at,
    }
}

fn told(outcome: &Outcome, message: Option<&str>) -> String {
    let mut parts = Vec::new();
    let receipt = &outcome.receipt;
    parts.extend(receipt.bank.clone());
    if let (Some(first), Some(last)) = (receipt.months.first(), receipt.months.last()) {
        parts.push(format!("{first} to {last}"));
    }
    if !receipt.missing_months.is_empty() {
        parts.push(format!("missing {}", receipt.missing_months.join(" ")));
    }
    parts.extend(
        receipt
            .statement_id
            .as_ref()
            .map(|id| format!("statement {id}")),
    );
    let mut told = parts.join(", ");
    if let Some(code) = &outcome.code {
        let status = outcome.http_status;
        let status = status.map_or_else(String::new, |status| format!(" (HTTP {status})"));
        told = join(&format!("{code}{status}"), "; ", &told);
    } else if outcome.kind == OutcomeKind::Rejected {
        let status = outcome.http_status.unwrap_or_default();
        told = format!("HTTP {status}");
    }
    join(&told, ": ", message.unwrap_or_default())
}

fn join(first: &str, between: &str, second: &str) -> String {
    match (first.is_empty(), second.is_empty()) {
        (_, true) => first.to_owned(),
        (true, false) => second.to_owned(),
        (false, false) => format!("{first}{between}{second}"),
    }
}
