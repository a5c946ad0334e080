//! What makes two documents the same though their bytes differ: the words, and the pages.
//!
//! A statement that is downloaded again, decrypted or saved by a browser gets other bytes, other
//! spacing, sometimes another order of its lines, but the same words.

use crate::pdf::{Line, PageText};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Words without which a document can't be told from others of its kind.
const LEAST_WORDS: usize = 40;

/// A digest of a document's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Fingerprint([u8; 16]);

/// The fingerprint of pages read, of a document of so many; `None` where they say too little.
pub(super) fn of(pages: &[PageText], page_count: usize) -> Option<Fingerprint> {
    let mut words: Vec<(u64, &str)> = pages
        .iter()
        .flat_map(|page| &page.lines)
        .flat_map(Line::words)
        .map(|word| (beginning(word.text), word.text))
        .collect();
    if words.len() < LEAST_WORDS {
        return None;
    }
    // Where words are drawn differs between programs, and with it the order of lines.
    words.sort_unstable();
    let mut digest = Sha256::new();
    digest.update(page_count.to_le_bytes());
    for (_, word) in words {
        digest.update(word);
        digest.update([0]);
    }
    let mut fingerprint = [0; 16];
    fingerprint
        .iter_mut()
        .zip(digest.finalize())
        .for_each(|(to, from)| *to = from);
    Some(Fingerprint(fingerprint))
}

/// The first bytes of a word as a number, which sorts as the words do: most are told apart by it.
fn beginning(word: &str) -> u64 {
    let mut first = [0; 8];
    for (to, from) in first.iter_mut().zip(word.bytes()) {
        *to = from;
    }
    u64::from_be_bytes(first)
}
