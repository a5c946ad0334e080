//! Marks by which a bank's own form is known: its column headings, field labels, the building of
//! its office, its customer-care number.

use super::{Kind, Vote};
use crate::statement::banks::{self, Bank, Owner};
use crate::statement::page::{self, Page};
use crate::statement::phrase_matcher::Marks;
use crate::statement::table::Table;
use std::sync::LazyLock;

const MARKERS: &str = include_str!("../../data/bank_markers.tsv");
const PHONES: &str = include_str!("../../data/bank_phones.tsv");
/// Digits of the shortest number of customer care.
const LEAST_DIGITS: usize = 8;

static FORMS: LazyLock<Forms> = LazyLock::new(Forms::load);

struct Forms {
    /// Rows of column headings, as their words in alphabetical order: headings wrap, and then no
    /// reading of the lines gives the order of the columns.
    headings: Vec<(Vec<&'static str>, &'static Bank)>,
    marks: Marks<(Kind, &'static Bank)>,
    phones: Vec<(&'static str, &'static Bank)>,
}

impl Forms {
    fn load() -> Self {
        let mut headings = Vec::new();
        let mut marks = Vec::new();
        for row in banks::rows(MARKERS) {
            let [id, kind, text] = row[..] else { continue };
            let Some(bank) = banks::by_id(id) else {
                continue;
            };
            match kind {
                "heading" => headings.push((sorted_words(text), bank)),
                "office" => marks.push((text, (Kind::Office, bank))),
                _ => marks.push((text, (Kind::Label, bank))),
            }
        }
        let phones =
            banks::rows(PHONES).filter_map(|row| Some((*row.get(1)?, banks::by_id(row.first()?)?)));
        Self {
            headings,
            marks: Marks::new(marks),
            phones: phones.collect(),
        }
    }
}

/// The banks whose marks the pages bear.
pub(super) fn votes(pages: &[Page], tables: &[Table]) -> Vec<Vote> {
    let mut votes: Vec<Vote> = tables.iter().filter_map(headings_vote).collect();
    votes.extend(phrase_votes(pages));
    votes.extend(pages.iter().filter_map(phone_vote));
    votes
}

fn sorted_words(text: &str) -> Vec<&str> {
    let mut words: Vec<&str> = page::words(text).collect();
    words.sort_unstable();
    words
}

fn headings_vote(table: &Table) -> Option<Vote> {
    let (_, bank) = table.headings.iter().find_map(|text| {
        let printed = sorted_words(text);
        FORMS.headings.iter().find(|(words, _)| *words == printed)
    })?;
    Some(Vote::new(
        Kind::Headings,
        Owner::Bank(bank),
        "column headings of its form",
    ))
}

fn phrase_votes(pages: &[Page]) -> impl Iterator<Item = Vote> {
    FORMS.marks.borne_by(pages).into_iter().map(|borne| {
        let words = format!("“{}”", borne.text.replace(" & ", "”, “"));
        let (kind, bank) = *borne.value;
        Vote::new(kind, Owner::Bank(bank), words)
    })
}

/// A number of customer care: a whole run of digits, whatever stands between them.
fn phone_vote(page: &Page) -> Option<Vote> {
    page.around_table().find_map(|line| {
        let runs = line
            .text
            .split(|c: char| !(c.is_ascii_digit() || matches!(c, ' ' | '-' | '(' | ')')));
        let mut numbers = runs.map(|run| {
            let digits: String = run.chars().filter(char::is_ascii_digit).collect();
            digits
        });
        let known = |digits: String| {
            let national = digits.strip_prefix("91").unwrap_or(&digits);
            let phones = FORMS.phones.iter();
            phones
                .filter(|(number, _)| *number == digits || *number == national)
                .map(|(number, bank)| (*number, *bank))
                .next()
        };
        let (number, bank) =
            numbers.find_map(|digits| (digits.len() >= LEAST_DIGITS).then(|| known(digits))?)?;
        Some(Vote::new(
            Kind::Phone,
            Owner::Bank(bank),
            format!("customer care {number}"),
        ))
    })
}
