//! The bank registry: identifiers, names, IFSC codes with their sub-members, domains.
//!
//! The facts are the embedded tables in `src/data`, one row per fact. A [`BankRegistry`] holds
//! them together with the custom banks of a run. It is a value: two registries with different
//! custom banks can be used side by side.

use super::custom_banks::CustomBank;
use super::normalize;
use super::phrase_matcher::PhraseMatcher;
use rustc_hash::FxHashMap as HashMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::cmp::Ordering;
use std::fmt;
use std::sync::{Arc, LazyLock, OnceLock};

const BANKS: &str = include_str!("../data/banks.tsv");
const SUBMEMBERS: &str = include_str!("../data/ifsc_submembers.tsv");
const DOMAINS: &str = include_str!("../data/bank_domains.tsv");
const ALIASES: &str = include_str!("../data/bank_aliases.tsv");
const FAMILIES: &str = include_str!("../data/bank_families.tsv");
const UNLISTED: &str = include_str!("../data/unlisted_banks.tsv");
/// Marks a table row about a bank without identifier.
const NO_BANK: &str = "-";

/// Codes of banks that lend IFSC codes to sub-members.
///
/// Their own branches have six digits after the zero, so letters there mean a sub-member (measured
/// on the code table; HDFC alone lends 269 codes).
const LENDERS: [&str; 19] = [
    "HDFC", "IBKL", "YESB", "UTIB", "ICIC", "KKBK", "GSCB", "SBIN", "PUNB", "UBIN", "CBIN", "CNRB",
    "FDRL", "INDB", "IOBA", "UCBA", "MAHB", "BKID", "KVBL",
];

/// The registry without custom banks.
static BUILT_IN: LazyLock<BankRegistry> = LazyLock::new(|| BankRegistry::new(Vec::new()));

/// One bank of a registry. Clones share the same data.
///
/// Serialized with all its data. A bank that was deserialized from an untrusted source must be
/// replaced by the registry's own: see [`BankRegistry::by_id`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bank(Arc<BankData>);

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct BankData {
    id: String,
    name: String,
    ifsc_codes: Vec<String>,
}

impl Bank {
    fn new(id: &str, name: &str, ifsc_codes: Vec<String>) -> Self {
        Self(Arc::new(BankData {
            id: id.to_owned(),
            name: name.to_owned(),
            ifsc_codes,
        }))
    }

    /// Returns the identifier that the service uses, in lower case.
    pub fn id(&self) -> &str {
        &self.0.id
    }

    /// Returns the name in the spelling of the service's list.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Returns the first four letters of its own IFSC codes.
    pub fn ifsc_codes(&self) -> &[String] {
        &self.0.ifsc_codes
    }
}

impl Serialize for Bank {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Bank {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        BankData::deserialize(deserializer).map(|data| Self(Arc::new(data)))
    }
}

/// The banks of a run: the built-in tables and any custom banks.
///
/// Clones share one index, which is built on first use. The default registry has no custom banks.
#[derive(Clone)]
pub struct BankRegistry(Arc<Shared>);

struct Shared {
    custom: Vec<CustomBank>,
    // Built lazily: drawing a page in an isolated process needs a policy, but no bank.
    index: OnceLock<Index>,
}

/// Lookup tables. Values are positions in `banks`; `None` is a bank without identifier.
struct Index {
    banks: Vec<Bank>,
    by_id: HashMap<String, usize>,
    by_ifsc: HashMap<String, usize>,
    domains: HashMap<String, Option<usize>>,
    /// Prefix and suffix of host names below a sponsor's domain.
    host_patterns: Vec<(String, String, Option<usize>)>,
    names: PhraseMatcher<Option<usize>>,
    /// Names without spaces between their words.
    compact_names: HashMap<String, Option<usize>>,
    families: Vec<Vec<usize>>,
}

/// The owner of an IFSC code, a host name or a bank name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner<'r> {
    /// A bank of the registry.
    Bank(&'r Bank),
    /// A bank that the registry does not list.
    Unlisted,
}

impl BankRegistry {
    /// Creates the registry of the built-in tables and these custom banks.
    ///
    /// A custom bank with the identifier of a built-in bank adds its names, codes and domains to
    /// that bank.
    pub fn new(custom: Vec<CustomBank>) -> Self {
        Self(Arc::new(Shared {
            custom,
            index: OnceLock::new(),
        }))
    }

    /// Returns the custom banks that were added to the built-in tables.
    pub fn custom_banks(&self) -> &[CustomBank] {
        &self.0.custom
    }

    /// Returns all banks: the built-in ones in the order of the service's list, then the custom
    /// ones.
    pub fn all(&self) -> &[Bank] {
        &self.index().banks
    }

    /// Returns the bank with this identifier, in any letter case.
    pub fn by_id(&self, id: &str) -> Option<&Bank> {
        let index = self.index();
        let position = index.by_id.get(id.trim().to_lowercase().as_str())?;
        index.banks.get(*position)
    }

    /// Returns the banks whose identifier, name or IFSC codes contain every word of a query, in any
    /// letter case.
    pub fn search(&self, query: &[String]) -> impl Iterator<Item = &Bank> {
        let query: Vec<_> = query.iter().map(|word| word.to_lowercase()).collect();
        self.all().iter().filter(move |bank| {
            let codes = bank.ifsc_codes().join(" ");
            let text = format!("{} {} {codes}", bank.id(), bank.name()).to_lowercase();
            query.iter().all(|word| text.contains(word))
        })
    }

    /// Returns the banks that merged with this one or were renamed from or to it: their statements
    /// may show its name, and its statements theirs.
    pub fn family(&self, bank: &Bank) -> impl Iterator<Item = &Bank> {
        let index = self.index();
        let own = index.by_id.get(bank.id()).copied();
        let mut families = index.families.iter();
        let family = families.find(|family| own.is_some_and(|own| family.contains(&own)));
        family
            .into_iter()
            .flatten()
            .filter(move |other| Some(**other) != own)
            .filter_map(|other| index.banks.get(*other))
    }

    /// Returns the owner of an IFSC code of eleven characters: four letters, a zero, the branch.
    ///
    /// Returns `None` when the code is lent to a bank that the sub-member table does not contain.
    pub(super) fn by_ifsc(&self, ifsc: &str) -> Option<Owner<'_>> {
        let code = match submember(ifsc) {
            Some(code) => code,
            None if self.lender(ifsc).is_some() => return None,
            None => ifsc.get(..4)?,
        };
        let index = self.index();
        Some(index.owner(index.by_ifsc.get(code).copied()))
    }

    /// Returns the bank that lends this IFSC code to a sub-member, if it is lent.
    pub(super) fn lender(&self, ifsc: &str) -> Option<&Bank> {
        let index = self.index();
        let (code, branch) = (ifsc.get(..4)?, ifsc.get(5..)?);
        let own = index.by_ifsc.get(code)?;
        let is_lent = match submember(ifsc) {
            Some(owner) => index.by_ifsc.get(owner) != Some(own),
            None => LENDERS.contains(&code) && !branch.bytes().all(|byte| byte.is_ascii_digit()),
        };
        index.banks.get(*own).filter(|_| is_lent)
    }

    /// Returns the bank whose own IFSC codes begin with these four letters.
    pub(super) fn by_code(&self, code: &str) -> Option<&Bank> {
        let index = self.index();
        index.banks.get(*index.by_ifsc.get(code)?)
    }

    /// Returns the owner of a host name, by the longest known domain that contains it.
    ///
    /// Some rural banks use host names below the domain of their sponsor, such as
    /// `shgb-*.pnb.in`.
    pub(super) fn by_host(&self, host: &str) -> Option<Owner<'_>> {
        let index = self.index();
        let mut patterns = index.host_patterns.iter();
        let matched = patterns.find(|(prefix, suffix, _)| {
            host.starts_with(prefix.as_str()) && host.ends_with(suffix.as_str())
        });
        if let Some((.., bank)) = matched {
            return Some(index.owner(*bank));
        }
        let mut domain = host;
        loop {
            if let Some(bank) = index.domains.get(domain) {
                return Some(index.owner(*bank));
            }
            domain = domain.split_once('.')?.1;
        }
    }

    /// Returns the owner of the longest name that begins at an index of normalized words, and the
    /// index after its last word.
    pub(super) fn name_at(&self, words: &[&str], start: usize) -> Option<(Owner<'_>, usize)> {
        let index = self.index();
        let found = index.names.match_at(words, start)?;
        Some((index.owner(found.value), found.end))
    }

    /// Returns the bank with this name, written without spaces.
    pub(super) fn by_compact_name(&self, name: &str) -> Option<Owner<'_>> {
        let index = self.index();
        index.compact_names.get(name).map(|bank| index.owner(*bank))
    }

    fn index(&self) -> &Index {
        self.0.index.get_or_init(|| Index::build(&self.0.custom))
    }
}

impl Default for BankRegistry {
    fn default() -> Self {
        BUILT_IN.clone()
    }
}

impl fmt::Debug for BankRegistry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BankRegistry")
            .field("custom_banks", &self.0.custom)
            .finish_non_exhaustive()
    }
}

impl Index {
    fn build(custom: &[CustomBank]) -> Self {
        let banks = merge_banks(custom);
        let positions = || banks.iter().enumerate();
        let by_id: HashMap<String, usize> = positions()
            .map(|(position, bank)| (bank.id().to_owned(), position))
            .collect();
        let by_ifsc = positions()
            .flat_map(|(position, bank)| {
                let codes = bank.ifsc_codes().iter();
                codes.map(move |code| (code.clone(), position))
            })
            .collect();
        let built_in_domains = rows(DOMAINS).filter_map(|row| Some((*row.first()?, *row.get(1)?)));
        let custom_domains = custom.iter().flat_map(|bank| {
            let domains = bank.domains.iter();
            domains.map(|domain| (bank.id.as_str(), domain.as_str()))
        });
        let mut domains = HashMap::default();
        let mut host_patterns = Vec::new();
        for (id, domain) in built_in_domains.chain(custom_domains) {
            let bank = by_id.get(id).copied();
            if bank.is_none() && id != NO_BANK {
                continue;
            }
            match domain.split_once('*') {
                Some((prefix, suffix)) => {
                    host_patterns.push((prefix.to_owned(), suffix.to_owned(), bank));
                }
                None => {
                    domains.insert(domain.to_owned(), bank);
                }
            }
        }
        let names = bank_names(&banks, custom, &by_id);
        let compact_names = names
            .iter()
            .map(|(words, bank)| (words.concat(), *bank))
            .collect();
        let families = rows(FAMILIES)
            .map(|row| {
                row.iter()
                    .filter_map(|id| by_id.get(*id).copied())
                    .collect()
            })
            .collect();
        Self {
            by_ifsc,
            domains,
            host_patterns,
            compact_names,
            names: PhraseMatcher::new(names),
            families,
            by_id,
            banks,
        }
    }

    fn owner(&self, bank: Option<usize>) -> Owner<'_> {
        let bank = bank.and_then(|position| self.banks.get(position));
        bank.map_or(Owner::Unlisted, Owner::Bank)
    }
}

/// Returns the built-in banks with the additions of custom banks, then the other custom banks.
fn merge_banks(custom: &[CustomBank]) -> Vec<Bank> {
    let mut banks: Vec<(&str, &str, Vec<String>)> = rows(BANKS)
        .filter_map(|row| {
            let [id, name, _country, codes] = row[..] else {
                return None;
            };
            let codes = codes.split(',').filter(|code| !code.is_empty());
            Some((id, name, codes.map(str::to_owned).collect()))
        })
        .collect();
    for bank in custom {
        match banks.iter_mut().find(|(id, ..)| *id == bank.id) {
            // Its names and domains are added by `bank_names` and `Index::build`.
            Some((.., codes)) => codes.extend(bank.ifsc.iter().cloned()),
            None => banks.push((&bank.id, &bank.name, bank.ifsc.clone())),
        }
    }
    let banks = banks.into_iter();
    banks
        .map(|(id, name, codes)| Bank::new(id, name, codes))
        .collect()
}

/// Returns all names as normalized words, each with its bank, or `None` for an unlisted bank.
///
/// Names that two banks share are left out.
fn bank_names(
    banks: &[Bank],
    custom: &[CustomBank],
    by_id: &HashMap<String, usize>,
) -> Vec<(Vec<String>, Option<usize>)> {
    let listed = banks
        .iter()
        .enumerate()
        .map(|(position, bank)| (bank.name(), Some(position)));
    let aliases = rows(ALIASES).filter_map(|row| {
        let position = by_id.get(*row.first()?)?;
        Some((*row.get(1)?, Some(*position)))
    });
    let custom = custom.iter().flat_map(|bank| {
        let position = by_id.get(bank.id.as_str()).copied();
        let names = std::iter::once(&bank.name).chain(&bank.aliases);
        names.map(move |name| (name.as_str(), position))
    });
    let unlisted = rows(UNLISTED).filter_map(|row| Some((*row.first()?, None)));
    let mut names: HashMap<Vec<String>, (Option<usize>, bool)> = HashMap::default();
    for (name, bank) in listed.chain(aliases).chain(custom).chain(unlisted) {
        let words = normalized_name(name);
        names
            .entry(words)
            .and_modify(|(known, is_shared)| *is_shared |= *known != bank)
            .or_insert((bank, false));
    }
    let mut names: Vec<_> = names
        .into_iter()
        .filter(|(words, (_, is_shared))| !is_shared && !words.is_empty())
        .map(|(words, (bank, _))| (words, bank))
        .collect();
    // The hash map's order is arbitrary.
    names.sort();
    names
}

fn normalized_name(name: &str) -> Vec<String> {
    let lower = name.to_lowercase();
    // The service's list ends many names with the country.
    let lower = lower.strip_suffix(", india").unwrap_or(&lower);
    let words = normalize::words(lower).into_iter();
    words.map(str::to_owned).collect()
}

/// Returns whether the built-in table contains this identifier. Builds no index.
pub fn is_built_in(id: &str) -> bool {
    rows(BANKS).any(|row| row.first() == Some(&id))
}

/// Returns the rows of an embedded table, without comments, split into fields.
pub(super) fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    table
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| line.split('\t').collect())
}

/// Returns whether other banks use the IFSC codes that begin with these four letters.
pub(super) fn is_lent(code: &str) -> bool {
    LENDERS.contains(&code)
        || rows(SUBMEMBERS).any(|row| {
            let lender = row.first().and_then(|key| key.get(..4));
            lender == Some(code)
        })
}

/// Returns the value of the longest key in the sub-member table that is a prefix of the IFSC code.
fn submember(ifsc: &str) -> Option<&'static str> {
    // Long keys are single branches, short keys are ranges of branches with exceptions.
    (4..=ifsc.len())
        .rev()
        .find_map(|len| find_row(SUBMEMBERS, ifsc.get(..len)?))
}

/// Looks up a key in a table that is sorted by its keys.
///
/// Searches the text by bisection instead of building a map: few documents need the table.
fn find_row(table: &'static str, key: &str) -> Option<&'static str> {
    let mut rest = table;
    loop {
        let middle = rest.floor_char_boundary(rest.len() / 2);
        let (before, after) = rest.split_at_checked(middle)?;
        let start = before.rfind('\n').map_or(0, |end| end + 1);
        let end = after.find('\n').map_or(rest.len(), |end| middle + end);
        let row = rest.get(start..end)?;
        // The comments at the top sort before all keys.
        let (row_key, value) = row.split_once('\t').unwrap_or((row, ""));
        rest = match key.cmp(row_key) {
            Ordering::Less => rest.get(..start.checked_sub(1)?)?,
            Ordering::Equal => return Some(value),
            Ordering::Greater => rest.get(end + 1..)?,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(owner: Owner<'_>) -> String {
        match owner {
            Owner::Bank(bank) => bank.id().to_owned(),
            Owner::Unlisted => NO_BANK.to_owned(),
        }
    }

    #[test]
    fn every_table_row_is_indexed() {
        let banks = BankRegistry::default();
        let index = banks.index();
        assert_eq!(banks.all().len(), 346);
        assert_eq!(index.by_id.len(), 346, "identifiers are unique");
        let domains = index.domains.len() + index.host_patterns.len();
        assert_eq!(domains, rows(DOMAINS).count());
        for row in rows(DOMAINS) {
            assert!(
                row[0] == NO_BANK || banks.by_id(row[0]).is_some(),
                "{row:?}"
            );
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
    fn an_ifsc_code_identifies_its_bank() {
        let banks = BankRegistry::default();
        let check = |ifsc, expected: Option<&str>| {
            assert_eq!(banks.by_ifsc(ifsc).map(id).as_deref(), expected, "{ifsc}");
        };
        check("HDFC0001234", Some("hdfc"));
        check("SBIN0012345", Some("sbi"));
        check("HDFC0CAACOB", Some("akhand_anand"));
        check("FDRL0SAWANT", Some(NO_BANK));
        check("HDFC0CXYZZY", None);
        check("ZZZZ0000001", Some(NO_BANK));
        assert_eq!(banks.lender("HDFC0CXYZZY").map(Bank::id), Some("hdfc"));
        assert_eq!(banks.lender("HDFC0001234"), None);
        // A renamed code.
        check("UJVN0001234", Some("ujjivan"));
        assert_eq!(banks.lender("UJVN0001234"), None);
        // A sub-member that the service lists, on a code of another bank.
        let by_ifsc = &banks.index().by_ifsc;
        let (lent, owner) = rows(SUBMEMBERS)
            .map(|row| (row[0], row[1]))
            .find(|(_, owner)| by_ifsc.contains_key(*owner))
            .unwrap();
        let bank = &banks.all()[by_ifsc[owner]];
        assert_eq!(banks.by_ifsc(lent), Some(Owner::Bank(bank)));
    }

    #[test]
    fn a_host_belongs_to_its_longest_known_domain() {
        let banks = BankRegistry::default();
        let check = |host, expected: Option<&str>| {
            assert_eq!(banks.by_host(host).map(id).as_deref(), expected, "{host}");
        };
        check("netbanking.hdfcbank.com", Some("hdfc"));
        check("hdfcbank.com", Some("hdfc"));
        check("nothdfcbank.com", None);
        check("gmail.com", None);
        check("shgb-netbanking.pnb.in", Some("shgbnk"));
    }

    #[test]
    fn names_match_in_all_spellings() {
        let banks = BankRegistry::default();
        let check = |text: &str, expected: Option<&str>| {
            let words = normalize::words(text);
            let found = banks.name_at(&words, 0).map(|(owner, _)| id(owner));
            assert_eq!(found.as_deref(), expected, "{text}");
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
    fn aliases_and_families_refer_to_known_banks_and_no_alias_is_ambiguous() {
        let banks = BankRegistry::default();
        for row in rows(ALIASES) {
            let [id, name] = row[..] else {
                panic!("{row:?}")
            };
            let words = normalized_name(name);
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let expected = Owner::Bank(banks.by_id(id).unwrap());
            let found = banks.name_at(&words, 0);
            assert_eq!(found, Some((expected, words.len())), "{row:?}");
        }
        for row in rows(FAMILIES) {
            assert!(
                row.len() > 1 && row.iter().all(|id| banks.by_id(id).is_some()),
                "{row:?}"
            );
        }
    }

    #[test]
    fn custom_banks_are_added_to_one_registry_only() {
        let custom = |id: &str, name: &str, code: &str, domain: &str| CustomBank {
            id: id.to_owned(),
            name: name.to_owned(),
            aliases: vec!["Our Other Name Bank".to_owned()],
            ifsc: vec![code.to_owned()],
            domains: vec![domain.to_owned()],
        };
        let ours = custom("our_bank", "Our Bank", "OURB", "ourbank.example");
        let banks = BankRegistry::new(vec![ours]);
        assert_eq!(banks.by_ifsc("OURB0000001").map(id).unwrap(), "our_bank");
        assert_eq!(
            banks.by_host("www.ourbank.example").map(id).unwrap(),
            "our_bank"
        );
        let words = ["our", "other", "name", "bank"];
        assert_eq!(id(banks.name_at(&words, 0).unwrap().0), "our_bank");
        assert_eq!(banks.all().len(), 347);

        let more = custom("hdfc", "HDFC", "HDFD", "hdfc.example");
        let extended = BankRegistry::new(vec![more]);
        assert_eq!(extended.all().len(), 346);
        assert_eq!(extended.by_ifsc("HDFD0000001").map(id).unwrap(), "hdfc");

        let built_in = BankRegistry::default();
        assert_eq!(built_in.by_id("our_bank"), None);
        assert_eq!(built_in.by_host("hdfc.example"), None);
    }
}
