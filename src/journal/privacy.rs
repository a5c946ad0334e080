//! What of a text may be kept: no control characters, no long numbers, no more than a line.

use crate::text::{mask, mask_numbers, sanitize};

/// Characters kept of a name, the last ones: they tell files apart.
const NAME: usize = 300;
/// Characters kept of a code or an identifier.
const LABEL: usize = 128;

/// A file's name, cleaned, with long numbers masked.
pub(super) fn name(text: &str) -> String {
    let text = mask_numbers(&sanitize(text));
    let excess = text.chars().count().saturating_sub(NAME);
    text.chars().skip(excess).collect()
}

/// A code, cleaned and cut, with long numbers masked.
pub(super) fn code(text: &str) -> String {
    label(&mask_numbers(text))
}

/// An identifier, cleaned and cut.
pub(super) fn label(text: &str) -> String {
    sanitize(text).chars().take(LABEL).collect()
}

/// An account number with all but its last four characters masked.
pub(super) fn account(number: &str) -> String {
    let letters = number.chars().filter(char::is_ascii_alphanumeric);
    mask(&letters.collect::<String>())
}

/// Months that are months, separated by spaces.
pub(super) fn months(months: &[String]) -> String {
    let kept: Vec<_> = months.iter().filter(|m| is_month(m)).cloned().collect();
    kept.join(" ")
}

fn is_month(text: &str) -> bool {
    let mut places = text.bytes().enumerate();
    text.len() == 7
        && places.all(|(at, b)| {
            if at == 4 {
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
        let check = |text, kept| assert_eq!(name(text), kept);
        check(
            "inbox/50100123456789_20240401.pdf",
            "inbox/XXXXXXXXXX6789_20240401.pdf",
        );
        check("april\x1b[2J.pdf", "april^[[2J.pdf");
        check("खाता.pdf", "खाता.pdf");
        assert_eq!(name(&"x".repeat(1000)).len(), NAME);
        assert_eq!(account("5010 0123 4567"), "XXXXXXXX4567");
        assert_eq!(account("XXXX1234"), "XXXX1234");
    }

    #[test]
    fn only_months_are_kept_of_months() {
        let given = ["2026-04", "2026-4", "secret!", "2026-05"].map(str::to_owned);
        assert_eq!(months(&given), "2026-04 2026-05");
    }
}
