//! The error codes of the service, with a hint for each.

use super::sanitized_text::SanitizedText;
use serde::{Serialize, Serializer};
use std::fmt;

macro_rules! codes {
    ($($variant:ident $name:literal $hint:literal)*) => {
        /// An error code of the service. Undocumented codes are kept as sanitized text.
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorCode {
            $(#[doc = concat!("`", $name, "`.")] $variant,)*
            /// A code that is not documented.
            Other(SanitizedText),
        }

        impl ErrorCode {
            /// All documented codes.
            pub const DOCUMENTED: &[Self] = &[$(Self::$variant,)*];

            /// Returns the code with the given name.
            pub fn from_name(name: &str) -> Self {
                match name {
                    $($name => Self::$variant,)*
                    other => Self::Other(SanitizedText::new(other)),
                }
            }

            /// Returns the name that the service uses.
            pub fn name(&self) -> &str {
                match self {
                    $(Self::$variant => $name,)*
                    Self::Other(name) => name.as_str(),
                }
            }

            /// Returns what the user can do, in the imperative; `None` for undocumented codes.
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
    // Session creation (Session API, both error tables).
    InvalidBankName "INVALID_BANK_NAME"
        "choose a bank listed by `bankscreen banks`, or omit the bank"
    MissingBankName "MISSING_BANK_NAME"
        "specify a bank together with the mode"
    ModeNotAvailable "MODE_NOT_AVAILABLE"
        "choose another mode; the bank does not support this one"
    ModeNotEnabled "MODE_NOT_ENABLED"
        "ask FinBox to enable the mode, or choose another one"
    InvalidDateFormat "INVALID_DATE_FORMAT"
        "write dates as DD/MM/YYYY"
    InvalidDateRange "INVALID_DATE_RANGE"
        "choose a first day before the last day"
    MissingDateField "MISSING_DATE_FIELD"
        "specify both ends of the period, or neither"
    InvalidMobileNumber "INVALID_MOBILE_NUMBER"
        "enter ten digits, without spaces or a country code"
    InvalidSessionExpiry "INVALID_SESSION_EXPIRY"
        "choose a number of minutes from 5 to 43200"
    InvalidAaParameter "INVALID_AA_PARAMETER"
        "correct the account aggregator parameters"
    MissingAaParameter "MISSING_AA_PARAMETER"
        "complete the account aggregator parameters"
    InvalidUrl "INVALID_URL"
        "enter a complete URL that starts with https://"
    InvalidLength "INVALID_LENGTH"
        "shorten the value"
    InvalidRequest "INVALID_REQUEST"
        "correct the field named in the message"
    InvalidParameterCount "INVALID_PARAMETER_COUNT"
        "update bankscreen"
    MethodNotAllowed "METHOD_NOT_ALLOWED"
        "check the base URL, or update bankscreen"
    UnsupportedMediaType "UNSUPPORTED_MEDIA_TYPE"
        "check the base URL, or update bankscreen"
    MissingCredentials "AUTHENTICATION_CREDENTIALS_NOT_PROVIDED"
        "check that the API key is correct and belongs to this base URL"
    PaymentRequired "PAYMENT_REQUIRED"
        "ask FinBox to renew the plan"

    // Uploads (Upload API, the newest table and the older page).
    SessionExpired "SESSION_EXPIRED"
        "create a new session and upload the files of this session again"
    SessionNotFound "SESSION_NOT_FOUND"
        "check that the session ID is correct and belongs to this API key"
    TrialPeriodExpired "TRIAL_PERIOD_EXPIRED"
        "ask FinBox to upgrade the plan"
    InvalidApiKey "INVALID_API_KEY"
        "check that the API key is correct and belongs to this base URL"
    MissingFileObject "MISSING_FILE_OBJECT"
        "update bankscreen"
    InvalidFileObject "INVALID_FILE_OBJECT"
        "request the PDF that the bank issued"
    EmptyFile "EMPTY_FILE"
        "request the file again; this one is empty"
    InvalidFileUrl "INVALID_FILE_URL"
        "use a URL that can be downloaded without signing in"
    InvalidBase64 "INVALID_BASE_64"
        "upload it as a plain PDF"
    PasswordIncorrect "PASSWORD_INCORRECT"
        "supply the correct password; the bank's e-mail describes its format"
    PdfIsImage "PDF_IS_IMAGE"
        "request the PDF downloaded from net banking; scans are not supported"
    StatementUnsupportedFormat "STATEMENT_UNSUPPORTED_FORMAT"
        "check that it is an account statement; if it is, ask FinBox to support its format"
    StatementDuplicate "STATEMENT_DUPLICATE"
        "no action needed; the service already has this statement"
    OutOfDateRange "OUT_OF_DATE_RANGE"
        "request a statement of the session's period"
    BankNameUndetected "BANK_NAME_UNDETECTED"
        "specify the bank"
    BankNameMismatch "BANK_NAME_MISMATCH"
        "correct the bank, or omit it"
    InvalidAccountCategory "INVALID_ACCOUNT_CATEGORY"
        "use SAVINGS, CURRENT or OVERDRAFT, or omit the category"

    // Calls about an existing session.
    SessionDeleted "SESSION_DELETED"
        "create a new session; this one was deleted"
    AccessDenied "ACCESS_DENIED"
        "check the API key and the server hash"
    KeyRequired "KEY_REQUIRED"
        "specify a session ID"
    DuplicateProcessingRequest "DUPLICATE_PROCESSING_REQUEST"
        "no action needed; processing has already started"
    UnparsableStatements "UNPARSABLE_STATEMENTS"
        "replace the statements that could not be parsed"
    ProcessingNotRequested "PROCESSING_NOT_REQUESTED"
        "start processing with `bankscreen session process`"
    ProcessingNotCompleted "PROCESSING_NOT_COMPLETED"
        "wait until processing is complete; `bankscreen session process` waits for it"

    // Results of processing, for accounts and statements.
    MissingTransactions "MISSING_TRANSACTIONS"
        "request statements that cover the whole period"
    IncompleteMonths "INCOMPLETE_MONTHS"
        "request statements of the months named in the message"
    NullAccountNumber "NULL_ACCOUNT_NUMBER"
        "request a statement that shows the account number"
    BalanceMismatch "BALANCE_MISMATCH"
        "request the original statement; the balances of this one do not add up"
    IncompleteMonthsUpload "INCOMPLETE_MONTHS_UPLOAD"
        "upload the months named in the message into a new session"
    IncompleteDatesUpload "INCOMPLETE_DATES_UPLOAD"
        "upload the days named in the message into a new session"
    Unparsable "UNPARSABLE"
        "request the PDF that the bank issued; if this is it, send it to FinBox"
    StatementTooManyPages "STATEMENT_TOO_MANY_PAGES"
        "request statements of shorter periods"
    NoTransactionsFromAa "NO_TRANSACTIONS_FROM_AA"
        "try again, or upload the statement as a PDF"
    ExtractionFailed "EXTRACTION_FAILED"
        "try again in a new session; if it fails again, send the file to FinBox"
    StatementNoTransactions "STATEMENT_NO_TRANSACTIONS"
        "request a statement with transactions"
}

/// Words of undocumented codes that are not about a file: key, plan, route, session, rate, form, or
/// a failure of the service.
const REQUEST_WORDS: [&str; 43] = [
    "ACCESS",
    "ACCOUNT",
    "API",
    "AUTH",
    "AUTHENTICATION",
    "AUTHORIZATION",
    "BILLING",
    "BUSY",
    "CLIENT",
    "CREDENTIALS",
    "CREDIT",
    "CREDITS",
    "DENIED",
    "ENDPOINT",
    "ERROR",
    "EXPIRED",
    "FIELD",
    "FORBIDDEN",
    "FORM",
    "INTERNAL",
    "KEY",
    "LIMITED",
    "MAINTENANCE",
    "METHOD",
    "PARAMETER",
    "PAYMENT",
    "PERMISSION",
    "PLAN",
    "QUOTA",
    "RATE",
    "REQUEST",
    "REQUESTS",
    "RETRY",
    "ROUTE",
    "SERVER",
    "SERVICE",
    "SESSION",
    "SUBSCRIPTION",
    "THROTTLED",
    "TIMEOUT",
    "TOKEN",
    "TRIAL",
    "UNAVAILABLE",
];

impl ErrorCode {
    /// Returns whether the code is about the file, its password, its bank or its category, so that
    /// the same file gets the same answer again.
    ///
    /// A code about key, plan, route, session, rate or the form of the request is not. An
    /// undocumented code is, unless it names one of these.
    pub fn is_about_file(&self) -> bool {
        match self {
            Self::InvalidFileObject
            | Self::EmptyFile
            | Self::PasswordIncorrect
            | Self::PdfIsImage
            | Self::StatementUnsupportedFormat
            | Self::StatementDuplicate
            | Self::OutOfDateRange
            | Self::BankNameUndetected
            | Self::BankNameMismatch
            | Self::InvalidBankName
            | Self::InvalidAccountCategory
            | Self::UnparsableStatements
            | Self::MissingTransactions
            | Self::IncompleteMonths
            | Self::NullAccountNumber
            | Self::BalanceMismatch
            | Self::IncompleteMonthsUpload
            | Self::IncompleteDatesUpload
            | Self::Unparsable
            | Self::StatementTooManyPages
            | Self::StatementNoTransactions => true,
            Self::Other(name) => {
                let name = name.as_str().to_uppercase();
                let words = name.split(|c: char| !c.is_ascii_alphanumeric());
                !words.into_iter().any(|word| REQUEST_WORDS.contains(&word))
            }
            _ => false,
        }
    }

    /// Returns whether the same request may succeed later. Undocumented codes are final.
    pub fn is_retryable(&self) -> bool {
        matches!(
            self,
            Self::ProcessingNotCompleted | Self::NoTransactionsFromAa | Self::ExtractionFailed
        )
    }
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
    fn documented_codes_round_trip_and_have_a_hint() {
        for code in ErrorCode::DOCUMENTED {
            assert_eq!(&ErrorCode::from_name(code.name()), code);
            assert!(code.hint().is_some());
        }
    }

    #[test]
    fn undocumented_codes_are_kept_and_sanitized() {
        let code = ErrorCode::from_name("NEW\x1b_CODE");
        assert_eq!(code.name(), "NEW^[_CODE");
        assert_eq!(code.hint(), None);
    }
}
