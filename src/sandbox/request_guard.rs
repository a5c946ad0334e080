//! Refuses requests of foreign web pages, and request bodies that are too large.
//!
//! The sandbox listens on loopback, but every web page in a browser of this machine can send
//! requests to it. A page whose host name resolves to 127.0.0.1 (DNS rebinding) is recognized by
//! the `Host` header, any other page by the `Origin` header, which browsers add to every request
//! that changes something.

use super::endpoints::max_body_bytes;
use super::error_response::ErrorResponse;
use super::state::ServerState;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{HOST, ORIGIN};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http_body::Body as _;
use std::net::SocketAddr;
use std::sync::Arc;

/// The port that a `Host` header may omit.
const DEFAULT_PORT: u16 = 80;

/// Answers 421 unless the request names this server, and 403 if another site's page sent it.
pub(super) async fn check_sender(
    State(state): State<Arc<ServerState>>,
    request: Request,
    next: Next,
) -> Response {
    if !names_server(request.headers(), request.uri(), state.address) {
        let text = "The Host header must be the address of this sandbox.";
        return (StatusCode::MISDIRECTED_REQUEST, text).into_response();
    }
    if !has_own_origin(request.headers(), state.address) {
        let text = "This sandbox does not accept requests of other sites.";
        return (StatusCode::FORBIDDEN, text).into_response();
    }
    next.run(request).await
}

/// Whether the request has exactly one `Host` header, and the address of this server in it.
fn names_server(headers: &HeaderMap, uri: &Uri, address: SocketAddr) -> bool {
    let mut hosts = headers.get_all(HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return false;
    };
    // A request to a proxy has the host in the URI too.
    let in_uri = uri.authority().map(Authority::as_str);
    is_own_host(host.as_bytes(), address)
        && in_uri.is_none_or(|host| is_own_host(host.as_bytes(), address))
}

/// Whether every `Origin` header, if any, has the address of this server.
fn has_own_origin(headers: &HeaderMap, address: SocketAddr) -> bool {
    headers.get_all(ORIGIN).iter().all(|origin| {
        let host = origin.as_bytes().strip_prefix(b"http://");
        host.is_some_and(|host| is_own_host(host, address))
    })
}

fn is_own_host(host: &[u8], address: SocketAddr) -> bool {
    let is_name = |name: &[u8]| {
        name.eq_ignore_ascii_case(b"localhost") || name == address.ip().to_string().as_bytes()
    };
    let port = format!(":{}", address.port());
    match host.strip_suffix(port.as_bytes()) {
        Some(name) => is_name(name),
        None => address.port() == DEFAULT_PORT && is_name(host),
    }
}

/// Reads the request body up to the limit of the endpoint, and answers 413 if it is larger.
pub(super) async fn bound_body(request: Request, next: Next) -> Response {
    let Some(limit) = max_body_bytes(request.uri().path()) else {
        return next.run(request).await;
    };
    let (parts, body) = request.into_parts();
    match read_body(body, limit).await {
        Some(body) => next.run(Request::from_parts(parts, body)).await,
        None => ErrorResponse::body_too_large(limit).into_response(),
    }
}

/// Reads a body of at most `limit` bytes. Reads nothing if a larger size is announced.
async fn read_body(body: Body, limit: usize) -> Option<Body> {
    if is_larger(&body, limit) {
        return None;
    }
    // A lost connection has the same result: its answer reaches nobody.
    Some(to_bytes(body, limit).await.ok()?.into())
}

/// Whether the announced size of a body exceeds a limit.
pub(super) fn is_larger(body: &Body, limit: usize) -> bool {
    body.size_hint().lower() > limit as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};
    use std::net::Ipv4Addr;

    fn headers(name: &HeaderName, values: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(name, HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    fn address(port: u16) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, port).into()
    }

    #[test]
    fn only_the_own_address_is_an_accepted_host() {
        let check = |hosts: &[&str], port, expected| {
            let result = names_server(&headers(&HOST, hosts), &Uri::default(), address(port));
            assert_eq!(result, expected, "{hosts:?} on {port}");
        };
        check(&["127.0.0.1:8700"], 8700, true);
        check(&["localhost:8700"], 8700, true);
        check(&["LocalHost:8700"], 8700, true);
        check(&["127.0.0.1"], 80, true);
        check(&["localhost:80"], 80, true);
        check(&[], 8700, false);
        check(&[""], 8700, false);
        check(&["127.0.0.1"], 8700, false);
        check(&["127.0.0.1:8701"], 8700, false);
        check(&["127.0.0.2:8700"], 8700, false);
        check(&["attacker.example:8700"], 8700, false);
        check(&["localhost.attacker.example:8700"], 8700, false);
        check(&["attacker.example@127.0.0.1:8700"], 8700, false);
        check(&["127.0.0.1:8700", "attacker.example"], 8700, false);
    }

    #[test]
    fn the_host_of_an_absolute_uri_must_be_the_own_address_too() {
        let host = headers(&HOST, &["127.0.0.1:8700"]);
        let check = |uri: &str| names_server(&host, &uri.parse().unwrap(), address(8700));
        assert!(check("http://127.0.0.1:8700/"));
        assert!(!check("http://attacker.example:8700/"));
    }

    #[test]
    fn an_origin_is_optional_and_must_be_the_own_one() {
        let check = |origins: &[&str], expected| {
            let result = has_own_origin(&headers(&ORIGIN, origins), address(8700));
            assert_eq!(result, expected, "{origins:?}");
        };
        check(&[], true);
        check(&["http://127.0.0.1:8700"], true);
        check(&["http://localhost:8700"], true);
        check(&["null"], false);
        check(&["https://127.0.0.1:8700"], false);
        check(&["http://127.0.0.1:8701"], false);
        check(&["https://attacker.example"], false);
        check(&["http://127.0.0.1:8700", "null"], false);
    }
}
