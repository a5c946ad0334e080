//! Recognises lines that are not transactions: opening and closing balances, and totals.

use crate::statement::phrase_matcher::PhraseMatcher;
use std::sync::LazyLock;

/// Words of a description that are compared with labels, punctuation included.
const MAX_WORDS: usize = 12;

/// What a line with amounts is, if not a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Label {
    /// The balance before the first transaction.
    Opening,
    /// The balance at the top of a page: that at the end of the page before.
    BroughtForward,
    /// The balance after the last transaction.
    Closing,
    /// The balance at the end of a page.
    CarriedForward,
    /// Sums of the amounts.
    Total,
}

/// The phrases that begin the description of a labelled line.
const LABELS: [(&str, Label); 24] = [
    ("opening balance", Label::Opening),
    ("opening bal", Label::Opening),
    ("balance b/f", Label::BroughtForward),
    ("balance brought", Label::BroughtForward),
    ("balance forward", Label::BroughtForward),
    ("brought forward", Label::BroughtForward),
    ("b/f", Label::BroughtForward),
    ("b/f.", Label::BroughtForward),
    ("b.f.", Label::BroughtForward),
    ("by opening balance", Label::Opening),
    ("to opening balance", Label::Opening),
    ("closing balance", Label::Closing),
    ("closing bal", Label::Closing),
    ("carried forward", Label::CarriedForward),
    ("balance c/f", Label::CarriedForward),
    ("balance carried", Label::CarriedForward),
    ("c/f", Label::CarriedForward),
    ("c/d", Label::CarriedForward),
    ("total", Label::Total),
    ("totals", Label::Total),
    ("grand total", Label::Total),
    ("page total", Label::Total),
    ("sub total", Label::Total),
    ("transaction total", Label::Total),
];

static PHRASES: LazyLock<PhraseMatcher<Label>> = LazyLock::new(|| PhraseMatcher::spaced(&LABELS));

impl Label {
    /// Finds the label that begins a description. Punctuation before and behind words is ignored.
    pub(super) fn find<'w>(words: impl Iterator<Item = &'w str>) -> Option<Self> {
        let trim = |word: &'w str| word.trim_matches([':', '*', '-', ',', '(', ')', '=']);
        let mut words = words
            .take(MAX_WORDS)
            .map(trim)
            .filter(|word| !word.is_empty());
        // No phrase has more words.
        let start = [(); 3].map(|()| words.next().unwrap_or_default());
        PHRASES.match_at(&start, 0).map(|found| found.value)
    }
}

#[cfg(test)]
mod tests {
    use super::super::hints::Hints;
    use super::*;

    #[test]
    fn every_label_has_its_hint() {
        for (phrase, _) in LABELS {
            assert!(Hints::of(phrase).confirm(Hints::LABELS, phrase), "{phrase}");
        }
    }

    #[test]
    fn labels_begin_the_description() {
        let check =
            |text: &str, expected| assert_eq!(Label::find(text.split(' ')), expected, "{text}");
        check("opening balance", Some(Label::Opening));
        check("*** opening balance :", Some(Label::Opening));
        check("balance b/f", Some(Label::BroughtForward));
        check("to opening balance", Some(Label::Opening));
        check("grand total", Some(Label::Total));
        check("total gas station", Some(Label::Total));
        check("opening of an account", None);
        check("upi total", None);
    }
}
