//! Finds dates in text, in the ways statements write them.

use jiff::civil::Date;
use std::ops::Range;

/// Which of two numbers is the day where a date is all numbers, as in `03/04/2024`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Order {
    /// As in India and most of the world.
    #[default]
    DayFirst,
    /// As in the United States.
    MonthFirst,
}

/// A date and the bytes of the text that write it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) date: Date,
    pub(super) range: Range<usize>,
}

/// What follows the first three letters of each month.
const MONTHS: [(&[u8; 3], &str); 12] = [
    (b"jan", "uary"),
    (b"feb", "ruary"),
    (b"mar", "ch"),
    (b"apr", "il"),
    (b"may", ""),
    (b"jun", "e"),
    (b"jul", "y"),
    (b"aug", "ust"),
    (b"sep", "tember"),
    (b"oct", "ober"),
    (b"nov", "ember"),
    (b"dec", "ember"),
];
/// Years that a statement in a PDF may speak of.
const YEARS: Range<i16> = 1990..2100;

/// The dates of a text in lower case, from left to right.
pub(super) fn find(text: &str, order: Order) -> Dates<'_> {
    Dates {
        text,
        order,
        at: 0,
        last: None,
    }
}

/// The dates of a text, found one by one.
pub(super) struct Dates<'t> {
    text: &'t str,
    order: Order,
    at: usize,
    /// Where the last date ended.
    last: Option<usize>,
}

impl Iterator for Dates<'_> {
    type Item = Found;

    fn next(&mut self) -> Option<Found> {
        while let Some(start) = next_start(self.text.as_bytes(), self.at) {
            self.at = start + 1;
            // A dash parts two dates, but also the numbers of something longer.
            let follows = self.last.is_some_and(|end| end + 1 == start);
            if is_glued(self.text.as_bytes(), start) && !follows {
                continue;
            }
            if let Some((date, end)) = date_at(self.text, start, self.order) {
                self.at = end;
                self.last = Some(end);
                let range = start..end;
                return Some(Found { date, range });
            }
        }
        None
    }
}

/// The first and last day of the month that a text begins with, as in `april 2024`.
pub(super) fn leading_month(text: &str) -> Option<(Date, Date)> {
    let mut cursor = Cursor { text, at: 0 };
    let month = cursor.month()?;
    cursor.skip(b" -,.'");
    let year = cursor.year()?;
    let first = date(year, month, 1)?;
    Some((first, first.last_of_month()))
}

/// How the numeric dates of a document must be read: month first only where some date can't be
/// read otherwise, and none can't be read so.
pub(super) fn order<'t>(texts: impl Iterator<Item = &'t str>) -> Order {
    let mut month_first = false;
    for text in texts {
        let mut at = 0;
        while let Some(start) = next_start(text.as_bytes(), at) {
            at = start + 1;
            if !text.as_bytes().get(start).is_some_and(u8::is_ascii_digit) {
                continue;
            }
            let mut cursor = Cursor { text, at: start };
            let Some((first, second, _)) = cursor.numeric_pair() else {
                continue;
            };
            if first > 12 && (1..=12).contains(&second) {
                return Order::DayFirst;
            }
            month_first |= second > 12 && (1..=12).contains(&first);
            at = cursor.at;
        }
    }
    if month_first {
        Order::MonthFirst
    } else {
        Order::DayFirst
    }
}

/// The next place where a number or a word begins.
fn next_start(bytes: &[u8], from: usize) -> Option<usize> {
    let mut before = from.checked_sub(1).and_then(|at| bytes.get(at)).copied();
    for (at, here) in bytes.iter().enumerate().skip(from) {
        let begins = match here {
            b'0'..=b'9' => !before.is_some_and(|byte| byte.is_ascii_digit()),
            b'a'..=b'z' | b'A'..=b'Z' => !before.is_some_and(|byte| byte.is_ascii_alphanumeric()),
            _ => false,
        };
        if begins {
            return Some(at);
        }
        before = Some(*here);
    }
    None
}

/// Whether a number goes on from another, as in `7/12-04-2024`.
fn is_glued(bytes: &[u8], at: usize) -> bool {
    let before = |back: usize| at.checked_sub(back).and_then(|place| bytes.get(place));
    before(1).is_some_and(|byte| matches!(byte, b'/' | b'-' | b'.'))
        && before(2).is_some_and(u8::is_ascii_digit)
}

fn date_at(text: &str, start: usize, order: Order) -> Option<(Date, usize)> {
    let cursor = Cursor { text, at: start };
    if !text.as_bytes().get(start)?.is_ascii_digit() {
        return cursor.name_and_day();
    }
    cursor
        .year_first()
        .or_else(|| cursor.numeric(order))
        .or_else(|| cursor.day_and_name())
}

fn date(year: i16, month: i8, day: i8) -> Option<Date> {
    let date = Date::new(year, month, day).ok()?;
    YEARS.contains(&year).then_some(date)
}

/// Reads a date from a place on.
#[derive(Clone, Copy)]
struct Cursor<'t> {
    text: &'t str,
    at: usize,
}

impl Cursor<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// `2024-04-01`, `2024/04/01`.
    fn year_first(mut self) -> Option<(Date, usize)> {
        let year = self.number(4..=4)?;
        self.separator()?;
        let month = self.number(1..=2)?;
        let sign = self.separator()?;
        let day = self.number(1..=2)?;
        self.finish(year, month as i8, day as i8, Some(sign))
    }

    /// `01/04/2024`, `1-4-24`, `01.04.2024`, `01 - 04 - 2024`.
    fn numeric(mut self, order: Order) -> Option<(Date, usize)> {
        let (first, second, sign) = self.numeric_pair()?;
        let year = self.year()?;
        let (day, month) = match order {
            Order::MonthFirst if second <= 31 && first <= 12 => (second, first),
            _ if second <= 12 => (first, second),
            _ => (second, first),
        };
        self.finish(year, month as i8, day as i8, Some(sign))
    }

    /// The first two numbers of an all-numeric date, and the separator behind each.
    fn numeric_pair(&mut self) -> Option<(i16, i16, u8)> {
        let first = self.number(1..=2)?;
        let sign = self.separator()?;
        let second = self.number(1..=2)?;
        (self.separator()? == sign).then_some((first, second, sign))
    }

    /// `1 Apr 2024`, `01-APR-24`, `1st April, 2024`.
    fn day_and_name(mut self) -> Option<(Date, usize)> {
        let day = self.number(1..=2)?;
        self.ordinal();
        self.skip(b" -/.,");
        let month = self.month()?;
        self.skip(b" -/.,'");
        let year = self.year()?;
        self.finish(year, month, day as i8, None)
    }

    /// `Apr 1, 2024`, `April 01 2024`.
    fn name_and_day(mut self) -> Option<(Date, usize)> {
        let month = self.month()?;
        self.skip(b" .-");
        let day = self.number(1..=2)?;
        self.ordinal();
        self.skip(b" ,-");
        let year = self.number(4..=4)?;
        self.finish(year, month, day as i8, None)
    }

    /// The date, unless the number goes on: behind the sign that parts its own numbers, or without
    /// any sign.
    fn finish(&self, year: i16, month: i8, day: i8, sign: Option<u8>) -> Option<(Date, usize)> {
        let date = date(year, month, day)?;
        let bytes = self.rest().as_bytes();
        let goes_on = match (bytes.first(), bytes.get(1)) {
            (Some(first), Some(next)) if Some(*first) == sign => next.is_ascii_digit(),
            (first, _) => first.is_some_and(u8::is_ascii_digit),
        };
        (!goes_on).then_some((date, self.at))
    }

    /// A number of so many digits, four at most, all of them taken.
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
        self.at += len;
        Some(number)
    }

    /// Four digits, or two for this century.
    fn year(&mut self) -> Option<i16> {
        let before = self.at;
        let year = self.number(2..=4)?;
        match self.at - before {
            2 => Some(2000 + year),
            4 => Some(year),
            _ => None,
        }
    }

    /// One sign between numbers, with spaces around it.
    fn separator(&mut self) -> Option<u8> {
        self.skip(b" ");
        let first = *self.rest().as_bytes().first()?;
        if !matches!(first, b'/' | b'-' | b'.') {
            return None;
        }
        self.at += 1;
        self.skip(b" ");
        Some(first)
    }

    fn ordinal(&mut self) {
        let rest = self.rest();
        if ["st", "nd", "rd", "th"]
            .iter()
            .any(|end| rest.starts_with(end))
        {
            self.at += 2;
        }
    }

    /// A month in letters: whole, or its first three, or `sept`.
    fn month(&mut self) -> Option<i8> {
        let rest = self.rest();
        let short = rest.as_bytes().first_chunk()?;
        let index = MONTHS.iter().position(|(month, _)| *month == short)?;
        let len = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        let more = rest.get(short.len()..len)?;
        let whole = MONTHS.get(index)?.1;
        if !more.is_empty() && more != whole && (whole, more) != ("tember", "t") {
            return None;
        }
        self.at += len;
        i8::try_from(index + 1).ok()
    }

    fn skip(&mut self, signs: &[u8]) {
        let rest = self.rest().as_bytes();
        self.at += rest.iter().take_while(|byte| signs.contains(byte)).count();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let found = find(text, Order::DayFirst);
        let dates: Vec<_> = found.map(|found| found.date.to_string()).collect();
        assert_eq!(dates, expected, "{text}");
    }

    #[test]
    fn all_ways_of_writing_are_read() {
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
    fn what_only_looks_like_a_date_is_left() {
        for text in [
            "31/02/2024",
            "1234/04/2024",
            "01/04/20245",
            "version 1.2.3.4",
            "may the 4th",
            "10.10.10.10",
            "99-99-9999",
            "01/04/1924",
        ] {
            check(text, &[]);
        }
    }

    #[test]
    fn the_order_is_taken_from_dates_that_leave_no_choice() {
        let check = |texts: &[&str], expected| {
            assert_eq!(order(texts.iter().copied()), expected, "{texts:?}");
        };
        check(&["03/04/2024"], Order::DayFirst);
        check(&["03/04/2024 03/25/2024"], Order::MonthFirst);
        check(&["25/03/2024", "03/25/2024"], Order::DayFirst);
        let found = find("03/04/2024", Order::MonthFirst).next();
        assert_eq!(found.unwrap().date.to_string(), "2024-03-04");
    }

    #[test]
    fn a_month_stands_for_all_its_days() {
        let (first, last) = leading_month("february 2024").unwrap();
        assert_eq!((first.day(), last.day()), (1, 29));
        assert_eq!(leading_month("summer 2024"), None);
    }
}
