//! Rewrites objects that engines may misread, as most readers understand them.
//!
//! Readers differ in what they tolerate: a dictionary key without a value, blanks after the keyword
//! `stream`, a missing `endstream`, a wrong length. hayro-syntax drops such an object, or takes the
//! objects behind it for its data. This module parses one object with the tolerance of all of them,
//! and writes it without anything to tolerate.

use super::content::is_blank;
use super::content::object_lexer::{self, Container, Token};
use super::damage::Damage;
use super::object_extent::{self, without_blanks, without_space};
use memchr::memmem;
use std::collections::BTreeSet;
use std::ops::Range;

/// Bytes of an AES block. Encrypted data consists of whole blocks.
const AES_BLOCK: usize = 16;
/// Nesting depth of arrays and dictionaries. Real objects stay in single digits.
const MAX_DEPTH: usize = 64;
/// The cost of a key without a value, when the entries of a dictionary are chosen.
const KEY_COST: u32 = 2;
/// The cost of a value without a key.
const VALUE_COST: u32 = 3;
/// Names that are keys, never values (ISO 32000-2). With them, it is certain which of two names the
/// key is.
const KEYS: [&[u8]; 26] = [
    b"Annots",
    b"BaseFont",
    b"BBox",
    b"Contents",
    b"Count",
    b"CropBox",
    b"DecodeParms",
    b"DescendantFonts",
    b"Encrypt",
    b"Filter",
    b"First",
    b"FirstChar",
    b"FontDescriptor",
    b"Kids",
    b"LastChar",
    b"Length",
    b"MediaBox",
    b"Parent",
    b"Resources",
    b"Root",
    b"Rotate",
    b"Size",
    b"Subtype",
    b"ToUnicode",
    b"Type",
    b"Widths",
];

/// An object without errors.
#[derive(Debug)]
pub(super) struct RepairedObject {
    /// From behind the keyword `obj` to before `endobj`.
    pub(super) bytes: Vec<u8>,
    /// What was repaired, each kind once.
    pub(super) damage: BTreeSet<Damage>,
}

/// Looks up an object that is the length of a stream, by its number.
pub(super) type FindLength<'l> = dyn Fn(u32) -> Option<usize> + 'l;

impl RepairedObject {
    /// Reads the object whose keyword `obj` ends at an offset. Returns `None` if it has no end.
    pub(super) fn read(bytes: &[u8], start: usize, find_length: &FindLength<'_>) -> Option<Self> {
        let rest = bytes.get(start..)?;
        let (nodes, length) = parse(object_extent::window(rest))?;
        let mut damage = BTreeSet::new();
        let mut out = vec![b'\n'];
        let entries = match nodes.into_iter().next()? {
            Node::Dictionary(entries) => entries,
            other => {
                let is_changed = other.write(&mut out);
                out.push(b'\n');
                damage.extend(is_changed.then_some(Damage::Dictionary));
                return Some(Self { bytes: out, damage });
            }
        };
        let keyword = rest.get(length..).unwrap_or_default();
        let keyword = length + keyword.len() - without_space(keyword).len();
        let is_stream = rest
            .get(keyword..)
            .is_some_and(|rest| rest.starts_with(b"stream"));
        if !is_stream {
            let is_changed = entries.write(None, &mut out);
            damage.extend(is_changed.then_some(Damage::Dictionary));
            return Some(Self { bytes: out, damage });
        }
        let declared = entries.length(find_length);
        let data = StreamData::find(bytes, start + keyword + b"stream".len(), declared);
        let is_changed = entries.write(Some(data.range.len()), &mut out);
        damage.extend(is_changed.then_some(Damage::Dictionary));
        damage.extend(data.damage);
        out.extend(b"\nstream\n");
        out.extend_from_slice(bytes.get(data.range)?);
        out.extend(b"\nendstream\n");
        Some(Self { bytes: out, damage })
    }

    /// Reads a dictionary outside of an object: that of a trailer.
    pub(super) fn dictionary(bytes: &[u8]) -> Option<Self> {
        let (nodes, _) = parse(object_extent::window(bytes))?;
        let Node::Dictionary(entries) = nodes.into_iter().next()? else {
            return None;
        };
        let mut out = Vec::new();
        let is_changed = entries.write(None, &mut out);
        Some(Self {
            bytes: out,
            damage: is_changed
                .then_some(Damage::Dictionary)
                .into_iter()
                .collect(),
        })
    }
}

/// A part of an object.
#[derive(Debug)]
enum Node<'b> {
    /// Without the slash.
    Name(&'b [u8]),
    /// A number, string or keyword as it is written.
    Value(&'b [u8]),
    /// A keyword without meaning, which becomes null.
    Unknown,
    /// Number and generation.
    Reference(&'b [u8], &'b [u8]),
    Array(Vec<Node<'b>>),
    Dictionary(Entries<'b>),
}

/// Parses the first object of bytes. Returns it and its length.
fn parse(bytes: &[u8]) -> Option<(Vec<Node<'_>>, usize)> {
    let mut open: Vec<(Container, Vec<Node<'_>>)> = Vec::new();
    let mut found = Vec::new();
    let mut is_too_deep = false;
    let length = object_lexer::object_length(bytes, |token, _| {
        let siblings = open.last_mut().map_or(&mut found, |(_, nodes)| nodes);
        match token {
            Token::Open(container) => {
                is_too_deep |= open.len() >= MAX_DEPTH;
                open.push((container, Vec::new()));
            }
            Token::Close => {
                let Some((container, nodes)) = open.pop() else {
                    return;
                };
                let node = match container {
                    Container::Array => Node::Array(nodes),
                    Container::Dictionary => Node::Dictionary(Entries::of(nodes)),
                };
                let siblings = open.last_mut().map_or(&mut found, |(_, nodes)| nodes);
                siblings.push(node);
            }
            Token::Keyword(b"R") => match siblings.as_slice() {
                [.., Node::Value(number), Node::Value(generation)]
                    if is_integer(number) && is_integer(generation) =>
                {
                    let node = Node::Reference(number, generation);
                    siblings.truncate(siblings.len() - 2);
                    siblings.push(node);
                }
                _ => siblings.push(Node::Unknown),
            },
            Token::Keyword(word @ (b"true" | b"false" | b"null")) => {
                siblings.push(Node::Value(word));
            }
            Token::Keyword(_) => siblings.push(Node::Unknown),
            Token::Name(name) => siblings.push(Node::Name(name)),
            Token::Number(digits) => siblings.push(Node::Value(digits)),
            Token::String(text) => siblings.push(Node::Value(with_delimiters(bytes, text))),
        }
    })?;
    (!is_too_deep).then_some((found, length))
}

/// Returns a string with its delimiters; `text` is a part of `bytes`.
fn with_delimiters<'b>(bytes: &'b [u8], text: &'b [u8]) -> &'b [u8] {
    let at = text.as_ptr().addr().saturating_sub(bytes.as_ptr().addr());
    bytes
        .get(at.saturating_sub(1)..at + text.len() + 1)
        .unwrap_or_default()
}

fn is_integer(digits: &[u8]) -> bool {
    !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)
}

impl Node<'_> {
    /// Writes the node, with a space before it. Returns whether anything in it was repaired.
    fn write(&self, out: &mut Vec<u8>) -> bool {
        out.push(b' ');
        match self {
            Self::Name(name) => {
                out.push(b'/');
                out.extend_from_slice(name);
                false
            }
            Self::Value(value) => {
                out.extend_from_slice(value);
                false
            }
            Self::Unknown => {
                out.extend(b"null");
                true
            }
            Self::Reference(number, generation) => {
                out.extend_from_slice(&[*number, b" ", *generation, b" R"].concat());
                false
            }
            Self::Array(items) => {
                out.push(b'[');
                let changes = items.iter().map(|item| item.write(out));
                let is_changed = changes.fold(false, |before, change| before | change);
                out.extend(b" ]");
                is_changed
            }
            Self::Dictionary(entries) => entries.write(None, out),
        }
    }
}

/// The entries of a dictionary.
#[derive(Debug)]
struct Entries<'b> {
    pairs: Vec<(&'b [u8], Node<'b>)>,
    /// Whether keys without values, or values without keys, were dropped.
    is_changed: bool,
}

impl<'b> Entries<'b> {
    /// Pairs keys with values.
    ///
    /// Of all ways to pair the items of a dictionary, chooses the one that drops least and pairs no
    /// key with another key.
    fn of(items: Vec<Node<'b>>) -> Self {
        let starts_pair = starts_of_pairs(&items);
        let mut pairs = Vec::with_capacity(items.len() / 2);
        let mut is_changed = false;
        let mut key = None;
        for (item, starts_pair) in items.into_iter().zip(starts_pair) {
            match (key.take(), item) {
                (Some(key), value) => pairs.push((key, value)),
                (None, Node::Name(name)) if starts_pair => key = Some(name),
                _ => is_changed = true,
            }
        }
        Self { pairs, is_changed }
    }

    /// Returns the length that the dictionary declares or refers to.
    fn length(&self, find_length: &FindLength<'_>) -> Option<usize> {
        let (_, value) = self.pairs.iter().find(|(key, _)| *key == b"Length")?;
        let number = |digits: &[u8]| std::str::from_utf8(digits).ok()?.parse().ok();
        match value {
            Node::Value(digits) => number(digits),
            Node::Reference(object, _) => find_length(number(object)?.try_into().ok()?),
            _ => None,
        }
    }

    /// Writes the dictionary, with another length if it is that of a stream. Returns whether
    /// anything in it was repaired.
    fn write(&self, length: Option<usize>, out: &mut Vec<u8>) -> bool {
        let mut is_changed = self.is_changed;
        out.extend(b"<<");
        for (key, value) in &self.pairs {
            if *key == b"Length" && length.is_some() {
                continue;
            }
            Node::Name(key).write(out);
            is_changed |= value.write(out);
        }
        if let Some(length) = length {
            out.extend(format!(" /Length {length}").into_bytes());
        }
        out.extend(b" >>");
        is_changed
    }
}

/// Returns for each item of a dictionary whether it is the key of the item behind it, unless it is
/// itself a value.
fn starts_of_pairs(items: &[Node<'_>]) -> Vec<bool> {
    let pair_cost = |index: usize| match (items.get(index)?, items.get(index + 1)?) {
        (Node::Name(_), Node::Name(value)) if KEYS.contains(value) => Some(VALUE_COST),
        (Node::Name(_), Node::Unknown) => Some(1),
        (Node::Name(_), _) => Some(0),
        _ => None,
    };
    let mut starts_pair = vec![false; items.len()];
    // The costs of the items behind an index: from the next one on, and from the one after it on.
    let (mut next, mut after) = (0_u32, 0_u32);
    for (index, node) in items.iter().enumerate().rev() {
        let dropped = match node {
            Node::Name(_) => KEY_COST,
            _ => VALUE_COST,
        };
        let dropped = dropped.saturating_add(next);
        let paired = pair_cost(index).map(|own| own.saturating_add(after));
        let best = paired.map_or(dropped, |paired| paired.min(dropped));
        if let Some(starts_pair) = starts_pair.get_mut(index) {
            *starts_pair = paired == Some(best);
        }
        (next, after) = (best, next);
    }
    starts_pair
}

/// Where the data of a stream is.
struct StreamData {
    range: Range<usize>,
    damage: Vec<Damage>,
}

impl StreamData {
    /// Finds the data behind a keyword `stream`, which ends at an offset.
    ///
    /// The declared length counts if the stream or the object ends behind it. Otherwise, the data
    /// ends before the next keyword that ends either.
    fn find(bytes: &[u8], keyword_end: usize, declared: Option<usize>) -> Self {
        let starts = starts(bytes, keyword_end);
        let (first, is_regular) = starts
            .first()
            .map_or((keyword_end, false), |start| (start.0, start.1));
        let mut damage = Vec::new();
        let declared_at = declared.and_then(|length| {
            let ends = starts.iter().filter_map(|(start, is_regular)| {
                let end = start.checked_add(length)?;
                Some((*start, *is_regular, end, StreamEnd::at(bytes, end)?))
            });
            // If several starts are possible, the end decides.
            ends.min_by_key(|(.., end)| *end)
        });
        let (range, is_regular) = if let Some((start, is_regular, end, marker)) = declared_at {
            if marker != StreamEnd::Marked {
                damage.push(Damage::StreamBoundary);
            }
            (start..end, is_regular)
        } else {
            damage.push(Damage::StreamLength);
            let (end, is_marked) = search_end(bytes, first);
            if !is_marked {
                damage.push(Damage::StreamBoundary);
            }
            (first..end, is_regular)
        };
        if !is_regular {
            damage.push(Damage::StreamBoundary);
        }
        Self { range, damage }
    }
}

/// Returns where the data behind a keyword can begin, the likeliest offset first, and whether it is
/// where the standard places it (ISO 32000-2, 7.3.8.1).
fn starts(bytes: &[u8], keyword_end: usize) -> Vec<(usize, bool)> {
    let rest = bytes.get(keyword_end..).unwrap_or_default();
    let is_inline = |byte: &&u8| is_blank(**byte) && !matches!(**byte, b'\n' | b'\r');
    let blanks = rest.iter().take_while(is_inline).count();
    let at_line_end = rest.get(blanks..).unwrap_or_default();
    let after = at_line_end.strip_prefix(b"\r").unwrap_or(at_line_end);
    let after = after.strip_prefix(b"\n").unwrap_or(after);
    let line_end = at_line_end.len() - after.len();
    let mut starts = vec![(keyword_end + blanks + line_end, blanks == 0 && line_end > 0)];
    if line_end == 2 {
        // The line feed can be the first byte of the data.
        starts.push((keyword_end + blanks + 1, false));
    }
    if blanks > 0 {
        // So can a blank.
        starts.push((keyword_end, false));
    }
    starts
}

/// What follows the data of a stream, from the best to the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum StreamEnd {
    /// The keyword `endstream`.
    Marked,
    /// A part of the keyword, or the end of the object.
    Unmarked,
}

impl StreamEnd {
    /// Returns `None` if the data does not end at an offset.
    fn at(bytes: &[u8], offset: usize) -> Option<Self> {
        let rest = bytes.get(offset..)?;
        let after = without_blanks(rest);
        if after.starts_with(b"endstream") {
            return Some(Self::Marked);
        }
        // Inside of the keyword, the length is too long.
        let is_inside = (1..b"endstream".len()).any(|before| {
            let word = offset.checked_sub(before).and_then(|at| bytes.get(at..));
            word.is_some_and(|word| word.starts_with(b"endstream"))
        });
        if is_inside {
            return None;
        }
        let is_separate = after.len() < rest.len();
        let is_end = after.is_empty()
            || after.starts_with(b"endobj")
            || is_misspelt(after)
            || is_separate && starts_object_or_section(after);
        is_end.then_some(Self::Unmarked)
    }
}

/// Returns whether the bytes begin with a word in place of `endstream`.
fn is_misspelt(bytes: &[u8]) -> bool {
    let letters = bytes.iter().take_while(|byte| byte.is_ascii_alphabetic());
    let Some((word, rest)) = bytes.split_at_checked(letters.count()) else {
        return false;
    };
    !word.is_empty() && without_blanks(rest).starts_with(b"endobj") || word.starts_with(b"endst")
}

/// Returns whether the bytes begin with the head of an object, or with a cross-reference section.
fn starts_object_or_section(bytes: &[u8]) -> bool {
    let head = bytes.get(..32).unwrap_or(bytes);
    let mut words = head
        .split(|byte| is_blank(*byte))
        .filter(|word| !word.is_empty());
    let (first, second, third) = (words.next(), words.next(), words.next());
    let is_head = first.is_some_and(is_integer)
        && second.is_some_and(is_integer)
        && third.is_some_and(|word| word.starts_with(b"obj"));
    is_head || matches!(first, Some(b"xref" | b"trailer" | b"startxref"))
}

/// Searches for the end of a stream's data. Returns it, and whether `endstream` marks it.
fn search_end(bytes: &[u8], start: usize) -> (usize, bool) {
    let rest = bytes.get(start..).unwrap_or_default();
    let mut words = memmem::find_iter(rest, b"end").filter_map(|at| {
        let word = rest.get(at..)?;
        let is_marked = word.starts_with(b"endstream");
        (is_marked || word.starts_with(b"endobj")).then_some((at, is_marked))
    });
    let (end, is_marked) = words.next().unwrap_or((rest.len(), false));
    let data = rest.get(..end).unwrap_or_default();
    let data = if is_marked {
        data
    } else {
        without_keyword_remains(data)
    };
    (start + without_line_end(data).len(), is_marked)
}

/// Removes the line end behind the data, unless data that consists of AES blocks ends with it.
fn without_line_end(data: &[u8]) -> &[u8] {
    let shorter = data.strip_suffix(b"\n").unwrap_or(data);
    let shortest = shorter.strip_suffix(b"\r").unwrap_or(shorter);
    let whole = [shortest, shorter, data]
        .into_iter()
        .find(|data| data.len().is_multiple_of(AES_BLOCK));
    whole.unwrap_or(shortest)
}

/// Removes a last line that is a part of the keyword `endstream`.
fn without_keyword_remains(data: &[u8]) -> &[u8] {
    let trimmed = data.trim_ascii_end();
    let word = trimmed
        .iter()
        .rev()
        .take_while(|byte| byte.is_ascii_alphabetic());
    let start = trimmed.len() - word.count();
    match trimmed.split_at_checked(start) {
        Some((before, word)) if word.starts_with(b"endst") => before,
        _ => data,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn repaired(object: &str) -> (String, Vec<Damage>) {
        let lengths = |number| (number == 7).then_some(4);
        let object = format!("{object}\n");
        let object = RepairedObject::read(object.as_bytes(), 0, &lengths).unwrap();
        let text = String::from_utf8(object.bytes).unwrap();
        let words: Vec<_> = text.split_ascii_whitespace().collect();
        (words.join(" "), object.damage.into_iter().collect())
    }

    #[track_caller]
    fn check(object: &str, expected: &str, damage: &[Damage]) {
        assert_eq!(repaired(object), (expected.to_owned(), damage.to_vec()));
    }

    #[test]
    fn keys_without_values_and_values_without_keys_are_dropped() {
        const DAMAGE: &[Damage] = &[Damage::Dictionary];
        let check = |object: &str, expected: &str| check(object, expected, DAMAGE);
        check("<</Catalog/Pages 2 0 R>>", "<< /Pages 2 0 R >>");
        check("<</Pages 2 0 R/Catalog>>", "<< /Pages 2 0 R >>");
        check(
            "<</Odd/Type/Pages/Kids[3 0 R]/Count 1>>",
            "<< /Type /Pages /Kids [ 3 0 R ] /Count 1 >>",
        );
        check(
            "<</Type/Page/Odd/Parent 2 0 R/Rotate>>",
            "<< /Type /Page /Parent 2 0 R >>",
        );
        check("<</A 1 2 3 0 R/B(x)>>", "<< /A 1 /B (x) >>");
        check(
            "<</A<</Odd/B 1>>/C[<</D>>]>>",
            "<< /A << /B 1 >> /C [ << >> ] >>",
        );
        check("<</A 1 garbage/B 2>>", "<< /A 1 /B 2 >>");
        check("[1 garbage 2]", "[ 1 null 2 ]");
    }

    #[test]
    fn sound_objects_are_not_changed() {
        for object in [
            "<< /A /B /C [ 1 2 0 R (a) <AB> ] /D << /E null /F true >> >>",
            "12",
            "(text)",
            "<< /Type /Catalog /Pages 2 0 R /Lang (en) >>",
        ] {
            check(object, object, &[]);
        }
    }

    #[test]
    fn the_data_of_a_stream_ends_where_most_readers_end_it() {
        let expected = "<< /Length 4 >> stream data endstream";
        let check = |object: &str, damage: &[Damage]| check(object, expected, damage);
        check("<</Length 4>>stream\ndata\nendstream endobj", &[]);
        check("<</Length 7 0 R>>stream\r\ndata endstream endobj", &[]);
        let boundary = &[Damage::StreamBoundary];
        check("<</Length 4>>stream \ndata\nendstream endobj", boundary);
        check("<</Length 4>>stream data\nendstream endobj", boundary);
        check("<</Length 4>>streamdata\nendstream endobj", boundary);
        check("<</Length 4>>stream\ndata\nendobj", boundary);
        check("<</Length 4>>stream\ndataendstrea endobj", boundary);
        check("<</Length 4>>stream\ndata\n9 0 obj", boundary);
        check("<</Length 4>>stream\ndata", boundary);
        let length = &[Damage::StreamLength];
        check("<<>>stream\ndata\nendstream endobj", length);
        check("<</Length 2>>stream\ndata\r\nendstream endobj", length);
        check("<</Length 8>>stream\ndata\nendstream endobj", length);
        check("<</Length 8 0 R>>stream\ndata\nendstream endobj", length);
        let both = &[Damage::StreamBoundary, Damage::StreamLength];
        check("<</Length 2>>stream \ndata\nendstrea\nendobj", both);
        check("<<>>stream\ndata\nendobj 2 0 obj", both);
    }

    proptest! {
        #[test]
        fn repaired_objects_need_no_repair(
            parts in prop::collection::vec(
                prop::sample::select(vec![
                    "<<", ">>", "[", "]", "/Type", "/A", "/Length 3", " 1", " 2 0 R", "(x)",
                    "<41>", " word", " stream \n", " endstream", " endobj", "%\n", "\0",
                ]),
                0..40,
            ),
        ) {
            let object = parts.concat();
            let Some(first) = RepairedObject::read(object.as_bytes(), 0, &|_| None) else {
                return Ok(());
            };
            let second = RepairedObject::read(&first.bytes, 0, &|_| None).unwrap();
            prop_assert_eq!(&second.bytes, &first.bytes);
            prop_assert!(second.damage.is_empty(), "{:?}", second.damage);
        }
    }
}
