//! The code of an upload outcome: one of the service, or one of bankscreen.

use crate::bankconnect::wire::ErrorCode;
use crate::screen::Code;
use std::fmt;

macro_rules! local_codes {
    ($($(#[doc = $doc:literal])* $variant:ident $name:literal)*) => {
        /// A code that bankscreen assigns to an outcome itself.
        ///
        /// Names are stored in journals and printed in records, so they never change.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum LocalCode {
            $($(#[doc = $doc])* $variant,)*
        }

        impl LocalCode {
            /// All codes.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// Returns the name as it is printed and stored.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            fn from_name(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }
    };
}

local_codes! {
    /// No connection to the service could be established.
    ServiceUnreachable "SERVICE_UNREACHABLE"
    /// The connection ended before the complete body was sent.
    BodyNotSent "BODY_NOT_SENT"
    /// The service requested to slow down (429).
    RateLimited "RATE_LIMITED"
    /// The service was temporarily unavailable (503 with a time to wait).
    ServiceUnavailable "SERVICE_UNAVAILABLE"
    /// The user or a signal cancelled the upload.
    Cancelled "CANCELLED"
    /// The request could not be built.
    RequestNotBuilt "REQUEST_NOT_BUILT"
    /// The file changed after screening.
    FileChanged "FILE_CHANGED"
    /// The journal did not allow the upload, or could not be written to.
    JournalWithheld "JOURNAL_WITHHELD"
    /// The connection ended before a response.
    ResponseLost "ANSWER_LOST"
    /// No response arrived in time.
    ResponseTimedOut "ANSWER_TIMED_OUT"
    /// The response was truncated.
    ResponseTruncated "ANSWER_CUT"
    /// The response was invalid.
    ResponseInvalid "ANSWER_UNREADABLE"
    /// The response contradicts itself or an earlier one.
    ResponseContradictory "ANSWER_CONTRADICTORY"
    /// The service failed (5xx).
    ServerError "SERVER_ERROR"
    /// The queue stopped because many consecutive outcomes were unknown.
    ResponsesLost "ANSWERS_LOST"
    /// The queue stopped because the service responded with a redirect.
    Redirected "REDIRECTED"
    /// The program ended during the upload.
    Interrupted "INTERRUPTED"
    /// No session could be created for the upload.
    SessionNotCreated "SESSION_NOT_CREATED"
    /// The case of the file is not ready.
    CaseNotReady "CASE_NOT_READY"
    /// The file is in no case, and the run uploads cases.
    NoCase "NO_CASE"
}

/// The code of an upload outcome.
///
/// Each name has one representation: if several variants share a name, the first one applies.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum OutcomeCode {
    /// A code of bankscreen.
    Local(LocalCode),
    /// A code of the service.
    ///
    /// This includes codes of the form `HTTP_401`, for responses without a code.
    Service(ErrorCode),
    /// A finding code that the service does not use.
    Finding(Code),
}

impl OutcomeCode {
    /// Returns the code with the given name. Any text is a valid code of the service.
    pub fn from_name(name: &str) -> Self {
        if let Some(code) = LocalCode::from_name(name) {
            return Self::Local(code);
        }
        // A documented code of the service has a hint, so it precedes the finding code.
        match ErrorCode::from_name(name) {
            other @ ErrorCode::Other(_) => Code::ALL
                .into_iter()
                .find(|code| code.name() == name)
                .map_or(Self::Service(other), Self::Finding),
            documented => Self::Service(documented),
        }
    }

    /// Returns the name as it is printed and stored.
    pub fn name(&self) -> &str {
        match self {
            Self::Local(code) => code.name(),
            Self::Service(code) => code.name(),
            Self::Finding(code) => code.name(),
        }
    }

    /// Returns whether a file with this code was not sent because the network or the service was
    /// not available.
    pub fn is_temporary(&self) -> bool {
        matches!(
            self,
            Self::Local(
                LocalCode::ServiceUnreachable
                    | LocalCode::BodyNotSent
                    | LocalCode::RateLimited
                    | LocalCode::ServiceUnavailable
                    | LocalCode::ResponsesLost
            )
        )
    }

    /// Returns what the user can do, in the imperative, if the code is one of the service.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Service(code) => code.hint(),
            Self::Local(_) | Self::Finding(_) => None,
        }
    }
}

impl From<LocalCode> for OutcomeCode {
    fn from(code: LocalCode) -> Self {
        Self::Local(code)
    }
}

impl From<ErrorCode> for OutcomeCode {
    fn from(code: ErrorCode) -> Self {
        Self::Service(code)
    }
}

impl From<Code> for OutcomeCode {
    fn from(code: Code) -> Self {
        Self::from_name(code.name())
    }
}

impl fmt::Display for OutcomeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_round_trip_by_name() {
        for code in [
            OutcomeCode::from(LocalCode::ResponseLost),
            OutcomeCode::from(ErrorCode::PdfIsImage),
            OutcomeCode::from(ErrorCode::from_name("HTTP_401")),
            OutcomeCode::from(Code::BankUncertain),
        ] {
            assert_eq!(OutcomeCode::from_name(code.name()), code);
        }
        let shared = OutcomeCode::from(Code::PdfIsImage);
        assert_eq!(shared, ErrorCode::PdfIsImage.into());
    }
}
