//! Fingerprints of a document's words, to find duplicates whose bytes differ.
//!
//! A statement that is downloaded again, decrypted or saved by a browser gets other bytes, other
//! spacing, and sometimes another order of its lines, but the same words.

use crate::pdf::{Line, PageText};
use rustc_hash::FxBuildHasher;
use serde::{Deserialize, Serialize};
use std::hash::BuildHasher;

/// Documents with fewer words have no fingerprint: they are too similar to each other.
const MIN_WORDS: usize = 40;

/// The number of pages and words of a document, and a hash of its words.
///
/// Comparable within one run only: another release may use another hash function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Fingerprint {
    pages: usize,
    words: usize,
    /// The sum of the hashes of all words.
    sum: u64,
}

/// Computes the fingerprint of the pages that were read; `None` if they have too few words.
///
/// The hashes of the words are added up, so their order does not matter. Programs place words
/// differently, and with the positions the order of the lines changes.
pub(super) fn compute(pages: &[PageText], page_count: usize) -> Option<Fingerprint> {
    let lines = pages.iter().flat_map(|page| &page.lines);
    // Fx is fast but does not resist crafted collisions. One only causes a false duplicate finding.
    let (mut words, mut sum) = (0, 0_u64);
    for word in lines.flat_map(Line::words) {
        words += 1;
        sum = sum.wrapping_add(FxBuildHasher.hash_one(word.text));
    }
    (words >= MIN_WORDS).then_some(Fingerprint {
        pages: page_count,
        words,
        sum,
    })
}
