//! Names in normal form: the words that are left when spelling, case and form of company are not
//! looked at.
//!
//! Banks write "Co-op.", "Cooperative", "Ltd.", all capitals, or letters with gaps between them.

/// Words that tell no two banks apart.
const NOISE: [&str; 7] = ["the", "ltd", "limited", "pvt", "private", "ld", "lt"];
/// Marks of banks that exist by the hundred, few of them known to the service.
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

/// The words of a text in lower case, in normal form.
pub(super) fn words(text: &str) -> Vec<&str> {
    let mut words: Vec<&str> = Vec::new();
    let mut before = 0;
    for word in super::page::words(text) {
        let start = word.as_ptr() as usize - text.as_ptr() as usize;
        let between = text.get(before..start).unwrap_or_default();
        before = start + word.len();
        if between.contains('&') {
            words.push("and");
        }
        let word = match (word, words.last()) {
            // "Co-op" and "Co-operative" come as two words, "People's" as well.
            ("op" | "operative" | "opertive" | "operation", Some(&"co")) => {
                words.pop();
                "coop"
            }
            ("s", Some(_)) if between.ends_with(['\'', '’', '`']) => continue,
            (word, _) => spelling(word),
        };
        if !NOISE.contains(&word) {
            words.push(word);
        }
    }
    words
}

/// One spelling of words that have several.
fn spelling(word: &str) -> &str {
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

/// Whether a text is set letter by letter: `t h e  k a r n a t a k a`.
pub(super) fn is_letter_spaced(text: &str) -> bool {
    let mut words = 0;
    let mut letters = 0;
    for word in super::page::words(text) {
        words += 1;
        letters += usize::from(word.chars().count() == 1);
    }
    words >= 8 && letters * 5 >= words * 4
}

/// Whether words name a bank of a kind of which the service knows few: co-operative, rural.
pub(super) fn is_local_bank(words: &[&str]) -> bool {
    words.contains(&"bank") && words.iter().any(|word| LOCAL.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_meet_in_one_form() {
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
    fn letters_with_gaps_are_noticed() {
        assert!(is_letter_spaced("t h e  k a r n a t a k a  b a n k"));
        assert!(!is_letter_spaced("the karnataka bank ltd a b"));
    }
}
