//! Has memory fetched before it is worked through.
//!
//! Processors fetch ahead by themselves within a page of memory only, and hashing or comparing
//! keeps them too busy to look far ahead. So one byte of each cache line is read first: no read
//! waits for another. On files larger than the caches it makes hashing 1.4 times as fast, and
//! searching twice (`benches/compare`, scans; measured on a virtual Xeon).

use std::hint::black_box;

/// Bytes that are fetched and then worked through: they stay in the innermost cache meanwhile.
pub(crate) const PIECE: usize = 16 << 10;
/// Bytes that are fetched by reading one of them; less than is true costs time alone.
const CACHE_LINE: usize = 64;

/// All bytes in order, in pieces of [`PIECE`] bytes and a last one, each fetched as it is given.
pub(crate) fn pieces(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.chunks(PIECE).inspect(|piece| {
        let lines = piece.iter().step_by(CACHE_LINE);
        black_box(lines.fold(0, |all, byte| all ^ byte));
    })
}
