//! The language of comments, documents and test names: words that hide the actor or the condition
//! stay rare.

use crate::harness::project;
use std::path::{Path, PathBuf};

/// A pattern of words, and how many per 10,000 words of comments and documents are allowed.
struct Ceiling {
    name: &'static str,
    max_per_10_000: f64,
    matches: fn(&str) -> usize,
}

const CEILINGS: [Ceiling; 6] = [
    Ceiling {
        name: "tell, tells, told",
        max_per_10_000: 2.0,
        matches: |text| {
            words(text)
                .filter(|word| ["tell", "tells", "told"].contains(word))
                .count()
        },
    },
    Ceiling {
        name: "knows, says",
        max_per_10_000: 2.0,
        matches: |text| {
            words(text)
                .filter(|word| ["knows", "says"].contains(word))
                .count()
        },
    },
    Ceiling {
        name: "where for if or when",
        max_per_10_000: 3.0,
        matches: conditional_where,
    },
    Ceiling {
        name: "stand, stands",
        max_per_10_000: 0.5,
        matches: |text| {
            words(text)
                .filter(|word| ["stand", "stands"].contains(word))
                .count()
        },
    },
    Ceiling {
        name: "people, person, persons",
        max_per_10_000: 1.0,
        matches: |text| {
            words(text)
                .filter(|word| ["people", "person", "persons"].contains(word))
                .count()
        },
    },
    Ceiling {
        name: "is no",
        max_per_10_000: 4.0,
        matches: |text| {
            let words: Vec<_> = words(text).collect();
            words
                .windows(2)
                .filter(|pair| *pair == ["is", "no"])
                .count()
        },
    },
];

/// Splits into words; punctuation is dropped.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty())
}

/// Counts `where` at the start of a line or clause, or after a conjunction.
fn conditional_where(text: &str) -> usize {
    let starts_clause = |before: &str| {
        let before = before.trim_end_matches(' ');
        let last = before.rsplit(' ').next().unwrap_or_default();
        before.is_empty()
            || before.ends_with([',', ';', '('])
            || ["only", "except", "and", "but", "or"].contains(&last)
    };
    let is_word = |index: usize, rest: &str| {
        let before = text.get(..index).and_then(|text| text.chars().next_back());
        let after = rest.chars().nth("where".len());
        let is_part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        !is_part(before) && !is_part(after)
    };
    let found = text.match_indices("where");
    found
        .filter(|(index, _)| is_word(*index, text.get(*index..).unwrap_or_default()))
        .filter(|(index, _)| starts_clause(text.get(..*index).unwrap_or_default()))
        .count()
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|own| own == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Returns the comment of a line of Rust, if it is one.
fn comment(line: &str) -> Option<&str> {
    let text = line.trim_start().strip_prefix("//")?;
    Some(text.trim_start_matches(['/', '!']).trim_start())
}

/// Comments of the sources and lines of the documents, each with its place, in lower case.
fn prose() -> Vec<(String, String)> {
    let mut lines = Vec::new();
    let mut add = |path: &Path, is_code: bool| {
        let name = path.strip_prefix(project()).unwrap().display().to_string();
        let text = std::fs::read_to_string(path).unwrap();
        for (index, line) in text.lines().enumerate() {
            let text = if is_code { comment(line) } else { Some(line) };
            if let Some(text) = text {
                lines.push((format!("{name}:{}", index + 1), text.to_lowercase()));
            }
        }
    };
    for folder in ["src", "tests", "examples", "benches", "fuzz/fuzz_targets"] {
        for path in files(&project().join(folder), "rs") {
            // This file names the words.
            if !path.ends_with("tests/it/prose.rs") {
                add(&path, true);
            }
        }
    }
    for folder in ["src/guide", ".github", "testdata"] {
        for path in files(&project().join(folder), "md") {
            add(&path, false);
        }
    }
    for name in ["README.md", "CHANGELOG.md"] {
        add(&project().join(name), false);
    }
    lines
}

#[test]
fn prose_is_plain_technical_english() {
    let lines = prose();
    let total: usize = lines
        .iter()
        .map(|(_, text)| text.split_whitespace().count())
        .sum();
    assert!(total > 10_000, "only {total} words found");
    for Ceiling {
        name,
        max_per_10_000,
        matches,
    } in CEILINGS
    {
        let hits: Vec<_> = lines.iter().filter(|(_, text)| matches(text) > 0).collect();
        let count: usize = lines.iter().map(|(_, text)| matches(text)).sum();
        let rate = count as f64 * 10_000.0 / total as f64;
        assert!(
            rate <= max_per_10_000,
            "{name}: {rate:.1} per 10,000 words, at most {max_per_10_000}: {hits:#?}"
        );
    }
}

#[test]
fn words_are_counted_as_the_ceilings_define_them() {
    let count = |ceiling: usize, text: &str| (CEILINGS[ceiling].matches)(text);
    assert_eq!(count(0, "it tells, and was told; retell"), 2);
    assert_eq!(count(1, "nobody knows what it says"), 2);
    assert_eq!(
        count(2, "where a file is locked, where it is not, only where"),
        3
    );
    assert_eq!(count(2, "the place where it is; elsewhere, nowhere"), 0);
    assert_eq!(count(3, "stands, stand, standard"), 2);
    assert_eq!(count(5, "this is no file, this is not"), 1);
}
