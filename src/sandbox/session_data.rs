//! `/v1/session_data/<id>/…` (upload status, processing, progress, outcome) and the bank catalogue.

use super::auth::{has_api_key, has_server_hash};
use super::coverage;
use super::error_response::{ErrorResponse, json_response};
use super::state::{ServerState, Session, StoredStatement, now};
use crate::bankconnect::wire::{ErrorCode, Month, format_date};
use crate::statement::{Bank, BankRegistry};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Value, json};
use std::sync::Arc;

/// Checks both credentials, looks up the session and calls `handler` for the response.
pub(super) fn with_session(
    state: &ServerState,
    headers: &HeaderMap,
    id: &str,
    handler: impl FnOnce(&mut Session) -> Result<(StatusCode, Value), ErrorResponse>,
) -> Response {
    if !has_api_key(headers, &state.options) || !has_server_hash(headers, &state.options) {
        return access_denied();
    }
    // The lock is held during the handler, so that a handler sees and changes one state.
    let mut store = state.store();
    let result = if let Some(session) = store.sessions.get_mut(id) {
        handler(session)
    } else {
        let message = "The provided session ID is invalid";
        Err(ErrorResponse::session(
            404,
            ErrorCode::SessionNotFound,
            message,
        ))
    };
    match result {
        Ok((status, body)) => json_response(status, &body),
        Err(error) => error.into_response(),
    }
}

fn access_denied() -> Response {
    let message = "Authentication credentials were not provided";
    ErrorResponse::session(403, ErrorCode::AccessDenied, message).into_response()
}

/// Handles `session_upload_status`.
pub(super) async fn upload_status(
    State(state): State<Arc<ServerState>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    with_session(&state, &headers, &id, |session| {
        let accounts = session.accounts();
        let accounts = accounts.iter().map(|statements| {
            let periods = known_periods(statements);
            let missing = coverage::missing_months(session.period, &periods);
            let gaps = coverage::gaps(session.period, &periods).into_iter();
            let gaps = gaps.map(|(from, to)| json!({ "from_date": from, "to_date": to }));
            let coverage = json!({
                "account_status": if missing.is_empty() { "COMPLETED" } else { "PARTIAL" },
                "months": coverage::covered_months(&periods),
                // The service derives gaps from transactions; the sandbox only has the periods.
                "missing_data": gaps.collect::<Vec<_>>(),
                "name": "",
                "account_type": "",
            });
            merged(account_json(statements, &state.options.banks), coverage)
        });
        let accounts: Vec<_> = accounts.collect();
        // The documented order: a processing request takes precedence over expiry.
        let status = if session.processing_since.is_some() {
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
            "session_date_range": date_range(Some(session.period)),
            "upload_status": status,
            "session_expiry_timestamp": timestamp(session.expires),
            "accounts": accounts,
            "error": {},
        });
        Ok((StatusCode::OK, body))
    })
}

/// Handles `initiate_processing`.
pub(super) async fn initiate_processing(
    State(state): State<Arc<ServerState>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    with_session(&state, &headers, &id, |session| {
        if session.processing_since.is_some() {
            let message = "Request for processing have already been initiated";
            let code = ErrorCode::DuplicateProcessingRequest;
            return Err(ErrorResponse::session(400, code, message));
        }
        session.processing_since = Some(now());
        // Also for a session without uploads: the documentation states no error for it.
        let body = json!({ "session_id": id, "message": "success" });
        Ok((StatusCode::ACCEPTED, body))
    })
}

/// Whether processing is complete.
///
/// # Errors
///
/// Returns an error response if processing was not requested.
fn is_processed(state: &ServerState, session: &Session) -> Result<bool, ErrorResponse> {
    let Some(since) = session.processing_since else {
        let message = "Cannot proceed as the processing has not been requested yet";
        let code = ErrorCode::ProcessingNotRequested;
        return Err(ErrorResponse::session(400, code, message));
    };
    let elapsed = now().duration_since(since).unsigned_abs();
    Ok(elapsed >= state.options.processing)
}

/// Checks that processing is complete.
///
/// # Errors
///
/// Returns an error response if processing was not requested, or is in progress.
pub(super) fn require_processed(
    state: &ServerState,
    session: &Session,
) -> Result<(), ErrorResponse> {
    if is_processed(state, session)? {
        return Ok(());
    }
    let message = "The processing for this session is currently in progress";
    let code = ErrorCode::ProcessingNotCompleted;
    Err(ErrorResponse::session(400, code, message))
}

/// Handles `progress`.
pub(super) async fn progress(
    State(state): State<Arc<ServerState>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    with_session(&state, &headers, &id, |session| {
        let status = if is_processed(&state, session)? {
            "completed"
        } else {
            "processing"
        };
        let statements = session.statements.iter().map(|statement| {
            json!({
                "identity_status": "completed",
                "transaction_status": status,
                "processing_status": status,
                "fraud_status": status,
                "statement_id": statement.statement_id,
                "message": null,
                "source": "pdf",
            })
        });
        let statements: Vec<_> = statements.collect();
        let body = json!({ "session_id": id, "session_progress": status, "progress": statements });
        Ok((StatusCode::OK, body))
    })
}

/// Handles `session_status`.
pub(super) async fn session_status(
    State(state): State<Arc<ServerState>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    with_session(&state, &headers, &id, |session| {
        require_processed(&state, session)?;
        // As for clients with the service's setting `to_reject_account`.
        let mut all_succeeded = true;
        let accounts = session.accounts();
        let accounts = accounts.iter().map(|statements| {
            let error = account_error(session, statements);
            all_succeeded &= error.is_none();
            // As in the documented samples: the upload status shows the whole number.
            let number = statements
                .first()
                .map(|statement| statement.masked_account());
            let status = if error.is_some() {
                "failed"
            } else {
                "completed"
            };
            let (code, message) = error.unzip();
            let outcome = json!({
                "account_number": number,
                "account_status": status,
                "account_category": "individual",
                "account_type": "SAVINGS",
                "attempt_types": ["PDF"],
                // The failure is at the account only; its statements stay "completed".
                "error_code": code,
                "error_message": message,
            });
            merged(account_json(statements, &state.options.banks), outcome)
        });
        let accounts: Vec<_> = accounts.collect();
        let body = json!({
            "session_id": id, "insights_available": all_succeeded, "accounts": accounts,
        });
        Ok((StatusCode::OK, body))
    })
}

/// Returns the periods of those statements whose period is known.
pub(super) fn known_periods(statements: &[&StoredStatement]) -> Vec<(Date, Date)> {
    let periods = statements.iter().filter_map(|statement| statement.period);
    periods.collect()
}

/// Returns the error with which an account fails: the scripted one, or the one for missing months.
pub(super) fn account_error(
    session: &Session,
    statements: &[&StoredStatement],
) -> Option<(ErrorCode, String)> {
    let scripted = statements
        .iter()
        .find_map(|statement| statement.processing.clone());
    if let Some(code) = scripted {
        let message = match code {
            ErrorCode::Unparsable => "Failed to process because of an unparsable statement",
            ErrorCode::BalanceMismatch => "Calculated transaction balance does not match",
            ErrorCode::NullAccountNumber => "Account number is unavailable or unidentified",
            _ => "Failed to process",
        };
        return Some((code, message.to_owned()));
    }
    let periods = known_periods(statements);
    let missing = coverage::missing_months(session.period, &periods);
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

/// Formats `2023-11` as `Nov 2023`.
fn month_name(month: Month) -> String {
    let day: Option<Date> = format!("{month}-01").parse().ok();
    day.map_or_else(
        || month.to_string(),
        |day| day.strftime("%b %Y").to_string(),
    )
}

/// Returns the account fields that `session_upload_status` and `session_status` share.
fn account_json(statements: &[&StoredStatement], banks: &BankRegistry) -> Value {
    let files = statements.iter().map(|statement| {
        json!({
            "statement_id": statement.statement_id,
            "statement_status": "completed",
            "error_code": null,
            "error_message": null,
            "source": "pdf",
            "upload_file_name": statement.file_name,
            "statement_date_range": date_range(statement.period),
            "created_at": statement.created.strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string(),
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
        "full_bank_name": banks.by_id(&first.bank).map(Bank::name),
        "created_at": timestamp(first.created),
        "last_updated_at": timestamp(last.created),
        "statements": files,
    })
}

/// Merges two JSON objects; fields of the second take precedence.
fn merged(mut base: Value, additions: Value) -> Value {
    if let (Value::Object(base), Value::Object(additions)) = (&mut base, additions) {
        base.extend(additions);
    }
    base
}

/// Formats a period. The ends of an unknown one are null.
fn date_range(period: Option<(Date, Date)>) -> Value {
    let (from, to) = period.unzip();
    json!({ "from_date": from.map(format_date), "to_date": to.map(format_date) })
}

fn timestamp(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// Handles `banks/catalogue`, which requires only the API key.
pub(super) async fn bank_catalogue(
    State(state): State<Arc<ServerState>>,
    headers: HeaderMap,
) -> Response {
    if !has_api_key(&headers, &state.options) {
        return access_denied();
    }
    let banks = state.options.banks.all().iter().map(|bank| {
        json!({
            "name": bank.id().to_uppercase(),
            "full_name": bank.name(),
            "npci_code": bank.ifsc_codes().first(),
            "logo_url": "",
            "is_pdf_upload_available": true,
            "is_net_banking_available": false,
            "is_aa_available": false,
        })
    });
    let banks: Vec<_> = banks.collect();
    let body = json!({ "count": banks.len(), "banks": banks });
    json_response(StatusCode::OK, &body)
}
