//! Logos that banks embed in their statements, by the digest of their data.

use super::{Kind, Vote};
use crate::pdf::ImageDigest;
use crate::statement::banks::{self, Bank, Owner};
use std::sync::LazyLock;

const LOGOS: &str = include_str!("../../data/bank_logos.tsv");

struct Logo {
    bank: &'static Bank,
    size: (u32, u32),
    /// In hexadecimal.
    digest: &'static str,
}

static KNOWN: LazyLock<Vec<Logo>> =
    LazyLock::new(|| banks::rows(LOGOS).filter_map(|row| logo(&row)).collect());

fn logo(row: &[&'static str]) -> Option<Logo> {
    let [id, width, height, _, digest] = *row else {
        return None;
    };
    Some(Logo {
        bank: banks::by_id(id)?,
        size: (width.parse().ok()?, height.parse().ok()?),
        digest,
    })
}

/// Whether some known logo has this size in pixels.
pub(in crate::statement) fn has_size_of_one(width: u32, height: u32) -> bool {
    KNOWN.iter().any(|logo| logo.size == (width, height))
}

pub(super) fn votes(images: &[ImageDigest]) -> impl Iterator<Item = Vote> {
    let known = images
        .iter()
        .filter_map(|image| KNOWN.iter().find(|logo| is_digest(logo.digest, image)));
    known.map(|logo| Vote::new(Kind::Logo, Owner::Bank(logo.bank), "its logo"))
}

/// Whether digits in hexadecimal write these bytes.
fn is_digest(hex: &str, bytes: &ImageDigest) -> bool {
    let pairs = hex.as_bytes().chunks(2);
    let written = pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
    written.eq(bytes.iter().map(|byte| Some(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_table_is_read_and_found() {
        assert_eq!(KNOWN.len(), banks::rows(LOGOS).count());
        for logo in KNOWN.iter() {
            assert!(has_size_of_one(logo.size.0, logo.size.1));
            let pairs = logo.digest.as_bytes().chunks(2);
            let byte = |pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
            let digest: Vec<u8> = pairs.map(byte).collect();
            let found: Vec<_> = votes(&[digest.try_into().unwrap()]).collect();
            assert_eq!(found[0].bank, Some(logo.bank));
        }
        assert_eq!(votes(&[[0; 32]]).count(), 0);
    }
}
