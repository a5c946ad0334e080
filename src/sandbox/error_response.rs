//! Error responses with the service's status codes, error codes and messages.
//!
//! The messages copy the service's documentation verbatim, so that clients can be tested against
//! them.

use crate::bankconnect::wire::ErrorCode;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// An error response of the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ErrorResponse {
    pub(super) status: StatusCode,
    /// `None` for errors about a form field or the size, which have a message only.
    pub(super) code: Option<ErrorCode>,
    pub(super) message: String,
    shape: BodyShape,
}

/// The shape of the JSON body, which depends on the endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum BodyShape {
    /// `{"error": {…}}`.
    Session,
    /// `{"session_id": "", "statement_id": "", "error": {…}}`.
    Upload,
    /// `{"<field>": ["<text>"], "status": 0}`.
    Field(&'static str),
}

impl ErrorResponse {
    /// Creates an error of the session endpoints.
    ///
    /// The status is a parameter, because the documented status of a code depends on the endpoint.
    pub(super) fn session(status: u16, code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST),
            code: Some(code),
            message: message.into(),
            shape: BodyShape::Session,
        }
    }

    /// Creates an error of the upload endpoint with the documented status and message.
    pub(super) fn upload(code: ErrorCode) -> Self {
        let (status, message) = upload_error(&code);
        Self {
            message: message.to_owned(),
            shape: BodyShape::Upload,
            ..Self::session(status, code, "")
        }
    }

    /// Creates an error of the upload endpoint with another message than the documented one.
    pub(super) fn upload_with_message(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            ..Self::upload(code)
        }
    }

    /// Creates an error about a form field. It has no error code.
    pub(super) fn field(field: &'static str, message: &str) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            code: None,
            message: message.to_owned(),
            shape: BodyShape::Field(field),
        }
    }

    /// Creates an error for a request body of more than `limit` bytes, which was not read.
    pub(super) fn body_too_large(limit: usize) -> Self {
        Self {
            status: StatusCode::PAYLOAD_TOO_LARGE,
            // Not documented, because real limits are those of a proxy.
            code: None,
            message: format!("The request body is larger than {limit} bytes."),
            shape: BodyShape::Session,
        }
    }

    fn body(&self) -> Value {
        let code = self.code.as_ref().map(ErrorCode::name);
        let error = json!({ "code": code, "message": self.message });
        match self.shape {
            BodyShape::Session => json!({ "error": error }),
            BodyShape::Upload => json!({ "session_id": "", "statement_id": "", "error": error }),
            BodyShape::Field(field) => json!({ field: [self.message], "status": 0 }),
        }
    }
}

impl IntoResponse for ErrorResponse {
    fn into_response(self) -> Response {
        json_response(self.status, &self.body())
    }
}

/// Creates a response with a JSON body.
pub(super) fn json_response(status: StatusCode, body: &Value) -> Response {
    (
        status,
        [(CONTENT_TYPE, "application/json")],
        body.to_string(),
    )
        .into_response()
}

/// Returns the HTTP status and message of an error code, as the Upload API documents them.
fn upload_error(code: &ErrorCode) -> (u16, &'static str) {
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
        // Codes of other endpoints, which a script can assign to an upload.
        _ => (400, "Something went wrong"),
    }
}
