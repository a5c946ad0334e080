//! Finds the incremental updates of a file (ISO 32000-2, 7.5.6).

use super::content::object_lexer::{self, Token};
use super::keyword_index::{Keyword, KeywordIndex};
use super::object_extent::{self, StreamLengths};
use memchr::memmem;
use std::ops::Range;

/// Bytes at the start of a file that contain its linearization dictionary (ISO 32000-2, Annex F).
const LINEARIZATION_WINDOW: usize = 1024;
/// Bytes behind the keyword of a section in which its end marker is.
const MAX_END_BYTES: usize = 64;
/// Keys that only digital signatures append. Banks sign the statements that they issue.
const SIGNATURE_KEYS: [&[u8]; 3] = [b"/ByteRange", b"/DSS", b"/DocTimeStamp"];

/// Returns the end of the file as it was before its first incremental update, except those that add
/// signatures; `None` without any.
///
/// Linearized files have two cross-reference sections from the start; the first is not an update.
/// Neither is the section without any object that office programs add to hybrid files.
pub(super) fn first_revision_end(keywords: &KeywordIndex<'_>) -> Option<usize> {
    let bytes = keywords.bytes();
    let head = bytes.get(..LINEARIZATION_WINDOW).unwrap_or(bytes);
    let is_linearized = memmem::find(head, b"/Linearized").is_some();
    let sections_at_first = 1 + usize::from(is_linearized);
    let mut ends: Vec<usize> = keywords
        .offsets(Keyword::StartXref)
        .filter(|offset| is_end_of_section(bytes, *offset))
        .collect();
    // Most files end here, without a search for objects.
    if ends.len() <= sections_at_first {
        return None;
    }
    let objects = Objects::find(keywords);
    ends.retain(|end| !objects.cover(*end));
    let updates = ends.windows(2).skip(sections_at_first - 1);
    let is_update = |range: &Range<usize>| {
        let update = bytes.get(range.clone()).unwrap_or_default();
        let is_signature = SIGNATURE_KEYS
            .iter()
            .any(|key| memmem::find(update, key).is_some());
        let is_hybrid = memmem::find(update, b"/XRefStm").is_some();
        let is_empty = is_hybrid && !objects.any_in(range) && !has_entries(update);
        !is_signature && !is_empty
    };
    let mut updates = updates.filter_map(|pair| Some(*pair.first()?..*pair.last()?));
    let first = updates.find(is_update)?;
    Some(end_of_section(bytes, first.start))
}

/// Returns the end of a section: that of the marker or number behind the keyword at an offset.
fn end_of_section(bytes: &[u8], keyword: usize) -> usize {
    let start = keyword + b"startxref".len();
    let after = bytes.get(start..).unwrap_or_default();
    let after = after.get(..MAX_END_BYTES).unwrap_or(after);
    let marker = memmem::find(after, b"%%EOF").map(|offset| offset + b"%%EOF".len());
    let number = || {
        let blanks = after.iter().take_while(|byte| byte.is_ascii_whitespace());
        let blanks = blanks.count();
        let digits = after.iter().skip(blanks);
        blanks + digits.take_while(|byte| byte.is_ascii_digit()).count()
    };
    start + marker.unwrap_or_else(number)
}

/// Returns whether the keyword at an offset is a word of its own before a number.
fn is_end_of_section(bytes: &[u8], offset: usize) -> bool {
    let before = offset.checked_sub(1).and_then(|index| bytes.get(index));
    let is_separate = before.is_none_or(|byte| byte.is_ascii_whitespace() || *byte == b'>');
    let after = bytes.get(offset + b"startxref".len()..).unwrap_or_default();
    let number = after.trim_ascii_start();
    is_separate && number.len() < after.len() && number.first().is_some_and(u8::is_ascii_digit)
}

/// Returns whether the last cross-reference table in the bytes has an entry for an object.
fn has_entries(update: &[u8]) -> bool {
    let end = memmem::rfind(update, b"trailer").unwrap_or(update.len());
    let table = update.get(..end).unwrap_or_default();
    let start = memmem::rfind(table, b"xref").unwrap_or(0);
    let table = table.get(start..).unwrap_or_default();
    table
        .split(u8::is_ascii_whitespace)
        .any(|word| word == b"n")
}

/// The objects of a file outside of streams.
struct Objects {
    /// The offsets of the objects that are not cross-reference streams, ascending.
    starts: Vec<usize>,
    /// The ranges from which nothing else is read, ascending: dictionaries, strings and streams.
    covered: Vec<Range<usize>>,
}

impl Objects {
    fn find(keywords: &KeywordIndex<'_>) -> Self {
        let bytes = keywords.bytes();
        let lengths = StreamLengths::new(bytes);
        let mut objects = Self {
            starts: Vec::new(),
            covered: Vec::new(),
        };
        let mut covered = 0;
        for offset in keywords.offsets(Keyword::Obj) {
            let head = bytes.get(..offset).unwrap_or_default();
            if offset < covered || object_extent::id_before(head).is_none() {
                continue;
            }
            let start = offset + b" obj".len();
            let body = object_extent::window(bytes.get(start..).unwrap_or_default());
            let mut key: &[u8] = b"";
            let mut is_container = false;
            let mut is_cross_reference = false;
            let length = object_lexer::object_length(body, |token, _| match token {
                Token::Name(name) => {
                    is_cross_reference |= key == b"Type" && name == b"XRef";
                    key = name;
                }
                Token::Open(_) | Token::String(_) => is_container = true,
                _ => {}
            });
            if !is_cross_reference {
                objects.starts.push(offset);
            }
            let Some(length) = length.filter(|_| is_container) else {
                continue;
            };
            let end = start + length;
            let dictionary = body.get(..length).unwrap_or_default();
            let data = object_extent::stream_data(bytes, end, dictionary, &lengths);
            covered = data.map_or(end, |data| data.end);
            objects.covered.push(start..covered);
        }
        objects
    }

    fn cover(&self, offset: usize) -> bool {
        let next = self.covered.partition_point(|range| range.start <= offset);
        let last = next
            .checked_sub(1)
            .and_then(|index| self.covered.get(index));
        last.is_some_and(|range| range.contains(&offset))
    }

    fn any_in(&self, range: &Range<usize>) -> bool {
        let next = self.starts.partition_point(|start| *start < range.start);
        self.starts
            .get(next)
            .is_some_and(|start| range.contains(start))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_and_linearization_are_not_updates() {
        // `first` is how many of the parts were there before the first update.
        let check = |parts: &[&str], first: Option<usize>| {
            let bytes = parts.concat();
            let keywords = KeywordIndex::new(bytes.as_bytes());
            let expected = first.map(|first| parts[..first].concat().trim_end().len());
            assert_eq!(first_revision_end(&keywords), expected, "{parts:?}");
        };
        let (body, end) = ("%PDF-1.4 objects ", "startxref 9 %%EOF ");
        let linearized = "%PDF-1.4 <</Linearized 1>> ";
        check(&[body, end], None);
        check(&[body, end, "2 0 obj ", end], Some(2));
        check(&[body, end, "2 0 obj <</ByteRange[0 1 2 3]>> ", end], None);
        check(&[linearized, end, "more ", end], None);
        check(&[linearized, end, "more ", end, "2 0 obj ", end], Some(4));
        check(&["no pdf"], None);
    }

    #[test]
    fn sections_without_objects_are_not_updates() {
        // `first` is how many of the parts were there before the first update.
        let check = |parts: &[&str], first: Option<usize>| {
            let bytes = parts.concat();
            let keywords = KeywordIndex::new(bytes.as_bytes());
            let expected = first.map(|first| parts[..first].concat().trim_end().len());
            assert_eq!(first_revision_end(&keywords), expected, "{parts:?}");
        };
        let (body, end) = ("%PDF-1.5 1 0 obj <<>> endobj xref ", "startxref 9 %%EOF\n");
        let empty = "xref 0 0 trailer <</Prev 9/XRefStm 5>> ";
        let free = "xref 0 1\n0000000000 65535 f\ntrailer <</Prev 9/XRefStm 5>> ";
        let used = "xref 4 1\n0000000010 00000 n\ntrailer <</Prev 9>> ";
        let stream = "3 0 obj <</Type/XRef/Length 1>>stream\nx\nendstream endobj ";
        check(&[body, end, empty, end], None);
        check(&[body, end, free, end], None);
        check(&[body, end, stream, empty, end], None);
        check(&[body, end, used, end], Some(2));
        check(&[body, end, "2 0 obj <<>> endobj ", empty, end], Some(2));
    }

    #[test]
    fn the_keyword_in_streams_and_strings_is_not_an_update() {
        let check = |object: &str, expected| {
            let end = "startxref\n9\n%%EOF\n";
            let bytes = format!("%PDF-1.4\n{object}\nxref\ntrailer <<>>\n{end}");
            let keywords = KeywordIndex::new(bytes.as_bytes());
            assert_eq!(
                first_revision_end(&keywords).is_some(),
                expected,
                "{object}"
            );
        };
        let attached = "%PDF-1.4\n7 0 obj\n<<>>\nendobj\nstartxref\n9\n%%EOF\n";
        let length = attached.len();
        check(
            &format!("1 0 obj <</Length {length}>>\nstream\n{attached}\nendstream\nendobj"),
            false,
        );
        check(
            &format!(
                "1 0 obj <</Length 2 0 R>>\nstream\n{attached}\nendstream\nendobj\n2 0 obj \
                 {length} endobj"
            ),
            false,
        );
        check("1 0 obj <</Title(the word\nstartxref 12)>> endobj", false);
        check("1 0 obj (\nstartxref 12\n) endobj", false);
        check("% the word startxref is a keyword", false);
        check(attached, true);
    }
}
