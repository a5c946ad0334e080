//! Text and page strips as markup.

use crate::pdf::PageClass;
use crate::report::clean;
use std::fmt::Write as _;

/// Pages drawn with a gap after each; longer documents are drawn as runs.
const MOST_CELLS: usize = 40;
/// Width of a strip, in pixels, and of one page where all have room.
const STRIP: usize = 170;
const CELL: usize = 12;

/// Untrusted text, visible and harmless in content and in quoted attributes.
pub(super) fn escape(text: &str) -> String {
    let text = clean(text);
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '`' => out.push_str("&#96;"),
            c => out.push(c),
        }
    }
    out
}

/// Text of ours in which code stands between backticks.
pub(super) fn prose(text: &str) -> String {
    let mut out = String::new();
    for (index, part) in text.split('`').enumerate() {
        let part = escape(part);
        if index % 2 == 1 {
            let _infallible = write!(out, "<code>{part}</code>");
        } else {
            out.push_str(&part);
        }
    }
    out
}

/// A letter a page, as coloured cells; `title` says the same in words.
pub(super) fn strip(pages: &[PageClass], title: &str) -> String {
    let count = pages.len();
    let (unit, gap) = if count <= MOST_CELLS {
        (10, 2)
    } else {
        (10, 0)
    };
    let width = (count * CELL).min(STRIP);
    let title = escape(title);
    let mut out = format!(
        "<svg class=\"strip\" width=\"{width}\" height=\"14\" viewBox=\"0 0 {} 10\" \
         preserveAspectRatio=\"none\" role=\"img\"><title>{title}</title>",
        count * unit
    );
    let mut cells = pages.iter().enumerate().peekable();
    while let Some((at, class)) = cells.next() {
        let mut run = 1;
        while gap == 0 && cells.next_if(|(_, next)| *next == class).is_some() {
            run += 1;
        }
        let _infallible = write!(
            out,
            "<rect class=\"{}\" x=\"{}\" width=\"{}\" height=\"10\"/>",
            class.letter(),
            at * unit,
            run * unit - gap
        );
    }
    out.push_str("</svg>");
    out
}

/// What a letter of the strip stands for.
pub(super) fn class_name(class: PageClass) -> &'static str {
    match class {
        PageClass::Text => "text",
        PageClass::Scanned => "scanned",
        PageClass::Ocr => "OCR layer",
        PageClass::Blank => "blank",
        PageClass::Vector => "drawn shapes",
        PageClass::Unmapped => "unmapped text",
        PageClass::Unreadable => "unreadable",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_text() {
        let name = "</bdi><script>alert(1)</script>' onload=\"x`\u{202E}\0";
        assert_eq!(
            escape(name),
            "&lt;/bdi&gt;&lt;script&gt;alert(1)&lt;/script&gt;&#39; onload=&quot;x&#96;\
             &lt;U+202E&gt;^@"
        );
        assert_eq!(
            prose("put <x> into `--flag`"),
            "put &lt;x&gt; into <code>--flag</code>"
        );
    }

    #[test]
    fn strips_have_a_cell_a_page_or_a_run_of_many() {
        let pages = [PageClass::Text, PageClass::Text, PageClass::Scanned];
        assert_eq!(strip(&pages, "").matches("<rect").count(), 3);
        let pages = [[PageClass::Text; 50], [PageClass::Scanned; 50]].concat();
        assert_eq!(strip(&pages, "").matches("<rect").count(), 2);
    }
}
