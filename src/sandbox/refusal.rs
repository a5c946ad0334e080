//! Refusals as the service words them: a code, its message and its HTTP status.

use crate::bankconnect::wire::ErrorCode;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// A refusal of one of the three groups of endpoints, whose bodies differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) status: StatusCode,
    pub(super) code: Option<ErrorCode>,
    pub(super) message: String,
    group: Group,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Group {
    /// `{"error": {…}}`.
    Session,
    /// `{"session_id": "", "statement_id": "", "error": {…}}`.
    Upload,
    /// `{"<field>": ["<text>"], "status": 0}`.
    Field(&'static str),
}

impl Refused {
    /// A refusal by the session endpoints.
    pub(super) fn session(status: u16, code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST),
            code: Some(code),
            message: message.into(),
            group: Group::Session,
        }
    }

    /// A refusal by the upload endpoint, with the message of its table.
    pub(super) fn upload(code: ErrorCode) -> Self {
        let (status, message) = upload_row(&code);
        Self {
            message: message.to_owned(),
            group: Group::Upload,
            ..Self::session(status, code, "")
        }
    }

    /// A refusal by the upload endpoint whose message is not always the same.
    pub(super) fn upload_with(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            ..Self::upload(code)
        }
    }

    /// A refusal without a code, about a field.
    pub(super) fn field(field: &'static str, message: &str) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            code: None,
            message: message.to_owned(),
            group: Group::Field(field),
        }
    }

    /// What the log says of it.
    pub(super) fn name(&self) -> String {
        let code = self.code.as_ref().map(ErrorCode::name);
        code.unwrap_or("refused without a code").to_owned()
    }

    fn body(&self) -> Value {
        let code = self.code.as_ref().map(ErrorCode::name);
        let error = json!({ "code": code, "message": self.message });
        match self.group {
            Group::Session => json!({ "error": error }),
            Group::Upload => json!({ "session_id": "", "statement_id": "", "error": error }),
            Group::Field(field) => json!({ field: [self.message], "status": 0 }),
        }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        json_answer(self.status, &self.body())
    }
}

/// An answer in JSON.
pub(super) fn json_answer(status: StatusCode, body: &Value) -> Response {
    (
        status,
        [(CONTENT_TYPE, "application/json")],
        body.to_string(),
    )
        .into_response()
}

/// Status and message of a code in the upload table.
fn upload_row(code: &ErrorCode) -> (u16, &'static str) {
    match code {
        ErrorCode::SessionExpired => (400, "This session has expired"),
        ErrorCode::SessionNotFound => (404, "The provided Session ID is invalid"),
        ErrorCode::TrialPeriodExpired => (
            402,
            "Your trial period has expired. Please request FinBox to upgrade your plan",
        ),
        ErrorCode::InvalidApiKey => (403, "Authentication credentials were not provided."),
        ErrorCode::MissingFileObject => (400, "This file object is required"),
        ErrorCode::InvalidFileObject => (400, "File object is invalid"),
        ErrorCode::EmptyFile => (400, "File object is empty"),
        ErrorCode::InvalidFileUrl => (400, "This file url is invalid"),
        ErrorCode::InvalidBase64 => (400, "Invalid Base 64 string"),
        ErrorCode::PasswordIncorrect => (400, "The provided password is incorrect"),
        ErrorCode::PdfIsImage => (400, "Scanned images are not supported"),
        ErrorCode::StatementUnsupportedFormat => (400, "The statement format is not supported"),
        ErrorCode::StatementDuplicate => (400, "A duplicate statement has been detected"),
        ErrorCode::OutOfDateRange => (400, "No transactions in expected date range"),
        ErrorCode::BankNameUndetected => (400, "Unable to detect bank. Please provide BANK NAME."),
        ErrorCode::BankNameMismatch => (400, "Not the selected bank's statement"),
        ErrorCode::InvalidAccountCategory => (400, "Account category is invalid"),
        ErrorCode::StatementTooManyPages => (400, "The statement exceeds the allowed page limit"),
        _ => (400, "Something went wrong"),
    }
}
