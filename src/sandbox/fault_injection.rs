//! Applies a fault to a request and its response.

use super::connection::ResetHandle;
use super::endpoints::MAX_UPLOAD_BYTES;
use super::faults::Fault;
use super::state;
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http_body::{Body as _, Frame};
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};
use tokio::time::{Sleep, sleep};

/// Interval between two bytes of a slow response.
const BYTE_INTERVAL: Duration = Duration::from_secs(1);
/// Longest silence. Exceeds the timeouts of every client, but still ends.
const MAX_SILENCE: Duration = Duration::from_hours(1);
/// The chunk that an endless response repeats.
const FILLER: &[u8] = &[b' '; 8192];

/// Reads as much of a discarded request's body as the fault allows.
pub(super) async fn read_request(fault: Fault, request: &mut Request) {
    let length = request
        .headers()
        .get(CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok());
    // Without a length, the half of the body is unknown; the fault then occurs before the body.
    let length: u64 = length.and_then(|length| length.parse().ok()).unwrap_or(0);
    let limit = match fault {
        Fault::ResetBeforeBody => 0,
        Fault::ResetDuringBody | Fault::StallBody => length / 2,
        _ => MAX_UPLOAD_BYTES as u64,
    };
    let mut read = 0;
    let body = request.body_mut();
    while read < limit {
        match poll_fn(|context| Pin::new(&mut *body).poll_frame(context)).await {
            Some(Ok(frame)) => read += frame.data_ref().map_or(0, Bytes::len) as u64,
            Some(Err(_)) | None => break,
        }
    }
}

/// Replaces or modifies the response as the fault requires.
pub(super) async fn apply(fault: Fault, connection: &ResetHandle, response: Response) -> Response {
    match fault {
        // How much of the body was read makes the difference; see `read_request`.
        Fault::ResetBeforeBody | Fault::ResetDuringBody | Fault::ResetAfterBody => {
            connection.reset();
            response
        }
        // Stopping the sandbox drops the sleeping handler.
        Fault::StallBody | Fault::Hang => {
            sleep(MAX_SILENCE).await;
            response
        }
        Fault::TooManyRequests => (
            StatusCode::TOO_MANY_REQUESTS,
            [(RETRY_AFTER, "1")],
            "too many requests",
        )
            .into_response(),
        Fault::Unavailable => {
            // HTTP dates have a resolution of 1 s, so 2 s result in a wait of at least 1 s.
            let retry_at = SystemTime::from(state::now()) + Duration::from_secs(2);
            let retry_after = httpdate::fmt_http_date(retry_at);
            (
                StatusCode::SERVICE_UNAVAILABLE,
                [(RETRY_AFTER, retry_after)],
                "service unavailable",
            )
                .into_response()
        }
        Fault::UnavailableBare => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        Fault::ServerError => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Fault::BadGateway => html_page(StatusCode::BAD_GATEWAY, "502 Bad Gateway"),
        Fault::GatewayTimeout => html_page(StatusCode::GATEWAY_TIMEOUT, "504 Gateway Time-out"),
        Fault::Slow => slow_down(response).await,
        Fault::Endless => response.map(|_| Body::new(EndlessBody)),
        Fault::Cut => truncate(response).await,
        // An escape sequence and a bidirectional override test that clients sanitize the text.
        Fault::Nonsense => html_page(StatusCode::OK, "\u{1b}[31mwelcome to the café\u{202e}"),
        Fault::Redirect => {
            let location = [(LOCATION, "https://elsewhere.example/bank-connect/")];
            (StatusCode::TEMPORARY_REDIRECT, location).into_response()
        }
    }
}

fn html_page(status: StatusCode, text: &str) -> Response {
    let html = format!("<html><body><h1>{text}</h1></body></html>");
    (status, [(CONTENT_TYPE, "text/html")], html).into_response()
}

/// Splits a response into head and body. The body needs no limit: the sandbox itself produced it.
async fn into_bytes(response: Response) -> (axum::http::response::Parts, Bytes) {
    let (parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await;
    (parts, bytes.unwrap_or_default())
}

async fn slow_down(response: Response) -> Response {
    let (parts, bytes) = into_bytes(response).await;
    let delay = Box::pin(sleep(BYTE_INTERVAL));
    Response::from_parts(parts, Body::new(SlowBody { bytes, delay }))
}

/// Keeps the full `Content-Length` but sends only half of the body.
async fn truncate(response: Response) -> Response {
    let (mut parts, bytes) = into_bytes(response).await;
    // With chunked encoding, a client could not see how much is missing.
    parts
        .headers
        .insert(CONTENT_LENGTH, HeaderValue::from(bytes.len()));
    let half = bytes.slice(..bytes.len() / 2);
    Response::from_parts(parts, Body::new(TruncatedBody(Some(half))))
}

/// Sends one byte per interval.
struct SlowBody {
    bytes: Bytes,
    delay: Pin<Box<Sleep>>,
}

impl http_body::Body for SlowBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        std::task::ready!(self.delay.as_mut().poll(context));
        self.delay = Box::pin(sleep(BYTE_INTERVAL));
        // The end of the body is delayed too, like every byte.
        if self.bytes.is_empty() {
            return Poll::Ready(None);
        }
        Poll::Ready(Some(Ok(Frame::data(self.bytes.split_to(1)))))
    }
}

/// Never ends.
struct EndlessBody;

impl http_body::Body for EndlessBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(FILLER)))))
    }
}

/// Sends some bytes, then fails.
struct TruncatedBody(Option<Bytes>);

impl http_body::Body for TruncatedBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let aborted = || io::Error::from(io::ErrorKind::ConnectionAborted);
        Poll::Ready(Some(self.0.take().map(Frame::data).ok_or_else(aborted)))
    }
}
