//! Peeks at the encryption dictionary in the bytes of a file, without loading the file.
//!
//! Trailers and cross-reference stream dictionaries are never compressed or encrypted, and neither
//! is the encryption dictionary itself (ISO 32000-2, 7.6.2), so all of it can be found by its name.

use super::marks::{Mark, Marks};
use hayro_syntax::object::{Dict, FromBytes, MaybeRef, ObjRef, Object};
use lopdf::{Dictionary, StringFormat};
use memchr::memmem;
use pdf::object::{NoResolve, Object as _};
use pdf::primitive::{PdfString, Primitive};
use std::cell::Cell;

/// An object is read from at most so many bytes.
const WINDOW: usize = 32 << 10;
/// Places of a key that are looked at; a file has one a revision.
const MAX_PLACES: usize = 16;
/// References and containers followed inside the dictionary.
const MAX_DEPTH: usize = 6;
/// Values read for one file; an encryption dictionary has some thirty.
const MAX_VALUES: usize = 1000;
/// References followed for one file; each is a search through all of it.
const MAX_REFERENCES: usize = 64;

/// An encryption dictionary for either checker, and the first file identifier.
pub(super) struct BareObject {
    pub(super) dict: Dictionary,
    pub(super) second: Option<pdf::crypt::CryptDict>,
    pub(super) id: Vec<u8>,
}

/// Finds the last readable encryption dictionary: later revisions of a file replace earlier ones.
pub(super) fn encryption_dictionary(marks: &Marks<'_>) -> Option<BareObject> {
    let bytes = marks.bytes();
    let peek = Peek::new(bytes);
    let mut places = behind_keys(bytes, b"/Encrypt", marks.places(Mark::Encryption));
    places.reverse();
    places.into_iter().take(MAX_PLACES).find_map(|place| {
        let value = peek.read(place, MAX_DEPTH)?;
        let dict = value.as_dict().ok()?;
        if !dict.has(b"Filter") && !dict.has(b"V") {
            return None;
        }
        let second = pdf::crypt::CryptDict::from_primitive(second_form(dict), &NoResolve).ok();
        Some(BareObject {
            dict: dict.clone(),
            second,
            id: identifier(&peek, place),
        })
    })
}

/// Where the values of a key begin, which stands at these places or begins what does:
/// `/EncryptMetadata` is another key than `/Encrypt`.
fn behind_keys(bytes: &[u8], key: &[u8], places: impl Iterator<Item = usize>) -> Vec<usize> {
    let ends = places.map(|place| place + key.len());
    let ends = ends.filter(|end| !bytes.get(*end).is_some_and(u8::is_ascii_alphabetic));
    ends.collect()
}

/// Reads values out of the bytes of one file, within bounds on what that costs.
struct Peek<'b> {
    bytes: &'b [u8],
    values: Cell<usize>,
    references: Cell<usize>,
}

impl<'b> Peek<'b> {
    fn new(bytes: &'b [u8]) -> Self {
        Self {
            bytes,
            values: Cell::new(0),
            references: Cell::new(0),
        }
    }

    /// Reads the value at `place`; references in it are followed by search.
    fn read(&self, place: usize, depth: usize) -> Option<lopdf::Object> {
        let rest = skip_comments(self.bytes.get(place..)?);
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

/// Counts one more; `None` once there were too many.
fn count(counter: &Cell<usize>, most: usize) -> Option<()> {
    counter.set(counter.get() + 1);
    (counter.get() <= most).then_some(())
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

/// The place behind the last `number generation obj`.
fn find_object(bytes: &[u8], id: ObjRef) -> Option<usize> {
    let head = format!("{} {} obj", id.obj_number, id.gen_number);
    let starts_number = |place: &usize| {
        let before = place.checked_sub(1).and_then(|index| bytes.get(index));
        !before.is_some_and(u8::is_ascii_digit)
    };
    let places = memmem::find_iter(bytes, head.as_bytes());
    let last = places.filter(starts_number).last()?;
    Some(last + head.len())
}

/// The first element of the `/ID` array nearest to `place`, or nothing where there is none.
fn identifier(peek: &Peek<'_>, place: usize) -> Vec<u8> {
    let keys = memmem::find_iter(peek.bytes, b"/ID");
    let mut places = behind_keys(peek.bytes, b"/ID", keys);
    places.sort_by_key(|at| at.abs_diff(place));
    places
        .into_iter()
        .take(MAX_PLACES)
        .find_map(|at| {
            let value = peek.read(at, MAX_DEPTH)?;
            let first = value.as_array().ok()?.first()?;
            Some(first.as_str().ok()?.to_vec())
        })
        .unwrap_or_default()
}

/// The dictionary as `pdf` needs it: hashes cut to the 48 bytes that count (Acrobat pads them to
/// 127), permissions as 32 signed bits (some writers print them unsigned).
fn second_form(dict: &Dictionary) -> Primitive {
    let revision = dict.get(b"R").and_then(lopdf::Object::as_i64).unwrap_or(0);
    let mut form = pdf::primitive::Dictionary::new();
    for (key, value) in dict {
        let key = String::from_utf8_lossy(key).into_owned();
        let value = match value {
            lopdf::Object::String(hash, _) if revision >= 5 && (key == "O" || key == "U") => {
                let counted = hash.get(..48).unwrap_or(hash);
                Primitive::String(PdfString::new(counted.into()))
            }
            lopdf::Object::Dictionary(inner) => second_form(inner),
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
        lopdf::Object::Dictionary(dict) => second_form(dict),
        _ => Primitive::Null,
    }
}
