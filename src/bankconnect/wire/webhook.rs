//! The response to the registration of a webhook.

use super::json;

/// Parses the response of `update_webhook`; `None` if it does not report a success.
pub fn parse_webhook_registered(body: &[u8]) -> Option<()> {
    let message = json::text(&json::parse(body)?, "message")?;
    message
        .as_str()
        .trim()
        .eq_ignore_ascii_case("success")
        .then_some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_documented_message_is_a_success() {
        let parse = |body: &str| parse_webhook_registered(body.as_bytes());
        assert_eq!(parse(r#"{"message": "success"}"#), Some(()));
        assert_eq!(parse(r#"{"message": "failed"}"#), None);
        assert_eq!(parse("{}"), None);
        assert_eq!(parse("<html>"), None);
    }
}
