//! `POST /v1/session/`: creating a session.

use super::refusal::{Refused, json_answer};
use super::routes::has_secret;
use super::world::World;
use crate::bankconnect::wire::{ErrorCode, SessionMetadata, SessionPeriod, SessionRequest};
use crate::statement::banks;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use std::sync::Arc;

/// Creates a session.
pub(super) async fn create(
    State(world): State<Arc<World>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match check(&world, &headers, &body) {
        Ok(request) => {
            let id = world.open(&request);
            let journey = format!("http://{}/journey?session_id={id}", world.address);
            let created = json!({ "session_id": id, "redirect_url": journey });
            json_answer(StatusCode::OK, &created)
        }
        Err(refused) => refused.into_response(),
    }
}

fn check(world: &World, headers: &HeaderMap, body: &[u8]) -> Result<SessionRequest, Refused> {
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default();
    if !kind.starts_with("application/json") {
        let message = format!("Unsupported media type '{kind}'");
        return Err(Refused::session(
            415,
            ErrorCode::UnsupportedMediaType,
            message,
        ));
    }
    let invalid = |message: &str| Refused::session(400, ErrorCode::InvalidRequest, message);
    let value: Value =
        serde_json::from_slice(body).map_err(|_cause| invalid("Something went wrong"))?;
    let wanted = &world.settings.api_key;
    let key = value.get("api_key").and_then(Value::as_str);
    let header_differs =
        headers.contains_key("x-api-key") && !has_secret(headers, "x-api-key", wanted);
    if key != Some(wanted) || header_differs {
        let message = "Authentication credentials were not provided";
        return Err(Refused::session(
            401,
            ErrorCode::MissingCredentials,
            message,
        ));
    }
    let request = read(&value)?;
    request
        .check()
        .map_err(|broken| Refused::session(400, broken.code, broken.message))?;
    if request
        .bank_name
        .as_deref()
        .is_some_and(|bank| banks::by_id(bank).is_none())
    {
        let message = "Invalid bank identifier.";
        return Err(Refused::session(400, ErrorCode::InvalidBankName, message));
    }
    Ok(request)
}

/// The fields, with what can be said of their types.
fn read(value: &Value) -> Result<SessionRequest, Refused> {
    let invalid = |message: String| Refused::session(400, ErrorCode::InvalidRequest, message);
    let text = |name: &str| match value.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(invalid(format!("{name}, Not a valid string."))),
    };
    let expiry = match value.get("session_expiry") {
        None | Some(Value::Null) => None,
        Some(number) => {
            let minutes = number
                .as_u64()
                .and_then(|minutes| u32::try_from(minutes).ok());
            let code = ErrorCode::InvalidSessionExpiry;
            Some(minutes.ok_or_else(|| Refused::session(400, code, "Min = 5, Max = 43200"))?)
        }
    };
    let accept_anything = match value.get("accept_anything") {
        None | Some(Value::Null) => false,
        Some(flag) => flag
            .as_bool()
            .ok_or_else(|| invalid("accept_anything, Must be a valid boolean.".to_owned()))?,
    };
    let metadata = match value.get("metadata") {
        None | Some(Value::Null) => None,
        Some(metadata) => Some(
            serde_json::from_value::<SessionMetadata>(metadata.clone())
                .map_err(|_cause| invalid("metadata, Not a valid dictionary.".to_owned()))?,
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
        session_expiry: expiry,
        journey_mode: text("journey_mode")?.filter(|mode| !mode.is_empty()),
        accept_anything,
        metadata,
    })
}
