//! Reads how a mail describes the password of its attachment: "the first four letters of your name
//! followed by your date of birth as DDMM".
//!
//! A description only orders what is tried, so a wrong one costs a few attempts.

use super::details::Field;
use super::rules::{Rule, Segment, Transform};
use serde::{Deserialize, Serialize};

/// Characters before and after the word `password` that describe it.
const BEFORE: usize = 250;
const AFTER: usize = 450;
/// Places with the word `password` that are read.
const MAX_PLACES: usize = 8;
/// Warnings about passwords, behind which nothing describes one.
const WARNINGS: [&str; 4] = ["never share", "do not share", "not disclose", "never ask"];

/// Phrases for each detail, in lower case. Those at the same place are compared by length.
const PHRASES: [(Field, &[&str]); 8] = [
    (
        Field::Name,
        &[
            "four letters",
            "4 letters",
            "four characters",
            "4 characters",
            "four alphabets",
            "4 alphabets",
            "letters of your name",
            "letters of your first name",
        ],
    ),
    (
        Field::Dob,
        &["date of birth", "dob", "d.o.b", "birth date", "birthdate"],
    ),
    (
        Field::Incorporation,
        &["date of incorporation", "incorporation"],
    ),
    (Field::Mobile, &["mobile number", "mobile no", "mobile"]),
    (Field::Pan, &["pan", "permanent account number"]),
    (
        Field::CustomerId,
        &[
            "customer id",
            "customer identification",
            "customer number",
            "cust id",
            "crn",
            "cif",
        ],
    ),
    (
        Field::AccountNumber,
        &["account number", "account no", "a/c number", "a/c no"],
    ),
    (Field::CardNumber, &["card number", "card no"]),
];

/// Notations of dates, the longest first.
const DATES: [(&str, Transform); 4] = [
    ("ddmmyyyy", Transform::DayMonthYear),
    ("ddmmyy", Transform::DayMonthShortYear),
    ("ddmm", Transform::DayMonth),
    ("yyyy", Transform::Year),
];

/// The details of which a password consists, by a description.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordDescription(Vec<DescribedDetail>);

/// A detail in a description.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct DescribedDetail {
    field: Field,
    /// How it is written, if the description states that.
    transform: Option<Transform>,
}

impl PasswordDescription {
    /// Finds the description of a password in a text; `None` without one.
    pub fn find(text: &str) -> Option<Self> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let text = words.join(" ").to_lowercase();
        let places = text.match_indices("password").take(MAX_PLACES);
        places
            .map(|(at, _)| around(&text, at))
            .filter(|passage| !WARNINGS.iter().any(|warning| passage.contains(warning)))
            .find_map(Self::parse)
    }

    fn parse(passage: &str) -> Option<Self> {
        let mentions = mentions(passage);
        let mut details: Vec<DescribedDetail> = Vec::new();
        for (index, mention) in mentions.iter().enumerate() {
            let previous = index.checked_sub(1).and_then(|index| mentions.get(index));
            let before = previous.map_or(0, |previous| previous.end);
            let after = mentions
                .get(index + 1)
                .map_or(passage.len(), |next| next.start);
            let before = passage.get(before..mention.start).unwrap_or_default();
            let after = passage.get(mention.end..after).unwrap_or_default();
            let transform = transform(mention.field, before, after);
            match details
                .iter_mut()
                .find(|known| known.field == mention.field)
            {
                // An example repeats the details.
                Some(known) => known.transform = known.transform.or(transform),
                None => details.push(DescribedDetail {
                    field: mention.field,
                    transform,
                }),
            }
        }
        (!details.is_empty()).then_some(Self(details))
    }

    /// Returns how well a rule agrees with the description; 0 if it needs a detail that the
    /// description does not mention.
    pub(super) fn agreement(&self, rule: &Rule) -> u32 {
        let mut points = 0;
        let mut details = 0;
        for segment in &rule.segments {
            let Segment::Detail(field, transform) = segment else {
                continue;
            };
            let mut described = self.0.iter();
            let Some(described) = described.find(|own| is_same(own.field, *field)) else {
                return 0;
            };
            details += 1;
            points += match described.transform {
                Some(stated) if stated == *transform => 6,
                None => 4,
                Some(_) => 2,
            };
        }
        let is_complete = details == self.0.len();
        points + 2 * u32::from(is_complete)
    }
}

/// Returns whether a rule of one detail can be described by another: for firms, the incorporation
/// takes the place of the date of birth.
fn is_same(described: Field, field: Field) -> bool {
    described == field || described.is_date() && field.is_date()
}

/// Returns the text around an offset.
fn around(text: &str, at: usize) -> &str {
    let boundary = |mut offset: usize| {
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    };
    let start = boundary(at.saturating_sub(BEFORE));
    let end = boundary((at + AFTER).min(text.len()));
    text.get(start..end).unwrap_or_default()
}

struct Mention {
    field: Field,
    start: usize,
    end: usize,
}

/// Returns the details that a passage mentions, in its order.
fn mentions(passage: &str) -> Vec<Mention> {
    let mut found: Vec<Mention> = Vec::new();
    for (field, phrases) in PHRASES {
        for phrase in phrases {
            for (start, _) in passage.match_indices(phrase) {
                let end = start + phrase.len();
                if is_word(passage, start, end) {
                    found.push(Mention { field, start, end });
                }
            }
        }
    }
    // The longer phrase covers the shorter one: a permanent account number is no account number.
    found.sort_by_key(|mention| (mention.start, usize::MAX - mention.end));
    let mut covered = 0;
    found.retain(|mention| {
        let is_free = mention.start >= covered;
        covered = covered.max(mention.end);
        is_free
    });
    found
}

fn is_word(text: &str, start: usize, end: usize) -> bool {
    let before = text
        .get(..start)
        .and_then(|before| before.chars().next_back());
    let after = text.get(end..).and_then(|after| after.chars().next());
    let is_free = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    is_free(before) && is_free(after)
}

/// Returns how a detail is written, by the words before and after it.
fn transform(field: Field, before: &str, after: &str) -> Option<Transform> {
    let has = |words: &[&str]| words.iter().any(|word| after.contains(word));
    match field {
        Field::Name | Field::Pan if has(&["upper", "capital", "caps", "block letter"]) => {
            Some(Transform::Upper)
        }
        Field::Name | Field::Pan if has(&["lower", "small"]) => Some(Transform::Lower),
        Field::Name | Field::Pan => None,
        Field::Dob | Field::Incorporation => {
            let is_part = |c: &char| !matches!(c, '/' | '-' | '.' | ' ');
            let compact: String = after.chars().filter(is_part).collect();
            let mut dates = DATES.iter();
            dates
                .find(|(notation, _)| compact.contains(notation))
                .map(|(_, transform)| *transform)
        }
        Field::Mobile | Field::CustomerId | Field::AccountNumber | Field::CardNumber => {
            last_digits(before).map(Transform::Last)
        }
    }
}

/// Returns the number in "the last five digits of".
fn last_digits(before: &str) -> Option<usize> {
    const WORDS: [(&str, usize); 5] = [
        ("three", 3),
        ("four", 4),
        ("five", 5),
        ("six", 6),
        ("eight", 8),
    ];
    let (_, after) = before.rsplit_once("last ")?;
    let word = after.split(' ').next()?;
    let named = WORDS.iter().find(|(name, _)| *name == word);
    let number = named
        .map(|(_, number)| *number)
        .or_else(|| word.parse().ok());
    number.filter(|number| (1..=20).contains(number))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::applicant::RuleTable;

    fn best(text: &str) -> String {
        let description = PasswordDescription::find(text).unwrap();
        let table = RuleTable::default();
        let rules = table.all();
        let ranked = rules.map(|rule| (description.agreement(rule), rule));
        let best = ranked.max_by_key(|(points, rule)| (*points, usize::MAX - rule.line));
        let segments: Vec<_> = best.unwrap().1.segments().collect();
        segments.join("+")
    }

    #[test]
    fn descriptions_of_banks_lead_to_their_rules() {
        let texts = [
            (
                "The password is the first four letters of your name in CAPITALS followed by your \
                 date of birth in DDMM format. For example, if your name is Rajesh and your date \
                 of birth is 15-03-1988, it is RAJE1503.",
                "name4:upper+dob:ddmm",
            ),
            (
                "Your statement is password protected. Enter your Customer ID to open it.",
                "customer_id",
            ),
            (
                "PASSWORD: last 5 digits of your registered mobile number and date of birth as \
                 DDMMYY",
                "mobile:last5+dob:ddmmyy",
            ),
            (
                "To open it, use your date of birth (DD/MM/YYYY) as password",
                "dob:ddmmyyyy",
            ),
            (
                "the password is your Permanent Account Number in capital letters",
                "pan:upper",
            ),
        ];
        for (text, rule) in texts {
            assert_eq!(best(text), rule, "{text}");
        }
    }

    #[test]
    fn warnings_and_other_texts_describe_nothing() {
        let none = [
            "Never share your password, card number or PIN with anyone.",
            "Your mobile number and date of birth are registered.",
            "Please find the statement. The password is in another mail.",
            "",
        ];
        for text in none {
            assert_eq!(PasswordDescription::find(text), None, "{text}");
        }
    }

    #[test]
    fn a_rule_that_needs_another_detail_does_not_agree() {
        let description = PasswordDescription::find("the password is your date of birth").unwrap();
        let table = RuleTable::default();
        let mut agreeing = table.all().filter(|rule| description.agreement(rule) > 0);
        assert!(agreeing.all(|rule| {
            let mut segments = rule.segments();
            segments.all(|segment| segment.starts_with("dob") || segment.starts_with("incorp"))
        }));
    }
}
