//! Where the service is: one origin, over TLS unless it is this machine.

use std::fmt;
use std::net::IpAddr;
use url::{Host, Url};

/// The root of the API, before `/v1`. The key is sent to its origin and to no other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl(Url);

/// Why a text is no base URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BaseUrlError {
    /// It can't be read as a URL.
    #[error("it is no URL: {0}")]
    Syntax(#[from] url::ParseError),
    /// Plain http would show the key and the statements to everyone on the way.
    #[error("plain http is for this machine only")]
    Plain,
    /// Neither https nor http.
    #[error("its scheme is neither https nor http")]
    Scheme,
    /// It has a user, password, query or fragment.
    #[error("it holds more than scheme, host, port and path")]
    Extra,
    /// It ends in the version, which is added to it.
    #[error("it must end before /v1")]
    Version,
}

impl BaseUrl {
    /// The service in production.
    pub const PRODUCTION: &str = "https://apis.bankconnect.finbox.in/bank-connect";

    /// Reads a base URL.
    ///
    /// # Errors
    ///
    /// What is wrong with it; nothing that could hold a password is repeated.
    pub fn parse(text: &str) -> Result<Self, BaseUrlError> {
        let url = Url::parse(text.trim())?;
        let extra = !url.username().is_empty()
            || url.password().is_some()
            || url.query().is_some()
            || url.fragment().is_some();
        if extra {
            return Err(BaseUrlError::Extra);
        }
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&url) => {}
            "http" => return Err(BaseUrlError::Plain),
            _ => return Err(BaseUrlError::Scheme),
        }
        let path = url.path().trim_end_matches('/');
        if ["/v1", "/v2"].iter().any(|version| path.ends_with(version)) {
            return Err(BaseUrlError::Version);
        }
        Ok(Self(url))
    }

    /// The address of an endpoint. Every segment is escaped, and the path ends in a slash.
    pub(super) fn endpoint(&self, segments: &[&str]) -> Url {
        let mut url = self.0.clone();
        // Only URLs that can't be a base have no path segments; http and https always can.
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments).push("");
        }
        url
    }

    /// Whether it is this machine: then no proxy is asked, and plain http may be used.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.0)
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

fn is_loopback(url: &Url) -> bool {
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
    fn only_this_machine_may_be_spoken_to_in_clear() {
        let refused = |text| BaseUrl::parse(text).unwrap_err();
        assert_eq!(
            refused("http://example.com/bank-connect"),
            BaseUrlError::Plain
        );
        assert_eq!(refused("http://localhost.example.com"), BaseUrlError::Plain);
        assert_eq!(refused("http://127.0.0.1@example.com"), BaseUrlError::Extra);
        assert_eq!(refused("ftp://127.0.0.1"), BaseUrlError::Scheme);
        assert_eq!(refused("https://user:pw@example.com"), BaseUrlError::Extra);
        assert_eq!(refused("https://example.com/?key=1"), BaseUrlError::Extra);
        assert_eq!(refused("https://example.com/v1/"), BaseUrlError::Version);
        assert!(matches!(refused("example.com"), BaseUrlError::Syntax(_)));
        for fine in [
            "http://127.0.0.1:1",
            "http://[::1]/x",
            "http://localhost",
            "https://x.in/",
        ] {
            assert!(BaseUrl::parse(fine).is_ok(), "{fine}");
        }
        assert!(BaseUrl::parse(BaseUrl::PRODUCTION).is_ok_and(|base| !base.is_loopback()));
    }

    #[test]
    fn endpoints_are_escaped_and_end_in_a_slash() {
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
