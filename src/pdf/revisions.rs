//! How often a file was changed by appending to it (ISO 32000-2, 7.5.6).

use super::marks::{Mark, Marks};
use memchr::memmem;

/// Bytes at the start of a file within which it says that it is linearised (ISO 32000-2, Annex F).
const LINEARISED_WITHIN: usize = 1024;
/// What only a signature appends: banks sign what they have made.
const OF_SIGNATURES: [&[u8]; 3] = [b"/ByteRange", b"/DSS", b"/DocTimeStamp"];

/// Updates appended to a file, but for signatures and what linearisation needs.
pub(super) fn appended_updates(marks: &Marks<'_>) -> usize {
    let bytes = marks.bytes();
    let mut ends = marks.places(Mark::CrossReference);
    let Some(mut last) = ends.next() else {
        return 0;
    };
    // A linearised file has its first section in front.
    let head = bytes.get(..LINEARISED_WITHIN).unwrap_or(bytes);
    if memmem::find(head, b"/Linearized").is_some()
        && let Some(second) = ends.next()
    {
        last = second;
    }
    let mut updates = 0;
    for end in ends {
        let update = bytes.get(last..end).unwrap_or_default();
        last = end;
        let signs = OF_SIGNATURES
            .iter()
            .any(|mark| memmem::find(update, mark).is_some());
        updates += usize::from(!signs);
    }
    updates
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn updates_count_but_for_signatures_and_linearisation() {
        let check = |parts: &[&str], expected| {
            let bytes = parts.concat();
            assert_eq!(
                appended_updates(&Marks::of(bytes.as_bytes())),
                expected,
                "{parts:?}"
            );
        };
        let (body, end) = ("%PDF-1.4 objects ", "startxref 9 %%EOF ");
        check(&[body, end], 0);
        check(&[body, end, "2 0 obj ", end], 1);
        check(&[body, end, "2 0 obj <</ByteRange[0 1 2 3]>> ", end], 0);
        check(&["%PDF-1.4 <</Linearized 1>> ", end, "more ", end], 0);
        check(
            &[
                "%PDF-1.4 <</Linearized 1>> ",
                end,
                "more ",
                end,
                "2 0 obj ",
                end,
            ],
            1,
        );
        check(&["no pdf"], 0);
    }
}
