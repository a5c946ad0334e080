//! Finds many known phrases in a text at once, by whole words.

use super::page::{Page, words};
use rustc_hash::FxHashMap as HashMap;

/// Parts the phrases of a mark.
const ALL_OF: &str = " & ";
/// Lines at the top of a document that may be its title.
const TITLE_LINES: usize = 6;
/// Words of the longest title.
const TITLE_WORDS: usize = 6;

/// Phrases and what each stands for.
#[derive(Debug)]
pub(super) struct Phrases<T> {
    /// By first word; longer phrases first.
    by_first: HashMap<String, Vec<(Vec<String>, T)>>,
}

/// A phrase found among words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Match<T> {
    /// Index of its first word.
    pub(super) start: usize,
    /// Index behind its last word.
    pub(super) end: usize,
    pub(super) value: T,
}

impl<T: Copy> Phrases<T> {
    /// Collects phrases; empty ones are left out.
    pub(super) fn new(phrases: impl IntoIterator<Item = (Vec<String>, T)>) -> Self {
        let mut by_first: HashMap<String, Vec<(Vec<String>, T)>> = HashMap::default();
        for (words, value) in phrases {
            let Some(first) = words.first().cloned() else {
                continue;
            };
            by_first.entry(first).or_default().push((words, value));
        }
        #[expect(clippy::iter_over_hash_type, reason = "each list is sorted by itself")]
        for phrases in by_first.values_mut() {
            phrases.sort_by_key(|(words, _)| std::cmp::Reverse(words.len()));
        }
        Self { by_first }
    }

    /// The longest phrase that begins at a place among words.
    pub(super) fn at(&self, words: &[&str], start: usize) -> Option<Match<T>> {
        let rest = words.get(start..)?;
        let (known, value) = self
            .by_first
            .get(*rest.first()?)?
            .iter()
            .find(|(known, _)| {
                let same = known.iter().zip(rest).all(|(a, b)| a == b);
                same && known.len() <= rest.len()
            })?;
        Some(Match {
            start,
            end: start + known.len(),
            value: *value,
        })
    }

    /// All phrases, from left to right; none overlaps another.
    pub(super) fn find(&self, words: &[&str]) -> Vec<Match<T>> {
        let mut found = Vec::new();
        let mut at = 0;
        while at < words.len() {
            match self.at(words, at) {
                Some(one) => {
                    at = one.end;
                    found.push(one);
                }
                None => at += 1,
            }
        }
        found
    }
}

/// Marks and what each stands for. A mark is one phrase, or several that must all occur.
#[derive(Debug)]
pub(super) struct Marks<T> {
    /// The phrases of all marks, numbered.
    phrases: Phrases<usize>,
    marks: Vec<Mark<T>>,
}

/// A mark that pages bear.
#[derive(Debug)]
pub(super) struct Borne<'m, T> {
    pub(super) text: &'static str,
    pub(super) value: &'m T,
    /// Whether it stands in a short line at the top of the first page.
    pub(super) in_title: bool,
}

#[derive(Debug)]
struct Mark<T> {
    /// The numbers of its phrases.
    phrases: Vec<usize>,
    text: &'static str,
    value: T,
}

impl<T> Marks<T> {
    /// Reads marks from texts as `payment due date & statement date`.
    pub(super) fn new(texts: impl IntoIterator<Item = (&'static str, T)>) -> Self {
        let mut numbers: HashMap<Vec<String>, usize> = HashMap::default();
        let mut number = |phrase: &str| {
            let next = numbers.len();
            let phrase = words(phrase).map(str::to_owned).collect();
            *numbers.entry(phrase).or_insert(next)
        };
        let marks = texts.into_iter().map(|(text, value)| Mark {
            phrases: text.split(ALL_OF).map(&mut number).collect(),
            text,
            value,
        });
        let marks = marks.collect();
        Self {
            phrases: Phrases::new(numbers),
            marks,
        }
    }

    /// The marks that pages bear outside of their tables, in the order given.
    pub(super) fn borne_by(&self, pages: &[Page]) -> Vec<Borne<'_, T>> {
        // Each phrase, and whether it stands in a title.
        let mut seen: Vec<(usize, bool)> = Vec::new();
        for (number, page) in pages.iter().enumerate() {
            for (index, line) in page.around_table().enumerate() {
                let words: Vec<&str> = line.words().collect();
                let title = number == 0 && index < TITLE_LINES && words.len() <= TITLE_WORDS;
                let found = self.phrases.find(&words);
                seen.extend(found.into_iter().map(|found| (found.value, title)));
            }
        }
        let borne = |mark: &'_ Mark<T>| {
            let occurs = |phrase: &usize| seen.iter().any(|(known, _)| known == phrase);
            mark.phrases.iter().all(occurs)
        };
        let titles = |mark: &Mark<T>| {
            let in_title = |phrase: &usize| seen.contains(&(*phrase, true));
            mark.phrases.iter().all(in_title)
        };
        let marks = self.marks.iter().filter(|mark| borne(mark));
        marks
            .map(|mark| Borne {
                text: mark.text,
                value: &mark.value,
                in_title: titles(mark),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statement::page::tests::typed;

    #[test]
    fn all_phrases_of_a_mark_must_occur() {
        let marks = Marks::new([("due date & total dues", 1), ("total dues", 2), ("due", 3)]);
        let borne = |lines: &[&str]| {
            let borne = marks.borne_by(&[Page::of(&typed(lines))]);
            borne
                .into_iter()
                .map(|borne| *borne.value)
                .collect::<Vec<_>>()
        };
        assert_eq!(borne(&["Total Dues: 5", "Due Date"]), [1, 2]);
        assert_eq!(borne(&["Total Dues: 5"]), [2]);
        assert!(borne(&["undue"]).is_empty());
    }

    #[test]
    fn the_longest_phrase_wins_and_none_overlap() {
        let split = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let phrases = Phrases::new([
            (split("bank of india"), 1),
            (split("central bank of india"), 2),
            (split("india"), 3),
        ]);
        let words: Vec<_> = "the central bank of india and bank of india"
            .split(' ')
            .collect();
        let found: Vec<_> = phrases.find(&words).iter().map(|one| one.value).collect();
        assert_eq!(found, [2, 1]);
    }
}
