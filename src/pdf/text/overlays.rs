//! Removes what is drawn over the text of a line and looks like text: lines that consist of
//! underscores, dots or dashes, and shadows.

use super::glyph_positions::{PositionedGlyph, TextRun};
use rustc_hash::FxHashMap as HashMap;

/// Glyphs of a line that is drawn with dots or dashes. Fewer can belong to the text.
const MIN_RULE_GLYPHS: usize = 3;
/// Glyphs of a line of underscores.
const MIN_UNDERSCORES: usize = 2;
/// Share of a glyph that must be over or under another one.
const MIN_OVERLAP: f32 = 0.3;
/// Maximum distance of a glyph and its shadow along the line, in ems. Digits are wider.
const MAX_SHADOW_SHIFT: f32 = 0.42;
/// Distance from which a shadow is not on the baseline of its text, in points.
const MIN_SHADOW_DROP: f32 = 0.1;
/// Maximum difference of two distances that are equal, in points.
const TOLERANCE: f32 = 0.15;
/// Glyphs that follow a glyph in a line and can be its shadow.
const MAX_CANDIDATES: usize = 10;
/// Shadows of one text, such as the four sides of an outline.
const MAX_SHADOWS: usize = 4;
/// Different characters of a shadow on the baseline of its text.
const MIN_CHARACTERS: usize = 3;
/// Gap, in ems, that ends a part of a line.
const MIN_PART_GAP: f32 = 0.5;

/// Returns the glyphs of overlapping runs on one line, from left to right, without what is drawn
/// over them, and whether anything was.
pub(super) fn without_overlays<'g>(runs: &[TextRun<'g>]) -> (Vec<TextRun<'g>>, bool) {
    let mut glyphs: Vec<Placed<'g>> = Vec::new();
    for (index, run) in runs.iter().enumerate() {
        let is_rule = rule_glyphs(run.glyphs);
        let placed = run
            .split_glyphs()
            .zip(is_rule)
            .map(|(run, is_rule)| Placed {
                glyph: run.glyphs.first().copied(),
                run,
                index,
                is_rule,
            });
        glyphs.extend(placed);
    }
    let drawn = glyphs.len();
    glyphs.sort_by(|a, b| a.run.first_x().total_cmp(&b.run.first_x()));
    remove_rules(&mut glyphs);
    for _ in 0..MAX_SHADOWS {
        if !remove_shadow(&mut glyphs) {
            break;
        }
    }
    let is_changed = glyphs.len() < drawn;
    let runs = glyphs.into_iter().map(|placed| placed.run).collect();
    (runs, is_changed)
}

/// One glyph of a line.
#[derive(Debug, Clone, Copy)]
struct Placed<'g> {
    glyph: Option<PositionedGlyph>,
    /// The glyph as a run.
    run: TextRun<'g>,
    /// Index of the run that it is from.
    index: usize,
    /// The sequence of equal line glyphs in that run that it belongs to, by its first glyph.
    is_rule: Option<usize>,
}

impl Placed<'_> {
    fn is_blank(&self) -> bool {
        self.glyph
            .is_none_or(|glyph| glyph.character.is_whitespace())
    }
}

/// Whether a character draws a line if it is repeated.
fn draws_line(character: char) -> bool {
    matches!(
        character,
        '_' | '.' | '-' | '=' | '~' | '*' | '\u{AD}' | '\u{AF}' | '\u{B7}' | '\u{2010}'
            ..='\u{2015}' | '\u{2022}' | '\u{2024}'..='\u{2026}' | '\u{203E}' | '\u{2212}'
            | '\u{2500}' | '\u{2501}'
    )
}

/// Returns for each glyph of a run the start of the drawn line that it belongs to.
fn rule_glyphs(glyphs: &[PositionedGlyph]) -> Vec<Option<usize>> {
    let mut rules = vec![None; glyphs.len()];
    let mut start = 0;
    while let Some(first) = glyphs.get(start) {
        let rest = glyphs.get(start..).unwrap_or_default();
        let is_part = |glyph: &&PositionedGlyph| {
            glyph.character == first.character || glyph.character.is_whitespace()
        };
        let length = rest.iter().take_while(is_part).count().max(1);
        let part = rest.get(..length).unwrap_or_default();
        let count = part
            .iter()
            .filter(|glyph| glyph.character == first.character)
            .count();
        let minimum = match first.character {
            '_' => MIN_UNDERSCORES,
            _ => MIN_RULE_GLYPHS,
        };
        if draws_line(first.character) && count >= minimum {
            for slot in rules.iter_mut().skip(start).take(length) {
                *slot = Some(start);
            }
        }
        start += length;
    }
    rules
}

/// Removes drawn lines that are over or under text.
fn remove_rules(glyphs: &mut Vec<Placed<'_>>) {
    let mut overlapping = Vec::new();
    // The right end of the text so far, and the run that it is from.
    let mut text = (f32::NEG_INFINITY, usize::MAX);
    let mut check = |placed: &Placed<'_>, overlap: f32| {
        let width = placed.glyph.map_or(0.0, |glyph| glyph.x1 - glyph.x0);
        let rule = placed.is_rule.map(|start| (placed.index, start));
        if let Some(rule) = rule.filter(|_| overlap >= MIN_OVERLAP * width && overlap > 0.0)
            && overlapping.last() != Some(&rule)
        {
            overlapping.push(rule);
        }
    };
    // The last glyphs of drawn lines, which a text glyph further right can overlap.
    let mut rule: Option<Placed<'_>> = None;
    for placed in glyphs.iter() {
        let Some(glyph) = placed.glyph.filter(|_| !placed.is_blank()) else {
            continue;
        };
        if placed.is_rule.is_some() {
            if text.1 != placed.index {
                check(placed, text.0.min(glyph.x1) - glyph.x0);
            }
            rule = Some(*placed);
        } else {
            if let Some((last, below)) = rule.and_then(|rule| Some((rule, rule.glyph?)))
                && last.index != placed.index
            {
                check(&last, below.x1.min(glyph.x1) - glyph.x0);
            }
            if glyph.x1 > text.0 {
                text = (glyph.x1, placed.index);
            }
        }
    }
    if overlapping.is_empty() {
        return;
    }
    overlapping.sort_unstable();
    overlapping.dedup();
    glyphs.retain(|placed| {
        let rule = placed.is_rule.map(|start| (placed.index, start));
        rule.is_none_or(|rule| overlapping.binary_search(&rule).is_err())
    });
}

/// The distance of a shadow to its text: along the line, and down.
type Offset = (f32, f32);

/// Returns the offset of two glyphs of one character and size.
fn offset_between(a: &Placed<'_>, b: &Placed<'_>) -> Option<Offset> {
    let (first, second) = (a.glyph?, b.glyph?);
    let is_same =
        first.character == second.character && (a.run.size - b.run.size).abs() <= 0.02 * a.run.size;
    let (x, y) = (second.x0 - first.x0, b.run.y - a.run.y);
    if !is_same || x > MAX_SHADOW_SHIFT * a.run.size {
        return None;
    }
    // The order of two glyphs at one place along the line is arbitrary.
    Some(if x < TOLERANCE {
        (0.0, y.abs())
    } else {
        (x, y)
    })
}

/// Removes the most frequent shadow of a line; returns whether there is one.
fn remove_shadow(glyphs: &mut Vec<Placed<'_>>) -> bool {
    let Some(offset) = most_frequent_offset(glyphs) else {
        return false;
    };
    let is_offset =
        |(x, y): Offset| (x - offset.0).abs() <= TOLERANCE && (y - offset.1).abs() <= TOLERANCE;
    // For each glyph, whether it is a text with a shadow, or a shadow.
    let mut roles = vec![Role::Single; glyphs.len()];
    for (index, placed) in glyphs.iter().enumerate() {
        if roles.get(index) != Some(&Role::Single) {
            continue;
        }
        let next = glyphs.iter().enumerate().skip(index + 1);
        let shadow = next.take(MAX_CANDIDATES).find(|(other, candidate)| {
            roles.get(*other) == Some(&Role::Single)
                && offset_between(placed, candidate).is_some_and(is_offset)
        });
        if let Some((shadow, _)) = shadow {
            for (index, role) in [(index, Role::Text), (shadow, Role::Shadow)] {
                if let Some(slot) = roles.get_mut(index) {
                    *slot = role;
                }
            }
        }
    }
    // On one baseline, the letters of a narrow font can be as close as a shadow.
    if offset.1.abs() < MIN_SHADOW_DROP {
        keep_repeated_letters(glyphs, &mut roles);
    }
    let before = glyphs.len();
    let mut roles = roles.into_iter();
    glyphs.retain(|_| roles.next() != Some(Role::Shadow));
    glyphs.len() < before
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Single,
    Text,
    Shadow,
}

/// Returns the offset of most pairs of equal glyphs.
fn most_frequent_offset(glyphs: &[Placed<'_>]) -> Option<Offset> {
    let mut offsets: HashMap<(i32, i32), (usize, Offset)> = HashMap::default();
    for (index, placed) in glyphs.iter().enumerate() {
        if placed.is_blank() {
            continue;
        }
        let next = glyphs.get(index + 1..).unwrap_or_default();
        for candidate in next.iter().take(MAX_CANDIDATES) {
            let Some(offset) = offset_between(placed, candidate) else {
                continue;
            };
            let cell = [offset.0, offset.1].map(|points| (points * 10.0).round() as i32);
            offsets.entry((cell[0], cell[1])).or_insert((0, offset)).0 += 1;
        }
    }
    let all = glyphs.iter().filter(|placed| !placed.is_blank()).count();
    let best = offsets
        .into_iter()
        .max_by_key(|(cell, (count, _))| (*count, *cell));
    let (_, (count, offset)) = best?;
    // One pair proves nothing unless there is nothing else.
    (count >= 2 || all == 2).then_some(offset)
}

/// Gives up the pairs in the parts of a line in which not all glyphs have shadows.
fn keep_repeated_letters(glyphs: &[Placed<'_>], roles: &mut [Role]) {
    let mut parts: Vec<std::ops::Range<usize>> = Vec::new();
    let mut end = f32::NEG_INFINITY;
    for (index, placed) in glyphs.iter().enumerate() {
        let Some(glyph) = placed.glyph else { continue };
        match parts.last_mut() {
            Some(part) if glyph.x0 - end <= MIN_PART_GAP * placed.run.size => part.end = index + 1,
            _ => parts.push(index..index + 1),
        }
        end = end.max(glyph.x1);
    }
    let mut characters = Vec::new();
    let mut is_shadowed = vec![false; glyphs.len()];
    for part in parts {
        let visible = part.clone().filter_map(|index| {
            let placed = glyphs.get(index).filter(|placed| !placed.is_blank())?;
            Some((placed.glyph?.character, *roles.get(index)?))
        });
        let visible: Vec<_> = visible.collect();
        let paired = visible
            .iter()
            .filter(|(_, role)| *role != Role::Single)
            .count();
        if paired * 10 >= visible.len() * 9 {
            for (character, _) in visible {
                if !characters.contains(&character) && characters.len() < MIN_CHARACTERS {
                    characters.push(character);
                }
            }
            if let Some(slots) = is_shadowed.get_mut(part) {
                slots.fill(true);
            }
        }
    }
    let is_sure = characters.len() >= MIN_CHARACTERS;
    for (role, is_shadowed) in roles.iter_mut().zip(is_shadowed) {
        if !is_sure || !is_shadowed {
            *role = Role::Single;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::layout;

    const SIZE: f32 = 10.0;

    /// Lays out texts with half-em advances, each from a place on; `y` is up.
    fn lines(shown: &[(&str, f32, f32)]) -> Vec<String> {
        let shown = shown.iter();
        let shown: Vec<_> = shown
            .map(|(text, x, y)| (*text, [SIZE, 0.0, 0.0, SIZE, *x, *y]))
            .collect();
        layout::tests::lines(&shown)
    }

    #[test]
    fn drawn_lines_over_text_are_removed() {
        let text = ("From 01-04-2024", 50.0, 700.0);
        let below = ("Balance 1.00", 50.0, 690.0);
        for line in ["_", ".", "-", "- ", "\u{2014}", "\u{B7}"] {
            let line = line.repeat(20);
            for (x, y) in [(50.0, 700.0), (51.3, 699.5), (40.0, 702.0), (52.0, 697.0)] {
                let drawn = [text, (&line, x, y), below];
                assert_eq!(lines(&drawn), [text.0, below.0], "{line} {x} {y}");
                let drawn = [(line.as_str(), x, y), text, below];
                assert_eq!(lines(&drawn), [text.0, below.0], "{line} {x} {y}");
            }
        }
    }

    #[test]
    fn lines_beside_text_stay() {
        let drawn = [
            ("Name ______", 50.0, 700.0),
            ("Total ...... 5", 150.0, 700.0),
        ];
        assert_eq!(lines(&drawn), ["Name ______ Total ...... 5"]);
        let filled_in = [("Name: ________", 50.0, 700.0), ("ASHA", 82.0, 700.0)];
        assert_eq!(lines(&filled_in), ["Name: ASHA"]);
    }

    #[test]
    fn shadows_are_removed() {
        let text = "Account 1100 of Ellora Hill";
        for (x, y) in [
            (1.2, -1.2),
            (-1.2, -1.2),
            (1.5, 1.0),
            (0.0, -1.5),
            (2.5, -2.5),
            (2.0, 0.0),
            (-1.4, 0.0),
            (1.0, -5.0),
        ] {
            let shadow = (text, 50.0 + x, 700.0 + y);
            assert_eq!(lines(&[shadow, (text, 50.0, 700.0)]), [text], "{x} {y}");
            assert_eq!(lines(&[(text, 50.0, 700.0), shadow]), [text], "{x} {y}");
            let letters: Vec<String> = text.chars().map(String::from).collect();
            let turns = letters.iter().enumerate().flat_map(|(index, letter)| {
                let place = 50.0 + index as f32 * SIZE / 2.0;
                [
                    (letter.as_str(), place + x, 700.0 + y),
                    (letter, place, 700.0),
                ]
            });
            let turns: Vec<_> = turns.collect();
            assert_eq!(lines(&turns), [text], "{x} {y}, glyph by glyph");
        }
    }

    #[test]
    fn repeated_letters_are_not_shadows() {
        // The second text overlaps the end of the first one.
        let drawn = [("1,00,000.00", 50.0, 700.0), ("0022", 104.0, 700.0)];
        assert_eq!(lines(&drawn), ["1,00,000.000022"]);
        let narrow = [("alliiill", 50.0, 700.0), ("illl", 82.5, 700.0)];
        let read = lines(&narrow).concat();
        assert_eq!(read.len(), 12, "{read}");
    }
}
