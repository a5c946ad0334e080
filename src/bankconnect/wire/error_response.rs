//! Error responses: HTTP status 400 to 499, with a code or a message.

use super::error_code::ErrorCode;
use super::json;
use super::sanitized_text::SanitizedText;
use serde_json::Value;

/// The reason why the service rejected a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorResponse {
    /// The HTTP status, 400 to 499.
    pub http_status: u16,
    /// The error code; some responses have none.
    pub code: Option<ErrorCode>,
    /// The message of the service, sanitized. May be empty.
    pub message: SanitizedText,
}

impl ErrorResponse {
    /// Parses the body of an error response.
    ///
    /// Never fails: if the body has none of the documented shapes, the message is an excerpt.
    pub(super) fn parse(http_status: u16, body: &[u8]) -> Self {
        let (code, message) = match json::parse(body) {
            Some(value) => code_and_message(&value),
            None => (None, None),
        };
        Self {
            http_status,
            code,
            message: message.unwrap_or_else(|| SanitizedText::excerpt(body)),
        }
    }

    /// Returns whether the same request may succeed later.
    pub fn is_retryable(&self) -> bool {
        self.code.as_ref().is_some_and(ErrorCode::is_retryable)
    }

    /// Returns what the user can do, in the imperative: by code, otherwise by status.
    pub fn hint(&self) -> &'static str {
        let hint = self.code.as_ref().and_then(ErrorCode::hint);
        hint.unwrap_or(match self.http_status {
            401 | 403 | 407 => "check that the API key is correct and belongs to this base URL",
            402 => "ask FinBox about the plan",
            404 | 410 => "check the session ID and the base URL",
            405 | 406 | 411 | 413..=415 => "check the base URL, or update bankscreen",
            _ => "correct the value named in the message",
        })
    }
}

/// Returns the code and the message from any of the documented shapes:
/// `{"error": {code, message}}`, `{"detail"}`, `{"message"}` and `{"<field>": ["<text>"]}`.
fn code_and_message(value: &Value) -> (Option<ErrorCode>, Option<SanitizedText>) {
    // `error` is an object with code and message, or a plain text.
    let inner = match value.get("error") {
        Some(inner @ Value::Object(_)) => inner,
        _ => value,
    };
    // Checked by form: a text that had to be redacted is no code.
    let code = json::id(inner, "code").map(|code| ErrorCode::from_name(code.as_str()));
    let mut keys = ["message", "detail", "error"].iter();
    let message = keys
        .find_map(|key| json::text(inner, key))
        .or_else(|| field_message(inner));
    (code, message)
}

/// Converts `{"bank_name": ["Please use …"], "status": 0}` to `bank_name: Please use …`.
fn field_message(value: &Value) -> Option<SanitizedText> {
    let fields = value.as_object()?.iter();
    let mut texts = fields.filter_map(|(field, texts)| {
        let text = texts.as_array()?.first()?.as_str()?;
        Some(format!("{field}: {text}"))
    });
    texts.next().map(|text| SanitizedText::new(&text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_documented_shapes_are_parsed() {
        let check = |body: &str, code: Option<&str>, message: &str| {
            let response = ErrorResponse::parse(400, body.as_bytes());
            assert_eq!(response.code.as_ref().map(ErrorCode::name), code, "{body}");
            assert_eq!(response.message.as_str(), message, "{body}");
        };
        check(
            r#"{"session_id":"","error":{"code":"EMPTY_FILE","message":"File object is empty"}}"#,
            Some("EMPTY_FILE"),
            "File object is empty",
        );
        check(
            r#"{"detail": "Route not allowed"}"#,
            None,
            "Route not allowed",
        );
        check(r#"{"message": "over", "status": 2}"#, None, "over");
        check(
            r#"{"status": 0, "bank_name": ["Please use following bank strings: [...]"]}"#,
            None,
            "bank_name: Please use following bank strings: [...]",
        );
        check(r#"{"error": "no"}"#, None, "no");
        check(r#"{"error": {"code": "X", "message": 7}}"#, Some("X"), "7");
        check("<h1>\x07no</h1>", None, "<h1>^Gno</h1>");
        check("", None, "");
    }

    #[test]
    fn responses_without_a_code_have_a_hint_by_status() {
        let hint = |status| ErrorResponse::parse(status, b"").hint();
        assert!(hint(403).contains("API key"));
        assert!(hint(402).contains("plan"));
        assert!(hint(415).contains("update bankscreen"));
    }
}
