//! Many and large files for benchmarks. They are too large for the repository.

use super::banks;
use super::fonts::Typeface;
use super::images::noisy_scan;
use super::random::Random;
use super::statement::{Statement, statement};
use super::writer::FileKind;

/// Returns statements of all designs with 5 to 50 pages, in all file kinds, with built-in and
/// embedded fonts.
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
        let statement = statement(random.pick(&designs)).pages(pages).seed(number);
        let statement = statement.kind(random.pick(&kinds));
        if random.between(0, 2) == 0 {
            statement.typeface(Typeface::Embedded)
        } else {
            statement
        }
    })
}

/// Returns a scanned statement of noisy grey JPEGs with about `bytes_per_page` each.
pub fn scan(pages: usize, bytes_per_page: usize, seed: u64) -> Vec<u8> {
    let sheets = statement(banks::design("hdfc"))
        .seed(seed)
        .pages(pages)
        .sheets();
    noisy_scan(&sheets, bytes_per_page).write(FileKind::Classic)
}

/// Page count of the longest statement: the default limit of `--max-pages`.
const MAX_PAGES: usize = 2000;

/// Returns all large files by name: one of [`MAX_PAGES`] pages, 500 shorter statements and 16 scans
/// of 10 to 50 MB.
pub fn files() -> impl Iterator<Item = (String, Vec<u8>)> {
    let longest = statement(banks::design("hdfc")).pages(MAX_PAGES).bytes();
    let longest = [("longest.pdf".to_owned(), longest)];
    let statements = (0..).zip(statements(500));
    let statements = statements.map(|(number, file): (u32, Statement)| {
        (format!("statement-{number:03}.pdf"), file.bytes())
    });
    // From about 1 MB per page in the smallest file to 5 MB per page in the largest.
    let scans = (0..16_usize).map(|number| {
        let (megabytes, pages) = (10 + 40 * number / 15, 10 + number % 4 * 10);
        let bytes = scan(pages, megabytes * 1_000_000 / pages, number as u64);
        (format!("scan-{megabytes}-mb.pdf"), bytes)
    });
    longest.into_iter().chain(statements).chain(scans)
}
