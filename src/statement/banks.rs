//! The registry of banks: identifiers, names, IFSC codes with their sub-members, domains.
//!
//! The facts are the plain tables in `src/data`, one row a fact; this module only looks them up.

use super::custom_banks::{self, CustomBank};
use super::normalize;
use super::phrase_matcher::Phrases;
use rustc_hash::FxHashMap as HashMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::cmp::Ordering;
use std::sync::LazyLock;

const BANKS: &str = include_str!("../data/banks.tsv");
const SUBMEMBERS: &str = include_str!("../data/ifsc_submembers.tsv");
const DOMAINS: &str = include_str!("../data/bank_domains.tsv");
const ALIASES: &str = include_str!("../data/bank_aliases.tsv");
const FAMILIES: &str = include_str!("../data/bank_families.tsv");
const UNLISTED: &str = include_str!("../data/unlisted_banks.tsv");
/// Stands for a bank that has no identifier.
const NO_BANK: &str = "-";

/// Banks that lend IFSC codes to others. Their own branches have six digits behind the zero, so
/// letters there mean a sub-member (measured on the code table; HDFC alone lends 269).
const LENDERS: [&str; 19] = [
    "HDFC", "IBKL", "YESB", "UTIB", "ICIC", "KKBK", "GSCB", "SBIN", "PUNB", "UBIN", "CBIN", "CNRB",
    "FDRL", "INDB", "IOBA", "UCBA", "MAHB", "BKID", "KVBL",
];

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
    domains: HashMap<&'static str, Option<usize>>,
    /// The start and end of hosts below a sponsor's domain.
    hosts: Vec<(&'static str, &'static str, Option<usize>)>,
    names: Phrases<Option<usize>>,
    /// Names without the gaps between their words.
    compact_names: HashMap<String, Option<usize>>,
    families: Vec<Vec<usize>>,
}

static REGISTRY: LazyLock<Registry> = LazyLock::new(Registry::load);

/// The rows of a table, but for comments, cut into their fields.
pub(super) fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    table
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| line.split('\t').collect())
}

impl Registry {
    fn load() -> Self {
        let listed: Vec<Bank> = rows(BANKS).filter_map(|row| bank(&row)).collect();
        let banks = with_additions(listed, custom_banks::added());
        let by_id = banks.iter().enumerate().map(|(n, bank)| (bank.id, n));
        let by_id: HashMap<_, _> = by_id.collect();
        let by_ifsc = banks.iter().enumerate();
        let by_ifsc = by_ifsc.flat_map(|(n, bank)| bank.ifsc_codes.iter().map(move |c| (*c, n)));
        let pair = |row: Vec<&'static str>| Some((*row.first()?, *row.get(1)?));
        let added = custom_banks::added().iter().flat_map(|bank| {
            let pair = |domain: &'static String| (bank.id.as_str(), domain.as_str());
            bank.domains.iter().map(pair)
        });
        let domains = rows(DOMAINS).filter_map(pair).chain(added);
        let domains = domains.filter_map(|(id, domain)| match by_id.get(id) {
            None if id != NO_BANK => None,
            index => Some((domain, index.copied())),
        });
        let (patterns, domains): (Vec<_>, Vec<_>) =
            domains.partition(|(domain, _)| domain.contains('*'));
        let hosts = patterns.into_iter().filter_map(|(pattern, index)| {
            let (start, end) = pattern.split_once('*')?;
            Some((start, end, index))
        });
        let names = names_of(&banks, &by_id);
        let compact = names.iter().map(|(words, index)| (words.concat(), *index));
        let families =
            rows(FAMILIES).map(|row| row.iter().filter_map(|id| by_id.get(id).copied()).collect());
        Self {
            by_ifsc: by_ifsc.collect(),
            domains: domains.into_iter().collect(),
            hosts: hosts.collect(),
            compact_names: compact.collect(),
            names: Phrases::new(names),
            families: families.collect(),
            by_id,
            banks,
        }
    }
}

/// All names in normal form, with the bank each belongs to, or none where that is not listed.
/// Names that two listed banks share are left out.
fn names_of(
    banks: &[Bank],
    by_id: &HashMap<&'static str, usize>,
) -> Vec<(Vec<String>, Option<usize>)> {
    let listed = banks
        .iter()
        .enumerate()
        .map(|(index, bank)| (bank.name, Some(index)));
    let aliases = rows(ALIASES).filter_map(|row| {
        let index = by_id.get(row.first()?)?;
        Some((*row.get(1)?, Some(*index)))
    });
    let added = custom_banks::added().iter().flat_map(|bank| {
        let index = by_id.get(bank.id.as_str()).copied();
        let names = std::iter::once(&bank.name).chain(&bank.aliases);
        names.map(move |name| (name.as_str(), index))
    });
    let unlisted = rows(UNLISTED).filter_map(|row| Some((*row.first()?, None)));
    let mut names: HashMap<Vec<String>, (Option<usize>, bool)> = HashMap::default();
    for (name, index) in listed.chain(aliases).chain(added).chain(unlisted) {
        let lower = name.to_lowercase();
        // The service's list ends many names with the country.
        let lower = lower.strip_suffix(", india").unwrap_or(&lower);
        let words: Vec<_> = normalize::words(lower)
            .into_iter()
            .map(str::to_owned)
            .collect();
        names
            .entry(words)
            .and_modify(|(known, shared)| *shared |= *known != index)
            .or_insert((index, false));
    }
    let mut names: Vec<_> = names
        .into_iter()
        .filter(|(words, (_, shared))| !shared && !words.is_empty())
        .map(|(words, (index, _))| (words, index))
        .collect();
    names.sort();
    names
}

/// The listed banks, and those that the user added or told more of.
fn with_additions(mut banks: Vec<Bank>, additions: &'static [CustomBank]) -> Vec<Bank> {
    for addition in additions {
        let codes = addition.ifsc.iter().map(String::as_str);
        if let Some(known) = banks.iter_mut().find(|bank| bank.id == addition.id) {
            known.ifsc_codes.extend(codes);
        } else {
            banks.push(Bank {
                id: &addition.id,
                name: &addition.name,
                country: "IN",
                ifsc_codes: codes.collect(),
            });
        }
    }
    banks
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
    })
}

/// Whether the program's own table has this identifier. Does not ask the registry, so that banks
/// can still be added to it.
pub fn is_listed(id: &str) -> bool {
    rows(BANKS).any(|row| row.first() == Some(&id))
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

/// Whose an IFSC, a host or a name is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// A bank of the service.
    Bank(&'static Bank),
    /// A bank that the service does not list, or that borrows a code and can't be told.
    Unlisted,
}

/// Who owns an IFSC: eleven characters, four letters, a zero and the branch. `None` where it is
/// lent to a bank that can't be told.
pub fn by_ifsc(ifsc: &str) -> Option<Owner> {
    let code = match submember(ifsc) {
        Some(code) => code,
        None if lender(ifsc).is_some() => return None,
        None => ifsc.get(..4)?,
    };
    Some(owner(REGISTRY.by_ifsc.get(code).copied()))
}

/// The bank that lends this IFSC to another, if it is lent.
pub fn lender(ifsc: &str) -> Option<&'static Bank> {
    let (code, branch) = (ifsc.get(..4)?, ifsc.get(5..)?);
    let own = REGISTRY.by_ifsc.get(code)?;
    let lent = match submember(ifsc) {
        Some(owner) => REGISTRY.by_ifsc.get(owner) != Some(own),
        None => LENDERS.contains(&code) && !branch.bytes().all(|byte| byte.is_ascii_digit()),
    };
    REGISTRY.banks.get(*own).filter(|_| lent)
}

/// The longest entry of the sub-member table that the IFSC begins with.
fn submember(ifsc: &str) -> Option<&'static str> {
    (4..=ifsc.len())
        .rev()
        .find_map(|len| find_row(SUBMEMBERS, ifsc.get(..len)?))
}

/// What stands behind a key in a table that is sorted by its keys. Nothing of the table is read
/// beforehand: it is searched by halves, for few documents ask.
fn find_row(table: &'static str, key: &str) -> Option<&'static str> {
    let mut rest = table;
    loop {
        let middle = rest.floor_char_boundary(rest.len() / 2);
        let (before, behind) = rest.split_at_checked(middle)?;
        let start = before.rfind('\n').map_or(0, |end| end + 1);
        let end = behind.find('\n').map_or(rest.len(), |end| middle + end);
        let row = rest.get(start..end)?;
        // A comment above the rows is before all keys.
        let (own, value) = row.split_once('\t').unwrap_or((row, ""));
        rest = match key.cmp(own) {
            Ordering::Less => rest.get(..start.checked_sub(1)?)?,
            Ordering::Equal => return Some(value),
            Ordering::Greater => rest.get(end + 1..)?,
        };
    }
}

/// Who owns a host: the longest known domain that it lies in tells. Rural banks have hosts of their
/// own below the domain of their sponsor, as `shgb-*.pnb.in`.
pub fn by_host(host: &str) -> Option<Owner> {
    let of_sponsor = REGISTRY
        .hosts
        .iter()
        .find(|(start, end, _)| host.starts_with(start) && host.ends_with(end));
    if let Some((.., index)) = of_sponsor {
        return Some(owner(*index));
    }
    let mut domain = host;
    loop {
        if let Some(index) = REGISTRY.domains.get(domain) {
            return Some(owner(*index));
        }
        domain = domain.split_once('.')?.1;
    }
}

/// The owner of the longest name that begins at a place among words in normal form, and the place
/// behind it.
pub(super) fn name_at(words: &[&str], start: usize) -> Option<(Owner, usize)> {
    let found = REGISTRY.names.at(words, start)?;
    Some((owner(found.value), found.end))
}

/// The bank with this name in one piece, as text with letter spacing gives it.
pub(super) fn by_compact_name(name: &str) -> Option<Owner> {
    REGISTRY.compact_names.get(name).map(|index| owner(*index))
}

fn owner(index: Option<usize>) -> Owner {
    let bank = index.and_then(|index| REGISTRY.banks.get(index));
    bank.map_or(Owner::Unlisted, Owner::Bank)
}

/// Other banks whose statements may bear this bank's marks, and the other way round: they merged,
/// or renamed.
pub fn family(bank: &Bank) -> impl Iterator<Item = &'static Bank> {
    let index = REGISTRY.by_id.get(bank.id).copied();
    let family = REGISTRY
        .families
        .iter()
        .find(|family| index.is_some_and(|index| family.contains(&index)));
    family
        .into_iter()
        .flatten()
        .filter(move |other| Some(**other) != index)
        .filter_map(|other| REGISTRY.banks.get(*other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_tables_is_read() {
        assert_eq!(all().len(), 346);
        assert_eq!(REGISTRY.by_id.len(), 346, "identifiers are unique");
        let domains = REGISTRY.domains.len() + REGISTRY.hosts.len();
        assert_eq!(domains, rows(DOMAINS).count());
        for row in rows(DOMAINS) {
            assert!(row[0] == NO_BANK || by_id(row[0]).is_some(), "{row:?}");
        }
        for row in rows(SUBMEMBERS) {
            assert!(
                row.len() == 2 && row[0].len() >= 4 && !row[1].is_empty(),
                "{row:?}"
            );
            assert_eq!(find_row(SUBMEMBERS, row[0]), Some(row[1]), "{row:?}");
            assert_eq!(find_row(SUBMEMBERS, row[0].get(1..).unwrap()), None);
        }
        assert_eq!(find_row(SUBMEMBERS, ""), None);
        assert_eq!(find_row(SUBMEMBERS, "ZZZZ"), None);
    }

    #[test]
    fn an_ifsc_leads_to_its_bank() {
        let check = |ifsc, expected| {
            let found = by_ifsc(ifsc).map(|owner| match owner {
                Owner::Bank(bank) => bank.id,
                Owner::Unlisted => NO_BANK,
            });
            assert_eq!(found, expected, "{ifsc}");
        };
        check("HDFC0001234", Some("hdfc"));
        check("SBIN0012345", Some("sbi"));
        check("HDFC0CAACOB", Some("akhand_anand"));
        check("FDRL0SAWANT", Some(NO_BANK));
        check("HDFC0CXYZZY", None);
        check("ZZZZ0000001", Some(NO_BANK));
        assert_eq!(lender("HDFC0CXYZZY").map(|bank| bank.id), Some("hdfc"));
        assert_eq!(lender("HDFC0001234"), None);
        // A code that was renamed.
        check("UJVN0001234", Some("ujjivan"));
        assert_eq!(lender("UJVN0001234"), None);
        // A sub-member that the service lists, on a code of another bank.
        let (lent, owner) = rows(SUBMEMBERS)
            .map(|row| (row[0], row[1]))
            .find(|(_, owner)| REGISTRY.by_ifsc.contains_key(owner))
            .unwrap();
        let bank = &all()[REGISTRY.by_ifsc[owner]];
        assert_eq!(by_ifsc(lent), Some(Owner::Bank(bank)));
    }

    #[test]
    fn hosts_belong_to_the_longest_known_domain() {
        let check = |host, expected: Option<&str>| {
            let found = by_host(host).map(|owner| match owner {
                Owner::Bank(bank) => bank.id,
                Owner::Unlisted => NO_BANK,
            });
            assert_eq!(found, expected, "{host}");
        };
        check("netbanking.hdfcbank.com", Some("hdfc"));
        check("hdfcbank.com", Some("hdfc"));
        check("nothdfcbank.com", None);
        check("gmail.com", None);
        check("shgb-netbanking.pnb.in", Some("shgbnk"));
    }

    #[test]
    fn names_are_found_in_all_their_spellings() {
        let check = |text: &str, expected: Option<&str>| {
            let words = normalize::words(text);
            let found = match name_at(&words, 0) {
                Some((Owner::Bank(bank), _)) => Some(bank.id),
                Some((Owner::Unlisted, _)) => Some(NO_BANK),
                None => None,
            };
            assert_eq!(found, expected, "{text}");
        };
        check("bank of india", Some("boi"));
        check("the punjab national bank ltd", Some("pnbbnk"));
        check("state bank of india, mumbai", Some("sbi"));
        check("paid to state bank of india", None);
        check("hdfc", None);
        check("commerzbank ag", Some(NO_BANK));
        check(
            "jijamata mahila sahkari bank limited",
            Some("jijamata_mahila"),
        );
    }

    #[test]
    fn every_alias_and_family_is_of_known_banks_and_no_alias_is_another_banks_name() {
        for row in rows(ALIASES) {
            let [id, name] = row[..] else {
                panic!("{row:?}")
            };
            let lower = name.to_lowercase();
            let lower = lower.strip_suffix(", india").unwrap_or(&lower);
            let words = normalize::words(lower);
            let found = name_at(&words, 0);
            let expected = Owner::Bank(by_id(id).unwrap());
            assert_eq!(found, Some((expected, words.len())), "{row:?}");
        }
        for row in rows(FAMILIES) {
            assert!(
                row.len() > 1 && row.iter().all(|id| by_id(id).is_some()),
                "{row:?}"
            );
        }
    }
}
