//! Recognises lines that are not transactions: opening and closing balances, and totals.

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

/// The words of each label. They begin the description of the line.
const LABELS: [(&[&str], Label); 25] = [
    (&["opening", "balance"], Label::Opening),
    (&["opening", "bal"], Label::Opening),
    (&["opening", "balance(inr)"], Label::Opening),
    (&["balance", "b/f"], Label::BroughtForward),
    (&["balance", "brought"], Label::BroughtForward),
    (&["balance", "forward"], Label::BroughtForward),
    (&["brought", "forward"], Label::BroughtForward),
    (&["b/f"], Label::BroughtForward),
    (&["b/f."], Label::BroughtForward),
    (&["b.f."], Label::BroughtForward),
    (&["by", "opening", "balance"], Label::Opening),
    (&["to", "opening", "balance"], Label::Opening),
    (&["closing", "balance"], Label::Closing),
    (&["closing", "bal"], Label::Closing),
    (&["carried", "forward"], Label::CarriedForward),
    (&["balance", "c/f"], Label::CarriedForward),
    (&["balance", "carried"], Label::CarriedForward),
    (&["c/f"], Label::CarriedForward),
    (&["c/d"], Label::CarriedForward),
    (&["total"], Label::Total),
    (&["totals"], Label::Total),
    (&["grand", "total"], Label::Total),
    (&["page", "total"], Label::Total),
    (&["sub", "total"], Label::Total),
    (&["transaction", "total"], Label::Total),
];

impl Label {
    /// Finds the label that begins a description. Punctuation before and behind words is ignored.
    pub(super) fn find<'w>(words: impl Iterator<Item = &'w str>) -> Option<Self> {
        let trim = |word: &'w str| word.trim_matches([':', '*', '-', ',', '(', ')', '=']);
        let mut words = words
            .take(MAX_WORDS)
            .map(trim)
            .filter(|word| !word.is_empty());
        let first = words.next()?;
        // Almost all lines end here.
        let may_begin = matches!(
            first.as_bytes().first(),
            Some(b'b' | b'c' | b'g' | b'o' | b'p' | b's' | b't')
        );
        if !may_begin
            || !LABELS
                .iter()
                .any(|(label, _)| label.first() == Some(&first))
        {
            return None;
        }
        let (second, third) = (words.next(), words.next());
        let start = [Some(first), second, third];
        let matches = |label: &&(&[&str], Self)| {
            label
                .0
                .iter()
                .zip(start)
                .all(|(word, found)| Some(*word) == found)
        };
        LABELS.iter().find(matches).map(|(_, label)| *label)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
