//! Parses amounts of money, in minor units (hundredths).

/// Digits of the largest amount, without its decimals.
const MAX_DIGITS: usize = 13;
/// Digits of the largest number without decimals and groups that can be an amount.
const MAX_PLAIN_DIGITS: usize = 9;
/// Names and signs of currencies before or after a number.
const CURRENCIES: [&str; 8] = ["rs.", "rs", "inr", "₹", "`", "$", "£", "€"];

/// Which side of the account a mark names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Debit,
    Credit,
}

/// How certain it is that a number is an amount of money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Form {
    /// Digits only: `500`. A serial number looks the same.
    Plain,
    /// With decimals or groups of digits: `1,234.00`.
    Money,
}

/// A number in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Amount {
    /// Hundredths of the currency unit; never negative.
    pub(super) minor: i64,
    pub(super) form: Form,
    /// The side of the account by a sign or a suffix: `-1.00` and `1.00dr` are debits.
    pub(super) side: Option<Side>,
    /// Bytes of the word that are not part of the number: before it, after it.
    pub(super) around: (usize, usize),
}

impl Amount {
    /// Parses a word in lower case.
    ///
    /// Examples: `1,234.00`, `₹1,234.00cr`, `-12.50`, `(12.50)`, `1,23,456`, `1234.5`, `500`.
    pub(super) fn parse(word: &str) -> Option<Self> {
        // Most words are no numbers, and most others begin with a digit.
        let (rest, before) = match word.as_bytes().first()? {
            b'0'..=b'9' => (word, None),
            b'a'..=b'h' | b'j'..=b'q' | b's'..=b'z' => return None,
            _ => skip_front(word),
        };
        let number = Number::parse(rest.as_bytes())?;
        let after = rest.get(number.len..)?;
        let behind = if after.is_empty() {
            None
        } else {
            suffix(after)?
        };
        Some(Self {
            minor: number.minor,
            form: number.form,
            side: behind.or(before),
            around: (word.len() - rest.len(), after.len()),
        })
    }
}

/// Returns the side that a word names.
pub(super) fn side(word: &str) -> Option<Side> {
    // Called for every word beside a number.
    let is_other = |byte: &u8| byte.is_ascii_alphanumeric() && !matches!(byte, b'c' | b'd' | b'w');
    if word.as_bytes().first().is_some_and(is_other) {
        return None;
    }
    match word.trim_matches(['(', ')', '.', ',', '[', ']', ':']) {
        "dr" | "debit" | "d" | "db" | "withdrawal" | "dbt" => Some(Side::Debit),
        "cr" | "credit" | "c" | "deposit" | "crd" => Some(Side::Credit),
        _ => None,
    }
}

/// Skips signs, brackets and currencies before a number.
fn skip_front(word: &str) -> (&str, Option<Side>) {
    let mut rest = word;
    let mut side = None;
    loop {
        let trimmed = rest.trim_start_matches(['[', '*', ':', '=']);
        let (next, found) = match trimmed.chars().next() {
            Some('-' | '(') => (trimmed.get(1..).unwrap_or_default(), Some(Side::Debit)),
            Some('+') => (trimmed.get(1..).unwrap_or_default(), Some(Side::Credit)),
            _ => (trimmed, None),
        };
        let next = CURRENCIES
            .iter()
            .find_map(|currency| next.strip_prefix(currency))
            .unwrap_or(next);
        side = side.or(found);
        if next.len() == rest.len() {
            return (rest, side);
        }
        rest = next;
    }
}

/// Parses what follows a number; `None` if it shows that the word is no amount.
#[expect(
    clippy::option_option,
    reason = "no amount, or an amount with or without a side"
)]
fn suffix(after: &str) -> Option<Option<Side>> {
    let bare = after.trim_matches(['(', ')', '.', ',', '*', ']', '[', '/']);
    let bare = CURRENCIES
        .iter()
        .find_map(|currency| bare.strip_suffix(currency))
        .unwrap_or(bare);
    match bare {
        "" => Some(None),
        // `1,234/-`, and a minus sign behind the number.
        "-" => Some((!after.contains('/')).then_some(Side::Debit)),
        "+" => Some(Some(Side::Credit)),
        _ => side(bare).map(Some),
    }
}

/// A number at the start of a text.
struct Number {
    /// Bytes of the number, without the point or comma of a sentence.
    len: usize,
    /// Hundredths.
    minor: i64,
    form: Form,
}

impl Number {
    /// Parses digits in groups, and one or two decimals.
    fn parse(text: &[u8]) -> Option<Self> {
        let is_part = |byte: &&u8| byte.is_ascii_digit() || matches!(byte, b',' | b'.');
        let mut len = text.iter().take_while(is_part).count();
        while len > 0 && matches!(text.get(len - 1), Some(b',' | b'.')) {
            len -= 1;
        }
        let number = text.get(..len)?;
        let point = number.iter().rposition(|byte| *byte == b'.');
        let (whole, decimals) = match point {
            Some(point) => (number.get(..point)?, number.get(point + 1..)?),
            None => (number, &[][..]),
        };
        let hundredths = match decimals {
            [] => 0,
            [tens] => digit(*tens)? * 10,
            [tens, ones] => digit(*tens)? * 10 + digit(*ones)?,
            _ => return None,
        };
        let is_grouped = whole.contains(&b',');
        if is_grouped && !has_groups(whole) {
            return None;
        }
        let (mut digits, mut units) = (0, 0_i64);
        for byte in whole {
            let value = byte.wrapping_sub(b'0');
            if value > 9 {
                if *byte != b',' {
                    return None;
                }
                continue;
            }
            digits += 1;
            if digits > MAX_DIGITS {
                return None;
            }
            units = units * 10 + i64::from(value);
        }
        if digits == 0 && decimals.len() != 2 {
            return None;
        }
        let is_plain = digits <= MAX_PLAIN_DIGITS && (digits == 1 || whole.first() != Some(&b'0'));
        let form = match (point.is_some() || is_grouped, is_plain) {
            (true, _) => Form::Money,
            (false, true) => Form::Plain,
            (false, false) => return None,
        };
        Some(Self {
            len,
            minor: units * 100 + hundredths,
            form,
        })
    }
}

fn digit(byte: u8) -> Option<i64> {
    byte.is_ascii_digit().then(|| i64::from(byte - b'0'))
}

/// Returns whether commas separate groups of digits: three digits at the end, before them groups of
/// one to three (in India of two).
fn has_groups(whole: &[u8]) -> bool {
    let mut groups = whole.rsplit(|byte| *byte == b',');
    groups.next().is_some_and(|last| last.len() == 3)
        && groups.all(|group| (1..=3).contains(&group.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_groups_decimals_signs_and_sides() {
        let check = |word, minor, side| {
            let amount = Amount::parse(word).map(|amount| (amount.minor, amount.side));
            assert_eq!(amount, Some((minor, side)), "{word}");
        };
        let (debit, credit) = (Some(Side::Debit), Some(Side::Credit));
        check("1,23,456.70", 12_345_670, None);
        check("12,345,678.9", 1_234_567_890, None);
        check("₹500.00", 50_000, None);
        check("rs.500", 50_000, None);
        check("500", 50_000, None);
        check(".50", 50, None);
        check("12.50cr", 1250, credit);
        check("12.50(cr)", 1250, credit);
        check("12.50dr.", 1250, debit);
        check("(12.50)", 1250, debit);
        check("-12.50", 1250, debit);
        check("-₹12.50", 1250, debit);
        check("12.50-", 1250, debit);
        check("1,234/-", 123_400, None);
        check("+12.50", 1250, credit);
    }

    #[test]
    fn other_numbers_are_not_amounts() {
        for word in [
            "1.2.50",
            "12.345",
            "01/04/2024",
            "12,34",
            "1,2345.00",
            "0012",
            "12a",
            "a12",
            "12:30",
            "99999999999999999999.00",
            "1234567890",
            ".",
            "-",
            "5%",
        ] {
            assert_eq!(Amount::parse(word), None, "{word}");
        }
    }
}
