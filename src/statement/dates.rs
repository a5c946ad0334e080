//! Finds dates in text, in the notations that statements use.

use jiff::civil::Date;
use std::ops::Range;

/// Order of day and month in all-numeric dates such as `03/04/2024`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum DateOrder {
    /// As in India and most of the world.
    #[default]
    DayFirst,
    /// As in the United States.
    MonthFirst,
}

/// A date and its byte range in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DateMatch {
    pub(super) date: Date,
    pub(super) range: Range<usize>,
}

/// The letters of each month behind its first three.
const MONTH_ENDS: [&str; 12] = [
    "uary", "ruary", "ch", "il", "", "e", "y", "ust", "tember", "ober", "ember", "ember",
];
/// Bytes of a line in which the date of its row is. A date further to the right is another one.
const MAX_ROW_DATE_END: usize = 60;
/// Bytes before the date of a row: a serial number and its punctuation.
const MAX_SERIAL_BYTES: usize = 8;
/// Bytes before the date of a row: serial number and transaction number.
const MAX_NUMBER_BYTES: usize = 40;
/// Digits of the longest number in a date: a year.
const MAX_DIGITS: usize = 4;
/// Plausible years in a statement that is a PDF.
const YEARS: Range<i16> = 1990..2100;

/// Finds the dates of a text in lower case, from left to right.
pub(super) fn find(text: &str, order: DateOrder) -> Dates<'_> {
    Dates {
        text,
        order,
        offset: 0,
        previous_end: None,
    }
}

/// Finds the date at the start of a table row, in lower case. A serial number can precede it, and
/// with `allows_number` also a transaction number.
pub(super) fn of_row(text: &str, order: DateOrder, allows_number: bool) -> Option<DateMatch> {
    let start = text.get(..text.floor_char_boundary(MAX_ROW_DATE_END))?;
    let first = find(start, order).next()?;
    let before = text.get(..first.range.start)?;
    let is_serial =
        before.len() <= MAX_SERIAL_BYTES && !before.bytes().any(|b| b.is_ascii_alphabetic());
    let are_numbers = || {
        let mut words = before.split(' ');
        words.all(|word| word.is_empty() || word.bytes().any(|byte| byte.is_ascii_digit()))
    };
    let is_number = || allows_number && before.len() <= MAX_NUMBER_BYTES && are_numbers();
    (is_serial || is_number()).then_some(first)
}

/// Iterator over the dates of a text.
pub(super) struct Dates<'t> {
    text: &'t str,
    order: DateOrder,
    offset: usize,
    /// Offset after the previous date.
    previous_end: Option<usize>,
}

impl Iterator for Dates<'_> {
    type Item = DateMatch;

    fn next(&mut self) -> Option<DateMatch> {
        while let Some(start) = next_start(self.text.as_bytes(), self.offset) {
            self.offset = start + 1;
            // A dash separates two dates, but also the numbers of a longer number.
            let follows_date = self.previous_end.is_some_and(|end| end + 1 == start);
            if continues_number(self.text.as_bytes(), start) && !follows_date {
                continue;
            }
            if let Some((date, end)) = date_at(self.text, start, self.order) {
                self.offset = end;
                self.previous_end = Some(end);
                let range = start..end;
                return Some(DateMatch { date, range });
            }
        }
        None
    }
}

/// Parses the month at the start of a text, such as `april 2024`, and returns its first and last
/// day.
pub(super) fn leading_month(text: &str) -> Option<(Date, Date)> {
    let mut cursor = Cursor { text, offset: 0 };
    let month = cursor.month()?;
    cursor.skip(b" -,.'");
    let year = cursor.year()?;
    let first = date(year, month, 1)?;
    Some((first, first.last_of_month()))
}

/// Detects the order of all-numeric dates in a document.
///
/// The order is month first only if some date has no other reading, and no date requires day
/// first.
pub(super) fn detect_order<'t>(texts: impl Iterator<Item = &'t str>) -> DateOrder {
    let mut month_first = false;
    for text in texts {
        let mut offset = 0;
        while let Some(start) = next_start(text.as_bytes(), offset) {
            offset = start + 1;
            if !text.as_bytes().get(start).is_some_and(u8::is_ascii_digit) {
                continue;
            }
            let mut cursor = Cursor {
                text,
                offset: start,
            };
            let Some((first, second, _)) = cursor.numeric_pair() else {
                continue;
            };
            // 25/03 cannot be read month first, so one such date decides.
            if first > 12 && (1..=12).contains(&second) {
                return DateOrder::DayFirst;
            }
            month_first |= second > 12 && (1..=12).contains(&first);
            offset = cursor.offset;
        }
    }
    if month_first {
        DateOrder::MonthFirst
    } else {
        DateOrder::DayFirst
    }
}

/// Whether a text in lower case begins with the name of a month.
pub(super) fn begins_with_month(text: &str) -> bool {
    text.as_bytes()
        .first_chunk()
        .copied()
        .is_some_and(|short| month_index(short).is_some())
}

/// Returns the index of a month by its first three letters.
///
/// Called for every word of most lines, and faster than a search.
fn month_index(short: [u8; 3]) -> Option<usize> {
    Some(match &short {
        b"jan" => 0,
        b"feb" => 1,
        b"mar" => 2,
        b"apr" => 3,
        b"may" => 4,
        b"jun" => 5,
        b"jul" => 6,
        b"aug" => 7,
        b"sep" => 8,
        b"oct" => 9,
        b"nov" => 10,
        b"dec" => 11,
        _ => return None,
    })
}

/// Returns the day in a year that two words name: `1st` and `apr`, or `apr` and `01`.
pub(super) fn in_year(year: i16, first: &str, second: &str) -> Option<Date> {
    let month = |text| {
        let mut cursor = Cursor { text, offset: 0 };
        let month = cursor.month()?;
        cursor.rest().is_empty().then_some(month)
    };
    let day = |text| {
        let mut cursor = Cursor { text, offset: 0 };
        let day = cursor.number(1..=2)?;
        cursor.ordinal();
        let is_whole = cursor.rest().is_empty();
        i8::try_from(day).ok().filter(|_| is_whole)
    };
    let day_first = || Some((month(second)?, day(first)?));
    let (month, day) = day_first().or_else(|| Some((month(first)?, day(second)?)))?;
    date(year, month, day)
}

/// Returns the offset of the next number or word.
fn next_start(bytes: &[u8], from: usize) -> Option<usize> {
    let before = from.checked_sub(1).and_then(|index| bytes.get(index));
    let mut before = before.copied();
    for (index, byte) in bytes.iter().enumerate().skip(from) {
        let is_start = match byte {
            b'0'..=b'9' => !before.is_some_and(|byte| byte.is_ascii_digit()),
            b'a'..=b'z' | b'A'..=b'Z' => !before.is_some_and(|byte| byte.is_ascii_alphanumeric()),
            _ => false,
        };
        if is_start {
            return Some(index);
        }
        before = Some(*byte);
    }
    None
}

/// Returns whether the number at an offset continues another one, as in `7/12-04-2024`.
fn continues_number(bytes: &[u8], offset: usize) -> bool {
    let before = |back: usize| offset.checked_sub(back).and_then(|index| bytes.get(index));
    before(1).is_some_and(|byte| matches!(byte, b'/' | b'-' | b'.'))
        && before(2).is_some_and(u8::is_ascii_digit)
}

/// Parses the date at an offset and returns it with the offset after it.
fn date_at(text: &str, start: usize, order: DateOrder) -> Option<(Date, usize)> {
    let cursor = Cursor {
        text,
        offset: start,
    };
    let digits = cursor.rest().bytes().take(MAX_DIGITS + 1);
    match digits.take_while(u8::is_ascii_digit).count() {
        0 => cursor.name_and_day(),
        1 | 2 => cursor.numeric(order).or_else(|| cursor.day_and_name()),
        MAX_DIGITS => cursor.year_first(),
        // Most numbers of a statement have more digits.
        _ => None,
    }
}

fn date(year: i16, month: i8, day: i8) -> Option<Date> {
    let date = Date::new(year, month, day).ok()?;
    YEARS.contains(&year).then_some(date)
}

/// Parses a date from an offset on.
#[derive(Clone, Copy)]
struct Cursor<'t> {
    text: &'t str,
    offset: usize,
}

impl Cursor<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.offset..).unwrap_or_default()
    }

    /// Parses `2024-04-01`, `2024/04/01`.
    fn year_first(mut self) -> Option<(Date, usize)> {
        let year = self.number(4..=4)?;
        self.separator()?;
        let month = self.number(1..=2)?;
        let separator = self.separator()?;
        let day = self.number(1..=2)?;
        self.finish(year, month as i8, day as i8, Some(separator))
    }

    /// Parses `01/04/2024`, `1-4-24`, `01.04.2024`, `01 - 04 - 2024`.
    fn numeric(mut self, order: DateOrder) -> Option<(Date, usize)> {
        let (first, second, separator) = self.numeric_pair()?;
        let year = self.year()?;
        let (day, month) = match order {
            // A number above 12 is a day, whatever the order of the document is.
            DateOrder::MonthFirst if second <= 31 && first <= 12 => (second, first),
            _ if second <= 12 => (first, second),
            _ => (second, first),
        };
        self.finish(year, month as i8, day as i8, Some(separator))
    }

    /// Parses the first two numbers of an all-numeric date, and the separator after each of them.
    fn numeric_pair(&mut self) -> Option<(i16, i16, u8)> {
        let first = self.number(1..=2)?;
        let separator = self.separator()?;
        let second = self.number(1..=2)?;
        (self.separator()? == separator).then_some((first, second, separator))
    }

    /// Parses `1 Apr 2024`, `01-APR-24`, `1st April, 2024`.
    fn day_and_name(mut self) -> Option<(Date, usize)> {
        let day = self.number(1..=2)?;
        self.ordinal();
        self.skip(b" -/.,");
        let month = self.month()?;
        self.skip(b" -/.,'");
        let before = self.offset;
        let year = self.year()?;
        // In `1 Apr - 30 Jun 2024`, the second number is a day; in `1 Apr 93,737.37`, an amount.
        let is_short = self.offset - before == 2;
        if is_short && (self.is_before_month() || self.is_within_amount()) {
            return None;
        }
        self.finish(year, month, day as i8, None)
    }

    /// Returns whether the name of a month follows the number before.
    fn is_before_month(mut self) -> bool {
        self.ordinal();
        self.skip(b" -/.,");
        self.month().is_some()
    }

    /// Returns whether the number before is the start of an amount: `93` of `93,737.37`.
    fn is_within_amount(self) -> bool {
        let (mark, after) = match self.rest().as_bytes() {
            [mark, after @ ..] => (*mark, after),
            [] => return false,
        };
        let digits = after
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        match mark {
            b'.' => digits == 2,
            b',' => digits == 3 || digits == 2 && after.get(2) == Some(&b','),
            _ => false,
        }
    }

    /// Parses `Apr 1, 2024`, `April 01 2024`.
    fn name_and_day(mut self) -> Option<(Date, usize)> {
        let month = self.month()?;
        self.skip(b" .-");
        let day = self.number(1..=2)?;
        self.ordinal();
        self.skip(b" ,-");
        let year = self.number(4..=4)?;
        self.finish(year, month, day as i8, None)
    }

    /// Returns the date and the offset after it; `None` if more digits follow, directly or after
    /// the separator of the date.
    fn finish(
        &self,
        year: i16,
        month: i8,
        day: i8,
        separator: Option<u8>,
    ) -> Option<(Date, usize)> {
        let date = date(year, month, day)?;
        let bytes = self.rest().as_bytes();
        // `1.2.3.4` is a version number, and `01/04/20245` is not a date.
        let continues = match (bytes.first(), bytes.get(1)) {
            (Some(first), Some(next)) if Some(*first) == separator => next.is_ascii_digit(),
            (first, _) => first.is_some_and(u8::is_ascii_digit),
        };
        (!continues).then_some((date, self.offset))
    }

    /// Parses a number with this many digits (at most four) that no other digit follows.
    fn number(&mut self, digits: std::ops::RangeInclusive<usize>) -> Option<i16> {
        let rest = self.rest().as_bytes().iter();
        let (mut len, mut number) = (0, 0_i16);
        for byte in rest.take_while(|byte| byte.is_ascii_digit()) {
            len += 1;
            if len > *digits.end() {
                return None;
            }
            number = number * 10 + i16::from(byte - b'0');
        }
        if len < *digits.start() {
            return None;
        }
        self.offset += len;
        Some(number)
    }

    /// Parses a year of four digits, or of two digits in this century.
    fn year(&mut self) -> Option<i16> {
        let before = self.offset;
        let year = self.number(2..=4)?;
        match self.offset - before {
            2 => Some(2000 + year),
            4 => Some(year),
            _ => None,
        }
    }

    /// Parses a separator between numbers and the spaces around it.
    fn separator(&mut self) -> Option<u8> {
        self.skip(b" ");
        let first = *self.rest().as_bytes().first()?;
        if !matches!(first, b'/' | b'-' | b'.') {
            return None;
        }
        self.offset += 1;
        self.skip(b" ");
        Some(first)
    }

    fn ordinal(&mut self) {
        let rest = self.rest();
        if ["st", "nd", "rd", "th"]
            .iter()
            .any(|end| rest.starts_with(end))
        {
            self.offset += 2;
        }
    }

    /// Parses the name of a month: in full, its first three letters, or `sept`.
    fn month(&mut self) -> Option<i8> {
        let rest = self.rest();
        let short = *rest.as_bytes().first_chunk()?;
        let index = month_index(short)?;
        let len = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        let more = rest.get(short.len()..len)?;
        let full = *MONTH_ENDS.get(index)?;
        if !more.is_empty() && more != full && (full, more) != ("tember", "t") {
            return None;
        }
        self.offset += len;
        i8::try_from(index + 1).ok()
    }

    fn skip(&mut self, bytes: &[u8]) {
        let rest = self.rest().as_bytes().iter();
        self.offset += rest.take_while(|byte| bytes.contains(byte)).count();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let found = find(text, DateOrder::DayFirst);
        let dates: Vec<_> = found.map(|found| found.date.to_string()).collect();
        assert_eq!(dates, expected, "{text}");
    }

    #[test]
    fn all_notations_are_parsed() {
        for text in [
            "01/04/2024",
            "1-4-24",
            "01.04.2024",
            "01 - 04 - 2024",
            "2024-04-01",
            "2024/4/1",
            "1 apr 2024",
            "01-apr-24",
            "1st april, 2024",
            "apr 1, 2024",
            "april 01 2024",
            "01apr2024",
            "from:01/04/2024,",
        ] {
            check(text, &["2024-04-01"]);
        }
        for text in [
            "01/04/2024 to 30/06/2024",
            "01/04/2024-30/06/2024",
            "01.04.2024 - 30.06.2024",
            "01-04-2024 - 30-06-2024",
            "1 apr 2024-30 jun 2024",
        ] {
            check(text, &["2024-04-01", "2024-06-30"]);
        }
        check("12th sept 2023", &["2023-09-12"]);
    }

    #[test]
    fn numbers_that_are_not_dates_are_skipped() {
        for text in [
            "31/02/2024",
            "1234/04/2024",
            "01/04/20245",
            "version 1.2.3.4",
            "may the 4th",
            "10.10.10.10",
            "99-99-9999",
            "01/04/1924",
            "24 mar 93,737.37",
            "24 mar 12,93,737.37",
            "24 mar 93.50",
        ] {
            check(text, &[]);
        }
    }

    #[test]
    fn unambiguous_dates_determine_the_order() {
        let check = |texts: &[&str], expected| {
            assert_eq!(detect_order(texts.iter().copied()), expected, "{texts:?}");
        };
        check(&["03/04/2024"], DateOrder::DayFirst);
        check(&["03/04/2024 03/25/2024"], DateOrder::MonthFirst);
        check(&["25/03/2024", "03/25/2024"], DateOrder::DayFirst);
        let found = find("03/04/2024", DateOrder::MonthFirst).next();
        assert_eq!(found.unwrap().date.to_string(), "2024-03-04");
    }

    #[test]
    fn a_month_covers_all_its_days() {
        let (first, last) = leading_month("february 2024").unwrap();
        assert_eq!((first.day(), last.day()), (1, 29));
        assert_eq!(leading_month("summer 2024"), None);
    }
}
