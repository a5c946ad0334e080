//! The URL of a webhook, which the service calls when uploads are completed or processing ends.

use super::base_url::is_loopback;
use std::fmt;
use url::Url;

/// Maximum length of a webhook URL. Assumed: the service documents this limit for its redirect URL.
const MAX_CHARS: usize = 200;

/// A webhook URL. It may contain a token, so debug output shows its origin only.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookUrl(Url);

/// An invalid webhook URL. Errors never repeat the text, because it may contain a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WebhookUrlError {
    /// The text is not a URL.
    #[error("invalid URL")]
    Syntax(#[from] url::ParseError),
    /// The text contains white space or control characters.
    #[error("the URL contains white space or control characters")]
    Characters,
    /// The scheme is http and the host is not loopback.
    ///
    /// Over plain http, every network on the route could read the account data in the calls.
    #[error("plain http is allowed for loopback addresses only; use https")]
    PlainHttp,
    /// The scheme is neither https nor http.
    #[error("unsupported scheme; use https")]
    Scheme,
    /// The URL has a user name or password.
    #[error("the URL contains a user name or password")]
    Credentials,
    /// The URL is too long.
    #[error("the URL is longer than {MAX_CHARS} characters")]
    Length,
}

impl WebhookUrl {
    /// Parses a webhook URL.
    ///
    /// # Errors
    ///
    /// Returns the first rule that the text violates.
    pub fn parse(text: &str) -> Result<Self, WebhookUrlError> {
        // The parser would remove them silently.
        if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(WebhookUrlError::Characters);
        }
        let url = Url::parse(text)?;
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&url) => {}
            "http" => return Err(WebhookUrlError::PlainHttp),
            _ => return Err(WebhookUrlError::Scheme),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(WebhookUrlError::Credentials);
        }
        // The parsed URL is ASCII, and it is the text that is sent.
        if url.as_str().len() > MAX_CHARS {
            return Err(WebhookUrlError::Length);
        }
        Ok(Self(url))
    }

    /// Returns scheme, host and port, which contain no token.
    pub fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    /// Returns the whole URL, for the request.
    pub(super) fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Debug for WebhookUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WebhookUrl({}/…)", self.origin())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_webhook_url_uses_https_except_for_loopback() {
        for valid in [
            "https://hooks.example.com/bank?token=1",
            "http://127.0.0.1:8080/hook",
            "http://localhost/hook",
            "http://[::1]/",
        ] {
            assert!(WebhookUrl::parse(valid).is_ok(), "{valid}");
        }
        let error = |text: &str| WebhookUrl::parse(text).unwrap_err();
        assert_eq!(error("http://example.com/"), WebhookUrlError::PlainHttp);
        // The user name looks like a loopback host.
        assert_eq!(error("http://127.0.0.1@a.com"), WebhookUrlError::PlainHttp);
        assert_eq!(error("ftp://127.0.0.1/"), WebhookUrlError::Scheme);
        assert_eq!(error("javascript:alert(1)"), WebhookUrlError::Scheme);
        assert_eq!(
            error("https://user:pw@a.com/"),
            WebhookUrlError::Credentials
        );
        assert_eq!(error("https://user@a.com/"), WebhookUrlError::Credentials);
        assert_eq!(error("https://a.com/ b"), WebhookUrlError::Characters);
        assert_eq!(error("https://a.com/\n"), WebhookUrlError::Characters);
        assert!(matches!(error("a.com/hook"), WebhookUrlError::Syntax(_)));
        assert!(matches!(error(""), WebhookUrlError::Syntax(_)));
    }

    #[test]
    fn a_webhook_url_has_at_most_200_characters() {
        let url = |chars: usize| format!("https://a.com/{}", "x".repeat(chars - 14));
        assert!(WebhookUrl::parse(&url(200)).is_ok());
        assert_eq!(WebhookUrl::parse(&url(201)), Err(WebhookUrlError::Length));
    }

    #[test]
    fn debug_output_shows_the_origin_only() {
        let url = WebhookUrl::parse("https://a.com:8443/canary?canary").unwrap();
        assert_eq!(format!("{url:?}"), "WebhookUrl(https://a.com:8443/…)");
    }
}
