//! Sends one request and reads its response under deadlines, and classifies failures.

use super::request_body::BodyProgress;
use super::wire::{
    ApiError, ApiResponse, Indeterminate, MAX_RESPONSE_BYTES, NotSent, Redactor, ResponseHead,
    SanitizedText, excerpt, retry_after,
};
use reqwest::header::{DATE, HeaderMap, HeaderName, LOCATION, RETRY_AFTER};
use reqwest::{Request, Response};
use serde_json::Value;
use std::error::Error;
use std::fmt::Write as _;
use std::io;
use std::pin::pin;
use std::time::{Duration, SystemTime};
use tokio::time::{Instant, timeout_at};

/// Maximum durations of the phases of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadlines {
    /// Name resolution, connecting and the TLS handshake.
    pub connect: Duration,
    /// The time between two chunks of the body that the connection accepts.
    pub send_idle: Duration,
    /// From the last byte sent to the response head. The service parses the PDF in this phase.
    pub response: Duration,
    /// The response body, from its first byte to its last.
    pub read: Duration,
    /// The whole call.
    pub total: Duration,
}

impl Default for Deadlines {
    /// Assumed, not measured: the service documents no times. The total allows 100 MB at one
    /// megabit per second.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            send_idle: Duration::from_mins(1),
            response: Duration::from_mins(3),
            read: Duration::from_secs(30),
            total: Duration::from_mins(20),
        }
    }
}

/// The state of one call.
pub(super) struct CallContext<'a> {
    pub(super) deadlines: &'a Deadlines,
    pub(super) progress: &'a BodyProgress,
    /// Removes what must not be repeated from the response.
    pub(super) redactor: &'a Redactor,
    pub(super) started: Instant,
}

/// How the body of a response is read.
pub(super) struct ResponseReader<P> {
    /// Parses the body of a success; `None` if it is invalid.
    pub(super) parse: P,
    /// Returns whether the body of a refusal says that the service acted.
    pub(super) contradicts: fn(&[u8]) -> bool,
}

impl CallContext<'_> {
    /// Returns whether the whole request was handed to the connection.
    fn is_sent(&self) -> bool {
        self.progress.total() == 0 || self.progress.is_complete()
    }

    /// Returns the deadline of the current phase. It moves while the body is being sent.
    fn deadline(&self) -> Instant {
        let Deadlines {
            connect,
            send_idle,
            response,
            total,
            ..
        } = *self.deadlines;
        let last_chunk_at = self.progress.last_chunk_at();
        let phase_end = if self.progress.total() == 0 {
            // A request without a body counts as sent before it is connected.
            connect + response
        } else if self.is_sent() {
            last_chunk_at + response
        } else if self.progress.sent() == 0 {
            connect + send_idle
        } else {
            last_chunk_at + send_idle
        };
        self.started + phase_end.min(total)
    }
}

/// Sends a request and reads the response. Returns the HTTP status and the body of a success.
pub(super) async fn call<T>(
    http: &reqwest::Client,
    request: Request,
    context: CallContext<'_>,
    reader: ResponseReader<impl FnOnce(&[u8]) -> Option<T>>,
) -> Result<(u16, T), ApiError> {
    let response = send(http, request, &context).await?;
    let was_sent = context.is_sent();
    read(response, &context, was_sent, reader).await
}

/// Reads the body of a response and classifies the response. `was_sent` is whether the whole
/// request had been sent when the response began.
pub(super) async fn read<T>(
    response: Response,
    context: &CallContext<'_>,
    was_sent: bool,
    reader: ResponseReader<impl FnOnce(&[u8]) -> Option<T>>,
) -> Result<(u16, T), ApiError> {
    let redactor = context.redactor;
    let head = response_head(&response, redactor);
    match read_body(response, context).await {
        Ok(body) => {
            // Before parsing, so that no parsed text can contain a secret.
            let body = redacted(&body, redactor);
            let response = ApiResponse {
                head: &head,
                body: &body,
            };
            let read = response.read(reader.parse, reader.contradicts);
            if read.is_ok() && !was_sent {
                // The service can't have accepted what it has not received.
                return Err(ApiError::Indeterminate {
                    reason: Indeterminate::Contradictory,
                    http_status: Some(head.status),
                    excerpt: SanitizedText::new(""),
                });
            }
            read.map(|value| (head.status, value))
                .map_err(|error| error.with_texts(|text| redactor.text(text)))
        }
        // A truncated 429 still proves that the service did not process the request.
        Err(error) => Err(error_from_head(&head).unwrap_or(error)),
    }
}

/// Returns a body without secrets, decoded if it is JSON.
fn redacted(body: &[u8], redactor: &Redactor) -> Vec<u8> {
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    match serde_json::from_slice::<Value>(body) {
        Ok(mut value) => {
            redactor.scrub(&mut value);
            value.to_string().into_bytes()
        }
        Err(_) => redactor.text(&String::from_utf8_lossy(body)).into_bytes(),
    }
}

/// Sends a request and returns the response, whose body is not read yet.
pub(super) async fn send(
    http: &reqwest::Client,
    request: Request,
    context: &CallContext<'_>,
) -> Result<Response, ApiError> {
    let mut response = pin!(http.execute(request));
    loop {
        let deadline = context.deadline();
        match timeout_at(deadline, response.as_mut()).await {
            Ok(Ok(response)) => return Ok(response),
            // The URL is removed, because messages end up in reports and logs.
            Ok(Err(error)) => return Err(send_error(&error.without_url(), context.is_sent())),
            // The connection accepted another chunk in the meantime, which moved the deadline.
            Err(_elapsed) if context.deadline() > deadline => {}
            Err(_elapsed) if context.is_sent() => {
                return Err(ApiError::Indeterminate {
                    reason: Indeterminate::TimedOut,
                    http_status: None,
                    excerpt: SanitizedText::new(""),
                });
            }
            Err(_elapsed) => {
                return Err(ApiError::NotSent {
                    reason: NotSent::BodyCut,
                    detail: SanitizedText::new("timed out while sending"),
                });
            }
        }
    }
}

/// Classifies a failed request as certainly not sent, or as indeterminate if `is_sent`.
fn send_error(error: &reqwest::Error, is_sent: bool) -> ApiError {
    let detail = source_chain(error);
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
    } else if is_sent {
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

/// Joins the sources of an error with colons.
fn source_chain(error: &dyn Error) -> SanitizedText {
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
        // `io::Error::source` skips the wrapped error itself and returns that error's source.
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

/// Returns the beginning of a body without secrets.
fn redacted_part(body: &[u8], redactor: &Redactor) -> Vec<u8> {
    redactor
        .cut_text(&String::from_utf8_lossy(body))
        .into_bytes()
}

#[expect(
    clippy::disallowed_methods,
    reason = "a shell: a retry date is compared with the clock if the response has no date"
)]
fn response_head(response: &Response, redactor: &Redactor) -> ResponseHead {
    let headers = response.headers();
    let wait = header_text(headers, RETRY_AFTER);
    let now = SystemTime::now();
    ResponseHead {
        status: response.status().as_u16(),
        retry_after: wait.and_then(|wait| retry_after(wait, header_text(headers, DATE), now)),
        location: headers.get(LOCATION).map(|location| {
            let location = String::from_utf8_lossy(location.as_bytes());
            SanitizedText::new(&redactor.text(&location))
        }),
    }
}

fn header_text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// Reads the body, at most [`MAX_RESPONSE_BYTES`].
async fn read_body(mut response: Response, context: &CallContext<'_>) -> Result<Vec<u8>, ApiError> {
    let status = response.status().as_u16();
    let indeterminate = |reason, body: Vec<u8>| ApiError::Indeterminate {
        reason,
        http_status: Some(status),
        excerpt: excerpt(status, &redacted_part(&body, context.redactor)),
    };
    let deadline = Instant::now() + context.deadlines.read;
    let deadline = deadline.min(context.started + context.deadlines.total);
    let mut body = Vec::new();
    loop {
        match timeout_at(deadline, response.chunk()).await {
            Ok(Ok(Some(chunk))) if body.len() + chunk.len() > MAX_RESPONSE_BYTES => {
                return Err(indeterminate(Indeterminate::TooLong, body));
            }
            Ok(Ok(Some(chunk))) => body.extend_from_slice(&chunk),
            Ok(Ok(None)) => return Ok(body),
            Ok(Err(_)) | Err(_) => return Err(indeterminate(Indeterminate::Truncated, body)),
        }
    }
}

/// Returns the error of responses that their head determines, even if the body is truncated.
fn error_from_head(head: &ResponseHead) -> Option<ApiError> {
    let response = ApiResponse { head, body: b"" };
    let error = response.read(|_| None::<()>, |_| false).err()?;
    matches!(error, ApiError::Busy { .. } | ApiError::Redirected { .. }).then_some(error)
}
