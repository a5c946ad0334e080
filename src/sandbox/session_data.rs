//! `/v1/session_data/<id>/…`: what was uploaded, processing, progress and outcome; the catalogue.

use super::coverage;
use super::refusal::{Refused, json_answer};
use super::routes::has_secret;
use super::world::{Memory, Session, Taken, World, now};
use crate::bankconnect::wire::{ErrorCode, Month, SanitizedText, format_date, mask_account_number};
use crate::statement::banks;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Value, json};
use std::sync::Arc;

/// Looks a session up for a call with both secrets, and answers.
fn answer(
    world: &World,
    headers: &HeaderMap,
    id: &str,
    then: impl FnOnce(&World, &mut Session) -> Result<(StatusCode, Value), Refused>,
) -> Response {
    let settings = &world.settings;
    if !has_secret(headers, "x-api-key", &settings.api_key)
        || !has_secret(headers, "server-hash", &settings.server_hash)
    {
        let message = "Authentication credentials were not provided";
        return Refused::session(403, ErrorCode::AccessDenied, message).into_response();
    }
    let mut memory = world.memory();
    let Memory { sessions, .. } = &mut *memory;
    let answered = if let Some(session) = sessions.get_mut(id) {
        then(world, session)
    } else {
        let message = "The provided session ID is invalid";
        Err(Refused::session(404, ErrorCode::SessionNotFound, message))
    };
    match answered {
        Ok((status, body)) => json_answer(status, &body),
        Err(refused) => refused.into_response(),
    }
}

/// `session_upload_status`.
pub(super) async fn uploads(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    answer(&world, &headers, &id, |_, session| {
        let accounts = session.accounts();
        let accounts = accounts.iter().map(|statements| {
            let periods: Vec<_> = statements.iter().map(|taken| taken.period).collect();
            let missing = coverage::missing(session.period, &periods);
            let gaps = coverage::gaps(session.period, &periods).into_iter();
            let gaps = gaps.map(|(from, to)| json!({ "from_date": from, "to_date": to }));
            let uploads = json!({
                "account_status": if missing.is_empty() { "COMPLETED" } else { "PARTIAL" },
                "months": coverage::months(&periods),
                "missing_data": gaps.collect::<Vec<_>>(),
                "name": "",
                "account_type": "",
            });
            with(account(statements), uploads)
        });
        let accounts: Vec<_> = accounts.collect();
        let state = if session.processing_since.is_some() {
            "COMPLETED"
        } else if session.is_closed() {
            "EXPIRED"
        } else if accounts.is_empty() {
            "NO_UPLOAD"
        } else {
            "IN_PROGRESS"
        };
        let body = json!({
            "session_id": id,
            "session_date_range": range(session.period),
            "upload_status": state,
            "session_expiry_timestamp": moment(session.expires),
            "accounts": accounts,
            "error": {},
        });
        Ok((StatusCode::OK, body))
    })
}

/// `initiate_processing`.
pub(super) async fn process(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    answer(&world, &headers, &id, |_, session| {
        if session.processing_since.is_some() {
            let message = "Request for processing have already been initiated";
            let code = ErrorCode::DuplicateProcessingRequest;
            return Err(Refused::session(400, code, message));
        }
        session.processing_since = Some(now());
        let body = json!({ "session_id": id, "message": "success" });
        Ok((StatusCode::ACCEPTED, body))
    })
}

/// Whether processing is over; a refusal where it was never asked for.
fn is_processed(world: &World, session: &Session) -> Result<bool, Refused> {
    let Some(since) = session.processing_since else {
        let message = "Cannot proceed as the processing has not been requested yet";
        let code = ErrorCode::ProcessingNotRequested;
        return Err(Refused::session(400, code, message));
    };
    let spent = now().duration_since(since).unsigned_abs();
    Ok(spent >= world.settings.processing)
}

/// `progress`.
pub(super) async fn progress(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    answer(&world, &headers, &id, |world, session| {
        let step = if is_processed(world, session)? {
            "completed"
        } else {
            "processing"
        };
        let statements = session.statements.iter().map(|taken| {
            json!({
                "identity_status": "completed",
                "transaction_status": step,
                "processing_status": step,
                "fraud_status": step,
                "statement_id": taken.statement_id,
                "message": null,
                "source": "pdf",
            })
        });
        let statements: Vec<_> = statements.collect();
        let body = json!({ "session_id": id, "session_progress": step, "progress": statements });
        Ok((StatusCode::OK, body))
    })
}

/// `session_status`.
pub(super) async fn report(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    answer(&world, &headers, &id, |world, session| {
        if !is_processed(world, session)? {
            let message = "The processing for this session is currently in progress";
            let code = ErrorCode::ProcessingNotCompleted;
            return Err(Refused::session(400, code, message));
        }
        let mut all_good = true;
        let accounts = session.accounts();
        let accounts = accounts.iter().map(|statements| {
            let failure = failure(session, statements);
            all_good &= failure.is_none();
            let number = statements
                .first()
                .map(|taken| mask_account_number(&SanitizedText::new(&taken.account)));
            let state = if failure.is_some() {
                "failed"
            } else {
                "completed"
            };
            let (code, message) = failure.unzip();
            let outcome = json!({
                "account_number": number,
                "account_status": state,
                "account_category": "individual",
                "account_type": "SAVINGS",
                "attempt_types": ["PDF"],
                "error_code": code,
                "error_message": message,
            });
            with(account(statements), outcome)
        });
        let accounts: Vec<_> = accounts.collect();
        let body = json!({
            "session_id": id, "insights_available": all_good, "accounts": accounts,
        });
        Ok((StatusCode::OK, body))
    })
}

/// Why an account fails: as scripted, or because months are missing.
fn failure(session: &Session, statements: &[&Taken]) -> Option<(ErrorCode, String)> {
    let scripted = statements.iter().find_map(|taken| taken.processing.clone());
    if let Some(code) = scripted {
        let message = match code {
            ErrorCode::Unparsable => "Failed to process because of an unparsable statement",
            ErrorCode::BalanceMismatch => "Calculated transaction balance does not match",
            ErrorCode::NullAccountNumber => "Account number is unavailable or unidentified",
            _ => "Failed to process",
        };
        return Some((code, message.to_owned()));
    }
    let periods: Vec<_> = statements.iter().map(|taken| taken.period).collect();
    let missing = coverage::missing(session.period, &periods);
    if missing.is_empty() || session.accept_anything {
        return None;
    }
    let names: Vec<_> = missing.into_iter().map(month_name).collect();
    let message = format!(
        "Statement(s) uploaded contain incomplete months. Missing data present for {}",
        names.join(", ")
    );
    Some((ErrorCode::IncompleteMonthsUpload, message))
}

/// `2023-11` as `Nov 2023`.
fn month_name(month: Month) -> String {
    let day: Option<Date> = format!("{month}-01").parse().ok();
    day.map_or_else(
        || month.to_string(),
        |day| day.strftime("%b %Y").to_string(),
    )
}

/// What both status endpoints say of an account.
fn account(statements: &[&Taken]) -> Value {
    let files = statements.iter().map(|taken| {
        json!({
            "statement_id": taken.statement_id,
            "statement_status": "completed",
            "error_code": null,
            "error_message": null,
            "source": "pdf",
            "upload_file_name": taken.file_name,
            "statement_date_range": range(taken.period),
            "created_at": taken.at.strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string(),
        })
    });
    let files: Vec<_> = files.collect();
    let (Some(first), Some(last)) = (statements.first(), statements.last()) else {
        return json!({ "statements": files });
    };
    json!({
        "account_id": first.account_id,
        "account_number": first.account,
        "bank_name": first.bank,
        "full_bank_name": banks::by_id(&first.bank).map(|bank| bank.name),
        "created_at": moment(first.at),
        "last_updated_at": moment(last.at),
        "statements": files,
    })
}

/// One object out of two; fields of the second win.
fn with(mut base: Value, more: Value) -> Value {
    if let (Value::Object(base), Value::Object(more)) = (&mut base, more) {
        base.extend(more);
    }
    base
}

fn range((from, to): (Date, Date)) -> Value {
    json!({ "from_date": format_date(from), "to_date": format_date(to) })
}

fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// `banks/catalogue`, which wants the key only.
pub(super) async fn catalogue(State(world): State<Arc<World>>, headers: HeaderMap) -> Response {
    if !has_secret(&headers, "x-api-key", &world.settings.api_key) {
        let message = "Authentication credentials were not provided";
        return Refused::session(403, ErrorCode::AccessDenied, message).into_response();
    }
    let all = banks::all().iter().map(|bank| {
        json!({
            "name": bank.id.to_uppercase(),
            "full_name": bank.name,
            "npci_code": bank.ifsc_codes.first(),
            "logo_url": "",
            "is_pdf_upload_available": true,
            "is_net_banking_available": false,
            "is_aa_available": false,
        })
    });
    let all: Vec<_> = all.collect();
    let body = json!({ "count": all.len(), "banks": all });
    json_answer(StatusCode::OK, &body)
}
