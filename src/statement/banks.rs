//! The registry of banks: identifiers, names, IFSC codes with their sub-members, domains.
//!
//! The facts are the plain tables in `src/data`, one row a fact; this module only looks them up.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::collections::HashMap;
use std::sync::LazyLock;

const BANKS: &str = include_str!("../data/banks.tsv");
const SUBMEMBERS: &str = include_str!("../data/ifsc_submembers.tsv");
const DOMAINS: &str = include_str!("../data/bank_domains.tsv");

/// Banks that lend IFSC codes to others. Their own branches have six digits behind the zero, so
/// letters there mean a sub-member (measured on the code table; HDFC alone lends 269).
const LENDERS: [&str; 7] = ["HDFC", "IBKL", "YESB", "UTIB", "ICIC", "KKBK", "GSCB"];

/// One bank that the service knows.
#[derive(Debug, PartialEq, Eq)]
pub struct Bank {
    /// The identifier on the wire, lower case.
    pub id: &'static str,
    /// The name as the service lists it.
    pub name: &'static str,
    /// ISO 3166 country code.
    pub country: &'static str,
    /// First four letters of its own IFSC codes.
    pub ifsc_codes: Vec<&'static str>,
    /// The name in lower-case words, without forms of company.
    words: Vec<String>,
}

/// A bank is written as its identifier.
impl Serialize for Bank {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id)
    }
}

impl<'de> Deserialize<'de> for &'static Bank {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let id = String::deserialize(deserializer)?;
        by_id(&id).ok_or_else(|| de::Error::custom(format_args!("there is no bank {id:?}")))
    }
}

struct Registry {
    banks: Vec<Bank>,
    by_id: HashMap<&'static str, usize>,
    by_ifsc: HashMap<&'static str, usize>,
    submembers: HashMap<&'static str, &'static str>,
    domains: HashMap<&'static str, usize>,
}

static REGISTRY: LazyLock<Registry> = LazyLock::new(Registry::load);

fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    table
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| line.split('\t').collect())
}

impl Registry {
    fn load() -> Self {
        let banks: Vec<Bank> = rows(BANKS).filter_map(|row| bank(&row)).collect();
        let by_id = banks.iter().enumerate().map(|(n, bank)| (bank.id, n));
        let by_id: HashMap<_, _> = by_id.collect();
        let by_ifsc = banks.iter().enumerate();
        let by_ifsc = by_ifsc.flat_map(|(n, bank)| bank.ifsc_codes.iter().map(move |c| (*c, n)));
        let pair = |row: Vec<&'static str>| Some((*row.first()?, *row.get(1)?));
        let domains = rows(DOMAINS)
            .filter_map(pair)
            .filter_map(|(id, domain)| Some((domain, *by_id.get(id)?)));
        Self {
            by_ifsc: by_ifsc.collect(),
            domains: domains.collect(),
            submembers: rows(SUBMEMBERS).filter_map(pair).collect(),
            by_id,
            banks,
        }
    }
}

fn bank(row: &[&'static str]) -> Option<Bank> {
    let [id, name, country, codes] = row else {
        return None;
    };
    Some(Bank {
        id,
        name,
        country,
        ifsc_codes: codes.split(',').filter(|code| !code.is_empty()).collect(),
        words: name_words(name),
    })
}

/// All banks, in the order of the service's list.
pub fn all() -> &'static [Bank] {
    &REGISTRY.banks
}

/// The bank with this identifier, in any letter case.
pub fn by_id(id: &str) -> Option<&'static Bank> {
    let id = id.trim().to_lowercase();
    let index = REGISTRY.by_id.get(id.as_str())?;
    REGISTRY.banks.get(*index)
}

/// The banks whose identifier, name or IFSC codes contain every word of a query, in any case.
pub fn search(query: &[String]) -> impl Iterator<Item = &'static Bank> {
    let query: Vec<_> = query.iter().map(|word| word.to_lowercase()).collect();
    all().iter().filter(move |bank| {
        let text = format!("{} {} {}", bank.id, bank.name, bank.ifsc_codes.join(" "));
        let text = text.to_lowercase();
        query.iter().all(|word| text.contains(word))
    })
}

/// Whose account an IFSC belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IfscOwner {
    /// A bank of the service.
    Bank(&'static Bank),
    /// A bank that the service does not list, or that borrows a code and can't be told.
    Unlisted,
}

/// Who owns an IFSC: eleven characters, four letters, a zero and the branch.
pub fn by_ifsc(ifsc: &str) -> IfscOwner {
    let owner = submember(ifsc).or_else(|| own_code(ifsc));
    owner
        .and_then(|code| REGISTRY.by_ifsc.get(code))
        .and_then(|index| REGISTRY.banks.get(*index))
        .map_or(IfscOwner::Unlisted, IfscOwner::Bank)
}

/// The longest entry of the sub-member table that the IFSC begins with.
fn submember(ifsc: &str) -> Option<&'static str> {
    (4..=ifsc.len())
        .rev()
        .find_map(|len| REGISTRY.submembers.get(ifsc.get(..len)?))
        .copied()
}

fn own_code(ifsc: &str) -> Option<&str> {
    let (code, branch) = (ifsc.get(..4)?, ifsc.get(5..)?);
    let borrowed = LENDERS.contains(&code) && !branch.bytes().all(|b| b.is_ascii_digit());
    (!borrowed).then_some(code)
}

/// The bank whose own domain a host lies in.
pub fn by_host(host: &str) -> Option<&'static Bank> {
    let mut domain = host;
    loop {
        if let Some(index) = REGISTRY.domains.get(domain) {
            return REGISTRY.banks.get(*index);
        }
        domain = domain.split_once('.')?.1;
    }
}

/// The bank whose whole name a line consists of, or begins with before a form of company.
pub fn by_name(line: &str) -> Option<&'static Bank> {
    let words = name_words(line);
    // One word is too little to go by.
    if words.len() < 2 {
        return None;
    }
    let mut named = REGISTRY.banks.iter().filter(|bank| bank.words == words);
    let bank = named.next()?;
    named.next().is_none().then_some(bank)
}

/// The words of a name that tell banks apart.
fn name_words(name: &str) -> Vec<String> {
    name.to_lowercase()
        .replace('&', " and ")
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !matches!(*word, "" | "the" | "ltd" | "limited" | "of"))
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_tables_is_read() {
        assert_eq!(all().len(), 346);
        assert_eq!(REGISTRY.by_id.len(), 346, "identifiers are unique");
        assert_eq!(REGISTRY.submembers.len(), rows(SUBMEMBERS).count());
        assert_eq!(REGISTRY.domains.len(), rows(DOMAINS).count());
        for row in rows(SUBMEMBERS) {
            assert!(
                row.len() == 2 && row[0].len() >= 4 && !row[1].is_empty(),
                "{row:?}"
            );
        }
    }

    #[test]
    fn an_ifsc_leads_to_its_bank() {
        let check = |ifsc, expected| {
            let found = match by_ifsc(ifsc) {
                IfscOwner::Bank(bank) => Some(bank.id),
                IfscOwner::Unlisted => None,
            };
            assert_eq!(found, expected, "{ifsc}");
        };
        check("HDFC0001234", Some("hdfc"));
        check("SBIN0012345", Some("sbi"));
        check("HDFC0CAACOB", Some("akhand_anand"));
        check("FDRL0SAWANT", None);
        check("HDFC0CXYZZY", None);
        check("ZZZZ0000001", None);
        // A sub-member that the service lists, on a code of another bank.
        let (lent, owner) = rows(SUBMEMBERS)
            .map(|row| (row[0], row[1]))
            .find(|(_, owner)| REGISTRY.by_ifsc.contains_key(owner))
            .unwrap();
        let bank = &all()[REGISTRY.by_ifsc[owner]];
        assert_eq!(by_ifsc(lent), IfscOwner::Bank(bank));
    }

    #[test]
    fn hosts_belong_to_the_longest_known_domain() {
        let check = |host, expected: Option<&str>| {
            assert_eq!(by_host(host).map(|bank| bank.id), expected, "{host}");
        };
        check("netbanking.hdfcbank.com", Some("hdfc"));
        check("hdfcbank.com", Some("hdfc"));
        check("nothdfcbank.com", None);
        check("gmail.com", None);
    }

    #[test]
    fn a_name_counts_only_when_it_is_the_whole_line() {
        let check = |line, expected: Option<&str>| {
            assert_eq!(by_name(line).map(|bank| bank.id), expected, "{line}");
        };
        check("BANK OF INDIA", Some("boi"));
        check("The Punjab National Bank", Some("pnbbnk"));
        check("State Bank of India", Some("sbi"));
        check("Paid to State Bank of India", None);
        check("HDFC", None);
    }
}
