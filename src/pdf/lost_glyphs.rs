//! Detects that the glyphs of a page that map to no text are its digits.

use super::content::{CharMapping, Glyph, Matrix};

/// Glyphs without text, next to one another, from which they can be the digits of a page.
pub(super) const MIN_LOST_GLYPHS: u32 = 20;
/// Their smallest share of all glyphs, in percent, if separators between them show that they are
/// numbers.
const MIN_NUMBER_PERCENT: u32 = 5;
/// The same if nothing shows it. A third of the glyphs of a statement are digits.
const MIN_LOST_PERCENT: u32 = 30;
/// Separators between glyphs without text that show that these are numbers.
const MIN_SEPARATORS: u32 = 5;
/// Maximum distance of two adjacent glyphs, in ems.
const MAX_GAP: f32 = 0.25;

/// Counts of glyphs that concern digits.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct DigitCounts {
    digits: u32,
    /// Glyphs without text next to one another. Icons and blanks are usually alone.
    adjacent: u32,
    /// Glyphs without text between two digits of one number.
    within_numbers: u32,
    /// Separators between two glyphs without text, as in dates and amounts.
    separators: u32,
}

impl DigitCounts {
    pub(super) fn add(&mut self, other: Self) {
        self.digits += other.digits;
        self.adjacent += other.adjacent;
        self.within_numbers += other.within_numbers;
        self.separators += other.separators;
    }

    /// Whether so many glyphs without text are next to one another that they are text.
    pub(super) fn has_lost_text(self) -> bool {
        self.adjacent >= MIN_LOST_GLYPHS
    }

    /// Whether the digits of a page, or some of them, are probably among the glyphs without text.
    pub(super) fn lacks_digits(self, glyphs: u32) -> bool {
        let percent = self.adjacent * 100 / glyphs.max(1);
        let has_numbers = self.separators >= MIN_SEPARATORS && percent >= MIN_NUMBER_PERCENT;
        let has_other = percent >= MIN_LOST_PERCENT && self.digits * 10 <= self.adjacent;
        let lacks_all = self.has_lost_text() && self.digits * 4 <= self.adjacent;
        lacks_all && (has_numbers || has_other) || self.within_numbers >= MIN_LOST_GLYPHS
    }

    /// The same for a page of a document in which another page lacks digits.
    pub(super) fn may_lack_digits(self) -> bool {
        self.within_numbers > 0 || self.adjacent > 0 && self.digits * 4 <= self.adjacent
    }
}

/// What a glyph maps to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Kind {
    #[default]
    Other,
    Digit,
    /// A separator within numbers and dates.
    Separator,
    /// No text.
    Lost,
}

impl Kind {
    fn of(mapping: &CharMapping) -> Self {
        match mapping {
            CharMapping::Unmapped => Self::Lost,
            _ if mapping.is_empty() => Self::Lost,
            CharMapping::Char(c) | CharMapping::Guess(c) => Self::of_character(*c),
            CharMapping::Text(text) => {
                let mut characters = text.chars();
                match (characters.next(), characters.next()) {
                    (Some(only), None) => Self::of_character(only),
                    _ => Self::Other,
                }
            }
        }
    }

    fn of_character(character: char) -> Self {
        match character {
            c if c.is_numeric() => Self::Digit,
            '.' | ',' | '/' | '-' | ':' => Self::Separator,
            _ => Self::Other,
        }
    }
}

/// Follows the glyphs of a page in drawing order.
#[derive(Debug, Default)]
pub(super) struct DigitCounter {
    last: Kind,
    /// The end of the last glyph.
    end: (f32, f32),
    /// Glyphs without text at the end of the text so far.
    lost: u32,
    /// Whether a digit precedes them in the same number.
    follows_digit: bool,
    /// Whether the last glyph is a separator that follows a glyph without text.
    separates: bool,
}

impl DigitCounter {
    /// Adds a glyph; returns what it adds to the counts.
    pub(super) fn add(&mut self, glyph: &Glyph, origin: (f32, f32), matrix: Matrix) -> DigitCounts {
        let kind = Kind::of(&glyph.mapping);
        let [a, b, c, d, ..] = matrix.0;
        let distance = (origin.0 - self.end.0).hypot(origin.1 - self.end.1);
        let is_adjacent = distance <= MAX_GAP * c.hypot(d);
        self.end = (origin.0 + a * glyph.advance, origin.1 + b * glyph.advance);
        if !is_adjacent || kind == Kind::Other {
            (self.lost, self.follows_digit) = (0, false);
        }
        let mut counts = DigitCounts::default();
        let follows_lost = is_adjacent && self.last == Kind::Lost;
        let was_separated = std::mem::take(&mut self.separates) && is_adjacent;
        match kind {
            Kind::Digit => {
                counts.digits = 1;
                counts.within_numbers = if self.follows_digit { self.lost } else { 0 };
                (self.lost, self.follows_digit) = (0, true);
            }
            Kind::Lost => {
                // The first one is counted with the second.
                counts.adjacent = match self.lost {
                    0 => 0,
                    1 => 2,
                    _ => 1,
                };
                counts.separators = u32::from(was_separated);
                self.lost += 1;
            }
            Kind::Separator => self.separates = follows_lost,
            Kind::Other => {}
        }
        self.last = kind;
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts the glyphs of texts, each at a place of its own. `?` has no text, `0` an empty one.
    fn count(texts: &[&str]) -> DigitCounts {
        let mut counter = DigitCounter::default();
        let mut counts = DigitCounts::default();
        for (line, text) in texts.iter().enumerate() {
            for (column, character) in text.chars().enumerate() {
                let mapping = match character {
                    '?' => CharMapping::Unmapped,
                    '0' => CharMapping::Text("".into()),
                    character => CharMapping::Char(character),
                };
                let glyph = Glyph {
                    mapping,
                    advance: 0.5,
                };
                let origin = (column as f32 * 5.0, line as f32 * 12.0);
                let matrix = Matrix([10.0, 0.0, 0.0, 10.0, 0.0, 0.0]);
                counts.add(counter.add(&glyph, origin, matrix));
            }
        }
        counts
    }

    #[test]
    fn numbers_without_text_are_missing_digits() {
        let page = ["Opening Balance ??,???.??", "Closing 0?,00?.00"].repeat(3);
        assert!(count(&page).lacks_digits(150));
        assert!(!count(&page).lacks_digits(1500), "a few of many glyphs");
        let page = ["Balance ????? ????"; 5];
        assert!(
            count(&page).lacks_digits(150),
            "no glyph of the numbers has text"
        );
    }

    #[test]
    fn some_digits_within_numbers_are_missing_digits() {
        assert!(count(&["1?,2?3.5?4"; 10]).lacks_digits(1000));
        assert!(!count(&["1?,2?3.5?4"; 5]).lacks_digits(1000));
    }

    #[test]
    fn icons_and_currency_signs_are_not_digits() {
        let counts = count(&["?1,234.56?", "? Call us", "word?word"].repeat(30));
        assert!(!counts.lacks_digits(400), "{counts:?}");
        assert!(!count(&["two??words"; 30]).lacks_digits(700));
        assert!(!count(&["??????? of ????", "a heading"]).lacks_digits(70));
    }
}
