//! Detects how a document is encrypted and which candidate password opens it (ISO 32000-2, 7.6).
//!
//! Passwords are checked against the encryption dictionary alone, so that no attempt loads the
//! document. lopdf checks first; `pdf` checks what lopdf rejects. Neither engine supports every
//! dictionary in use. Together they accept every known password and no wrong one.

use super::catch_panic::catch_panic;
use super::encrypt_dict::{self, EncryptDict};
use super::keyword_index::KeywordIndex;
use lopdf::{Dictionary, Object};
use md5::{Digest, Md5};
use serde::{Deserialize, Serialize};
use std::fmt;
use zeroize::Zeroizing;

/// A candidate password. It is wiped from memory on drop, and its debug form hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(Zeroizing<String>);

impl Password {
    /// Takes a password verbatim: UTF-8, spaces included.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(Zeroizing::new(secret.into()))
    }

    /// Returns the secret, for the engines that check it and the upload that sends it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// Whether a document's content can be decrypted, and what that takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum EncryptionStatus {
    /// Not encrypted.
    None,
    /// Encrypted, but readable without a password.
    Open,
    /// Decrypted with a candidate password.
    Unlocked,
    /// Encrypted; no candidate password matches.
    Locked,
}

/// A document's encryption, as screening reports it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Encryption {
    /// Whether the content can be decrypted.
    pub status: EncryptionStatus,
    /// The algorithm, such as `RC4-40` or `AES-256`, or the name of a non-standard handler.
    pub method: Option<String>,
    /// The revision of the standard security handler (`R`).
    pub revision: Option<i64>,
    /// The index of the candidate password that matches.
    pub opened_by: Option<usize>,
}

impl Encryption {
    /// The value for documents that are not encrypted.
    pub const NONE: Self = Self {
        status: EncryptionStatus::None,
        method: None,
        revision: None,
        opened_by: None,
    };
}

/// Which of a document's two passwords a candidate matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PasswordRole {
    User,
    Owner,
}

/// A document's security handler: the encryption dictionary and what checking passwords requires.
pub(super) struct SecurityHandler {
    /// Contains only the encryption dictionary and the file identifier: lopdf's checks take a
    /// document.
    document: lopdf::Document,
    /// The dictionary as parsed by `pdf`, if it can parse it.
    pdf_dict: Option<pdf::crypt::CryptDict>,
    file_id: Vec<u8>,
    /// The name of a handler other than the standard one.
    nonstandard: Option<String>,
    version: i64,
    revision: i64,
    method: Option<String>,
    encrypts_content: bool,
}

/// The padding of passwords up to revision 4 (ISO 32000-2, 7.6.4.3.2, step a).
const PADDING: [u8; 32] = *b"\x28\xBF\x4E\x5E\x4E\x75\x8A\x41\x64\x00\x4E\x56\xFF\xFA\x01\x08\
\x2E\x2E\x00\xB6\xD0\x68\x3E\x80\x2F\x0C\xA9\xFE\x64\x53\x69\x7A";

impl SecurityHandler {
    /// Finds the encryption dictionary of a file without loading the file.
    pub(super) fn find(keywords: &KeywordIndex<'_>) -> Option<Self> {
        let EncryptDict {
            dict,
            pdf_dict,
            file_id,
        } = encrypt_dict::find(keywords)?;
        let handler = name(&dict, b"Filter").unwrap_or_else(|| "unknown".to_owned());
        let version = integer(&dict, b"V").unwrap_or(0);
        let revision = integer(&dict, b"R").unwrap_or(0);
        let (method, encrypts_content) = method(&dict, version);
        let mut document = lopdf::Document::new();
        document.objects.insert((1, 0), Object::Dictionary(dict));
        document.trailer.set("Encrypt", Object::Reference((1, 0)));
        let element = Object::String(file_id.clone(), lopdf::StringFormat::Hexadecimal);
        document.trailer.set("ID", vec![element.clone(), element]);
        Some(Self {
            document,
            pdf_dict,
            file_id,
            nonstandard: (handler != "Standard").then_some(handler),
            version,
            revision,
            method,
            encrypts_content,
        })
    }

    /// Returns whether passwords can be checked: the standard handler in a specified version.
    pub(super) fn is_supported(&self) -> bool {
        self.nonstandard.is_none() && matches!(self.version, 1 | 2 | 4 | 5)
    }

    /// Returns whether streams and strings are stored unencrypted nevertheless (identity filters).
    pub(super) fn encrypts_nothing(&self) -> bool {
        self.nonstandard.is_none() && !self.encrypts_content
    }

    pub(super) fn describe(
        &self,
        status: EncryptionStatus,
        opened_by: Option<usize>,
    ) -> Encryption {
        let is_standard = self.nonstandard.is_none();
        Encryption {
            status,
            method: self.nonstandard.clone().or_else(|| self.method.clone()),
            revision: (is_standard && self.revision > 0).then_some(self.revision),
            opened_by,
        }
    }

    /// Checks one password. Returns the role of the password that it matches.
    pub(super) fn check(&self, password: &Password) -> Option<PasswordRole> {
        let secret = password.expose();
        if self.document.authenticate_user_password(secret).is_ok() {
            return Some(PasswordRole::User);
        }
        if self.document.authenticate_owner_password(secret).is_ok() {
            return Some(PasswordRole::Owner);
        }
        // Up to revision 4, passwords are bytes without a fixed encoding; some writers used UTF-8.
        let raw = secret.as_bytes();
        if !secret.is_ascii() && self.document.authenticate_raw_user_password(raw).is_ok() {
            return Some(PasswordRole::User);
        }
        // `pdf` panics on some dictionaries.
        let dict = self.pdf_dict.as_ref()?;
        catch_panic(|| pdf::crypt::Decoder::from_password(dict, &self.file_id, raw).is_ok())
            .filter(|accepted| *accepted)
            .map(|_accepted| PasswordRole::User)
    }

    /// Derives the user password from the owner password, up to revision 4
    /// (ISO 32000-2, 7.6.4.4.6, algorithm 7). Later revisions do not allow this.
    pub(super) fn user_password(&self, owner: &Password) -> Option<Password> {
        if !(2..=4).contains(&self.revision) {
            return None;
        }
        let dict = self.document.get_encrypted().ok()?;
        let mut user = dict.get(b"O").ok()?.as_str().ok()?.get(..32)?.to_vec();
        let key_bytes = match self.version {
            1 => 5,
            4 => 16,
            _ => integer(dict, b"Length").map_or(5, |bits| (bits / 8).clamp(5, 16) as usize),
        };
        // Derive the key from the owner password (algorithm 3, steps a to d).
        let mut padded = owner.expose().as_bytes().to_vec();
        padded.extend_from_slice(&PADDING);
        let mut digest = Md5::digest(padded.get(..32)?);
        if self.revision >= 3 {
            for _ in 0..50 {
                digest = Md5::digest(digest.get(..key_bytes)?);
            }
        }
        let key = digest.get(..key_bytes)?;
        // Decrypt the owner entry with it. From revision 3 on, this takes 20 rounds.
        let rounds = if self.revision >= 3 { 20 } else { 1 };
        for round in (0..rounds).rev() {
            let round_key: Vec<u8> = key.iter().map(|byte| byte ^ round).collect();
            pdf::crypt::Rc4::encrypt(&round_key, &mut user);
        }
        // The user password is the part before the padding.
        let len = (0..=user.len()).find(|len| PADDING.starts_with(user.get(*len..).unwrap_or(&[])));
        user.truncate(len?);
        String::from_utf8(user).ok().map(Password::new)
    }
}

/// Returns the name of the algorithm, and whether it encrypts streams or strings at all.
fn method(dict: &Dictionary, version: i64) -> (Option<String>, bool) {
    let bits = integer(dict, b"Length");
    match version {
        1 => (Some("RC4-40".to_owned()), true),
        2 | 3 => (Some(format!("RC4-{}", bits.unwrap_or(40))), true),
        4 | 5 => crypt_filter_method(dict, bits),
        _ => (None, true),
    }
}

/// Returns the algorithm of the crypt filter for streams (ISO 32000-2, 7.6.6).
fn crypt_filter_method(dict: &Dictionary, bits: Option<i64>) -> (Option<String>, bool) {
    let filter_name = name(dict, b"StmF").unwrap_or_else(|| "Identity".to_owned());
    let filter = dict
        .get(b"CF")
        .and_then(Object::as_dict)
        .and_then(|filters| filters.get(filter_name.as_bytes()))
        .and_then(Object::as_dict)
        .ok();
    let cfm = filter.and_then(|filter| name(filter, b"CFM"));
    let encrypts_streams = filter_name != "Identity" && cfm.as_deref() != Some("None");
    // If streams are not encrypted, the filter for strings or attachments has the algorithm.
    let cfm = cfm
        .filter(|_| encrypts_streams)
        .or_else(|| any_method(dict));
    let method = match cfm.as_deref() {
        Some("V2") => {
            let length = filter.and_then(|filter| integer(filter, b"Length"));
            // Writers disagree whether this length is in bytes or in bits.
            let length = length.map(|length| {
                if (1..=16).contains(&length) {
                    length * 8
                } else {
                    length
                }
            });
            Some(format!("RC4-{}", length.or(bits).unwrap_or(128)))
        }
        Some("AESV2") => Some("AES-128".to_owned()),
        Some("AESV3") => Some("AES-256".to_owned()),
        _ => None,
    };
    let encrypts_strings = name(dict, b"StrF").is_some_and(|filter| filter != "Identity");
    (method, encrypts_streams || encrypts_strings)
}

/// Returns the algorithm of the first crypt filter that has one.
fn any_method(dict: &Dictionary) -> Option<String> {
    let filters = dict.get(b"CF").and_then(Object::as_dict).ok()?;
    filters
        .iter()
        .filter_map(|(_, filter)| name(filter.as_dict().ok()?, b"CFM"))
        .find(|method| method != "None")
}

fn name(dict: &Dictionary, key: &[u8]) -> Option<String> {
    let name = dict.get(key).and_then(Object::as_name).ok()?;
    Some(String::from_utf8_lossy(name).into_owned())
}

fn integer(dict: &Dictionary, key: &[u8]) -> Option<i64> {
    dict.get(key).and_then(Object::as_i64).ok()
}
