//! Detects fonts that map their glyphs to the wrong characters.
//!
//! Such a font looks right on the page, and copied text is nonsense. Each font is judged once per
//! document, by the shape of its words and dates. Scripts other than Latin are not judged.

use super::glyph_positions::{GlyphPositions, PositionMark, PositionedGlyph};
use crate::pdf::content::MapSource;
use rustc_hash::FxHashMap as HashMap;
use std::sync::LazyLock;

const LETTER_PAIRS_TSV: &str = include_str!("../../data/letter_pairs.tsv");

/// Glyphs per font from which a font that has shown nothing wrong is no longer read.
const MAX_GLYPHS: u32 = 1500;
/// Shortest word whose letters are judged. Shorter ones are often abbreviations.
const MIN_WORD: usize = 4;
/// Letter pairs below which words are not judged, and from which more of them must be common.
const MIN_PAIRS: u32 = 80;
const MANY_PAIRS: u32 = 200;
/// Different words below which words are not judged, because few can be acronyms.
const MIN_WORDS: u32 = 10;
/// Share of common letter pairs, in percent, of sensible text.
///
/// Measured: 86 to 98 in statements, 68 to 99 in thousands of other documents of many languages;
/// 59 or less in 99 % of texts with permuted letters.
const MIN_COMMON_PERCENT: u32 = 60;
const MIN_COMMON_PERCENT_OF_FEW: u32 = 50;
/// Dates below which dates are not judged, and how many of them must differ.
const MIN_DATES: u32 = 8;
const MIN_DIFFERENT_DATES: u32 = 4;
/// Share of possible dates, in percent, up to which the digits are wrong.
const MAX_VALID_PERCENT: u32 = 30;
/// Glyphs below which the share of rare signs is not judged, and how many characters and signs
/// must differ.
const MIN_SIGN_GLYPHS: u32 = 200;
const MIN_DIFFERENT_GLYPHS: u32 = 15;
const MIN_DIFFERENT_SIGNS: u32 = 4;
/// Share of rare signs, in percent, that no text has.
const MAX_SIGN_PERCENT: u32 = 25;
/// The same for text without words and amounts.
const MAX_SIGN_PERCENT_WITHOUT_WORDS: u32 = 10;
/// Glyphs from which text must have words, dates or amounts, if its characters are guesses.
const MIN_GUESSED_GLYPHS: u32 = 150;
/// Letter pairs, dates or amounts that show that text makes sense.
const MIN_SENSIBLE_PAIRS: u32 = 40;
const MIN_SENSIBLE_DATES: u32 = 2;
const MIN_SENSIBLE_AMOUNTS: u32 = 5;
/// Different characters of such text, and the shares, in percent, of common letter pairs, digits
/// and rare signs.
const MIN_GUESSED_CHARACTERS: u32 = 10;
const MIN_SENSIBLE_PERCENT: u32 = 65;
const MIN_DIGIT_PERCENT: u32 = 80;
const MAX_SENSIBLE_SIGN_PERCENT: u32 = 15;
/// Share of Latin letters and signs beyond ASCII, in percent, that no language has.
const MAX_HIGH_PERCENT: u32 = 50;
/// Minimum gap between two words, in widths of the glyph before.
const MIN_GAP: f32 = 0.4;
/// Longest token whose shape is judged.
const MAX_TOKEN: usize = 64;

/// For each letter, a bit set of the letters that often follow it.
static COMMON_PAIRS: LazyLock<[u32; 26]> = LazyLock::new(|| {
    let mut pairs = [0; 26];
    for row in LETTER_PAIRS_TSV.lines().filter(|row| !row.starts_with('#')) {
        let Some((letter, next)) = row.split_once('\t') else {
            continue;
        };
        let slot = letter.bytes().next().and_then(letter_index);
        if let Some(slot) = slot.and_then(|index| pairs.get_mut(index)) {
            *slot = next
                .bytes()
                .filter_map(letter_index)
                .fold(0, |set, next| set | 1 << next);
        }
    }
    pairs
});

fn letter_index(byte: u8) -> Option<usize> {
    let letter = byte.to_ascii_lowercase();
    letter
        .is_ascii_lowercase()
        .then(|| usize::from(letter - b'a'))
}

/// Glyphs of one font that are drawn in sequence.
#[derive(Debug, Clone, Copy)]
pub(super) struct FontSpan {
    pub(super) font: u32,
    pub(super) start: PositionMark,
    pub(super) end: PositionMark,
    /// Number of glyphs whose characters are guesses.
    pub(super) guessed: usize,
}

impl FontSpan {
    /// Whether most characters are guesses.
    pub(super) fn is_guessed(&self) -> bool {
        self.guessed * 2 > self.end.distance(self.start)
    }
}

/// Judges the fonts of one document.
#[derive(Debug, Default)]
pub(in crate::pdf) struct FontJudge {
    fonts: HashMap<u32, FontState>,
    /// The text of all fonts whose characters are guesses.
    guesses: Sample,
}

#[derive(Debug)]
enum FontState {
    Undecided(Box<Sample>),
    Decided,
}

impl FontJudge {
    /// Forgets the text of undecided fonts, before the same pages are read again.
    pub(in crate::pdf) fn restart(&mut self) {
        self.fonts
            .retain(|_, state| matches!(state, FontState::Decided));
        self.guesses = Sample::default();
    }

    /// Adds the text of a page; returns the fonts that it shows to be garbled.
    pub(super) fn judge(
        &mut self,
        spans: &[FontSpan],
        positions: &GlyphPositions,
    ) -> Vec<(u32, MapSource)> {
        let mut read = Vec::new();
        for span in spans {
            let state = self.fonts.entry(span.font);
            let state = state.or_insert_with(|| FontState::Undecided(Box::default()));
            let FontState::Undecided(sample) = state else {
                continue;
            };
            if !read.contains(&span.font) {
                read.push(span.font);
            }
            if !sample.is_complete() {
                sample.guessed += span.guessed as u32;
                sample.add_runs(positions, span.start, span.end);
            }
        }
        if spans.iter().any(|span| span.guessed > 0) {
            self.add_guesses(spans, positions);
        }
        let makes_no_sense = self.guesses.looks_wrong() || self.guesses.lacks_sense();
        let mut garbled = Vec::new();
        for font in read {
            let Some(FontState::Undecided(sample)) = self.fonts.get(&font) else {
                continue;
            };
            if sample.is_garbled(makes_no_sense) {
                garbled.push((font, sample.source()));
            } else if !sample.is_complete() {
                continue;
            }
            self.fonts.insert(font, FontState::Decided);
        }
        garbled
    }

    /// Adds the guesses of a page. Words can have glyphs of several fonts.
    fn add_guesses(&mut self, spans: &[FontSpan], positions: &GlyphPositions) {
        for part in spans.chunk_by(|a, b| a.is_guessed() && b.is_guessed() && a.end == b.start) {
            if let [first, .., last] | [first @ last] = part
                && first.is_guessed()
                && !self.guesses.is_complete()
            {
                self.guesses.add_runs(positions, first.start, last.end);
            }
        }
    }
}

/// Whether the glyphs of a page, in any fonts, are nonsense.
pub(super) fn is_nonsense(positions: &GlyphPositions) -> bool {
    let mut sample = Sample::default();
    sample.add_runs(positions, PositionMark::default(), positions.mark());
    !sample.is_foreign() && (sample.looks_wrong() || sample.lacks_sense())
}

/// What the text of one font looks like.
#[derive(Debug, Default)]
struct Sample {
    /// Glyphs except blanks.
    glyphs: u32,
    guessed: u32,
    /// Pairs of letters in words, and the common ones among them.
    pairs: u32,
    common_pairs: u32,
    /// A bit per hash of a word.
    words: u64,
    /// Tokens in the shape of dates, the possible ones among them, and a bit per hash of a token.
    dates: u32,
    valid_dates: u32,
    different_dates: u64,
    /// Signs that are rare in text.
    signs: u32,
    digits: u32,
    /// A bit per ASCII character.
    characters: u128,
    /// A bit per character, modulo 128.
    variety: u128,
    /// Letters beyond ASCII, and those of them and signs that belong to the Latin script.
    foreign: u32,
    high: u32,
    /// Tokens in the shape of amounts.
    amounts: u32,
    /// The token being read.
    token: Vec<u8>,
    /// The two tokens before, as parts of a date, and their hashes.
    previous: [(DatePart, u32); 2],
}

/// What a number or word can be in a date.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum DatePart {
    #[default]
    None,
    /// One or two digits.
    Short(u32),
    /// Four digits.
    Long(u32),
    Month,
}

impl DatePart {
    fn of(text: &[u8]) -> Self {
        const MONTHS: [&[u8; 3]; 12] = [
            b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov",
            b"dec",
        ];
        if !text.is_empty() && text.len() <= 4 && text.iter().all(u8::is_ascii_digit) {
            let number = text
                .iter()
                .fold(0, |number, digit| number * 10 + u32::from(digit - b'0'));
            return match text.len() {
                1 | 2 => Self::Short(number),
                4 => Self::Long(number),
                _ => Self::None,
            };
        }
        let start = text.get(..3).filter(|_| text.len() <= 9);
        let start = start.map(<[u8]>::to_ascii_lowercase).unwrap_or_default();
        if text.iter().all(u8::is_ascii_alphabetic)
            && MONTHS.iter().any(|month| month[..] == *start)
        {
            return Self::Month;
        }
        Self::None
    }
}

/// Returns whether three parts are a possible date; `None` if they do not have the shape of one.
fn is_possible_date(parts: [DatePart; 3], has_slashes: bool) -> Option<bool> {
    use DatePart::{Long, Month, Short};
    let is_day = |day: u32| (1..=31).contains(&day);
    let is_pair = |a: u32, b: u32| is_day(a) && is_day(b) && a.min(b) <= 12;
    let is_year = |year: u32| (1900..2100).contains(&year);
    match parts {
        [Short(a), Short(b), Long(year)] | [Long(year), Short(a), Short(b)] => {
            Some(is_pair(a, b) && is_year(year))
        }
        [Short(day), Month, Long(year)] => Some(is_day(day) && is_year(year)),
        // Sort codes have hyphens.
        [Short(a), Short(b), Short(c)] if has_slashes => Some(is_pair(a, b) || is_pair(b, c)),
        [Short(day), Month, Short(_)] => Some(is_day(day)),
        _ => None,
    }
}

impl Sample {
    fn is_complete(&self) -> bool {
        self.glyphs >= MAX_GLYPHS || self.is_sensible() && self.valid_dates >= MIN_DATES / 2
    }

    fn is_sensible(&self) -> bool {
        self.pairs >= MANY_PAIRS && self.common_pairs * 100 >= self.pairs * MIN_COMMON_PERCENT
    }

    fn source(&self) -> MapSource {
        if self.guessed * 2 > self.glyphs {
            MapSource::Guessed
        } else {
            MapSource::Stated
        }
    }

    /// Whether the characters are wrong. `guesses_make_no_sense` is whether those of all fonts with
    /// guessed characters are, taken together.
    fn is_garbled(&self, guesses_make_no_sense: bool) -> bool {
        match self.source() {
            MapSource::Stated => self.looks_wrong() && !self.is_foreign(),
            MapSource::Guessed => {
                self.looks_wrong() || self.is_high() || guesses_make_no_sense && !self.has_sense()
            }
        }
    }

    /// Whether the text is in a script that is not judged.
    fn is_foreign(&self) -> bool {
        self.foreign * 3 > self.glyphs
    }

    fn is_high(&self) -> bool {
        self.glyphs >= MIN_GUESSED_GLYPHS && self.high * 100 > self.glyphs * MAX_HIGH_PERCENT
    }

    fn looks_wrong(&self) -> bool {
        self.has_wrong_words() || self.has_wrong_dates() || self.has_wrong_signs()
    }

    fn has_words(&self) -> bool {
        self.pairs >= MIN_SENSIBLE_PAIRS
            && self.pairs * 10 >= self.glyphs
            && self.common_pairs * 100 >= self.pairs * MIN_SENSIBLE_PERCENT
    }

    fn has_sense(&self) -> bool {
        let has_dates =
            self.valid_dates >= MIN_SENSIBLE_DATES && self.valid_dates * 2 >= self.dates;
        let has_numbers =
            self.digits * 100 >= self.glyphs * MIN_DIGIT_PERCENT && self.signs * 100 <= self.glyphs;
        self.signs * 100 <= self.glyphs * MAX_SENSIBLE_SIGN_PERCENT
            && (self.has_words()
                || has_dates
                || has_numbers
                || self.amounts >= MIN_SENSIBLE_AMOUNTS)
    }

    fn lacks_sense(&self) -> bool {
        self.glyphs >= MIN_GUESSED_GLYPHS
            && self.variety.count_ones() >= MIN_GUESSED_CHARACTERS
            && !self.has_sense()
    }

    fn has_wrong_words(&self) -> bool {
        let min_percent = if self.pairs >= MANY_PAIRS {
            MIN_COMMON_PERCENT
        } else {
            MIN_COMMON_PERCENT_OF_FEW
        };
        self.pairs >= MIN_PAIRS
            && self.words.count_ones() >= MIN_WORDS
            && self.common_pairs * 100 < self.pairs * min_percent
    }

    fn has_wrong_dates(&self) -> bool {
        self.dates >= MIN_DATES
            && self.different_dates.count_ones() >= MIN_DIFFERENT_DATES
            && self.valid_dates * 100 <= self.dates * MAX_VALID_PERCENT
    }

    fn has_wrong_signs(&self) -> bool {
        let lacks_words = self.pairs * 10 < self.glyphs && self.amounts < MIN_SENSIBLE_AMOUNTS;
        let max_percent = if lacks_words {
            MAX_SIGN_PERCENT_WITHOUT_WORDS
        } else {
            MAX_SIGN_PERCENT
        };
        let characters = self.characters;
        let is_rare = |byte: &u8| characters >> byte & 1 == 1 && is_rare_sign(*byte);
        let different_signs = (0..128_u8).filter(is_rare).count() as u32;
        self.glyphs >= MIN_SIGN_GLYPHS
            && different_signs >= MIN_DIFFERENT_SIGNS
            && self.characters.count_ones() >= MIN_DIFFERENT_GLYPHS
            && self.signs * 100 >= self.glyphs * max_percent
            && self.valid_dates == 0
            && !self.has_words()
    }

    /// Adds the glyphs between two marks.
    fn add_runs(&mut self, positions: &GlyphPositions, from: PositionMark, to: PositionMark) {
        for run in positions.runs_between(from, to) {
            if self.is_complete() {
                return;
            }
            self.add_run(run.glyphs);
        }
    }

    /// Adds consecutive glyphs of one line.
    fn add_run(&mut self, run: &[PositionedGlyph]) {
        let mut end = f32::NEG_INFINITY;
        self.previous = Default::default();
        for glyph in run {
            let character = glyph.character;
            if character.is_whitespace() {
                self.end_token();
                continue;
            }
            if glyph.x0 - end > MIN_GAP * (glyph.x1 - glyph.x0) {
                self.end_token();
            }
            end = glyph.x1;
            self.glyphs += 1;
            self.digits += u32::from(character.is_ascii_digit());
            self.variety |= 1 << (u32::from(character) % 128);
            let byte = u8::try_from(character).ok().filter(u8::is_ascii);
            self.foreign += u32::from(byte.is_none() && character.is_alphabetic());
            self.high += u32::from(('\u{80}'..='\u{24F}').contains(&character));
            // A byte that is not ASCII ends a word.
            let byte = byte.unwrap_or(u8::MAX);
            if byte.is_ascii() {
                self.characters |= 1 << byte;
            }
            let is_repeated = self.token.last() == Some(&byte);
            self.signs += u32::from(is_rare_sign(byte) && !is_repeated);
            if self.token.len() < MAX_TOKEN {
                self.token.push(byte);
            }
        }
        self.end_token();
    }

    fn end_token(&mut self) {
        if self.token.is_empty() {
            return;
        }
        let token = std::mem::take(&mut self.token);
        self.add_words(&token);
        self.add_date(&token);
        self.token = token;
        self.token.clear();
    }

    /// Adds the words of a token. Codes, which contain digits, are not words.
    fn add_words(&mut self, token: &[u8]) {
        let parts = token.split(|byte| !byte.is_ascii_alphanumeric());
        for word in parts.filter(|part| part.len() >= MIN_WORD) {
            let is_repetition = word
                .windows(3)
                .any(|three| matches!(three, [a, b, c] if a == b && b == c));
            if is_repetition || !word.iter().all(u8::is_ascii_alphabetic) {
                continue;
            }
            self.words |= 1 << (hash(word) % 64);
            self.pairs += word.len() as u32 - 1;
            for pair in word.windows(2) {
                let [first, next] = pair else { continue };
                let indices = letter_index(*first).zip(letter_index(*next));
                let is_common = indices.is_some_and(|(first, next)| {
                    COMMON_PAIRS
                        .get(first)
                        .is_some_and(|set| set >> next & 1 == 1)
                });
                self.common_pairs += u32::from(is_common);
            }
        }
    }

    fn add_date(&mut self, token: &[u8]) {
        let is_edge = |byte: &u8| !byte.is_ascii_alphanumeric();
        let start = token.iter().take_while(|byte| is_edge(byte)).count();
        let end = token.iter().rev().take_while(|byte| is_edge(byte)).count();
        let token = token
            .get(start..token.len() - end.min(token.len()))
            .unwrap_or_default();
        let mut parts = token.split(|byte| b"-/.".contains(byte));
        let three = [parts.next(), parts.next(), parts.next()].map(Option::unwrap_or_default);
        self.amounts += u32::from(is_amount(token));
        let mut token_hash = hash(token);
        let parts = match three {
            [only, [], []] => {
                let part = DatePart::of(only);
                let [first, second] = self.previous;
                self.previous = [second, (part, token_hash)];
                token_hash ^= first.1.rotate_left(1) ^ second.1.rotate_left(2);
                [first.0, second.0, part]
            }
            _ if parts.next().is_none() => {
                self.previous = Default::default();
                three.map(DatePart::of)
            }
            _ => return,
        };
        let is_possible = is_possible_date(parts, token.contains(&b'/'));
        if let Some(is_possible) = is_possible {
            self.dates += 1;
            self.valid_dates += u32::from(is_possible);
            self.different_dates |= 1 << (token_hash % 64);
        }
    }
}

/// Whether a token is a number with two decimals.
fn is_amount(token: &[u8]) -> bool {
    let Some((whole, [b'.', a, b])) = token.split_last_chunk::<3>() else {
        return false;
    };
    let is_whole = |byte: &u8| byte.is_ascii_digit() || *byte == b',';
    !whole.is_empty() && whole.iter().all(is_whole) && a.is_ascii_digit() && b.is_ascii_digit()
}

/// Whether a sign is rare in text. Separators and brackets of statements are not.
fn is_rare_sign(byte: u8) -> bool {
    byte.is_ascii_punctuation() && !b".,-/:()&'*".contains(&byte)
}

/// FNV-1a, to count different texts.
fn hash(text: &[u8]) -> u32 {
    text.iter().fold(0x811C_9DC5, |hash, byte| {
        (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193)
    }) >> 8
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pdf::content::{Area, Matrix};

    const LETTER: &str = "Dear customer please find attached the statement of your savings account \
        with the opening balance the deposits and withdrawals of every month and closing balance \
        If anything differs from your records kindly inform the branch manager within thirty days";

    /// Lays text out in one font; the lines have at most 80 characters.
    fn positions(text: &str) -> GlyphPositions {
        let mut positions = GlyphPositions::new(Area::PAGE);
        let characters: Vec<char> = text.chars().collect();
        for (line, characters) in characters.chunks(80).enumerate() {
            positions.set_matrix(Matrix([6.0, 0.0, 0.0, 6.0, 0.0, 0.0]));
            for (column, character) in characters.iter().enumerate() {
                let origin = (20.0 + column as f32 * 3.0, 780.0 - line as f32 * 8.0);
                positions.push(*character, origin, 0.5);
            }
        }
        positions
    }

    fn is_garbled(text: &str, source: MapSource) -> bool {
        let positions = positions(text);
        let guessed = match source {
            MapSource::Stated => 0,
            MapSource::Guessed => positions.len(),
        };
        let span = FontSpan {
            font: 1,
            start: PositionMark::default(),
            end: positions.mark(),
            guessed,
        };
        let garbled = FontJudge::default().judge(&[span], &positions);
        assert!(garbled.iter().all(|font| *font == (1, source)));
        !garbled.is_empty()
    }

    /// Moves all letters and digits by a distance.
    fn shifted(text: &str, distance: u8) -> String {
        let shift = |c: char| match c {
            ' ' => ' ',
            c => char::from(b'!' + (c as u8 - b'!' + distance) % 94),
        };
        text.chars().map(shift).collect()
    }

    #[test]
    fn shifted_text_is_garbled() {
        assert!(!is_garbled(LETTER, MapSource::Stated));
        for distance in [1, 3, 5, 13, 29, 47, 65, 93] {
            let text = shifted(&LETTER.repeat(2), distance);
            assert!(is_garbled(&text, MapSource::Stated), "{text}");
            assert!(is_garbled(&text, MapSource::Guessed), "{text}");
        }
    }

    #[test]
    fn impossible_dates_are_garbled() {
        let check = |dates: &[&str], expected| {
            let text = dates.join(" 1,234.00 ");
            assert_eq!(is_garbled(&text, MapSource::Stated), expected, "{text}");
        };
        let days = ["71-39-7975", "72-39-7975", "73-39-7975", "75-39-7975"];
        check(&days.repeat(3), true);
        check(&days, false);
        check(&["71-39-7975"; 20], false);
        check(
            &["71 Apr 7975", "72 Apr 7975", "73 Apr 7975", "74 Apr 7975"].repeat(3),
            true,
        );
        check(
            &["01-04-2024", "13/04/2024", "2024-04-30", "04/28/24"].repeat(3),
            false,
        );
        check(
            &["20-45-77", "30-98-12", "40-47-84", "60-83-71"].repeat(4),
            false,
        );
    }

    #[test]
    fn text_that_is_not_judged_is_not_garbled() {
        let codes: Vec<_> = (0..200)
            .map(|n| format!("SBINR52024{n:06} HDFC0{n:06}"))
            .collect();
        let codes = codes.join(" ");
        let hindi = "खाता विवरण दिनांक जमा निकासी शेष राशि बैंक शाखा ग्राहक ".repeat(20);
        let cyrillic = "выписка по счету за период остаток на начало ".repeat(20);
        for text in [
            &codes,
            &hindi,
            &cyrillic,
            "HDFCX",
            &"XXXXXXXX1234 ".repeat(50),
        ] {
            assert!(!is_garbled(text, MapSource::Stated), "{text}");
        }
        let languages = [
            "Kontoauszug Buchung Verwendungszweck Betrag Saldo Umsatz Gutschrift Lastschrift ",
            "Releve de compte bancaire operations date libelle debit credit solde precedent ",
            "Mheshimiwa mteja taarifa yako akaunti benki kiasi salio malipo mwezi uliopita ",
            "Kedves ugyfelunk szamlakivonat egyenleg terheles jovairas kozlemeny datuma ",
        ];
        for text in languages {
            assert!(!is_garbled(&text.repeat(5), MapSource::Stated), "{text}");
        }
    }

    #[test]
    fn guesses_must_make_sense() {
        assert!(!is_garbled(LETTER, MapSource::Guessed));
        assert!(!is_garbled("LOGO! #*", MapSource::Guessed));
        let table = "1,234.00 17 98.50 3,400.75 12 ".repeat(20);
        assert!(!is_garbled(&table, MapSource::Guessed));
        assert!(!is_garbled(
            &"12 5,678 900 34 1,020 ".repeat(30),
            MapSource::Guessed
        ));
        let numbered = "GCGRFGFRDGDDC S=T ;<6; BGGUGG GUGG VGGUGG 0112345 67589845 ".repeat(8);
        assert!(is_garbled(&numbered, MapSource::Guessed));
        let high: String = shifted(LETTER, 0)
            .chars()
            .map(|c| {
                if c == ' ' {
                    ' '
                } else {
                    char::from(c as u8 | 0x80)
                }
            })
            .collect();
        assert!(is_garbled(&high, MapSource::Guessed));
    }

    #[test]
    fn guessed_fonts_that_share_words_are_judged_together() {
        let positions = positions(LETTER);
        let mut spans = Vec::new();
        let mut start = PositionMark::default();
        let mut counted = GlyphPositions::new(Area::PAGE);
        counted.set_matrix(Matrix([6.0, 0.0, 0.0, 6.0, 0.0, 0.0]));
        for index in 0..positions.len() {
            counted.push('a', (0.0, 0.0), 0.5);
            let end = counted.mark();
            let font = index as u32 % 3;
            spans.push(FontSpan {
                font,
                start,
                end,
                guessed: 1,
            });
            start = end;
        }
        assert_eq!(FontJudge::default().judge(&spans, &positions), []);
    }
}
