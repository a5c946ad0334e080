//! Counts the incremental updates of a file (ISO 32000-2, 7.5.6).

use super::keyword_index::{Keyword, KeywordIndex};
use memchr::memmem;

/// Bytes at the start of a file that contain its linearization dictionary (ISO 32000-2, Annex F).
const LINEARIZATION_WINDOW: usize = 1024;
/// Keys that only digital signatures append. Banks sign the statements that they issue.
const SIGNATURE_KEYS: [&[u8]; 3] = [b"/ByteRange", b"/DSS", b"/DocTimeStamp"];

/// Counts incremental updates, except those that add signatures.
///
/// Linearized files have two cross-reference sections from the start; the first is not an update.
pub(super) fn appended_updates(keywords: &KeywordIndex<'_>) -> usize {
    let bytes = keywords.bytes();
    let mut ends = keywords.offsets(Keyword::StartXref);
    let Some(mut last) = ends.next() else {
        return 0;
    };
    let head = bytes.get(..LINEARIZATION_WINDOW).unwrap_or(bytes);
    if memmem::find(head, b"/Linearized").is_some()
        && let Some(second) = ends.next()
    {
        last = second;
    }
    let mut updates = 0;
    for end in ends {
        let update = bytes.get(last..end).unwrap_or_default();
        last = end;
        let is_signature = SIGNATURE_KEYS
            .iter()
            .any(|key| memmem::find(update, key).is_some());
        updates += usize::from(!is_signature);
    }
    updates
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_and_linearization_are_not_counted_as_updates() {
        let check = |parts: &[&str], expected| {
            let bytes = parts.concat();
            let keywords = KeywordIndex::new(bytes.as_bytes());
            assert_eq!(appended_updates(&keywords), expected, "{parts:?}");
        };
        let (body, end) = ("%PDF-1.4 objects ", "startxref 9 %%EOF ");
        let linearized = "%PDF-1.4 <</Linearized 1>> ";
        check(&[body, end], 0);
        check(&[body, end, "2 0 obj ", end], 1);
        check(&[body, end, "2 0 obj <</ByteRange[0 1 2 3]>> ", end], 0);
        check(&[linearized, end, "more ", end], 0);
        check(&[linearized, end, "more ", end, "2 0 obj ", end], 1);
        check(&["no pdf"], 0);
    }
}
