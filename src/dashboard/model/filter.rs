//! What a person looks for: words, some of them negated.

use super::file::{Delivery, File};

/// A filter as it was typed, ready to be applied.
///
/// Every word must be found in a file's name, bank, account, codes, verdict or outcome; a word
/// behind `!` must not. Letter case does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    words: Vec<(String, bool)>,
    text: String,
    /// Only files that need a person.
    pub faults: bool,
}

impl Filter {
    /// Reads what was typed.
    pub fn parse(text: &str, faults: bool) -> Self {
        let word = |word: &str| match word.strip_prefix('!') {
            Some(word) => (word.to_lowercase(), false),
            None => (word.to_lowercase(), true),
        };
        let words = text.split_whitespace().map(word);
        Self {
            words: words.filter(|(word, _)| !word.is_empty()).collect(),
            text: text.trim().to_owned(),
            faults,
        }
    }

    /// As it was typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it lets every file through.
    pub fn is_open(&self) -> bool {
        self.words.is_empty() && !self.faults
    }

    /// Whether it lets a file through.
    pub fn fits(&self, file: &File) -> bool {
        if self.is_open() {
            return true;
        }
        if self.faults && !needs_a_person(file) {
            return false;
        }
        self.words
            .iter()
            .all(|(word, wanted)| says(file, word) == *wanted)
    }
}

/// Whether a file failed, carries a warning, or did not reach the service.
fn needs_a_person(file: &File) -> bool {
    match &file.delivery {
        Delivery::Ended(sent) => !sent.outcome.kind.is_uploaded(),
        _ => file.worst().is_some(),
    }
}

fn says(file: &File, word: &str) -> bool {
    let holds = |text: &str| text.to_lowercase().contains(word);
    if holds(&file.shown)
        || file
            .bank()
            .is_some_and(|(bank, _)| holds(bank.id()) || holds(bank.name()))
    {
        return true;
    }
    if let Some(screening) = file.screening() {
        let account = screening.statement.account.as_ref();
        if holds(screening.verdict.name())
            || account.is_some_and(|account| holds(&account.masked))
            || screening
                .findings
                .iter()
                .any(|finding| holds(finding.code.name()))
        {
            return true;
        }
    }
    match &file.delivery {
        Delivery::Idle => false,
        Delivery::Queued => holds("queued"),
        Delivery::Sending(..) => holds("sending"),
        Delivery::Again(_) => holds("retry"),
        Delivery::Ended(sent) => {
            let code = sent
                .outcome
                .code
                .as_ref()
                .map(crate::uploads::plan::OutcomeCode::name);
            holds(sent.outcome.kind.name()) || code.is_some_and(holds)
        }
    }
}
