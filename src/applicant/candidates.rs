//! Derives candidate passwords from details, and orders them: the likeliest first.

use super::details::{Details, Field};
use super::hints::{Hints, RuleUses};
use super::rules::{Document, Rule, RuleTable};
use crate::pdf::Password;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::fmt;
use std::sync::{Arc, OnceLock};

/// Derived passwords that are tried on one file.
pub const MAX_TRIED: usize = 200;
/// Derived passwords that are kept for one group of applicants. One applicant has some 60.
const MAX_DERIVED: usize = 4000;

/// The applicants of a file, and the passwords that follow from their details.
///
/// Clones share their data. The passwords are derived when they are first needed, and everything is
/// wiped with the last clone.
#[derive(Clone)]
pub struct Applicants(Arc<Shared>);

struct Shared {
    people: Vec<Details>,
    rules: RuleTable,
    derived: OnceLock<Vec<DerivedPassword>>,
}

/// A password that at least one rule forms.
#[derive(Debug)]
pub struct DerivedPassword {
    password: Password,
    origins: Vec<Origin>,
}

/// A rule that forms a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Origin {
    /// Index of the rule in its table.
    rule: usize,
    /// Index of the applicant.
    person: usize,
    is_variant: bool,
}

/// The rule that opened a file. It contains no value.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RuleId {
    /// Index of the password among the derived ones.
    pub(crate) password: usize,
    /// Index of the rule in its table.
    rule: usize,
    is_variant: bool,
    /// Bank and fields, as records name them.
    label: String,
}

impl RuleId {
    fn new(password: usize, origin: Origin, rule: &Rule) -> Self {
        let mark = if origin.is_variant { "~" } else { "" };
        Self {
            password,
            rule: origin.rule,
            is_variant: origin.is_variant,
            label: format!("{}{mark}", rule.label()),
        }
    }
}

impl fmt::Display for RuleId {
    /// Formats the rule as in records: `HDFC:name4+dob`, with `~` at the end for a variant.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.label)
    }
}

impl DerivedPassword {
    /// Returns the password.
    pub fn password(&self) -> &Password {
        &self.password
    }
}

/// How likely a password is, the smallest value first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    tier: Tier,
    person: usize,
    is_variant: bool,
    /// Agreement with the description or earlier files that the rule opened, then the agreement of
    /// sources.
    weight: Reverse<(u32, u32)>,
    rule: usize,
}

/// The groups in which passwords are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Tier {
    /// Rules that agree with the description in the file's mail.
    Described,
    /// Rules that opened similar files.
    Proven,
    SuggestedBank,
    OtherBanks,
    AnyBank,
    CardOfSuggestedBank,
    Cards,
}

/// Agreement that the bank's own statement of a rule counts for.
const OFFICIAL_WEIGHT: u32 = 10;

impl Applicants {
    /// Creates the applicants of a file: its own first, then the others of its case.
    pub fn new(people: Vec<Details>, rules: RuleTable) -> Self {
        Self(Arc::new(Shared {
            people,
            rules,
            derived: OnceLock::new(),
        }))
    }

    /// Returns the details of each applicant.
    pub fn people(&self) -> &[Details] {
        &self.0.people
    }

    /// Returns the rules by which passwords are derived.
    pub fn rules(&self) -> &RuleTable {
        &self.0.rules
    }

    /// Returns the names of the applicants.
    pub fn names(&self) -> impl Iterator<Item = &str> + Clone {
        let people = self.0.people.iter();
        people.filter_map(|details| details.get(Field::Name))
    }

    /// Returns all passwords that the rules form, each once, in the order of applicants and table.
    pub fn derived(&self) -> &[DerivedPassword] {
        let derive = || derive(&self.0.people, &self.0.rules);
        self.0.derived.get_or_init(derive)
    }

    /// Returns the indices of the passwords to try on a file, the likeliest first, at most
    /// [`MAX_TRIED`].
    ///
    /// Rules that a mail with the file describes come first, then those that opened similar files,
    /// then those of the suggested banks, then those of
    /// other banks by agreement of their sources, then general ones, then those of cards.
    pub fn order(&self, hints: &Hints, uses: &RuleUses) -> Vec<usize> {
        let rules: Vec<&Rule> = self.0.rules.all().collect();
        let ranks = self
            .derived()
            .iter()
            .enumerate()
            .filter_map(|(index, own)| {
                let agreement = agreement(&own.origins, &rules);
                let ranks = own.origins.iter().filter_map(|origin| {
                    let rule = rules.get(origin.rule)?;
                    Some(rank(*origin, rule, hints, uses, agreement))
                });
                Some((ranks.min()?, index))
            });
        let mut ranks: Vec<(Rank, usize)> = ranks.collect();
        ranks.sort_unstable();
        ranks.truncate(MAX_TRIED);
        ranks.into_iter().map(|(_, index)| index).collect()
    }

    /// Returns the rule to which a password is attributed: of the detected bank if one forms it,
    /// else the first of the table, with general rules last.
    pub fn rule_of(&self, password: usize, detected_bank: Option<&str>) -> Option<RuleId> {
        let rules: Vec<&Rule> = self.0.rules.all().collect();
        let origins = self.derived().get(password)?.origins.iter();
        let ranked = origins.filter_map(|origin| {
            let rule = *rules.get(origin.rule)?;
            let is_detected = detected_bank.is_some_and(|id| rule.bank.eq_ignore_ascii_case(id));
            let group = match rule.bank() {
                Some(_) if is_detected => 0,
                Some(_) => 1,
                None => 2,
            };
            Some(((group, origin.rule, origin.is_variant), *origin, rule))
        });
        let (_, origin, rule) = ranked.min_by_key(|(rank, ..)| *rank)?;
        Some(RuleId::new(password, origin, rule))
    }

    /// Returns whether a rule forms the password that it names: the answer of an isolated process
    /// is not trusted.
    #[cfg(feature = "app")]
    pub(crate) fn confirms(&self, id: &RuleId) -> bool {
        let derived = self.derived().get(id.password);
        let mut origins = derived.into_iter().flat_map(|own| &own.origins);
        let origin =
            origins.find(|origin| origin.rule == id.rule && origin.is_variant == id.is_variant);
        let rule = self.0.rules.all().nth(id.rule);
        origin
            .zip(rule)
            .is_some_and(|(origin, rule)| RuleId::new(id.password, *origin, rule) == *id)
    }

    /// Returns the rule as the journal counts it; `None` if it is not of this table.
    #[cfg(feature = "app")]
    pub(crate) fn use_of(&self, id: &RuleId) -> Option<String> {
        let rule = self.0.rules.all().nth(id.rule)?;
        Some(used_rule(rule, id.is_variant))
    }
}

impl fmt::Debug for Applicants {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Applicants({})", self.0.people.len())
    }
}

impl PartialEq for Applicants {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
            || (self.0.people == other.0.people && self.0.rules == other.0.rules)
    }
}

impl Eq for Applicants {}

fn used_rule(rule: &Rule, is_variant: bool) -> String {
    let mark = if is_variant { "~" } else { "" };
    format!("{rule}{mark}")
}

fn derive(people: &[Details], rules: &RuleTable) -> Vec<DerivedPassword> {
    let mut derived: Vec<DerivedPassword> = Vec::new();
    for (person, details) in people.iter().enumerate() {
        for (index, rule) in rules.all().enumerate() {
            for (text, is_variant) in rule.passwords(details) {
                let origin = Origin {
                    rule: index,
                    person,
                    is_variant,
                };
                let is_equal = |known: &DerivedPassword| known.password.expose() == text.as_str();
                if let Some(known) = derived.iter_mut().find(|known| is_equal(known)) {
                    known.origins.push(origin);
                } else if derived.len() < MAX_DERIVED {
                    derived.push(DerivedPassword {
                        password: Password::new(text.as_str()),
                        origins: vec![origin],
                    });
                }
            }
        }
    }
    derived
}

/// Returns how many sources state a rule that forms a password.
fn agreement(origins: &[Origin], rules: &[&Rule]) -> u32 {
    let weights = origins.iter().filter_map(|origin| {
        let rule = rules.get(origin.rule)?;
        let is_counted = rule.document == Document::Account && !origin.is_variant;
        is_counted.then(|| source_weight(rule))
    });
    weights.sum()
}

fn source_weight(rule: &Rule) -> u32 {
    rule.sources.count + OFFICIAL_WEIGHT * u32::from(rule.sources.is_official)
}

fn rank(origin: Origin, rule: &Rule, hints: &Hints, uses: &RuleUses, agreement: u32) -> Rank {
    let is_suggested = rule.bank().is_some_and(|bank| hints.suggests(bank));
    let files = if uses.0.is_empty() {
        0
    } else {
        uses.count(&used_rule(rule, origin.is_variant), hints)
    };
    let described = hints.agreement(rule);
    let tier = match (rule.document, rule.bank()) {
        _ if described > 0 => Tier::Described,
        _ if files > 0 => Tier::Proven,
        (Document::Account, Some(_)) if is_suggested => Tier::SuggestedBank,
        (Document::Account, Some(_)) => Tier::OtherBanks,
        (Document::Account, None) => Tier::AnyBank,
        (Document::Card, _) if is_suggested => Tier::CardOfSuggestedBank,
        (Document::Card, _) => Tier::Cards,
    };
    let sources = match tier {
        Tier::OtherBanks => agreement,
        // "In table order."
        Tier::AnyBank => 0,
        _ => source_weight(rule),
    };
    Rank {
        tier,
        person: origin.person,
        // What opened similar files is counted, variants included.
        is_variant: origin.is_variant && files == 0,
        weight: Reverse((if described > 0 { described } else { files }, sources)),
        rule: origin.rule,
    }
}

#[cfg(test)]
mod tests {
    use super::super::description::PasswordDescription;
    use super::super::hints::RuleUse;
    use super::*;

    fn person(values: &[(Field, &str)]) -> Details {
        let mut details = Details::default();
        for (field, text) in values {
            details.set(*field, text).unwrap();
        }
        details
    }

    fn asha() -> Details {
        person(&[
            (Field::Name, "S. Asha Rao"),
            (Field::Dob, "05/03/1988"),
            (Field::Mobile, "9876543210"),
            (Field::Pan, "ABCDE1234F"),
            (Field::CustomerId, "0077120486"),
            (Field::AccountNumber, "50100418273645"),
            (Field::CardNumber, "4111222233334444"),
        ])
    }

    fn tried(applicants: &Applicants, banks: &[&str], uses: &RuleUses) -> Vec<String> {
        let hints = Hints {
            banks: banks.iter().map(|id| (*id).to_owned()).collect(),
            producer: None,
            description: None,
        };
        let order = applicants.order(&hints, uses).into_iter();
        let texts = order.map(|index| applicants.derived()[index].password.expose().to_owned());
        texts.collect()
    }

    #[test]
    fn rules_of_the_suggested_bank_come_first_and_those_of_cards_last() {
        let applicants = Applicants::new(vec![asha()], RuleTable::default());
        let hdfc = tried(&applicants, &["hdfc"], &RuleUses::default());
        let expected = ["0077120486", "SASH0503", "05031988", "ABCDE1234F"];
        assert_eq!(hdfc[..4], expected);
        // Then the variants of these rules.
        assert_eq!(hdfc[4..6], ["77120486", "ASHA0503"]);
        let sbi = tried(&applicants, &["sbi"], &RuleUses::default());
        assert_eq!(sbi[0], "43210050388");
        let is_card = |text: &String| text.contains("4444");
        let first_card = hdfc.iter().position(is_card).unwrap();
        assert!(hdfc[first_card..].iter().all(is_card), "{hdfc:?}");
        // Without a suggestion, agreement of all banks decides.
        let any = tried(&applicants, &[], &RuleUses::default());
        assert_eq!(any[..2], ["05031988", "SASH0503"]);
        let mut sorted = [hdfc.clone(), any.clone()];
        for list in &mut sorted {
            list.sort();
        }
        assert_eq!(sorted[0], sorted[1], "the same passwords in another order");
        assert!((30..=120).contains(&hdfc.len()), "{}", hdfc.len());
    }

    #[test]
    fn at_most_two_hundred_are_tried_and_the_own_person_first() {
        let other = |number: usize| {
            person(&[
                (Field::Name, &format!("Person{number} Other")),
                (Field::Dob, &format!("0{number}/04/1970")),
                (Field::CustomerId, &format!("00{number}")),
                (Field::AccountNumber, &format!("0{number}1234567")),
                (Field::Mobile, &format!("987654321{number}")),
                (Field::Pan, &format!("XYZDE123{number}F")),
            ])
        };
        let people = [vec![asha()], (1..9).map(other).collect()].concat();
        let applicants = Applicants::new(people, RuleTable::default());
        let found = tried(&applicants, &["hdfc"], &RuleUses::default());
        assert_eq!(found.len(), MAX_TRIED);
        assert_eq!(found[0], "0077120486");
        let other = found.iter().position(|text| text == "001").unwrap();
        assert!(
            other < 15,
            "rules of the suggested bank for all people come first"
        );
    }

    #[test]
    fn rules_that_opened_earlier_files_come_first() {
        let applicants = Applicants::new(vec![asha()], RuleTable::default());
        let known = |bank: &str, rule: &str, files| RuleUse {
            bank: bank.to_owned(),
            producer: String::new(),
            rule: rule.to_owned(),
            files,
        };
        let uses = RuleUses(vec![
            known("hdfc", "HDFC:pan:upper", 3),
            known("hdfc", "HDFC:name4:upper+dob:ddmm~", 7),
            known("axis", "AXIS:dob:ddmmyyyy", 9),
        ]);
        assert_eq!(
            tried(&applicants, &["hdfc"], &uses)[..2],
            ["ASHA0503", "ABCDE1234F"]
        );
        assert_eq!(tried(&applicants, &["axis"], &uses)[0], "05031988");
        assert_eq!(tried(&applicants, &[], &uses)[0], "05031988");
        let sbi = tried(&applicants, &["sbi"], &uses);
        assert_eq!(sbi[0], "43210050388");
    }

    #[test]
    fn rules_that_a_mail_describes_come_first() {
        let applicants = Applicants::new(vec![asha()], RuleTable::default());
        let first = |text: &str| {
            let hints = Hints {
                banks: vec!["hdfc".to_owned()],
                producer: None,
                description: Some(PasswordDescription::find(text).unwrap()),
            };
            let order = applicants.order(&hints, &RuleUses::default());
            let password = &applicants.derived()[order[0]].password;
            password.expose().to_owned()
        };
        assert_eq!(
            first("Password: your date of birth as DDMMYYYY"),
            "05031988"
        );
        assert_eq!(first("Password: your PAN in capital letters"), "ABCDE1234F");
        let name = "password: first four letters of your name in small letters and DOB (DDMM)";
        assert_eq!(first(name), "sash0503");
    }

    #[test]
    fn a_password_is_attributed_to_the_detected_bank_then_by_table_order() {
        let applicants = Applicants::new(vec![asha()], RuleTable::default());
        let index_of = |text: &str| {
            let mut derived = applicants.derived().iter();
            derived
                .position(|own| own.password.expose() == text)
                .unwrap()
        };
        let label = |text: &str, bank: Option<&str>| {
            let id = applicants.rule_of(index_of(text), bank).unwrap();
            assert!(applicants.confirms(&id));
            id.to_string()
        };
        assert_eq!(label("SASH0503", Some("axis")), "AXIS:name4+dob");
        assert_eq!(label("SASH0503", None), "HDFC:name4+dob");
        assert_eq!(label("ASHA0503", Some("kotak")), "KOTAK:name4+dob~");
        assert_eq!(label("abcde1234f", Some("hdfc")), "*:pan");
        assert_eq!(label("9876543210", None), "KOTAK:mobile");
    }

    #[test]
    fn a_forged_rule_is_not_confirmed() {
        let applicants = Applicants::new(vec![asha()], RuleTable::default());
        let genuine = applicants.rule_of(0, None).unwrap();
        let forged = |change: &dyn Fn(&mut RuleId)| {
            let mut id = genuine.clone();
            change(&mut id);
            applicants.confirms(&id)
        };
        assert!(forged(&|_| {}));
        assert!(!forged(&|id| id.label = "HDFC:secret".to_owned()));
        assert!(!forged(&|id| id.rule += 1000));
        assert!(!forged(&|id| id.password = usize::MAX));
        assert!(!forged(&|id| id.is_variant = !id.is_variant));
    }

    #[test]
    fn nothing_is_derived_without_details() {
        let applicants = Applicants::new(vec![Details::default()], RuleTable::default());
        assert!(applicants.derived().is_empty());
        assert!(!format!("{applicants:?}").contains("Asha"));
    }
}
