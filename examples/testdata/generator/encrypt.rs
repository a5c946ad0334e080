//! Encrypts with the standard security handler, revisions 2 to 6 (ISO 32000-2, 7.6).
//!
//! Salts and initialization vectors come from a fixed seed, so that every run writes the same
//! bytes. A real producer must not do this. Passwords are used as passed in: the case prepares them
//! (`SASLprep`, `PDFDocEncoding`).

use aes::cipher::{Array, BlockCipherEncrypt, BlockModeEncrypt, BlockSizeUser, KeyInit, KeyIvInit};
use aes::{Aes128, Aes256};
use md5::{Digest, Md5};
use sha2::{Sha256, Sha384, Sha512};

use super::object::{Dict, Id, name, text};
use super::random::Random;

/// Padding of short passwords in revisions 2 to 4 (7.6.4.3.2).
const PADDING: [u8; 32] = [
    0x28, 0xBF, 0x4E, 0x5E, 0x4E, 0x75, 0x8A, 0x41, 0x64, 0x00, 0x4E, 0x56, 0xFF, 0xFA, 0x01, 0x08,
    0x2E, 0x2E, 0x00, 0xB6, 0xD0, 0x68, 0x3E, 0x80, 0x2F, 0x0C, 0xA9, 0xFE, 0x64, 0x53, 0x69, 0x7A,
];

/// Allows printing but neither copying nor changing, as banks typically do.
const PERMISSIONS: i32 = -1340;

/// An encryption method and revision.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Revision 2, V 1.
    Rc4With40Bits,
    /// Revision 3, V 2.
    Rc4With128Bits,
    /// Revision 4, crypt filter `AESV2`.
    Aes128,
    /// Revision 5, the draft of AES-256 that Acrobat 9 wrote.
    Aes256Draft,
    /// Revision 6, crypt filter `AESV3`.
    Aes256,
    /// Revision 7, crypt filter `AESV4` (ISO/TS 32003).
    Aes256Gcm,
    /// Revision 4 with both default filters `Identity`: only attachments are encrypted.
    AttachmentsOnly,
}

impl Scheme {
    /// Those that programs use for whole files.
    pub const COMMON: [Self; 5] = [
        Self::Rc4With40Bits,
        Self::Rc4With128Bits,
        Self::Aes128,
        Self::Aes256Draft,
        Self::Aes256,
    ];
}

/// The location of the encryption dictionary.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Placement {
    Indirect,
    InTrailer,
}

/// Encrypts strings and streams under one file key.
pub struct Encryptor {
    scheme: Scheme,
    key: Vec<u8>,
    /// The encryption dictionary, which the writer adds to the file.
    pub dict: Dict,
    pub placement: Placement,
}

impl Scheme {
    /// Returns the name of the method in bankscreen's records.
    pub fn method(self) -> &'static str {
        match self {
            Self::Rc4With40Bits => "RC4-40",
            Self::Rc4With128Bits => "RC4-128",
            Self::Aes128 => "AES-128",
            Self::Aes256Draft | Self::Aes256 => "AES-256",
            Self::Aes256Gcm => "AES-256-GCM",
            Self::AttachmentsOnly => "Identity",
        }
    }

    fn revision(self) -> i32 {
        match self {
            Self::Rc4With40Bits => 2,
            Self::Rc4With128Bits => 3,
            Self::Aes128 | Self::AttachmentsOnly => 4,
            Self::Aes256Draft => 5,
            Self::Aes256 => 6,
            Self::Aes256Gcm => 7,
        }
    }

    fn key_length(self) -> usize {
        match self {
            Self::Rc4With40Bits => 5,
            Self::Rc4With128Bits | Self::Aes128 | Self::AttachmentsOnly => 16,
            Self::Aes256Draft | Self::Aes256 | Self::Aes256Gcm => 32,
        }
    }
}

impl Encryptor {
    /// Sets up encryption with two passwords. With an empty user password, the file opens without
    /// one.
    pub fn new(
        scheme: Scheme,
        user: &[u8],
        owner: &[u8],
        file_id: &[u8],
        placement: Placement,
    ) -> Self {
        let (key, dict) = match scheme {
            Scheme::Aes256Draft | Scheme::Aes256 | Scheme::Aes256Gcm => {
                generate_key(scheme, user, owner)
            }
            _ => derive_key(scheme, user, owner, file_id),
        };
        let dict = dict
            .with("Filter", name("Standard"))
            .with("R", scheme.revision())
            .with("P", PERMISSIONS)
            .with("Length", scheme.key_length() * 8);
        let filter = |method: &str| {
            Dict::new()
                .with("CFM", name(method))
                .with("AuthEvent", name("DocOpen"))
                .with("Length", scheme.key_length())
        };
        let default_filters = |dict: Dict, method: &str, used: &str| {
            dict.with("CF", Dict::new().with("StdCF", filter(method)))
                .with("StmF", name(used))
                .with("StrF", name(used))
        };
        let dict = match scheme {
            Scheme::Rc4With40Bits => dict.with("V", 1),
            Scheme::Rc4With128Bits => dict.with("V", 2),
            Scheme::Aes128 => default_filters(dict.with("V", 4), "AESV2", "StdCF"),
            Scheme::Aes256Draft | Scheme::Aes256 => {
                default_filters(dict.with("V", 5), "AESV3", "StdCF")
            }
            Scheme::Aes256Gcm => default_filters(dict.with("V", 6), "AESV4", "StdCF"),
            Scheme::AttachmentsOnly => {
                default_filters(dict.with("V", 4), "AESV2", "Identity").with("EFF", name("StdCF"))
            }
        };
        Self {
            scheme,
            key,
            dict,
            placement,
        }
    }

    /// Sets up encryption for a certificate. No private key exists, so the file cannot be
    /// decrypted.
    pub fn for_certificate() -> Self {
        let mut random = Random::new(0xCE87);
        let envelope = [&[0x30, 0x82, 0x00, 0xC4][..], &random.bytes::<196>()].concat();
        let filter = Dict::new()
            .with("Type", name("CryptFilter"))
            .with("CFM", name("AESV2"))
            .with("Length", 128)
            .with("EncryptMetadata", true)
            .with("Recipients", vec![text(envelope)]);
        let dict = Dict::new()
            .with("Filter", name("Adobe.PubSec"))
            .with("SubFilter", name("adbe.pkcs7.s5"))
            .with("V", 4)
            .with("Length", 128)
            .with("CF", Dict::new().with("DefaultCryptFilter", filter))
            .with("StmF", name("DefaultCryptFilter"))
            .with("StrF", name("DefaultCryptFilter"));
        let key = random.bytes::<16>().to_vec();
        Self {
            scheme: Scheme::Aes128,
            key,
            dict,
            placement: Placement::Indirect,
        }
    }

    /// Encrypts a string in object `id`.
    pub fn string(&self, id: Id, bytes: &[u8]) -> Vec<u8> {
        self.encrypt(id, bytes)
    }

    /// Encrypts the data of stream object `id`.
    pub fn stream(&self, id: Id, bytes: &[u8]) -> Vec<u8> {
        self.encrypt(id, bytes)
    }

    fn encrypt(&self, id: Id, bytes: &[u8]) -> Vec<u8> {
        match self.scheme {
            Scheme::AttachmentsOnly => bytes.to_vec(),
            Scheme::Rc4With40Bits | Scheme::Rc4With128Bits => rc4(&self.object_key(id, b""), bytes),
            Scheme::Aes128 => {
                let key = self.object_key(id, b"sAlT");
                encrypt_aes::<Aes128>(&key, id, bytes)
            }
            Scheme::Aes256Draft | Scheme::Aes256 => encrypt_aes::<Aes256>(&self.key, id, bytes),
            Scheme::Aes256Gcm => encrypt_gcm(&self.key, id, bytes),
        }
    }

    /// Derives the key of an object from the file key and, for AES, a constant salt (algorithm 1).
    fn object_key(&self, id: Id, salt: &[u8]) -> Vec<u8> {
        let mut digest = Md5::new();
        digest.update(&self.key);
        digest.update(&id.0.to_le_bytes()[..3]);
        digest.update([0, 0]);
        digest.update(salt);
        digest.finalize()[..(self.key.len() + 5).min(16)].to_vec()
    }
}

/// Derives the file key from the user password (algorithms 2 to 5).
fn derive_key(scheme: Scheme, user: &[u8], owner: &[u8], file_id: &[u8]) -> (Vec<u8>, Dict) {
    let is_revision_2 = scheme == Scheme::Rc4With40Bits;
    let length = scheme.key_length();
    let rounds = if is_revision_2 { 0 } else { 50 };
    let hash = |first: &[u8]| {
        let mut digest = Md5::digest(first).to_vec();
        for _ in 0..rounds {
            digest = Md5::digest(&digest[..length]).to_vec();
        }
        digest.truncate(length);
        digest
    };

    let owner_entry = rc4_chain(&hash(&padded(owner)), &padded(user), is_revision_2);
    let key = hash(
        &[
            &padded(user)[..],
            &owner_entry,
            &PERMISSIONS.to_le_bytes(),
            file_id,
        ]
        .concat(),
    );
    let user_entry = if is_revision_2 {
        rc4(&key, &PADDING)
    } else {
        let mut entry = rc4_chain(
            &key,
            &Md5::digest([&PADDING, file_id].concat()),
            is_revision_2,
        );
        entry.resize(32, 0);
        entry
    };
    (
        key,
        Dict::new()
            .with("O", text(owner_entry))
            .with("U", text(user_entry)),
    )
}

/// Generates a file key and wraps it with each of the two passwords (algorithms 8 to 10).
fn generate_key(scheme: Scheme, user: &[u8], owner: &[u8]) -> (Vec<u8>, Dict) {
    let mut random = Random::new(0x0A55);
    let key: [u8; 32] = random.bytes();
    let hash = |password: &[u8], salt: &[u8], user_entry: &[u8]| match scheme {
        Scheme::Aes256 | Scheme::Aes256Gcm => hardened_hash(password, salt, user_entry),
        _ => Sha256::digest([password, salt, user_entry].concat()).to_vec(),
    };
    let mut entries = |password: &[u8], user_entry: &[u8]| {
        let (validation, wrapping): ([u8; 8], [u8; 8]) = (random.bytes(), random.bytes());
        let check = hash(password, &validation, user_entry);
        let wrapped = cbc::<Aes256>(&hash(password, &wrapping, user_entry), &[0; 16], &key);
        ([&check[..], &validation, &wrapping].concat(), wrapped)
    };
    let (user_entry, user_key) = entries(user, b"");
    let (owner_entry, owner_key) = entries(owner, &user_entry);
    let mut permissions = [0xFF; 16];
    permissions[..4].copy_from_slice(&PERMISSIONS.to_le_bytes());
    permissions[8..12].copy_from_slice(b"Tadb");
    permissions[12..].copy_from_slice(&random.bytes::<4>());
    let dict = Dict::new()
        .with("O", text(owner_entry))
        .with("U", text(user_entry))
        .with("OE", text(owner_key))
        .with("UE", text(user_key))
        .with("Perms", text(cbc::<Aes256>(&key, &[0; 16], &permissions)));
    (key.to_vec(), dict)
}

/// Computes the hash of revision 6 (algorithm 2.B).
fn hardened_hash(password: &[u8], salt: &[u8], user_entry: &[u8]) -> Vec<u8> {
    let mut key = Sha256::digest([password, salt, user_entry].concat()).to_vec();
    let mut round = 0;
    loop {
        round += 1;
        let repeated = [password, &key, user_entry].concat().repeat(64);
        let encrypted = cbc::<Aes128>(&key[..16], &key[16..32], &repeated);
        let rest = encrypted[..16].iter().map(|&b| u32::from(b)).sum::<u32>() % 3;
        key = match rest {
            0 => Sha256::digest(&encrypted).to_vec(),
            1 => Sha384::digest(&encrypted).to_vec(),
            _ => Sha512::digest(&encrypted).to_vec(),
        };
        let last = encrypted.last().copied().map_or(0, u32::from);
        if round >= 64 && last + 32 <= round {
            key.truncate(32);
            return key;
        }
    }
}

/// Pads or truncates a password to 32 bytes.
fn padded(password: &[u8]) -> [u8; 32] {
    let mut padded = [0; 32];
    for (slot, byte) in padded.iter_mut().zip(password.iter().chain(&PADDING)) {
        *slot = *byte;
    }
    padded
}

/// Applies one pass of RC4, or the 20 passes of revision 3 and later.
fn rc4_chain(key: &[u8], bytes: &[u8], once: bool) -> Vec<u8> {
    let passes = if once { 1 } else { 20 };
    (0..passes).fold(bytes.to_vec(), |bytes, pass| {
        let key: Vec<u8> = key.iter().map(|b| b ^ pass).collect();
        rc4(&key, &bytes)
    })
}

fn rc4(key: &[u8], bytes: &[u8]) -> Vec<u8> {
    let mut state: [u8; 256] = std::array::from_fn(|i| u8::try_from(i).expect("below 256"));
    let mut j = 0_u8;
    for i in 0..256 {
        j = j.wrapping_add(state[i]).wrapping_add(key[i % key.len()]);
        state.swap(i, j.into());
    }
    let (mut i, mut j) = (0_u8, 0_u8);
    bytes
        .iter()
        .map(|byte| {
            i = i.wrapping_add(1);
            j = j.wrapping_add(state[usize::from(i)]);
            state.swap(i.into(), j.into());
            byte ^ state[usize::from(state[usize::from(i)].wrapping_add(state[usize::from(j)]))]
        })
        .collect()
}

/// Encrypts with AES-GCM, prepends the initialization vector and appends the tag (NIST SP 800-38D).
fn encrypt_gcm(key: &[u8], id: Id, bytes: &[u8]) -> Vec<u8> {
    let cipher = Aes256::new_from_slice(key).expect("a key of 32 bytes");
    let encrypt = |block: u128| {
        let mut block = Array::from(block.to_be_bytes());
        cipher.encrypt_block(&mut block);
        u128::from_be_bytes(block.into())
    };
    let vector: [u8; 12] = Random::new(u64::from(id.0) + 0x6C3).bytes();
    let mut start = [0; 16];
    start[..12].copy_from_slice(&vector);
    let start = u128::from_be_bytes(start);
    let block = |bytes: &[u8]| {
        let mut block = [0; 16];
        block[..bytes.len()].copy_from_slice(bytes);
        u128::from_be_bytes(block)
    };
    let mut out = vector.to_vec();
    let (hash_key, mut hash) = (encrypt(0), 0);
    for (counter, plain) in (2..).zip(bytes.chunks(16)) {
        let mask = encrypt(start | counter).to_be_bytes();
        let encrypted: Vec<u8> = plain.iter().zip(mask).map(|(a, b)| a ^ b).collect();
        hash = multiply(hash ^ block(&encrypted), hash_key);
        out.extend(encrypted);
    }
    let bits = u128::try_from(bytes.len() * 8).expect("a length");
    let tag = multiply(hash ^ bits, hash_key) ^ encrypt(start | 1);
    out.extend(tag.to_be_bytes());
    out
}

/// Multiplies in the field of GCM.
fn multiply(a: u128, b: u128) -> u128 {
    let (mut product, mut factor) = (0, b);
    for bit in (0..128).rev() {
        if a >> bit & 1 == 1 {
            product ^= factor;
        }
        let is_odd = factor & 1 == 1;
        factor >>= 1;
        if is_odd {
            factor ^= 0xE1 << 120;
        }
    }
    product
}

/// Encrypts padded bytes with AES-CBC and prepends the initialization vector.
fn encrypt_aes<C>(key: &[u8], id: Id, bytes: &[u8]) -> Vec<u8>
where
    C: BlockCipherEncrypt + KeyInit + BlockSizeUser,
{
    let vector: [u8; 16] = Random::new(u64::from(id.0) << 32 | bytes.len() as u64).bytes();
    let padding = 16 - bytes.len() % 16;
    let padded = [
        bytes,
        &vec![u8::try_from(padding).expect("1 to 16"); padding],
    ]
    .concat();
    [&vector[..], &cbc::<C>(key, &vector, &padded)].concat()
}

/// Encrypts whole blocks with AES in CBC mode.
fn cbc<C>(key: &[u8], vector: &[u8], bytes: &[u8]) -> Vec<u8>
where
    C: BlockCipherEncrypt + KeyInit + BlockSizeUser,
{
    let mut mode = cbc::Encryptor::<C>::new_from_slices(key, vector).expect("sizes of AES");
    let mut out = bytes.to_vec();
    for block in out.chunks_exact_mut(16) {
        mode.encrypt_block(<&mut Array<u8, C::BlockSize>>::try_from(block).expect("16 bytes"));
    }
    out
}
