//! Messages to applicants: what they should send, in their language.
//!
//! A [`Need`] is one request, without words. [`NoteTexts`] has the words of one language, which are
//! data: `src/data/notes`, and files of the user. Requests of reports and notes are made of the
//! same texts. They contain nothing internal: no codes, no paths beyond a folder's name.

mod need;
mod password_words;
mod texts;

pub use need::{Need, NeededFile};
pub use texts::{InvalidText, NoteTexts};

use crate::applicant::RuleTable;

/// The messages to applicants in all languages: English first, then Hindi, then those that the user
/// has added, by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteLanguages {
    /// At least English.
    languages: Vec<(String, NoteTexts)>,
}

impl Default for NoteLanguages {
    fn default() -> Self {
        let built_in = [("en", NoteTexts::english()), ("hi", NoteTexts::hindi())];
        let languages = built_in.map(|(name, texts)| (name.to_owned(), texts.clone()));
        Self {
            languages: languages.to_vec(),
        }
    }
}

impl NoteLanguages {
    /// Sets the rules by which banks form passwords, which messages describe.
    #[must_use]
    pub fn with_rules(mut self, rules: &RuleTable) -> Self {
        for (_, texts) in &mut self.languages {
            texts.set_rules(rules.clone());
        }
        self
    }

    /// Replaces texts of a language, or adds a language whose missing texts are English.
    ///
    /// # Errors
    ///
    /// If a line of `text` is invalid.
    pub fn add(&mut self, language: &str, text: &str) -> Result<(), InvalidText> {
        let known = self.languages.iter_mut().find(|(name, _)| name == language);
        if let Some((_, texts)) = known {
            return texts.replace(text);
        }
        let mut texts = NoteTexts::english().clone();
        texts.replace(text)?;
        self.languages.push((language.to_owned(), texts));
        Ok(())
    }

    /// Returns the English texts, which are those of reports.
    pub fn english(&self) -> &NoteTexts {
        let first = self.languages.first();
        match first {
            Some((_, texts)) => texts,
            None => NoteTexts::english(),
        }
    }

    /// Composes the whole message: in every language, one after the other.
    pub fn message(&self, needs: &[Need]) -> String {
        let languages = self.languages.iter();
        let messages: Vec<String> = languages.map(|(_, texts)| texts.message(needs)).collect();
        messages.join("\n\n----\n\n")
    }
}

/// Returns the name of a case as that of a file, without an extension: characters that may have a
/// meaning in paths become `_`.
pub fn file_stem(case: &str) -> String {
    let allowed = |c: char| c.is_alphanumeric() || is_mark(c) || "-_. ".contains(c);
    let stem = case.chars().map(|c| if allowed(c) { c } else { '_' });
    stem.collect()
}

/// Returns whether a character belongs to the letter before it, as vowel signs of Indian scripts
/// do.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{0300}'..='\u{036F}' | '\u{0900}'..='\u{0D7F}')
}

#[cfg(test)]
mod tests;
