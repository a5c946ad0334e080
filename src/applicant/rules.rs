//! Rules by which banks form the passwords of their statements, and their descriptions.

use super::details::{Details, Field};
use super::name::first_letters;
use super::rule_parser;
use crate::text::capitalize;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::{Arc, LazyLock};
use zeroize::Zeroizing;

/// The published rules. The head of the file names its columns and sources.
const BUILT_IN: &str = include_str!("../data/password_rules.tsv");
/// The bank of rules that hold for any bank.
pub(super) const ANY_BANK: &str = "*";

/// The built-in rules.
static BUILT_IN_RULES: LazyLock<Arc<[Rule]>> = LazyLock::new(|| {
    // A test checks that the file is valid.
    rule_parser::parse(BUILT_IN).unwrap_or_default().into()
});

/// A rule: how a bank forms a password from details.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// Identifier of the bank in upper case; `*` for any bank.
    pub(super) bank: String,
    /// What the password locks.
    pub(super) document: Document,
    pub(super) segments: Vec<Segment>,
    pub(super) sources: Sources,
    /// The line of the table, from 1, for messages.
    pub(super) line: usize,
}

/// What a password locks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Document {
    /// The statement of an account.
    Account,
    /// The statement of a card.
    Card,
}

/// A part of a password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Segment {
    /// A text that is the same for everyone.
    Literal(String),
    /// A detail, transformed.
    Detail(Field, Transform),
}

/// What a segment does with its detail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Transform {
    AsGiven,
    Upper,
    Lower,
    DayMonth,
    DayMonthShortYear,
    DayMonthYear,
    Year,
    Last(usize),
}

/// How many independent places state a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub(super) struct Sources {
    /// Whether the bank is one of them, which outweighs any count.
    pub(super) is_official: bool,
    /// 0 for rules that are known from tools only.
    pub(super) count: u32,
}

impl Field {
    /// Returns the name in the table.
    pub(super) fn in_table(self) -> &'static str {
        match self {
            Self::Name => "name4",
            Self::AccountNumber => "account",
            Self::CardNumber => "card",
            Self::Dob | Self::Incorporation | Self::Mobile | Self::Pan | Self::CustomerId => {
                self.column()
            }
        }
    }

    /// Returns the values of the detail, the first as it is and then its variants.
    fn values(self, details: &Details) -> Vec<Zeroizing<String>> {
        let get = |field| details.get(field);
        let keep = |value: &str| Zeroizing::new(value.to_owned());
        let one = |field| get(field).map(keep).into_iter().collect::<Vec<_>>();
        match self {
            Self::Name => get(Field::Name).map_or_else(Vec::new, first_letters),
            // For firms, the incorporation takes the place of the date of birth.
            Self::Dob => [Field::Dob, Field::Incorporation]
                .into_iter()
                .flat_map(one)
                .collect(),
            Self::Incorporation => one(Field::Incorporation),
            Self::Mobile => get(Field::Mobile).and_then(mobile).into_iter().collect(),
            Self::Pan => one(Field::Pan),
            Self::CustomerId => get(Field::CustomerId).map_or_else(Vec::new, numbers),
            Self::AccountNumber => get(Field::AccountNumber).map_or_else(Vec::new, numbers),
            Self::CardNumber => get(Field::CardNumber).map_or_else(Vec::new, |card| {
                let digits = without_separators(card);
                (!digits.is_empty()).then_some(digits).into_iter().collect()
            }),
        }
    }

    fn in_words(self) -> &'static str {
        match self {
            Self::Name => "the first four letters of the name",
            Self::Dob => "the date of birth (of a firm: of incorporation)",
            Self::Incorporation => "the date of incorporation",
            Self::Mobile => "the mobile number of ten digits",
            Self::Pan => "the PAN",
            Self::CustomerId => "the customer ID",
            Self::AccountNumber => "the account number",
            Self::CardNumber => "the card number",
        }
    }
}

/// Returns the last ten digits of a mobile number; `None` if it has fewer.
fn mobile(text: &str) -> Option<Zeroizing<String>> {
    let digits = text.chars().filter(char::is_ascii_digit);
    let digits: Zeroizing<String> = Zeroizing::new(digits.collect());
    let start = digits.len().checked_sub(10)?;
    Some(Zeroizing::new(digits.get(start..)?.to_owned()))
}

fn without_separators(text: &str) -> Zeroizing<String> {
    Zeroizing::new(text.chars().filter(char::is_ascii_alphanumeric).collect())
}

/// Returns a number as it is, without separators, and without separators and leading zeros.
fn numbers(text: &str) -> Vec<Zeroizing<String>> {
    let compact = without_separators(text);
    let short = Zeroizing::new(compact.trim_start_matches('0').to_owned());
    let mut all = vec![Zeroizing::new(text.to_owned())];
    for variant in [compact, short] {
        if !variant.is_empty() && !all.contains(&variant) {
            all.push(variant);
        }
    }
    all
}

impl Transform {
    /// Returns the transformed value; `None` if the value is too short.
    fn apply(self, value: &str) -> Option<Zeroizing<String>> {
        let text = match self {
            Self::AsGiven => value.to_owned(),
            Self::Upper => value.to_uppercase(),
            Self::Lower => value.to_lowercase(),
            // Dates are stored as `ddmmyyyy`.
            Self::DayMonth => value.get(..4)?.to_owned(),
            Self::DayMonthShortYear => [value.get(..4)?, value.get(6..8)?].concat(),
            Self::DayMonthYear => value.get(..8)?.to_owned(),
            Self::Year => value.get(4..8)?.to_owned(),
            Self::Last(count) => {
                let compact = without_separators(value);
                compact.get(compact.len().checked_sub(count)?..)?.to_owned()
            }
        };
        Some(Zeroizing::new(text))
    }

    /// Returns the name in the table; empty if there is none.
    fn name(self) -> String {
        match self {
            Self::AsGiven => String::new(),
            Self::Upper => "upper".to_owned(),
            Self::Lower => "lower".to_owned(),
            Self::DayMonth => "ddmm".to_owned(),
            Self::DayMonthShortYear => "ddmmyy".to_owned(),
            Self::DayMonthYear => "ddmmyyyy".to_owned(),
            Self::Year => "yyyy".to_owned(),
            Self::Last(count) => format!("last{count}"),
        }
    }
}

impl Segment {
    /// Returns the texts of the segment and whether each is a variant.
    fn texts(&self, details: &Details) -> Vec<(Zeroizing<String>, bool)> {
        match self {
            Self::Literal(text) => vec![(Zeroizing::new(text.clone()), false)],
            Self::Detail(field, transform) => {
                let values = field.values(details).into_iter().enumerate();
                values
                    .filter_map(|(index, value)| Some((transform.apply(&value)?, index > 0)))
                    .collect()
            }
        }
    }

    fn in_words(&self) -> String {
        let (detail, transform) = match self {
            Self::Literal(text) => return format!("the text {text}"),
            Self::Detail(field, transform) => (field.in_words(), transform),
        };
        match transform {
            Transform::AsGiven => detail.to_owned(),
            Transform::Upper => format!("{detail} in capitals"),
            Transform::Lower => format!("{detail} in small letters"),
            Transform::DayMonth => format!("{detail} as DDMM"),
            Transform::DayMonthShortYear => format!("{detail} as DDMMYY"),
            Transform::DayMonthYear => format!("{detail} as DDMMYYYY"),
            Transform::Year => format!("the year of {detail}"),
            Transform::Last(count) => format!("the last {count} digits of {detail}"),
        }
    }
}

impl Rule {
    /// Returns the identifier of the bank in upper case; `None` for a rule of any bank.
    pub fn bank(&self) -> Option<&str> {
        (self.bank != ANY_BANK).then_some(self.bank.as_str())
    }

    /// Returns the line of the table that states the rule, from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// Returns what the password locks.
    pub fn document(&self) -> Document {
        self.document
    }

    /// Returns the bank and the fields of the rule, as records name it: `HDFC:name4+dob`.
    pub fn label(&self) -> String {
        let fields = self.segments.iter().filter_map(|segment| match segment {
            Segment::Literal(_) => None,
            Segment::Detail(field, _) => Some(field.in_table()),
        });
        format!("{}:{}", self.bank, fields.collect::<Vec<_>>().join("+"))
    }

    /// Returns the segments as in the table, such as `name4:upper`; texts are in quotes.
    pub fn segments(&self) -> impl Iterator<Item = String> {
        self.segments.iter().map(|segment| match segment {
            Segment::Literal(text) => format!("\"{text}\""),
            Segment::Detail(field, Transform::AsGiven) => field.in_table().to_owned(),
            Segment::Detail(field, transform) => {
                format!("{}:{}", field.in_table(), transform.name())
            }
        })
    }

    /// Returns the rank of the rule among those of its bank: the bank's own statements first, then
    /// by the number of sources. A larger value is likelier.
    pub fn likelihood(&self) -> impl Ord + use<> {
        self.sources
    }

    /// Describes the rule for the user and for applicants.
    pub fn in_words(&self) -> String {
        let segments: Vec<_> = self.segments.iter().map(Segment::in_words).collect();
        capitalize(&segments.join(", then "))
    }

    /// Describes who states the rule.
    pub fn sources_in_words(&self) -> String {
        let places = match self.sources.count {
            0 => return "seen in tools only".to_owned(),
            1 => "1 source".to_owned(),
            count => format!("{count} sources"),
        };
        if self.sources.is_official {
            format!("{places}, the bank among them")
        } else {
            places
        }
    }

    /// Returns the passwords of the rule and whether each is a variant, the variants last.
    pub(super) fn passwords(&self, details: &Details) -> Vec<(Zeroizing<String>, bool)> {
        let mut all = vec![(Zeroizing::new(String::new()), false)];
        for segment in &self.segments {
            let texts = segment.texts(details);
            let extended = all.iter().flat_map(|(start, is_variant)| {
                texts.iter().map(move |(text, is_other)| {
                    let whole = Zeroizing::new([start.as_str(), text.as_str()].concat());
                    (whole, *is_variant || *is_other)
                })
            });
            all = extended.collect();
        }
        all.sort_by_key(|(_, is_variant)| *is_variant);
        all
    }
}

impl fmt::Display for Rule {
    /// Formats the rule as in the table, with its bank: `HDFC:name4:upper+dob:ddmm`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let segments: Vec<_> = self.segments().collect();
        write!(f, "{}:{}", self.bank, segments.join("+"))
    }
}

/// The rules of a run: the user's own, then the built-in ones. Clones share the built-in ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleTable {
    custom: Arc<[Rule]>,
    built_in: Arc<[Rule]>,
}

impl RuleTable {
    /// Creates the table with the user's own rules, which come first.
    pub fn new(custom: Vec<Rule>) -> Self {
        Self {
            custom: custom.into(),
            built_in: Arc::clone(&BUILT_IN_RULES),
        }
    }

    /// Returns the user's own rules.
    pub fn custom(&self) -> &[Rule] {
        &self.custom
    }

    /// Returns all rules in the order of the table.
    pub fn all(&self) -> impl Iterator<Item = &Rule> {
        self.custom.iter().chain(self.built_in.iter())
    }

    /// Returns the rules of a bank, by its identifier in any letter case.
    pub fn of_bank(&self, id: &str) -> impl Iterator<Item = &Rule> {
        self.all()
            .filter(move |rule| rule.bank.eq_ignore_ascii_case(id))
    }
}

impl Default for RuleTable {
    fn default() -> Self {
        Self::new(Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statement::BankRegistry;

    fn details(values: &[(Field, &str)]) -> Details {
        let mut details = Details::default();
        for (field, text) in values {
            details.set(*field, text).unwrap();
        }
        details
    }

    fn passwords(rule: &str, values: &[(Field, &str)]) -> Vec<String> {
        let line = format!("HDFC\taccount\t{rule}\t1");
        let rules = rule_parser::parse(&line).unwrap();
        let found = rules[0].passwords(&details(values));
        found
            .into_iter()
            .map(|(text, _)| text.to_string())
            .collect()
    }

    #[test]
    fn the_built_in_table_is_valid_and_names_known_banks() {
        let rules = rule_parser::parse(BUILT_IN).unwrap();
        assert!(rules.len() > 90, "{}", rules.len());
        let banks = BankRegistry::default();
        for rule in &rules {
            let is_known = rule.bank().is_none_or(|id| banks.by_id(id).is_some());
            assert!(is_known, "{rule}");
        }
    }

    #[test]
    fn rules_form_passwords_with_variants_last() {
        let person = [
            (Field::Name, "S. Om Rao"),
            (Field::Dob, "05/03/1988"),
            (Field::Mobile, "+91 98765 43210"),
            (Field::Pan, "abcde1234f"),
            (Field::CustomerId, "00-771"),
            (Field::AccountNumber, "000123456789"),
            (Field::CardNumber, "4111 2222 3333 4444"),
        ];
        let check = |rule: &str, expected: &[&str]| {
            assert_eq!(passwords(rule, &person), expected, "{rule}");
        };
        check("name4:upper+dob:ddmm", &["SOMR0503", "OMRA0503", "OM0503"]);
        check(
            "dob:ddmmyy+name4:lower",
            &["050388somr", "050388omra", "050388om"],
        );
        check("dob:ddmmyyyy", &["05031988"]);
        check("name4+dob:yyyy", &["SOmR1988", "OmRa1988", "Om1988"]);
        check("mobile:last5+dob:ddmmyy", &["43210050388"]);
        check("mobile", &["9876543210"]);
        check("pan:upper", &["ABCDE1234F"]);
        check("customer_id", &["00-771", "00771", "771"]);
        check("account", &["000123456789", "123456789"]);
        check("card:last4", &["4444"]);
        check(
            "customer_id+\"@\"+dob:ddmmyyyy",
            &["00-771@05031988", "00771@05031988", "771@05031988"],
        );
        check("incorporation:ddmm", &[]);
    }

    #[test]
    fn the_incorporation_of_a_firm_replaces_the_date_of_birth() {
        let firm = [
            (Field::Name, "M/s Rao Traders"),
            (Field::Incorporation, "30/12/2011"),
        ];
        assert_eq!(
            passwords("name4:upper+dob:ddmm", &firm),
            ["RAOT3012", "RAO3012"]
        );
        let both = [(Field::Dob, "05/03/1988"), firm[1]];
        assert_eq!(passwords("dob:ddmmyyyy", &both), ["05031988", "30122011"]);
        assert_eq!(passwords("dob:ddmmyyyy", &[]), <[&str; 0]>::default());
    }

    #[test]
    fn rules_are_described_by_label_and_words() {
        let line = "CENTRAL\taccount\tcustomer_id+\"@\"+dob:ddmmyyyy\t2B";
        let rule = rule_parser::parse(line).unwrap().remove(0);
        assert_eq!(rule.label(), "CENTRAL:customer_id+dob");
        assert_eq!(rule.to_string(), "CENTRAL:customer_id+\"@\"+dob:ddmmyyyy");
        assert_eq!(
            rule.in_words(),
            "The customer ID, then the text @, then the date of birth (of a firm: of \
             incorporation) as DDMMYYYY"
        );
        assert_eq!(rule.sources_in_words(), "2 sources, the bank among them");
    }
}
