//! Accounts and statements, as both status endpoints list them.

use super::error_code::ErrorCode;
use super::json;
use super::sanitized_text::{SanitizedText, mask_account_number};
use crate::statement::Month;
use jiff::civil::Date;
use serde_json::Value;

/// One bank account found in a session. The holder's name is never read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The service's id.
    pub account_id: Option<SanitizedText>,
    /// The number, masked.
    pub number: Option<SanitizedText>,
    /// The bank's identifier.
    pub bank: Option<SanitizedText>,
    /// The bank's name.
    pub bank_name: Option<SanitizedText>,
    /// How far it is. An account can have failed although its statements say completed.
    pub state: AccountState,
    /// Why it failed.
    pub error: Option<AccountError>,
    /// Months covered, also partly.
    pub months: Vec<Month>,
    /// Parts of the session's period without transactions.
    pub gaps: Vec<Gap>,
    /// What was uploaded for it.
    pub statements: Vec<ListedStatement>,
}

/// The state of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountState {
    /// Its uploads do not cover the period yet.
    Partial,
    /// Its uploads cover the period, or it was processed.
    Completed,
    /// It could not be processed.
    Failed,
    /// A state that is not documented, or none.
    Other(Option<SanitizedText>),
}

/// What is wrong with an account or statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountError {
    /// The service's code.
    pub code: ErrorCode,
    /// What the service says. May be empty.
    pub message: SanitizedText,
}

/// A stretch of days without transactions; either end may be missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// Its first day.
    pub from: Option<Date>,
    /// Its last day.
    pub to: Option<Date>,
}

/// How far a step of processing is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProcessingState {
    /// Under way.
    Processing,
    /// Done.
    Completed,
    /// Ended without success.
    Failed,
    /// A state that is not documented, or none.
    Other(Option<SanitizedText>),
}

/// One uploaded file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedStatement {
    /// The service's id.
    pub statement_id: Option<SanitizedText>,
    /// How far it is.
    pub state: ProcessingState,
    /// Why it failed.
    pub error: Option<AccountError>,
    /// The name that the service stored it under.
    pub file_name: Option<SanitizedText>,
    /// The period it covers.
    pub period: (Option<Date>, Option<Date>),
    /// When it was uploaded, as the service writes it; three formats are documented.
    pub created_at: Option<SanitizedText>,
}

impl ProcessingState {
    pub(super) fn read(value: &Value, key: &str) -> Self {
        let text = json::text(value, key);
        match keyword(text.as_ref()).as_str() {
            "PROCESSING" => Self::Processing,
            "COMPLETED" => Self::Completed,
            "FAILED" => Self::Failed,
            _ => Self::Other(text),
        }
    }
}

/// A state in one spelling: letter case, spaces and underscores differ between pages.
pub(super) fn keyword(text: Option<&SanitizedText>) -> String {
    let text = text.map_or("", SanitizedText::as_str).trim();
    text.to_uppercase().replace([' ', '-'], "_")
}

/// The accounts of a status answer.
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
        account_id: json::text(value, "account_id"),
        number: json::text(value, "account_number")
            .as_ref()
            .map(mask_account_number),
        bank: json::text(value, "bank_name"),
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
        statement_id: json::text(value, "statement_id"),
        state: ProcessingState::read(value, "statement_status"),
        error: error(value),
        file_name: json::text(value, "upload_file_name"),
        period: json::range(value, "statement_date_range"),
        created_at: json::text(value, "created_at"),
    }
}

/// An error beside its message; some pages write none as null, others as an empty string.
fn error(value: &Value) -> Option<AccountError> {
    let code = json::text(value, "error_code");
    let message = json::text(value, "error_message");
    if code.is_none() && message.is_none() {
        return None;
    }
    Some(AccountError {
        code: ErrorCode::from_name(code.as_ref().map_or("", SanitizedText::as_str)),
        message: message.unwrap_or_else(|| SanitizedText::new("")),
    })
}
