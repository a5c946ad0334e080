//! Finds the account holder that the first page names.
//!
//! The names are compared with those of applicants and then dropped: they are part of no facts,
//! records or logs.

use super::page::{Page, TextLine, Zone};
use super::{dates, page, table};
use crate::pdf::PageText;
use serde::{Deserialize, Serialize};

/// Labels of fields that contain the holder, the longer ones first.
const LABELS: [&str; 27] = [
    "name of the account holder",
    "name of account holder",
    "account holder's name",
    "account holders name",
    "account holder name",
    "primary account holder",
    "primary holder name",
    "primary holder",
    "joint account holder",
    "joint holders name",
    "joint holder name",
    "joint holders",
    "joint holder",
    "a/c holder name",
    "a/c holder's name",
    "a/c holder",
    "ac holder name",
    "account holders",
    "account holder",
    "name of the customer",
    "name of customer",
    "customer name",
    "holder name",
    "first holder",
    "second holder",
    "account name",
    "a/c name",
];
/// Labels that fields of branches, schemes and banks have too.
const WEAK_LABELS: [&str; 4] = ["name(s)", "names", "name", "transactions list"];
/// Titles with which only the name of a customer or a firm begins.
const TITLES: [&str; 10] = [
    "mr", "mrs", "ms", "miss", "smt", "m/s", "messrs", "mr.", "mrs.", "ms.",
];
/// Words that are in no name: they belong to labels, addresses, banks and sentences.
const NOT_IN_NAMES: [&str; 82] = [
    "account",
    "a/c",
    "address",
    "apartment",
    "area",
    "as",
    "balance",
    "bank",
    "block",
    "branch",
    "building",
    "city",
    "code",
    "colony",
    "communication",
    "complex",
    "currency",
    "current",
    "customer",
    "date",
    "dear",
    "deposit",
    "details",
    "dist",
    "district",
    "email",
    "father",
    "flat",
    "floor",
    "for",
    "from",
    "garden",
    "gender",
    "guardian",
    "holder",
    "holders",
    "home",
    "house",
    "individual",
    "inr",
    "introducer",
    "is",
    "lane",
    "layout",
    "manager",
    "marg",
    "mobile",
    "mode",
    "name",
    "nagar",
    "near",
    "nominee",
    "nomination",
    "number",
    "opp",
    "page",
    "pan",
    "period",
    "phone",
    "pin",
    "plot",
    "po",
    "regular",
    "registered",
    "resident",
    "road",
    "salary",
    "savings",
    "saving",
    "scheme",
    "sector",
    "society",
    "state",
    "statement",
    "status",
    "street",
    "summary",
    "taluka",
    "tower",
    "type",
    "village",
    "ward",
];
/// Words of a name with its titles and relations, or of joint holders.
const MAX_WORDS: usize = 14;
/// Lines at the top of the page that can contain the holder without a label.
const TOP_LINES: usize = 24;
/// Points by which a value below its label may be shifted.
const COLUMN_SHIFT: f32 = 10.0;

/// How the holder that a statement prints relates to the applicant's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum HolderMatch {
    /// No name was to be compared.
    #[default]
    NotCompared,
    /// No holder line is certain, or the names agree in part.
    Unknown,
    /// The applicant is a holder.
    Matches,
    /// The holder has another name that shares a family name.
    SharesName,
    /// The holder shares no name with the applicant.
    Differs,
}

impl HolderMatch {
    /// Returns whether the applicant is a holder; `None` if that is unknown.
    pub fn verdict(self) -> Option<bool> {
        match self {
            Self::NotCompared | Self::Unknown => None,
            Self::Matches => Some(true),
            Self::SharesName | Self::Differs => Some(false),
        }
    }
}

/// The holders that a page names, in lower case.
#[derive(Default)]
pub struct Holders {
    /// Beside an explicit label, or after a title.
    pub certain: Vec<String>,
    /// Beside a label that other fields have too.
    pub labelled: Vec<String>,
    /// Other texts at the top that may be a name.
    pub possible: Vec<String>,
}

impl Holders {
    /// Reads the holders from the first page, outside of its transactions.
    pub fn read(page: &PageText) -> Self {
        let mut page = Page::new(page);
        let order = dates::detect_order(page.lines.iter().map(|line| line.text.as_str()));
        // Finds the lines of the transactions, which name others.
        table::find(&mut page, order);
        let lines: Vec<&TextLine> = page.lines.iter().collect();
        let mut holders = Self::default();
        for (index, line) in lines.iter().enumerate() {
            if line.zone == Zone::Head {
                holders.read_line(&lines, index);
            }
        }
        holders
    }

    fn read_line(&mut self, lines: &[&TextLine], index: usize) {
        let Some(line) = lines.get(index) else { return };
        for (position, cell) in line.cells.iter().enumerate() {
            let text = line.cell(cell);
            if let Some((after, is_weak)) = after_label(text) {
                let beside = || line.cells.get(position + 1).map(|cell| line.cell(cell));
                let below = || page::below(lines, index, cell, 1, COLUMN_SHIFT).next();
                let own = Some(after).filter(|text| !value_start(text).is_empty());
                // A separator can be a cell of its own.
                let after_colon = || line.cells.get(position + 2).map(|cell| line.cell(cell));
                let beside = || match beside() {
                    Some(text) if value_start(text).is_empty() => after_colon(),
                    other => other,
                };
                let value = own.or_else(beside).or_else(below);
                if let Some(name) = value.and_then(name) {
                    let list = if is_weak {
                        &mut self.labelled
                    } else {
                        &mut self.certain
                    };
                    list.push(name);
                }
                continue;
            }
            let Some(name) = name(text) else { continue };
            let first = name.split(' ').next().unwrap_or_default();
            let has_title = TITLES.contains(&first) && name.contains(' ');
            // Beside another label is another holder, such as a nominee.
            let previous = position.checked_sub(1).and_then(|p| line.cells.get(p));
            let is_value = previous.is_some_and(|cell| is_label(line.cell(cell)))
                || text.starts_with([':', '-']);
            if is_value {
                continue;
            }
            if has_title {
                self.certain.push(name);
            } else if index < TOP_LINES {
                self.possible.push(name);
            }
        }
    }
}

/// Returns what follows a label at the start of a cell, and whether the label is weak.
fn after_label(cell: &str) -> Option<(&str, bool)> {
    let labels = LABELS.iter().map(|label| (label, false));
    let labels = labels.chain(WEAK_LABELS.iter().map(|label| (label, true)));
    let mut found = labels.filter_map(|(label, is_weak)| {
        let after = cell.strip_prefix(label)?;
        let ends = !after.starts_with(|c: char| c.is_alphanumeric() || c == '\'');
        ends.then_some((after, is_weak))
    });
    found.next()
}

/// Returns whether a cell is a label or names a role other than the holder.
fn is_label(cell: &str) -> bool {
    let has_word = |word: &&str| page::words(cell).any(|own| own == *word);
    cell.ends_with(':') || NOT_IN_NAMES.iter().any(has_word)
}

/// Returns a value without the separators before it.
fn value_start(text: &str) -> &str {
    text.trim_start_matches(|c: char| c.is_whitespace() || ":-.=()".contains(c))
        .trim_start_matches("s)")
        .trim_start_matches(|c: char| c.is_whitespace() || ":-.=".contains(c))
}

/// Returns the name at the start of a text, up to the next label; `None` if it is no name.
fn name(text: &str) -> Option<String> {
    let text = value_start(text);
    let mut words: Vec<&str> = Vec::new();
    for word in text.split_whitespace() {
        // The account follows, as in "transactions list - asha rao - 1234".
        if word == "-" && !words.is_empty() {
            break;
        }
        let letters = word.trim_matches(|c: char| !c.is_alphanumeric());
        let is_label = NOT_IN_NAMES.contains(&letters) || NOT_IN_NAMES.contains(&word);
        if is_label || word.chars().any(|c| c.is_numeric() || "@#%_=*".contains(c)) {
            // Another field follows; its label may have two words, as in "customer id".
            if word.starts_with(|c: char| c.is_numeric()) || words.is_empty() {
                return None;
            }
            break;
        }
        words.push(word);
    }
    let has_letters = |word: &&str| word.chars().filter(|c| c.is_alphabetic()).count() >= 2;
    let is_name = words.iter().any(has_letters) && words.len() <= MAX_WORDS;
    is_name.then(|| words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statement::page::tests::typed;

    fn read(lines: &[&str]) -> [Vec<String>; 3] {
        let holders = Holders::read(&typed(lines));
        [holders.certain, holders.labelled, holders.possible]
    }

    #[test]
    fn holders_are_found_beside_and_below_labels() {
        let certain = |lines: &[&str]| read(lines)[0].clone();
        assert_eq!(certain(&["Account Holder Name : ASHA RAO"]), ["asha rao"]);
        assert_eq!(
            certain(&["Customer Name     : Asha Rao     Branch : Pune"]),
            ["asha rao"]
        );
        assert_eq!(
            certain(&["Account Name      :      ASHA RAO"]),
            ["asha rao"]
        );
        assert_eq!(certain(&["Account Holder", "ASHA RAO"]), ["asha rao"]);
        assert_eq!(
            certain(&["Customer Name : ASHA RAO Account No : 1234"]),
            ["asha rao"]
        );
        assert_eq!(
            certain(&["Primary Holder : ASHA RAO", "Joint Holder : RAVI RAO"]),
            ["asha rao", "ravi rao"]
        );
        assert_eq!(certain(&["MRS ASHA RAO", "12 HILL ROAD"]), ["mrs asha rao"]);
        assert_eq!(certain(&["M/S RAO TRADERS"]), ["m/s rao traders"]);
    }

    #[test]
    fn other_fields_are_not_holders() {
        let none: [Vec<String>; 3] = Default::default();
        for line in [
            "Account Name : SAVINGS ACCOUNT",
            "Nominee Name : ASHA RAO",
            "Nominee      ASHA RAO",
            "Branch Name : HILL ROAD",
            "Account Name : 12345",
            "Joint Holders :",
            "Statement of account",
        ] {
            assert_eq!(read(&[line]), none, "{line}");
        }
    }

    #[test]
    fn weak_labels_and_addresses_are_kept_apart() {
        let [certain, labelled, possible] = read(&["Name : ASHA RAO", "RAVI RAO", "12 HILL ROAD"]);
        assert!(certain.is_empty());
        assert_eq!(labelled, ["asha rao"]);
        let list = ["Transactions List - ASHA RAO - 123456789"];
        assert_eq!(read(&list)[1], ["asha rao"]);
        assert_eq!(possible, ["ravi rao"]);
    }
}
