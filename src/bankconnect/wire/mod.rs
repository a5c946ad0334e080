//! The messages of the API: requests, responses and errors.
//!
//! This module is pure: bytes in, values out. Parsing is total: any input returns a value, and
//! undocumented states and codes are kept as sanitized text. Errors are classified by code and
//! status, never by their message.
//!
//! No personal data is kept: names, addresses and balances in responses are never parsed, and
//! account numbers are masked on input.
//!
//! The source is the public documentation of the session flow. If its pages contradict each other,
//! all documented spellings are accepted.

mod account;
mod bank_list;
mod error;
mod error_code;
mod error_response;
mod insights;
mod json;
mod redaction;
mod response;
mod sanitized_text;
mod session;
mod status;
mod upload;
mod webhook;

pub use crate::statement::Month;
pub use account::{Account, AccountError, AccountState, Gap, ListedStatement, ProcessingState};
pub use bank_list::{ListedBank, parse_bank_list};
pub use error::{ApiError, Indeterminate, NotSent};
pub use error_code::ErrorCode;
pub use error_response::ErrorResponse;
pub use insights::{InsightsHeader, SpreadsheetLink, ZIP_TAIL_BYTES, is_zip, parse_insights};
pub use json::{parse_date, parse_timestamp};
pub use redaction::Redactor;
pub use response::{ApiResponse, MAX_RESPONSE_BYTES, ResponseHead, excerpt, retry_after};
pub use sanitized_text::{SanitizedText, mask_account_number};
pub use session::{
    SessionCreated, SessionMetadata, SessionPeriod, SessionRequest, Violation, default_period,
    format_date, is_documented_journey_mode, is_session_id, parse_session_created,
};
pub use status::{
    ProgressReport, SessionReport, StatementProgress, UploadState, UploadStatus,
    parse_processing_started, parse_progress, parse_session_report, parse_upload_status,
};
pub use upload::{AcceptedUpload, Identity, UploadAnswer, is_taken, parse_upload};
pub use webhook::parse_webhook_registered;
