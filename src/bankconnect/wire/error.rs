//! How a call can fail, told so that a plan can decide: certainly not taken, refused, or unclear.

use super::error_code::{Fault, Retry};
use super::error_response::ErrorResponse;
use super::sanitized_text::SanitizedText;
use super::session::Violation;
use std::time::Duration;

/// Why a request certainly did not reach the service as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NotSent {
    /// The host's name could not be resolved.
    NameResolution,
    /// No connection to the host or the proxy.
    Connect,
    /// No secure connection: TLS or the certificate failed.
    Tls,
    /// The connection broke, or time ran out, before the last byte of the body was handed over. A
    /// request that is not whole can't be processed.
    BodyCut,
    /// The request could not be built; nothing was sent.
    InvalidRequest,
}

/// Why nobody can tell whether the service acted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Indeterminate {
    /// The whole request went out, and the connection broke before an answer.
    ConnectionLost,
    /// The whole request went out, and no answer began in time.
    TimedOut,
    /// The answer began, and broke off or stalled.
    Truncated,
    /// The answer is longer than any answer should be.
    TooLong,
    /// The answer is not what was asked for.
    InvalidBody,
    /// 408, or 5xx without a time to wait: a gateway may say so after the service has acted.
    ServerError,
}

/// A call that did not succeed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ApiError {
    /// Not sent: the request breaks a rule of the service.
    #[error("nothing was sent: {0}")]
    Invalid(Violation),
    /// Certainly not taken: the request did not go out whole.
    #[error("{}", not_sent(*reason, detail))]
    NotSent {
        /// How far it came.
        reason: NotSent,
        /// What the network says, cleaned, without URL or credentials.
        detail: SanitizedText,
    },
    /// Certainly not taken: the service asks to come back later (429, or 503 with Retry-After).
    #[error("the service is busy (HTTP {http_status}{})", wait(*retry_after))]
    Busy {
        /// 429 or 503.
        http_status: u16,
        /// How long to wait at least.
        retry_after: Option<Duration>,
    },
    /// The service refused, and said why.
    #[error("{}", refused(.0))]
    Rejected(ErrorResponse),
    /// The answer points elsewhere. Redirects are never followed: the key would travel along.
    #[error("the service redirects (HTTP {http_status}) to {}", place(to.as_ref()))]
    Redirected {
        /// 300 to 399.
        http_status: u16,
        /// The address it names, cleaned.
        to: Option<SanitizedText>,
    },
    /// Nobody can tell whether the service acted.
    #[error("{}", unclear(*reason, *http_status, excerpt))]
    Indeterminate {
        /// What went wrong.
        reason: Indeterminate,
        /// The status, where an answer began.
        http_status: Option<u16>,
        /// The beginning of the answer, or what the network says; cleaned.
        excerpt: SanitizedText,
    },
}

impl ApiError {
    /// Whether the service certainly did not act on the request.
    pub fn has_no_effect(&self) -> bool {
        match self {
            Self::Invalid(_) | Self::NotSent { .. } | Self::Busy { .. } | Self::Rejected(_) => true,
            Self::Redirected { .. } | Self::Indeterminate { .. } => false,
        }
    }

    /// Who can do something about it.
    pub fn fault(&self) -> Fault {
        match self {
            Self::NotSent {
                reason: NotSent::InvalidRequest,
                ..
            } => Fault::Program,
            Self::NotSent { .. } => Fault::Network,
            Self::Busy { .. } => Fault::Service,
            Self::Rejected(refusal) => refusal.fault(),
            Self::Invalid(_) | Self::Redirected { .. } => Fault::User,
            Self::Indeterminate { reason, .. } => match reason {
                Indeterminate::ConnectionLost
                | Indeterminate::TimedOut
                | Indeterminate::Truncated => Fault::Network,
                Indeterminate::TooLong
                | Indeterminate::InvalidBody
                | Indeterminate::ServerError => Fault::Service,
            },
        }
    }

    /// Whether the same request may succeed later. For a request that changes something, ask
    /// [`ApiError::has_no_effect`] first.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::NotSent { reason, .. } => *reason != NotSent::InvalidRequest,
            Self::Busy { .. } => true,
            Self::Indeterminate { reason, .. } => {
                !matches!(reason, Indeterminate::TooLong | Indeterminate::InvalidBody)
            }
            Self::Rejected(refusal) => refusal.retry() == Retry::Later,
            Self::Invalid(_) | Self::Redirected { .. } => false,
        }
    }

    /// What the person can do.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Invalid(violation) => violation.code.hint().unwrap_or("correct that field"),
            Self::NotSent { reason, .. } => match reason {
                NotSent::NameResolution => "check the host in the base URL, and the connection",
                NotSent::Connect => "check the base URL, the proxy and the connection",
                NotSent::Tls => {
                    "check the clock; behind a proxy that inspects traffic, add its \
                                 root certificate to the system or to SSL_CERT_FILE"
                }
                NotSent::BodyCut => "try again; nothing was taken",
                NotSent::InvalidRequest => "check what was given; nothing was sent",
            },
            Self::Busy { .. } => "wait and try again; nothing was taken",
            Self::Rejected(refusal) => refusal.hint(),
            Self::Redirected { .. } => "correct the base URL; redirects are never followed",
            Self::Indeterminate { reason, .. } => match reason {
                Indeterminate::InvalidBody | Indeterminate::TooLong => {
                    "check the base URL; else ask the service what became of it"
                }
                Indeterminate::ConnectionLost
                | Indeterminate::TimedOut
                | Indeterminate::Truncated
                | Indeterminate::ServerError => {
                    "ask the service what became of it before trying again"
                }
            },
        }
    }
}

fn not_sent(reason: NotSent, detail: &SanitizedText) -> String {
    let what = match reason {
        NotSent::NameResolution => "the host is not known",
        NotSent::Connect => "no connection",
        NotSent::Tls => "no secure connection",
        NotSent::BodyCut => "the connection broke before everything was sent",
        NotSent::InvalidRequest => "the request can't be sent",
    };
    with_detail(what.to_owned(), detail)
}

fn unclear(reason: Indeterminate, status: Option<u16>, detail: &SanitizedText) -> String {
    let what = match reason {
        Indeterminate::ConnectionLost => "the answer was lost",
        Indeterminate::TimedOut => "no answer came in time",
        Indeterminate::Truncated => "the answer broke off",
        Indeterminate::TooLong => "the answer does not end",
        Indeterminate::InvalidBody => "the answer makes no sense",
        Indeterminate::ServerError => "the service failed",
    };
    let status = status.map_or_else(String::new, |status| format!(" (HTTP {status})"));
    with_detail(format!("{what}{status}"), detail)
}

fn refused(refusal: &ErrorResponse) -> String {
    let status = refusal.http_status;
    let what = match &refusal.code {
        Some(code) => format!("{code} (HTTP {status})"),
        None => format!("HTTP {status}"),
    };
    with_detail(format!("the service refuses: {what}"), &refusal.message)
}

fn place(to: Option<&SanitizedText>) -> &str {
    to.map_or("nowhere", SanitizedText::as_str)
}

fn with_detail(what: String, detail: &SanitizedText) -> String {
    if detail.is_empty() {
        what
    } else {
        format!("{what}: {detail}")
    }
}

fn wait(retry_after: Option<Duration>) -> String {
    retry_after.map_or_else(String::new, |wait| {
        format!(", asks to wait {} s", wait.as_secs())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_name_status_code_and_text_once() {
        let refusal =
            ErrorResponse::read(400, br#"{"error":{"code":"EMPTY_FILE","message":"empty"}}"#);
        let error = ApiError::Rejected(refusal);
        assert_eq!(
            error.to_string(),
            "the service refuses: EMPTY_FILE (HTTP 400): empty"
        );
        let busy = ApiError::Busy {
            http_status: 429,
            retry_after: Some(Duration::from_secs(3)),
        };
        assert_eq!(
            busy.to_string(),
            "the service is busy (HTTP 429, asks to wait 3 s)"
        );
        assert!(busy.has_no_effect() && busy.is_retryable());
    }
}
