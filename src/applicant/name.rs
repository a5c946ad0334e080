//! The letters of a name that banks use in passwords.

use zeroize::Zeroizing;

/// Titles that banks leave out, in lower case and without dots.
const TITLES: [&str; 7] = ["mr", "mrs", "ms", "dr", "shri", "smt", "m/s"];
/// Letters of a name that passwords use.
const LETTERS: usize = 4;

/// Returns the first four letters of a name without its titles, then those of its variants: without
/// leading initials, and of the first name only. A shorter name gives all its letters.
pub(super) fn first_letters(name: &str) -> Vec<Zeroizing<String>> {
    let words = without_titles(name);
    let initials = words.iter().take_while(|word| is_initial(word)).count();
    let named = words.get(initials..).unwrap_or_default();
    let mut all: Vec<Zeroizing<String>> = Vec::new();
    for words in [&words[..], named, named.get(..1).unwrap_or_default()] {
        let letters = words.iter().flat_map(|word| word.chars());
        let letters = letters.filter(|c| c.is_alphabetic()).take(LETTERS);
        let letters: Zeroizing<String> = Zeroizing::new(letters.collect());
        if !letters.is_empty() && !all.contains(&letters) {
            all.push(letters);
        }
    }
    all
}

/// Returns the words of a name, divided at spaces and dots, without the titles before them.
fn without_titles(name: &str) -> Vec<&str> {
    let mut rest = name.trim();
    while let Some(after) = TITLES.iter().find_map(|title| after_title(rest, title)) {
        rest = after;
    }
    let words = rest.split(|c: char| c.is_whitespace() || c == '.');
    words.filter(|word| !word.is_empty()).collect()
}

/// Returns what follows a title, which ends at a space or a dot.
fn after_title<'n>(name: &'n str, title: &str) -> Option<&'n str> {
    let (start, rest) = name.split_at_checked(title.len())?;
    let is_title = start.eq_ignore_ascii_case(title)
        && rest.starts_with(|c: char| c.is_whitespace() || c == '.');
    let rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '.');
    // A name may consist of such a word.
    (is_title && !rest.is_empty()).then_some(rest)
}

fn is_initial(word: &str) -> bool {
    word.chars().filter(|c| c.is_alphabetic()).count() <= 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_left_out_and_variants_follow() {
        for (name, expected) in [
            ("Rajesh Kumar", &["Raje"][..]),
            ("Om Rao", &["OmRa", "Om"]),
            ("Om", &["Om"]),
            ("Mr. Rajesh Kumar", &["Raje"]),
            ("MR.RAJESH KUMAR", &["RAJE"]),
            ("Mrs Dr. Asha Rao", &["Asha"]),
            ("M/s Sharma Traders", &["Shar"]),
            ("S. K. Sharma", &["SKSh", "Shar"]),
            ("S.K. Om Rao", &["SKOm", "OmRa", "Om"]),
            ("A K", &["AK"]),
            ("D'Souza Ana", &["DSou"]),
            ("Shriram Iyer", &["Shri"]),
            ("Mr", &["Mr"]),
            ("  ", &[]),
        ] {
            let letters = first_letters(name);
            let letters: Vec<&str> = letters.iter().map(|text| text.as_str()).collect();
            assert_eq!(letters, expected, "{name}");
        }
    }
}
