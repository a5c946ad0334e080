//! Reads one cross-reference section: a table with its trailer, or a stream.

use super::bytes::Cursor;
use super::{Entry, MAX_OBJECT_NUMBER};
use crate::pdf::content::object_lexer::{self, Token};
use crate::pdf::content::unescape_name;
use crate::pdf::object_repair::RepairedObject;
use crate::pdf::object_scan::has_odd_entries;
use hayro_syntax::object::{Array, Dict, FromBytes, Number, Object, Stream};
use std::borrow::Cow;
use std::collections::HashMap;

/// Bytes from which the dictionary of a trailer is read.
const TRAILER_WINDOW: usize = 64 << 10;
/// The maximum length of a field in a cross-reference stream.
const MAX_FIELD_BYTES: usize = 8;

/// The keys that lead to objects.
const LEADING_KEYS: [&[u8]; 7] = [
    b"Root", b"Prev", b"XRefStm", b"Encrypt", b"ID", b"Index", b"W",
];

/// One section, and the offsets of those that it refers to.
#[derive(Debug)]
pub(super) struct Section {
    /// The entries in the order of the file.
    pub(super) entries: Vec<(u32, Entry)>,
    pub(super) trailer: Trailer,
    /// Whether the section could only be read after repair.
    pub(super) is_damaged: bool,
}

/// What a trailer says.
#[derive(Debug, Default)]
pub(super) struct Trailer {
    /// The entries that concern the whole file, as they are written; empty without `/Root`.
    pub(super) document: Vec<u8>,
    /// The offset of the section that this one updates.
    pub(super) previous: Option<u64>,
    /// The offset of the stream with the entries that this table hides from older readers.
    pub(super) hybrid: Option<u64>,
    /// Whether a key that leads to objects occurs twice.
    has_repeated_key: bool,
}

impl Section {
    /// Reads the section at an offset.
    pub(super) fn read(bytes: &[u8], offset: usize) -> Option<Self> {
        let cursor = Cursor::new(bytes, offset);
        let mut table = cursor;
        match table.word(b"xref") {
            Some(()) => Self::table(table),
            None => Self::stream(cursor),
        }
    }

    /// Reads the lines of a table. Writers differ in their line ends, so that entries have 19 to 21
    /// bytes.
    fn table(mut cursor: Cursor<'_>) -> Option<Self> {
        let mut entries = Vec::new();
        while cursor.word(b"trailer").is_none() {
            let mut first = u32::try_from(cursor.number()?).ok()?;
            let count = u32::try_from(cursor.number()?).ok()?;
            for index in 0..count {
                let offset = cursor.number()?;
                let generation = u32::try_from(cursor.number()?).ok()?;
                let is_used = cursor.word(b"n").is_some();
                if !is_used {
                    cursor.word(b"f")?;
                }
                // Some writers count from 1, although the list of free objects begins with 0.
                if index == 0 && first == 1 && !is_used && generation == 0xFFFF {
                    first = 0;
                }
                let number = first.checked_add(index)?;
                if number > MAX_OBJECT_NUMBER {
                    return None;
                }
                let entry = match usize::try_from(offset) {
                    Ok(offset) if is_used => Entry::Plain { offset, generation },
                    _ => Entry::Free,
                };
                entries.push((number, entry));
            }
        }
        cursor.skip_space();
        let rest = cursor.rest();
        let window = rest.get(..TRAILER_WINDOW).unwrap_or(rest);
        let dict = Dict::from_bytes(window).filter(|dict| !has_odd_entries(dict.data()));
        if let Some(dict) = dict {
            return Some(Self {
                entries,
                trailer: Trailer::of(&dict),
                is_damaged: false,
            });
        }
        let repaired = RepairedObject::dictionary(window)?;
        let trailer = Trailer::of(&Dict::from_bytes(&repaired.bytes)?);
        Some(Self {
            entries,
            trailer,
            is_damaged: !repaired.damage.is_empty(),
        })
    }

    /// Returns whether readers can differ in what the section says.
    pub(super) fn is_ambiguous(&self) -> bool {
        // Most sections are sorted, so that no number can occur twice.
        let mut pairs = self.entries.windows(2);
        let is_sorted = pairs.all(|pair| matches!(pair, [(a, _), (b, _)] if a < b));
        self.trailer.has_repeated_key || !is_sorted && self.has_two_entries()
    }

    /// Returns whether an object has two different entries.
    fn has_two_entries(&self) -> bool {
        let mut known: HashMap<u32, Entry> = HashMap::with_capacity(self.entries.len());
        let mut entries = self.entries.iter();
        entries.any(|(number, entry)| {
            let before = known.insert(*number, *entry);
            before.is_some_and(|before| before != *entry)
        })
    }

    fn stream(mut cursor: Cursor<'_>) -> Option<Self> {
        cursor.object_head()?;
        cursor.skip_space();
        let stream = Stream::from_bytes(cursor.rest());
        let stream = stream.filter(|stream| !has_odd_entries(stream.dict().data()));
        let read = stream.and_then(|stream| Self::of_stream(&stream));
        if read.is_some() {
            return read;
        }
        let repaired = RepairedObject::read(cursor.rest(), 0, &|_| None)?;
        let bytes = repaired.bytes.trim_ascii_start();
        let mut section = Self::of_stream(&Stream::from_bytes(bytes)?)?;
        section.is_damaged = true;
        Some(section)
    }

    fn of_stream(stream: &Stream<'_>) -> Option<Self> {
        let dict = stream.dict();
        let widths: Vec<usize> = dict
            .get::<Array<'_>>(b"W".as_slice())?
            .iter::<u32>()
            .map(|width| width as usize)
            .collect();
        let [kind, first, second] = *widths.first_chunk()?;
        let length = kind + first + second;
        if length == 0
            || [kind, first, second]
                .iter()
                .any(|width| *width > MAX_FIELD_BYTES)
        {
            return None;
        }
        let data = stream.decoded_data().ok()?;
        let mut rows = data.chunks_exact(length);
        let mut entries = Vec::new();
        for (start, count) in subsections(dict)? {
            for index in 0..count {
                // A stream that ends early has the rows that it has.
                let Some(row) = rows.next() else {
                    break;
                };
                let number = start.checked_add(index)?;
                if number > MAX_OBJECT_NUMBER {
                    return None;
                }
                let (kind_field, row) = row.split_at_checked(kind)?;
                let (first_field, second_field) = row.split_at_checked(first)?;
                let kind = if kind == 0 { 1 } else { big_endian(kind_field) };
                let entry = entry(kind, big_endian(first_field), big_endian(second_field));
                entries.push((number, entry));
            }
        }
        Some(Self {
            entries,
            trailer: Trailer::of(dict),
            is_damaged: false,
        })
    }
}

/// Returns the first numbers and the counts of a stream's subsections.
fn subsections(dict: &Dict<'_>) -> Option<Vec<(u32, u32)>> {
    match dict.get::<Array<'_>>(b"Index".as_slice()) {
        Some(index) => {
            let numbers: Vec<u32> = index.iter::<u32>().collect();
            let pairs = numbers.as_chunks::<2>().0.iter();
            Some(pairs.map(|[start, count]| (*start, *count)).collect())
        }
        None => Some(vec![(0, dict.get::<u32>(b"Size".as_slice())?)]),
    }
}

/// Returns the entry of a row. Unknown kinds are null (ISO 32000-2, 7.5.8.3).
fn entry(kind: u64, first: u64, second: u64) -> Entry {
    let packed = || {
        Some(Entry::Packed {
            stream: first.try_into().ok()?,
            index: second.try_into().ok()?,
        })
    };
    let plain = || {
        Some(Entry::Plain {
            offset: first.try_into().ok()?,
            generation: second.try_into().ok()?,
        })
    };
    match kind {
        1 => plain().unwrap_or(Entry::Free),
        2 => packed().unwrap_or(Entry::Free),
        _ => Entry::Free,
    }
}

/// Returns the value of a field of at most eight bytes.
fn big_endian(field: &[u8]) -> u64 {
    field
        .iter()
        .fold(0, |value, byte| value << 8 | u64::from(*byte))
}

impl Trailer {
    fn of(dict: &Dict<'_>) -> Self {
        // Some writers print 0 for "none".
        let offset = |key: &str| {
            let number = dict.get::<Number>(key)?.as_i64();
            u64::try_from(number).ok().filter(|offset| *offset > 0)
        };
        Self {
            document: document_entries(dict),
            previous: offset("Prev"),
            hybrid: offset("XRefStm"),
            has_repeated_key: has_repeated_key(dict.data()),
        }
    }
}

/// Returns whether a key that leads to objects occurs twice in a dictionary. None of these names is
/// a value.
fn has_repeated_key(dictionary: &[u8]) -> bool {
    let mut found: Vec<Cow<'_, [u8]>> = Vec::new();
    let mut is_repeated = false;
    object_lexer::object_length(dictionary, |token, open| {
        if let Token::Name(name) = token
            && open == 1
        {
            let name = unescape_name(name);
            is_repeated |= found.contains(&name);
            if LEADING_KEYS.contains(&name.as_ref()) {
                found.push(name);
            }
        }
    });
    is_repeated
}

/// Returns the entries `/Root`, `/Info`, `/Encrypt` and `/ID` as they are written.
fn document_entries(dict: &Dict<'_>) -> Vec<u8> {
    let mut entries = Vec::new();
    let Some(root) = dict.get_ref("Root") else {
        return entries;
    };
    let reference = |key: &str, number: u32, generation: i32| {
        format!("/{key} {number} {generation} R\n").into_bytes()
    };
    entries.extend(reference("Root", root.obj_number, root.gen_number));
    for key in ["Info", "Encrypt"] {
        if let Some(target) = dict.get_ref(key) {
            entries.extend(reference(key, target.obj_number, target.gen_number));
        } else if let Some(direct) = dict.get::<Dict<'_>>(key) {
            entries.extend(format!("/{key} ").into_bytes());
            entries.extend_from_slice(direct.data());
            entries.push(b'\n');
        }
    }
    if let Some(id) = dict.get::<Array<'_>>("ID") {
        entries.extend(b"/ID [");
        for part in id.iter::<Object<'_>>() {
            if let Object::String(part) = part {
                let hex = part.as_bytes().iter().map(|byte| format!("{byte:02X}"));
                entries.extend(format!("<{}>", hex.collect::<String>()).into_bytes());
            }
        }
        entries.extend(b"]\n");
    }
    entries
}
