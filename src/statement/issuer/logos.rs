//! Evidence from logos that banks embed in their statements, by the digest of the image data.

use super::{Evidence, EvidenceKind};
use crate::pdf::ImageDigest;
use crate::statement::banks::{self, BankRegistry, Owner};
use std::sync::LazyLock;

const LOGOS: &str = include_str!("../../data/bank_logos.tsv");

struct Logo {
    bank: &'static str,
    /// Width and height in pixels.
    size: (u32, u32),
    /// In hexadecimal.
    digest: &'static str,
}

static KNOWN: LazyLock<Vec<Logo>> =
    LazyLock::new(|| banks::rows(LOGOS).filter_map(|row| logo(&row)).collect());

fn logo(row: &[&'static str]) -> Option<Logo> {
    let [bank, width, height, _, digest] = *row else {
        return None;
    };
    Some(Logo {
        bank,
        size: (width.parse().ok()?, height.parse().ok()?),
        digest,
    })
}

/// The evidence in words.
pub(super) const IN_WORDS: &str = "logo";

/// Returns whether a known logo has this size in pixels.
pub(in crate::statement) fn has_known_size(width: u32, height: u32) -> bool {
    KNOWN.iter().any(|logo| logo.size == (width, height))
}

/// Returns the banks whose logos are among the images.
pub(super) fn evidence<'r>(
    images: &[ImageDigest],
    banks: &'r BankRegistry,
) -> impl Iterator<Item = Evidence<'r>> {
    images.iter().filter_map(|image| {
        let logo = KNOWN.iter().find(|logo| is_digest(logo.digest, image))?;
        let bank = Owner::Bank(banks.by_id(logo.bank)?);
        Some(Evidence::new(EvidenceKind::Logo, bank, IN_WORDS))
    })
}

/// Returns whether hexadecimal digits represent these bytes.
fn is_digest(hex: &str, bytes: &ImageDigest) -> bool {
    let pairs = hex.as_bytes().chunks(2);
    let decoded = pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
    decoded.eq(bytes.iter().map(|byte| Some(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_row_is_parsed_and_matched() {
        let banks = BankRegistry::default();
        assert_eq!(KNOWN.len(), banks::rows(LOGOS).count());
        for logo in KNOWN.iter() {
            assert!(has_known_size(logo.size.0, logo.size.1));
            let pairs = logo.digest.as_bytes().chunks(2);
            let byte = |pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
            let digest: Vec<u8> = pairs.map(byte).collect();
            let images = [digest.try_into().unwrap()];
            let found: Vec<_> = evidence(&images, &banks).collect();
            assert_eq!(found[0].bank, banks.by_id(logo.bank));
            assert!(found[0].bank.is_some());
        }
        assert_eq!(evidence(&[[0; 32]], &banks).count(), 0);
    }
}
