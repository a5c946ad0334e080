//! Finds the bank that a short text names, such as the name of a file.
//!
//! This is weak evidence: it orders what is tried, and never decides.

use super::banks::{Bank, BankRegistry, Owner};
use super::normalize;

/// Endings of words that name a bank together with its identifier, as in `hdfcbank.pdf`.
const ENDINGS: [&str; 3] = ["bank", "statement", "stmt"];

impl BankRegistry {
    /// Returns the bank whose name, identifier or IFSC prefix is the first in a text.
    pub fn named_in(&self, text: &str) -> Option<&Bank> {
        let text = spaced(&text.to_lowercase());
        let words = normalize::words(&text);
        (0..words.len()).find_map(|start| {
            let word = words.get(start)?;
            match self.name_at(&words, start) {
                Some((Owner::Bank(bank), _)) => Some(bank),
                _ => self.named_by_word(word),
            }
        })
    }

    /// Returns the bank that owns a host name, in lower case.
    pub fn of_host(&self, host: &str) -> Option<&Bank> {
        match self.by_host(host)? {
            Owner::Bank(bank) => Some(bank),
            Owner::Unlisted => None,
        }
    }

    fn named_by_word(&self, word: &str) -> Option<&Bank> {
        if let Some(Owner::Bank(bank)) = self.by_compact_name(word) {
            return Some(bank);
        }
        let shorter = ENDINGS.iter().filter_map(|end| word.strip_suffix(end));
        let mut words = std::iter::once(word).chain(shorter);
        words.find_map(|word| {
            let is_prefix = |code: &String| code.eq_ignore_ascii_case(word);
            let by_code = || {
                let mut banks = self.all().iter();
                banks.find(|bank| bank.ifsc_codes().iter().any(is_prefix))
            };
            self.by_id(word).or_else(by_code)
        })
    }
}

/// Puts a space between letters and digits.
fn spaced(text: &str) -> String {
    let mut spaced = String::with_capacity(text.len());
    let mut previous = ' ';
    for c in text.chars() {
        let changes = previous.is_numeric() && c.is_alphabetic()
            || previous.is_alphabetic() && c.is_numeric();
        if changes {
            spaced.push(' ');
        }
        spaced.push(c);
        previous = c;
    }
    spaced
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_identifiers_and_codes_suggest_a_bank() {
        let banks = BankRegistry::default();
        for (text, expected) in [
            ("hdfc_april.pdf", Some("hdfc")),
            ("Statement-HDFCBANK-2024.pdf", Some("hdfc")),
            ("State Bank of India 04.pdf", Some("sbi")),
            ("SBIN0001234_apr.pdf", Some("sbi")),
            ("icicistatement.pdf", Some("icici")),
            ("Axis2024.pdf", Some("axis")),
            ("kotak mahindra bank.pdf", Some("kotak")),
            ("april.pdf", None),
            ("50100418273645.pdf", None),
            ("", None),
        ] {
            let found = banks.named_in(text).map(Bank::id);
            assert_eq!(found, expected, "{text}");
        }
    }
}
