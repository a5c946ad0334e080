//! Finds the signature dictionaries of a file (ISO 32000-2, 12.8.1).
//!
//! What is signed is given by offsets, so that a signature dictionary can't be in an object stream,
//! and is searched for in the bytes. A signature field whose dictionary is not found this way has a
//! signature that covers nothing.

use super::dictionary::{Dictionary, numbers};
use crate::pdf::content::object_lexer::{Token, visit_tokens};
use crate::pdf::cross_reference::{Entry, Table};
use crate::pdf::keyword_index::{Keyword, KeywordIndex};
use crate::pdf::object_extent;
use crate::pdf::structure::catalog;
use hayro_syntax::Pdf;
use hayro_syntax::object::{Array, Dict, Name, ObjectIdentifier};
use memchr::memmem;
use std::collections::HashSet;
use std::ops::Range;

/// The key of the signed ranges.
const BYTE_RANGE: &[u8] = b"/ByteRange";
/// Objects in front of the key that are tried: the digits of the signature can look like objects.
const MAX_TRIES: usize = 4;
/// Places of the key that are looked at.
const MAX_PLACES: usize = 2_000;
/// Form fields that are looked at.
const MAX_FIELDS: usize = 10_000;
/// Depth of the tree of form fields.
const MAX_DEPTH: usize = 16;
/// White space in front of an object to which its entry in a table can lead.
const MAX_SPACE: usize = 4;

/// A signature dictionary.
pub(super) struct Found {
    /// The number of the object that contains the dictionary.
    pub(super) number: u32,
    pub(super) generation: u16,
    /// Whether the dictionary is a value in another one.
    pub(super) is_direct: bool,
    pub(super) sub_filter: Vec<u8>,
    /// `/ByteRange` as it is written.
    pub(super) byte_range: Option<Vec<u64>>,
    /// The range of the signature in the file, with its delimiters.
    pub(super) contents: Option<Range<usize>>,
}

/// Returns whether a file may have signatures. This is all that a file without any costs.
pub(super) fn may_exist(bytes: &[u8], pdf: &Pdf) -> bool {
    memmem::find(bytes, BYTE_RANGE).is_some()
        || catalog(pdf).is_some_and(|catalog| catalog.contains_key("AcroForm"))
}

/// Returns the signatures in file order.
pub(super) fn signatures(keywords: &KeywordIndex<'_>, pdf: &Pdf) -> Vec<Found> {
    let mut found = in_bytes(keywords, pdf);
    let fields = catalog(pdf).map(|catalog| signed_fields(pdf, &catalog));
    for field in fields.unwrap_or_default() {
        let is_known = |known: &Found| known.number == field.value || known.number == field.field;
        if !found.iter().any(is_known) {
            found.push(Found {
                number: field.value,
                generation: 0,
                is_direct: false,
                sub_filter: field.sub_filter,
                byte_range: None,
                contents: None,
            });
        }
    }
    found
}

/// Finds the dictionaries with signed ranges.
fn in_bytes(keywords: &KeywordIndex<'_>, pdf: &Pdf) -> Vec<Found> {
    let bytes = keywords.bytes();
    let places: Vec<_> = memmem::find_iter(bytes, BYTE_RANGE)
        .take(MAX_PLACES)
        .collect();
    if places.is_empty() {
        return Vec::new();
    }
    let objects: Vec<_> = keywords.offsets(Keyword::Obj).collect();
    let table = Table::read(bytes);
    let usage_rights = usage_rights(pdf);
    let mut found = Vec::new();
    for place in places {
        let before = objects.partition_point(|offset| *offset < place);
        let tries = objects.get(..before).unwrap_or_default().iter().rev();
        let dictionary = tries
            .take(MAX_TRIES)
            .find_map(|object| Place::find(bytes, *object, place));
        let Some(place) = dictionary else { continue };
        if !place.is_in_use(bytes, table.as_ref()) {
            continue;
        }
        if let Some(signature) = place.signature(bytes)
            && usage_rights != Some(signature.number)
        {
            found.push(signature);
        }
    }
    found
}

/// Where a dictionary with signed ranges is.
struct Place {
    number: u32,
    generation: u16,
    /// The offset of the object's number.
    object: usize,
    /// The offset of the dictionary.
    dictionary: usize,
    is_direct: bool,
}

impl Place {
    /// Finds the dictionary that has the key at `place`, in the object at an offset.
    fn find(bytes: &[u8], object: usize, place: usize) -> Option<Self> {
        let head = bytes.get(..object)?;
        let (number, generation) = object_extent::id_before(head)?;
        let start = object + b" obj".len();
        let body = bytes.get(start..)?;
        let mut open: Vec<usize> = Vec::new();
        let mut found = None;
        visit_tokens(body, |token, range, _| match token {
            Token::Open(_) => open.push(range.start),
            Token::Close => {
                open.pop();
            }
            Token::Name(_) if start + range.start == place => {
                found = open.last().map(|dictionary| (*dictionary, open.len() > 1));
            }
            _ => {}
        });
        let (dictionary, is_direct) = found?;
        Some(Self {
            number,
            generation,
            object: start_of_head(head),
            dictionary: start + dictionary,
            is_direct,
        })
    }

    /// Returns whether the file uses the object, or has used it when it was signed. Attached files
    /// have objects, too.
    fn is_in_use(&self, bytes: &[u8], table: Option<&Table>) -> bool {
        let Some(table) = table else { return true };
        let leads_here = |table: &Table| match table.entries.get(&self.number) {
            Some(Entry::Plain { offset, .. }) => {
                let between = bytes.get(*offset..self.object);
                between.is_some_and(|between| {
                    between.len() <= MAX_SPACE && between.trim_ascii().is_empty()
                })
            }
            _ => false,
        };
        leads_here(table)
            || bytes.get(self.dictionary..).is_some_and(|rest| {
                let ranges = Dictionary::parse(rest).and_then(|found| byte_range(&found));
                let end = ranges.and_then(|ranges| super::end_of(&ranges));
                let signed = end.and_then(|end| bytes.get(..end));
                signed
                    .and_then(Table::read)
                    .is_some_and(|table| leads_here(&table))
            })
    }

    fn signature(&self, bytes: &[u8]) -> Option<Found> {
        let dictionary = Dictionary::parse(bytes.get(self.dictionary..)?)?;
        let kind = dictionary.name(b"Type");
        let is_signature = match kind.as_deref() {
            Some(kind) => kind == b"Sig" || kind == b"DocTimeStamp",
            None => dictionary.name(b"Filter").is_some(),
        };
        let contents = dictionary.range(b"Contents");
        is_signature.then(|| Found {
            number: self.number,
            generation: self.generation,
            is_direct: self.is_direct,
            sub_filter: dictionary.name(b"SubFilter").unwrap_or_default(),
            byte_range: byte_range(&dictionary),
            contents: contents
                .map(|range| self.dictionary + range.start..self.dictionary + range.end),
        })
    }
}

fn byte_range(dictionary: &Dictionary<'_>) -> Option<Vec<u64>> {
    numbers(dictionary.value(b"ByteRange")?)
}

/// Returns the offset of the number and generation at the end of the bytes.
fn start_of_head(head: &[u8]) -> usize {
    let digits = |bytes: &[u8]| {
        let spaced = bytes.trim_ascii_end();
        object_extent::split_digits(spaced).map_or(0, |(before, _)| before.len())
    };
    let generation = digits(head);
    digits(head.get(..generation).unwrap_or_default())
}

/// Returns the object of the signature by which Adobe's programs grant rights to a reader. It
/// signs no content (ISO 32000-1, 12.8.2.3).
fn usage_rights(pdf: &Pdf) -> Option<u32> {
    let permissions = catalog(pdf)?.get::<Dict<'_>>("Perms")?;
    let rights = permissions
        .get_ref("UR3")
        .or_else(|| permissions.get_ref("UR"));
    if let Some(rights) = rights {
        return Some(rights.obj_number);
    }
    // A value in the dictionary of permissions, or in the catalog.
    permissions
        .get::<Dict<'_>>("UR3")
        .or_else(|| permissions.get::<Dict<'_>>("UR"))?;
    let holder = catalog(pdf)?.get_ref("Perms");
    let root = pdf.xref().root_id().obj_number;
    Some(holder.map_or(root, |holder| holder.obj_number))
}

/// A signature field with a value.
struct SignedField {
    field: u32,
    value: u32,
    sub_filter: Vec<u8>,
}

fn signed_fields(pdf: &Pdf, catalog: &Dict<'_>) -> Vec<SignedField> {
    let form = catalog.get::<Dict<'_>>("AcroForm");
    let Some(fields) = form.and_then(|form| form.get::<Array<'_>>("Fields")) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let mut visited = HashSet::new();
    let mut stack = vec![(fields.raw_iter(), false)];
    while let Some((fields, is_signature)) = stack.last_mut() {
        let is_signature = *is_signature;
        let Some(field) = fields.next() else {
            stack.pop();
            continue;
        };
        let Some(id) = field.as_obj_ref().map(ObjectIdentifier::from) else {
            continue;
        };
        if !visited.insert(id) || visited.len() > MAX_FIELDS {
            continue;
        }
        let Some(field) = pdf.xref().get::<Dict<'_>>(id) else {
            continue;
        };
        let kind = field.get::<Name<'_>>("FT");
        let is_signature = kind.map_or(is_signature, |kind| &*kind == b"Sig");
        if let Some(value) = field.get::<Dict<'_>>("V").filter(|_| is_signature) {
            let own = id.obj_number;
            let reference = field.get_ref("V");
            let sub_filter = value.get::<Name<'_>>("SubFilter");
            found.push(SignedField {
                field: own,
                value: reference.map_or(own, |value| value.obj_number),
                sub_filter: sub_filter.map(|name| name.to_vec()).unwrap_or_default(),
            });
        }
        if stack.len() < MAX_DEPTH
            && let Some(kids) = field.get::<Array<'_>>("Kids")
        {
            stack.push((kids.raw_iter(), is_signature));
        }
    }
    found
}
