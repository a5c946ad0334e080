//! Lines of segments: when space is short, segments are shortened or dropped by priority.

use ratatui::text::{Line, Span};

/// A part of a line.
#[derive(Debug)]
pub(super) struct Segment {
    /// Variants with their priorities, the longest first.
    variants: Vec<(u8, Vec<Span<'static>>)>,
}

impl Segment {
    /// Creates a segment. Segments of low priority are shortened or dropped first.
    pub(super) fn new(priority: u8, spans: Vec<Span<'static>>) -> Self {
        Self {
            variants: vec![(priority, spans)],
        }
    }

    /// Adds a shorter variant with its own priority.
    #[must_use]
    pub(super) fn or(mut self, priority: u8, spans: Vec<Span<'static>>) -> Self {
        self.variants.push((priority, spans));
        self
    }

    /// Adds a longer variant with its own priority.
    #[must_use]
    pub(super) fn before(mut self, priority: u8, spans: Vec<Span<'static>>) -> Self {
        self.variants.insert(0, (priority, spans));
        self
    }

    fn priority(&self) -> Option<u8> {
        self.variants.first().map(|(priority, _)| *priority)
    }

    fn width(&self) -> usize {
        let variant = self.variants.first();
        variant.map_or(0, |(_, spans)| spans.iter().map(Span::width).sum())
    }

    fn into_spans(self) -> Option<Vec<Span<'static>>> {
        Some(self.variants.into_iter().next()?.1)
    }
}

/// Columns between two segments.
const GAP: usize = 2;

/// Fits segments into a line. The segments of `right` are aligned with its right edge.
pub(super) fn line(left: Vec<Segment>, right: Vec<Segment>, columns: usize) -> Line<'static> {
    let mut sides = [left, right];
    // The last variant is kept even if it is too wide: drawing truncates it.
    while width(&sides) > columns && variants(&sides) > 1 {
        let segments = sides.iter_mut().flatten();
        let segments = segments.filter_map(|segment| Some((segment.priority()?, segment)));
        // Of equal priorities, the last segment gives way first.
        let Some((_, lowest)) = segments.rev().min_by_key(|(priority, _)| *priority) else {
            break;
        };
        lowest.variants.remove(0);
    }
    let gap = columns.saturating_sub(width(&sides) - gap_between_sides(&sides));
    let [left, right] = sides.map(joined);
    let mut spans = left;
    if !right.is_empty() {
        spans.push(Span::raw(" ".repeat(gap)));
        spans.extend(right);
    }
    Line::from(spans)
}

fn variants(sides: &[Vec<Segment>; 2]) -> usize {
    let segments = sides.iter().flatten();
    segments.map(|segment| segment.variants.len()).sum()
}

fn width(sides: &[Vec<Segment>; 2]) -> usize {
    let shown = || {
        let segments = sides.iter().flatten();
        segments.filter(|segment| !segment.variants.is_empty())
    };
    let gaps = shown().count().saturating_sub(1) * GAP;
    shown().map(Segment::width).sum::<usize>() + gaps
}

/// Returns the columns of the gap between the sides, which [`width`] counts if both have segments.
fn gap_between_sides(sides: &[Vec<Segment>; 2]) -> usize {
    let is_shown = |side: &[Segment]| side.iter().any(|segment| !segment.variants.is_empty());
    let [left, right] = sides;
    if is_shown(left) && is_shown(right) {
        GAP
    } else {
        0
    }
}

fn joined(segments: Vec<Segment>) -> Vec<Span<'static>> {
    let mut spans = Vec::new();
    for segment in segments.into_iter().filter_map(Segment::into_spans) {
        if !spans.is_empty() {
            spans.push(Span::raw(" ".repeat(GAP)));
        }
        spans.extend(segment);
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(columns: usize, expected: &str) {
        let segment = |priority, text: &'static str| Segment::new(priority, vec![Span::raw(text)]);
        let left = vec![
            segment(1, "bankscreen"),
            segment(9, "SANDBOX"),
            segment(4, "session 8d5e").or(6, vec![Span::raw("8d5e")]),
        ];
        let line = line(left, vec![segment(5, "34/97")], columns);
        assert_eq!(line.to_string(), expected, "{columns}");
    }

    #[test]
    fn segments_of_low_priority_give_way_first() {
        check(42, "bankscreen  SANDBOX  session 8d5e    34/97");
        check(30, "SANDBOX  session 8d5e    34/97");
        check(24, "SANDBOX  8d5e      34/97");
        check(14, "SANDBOX  8d5e");
        check(12, "SANDBOX");
        check(3, "SANDBOX");
    }
}
