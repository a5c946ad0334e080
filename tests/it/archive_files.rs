//! Builds archives and mails for tests: by their specifications, not with the readers under test.

use aes::Aes256;
use aes::cipher::{Array, BlockCipherEncrypt, KeyInit};
use base64::Engine as _;
use flate2::write::{DeflateEncoder, GzEncoder};
use flate2::{Compression, Crc};
use hmac::{Hmac, Mac};
use sha1::Sha1;
use std::fmt::Write as _;
use std::io::Write as _;

/// How the entries of a ZIP archive are encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ZipLock<'p> {
    None,
    ZipCrypto(&'p str),
    Aes256(&'p str),
}

pub(crate) fn crc(bytes: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum()
}

pub(crate) fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// An entry of a ZIP archive with what its headers state.
pub(crate) struct ZipEntry {
    pub(crate) name: Vec<u8>,
    pub(crate) method: u16,
    pub(crate) flags: u16,
    pub(crate) crc: u32,
    pub(crate) size: u32,
    pub(crate) extra: Vec<u8>,
    pub(crate) data: Vec<u8>,
}

impl ZipEntry {
    pub(crate) fn new(name: &str, bytes: &[u8], lock: ZipLock) -> Self {
        let compressed = deflated(bytes);
        let crc = crc(bytes);
        let mut entry = Self {
            name: name.into(),
            method: 8,
            flags: 0x800,
            crc,
            size: bytes.len() as u32,
            extra: Vec::new(),
            data: compressed.clone(),
        };
        match lock {
            ZipLock::None => {}
            ZipLock::ZipCrypto(password) => {
                entry.flags |= 1;
                let mut header = [7; 12];
                header[11] = (crc >> 24) as u8;
                entry.data = zip_crypto(&[header.as_slice(), &compressed].concat(), password);
            }
            ZipLock::Aes256(password) => {
                entry.flags |= 1;
                entry.method = 99;
                entry.crc = 0;
                // AE-2, the vendor, a key of 256 bits, and the real method.
                entry.extra = [b"\x01\x99\x07\x00\x02\x00AE\x03".as_slice(), &[8, 0]].concat();
                entry.data = aes_256(&compressed, password);
            }
        }
        entry
    }

    /// Returns what local header and directory have in common, from the version on.
    fn fields(&self) -> Vec<u8> {
        let mut fields = Vec::new();
        for value in [20, self.flags, self.method, 0, 0x21] {
            fields.extend(value.to_le_bytes());
        }
        for value in [self.crc, self.data.len() as u32, self.size] {
            fields.extend(value.to_le_bytes());
        }
        for value in [self.name.len() as u16, self.extra.len() as u16] {
            fields.extend(value.to_le_bytes());
        }
        fields
    }

    fn directory(&self, offset: u32) -> Vec<u8> {
        let mut header = b"PK\x01\x02\x14\x03".to_vec();
        header.extend(self.fields());
        header.extend([0; 10]);
        header.extend(offset.to_le_bytes());
        header.extend(&self.name);
        header.extend(&self.extra);
        header
    }
}

pub(crate) fn zip_of(entries: &[ZipEntry]) -> Vec<u8> {
    let mut archive = Vec::new();
    let mut directory = Vec::new();
    for entry in entries {
        directory.extend(entry.directory(archive.len() as u32));
        archive.extend(b"PK\x03\x04");
        archive.extend(entry.fields());
        archive.extend(&entry.name);
        archive.extend(&entry.extra);
        archive.extend(&entry.data);
    }
    ended(archive, &directory, entries.len())
}

/// Returns an archive whose directory lists one entry many times.
pub(crate) fn overlapping_zip(entry: &ZipEntry, times: usize) -> Vec<u8> {
    let once = zip_of(std::slice::from_ref(entry));
    let directory = entry.directory(0);
    let data = once.len() - 22 - directory.len();
    ended(once[..data].to_vec(), &directory.repeat(times), times)
}

fn ended(mut archive: Vec<u8>, directory: &[u8], entries: usize) -> Vec<u8> {
    let start = archive.len() as u32;
    archive.extend(directory);
    archive.extend(b"PK\x05\x06\0\0\0\0");
    for _ in 0..2 {
        archive.extend((entries as u16).to_le_bytes());
    }
    archive.extend((directory.len() as u32).to_le_bytes());
    archive.extend(start.to_le_bytes());
    archive.extend([0, 0]);
    archive
}

pub(crate) fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    locked_zip(files, ZipLock::None)
}

pub(crate) fn locked_zip(files: &[(&str, &[u8])], lock: ZipLock) -> Vec<u8> {
    let entries = files.iter();
    let entries: Vec<_> = entries
        .map(|(name, bytes)| ZipEntry::new(name, bytes, lock))
        .collect();
    zip_of(&entries)
}

/// APPNOTE.TXT, 6.1.
fn zip_crypto(plain: &[u8], password: &str) -> Vec<u8> {
    let step = |crc: u32, byte: u8| {
        let shifted = (0..8).fold((crc ^ u32::from(byte)) & 0xFF, |value, _| {
            (value >> 1) ^ (0xEDB8_8320 * (value & 1))
        });
        (crc >> 8) ^ shifted
    };
    let mut keys = [0x1234_5678_u32, 0x2345_6789, 0x3456_7890];
    let update = |keys: &mut [u32; 3], byte: u8| {
        keys[0] = step(keys[0], byte);
        let sum = keys[1].wrapping_add(keys[0] & 0xFF);
        keys[1] = sum.wrapping_mul(134_775_813).wrapping_add(1);
        keys[2] = step(keys[2], (keys[1] >> 24) as u8);
    };
    password.bytes().for_each(|byte| update(&mut keys, byte));
    let mut locked = Vec::with_capacity(plain.len());
    for byte in plain {
        let mixed = (keys[2] | 2) & 0xFFFF;
        locked.push(byte ^ (mixed.wrapping_mul(mixed ^ 1) >> 8) as u8);
        update(&mut keys, *byte);
    }
    locked
}

/// The encryption of `WinZip`, AE-2.
fn aes_256(plain: &[u8], password: &str) -> Vec<u8> {
    let salt = [9; 16];
    let hash = |key: &[u8], text: &[u8]| {
        let mut mac = <Hmac<Sha1> as KeyInit>::new_from_slice(key).unwrap();
        mac.update(text);
        mac.finalize().into_bytes().to_vec()
    };
    let mut derived = Vec::new();
    for block in 1..=4_u32 {
        let mut round = hash(
            password.as_bytes(),
            &[&salt[..], &block.to_be_bytes()].concat(),
        );
        let mut sum = round.clone();
        for _ in 1..1000 {
            round = hash(password.as_bytes(), &round);
            sum.iter_mut()
                .zip(&round)
                .for_each(|(sum, byte)| *sum ^= byte);
        }
        derived.extend(sum);
    }
    let cipher = Aes256::new_from_slice(&derived[..32]).unwrap();
    let mut locked = plain.to_vec();
    for (counter, chunk) in (1_u128..).zip(locked.chunks_mut(16)) {
        let mut block = Array::from(counter.to_le_bytes());
        cipher.encrypt_block(&mut block);
        chunk
            .iter_mut()
            .zip(&block)
            .for_each(|(byte, key)| *byte ^= key);
    }
    let code = hash(&derived[32..64], &locked);
    [&salt, &derived[64..66], &locked, &code[..10]].concat()
}

/// A tar archive in the format `ustar`.
pub(crate) fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = Vec::new();
    for (name, bytes) in files {
        archive.extend(tar_header(name, bytes.len() as u64));
        archive.extend(*bytes);
        archive.resize(archive.len().next_multiple_of(512), 0);
    }
    archive.extend([0; 1024]);
    archive
}

pub(crate) fn tar_header(name: &str, size: u64) -> Vec<u8> {
    let mut block = vec![0; 512];
    block[..name.len()].copy_from_slice(name.as_bytes());
    block[124..135].copy_from_slice(format!("{size:011o}").as_bytes());
    block[156] = b'0';
    block[257..265].copy_from_slice(b"ustar\x0000");
    block[148..156].fill(b' ');
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    block
}

/// A mail with a text and attachments: name, type and bytes.
pub(crate) fn mail(from: &str, text: &str, attachments: &[(&str, &str, &[u8])]) -> Vec<u8> {
    let mut mail = format!(
        "From: {from}\r\nTo: loans@lender.example\r\nSubject: Statement\r\n\
         Date: Mon, 1 Apr 2024 10:00:00 +0530\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=\"=_part\"\r\n\r\n\
         --=_part\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
    );
    for (name, content_type, bytes) in attachments {
        write!(
            mail,
            "--=_part\r\nContent-Type: {content_type}; name=\"{name}\"\r\n\
             Content-Disposition: attachment; filename=\"{name}\"\r\n\
             Content-Transfer-Encoding: base64\r\n\r\n{}\r\n",
            base64_lines(bytes)
        )
        .unwrap();
    }
    mail.push_str("--=_part--\r\n");
    mail.into_bytes()
}

fn base64_lines(bytes: &[u8]) -> String {
    let text = base64::engine::general_purpose::STANDARD.encode(bytes);
    let lines = text.as_bytes().chunks(76);
    let lines = lines.map(|line| std::str::from_utf8(line).unwrap());
    lines.collect::<Vec<_>>().join("\r\n")
}

pub(crate) fn mailbox(mails: &[Vec<u8>]) -> Vec<u8> {
    let mut mailbox = Vec::new();
    for mail in mails {
        mailbox.extend(b"From sender@bank.example Mon Apr  1 10:00:00 2024\n");
        mailbox.extend(mail);
        mailbox.extend(b"\n\n");
    }
    mailbox
}
