//! The two ciphers of ZIP archives: the traditional one (APPNOTE.TXT, 6.1) and AES as `WinZip`
//! specifies it (AE-1 and AE-2).

use aes::cipher::{Array, BlockCipherEncrypt, KeyInit};
use aes::{Aes128, Aes192, Aes256};
use hmac::{Hmac, Mac};
use sha1::Sha1;
use std::sync::LazyLock;
use zeroize::Zeroizing;

/// Random bytes before the data, of which the last is checked.
const CRYPTO_HEADER_BYTES: usize = 12;
/// Rounds by which a key is derived.
const KEY_ROUNDS: u32 = 1000;
/// Bytes derived with the keys, by which most wrong passwords are recognized.
const VERIFIER_BYTES: usize = 2;
/// Bytes of the authentication code behind the data.
const CODE_BYTES: usize = 10;
/// Bytes of a block of derived keys, a hash. The verifier is never divided between two.
const DERIVED_BLOCK: usize = 20;
const AES_BLOCK: usize = 16;

/// How an entry is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cipher {
    /// The traditional cipher, with the byte that a right password decrypts.
    ZipCrypto { check: u8 },
    /// AES in counter mode, with the size of its key in bytes.
    Aes {
        key_bytes: usize,
        has_checksum: bool,
    },
}

impl Cipher {
    pub(super) fn zip_crypto(check: u8) -> Self {
        Self::ZipCrypto { check }
    }

    /// Returns AES of a strength from 1 to 3; `None` for another value.
    pub(super) fn aes(strength: u8, has_checksum: bool) -> Option<Self> {
        let key_bytes = match strength {
            1 => 16,
            2 => 24,
            3 => 32,
            _ => return None,
        };
        Some(Self::Aes {
            key_bytes,
            has_checksum,
        })
    }

    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::ZipCrypto { .. } => "ZipCrypto",
            Self::Aes { key_bytes: 16, .. } => "AES-128",
            Self::Aes { key_bytes: 24, .. } => "AES-192",
            Self::Aes { .. } => "AES-256",
        }
    }

    /// Returns whether the directory has a checksum of the content.
    pub(super) fn has_checksum(&self) -> bool {
        match self {
            Self::ZipCrypto { .. } => true,
            Self::Aes { has_checksum, .. } => *has_checksum,
        }
    }

    /// Decrypts the data of an entry; `None` if the password is wrong.
    pub(super) fn decrypt(&self, data: &[u8], password: &[u8]) -> Option<Vec<u8>> {
        match *self {
            Self::ZipCrypto { check } => zip_crypto(data, password, check),
            Self::Aes { key_bytes, .. } => aes(data, password, key_bytes),
        }
    }
}

/// The state of the traditional cipher.
struct Keys([u32; 3]);

impl Keys {
    fn new(password: &[u8]) -> Self {
        let mut keys = Self([0x1234_5678, 0x2345_6789, 0x3456_7890]);
        for byte in password {
            keys.update(*byte);
        }
        keys
    }

    fn update(&mut self, byte: u8) {
        let [first, second, third] = &mut self.0;
        *first = crc_step(*first, byte);
        *second = second
            .wrapping_add(*first & 0xFF)
            .wrapping_mul(134_775_813)
            .wrapping_add(1);
        *third = crc_step(*third, (*second >> 24) as u8);
    }

    fn decrypt(&mut self, byte: u8) -> u8 {
        let [_, _, third] = self.0;
        let mixed = (third | 2) & 0xFFFF;
        let plain = byte ^ (mixed.wrapping_mul(mixed ^ 1) >> 8) as u8;
        self.update(plain);
        plain
    }
}

/// The step of CRC-32 for one byte, without the inversions at its start and end.
fn crc_step(crc: u32, byte: u8) -> u32 {
    CRC_TABLE
        .get(usize::from(crc as u8 ^ byte))
        .map_or(crc, |step| step ^ (crc >> 8))
}

/// The steps of CRC-32 for each byte.
static CRC_TABLE: LazyLock<[u32; 256]> = LazyLock::new(|| {
    let bit = |value: u32| {
        let carry = if value & 1 == 1 { 0xEDB8_8320 } else { 0 };
        (value >> 1) ^ carry
    };
    std::array::from_fn(|byte| (0..8).fold(byte as u32, |value, _| bit(value)))
});

fn zip_crypto(data: &[u8], password: &[u8], check: u8) -> Option<Vec<u8>> {
    let (header, data) = data.split_at_checked(CRYPTO_HEADER_BYTES)?;
    let mut keys = Keys::new(password);
    let last = header.iter().map(|byte| keys.decrypt(*byte)).last()?;
    (last == check).then(|| data.iter().map(|byte| keys.decrypt(*byte)).collect())
}

fn aes(data: &[u8], password: &[u8], key_bytes: usize) -> Option<Vec<u8>> {
    let (salt, rest) = data.split_at_checked(key_bytes / 2)?;
    let (verifier, rest) = rest.split_at_checked(VERIFIER_BYTES)?;
    let (data, code) = rest.split_at_checked(rest.len().checked_sub(CODE_BYTES)?)?;
    let derivation = Derivation::new(password, salt)?;
    // The verifier is in one block of up to four. Only for a likely password, all are derived.
    let keys = 2 * key_bytes;
    let block = derivation.block(keys / DERIVED_BLOCK);
    let expected = block.get(keys % DERIVED_BLOCK..)?;
    if !expected.starts_with(verifier) {
        return None;
    }
    let derived = derivation.bytes(keys);
    let (key, code_key) = derived.split_at_checked(key_bytes)?;
    let mut mac = <Hmac<Sha1> as KeyInit>::new_from_slice(code_key).ok()?;
    mac.update(data);
    mac.verify_truncated_left(code).ok()?;
    counter_mode(data, key)
}

/// Derives keys from a password by PBKDF2 with HMAC-SHA-1 (RFC 8018, 5.2).
struct Derivation<'d> {
    keyed: Hmac<Sha1>,
    salt: &'d [u8],
}

impl<'d> Derivation<'d> {
    fn new(password: &[u8], salt: &'d [u8]) -> Option<Self> {
        let keyed = <Hmac<Sha1> as KeyInit>::new_from_slice(password).ok()?;
        Some(Self { keyed, salt })
    }

    /// Returns the first bytes of what is derived.
    fn bytes(&self, length: usize) -> Zeroizing<Vec<u8>> {
        let blocks = 0..length.div_ceil(DERIVED_BLOCK);
        let mut derived = Zeroizing::new(Vec::with_capacity(blocks.len() * DERIVED_BLOCK));
        blocks.for_each(|index| derived.extend_from_slice(&*self.block(index)));
        derived.truncate(length);
        derived
    }

    /// Returns a block by its index from 0; the specification counts from 1.
    fn block(&self, index: usize) -> Zeroizing<[u8; DERIVED_BLOCK]> {
        let number = index as u32 + 1;
        let mut round = self.hash(&[self.salt, &number.to_be_bytes()]);
        let mut sum = Zeroizing::new(round);
        for _ in 1..KEY_ROUNDS {
            round = self.hash(&[&round]);
            sum.iter_mut()
                .zip(&round)
                .for_each(|(sum, byte)| *sum ^= byte);
        }
        sum
    }

    fn hash(&self, parts: &[&[u8]]) -> [u8; DERIVED_BLOCK] {
        let mut mac = self.keyed.clone();
        for part in parts {
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

/// Decrypts data with a counter that is little-endian and starts at 1.
fn counter_mode(data: &[u8], key: &[u8]) -> Option<Vec<u8>> {
    match key.len() {
        16 => Some(with_cipher(&Aes128::new_from_slice(key).ok()?, data)),
        24 => Some(with_cipher(&Aes192::new_from_slice(key).ok()?, data)),
        _ => Some(with_cipher(&Aes256::new_from_slice(key).ok()?, data)),
    }
}

fn with_cipher<C: BlockCipherEncrypt<BlockSize = aes::cipher::consts::U16>>(
    cipher: &C,
    data: &[u8],
) -> Vec<u8> {
    let mut plain = data.to_vec();
    for (counter, chunk) in (1_u128..).zip(plain.chunks_mut(AES_BLOCK)) {
        let mut block = Array::from(counter.to_le_bytes());
        cipher.encrypt_block(&mut block);
        chunk
            .iter_mut()
            .zip(&block)
            .for_each(|(byte, key)| *byte ^= key);
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::hex;
    use flate2::Crc;

    #[test]
    fn keys_are_derived_as_specified() {
        // RFC 6070 has other counts of rounds; this value is that of OpenSSL.
        let derivation = Derivation::new(b"password", b"salt").unwrap();
        assert_eq!(
            hex(&derivation.bytes(20)),
            "6e88be8bad7eae9d9e10aa061224034fed48d03f"
        );
    }

    #[test]
    fn the_step_is_that_of_the_checksum() {
        let mut crc = Crc::new();
        crc.update(b"123456789");
        let steps = b"123456789".iter();
        let own = !steps.fold(!0, |crc, byte| crc_step(crc, *byte));
        assert_eq!(own, crc.sum());
    }
}
