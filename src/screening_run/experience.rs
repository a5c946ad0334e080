//! What earlier uploads show: about predictions, the rules of passwords, and the forms of banks.

use super::run::Compared;
use crate::applicant::RuleUses;
use crate::batch::Input;
use crate::journal::{FormSource, JournalError, JournalReader};
use crate::screen::{Finding, Policy, Screening};
use crate::settings::environment::state_folder;
use crate::statement::LearntForms;
use std::collections::HashMap;
use std::sync::Arc;

/// Opens the journal, if that is possible without changing it.
fn reader() -> Option<JournalReader> {
    let folder = state_folder().ok()?;
    JournalReader::open_unchanged(&folder).ok().flatten()
}

/// Returns why a run does without its journal, if there is one that it can't read.
pub(crate) fn unreadable_journal(compared: Compared) -> Option<JournalError> {
    if compared != Compared::RunAndJournal {
        return None;
    }
    let folder = state_folder().ok()?;
    let read = |reader: JournalReader| reader.learnt_forms(FormSource::All).map(|_forms| ());
    let opened = JournalReader::open_unchanged(&folder);
    opened.and_then(|reader| reader.map_or(Ok(()), read)).err()
}

/// Returns the rules that opened earlier files, if details of applicants are known and the run may
/// read the journal.
pub(crate) fn rule_uses(policy: &Policy, inputs: &[Input], compared: Compared) -> Arc<RuleUses> {
    let own = |input: &Input| input.expected.as_ref().map(|own| own.applicants.is_some());
    let has_details =
        policy.applicants.is_some() || inputs.iter().any(|input| own(input) == Some(true));
    let reader = (has_details && compared == Compared::RunAndJournal).then(reader);
    let uses = reader.flatten().and_then(|reader| reader.rule_uses().ok());
    Arc::new(uses.unwrap_or_default())
}

/// Returns the forms that earlier uploads have taught, if the run may read the journal.
pub(crate) fn learnt_forms(compared: Compared) -> Arc<LearntForms> {
    let reader = (compared == Compared::RunAndJournal).then(reader);
    let forms = reader
        .flatten()
        .map(|reader| reader.learnt_forms(FormSource::All));
    Arc::new(forms.and_then(Result::ok).unwrap_or_default())
}

/// Predictions that most answers contradict, by code and bank.
#[derive(Debug, Default)]
pub(crate) struct Experience(HashMap<(String, String), String>);

impl Experience {
    /// Reads the journal, if that is possible without changing it. Otherwise there is none.
    pub(crate) fn load() -> Self {
        let rows = reader().and_then(|reader| reader.accuracy().ok());
        let contradicted = rows.into_iter().flatten().filter_map(|row| {
            let text = row.contradiction()?;
            Some(((row.code, row.bank), text))
        });
        Self(contradicted.collect())
    }

    /// Adds to each finding what contradicts it.
    pub(crate) fn apply(&self, screening: &mut Screening, expected_bank: Option<&str>) {
        if self.0.is_empty() {
            return;
        }
        let issuer = screening.statement.issuer.as_ref();
        let bank = expected_bank.or_else(|| issuer.map(|issuer| issuer.bank.id()));
        let bank = bank.unwrap_or_default().to_lowercase();
        for finding in &mut screening.findings {
            self.apply_to(finding, &bank);
        }
    }

    fn apply_to(&self, finding: &mut Finding, bank: &str) {
        let key = (finding.code.name().to_owned(), bank.to_owned());
        if let Some(text) = self.0.get(&key) {
            finding.message = format!("{}; {text}", finding.message);
        }
    }
}
