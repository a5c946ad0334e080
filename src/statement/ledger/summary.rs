//! Finds the balances and sums that a statement prints beside its rows.

use super::amount::Form;
use super::hints::Hints;
use super::lines::Token;
use super::words::LineWords;
use crate::statement::phrase_matcher::PhraseMatcher;
use std::sync::LazyLock;

/// Lines below a label in which its value can be.
pub(super) const MAX_LINES_BELOW: usize = 2;
/// Points by which a value below a label may be shifted from it.
const COLUMN_SHIFT: f32 = 12.0;

/// What a printed number states about all rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fact {
    Opening,
    Closing,
    Debits,
    Credits,
    DebitCount,
    CreditCount,
}

impl Fact {
    pub(super) fn is_balance(self) -> bool {
        matches!(self, Self::Opening | Self::Closing)
    }
}

/// A printed number that the rows must confirm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PrintedFact {
    /// Index of the page in the file.
    pub(super) page: u32,
    pub(super) fact: Fact,
    /// Minor units, or hundredths of a count.
    pub(super) value: i64,
    /// Whether a different value is an error.
    ///
    /// The head of a statement can state the balance at the time of printing.
    pub(super) is_certain: bool,
    /// The rows that a row of totals follows, by index.
    pub(super) rows: Option<(usize, usize)>,
}

impl PrintedFact {
    /// A number of the table, or of a summary with several numbers.
    pub(super) fn certain(page: u32, fact: Fact, value: i64) -> Self {
        Self {
            page,
            fact,
            value,
            is_certain: true,
            rows: None,
        }
    }
}

/// The phrases of labels. The longest one that matches counts.
const LABELS: [(&str, Fact); 31] = [
    ("opening balance", Fact::Opening),
    ("opening bal", Fact::Opening),
    ("closing balance", Fact::Closing),
    ("closing bal", Fact::Closing),
    ("total withdrawal amount", Fact::Debits),
    ("total debit amount", Fact::Debits),
    ("total deposit amount", Fact::Credits),
    ("total credit amount", Fact::Credits),
    ("total withdrawal count", Fact::DebitCount),
    ("total debit count", Fact::DebitCount),
    ("total deposit count", Fact::CreditCount),
    ("total credit count", Fact::CreditCount),
    ("withdrawal count", Fact::DebitCount),
    ("deposit count", Fact::CreditCount),
    ("debit count", Fact::DebitCount),
    ("credit count", Fact::CreditCount),
    ("dr count", Fact::DebitCount),
    ("cr count", Fact::CreditCount),
    ("total withdrawals", Fact::Debits),
    ("total withdrawal", Fact::Debits),
    ("total debits", Fact::Debits),
    ("total debit", Fact::Debits),
    ("total dr", Fact::Debits),
    ("total deposits", Fact::Credits),
    ("total deposit", Fact::Credits),
    ("total credits", Fact::Credits),
    ("total credit", Fact::Credits),
    ("total cr", Fact::Credits),
    ("debits", Fact::Debits),
    ("credits", Fact::Credits),
    ("withdrawals", Fact::Debits),
];

static PHRASES: LazyLock<PhraseMatcher<Fact>> = LazyLock::new(|| PhraseMatcher::spaced(&LABELS));

/// A label on a line and its extent, in points.
#[derive(Debug, Clone, Copy)]
struct Found {
    fact: Fact,
    x0: f32,
    x1: f32,
}

/// The labels of one line, from left to right.
#[derive(Debug, Default)]
pub(super) struct SummaryLabels(Vec<Found>);

impl SummaryLabels {
    /// Finds the labels of a line.
    pub(super) fn find(line: &LineWords) -> Self {
        let mut found = Vec::new();
        if !line.contains(Hints::SUMMARY) {
            return Self(found);
        }
        let words: Vec<&str> = line.iter().map(|word| trim(word.text)).collect();
        let mut index = 0;
        while index < words.len() {
            let Some(label) = PHRASES.match_at(&words, index) else {
                index += 1;
                continue;
            };
            // Pages of the paper are not always those of the file.
            if !is_behind_page(line, index) {
                let ends = line.get(index).zip(line.get(label.end - 1));
                found.extend(ends.map(|(first, last)| Found {
                    fact: label.value,
                    x0: first.x0,
                    x1: last.x1,
                }));
            }
            index = label.end;
        }
        Self(found)
    }

    /// Whether only balances are named.
    pub(super) fn are_balances(&self) -> bool {
        self.0.iter().all(|label| label.fact.is_balance())
    }

    pub(super) fn have_counts(&self) -> bool {
        let is_count = |label: &Found| matches!(label.fact, Fact::DebitCount | Fact::CreditCount);
        self.0.iter().any(is_count)
    }

    /// Whether the line is a row of labels, whose values are below.
    pub(super) fn are_headings(&self) -> bool {
        self.0.len() >= 2
    }

    /// Returns the facts whose values are on the line itself, behind their labels.
    pub(super) fn values_behind<'l>(
        &'l self,
        tokens: &'l [Token],
    ) -> impl Iterator<Item = (Fact, i64)> + 'l {
        self.0.iter().enumerate().filter_map(move |(index, label)| {
            let end = self.0.get(index + 1).map_or(f32::INFINITY, |next| next.x0);
            let mut values = tokens
                .iter()
                .filter(move |token| token.x0 >= label.x1 && token.x1 <= end);
            let value = values.find(|token| is_value(label.fact, token))?;
            Some((label.fact, value.minor))
        })
    }

    /// Returns the facts whose values are below, in the columns of their labels.
    pub(super) fn values_below<'l>(
        &'l self,
        tokens: &'l [Token],
    ) -> impl Iterator<Item = (Fact, i64)> + 'l {
        self.0.iter().filter_map(move |label| {
            let (from, to) = (label.x0 - COLUMN_SHIFT, label.x1 + COLUMN_SHIFT);
            let mut near = tokens
                .iter()
                .filter(move |token| token.x0 < to && token.x1 > from);
            let token = near.next()?;
            is_value(label.fact, token).then_some((label.fact, token.minor))
        })
    }
}

/// Whether a number can be the value of a fact: counts have no decimals, sums have.
fn is_value(fact: Fact, token: &Token) -> bool {
    match fact {
        Fact::DebitCount | Fact::CreditCount => token.form == Form::Plain,
        _ => token.form == Form::Money,
    }
}

fn is_behind_page(line: &LineWords, index: usize) -> bool {
    let before = index.checked_sub(1).and_then(|index| line.get(index));
    before.is_some_and(|word| word.text == "page")
}

fn trim(word: &str) -> &str {
    word.trim_matches([':', '*', '-', ',', '.', '(', ')'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_label_has_its_hint() {
        // Credits alone are not a summary.
        for (phrase, _) in LABELS.iter().filter(|(phrase, _)| *phrase != "credits") {
            assert!(
                Hints::of(phrase).confirm(Hints::SUMMARY, phrase),
                "{phrase}"
            );
        }
    }
}
