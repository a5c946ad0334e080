//! The cases of earlier runs, of which the journal has keyed hashes.

use crate::journal::{CaseKey, JournalReader, SentCase};
use crate::screen::ContentHash;
use crate::screen::cases::{Case, Shared, StatementIdentity};
use crate::settings::environment::state_folder;
use crate::uploads::plan::Owner;

/// What the journal has of the cases that were sent.
pub(crate) struct CaseMemory {
    reader: JournalReader,
    key: CaseKey,
    /// Host and key of this run; `None` if they are not known, and the name alone decides whether a
    /// case is the same.
    owner: Option<Owner>,
}

impl CaseMemory {
    /// Opens the journal, if that is possible without changing it. Otherwise there is none.
    pub(crate) fn load(owner: Option<Owner>) -> Option<Self> {
        let folder = state_folder().ok()?;
        let key = CaseKey::read(&folder).ok()??;
        let reader = JournalReader::open_unchanged(&folder).ok()??;
        Some(Self { reader, key, owner })
    }

    /// Returns what a statement of a case shares with an unrelated case of an earlier run.
    pub(crate) fn shared(
        &self,
        identity: &StatementIdentity,
        own: &Case,
        cases: &[Case],
    ) -> Option<Shared> {
        let digests = self.key.digests(identity);
        // A journal of an earlier version has no cases.
        let sent = self.reader.cases_with(&digests).unwrap_or_default();
        let unrelated = sent
            .iter()
            .filter(|(_, sent)| self.is_unrelated(sent, own, cases));
        unrelated.map(|(shared, _)| *shared).min()
    }

    fn is_unrelated(&self, sent: &SentCase, own: &Case, cases: &[Case]) -> bool {
        let is_named = |name: &str| ContentHash::of(name.as_bytes()) == sent.link;
        let is_of_another = self.owner.is_some_and(|owner| sent.is_of_another(owner));
        let is_same = is_named(&own.name) && !is_of_another;
        let is_declared = own.related.iter().any(|name| is_named(name));
        let mut others = cases.iter();
        let declares =
            others.any(|other| is_named(&other.name) && other.related.contains(&own.name));
        !is_same && !is_declared && !declares
    }
}
