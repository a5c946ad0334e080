//! Whether a document is sound, or was only readable after repair.
//!
//! hayro-syntax repairs best, but silently. So the question goes to two other readers: lopdf, which
//! says whether it had to recover, and, where it had to, `pdf`, which repairs nothing and refuses a
//! file whose cross-reference is off. Both must object: each alone also objects to a few percent of
//! sound files.

use super::contain;
use super::limits::Budget;
use memchr::memmem;
use pdf::file::FileOptions;
use serde::{Deserialize, Serialize};

/// Why a document counts as repaired, in words that complete "it was read although …".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Damage {
    /// No reader but a repairing one finds the objects.
    CrossReference,
    /// The page tree announces another number of pages than it has.
    PageCount {
        /// `/Count` of the page tree's root.
        announced: usize,
        /// Pages found by walking the tree.
        found: usize,
    },
    /// The page tree can't be walked: pages were found by searching the file for them.
    PageTree,
    /// The file does not begin with a header.
    NoHeader,
    /// The end marker is missing: the file was cut off.
    NoEnd,
}

impl std::fmt::Display for Damage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::CrossReference => f.write_str("its table of objects is broken or cut off"),
            Self::PageCount { announced, found } => write!(
                f,
                "its page tree announces {announced} pages and {found} can be found"
            ),
            Self::PageTree => f.write_str("its page tree is broken"),
            Self::NoHeader => f.write_str("its PDF header is missing"),
            Self::NoEnd => f.write_str("its end is missing"),
        }
    }
}

/// Whether nothing marks the end of the file behind the last cross-reference
/// (ISO 32000-2, 7.5.5).
pub(super) fn end_is_missing(bytes: &[u8]) -> bool {
    let last = memmem::rfind(bytes, b"startxref");
    let tail = last.and_then(|place| bytes.get(place..));
    tail.is_none_or(|tail| memmem::find(tail, b"%%EOF").is_none())
}

/// Whether the cross-reference data had to be repaired.
///
/// `pdf` runs only where any engine may: it overflows its stack on reference loops, and counts rows
/// that a cross-reference stream only claims to have. Where it may not, lopdf's word stands.
pub(super) fn cross_reference_is_broken(
    bytes: &[u8],
    pages: usize,
    password: &str,
    budget: &Budget<'_>,
) -> bool {
    lopdf_objects(bytes, password)
        && !(budget.may_run_any_engine() && opens_strictly(bytes, pages, password))
}

/// Whether lopdf had to recover, or finds no page in what is as it should be.
fn lopdf_objects(bytes: &[u8], password: &str) -> bool {
    let load = || lopdf::Document::load_metadata_mem_with_password(bytes, password);
    match contain::panics(load) {
        Some(Ok(metadata)) => {
            metadata.xref_recovery.is_some() || metadata.page_count == 0 && !metadata.encrypted
        }
        Some(Err(lopdf::Error::InvalidPassword | lopdf::Error::Decryption(_))) => false,
        Some(Err(_)) | None => true,
    }
}

fn opens_strictly(bytes: &[u8], pages: usize, password: &str) -> bool {
    let opens = || {
        FileOptions::cached()
            .password(password.as_bytes())
            .load(bytes)
            .is_ok_and(|file| file.num_pages() as usize == pages)
    };
    contain::panics(opens).unwrap_or(false)
}
