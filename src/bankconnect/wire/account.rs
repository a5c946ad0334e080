//! Accounts and statements, as listed by both status endpoints.

use super::error_code::ErrorCode;
use super::json;
use super::sanitized_text::{SanitizedText, mask_account_number};
use crate::statement::Month;
use jiff::civil::Date;
use serde_json::Value;

/// A bank account of a session. The holder's name is never parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The service's ID of the account.
    pub account_id: Option<SanitizedText>,
    /// The account number, masked.
    pub number: Option<SanitizedText>,
    /// The bank's identifier.
    pub bank: Option<SanitizedText>,
    /// The bank's name.
    pub bank_name: Option<SanitizedText>,
    /// The state of the account. It can be failed although its statements are completed.
    pub state: AccountState,
    /// The error, if the account failed.
    pub error: Option<AccountError>,
    /// Months that are covered, completely or partly.
    pub months: Vec<Month>,
    /// Ranges of the requested period without transactions.
    pub gaps: Vec<Gap>,
    /// The uploaded statements of the account.
    pub statements: Vec<ListedStatement>,
}

/// The state of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountState {
    /// The uploads do not cover the requested period yet.
    Partial,
    /// The uploads cover the requested period, or the account was processed.
    Completed,
    /// The account could not be processed.
    Failed,
    /// An undocumented or missing state.
    Other(Option<SanitizedText>),
}

/// An error of an account or statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountError {
    /// The error code.
    pub code: ErrorCode,
    /// The message of the service. May be empty.
    pub message: SanitizedText,
}

/// A range of days without transactions. Either end may be missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// The first day.
    pub from: Option<Date>,
    /// The last day.
    pub to: Option<Date>,
}

/// The state of a processing step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProcessingState {
    /// In progress.
    Processing,
    /// Completed.
    Completed,
    /// Failed.
    Failed,
    /// An undocumented or missing state.
    Other(Option<SanitizedText>),
}

/// A statement that is listed in a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedStatement {
    /// The service's ID of the upload.
    pub statement_id: Option<SanitizedText>,
    /// The state of its processing.
    pub state: ProcessingState,
    /// The error, if processing failed.
    pub error: Option<AccountError>,
    /// The file name under which the service stores it.
    pub file_name: Option<SanitizedText>,
    /// The statement period. Either end may be missing.
    pub period: (Option<Date>, Option<Date>),
    /// The time of the upload, in the service's format; three formats are documented.
    pub created_at: Option<SanitizedText>,
}

impl ProcessingState {
    pub(super) fn parse(value: &Value, key: &str) -> Self {
        let text = json::text(value, key);
        match keyword(text.as_ref()).as_str() {
            "PROCESSING" => Self::Processing,
            "COMPLETED" => Self::Completed,
            "FAILED" => Self::Failed,
            _ => Self::Other(text),
        }
    }
}

/// Normalizes a state: the documentation varies in letter case, spaces and underscores.
pub(super) fn keyword(text: Option<&SanitizedText>) -> String {
    let text = text.map_or("", SanitizedText::as_str).trim();
    text.to_uppercase().replace([' ', '-'], "_")
}

/// Returns the accounts of a status response.
pub(super) fn accounts(value: &Value) -> Vec<Account> {
    json::list(value, "accounts").map(account).collect()
}

fn account(value: &Value) -> Account {
    let state = json::text(value, "account_status");
    let gaps = json::list(value, "missing_data").map(|gap| Gap {
        from: json::date(gap, "from_date"),
        to: json::date(gap, "to_date"),
    });
    Account {
        account_id: json::id(value, "account_id"),
        number: json::text(value, "account_number")
            .as_ref()
            .map(mask_account_number),
        bank: json::name(value, "bank_name"),
        bank_name: json::text(value, "full_bank_name"),
        state: match keyword(state.as_ref()).as_str() {
            "PARTIAL" => AccountState::Partial,
            "COMPLETED" => AccountState::Completed,
            "FAILED" => AccountState::Failed,
            _ => AccountState::Other(state),
        },
        error: error(value),
        months: json::months(value, "months"),
        gaps: gaps.collect(),
        statements: json::list(value, "statements").map(statement).collect(),
    }
}

fn statement(value: &Value) -> ListedStatement {
    ListedStatement {
        statement_id: json::id(value, "statement_id"),
        state: ProcessingState::parse(value, "statement_status"),
        error: error(value),
        file_name: json::text(value, "upload_file_name"),
        period: json::range(value, "statement_date_range"),
        created_at: json::text(value, "created_at"),
    }
}

/// Returns an error code and its message. A missing value may be null or an empty string.
fn error(value: &Value) -> Option<AccountError> {
    let code = json::id(value, "error_code");
    let message = json::text(value, "error_message");
    if code.is_none() && message.is_none() {
        return None;
    }
    Some(AccountError {
        code: ErrorCode::from_name(code.as_ref().map_or("", SanitizedText::as_str)),
        message: message.unwrap_or_else(|| SanitizedText::new("")),
    })
}
