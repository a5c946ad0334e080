//! Loads memory into the processor's caches shortly before it is used.
//!
//! Processors prefetch only within a page of memory, and while they hash or compare they do not
//! read far ahead. [`pieces`] therefore first reads one byte of each cache line; these reads don't
//! wait for one another. On files larger than the caches, hashing is then 1.4 times as fast and
//! searching twice as fast (`benches/compare`, scans; measured on a virtual Xeon).

use std::hint::black_box;

/// Bytes per piece. A piece stays in the innermost cache until it is processed.
pub(crate) const PIECE: usize = 16 << 10;
/// Bytes per cache line. If a processor has longer lines, some reads are redundant.
const CACHE_LINE: usize = 64;

/// Splits bytes into pieces of [`PIECE`] bytes and a shorter last one. Each is loaded on `next`.
pub(crate) fn pieces(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.chunks(PIECE).inspect(|piece| {
        let lines = piece.iter().step_by(CACHE_LINE);
        // `black_box` keeps the compiler from removing the reads.
        black_box(lines.fold(0, |all, byte| all ^ byte));
    })
}
