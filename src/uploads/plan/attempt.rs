//! The possible results of one attempt to upload one file.
//!
//! The caller converts errors and responses of its HTTP client into these types. The distinction
//! between [`AttemptResult::NotProcessed`] and [`AttemptResult::Unknown`] prevents double uploads:
//! a result is `NotProcessed` only if that is certain.

use super::code::{LocalCode, OutcomeCode};
use crate::bankconnect::wire::{ErrorCode, UploadAnswer};
use std::time::Duration;

/// The result of one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttemptResult {
    /// The service certainly did not process the file.
    NotProcessed {
        /// Why that is certain.
        reason: NotProcessed,
        /// The time that the service requests to wait, counted from now.
        retry_after: Option<Duration>,
    },
    /// The service accepted the file.
    Accepted {
        /// The HTTP status of the response.
        http_status: u16,
        /// The details that the service returned.
        receipt: Receipt,
    },
    /// The service rejected the file.
    Rejected(Rejection),
    /// The complete body was sent, but no valid response states the outcome.
    Unknown {
        /// Why the outcome is unknown.
        reason: UnknownReason,
        /// The HTTP status, if one was received.
        http_status: Option<u16>,
    },
}

/// Why the service certainly did not process a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NotProcessed {
    /// The host name of the service could not be resolved.
    NameResolution,
    /// No connection to the service or the proxy could be established.
    Connect,
    /// The TLS handshake or the certificate check failed.
    Tls,
    /// The connection ended before the complete body was sent.
    BodyCut,
    /// The service responded with 429.
    RateLimited,
    /// The service responded with 503 and a time to wait. Without a time to wait, the result is
    /// [`UnknownReason::ServerError`].
    ServiceUnavailable,
    /// The attempt was cancelled before the complete body was sent.
    Cancelled,
    /// The request could not be built.
    InvalidRequest,
    /// The file's bytes differ from the screened bytes.
    FileChanged,
    /// The journal lists these bytes as sent, or could not be written to. Nothing was sent.
    JournalRefused,
}

impl NotProcessed {
    /// Returns the code of an outcome with this reason.
    pub fn code(self) -> LocalCode {
        match self {
            Self::NameResolution | Self::Connect | Self::Tls => LocalCode::ServiceUnreachable,
            Self::BodyCut => LocalCode::BodyNotSent,
            Self::RateLimited => LocalCode::RateLimited,
            Self::ServiceUnavailable => LocalCode::ServiceUnavailable,
            Self::Cancelled => LocalCode::Cancelled,
            Self::InvalidRequest => LocalCode::RequestNotBuilt,
            Self::FileChanged => LocalCode::FileChanged,
            Self::JournalRefused => LocalCode::JournalWithheld,
        }
    }

    /// Returns the HTTP status, if the reason is a response.
    pub fn http_status(self) -> Option<u16> {
        match self {
            Self::RateLimited => Some(429),
            Self::ServiceUnavailable => Some(503),
            _ => None,
        }
    }
}

/// The details that the service returned for an accepted file. Untrusted text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Receipt {
    /// The service's ID of the upload.
    pub statement_id: Option<String>,
    /// The bank that the service assigned to the statement.
    pub bank: Option<String>,
    /// Months that the account covers after this upload, as `YYYY-MM`.
    pub months: Vec<String>,
    /// Months of the requested period that the account does not cover yet, as `YYYY-MM`.
    pub missing_months: Vec<String>,
    /// What else the service found; `None` if it did not answer the upload itself.
    pub answer: Option<Box<UploadAnswer>>,
}

/// A rejection by the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// The error code, if the response has one.
    pub code: Option<ErrorCode>,
    /// The HTTP status of the response.
    pub http_status: u16,
}

impl Rejection {
    /// Returns the code of the outcome: that of the response, or one of its HTTP status.
    pub fn outcome_code(&self) -> OutcomeCode {
        match &self.code {
            Some(code) => code.clone().into(),
            None => OutcomeCode::from_name(&format!("HTTP_{}", self.http_status)),
        }
    }
}

/// Why the outcome of an attempt is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UnknownReason {
    /// The connection ended before a response.
    ConnectionLost,
    /// No response arrived in time.
    TimedOut,
    /// The response was truncated.
    ResponseTruncated,
    /// The response was invalid: not JSON, of an unexpected shape, too long, or a redirect.
    InvalidResponse,
    /// The response contradicts itself or an earlier one.
    ContradictoryResponse,
    /// 500, 502, 504, or 503 without a time to wait. A gateway may return these after the service
    /// has processed the file.
    ServerError,
}

impl UnknownReason {
    /// Returns the code of an outcome with this reason.
    pub fn code(self) -> LocalCode {
        match self {
            Self::ConnectionLost => LocalCode::ResponseLost,
            Self::TimedOut => LocalCode::ResponseTimedOut,
            Self::ResponseTruncated => LocalCode::ResponseTruncated,
            Self::InvalidResponse => LocalCode::ResponseInvalid,
            Self::ContradictoryResponse => LocalCode::ResponseContradictory,
            Self::ServerError => LocalCode::ServerError,
        }
    }
}
