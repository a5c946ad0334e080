//! Signs files: keys, certificates (X.509), signatures (CMS) and timestamps (RFC 3161).
//!
//! The keys are constants, and so are the salts, so that every run writes the same bytes. Nobody
//! may trust them: they are public.

use p256::ecdsa::signature::hazmat::PrehashSigner;
use rsa::pkcs1v15::Pkcs1v15Sign;
use rsa::rand_core::{TryCryptoRng, TryRng};
use rsa::traits::PublicKeyParts;
use rsa::{BoxedUint, PrivateKey, Pss};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384};
use std::convert::Infallible;
use std::sync::LazyLock;

/// Bytes that are reserved for a signature in a file.
pub const RESERVED: usize = 6000;
/// The time of all signatures and timestamps.
pub const SIGNED_AT: &str = "240603043000Z";

const SIGNED_DATA: &str = "1.2.840.113549.1.7.2";
const DATA: &str = "1.2.840.113549.1.7.1";
const TIMESTAMP_INFO: &str = "1.2.840.113549.1.9.16.1.4";
const CONTENT_TYPE: &str = "1.2.840.113549.1.9.3";
const MESSAGE_DIGEST: &str = "1.2.840.113549.1.9.4";
const SIGNING_TIME: &str = "1.2.840.113549.1.9.5";
const SIGNING_CERTIFICATE: &str = "1.2.840.113549.1.9.16.2.47";
const SIGNATURE_TIMESTAMP: &str = "1.2.840.113549.1.9.16.2.14";
const RSA_ENCRYPTION: &str = "1.2.840.113549.1.1.1";
const RSA_SHA256: &str = "1.2.840.113549.1.1.11";
const RSA_PSS: &str = "1.2.840.113549.1.1.10";
const MGF1: &str = "1.2.840.113549.1.1.8";
const EC_PUBLIC_KEY: &str = "1.2.840.10045.2.1";
const P256: &str = "1.2.840.10045.3.1.7";
const P384: &str = "1.3.132.0.34";
const ECDSA_SHA256: &str = "1.2.840.10045.4.3.2";
const ECDSA_SHA384: &str = "1.2.840.10045.4.3.3";
const SHA1: &str = "1.3.14.3.2.26";
const SHA256: &str = "2.16.840.1.101.3.4.2.1";
const SHA384: &str = "2.16.840.1.101.3.4.2.2";

// The primes of the RSA keys.
const ROOT_PRIMES: [&str; 2] = [
    concat!(
        "ec46e66ed11a12852b17b3f554199c2e98e4b10262c5445163ce69790f3f998b",
        "8cbca983fc6a9b57e5b6cf1040101ba6c20ef1fbc39178b8d8a859eb21559bd2",
        "06aaeac48dd42ade977dd6413c717c573e688076bca24b19c1ef8dbe2bd9cc52",
        "ea43081eb9ae224a215eec604a73ee09fce43bc1c2e1ce5f4b4ce101587fd739",
    ),
    concat!(
        "fe292f2c7ce90666dbafdddbb5449669afa6c63b6a4b1f5aa5bf361d4befa919",
        "92c114352b700da18e24c634dcc3e7908b37c2d1cb8b2e540621ebf50c658c7e",
        "9ca7d65d1aa6dfa23ff2b748e0cc2b819fb56979774d902fa0dddcf2c102810e",
        "2c936e647942484eb76ff646e33593050040f25607aa73a21f78c2ce3b80dc43",
    ),
];
const AUTHORITY_PRIMES: [&str; 2] = [
    concat!(
        "e60d60bf054e9f5f24664ca9b866b5c8e17e9e92effadb07b653af504e72c349",
        "94c0a0ad361ed0f2bfaeb7b9b93369a720d3a41cfd58800335dd3d73a3fcef44",
        "bf18654f30496c4b43263d4f5071adc0fc88300407f5191a702f08c9bd2c99f7",
        "8053c8376488e156faeae14e391774895cb2a3621313b82aff1c18dcb7c5c20f",
    ),
    concat!(
        "f7b46e89011aee1b19cbc60709f4949361376fddb700109519f5f841220d2dbd",
        "7cea03b5b4e7e1ca715be2022b152c717fc9207a3a8107581b40e3b45c6938fa",
        "8b089e40da76007d4653ebab55c3677b79e70af9be38072e1450a7ec52bb769b",
        "bf8c6a9ead6d44de706d662916930b2aad2716c609cd61f082193f3ea8e05435",
    ),
];
const SIGNER_PRIMES: [&str; 2] = [
    concat!(
        "c0c80a4cb66d8cc441fbec71626bb10e66aa02dde67b00f12d3be26f5a92566b",
        "d2ec43f44b7d807481a8dacea420e93fd0a30e32e32deae1b12cce1c8f0b7927",
        "3b80091608a163e868e994430ddcc0ddd08528229107b5dfb36dd7ba74dd9c85",
        "571975c831d68071c302c9198dae5845937fc6bf5e1a6abf363f5229fdeacfe5",
    ),
    concat!(
        "e89bb8045c4be8e3de4d7222de61250f2899f1ebd4b556476e2c11055a43d10c",
        "bfb9d2011e585c939a8c995f998c9a25784f6caba1f47e55951d37d629c66136",
        "4773b4113ae6e4ed353d35505fc1464b96b60f2e71f5397398ecec3d25cc235d",
        "e8272b87260e3eac1d21a5ec6d0898977b1def5a92845d998805331d2f9ae8b3",
    ),
];

/// Encodes a value in DER.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match content.len() {
        length @ ..128 => out.push(length as u8),
        length => {
            let digits = length.to_be_bytes();
            let zeros = digits.iter().take_while(|digit| **digit == 0).count();
            out.push(0x80 | (digits.len() - zeros) as u8);
            out.extend_from_slice(&digits[zeros..]);
        }
    }
    out.extend_from_slice(content);
    out
}

fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    der(0x30, &parts.concat())
}

/// Encodes a set in the order that DER requires.
fn set(mut parts: Vec<Vec<u8>>) -> Vec<u8> {
    parts.sort();
    der(0x31, &parts.concat())
}

fn integer(digits: &[u8]) -> Vec<u8> {
    let zeros = digits.iter().take_while(|digit| **digit == 0).count();
    let digits = &digits[zeros.min(digits.len() - 1)..];
    let sign: &[u8] = if digits[0] & 0x80 == 0 { &[] } else { &[0] };
    der(0x02, &[sign, digits].concat())
}

fn identifier(text: &str) -> Vec<u8> {
    let arcs: Vec<u32> = text
        .split('.')
        .map(|arc| arc.parse().expect("a number"))
        .collect();
    let mut content = vec![(arcs[0] * 40 + arcs[1]) as u8];
    for arc in &arcs[2..] {
        let mut septets = vec![(arc & 0x7F) as u8];
        let mut rest = arc >> 7;
        while rest > 0 {
            septets.push(0x80 | (rest & 0x7F) as u8);
            rest >>= 7;
        }
        content.extend(septets.iter().rev());
    }
    der(0x06, &content)
}

fn algorithm(name: &str) -> Vec<u8> {
    sequence(&[identifier(name), der(0x05, &[])])
}

fn octets(content: &[u8]) -> Vec<u8> {
    der(0x04, content)
}

fn bits(content: &[u8]) -> Vec<u8> {
    der(0x03, &[&[0], content].concat())
}

fn utc_time(text: &str) -> Vec<u8> {
    der(0x17, text.as_bytes())
}

/// Encodes a name of organisation and common name.
fn distinguished(organisation: &str, common: &str) -> Vec<u8> {
    let attribute = |kind: &str, text: &str| {
        let text = der(0x0C, text.as_bytes());
        set(vec![sequence(&[identifier(kind), text])])
    };
    sequence(&[
        attribute("2.5.4.10", organisation),
        attribute("2.5.4.3", common),
    ])
}

fn attribute(kind: &str, value: Vec<u8>) -> Vec<u8> {
    sequence(&[identifier(kind), set(vec![value])])
}

/// Salts of zeros, so that every run writes the same signature.
struct Zeros;

impl TryRng for Zeros {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(0)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(0)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        bytes.fill(0);
        Ok(())
    }
}

impl TryCryptoRng for Zeros {}

/// A private key.
pub enum Key {
    Rsa(PrivateKey),
    /// An RSA key that signs by PSS, with a salt of this length.
    Pss(PrivateKey, usize),
    P256(p256::ecdsa::SigningKey),
    P384(p384::ecdsa::SigningKey),
}

impl Key {
    fn rsa(primes: [&str; 2]) -> PrivateKey {
        let number = |digits: &str| {
            let digit = |byte: &u8| char::from(*byte).to_digit(16).expect("a digit") as u8;
            let pairs = digits.as_bytes().chunks(2);
            let bytes: Vec<u8> = pairs
                .map(|pair| pair.iter().fold(0, |byte, next| byte << 4 | digit(next)))
                .collect();
            BoxedUint::from_be_slice_vartime(&bytes)
        };
        let [p, q] = primes.map(number);
        PrivateKey::from_p_q(p, q, BoxedUint::from(65537_u64)).expect("the numbers are primes")
    }

    /// Returns the `SubjectPublicKeyInfo`.
    fn public(&self) -> Vec<u8> {
        let rsa = |key: &PrivateKey| {
            let numbers = sequence(&[integer(&key.n_bytes()), integer(&key.e_bytes())]);
            sequence(&[algorithm(RSA_ENCRYPTION), bits(&numbers)])
        };
        let curve = |name: &str, point: &[u8]| {
            let algorithm = sequence(&[identifier(EC_PUBLIC_KEY), identifier(name)]);
            sequence(&[algorithm, bits(point)])
        };
        match self {
            Self::Rsa(key) | Self::Pss(key, _) => rsa(key),
            Self::P256(key) => curve(P256, key.verifying_key().to_sec1_point(false).as_bytes()),
            Self::P384(key) => curve(P384, key.verifying_key().to_sec1_point(false).as_bytes()),
        }
    }

    /// Returns the algorithm identifier of the signatures.
    fn scheme(&self) -> Vec<u8> {
        match self {
            Self::Rsa(_) => algorithm(RSA_SHA256),
            Self::Pss(_, salt) => {
                let mask = sequence(&[identifier(MGF1), algorithm(SHA256)]);
                let parameters = sequence(&[
                    der(0xA0, &algorithm(SHA256)),
                    der(0xA1, &mask),
                    der(0xA2, &integer(&salt.to_be_bytes())),
                ]);
                sequence(&[identifier(RSA_PSS), parameters])
            }
            Self::P256(_) => sequence(&[identifier(ECDSA_SHA256)]),
            Self::P384(_) => sequence(&[identifier(ECDSA_SHA384)]),
        }
    }

    /// Returns the digest algorithm and the digest of a message.
    fn digest(&self, message: &[u8]) -> (Vec<u8>, Vec<u8>) {
        match self {
            Self::P384(_) => (algorithm(SHA384), Sha384::digest(message).to_vec()),
            _ => (algorithm(SHA256), Sha256::digest(message).to_vec()),
        }
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        let (_, digest) = self.digest(message);
        match self {
            Self::Rsa(key) => key
                .sign(Pkcs1v15Sign::new::<Sha256>(), &digest)
                .expect("the key is long enough"),
            Self::Pss(key, salt) => {
                let mut padding = Pss::<Sha256>::new_with_salt(*salt);
                // Blinding would draw until it gets another number than zero.
                padding.blinded = false;
                key.sign_with_rng(&mut Zeros, padding, &digest)
                    .expect("the key is long enough")
            }
            Self::P256(key) => {
                let signature: p256::ecdsa::Signature = key
                    .sign_prehash(&digest)
                    .expect("a digest of the right length");
                two_numbers(&signature.to_bytes())
            }
            Self::P384(key) => {
                let signature: p384::ecdsa::Signature = key
                    .sign_prehash(&digest)
                    .expect("a digest of the right length");
                two_numbers(&signature.to_bytes())
            }
        }
    }
}

/// Encodes an ECDSA signature.
fn two_numbers(halves: &[u8]) -> Vec<u8> {
    let (r, s) = halves.split_at(halves.len() / 2);
    sequence(&[integer(r), integer(s)])
}

/// What a certificate is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Usage {
    Authority,
    Signer,
}

/// Who signs: a key and its certificate.
pub struct Signer {
    key: Key,
    name: Vec<u8>,
    issuer: Vec<u8>,
    serial: u8,
    pub certificate: Vec<u8>,
}

impl Signer {
    /// Issues a certificate, by `issuer` or by itself.
    fn new(
        key: Key,
        serial: u8,
        (organisation, common): (&str, &str),
        usage: Usage,
        validity: [&str; 2],
        issuer: Option<&Signer>,
    ) -> Self {
        let name = distinguished(organisation, common);
        let issuer_key = issuer.map_or(&key, |issuer| &issuer.key);
        let issuer_name = issuer.map_or(&name, |issuer| &issuer.name).clone();
        let extension = |kind: &str, value: Vec<u8>| {
            sequence(&[identifier(kind), der(0x01, &[0xFF]), octets(&value)])
        };
        let extensions = match usage {
            Usage::Authority => [
                extension("2.5.29.19", sequence(&[der(0x01, &[0xFF])])),
                extension("2.5.29.15", der(0x03, &[1, 0x06])),
            ],
            Usage::Signer => [
                extension("2.5.29.19", sequence(&[])),
                extension("2.5.29.15", der(0x03, &[6, 0xC0])),
            ],
        };
        let body = sequence(&[
            der(0xA0, &integer(&[2])),
            integer(&[serial]),
            issuer_key.scheme(),
            issuer_name.clone(),
            sequence(&validity.map(utc_time)),
            name.clone(),
            key.public(),
            der(0xA3, &sequence(&extensions)),
        ]);
        let signature = bits(&issuer_key.sign(&body));
        let certificate = sequence(&[body, issuer_key.scheme(), signature]);
        Self {
            key,
            name,
            issuer: issuer_name,
            serial,
            certificate,
        }
    }

    /// Makes a container with the signature of a content. `inside` is the content if the container
    /// has it, and its type.
    fn container(
        &self,
        content: &[u8],
        inside: Option<&[u8]>,
        content_type: &str,
        form: &Form<'_>,
    ) -> Vec<u8> {
        let (digest_algorithm, digest) = self.key.digest(content);
        let mut attributes = vec![
            attribute(CONTENT_TYPE, identifier(content_type)),
            attribute(MESSAGE_DIGEST, octets(&digest)),
        ];
        if form.has_time {
            attributes.push(attribute(SIGNING_TIME, utc_time(SIGNED_AT)));
        }
        if form.names_certificate {
            let digest = octets(&Sha256::digest(&self.certificate));
            let reference = sequence(&[sequence(&[sequence(&[digest])])]);
            attributes.push(attribute(SIGNING_CERTIFICATE, reference));
        }
        let ordered = set(attributes.clone());
        attributes.sort();
        attributes.reverse();
        let reversed = der(0x31, &attributes.concat());
        let (to_sign, in_place) = match form.order {
            AttributeOrder::Der => (&ordered, &ordered),
            AttributeOrder::DerSigned => (&ordered, &reversed),
            AttributeOrder::Stored => (&reversed, &reversed),
        };
        let signature = self.key.sign(to_sign);
        let mut attributes_in_place = in_place.clone();
        attributes_in_place[0] = 0xA0;
        let mut signer = vec![
            integer(&[1]),
            sequence(&[self.issuer.clone(), integer(&[self.serial])]),
            digest_algorithm.clone(),
            attributes_in_place,
            self.key.scheme(),
            octets(&signature),
        ];
        if let Some(authority) = form.timestamp {
            let token = authority.timestamp(&Sha256::digest(&signature));
            let timestamp = attribute(SIGNATURE_TIMESTAMP, token);
            signer.push(der(0xA1, &timestamp));
        }
        let content = match inside {
            Some(inside) => sequence(&[identifier(content_type), der(0xA0, &octets(inside))]),
            None => sequence(&[identifier(content_type)]),
        };
        let mut certificates = vec![self.certificate.clone()];
        certificates.extend(form.chain.iter().map(|signer| signer.certificate.clone()));
        let data = sequence(&[
            integer(&[1]),
            set(vec![digest_algorithm]),
            content,
            der(0xA0, &certificates.concat()),
            set(vec![sequence(&signer)]),
        ]);
        sequence(&[identifier(SIGNED_DATA), der(0xA0, &data)])
    }

    /// Makes a timestamp of a digest by SHA-256.
    fn timestamp(&self, digest: &[u8]) -> Vec<u8> {
        let info = sequence(&[
            integer(&[1]),
            identifier("1.2.3.4"),
            sequence(&[algorithm(SHA256), octets(digest)]),
            integer(&[7]),
            der(0x18, format!("20{SIGNED_AT}").as_bytes()),
        ]);
        let form = Form {
            chain: &[],
            has_time: false,
            timestamp: None,
            ..FORM
        };
        self.container(&info, Some(&info), TIMESTAMP_INFO, &form)
    }
}

/// How a file is signed.
#[derive(Clone, Copy)]
pub struct Form<'s> {
    pub sub_filter: &'static str,
    /// The further certificates in the container.
    pub chain: &'s [&'s Signer],
    /// Whether the container has the signing time.
    pub has_time: bool,
    /// Whether the container has the digest of the signer's certificate.
    pub names_certificate: bool,
    /// Who adds a timestamp of the signature.
    pub timestamp: Option<&'s Signer>,
    pub order: AttributeOrder,
}

/// In which order the signed attributes are signed and stored.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum AttributeOrder {
    /// Both in the order of DER, as nearly all programs do.
    Der,
    /// Stored in another order.
    DerSigned,
    /// Signed and stored in another order, against the standard.
    Stored,
}

/// The common form: a detached signature with the signing time.
pub const FORM: Form<'static> = Form {
    sub_filter: "adbe.pkcs7.detached",
    chain: &[],
    has_time: true,
    names_certificate: false,
    timestamp: None,
    order: AttributeOrder::Der,
};

/// Makes the container for a file in two parts.
pub fn container(parts: [&[u8]; 2], signer: &Signer, form: &Form<'_>) -> Vec<u8> {
    let content = parts.concat();
    match form.sub_filter {
        "adbe.pkcs7.sha1" => {
            let digest = Sha1::digest(&content);
            signer.container(&digest, Some(&digest), DATA, form)
        }
        "ETSI.RFC3161" => signer.timestamp(&Sha256::digest(&content)),
        _ => signer.container(&content, None, DATA, form),
    }
}

/// The certificates of the test files.
pub struct Authorities {
    pub root: Signer,
    pub authority: Signer,
    pub bank: Signer,
    /// The bank with other kinds of keys.
    pub bank_pss: Signer,
    pub bank_p256: Signer,
    pub bank_p384: Signer,
    /// The bank with a certificate that had expired before the signing time.
    pub expired: Signer,
    /// A person, whose certificate names no organisation.
    pub person: Signer,
    pub clock: Signer,
    /// Two banks that exist by name: the one of the statements that are signed, and another.
    pub federal: Signer,
    pub hdfc: Signer,
}

/// The certificates, made once.
pub static AUTHORITIES: LazyLock<Authorities> = LazyLock::new(Authorities::new);

impl Authorities {
    fn new() -> Self {
        const VALIDITY: [&str; 2] = ["200101000000Z", "400101000000Z"];
        let root = Signer::new(
            Key::Rsa(Key::rsa(ROOT_PRIMES)),
            1,
            ("Example Root PKI", "Example Root 2020"),
            Usage::Authority,
            VALIDITY,
            None,
        );
        let authority = Signer::new(
            Key::Rsa(Key::rsa(AUTHORITY_PRIMES)),
            2,
            ("Example Certifiers Ltd", "Example CA 2022"),
            Usage::Authority,
            VALIDITY,
            Some(&root),
        );
        let issue = |key, serial, names, validity| {
            Signer::new(
                key,
                serial,
                names,
                Usage::Signer,
                validity,
                Some(&authority),
            )
        };
        let rsa = || Key::rsa(SIGNER_PRIMES);
        let bank = ("Example Bank Ltd", "DS EXAMPLE BANK 1");
        let p256 = p256::ecdsa::SigningKey::from_slice(&[0x21; 32]).expect("a scalar");
        let p384 = p384::ecdsa::SigningKey::from_slice(&[0x22; 48]).expect("a scalar");
        let person = ("Personal", "ROHAN EXAMPLE");
        Self {
            bank: issue(Key::Rsa(rsa()), 3, bank, VALIDITY),
            bank_pss: issue(Key::Pss(rsa(), 48), 4, bank, VALIDITY),
            bank_p256: issue(Key::P256(p256), 5, bank, VALIDITY),
            bank_p384: issue(Key::P384(p384), 6, bank, VALIDITY),
            expired: issue(Key::Rsa(rsa()), 7, bank, ["200101000000Z", "220101000000Z"]),
            person: Signer::new(Key::Rsa(rsa()), 8, person, Usage::Signer, VALIDITY, None),
            clock: issue(
                Key::Rsa(rsa()),
                9,
                ("Example Time Ltd", "Example TSA"),
                VALIDITY,
            ),
            federal: issue(
                Key::Rsa(rsa()),
                10,
                ("THE FEDERAL BANK LIMITED", "DS FEDERAL BANK 1"),
                VALIDITY,
            ),
            hdfc: issue(
                Key::Rsa(rsa()),
                11,
                ("HDFC BANK LIMITED", "DS HDFC BANK 1"),
                VALIDITY,
            ),
            root,
            authority,
        }
    }
}
