//! The API key and the server hash. Both are wiped after use and never printed.

use bytes::Bytes;
use reqwest::header::HeaderValue;
use rustix::process::{Resource, Rlimit, setrlimit};
use std::fmt;
use std::io;
use zeroize::Zeroizing;

/// Maximum length of a secret. A longer text is not a key, but something pasted or piped by
/// mistake.
const MAX_CHARS: usize = 4096;

/// An API key or a server hash.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

/// An invalid secret. The error never repeats the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SecretError {
    /// The text is empty or consists of white space.
    #[error("the value is empty")]
    Empty,
    /// A character is not visible ASCII, such as a space or a line break.
    #[error("the value contains characters that are not allowed, such as spaces or line breaks")]
    Characters,
    /// The text is longer than any key.
    #[error("the value is longer than {MAX_CHARS} characters")]
    Length,
}

impl Secret {
    /// Parses a secret and removes surrounding white space.
    ///
    /// # Errors
    ///
    /// Returns an error if the text is empty, too long, or contains a character that is not
    /// visible ASCII.
    pub fn new(text: &str) -> Result<Self, SecretError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(SecretError::Empty);
        }
        if text.len() > MAX_CHARS {
            return Err(SecretError::Length);
        }
        if !text.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(SecretError::Characters);
        }
        Ok(Self(Zeroizing::new(text.to_owned())))
    }

    /// Returns the secret itself, for the body of a request.
    pub(super) fn expose(&self) -> &str {
        &self.0
    }

    /// Returns the secret as a header value that is wiped after use.
    ///
    /// The value is marked as sensitive, so debug output omits it.
    pub(super) fn header(&self) -> Option<HeaderValue> {
        // `HeaderValue::from_str` would make a copy that is not wiped.
        let copy = Wiped(Zeroizing::new(self.0.as_bytes().to_vec()));
        let mut value = HeaderValue::from_maybe_shared(Bytes::from_owner(copy)).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Bytes that are wiped when the last reference is dropped.
pub(super) struct Wiped(pub(super) Zeroizing<Vec<u8>>);

impl AsRef<[u8]> for Wiped {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// The credentials of the API.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// Required by every endpoint.
    pub api_key: Secret,
    /// Required, together with the key, by all calls about an existing session.
    pub server_hash: Option<Secret>,
}

/// Disables core dumps, and denies other processes of the same user access to this process's
/// memory. Call it before reading a secret.
///
/// # Errors
///
/// Returns an error if the operating system rejects a limit.
pub fn disable_core_dumps() -> io::Result<()> {
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    setrlimit(Resource::Core, none)?;
    // Also denies other processes of the same user to attach or to read the memory.
    #[cfg(target_os = "linux")]
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_visible_ascii_and_never_printed() {
        let secret = Secret::new(" canary-key\n").unwrap();
        assert_eq!(secret.expose(), "canary-key");
        let credentials = Credentials {
            api_key: secret.clone(),
            server_hash: Some(secret.clone()),
        };
        assert!(!format!("{credentials:?}{:?}", secret.header().unwrap()).contains("canary"));
        assert_eq!(Secret::new(" \n").unwrap_err(), SecretError::Empty);
        assert_eq!(Secret::new("a\nb").unwrap_err(), SecretError::Characters);
        assert_eq!(Secret::new("ключ").unwrap_err(), SecretError::Characters);
        assert_eq!(
            Secret::new(&"x".repeat(5000)).unwrap_err(),
            SecretError::Length
        );
    }
}
