//! Sizes object and cross-reference streams before any parser inflates them.
//!
//! hayro-syntax inflates both whole and without a limit, already when it opens a file, so a bomb
//! must be found in the bytes. Deflate expands at most 1,032 times, so a stream whose raw bytes are
//! few enough needs no look; the others are inflated here, counted and thrown away.

use super::inflate::{Inflate, Progress};
use super::limits::{Budget, LimitHit};
use memchr::memmem;

/// The largest factor by which deflate expands (RFC 1951: 258 bytes from two bits).
const MAX_EXPANSION: usize = 1032;
/// How far from its type the data of a stream begins at most.
const DICTIONARY_WINDOW: usize = 4096;
const PIECE: usize = 64 << 10;

/// Checks every object and cross-reference stream against the budget.
///
/// Encrypted streams cannot be sized here; they do not look like deflate data and are passed.
///
/// # Errors
///
/// When one of them would inflate beyond the limits.
pub(super) fn check(bytes: &[u8], budget: &mut Budget<'_>) -> Result<(), LimitHit> {
    let mut inflate = Inflate::default();
    let mut piece = Vec::new();
    for kind in [b"/ObjStm".as_slice(), b"/XRef"] {
        for place in memmem::find_iter(bytes, kind) {
            let Some(data) = stream_data(bytes, place + kind.len()) else {
                continue;
            };
            if data.len().saturating_mul(MAX_EXPANSION) <= budget.limits().stream_bytes {
                continue;
            }
            inflate.restart();
            let mut total = 0;
            loop {
                piece.clear();
                let progress = inflate.read(data, &mut piece, PIECE);
                total += piece.len();
                if total > budget.limits().stream_bytes {
                    return Err(LimitHit::StreamBytes(budget.limits().stream_bytes));
                }
                if progress != Progress::More {
                    break;
                }
                budget.check_time()?;
            }
        }
    }
    Ok(())
}

/// The raw data of the stream whose dictionary `place` lies in.
fn stream_data(bytes: &[u8], place: usize) -> Option<&[u8]> {
    let rest = bytes.get(place..)?;
    let window = rest.get(..DICTIONARY_WINDOW).unwrap_or(rest);
    let start = memmem::find(window, b"stream")? + b"stream".len();
    let data = rest.get(start..)?;
    let data = data.strip_prefix(b"\r").unwrap_or(data);
    let data = data.strip_prefix(b"\n").unwrap_or(data);
    let end = memmem::find(data, b"endstream").unwrap_or(data.len());
    data.get(..end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pdf::limits::Limits;
    use std::io::Write;
    use std::time::Duration;

    fn object_stream(inflated: usize) -> Vec<u8> {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(&vec![b' '; inflated]).unwrap();
        let data = encoder.finish().unwrap();
        [
            b"1 0 obj<</Type/ObjStm>>stream\n",
            &data[..],
            b"\nendstream",
        ]
        .concat()
    }

    #[test]
    fn a_bomb_in_an_object_stream_is_found_before_it_is_opened() {
        let limits = Limits {
            stream_bytes: 1 << 20,
            ..Limits::default()
        };
        let check = |inflated| {
            let mut budget = Budget::new(&limits, &|| Duration::ZERO);
            check(&object_stream(inflated), &mut budget)
        };
        assert_eq!(check(1 << 20), Ok(()));
        assert_eq!(check(2 << 20), Err(LimitHit::StreamBytes(1 << 20)));
    }
}
