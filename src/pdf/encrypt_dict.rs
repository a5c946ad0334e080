//! Reads the encryption dictionary from the bytes of a file, without loading the file.
//!
//! Trailers, the dictionaries of cross-reference streams and the encryption dictionary itself are
//! never compressed or encrypted (ISO 32000-2, 7.6.2). A search for the key `/Encrypt` finds them.

use super::keyword_index::{Keyword, KeywordIndex};
use hayro_syntax::object::{Dict, FromBytes, MaybeRef, ObjRef, Object};
use lopdf::{Dictionary, StringFormat};
use memchr::memmem;
use pdf::object::{NoResolve, Object as _};
use pdf::primitive::{PdfString, Primitive};
use std::cell::Cell;

/// Bytes from which one object is read.
const WINDOW: usize = 32 << 10;
/// Occurrences of a key that are tried; a file has one per revision.
const MAX_OCCURRENCES: usize = 16;
/// Depth of references and containers in the dictionary.
const MAX_DEPTH: usize = 6;
/// Values read per file; an encryption dictionary has some thirty.
const MAX_VALUES: usize = 1000;
/// References followed per file; each costs a search through the whole file.
const MAX_REFERENCES: usize = 64;

/// An encryption dictionary in the form that each password checker takes.
pub(super) struct EncryptDict {
    /// For lopdf.
    pub(super) dict: Dictionary,
    /// For `pdf`, if it can parse the dictionary.
    pub(super) pdf_dict: Option<pdf::crypt::CryptDict>,
    /// The first element of the file identifier; empty if the file has none.
    pub(super) file_id: Vec<u8>,
}

/// Finds the last readable encryption dictionary: later revisions of a file replace earlier ones.
pub(super) fn find(keywords: &KeywordIndex<'_>) -> Option<EncryptDict> {
    let bytes = keywords.bytes();
    let reader = ValueReader::new(bytes);
    let mut offsets = value_offsets(bytes, b"/Encrypt", keywords.offsets(Keyword::Encrypt));
    offsets.reverse();
    offsets
        .into_iter()
        .take(MAX_OCCURRENCES)
        .find_map(|offset| {
            let value = reader.read(offset, MAX_DEPTH)?;
            let dict = value.as_dict().ok()?;
            // Other data can contain the key by chance; every encryption dictionary has one of
            // these.
            if !dict.has(b"Filter") && !dict.has(b"V") {
                return None;
            }
            let pdf_dict = pdf::crypt::CryptDict::from_primitive(pdf_form(dict), &NoResolve).ok();
            Some(EncryptDict {
                dict: dict.clone(),
                pdf_dict,
                file_id: file_id(&reader, offset),
            })
        })
}

/// Returns the offsets of a key's values, from the offsets of the key.
///
/// Drops longer keys that begin with the key, such as `/EncryptMetadata`.
fn value_offsets(bytes: &[u8], key: &[u8], offsets: impl Iterator<Item = usize>) -> Vec<usize> {
    let ends = offsets.map(|offset| offset + key.len());
    let ends = ends.filter(|end| !bytes.get(*end).is_some_and(u8::is_ascii_alphabetic));
    ends.collect()
}

/// Reads values from the bytes of one file, within limits.
struct ValueReader<'b> {
    bytes: &'b [u8],
    values: Cell<usize>,
    references: Cell<usize>,
}

impl<'b> ValueReader<'b> {
    fn new(bytes: &'b [u8]) -> Self {
        Self {
            bytes,
            values: Cell::new(0),
            references: Cell::new(0),
        }
    }

    /// Reads the value at `offset`. Searches the file for the objects that it refers to.
    fn read(&self, offset: usize, depth: usize) -> Option<lopdf::Object> {
        let rest = skip_comments(self.bytes.get(offset..)?);
        let window = rest.get(..WINDOW).unwrap_or(rest);
        self.resolve(MaybeRef::from_bytes(window)?, depth)
    }

    fn resolve(&self, value: MaybeRef<Object<'_>>, depth: usize) -> Option<lopdf::Object> {
        let depth = depth.checked_sub(1)?;
        count(&self.values, MAX_VALUES)?;
        let object = match value {
            MaybeRef::Ref(id) => {
                count(&self.references, MAX_REFERENCES)?;
                return self.read(find_object(self.bytes, id)?, depth);
            }
            MaybeRef::NotRef(object) => object,
        };
        Some(match object {
            Object::Boolean(flag) => flag.into(),
            Object::Number(number) => number.as_i64().into(),
            Object::Name(name) => lopdf::Object::Name(name.as_ref().to_vec()),
            Object::String(string) => {
                lopdf::Object::String(string.as_bytes().to_vec(), StringFormat::Hexadecimal)
            }
            Object::Array(array) => {
                let items = array.raw_iter();
                lopdf::Object::Array(items.map_while(|item| self.resolve(item, depth)).collect())
            }
            Object::Dict(dict) => lopdf::Object::Dictionary(self.resolve_dict(&dict, depth)),
            Object::Null(_) | Object::Stream(_) => lopdf::Object::Null,
        })
    }

    fn resolve_dict(&self, dict: &Dict<'_>, depth: usize) -> Dictionary {
        dict.entries()
            .filter_map(|(key, value)| Some((key.as_ref().to_vec(), self.resolve(value, depth)?)))
            .collect()
    }
}

/// Increments a counter; `None` if it exceeds `max`.
fn count(counter: &Cell<usize>, max: usize) -> Option<()> {
    counter.set(counter.get() + 1);
    (counter.get() <= max).then_some(())
}

fn skip_comments(mut bytes: &[u8]) -> &[u8] {
    loop {
        bytes = bytes.trim_ascii_start();
        if !bytes.starts_with(b"%") {
            return bytes;
        }
        let end = memchr::memchr2(b'\n', b'\r', bytes).unwrap_or(bytes.len());
        bytes = bytes.get(end..).unwrap_or_default();
    }
}

/// Returns the offset after the last `number generation obj`: the latest definition of the object.
fn find_object(bytes: &[u8], id: ObjRef) -> Option<usize> {
    let head = format!("{} {} obj", id.obj_number, id.gen_number);
    // Without this check, object 2 would match the end of `12 0 obj`.
    let starts_number = |offset: &usize| {
        let before = offset.checked_sub(1).and_then(|index| bytes.get(index));
        !before.is_some_and(u8::is_ascii_digit)
    };
    let offsets = memmem::find_iter(bytes, head.as_bytes());
    let last = offsets.filter(starts_number).last()?;
    Some(last + head.len())
}

/// Returns the first element of the `/ID` array nearest to `offset`; empty if the file has none.
fn file_id(reader: &ValueReader<'_>, offset: usize) -> Vec<u8> {
    let keys = memmem::find_iter(reader.bytes, b"/ID");
    let mut offsets = value_offsets(reader.bytes, b"/ID", keys);
    // The nearest identifier is in the same trailer as the encryption dictionary.
    offsets.sort_by_key(|at| at.abs_diff(offset));
    offsets
        .into_iter()
        .take(MAX_OCCURRENCES)
        .find_map(|at| {
            let value = reader.read(at, MAX_DEPTH)?;
            let first = value.as_array().ok()?.first()?;
            Some(first.as_str().ok()?.to_vec())
        })
        .unwrap_or_default()
}

/// Converts the dictionary to the form that `pdf` accepts.
///
/// Cuts hashes to the 48 significant bytes (Acrobat pads them to 127), and casts permissions to 32
/// signed bits (some writers print them unsigned).
fn pdf_form(dict: &Dictionary) -> Primitive {
    let revision = dict.get(b"R").and_then(lopdf::Object::as_i64).unwrap_or(0);
    let mut form = pdf::primitive::Dictionary::new();
    for (key, value) in dict {
        let key = String::from_utf8_lossy(key).into_owned();
        let value = match value {
            lopdf::Object::String(hash, _) if revision >= 5 && (key == "O" || key == "U") => {
                let significant = hash.get(..48).unwrap_or(hash);
                Primitive::String(PdfString::new(significant.into()))
            }
            lopdf::Object::Dictionary(inner) => pdf_form(inner),
            other => primitive(other),
        };
        form.insert(key.as_str(), value);
    }
    Primitive::Dictionary(form)
}

fn primitive(value: &lopdf::Object) -> Primitive {
    match value {
        lopdf::Object::Boolean(flag) => Primitive::Boolean(*flag),
        lopdf::Object::Integer(number) => Primitive::Integer(*number as i32),
        lopdf::Object::Name(name) => Primitive::name(String::from_utf8_lossy(name).as_ref()),
        lopdf::Object::String(bytes, _) => Primitive::String(PdfString::new(bytes[..].into())),
        lopdf::Object::Array(items) => Primitive::Array(items.iter().map(primitive).collect()),
        lopdf::Object::Dictionary(dict) => pdf_form(dict),
        _ => Primitive::Null,
    }
}
