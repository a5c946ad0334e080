//! `POST /v1/session_data/update_webhook/`: registers a webhook. The sandbox only stores and shows
//! it, and calls nothing.

use super::auth::{has_api_key, has_server_hash};
use super::error_response::{ErrorResponse, json_response};
use super::state::{ServerState, Webhook};
use crate::bankconnect::wire::ErrorCode;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use std::sync::Arc;
use url::Url;

/// Maximum length of the URL. Assumed: the service documents it for its redirect URL.
const MAX_URL_CHARS: usize = 200;
/// Net banking only. The service falls back to it if the field is omitted.
const DEFAULT_MODE: u64 = 0;
/// The largest documented mode; an older page defines it as all modes.
const LAST_MODE: u64 = 3;

/// Handles the request.
pub(super) async fn update_webhook(
    State(state): State<Arc<ServerState>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if !has_api_key(&headers, &state.options) || !has_server_hash(&headers, &state.options) {
        // The page of this endpoint documents this shape; the other session calls have another.
        let body = json!({ "detail": "Authentication credentials were not provided." });
        return json_response(StatusCode::UNAUTHORIZED, &body);
    }
    match validate(&headers, &body) {
        Ok(webhook) => {
            state.store().webhook = Some(webhook);
            json_response(StatusCode::OK, &json!({ "message": "success" }))
        }
        Err(error) => error.into_response(),
    }
}

fn validate(headers: &HeaderMap, body: &[u8]) -> Result<Webhook, ErrorResponse> {
    let media_type = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    // A prefix, because clients may append a charset parameter.
    if !media_type.starts_with("application/json") {
        let message = format!("Unsupported media type '{media_type}'");
        let code = ErrorCode::UnsupportedMediaType;
        return Err(ErrorResponse::session(415, code, message));
    }
    let fields: Value =
        serde_json::from_slice(body).map_err(|_cause| invalid_request("Something went wrong"))?;
    let url = match fields.get("webhook_url") {
        None | Some(Value::Null) => {
            return Err(invalid_request("webhook_url, This field is required."));
        }
        Some(Value::String(url)) => url,
        Some(_) => return Err(invalid_request("webhook_url, Not a valid string.")),
    };
    if url.chars().count() > MAX_URL_CHARS {
        let message = "webhook_url, Ensure this field has no more than 200 characters.";
        return Err(invalid_request(message));
    }
    let is_web = |url: &Url| matches!(url.scheme(), "http" | "https") && url.has_host();
    if !Url::parse(url).as_ref().is_ok_and(is_web) {
        return Err(invalid_request("webhook_url, Enter a valid URL."));
    }
    let mode = match fields.get("webhook_mode") {
        None => DEFAULT_MODE,
        Some(mode) => mode
            .as_u64()
            .filter(|mode| *mode <= LAST_MODE)
            .ok_or_else(|| {
                invalid_request(format!("webhook_mode, \"{mode}\" is not a valid choice."))
            })?,
    };
    Ok(Webhook {
        url: url.clone(),
        mode,
    })
}

fn invalid_request(message: impl Into<String>) -> ErrorResponse {
    ErrorResponse::session(400, ErrorCode::InvalidRequest, message)
}
