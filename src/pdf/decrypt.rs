//! Decrypts a copy of a file in place, for passwords and dictionaries that the engines reject.
//!
//! hayro-syntax takes passwords as UTF-8 only, trusts wrong key lengths and has no GCM mode. The
//! copy has the offsets of the original: decrypted data is never longer than encrypted data, and
//! the rest is filled with spaces. So it is as well formed as the original, and can be repaired
//! like any other file.

use super::content::object_lexer::{self, Token};
use super::keyword_index::{Keyword, KeywordIndex};
use super::limits::{Budget, LimitHit};
use super::object_extent::{self, StreamLengths};
use aes::cipher::{Array, BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
use aes::{Aes128, Aes256};
use md5::{Digest, Md5};
use memchr::memmem;
use std::ops::Range;
use zeroize::Zeroizing;

/// Bytes of an AES block, and of the initialization vector in front of data in CBC mode.
const BLOCK: usize = 16;
/// Bytes of the initialization vector in GCM mode (ISO/TS 32003).
const GCM_VECTOR: usize = 12;
/// Bytes of the authentication tag behind data in GCM mode.
const GCM_TAG: usize = 16;
/// The longest object key in bytes before AES-256.
const MAX_OBJECT_KEY: usize = 16;

/// A method of a crypt filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    /// Data is stored as it is.
    Identity,
    Rc4,
    /// CBC mode, with a key per object.
    Aes128,
    /// CBC mode, with the key of the file.
    Aes256,
    /// GCM mode, with the key of the file. The authentication tag is not checked.
    Aes256Gcm,
}

/// What decrypts the content of a document.
pub(super) struct ContentKey {
    pub(super) key: Zeroizing<Vec<u8>>,
    pub(super) streams: Algorithm,
    pub(super) strings: Algorithm,
    /// The crypt filters that streams can name.
    pub(super) filters: Vec<(Vec<u8>, Algorithm)>,
    pub(super) encrypts_metadata: bool,
}

/// An object's number and generation.
type Id = (u32, u16);

impl ContentKey {
    /// Returns a decrypted copy of a file.
    ///
    /// # Errors
    ///
    /// If the time limit is exceeded.
    pub(super) fn decrypt(
        &self,
        keywords: &KeywordIndex<'_>,
        budget: &Budget<'_>,
    ) -> Result<Vec<u8>, LimitHit> {
        let bytes = keywords.bytes();
        let mut plain = without_encryption(bytes);
        let lengths = StreamLengths::new(bytes);
        // The end of the last stream: its data can contain what looks like objects.
        let mut covered = 0;
        for offset in keywords.offsets(Keyword::Obj) {
            budget.check_time()?;
            if offset < covered {
                continue;
            }
            let Some(object) = Object::read(bytes, offset, &lengths) else {
                continue;
            };
            covered = object.end;
            if object.is_cross_reference {
                continue;
            }
            for string in &object.strings {
                self.decrypt_string(bytes, string, object.id, &mut plain);
            }
            let algorithm = self.stream_algorithm(&object);
            let range = object.data.clone().unwrap_or_default();
            if let Some(data) = bytes.get(range.clone()).filter(|data| !data.is_empty())
                && algorithm != Algorithm::Identity
                && let Some(mut data) = self.apply(algorithm, data, object.id)
                && let Some(target) = plain.get_mut(range)
            {
                data.resize(target.len(), b' ');
                target.copy_from_slice(&data);
            }
        }
        Ok(plain)
    }

    fn stream_algorithm(&self, object: &Object<'_>) -> Algorithm {
        if object.is_metadata && !self.encrypts_metadata {
            return Algorithm::Identity;
        }
        if !object.has_crypt_filter {
            return self.streams;
        }
        let mut filters = self.filters.iter();
        let named = filters.find(|(name, _)| Some(name.as_slice()) == object.crypt_filter);
        named.map_or(Algorithm::Identity, |(_, algorithm)| *algorithm)
    }

    /// Replaces a string by its decrypted form; `range` includes the delimiters.
    fn decrypt_string(&self, bytes: &[u8], range: &Range<usize>, id: Id, plain: &mut [u8]) {
        let (Some(source), Some(target)) = (bytes.get(range.clone()), plain.get_mut(range.clone()))
        else {
            return;
        };
        let is_hex = source.starts_with(b"<");
        let encrypted = if is_hex {
            hex_bytes(source)
        } else {
            literal_bytes(source)
        };
        if self.strings == Algorithm::Identity || encrypted.is_empty() {
            return;
        }
        let Some(text) = self.apply(self.strings, &encrypted, id) else {
            return;
        };
        let inside = target.len().saturating_sub(2);
        let is_balanced = has_balanced_parentheses(&text);
        let mut out = Vec::with_capacity(target.len());
        for byte in text {
            let digits = format!("{byte:02X}");
            let written: &[u8] = match byte {
                _ if is_hex => digits.as_bytes(),
                b'(' | b')' if is_balanced => &[byte],
                b'(' => b"\\(",
                b')' => b"\\)",
                b'\\' => b"\\\\",
                b'\r' => b"\\r",
                _ => &[byte],
            };
            // Escapes can make a string longer than before; its end is then lost.
            if out.len() + written.len() > inside {
                break;
            }
            out.extend_from_slice(written);
        }
        let (open, close) = if is_hex { (b'<', b'>') } else { (b'(', b')') };
        out.insert(0, open);
        out.push(close);
        out.resize(target.len(), b' ');
        target.copy_from_slice(&out);
    }

    /// Decrypts data; `None` if it is too short.
    fn apply(&self, algorithm: Algorithm, data: &[u8], id: Id) -> Option<Vec<u8>> {
        match algorithm {
            Algorithm::Identity => Some(data.to_vec()),
            Algorithm::Rc4 => {
                let mut out = data.to_vec();
                pdf::crypt::Rc4::encrypt(&self.object_key(id, b""), &mut out);
                Some(out)
            }
            Algorithm::Aes128 => {
                let cipher = Aes128::new_from_slice(&self.object_key(id, b"sAlT")).ok()?;
                decrypt_cbc(&cipher, data)
            }
            Algorithm::Aes256 => decrypt_cbc(&Aes256::new_from_slice(&self.key).ok()?, data),
            Algorithm::Aes256Gcm => decrypt_gcm(&Aes256::new_from_slice(&self.key).ok()?, data),
        }
    }

    /// Derives the key of an object (ISO 32000-2, 7.6.3.1, algorithm 1).
    fn object_key(&self, (number, generation): Id, salt: &[u8]) -> Zeroizing<Vec<u8>> {
        let mut hash = Md5::new();
        hash.update(&self.key);
        hash.update(number.to_le_bytes().get(..3).unwrap_or_default());
        hash.update(generation.to_le_bytes());
        hash.update(salt);
        let mut key = Zeroizing::new(hash.finalize().to_vec());
        key.truncate((self.key.len() + 5).min(MAX_OBJECT_KEY));
        key
    }
}

/// Copies a file and renames its `/Encrypt` keys, so that readers ignore the encryption dictionary.
///
/// The new name has the same length, so that all offsets stay valid.
pub(super) fn without_encryption(bytes: &[u8]) -> Vec<u8> {
    let mut plain = bytes.to_vec();
    for offset in memmem::find_iter(bytes, b"/Encrypt") {
        if let Some(key) = plain.get_mut(offset + 1..offset + 8) {
            key.copy_from_slice(b"Unknown");
        }
    }
    plain
}

/// Decrypts in CBC mode and removes the padding. Ignores a block that is cut short.
fn decrypt_cbc<C: BlockCipherDecrypt>(cipher: &C, data: &[u8]) -> Option<Vec<u8>>
where
    Array<u8, C::BlockSize>: for<'a> TryFrom<&'a [u8]> + AsRef<[u8]>,
{
    let (mut previous, data) = data.split_at_checked(BLOCK)?;
    let mut out = Vec::with_capacity(data.len());
    for block in data.as_chunks::<BLOCK>().0 {
        let mut decrypted = Array::<u8, C::BlockSize>::try_from(&block[..]).ok()?;
        cipher.decrypt_block(&mut decrypted);
        let bytes = decrypted.as_ref().iter().zip(previous);
        out.extend(bytes.map(|(byte, mask)| byte ^ mask));
        previous = block;
    }
    let padding = usize::from(out.last().copied().unwrap_or(0));
    if (1..=BLOCK).contains(&padding) {
        out.truncate(out.len().saturating_sub(padding));
    }
    Some(out)
}

/// Decrypts in GCM mode, which is counter mode with a tag that this function ignores.
fn decrypt_gcm(cipher: &Aes256, data: &[u8]) -> Option<Vec<u8>> {
    let (vector, data) = data.split_at_checked(GCM_VECTOR)?;
    let data = data.get(..data.len().checked_sub(GCM_TAG)?)?;
    let mut out = Vec::with_capacity(data.len());
    // The first counter encrypts the tag.
    for (counter, block) in (2_u32..).zip(data.chunks(BLOCK)) {
        let mut mask = [0_u8; BLOCK];
        let (start, end) = mask.split_at_mut(GCM_VECTOR);
        start.copy_from_slice(vector);
        end.copy_from_slice(&counter.to_be_bytes());
        let mut mask = Array::from(mask);
        cipher.encrypt_block(&mut mask);
        out.extend(block.iter().zip(&mask).map(|(byte, mask)| byte ^ mask));
    }
    Some(out)
}

/// The parts of an object that are encrypted.
struct Object<'b> {
    id: Id,
    /// The offset of the end.
    end: usize,
    /// The strings outside the stream, with their delimiters.
    strings: Vec<Range<usize>>,
    /// The data of the stream.
    data: Option<Range<usize>>,
    is_cross_reference: bool,
    is_metadata: bool,
    has_crypt_filter: bool,
    /// The name of the crypt filter.
    crypt_filter: Option<&'b [u8]>,
}

impl<'b> Object<'b> {
    /// Reads the object whose keyword `obj` is at an offset.
    fn read(bytes: &'b [u8], offset: usize, lengths: &StreamLengths<'_>) -> Option<Self> {
        let id = object_extent::id_before(bytes.get(..offset)?)?;
        let start = offset + b" obj".len();
        let rest = bytes.get(start..)?;
        let mut object = Self {
            id,
            end: start,
            strings: Vec::new(),
            data: None,
            is_cross_reference: false,
            is_metadata: false,
            has_crypt_filter: false,
            crypt_filter: None,
        };
        let (mut key, mut before): (&[u8], &[u8]) = (b"", b"");
        let body = object_extent::window(rest);
        let length = object_lexer::object_length(body, |token, _| match token {
            Token::String(text) => {
                let at = text.as_ptr().addr().saturating_sub(body.as_ptr().addr());
                let from = (start + at).saturating_sub(1);
                object.strings.push(from..start + at + text.len() + 1);
            }
            Token::Name(name) => {
                object.is_cross_reference |= key == b"Type" && name == b"XRef";
                object.is_metadata |= key == b"Type" && name == b"Metadata";
                object.has_crypt_filter |= name == b"Crypt" && key == b"Filter";
                if key == b"Name" && before == b"Crypt" {
                    object.crypt_filter = Some(name);
                }
                before = key;
                key = name;
            }
            _ => {}
        })?;
        object.end = start + length;
        object.data = object_extent::stream_data(bytes, object.end, body.get(..length)?, lengths);
        if let Some(data) = &object.data {
            object.end = data.end;
        }
        Some(object)
    }
}

fn has_balanced_parentheses(text: &[u8]) -> bool {
    let mut open = 0_usize;
    for byte in text {
        match byte {
            b'(' => open += 1,
            b')' if open == 0 => return false,
            b')' => open -= 1,
            _ => {}
        }
    }
    open == 0
}

/// Decodes a hexadecimal string.
fn hex_bytes(source: &[u8]) -> Vec<u8> {
    let digits = source
        .iter()
        .filter_map(|byte| char::from(*byte).to_digit(16));
    let digits: Vec<u8> = digits
        .filter_map(|digit| u8::try_from(digit).ok())
        .collect();
    let pairs = digits.chunks(2);
    let byte = |pair: &[u8]| match pair {
        [high, low] => high << 4 | low,
        [high] => high << 4,
        _ => 0,
    };
    pairs.map(byte).collect()
}

/// Decodes a literal string with its parentheses (ISO 32000-2, 7.3.4.2).
fn literal_bytes(source: &[u8]) -> Vec<u8> {
    let inside = source.get(1..source.len().saturating_sub(1));
    let mut bytes = inside.unwrap_or_default().iter().copied().peekable();
    let mut out = Vec::new();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => match bytes.next() {
                Some(b'n') => out.push(b'\n'),
                Some(b'r') => out.push(b'\r'),
                Some(b't') => out.push(b'\t'),
                Some(b'b') => out.push(8),
                Some(b'f') => out.push(12),
                Some(b'\r') => {
                    bytes.next_if_eq(&b'\n');
                }
                Some(b'\n') | None => {}
                Some(digit @ b'0'..=b'7') => {
                    let mut code = u32::from(digit - b'0');
                    for _ in 0..2 {
                        let Some(digit) = bytes.next_if(|byte| matches!(byte, b'0'..=b'7')) else {
                            break;
                        };
                        code = code * 8 + u32::from(digit - b'0');
                    }
                    out.push(code as u8);
                }
                Some(other) => out.push(other),
            },
            // An unescaped line end is a line feed.
            b'\r' => {
                bytes.next_if_eq(&b'\n');
                out.push(b'\n');
            }
            _ => out.push(byte),
        }
    }
    out
}
