//! The page map: one symbol per page, by page class.

use super::symbols::Symbols;
use crate::pdf::PageClass;

/// Scales pages to at most `cells` cells; each cell has the worst class of its pages.
pub(crate) fn scale(pages: &[PageClass], cells: usize) -> Vec<PageClass> {
    if pages.len() <= cells {
        return pages.to_vec();
    }
    (0..cells)
        .filter_map(|cell| {
            let from = cell * pages.len() / cells;
            let to = (cell + 1) * pages.len() / cells;
            pages
                .get(from..to)?
                .iter()
                // A single bad page must remain visible in a long document.
                .max_by_key(|class| badness(**class))
                .copied()
        })
        .collect()
}

/// Ranks classes: a higher rank means a page that is harder to read for the service.
fn badness(class: PageClass) -> u8 {
    match class {
        PageClass::Text => 0,
        PageClass::Blank => 1,
        PageClass::Vector => 2,
        PageClass::Ocr => 3,
        PageClass::Unmapped => 4,
        PageClass::Scanned => 5,
        PageClass::Unreadable => 6,
    }
}

/// Returns the symbol of a class, one column wide.
pub(crate) fn page_symbol(class: PageClass, symbols: Symbols) -> &'static str {
    match (symbols, class) {
        (Symbols::Unicode, PageClass::Text) => "█",
        (Symbols::Unicode, PageClass::Scanned) => "▒",
        (Symbols::Unicode, PageClass::Ocr) => "░",
        (Symbols::Ascii, PageClass::Text) => "#",
        (Symbols::Ascii, PageClass::Scanned) => "s",
        (Symbols::Ascii, PageClass::Ocr) => "o",
        (_, PageClass::Unmapped) => "?",
        (_, PageClass::Vector) => "~",
        (Symbols::Unicode, PageClass::Blank) => "·",
        (Symbols::Ascii, PageClass::Blank) => ".",
        (_, PageClass::Unreadable) => "!",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scaling_keeps_a_single_scanned_page_visible() {
        let mut pages = vec![PageClass::Text; 100];
        pages[50] = PageClass::Scanned;
        let cells = scale(&pages, 20);
        assert_eq!(cells.len(), 20);
        assert_eq!(
            cells
                .iter()
                .filter(|class| **class == PageClass::Scanned)
                .count(),
            1
        );
    }
}
