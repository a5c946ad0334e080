//! Compares single words of Indian names, whose spelling in Latin letters varies.

/// Spellings that the sound does not bring together, in lower case: each row is one name.
const ALIASES: [&[&str]; 6] = [
    &[
        "md", "mohd", "mohammed", "mohammad", "muhammad", "muhammed", "mohamed", "mohamad",
    ],
    &["kr", "kumar", "kumr"],
    &["km", "kumari", "ku", "kum"],
    &["sk", "sheikh", "shaikh", "shekh", "sheik", "shaik"],
    &["sing", "singh", "sinh", "sng"],
    &["abd", "abdul", "abdool"],
];
/// Pairs of letters with the same sound, and their replacement; applied in order.
const SOUNDS: [(&str, &str); 24] = [
    ("ksh", "ks"),
    ("x", "ks"),
    ("ph", "f"),
    ("bh", "b"),
    ("dh", "d"),
    ("gh", "g"),
    ("jh", "j"),
    ("kh", "k"),
    ("sh", "s"),
    ("th", "t"),
    ("ck", "k"),
    ("ch", "c"),
    ("w", "v"),
    ("q", "k"),
    ("z", "j"),
    ("ee", "i"),
    ("ii", "i"),
    ("oo", "u"),
    ("uu", "u"),
    ("aa", "a"),
    ("au", "o"),
    ("ou", "o"),
    ("ov", "o"),
    ("y", "i"),
];
/// Letters from which different vowels may be one name: `kiran` and `karan` are two.
const MIN_LETTERS: usize = 6;
/// Vowels that may differ.
const MAX_VOWELS: usize = 2;

/// Returns whether two words in lower case are certainly spellings of one name.
pub(super) fn is_same(a: &str, b: &str) -> bool {
    if a == b
        || ALIASES
            .iter()
            .any(|row| row.contains(&a) && row.contains(&b))
    {
        return true;
    }
    let (a, b) = (sound(a), sound(b));
    let is_long = a.len().min(b.len()) >= MIN_LETTERS;
    a == b || is_long && consonants(&a) == consonants(&b) && distance(&a, &b) <= MAX_VOWELS
}

/// Returns whether two words may be spellings of one name, or one cut short.
pub(super) fn is_similar(a: &str, b: &str) -> bool {
    let is_cut = a.len().min(b.len()) >= 3 && (a.starts_with(b) || b.starts_with(a));
    let (a, b) = (sound(a), sound(b));
    is_cut || consonants(&a) == consonants(&b) || distance(&a, &b) <= 1
}

/// Returns a word as it sounds.
fn sound(word: &str) -> String {
    let mut text = word.to_owned();
    for (from, to) in SOUNDS {
        text = text.replace(from, to);
    }
    let mut sound = String::with_capacity(text.len());
    for c in text.chars() {
        if !sound.ends_with(c) {
            sound.push(c);
        }
    }
    sound
}

fn consonants(sound: &str) -> String {
    let first = sound.chars().next();
    let rest = sound.chars().skip(1).filter(|c| !"aeiou".contains(*c));
    first.into_iter().chain(rest).collect()
}

/// Returns the number of letters to change, insert or remove (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (index, letter) in a.chars().enumerate() {
        let mut diagonal = index;
        let mut left = index + 1;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (other, cell) in b.iter().zip(row.iter_mut().skip(1)) {
            let changed = diagonal + usize::from(*other != letter);
            diagonal = *cell;
            left = changed.min(diagonal + 1).min(left + 1);
            *cell = left;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name_are_the_same_and_other_names_are_not() {
        for (a, b) in [
            ("laxmi", "lakshmi"),
            ("mohd", "mohammad"),
            ("chaudhary", "chowdhury"),
            ("sangeeta", "sangita"),
            ("vishwanath", "viswanath"),
            ("poonam", "punam"),
            ("kumar", "kr"),
            ("krishnamurthy", "krishnamurti"),
            ("venkateshwaran", "venkateswaran"),
        ] {
            assert!(is_same(a, b), "{a} {b}: {} {}", sound(a), sound(b));
        }
        for (a, b) in [
            ("ramesh", "rakesh"),
            ("kiran", "karan"),
            ("anil", "sunil"),
            ("paresh", "naresh"),
            ("ram", "rama"),
            ("asha", "usha"),
            ("mohan", "rohan"),
        ] {
            assert!(!is_same(a, b), "{a} {b}: {} {}", sound(a), sound(b));
        }
        assert!(is_similar("ramesh", "rakesh"));
        assert!(is_similar("venkat", "venkateshwaran"));
        assert!(!is_similar("ramesh", "sunita"));
    }

    #[test]
    fn distances_count_changed_letters() {
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("same", "same"), 0);
    }
}
