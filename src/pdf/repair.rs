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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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
    /// Something else stands before the header or behind the end marker: more than readers skip, or
    /// what makes it a file of another kind as well.
    Appendage,
    /// The trailer does not say how many objects there are, or says a number that can't be.
    Size,
    /// Objects have no end, or lie inside one another.
    Endless,
    /// Objects are nested deeper than readers follow.
    Nesting,
    /// Numbers can't be true: sizes, counts, ranges.
    Number,
    /// Objects lead back to themselves.
    Loop,
    /// Streams say that they are empty, and are not.
    Length,
    /// Parts of the content of pages can't be unpacked.
    Content,
    /// Streams stand outside of the file.
    External,
    /// Streams of objects, or tables of them, are not what they call themselves.
    Packing,
    /// Fonts map more characters than there are.
    CharacterMap,
    /// Drawings are nested deeper than is followed.
    Forms,
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
            Self::Appendage => f.write_str("something else stands before or behind it"),
            Self::Size => f.write_str("its trailer gives no number of objects that can be true"),
            Self::Endless => f.write_str("objects in it have no end or lie inside one another"),
            Self::Nesting => f.write_str("objects in it are nested deeper than readers follow"),
            Self::Number => f.write_str("numbers in it can't be true"),
            Self::Loop => f.write_str("objects in it lead back to themselves"),
            Self::Length => f.write_str("streams in it say that they are empty, and are not"),
            Self::Content => f.write_str("parts of its pages can't be unpacked"),
            Self::External => f.write_str("streams of it stand outside of the file"),
            Self::Packing => f.write_str("packed objects in it are not what they say"),
            Self::CharacterMap => f.write_str("a font maps more characters than there are"),
            Self::Forms => f.write_str("its drawings are nested deeper than is followed"),
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
