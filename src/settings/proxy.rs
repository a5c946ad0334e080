//! Checks the proxy settings of the environment before anything is sent.
//!
//! The HTTP library ignores a setting that it can't use, and would connect directly.

use super::environment::variable;
use crate::error::AppError;
use url::{Host, Url};

/// Variables of a proxy for https, in pairs of which the first that is set counts.
const VARIABLES: [[&str; 2]; 2] = [["HTTPS_PROXY", "https_proxy"], ["ALL_PROXY", "all_proxy"]];

/// Checks the variables that name a proxy.
///
/// # Errors
///
/// If a variable that counts is not the address of an HTTP proxy.
pub(crate) fn check() -> Result<(), AppError> {
    for names in VARIABLES {
        let first = names
            .into_iter()
            .find_map(|name| Some((name, variable(name)?)));
        let Some((name, value)) = first else {
            continue;
        };
        if !value.to_str().is_some_and(is_http_proxy) {
            return Err(AppError::usage(
                format!("{name} is not the address of an HTTP proxy"),
                format!("set {name} to http://HOST:PORT, or unset it"),
            ));
        }
    }
    Ok(())
}

/// Returns whether a text is the address of a proxy that the HTTP library can use: a host with an
/// optional scheme, port and credentials.
fn is_http_proxy(text: &str) -> bool {
    if text.trim() != text || text.contains(char::is_whitespace) {
        return false;
    }
    let with_scheme = if text.contains("://") {
        text.to_owned()
    } else {
        format!("http://{text}")
    };
    let Ok(url) = Url::parse(&with_scheme) else {
        return false;
    };
    let is_host = match url.host() {
        Some(Host::Domain(name)) => is_domain(name),
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => true,
        None => false,
    };
    matches!(url.scheme(), "http" | "https")
        && is_host
        && url.port() != Some(0)
        && matches!(url.path(), "" | "/")
        && url.query().is_none()
        && url.fragment().is_none()
}

/// Returns whether a name has the form of a domain (RFC 1123, section 2.1).
fn is_domain(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    let is_label = |label: &str| {
        let is_allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        !label.is_empty() && label.len() <= 63 && label.bytes().all(is_allowed)
    };
    !name.is_empty() && name.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_http_proxies_are_accepted() {
        for valid in [
            "http://proxy.example:3128",
            "proxy.example:3128",
            "proxy",
            "https://user:secret@proxy.example",
            "http://[::1]:8080/",
            "127.0.0.1:8080",
        ] {
            assert!(is_http_proxy(valid), "{valid}");
        }
        for invalid in [
            "http://",
            "http://proxy:99999",
            "http://proxy:-1",
            "http://proxy:port",
            "http://proxy:0",
            "proxy:99999",
            "socks5://proxy:1080",
            "ftp://proxy",
            "http:/proxy",
            "://proxy",
            "http://pro xy",
            "http://proxy/path",
            "http://a..b",
            "http://%",
            " http://proxy",
        ] {
            assert!(!is_http_proxy(invalid), "{invalid}");
        }
    }
}
