//! The passwords that are tried on one file, in order: supplied for this file, derived from the
//! applicants' details, then all others.

use super::{CandidateId, CandidatePassword, Policy};
use crate::applicant::{Applicants, DerivedPassword, Hints, producer_key};
use crate::pdf::Password;
use crate::statement::Bank;
use memchr::memmem;

/// Bytes of the metadata that are read; some two thousand are usual.
const MAX_METADATA_BYTES: usize = 64 << 10;

/// The passwords that are tried on a file.
#[derive(Debug, Default)]
pub(super) struct Tried<'p> {
    passwords: Vec<&'p Password>,
    sources: Vec<Source>,
}

/// The source of a password that is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    /// Index among the policy's candidates.
    Supplied(usize),
    /// Index among the derived passwords.
    Derived(usize),
}

/// The numbers of passwords that are tried on a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct TriedCounts {
    pub(super) supplied: usize,
    pub(super) derived: usize,
}

impl<'p> Tried<'p> {
    /// Returns the passwords for a file. Nothing is derived for a file without encryption.
    pub(super) fn new(policy: &'p Policy, bytes: &[u8]) -> Self {
        let is_encrypted = || memmem::find(bytes, b"/Encrypt").is_some();
        Self::with_derived(policy, bytes, &is_encrypted)
    }

    fn with_derived(policy: &'p Policy, bytes: &[u8], is_encrypted: &dyn Fn() -> bool) -> Self {
        let supplied = policy.candidates.iter().enumerate();
        let supplied = supplied.take(policy.limits.candidates);
        let (own, others): (Vec<_>, Vec<_>) =
            supplied.partition(|(_, candidate)| is_own(candidate));
        let mut tried = Self::default();
        tried.add_supplied(own);
        if let Some(applicants) = policy.applicants.as_ref().filter(|_| is_encrypted()) {
            tried.add_derived(applicants, policy, bytes);
        }
        tried.add_supplied(others);
        tried
    }

    fn add_supplied(&mut self, candidates: Vec<(usize, &'p CandidatePassword)>) {
        for (index, candidate) in candidates {
            self.passwords.push(&candidate.password);
            self.sources.push(Source::Supplied(index));
        }
    }

    fn add_derived(&mut self, applicants: &'p Applicants, policy: &Policy, bytes: &[u8]) {
        let derived = applicants.derived();
        for index in applicants.order(&hints(policy, bytes), &policy.rule_uses) {
            self.passwords
                .extend(derived.get(index).map(DerivedPassword::password));
            self.sources.push(Source::Derived(index));
        }
    }

    pub(super) fn passwords(&self) -> &[&'p Password] {
        &self.passwords
    }

    pub(super) fn counts(&self) -> TriedCounts {
        let is_derived = |source: &&Source| matches!(source, Source::Derived(_));
        let derived = self.sources.iter().filter(is_derived).count();
        TriedCounts {
            supplied: self.sources.len() - derived,
            derived,
        }
    }

    /// Returns the source of the password with an index, for the record.
    pub(super) fn id(
        &self,
        index: usize,
        policy: &Policy,
        detected_bank: Option<&Bank>,
    ) -> Option<CandidateId> {
        match *self.sources.get(index)? {
            Source::Supplied(index) => policy.candidates.get(index).map(|c| c.id.clone()),
            Source::Derived(index) => {
                let rule = policy.applicants.as_ref()?;
                let rule = rule.rule_of(index, detected_bank.map(Bank::id))?;
                Some(CandidateId::Rule(rule))
            }
        }
    }
}

/// Returns the passwords to try on a locked archive around a file, in the order in which they would
/// be tried on the file, in all forms of PDF files that differ.
pub fn archive_passwords(policy: &Policy) -> Vec<Password> {
    let tried = Tried::with_derived(policy, b"", &|| true);
    let forms = tried
        .passwords
        .iter()
        .flat_map(|password| password.all_forms());
    forms.collect()
}

/// Returns whether a candidate was supplied for this file only.
fn is_own(candidate: &CandidatePassword) -> bool {
    !matches!(candidate.id, CandidateId::PasswordFile(_))
}

/// Returns the banks and the producer that expectations, name and metadata suggest.
fn hints(policy: &Policy, bytes: &[u8]) -> Hints {
    let metadata = plain_metadata(bytes).unwrap_or_default();
    let banks = [
        policy.expected_bank.as_ref(),
        policy.suggested_bank.as_ref(),
        policy.banks.named_in(&metadata),
    ];
    Hints {
        banks: banks
            .into_iter()
            .flatten()
            .map(|bank| bank.id().to_owned())
            .collect(),
        producer: producer(&metadata).map(producer_key),
        description: policy.described_password.clone(),
    }
}

/// Returns the metadata stream of an encrypted file if it is stored as plain text, which the
/// encryption dictionary may allow (`EncryptMetadata`).
fn plain_metadata(bytes: &[u8]) -> Option<String> {
    let start = memmem::find(bytes, b"<x:xmpmeta")?;
    let rest = bytes.get(start..)?;
    let rest = rest.get(..MAX_METADATA_BYTES).unwrap_or(rest);
    let end = memmem::find(rest, b"</x:xmpmeta>")?;
    Some(String::from_utf8_lossy(rest.get(..end)?).into_owned())
}

/// Returns the producer in metadata, as an element or an attribute.
fn producer(metadata: &str) -> Option<&str> {
    let (_, rest) = metadata.split_once("pdf:Producer")?;
    let (text, end) = match rest.strip_prefix('>') {
        Some(text) => (text, '<'),
        None => (rest.strip_prefix("=\"")?, '"'),
    };
    text.split_once(end).map(|(producer, _)| producer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::applicant::{Details, Field, RuleTable};

    fn policy() -> Policy {
        let candidate = |secret: &str, id| CandidatePassword {
            password: Password::new(secret),
            id,
        };
        let mut details = Details::default();
        details.set(Field::CustomerId, "77120486").unwrap();
        Policy {
            candidates: vec![
                candidate("own", CandidateId::Manifest(2)),
                candidate("first", CandidateId::PasswordFile(1)),
                candidate("second", CandidateId::PasswordFile(2)),
            ],
            applicants: Some(Applicants::new(vec![details], RuleTable::default())),
            ..Policy::default()
        }
    }

    #[test]
    fn derived_passwords_are_tried_after_the_own_and_before_the_others() {
        let policy = policy();
        let tried = Tried::new(&policy, b"trailer << /Encrypt 5 0 R >>");
        let texts: Vec<_> = tried.passwords().iter().map(|p| p.expose()).collect();
        assert_eq!(texts, ["own", "77120486", "first", "second"]);
        let counts = tried.counts();
        assert_eq!((counts.supplied, counts.derived), (3, 1));
        let id = |index| tried.id(index, &policy, policy.banks.by_id("axis"));
        assert_eq!(id(0), Some(CandidateId::Manifest(2)));
        assert_eq!(id(1).unwrap().to_string(), "rule:HDFC:customer_id");
        let rule = id(1).unwrap();
        assert_eq!(policy.password(&rule).unwrap().expose(), "77120486");
        assert_eq!(id(2), Some(CandidateId::PasswordFile(1)));
        assert_eq!(id(4), None);
    }

    #[test]
    fn nothing_is_derived_for_an_open_file_and_the_limit_holds_for_supplied_passwords() {
        let mut policy = policy();
        assert_eq!(Tried::new(&policy, b"%PDF-1.4").counts().derived, 0);
        policy.limits.candidates = 1;
        let tried = Tried::new(&policy, b"/Encrypt");
        let texts: Vec<_> = tried.passwords().iter().map(|p| p.expose()).collect();
        assert_eq!(texts, ["own", "77120486"]);
    }

    #[test]
    fn metadata_that_is_not_encrypted_suggests_a_bank_and_a_producer() {
        let file = b"/Encrypt <x:xmpmeta><dc:title>Statement of Axis Bank</dc:title>\
            <pdf:Producer>iText 5</pdf:Producer></x:xmpmeta>";
        let found = hints(&policy(), file);
        assert_eq!(found.banks, ["axis"]);
        assert_eq!(found.producer, Some(producer_key("iText 5")));
        assert_eq!(producer("<d pdf:Producer=\"A\" x=\"\"/>"), Some("A"));
        assert_eq!(hints(&policy(), b"/Encrypt"), Hints::default());
    }
}
