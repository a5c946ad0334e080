//! A page prepared for text matching: lines in lower case, split into cells, each line in a zone.

use crate::pdf::{Line, PageText};
use std::ops::Range;

/// A wider gap between words separates two cells, in ems.
///
/// One space of a typewriter face is 0.6 em wide, two are 1.2.
const MAX_WORD_GAP: f32 = 0.9;

/// Typical number of cells in a table row, for allocation.
const TYPICAL_CELLS: usize = 8;

/// The part of a statement that a line belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Zone {
    /// Above the transactions: the issuer, the account, the period.
    Head,
    /// From the column headings to the last transaction. Contains names of counterparties.
    Table,
    /// Below the transactions.
    Foot,
}

/// One page of a document.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) lines: Vec<TextLine>,
    /// Whether these are no lines of one page, but those that most pages repeat.
    pub(super) is_running: bool,
}

/// One line of a page.
#[derive(Debug)]
pub(super) struct TextLine {
    /// Lower case, with one kind of dash. Words are separated by one space, cells by two.
    pub(super) text: String,
    /// From left to right; never empty.
    pub(super) cells: Vec<Cell>,
    /// Distance of the baseline from the top of the page, in points.
    pub(super) y: f32,
    /// The size of the largest glyph, in points.
    pub(super) size: f32,
    pub(super) zone: Zone,
}

/// Words that are printed close together.
#[derive(Debug, Clone)]
pub(super) struct Cell {
    /// Byte range in the text of the line.
    pub(super) range: Range<usize>,
    /// The left end, in points.
    pub(super) x0: f32,
    /// The right end, in points.
    pub(super) x1: f32,
}

impl Page {
    /// Prepares a page. All lines are in [`Zone::Head`] until the table is found.
    pub(super) fn new(page: &PageText) -> Self {
        Self {
            lines: page.lines.iter().map(TextLine::new).collect(),
            is_running: false,
        }
    }

    /// Returns the lines outside of the transaction table.
    pub(super) fn around_table(&self) -> impl Iterator<Item = &TextLine> {
        self.lines.iter().filter(|line| line.zone != Zone::Table)
    }
}

impl TextLine {
    pub(super) fn new(line: &Line) -> Self {
        let mut text = String::with_capacity(line.text().len() + line.words().len());
        let mut cells: Vec<Cell> = Vec::with_capacity(TYPICAL_CELLS);
        let is_plain = line.text().bytes().all(|byte| matches!(byte, b' '..=b'~'));
        for word in line.words() {
            let joins = cells
                .last()
                .is_some_and(|cell| word.x0 - cell.x1 <= MAX_WORD_GAP * line.size);
            if !text.is_empty() {
                text.push_str(if joins { " " } else { "  " });
            }
            let start = text.len();
            if is_plain {
                text.push_str(word.text);
            } else {
                push_word(&mut text, word.text);
            }
            match cells.last_mut() {
                Some(cell) if joins => {
                    cell.range.end = text.len();
                    cell.x1 = cell.x1.max(word.x1);
                }
                _ => cells.push(Cell {
                    range: start..text.len(),
                    x0: word.x0,
                    x1: word.x1,
                }),
            }
        }
        // `push_word` has converted the letters outside of ASCII.
        text.make_ascii_lowercase();
        Self {
            text,
            cells,
            y: line.y,
            size: line.size,
            zone: Zone::Head,
        }
    }

    /// Returns the text of one of its cells.
    pub(super) fn cell(&self, cell: &Cell) -> &str {
        self.text.get(cell.range.clone()).unwrap_or_default()
    }

    /// Returns the left end of its first cell.
    pub(super) fn x0(&self) -> f32 {
        self.cells.first().map_or(0.0, |cell| cell.x0)
    }

    /// Returns the right end of its last cell.
    pub(super) fn x1(&self) -> f32 {
        self.cells.last().map_or(0.0, |cell| cell.x1)
    }

    /// Returns the words of the line, without punctuation.
    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        words(&self.text)
    }
}

/// Returns the texts of the cells below a label, in the next `rows` lines.
///
/// These can be the value of the label's column. A cell counts if it overlaps the label, extended
/// by `shift` points on both sides.
pub(super) fn below<'p>(
    lines: &'p [&TextLine],
    index: usize,
    label: &Cell,
    rows: usize,
    shift: f32,
) -> impl Iterator<Item = &'p str> {
    let (from, to) = (label.x0 - shift, label.x1 + shift);
    let lines = lines.iter().skip(index + 1).take(rows);
    lines.flat_map(move |line| {
        let near = line
            .cells
            .iter()
            .filter(move |cell| cell.x0 < to && cell.x1 > from);
        near.map(|cell| line.cell(cell))
    })
}

/// Returns the words of a text: runs of letters and digits.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
}

/// The distance between full-width forms and the characters of ASCII.
const FULL_WIDTH: u32 = 0xFEE0;

/// Appends a word in lower case, with uniform dashes, slashes and digits and without invisible
/// characters.
pub(super) fn push_word(text: &mut String, word: &str) {
    for character in word.chars() {
        match character {
            // A soft hyphen that a page shows is a hyphen.
            '\u{AD}'
            | '\u{2010}'..='\u{2015}'
            | '\u{2212}'
            | '\u{FE58}'
            | '\u{FE63}'
            | '\u{FF0D}' => {
                text.push('-');
            }
            '\u{2044}' | '\u{2215}' => text.push('/'),
            '\u{FF01}'..='\u{FF5E}' => {
                let ascii = char::from_u32(u32::from(character) - FULL_WIDTH);
                text.extend(ascii.map(|c| c.to_ascii_lowercase()));
            }
            '\u{200B}'..='\u{200F}' | '\u{FEFF}' => {}
            c if c.is_whitespace() => text.push(' '),
            c if c.is_ascii() => text.push(c),
            c => text.extend(c.to_lowercase()),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::pdf::Word;

    /// Creates a page in a typewriter face: six points per character, twelve points per line.
    pub(in crate::statement) fn typed(lines: &[&str]) -> PageText {
        let line = |(row, text): (usize, &&str)| {
            let mut column = 0;
            let words = text.split(' ').filter_map(|word| {
                let x0 = column as f32 * 6.0;
                let x1 = x0 + word.chars().count() as f32 * 6.0;
                column += word.chars().count() + 1;
                (!word.is_empty()).then_some(Word { text: word, x0, x1 })
            });
            Line::new(words, row as f32 * 12.0, 10.0)
        };
        let lines = lines.iter().enumerate().map(line);
        PageText {
            width: 600.0,
            height: 800.0,
            lines: lines.filter(|line| line.words().len() > 0).collect(),
        }
    }

    #[test]
    fn wide_gaps_separate_cells() {
        let page = Page::new(&typed(&["Account No  :   1234", "Ba\u{2212}lance"]));
        assert_eq!(page.lines[0].text, "account no  :  1234");
        assert_eq!(page.lines[0].cells.len(), 3);
        assert_eq!(page.lines[1].text, "ba-lance");
    }
}
