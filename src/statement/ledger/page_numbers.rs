//! Reads printed page numbers: `Page 2 of 12`.

use super::PageNumbers;
use super::hints::Hints;
use super::words::LineWords;

/// Lines in which a page number is looked for.
const LINES_AT_TOP: usize = 24;
const LINES_AT_BOTTOM: usize = 8;
/// Pages of the longest statement.
const MAX_PAGES: u32 = 5000;

/// A printed page number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PageNumber {
    /// Index of the page in the file.
    pub(super) page: u32,
    pub(super) number: u32,
    /// The printed number of pages.
    pub(super) of: Option<u32>,
}

/// Finds the page number in the lines of a page: at the top or at the bottom.
pub(super) fn find(lines: &[LineWords], page: u32) -> Option<PageNumber> {
    let bottom = lines
        .len()
        .saturating_sub(LINES_AT_BOTTOM)
        .max(LINES_AT_TOP);
    let top = lines.iter().take(LINES_AT_TOP);
    let all = top.chain(lines.iter().skip(bottom));
    all.into_iter().find_map(|line| on_line(line, page))
}

fn on_line(line: &LineWords, page: u32) -> Option<PageNumber> {
    if !line.may_contain(Hints::PAGE_NUMBERS) {
        return None;
    }
    let text = line.text();
    if let Some(index) = text.find("page")
        && let Some(found) = numbers_behind(text.get(index + 4..)?)
    {
        return Some(PageNumber {
            page,
            number: found.0,
            of: found.1,
        });
    }
    // `2 of 12` alone.
    if text.contains(" of ") && line.len() <= 12 {
        for index in 0..line.len() {
            let word = |offset: usize| line.get(index + offset).map(|word| word.text);
            let (Some(number), Some("of"), Some(of)) = (word(0), word(1), word(2)) else {
                continue;
            };
            if let (Some(number), Some(of)) = (parse(number), parse(of))
                && number <= of
            {
                return Some(PageNumber {
                    page,
                    number,
                    of: Some(of),
                });
            }
        }
    }
    None
}

/// Parses `2 of 12`, `no. : 2`, `2/12`, `2`.
fn numbers_behind(text: &str) -> Option<(u32, Option<u32>)> {
    let rest = text.trim_start_matches([' ', ':', '.', '-', '#']);
    let rest = ["number", "no"]
        .iter()
        .find_map(|word| rest.strip_prefix(word))
        .unwrap_or(rest)
        .trim_start_matches([' ', ':', '.', '-']);
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let number = parse(rest.get(..digits)?)?;
    let behind = rest.get(digits..)?.trim_start();
    let of = ["of", "/"]
        .iter()
        .find_map(|word| behind.strip_prefix(word));
    let of = of.and_then(|of| {
        let of = of.trim_start();
        let digits = of.bytes().take_while(u8::is_ascii_digit).count();
        parse(of.get(..digits)?)
    });
    if of.is_none() && behind.starts_with(|c: char| c.is_alphanumeric() || c == '.' || c == ',') {
        return None;
    }
    Some((number, of.filter(|of| *of >= number)))
}

fn parse(digits: &str) -> Option<u32> {
    let number = digits.parse().ok()?;
    (1..=MAX_PAGES).contains(&number).then_some(number)
}

/// Judges the page numbers of a document, and returns the pages behind a hole.
pub(super) fn judge(numbers: &[PageNumber], pages: u32) -> (PageNumbers, Vec<u32>) {
    // One number on some page is anything; a statement that numbers its pages numbers them all.
    let numbered = |share: u32| numbers.len() as u32 * share >= pages;
    if numbers.len() < 2 || !numbered(2) {
        let is_part = numbers
            .first()
            .and_then(|first| first.of)
            .is_some_and(|of| of > pages);
        let is_certain = numbers.len() == 1 && pages == 1 && is_part;
        return if is_certain {
            (PageNumbers::Missing, Vec::new())
        } else {
            (PageNumbers::None, Vec::new())
        };
    }
    let mut holes = Vec::new();
    let mut is_repeated = false;
    let mut rises = 0;
    for pair in numbers.windows(2) {
        let [before, after] = pair else { continue };
        let step = after.page - before.page;
        match after.number.checked_sub(before.number) {
            Some(0) => is_repeated = true,
            Some(rise) if rise == step => rises += 1,
            Some(rise) if rise > step => holes.push(after.page),
            // The numbers of another statement, or of its parts, begin again.
            _ if after.number == 1 => {}
            _ => holes.push(after.page),
        }
    }
    if rises == 0 && pages > 2 {
        return (PageNumbers::None, Vec::new());
    }
    let begins_late = numbers
        .first()
        .is_some_and(|first| first.number > first.page + 1);
    let ends_early = numbers.last().is_some_and(|last| {
        let behind = pages.saturating_sub(last.page + 1);
        last.of.is_some_and(|of| of > last.number + behind)
    });
    let verdict = if !holes.is_empty() || begins_late || ends_early {
        PageNumbers::Missing
    } else if is_repeated {
        PageNumbers::Repeated
    } else {
        PageNumbers::Complete
    };
    (verdict, holes)
}
