//! Why a queue stops before its end.

use super::attempt::Rejection;
use std::borrow::Cow;

/// Why no further file is started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StopReason {
    /// The service refused not one file, but all that could follow: the key, the plan, the session.
    Rejected(Rejection),
    /// The service could not be reached for longer than was allowed.
    Unreachable,
    /// The service asked to wait for longer than was allowed.
    Busy,
    /// Answers were lost many times in a row; every further file would become unknown too.
    AnswersLost,
    /// The person, or a signal, asked for it.
    Cancelled,
    /// The journal can't be written to, so nothing more may be sent.
    JournalUnavailable,
}

impl StopReason {
    /// The code that the files not sent bear.
    pub fn code(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Rejected(refusal) => {
                return match &refusal.code {
                    Some(code) => Cow::Owned(code.clone()),
                    None => Cow::Owned(format!("HTTP_{}", refusal.http_status)),
                };
            }
            Self::Unreachable => "SERVICE_UNREACHABLE",
            Self::Busy => "RATE_LIMITED",
            Self::AnswersLost => "ANSWERS_LOST",
            Self::Cancelled => "CANCELLED",
            Self::JournalUnavailable => "JOURNAL_WITHHELD",
        })
    }

    /// Whether the session takes no more uploads, so that only another one does.
    pub fn ends_session(&self) -> bool {
        matches!(self, Self::Rejected(refusal) if is_end_of_session(refusal))
    }

    /// The stop that a refusal asks for, if it is not about one file alone.
    pub(super) fn after(refusal: &Rejection) -> Option<Self> {
        let credentials = matches!(refusal.http_status, 401..=403);
        (credentials || is_end_of_session(refusal)).then(|| Self::Rejected(refusal.clone()))
    }
}

fn is_end_of_session(refusal: &Rejection) -> bool {
    matches!(
        refusal.code.as_deref(),
        Some("SESSION_EXPIRED" | "SESSION_NOT_FOUND" | "SESSION_DELETED")
    )
}
