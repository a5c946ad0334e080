//! The base URL of the service: one origin, with TLS unless it is loopback.

use std::fmt;
use std::net::IpAddr;
use url::{Host, Url};

/// The root of the API, before `/v1`. Credentials are sent to its origin only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl(Url);

/// An invalid base URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BaseUrlError {
    /// The text is not a URL.
    #[error("invalid URL")]
    Syntax(#[from] url::ParseError),
    /// The scheme is http and the host is not loopback.
    ///
    /// Plain http would expose the API key and the statements to every network on the route.
    #[error("plain http is allowed for loopback addresses only; use https")]
    PlainHttp,
    /// The scheme is neither https nor http.
    #[error("unsupported scheme; use https")]
    Scheme,
    /// The URL has a user name, password, query or fragment.
    #[error("only a scheme, host, port and path are allowed")]
    ExtraParts,
    /// The path ends in the API version, which bankscreen appends itself.
    #[error("the path must end before /v1")]
    Version,
}

impl BaseUrl {
    /// The production service.
    pub const PRODUCTION: &str = "https://apis.bankconnect.finbox.in/bank-connect";

    /// Parses a base URL.
    ///
    /// # Errors
    ///
    /// Returns the first rule that the text violates. Errors never repeat the text, because it may
    /// contain a password.
    pub fn parse(text: &str) -> Result<Self, BaseUrlError> {
        let url = Url::parse(text.trim())?;
        // `http://127.0.0.1@example.com` looks like loopback, but `127.0.0.1` is the user name.
        let has_extra_parts = !url.username().is_empty()
            || url.password().is_some()
            || url.query().is_some()
            || url.fragment().is_some();
        if has_extra_parts {
            return Err(BaseUrlError::ExtraParts);
        }
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&url) => {}
            "http" => return Err(BaseUrlError::PlainHttp),
            _ => return Err(BaseUrlError::Scheme),
        }
        let path = url.path().trim_end_matches('/');
        if ["/v1", "/v2"].iter().any(|version| path.ends_with(version)) {
            return Err(BaseUrlError::Version);
        }
        Ok(Self(url))
    }

    /// Returns the URL of an endpoint. Each segment is escaped, and the path ends in a slash.
    pub(super) fn endpoint(&self, segments: &[&str]) -> Url {
        let mut url = self.0.clone();
        // Fails for URLs such as `mailto:` only; http and https URLs always have path segments.
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments).push("");
        }
        url
    }

    /// Returns a short name for users: `FinBox` for the production service, else the host, with the
    /// port if it is not the usual one.
    pub fn server_name(&self) -> String {
        if self.to_string() == Self::PRODUCTION {
            return "FinBox".to_owned();
        }
        let host = self.0.host_str().unwrap_or_default();
        match self.0.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        }
    }

    /// Returns whether the host is loopback. Then plain http is allowed and no proxy is used.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.0)
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

/// Returns whether the host of a URL is loopback.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => IpAddr::from(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::from(address).is_loopback(),
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_production_service_is_named_so() {
        let name = |text| BaseUrl::parse(text).unwrap().server_name();
        assert_eq!(name(BaseUrl::PRODUCTION), "FinBox");
        assert_eq!(
            name("https://apis.bankconnect.finbox.in/bank-connect/"),
            "FinBox"
        );
        let other = "https://apis.bankconnect.finbox.in.example/bank-connect";
        assert_eq!(name(other), "apis.bankconnect.finbox.in.example");
        assert_eq!(name("https://APIS.example:8443/x"), "apis.example:8443");
        assert_eq!(name("http://127.0.0.1:9000"), "127.0.0.1:9000");
        let path = "https://apis.bankconnect.finbox.in/other";
        assert_eq!(name(path), "apis.bankconnect.finbox.in", "another API");
    }

    #[test]
    fn plain_http_is_rejected_except_for_loopback() {
        let error = |text| BaseUrl::parse(text).unwrap_err();
        assert_eq!(
            error("http://example.com/bank-connect"),
            BaseUrlError::PlainHttp
        );
        assert_eq!(
            error("http://localhost.example.com"),
            BaseUrlError::PlainHttp
        );
        assert_eq!(
            error("http://127.0.0.1@example.com"),
            BaseUrlError::ExtraParts
        );
        assert_eq!(error("ftp://127.0.0.1"), BaseUrlError::Scheme);
        assert_eq!(
            error("https://user:pw@example.com"),
            BaseUrlError::ExtraParts
        );
        assert_eq!(
            error("https://example.com/?key=1"),
            BaseUrlError::ExtraParts
        );
        assert_eq!(error("https://example.com/v1/"), BaseUrlError::Version);
        assert!(matches!(error("example.com"), BaseUrlError::Syntax(_)));
        for valid in [
            "http://127.0.0.1:1",
            "http://[::1]/x",
            "http://localhost",
            "https://x.in/",
        ] {
            assert!(BaseUrl::parse(valid).is_ok(), "{valid}");
        }
        assert!(BaseUrl::parse(BaseUrl::PRODUCTION).is_ok_and(|base| !base.is_loopback()));
    }

    #[test]
    fn endpoint_segments_are_escaped_and_the_path_ends_in_a_slash() {
        let check = |base: &str, expected: &str| {
            let url = BaseUrl::parse(base)
                .unwrap()
                .endpoint(&["v1", "a/b?c", "progress"]);
            assert_eq!(url.as_str(), expected);
        };
        check(
            "https://x.in/bank-connect",
            "https://x.in/bank-connect/v1/a%2Fb%3Fc/progress/",
        );
        check(
            "https://x.in/bank-connect/",
            "https://x.in/bank-connect/v1/a%2Fb%3Fc/progress/",
        );
        check("https://x.in", "https://x.in/v1/a%2Fb%3Fc/progress/");
    }
}
