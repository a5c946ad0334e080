//! The words of one language: texts by key, with names in braces for what is inserted.

use super::need::Need;
use crate::applicant::RuleTable;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Stands for a space at the start or the end of a text.
const SPACE: char = '_';

static ENGLISH: LazyLock<NoteTexts> =
    LazyLock::new(|| built_in(include_str!("../../data/notes/en.txt")));
static HINDI: LazyLock<NoteTexts> =
    LazyLock::new(|| built_in(include_str!("../../data/notes/hi.txt")));

/// The texts of one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteTexts {
    texts: BTreeMap<String, String>,
    /// The rules by which banks form passwords.
    rules: RuleTable,
}

/// A line that is not a text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct InvalidText {
    /// Counted from 1.
    pub line: usize,
    /// What is wrong.
    pub problem: String,
}

/// Parses texts that are part of the program; a test checks them.
fn built_in(text: &str) -> NoteTexts {
    let texts = lines(text).flatten();
    let texts = texts.map(|(_, key, value)| (key.to_owned(), value));
    NoteTexts {
        texts: texts.collect(),
        rules: RuleTable::default(),
    }
}

/// The built-in English texts.
impl Default for NoteTexts {
    fn default() -> Self {
        ENGLISH.clone()
    }
}

/// Returns the lines that contain a text: number, key and text.
fn lines(text: &str) -> impl Iterator<Item = Result<(usize, &str, String), InvalidText>> {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let lines = text.lines().enumerate();
    lines.filter_map(|(index, line)| {
        let line_number = index + 1;
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            return None;
        }
        let Some((key, value)) = line.split_once('=') else {
            return Some(Err(InvalidText {
                line: line_number,
                problem: "expected KEY = TEXT".to_owned(),
            }));
        };
        let value = value.trim();
        let start = if value.starts_with(SPACE) { " " } else { "" };
        let end = if value.ends_with(SPACE) { " " } else { "" };
        let value = format!("{start}{}{end}", value.trim_matches(SPACE));
        Some(Ok((line_number, key.trim(), value)))
    })
}

/// Returns the names in braces.
fn names(text: &str) -> impl Iterator<Item = &str> {
    let parts = text.split('{').skip(1);
    parts.filter_map(|part| Some(part.split_once('}')?.0))
}

impl NoteTexts {
    /// Sets the rules by which banks form passwords, which messages describe.
    pub(super) fn set_rules(&mut self, rules: RuleTable) {
        self.rules = rules;
    }

    /// Returns the rules by which banks form passwords.
    pub(super) fn rules(&self) -> &RuleTable {
        &self.rules
    }

    /// Returns the built-in English texts.
    pub fn english() -> &'static Self {
        &ENGLISH
    }

    /// Returns the built-in Hindi texts.
    pub fn hindi() -> &'static Self {
        &HINDI
    }

    /// Replaces single texts.
    ///
    /// # Errors
    ///
    /// If a line is not a text, its key is unknown, or it inserts something that the key does not
    /// have. Then nothing is replaced.
    pub fn replace(&mut self, text: &str) -> Result<(), InvalidText> {
        let mut changed = self.clone();
        for line in lines(text) {
            let (line, key, value) = line?;
            let invalid = |problem| InvalidText { line, problem };
            let Some(original) = ENGLISH.texts.get(key) else {
                return Err(invalid(format!("unknown key {key}")));
            };
            let known: Vec<&str> = names(original).collect();
            if let Some(name) = names(&value).find(|name| !known.contains(name)) {
                return Err(invalid(format!("{key} inserts no {{{name}}}")));
            }
            changed.texts.insert(key.to_owned(), value);
        }
        *self = changed;
        Ok(())
    }

    /// Returns the text with a key; empty if there is none.
    pub(super) fn get(&self, key: &str) -> &str {
        let text = self.texts.get(key).or_else(|| ENGLISH.texts.get(key));
        text.map_or("", String::as_str)
    }

    /// Returns whether there is a text with a key.
    pub(super) fn has(&self, key: &str) -> bool {
        self.texts.contains_key(key)
    }

    /// Returns the text with a key, with values in place of the names in braces.
    pub(super) fn fill(&self, key: &str, values: &[(&str, &str)]) -> String {
        let mut rest = self.get(key);
        let mut filled = String::with_capacity(rest.len());
        // Inserted values are not searched for names: they can be file names.
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            let Some((name, after)) = after.split_once('}') else {
                filled.push('{');
                rest = after;
                continue;
            };
            let value = values.iter().find(|(known, _)| *known == name);
            filled.push_str(value.map_or("", |(_, value)| value));
            rest = after;
        }
        filled.push_str(rest);
        filled
    }

    /// Returns the text for one item, or for several.
    pub(super) fn plural(&self, key: &str, count: usize, values: &[(&str, &str)]) -> String {
        let form = if count == 1 { "one" } else { "many" };
        self.fill(&format!("{key}.{form}"), values)
    }

    /// Joins items as in a sentence; `last` is the key of what precedes the last one.
    pub(super) fn list(&self, items: &[String], last: &str) -> String {
        match items {
            [] => String::new(),
            [only] => only.clone(),
            [first @ .., end] => {
                let first = first.join(self.get("list.separator"));
                format!("{first}{}{end}", self.get(last))
            }
        }
    }

    /// Returns one text per need, each of complete sentences. File names in it are untrusted.
    pub fn requests(&self, needs: &[Need]) -> Vec<String> {
        needs.iter().map(|need| need.text(self)).collect()
    }

    /// Returns what precedes the numbered requests.
    pub fn opening(&self) -> String {
        format!("{}\n\n{}\n", self.get("greeting"), self.get("intro"))
    }

    /// Composes the message in this language.
    pub fn message(&self, needs: &[Need]) -> String {
        let mut message = self.opening();
        for (index, request) in self.requests(needs).iter().enumerate() {
            message = format!("{message}\n{}. {request}\n", index + 1);
        }
        format!("{message}\n{}", self.get("closing"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_the_same_keys_and_inserts_the_same() {
        for text in [
            include_str!("../../data/notes/en.txt"),
            include_str!("../../data/notes/hi.txt"),
        ] {
            let mut parsed = NoteTexts::default();
            parsed.replace(text).unwrap();
            let parsed = built_in(text);
            let keys = |texts: &NoteTexts| texts.texts.keys().cloned().collect::<Vec<_>>();
            assert_eq!(keys(&parsed), keys(&ENGLISH));
            for (key, value) in &parsed.texts {
                let sorted = |text| {
                    let mut names: Vec<String> = names(text).map(str::to_owned).collect();
                    names.sort();
                    names
                };
                assert_eq!(sorted(value), sorted(ENGLISH.get(key)), "{key}");
            }
        }
    }

    #[test]
    fn values_are_inserted_once() {
        let texts = NoteTexts::english();
        let values = [("bank", "{digits} Bank"), ("digits", "12")];
        assert_eq!(
            texts.fill("account", &values),
            "{digits} Bank account ending 12"
        );
    }

    #[test]
    fn invalid_texts_are_rejected_with_their_line() {
        let reject = |text: &str| {
            let mut texts = NoteTexts::english().clone();
            let error = texts.replace(text).unwrap_err().to_string();
            assert_eq!(&texts, NoteTexts::english());
            error
        };
        assert_eq!(reject("\ngreeting"), "line 2: expected KEY = TEXT");
        assert_eq!(reject("greting = Hi"), "line 1: unknown key greting");
        assert_eq!(
            reject("# x\ngreeting = Hi {name}"),
            "line 2: greeting inserts no {name}"
        );
    }
}
