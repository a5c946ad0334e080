//! Detects how a document is encrypted and which candidate password opens it (ISO 32000-2, 7.6).
//!
//! Passwords are checked against the encryption dictionary alone, so that no attempt loads the
//! document. lopdf checks first; `pdf` checks what lopdf rejects. Neither engine supports every
//! dictionary in use. Together they accept every known password and no wrong one.
//!
//! lopdf rejects dictionaries with a wrong key length. It therefore checks copies of the
//! dictionary, one per key length that other readers assume.

use super::catch_panic::catch_panic;
use super::decrypt::{Algorithm, ContentKey};
use super::encrypt_dict::{self, EncryptDict};
use super::fast_key::{self, Owner};
use super::keyword_index::KeywordIndex;
use super::password::{Password, PasswordBytes, PasswordForm};
use lopdf::encryption::DecryptionError;
use lopdf::{Dictionary, EncryptionState, Object};
use md5::{Digest, Md5};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

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
    /// The form in which that candidate matches.
    pub password_form: PasswordForm,
}

impl Encryption {
    /// The value for documents that are not encrypted.
    pub const NONE: Self = Self {
        status: EncryptionStatus::None,
        method: None,
        revision: None,
        opened_by: None,
        password_form: PasswordForm::Literal,
    };
}

/// Which of a document's two passwords a candidate matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PasswordRole {
    User,
    Owner,
}

/// A candidate password that an encryption dictionary accepts.
pub(super) struct Match {
    pub(super) role: PasswordRole,
    /// The form of the candidate.
    pub(super) form: PasswordForm,
    /// The bytes of that form in the encoding that matches.
    bytes: PasswordBytes,
    /// The index of the copy of the encryption dictionary.
    copy: usize,
}

impl Match {
    /// Returns the bytes as text, for the engines that take text; `None` if they are not UTF-8.
    pub(super) fn text(&self) -> Option<Password> {
        std::str::from_utf8(&self.bytes).ok().map(Password::new)
    }
}

/// A copy of the encryption dictionary with a key length that lopdf accepts.
struct DictCopy {
    /// Contains only the encryption dictionary and the file identifier: lopdf's checks take a
    /// document.
    document: lopdf::Document,
    key_bits: i64,
}

/// A document's security handler: the encryption dictionary and what checking passwords requires.
pub(super) struct SecurityHandler {
    dict: Dictionary,
    copies: Vec<DictCopy>,
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

/// Key lengths in bits of the handlers before AES-256.
const KEY_BITS: std::ops::RangeInclusive<i64> = 40..=128;
/// The version and revision of the handler with AES-256 in GCM mode (ISO/TS 32003).
const GCM_VERSION: i64 = 6;
const GCM_REVISION: i64 = 7;
/// The revision whose keys take many rounds of AES and SHA-2.
const SLOW_REVISION: i64 = 6;
/// Bytes of `O` and `U` up to revision 4.
const HASH_BYTES: usize = 32;
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
        let copies = key_lengths(&dict, version, revision);
        let copies = copies.into_iter().map(|key_bits| DictCopy {
            document: checkable(&dict, &file_id, key_bits),
            key_bits,
        });
        Some(Self {
            copies: copies.collect(),
            dict,
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
        self.nonstandard.is_none() && matches!(self.version, 1 | 2 | 4 | 5 | GCM_VERSION)
    }

    /// Returns whether streams and strings are stored unencrypted nevertheless (identity filters).
    pub(super) fn encrypts_nothing(&self) -> bool {
        self.nonstandard.is_none() && !self.encrypts_content
    }

    /// Returns the encryption for the report; `matched` is the password that opens the file.
    pub(super) fn describe(
        &self,
        status: EncryptionStatus,
        opened_by: Option<usize>,
        matched: Option<&Match>,
    ) -> Encryption {
        let is_standard = self.nonstandard.is_none();
        let method = self.nonstandard.clone().or_else(|| self.method(matched));
        Encryption {
            status,
            method,
            revision: (is_standard && self.revision > 0).then_some(self.revision),
            opened_by,
            password_form: matched.map(|found| found.form).unwrap_or_default(),
        }
    }

    /// Returns the method, with the key length with which a password matches if one does.
    fn method(&self, matched: Option<&Match>) -> Option<String> {
        let method = self.method.clone()?;
        let copy = matched.and_then(|found| self.copies.get(found.copy));
        match copy.filter(|_| method.starts_with("RC4-")) {
            Some(copy) => Some(format!("RC4-{}", copy.key_bits)),
            None => Some(method),
        }
    }

    /// Returns what the key is derived from: revisions 2 to 4 use the first 32 bytes of a password,
    /// later ones the first 127. Passwords that agree there are one, unless they are tried in
    /// several forms or encodings.
    pub(super) fn key_input<'p>(&self, password: &'p Password) -> &'p [u8] {
        let length = if self.revision >= 5 { 127 } else { HASH_BYTES };
        let bytes = password.expose().as_bytes();
        let has_one_form = bytes.is_ascii() && password.forms().len() == 1;
        bytes
            .get(..length)
            .filter(|_| has_one_form)
            .unwrap_or(bytes)
    }

    /// Checks one password, in the forms and encodings in which it may have been stored.
    pub(super) fn check(&self, password: &Password) -> Option<Match> {
        password
            .forms()
            .into_iter()
            .find_map(|form| self.check_form(&password.in_form(form), form))
    }

    /// Returns a copy of a file from which the engine derives the key in less time: see
    /// [`fast_key`]. `None` if the derivation is fast, or the file has another form than usual.
    pub(super) fn copy_with_fast_key(&self, bytes: &[u8], found: &Match) -> Option<Vec<u8>> {
        // `pdf` also accepts dictionaries that the engine does not.
        let is_usual = self.version == 5 && self.copies.get(found.copy).is_some();
        if self.revision != SLOW_REVISION || !is_usual {
            return None;
        }
        let owner = match found.role {
            PasswordRole::User => Owner::No,
            PasswordRole::Owner => Owner::Yes,
        };
        fast_key::copy_with_fast_key(bytes, &self.dict, &found.bytes, owner)
    }

    fn check_form(&self, password: &Password, form: PasswordForm) -> Option<Match> {
        let encodings = password.encodings(self.revision);
        let mut is_certain = false;
        for bytes in &encodings {
            for (copy, DictCopy { document, .. }) in self.copies.iter().enumerate() {
                let as_user = document.authenticate_raw_user_password(&bytes[..]);
                let as_owner = || document.authenticate_raw_owner_password(&bytes[..]);
                let role = match as_user {
                    Ok(()) => PasswordRole::User,
                    Err(user) => match as_owner() {
                        Ok(()) => PasswordRole::Owner,
                        Err(owner) => {
                            is_certain = is_wrong_password(&user) && is_wrong_password(&owner);
                            continue;
                        }
                    },
                };
                return Some(Match {
                    role,
                    form,
                    bytes: bytes.clone(),
                    copy,
                });
            }
        }
        // `pdf` panics on some dictionaries. It normalizes the text itself.
        let bytes = encodings.into_iter().next()?;
        // Both engines compute the same slow hashes of a password without letters to normalize.
        if is_certain && self.revision == SLOW_REVISION && bytes.is_ascii() {
            return None;
        }
        let dict = self.pdf_dict.as_ref()?;
        catch_panic(|| pdf::crypt::Decoder::from_password(dict, &self.file_id, &bytes).is_ok())
            .filter(|accepted| *accepted)?;
        Some(Match {
            role: PasswordRole::User,
            form,
            bytes,
            copy: usize::MAX,
        })
    }

    /// Derives what decrypts the content from a password that matches.
    pub(super) fn content_key(&self, found: &Match) -> Option<ContentKey> {
        let document = &self.copies.get(found.copy)?.document;
        let state = catch_panic(|| EncryptionState::decode(document, &found.bytes[..]).ok())??;
        let (streams, strings) = if self.version < 4 {
            (Algorithm::Rc4, Algorithm::Rc4)
        } else {
            (
                self.algorithm(b"StmF").unwrap_or(Algorithm::Identity),
                self.algorithm(b"StrF").unwrap_or(Algorithm::Identity),
            )
        };
        let mut key = Zeroizing::new(state.file_encryption_key().to_vec());
        // Readers extend the keys of version 4 to their full length.
        if self.version == 4 && key.len() < 16 {
            key.resize(16, 0);
        }
        let metadata = self.dict.get(b"EncryptMetadata").and_then(Object::as_bool);
        Some(ContentKey {
            key,
            streams,
            strings,
            filters: crypt_filters(&self.dict),
            encrypts_metadata: metadata.unwrap_or(true),
        })
    }

    /// Returns the algorithm of the crypt filter that a key of the dictionary names.
    fn algorithm(&self, key: &[u8]) -> Option<Algorithm> {
        let filter = self.dict.get(key).and_then(Object::as_name).ok()?;
        let filters = crypt_filters(&self.dict);
        let found = filters.into_iter().find(|(name, _)| name == filter);
        found.map(|(_, algorithm)| algorithm)
    }

    /// Derives the user password from the owner password, up to revision 4
    /// (ISO 32000-2, 7.6.4.4.6, algorithm 7). Later revisions do not allow this.
    pub(super) fn user_password(&self, owner: &Match) -> Option<Password> {
        if !(2..=4).contains(&self.revision) {
            return None;
        }
        let mut user = self.dict.get(b"O").ok()?.as_str().ok()?.get(..32)?.to_vec();
        let key_bits = self.copies.get(owner.copy)?.key_bits;
        let key_bytes = usize::try_from(key_bits / 8).ok()?;
        // Derive the key from the owner password (algorithm 3, steps a to d).
        let mut padded = owner.bytes.to_vec();
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

/// Whether a password was checked and is wrong, not the dictionary.
fn is_wrong_password(error: &lopdf::Error) -> bool {
    matches!(
        error,
        lopdf::Error::Decryption(DecryptionError::IncorrectPassword)
    )
}

/// Returns the key lengths in bits with which passwords are checked, the declared one first.
///
/// Writers declare bytes instead of bits, or any number. Other readers correct the length, or
/// ignore it in version 4, whose keys have 128 bits.
fn key_lengths(dict: &Dictionary, version: i64, revision: i64) -> Vec<i64> {
    let declared = integer(dict, b"Length");
    let in_bits = |length: i64| {
        let bits = if length < 40 { length * 8 } else { length };
        (KEY_BITS.contains(&bits) && bits % 8 == 0).then_some(bits)
    };
    let declared = declared.and_then(in_bits);
    let lengths = match version {
        1 => vec![40],
        4 => vec![
            Some(128),
            declared,
            stream_filter_length(dict).and_then(in_bits),
        ]
        .into_iter()
        .flatten()
        .collect(),
        5 | GCM_VERSION => vec![256],
        _ if revision < 3 => vec![40],
        _ if !dict.has(b"Length") => vec![40, 128],
        _ => vec![declared.unwrap_or(128), 128, 40],
    };
    let mut distinct: Vec<i64> = Vec::new();
    for length in lengths {
        if !distinct.contains(&length) {
            distinct.push(length);
        }
    }
    distinct
}

/// Returns the length in the crypt filter for streams.
fn stream_filter_length(dict: &Dictionary) -> Option<i64> {
    let filters = dict.get(b"CF").and_then(Object::as_dict).ok()?;
    let filter = dict.get(b"StmF").and_then(Object::as_name).ok()?;
    integer(
        filters.get(filter).and_then(Object::as_dict).ok()?,
        b"Length",
    )
}

/// Returns a document with only the encryption dictionary, changed so that lopdf accepts it.
fn checkable(dict: &Dictionary, file_id: &[u8], key_bits: i64) -> lopdf::Document {
    let mut dict = dict.clone();
    let revision = integer(&dict, b"R").unwrap_or(0);
    match integer(&dict, b"V") {
        // lopdf accepts shorter keys in version 2 only; the revision determines the algorithm.
        Some(4) if key_bits != 128 => dict.set("V", 2),
        // GCM changes how content is encrypted, not how passwords are checked.
        Some(GCM_VERSION) => dict.set("V", 5),
        _ => {}
    }
    if revision == GCM_REVISION {
        dict.set("R", 6);
    }
    dict.set("Length", key_bits);
    // Acrobat pads these strings, and some writers cut off zeros at their ends.
    for key in ["O", "U"] {
        let padded = dict.get(key.as_bytes()).and_then(Object::as_str).ok();
        let padded = padded.filter(|hash| revision <= 4 && hash.len() != HASH_BYTES);
        if let Some(mut hash) = padded.map(<[u8]>::to_vec) {
            hash.resize(HASH_BYTES, 0);
            dict.set(key, Object::String(hash, lopdf::StringFormat::Hexadecimal));
        }
    }
    let mut document = lopdf::Document::new();
    document.objects.insert((1, 0), Object::Dictionary(dict));
    document.trailer.set("Encrypt", Object::Reference((1, 0)));
    let element = Object::String(file_id.to_vec(), lopdf::StringFormat::Hexadecimal);
    document.trailer.set("ID", vec![element.clone(), element]);
    document
}

/// Returns the algorithms of the crypt filters, by name.
fn crypt_filters(dict: &Dictionary) -> Vec<(Vec<u8>, Algorithm)> {
    let Ok(filters) = dict.get(b"CF").and_then(Object::as_dict) else {
        return Vec::new();
    };
    let algorithm = |filter: &Object| {
        Some(match name(filter.as_dict().ok()?, b"CFM")?.as_str() {
            "V2" => Algorithm::Rc4,
            "AESV2" => Algorithm::Aes128,
            "AESV3" => Algorithm::Aes256,
            "AESV4" => Algorithm::Aes256Gcm,
            _ => Algorithm::Identity,
        })
    };
    filters
        .iter()
        .filter_map(|(name, filter)| Some((name.clone(), algorithm(filter)?)))
        .collect()
}

/// Returns the name of the algorithm, and whether it encrypts streams or strings at all.
fn method(dict: &Dictionary, version: i64) -> (Option<String>, bool) {
    let revision = integer(dict, b"R").unwrap_or(0);
    let bits = key_lengths(dict, version, revision).first().copied();
    match version {
        1 => (Some("RC4-40".to_owned()), true),
        2 | 3 => (Some(format!("RC4-{}", bits.unwrap_or(40))), true),
        4 | 5 | GCM_VERSION => crypt_filter_method(dict, bits),
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
            let length = length.map(|length| if length < 40 { length * 8 } else { length });
            let length = length.filter(|length| KEY_BITS.contains(length));
            Some(format!("RC4-{}", length.or(bits).unwrap_or(128)))
        }
        Some("AESV2") => Some("AES-128".to_owned()),
        Some("AESV3") => Some("AES-256".to_owned()),
        Some("AESV4") => Some("AES-256-GCM".to_owned()),
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
