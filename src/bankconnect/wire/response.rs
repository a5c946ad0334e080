//! Classifies a response by its status and body.

use super::error::{ApiError, Indeterminate};
use super::error_response::ErrorResponse;
use super::sanitized_text::SanitizedText;
use std::time::{Duration, SystemTime};

/// Maximum bytes of a response body. The largest documented responses have less than a tenth of it.
pub const MAX_RESPONSE_BYTES: usize = 1 << 20;

/// The status and the relevant headers of a response.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResponseHead {
    /// The HTTP status.
    pub status: u16,
    /// The time to wait before a retry; see [`retry_after`].
    pub retry_after: Option<Duration>,
    /// The target of a redirect.
    pub location: Option<SanitizedText>,
}

/// A complete response: its head and at most [`MAX_RESPONSE_BYTES`] of body.
#[derive(Debug, Clone, Copy)]
pub struct ApiResponse<'a> {
    /// Status and headers.
    pub head: &'a ResponseHead,
    /// The body.
    pub body: &'a [u8],
}

impl ApiResponse<'_> {
    /// Classifies the response. `parse` parses the body of a success and returns `None` if it is
    /// invalid. `contradicts` returns whether the body of a refusal says that the service acted.
    ///
    /// # Errors
    ///
    /// Returns the class of the failure. 429, and 503 with a time to wait, are [`ApiError::Busy`]:
    /// the service did not process the request. Every other 5xx and 408 is
    /// [`ApiError::Indeterminate`]: a gateway may return it after the service has acted.
    pub fn read<T>(
        &self,
        parse: impl FnOnce(&[u8]) -> Option<T>,
        contradicts: impl FnOnce(&[u8]) -> bool,
    ) -> Result<T, ApiError> {
        let status = self.head.status;
        let indeterminate = |reason| ApiError::Indeterminate {
            reason,
            http_status: Some(status),
            excerpt: excerpt(status, self.body),
        };
        match status {
            200..=299 => parse(self.body).ok_or_else(|| indeterminate(Indeterminate::InvalidBody)),
            400.. if contradicts(self.body) => Err(indeterminate(Indeterminate::Contradictory)),
            300..=399 => Err(ApiError::Redirected {
                http_status: status,
                location: self.head.location.clone(),
            }),
            // A gateway may return 408 after it has forwarded the request.
            408 => Err(indeterminate(Indeterminate::ServerError)),
            429 => Err(self.busy()),
            // With a time to wait, 503 is a deliberate response of the service, not a failure.
            503 if self.head.retry_after.is_some() => Err(self.busy()),
            400..=499 => Err(ApiError::Rejected(ErrorResponse::parse(status, self.body))),
            500..=599 => Err(indeterminate(Indeterminate::ServerError)),
            _ => Err(indeterminate(Indeterminate::InvalidBody)),
        }
    }

    fn busy(&self) -> ApiError {
        ApiError::Busy {
            http_status: self.head.status,
            retry_after: self.head.retry_after,
        }
    }
}

/// Returns the beginning of an invalid body for display.
///
/// Returns nothing for JSON objects of successful calls, because they may contain personal data.
pub fn excerpt(status: u16, body: &[u8]) -> SanitizedText {
    let is_data = body.trim_ascii_start().starts_with(b"{");
    if is_data && (200..300).contains(&status) {
        return SanitizedText::new("");
    }
    SanitizedText::excerpt(body)
}

/// Parses a `Retry-After` header: seconds, or an HTTP date. Returns `None` for anything else.
///
/// A date is relative to the response's own `Date` header if it has one, because the clocks may
/// differ, and to `now` otherwise. A past date returns zero.
pub fn retry_after(value: &str, date: Option<&str>, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()) {
        // A number that overflows means to wait forever.
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
        let response = ApiResponse {
            head: &head,
            body: body.as_bytes(),
        };
        response.read(
            |body| (body == b"ok").then_some(()),
            |body| body == b"taken",
        )
    }

    #[test]
    fn data_of_successful_calls_is_not_displayed() {
        let shown = |status, body: &[u8]| excerpt(status, body).as_str().to_owned();
        assert_eq!(shown(200, b" {\"identity\": {\"name\": \"ASHA"), "");
        assert_eq!(shown(200, b"<html>Log in"), "<html>Log in");
        assert_eq!(shown(502, b"{\"message\": \"bad"), "{\"message\": \"bad");
    }

    #[test]
    fn invalid_responses_are_indeterminate() {
        assert_eq!(read(200, None, "ok"), Ok(()));
        let indeterminate = |status, wait, body| {
            let error = read(status, wait, body).unwrap_err();
            assert!(
                matches!(error, ApiError::Indeterminate { .. }),
                "{status}: {error}"
            );
        };
        indeterminate(200, None, "nonsense");
        indeterminate(500, Some(1), r#"{"error": {"code": "X"}}"#);
        indeterminate(502, None, "<html>");
        indeterminate(503, None, "");
        indeterminate(504, None, "");
        indeterminate(408, None, "");
        indeterminate(101, None, "");
        indeterminate(999, None, "");
        indeterminate(400, None, "taken");
        indeterminate(429, Some(1), "taken");
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
    fn retry_after_is_seconds_or_a_date() {
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
