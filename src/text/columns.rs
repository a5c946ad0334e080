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

/// Shortens a text in the middle, where names differ least.
#[cfg(feature = "app")]
pub(crate) fn shorten_middle(text: &str, columns: usize, ellipsis: &str) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let room = columns.saturating_sub(ellipsis.width());
    let end: Vec<char> = fitting(text.chars().rev(), room / 2).collect();
    let start = fitting(text.chars(), room - room / 2);
    let shortened = start.chain(ellipsis.chars()).chain(end.into_iter().rev());
    shortened.collect()
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

/// Checks that a message agrees with the numbers 0, 1, 2 and 1,000 in it, and that nothing dangles
/// where a list or a part is empty.
#[cfg(test)]
pub(crate) fn assert_agrees(message: impl Fn(usize) -> String) {
    for count in [0, 1, 2, 1000] {
        assert_message_agrees(&message(count));
    }
}

/// Checks one message as [`assert_agrees`] does.
#[cfg(test)]
pub(crate) fn assert_message_agrees(text: &str) {
    assert_eq!(fault(text), None, "{text:?}");
}

/// Returns what is wrong with a message that contains counts.
#[cfg(test)]
fn fault(text: &str) -> Option<String> {
    let dangling = [
        ": .", ":.", ": ,", ":,", ": ;", ":;", ", ,", ",,", ", .", ",.", ", ;", ",;", "; .", ";.",
        "; ;", ";;", "()", "( ", " )", "  .", " ,", " ;", " .  ", "..", ": :",
    ];
    if let Some(dangling) = dangling.iter().find(|dangling| text.contains(**dangling)) {
        return Some(format!("{dangling:?} dangles"));
    }
    if text.trim_end().ends_with([':', ',', ';', '(']) || text.trim_start().starts_with([',', ';'])
    {
        return Some("the end or the start dangles".to_owned());
    }
    // An adjective may be between the number and its noun.
    let is_adjective = |word: &&str| ["candidate", "wasted"].contains(word);
    let words = text.split_whitespace().filter(|word| !is_adjective(word));
    let words: Vec<&str> = words.collect();
    words.windows(2).find_map(|pair| {
        let [number, noun] = pair else { return None };
        let digits = number.trim_matches(|c: char| !c.is_ascii_digit());
        // Of `2 of 12 pages` only the second number has a noun.
        let is_number = !digits.is_empty()
            && number.trim_matches(|c: char| "([,;:".contains(c)) == digits.trim_matches(',');
        let noun = noun.trim_matches(|c: char| !c.is_alphabetic());
        let is_plural = noun.ends_with('s') && !noun.ends_with("ss") && noun.len() > 2;
        let singular_verbs = [
            "is", "has", "was", "this", "needs", "matches", "exceeds", "shows",
        ];
        let plural_verbs = ["are", "have", "were"];
        let wrong = is_number
            && if digits == "1" {
                (is_plural && !singular_verbs.contains(&noun)) || plural_verbs.contains(&noun)
            } else {
                ["is", "has", "was"].contains(&noun) || NOUNS.contains(&noun)
            };
        wrong.then(|| format!("{number} does not agree with {noun}"))
    })
}

/// Nouns that are counted in messages, in the singular.
#[cfg(test)]
const NOUNS: [&str; 17] = [
    "file", "page", "upload", "run", "call", "bank", "password", "path", "second", "day", "line",
    "month", "field", "column", "account", "finding", "byte",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_that_does_not_agree_with_its_count_is_found() {
        for wrong in [
            "1 files",
            "2 file",
            "0 upload: .",
            "0 uploads: ",
            "2 files, , 1 page",
            "(1 pages)",
            "1 are missing",
            "2 is missing",
            "saved 2 wasted calls; .",
            "1 paths",
            "2 wasted call",
        ] {
            assert!(fault(wrong).is_some(), "{wrong}");
        }
        for fine in [
            "1 file",
            "0 files",
            "2 files, 1 page: 1 pass.",
            "1 of 2 pages is a scan",
            "2 uploads: a.pdf, b.pdf",
            "1,000 files",
            "1 is missing",
            "2 are missing",
        ] {
            assert_eq!(fault(fine), None, "{fine}");
        }
    }

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
