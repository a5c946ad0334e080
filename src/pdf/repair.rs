//! Whether a document is sound, or was only readable after repair.
//!
//! hayro-syntax repairs best, but silently. So the question goes to two stricter readers: `pdf`,
//! which repairs nothing and refuses a file whose cross-reference is off, and, where it refuses,
//! lopdf, which says whether it had to recover. Both must object: each alone also objects to a few
//! percent of sound files.

use super::contain;
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
    /// Bytes stand before the header or the file does not begin with one.
    NoHeader,
}

impl std::fmt::Display for Damage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::CrossReference => f.write_str("its table of objects is broken or cut off"),
            Self::PageCount { announced, found } => write!(
                f,
                "its page tree announces {announced} pages and {found} can be found"
            ),
            Self::NoHeader => f.write_str("its PDF header is missing"),
        }
    }
}

/// Whether the cross-reference data had to be repaired.
///
/// Call it only for a file whose page tree hayro-syntax has walked: `pdf` overflows its stack on
/// reference loops, and such a file does not get that far.
pub(super) fn cross_reference_is_broken(bytes: &[u8], pages: usize, password: &str) -> bool {
    if opens_strictly(bytes, pages, password) {
        return false;
    }
    let metadata =
        contain::panics(|| lopdf::Document::load_metadata_mem_with_password(bytes, password));
    match metadata {
        Some(Ok(metadata)) => metadata.xref_recovery.is_some(),
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
