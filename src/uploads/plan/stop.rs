//! Reasons to stop a queue before its end.

use super::attempt::Rejection;
use super::code::{LocalCode, OutcomeCode};
use crate::bankconnect::wire::ErrorCode;

/// Why no further attempt starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StopReason {
    /// The service rejected a file for a reason that applies to all further files: the API key,
    /// the plan or the session.
    Rejected(Rejection),
    /// The service responded with a redirect, as it would for all further files.
    Redirected {
        /// The HTTP status of the redirect.
        http_status: u16,
    },
    /// The service was unreachable for longer than the limit.
    Unreachable,
    /// The service requested to wait for longer than the limit.
    Busy,
    /// Many consecutive outcomes were unknown; the outcome of further files would be, too.
    ResponsesLost,
    /// The user or a signal requested it.
    Cancelled,
    /// The journal cannot be written to, so nothing more may be sent.
    JournalUnavailable,
}

impl StopReason {
    /// Returns the code of the files that are skipped.
    pub fn code(&self) -> OutcomeCode {
        let code = match self {
            Self::Rejected(rejection) => return rejection.outcome_code(),
            Self::Redirected { .. } => LocalCode::Redirected,
            Self::Unreachable => LocalCode::ServiceUnreachable,
            Self::Busy => LocalCode::RateLimited,
            Self::ResponsesLost => LocalCode::ResponsesLost,
            Self::Cancelled => LocalCode::Cancelled,
            Self::JournalUnavailable => LocalCode::JournalWithheld,
        };
        code.into()
    }

    /// Returns whether the session accepts no more uploads, so that a new session is required.
    pub fn ends_session(&self) -> bool {
        matches!(self, Self::Rejected(rejection) if rejects_session(rejection))
    }

    /// Returns the reason to stop after a rejection; `None` if it concerns a single file.
    pub(super) fn after(rejection: &Rejection) -> Option<Self> {
        // 401 and 403 reject the API key, and 402 the plan.
        let rejects_credentials = matches!(rejection.http_status, 401..=403);
        (rejects_credentials || rejects_session(rejection))
            .then(|| Self::Rejected(rejection.clone()))
    }
}

fn rejects_session(rejection: &Rejection) -> bool {
    matches!(
        rejection.code,
        Some(ErrorCode::SessionExpired | ErrorCode::SessionNotFound | ErrorCode::SessionDeleted)
    )
}
