//! The filter of the table.

use super::file::{File, UploadState};
use crate::uploads::plan::OutcomeCode;

/// A parsed filter.
///
/// A file matches if its name, bank, account, finding codes, verdict or outcome contain every term,
/// and contain no term that was typed after `!`. Case is ignored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    terms: Vec<Term>,
    text: String,
    /// Whether only files with problems match.
    pub only_problems: bool,
    /// The case whose files match; `None` if those of all match.
    pub case: Option<usize>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Term {
    /// In lower case.
    text: String,
    excluded: bool,
}

impl Filter {
    /// Parses typed text.
    pub fn parse(text: &str, only_problems: bool) -> Self {
        let term = |word: &str| {
            let (text, excluded) = match word.strip_prefix('!') {
                Some(text) => (text, true),
                None => (word, false),
            };
            // A lone `!` is a term that is being typed; it must not hide anything.
            let text = text.to_lowercase();
            (!text.is_empty()).then_some(Term { text, excluded })
        };
        Self {
            terms: text.split_whitespace().filter_map(term).collect(),
            text: text.trim().to_owned(),
            only_problems,
            case: None,
        }
    }

    /// Restricts the filter to the files of a case.
    #[must_use]
    pub fn in_case(self, case: Option<usize>) -> Self {
        Self { case, ..self }
    }

    /// Returns the text as typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns whether every file matches, of the case or of all.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty() && !self.only_problems
    }

    /// Returns whether texts contain every term, and no excluded one.
    pub(super) fn matches_texts(&self, texts: &[&str]) -> bool {
        let texts: Vec<String> = texts.iter().map(|text| text.to_lowercase()).collect();
        self.terms.iter().all(|term| {
            let is_found = texts.iter().any(|text| text.contains(&term.text));
            is_found != term.excluded
        })
    }

    /// Returns whether a file matches.
    pub fn matches(&self, file: &File) -> bool {
        if self.case.is_some_and(|case| file.case != Some(case)) {
            return false;
        }
        if self.only_problems && !has_problem(file) {
            return false;
        }
        self.terms
            .iter()
            .all(|term| contains(file, &term.text) != term.excluded)
    }
}

/// Returns whether a file failed, has a warning, or was not uploaded although requested.
fn has_problem(file: &File) -> bool {
    match &file.upload {
        UploadState::Finished(record) => !record.outcome.kind.is_uploaded(),
        UploadState::NotRequested
        | UploadState::Queued
        | UploadState::Sending { .. }
        | UploadState::Retrying(_) => file.worst_finding().is_some(),
    }
}

/// Returns whether a file contains a term in lower case.
fn contains(file: &File, term: &str) -> bool {
    let contains = |text: &str| text.to_lowercase().contains(term);
    if contains(file.display_name())
        || file
            .bank()
            .is_some_and(|(bank, _)| contains(bank.id()) || contains(bank.name()))
    {
        return true;
    }
    if let Some(screening) = file.screening() {
        let account = screening.statement.account.as_ref();
        if contains(screening.verdict.name())
            || account.is_some_and(|account| contains(&account.masked))
            || screening
                .findings
                .iter()
                .any(|finding| contains(finding.code.name()))
        {
            return true;
        }
    }
    match &file.upload {
        UploadState::NotRequested => false,
        UploadState::Queued => contains("queued"),
        UploadState::Sending { .. } => contains("sending"),
        UploadState::Retrying(_) => contains("retry"),
        UploadState::Finished(record) => {
            let outcome = &record.outcome;
            let code = outcome.code.as_ref().map(OutcomeCode::name);
            contains(outcome.kind.name()) || code.is_some_and(contains)
        }
    }
}
