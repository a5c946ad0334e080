//! Checks the trailers of a file and the data after the last one (ISO 32000-2, 7.5.5).

use super::content::object_lexer::{self, Token};
use super::damage::Damage;
use memchr::memmem;

/// The maximum number of objects (ISO 32000-1, annex C).
const MAX_OBJECTS: i64 = 8_388_608;
/// Cross-reference sections followed, from the last one backwards.
const MAX_SECTIONS: usize = 1000;
/// Bytes from which one trailer is read.
const WINDOW: usize = 32 << 10;
/// How far back from the end readers search for the end-of-file marker.
const END_WINDOW: usize = 1024;
/// The maximum length of harmless padding after the end-of-file marker.
const MAX_PADDING: usize = 1 << 20;

/// Returns the damage at the end of a file and in the cross-reference sections that it refers to.
pub(super) fn damage(bytes: &[u8]) -> Vec<Damage> {
    let mut found = Vec::new();
    let Some(last) = memmem::rfind(bytes, b"startxref") else {
        return found;
    };
    let tail = bytes.get(last + b"startxref".len()..).unwrap_or_default();
    found.extend(has_foreign_data(tail).then_some(Damage::ForeignData));
    let mut next = number(tail.trim_ascii_start());
    let mut visited = Vec::new();
    while let Some(offset) = next.and_then(|offset| usize::try_from(offset).ok()) {
        if visited.contains(&offset) {
            found.push(Damage::ReferenceLoop);
        }
        if visited.contains(&offset) || visited.len() >= MAX_SECTIONS {
            break;
        }
        visited.push(offset);
        let Some(section) = Section::at(bytes, offset) else {
            break;
        };
        // Only the last section must have the object count of the whole file.
        if visited.len() == 1
            && !section
                .size
                .is_some_and(|size| (1..=MAX_OBJECTS).contains(&size))
        {
            found.push(Damage::ObjectCount);
        }
        next = section.previous;
    }
    found
}

/// Returns whether no end-of-file marker follows the last cross-reference table.
pub(super) fn end_is_missing(bytes: &[u8]) -> bool {
    let last = memmem::rfind(bytes, b"startxref");
    let tail = last.and_then(|offset| bytes.get(offset..));
    tail.is_none_or(|tail| memmem::find(tail, b"%%EOF").is_none())
}

/// Returns whether so much data follows the end-of-file marker that readers may not find the
/// marker, or whether the file is a ZIP archive as well.
fn has_foreign_data(tail: &[u8]) -> bool {
    let Some(end) = memmem::find(tail, b"%%EOF") else {
        return false;
    };
    let rest = tail.get(end + b"%%EOF".len()..).unwrap_or_default();
    let is_padding = |byte: &&u8| byte.is_ascii_whitespace() || **byte == 0;
    // ZIP readers find an archive by its end record, so one file can be both.
    memmem::find(rest, b"PK\x05\x06").is_some()
        || rest.len() > MAX_PADDING
        || rest.len() > END_WINDOW
            && rest.iter().filter(|byte| !is_padding(byte)).count() > END_WINDOW
}

/// The trailer of one cross-reference section.
#[derive(Default)]
struct Section {
    /// The number of objects.
    size: Option<i64>,
    /// The offset of the previous section.
    previous: Option<i64>,
}

impl Section {
    /// Reads the section at `offset`: a table followed by its trailer, or a stream.
    fn at(bytes: &[u8], offset: usize) -> Option<Self> {
        let rest = bytes.get(offset..)?.trim_ascii_start();
        let dictionary = if rest.starts_with(b"xref") {
            let trailer = memmem::find(rest, b"trailer")?;
            rest.get(trailer + b"trailer".len()..)?
        } else {
            let head = rest.get(..64).unwrap_or(rest);
            rest.get(memmem::find(head, b" obj")? + b" obj".len()..)?
        };
        let window = dictionary.get(..WINDOW).unwrap_or(dictionary);
        let mut section = Self::default();
        let mut key: &[u8] = b"";
        object_lexer::object_length(window, |token, open| match token {
            Token::Name(name) => key = name,
            Token::Number(digits) if open == 1 => match key {
                b"Size" => section.size = section.size.or(number(digits)),
                b"Prev" => section.previous = section.previous.or(number(digits)),
                _ => {}
            },
            _ => {}
        })?;
        Some(section)
    }
}

/// Returns the whole number at the start of bytes.
fn number(bytes: &[u8]) -> Option<i64> {
    let end = bytes
        .iter()
        .position(|byte| !byte.is_ascii_digit() && !matches!(byte, b'-' | b'+'));
    let digits = bytes.get(..end.unwrap_or(bytes.len()))?;
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(trailer: &str, rest: &str) -> Vec<u8> {
        format!("%PDF-1.4 xref\n0 1\ntrailer\n<<{trailer}>>\nstartxref\n9\n%%EOF\n{rest}")
            .into_bytes()
    }

    #[test]
    fn a_trailer_without_a_valid_size_and_a_loop_are_damage() {
        let check = |trailer, expected: &[Damage]| {
            assert_eq!(damage(&file(trailer, "")), expected, "{trailer}");
        };
        check("/Size 9/Root 1 0 R", &[]);
        check("/Root 1 0 R", &[Damage::ObjectCount]);
        check("/Size 2000000000", &[Damage::ObjectCount]);
        check("/Size -1", &[Damage::ObjectCount]);
        check("/Size 9/Prev 9", &[Damage::ReferenceLoop]);
        check("/Size 9/Prev 999999999", &[]);
    }

    #[test]
    fn data_after_the_end_is_damage_unless_it_is_padding() {
        let check = |rest: &str, expected: &[Damage]| {
            assert_eq!(damage(&file("/Size 9", rest)), expected);
        };
        check(&"\0".repeat(4096), &[]);
        check(&"x".repeat(1000), &[]);
        check(&"x".repeat(2000), &[Damage::ForeignData]);
        check("PK\u{5}\u{6}", &[Damage::ForeignData]);
    }
}
