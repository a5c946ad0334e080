//! Many and large files for measuring speed; too much to be kept beside the tests.

use super::banks;
use super::fonts::Typeface;
use super::images::noisy_scan;
use super::random::Random;
use super::statement::{Statement, statement};
use super::writer::FileKind;

/// Statements of all designs, 5 to 50 pages each, over all kinds of file and both kinds of font.
pub fn statements(count: u64) -> impl Iterator<Item = Statement> {
    let designs = banks::designs();
    (0..count).map(move |number| {
        let mut random = Random::new(number);
        let pages = usize::try_from(random.between(5, 50)).expect("few pages");
        let kinds = [
            FileKind::Classic,
            FileKind::ObjectStreams,
            FileKind::Linearised,
        ];
        let made = statement(random.pick(&designs)).pages(pages).seed(number);
        let made = made.kind(random.pick(&kinds));
        if random.between(0, 2) == 0 {
            made.typeface(Typeface::Embedded)
        } else {
            made
        }
    })
}

/// A scanned statement: noisy grey JPEGs of about `bytes_per_page` each.
pub fn scan(pages: usize, bytes_per_page: usize, seed: u64) -> Vec<u8> {
    let sheets = statement(banks::design("hdfc"))
        .seed(seed)
        .pages(pages)
        .sheets();
    noisy_scan(&sheets, bytes_per_page).write(FileKind::Classic)
}

/// Pages of the longest statement: the most that are screened unless a limit is given.
const MOST_PAGES: usize = 2000;

/// All large files by name: the longest statement, 500 others, and 16 scans of 10 to 50 MB.
pub fn files() -> impl Iterator<Item = (String, Vec<u8>)> {
    let longest = statement(banks::design("hdfc")).pages(MOST_PAGES).bytes();
    let longest = [("longest.pdf".to_owned(), longest)];
    let statements = (0..).zip(statements(500));
    let statements = statements
        .map(|(number, made): (u32, _)| (format!("statement-{number:03}.pdf"), made.bytes()));
    // About a megabyte a page for the smallest, five for the largest: gentle and coarse scanning.
    let scans = (0..16_usize).map(|number| {
        let (megabytes, pages) = (10 + 40 * number / 15, 10 + number % 4 * 10);
        let bytes = scan(pages, megabytes * 1_000_000 / pages, number as u64);
        (format!("scan-{megabytes}-mb.pdf"), bytes)
    });
    longest.into_iter().chain(statements).chain(scans)
}
