//! Compresses highly repetitive data without holding the uncompressed data in memory.
//!
//! A block of about 1 MiB is compressed once and its compressed form is repeated. This works
//! because after a full flush the compressed form does not depend on the preceding data.

use flate2::{Compress, Compression, FlushCompress};

/// Bytes in a mebibyte.
pub const MIB: usize = 1 << 20;

/// The modulus of Adler-32 (RFC 1950).
const ADLER_MODULUS: u64 = 65_521;

/// Returns a zlib stream of `head`, followed by as many `unit`s as fit into `length` bytes.
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

/// Returns a zlib stream of spaces, which content and most other data ignore.
pub fn spaces(length: usize) -> Vec<u8> {
    repeated(b"", b" ", length)
}

/// Returns a segment of a deflate stream that ends at a byte boundary.
fn segment(bytes: &[u8], flush: FlushCompress) -> Vec<u8> {
    let mut compressor = Compress::new(Compression::new(9), false);
    let mut out = Vec::with_capacity(bytes.len() + 1024);
    compressor
        .compress_vec(bytes, &mut out, flush)
        .expect("the buffer has room for incompressible data");
    out
}

/// The two halves of an Adler-32 checksum and the length, all modulo [`ADLER_MODULUS`].
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

    /// Returns the checksum of this data followed by other data.
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
