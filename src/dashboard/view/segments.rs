//! A line of parts that give way when it is narrow: each is shortened or left out in its turn.

use ratatui::text::{Line, Span};

/// A part of a line.
#[derive(Debug)]
pub(super) struct Segment {
    /// Ways to say it, the longest first, each with its weight.
    forms: Vec<(u8, Vec<Span<'static>>)>,
}

impl Segment {
    /// A part of a weight: the lightest gives way first.
    pub(super) fn new(weight: u8, spans: Vec<Span<'static>>) -> Self {
        Self {
            forms: vec![(weight, spans)],
        }
    }

    /// A shorter way to say it, for when the longer ones have given way.
    #[must_use]
    pub(super) fn or(mut self, weight: u8, spans: Vec<Span<'static>>) -> Self {
        self.forms.push((weight, spans));
        self
    }

    fn weight(&self) -> Option<u8> {
        self.forms.first().map(|(weight, _)| *weight)
    }

    fn width(&self) -> usize {
        let form = self.forms.first();
        form.map_or(0, |(_, spans)| spans.iter().map(Span::width).sum())
    }

    fn into_spans(self) -> Option<Vec<Span<'static>>> {
        Some(self.forms.into_iter().next()?.1)
    }
}

/// Columns between two parts.
const GAP: usize = 2;

/// Makes a line of parts, some from the left edge, some up to the right one.
pub(super) fn line(left: Vec<Segment>, right: Vec<Segment>, columns: usize) -> Line<'static> {
    let mut sides = [left, right];
    // The heaviest part stays, however narrow it is: it is cut where it is drawn.
    while width(&sides) > columns
        && sides.iter().flatten().map(|s| s.forms.len()).sum::<usize>() > 1
    {
        let parts = sides.iter_mut().flatten();
        let parts = parts.filter_map(|part| Some((part.weight()?, part)));
        // Of equals, the last.
        let Some((_, lightest)) = parts.rev().min_by_key(|(weight, _)| *weight) else {
            break;
        };
        lightest.forms.remove(0);
    }
    let gap = columns.saturating_sub(width(&sides) - gaps_between_sides(&sides));
    let [left, right] = sides.map(joined);
    let mut spans = left;
    if !right.is_empty() {
        spans.push(Span::raw(" ".repeat(gap)));
        spans.extend(right);
    }
    Line::from(spans)
}

fn width(sides: &[Vec<Segment>; 2]) -> usize {
    let shown = || sides.iter().flatten().filter(|part| !part.forms.is_empty());
    let gaps = shown().count().saturating_sub(1) * GAP;
    shown().map(Segment::width).sum::<usize>() + gaps
}

/// The gap between what is left and what is right counts once, where both are there.
fn gaps_between_sides(sides: &[Vec<Segment>; 2]) -> usize {
    let has = |side: &[Segment]| side.iter().any(|part| !part.forms.is_empty());
    let [left, right] = sides;
    if has(left) && has(right) { GAP } else { 0 }
}

fn joined(parts: Vec<Segment>) -> Vec<Span<'static>> {
    let mut spans = Vec::new();
    for part in parts.into_iter().filter_map(Segment::into_spans) {
        if !spans.is_empty() {
            spans.push(Span::raw(" ".repeat(GAP)));
        }
        spans.extend(part);
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(columns: usize, expected: &str) {
        let part = |weight, text: &'static str| Segment::new(weight, vec![Span::raw(text)]);
        let left = vec![
            part(1, "bankscreen"),
            part(9, "SANDBOX"),
            part(4, "session 8d5e").or(6, vec![Span::raw("8d5e")]),
        ];
        let line = line(left, vec![part(5, "34/97")], columns);
        assert_eq!(line.to_string(), expected, "{columns}");
    }

    #[test]
    fn what_matters_least_gives_way_first() {
        check(42, "bankscreen  SANDBOX  session 8d5e    34/97");
        check(30, "SANDBOX  session 8d5e    34/97");
        check(24, "SANDBOX  8d5e      34/97");
        check(14, "SANDBOX  8d5e");
        check(12, "SANDBOX");
        check(3, "SANDBOX");
    }
}
