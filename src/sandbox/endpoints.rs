//! Paths of the endpoints that differ from the others, and the size of request bodies.

/// The path prefix of all API endpoints.
pub(super) const API_ROOT: &str = "/bank-connect/";
/// The path of the endpoint that creates sessions.
pub(super) const SESSION_PATH: &str = "/bank-connect/v1/session/";
/// The path of the endpoint that registers a webhook.
pub(super) const WEBHOOK_PATH: &str = "/bank-connect/v1/session_data/update_webhook/";
/// The path of the upload endpoint.
pub(super) const UPLOAD_PATH: &str = "/bank-connect/v1/statement/upload_session/";

/// Maximum size of an upload in bytes; far larger than any statement.
pub(super) const MAX_UPLOAD_BYTES: usize = 256 << 20;
/// Maximum size of a JSON body in bytes; genuine ones have less than 1 KiB.
const MAX_JSON_BYTES: usize = 64 << 10;
/// Maximum size of the body of a call that needs none.
const MAX_OTHER_BYTES: usize = 4 << 10;

/// Returns the maximum size of the request body at a path, which is read before any other check.
///
/// Returns `None` for the upload endpoint, which checks the key first and then reads the body
/// itself.
pub(super) fn max_body_bytes(path: &str) -> Option<usize> {
    match path {
        UPLOAD_PATH => None,
        SESSION_PATH | WEBHOOK_PATH => Some(MAX_JSON_BYTES),
        _ => Some(MAX_OTHER_BYTES),
    }
}
