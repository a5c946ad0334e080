//! Groups text runs into words and lines by their positions.

use super::glyph_positions::{COVERED, GlyphPositions, PositionedGlyph, TextRun};
use super::overlays;
use super::page_text::{Line, PageText};

/// Minimum gap between two words, in ems.
///
/// Spaces of common fonts are 0.25 to 0.33 em wide; kerning stays below 0.1 em.
const MIN_WORD_GAP: f32 = 0.17;
/// Maximum distance between two baselines of one line, in ems of the smaller glyph.
const MAX_BASELINE_DISTANCE: f32 = 0.35;
/// Maximum distance, in ems, at which a repeated character is overprinting that imitates bold.
const MAX_OVERPRINT_DISTANCE: f32 = 0.12;

/// Maximum distance, in ems, of a line and its shadow. Real lines are further apart.
const MAX_SHADOW_DISTANCE: f32 = 0.6;

/// Lines of a full statement page, for the initial capacity.
const TYPICAL_LINES: usize = 128;

/// Runs of mostly one glyph on one line that can be text and its shadow.
const MIN_TURNS: usize = 4;

/// Lays out the text of a page in its main direction.
///
/// Text in other directions is ignored, because a diagonal or vertical stamp would split lines.
/// `spare` are lines of other pages, whose memory is reused.
pub(super) fn layout(positions: &GlyphPositions, spare: &mut Vec<Line>) -> PageText {
    let (direction, mut runs) = positions.main_runs();
    let (width, height) = positions.rotated_page_size(direction);
    // Most pages are drawn from top to bottom and need no sort.
    // The sort is stable: runs on one baseline stay in drawing order.
    if !runs.is_sorted_by(|a, b| a.y <= b.y) {
        runs.sort_by(|a, b| a.y.total_cmp(&b.y));
    }
    let mut layout = LineLayout {
        lines: Vec::with_capacity(TYPICAL_LINES),
        spare,
    };
    for line in runs.chunk_by(is_same_line) {
        layout.add_line(line);
    }
    let mut lines = layout.lines;
    lines.dedup_by(|line, before| is_shadow(line, before));
    PageText {
        width,
        height,
        lines,
    }
}

/// Whether a line repeats the line before it, so close that it is its shadow.
fn is_shadow(line: &Line, before: &Line) -> bool {
    line.y - before.y < MAX_SHADOW_DISTANCE * line.size
        && line.text() == before.text()
        && line
            .words()
            .next()
            .zip(before.words().next())
            .is_some_and(|(word, other)| {
                (word.x0 - other.x0).abs() < MAX_SHADOW_DISTANCE * line.size
            })
}

/// Whether two runs are on one line.
fn is_same_line(last: &TextRun<'_>, run: &TextRun<'_>) -> bool {
    (run.y - last.y).abs() <= MAX_BASELINE_DISTANCE * smaller(run.size, last.size)
}

/// Returns the smaller of two sizes. Neither is NaN, so that one comparison suffices.
fn smaller(a: f32, b: f32) -> f32 {
    if a < b { a } else { b }
}

/// Returns the greater of two ends. Neither is NaN, so that one comparison suffices.
fn greater(a: f32, b: f32) -> f32 {
    if b > a { b } else { a }
}

/// Lays out lines one after another.
struct LineLayout<'s> {
    lines: Vec<Line>,
    spare: &'s mut Vec<Line>,
}

impl LineLayout<'_> {
    /// Sorts the runs of one line, splits them into words and adds the line.
    fn add_line(&mut self, runs: &[TextRun<'_>]) {
        // Most lines are drawn from left to right.
        let is_sorted = runs.is_sorted_by(|a, b| a.last_x() <= b.first_x());
        let mut sorted = Vec::new();
        if !is_sorted {
            sorted = runs.to_vec();
            sorted.sort_by(|a, b| a.first_x().total_cmp(&b.first_x()));
            // Glyphs that are drawn in turns on two baselines are text and its shadow.
            let glyphs: usize = runs.iter().map(|run| run.glyphs.len()).sum();
            let takes_turns = runs.len() >= MIN_TURNS && runs.len() * 2 > glyphs;
            if takes_turns || !sorted.is_sorted_by(|a, b| a.last_x() < b.first_x()) {
                return self.add_overlapping_line(runs);
            }
        }
        let (line, doubled) = self.split_words(if is_sorted { runs } else { &sorted });
        let Some(line) = line else { return };
        // The glyphs of a shadow can be drawn in turns with those of the text.
        if doubled * 10 >= line.text.len() * 3 {
            return self.add_overlapping_line(runs);
        }
        self.lines.push(line);
    }

    /// Removes lines and shadows that are drawn over the text of a line, sorts its glyphs one by
    /// one and adds the text.
    #[cold]
    fn add_overlapping_line(&mut self, runs: &[TextRun<'_>]) {
        let (mut glyphs, has_overlays) = overlays::without_overlays(runs);
        // What was removed can have connected two lines.
        if has_overlays {
            glyphs.sort_by(|a, b| a.y.total_cmp(&b.y));
            for line in glyphs.chunk_by(is_same_line) {
                let mut line = line.to_vec();
                line.sort_by(|a, b| a.first_x().total_cmp(&b.first_x()));
                let (line, _) = self.split_words(&line);
                self.lines.extend(line);
            }
            return;
        }
        let (line, _) = self.split_words(&glyphs);
        self.lines.extend(line);
    }

    /// Splits runs into words: see [`split_words`].
    fn split_words(&mut self, runs: &[TextRun<'_>]) -> (Option<Line>, usize) {
        let mut line = self.spare.pop().unwrap_or_default();
        line.clear(runs.iter().map(|run| run.glyphs.len()).sum());
        split_words(runs, line)
    }
}

/// Whether a readable character separates words. Below the space, only white space is readable.
fn is_blank(character: char) -> bool {
    character <= ' ' || !character.is_ascii() && character.is_whitespace()
}

/// The glyphs that continue a word.
#[derive(Debug, Clone, Copy)]
struct Continuation {
    glyphs: usize,
    /// How many of them repeat the character before.
    doubled: usize,
    /// The right end of the word.
    x1: f32,
}

/// Finds the glyphs that continue the word of the glyph before, of the same run of a size.
///
/// They are readable ASCII characters and close to one another, and no overprinting.
fn continue_word(first: &PositionedGlyph, glyphs: &[PositionedGlyph], size: f32) -> Continuation {
    let (max_gap, overprint) = (MIN_WORD_GAP * size, MAX_OVERPRINT_DISTANCE * size);
    let mut found = Continuation {
        glyphs: 0,
        doubled: 0,
        x1: first.x1,
    };
    let mut before = first;
    for glyph in glyphs {
        // One comparison: smaller characters wrap around.
        let is_readable = u32::from(glyph.character).wrapping_sub(0x21) < 0x5F;
        if !is_readable || glyph.x0 - before.x1 > max_gap {
            break;
        }
        if glyph.character == before.character {
            if (glyph.x0 - before.x0).abs() < overprint {
                break;
            }
            found.doubled += 1;
        }
        found.x1 = greater(found.x1, glyph.x1);
        found.glyphs += 1;
        before = glyph;
    }
    found
}

/// The word that is being read.
struct OpenWord {
    /// The offset of its text in the line.
    start: usize,
    x0: f32,
    x1: f32,
}

/// Splits the runs of a line, sorted from left to right, into words.
///
/// `line` is empty. Also returns the number of characters that repeat the one before.
fn split_words(runs: &[TextRun<'_>], mut line: Line) -> (Option<Line>, usize) {
    // The last glyph of the text so far. The initial one is infinitely far to the left.
    let mut last = PositionedGlyph {
        character: ' ',
        x0: f32::NEG_INFINITY,
        x1: f32::NEG_INFINITY,
    };
    let mut last_size = f32::INFINITY;
    let mut y = None;
    let mut starts_word = true;
    let mut doubled = 0;
    let mut open: Option<OpenWord> = None;
    // Bytes, because almost all characters are added as one byte each.
    let mut text = std::mem::take(&mut line.text).into_bytes();
    for run in runs {
        if run.size > line.size {
            line.size = run.size;
        }
        let mut size = smaller(run.size, last_size);
        let mut glyphs = run.glyphs;
        while let [glyph, behind @ ..] = glyphs {
            glyphs = behind;
            // Blanks end a word but are not stored: `Line` has single spaces.
            if is_blank(glyph.character) {
                starts_word |= glyph.character != COVERED;
                continue;
            }
            if glyph.character == last.character {
                if (glyph.x0 - last.x0).abs() < MAX_OVERPRINT_DISTANCE * size {
                    continue;
                }
                doubled += 1;
            }
            if starts_word || glyph.x0 - last.x1 > MIN_WORD_GAP * size {
                if let Some(word) = open.take() {
                    line.add_word(word.start..text.len(), (word.x0, word.x1));
                    text.push(b' ');
                }
                starts_word = false;
            }
            let word = open.get_or_insert(OpenWord {
                start: text.len(),
                x0: glyph.x0,
                x1: glyph.x1,
            });
            push_character(&mut text, glyph.character);
            size = run.size;
            (last_size, y) = (size, Some(run.y));
            // Most glyphs need no more than this.
            let found = continue_word(glyph, behind, size);
            let (more, others) = behind.split_at(found.glyphs);
            text.extend(more.iter().map(|glyph| glyph.character as u8));
            doubled += found.doubled;
            word.x1 = greater(word.x1, found.x1);
            last = *more.last().unwrap_or(glyph);
            glyphs = others;
        }
    }
    if let Some(word) = open {
        line.add_word(word.start..text.len(), (word.x0, word.x1));
    }
    // It consists of whole characters.
    line.text = String::from_utf8(text).unwrap_or_default();
    let line = y.map(|y| {
        line.y = y;
        line
    });
    (line, doubled)
}

/// Adds a character to a text.
fn push_character(text: &mut Vec<u8>, character: char) {
    match u8::try_from(character).ok().filter(u8::is_ascii) {
        Some(byte) => text.push(byte),
        None => text.extend(character.encode_utf8(&mut [0; 4]).bytes()),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::pdf::content::{Area, Matrix};

    /// Lays out texts with half-em advances; each matrix sets the direction and the start.
    pub(in super::super) fn lines(shown: &[(&str, [f32; 6])]) -> Vec<String> {
        let mut glyphs = GlyphPositions::new(Area::PAGE);
        for (text, [a, b, c, d, e, f]) in shown {
            glyphs.set_matrix(Matrix([*a, *b, *c, *d, *e, *f]));
            for (index, character) in text.chars().enumerate() {
                let offset = index as f32 * 0.5;
                glyphs.push(character, (e + a * offset, f + b * offset), 0.5);
            }
        }
        let text = layout(&glyphs, &mut Vec::new());
        text.lines
            .iter()
            .map(|line| line.text().to_owned())
            .collect()
    }

    #[test]
    fn gaps_and_spaces_separate_words() {
        let mut shown = vec![("Opening Balance", [10.0, 0.0, 0.0, 10.0, 50.0, 700.0])];
        shown.push(("1,000.00", [10.0, 0.0, 0.0, 10.0, 300.0, 700.5]));
        shown.push(("Period", [10.0, 0.0, 0.0, 10.0, 50.0, 720.0]));
        assert_eq!(lines(&shown), ["Period", "Opening Balance 1,000.00"]);
    }

    #[test]
    fn overprinted_text_is_read_once() {
        let mut shown = vec![("IFSC", [10.0, 0.0, 0.0, 10.0, 50.0, 700.0])];
        shown.push(("IFSC", [10.0, 0.0, 0.0, 10.0, 50.4, 700.0]));
        assert_eq!(lines(&shown), ["IFSC"]);
    }

    #[test]
    fn overlapping_runs_are_sorted_glyph_by_glyph() {
        let mut glyphs = GlyphPositions::new(Area::PAGE);
        glyphs.set_matrix(Matrix([10.0, 0.0, 0.0, 10.0, 50.0, 700.0]));
        for (character, x) in [('D', 50.0), ('t', 60.0), ('a', 55.0), ('e', 65.0)] {
            glyphs.push(character, (x, 700.0), 0.5);
        }
        assert_eq!(layout(&glyphs, &mut Vec::new()).lines[0].text(), "Date");
    }

    #[test]
    fn letters_of_a_ligature_are_not_overprinting() {
        let mut glyphs = GlyphPositions::new(Area::PAGE);
        glyphs.set_matrix(Matrix([10.0, 0.0, 0.0, 10.0, 50.0, 700.0]));
        glyphs.push('o', (50.0, 700.0), 0.5);
        glyphs.push_text("ff", (55.0, 700.0), 0.6);
        glyphs.push_text("er", (61.0, 700.0), 1.0);
        let text = layout(&glyphs, &mut Vec::new());
        assert_eq!(text.lines[0].text(), "offer");
    }

    #[test]
    fn a_rotated_page_is_read_in_its_text_direction() {
        let mut shown = vec![("first line", [0.0, 10.0, -10.0, 0.0, 100.0, 50.0])];
        shown.push(("second line", [0.0, 10.0, -10.0, 0.0, 120.0, 50.0]));
        assert_eq!(lines(&shown), ["first line", "second line"]);
    }
}
