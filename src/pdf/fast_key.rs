//! Lets the engine derive the key of a file encrypted with revision 6 in one step.
//!
//! Revision 6 derives keys by dozens of rounds of AES and SHA-2 (ISO 32000-2, 7.6.4.3.4), three
//! times per file, and the engine's own code for them is slow. This module derives the key once,
//! and writes a copy of the file in which the same password leads to the same key by revision 5,
//! which is one round. All offsets stay valid.

use super::content::object_lexer::{self, Token};
use super::object_extent;
use aes::cipher::{Array, BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
use aes::{Aes128, Aes256};
use lopdf::{Dictionary, Object};
use memchr::memmem;
use sha2::{Digest, Sha256, Sha384, Sha512};
use std::ops::Range;
use zeroize::Zeroizing;

/// Bytes of a hash, and of a key.
const HASH_BYTES: usize = 32;
/// Bytes of `U` and `O`: the hash, and two salts.
const VALUE_BYTES: usize = 48;
const SALT_BYTES: usize = 8;
/// Bytes of a password that count.
const MAX_PASSWORD: usize = 127;
/// Bytes of an AES block.
const BLOCK: usize = 16;
/// Repetitions of the input of each round.
const REPETITIONS: usize = 64;
/// Rounds from which the last byte decides whether another one follows.
const MIN_ROUNDS: usize = 64;
/// Salts that are tried until the new strings fit into the places of the old ones.
const MAX_SALTS: u8 = 32;

/// A key that this module handles without leaving copies of it.
type Key = Zeroizing<[u8; HASH_BYTES]>;

/// Which of the two passwords a password is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    Yes,
    No,
}

/// Returns a copy of a file in which a password opens the same content by revision 5.
///
/// `dict` is the encryption dictionary, and the password must be one that it accepts. Returns
/// `None` if the dictionary has another form than usual.
pub(super) fn copy_with_fast_key(
    bytes: &[u8],
    dict: &Dictionary,
    password: &[u8],
    owner: Owner,
) -> Option<Vec<u8>> {
    // The comparison of signed revisions reads the dictionary, too.
    if memmem::find(bytes, b"/ByteRange").is_some() {
        return None;
    }
    let password = password.get(..MAX_PASSWORD).unwrap_or(password);
    let places = Places::find(bytes)?;
    let string = |key: &[u8], len: usize| {
        let value = dict.get(key).and_then(Object::as_str).ok()?;
        (value.len() == len).then_some(value)
    };
    let user = string(b"U", VALUE_BYTES)?;
    let (value, wrapped, with_user) = match owner {
        Owner::No => (user, string(b"UE", HASH_BYTES)?, &[][..]),
        Owner::Yes => {
            let value = string(b"O", VALUE_BYTES)?;
            (value, string(b"OE", HASH_BYTES)?, user)
        }
    };
    let salt = value.get(HASH_BYTES + SALT_BYTES..)?;
    let outer = hash(password, salt, with_user)?;
    let key = unwrap(&outer, wrapped)?;
    let mut copy = bytes.to_vec();
    (0..MAX_SALTS).find_map(|number| {
        let salt = [b'A' + number; SALT_BYTES];
        let own_hash = |salt: &[u8]| -> [u8; HASH_BYTES] {
            let hash = Sha256::new().chain_update(password).chain_update(salt);
            hash.finalize().into()
        };
        let mut user = own_hash(&salt).to_vec();
        user.extend(salt);
        user.extend(salt);
        let wrapped = wrap(&own_hash(&salt), &key)?;
        write_string(&mut copy, &places.user, &user)?;
        write_string(&mut copy, &places.wrapped, &wrapped)
    })?;
    copy.get_mut(places.revision)?.copy_from_slice(b"5");
    Some(copy)
}

/// Where the encryption dictionary has the values that change, with their delimiters.
struct Places {
    revision: Range<usize>,
    user: Range<usize>,
    wrapped: Range<usize>,
}

impl Places {
    /// Finds the values of the only encryption dictionary of revision 6 in a file.
    fn find(bytes: &[u8]) -> Option<Self> {
        let mut found = memmem::find_iter(bytes, b"/UE");
        let at = found.next().filter(|_| found.next().is_none())?;
        let start = memmem::rfind(bytes.get(..at)?, b" obj")? + b" obj".len();
        let body = object_extent::window(bytes.get(start..)?);
        let (mut revision, mut user, mut wrapped) = (None, None, None);
        let mut key: Option<&[u8]> = None;
        object_lexer::visit_tokens(body, |token, range, open| {
            let range = start + range.start..start + range.end;
            match (key, token) {
                _ if open != 1 => key = None,
                (None, Token::Name(name)) => key = Some(name),
                (Some(b"R"), Token::Number(b"6")) => revision = Some(range),
                (Some(b"U"), Token::String(_)) => user = Some(range),
                (Some(b"UE"), Token::String(_)) => wrapped = Some(range),
                _ => {}
            }
            if !matches!(token, Token::Name(name) if key == Some(name)) {
                key = None;
            }
        })?;
        Some(Self {
            revision: revision?,
            user: user?,
            wrapped: wrapped?,
        })
    }
}

/// Replaces a string by another one that is at most as long when it is written; `None` if it is
/// longer.
fn write_string(copy: &mut [u8], place: &Range<usize>, text: &[u8]) -> Option<()> {
    let target = copy.get_mut(place.clone())?;
    let mut written = Vec::with_capacity(target.len());
    if target.first() == Some(&b'<') {
        written.push(b'<');
        for byte in text {
            written.extend(format!("{byte:02X}").bytes());
        }
        written.push(b'>');
    } else {
        written.push(b'(');
        for byte in text {
            match byte {
                b'\r' => written.extend(b"\\r"),
                b'(' | b')' | b'\\' => written.extend([b'\\', *byte]),
                _ => written.push(*byte),
            }
        }
        written.push(b')');
    }
    if written.len() > target.len() {
        return None;
    }
    written.resize(target.len(), b' ');
    target.copy_from_slice(&written);
    Some(())
}

/// Computes the hash of a password by revision 6 (ISO 32000-2, algorithm 2.B). `user` is `U` for
/// the owner password, and empty for the user password.
fn hash(password: &[u8], salt: &[u8], user: &[u8]) -> Option<Key> {
    let first = Sha256::new().chain_update(password);
    let first = first.chain_update(salt).chain_update(user).finalize();
    let mut key = Zeroizing::new(first.to_vec());
    let mut round = 0;
    loop {
        let input = Zeroizing::new([password, &key, user].concat());
        let mut data = Zeroizing::new(input.repeat(REPETITIONS));
        let (cipher, vector) = key.get(..2 * BLOCK)?.split_at(BLOCK);
        let cipher = Aes128::new_from_slice(cipher).ok()?;
        let mut before = <[u8; BLOCK]>::try_from(vector).ok()?;
        for block in data.as_chunks_mut::<BLOCK>().0 {
            let mixed: [u8; BLOCK] = std::array::from_fn(|index| {
                let (own, mask) = (block.get(index), before.get(index));
                own.zip(mask).map_or(0, |(own, mask)| own ^ mask)
            });
            let mut encrypted = Array::from(mixed);
            cipher.encrypt_block(&mut encrypted);
            before = encrypted.into();
            *block = before;
        }
        // The remainder of a number of 16 bytes: 256 leaves 1.
        let sum: u32 = data.get(..BLOCK)?.iter().map(|byte| u32::from(*byte)).sum();
        *key = match sum % 3 {
            0 => Sha256::digest(&*data).to_vec(),
            1 => Sha384::digest(&*data).to_vec(),
            _ => Sha512::digest(&*data).to_vec(),
        };
        round += 1;
        let last = usize::from(*data.last()?);
        if round >= MIN_ROUNDS && last <= round - HASH_BYTES {
            let found = key.first_chunk::<HASH_BYTES>()?;
            return Some(Zeroizing::new(*found));
        }
    }
}

/// Decrypts the key of a file: two blocks in CBC mode, without an initialization vector.
fn unwrap(key: &[u8; HASH_BYTES], wrapped: &[u8]) -> Option<Key> {
    let cipher = Aes256::new_from_slice(key).ok()?;
    let mut plain = Key::default();
    let mut before = [0; BLOCK];
    let (blocks, targets) = (
        wrapped.as_chunks::<BLOCK>().0,
        plain.as_chunks_mut::<BLOCK>().0,
    );
    for (block, target) in blocks.iter().zip(targets) {
        let mut decrypted = Array::from(*block);
        cipher.decrypt_block(&mut decrypted);
        for ((target, own), mask) in target.iter_mut().zip(&decrypted).zip(before) {
            *target = own ^ mask;
        }
        before = *block;
    }
    Some(plain)
}

/// Encrypts the key of a file, as [`unwrap`] decrypts it.
fn wrap(key: &[u8; HASH_BYTES], plain: &Key) -> Option<Vec<u8>> {
    let cipher = Aes256::new_from_slice(key).ok()?;
    let mut wrapped = Vec::with_capacity(HASH_BYTES);
    let mut before = [0; BLOCK];
    for block in plain.as_chunks::<BLOCK>().0 {
        let mut encrypted = Array::from(*block);
        for (target, mask) in encrypted.iter_mut().zip(before) {
            *target ^= mask;
        }
        cipher.encrypt_block(&mut encrypted);
        before = encrypted.into();
        wrapped.extend(before);
    }
    Some(wrapped)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pdf::encryption::SecurityHandler;
    use crate::pdf::keyword_index::KeywordIndex;
    use crate::pdf::password::Password;
    use hayro_syntax::Pdf;

    const FILE: &[u8] = include_bytes!("../../testdata/encrypted/user_aes_256_r6.pdf");
    const USER: &str = "512LEENA1988";
    const OWNER: &str = "bank-side-r6";

    fn copy(bytes: &[u8], password: &str) -> Option<Vec<u8>> {
        let handler = SecurityHandler::find(&KeywordIndex::new(bytes)).unwrap();
        let found = handler.check(&Password::new(password)).unwrap();
        handler.copy_with_fast_key(bytes, &found)
    }

    fn first_content(file: Vec<u8>, password: &str) -> Option<Vec<u8>> {
        let pdf = Pdf::new_with_password(file, password).ok()?;
        let contents = pdf.pages()[0].page_stream()?.to_vec();
        Some(contents)
    }

    #[test]
    fn both_passwords_open_the_same_content_of_the_copy() {
        let expected = first_content(FILE.to_vec(), USER).unwrap();
        assert!(!expected.is_empty());
        for password in [USER, OWNER] {
            let copy = copy(FILE, password).unwrap();
            assert_eq!(copy.len(), FILE.len());
            assert_ne!(copy, FILE);
            assert_eq!(first_content(copy.clone(), password).unwrap(), expected);
            assert_eq!(first_content(copy, "wrong"), None);
        }
    }

    #[test]
    fn a_file_with_two_dictionaries_or_a_signature_is_not_copied() {
        for more in ["/UE", "/ByteRange"] {
            let mut file = FILE.to_vec();
            file.extend(more.bytes());
            assert_eq!(copy(&file, USER), None, "{more}");
        }
    }

    #[test]
    fn strings_are_written_in_the_form_and_the_place_of_the_old_ones() {
        let check = |old: &str, text: &[u8], expected: Option<&str>| {
            let mut file = old.as_bytes().to_vec();
            let written = write_string(&mut file, &(0..old.len()), text);
            let found = written.map(|()| String::from_utf8(file).unwrap());
            assert_eq!(found.as_deref(), expected, "{old}");
        };
        check("<61 62>", b"xy", Some("<7879> "));
        check("(a\\\\bc)", b"(x", Some("(\\(x)  "));
        check("(ab)", b"(x", None);
    }
}
