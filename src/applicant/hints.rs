//! What suggests the rules of a locked file before it is opened.

use super::description::PasswordDescription;
use super::rules::Rule;
use crate::text::hex;
use sha2::{Digest, Sha256};

/// Bytes of a producer's hash that are kept.
const KEY_BYTES: usize = 8;

/// What is known of a locked file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hints {
    /// Identifiers of the banks that the user, the file's name or its metadata suggest, in any
    /// letter case.
    pub banks: Vec<String>,
    /// The key of the program that wrote the file, if that is stored unencrypted.
    pub producer: Option<String>,
    /// How a mail with the file describes its password.
    pub description: Option<PasswordDescription>,
}

impl Hints {
    /// Returns whether a bank is suggested, by its identifier in any letter case.
    pub(super) fn suggests(&self, bank: &str) -> bool {
        self.banks.iter().any(|own| own.eq_ignore_ascii_case(bank))
    }

    /// Returns how well a rule agrees with the description; 0 if it doesn't, or there is none.
    pub(super) fn agreement(&self, rule: &Rule) -> u32 {
        let description = self.description.as_ref();
        description.map_or(0, |description| description.agreement(rule))
    }
}

/// How often a rule opened files of one bank and one producer.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct RuleUse {
    /// Identifier of the bank that the files are from; empty if it was not detected.
    pub bank: String,
    /// The key of their producer; empty if they name none.
    pub producer: String,
    /// The rule as [`Rule`] formats it, followed by `~` for a variant.
    pub rule: String,
    /// The number of files.
    pub files: u32,
}

/// The rules that opened earlier files: counts, without any value.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct RuleUses(pub Vec<RuleUse>);

impl RuleUses {
    /// Returns how many earlier files of the suggested banks a rule opened; without a suggestion,
    /// of the producer; and if no such file is known, of all.
    pub(super) fn count(&self, rule: &str, hints: &Hints) -> u32 {
        let of_bank = |known: &&RuleUse| hints.suggests(&known.bank);
        let of_producer = |known: &&RuleUse| hints.producer.as_ref() == Some(&known.producer);
        let files = |is_similar: &dyn Fn(&&RuleUse) -> bool| {
            let same = self.0.iter().filter(|known| known.rule == rule);
            same.filter(is_similar).map(|known| known.files).sum()
        };
        if !hints.banks.is_empty() {
            files(&of_bank)
        } else if self.0.iter().any(|known| of_producer(&known)) {
            files(&of_producer)
        } else {
            files(&|_| true)
        }
    }
}

/// Returns the key of a producer: the beginning of a hash, because the text comes from the file.
pub fn producer_key(producer: &str) -> String {
    let digest = Sha256::digest(producer.trim().to_lowercase());
    hex(digest.get(..KEY_BYTES).unwrap_or(&digest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uses_are_counted_by_bank_then_by_producer_then_in_all() {
        let known = |bank: &str, producer: &str, files| RuleUse {
            bank: bank.to_owned(),
            producer: producer.to_owned(),
            rule: "HDFC:customer_id".to_owned(),
            files,
        };
        let uses = RuleUses(vec![known("hdfc", "aa", 5), known("axis", "bb", 2)]);
        let count = |banks: &[&str], producer: Option<&str>| {
            let hints = Hints {
                banks: banks.iter().map(|id| (*id).to_owned()).collect(),
                producer: producer.map(str::to_owned),
                description: None,
            };
            uses.count("HDFC:customer_id", &hints)
        };
        assert_eq!(count(&["HDFC"], Some("bb")), 5);
        assert_eq!(count(&["sbi"], Some("bb")), 0);
        assert_eq!(count(&[], Some("bb")), 2);
        assert_eq!(count(&[], Some("cc")), 7);
        assert_eq!(count(&[], None), 7);
        assert_eq!(uses.count("HDFC:pan", &Hints::default()), 0);
    }

    #[test]
    fn the_key_of_a_producer_is_a_hash() {
        assert_eq!(producer_key("iText 2.1.7"), producer_key(" ITEXT 2.1.7 "));
        assert_ne!(producer_key("iText 2.1.7"), producer_key("iText 2.1.8"));
        assert_eq!(producer_key("x").len(), 16);
    }
}
