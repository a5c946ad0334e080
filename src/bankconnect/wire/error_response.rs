//! A refusal that can be read: an HTTP status that says no, with a code or at least a text.

use super::error_code::{ErrorCode, Fault, Retry};
use super::json;
use super::sanitized_text::SanitizedText;
use serde_json::Value;

/// Why the service refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorResponse {
    /// The HTTP status, 400 to 499.
    pub http_status: u16,
    /// The service's code; some of its refusals have none.
    pub code: Option<ErrorCode>,
    /// What the service says, cleaned. May be empty.
    pub message: SanitizedText,
}

impl ErrorResponse {
    /// Reads the body of a refusal: any of the service's shapes, or whatever else it is.
    pub(super) fn read(http_status: u16, body: &[u8]) -> Self {
        let (code, message) = match json::parse(body) {
            Some(value) => shapes(&value),
            None => (None, None),
        };
        Self {
            http_status,
            code,
            message: message.unwrap_or_else(|| SanitizedText::excerpt(body)),
        }
    }

    /// Who can do something about it: by code, else by status.
    pub fn fault(&self) -> Fault {
        let by_code = self.code.as_ref().and_then(ErrorCode::fault);
        by_code.unwrap_or(match self.http_status {
            401 | 403 | 407 => Fault::Credentials,
            402 => Fault::Plan,
            405 | 406 | 411 | 413..=415 => Fault::Program,
            404 | 410 => Fault::Session,
            _ => Fault::User,
        })
    }

    /// Whether asking again helps.
    pub fn retry(&self) -> Retry {
        match &self.code {
            Some(code) => code.retry(),
            None if self.fault() == Fault::Credentials => Retry::AfterCorrection,
            None => Retry::Never,
        }
    }

    /// What the person can do.
    pub fn hint(&self) -> &'static str {
        let by_code = self.code.as_ref().and_then(ErrorCode::hint);
        by_code.unwrap_or(match self.fault() {
            Fault::Credentials => "check the API key, and that it belongs to this base URL",
            Fault::Plan => "ask FinBox about the plan",
            Fault::Program => "check the base URL; else look for a newer version of this program",
            Fault::Session => "check the session id and the base URL",
            Fault::User | Fault::File | Fault::Service | Fault::Network => {
                "correct what the message names"
            }
        })
    }
}

/// Code and message out of the shapes that the documentation shows:
/// `{"error": {code, message}}`, `{"detail"}`, `{"message"}` and `{"<field>": ["<text>"]}`.
fn shapes(value: &Value) -> (Option<ErrorCode>, Option<SanitizedText>) {
    let inner = match value.get("error") {
        Some(inner @ Value::Object(_)) => inner,
        _ => value,
    };
    let code = inner.get("code").and_then(Value::as_str);
    let code = code
        .filter(|code| !code.trim().is_empty())
        .map(ErrorCode::from_name);
    let mut named = ["message", "detail", "error"].iter();
    let message = named
        .find_map(|key| json::text(inner, key))
        .or_else(|| field_message(inner));
    (code, message)
}

/// `{"bank_name": ["Please use …"], "status": 0}` as `bank_name: Please use …`.
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
    fn every_documented_shape_is_read() {
        let check = |body: &str, code: Option<&str>, message: &str| {
            let refusal = ErrorResponse::read(400, body.as_bytes());
            assert_eq!(refusal.code.as_ref().map(ErrorCode::name), code, "{body}");
            assert_eq!(refusal.message.as_str(), message, "{body}");
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
    fn a_refusal_without_a_code_goes_by_its_status() {
        let fault = |status| ErrorResponse::read(status, b"").fault();
        assert_eq!(fault(403), Fault::Credentials);
        assert_eq!(fault(402), Fault::Plan);
        assert_eq!(fault(415), Fault::Program);
    }
}
