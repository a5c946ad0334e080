//! Finds out in one pass which texts a line can contain, so that few lines are searched for them.
//!
//! Each search of a line for a text costs more than this pass, and there are more than a dozen.

/// A set of groups of texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Hints(u8);

impl Hints {
    /// Parts of words of which headings have at least one.
    pub(super) const HEADINGS: Self = Self(1);
    /// Words of which labels of sums and balances have at least one.
    pub(super) const SUMMARY: Self = Self(1 << 1);
    /// Words of printed page numbers.
    pub(super) const PAGE_NUMBERS: Self = Self(1 << 2);
    /// Words of which labels of rows have at least one.
    pub(super) const LABELS: Self = Self(1 << 4);
    /// Kinds of payments whose references contain a date or the sender's code.
    pub(super) const REFERENCES: Self = Self(1 << 3);

    /// Returns the groups of which a line can contain a text. The line is in lower case.
    pub(super) fn of(line: &str) -> Self {
        let pairs = line.as_bytes().windows(2);
        Self(pairs.fold(0, |found, pair| {
            let index = pair.first_chunk().copied().map_or(0, pair_index);
            found | PAIRS.get(index).unwrap_or(&0)
        }))
    }

    /// Returns whether a group is in the set.
    pub(super) fn has(self, group: Self) -> bool {
        self.0 & group.0 != 0
    }
}

/// The texts of each group, with the offset of their rarest pair of letters.
const TEXTS: [(Hints, &[(&str, usize)]); 5] = [
    (
        Hints::HEADINGS,
        &[
            ("date", 0),
            ("bal", 0),
            ("am", 0),
            ("debit", 1),
            ("credit", 2),
            ("withdr", 3),
            ("deposit", 1),
            ("particular", 5),
        ],
    ),
    (
        Hints::SUMMARY,
        &[
            ("total", 2),
            ("bal", 0),
            ("count", 2),
            ("debits", 1),
            ("withdrawals", 3),
        ],
    ),
    (Hints::PAGE_NUMBERS, &[("page", 1), (" of ", 1)]),
    (Hints::REFERENCES, &[("rtgs", 1), ("imps", 1), ("neft", 2)]),
    (
        Hints::LABELS,
        &[
            ("bal", 0),
            ("total", 2),
            ("brought", 4),
            ("carried", 2),
            ("b/f", 0),
            ("b.f", 0),
            ("c/f", 0),
            ("c/d", 0),
        ],
    ),
];

impl Hints {
    /// Returns the texts of a group.
    fn texts(self) -> impl Iterator<Item = &'static str> {
        let groups = TEXTS.iter().filter(move |(group, _)| self.has(*group));
        groups.flat_map(|(_, texts)| texts.iter().map(|(text, _)| *text))
    }

    /// Returns whether a line with these hints contains a text of a group.
    pub(super) fn confirm(self, group: Self, line: &str) -> bool {
        self.has(group) && group.texts().any(|text| line.contains(text))
    }
}

/// The index of a pair of bytes: the two as they are in memory, so that one instruction loads it.
const fn pair_index(pair: [u8; 2]) -> usize {
    u16::from_le_bytes(pair) as usize
}

/// The groups with a text whose rarest pair has this index.
#[expect(clippy::indexing_slicing, reason = "checked at compile time")]
static PAIRS: [u8; 1 << u16::BITS] = {
    let mut pairs = [0; 1 << u16::BITS];
    let mut groups = TEXTS.as_slice();
    while let [(group, texts), other_groups @ ..] = groups {
        let mut texts: &[(&str, usize)] = texts;
        while let [(text, rarest), others @ ..] = texts {
            let bytes = text.as_bytes();
            pairs[pair_index([bytes[*rarest], bytes[*rarest + 1]])] |= group.0;
            texts = others;
        }
        groups = other_groups;
    }
    pairs
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_with_a_text_has_its_hint() {
        for (group, texts) in TEXTS {
            for (text, _) in texts {
                for line in [(*text).to_owned(), format!("₹1,234.00 {text}: x")] {
                    assert!(Hints::of(&line).has(group), "{line}");
                    assert!(Hints::of(&line).confirm(group, &line), "{line}");
                }
            }
        }
    }

    #[test]
    fn other_lines_are_not_searched() {
        let other = Hints::of("01/04/2024 upi/dr/4123/grocer 1,234.00 5,678.00");
        for (group, _) in TEXTS {
            assert!(!other.has(group));
        }
        // The pair of one text without the text itself.
        let line = "pay later";
        assert!(Hints::of("company").has(Hints::REFERENCES));
        assert!(!Hints::of(line).confirm(Hints::PAGE_NUMBERS, line));
    }
}
