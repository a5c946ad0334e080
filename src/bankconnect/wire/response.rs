//! Sorts an answer by its status and body: done, refused, busy, redirected, or not readable.

use super::error::{ApiError, Indeterminate};
use super::error_response::ErrorResponse;
use super::sanitized_text::SanitizedText;
use std::time::{Duration, SystemTime};

/// Bytes read of an answer; the largest documented are below a tenth of it.
pub const MAX_RESPONSE_BYTES: usize = 1 << 20;

/// What stands above the body of an answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResponseHead {
    /// The HTTP status.
    pub status: u16,
    /// How long the service asks to wait; see [`retry_after`].
    pub retry_after: Option<Duration>,
    /// Where a redirect points to.
    pub location: Option<SanitizedText>,
}

/// A whole answer: its head and at most [`MAX_RESPONSE_BYTES`] of body.
#[derive(Debug, Clone, Copy)]
pub struct ApiResponse<'a> {
    /// Status and headers.
    pub head: &'a ResponseHead,
    /// The body.
    pub body: &'a [u8],
}

impl ApiResponse<'_> {
    /// Reads the answer; `parse` reads the body of a success, `None` where it can't.
    ///
    /// # Errors
    ///
    /// What kind of failure it is. 429, and 503 with a time to wait, are [`ApiError::Busy`]: the
    /// service did not take the request. Every other 5xx and 408 is [`ApiError::Indeterminate`]: a
    /// gateway may say so after the service has acted.
    pub fn read<T>(&self, parse: impl FnOnce(&[u8]) -> Option<T>) -> Result<T, ApiError> {
        let status = self.head.status;
        let unclear = |reason| ApiError::Indeterminate {
            reason,
            http_status: Some(status),
            excerpt: excerpt(status, self.body),
        };
        match status {
            200..=299 => parse(self.body).ok_or_else(|| unclear(Indeterminate::InvalidBody)),
            300..=399 => Err(ApiError::Redirected {
                http_status: status,
                to: self.head.location.clone(),
            }),
            408 => Err(unclear(Indeterminate::ServerError)),
            429 => Err(self.busy()),
            503 if self.head.retry_after.is_some() => Err(self.busy()),
            400..=499 => Err(ApiError::Rejected(ErrorResponse::read(status, self.body))),
            500..=599 => Err(unclear(Indeterminate::ServerError)),
            _ => Err(unclear(Indeterminate::InvalidBody)),
        }
    }

    fn busy(&self) -> ApiError {
        ApiError::Busy {
            http_status: self.head.status,
            retry_after: self.head.retry_after,
        }
    }
}

/// The beginning of a body that could not be read, to be shown. Nothing of what seems to be data of
/// a call that went well: it may name a person, and is shown nowhere.
pub fn excerpt(status: u16, body: &[u8]) -> SanitizedText {
    let is_data = body.trim_ascii_start().starts_with(b"{");
    if is_data && (200..300).contains(&status) {
        return SanitizedText::new("");
    }
    SanitizedText::excerpt(body)
}

/// The time to wait that a `Retry-After` header asks for: seconds, or an HTTP date.
///
/// A date counts from the answer's own `Date` header where it has one, since the two clocks may
/// differ, else from `now`. A date that is past asks for no wait. `None` for anything else.
pub fn retry_after(value: &str, date: Option<&str>, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()) {
        // More digits than fit are a wait without end.
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)));
    }
    let until = httpdate::parse_http_date(value).ok()?;
    let from = date.and_then(|date| httpdate::parse_http_date(date.trim()).ok());
    Some(
        until
            .duration_since(from.unwrap_or(now))
            .unwrap_or_default(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(status: u16, retry_after: Option<u64>, body: &str) -> Result<(), ApiError> {
        let head = ResponseHead {
            status,
            retry_after: retry_after.map(Duration::from_secs),
            location: None,
        };
        let answer = ApiResponse {
            head: &head,
            body: body.as_bytes(),
        };
        answer.read(|body| (body == b"ok").then_some(()))
    }

    #[test]
    fn data_that_cannot_be_read_is_not_shown() {
        let shown = |status, body: &[u8]| excerpt(status, body).as_str().to_owned();
        assert_eq!(shown(200, b" {\"identity\": {\"name\": \"ASHA"), "");
        assert_eq!(shown(200, b"<html>Log in"), "<html>Log in");
        assert_eq!(shown(502, b"{\"message\": \"bad"), "{\"message\": \"bad");
    }

    #[test]
    fn only_what_can_be_read_is_certain() {
        assert_eq!(read(200, None, "ok"), Ok(()));
        let unclear = |status, wait, body| {
            let error = read(status, wait, body).unwrap_err();
            assert!(
                matches!(error, ApiError::Indeterminate { .. }),
                "{status}: {error}"
            );
        };
        unclear(200, None, "nonsense");
        unclear(500, Some(1), r#"{"error": {"code": "X"}}"#);
        unclear(502, None, "<html>");
        unclear(503, None, "");
        unclear(504, None, "");
        unclear(408, None, "");
        unclear(101, None, "");
        unclear(999, None, "");
        assert!(matches!(read(503, Some(7), ""), Err(ApiError::Busy { .. })));
        assert!(matches!(read(429, None, ""), Err(ApiError::Busy { .. })));
        assert!(matches!(
            read(400, None, "<html>"),
            Err(ApiError::Rejected(_))
        ));
        assert!(matches!(
            read(307, None, ""),
            Err(ApiError::Redirected { .. })
        ));
    }

    #[test]
    fn a_wait_is_seconds_or_a_date() {
        let now = httpdate::parse_http_date("Sun, 06 Nov 1994 08:49:00 GMT").unwrap();
        let check = |value, date, expected: Option<u64>| {
            let wait = retry_after(value, date, now);
            assert_eq!(wait, expected.map(Duration::from_secs), "{value}");
        };
        check("120", None, Some(120));
        check(" 0 ", None, Some(0));
        check("Sun, 06 Nov 1994 08:49:37 GMT", None, Some(37));
        let date = Some("Sun, 06 Nov 1994 08:49:30 GMT");
        check("Sun, 06 Nov 1994 08:49:37 GMT", date, Some(7));
        check("Sun, 06 Nov 1994 08:00:00 GMT", None, Some(0));
        check("99999999999999999999999", None, Some(u64::MAX));
        check("-1", None, None);
        check("1.5", None, None);
        check("soon", None, None);
    }
}
