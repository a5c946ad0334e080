//! Encoders of the stream filters that PDF producers use for page content (ISO 32000-2, 7.4).

use std::collections::BTreeMap;
use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;

/// Encodes for `FlateDecode`.
pub fn flate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::new(9));
    encoder
        .write_all(bytes)
        .expect("writing to memory does not fail");
    encoder.finish().expect("writing to memory does not fail")
}

/// Encodes for `ASCII85Decode`, in lines of 72 characters.
pub fn ascii85(bytes: &[u8]) -> Vec<u8> {
    let mut digits = Vec::new();
    for group in bytes.chunks(4) {
        let mut padded = [0; 4];
        padded[..group.len()].copy_from_slice(group);
        let mut value = u32::from_be_bytes(padded);
        if value == 0 && group.len() == 4 {
            digits.push(b'z');
            continue;
        }
        let mut five = [0; 5];
        for digit in five.iter_mut().rev() {
            *digit = b'!' + u8::try_from(value % 85).expect("a base-85 digit");
            value /= 85;
        }
        digits.extend_from_slice(&five[..=group.len()]);
    }
    digits.extend_from_slice(b"~>");
    digits.chunks(72).collect::<Vec<_>>().join(&b'\n')
}

/// Encodes for `RunLengthDecode`: packs runs of at least 3 bytes and copies all other bytes.
pub fn run_length(bytes: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    let mut literal: Vec<u8> = Vec::new();
    let mut rest = bytes;
    while let Some(&first) = rest.first() {
        let run = rest.iter().take(128).take_while(|&&b| b == first).count();
        if run >= 3 || literal.len() == 128 {
            flush_literal(&mut literal, &mut packed);
        }
        if run >= 3 {
            packed.push(u8::try_from(257 - run).expect("a run is 3 to 128 long"));
            packed.push(first);
            rest = &rest[run..];
        } else {
            literal.push(first);
            rest = &rest[1..];
        }
    }
    flush_literal(&mut literal, &mut packed);
    packed.push(128);
    packed
}

fn flush_literal(literal: &mut Vec<u8>, packed: &mut Vec<u8>) {
    if let Some(count) = literal.len().checked_sub(1) {
        packed.push(u8::try_from(count).expect("a literal is at most 128 long"));
        packed.append(literal);
    }
}

/// Encodes for `LZWDecode` with the default `EarlyChange`.
pub fn lzw(bytes: &[u8]) -> Vec<u8> {
    const CLEAR: u32 = 256;
    const END: u32 = 257;
    let mut bits = Bits::default();
    // Maps the code of a known word and the byte after it to the code of the longer word.
    let mut table: BTreeMap<(u32, u8), u32> = BTreeMap::new();
    let mut next = END + 1;
    let mut word = None;
    bits.push(CLEAR, lzw_width(next));
    for &byte in bytes {
        let Some(code) = word else {
            word = Some(u32::from(byte));
            continue;
        };
        if let Some(&longer) = table.get(&(code, byte)) {
            word = Some(longer);
            continue;
        }
        bits.push(code, lzw_width(next));
        table.insert((code, byte), next);
        next += 1;
        // Clear one entry before the table is full, so that no code needs 13 bits.
        if next == 4095 {
            bits.push(CLEAR, lzw_width(next));
            table.clear();
            next = END + 1;
        }
        word = Some(u32::from(byte));
    }
    if let Some(code) = word {
        bits.push(code, lzw_width(next));
        next += 1;
    }
    bits.push(END, lzw_width(next));
    bits.finish()
}

/// Returns the code length when the encoder is about to define code `next`.
///
/// A decoder is one code behind.
fn lzw_width(next: u32) -> u32 {
    match next {
        0..512 => 9,
        512..1024 => 10,
        1024..2048 => 11,
        _ => 12,
    }
}

/// Packs numbers of any bit width, most significant bit first.
#[derive(Default)]
pub struct Bits {
    bytes: Vec<u8>,
    pending: u64,
    count: u32,
}

impl Bits {
    /// Appends the low `width` bits of `value`.
    pub fn push(&mut self, value: u32, width: u32) {
        self.pending = (self.pending << width) | u64::from(value);
        self.count += width;
        while self.count >= 8 {
            self.count -= 8;
            self.bytes.push(((self.pending >> self.count) & 0xFF) as u8);
        }
    }

    /// Pads the last byte with zero bits.
    pub fn align(&mut self) {
        if self.count > 0 {
            self.push(0, 8 - self.count);
        }
    }

    /// Aligns and returns the bytes.
    pub fn finish(mut self) -> Vec<u8> {
        self.align();
        self.bytes
    }
}
