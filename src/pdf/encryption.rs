//! Whether a document is encrypted, how, and which candidate opens it (ISO 32000-2, 7.6).
//!
//! Passwords are checked on the bare encryption dictionary, so that a try costs no document load:
//! lopdf is the authority, and `pdf` is asked about what lopdf refuses. Neither alone knows every
//! dictionary that is in use; together they accept every known password and no wrong one.

use super::bare::{self, BareObject};
use super::contain;
use super::marks::Marks;
use super::password::Password;
use lopdf::{Dictionary, Object};
use md5::{Digest, Md5};
use serde::{Deserialize, Serialize};

/// How a document's content can be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum EncryptionStatus {
    /// It is not encrypted.
    None,
    /// It is encrypted, but needs no password to be read.
    Open,
    /// A candidate password opened it.
    Unlocked,
    /// Nothing opened it.
    Locked,
}

/// What the record says of a document's encryption.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Encryption {
    /// How its content can be had.
    pub status: EncryptionStatus,
    /// `RC4-40`, `AES-256` and so on, or the name of a handler that isn't the standard one.
    pub method: Option<String>,
    /// The revision of the standard handler (`R`).
    pub revision: Option<i64>,
    /// The candidate that opened it, by its place in the list.
    pub opened_by: Option<usize>,
}

impl Encryption {
    /// A document without encryption.
    pub const NONE: Self = Self {
        status: EncryptionStatus::None,
        method: None,
        revision: None,
        opened_by: None,
    };
}

/// Which of a document's two passwords a candidate is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    User,
    Owner,
}

/// A document's encryption dictionary, and what is needed beside it to check a password.
pub(super) struct Lock {
    /// Holds nothing but the dictionary, as lopdf's checks want it.
    holder: lopdf::Document,
    /// The same dictionary for `pdf`, where it can be read by it.
    second: Option<pdf::crypt::CryptDict>,
    id: Vec<u8>,
    handler: String,
    version: i64,
    revision: i64,
    method: Option<String>,
    encrypts_streams: bool,
}

/// The padding of passwords up to revision 4 (ISO 32000-2, 7.6.4.3.2, step a).
const PADDING: [u8; 32] = *b"\x28\xBF\x4E\x5E\x4E\x75\x8A\x41\x64\x00\x4E\x56\xFF\xFA\x01\x08\
\x2E\x2E\x00\xB6\xD0\x68\x3E\x80\x2F\x0C\xA9\xFE\x64\x53\x69\x7A";

impl Lock {
    /// Finds the encryption dictionary of a file without loading it.
    pub(super) fn find(marks: &Marks<'_>) -> Option<Self> {
        let BareObject { dict, second, id } = bare::encryption_dictionary(marks)?;
        let handler = name(&dict, b"Filter").unwrap_or_else(|| "unknown".to_owned());
        let version = integer(&dict, b"V").unwrap_or(0);
        let revision = integer(&dict, b"R").unwrap_or(0);
        let (method, encrypts_streams) = method(&dict, version);
        let mut holder = lopdf::Document::new();
        holder.objects.insert((1, 0), Object::Dictionary(dict));
        holder.trailer.set("Encrypt", Object::Reference((1, 0)));
        let element = Object::String(id.clone(), lopdf::StringFormat::Hexadecimal);
        holder.trailer.set("ID", vec![element.clone(), element]);
        Some(Self {
            holder,
            second,
            id,
            handler,
            version,
            revision,
            method,
            encrypts_streams,
        })
    }

    /// Whether the standard handler locks it, whose rules we know.
    pub(super) fn is_standard(&self) -> bool {
        self.handler == "Standard" && matches!(self.version, 1 | 2 | 4 | 5)
    }

    /// Whether streams and strings are stored in the clear all the same (identity filters).
    pub(super) fn encrypts_nothing(&self) -> bool {
        self.handler == "Standard" && !self.encrypts_streams
    }

    pub(super) fn describe(
        &self,
        status: EncryptionStatus,
        opened_by: Option<usize>,
    ) -> Encryption {
        let standard = self.handler == "Standard";
        Encryption {
            status,
            method: if standard {
                self.method.clone()
            } else {
                Some(self.handler.clone())
            },
            revision: (standard && self.revision > 0).then_some(self.revision),
            opened_by,
        }
    }

    /// Checks one password.
    pub(super) fn check(&self, password: &Password) -> Option<Role> {
        let secret = password.expose();
        if self.holder.authenticate_user_password(secret).is_ok() {
            return Some(Role::User);
        }
        if self.holder.authenticate_owner_password(secret).is_ok() {
            return Some(Role::Owner);
        }
        // Up to revision 4 a password is bytes of no agreed encoding: some writers took UTF-8.
        let raw = secret.as_bytes();
        if !secret.is_ascii() && self.holder.authenticate_raw_user_password(raw).is_ok() {
            return Some(Role::User);
        }
        let second = self.second.as_ref()?;
        contain::panics(|| pdf::crypt::Decoder::from_password(second, &self.id, raw).is_ok())
            .filter(|accepted| *accepted)
            .map(|_accepted| Role::User)
    }

    /// The user password that an owner password leads to, up to revision 4
    /// (ISO 32000-2, 7.6.4.4.6, algorithm 7). Later revisions keep no such way.
    pub(super) fn user_password(&self, owner: &Password) -> Option<Password> {
        if !(2..=4).contains(&self.revision) {
            return None;
        }
        let dict = self.holder.get_encrypted().ok()?;
        let mut user = dict.get(b"O").ok()?.as_str().ok()?.get(..32)?.to_vec();
        let key_bytes = match self.version {
            1 => 5,
            _ => integer(dict, b"Length").map_or(5, |bits| (bits / 8).clamp(5, 16) as usize),
        };
        let key_bytes = if self.version == 4 { 16 } else { key_bytes };
        let mut padded = owner.expose().as_bytes().to_vec();
        padded.extend_from_slice(&PADDING);
        let mut digest = Md5::digest(padded.get(..32)?);
        if self.revision >= 3 {
            for _ in 0..50 {
                digest = Md5::digest(digest.get(..key_bytes)?);
            }
        }
        let key = digest.get(..key_bytes)?;
        let rounds = if self.revision >= 3 { 20 } else { 1 };
        for round in (0..rounds).rev() {
            let round_key: Vec<u8> = key.iter().map(|byte| byte ^ round).collect();
            pdf::crypt::Rc4::encrypt(&round_key, &mut user);
        }
        let len = (0..=user.len()).find(|len| PADDING.starts_with(user.get(*len..).unwrap_or(&[])));
        user.truncate(len?);
        String::from_utf8(user).ok().map(Password::new)
    }
}

/// The method by its name in the record, and whether streams are encrypted at all.
fn method(dict: &Dictionary, version: i64) -> (Option<String>, bool) {
    let bits = integer(dict, b"Length");
    match version {
        1 => (Some("RC4-40".to_owned()), true),
        2 | 3 => (Some(format!("RC4-{}", bits.unwrap_or(40))), true),
        4 | 5 => crypt_filter_method(dict, bits),
        _ => (None, true),
    }
}

/// The method of the crypt filter for streams (ISO 32000-2, 7.6.6).
fn crypt_filter_method(dict: &Dictionary, bits: Option<i64>) -> (Option<String>, bool) {
    let filter_name = name(dict, b"StmF").unwrap_or_else(|| "Identity".to_owned());
    let filter = dict
        .get(b"CF")
        .and_then(Object::as_dict)
        .and_then(|filters| filters.get(filter_name.as_bytes()))
        .and_then(Object::as_dict)
        .ok();
    let cfm = filter.and_then(|filter| name(filter, b"CFM"));
    let streams = filter_name != "Identity" && cfm.as_deref() != Some("None");
    // Where streams are in the clear, strings or attachments name the method.
    let cfm = cfm.filter(|_| streams).or_else(|| any_method(dict));
    let method = match cfm.as_deref() {
        Some("V2") => {
            let own = filter.and_then(|filter| integer(filter, b"Length"));
            // Writers give this length in bytes or in bits.
            let own = own.map(|len| {
                if (1..=16).contains(&len) {
                    len * 8
                } else {
                    len
                }
            });
            Some(format!("RC4-{}", own.or(bits).unwrap_or(128)))
        }
        Some("AESV2") => Some("AES-128".to_owned()),
        Some("AESV3") => Some("AES-256".to_owned()),
        _ => None,
    };
    let strings = name(dict, b"StrF").is_some_and(|filter| filter != "Identity");
    (method, streams || strings)
}

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
