//! What goes over the wire: requests, answers and errors as values, parsed by code, never by text.
//!
//! Pure: bytes in, values out. Parsing is total: any bytes give a value, and what is unknown is
//! kept as cleaned text. Nothing personal is kept: names, addresses and balances in answers are
//! never read, and account numbers are masked as they enter.
//!
//! Facts come from the public documentation of the session flow; where its pages contradict each
//! other, all spellings are understood.

mod account;
mod bank_list;
mod error;
mod error_code;
mod error_response;
mod json;
mod response;
mod sanitized_text;
mod session;
mod status;
mod upload;

pub use crate::statement::Month;
pub use account::{Account, AccountError, AccountState, Gap, ListedStatement, ProcessingState};
pub use bank_list::{ListedBank, parse_bank_list};
pub use error::{ApiError, Indeterminate, NotSent};
pub use error_code::{ErrorCode, Fault, Retry};
pub use error_response::ErrorResponse;
pub use json::parse_date;
pub use response::{ApiResponse, MAX_RESPONSE_BYTES, ResponseHead, excerpt, retry_after};
pub use sanitized_text::{SanitizedText, mask_account_number};
pub use session::{
    SessionCreated, SessionMetadata, SessionPeriod, SessionRequest, Violation, default_period,
    format_date, parse_session_created,
};
pub use status::{
    ProgressReport, SessionReport, StatementProgress, UploadState, UploadStatus,
    parse_processing_started, parse_progress, parse_session_report, parse_upload_status,
};
pub use upload::{AcceptedUpload, parse_upload};
