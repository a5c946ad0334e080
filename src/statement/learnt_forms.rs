//! Forms of statements that accepted uploads have taught.
//!
//! A form is a hash over the column headings and over those labels of a closed list that the first
//! page prints. Nothing that a customer writes can be in it. A form counts for a bank once several
//! accounts agree and nothing contradicts.

use super::banks::BankRegistry;
use super::page::{self, Page, Zone};
use super::phrase_matcher::PhraseMatcher;
use super::table::Table;
use crate::text::hex;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::LazyLock;

/// Labels that statements print for every account, so that they do not depend on the customer.
const LABELS: [&str; 48] = [
    "account statement",
    "statement of account",
    "detailed statement",
    "transaction statement",
    "account details",
    "account summary",
    "account number",
    "account no",
    "a c no",
    "account name",
    "account type",
    "account status",
    "account branch",
    "account currency",
    "account open date",
    "account holder",
    "customer id",
    "customer no",
    "customer number",
    "customer name",
    "cust id",
    "client code",
    "cif no",
    "cif number",
    "crn",
    "branch code",
    "branch name",
    "branch ifsc",
    "branch address",
    "home branch",
    "base branch",
    "sol id",
    "ifsc",
    "ifsc code",
    "ifs code",
    "micr",
    "micr code",
    "currency",
    "currency code",
    "scheme",
    "product",
    "statement period",
    "transaction period",
    "period",
    "from date",
    "to date",
    "drawing power",
    "opening balance",
];
/// The columns of an export.
const CSV_HEADER: [&str; 4] = ["form", "bank", "accounts", "contradictions"];
/// Labels below which a form is too general to be learnt.
const MIN_LABELS: usize = 2;
/// Words of the headings below which a form is too general.
const MIN_HEADINGS: usize = 4;
/// Bytes of the hash that are kept.
const KEY_BYTES: usize = 16;
/// Agreeing accounts from which a form is evidence for a likely bank.
const MIN_LIKELY: u32 = 3;
/// Agreeing accounts from which a form is evidence for a detected bank.
const MIN_DETECTED: u32 = 5;

static PHRASES: LazyLock<PhraseMatcher<usize>> = LazyLock::new(|| {
    let numbered = LABELS.iter().enumerate();
    let numbered: Vec<_> = numbered.map(|(number, label)| (*label, number)).collect();
    PhraseMatcher::spaced(&numbered)
});

/// The hash of a form, in hexadecimal: 32 digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FormKey(String);

impl FormKey {
    /// Parses 32 hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let is_key = text.len() == KEY_BYTES * 2
            && text
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        is_key.then(|| Self(text.to_owned()))
    }

    /// Returns the digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Computes the hash of a document's form; `None` if the form is too general.
    pub(super) fn of(pages: &[Page], tables: &[Table]) -> Option<Self> {
        let headings = tables.first()?.headings.first()?;
        let headings: BTreeSet<&str> = page::words(headings).collect();
        let head = pages.first()?.around_table();
        let labels: BTreeSet<usize> = head
            .filter(|line| line.zone == Zone::Head)
            .flat_map(|line| {
                let words: Vec<&str> = line.words().collect();
                PHRASES.find_all(&words)
            })
            .collect();
        if headings.len() < MIN_HEADINGS || labels.len() < MIN_LABELS {
            return None;
        }
        let mut hash = Sha256::new();
        for word in headings {
            hash.update(word);
            hash.update(" ");
        }
        for label in labels.iter().filter_map(|number| LABELS.get(*number)) {
            hash.update("\n");
            hash.update(label);
        }
        let digest = hash.finalize();
        digest.get(..KEY_BYTES).map(|bytes| Self(hex(bytes)))
    }
}

/// What accepted uploads say about the bank of a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LearntForm {
    /// The form.
    pub form: FormKey,
    /// Identifier of the bank.
    pub bank: String,
    /// Accounts whose statements of this form were accepted as this bank's.
    pub accounts: u32,
    /// Accounts whose statements were not.
    pub contradictions: u32,
}

/// The forms that accepted uploads have taught: hashes and counts only.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LearntForms(pub Vec<LearntForm>);

/// How much a learnt form proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Strength {
    /// Enough for a likely bank.
    Likely,
    /// Enough for a detected bank.
    Detected,
}

impl LearntForm {
    fn parse(cells: &[&str], banks: &BankRegistry) -> Option<Self> {
        let [form, bank, accounts, contradictions] = cells else {
            return None;
        };
        Some(Self {
            form: FormKey::parse(form)?,
            bank: banks.by_id(bank)?.id().to_owned(),
            accounts: accounts.parse().ok()?,
            contradictions: contradictions.parse().ok()?,
        })
    }
}

impl LearntForms {
    /// Parses rows of [`LearntForms::to_csv`].
    ///
    /// # Errors
    ///
    /// Returns the number of the line that is no row, or whose bank is unknown.
    pub fn parse(text: &str, banks: &BankRegistry) -> Result<Self, usize> {
        let mut forms = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let cells: Vec<&str> = line.trim_end().split(',').collect();
            if index == 0 {
                if cells != CSV_HEADER {
                    return Err(1);
                }
                continue;
            }
            forms.push(LearntForm::parse(&cells, banks).ok_or(index + 1)?);
        }
        Ok(Self(forms))
    }

    /// Returns a header and one row for each form. No cell needs quotes.
    pub fn to_csv(&self) -> String {
        let mut text = CSV_HEADER.join(",") + "\n";
        for known in &self.0 {
            let LearntForm {
                form,
                bank,
                accounts,
                contradictions,
            } = known;
            let form = form.as_str();
            let _infallible = writeln!(text, "{form},{bank},{accounts},{contradictions}");
        }
        text
    }

    /// Returns whether a form is evidence for a bank.
    pub fn is_evidence(&self, form: &FormKey) -> bool {
        self.bank(form).is_some()
    }

    /// Returns the identifier of the bank of a form, and the number of accounts, if enough accounts
    /// agree and none contradicts.
    pub(super) fn bank(&self, form: &FormKey) -> Option<(&str, u32, Strength)> {
        let mut known = self.0.iter().filter(|known| known.form == *form);
        let only = known.next()?;
        if known.next().is_some() || only.contradictions > 0 || only.accounts < MIN_LIKELY {
            return None;
        }
        let strength = if only.accounts < MIN_DETECTED {
            Strength::Likely
        } else {
            Strength::Detected
        };
        Some((&only.bank, only.accounts, strength))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statement::dates::DateOrder;
    use crate::statement::page::tests::typed;
    use crate::statement::table;

    const HEAD: &str = "Date        Particulars      Debit      Credit    Balance";

    fn key(lines: &[&str]) -> Option<FormKey> {
        let mut page = Page::new(&typed(lines));
        let table = table::find(&mut page, DateOrder::DayFirst);
        FormKey::of(&[page], &[table])
    }

    #[test]
    fn a_form_depends_on_headings_and_labels_only() {
        let first = key(&[
            "Client Code : 1234       Branch Code : 12",
            "Name : Asha Example",
            HEAD,
            "01/04/2024  payment          100.00               900.00",
        ]);
        let second = key(&[
            "Branch Code : 77         Client Code : 9876",
            "Name : Other Person, Branch Road 12",
            HEAD,
            "05/06/2025  NEFT account number             50.00  50.00",
        ]);
        assert!(first.is_some());
        assert_eq!(first, second);
        let other = key(&["Client Code : 1234", "CRN : 12", HEAD]);
        assert!(other.is_some() && other != first);
        // Too general.
        assert_eq!(key(&["Client Code : 1234", HEAD]), None);
        let digits = first.unwrap();
        assert_eq!(FormKey::parse(digits.as_str()), Some(digits));
        assert_eq!(FormKey::parse("xyz"), None);
    }

    #[test]
    fn a_form_counts_once_enough_accounts_agree_and_none_contradicts() {
        let form = FormKey::parse(&"0a".repeat(KEY_BYTES)).unwrap();
        let learnt = |bank: &str, accounts, contradictions| LearntForm {
            form: form.clone(),
            bank: bank.to_owned(),
            accounts,
            contradictions,
        };
        for (rows, expected) in [
            (vec![learnt("hdfc", 2, 0)], None),
            (
                vec![learnt("hdfc", 3, 0)],
                Some(("hdfc", 3, Strength::Likely)),
            ),
            (
                vec![learnt("hdfc", 5, 0)],
                Some(("hdfc", 5, Strength::Detected)),
            ),
            (vec![learnt("hdfc", 9, 1)], None),
            (vec![learnt("hdfc", 9, 0), learnt("axis", 1, 0)], None),
        ] {
            assert_eq!(LearntForms(rows).bank(&form), expected);
        }
    }
}
