//! Evidence from the layout of a bank's statements: column headings, field labels, office addresses
//! and customer-care numbers.

use super::{Evidence, EvidenceKind};
use crate::statement::banks::{self, BankRegistry, Owner};
use crate::statement::page::{self, Page};
use crate::statement::phrase_matcher::MarkerSet;
use crate::statement::table::Table;
use std::sync::LazyLock;

const MARKERS: &str = include_str!("../../data/bank_markers.tsv");
const PHONES: &str = include_str!("../../data/bank_phones.tsv");
/// Digits of the shortest customer-care number.
const MIN_PHONE_DIGITS: usize = 8;

static LAYOUTS: LazyLock<Layouts> = LazyLock::new(Layouts::load);

/// The built-in tables of markers. Banks are identifiers, looked up when a marker matches.
struct Layouts {
    /// Rows of column headings, as their words in alphabetical order. Headings wrap, and then the
    /// order of the lines does not give the order of the columns.
    headings: Vec<(Vec<&'static str>, &'static str)>,
    markers: MarkerSet<(EvidenceKind, &'static str)>,
    /// Digits and bank.
    phones: Vec<(&'static str, &'static str)>,
}

impl Layouts {
    fn load() -> Self {
        let mut headings = Vec::new();
        let mut markers = Vec::new();
        for row in banks::rows(MARKERS) {
            let [bank, kind, text] = row[..] else {
                continue;
            };
            match kind {
                "heading" => headings.push((sorted_words(text), bank)),
                "office" => markers.push((text, (EvidenceKind::Office, bank))),
                _ => markers.push((text, (EvidenceKind::Label, bank))),
            }
        }
        let phones = banks::rows(PHONES).filter_map(|row| Some((*row.get(1)?, *row.first()?)));
        Self {
            headings,
            markers: MarkerSet::new(markers),
            phones: phones.collect(),
        }
    }
}

/// Returns the banks whose layout markers occur on the pages.
pub(super) fn evidence<'r>(
    pages: &[Page],
    tables: &[Table],
    banks: &'r BankRegistry,
) -> Vec<Evidence<'r>> {
    let headings = tables.iter().filter_map(headings_bank).map(|bank| {
        let description = "column headings of its statement layout".to_owned();
        (EvidenceKind::Headings, bank, description)
    });
    let markers = LAYOUTS.markers.find(pages).into_iter().map(|found| {
        let (kind, bank) = *found.value;
        (
            kind,
            bank,
            format!("“{}”", found.text.replace(" & ", "”, “")),
        )
    });
    let phones = pages.iter().filter_map(phone_bank).map(|(number, bank)| {
        let description = format!("customer care number {number}");
        (EvidenceKind::Phone, bank, description)
    });
    let found = headings.chain(markers).chain(phones);
    found
        .filter_map(|(kind, bank, description)| {
            let bank = Owner::Bank(banks.by_id(bank)?);
            Some(Evidence::new(kind, bank, description))
        })
        .collect()
}

/// Returns all known rows of column headings, as words, each with its bank.
pub(super) fn headings() -> impl Iterator<Item = (&'static [&'static str], &'static str)> {
    let headings = LAYOUTS.headings.iter();
    headings.map(|(words, bank)| (&**words, *bank))
}

fn sorted_words(text: &str) -> Vec<&str> {
    let mut words: Vec<&str> = page::words(text).collect();
    words.sort_unstable();
    words
}

/// Identifies the bank that uses the column headings of a table.
fn headings_bank(table: &Table) -> Option<&'static str> {
    table.headings.iter().find_map(|text| {
        let printed = sorted_words(text);
        let mut known = LAYOUTS.headings.iter();
        let (_, bank) = known.find(|(words, _)| *words == printed)?;
        Some(*bank)
    })
}

/// Returns the first customer-care number on a page and its bank.
///
/// Compares whole runs of digits, whatever separates their groups.
fn phone_bank(page: &Page) -> Option<(&'static str, &'static str)> {
    page.around_table().find_map(|line| {
        let mut runs = line
            .text
            .split(|c: char| !(c.is_ascii_digit() || matches!(c, ' ' | '-' | '(' | ')')));
        runs.find_map(|run| {
            let digits: String = run.chars().filter(char::is_ascii_digit).collect();
            if digits.len() < MIN_PHONE_DIGITS {
                return None;
            }
            // With or without the country code of India.
            let national = digits.strip_prefix("91").unwrap_or(&digits);
            let mut phones = LAYOUTS.phones.iter();
            phones
                .find(|(number, _)| *number == digits || *number == national)
                .copied()
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_marker_belongs_to_a_built_in_bank() {
        let markers = banks::rows(MARKERS).chain(banks::rows(PHONES));
        for row in markers {
            assert!(banks::is_built_in(row[0]), "{row:?}");
        }
    }
}
