//! The service's error codes: what each means, whose fault it is, and what helps.

use super::sanitized_text::SanitizedText;
use serde::{Serialize, Serializer};
use std::fmt;

/// Who can do something about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// What the person gave or chose: a bank, a period, a link id.
    User,
    /// The document itself.
    File,
    /// The session: expired, deleted, unknown, or in another state.
    Session,
    /// The API key or the server hash.
    Credentials,
    /// What the organisation has agreed with the service.
    Plan,
    /// This program sent what the service does not take.
    Program,
    /// The service.
    Service,
    /// The way to the service: names, proxies, certificates, lost connections.
    Network,
}

/// Whether asking again helps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Retry {
    /// The same request will be refused again.
    Never,
    /// The same request may succeed later.
    Later,
    /// The same file may be taken once what was given with it is corrected.
    AfterCorrection,
}

macro_rules! codes {
    ($($variant:ident $name:literal $fault:ident $retry:ident $hint:literal)*) => {
        /// A code of the service. Codes that it may add later are kept as they came, cleaned.
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorCode {
            $(#[doc = concat!("`", $name, "`.")] $variant,)*
            /// A code that is not documented.
            Other(SanitizedText),
        }

        impl ErrorCode {
            /// Every documented code.
            pub const DOCUMENTED: &[Self] = &[$(Self::$variant,)*];

            /// The code with this name.
            pub fn from_name(name: &str) -> Self {
                match name {
                    $($name => Self::$variant,)*
                    other => Self::Other(SanitizedText::new(other)),
                }
            }

            /// The code as the service writes it.
            pub fn name(&self) -> &str {
                match self {
                    $(Self::$variant => $name,)*
                    Self::Other(name) => name.as_str(),
                }
            }

            /// Who can do something about it; `None` for codes that are not documented.
            pub fn fault(&self) -> Option<Fault> {
                match self {
                    $(Self::$variant => Some(Fault::$fault),)*
                    Self::Other(_) => None,
                }
            }

            /// Whether asking again helps; not documented codes are taken as final.
            pub fn retry(&self) -> Retry {
                match self {
                    $(Self::$variant => Retry::$retry,)*
                    Self::Other(_) => Retry::Never,
                }
            }

            /// What the person can do; `None` for codes that are not documented.
            pub fn hint(&self) -> Option<&'static str> {
                match self {
                    $(Self::$variant => Some($hint),)*
                    Self::Other(_) => None,
                }
            }
        }
    };
}

codes! {
    // Creating a session (Session API, both error tables).
    InvalidBankName "INVALID_BANK_NAME" User AfterCorrection
        "name a bank that bankscreen banks lists, or leave the bank out"
    MissingBankName "MISSING_BANK_NAME" User AfterCorrection
        "give a bank together with the mode"
    ModeNotAvailable "MODE_NOT_AVAILABLE" User AfterCorrection
        "choose another mode; this bank does not offer it"
    ModeNotEnabled "MODE_NOT_ENABLED" Plan Never
        "ask FinBox to enable the mode, or choose another"
    InvalidDateFormat "INVALID_DATE_FORMAT" User AfterCorrection
        "write dates as DD/MM/YYYY"
    InvalidDateRange "INVALID_DATE_RANGE" User AfterCorrection
        "give a first day that lies before the last"
    MissingDateField "MISSING_DATE_FIELD" User AfterCorrection
        "give both ends of the period, or neither"
    InvalidMobileNumber "INVALID_MOBILE_NUMBER" User AfterCorrection
        "give ten digits, without spaces or country code"
    InvalidSessionExpiry "INVALID_SESSION_EXPIRY" User AfterCorrection
        "give between 5 and 43200 minutes"
    InvalidAaParameter "INVALID_AA_PARAMETER" Program AfterCorrection
        "correct the account aggregator parameters"
    MissingAaParameter "MISSING_AA_PARAMETER" Program AfterCorrection
        "complete the account aggregator parameters"
    InvalidUrl "INVALID_URL" User AfterCorrection
        "give a whole URL that begins with https://"
    InvalidLength "INVALID_LENGTH" User AfterCorrection
        "shorten what was given"
    InvalidRequest "INVALID_REQUEST" User AfterCorrection
        "correct the field that the message names"
    InvalidParameterCount "INVALID_PARAMETER_COUNT" Program Never
        "look for a newer version of this program"
    MethodNotAllowed "METHOD_NOT_ALLOWED" Program Never
        "check the base URL; else look for a newer version of this program"
    UnsupportedMediaType "UNSUPPORTED_MEDIA_TYPE" Program Never
        "check the base URL; else look for a newer version of this program"
    MissingCredentials "AUTHENTICATION_CREDENTIALS_NOT_PROVIDED" Credentials AfterCorrection
        "check the API key, and that it belongs to this base URL"
    PaymentRequired "PAYMENT_REQUIRED" Plan Never
        "ask FinBox to renew the plan"

    // Uploading (Upload API, newest matrix and the older page).
    SessionExpired "SESSION_EXPIRED" Session Never
        "create a new session, and upload the files of this one into it again"
    SessionNotFound "SESSION_NOT_FOUND" Session Never
        "check the session id, and that it belongs to this API key"
    TrialPeriodExpired "TRIAL_PERIOD_EXPIRED" Plan Never
        "ask FinBox to upgrade the plan"
    InvalidApiKey "INVALID_API_KEY" Credentials AfterCorrection
        "check the API key, and that it belongs to this base URL"
    MissingFileObject "MISSING_FILE_OBJECT" Program Never
        "look for a newer version of this program"
    InvalidFileObject "INVALID_FILE_OBJECT" File Never
        "ask for the PDF that the bank issued"
    EmptyFile "EMPTY_FILE" File Never
        "ask for the file again; this one has no bytes"
    InvalidFileUrl "INVALID_FILE_URL" User AfterCorrection
        "give a URL that the service can download without signing in"
    InvalidBase64 "INVALID_BASE_64" Program Never
        "upload it as a plain PDF"
    PasswordIncorrect "PASSWORD_INCORRECT" User AfterCorrection
        "give the right password; the e-mail that brought the statement tells its form"
    PdfIsImage "PDF_IS_IMAGE" File Never
        "ask for the PDF from net banking; scans are not read"
    StatementUnsupportedFormat "STATEMENT_UNSUPPORTED_FORMAT" File Never
        "make sure it is an account statement; else send it to FinBox for a template"
    StatementDuplicate "STATEMENT_DUPLICATE" File Never
        "nothing: the service has this statement already"
    OutOfDateRange "OUT_OF_DATE_RANGE" File Never
        "ask for a statement of the session's period"
    BankNameUndetected "BANK_NAME_UNDETECTED" User AfterCorrection
        "name the bank"
    BankNameMismatch "BANK_NAME_MISMATCH" User AfterCorrection
        "correct the bank, or leave it out"
    InvalidAccountCategory "INVALID_ACCOUNT_CATEGORY" User AfterCorrection
        "use SAVINGS, CURRENT or OVERDRAFT, or leave it out"

    // Asking about a session.
    SessionDeleted "SESSION_DELETED" Session Never
        "create a new session; this one was deleted"
    AccessDenied "ACCESS_DENIED" Credentials AfterCorrection
        "check the API key and the server hash"
    KeyRequired "KEY_REQUIRED" User AfterCorrection
        "give a session id"
    DuplicateProcessingRequest "DUPLICATE_PROCESSING_REQUEST" Session Never
        "nothing: processing has begun already; follow its progress"
    UnparsableStatements "UNPARSABLE_STATEMENTS" File Never
        "replace the statements that could not be read"
    ProcessingNotRequested "PROCESSING_NOT_REQUESTED" Session AfterCorrection
        "start processing first: bankscreen session process"
    ProcessingNotCompleted "PROCESSING_NOT_COMPLETED" Session Later
        "wait until processing has ended"

    // What becomes of accounts and statements in processing.
    MissingTransactions "MISSING_TRANSACTIONS" File Never
        "ask for statements that cover the whole period"
    IncompleteMonths "INCOMPLETE_MONTHS" File Never
        "ask for statements of the months that the message names"
    NullAccountNumber "NULL_ACCOUNT_NUMBER" File Never
        "ask for a statement that shows the account number"
    BalanceMismatch "BALANCE_MISMATCH" File Never
        "ask for the original statement; its balances do not add up"
    IncompleteMonthsUpload "INCOMPLETE_MONTHS_UPLOAD" File Never
        "upload the months that the message names, in a new session"
    IncompleteDatesUpload "INCOMPLETE_DATES_UPLOAD" File Never
        "upload the days that the message names, in a new session"
    Unparsable "UNPARSABLE" File Never
        "ask for the PDF that the bank issued; else send it to FinBox"
    StatementTooManyPages "STATEMENT_TOO_MANY_PAGES" File Never
        "ask for statements of shorter periods"
    NoTransactionsFromAa "NO_TRANSACTIONS_FROM_AA" Service Later
        "try again, or upload the statement as a PDF"
    ExtractionFailed "EXTRACTION_FAILED" Service Later
        "try again in a new session; else send it to FinBox"
    StatementNoTransactions "STATEMENT_NO_TRANSACTIONS" File Never
        "ask for a statement that has transactions"
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Serialize for ErrorCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documented_codes_survive_a_round_trip() {
        for code in ErrorCode::DOCUMENTED {
            assert_eq!(&ErrorCode::from_name(code.name()), code);
            assert!(code.fault().is_some() && code.hint().is_some());
        }
    }

    #[test]
    fn unknown_codes_are_kept_but_cleaned() {
        let code = ErrorCode::from_name("NEW\x1b_CODE");
        assert_eq!(code.name(), "NEW^[_CODE");
        assert_eq!((code.fault(), code.retry()), (None, Retry::Never));
    }
}
