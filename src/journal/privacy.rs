//! Sanitizes text before it is stored: no control characters, no long numbers, bounded length.

use crate::text::{mask, mask_numbers, sanitize};

/// Maximum length of a file name. Longer names keep their end, which distinguishes files better.
const MAX_NAME_CHARS: usize = 300;
/// Maximum length of a code or an ID.
const MAX_LABEL_CHARS: usize = 128;

/// Returns a file name, sanitized, with long numbers masked.
pub(super) fn name(text: &str) -> String {
    let text = mask_numbers(&sanitize(text));
    let excess = text.chars().count().saturating_sub(MAX_NAME_CHARS);
    text.chars().skip(excess).collect()
}

/// Returns a code, sanitized and truncated, with long numbers masked.
pub(super) fn code(text: &str) -> String {
    label(&mask_numbers(text))
}

/// Joins codes with spaces.
pub(super) fn codes(codes: &[String]) -> String {
    let codes: Vec<_> = codes.iter().map(|name| code(name)).collect();
    codes.join(" ")
}

/// Returns an ID, sanitized and truncated.
pub(super) fn label(text: &str) -> String {
    sanitize(text).chars().take(MAX_LABEL_CHARS).collect()
}

/// Returns an account number that is masked except for its last four characters.
pub(super) fn account(number: &str) -> String {
    // Without separators, so that the last four characters are digits of the number.
    let letters = number.chars().filter(char::is_ascii_alphanumeric);
    mask(&letters.collect::<String>())
}

/// Joins months with spaces. Texts that are not months are dropped.
pub(super) fn months(months: &[String]) -> String {
    let valid: Vec<_> = months.iter().filter(|m| is_month(m)).cloned().collect();
    valid.join(" ")
}

fn is_month(text: &str) -> bool {
    let mut bytes = text.bytes().enumerate();
    text.len() == 7
        && bytes.all(|(index, b)| {
            if index == 4 {
                b == b'-'
            } else {
                b.is_ascii_digit()
            }
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn account_numbers_are_masked_and_dates_are_not() {
        let check = |text, expected| assert_eq!(name(text), expected);
        check(
            "inbox/50100123456789_20240401.pdf",
            "inbox/XXXXXXXXXX6789_20240401.pdf",
        );
        check("april\x1b[2J.pdf", "april^[[2J.pdf");
        check("खाता.pdf", "खाता.pdf");
        assert_eq!(name(&"x".repeat(1000)).len(), MAX_NAME_CHARS);
        assert_eq!(account("5010 0123 4567"), "XXXXXXXX4567");
        assert_eq!(account("XXXX1234"), "XXXX1234");
    }

    #[test]
    fn texts_that_are_not_months_are_dropped() {
        let texts = ["2026-04", "2026-4", "secret!", "2026-05"].map(str::to_owned);
        assert_eq!(months(&texts), "2026-04 2026-05");
    }
}
