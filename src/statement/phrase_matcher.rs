//! Matches many known phrases against a text at once, by whole words.

use super::page::{Page, words};
use rustc_hash::FxHashMap as HashMap;

/// Separates the phrases of a marker that must all occur.
const ALL_OF: &str = " & ";
/// Lines at the top of a document that may be its title.
const TITLE_LINES: usize = 6;
/// Words of the longest title.
const MAX_TITLE_WORDS: usize = 6;

/// Phrases, each with a value.
#[derive(Debug)]
pub(super) struct PhraseMatcher<T> {
    /// By first word; longer phrases first.
    by_first_word: HashMap<String, Vec<(Vec<String>, T)>>,
}

/// An occurrence of a phrase among words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PhraseMatch<T> {
    /// The index after its last word.
    pub(super) end: usize,
    pub(super) value: T,
}

impl<T: Copy> PhraseMatcher<T> {
    /// Builds the matcher. Phrases without words are left out.
    pub(super) fn new(phrases: impl IntoIterator<Item = (Vec<String>, T)>) -> Self {
        let mut by_first_word: HashMap<String, Vec<(Vec<String>, T)>> = HashMap::default();
        for (words, value) in phrases {
            let Some(first) = words.first().cloned() else {
                continue;
            };
            by_first_word.entry(first).or_default().push((words, value));
        }
        #[expect(clippy::iter_over_hash_type, reason = "each list is sorted by itself")]
        for phrases in by_first_word.values_mut() {
            phrases.sort_by_key(|(words, _)| std::cmp::Reverse(words.len()));
        }
        Self { by_first_word }
    }

    /// Builds the matcher from phrases whose words are separated by single spaces.
    pub(super) fn spaced(phrases: &[(&str, T)]) -> Self {
        let words = |phrase: &str| phrase.split(' ').map(str::to_owned).collect();
        Self::new(
            phrases
                .iter()
                .map(|(phrase, value)| (words(phrase), *value)),
        )
    }

    /// Returns the longest phrase that begins at an index of the words.
    pub(super) fn match_at(&self, words: &[&str], start: usize) -> Option<PhraseMatch<T>> {
        let rest = words.get(start..)?;
        let phrases = self.by_first_word.get(*rest.first()?)?;
        let (phrase, value) = phrases.iter().find(|(phrase, _)| {
            phrase.len() <= rest.len() && phrase.iter().zip(rest).all(|(a, b)| a == b)
        })?;
        Some(PhraseMatch {
            end: start + phrase.len(),
            value: *value,
        })
    }

    /// Returns the values of all phrases, from left to right. Matches do not overlap.
    pub(super) fn find_all(&self, words: &[&str]) -> Vec<T> {
        let mut values = Vec::new();
        let mut start = 0;
        while start < words.len() {
            match self.match_at(words, start) {
                Some(found) => {
                    values.push(found.value);
                    start = found.end;
                }
                None => start += 1,
            }
        }
        values
    }
}

/// Markers, each with a value. A marker is one phrase, or several that must all occur.
#[derive(Debug)]
pub(super) struct MarkerSet<T> {
    /// The phrases of all markers, numbered.
    phrases: PhraseMatcher<usize>,
    markers: Vec<Marker<T>>,
}

#[derive(Debug)]
struct Marker<T> {
    /// The numbers of its phrases.
    phrases: Vec<usize>,
    text: &'static str,
    value: T,
}

/// A marker that occurs on the pages.
#[derive(Debug)]
pub(super) struct MarkerMatch<'m, T> {
    /// The phrases as the table writes them.
    pub(super) text: &'static str,
    pub(super) value: &'m T,
    /// Whether all its phrases are in short lines at the top of the first page.
    pub(super) in_title: bool,
}

impl<T> MarkerSet<T> {
    /// Builds the set from texts such as `payment due date & statement date`.
    pub(super) fn new(texts: impl IntoIterator<Item = (&'static str, T)>) -> Self {
        let mut numbers: HashMap<Vec<String>, usize> = HashMap::default();
        let mut number = |phrase: &str| {
            let next = numbers.len();
            let phrase = words(phrase).map(str::to_owned).collect();
            *numbers.entry(phrase).or_insert(next)
        };
        let markers = texts.into_iter().map(|(text, value)| Marker {
            phrases: text.split(ALL_OF).map(&mut number).collect(),
            text,
            value,
        });
        let markers = markers.collect();
        Self {
            phrases: PhraseMatcher::new(numbers),
            markers,
        }
    }

    /// Returns the markers that occur on the pages outside of the transactions, in the order of the
    /// table.
    pub(super) fn find(&self, pages: &[Page]) -> Vec<MarkerMatch<'_, T>> {
        // Each phrase found, and whether it was in a title line.
        let mut found: Vec<(usize, bool)> = Vec::new();
        for (page_index, page) in pages.iter().enumerate() {
            for (line_index, line) in page.around_table().enumerate() {
                let words: Vec<&str> = line.words().collect();
                let is_title =
                    page_index == 0 && line_index < TITLE_LINES && words.len() <= MAX_TITLE_WORDS;
                let phrases = self.phrases.find_all(&words).into_iter();
                found.extend(phrases.map(|phrase| (phrase, is_title)));
            }
        }
        let occurs = |phrase: &usize| found.iter().any(|(known, _)| known == phrase);
        let is_in_title = |phrase: &usize| found.contains(&(*phrase, true));
        self.markers
            .iter()
            .filter(|marker| marker.phrases.iter().all(occurs))
            .map(|marker| MarkerMatch {
                text: marker.text,
                value: &marker.value,
                in_title: marker.phrases.iter().all(is_in_title),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statement::page::tests::typed;

    #[test]
    fn a_marker_needs_all_of_its_phrases() {
        let markers = MarkerSet::new([("due date & total dues", 1), ("total dues", 2), ("due", 3)]);
        let found = |lines: &[&str]| {
            let found = markers.find(&[Page::new(&typed(lines))]);
            found.iter().map(|found| *found.value).collect::<Vec<_>>()
        };
        assert_eq!(found(&["Total Dues: 5", "Due Date"]), [1, 2]);
        assert_eq!(found(&["Total Dues: 5"]), [2]);
        assert!(found(&["undue"]).is_empty());
    }

    #[test]
    fn the_longest_phrase_matches_and_matches_do_not_overlap() {
        let split = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let phrases = PhraseMatcher::new([
            (split("bank of india"), 1),
            (split("central bank of india"), 2),
            (split("india"), 3),
        ]);
        let words: Vec<_> = "the central bank of india and bank of india"
            .split(' ')
            .collect();
        assert_eq!(phrases.find_all(&words), [2, 1]);
    }
}
