//! What makes two documents the same though their bytes differ: the words, and the pages.
//!
//! A statement that is downloaded again, decrypted or saved by a browser gets other bytes, other
//! spacing, sometimes another order of its lines, but the same words.

use crate::pdf::{Line, PageText};
use rustc_hash::FxBuildHasher;
use serde::{Deserialize, Serialize};
use std::hash::BuildHasher;

/// Words without which a document can't be told from others of its kind.
const LEAST_WORDS: usize = 40;

/// What a document's words come to. Compared within one run; another release may hash otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Fingerprint {
    pages: usize,
    words: usize,
    /// Of the hashes of all words.
    sum: u64,
}

/// The fingerprint of pages read, of a document of so many; `None` where they say too little.
///
/// Where words are drawn differs between programs, and with it the order of lines: words are hashed
/// one by one and the hashes added up, which comes to the same in any order.
pub(super) fn of(pages: &[PageText], page_count: usize) -> Option<Fingerprint> {
    let lines = pages.iter().flat_map(|page| &page.lines);
    let (mut words, mut sum) = (0, 0_u64);
    for word in lines.flat_map(Line::words) {
        words += 1;
        sum = sum.wrapping_add(FxBuildHasher.hash_one(word.text));
    }
    (words >= LEAST_WORDS).then_some(Fingerprint {
        pages: page_count,
        words,
        sum,
    })
}
