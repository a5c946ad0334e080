//! The API key and the server hash: wiped after use, and never shown.

use bytes::Bytes;
use reqwest::header::HeaderValue;
use rustix::process::{Resource, Rlimit, setrlimit};
use std::fmt;
use std::io;
use zeroize::Zeroizing;

/// Longer than any key; more is something else that was pasted or piped in.
const MAX_CHARS: usize = 4096;

/// A key or hash.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

/// Why a text is no key. The text is never repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SecretError {
    /// Nothing but white space.
    #[error("it is empty")]
    Empty,
    /// A key is one word of visible ASCII characters.
    #[error("it holds characters that no key has, such as spaces or a second line")]
    Characters,
    /// Much longer than a key.
    #[error("it is too long for a key")]
    Length,
}

impl Secret {
    /// Takes a key, without the white space around it.
    ///
    /// # Errors
    ///
    /// When it can't be a key.
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

    /// The secret itself, for the body of a request.
    pub(super) fn expose(&self) -> &str {
        &self.0
    }

    /// The secret as a header, marked so that it is left out of what is printed, and wiped with it.
    pub(super) fn header(&self) -> Option<HeaderValue> {
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

/// Bytes that are wiped when the last reader is done.
pub(super) struct Wiped(pub(super) Zeroizing<Vec<u8>>);

impl AsRef<[u8]> for Wiped {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// What proves who asks.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// Wanted by every endpoint.
    pub api_key: Secret,
    /// Wanted beside the key by all that ask about a session.
    pub server_hash: Option<Secret>,
}

/// Keeps what this process holds out of core dumps, and its memory from other programs of the same
/// user. To be called before a secret is read.
///
/// # Errors
///
/// When the system refuses.
pub fn disable_core_dumps() -> io::Result<()> {
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    setrlimit(Resource::Core, none)?;
    #[cfg(target_os = "linux")]
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_one_visible_word_and_is_never_shown() {
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
