//! The bank whose code begins the references of outgoing transfers.
//!
//! The bank that sends a payment numbers it: the reference begins with the four letters of its IFSC
//! codes. So outgoing transfers name the bank of the account, and incoming ones name all others.

/// The first four letters of a bank's IFSC codes, in lower case.
pub(super) type Code = [u8; 4];

/// Lengths of the references of NEFT and RTGS payments.
const LENGTHS: std::ops::RangeInclusive<usize> = 12..=22;
/// Characters of a reference before its number: the code, the kind and the channel.
const MAX_HEAD: usize = 6;
/// Outgoing transfers with the same code that are no coincidence.
const MIN_TRANSFERS: usize = 3;

/// Finds the sender's code in the text of a line, in lower case.
pub(super) fn find(text: &str) -> Option<Code> {
    if !text.contains("neft") && !text.contains("rtgs") {
        return None;
    }
    let mut words = text.as_bytes().split(|byte| !byte.is_ascii_alphanumeric());
    words.find_map(code)
}

/// Returns the code that begins a reference.
///
/// An IFSC has a zero behind the code, and names the other side.
fn code(word: &[u8]) -> Option<Code> {
    let (code, rest) = word.split_first_chunk::<4>()?;
    let number = word.get(MAX_HEAD..)?;
    let is_reference = LENGTHS.contains(&word.len())
        && code.iter().all(u8::is_ascii_lowercase)
        && rest.first().is_some_and(|byte| *byte != b'0')
        && number.iter().all(u8::is_ascii_digit);
    is_reference.then_some(*code)
}

/// Returns the code, in upper case, that begins nearly all references of outgoing transfers.
pub(super) fn most_frequent(mut codes: Vec<Code>) -> Option<String> {
    codes.sort_unstable();
    let most = codes
        .chunk_by(|a, b| a == b)
        .max_by_key(|same| same.len())?;
    let is_clear = most.len() >= MIN_TRANSFERS && most.len() * 10 >= codes.len() * 9;
    let code = std::str::from_utf8(most.first()?).ok()?;
    is_clear.then(|| code.to_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearly_all_transfers_have_the_code_of_the_account() {
        let (own, other) = (*b"barb", *b"hdfc");
        assert_eq!(most_frequent(vec![own, own, own]).as_deref(), Some("BARB"));
        assert_eq!(most_frequent(vec![own, own]), None);
        assert_eq!(most_frequent(vec![own, own, own, other]), None);
        assert_eq!(most_frequent(vec![]), None);
    }

    #[test]
    fn references_begin_with_the_code_of_the_sender() {
        for (text, expected) in [
            ("neft-barbt21123456789-some company", Some(b"barb")),
            ("neft/kkbkh21123456789/name", Some(b"kkbk")),
            ("rtgs/hdfcr52024040112345678/name", Some(b"hdfc")),
            // The IFSC of the other side, a name, and a reference of another kind.
            ("neft dr-sbin0001234-name-netbank", None),
            ("neft-yesb0123456789-name", None),
            ("neft somecompanyname", None),
            ("upi-barbt21123456789", None),
        ] {
            assert_eq!(find(text).as_ref(), expected, "{text}");
        }
    }
}
