//! The API key and the server hash. Both are wiped after use and never printed.

use super::base_url::BaseUrl;
use super::wire::Redactor;
use crate::uploads::plan::{Owner, RequestDigest};
use bytes::Bytes;
use reqwest::header::HeaderValue;
use ring::hmac;
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

impl Credentials {
    /// Returns a redactor of the key, the hash and the password of a file.
    pub(super) fn redactor(&self, password: Option<&str>) -> Redactor {
        let hash = self.server_hash.as_ref().map(Secret::expose);
        let secrets = [Some(self.api_key.expose()), hash, password];
        Redactor::new(secrets.into_iter().flatten())
    }

    /// Returns the owner of what is sent with this key to a host.
    pub fn owner(&self, base: &BaseUrl) -> Owner {
        Owner::new(&self.keyed_hash(&["owner", &base.to_string()]))
    }

    /// Returns a digest of what an upload requests beside its file.
    pub(super) fn digest(
        &self,
        bank: Option<&str>,
        category: Option<&str>,
        password: Option<&str>,
    ) -> RequestDigest {
        let text = |text: Option<&str>| text.map_or_else(String::new, |text| format!("={text}"));
        let password = Zeroizing::new(text(password));
        RequestDigest::new(&self.keyed_hash(&["request", &text(bank), &text(category), &password]))
    }

    /// Returns the HMAC-SHA-256 of texts, keyed with the API key, which can't be derived from it.
    fn keyed_hash(&self, texts: &[&str]) -> [u8; 32] {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.api_key.expose().as_bytes());
        let mut context = hmac::Context::with_key(&key);
        for text in texts {
            // The length separates texts from each other.
            context.update(&(text.len() as u64).to_le_bytes());
            context.update(text.as_bytes());
        }
        let tag = context.sign();
        tag.as_ref().first_chunk().copied().unwrap_or_default()
    }
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
        let base = BaseUrl::parse("https://bank.example/api").unwrap();
        let other = Credentials {
            api_key: Secret::new("another").unwrap(),
            server_hash: None,
        };
        assert_eq!(credentials.owner(&base), credentials.owner(&base));
        assert_ne!(credentials.owner(&base), other.owner(&base));
        let digest = |bank, password| credentials.digest(bank, None, password);
        assert_ne!(digest(Some("hdfc"), None), digest(None, Some("hdfc")));
        assert_ne!(digest(None, Some("")), digest(None, None));
        assert_eq!(Secret::new(" \n").unwrap_err(), SecretError::Empty);
        assert_eq!(Secret::new("a\nb").unwrap_err(), SecretError::Characters);
        assert_eq!(Secret::new("ключ").unwrap_err(), SecretError::Characters);
        assert_eq!(
            Secret::new(&"x".repeat(5000)).unwrap_err(),
            SecretError::Length
        );
    }
}
