//! Digests and signature algorithms.

use super::asn1::{Element, INTEGER, OBJECT_IDENTIFIER, Reader, SEQUENCE, constructed};
use crate::pdf::limits::{Budget, LimitHit};
use rsa::pkcs1v15::Pkcs1v15Sign;
use rsa::signature::hazmat::PrehashVerifier;
use rsa::{BoxedUint, Pss, PublicKey as RsaPublicKey};
use sha1::{Digest, Sha1};
use sha2::{Sha256, Sha384, Sha512};
use std::ops::RangeInclusive;

/// Bytes that are digested between two looks at the clock.
const PIECE: usize = 4 << 20;
/// Bits of the moduli of RSA keys. Old signatures have short keys.
const RSA_BITS: RangeInclusive<usize> = 1024..=8192;
/// Salt length if the parameters of RSASSA-PSS have none (RFC 4055, 3.1).
const DEFAULT_SALT: u32 = 20;

const RSA_ENCRYPTION: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01];
/// RSASSA-PSS (RFC 4055).
const RSA_PSS: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0A];
const MGF1: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x08];
const EC_PUBLIC_KEY: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01];
const P256: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07];
const P384: &[u8] = &[0x2B, 0x81, 0x04, 0x00, 0x22];

/// RSA PKCS #1 v1.5 and ECDSA with a digest, by their object identifiers.
const COMBINATIONS: [(&[u8], Padding, Hash); 8] = [
    (
        &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x05],
        Padding::Pkcs1,
        Hash::Sha1,
    ),
    (
        &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0B],
        Padding::Pkcs1,
        Hash::Sha256,
    ),
    (
        &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0C],
        Padding::Pkcs1,
        Hash::Sha384,
    ),
    (
        &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0D],
        Padding::Pkcs1,
        Hash::Sha512,
    ),
    (
        &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x01],
        Padding::Ecdsa,
        Hash::Sha1,
    ),
    (
        &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02],
        Padding::Ecdsa,
        Hash::Sha256,
    ),
    (
        &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x03],
        Padding::Ecdsa,
        Hash::Sha384,
    ),
    (
        &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x04],
        Padding::Ecdsa,
        Hash::Sha512,
    ),
];

/// A digest algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hash {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    const ALL: [(&'static [u8], Self); 4] = [
        (&[0x2B, 0x0E, 0x03, 0x02, 0x1A], Self::Sha1),
        (
            &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01],
            Self::Sha256,
        ),
        (
            &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02],
            Self::Sha384,
        ),
        (
            &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03],
            Self::Sha512,
        ),
    ];

    /// Reads an algorithm identifier.
    pub(super) fn parse(algorithm: Element<'_>) -> Result<Self, Unsupported> {
        let identifier = algorithm.reader().require(OBJECT_IDENTIFIER);
        let identifier = identifier.ok_or(Unsupported)?.content;
        let mut all = Self::ALL.into_iter();
        let found = all.find(|(known, _)| *known == identifier);
        found.map(|(_, hash)| hash).ok_or(Unsupported)
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "SHA-1",
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        }
    }

    pub(super) fn digest(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha1 => Sha1::digest(bytes).to_vec(),
            Self::Sha256 => Sha256::digest(bytes).to_vec(),
            Self::Sha384 => Sha384::digest(bytes).to_vec(),
            Self::Sha512 => Sha512::digest(bytes).to_vec(),
        }
    }

    /// Digests parts of a file.
    pub(super) fn digest_parts(
        self,
        parts: [&[u8]; 2],
        budget: &Budget<'_>,
    ) -> Result<Vec<u8>, LimitHit> {
        match self {
            Self::Sha1 => digest_parts::<Sha1>(parts, budget),
            Self::Sha256 => digest_parts::<Sha256>(parts, budget),
            Self::Sha384 => digest_parts::<Sha384>(parts, budget),
            Self::Sha512 => digest_parts::<Sha512>(parts, budget),
        }
    }
}

fn digest_parts<D: Digest>(parts: [&[u8]; 2], budget: &Budget<'_>) -> Result<Vec<u8>, LimitHit> {
    let mut digest = D::new();
    for piece in parts.into_iter().flat_map(|part| part.chunks(PIECE)) {
        budget.check_time()?;
        digest.update(piece);
    }
    Ok(digest.finalize().to_vec())
}

/// An algorithm or a structure that is not supported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unsupported;

/// How a digest becomes a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Padding {
    Pkcs1,
    Pss { salt: usize },
    Ecdsa,
}

/// A signature algorithm with its digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scheme {
    padding: Padding,
    pub(super) hash: Hash,
}

impl Scheme {
    /// Reads an algorithm identifier. Some name the key only; the digest is then `hash`.
    pub(super) fn parse(algorithm: Element<'_>, hash: Option<Hash>) -> Result<Self, Unsupported> {
        let mut reader = algorithm.reader();
        let identifier = reader
            .require(OBJECT_IDENTIFIER)
            .ok_or(Unsupported)?
            .content;
        let mut known = COMBINATIONS.into_iter();
        if let Some((_, padding, hash)) = known.find(|(known, ..)| *known == identifier) {
            return Ok(Self { padding, hash });
        }
        let padding = match identifier {
            RSA_ENCRYPTION => Padding::Pkcs1,
            EC_PUBLIC_KEY => Padding::Ecdsa,
            RSA_PSS => return Self::parse_pss(reader.optional(SEQUENCE)),
            _ => return Err(Unsupported),
        };
        let hash = hash.ok_or(Unsupported)?;
        Ok(Self { padding, hash })
    }

    /// Reads the parameters of RSASSA-PSS (RFC 4055, 3.1).
    fn parse_pss(parameters: Option<Element<'_>>) -> Result<Self, Unsupported> {
        let mut reader = parameters.map_or(Reader::new(&[]), Element::reader);
        let mut inner = |number| reader.optional(constructed(number))?.reader().next();
        let hash = inner(0).map_or(Ok(Hash::Sha1), Hash::parse)?;
        let mask_hash = match inner(1) {
            None => Hash::Sha1,
            Some(mask) => {
                let mut mask = mask.reader();
                let identifier = mask.require(OBJECT_IDENTIFIER);
                let hash = mask
                    .next()
                    .filter(|_| identifier.is_some_and(|identifier| identifier.content == MGF1));
                Hash::parse(hash.ok_or(Unsupported)?)?
            }
        };
        let salt = inner(2).map_or(Some(DEFAULT_SALT), Element::number);
        let salt = salt.ok_or(Unsupported)?;
        // The library generates the mask by the digest of the message, as all signers do.
        if mask_hash != hash {
            return Err(Unsupported);
        }
        Ok(Self {
            padding: Padding::Pss {
                salt: salt as usize,
            },
            hash,
        })
    }
}

/// The public key of a certificate: a `SubjectPublicKeyInfo` (RFC 5280, 4.1.2.7).
#[derive(Debug, Clone, Copy)]
pub(super) struct PublicKey<'b> {
    algorithm: &'b [u8],
    curve: Option<&'b [u8]>,
    bits: &'b [u8],
}

impl<'b> PublicKey<'b> {
    pub(super) fn parse(info: Element<'b>) -> Option<Self> {
        let mut reader = info.reader();
        let mut algorithm = reader.require(SEQUENCE)?.reader();
        let identifier = algorithm.require(OBJECT_IDENTIFIER)?.content;
        let curve = algorithm.optional(OBJECT_IDENTIFIER);
        Some(Self {
            algorithm: identifier,
            curve: curve.map(|curve| curve.content),
            bits: reader.next()?.bits()?,
        })
    }

    /// Returns whether the signature of a digest holds.
    pub(super) fn verify(
        &self,
        scheme: Scheme,
        digest: &[u8],
        signature: &[u8],
    ) -> Result<bool, Unsupported> {
        match (scheme.padding, self.algorithm, self.curve) {
            // The library rejects digests of less than half the length of the key.
            (Padding::Ecdsa, EC_PUBLIC_KEY, Some(P384)) if digest.len() < 24 => Err(Unsupported),
            (Padding::Ecdsa, EC_PUBLIC_KEY, Some(P256)) => self.verify_p256(digest, signature),
            (Padding::Ecdsa, EC_PUBLIC_KEY, Some(P384)) => self.verify_p384(digest, signature),
            (Padding::Ecdsa, EC_PUBLIC_KEY, _) => Err(Unsupported),
            (Padding::Pkcs1 | Padding::Pss { .. }, RSA_ENCRYPTION | RSA_PSS, _) => {
                self.verify_rsa(scheme, digest, signature)
            }
            // A signature by another kind of key.
            _ => Ok(false),
        }
    }

    fn verify_rsa(
        &self,
        scheme: Scheme,
        digest: &[u8],
        signature: &[u8],
    ) -> Result<bool, Unsupported> {
        let mut numbers = Element::parse(self.bits).ok_or(Unsupported)?.reader();
        let mut number = || {
            let digits = numbers.require(INTEGER)?.content;
            Some(BoxedUint::from_be_slice_vartime(without_zeros(digits)))
        };
        let (modulus, exponent) = number().zip(number()).ok_or(Unsupported)?;
        let key = RsaPublicKey::new_with_size_limits(modulus, exponent, RSA_BITS);
        let key = key.map_err(|_unusable| Unsupported)?;
        let verified = match (scheme.padding, scheme.hash) {
            (Padding::Pss { salt }, hash) => match hash {
                Hash::Sha1 => key.verify(Pss::<Sha1>::new_with_salt(salt), digest, signature),
                Hash::Sha256 => key.verify(Pss::<Sha256>::new_with_salt(salt), digest, signature),
                Hash::Sha384 => key.verify(Pss::<Sha384>::new_with_salt(salt), digest, signature),
                Hash::Sha512 => key.verify(Pss::<Sha512>::new_with_salt(salt), digest, signature),
            },
            (_, Hash::Sha1) => key.verify(Pkcs1v15Sign::new::<Sha1>(), digest, signature),
            (_, Hash::Sha256) => key.verify(Pkcs1v15Sign::new::<Sha256>(), digest, signature),
            (_, Hash::Sha384) => key.verify(Pkcs1v15Sign::new::<Sha384>(), digest, signature),
            (_, Hash::Sha512) => key.verify(Pkcs1v15Sign::new::<Sha512>(), digest, signature),
        };
        Ok(verified.is_ok())
    }

    fn verify_p256(&self, digest: &[u8], signature: &[u8]) -> Result<bool, Unsupported> {
        let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(self.bits);
        let key = key.map_err(|_invalid| Unsupported)?;
        let signature = scalars::<32>(signature)
            .and_then(|scalars| p256::ecdsa::Signature::from_slice(&scalars).ok());
        Ok(signature.is_some_and(|signature| key.verify_prehash(digest, &signature).is_ok()))
    }

    fn verify_p384(&self, digest: &[u8], signature: &[u8]) -> Result<bool, Unsupported> {
        let key = p384::ecdsa::VerifyingKey::from_sec1_bytes(self.bits);
        let key = key.map_err(|_invalid| Unsupported)?;
        let signature = scalars::<48>(signature)
            .and_then(|scalars| p384::ecdsa::Signature::from_slice(&scalars).ok());
        Ok(signature.is_some_and(|signature| key.verify_prehash(digest, &signature).is_ok()))
    }
}

/// Returns both numbers of an ECDSA signature with leading zeros (RFC 3279, 2.2.3).
fn scalars<const BYTES: usize>(signature: &[u8]) -> Option<Vec<u8>> {
    let mut numbers = Element::parse(signature)?.reader();
    let mut scalars = Vec::with_capacity(2 * BYTES);
    for _ in 0..2 {
        let digits = without_zeros(numbers.require(INTEGER)?.content);
        let zeros = BYTES.checked_sub(digits.len())?;
        scalars.extend(std::iter::repeat_n(0, zeros));
        scalars.extend_from_slice(digits);
    }
    Some(scalars)
}

/// Returns the digits of a number without leading zeros.
pub(super) fn without_zeros(digits: &[u8]) -> &[u8] {
    let zeros = digits.iter().take_while(|digit| **digit == 0).count();
    digits.get(zeros..).unwrap_or_default()
}
