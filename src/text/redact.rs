//! Masks long numbers, so that account and telephone numbers reach neither journal nor log.

/// Shortest run of digits that is masked.
///
/// Indian account numbers have 9 to 18 digits and telephone numbers 10. Dates have 8 and stay
/// readable.
const MIN_MASKED_DIGITS: usize = 9;
/// Characters at the end of a masked number that stay readable.
const VISIBLE_CHARS: usize = 4;

/// Masks every run of nine or more ASCII digits except its last four.
pub(crate) fn mask_numbers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut number = String::new();
    for c in text.chars() {
        if c.is_ascii_digit() {
            number.push(c);
        } else {
            out.push_str(&mask_if_long(std::mem::take(&mut number)));
            out.push(c);
        }
    }
    out.push_str(&mask_if_long(number));
    out
}

fn mask_if_long(number: String) -> String {
    if number.len() < MIN_MASKED_DIGITS {
        return number;
    }
    mask(&number)
}

/// Replaces every character except the last four with `X`.
pub(crate) fn mask(number: &str) -> String {
    let hidden = number.chars().count().saturating_sub(VISIBLE_CHARS);
    let masked = std::iter::repeat_n('X', hidden);
    masked.chain(number.chars().skip(hidden)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_account_numbers_and_keeps_dates() {
        let check = |text, expected| assert_eq!(mask_numbers(text), expected);
        check(
            "inbox/50100123456789_20240401.pdf",
            "inbox/XXXXXXXXXX6789_20240401.pdf",
        );
        check("account 123456789", "account XXXXX6789");
        check("12345678", "12345678");
        assert_eq!(mask("501"), "501");
    }
}
