//! Makes a call go wrong.

use super::connection::Connection;
use super::faults::Fault;
use super::world;
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

/// Between two bytes of a slow answer.
const SLOWLY: Duration = Duration::from_secs(1);
/// Silence is held no longer than this, however patient the client.
const SILENCE: Duration = Duration::from_hours(1);
/// What an answer without end repeats.
const FILLER: &[u8] = &[b' '; 8192];

/// Takes in as much of a request as the fault lets through. Requests that are acted on are not
/// touched.
pub(super) async fn take_in(fault: Fault, request: &mut Request) {
    let length = request
        .headers()
        .get(CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok());
    let length: u64 = length.and_then(|length| length.parse().ok()).unwrap_or(0);
    let wanted = match fault {
        Fault::ResetBeforeBody => 0,
        Fault::ResetDuringBody | Fault::StallBody => length / 2,
        _ => u64::MAX,
    };
    let mut taken = 0;
    let body = request.body_mut();
    while taken < wanted {
        match poll_fn(|context| Pin::new(&mut *body).poll_frame(context)).await {
            Some(Ok(frame)) => taken += frame.data_ref().map_or(0, Bytes::len) as u64,
            Some(Err(_)) | None => break,
        }
    }
}

/// Turns a good answer into what the fault makes of it.
pub(super) async fn spoil(fault: Fault, connection: &Connection, answer: Response) -> Response {
    match fault {
        Fault::ResetBeforeBody | Fault::ResetDuringBody | Fault::ResetAfterBody => {
            connection.reset();
            answer
        }
        Fault::StallBody | Fault::Hang => {
            sleep(SILENCE).await;
            answer
        }
        Fault::TooManyRequests => (
            StatusCode::TOO_MANY_REQUESTS,
            [(RETRY_AFTER, "1")],
            "slow down",
        )
            .into_response(),
        Fault::Unavailable => {
            let when = SystemTime::from(world::now()) + Duration::from_secs(2);
            let when = httpdate::fmt_http_date(when);
            (
                StatusCode::SERVICE_UNAVAILABLE,
                [(RETRY_AFTER, when)],
                "later",
            )
                .into_response()
        }
        Fault::UnavailableBare => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        Fault::ServerError => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Fault::BadGateway => page(StatusCode::BAD_GATEWAY, "502 Bad Gateway"),
        Fault::GatewayTimeout => page(StatusCode::GATEWAY_TIMEOUT, "504 Gateway Time-out"),
        Fault::Slow => slowly(answer).await,
        Fault::Endless => answer.map(|_| Body::new(Endless)),
        Fault::Cut => cut(answer).await,
        Fault::Nonsense => page(StatusCode::OK, "\u{1b}[31mwelcome to the café\u{202e}"),
        Fault::Redirect => {
            let elsewhere = [(LOCATION, "https://elsewhere.example/bank-connect/")];
            (StatusCode::TEMPORARY_REDIRECT, elsewhere).into_response()
        }
    }
}

fn page(status: StatusCode, text: &str) -> Response {
    let html = format!("<html><body><h1>{text}</h1></body></html>");
    (status, [(CONTENT_TYPE, "text/html")], html).into_response()
}

/// The bytes of an answer of this sandbox, which are few.
async fn bytes(answer: Response) -> (axum::http::response::Parts, Bytes) {
    let (parts, body) = answer.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await;
    (parts, bytes.unwrap_or_default())
}

async fn slowly(answer: Response) -> Response {
    let (parts, bytes) = bytes(answer).await;
    let pause = Box::pin(sleep(SLOWLY));
    Response::from_parts(parts, Body::new(Trickle { bytes, pause }))
}

async fn cut(answer: Response) -> Response {
    let (mut parts, bytes) = bytes(answer).await;
    parts
        .headers
        .insert(CONTENT_LENGTH, HeaderValue::from(bytes.len()));
    let half = bytes.slice(..bytes.len() / 2);
    Response::from_parts(parts, Body::new(Broken(Some(half))))
}

/// A byte at a time.
struct Trickle {
    bytes: Bytes,
    pause: Pin<Box<Sleep>>,
}

impl http_body::Body for Trickle {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        std::task::ready!(self.pause.as_mut().poll(context));
        self.pause = Box::pin(sleep(SLOWLY));
        if self.bytes.is_empty() {
            return Poll::Ready(None);
        }
        Poll::Ready(Some(Ok(Frame::data(self.bytes.split_to(1)))))
    }
}

/// Never ends.
struct Endless;

impl http_body::Body for Endless {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(FILLER)))))
    }
}

/// Some bytes, and then the connection breaks.
struct Broken(Option<Bytes>);

impl http_body::Body for Broken {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let broken = || io::Error::from(io::ErrorKind::ConnectionAborted);
        Poll::Ready(Some(self.0.take().map(Frame::data).ok_or_else(broken)))
    }
}
