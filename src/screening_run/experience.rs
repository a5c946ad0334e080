//! What the service's answers to earlier uploads show about predictions.

use crate::journal::JournalReader;
use crate::screen::{Finding, Screening};
use crate::settings::environment::state_folder;
use std::collections::HashMap;

/// Predictions that most answers contradict, by code and bank.
#[derive(Debug, Default)]
pub(crate) struct Experience(HashMap<(String, String), String>);

impl Experience {
    /// Reads the journal, if that is possible without changing it. Otherwise there is none.
    pub(crate) fn load() -> Self {
        let reader = state_folder().ok().and_then(|folder| {
            let reader = JournalReader::open_unchanged(&folder);
            reader.ok().flatten()
        });
        let rows = reader.and_then(|reader| reader.accuracy().ok());
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
