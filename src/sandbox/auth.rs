//! Credential checks shared by all endpoints.

use super::options::SandboxOptions;
use axum::http::HeaderMap;

/// Whether the `x-api-key` header holds the API key.
pub(super) fn has_api_key(headers: &HeaderMap, options: &SandboxOptions) -> bool {
    has_value(headers, "x-api-key", &options.api_key)
}

/// Whether the `server-hash` header holds the server hash.
pub(super) fn has_server_hash(headers: &HeaderMap, options: &SandboxOptions) -> bool {
    has_value(headers, "server-hash", &options.server_hash)
}

fn has_value(headers: &HeaderMap, name: &str, expected: &str) -> bool {
    // No constant-time comparison: the server listens on loopback, and its keys protect nothing.
    headers
        .get(name)
        .is_some_and(|value| value.as_bytes() == expected.as_bytes())
}
