//! Keyed hashes by which the journal recognizes a key and a request, without storing either.

use crate::text::hex;
use std::fmt;

/// Length of a keyed hash in bytes: half of HMAC-SHA-256, too long to collide by chance.
const BYTES: usize = 16;

/// The owner of sessions and uploads: a host and an API key.
///
/// The key can't be derived from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Owner(KeyedHash);

/// What a request asked for beside the file: bank, category and password.
///
/// The service gives an equal request the same answer. The password can't be derived from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RequestDigest(KeyedHash);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct KeyedHash([u8; BYTES]);

impl Owner {
    /// Creates an owner from the first bytes of a keyed hash.
    pub fn new(hash: &[u8; 32]) -> Self {
        Self(KeyedHash::new(hash))
    }
}

impl RequestDigest {
    /// Creates a digest from the first bytes of a keyed hash.
    pub fn new(hash: &[u8; 32]) -> Self {
        Self(KeyedHash::new(hash))
    }
}

impl KeyedHash {
    fn new(hash: &[u8; 32]) -> Self {
        let mut first = [0; BYTES];
        first.copy_from_slice(hash.first_chunk::<BYTES>().unwrap_or(&[0; BYTES]));
        Self(first)
    }
}

impl fmt::Display for Owner {
    /// Writes hexadecimal digits in lower case.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for RequestDigest {
    /// Writes hexadecimal digits in lower case.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for KeyedHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}
