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
        // Most numbers begin with a digit.
        let first = *word.as_bytes().first()?;
        if !may_begin(first) {
            return None;
        }
        let (rest, before) = match first {
            b'0'..=b'9' => (word, None),
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

/// Whether a word in lower case that begins with a byte can be an amount. Most words do not.
pub(super) fn may_begin(first: u8) -> bool {
    // `inr` and `rs` are currencies.
    !first.is_ascii_lowercase() || matches!(first, b'i' | b'r')
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
#[derive(Debug, PartialEq, Eq)]
struct Number {
    /// Bytes of the number, without the point or comma of a sentence.
    len: usize,
    /// Hundredths.
    minor: i64,
    form: Form,
}

/// The digits of a number before its decimals.
struct Whole {
    len: usize,
    digits: usize,
    value: i64,
    is_grouped: bool,
}

impl Number {
    /// Parses digits in groups, and one or two decimals.
    fn parse(text: &[u8]) -> Option<Self> {
        let whole = Whole::parse(text)?;
        let (hundredths, decimals) = decimals(text.get(whole.len..)?)?;
        let len = match decimals {
            0 => whole.len,
            count => whole.len + 1 + count,
        };
        // A point or comma behind the number ends a sentence, unless more digits follow.
        let behind = text.get(len..)?.iter();
        let mut behind = behind.skip_while(|byte| matches!(byte, b',' | b'.'));
        if behind.next().is_some_and(u8::is_ascii_digit) {
            return None;
        }
        let digits = whole.digits;
        if digits == 0 && decimals != 2 {
            return None;
        }
        let is_plain = digits <= MAX_PLAIN_DIGITS && (digits == 1 || text.first() != Some(&b'0'));
        let form = match (decimals > 0 || whole.is_grouped, is_plain) {
            (true, _) => Form::Money,
            (false, true) => Form::Plain,
            (false, false) => return None,
        };
        Some(Self {
            len,
            minor: whole.value * 100 + hundredths,
            form,
        })
    }
}

impl Whole {
    /// Parses digits, and groups of digits between commas: three digits at the end, before them
    /// groups of one to three (in India of two).
    fn parse(text: &[u8]) -> Option<Self> {
        let (mut len, mut digits, mut value) = (0, 0, 0_i64);
        // The digits since the last comma.
        let mut group = 0;
        let mut is_grouped = false;
        while let Some(byte) = text.get(len) {
            let digit = byte.wrapping_sub(b'0');
            if digit <= 9 {
                digits += 1;
                if digits > MAX_DIGITS {
                    return None;
                }
                value = value * 10 + i64::from(digit);
                group += 1;
            } else if *byte == b',' && text.get(len + 1).is_some_and(u8::is_ascii_digit) {
                if !(1..=3).contains(&group) {
                    return None;
                }
                (group, is_grouped) = (0, true);
            } else {
                break;
            }
            len += 1;
        }
        (!is_grouped || group == 3).then_some(Self {
            len,
            digits,
            value,
            is_grouped,
        })
    }
}

/// Parses a point and one or two digits; returns the hundredths and the number of digits.
fn decimals(text: &[u8]) -> Option<(i64, usize)> {
    let [b'.', digits @ ..] = text else {
        return Some((0, 0));
    };
    let value = |byte: &u8| i64::from(byte - b'0');
    let count = digits
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    match digits.get(..count)? {
        [] => Some((0, 0)),
        [tens] => Some((value(tens) * 10, 1)),
        [tens, ones] => Some((value(tens) * 10 + value(ones), 2)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Parses a number by the parts that the definition names, one after another.
    fn by_definition(text: &str) -> Option<Number> {
        let is_part = |c: char| c.is_ascii_digit() || matches!(c, ',' | '.');
        let rest = text.trim_start_matches(is_part);
        let number = text.strip_suffix(rest).unwrap_or_default();
        let number = number.trim_end_matches([',', '.']);
        let (whole, decimals) = number.rsplit_once('.').unwrap_or((number, ""));
        let digits = whole.replace(',', "");
        let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let mut groups = whole.rsplit(',');
        let has_groups = groups.next().is_some_and(|last| last.len() == 3)
            && groups.all(|group| (1..=3).contains(&group.len()));
        let is_grouped = whole.contains(',');
        if !are_digits(&digits) || !are_digits(decimals) || is_grouped && !has_groups {
            return None;
        }
        let is_empty = digits.is_empty() && decimals.len() != 2;
        if digits.len() > 13 || decimals.len() > 2 || is_empty {
            return None;
        }
        let is_money = is_grouped || !decimals.is_empty();
        let is_plain = digits.len() == 1 || digits.len() <= 9 && !digits.starts_with('0');
        if !is_money && !is_plain {
            return None;
        }
        let decimals = format!("{decimals:0<2}");
        Some(Number {
            len: number.len(),
            minor: format!("{digits}{decimals}").parse().unwrap(),
            form: if is_money { Form::Money } else { Form::Plain },
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            failure_persistence: None,
            ..ProptestConfig::default()
        })]

        #[test]
        fn numbers_are_those_of_the_definition(
            text in "([0-9]{1,4},?){0,5}[0-9,.]{0,4}(\\.[0-9]{0,3})?[,.]{0,2}[0-9a/-]?"
        ) {
            prop_assert_eq!(Number::parse(text.as_bytes()), by_definition(&text));
        }
    }

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
