//! HTML escaping and the page map as SVG.

use crate::pdf::PageClass;
use crate::text::sanitize;
use std::fmt::Write as _;

/// Maximum number of pages drawn as separate cells; longer documents are drawn as runs of one
/// class.
const MAX_CELLS: usize = 40;
/// Maximum width of a page map in pixels.
const MAX_WIDTH: usize = 170;
/// Width of one page in pixels, in documents below the maximum width.
const CELL_WIDTH: usize = 12;
/// Width of one page in the units of the SVG view box.
const UNIT: usize = 10;

/// Sanitizes untrusted text and escapes it for HTML content and quoted attributes.
pub(super) fn escape(text: &str) -> String {
    let text = sanitize(text);
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

/// Converts text of this program, which marks code by backticks, to HTML.
pub(super) fn code_spans(text: &str) -> String {
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

/// Draws the page map as coloured cells; `title` describes it for screen readers. A document
/// without pages has no map.
pub(super) fn page_map(pages: &[PageClass], title: &str) -> String {
    if pages.is_empty() {
        return String::new();
    }
    let count = pages.len();
    let gap = if count <= MAX_CELLS { 2 } else { 0 };
    let width = (count * CELL_WIDTH).min(MAX_WIDTH);
    let title = escape(title);
    let mut out = format!(
        "<svg class=\"page-map\" width=\"{width}\" height=\"14\" viewBox=\"0 0 {} 10\" \
         preserveAspectRatio=\"none\" role=\"img\"><title>{title}</title>",
        count * UNIT
    );
    let mut cells = pages.iter().enumerate().peekable();
    while let Some((index, class)) = cells.next() {
        // Gaps would hide the cells of long documents, so equal neighbours are drawn as one.
        let mut run = 1;
        while gap == 0 && cells.next_if(|(_, next)| *next == class).is_some() {
            run += 1;
        }
        let _infallible = write!(
            out,
            "<rect class=\"{}\" x=\"{}\" width=\"{}\" height=\"10\"/>",
            class.letter(),
            index * UNIT,
            run * UNIT - gap
        );
    }
    out.push_str("</svg>");
    out
}

/// Returns the display name of a page class.
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
    fn untrusted_text_cannot_become_markup() {
        let name = "</bdi><script>alert(1)</script>' onload=\"x`\u{202E}\0";
        assert_eq!(
            escape(name),
            "&lt;/bdi&gt;&lt;script&gt;alert(1)&lt;/script&gt;&#39; onload=&quot;x&#96;\
             &lt;U+202E&gt;^@"
        );
        assert_eq!(
            code_spans("put <x> into `--flag`"),
            "put &lt;x&gt; into <code>--flag</code>"
        );
    }

    #[test]
    fn short_page_maps_have_a_cell_per_page_and_long_ones_a_cell_per_run() {
        let pages = [PageClass::Text, PageClass::Text, PageClass::Scanned];
        assert_eq!(page_map(&pages, "").matches("<rect").count(), 3);
        let pages = [[PageClass::Text; 50], [PageClass::Scanned; 50]].concat();
        assert_eq!(page_map(&pages, "").matches("<rect").count(), 2);
        assert_eq!(page_map(&[], ""), "");
    }
}
