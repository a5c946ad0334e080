//! What the trailers of a file say, and what stands behind the last one (ISO 32000-2, 7.5.5).

use super::content::object_lexer::{self, Token};
use super::repair::Damage;
use memchr::memmem;

/// Numbers of objects end before this (ISO 32000-1, annex C).
const OBJECTS: i64 = 8_388_608;
/// Sections followed from the last one back.
const MOST_SECTIONS: usize = 1000;
/// A trailer is read from at most so many bytes.
const WINDOW: usize = 32 << 10;
/// How far back from the end readers look for the end marker.
const LOOK_BACK: usize = 1024;
/// White space behind the end that is no accident.
const PADDING: usize = 1 << 20;

/// What is wrong with the end of a file and the sections that it leads to.
pub(super) fn damage(bytes: &[u8]) -> Vec<Damage> {
    let mut found = Vec::new();
    let Some(last) = memmem::rfind(bytes, b"startxref") else {
        return found;
    };
    let tail = bytes.get(last + b"startxref".len()..).unwrap_or_default();
    found.extend(has_appendage(tail).then_some(Damage::Appendage));
    let mut next = number(tail.trim_ascii_start());
    let mut visited = Vec::new();
    while let Some(place) = next.and_then(|place| usize::try_from(place).ok()) {
        if visited.contains(&place) {
            found.push(Damage::Loop);
        }
        if visited.contains(&place) || visited.len() >= MOST_SECTIONS {
            break;
        }
        visited.push(place);
        let Some(section) = Section::at(bytes, place) else {
            break;
        };
        if visited.len() == 1
            && !section
                .size
                .is_some_and(|size| (1..=OBJECTS).contains(&size))
        {
            found.push(Damage::Size);
        }
        next = section.previous;
    }
    found
}

/// Whether more follows the end marker than readers look back over.
fn has_appendage(tail: &[u8]) -> bool {
    let Some(end) = memmem::find(tail, b"%%EOF") else {
        return false;
    };
    let behind = tail.get(end + b"%%EOF".len()..).unwrap_or_default();
    let padding = |byte: &&u8| byte.is_ascii_whitespace() || **byte == 0;
    // An archive is found from its end, so a file can be both.
    memmem::find(behind, b"PK\x05\x06").is_some()
        || behind.len() > PADDING
        || behind.len() > LOOK_BACK
            && behind.iter().filter(|byte| !padding(byte)).count() > LOOK_BACK
}

/// What the trailer of one cross-reference section says.
#[derive(Default)]
struct Section {
    size: Option<i64>,
    previous: Option<i64>,
}

impl Section {
    /// The section that begins at `place`: a table with its trailer behind, or a stream.
    fn at(bytes: &[u8], place: usize) -> Option<Self> {
        let rest = bytes.get(place..)?.trim_ascii_start();
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

/// The whole number at the start of bytes.
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

    fn file(trailer: &str, behind: &str) -> Vec<u8> {
        format!("%PDF-1.4 xref\n0 1\ntrailer\n<<{trailer}>>\nstartxref\n9\n%%EOF\n{behind}")
            .into_bytes()
    }

    #[test]
    fn trailers_say_how_many_objects_there_are_and_never_lead_back() {
        let check = |trailer, expected: &[Damage]| {
            assert_eq!(damage(&file(trailer, "")), expected, "{trailer}");
        };
        check("/Size 9/Root 1 0 R", &[]);
        check("/Root 1 0 R", &[Damage::Size]);
        check("/Size 2000000000", &[Damage::Size]);
        check("/Size -1", &[Damage::Size]);
        check("/Size 9/Prev 9", &[Damage::Loop]);
        check("/Size 9/Prev 999999999", &[]);
    }

    #[test]
    fn what_follows_the_end_is_noticed_but_for_padding() {
        let check = |behind: &str, expected: &[Damage]| {
            assert_eq!(damage(&file("/Size 9", behind)), expected);
        };
        check(&"\0".repeat(4096), &[]);
        check(&"x".repeat(1000), &[]);
        check(&"x".repeat(2000), &[Damage::Appendage]);
        check("PK\u{5}\u{6}", &[Damage::Appendage]);
    }
}
