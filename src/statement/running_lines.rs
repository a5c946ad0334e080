//! Collects the running headers and footers of a document, and offices that its pages name.
//!
//! A bank that page 1 does not name can be in the header or footer of the pages behind it. What
//! most of them repeat is printed by the issuer. What one page has can be an advertisement.

use super::dates;
use super::page::{Page, TextLine, Zone};
use super::table;
use crate::pdf::PageText;

/// Lines above or below the transactions of a page that can be its running header or footer.
const MAX_EDGE_LINES: usize = 8;
/// Pages whose lines are candidates. What most pages repeat is on one of the first ones.
const MAX_CANDIDATE_PAGES: usize = 6;
/// Pages that must have a line.
const MIN_PAGES: usize = 2;
/// Lines at the same place of several pages are at most this far apart, in points.
const SAME_PLACE: f32 = 2.0;

/// The running headers and footers of the pages after the first.
#[derive(Debug, Default)]
pub struct RunningLines {
    pages: usize,
    candidates: Vec<Candidate>,
    /// The pages without transactions, each with all of its lines.
    closing: Vec<Page>,
}

#[derive(Debug)]
struct Candidate {
    line: TextLine,
    /// The text without its digits, which count pages.
    text: String,
    pages: usize,
}

impl RunningLines {
    /// Adds a page with text. The first page of a document is not one of them.
    pub fn add(&mut self, text: &PageText) {
        let mut page = Page::new(text);
        let order = dates::detect_order(page.lines.iter().map(|line| line.text.as_str()));
        let table = table::find(&mut page, order);
        self.pages += 1;
        if page.lines.iter().all(|line| line.zone == Zone::Head) {
            self.closing.push(page);
            return;
        }
        // Without headings, the first lines can continue the last row of the page before.
        let has_headings = table.columns != table::Columns::default();
        let is_edge = |line: &TextLine| match line.zone {
            Zone::Head => has_headings,
            Zone::Table => false,
            Zone::Foot => true,
        };
        let mut lines: Vec<_> = page.lines.into_iter().filter(is_edge).collect();
        let head = lines.partition_point(|line| line.zone == Zone::Head);
        let foot = lines.split_off(head);
        let skipped = foot.len().saturating_sub(MAX_EDGE_LINES);
        let edges = lines.into_iter().take(MAX_EDGE_LINES);
        for line in edges.chain(foot.into_iter().skip(skipped)) {
            self.count(line);
        }
    }

    fn count(&mut self, line: TextLine) {
        let digits = |c: char| c.is_ascii_digit();
        let text = line.text.replace(digits, "");
        let mut candidates = self.candidates.iter_mut();
        let known = candidates.find(|known| {
            known.line.zone == line.zone
                && (known.line.y - line.y).abs() <= SAME_PLACE
                && known.text == text
        });
        if let Some(known) = known {
            known.pages += 1;
        } else if self.pages <= MAX_CANDIDATE_PAGES {
            self.candidates.push(Candidate {
                line,
                text,
                pages: 1,
            });
        }
    }

    /// Returns the lines that most pages repeat, and the pages without transactions.
    pub(super) fn finish(self) -> (Page, Vec<Page>) {
        let count = self.pages;
        let is_running = |line: &Candidate| line.pages >= MIN_PAGES && line.pages * 2 > count;
        let running = self.candidates.into_iter().filter(is_running);
        let mut lines: Vec<_> = running.map(|candidate| candidate.line).collect();
        lines.sort_by(|a, b| a.y.total_cmp(&b.y));
        let running = Page {
            lines,
            is_running: true,
        };
        (running, self.closing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statement::page::tests::typed;

    fn running(pages: &[&[&str]]) -> Vec<String> {
        let mut running = RunningLines::default();
        for lines in pages {
            running.add(&typed(lines));
        }
        let (page, _) = running.finish();
        page.lines.into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn lines_that_most_pages_repeat_outside_of_their_transactions_are_running() {
        let page = |number: &str, narration: &str, footer: &str| -> Vec<String> {
            [
                "www.kotak.com",
                "Date        Narration             Debit      Credit    Balance",
                "01/04/2024  CHQ PAID              100.00               900.00",
                &format!("            {narration}"),
                footer,
                &format!("Page {number} of 9"),
            ]
            .map(str::to_owned)
            .to_vec()
        };
        let pages = [
            page("2", "AXIS BANK", "See www.hdfcbank.com"),
            page("3", "AXIS BANK", ""),
            page("4", "AXIS BANK", ""),
        ];
        let pages: Vec<Vec<&str>> = pages
            .iter()
            .map(|page| page.iter().map(String::as_str).collect())
            .collect();
        let pages: Vec<&[&str]> = pages.iter().map(Vec::as_slice).collect();
        assert_eq!(running(&pages), ["www.kotak.com", "page 2 of 9"]);
        assert!(running(&pages[..1]).is_empty());
    }

    #[test]
    fn lines_that_continue_a_row_are_not_running() {
        let page = [
            "AXIS BANK",
            "01/04/2024  CHQ PAID              100.00               900.00",
            "02/04/2024  CHQ PAID              100.00               800.00",
            "            AXIS BANK",
        ];
        assert!(running(&[&page, &page, &page]).is_empty());
    }
}
