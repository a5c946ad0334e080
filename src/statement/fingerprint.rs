//! What makes two documents the same though their bytes differ: the words, and the pages.
//!
//! A statement that is downloaded again, decrypted or saved by a browser gets other bytes, other
//! spacing, sometimes another order of its lines, but the same words.

use crate::pdf::{Line, PageText};
use rustc_hash::FxHasher;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::hash::Hasher;

/// Words without which a document can't be told from others of its kind.
const LEAST_WORDS: usize = 40;

/// A digest of a document's words. Compared within one run; another release may hash otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Fingerprint([u8; 16]);

/// The fingerprint of pages read, of a document of so many; `None` where they say too little.
///
/// Where words are drawn differs between programs, and with it the order of lines: words are hashed
/// one by one and the hashes added up, which comes to the same in any order.
pub(super) fn of(pages: &[PageText], page_count: usize) -> Option<Fingerprint> {
    let lines = pages.iter().flat_map(|page| &page.lines);
    let (mut count, mut sum) = (0, 0_u64);
    for word in lines.flat_map(Line::words) {
        let mut hasher = FxHasher::default();
        hasher.write(word.text.as_bytes());
        count += 1;
        sum = sum.wrapping_add(hasher.finish());
    }
    if count < LEAST_WORDS {
        return None;
    }
    let mut digest = Sha256::new();
    digest.update(page_count.to_le_bytes());
    digest.update(count.to_le_bytes());
    digest.update(sum.to_le_bytes());
    let mut fingerprint = [0; 16];
    fingerprint
        .iter_mut()
        .zip(digest.finalize())
        .for_each(|(to, from)| *to = from);
    Some(Fingerprint(fingerprint))
}
