//! Errors of calls, classified by whether the service acted on the request.

use super::error_response::ErrorResponse;
use super::sanitized_text::SanitizedText;
use super::session::Violation;
use std::time::Duration;

/// Why a request certainly did not reach the service completely.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NotSent {
    /// The host name could not be resolved.
    NameResolution,
    /// No connection to the host or the proxy could be established.
    Connect,
    /// The TLS handshake or the certificate check failed.
    Tls,
    /// The connection broke, or a deadline passed, before the last byte of the body was handed
    /// over. The service cannot process an incomplete request.
    BodyCut,
    /// The request could not be built; nothing was sent.
    InvalidRequest,
}

/// Why it is unknown whether the service acted on a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Indeterminate {
    /// The complete request was sent, and the connection broke before a response.
    ConnectionLost,
    /// The complete request was sent, and no response started in time.
    TimedOut,
    /// The response started, but broke off or stalled.
    Truncated,
    /// The response is longer than the limit.
    TooLong,
    /// The response body is not what the endpoint returns.
    InvalidBody,
    /// The response contradicts itself: a refusal that says that the service acted, an acceptance
    /// before the complete request was sent, or one of another session.
    Contradictory,
    /// 408, or 5xx without a time to wait. A gateway may return these after the service has acted.
    ServerError,
}

/// A failed call.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ApiError {
    /// The request violates a rule of the service and was not sent.
    #[error("invalid request: {0}")]
    Invalid(Violation),
    /// The request was not sent completely. The service certainly did not act.
    #[error("{}", not_sent(*reason, detail))]
    NotSent {
        /// How far the request got.
        reason: NotSent,
        /// The error of the network library, sanitized, without URL and credentials.
        detail: SanitizedText,
    },
    /// The service requests a retry later (429, or 503 with Retry-After). It certainly did not act.
    #[error("service busy (HTTP {http_status}{})", retry_note(*retry_after))]
    Busy {
        /// 429 or 503.
        http_status: u16,
        /// The minimum time to wait.
        retry_after: Option<Duration>,
    },
    /// The service rejected the request.
    #[error("{}", rejected(.0))]
    Rejected(ErrorResponse),
    /// The response is a redirect, which is never followed: it would forward the API key.
    #[error("redirected to {} (HTTP {http_status})", address(location.as_ref()))]
    Redirected {
        /// 300 to 399.
        http_status: u16,
        /// The value of the Location header, sanitized.
        location: Option<SanitizedText>,
    },
    /// It is unknown whether the service acted on the request.
    #[error("{}", indeterminate(*reason, *http_status, excerpt))]
    Indeterminate {
        /// The cause.
        reason: Indeterminate,
        /// The HTTP status, if a response started.
        http_status: Option<u16>,
        /// The beginning of the response, or the error of the network library; sanitized.
        excerpt: SanitizedText,
    },
}

impl ApiError {
    /// Returns the error with changed texts of the service.
    #[must_use]
    pub fn with_texts(mut self, change: impl Fn(&str) -> String) -> Self {
        let change = |text: &mut SanitizedText| *text = SanitizedText::new(&change(text.as_str()));
        match &mut self {
            Self::Rejected(response) => change(&mut response.message),
            Self::Indeterminate { excerpt, .. } => change(excerpt),
            Self::Redirected { location, .. } => location.iter_mut().for_each(change),
            Self::NotSent { detail, .. } => change(detail),
            Self::Invalid(_) | Self::Busy { .. } => {}
        }
        self
    }

    /// Returns whether the service certainly did not act on the request.
    pub fn has_no_effect(&self) -> bool {
        match self {
            Self::Invalid(_) | Self::NotSent { .. } | Self::Busy { .. } | Self::Rejected(_) => true,
            Self::Redirected { .. } | Self::Indeterminate { .. } => false,
        }
    }

    /// Returns whether the same request may succeed later.
    ///
    /// Before repeating a request that changes something, check [`ApiError::has_no_effect`].
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::NotSent { reason, .. } => *reason != NotSent::InvalidRequest,
            Self::Busy { .. } => true,
            Self::Indeterminate { reason, .. } => !matches!(
                reason,
                Indeterminate::TooLong | Indeterminate::InvalidBody | Indeterminate::Contradictory
            ),
            Self::Rejected(response) => response.is_retryable(),
            Self::Invalid(_) | Self::Redirected { .. } => false,
        }
    }

    /// Returns whether the network or the service was unavailable, and not the request at fault.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::NotSent { reason, .. } => *reason != NotSent::InvalidRequest,
            Self::Busy { .. } => true,
            Self::Indeterminate { reason, .. } => match reason {
                Indeterminate::ConnectionLost
                | Indeterminate::TimedOut
                | Indeterminate::Truncated
                | Indeterminate::ServerError => true,
                Indeterminate::TooLong
                | Indeterminate::InvalidBody
                | Indeterminate::Contradictory => false,
            },
            Self::Rejected(response) => response.is_retryable(),
            Self::Invalid(_) | Self::Redirected { .. } => false,
        }
    }

    /// Returns what the user can do, in the imperative.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Invalid(violation) => violation.code.hint().unwrap_or("correct that field"),
            Self::NotSent { reason, .. } => match reason {
                NotSent::NameResolution => "check the host in the base URL and the connection",
                NotSent::Connect => "check the base URL, the proxy and the connection",
                NotSent::Tls => {
                    "check the system clock; behind a proxy that inspects traffic, add its root \
                     certificate to the system or to SSL_CERT_FILE"
                }
                NotSent::BodyCut => "try again; the service did not receive the whole request",
                NotSent::InvalidRequest => "check the arguments; nothing was sent",
            },
            Self::Busy { .. } => "wait and try again; the service did not process the request",
            Self::Rejected(response) => response.hint(),
            Self::Redirected { .. } => "correct the base URL; redirects are never followed",
            Self::Indeterminate { reason, .. } => match reason {
                Indeterminate::InvalidBody
                | Indeterminate::TooLong
                | Indeterminate::Contradictory => {
                    "check the base URL; if it is correct, check the session before trying again"
                }
                Indeterminate::ConnectionLost
                | Indeterminate::TimedOut
                | Indeterminate::Truncated
                | Indeterminate::ServerError => {
                    "check the session before trying again; the service may have acted"
                }
            },
        }
    }
}

fn not_sent(reason: NotSent, detail: &SanitizedText) -> String {
    let summary = match reason {
        NotSent::NameResolution => "host name not found",
        NotSent::Connect => "connection failed",
        NotSent::Tls => "TLS connection failed",
        NotSent::BodyCut => "connection lost before the request was complete",
        NotSent::InvalidRequest => "request not sent",
    };
    with_detail(summary.to_owned(), detail)
}

fn indeterminate(reason: Indeterminate, status: Option<u16>, detail: &SanitizedText) -> String {
    let summary = match reason {
        Indeterminate::ConnectionLost => "connection lost before the response",
        Indeterminate::TimedOut => "no response in time",
        Indeterminate::Truncated => "response truncated",
        Indeterminate::TooLong => "response too long",
        Indeterminate::InvalidBody => "invalid response",
        Indeterminate::Contradictory => "contradictory response",
        Indeterminate::ServerError => "server error",
    };
    let status = status.map_or_else(String::new, |status| format!(" (HTTP {status})"));
    with_detail(format!("{summary}{status}"), detail)
}

fn rejected(response: &ErrorResponse) -> String {
    let status = response.http_status;
    let summary = match &response.code {
        Some(code) => format!("rejected by the service: {code} (HTTP {status})"),
        None => format!("rejected by the service: HTTP {status}"),
    };
    with_detail(summary, &response.message)
}

fn address(location: Option<&SanitizedText>) -> &str {
    location.map_or("an unspecified address", SanitizedText::as_str)
}

fn with_detail(summary: String, detail: &SanitizedText) -> String {
    if detail.is_empty() {
        summary
    } else {
        format!("{summary}: {detail}")
    }
}

fn retry_note(retry_after: Option<Duration>) -> String {
    retry_after.map_or_else(String::new, |wait| {
        format!("; retry after {} s", wait.as_secs())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_contain_status_code_and_text_once() {
        let response =
            ErrorResponse::parse(400, br#"{"error":{"code":"EMPTY_FILE","message":"empty"}}"#);
        assert_eq!(
            ApiError::Rejected(response).to_string(),
            "rejected by the service: EMPTY_FILE (HTTP 400): empty"
        );
        let busy = ApiError::Busy {
            http_status: 429,
            retry_after: Some(Duration::from_secs(3)),
        };
        assert_eq!(busy.to_string(), "service busy (HTTP 429; retry after 3 s)");
        assert!(busy.has_no_effect() && busy.is_retryable());
    }
}
