//! Normalizes bank names, so that differences in spelling, letter case and legal form disappear.
//!
//! Banks write "Co-op." and "Cooperative", print "Ltd." or leave it out, use all capitals, or put
//! spaces between the letters.

/// Words that do not distinguish two banks.
const NOISE: [&str; 7] = ["the", "ltd", "limited", "pvt", "private", "ld", "lt"];
/// Words in the names of co-operative and rural banks. Hundreds exist, and the service lists few.
const LOCAL: [&str; 12] = [
    "coop",
    "sahakari",
    "gramin",
    "nagarik",
    "urban",
    "district",
    "zilla",
    "mahila",
    "janata",
    "kshetriya",
    "madhyavarti",
    "gramya",
];

/// Returns the normalized words of a text in lower case.
pub(super) fn words(text: &str) -> Vec<&str> {
    let mut words: Vec<&str> = Vec::new();
    let mut previous_end = 0;
    for word in super::page::words(text) {
        let start = word.as_ptr() as usize - text.as_ptr() as usize;
        let between = text.get(previous_end..start).unwrap_or_default();
        previous_end = start + word.len();
        if between.contains('&') {
            words.push("and");
        }
        let word = match (word, words.last()) {
            // "Co-op", "Co-operative" and "People's" are two words each.
            ("op" | "operative" | "opertive" | "operation", Some(&"co")) => {
                words.pop();
                "coop"
            }
            ("s", Some(_)) if between.ends_with(['\'', '’', '`']) => continue,
            (word, _) => canonical_spelling(word),
        };
        if !NOISE.contains(&word) {
            words.push(word);
        }
    }
    words
}

/// Returns one spelling for words that have several.
fn canonical_spelling(word: &str) -> &str {
    match word {
        "cooperative" | "coopertive" | "coop" => "coop",
        "sahkari" => "sahakari",
        "grameen" | "grameena" | "gramina" | "grameenabank" => "gramin",
        "nagrik" | "nagari" => "nagarik",
        "dist" | "distt" => "district",
        "people" => "peoples",
        word => word,
    }
}

/// Returns whether a text is printed with spaces between its letters: `t h e  k a r n a t a k a`.
pub(super) fn is_letter_spaced(text: &str) -> bool {
    let mut words = 0;
    let mut letters = 0;
    for word in super::page::words(text) {
        words += 1;
        letters += usize::from(word.chars().count() == 1);
    }
    words >= 8 && letters * 5 >= words * 4
}

/// Returns whether normalized words name a co-operative or rural bank.
pub(super) fn is_local_bank(words: &[&str]) -> bool {
    words.contains(&"bank") && words.iter().any(|word| LOCAL.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name_are_equal() {
        let check = |names: &[&str]| {
            for name in names {
                assert_eq!(words(name), words(names[0]), "{name}");
            }
        };
        check(&[
            "the sutex co-op bank ltd.",
            "sutex co-operative bank limited",
            "sutex coop. bank",
        ]);
        check(&["surat people's bank", "surat peoples bank"]);
        check(&["kerala gramin bank", "kerala grameena bank"]);
        check(&["jammu & kashmir bank", "jammu and kashmir bank"]);
    }

    #[test]
    fn letter_spacing_is_detected() {
        assert!(is_letter_spaced("t h e  k a r n a t a k a  b a n k"));
        assert!(!is_letter_spaced("the karnataka bank ltd a b"));
    }
}
