//! Carries one request out and its answer in, under the deadlines, and tells how far it came.

use super::credentials::{Credentials, Secret};
use super::deadlines::Deadlines;
use super::request_body::BodyProgress;
use super::wire::{
    ApiError, ApiResponse, Indeterminate, MAX_RESPONSE_BYTES, NotSent, ResponseHead, SanitizedText,
    excerpt, retry_after,
};
use memchr::memmem;
use reqwest::header::{DATE, HeaderMap, HeaderName, LOCATION, RETRY_AFTER};
use reqwest::{Request, Response};
use std::error::Error;
use std::fmt::Write as _;
use std::io;
use std::pin::pin;
use std::time::{Duration, SystemTime};
use tokio::time::{Instant, timeout_at};

/// Sends a request and reads its answer; `parse` reads the body of a success.
pub(super) async fn call<T>(
    http: &reqwest::Client,
    request: Request,
    sending: Sending<'_>,
    parse: impl FnOnce(&[u8]) -> Option<T>,
) -> Result<T, ApiError> {
    let response = send(http, request, &sending).await?;
    let head = head(&response, sending.credentials);
    match read(response, &sending).await {
        Ok(mut body) => {
            conceal(&mut body, sending.credentials);
            ApiResponse {
                head: &head,
                body: &body,
            }
            .read(parse)
        }
        Err(error) => Err(without_body(&head).unwrap_or(error)),
    }
}

/// One request under way.
pub(super) struct Sending<'a> {
    pub(super) deadlines: &'a Deadlines,
    pub(super) progress: &'a BodyProgress,
    /// What no answer may repeat.
    pub(super) credentials: &'a Credentials,
    pub(super) started: Instant,
}

impl Sending<'_> {
    /// Whether nothing of the request is left to hand over.
    fn is_out(&self) -> bool {
        self.progress.total() == 0 || self.progress.is_complete()
    }

    /// When to give up, as things stand.
    fn deadline(&self) -> Instant {
        let Deadlines {
            connect,
            send_idle,
            answer,
            total,
            ..
        } = *self.deadlines;
        let moved = self.progress.moved();
        let phase = if self.is_out() {
            // A request without a body is whole before it is connected.
            moved
                + answer
                + if self.progress.total() == 0 {
                    connect
                } else {
                    Duration::ZERO
                }
        } else if self.progress.sent() == 0 {
            connect + send_idle
        } else {
            moved + send_idle
        };
        self.started + phase.min(total)
    }
}

async fn send(
    http: &reqwest::Client,
    request: Request,
    sending: &Sending<'_>,
) -> Result<Response, ApiError> {
    let mut response = pin!(http.execute(request));
    loop {
        let deadline = sending.deadline();
        match timeout_at(deadline, response.as_mut()).await {
            Ok(Ok(response)) => return Ok(response),
            Ok(Err(error)) => return Err(failure(&error.without_url(), sending.is_out())),
            // The body moved on in the meantime: so did the deadline.
            Err(_elapsed) if sending.deadline() > deadline => {}
            Err(_elapsed) if sending.is_out() => {
                return Err(ApiError::Indeterminate {
                    reason: Indeterminate::TimedOut,
                    http_status: None,
                    excerpt: SanitizedText::new(""),
                });
            }
            Err(_elapsed) => {
                return Err(ApiError::NotSent {
                    reason: NotSent::BodyCut,
                    detail: SanitizedText::new("the connection takes no more, and time ran out"),
                });
            }
        }
    }
}

/// What a failed request means: certainly not sent whole, or lost.
fn failure(error: &reqwest::Error, is_out: bool) -> ApiError {
    let detail = chain(error);
    let reason = if error.is_builder() {
        NotSent::InvalidRequest
    } else if error.is_connect() {
        if is_tls(error) {
            NotSent::Tls
        } else if error.is_dns() {
            NotSent::NameResolution
        } else {
            NotSent::Connect
        }
    } else if is_out {
        return ApiError::Indeterminate {
            reason: Indeterminate::ConnectionLost,
            http_status: None,
            excerpt: detail,
        };
    } else {
        NotSent::BodyCut
    };
    ApiError::NotSent { reason, detail }
}

/// An error and its causes as one text.
fn chain(error: &dyn Error) -> SanitizedText {
    let mut text = String::new();
    let mut cause = error.source();
    while let Some(error) = cause {
        let _infallible = write!(text, "{}{error}", if text.is_empty() { "" } else { ": " });
        cause = error.source();
    }
    SanitizedText::new(&text)
}

fn is_tls(error: &(dyn Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.is::<rustls::Error>() {
            return true;
        }
        // An I/O error does not count what it wraps among its sources.
        let wrapped = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        cause = match wrapped {
            Some(wrapped) => Some(wrapped),
            None => error.source(),
        };
    }
    false
}

#[expect(
    clippy::disallowed_methods,
    reason = "a shell: a date to wait for is compared with now where the answer has no date"
)]
fn head(response: &Response, credentials: &Credentials) -> ResponseHead {
    let headers = response.headers();
    let wait = text(headers, RETRY_AFTER);
    let now = SystemTime::now();
    ResponseHead {
        status: response.status().as_u16(),
        retry_after: wait.and_then(|wait| retry_after(wait, text(headers, DATE), now)),
        location: text(headers, LOCATION).map(|place| {
            let mut place = place.as_bytes().to_vec();
            conceal(&mut place, credentials);
            SanitizedText::new(&String::from_utf8_lossy(&place))
        }),
    }
}

/// Strikes out what an answer repeats of the key and the hash, so that they end in no message,
/// report, journal or log. Other bytes stay in their places.
fn conceal(body: &mut [u8], credentials: &Credentials) {
    let secrets = [Some(&credentials.api_key), credentials.server_hash.as_ref()];
    for secret in secrets.into_iter().flatten().map(Secret::expose) {
        let found: Vec<_> = memmem::find_iter(body, secret).collect();
        for at in found {
            if let Some(repeated) = body.get_mut(at..at + secret.len()) {
                repeated.fill(b'*');
            }
        }
    }
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// Reads the body up to the cap.
async fn read(mut response: Response, sending: &Sending<'_>) -> Result<Vec<u8>, ApiError> {
    let status = response.status().as_u16();
    let unclear = |reason, excerpt| ApiError::Indeterminate {
        reason,
        http_status: Some(status),
        excerpt,
    };
    let shown = |mut body: Vec<u8>| {
        conceal(&mut body, sending.credentials);
        excerpt(status, &body)
    };
    let deadline = Instant::now() + sending.deadlines.read;
    let deadline = deadline.min(sending.started + sending.deadlines.total);
    let mut body = Vec::new();
    loop {
        match timeout_at(deadline, response.chunk()).await {
            Ok(Ok(Some(chunk))) if body.len() + chunk.len() > MAX_RESPONSE_BYTES => {
                return Err(unclear(Indeterminate::TooLong, shown(body)));
            }
            Ok(Ok(Some(chunk))) => body.extend_from_slice(&chunk),
            Ok(Ok(None)) => return Ok(body),
            Ok(Err(_)) | Err(_) => return Err(unclear(Indeterminate::Truncated, shown(body))),
        }
    }
}

/// Answers whose head says it all, so that a body that breaks off takes nothing from them.
fn without_body(head: &ResponseHead) -> Option<ApiError> {
    let answer = ApiResponse { head, body: b"" };
    let error = answer.read(|_| None::<()>).err()?;
    matches!(error, ApiError::Busy { .. } | ApiError::Redirected { .. }).then_some(error)
}
