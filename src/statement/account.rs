//! Finds the account number of a statement, which is masked, and the category of the account.

use super::page::{self, Page, TextLine};
use crate::pdf::Line;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Digits of an account number that are not masked.
const SHOWN_DIGITS: usize = 4;
/// Stands for a digit that the bank has masked.
const MASKED_DIGIT: char = 'X';
/// Lines below a label that can contain the value of its column.
const ROWS_BELOW: usize = 2;
/// Points by which the value of a column may be shifted from its label.
const COLUMN_SHIFT: f32 = 30.0;
/// Characters of an account number.
const NUMBER_LENGTH: std::ops::RangeInclusive<usize> = 6..=20;
/// Labels of account numbers.
const LABELS: [&str; 14] = [
    "account number",
    "account no",
    "a/c number",
    "a/c no",
    "a/c. no",
    "acc no",
    "acc. no",
    "acct no",
    "acct. no",
    "account #",
    "ac no",
    "ac. no",
    "account num",
    "a/c num",
];
/// Labels that count only if a number follows directly.
const SHORT_LABELS: [&str; 4] = ["account", "a/c", "passbook", "transactions list"];
/// Digits of a number that counts as an account number even if other words precede it.
const MIN_LONG_DIGITS: usize = 9;
/// Words of the longest line that names the category and is not running text.
const MAX_TITLE_WORDS: usize = 26;
/// Labels of account categories.
const CATEGORY_LABELS: [&str; 14] = [
    "account type",
    "a/c type",
    "ac type",
    "type of account",
    "acct type",
    "product",
    "scheme",
    "account category",
    "account description",
    "a/c description",
    "account status",
    "account name",
    "type :",
    "type:",
];

/// An account, without its full number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The number with all but four digits masked: `XXXXXXXX1234`.
    pub masked: String,
    /// Distinguishes accounts with the same last digits within a run.
    ///
    /// Never printed or stored: account numbers are short enough to be guessed from it.
    pub key: AccountKey,
    /// Whether all digits are printed. Of a number that the bank has masked, several accounts can
    /// have the shown digits.
    pub is_full: bool,
}

/// The first bytes of the SHA-256 of an account number as printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AccountKey([u8; 8]);

/// The account categories of the service (API, `account_category`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum AccountCategory {
    /// A savings account.
    Savings,
    /// A current account.
    Current,
    /// An overdraft or cash-credit account.
    Overdraft,
}

impl AccountCategory {
    /// All categories.
    pub const ALL: [Self; 3] = [Self::Savings, Self::Current, Self::Overdraft];

    /// Returns the name in the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Savings => "SAVINGS",
            Self::Current => "CURRENT",
            Self::Overdraft => "OVERDRAFT",
        }
    }

    /// Parses the name of a category, in any letter case.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|category| category.name().eq_ignore_ascii_case(name.trim()))
    }
}

/// Finds the number after a label of account numbers, or below it.
pub(super) fn find(pages: &[Page]) -> Option<Account> {
    let labelled = |labels: &[&str]| {
        pages.iter().find_map(|page| {
            let lines: Vec<&TextLine> = page.around_table().collect();
            (0..lines.len()).find_map(|index| number_at(&lines, index, labels))
        })
    };
    // An explicit label on any page is more reliable than a short label on the first page.
    let number = labelled(&LABELS).or_else(|| labelled(&SHORT_LABELS))?;
    Some(Account::new(&number))
}

/// Finds the number after an explicit label in lines outside of a table, if the bank has not masked
/// it: a masked number can be that of several accounts.
pub(super) fn full_number(lines: &[Line]) -> Option<AccountKey> {
    let may_have_label = |line: &Line| {
        let text = line.text().as_bytes();
        text.windows(3).any(|window| {
            window.eq_ignore_ascii_case(b"acc") || window.eq_ignore_ascii_case(b"a/c")
        })
    };
    if !lines.iter().any(may_have_label) {
        return None;
    }
    let lines: Vec<TextLine> = lines.iter().map(TextLine::new).collect();
    let lines: Vec<&TextLine> = lines.iter().collect();
    let number = (0..lines.len()).find_map(|index| number_at(&lines, index, &LABELS))?;
    (!number.contains(MASKED_DIGIT)).then(|| Account::new(&number).key)
}

/// Returns the number at a label, with [`MASKED_DIGIT`] for digits that the bank has masked.
fn number_at(lines: &[&TextLine], index: usize, labels: &[&str]) -> Option<String> {
    let line = lines.get(index)?;
    let (label, end) = labels
        .iter()
        .find_map(|label| Some((label, line.text.find(label)? + label.len())))?;
    let after = line.text.get(end..)?;
    if let Some(number) = leading_number(after).or_else(|| long_number(after)) {
        return Some(number);
    }
    // Below a short label is anything, such as a column of transactions.
    if !LABELS.contains(label) {
        return None;
    }
    let column = line.cells.iter().find(|cell| cell.range.end >= end)?;
    page::below(lines, index, column, ROWS_BELOW, COLUMN_SHIFT).find_map(leading_number)
}

/// Parses the account number at the start of a text, after punctuation and filler words.
fn leading_number(text: &str) -> Option<String> {
    let text = text.trim_start_matches(|c: char| !c.is_alphanumeric() && c != '*');
    // The rest of a longer label ("num" + "umber", "no" + "s"), or a word before the number.
    let text = ["umber", "o", "s", "inr", "for", "is"]
        .iter()
        .find_map(|filler| text.strip_prefix(filler)?.strip_prefix([' ', ':', '.']))
        .unwrap_or(text)
        .trim_start_matches([' ', ':', '.', '-', '(', '#']);
    let mut number = String::new();
    let mut gap = 0;
    for character in text.chars() {
        match character {
            '0'..='9' => {
                number.push(character);
                gap = 0;
            }
            // The bank has masked this digit.
            'x' | '*' => {
                number.push(MASKED_DIGIT);
                gap = 0;
            }
            // Digits are printed in groups on cards and passbooks.
            ' ' | '-' | '/' if gap == 0 && !number.is_empty() => gap = 1,
            _ => break,
        }
    }
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    (NUMBER_LENGTH.contains(&number.len()) && digits >= SHOWN_DIGITS).then_some(number)
}

/// Finds a long number in the same cell, as in `savings account - res 073-661579-006`.
fn long_number(after: &str) -> Option<String> {
    let value = after.trim_start_matches([' ', ':', '-', '.']);
    let cell = value.split("  ").next().unwrap_or_default();
    cell.split(' ').find_map(|word| {
        let digits = word.bytes().filter(u8::is_ascii_digit).count();
        let is_number = word
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'-');
        // A date such as `01-04-2024` has almost as many digits as an account number.
        let is_date = word.len() == 10 && word.contains('-');
        (digits >= MIN_LONG_DIGITS && is_number && !is_date).then(|| leading_number(word))?
    })
}

impl Account {
    /// Masks a number of at least four characters.
    pub(crate) fn new(number: &str) -> Self {
        let digest = Sha256::digest(number);
        let mut key = [0; 8];
        key.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
        let hidden = number.len() - SHOWN_DIGITS;
        let masked = number.chars().enumerate();
        Self {
            masked: masked
                .map(|(index, c)| if index < hidden { 'X' } else { c })
                .collect(),
            key: AccountKey(key),
            is_full: !number.contains(MASKED_DIGIT),
        }
    }

    /// Creates an account from a number that the user entered; `None` without as many digits as are
    /// shown.
    pub fn of_digits(number: &str) -> Option<Self> {
        let digits: String = number.chars().filter(char::is_ascii_digit).collect();
        (digits.len() >= SHOWN_DIGITS).then(|| Self::new(&digits))
    }

    /// Returns the last four characters of the number, which are not masked by this program.
    pub fn last_digits(&self) -> &str {
        let start = self.masked.len().saturating_sub(SHOWN_DIGITS);
        self.masked.get(start..).unwrap_or(&self.masked)
    }
}

impl AccountKey {
    /// Returns the bytes, to derive another key from them.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Finds the category of the account: in a labelled field, else in a title.
pub(super) fn category(pages: &[Page]) -> Option<AccountCategory> {
    let lines = || pages.iter().flat_map(Page::around_table);
    let labelled = lines().find_map(|line| {
        let end = CATEGORY_LABELS
            .iter()
            .find_map(|label| Some(line.text.find(label)? + label.len()))?;
        category_in_field(line.text.get(end..)?)
    });
    labelled.or_else(|| lines().find_map(|line| category_in_title(&line.text)))
}

fn category_in_field(text: &str) -> Option<AccountCategory> {
    // Words further to the right belong to other fields.
    page::words(text).take(8).find_map(|word| match word {
        "overdraft" | "od" | "cc" | "occ" | "cash" | "od/cc" => Some(AccountCategory::Overdraft),
        "current" | "cd" | "ca" | "curr" | "cur" | "cda" | "caa" => Some(AccountCategory::Current),
        "savings" | "saving" | "sb" | "sav" | "sba" | "sbgen" | "sbchq" => {
            Some(AccountCategory::Savings)
        }
        _ => None,
    })
}

fn category_in_title(text: &str) -> Option<AccountCategory> {
    if page::words(text).count() > MAX_TITLE_WORDS {
        return None;
    }
    let contains = |phrases: &[&str]| phrases.iter().any(|phrase| text.contains(phrase));
    if contains(&["overdraft account", "cash credit", "od account"]) {
        Some(AccountCategory::Overdraft)
    } else if contains(&["current account", "current a/c"]) {
        Some(AccountCategory::Current)
    } else if contains(&[
        "savings account",
        "saving account",
        "savings bank",
        "saving bank",
        "savings a/c",
    ]) {
        Some(AccountCategory::Savings)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statement::page::tests::typed;

    fn check(lines: &[&str], expected: Option<&str>) {
        let found = find(&[Page::new(&typed(lines))]);
        assert_eq!(
            found.as_ref().map(|account| account.masked.as_str()),
            expected,
            "{lines:?}"
        );
    }

    #[test]
    fn the_number_is_found_after_or_below_its_label() {
        let masked = Some("XXXXXXXXXX3645");
        check(&["Account No : 50100418273645 OTHER"], masked);
        check(&["Account Number       50100418273645"], masked);
        check(&["A/C No.:50100418273645"], masked);
        check(&["Account No     Branch", "50100418273645 Pune"], masked);
        check(&["Statement for account no. 5010 0418 2736 45"], masked);
        check(&["Account : 50100418273645"], masked);
        check(
            &["Account : SAVINGS ACCOUNT - RES 501-004182-73645"],
            masked,
        );
        check(
            &["Statement for A/c 50100418273645 from 01/04/2024"],
            masked,
        );
        check(
            &["Transactions List - A PERSON (INR) - 50100418273645"],
            masked,
        );
        check(&["Account Number : XXXXXXXXXX3645"], masked);
        check(&["Account Number : **********3645"], masked);
    }

    #[test]
    fn other_numbers_are_not_account_numbers() {
        check(&["Customer Id : 77120486", "MICR : 411002003"], None);
        check(&["Account No : see below"], None);
        check(&["account statement from 01/04/2024"], None);
    }

    #[test]
    fn accounts_with_the_same_last_digits_have_different_keys() {
        let read = |line: &str| find(&[Page::new(&typed(&[line]))]).unwrap();
        let (a, b) = (
            read("Account No 111111113645"),
            read("Account No 222222223645"),
        );
        assert_eq!(a.masked, b.masked);
        assert_ne!(a.key, b.key);
    }

    #[test]
    fn the_category_is_found_in_its_field_or_the_title() {
        let check = |line: &str, expected| {
            assert_eq!(category(&[Page::new(&typed(&[line]))]), expected, "{line}");
        };
        check(
            "Account Type : SAVINGS BANK",
            Some(AccountCategory::Savings),
        );
        check("Product : SB-GEN-PUB", Some(AccountCategory::Savings));
        check("Scheme : CURRENT ACCOUNT", Some(AccountCategory::Current));
        check(
            "Statement of Overdraft Account",
            Some(AccountCategory::Overdraft),
        );
        check("Statement of account", None);
    }
}
