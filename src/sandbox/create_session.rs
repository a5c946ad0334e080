//! `POST /v1/session/`: creates a session.

use super::auth::has_api_key;
use super::error_response::{ErrorResponse, json_response};
use super::state::ServerState;
use crate::bankconnect::wire::{ErrorCode, SessionMetadata, SessionPeriod, SessionRequest};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use std::sync::Arc;

/// Handles the request.
pub(super) async fn create_session(
    State(state): State<Arc<ServerState>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match validate(&state, &headers, &body) {
        Ok(request) => {
            let id = state.open_session(&request);
            let journey = format!("http://{}/journey?session_id={id}", state.address);
            let created = json!({ "session_id": id, "redirect_url": journey });
            json_response(StatusCode::OK, &created)
        }
        Err(error) => error.into_response(),
    }
}

fn validate(
    state: &ServerState,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<SessionRequest, ErrorResponse> {
    let media_type = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    // A prefix, because clients may append a charset parameter.
    if !media_type.starts_with("application/json") {
        let message = format!("Unsupported media type '{media_type}'");
        return Err(ErrorResponse::session(
            415,
            ErrorCode::UnsupportedMediaType,
            message,
        ));
    }
    let fields: Value =
        serde_json::from_slice(body).map_err(|_cause| invalid_request("Something went wrong"))?;
    // The key is required in the body. The header is optional, but a wrong key in it is an error.
    let key = fields.get("api_key").and_then(Value::as_str);
    let has_wrong_header =
        headers.contains_key("x-api-key") && !has_api_key(headers, &state.options);
    if key != Some(&state.options.api_key) || has_wrong_header {
        let message = "Authentication credentials were not provided";
        return Err(ErrorResponse::session(
            401,
            ErrorCode::MissingCredentials,
            message,
        ));
    }
    // The rules are shared with the client, which checks requests before it sends them.
    let request = parse_request(&fields)?;
    request
        .check()
        .map_err(|violation| ErrorResponse::session(400, violation.code, violation.message))?;
    if request
        .bank_name
        .as_deref()
        .is_some_and(|bank| state.options.banks.by_id(bank).is_none())
    {
        let message = "Invalid bank identifier.";
        return Err(ErrorResponse::session(
            400,
            ErrorCode::InvalidBankName,
            message,
        ));
    }
    Ok(request)
}

/// Converts the JSON body to a request and checks the types of its fields.
///
/// The messages follow the documented ones, which have the style of Django REST framework.
fn parse_request(fields: &Value) -> Result<SessionRequest, ErrorResponse> {
    let text = |name: &str| match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(invalid_request(format!("{name}, Not a valid string."))),
    };
    let session_expiry = match fields.get("session_expiry") {
        None | Some(Value::Null) => None,
        Some(number) => {
            let minutes = number
                .as_u64()
                .and_then(|minutes| u32::try_from(minutes).ok());
            let code = ErrorCode::InvalidSessionExpiry;
            Some(minutes.ok_or_else(|| ErrorResponse::session(400, code, "Min = 5, Max = 43200"))?)
        }
    };
    let accept_anything = match fields.get("accept_anything") {
        None | Some(Value::Null) => false,
        Some(flag) => flag
            .as_bool()
            .ok_or_else(|| invalid_request("accept_anything, Must be a valid boolean."))?,
    };
    let metadata = match fields.get("metadata") {
        None | Some(Value::Null) => None,
        Some(metadata) => Some(
            serde_json::from_value::<SessionMetadata>(metadata.clone())
                .map_err(|_cause| invalid_request("metadata, Not a valid dictionary."))?,
        ),
    };
    Ok(SessionRequest {
        link_id: text("link_id")?.unwrap_or_default(),
        redirect_url: text("redirect_url")?,
        period: SessionPeriod {
            from_date: text("from_date")?,
            to_date: text("to_date")?,
        },
        logo_url: text("logo_url")?,
        bank_name: text("bank_name")?,
        mode: text("mode")?,
        mobile_number: text("mobile_number")?,
        session_expiry,
        // The iOS SDK sends an empty string for the default journey.
        journey_mode: text("journey_mode")?.filter(|mode| !mode.is_empty()),
        accept_anything,
        metadata,
    })
}

fn invalid_request(message: impl Into<String>) -> ErrorResponse {
    ErrorResponse::session(400, ErrorCode::InvalidRequest, message)
}
