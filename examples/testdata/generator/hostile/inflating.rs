//! Compressed data that grows a thousandfold, made without ever holding what it grows to.
//!
//! A block of about a MiB is compressed once and its compressed form repeated: after a full flush
//! the form does not depend on what stands before it.

use flate2::{Compress, Compression, FlushCompress};

/// Bytes in a mebibyte.
pub const MIB: usize = 1 << 20;

/// The modulus of Adler-32 (RFC 1950).
const ADLER_MODULUS: u64 = 65_521;

/// A zlib stream of `head`, then of `unit` as often as goes into `length` bytes.
pub fn repeated(head: &[u8], unit: &[u8], length: usize) -> Vec<u8> {
    let block = unit.repeat(MIB / unit.len());
    let tail = unit.repeat(length % block.len() / unit.len());
    let count = length / block.len();
    let packed = segment(&block, FlushCompress::Full);
    let mut out = vec![0x78, 0xDA];
    out.extend(segment(head, FlushCompress::Full));
    out.extend(packed.repeat(count));
    out.extend(segment(&tail, FlushCompress::Finish));
    let mut checksum = Checksum::of(head);
    let block = Checksum::of(&block);
    for _ in 0..count {
        checksum = checksum.followed_by(&block);
    }
    out.extend(checksum.followed_by(&Checksum::of(&tail)).bytes());
    out
}

/// Spaces, which mean nothing in content and in most other data.
pub fn spaces(length: usize) -> Vec<u8> {
    repeated(b"", b" ", length)
}

/// A piece of a deflate stream that ends at a byte.
fn segment(bytes: &[u8], flush: FlushCompress) -> Vec<u8> {
    let mut compressor = Compress::new(Compression::new(9), false);
    let mut out = Vec::with_capacity(bytes.len() + 1024);
    compressor
        .compress_vec(bytes, &mut out, flush)
        .expect("there is room for data that do not shrink at all");
    out
}

/// Adler-32 in two halves, with the length modulo the modulus.
struct Checksum {
    sum: u64,
    sum_of_sums: u64,
    length: u64,
}

impl Checksum {
    fn of(bytes: &[u8]) -> Self {
        let (mut sum, mut sum_of_sums) = (1, 0);
        for chunk in bytes.chunks(1 << 16) {
            for &byte in chunk {
                sum += u64::from(byte);
                sum_of_sums += sum;
            }
            sum %= ADLER_MODULUS;
            sum_of_sums %= ADLER_MODULUS;
        }
        Self {
            sum,
            sum_of_sums,
            length: bytes.len() as u64 % ADLER_MODULUS,
        }
    }

    /// The checksum of this data with other data behind it.
    fn followed_by(&self, next: &Self) -> Self {
        let carried = next.length * (self.sum + ADLER_MODULUS - 1);
        Self {
            sum: (self.sum + next.sum + ADLER_MODULUS - 1) % ADLER_MODULUS,
            sum_of_sums: (self.sum_of_sums + next.sum_of_sums + carried) % ADLER_MODULUS,
            length: (self.length + next.length) % ADLER_MODULUS,
        }
    }

    fn bytes(&self) -> [u8; 4] {
        let value = (self.sum_of_sums << 16) | self.sum;
        u32::try_from(value)
            .expect("both halves are below 65,536")
            .to_be_bytes()
    }
}
