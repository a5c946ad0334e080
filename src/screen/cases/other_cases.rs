//! Finds statements and accounts that are in several cases.
//!
//! Statements are compared by their bytes and their text, accounts by the whole number. If a bank
//! prints only some digits, accounts are not compared: many have the same four digits.

use super::Case;
use crate::screen::{Code, ContentHash, Finding, Screening};
use crate::statement::{AccountKey, DocumentKind, Fingerprint};
use std::collections::{BTreeMap, BTreeSet};

/// Cases that a message names.
const MAX_NAMED_CASES: usize = 3;
/// Cases that a file is compared with in each respect. A form that everybody sends would otherwise
/// take quadratic time.
const MAX_COMPARED_CASES: usize = 100;

/// What identifies the statement in a file, and its account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatementIdentity {
    /// The bytes.
    pub content: ContentHash,
    /// The text; `None` if it is too short.
    pub text: Option<Fingerprint>,
    /// The whole account number, with the bank; `None` if it is not printed.
    pub account: Option<ContentHash>,
}

impl StatementIdentity {
    /// Returns the identity of a screened file; `None` if it is empty, another document, or could
    /// not be read.
    pub fn of(screening: &Screening) -> Option<Self> {
        let is_empty = |finding: &Finding| finding.code == Code::EmptyFile;
        let facts = &screening.statement;
        let is_other = matches!(facts.kind, Some(DocumentKind::Other(_)));
        if is_other || screening.findings.iter().any(is_empty) {
            return None;
        }
        let account = facts.account.as_ref().filter(|account| account.is_full);
        let bank = facts.issuer.as_ref().map(|issuer| issuer.bank.id());
        Some(Self {
            content: screening.content?,
            text: facts.fingerprint,
            account: account
                .zip(bank)
                .map(|(account, bank)| account_hash(bank, account.key)),
        })
    }
}

/// Returns a hash of bank and whole account number.
fn account_hash(bank: &str, number: AccountKey) -> ContentHash {
    let mut bytes = bank.as_bytes().to_vec();
    bytes.push(0);
    bytes.extend(number.bytes());
    ContentHash::of(&bytes)
}

/// In which cases of a run each statement and account is.
#[derive(Debug, Default)]
pub struct StatementsByCase {
    contents: CasesByKey<ContentHash>,
    texts: CasesByKey<Fingerprint>,
    accounts: CasesByKey<ContentHash>,
}

impl StatementsByCase {
    /// Adds a file to the case with this index.
    pub fn add(&mut self, case: usize, identity: &StatementIdentity) {
        self.contents.add(identity.content, case);
        if let Some(text) = identity.text {
            self.texts.add(text, case);
        }
        if let Some(account) = identity.account {
            self.accounts.add(account, case);
        }
    }

    /// Returns the statements and accounts that are in several cases.
    pub fn shared(mut self) -> OtherCases {
        self.contents.keep_shared();
        self.texts.keep_shared();
        self.accounts.keep_shared();
        OtherCases(self)
    }
}

/// Pairs of a key and the index of a case. A run has one per file, so they are as small as can be.
#[derive(Debug)]
struct CasesByKey<K>(Vec<(K, u32)>);

impl<K> Default for CasesByKey<K> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<K: Copy + Ord> CasesByKey<K> {
    fn add(&mut self, key: K, case: usize) {
        // No run has as many cases as an index of 32 bits counts; if one had, the others would not
        // be compared.
        if let Ok(case) = u32::try_from(case) {
            self.0.push((key, case));
        }
    }

    /// Removes the keys of a single case, and sorts the others.
    fn keep_shared(&mut self) {
        self.0.sort_unstable();
        self.0.dedup();
        let shared = self.0.chunk_by(|first, second| first.0 == second.0);
        let shared = shared.filter(|same| same.len() > 1);
        self.0 = shared.flatten().copied().collect();
    }

    /// Returns the cases of a key, ascending; none if it is that of a single case.
    fn cases(&self, key: K) -> impl Iterator<Item = usize> {
        let start = self.0.partition_point(|(other, _)| *other < key);
        let from = self.0.get(start..).unwrap_or_default();
        let same = from.iter().take_while(move |(other, _)| *other == key);
        same.map(|(_, case)| *case as usize)
    }
}

/// The statements and accounts that are in several cases of a run.
#[derive(Debug, Default)]
pub struct OtherCases(StatementsByCase);

impl OtherCases {
    /// Returns the cases that share a statement or an account with another one.
    pub fn cases(&self) -> BTreeSet<usize> {
        let Self(shared) = self;
        let contents = shared.contents.0.iter().map(|(_, case)| *case);
        let texts = shared.texts.0.iter().map(|(_, case)| *case);
        let accounts = shared.accounts.0.iter().map(|(_, case)| *case);
        let all = contents.chain(texts).chain(accounts);
        all.map(|case| case as usize).collect()
    }

    /// Returns the finding about a file of a case whose statement or account is also in unrelated
    /// cases. `earlier` is what an unrelated case of an earlier run shares, if one does.
    pub fn finding(
        &self,
        case: usize,
        identity: &StatementIdentity,
        cases: &[Case],
        earlier: Option<Shared>,
    ) -> Option<Finding> {
        let mut shared: BTreeMap<String, Shared> = BTreeMap::new();
        let own = cases.get(case)?;
        let mut add = |indices: &mut dyn Iterator<Item = usize>, what: Shared| {
            let others = indices
                .filter(|other| *other != case)
                .filter_map(|other| cases.get(other))
                .filter(|other| !other.is_related(own));
            for other in others.take(MAX_COMPARED_CASES) {
                let known = shared.entry(other.name.clone()).or_insert(what);
                *known = (*known).min(what);
            }
        };
        let Self(keys) = self;
        add(
            &mut keys.contents.cases(identity.content),
            Shared::Statement,
        );
        if let Some(text) = identity.text {
            add(&mut keys.texts.cases(text), Shared::Statement);
        }
        if let Some(account) = identity.account {
            add(&mut keys.accounts.cases(account), Shared::Account);
        }
        let what = shared.values().copied().chain(earlier).min()?;
        let message = format!("{} is also in {}", what.name(), named(&shared, earlier));
        let finding = Finding::warning(Code::StatementInOtherCase, message);
        Some(finding.with_hint(Code::StatementInOtherCase.explain().hint))
    }
}

/// What two cases share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shared {
    /// The same statement.
    Statement,
    /// The same account.
    Account,
}

impl Shared {
    fn name(self) -> &'static str {
        match self {
            Self::Statement => "The same statement",
            Self::Account => "The same account",
        }
    }
}

fn named(cases: &BTreeMap<String, Shared>, earlier: Option<Shared>) -> String {
    let first = cases.keys().take(MAX_NAMED_CASES);
    let mut names: Vec<String> = first.map(|name| format!("case {name}")).collect();
    let more = cases.len().saturating_sub(MAX_NAMED_CASES);
    if cases.len() >= MAX_COMPARED_CASES {
        names.push("and many more".to_owned());
    } else if more > 0 {
        names.push(format!("and {more} more"));
    }
    // The journal has no names of cases.
    names.extend(earlier.map(|_| "a case of an earlier run".to_owned()));
    names.join(", ")
}
