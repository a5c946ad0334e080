//! How a call can fail, told so that a plan can decide: certainly not taken, refused, or unclear.

use super::code::{Fault, Retry};
use super::refusal::Refusal;
use super::session::Violation;
use super::text::Text;
use std::time::Duration;

/// Why a request certainly did not reach the service as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NotSent {
    /// The host's name could not be resolved.
    Name,
    /// No connection to the host or the proxy.
    Connect,
    /// No secure connection: TLS or the certificate failed.
    Tls,
    /// The connection broke, or time ran out, before the last byte of the body was handed over. A
    /// request that is not whole can't be processed.
    Body,
    /// The request could not be built; nothing was sent.
    Request,
}

/// Why nobody can tell whether the service acted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unclear {
    /// The whole request went out, and the connection broke before an answer.
    Lost,
    /// The whole request went out, and no answer began in time.
    TimedOut,
    /// The answer began, and broke off or stalled.
    Cut,
    /// The answer is longer than any answer should be.
    TooLong,
    /// The answer is not what was asked for.
    Nonsense,
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
    #[error("{}", not_sent(*why, detail))]
    NotSent {
        /// How far it came.
        why: NotSent,
        /// What the network says, cleaned, without URL or credentials.
        detail: Text,
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
    Refused(Refusal),
    /// The answer points elsewhere. Redirects are never followed: the key would travel along.
    #[error("the service redirects (HTTP {http_status}) to {}", place(to.as_ref()))]
    Redirected {
        /// 300 to 399.
        http_status: u16,
        /// The address it names, cleaned.
        to: Option<Text>,
    },
    /// Nobody can tell whether the service acted.
    #[error("{}", unclear(*why, *http_status, excerpt))]
    Unclear {
        /// What went wrong.
        why: Unclear,
        /// The status, where an answer began.
        http_status: Option<u16>,
        /// The beginning of the answer, or what the network says; cleaned.
        excerpt: Text,
    },
}

impl ApiError {
    /// Whether the service certainly did not act on the request.
    pub fn is_certainly_not_taken(&self) -> bool {
        match self {
            Self::Invalid(_) | Self::NotSent { .. } | Self::Busy { .. } | Self::Refused(_) => true,
            Self::Redirected { .. } | Self::Unclear { .. } => false,
        }
    }

    /// Who can do something about it.
    pub fn fault(&self) -> Fault {
        match self {
            Self::NotSent {
                why: NotSent::Request,
                ..
            } => Fault::Program,
            Self::NotSent { .. } => Fault::Network,
            Self::Busy { .. } => Fault::Service,
            Self::Refused(refusal) => refusal.fault(),
            Self::Invalid(_) | Self::Redirected { .. } => Fault::Person,
            Self::Unclear { why, .. } => match why {
                Unclear::Lost | Unclear::TimedOut | Unclear::Cut => Fault::Network,
                Unclear::TooLong | Unclear::Nonsense | Unclear::ServerError => Fault::Service,
            },
        }
    }

    /// Whether the same request may succeed later. For a request that changes something, ask
    /// [`ApiError::is_certainly_not_taken`] first.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::NotSent { why, .. } => *why != NotSent::Request,
            Self::Busy { .. } => true,
            Self::Unclear { why, .. } => !matches!(why, Unclear::TooLong | Unclear::Nonsense),
            Self::Refused(refusal) => refusal.retry() == Retry::Later,
            Self::Invalid(_) | Self::Redirected { .. } => false,
        }
    }

    /// What the person can do.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Invalid(violation) => violation.code.advice().unwrap_or("correct that field"),
            Self::NotSent { why, .. } => match why {
                NotSent::Name => "check the host in the base URL, and the connection",
                NotSent::Connect => "check the base URL, the proxy and the connection",
                NotSent::Tls => {
                    "check the clock; behind a proxy that inspects traffic, add its \
                                 root certificate to the system or to SSL_CERT_FILE"
                }
                NotSent::Body => "try again; nothing was taken",
                NotSent::Request => "check what was given; nothing was sent",
            },
            Self::Busy { .. } => "wait and try again; nothing was taken",
            Self::Refused(refusal) => refusal.advice(),
            Self::Redirected { .. } => "correct the base URL; redirects are never followed",
            Self::Unclear { why, .. } => match why {
                Unclear::Nonsense | Unclear::TooLong => {
                    "check the base URL; else ask the service what became of it"
                }
                Unclear::Lost | Unclear::TimedOut | Unclear::Cut | Unclear::ServerError => {
                    "ask the service what became of it before trying again"
                }
            },
        }
    }
}

fn not_sent(why: NotSent, detail: &Text) -> String {
    let what = match why {
        NotSent::Name => "the host is not known",
        NotSent::Connect => "no connection",
        NotSent::Tls => "no secure connection",
        NotSent::Body => "the connection broke before everything was sent",
        NotSent::Request => "the request can't be sent",
    };
    with_detail(what.to_owned(), detail)
}

fn unclear(why: Unclear, status: Option<u16>, detail: &Text) -> String {
    let what = match why {
        Unclear::Lost => "the answer was lost",
        Unclear::TimedOut => "no answer came in time",
        Unclear::Cut => "the answer broke off",
        Unclear::TooLong => "the answer does not end",
        Unclear::Nonsense => "the answer makes no sense",
        Unclear::ServerError => "the service failed",
    };
    let status = status.map_or_else(String::new, |status| format!(" (HTTP {status})"));
    with_detail(format!("{what}{status}"), detail)
}

fn refused(refusal: &Refusal) -> String {
    let status = refusal.http_status;
    let what = match &refusal.code {
        Some(code) => format!("{code} (HTTP {status})"),
        None => format!("HTTP {status}"),
    };
    with_detail(format!("the service refuses: {what}"), &refusal.message)
}

fn place(to: Option<&Text>) -> &str {
    to.map_or("nowhere", Text::as_str)
}

fn with_detail(what: String, detail: &Text) -> String {
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
        let refusal = Refusal::read(400, br#"{"error":{"code":"EMPTY_FILE","message":"empty"}}"#);
        let error = ApiError::Refused(refusal);
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
        assert!(busy.is_certainly_not_taken() && busy.is_retryable());
    }
}
