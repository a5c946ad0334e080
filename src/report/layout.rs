//! Numbers and columns as people read them on a terminal.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// `1 file`, `2 files`, `2,913 pages`.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", thousands(count))
}

/// `2,913`.
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

/// Fills a text with spaces.
pub(crate) fn pad(text: &str, columns: usize) -> String {
    let gap = columns.saturating_sub(text.width());
    format!("{text}{}", " ".repeat(gap))
}

/// Cuts the front of a text that is too wide: the end of a path tells files apart.
pub(crate) fn shorten_front(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let kept: Vec<char> = fitting(text.chars().rev(), columns.saturating_sub(1)).collect();
    std::iter::once('…').chain(kept.into_iter().rev()).collect()
}

/// Cuts the end of a text that is too wide.
pub(crate) fn shorten_end(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let kept = fitting(text.chars(), columns.saturating_sub(1));
    kept.chain(std::iter::once('…')).collect()
}

/// The characters at the front that fit into columns.
fn fitting(chars: impl Iterator<Item = char>, columns: usize) -> impl Iterator<Item = char> {
    let mut width = 0;
    chars.take_while(move |c| {
        width += UnicodeWidthChar::width(*c).unwrap_or(0);
        width <= columns
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_people_write_them() {
        assert_eq!(counted(1, "file"), "1 file");
        assert_eq!(counted(2913, "page"), "2,913 pages");
    }

    #[test]
    fn the_end_of_a_long_name_is_kept() {
        assert_eq!(shorten_front("inbox/2026/april.pdf", 10), "…april.pdf");
        assert_eq!(shorten_front("april.pdf", 10), "april.pdf");
        assert_eq!(shorten_end("The Cosmos Co-Op Bank", 10), "The Cosmo…");
    }
}
