//! Statements and accounts of the cases that were sent, by keyed hash.
//!
//! An account number is short enough to be guessed from a plain hash, so the hashes have a key. It
//! is in a file beside the journal that only the user can read.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this module reads and creates the key file"
)]

use super::error::JournalError;
use super::reader::JournalReader;
use super::writer::Journal;
use crate::screen::ContentHash;
use crate::screen::cases::{Shared, StatementIdentity};
use crate::statement::AccountKey;
use crate::text::hex;
use crate::uploads::plan::Owner;
use jiff::Timestamp;
use ring::hmac;
use ring::rand::SystemRandom;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// Name of the key file.
const KEY_NAME: &str = "case-key";
/// Length of the key.
const KEY_BYTES: usize = 32;

/// The key of the hashes.
pub struct CaseKey(hmac::Key);

/// A keyed hash of a statement or an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseDigest {
    digest: String,
    shared: Shared,
}

/// A case that was sent.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SentCase {
    /// The SHA-256 of its name.
    pub link: ContentHash,
    /// Host and key, as text.
    pub owner: String,
}

impl CaseKey {
    /// Reads the key beside the journal in a folder; `None` if there is none.
    ///
    /// # Errors
    ///
    /// If the file can't be read or has another length.
    pub fn read(dir: &Path) -> io::Result<Option<Self>> {
        let bytes = match fs::read(dir.join(KEY_NAME)) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        if bytes.len() != KEY_BYTES {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "the key of case hashes has another length",
            ));
        }
        Ok(Some(Self(hmac::Key::new(hmac::HMAC_SHA256, &bytes))))
    }

    /// Reads the key, and creates it if there is none.
    ///
    /// # Errors
    ///
    /// If the file can't be read or created, or the system has no random bytes.
    pub fn read_or_create(dir: &Path) -> io::Result<Self> {
        if let Some(key) = Self::read(dir)? {
            return Ok(key);
        }
        let bytes: [u8; KEY_BYTES] = ring::rand::generate(&SystemRandom::new())
            .map_err(|_unspecified| io::Error::other("no random bytes"))?
            .expose();
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).mode(0o600);
        match options.open(dir.join(KEY_NAME)) {
            Ok(mut file) => {
                file.write_all(&bytes)?;
                file.sync_all()?;
            }
            // Another process was faster.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
        Self::read(dir)?.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    }

    /// Returns the hashes of a statement and its account.
    pub fn digests(&self, identity: &StatementIdentity) -> Vec<CaseDigest> {
        let content = ("content", identity.content.to_string(), Shared::Statement);
        let text = identity.text.and_then(|text| {
            let text = serde_json::to_string(&text).ok()?;
            Some(("text", text, Shared::Statement))
        });
        let account = identity
            .account
            .map(|account| ("account", account.to_string(), Shared::Account));
        let parts = [Some(content), text, account].into_iter().flatten();
        let digests = parts.map(|(kind, value, shared)| {
            let tag = hmac::sign(&self.0, format!("{kind} {value}").as_bytes());
            let digest = hex(tag.as_ref());
            CaseDigest { digest, shared }
        });
        digests.collect()
    }
}

impl CaseKey {
    /// Returns the hash of an account, as learnt forms count it.
    pub(super) fn account(&self, account: AccountKey) -> String {
        let text = [b"form ", account.bytes()].concat();
        hex(hmac::sign(&self.0, &text).as_ref())
    }
}

impl Journal {
    /// Stores what a case contains that is sent. `link` is the hash of its name.
    ///
    /// # Errors
    ///
    /// Returns an error if the change cannot be committed.
    pub fn remember_case(
        &mut self,
        link: ContentHash,
        digests: &[CaseDigest],
        at: Timestamp,
    ) -> Result<(), JournalError> {
        let owner = self.owner_text();
        self.change(|connection| {
            let sql = "INSERT INTO case_statements (owner, link, digest, at)
                VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";
            let mut insert = connection.prepare(sql)?;
            for CaseDigest { digest, .. } in digests {
                let row = (&owner, link.to_string(), digest, at.as_millisecond());
                insert.execute(row)?;
            }
            Ok(())
        })
    }
}

impl JournalReader {
    /// Returns the cases that contained one of these statements or accounts, and which of them.
    ///
    /// # Errors
    ///
    /// Returns an error if the database cannot be read.
    pub fn cases_with(
        &self,
        digests: &[CaseDigest],
    ) -> Result<Vec<(Shared, SentCase)>, JournalError> {
        let sql = "SELECT link, owner FROM case_statements WHERE digest = ?1";
        self.with_connection(|connection| {
            let mut select = connection.prepare(sql)?;
            let mut found = Vec::new();
            for CaseDigest { digest, shared } in digests {
                let rows = select.query_map([digest], |row| {
                    Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
                })?;
                for row in rows {
                    let (link, owner) = row?;
                    if let Some(link) = ContentHash::from_hex(&link) {
                        found.push((*shared, SentCase { link, owner }));
                    }
                }
            }
            Ok(found)
        })
    }
}

impl SentCase {
    /// Returns whether the case belongs to another host or key.
    pub fn is_of_another(&self, owner: Owner) -> bool {
        self.owner != owner.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn the_key_is_private_and_stays_the_same() {
        let folder = tempfile::tempdir().unwrap();
        assert!(CaseKey::read(folder.path()).unwrap().is_none());
        let identity = StatementIdentity {
            content: ContentHash::of(b"file"),
            text: None,
            account: Some(ContentHash::of(b"account")),
        };
        let first = CaseKey::read_or_create(folder.path()).unwrap();
        let second = CaseKey::read_or_create(folder.path()).unwrap();
        assert_eq!(first.digests(&identity), second.digests(&identity));
        let file = folder.path().join(KEY_NAME);
        let mode = fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let other = tempfile::tempdir().unwrap();
        let other = CaseKey::read_or_create(other.path()).unwrap();
        assert_ne!(first.digests(&identity), other.digests(&identity));
        fs::write(&file, b"short").unwrap();
        assert!(CaseKey::read(folder.path()).is_err());
    }
}
