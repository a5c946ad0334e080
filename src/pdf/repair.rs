//! Detects whether a document could only be read after repair.
//!
//! hayro-syntax repairs damaged files best, but does not report it. Two other readers do: lopdf
//! reports a recovery, and `pdf` repairs nothing and rejects a file whose cross-reference table is
//! wrong. A file counts as repaired only if both object, since each alone also objects to a few
//! percent of sound files.

use super::catch_panic::catch_panic;
use super::limits::Budget;
use memchr::memmem;
use pdf::file::FileOptions;

/// Returns whether no end-of-file marker follows the last cross-reference table.
pub(super) fn end_is_missing(bytes: &[u8]) -> bool {
    let last = memmem::rfind(bytes, b"startxref");
    let tail = last.and_then(|offset| bytes.get(offset..));
    tail.is_none_or(|tail| memmem::find(tail, b"%%EOF").is_none())
}

/// Returns whether the cross-reference table had to be repaired.
///
/// `pdf` runs only if the budget allows unbounded engines: it overflows its stack on reference
/// loops, and reads as many rows of a cross-reference stream as the stream declares, even if they
/// have no bytes. Otherwise lopdf decides alone.
pub(super) fn cross_reference_is_broken(
    bytes: &[u8],
    pages: usize,
    password: &str,
    budget: &Budget<'_>,
) -> bool {
    lopdf_objects(bytes, password)
        && !(budget.request_unbounded_engine() && opens_strictly(bytes, pages, password))
}

/// Returns whether lopdf recovers the file, rejects it, or finds no page in it.
fn lopdf_objects(bytes: &[u8], password: &str) -> bool {
    let load = || lopdf::Document::load_metadata_mem_with_password(bytes, password);
    match catch_panic(load) {
        Some(Ok(metadata)) => {
            metadata.xref_recovery.is_some() || metadata.page_count == 0 && !metadata.encrypted
        }
        // lopdf could not decrypt the file, which does not show any damage.
        Some(Err(lopdf::Error::InvalidPassword | lopdf::Error::Decryption(_))) => false,
        Some(Err(_)) | None => true,
    }
}

/// Returns whether `pdf` opens the file and finds the same number of pages.
fn opens_strictly(bytes: &[u8], pages: usize, password: &str) -> bool {
    let opens = || {
        FileOptions::cached()
            .password(password.as_bytes())
            .load(bytes)
            .is_ok_and(|file| file.num_pages() as usize == pages)
    };
    catch_panic(opens).unwrap_or(false)
}
