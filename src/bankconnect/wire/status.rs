//! Responses about a whole session: uploads, processing, progress and results.

use super::account::{Account, ProcessingState, accounts, keyword};
use super::json;
use super::sanitized_text::SanitizedText;
use crate::statement::Month;
use jiff::civil::Date;
use serde_json::Value;

/// The uploads of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadStatus {
    /// The session ID.
    pub session_id: Option<SanitizedText>,
    /// The requested period, which statements must overlap.
    pub period: (Option<Date>, Option<Date>),
    /// The state of the uploads.
    pub state: UploadState,
    /// The expiry time in the service's format (UTC in all samples).
    pub expires_at: Option<SanitizedText>,
    /// The accounts of the uploads so far.
    pub accounts: Vec<Account>,
}

/// The state of a session's uploads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UploadState {
    /// There are no uploads yet.
    NoUploads,
    /// There are uploads, but they do not meet the acceptance criteria yet.
    InProgress,
    /// Processing was requested; no more uploads are accepted.
    Completed,
    /// The session expired before processing was requested.
    Expired,
    /// An undocumented or missing state.
    Other(Option<SanitizedText>),
}

/// The progress of processing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgressReport {
    /// The whole session.
    pub session: ProcessingState,
    /// The statements.
    pub statements: Vec<StatementProgress>,
}

/// The progress of one statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementProgress {
    /// The service's ID of the upload.
    pub statement_id: Option<SanitizedText>,
    /// Extraction of the account holder's identity.
    pub identity: ProcessingState,
    /// Extraction of the transactions.
    pub transactions: ProcessingState,
    /// Processing of the transactions.
    pub processing: ProcessingState,
    /// Fraud detection.
    pub fraud: ProcessingState,
    /// The message of the service.
    pub message: Option<SanitizedText>,
}

/// The results of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionReport {
    /// The session ID.
    pub session_id: Option<SanitizedText>,
    /// Whether the results can be downloaded.
    pub insights_available: Option<bool>,
    /// The accounts with their results.
    pub accounts: Vec<Account>,
}

impl UploadStatus {
    /// Returns the months of the requested period that an account does not cover.
    ///
    /// Empty if the response does not contain the requested period.
    pub fn missing_months(&self, account: &Account) -> Vec<Month> {
        let (Some(from), Some(to)) = self.period else {
            return Vec::new();
        };
        let mut months = Month::required_in(from, to);
        months.retain(|month| !account.months.contains(month));
        months
    }
}

/// Parses the response of `session_upload_status`; `None` if it has neither a state nor accounts.
pub fn parse_upload_status(body: &[u8]) -> Option<UploadStatus> {
    let value = json::parse(body)?;
    if value.get("upload_status").is_none() && value.get("accounts").is_none() {
        return None;
    }
    let state = json::text(&value, "upload_status");
    // The documentation spells some states in two ways.
    Some(UploadStatus {
        session_id: json::text(&value, "session_id"),
        period: json::range(&value, "session_date_range"),
        state: match keyword(state.as_ref()).as_str() {
            "NO_UPLOAD" | "NO_UPLOADS" => UploadState::NoUploads,
            "IN_PROGRESS" => UploadState::InProgress,
            "COMPLETED" => UploadState::Completed,
            "EXPIRED" => UploadState::Expired,
            _ => UploadState::Other(state),
        },
        expires_at: json::text(&value, "session_expiry_timestamp"),
        accounts: accounts(&value),
    })
}

/// Parses the response of `initiate_processing`. Only its HTTP status is significant.
pub fn parse_processing_started(body: &[u8]) -> Option<()> {
    json::parse(body).filter(Value::is_object).map(|_| ())
}

/// Parses the response of `progress`; `None` if it has no session progress.
pub fn parse_progress(body: &[u8]) -> Option<ProgressReport> {
    let value = json::parse(body)?;
    value.get("session_progress")?;
    let statements = json::list(&value, "progress").map(|statement| StatementProgress {
        statement_id: json::text(statement, "statement_id"),
        identity: ProcessingState::parse(statement, "identity_status"),
        transactions: ProcessingState::parse(statement, "transaction_status"),
        processing: ProcessingState::parse(statement, "processing_status"),
        fraud: ProcessingState::parse(statement, "fraud_status"),
        message: json::text(statement, "message"),
    });
    Some(ProgressReport {
        session: ProcessingState::parse(&value, "session_progress"),
        statements: statements.collect(),
    })
}

/// Parses the response of `session_status`; `None` if it has no list of accounts.
pub fn parse_session_report(body: &[u8]) -> Option<SessionReport> {
    let value = json::parse(body)?;
    value.get("accounts")?.as_array()?;
    Some(SessionReport {
        session_id: json::text(&value, "session_id"),
        insights_available: json::flag(&value, "insights_available"),
        accounts: accounts(&value),
    })
}

#[cfg(test)]
mod tests {
    use super::super::account::AccountState;
    use super::super::error_code::ErrorCode;
    use super::*;
    use serde_json::json;

    #[test]
    fn all_spellings_of_the_upload_state_are_accepted() {
        let state = |text: &str| {
            let body = json!({ "upload_status": text }).to_string();
            parse_upload_status(body.as_bytes()).unwrap().state
        };
        for text in ["NO_UPLOAD", "NO_UPLOADS", "NO UPLOADS", "no uploads"] {
            assert_eq!(state(text), UploadState::NoUploads);
        }
        assert_eq!(state("IN PROGRESS"), UploadState::InProgress);
        assert_eq!(
            state("new\x1b"),
            UploadState::Other(Some(SanitizedText::new("new\x1b")))
        );
    }

    #[test]
    fn an_account_can_be_failed_while_its_statements_are_completed() {
        let body = json!({"session_id": "x", "insights_available": false, "accounts": [{
            "name": "ASHA EXAMPLE", "account_number": "50100012345678", "bank_name": "axis",
            "error_code": "UNPARSABLE", "error_message": "Failed", "account_status": "failed",
            "statements": [{"statement_id": "s", "statement_status": "completed",
                "error_code": null, "error_message": "",
                "statement_date_range": {"from_date": "01/04/2024", "to_date": "2024-04-30"}}]
        }]});
        let report = parse_session_report(body.to_string().as_bytes()).unwrap();
        let account = &report.accounts[0];
        assert_eq!(account.state, AccountState::Failed);
        assert_eq!(account.error.as_ref().unwrap().code, ErrorCode::Unparsable);
        assert_eq!(account.statements[0].state, ProcessingState::Completed);
        assert_eq!(account.statements[0].error, None);
        assert!(account.statements[0].period.1.is_some());
        assert!(!format!("{report:?}").contains("ASHA"));
        assert!(!format!("{report:?}").contains("501000"));
    }

    #[test]
    fn unrelated_responses_are_invalid() {
        for body in [
            "",
            "{}",
            "[]",
            "<html>",
            r#"{"error": {}}"#,
            r#"{"accounts": 3}"#,
        ] {
            assert_eq!(parse_progress(body.as_bytes()), None);
            assert_eq!(parse_session_report(body.as_bytes()), None);
        }
        assert_eq!(parse_upload_status(b"{}"), None);
        assert_eq!(parse_processing_started(b"ok"), None);
    }
}
