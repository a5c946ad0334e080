//! Answers about a session as a whole: uploads, processing, progress, and the end of it.

use super::account::{Account, ProcessingState, accounts, keyword};
use super::json;
use super::sanitized_text::SanitizedText;
use crate::statement::Month;
use jiff::civil::Date;
use serde_json::Value;

/// What was uploaded into a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadStatus {
    /// The session.
    pub session_id: Option<SanitizedText>,
    /// The period that its statements must touch.
    pub period: (Option<Date>, Option<Date>),
    /// How far the uploads are.
    pub state: UploadState,
    /// When it ends, as the service writes it (UTC in all samples).
    pub expires_at: Option<SanitizedText>,
    /// The accounts found so far.
    pub accounts: Vec<Account>,
}

/// How far the uploads of a session are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UploadState {
    /// Nothing was uploaded yet.
    NoUploads,
    /// Uploads exist, and do not meet the criteria yet.
    InProgress,
    /// Processing was asked for: no more uploads.
    Completed,
    /// The session ended before processing was asked for.
    Expired,
    /// A state that is not documented, or none.
    Other(Option<SanitizedText>),
}

/// How far processing is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgressReport {
    /// The session as a whole.
    pub session: ProcessingState,
    /// Each statement.
    pub statements: Vec<StatementProgress>,
}

/// How far one statement is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementProgress {
    /// The statement.
    pub statement_id: Option<SanitizedText>,
    /// Reading who the account belongs to.
    pub identity: ProcessingState,
    /// Reading the transactions.
    pub transactions: ProcessingState,
    /// Working on them.
    pub processing: ProcessingState,
    /// Looking for fraud.
    pub fraud: ProcessingState,
    /// What the service says about it.
    pub message: Option<SanitizedText>,
}

/// What became of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionReport {
    /// The session.
    pub session_id: Option<SanitizedText>,
    /// Whether its results can be fetched.
    pub insights_available: Option<bool>,
    /// The accounts, each with its outcome.
    pub accounts: Vec<Account>,
}

impl UploadStatus {
    /// Months of the session's period that an account does not cover; none where the service does
    /// not tell the period.
    pub fn missing_months(&self, account: &Account) -> Vec<Month> {
        let (Some(from), Some(to)) = self.period else {
            return Vec::new();
        };
        let mut wanted = Month::required_in(from, to);
        wanted.retain(|month| !account.months.contains(month));
        wanted
    }
}

/// Reads `session_upload_status`; `None` unless it has a state or accounts.
pub fn parse_upload_status(body: &[u8]) -> Option<UploadStatus> {
    let value = json::parse(body)?;
    if value.get("upload_status").is_none() && value.get("accounts").is_none() {
        return None;
    }
    let state = json::text(&value, "upload_status");
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

/// Reads the answer of `initiate_processing`, whose status alone says that it began.
pub fn parse_processing_started(body: &[u8]) -> Option<()> {
    json::parse(body).filter(Value::is_object).map(|_| ())
}

/// Reads `progress`; `None` unless it tells the progress of the session.
pub fn parse_progress(body: &[u8]) -> Option<ProgressReport> {
    let value = json::parse(body)?;
    value.get("session_progress")?;
    let statements = json::list(&value, "progress").map(|statement| StatementProgress {
        statement_id: json::text(statement, "statement_id"),
        identity: ProcessingState::read(statement, "identity_status"),
        transactions: ProcessingState::read(statement, "transaction_status"),
        processing: ProcessingState::read(statement, "processing_status"),
        fraud: ProcessingState::read(statement, "fraud_status"),
        message: json::text(statement, "message"),
    });
    Some(ProgressReport {
        session: ProcessingState::read(&value, "session_progress"),
        statements: statements.collect(),
    })
}

/// Reads `session_status`; `None` unless it lists accounts.
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
    fn the_state_of_uploads_has_several_spellings() {
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
    fn an_account_can_fail_though_its_statements_are_completed() {
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
    fn another_answer_is_not_taken_for_a_status() {
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
