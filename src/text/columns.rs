//! Formats numbers and fits text into columns. Widths are terminal columns, not characters.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Formats a count with its noun: `1 file`, `2 files`, `2,913 pages`.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", thousands(count))
}

/// Formats a number with thousands separators: `2,913`.
pub(crate) fn thousands(count: usize) -> String {
    let digits = count.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Pads text with spaces on the right.
pub(crate) fn pad(text: &str, columns: usize) -> String {
    let gap = columns.saturating_sub(text.width());
    format!("{text}{}", " ".repeat(gap))
}

/// Truncates text at the front and prepends `ellipsis`.
///
/// Suits paths, because files of one folder differ at the end.
pub(crate) fn shorten_front(text: &str, columns: usize, ellipsis: &str) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let room = columns.saturating_sub(ellipsis.width());
    let kept: Vec<char> = fitting(text.chars().rev(), room).collect();
    ellipsis.chars().chain(kept.into_iter().rev()).collect()
}

/// Truncates text at the end and appends `ellipsis`.
pub(crate) fn shorten_end(text: &str, columns: usize, ellipsis: &str) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let kept = fitting(text.chars(), columns.saturating_sub(ellipsis.width()));
    kept.chain(ellipsis.chars()).collect()
}

/// Returns the leading characters that fit into `columns`.
fn fitting(chars: impl Iterator<Item = char>, columns: usize) -> impl Iterator<Item = char> {
    let mut width = 0;
    chars.take_while(move |c| {
        width += UnicodeWidthChar::width(*c).unwrap_or(0);
        width <= columns
    })
}

/// Wraps text at spaces; a word that is too wide gets a line of its own.
pub(crate) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let Some(line) = lines.last_mut() else { break };
        if !line.is_empty() && line.width() + 1 + word.width() > columns {
            lines.push(word.to_owned());
        } else {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

/// Formats ascending page numbers as ranges: `page 3`, `pages 1, 4-6`.
pub(crate) fn page_ranges(pages: &[usize]) -> String {
    let mut ranges: Vec<(usize, usize)> = Vec::new();
    for &page in pages {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == page => *last = page,
            _ => ranges.push((page, page)),
        }
    }
    let shown: Vec<_> = ranges
        .iter()
        .map(|(first, last)| {
            if first == last {
                first.to_string()
            } else {
                format!("{first}-{last}")
            }
        })
        .collect();
    let noun = if pages.len() == 1 { "page" } else { "pages" };
    format!("{noun} {}", shown.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_and_page_ranges_are_formatted_for_readers() {
        assert_eq!(counted(1, "file"), "1 file");
        assert_eq!(counted(2913, "page"), "2,913 pages");
        assert_eq!(page_ranges(&[1, 4, 5, 6]), "pages 1, 4-6");
        assert_eq!(page_ranges(&[3]), "page 3");
    }

    #[test]
    fn long_text_is_truncated_at_the_chosen_side() {
        assert_eq!(shorten_front("inbox/2026/april.pdf", 10, "…"), "…april.pdf");
        assert_eq!(shorten_front("april.pdf", 10, "…"), "april.pdf");
        assert_eq!(shorten_end("The Cosmos Co-Op Bank", 10, "…"), "The Cosmo…");
        assert_eq!(
            shorten_end("The Cosmos Co-Op Bank", 10, "..."),
            "The Cos..."
        );
    }
}
