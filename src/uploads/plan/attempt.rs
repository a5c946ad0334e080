//! What one attempt to send one file can end with, in words that know no HTTP library.
//!
//! The shell that sends translates its errors and answers into these. The line between
//! [`AttemptResult::NotProcessed`] and [`AttemptResult::Unknown`] is the one that keeps files from being sent
//! twice: what is not certainly on the first side belongs on the second.

use std::time::Duration;

/// How one attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttemptResult {
    /// The service certainly did not take the file.
    NotProcessed {
        /// Why that is certain.
        reason: NotProcessed,
        /// How long the service asks to wait, from now, where it does.
        retry_after: Option<Duration>,
    },
    /// The service accepted the file.
    Accepted {
        /// The HTTP status of the response.
        http_status: u16,
        /// What the service reported about the file.
        receipt: Receipt,
    },
    /// The service rejected the file.
    Rejected(Rejection),
    /// The whole body was written, and no readable answer tells what became of it.
    Unknown {
        /// What was lost.
        reason: UnknownReason,
        /// The status, where as much was read.
        http_status: Option<u16>,
    },
}

/// Why a file was certainly not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NotProcessed {
    /// The service's name could not be resolved.
    NameResolution,
    /// There was no connection, to the service or through the proxy.
    Connect,
    /// The connection could not be made private.
    Tls,
    /// The connection ended before the whole body was written.
    BodyCut,
    /// 429.
    RateLimited,
    /// 503 with a time after which to try again. Without one the answer is [`UnknownReason::ServerError`].
    ServiceUnavailable,
    /// The attempt was given up before the whole body was written.
    Cancelled,
    /// The request could not be built.
    InvalidRequest,
    /// The bytes are no longer those that were screened.
    FileChanged,
    /// The journal holds these bytes as sent, or could not be written to; nothing was sent.
    JournalRefused,
}

impl NotProcessed {
    /// Our code for it, where the file ends with it.
    pub fn code(self) -> &'static str {
        match self {
            Self::NameResolution | Self::Connect | Self::Tls => "SERVICE_UNREACHABLE",
            Self::BodyCut => "BODY_NOT_SENT",
            Self::RateLimited => "RATE_LIMITED",
            Self::ServiceUnavailable => "SERVICE_UNAVAILABLE",
            Self::Cancelled => "CANCELLED",
            Self::InvalidRequest => "REQUEST_NOT_BUILT",
            Self::FileChanged => "FILE_CHANGED",
            Self::JournalRefused => "JOURNAL_WITHHELD",
        }
    }

    /// The status of the answer, where it came as one.
    pub fn http_status(self) -> Option<u16> {
        match self {
            Self::RateLimited => Some(429),
            Self::ServiceUnavailable => Some(503),
            _ => None,
        }
    }
}

/// What the service said of a file that it took. Untrusted text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Receipt {
    /// The upload's identifier.
    pub statement_id: Option<String>,
    /// The bank that it filed the statement under.
    pub bank: Option<String>,
    /// Months that the account now covers, as `YYYY-MM`.
    pub months: Vec<String>,
    /// Months of the session's period that it does not.
    pub missing_months: Vec<String>,
}

/// The service's no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// The code in the answer, where it has one. Untrusted text.
    pub code: Option<String>,
    /// The status of the answer.
    pub http_status: u16,
}

/// What was lost after the whole body was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UnknownReason {
    /// The connection ended without an answer.
    ConnectionLost,
    /// No answer came in time.
    TimedOut,
    /// The answer was cut.
    ResponseTruncated,
    /// The answer makes no sense: no JSON, wrong types, too long, a redirect.
    InvalidResponse,
    /// 500, 502, 504, or 503 without a time: whoever answers need not know what the service did.
    ServerError,
}

impl UnknownReason {
    /// Our code for it.
    pub fn code(self) -> &'static str {
        match self {
            Self::ConnectionLost => "ANSWER_LOST",
            Self::TimedOut => "ANSWER_TIMED_OUT",
            Self::ResponseTruncated => "ANSWER_CUT",
            Self::InvalidResponse => "ANSWER_UNREADABLE",
            Self::ServerError => "SERVER_ERROR",
        }
    }
}
