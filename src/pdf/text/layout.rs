//! Puts runs of glyphs together into words and lines by where they stand.

use super::placing::{PlacedGlyph, PlacedGlyphs, Run};
use super::{Line, PageText};

/// A gap that parts words, in ems. Spaces of common fonts are 0.25 to 0.33 em wide, kerning stays
/// below 0.1.
const WORD_GAP: f32 = 0.17;
/// Baselines nearer than this, in ems of the smaller glyph, are one line.
const SAME_LINE: f32 = 0.35;
/// The same character within this many ems was drawn twice to look bold.
const OVERPRINT: f32 = 0.12;

/// Lays out a page: in its main direction only, as a stamp across a page would cut its lines.
pub(super) fn read(placed: &PlacedGlyphs) -> PageText {
    let (direction, mut runs) = placed.main_runs();
    let (width, height) = placed.page_turned(direction);
    // On one baseline they stay in drawing order.
    if !runs.is_sorted_by(|a, b| a.y <= b.y) {
        runs.sort_by(|a, b| a.y.total_cmp(&b.y));
    }
    let lines = runs.chunk_by(is_same_line);
    PageText {
        width,
        height,
        lines: lines.filter_map(read_line).collect(),
    }
}

/// Whether a run stands on the baseline of the one before it.
fn is_same_line(last: &Run<'_>, run: &Run<'_>) -> bool {
    (run.y - last.y).abs() <= SAME_LINE * smaller(run.size, last.size)
}

/// The smaller of two sizes, neither of which is NaN: a comparison alone.
fn smaller(a: f32, b: f32) -> f32 {
    if a < b { a } else { b }
}

/// Puts one line into order and cuts it into words.
fn read_line(runs: &[Run<'_>]) -> Option<Line> {
    // Most lines are drawn from left to right.
    if runs.is_sorted_by(|a, b| a.x_last() <= b.x_first()) {
        return cut(runs);
    }
    let mut sorted = runs.to_vec();
    sorted.sort_by(|a, b| a.x_first().total_cmp(&b.x_first()));
    if !sorted.is_sorted_by(|a, b| a.x_last() < b.x_first()) {
        // Runs lie over each other.
        sorted = runs.iter().flat_map(Run::single_glyphs).collect();
        sorted.sort_by(|a, b| a.x_first().total_cmp(&b.x_first()));
    }
    cut(&sorted)
}

/// Whether a readable character parts words: no other below the space is readable.
fn is_blank(character: char) -> bool {
    character <= ' ' || !character.is_ascii() && character.is_whitespace()
}

/// Cuts the runs of a line, from left to right, into words.
fn cut(runs: &[Run<'_>]) -> Option<Line> {
    let mut line = Line::with_capacity(runs.iter().map(|run| run.glyphs.len()).sum());
    // The last glyph of the text so far, its size and its baseline: at first one far to the left.
    let mut last = PlacedGlyph {
        character: ' ',
        x0: f32::NEG_INFINITY,
        x1: f32::NEG_INFINITY,
    };
    let mut last_size = f32::INFINITY;
    let mut y = None;
    let mut broken = true;
    // Where the word ends so far.
    let mut x1 = f32::NEG_INFINITY;
    for run in runs {
        if run.size > line.size {
            line.size = run.size;
        }
        let mut size = smaller(run.size, last_size);
        for glyph in run.glyphs {
            if is_blank(glyph.character) {
                broken = true;
                continue;
            }
            let again = (glyph.x0 - last.x0).abs() < OVERPRINT * size;
            if again && glyph.character == last.character {
                continue;
            }
            if broken || glyph.x0 - last.x1 > WORD_GAP * size {
                line.end_word(x1);
                line.begin_word(glyph.x0, glyph.x1);
                x1 = glyph.x1;
                broken = false;
            }
            line.text.push(glyph.character);
            if glyph.x1 > x1 {
                x1 = glyph.x1;
            }
            last = *glyph;
            size = run.size;
            (last_size, y) = (size, Some(run.y));
        }
    }
    line.end_word(x1);
    line.y = y?;
    Some(line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pdf::content::{Area, Matrix};

    const PAGE: Area = Area {
        x0: 0.0,
        y0: 0.0,
        x1: 600.0,
        y1: 800.0,
    };

    /// Reads texts shown with half-em advances, each from a start along a direction.
    fn lines(shown: &[(&str, [f32; 6])]) -> Vec<String> {
        let mut glyphs = PlacedGlyphs::on(PAGE);
        for (text, [a, b, c, d, e, f]) in shown {
            glyphs.set(Matrix([*a, *b, *c, *d, *e, *f]));
            for (index, character) in text.chars().enumerate() {
                let offset = index as f32 * 0.5;
                glyphs.push(character, (e + a * offset, f + b * offset), 0.5);
            }
        }
        let text = read(&glyphs);
        text.lines
            .iter()
            .map(|line| line.text().to_owned())
            .collect()
    }

    #[test]
    fn gaps_and_spaces_part_words() {
        let mut shown = vec![("Opening Balance", [10.0, 0.0, 0.0, 10.0, 50.0, 700.0])];
        shown.push(("1,000.00", [10.0, 0.0, 0.0, 10.0, 300.0, 700.5]));
        shown.push(("Period", [10.0, 0.0, 0.0, 10.0, 50.0, 720.0]));
        assert_eq!(lines(&shown), ["Period", "Opening Balance 1,000.00"]);
    }

    #[test]
    fn text_drawn_twice_to_look_bold_is_read_once() {
        let mut shown = vec![("IFSC", [10.0, 0.0, 0.0, 10.0, 50.0, 700.0])];
        shown.push(("IFSC", [10.0, 0.0, 0.0, 10.0, 50.4, 700.0]));
        assert_eq!(lines(&shown), ["IFSC"]);
    }

    #[test]
    fn runs_that_lie_over_each_other_are_read_glyph_by_glyph() {
        let mut glyphs = PlacedGlyphs::on(PAGE);
        glyphs.set(Matrix([10.0, 0.0, 0.0, 10.0, 50.0, 700.0]));
        for (character, x) in [('D', 50.0), ('t', 60.0), ('a', 55.0), ('e', 65.0)] {
            glyphs.push(character, (x, 700.0), 0.5);
        }
        assert_eq!(read(&glyphs).lines[0].text(), "Date");
    }

    #[test]
    fn the_letters_of_a_ligature_are_not_one_drawn_twice() {
        let mut glyphs = PlacedGlyphs::on(PAGE);
        glyphs.set(Matrix([10.0, 0.0, 0.0, 10.0, 50.0, 700.0]));
        glyphs.push('o', (50.0, 700.0), 0.5);
        glyphs.push_text("ff", (55.0, 700.0), 0.6);
        glyphs.push_text("er", (61.0, 700.0), 1.0);
        let text = read(&glyphs);
        assert_eq!(text.lines[0].text(), "offer");
    }

    #[test]
    fn a_page_set_sideways_is_read_along_its_text() {
        let mut shown = vec![("first line", [0.0, 10.0, -10.0, 0.0, 100.0, 50.0])];
        shown.push(("second line", [0.0, 10.0, -10.0, 0.0, 120.0, 50.0]));
        assert_eq!(lines(&shown), ["first line", "second line"]);
    }
}
