//! Reads the objects of a file as it was at one time.

use super::canonical::canonical;
use super::dictionary::{Dictionary, reference, references};
use crate::pdf::content::{is_blank, object_lexer};
use crate::pdf::cross_reference::{Entry, Table};
use crate::pdf::object_extent;
use hayro_syntax::Pdf;
use hayro_syntax::object::{Array, Dict, ObjectIdentifier, Stream};
use memchr::memmem;

/// Fields that inherit their kind or their value from a parent are followed so far.
pub(super) const MAX_PARENTS: usize = 8;
/// The keyword in front of the trailer of a table.
const TRAILER: &[u8] = b"trailer";
/// Bytes in which the number, the generation and the keyword of an object are.
const MAX_HEAD: usize = 40;

/// The file at one time.
pub(super) struct Revision<'f> {
    pub(super) bytes: &'f [u8],
    pub(super) table: Table,
    /// What reads the objects in streams.
    pub(super) pdf: Option<PdfOf<'f>>,
}

/// What reads the objects in streams.
pub(super) enum PdfOf<'f> {
    Signed(Pdf),
    File(&'f Pdf),
}

impl PdfOf<'_> {
    pub(super) fn get(&self) -> &Pdf {
        match self {
            Self::Signed(pdf) => pdf,
            Self::File(pdf) => pdf,
        }
    }
}

/// An object as it is written.
struct Written<'f> {
    text: &'f [u8],
    is_stream: bool,
}

impl<'f> Revision<'f> {
    /// Returns whether the file has an object.
    pub(super) fn has(&self, number: u32) -> bool {
        let entry = self.table.entries.get(&number);
        entry.is_some_and(|entry| *entry != Entry::Free)
    }

    /// Returns an object as it is written, or the dictionary of a stream.
    pub(super) fn object(&self, number: u32) -> Option<Vec<u8>> {
        match *self.table.entries.get(&number)? {
            Entry::Free => None,
            Entry::Plain { offset, .. } => Some(self.written(number, offset)?.text.to_vec()),
            Entry::Packed { .. } => {
                let xref = self.pdf.as_ref()?.get().xref();
                let id = ObjectIdentifier::new(number, 0);
                let dictionary = xref.get::<Dict<'_>>(id).map(|found| found.data().to_vec());
                dictionary.or_else(|| {
                    let array = xref.get::<Array<'_>>(id)?;
                    Some([b"[", array.data(), b"]"].concat())
                })
            }
        }
    }

    /// Returns whether an object is a stream.
    pub(super) fn is_stream(&self, number: u32) -> bool {
        match self.table.entries.get(&number) {
            Some(Entry::Plain { offset, .. }) => {
                let written = self.written(number, *offset);
                written.is_some_and(|written| written.is_stream)
            }
            _ => false,
        }
    }

    /// Reads an object that is not in a stream.
    fn written(&self, number: u32, offset: usize) -> Option<Written<'f>> {
        let rest = object_extent::window(self.bytes.get(offset..)?);
        let head = memmem::find(rest.get(..MAX_HEAD).unwrap_or(rest), b"obj")?;
        let (found, _) = object_extent::id_before(rest.get(..head)?.trim_ascii_end())?;
        let body = rest.get(head + b"obj".len()..)?;
        let length = object_lexer::object_length(body, |_, _| {})?;
        let (text, after) = body.split_at_checked(length)?;
        let after = object_extent::without_space(after);
        let is_stream = after.starts_with(b"stream");
        // Readers differ in what they take of several values.
        let is_one_value = is_stream || after.starts_with(b"endobj");
        (found == number && is_one_value).then_some(Written { text, is_stream })
    }

    /// Returns the numbers of the objects in an object stream, in its order.
    pub(super) fn members(&self, stream: u32) -> Option<Vec<u32>> {
        let xref = self.pdf.as_ref()?.get().xref();
        let stream = xref.get::<Stream<'_>>(ObjectIdentifier::new(stream, 0))?;
        let count: u32 = stream.dict().get("N")?;
        let data = stream.decoded_data().ok()?;
        let mut numbers = Vec::new();
        let mut words = data.split(|byte| is_blank(*byte));
        let mut words = words.by_ref().filter(|word| !word.is_empty());
        for _ in 0..count {
            let number = std::str::from_utf8(words.next()?).ok()?;
            numbers.push(number.parse().ok()?);
            words.next()?;
        }
        Some(numbers)
    }

    /// Returns a value of the trailer.
    pub(super) fn trailer_value(&self, key: &[u8]) -> Option<Vec<u8>> {
        let trailer = self.trailer();
        Some(Dictionary::parse(&trailer)?.value(key)?.to_vec())
    }

    /// Returns the trailers of tables as they are written, also those that were replaced.
    pub(super) fn written_trailers(&self) -> impl Iterator<Item = &'f [u8]> {
        let found = memmem::find_iter(self.bytes, TRAILER);
        found.filter_map(|found| {
            let rest = object_extent::window(self.bytes.get(found + TRAILER.len()..)?);
            rest.get(..object_lexer::object_length(rest, |_, _| {})?)
        })
    }

    /// Returns the number of an object of the trailer.
    pub(super) fn trailer_reference(&self, key: &[u8]) -> Option<u32> {
        Dictionary::parse(&self.trailer())?.reference(key)
    }

    fn trailer(&self) -> Vec<u8> {
        [b"<<", self.table.trailer.as_slice(), b">> "].concat()
    }

    /// Returns a value: as it is written, or the object that it refers to.
    pub(super) fn resolved(&self, value: &[u8]) -> Option<Vec<u8>> {
        let is_direct = value.starts_with(b"[") || value.starts_with(b"<<");
        if is_direct {
            return Some([value, b" "].concat());
        }
        self.object(self.target(value)?)
    }

    /// Returns the number of the object that a value refers to, if it is a reference. One with
    /// another generation than the object's is null.
    pub(super) fn target(&self, value: &[u8]) -> Option<u32> {
        let number = reference(value)?;
        let generation = match self.table.entries.get(&number)? {
            Entry::Plain { generation, .. } => *generation,
            Entry::Free | Entry::Packed { .. } => 0,
        };
        let expected = format!("{number} {generation} R");
        (canonical(value) == canonical(expected.as_bytes())).then_some(number)
    }

    /// Returns the first result for a field or the fields from which it inherits.
    pub(super) fn inherited<T>(
        &self,
        field: u32,
        mut find: impl FnMut(&Dictionary<'_>) -> Option<T>,
    ) -> Option<T> {
        let mut next = Some(field);
        for _ in 0..MAX_PARENTS {
            let object = self.object(next?)?;
            let dictionary = Dictionary::parse(&object)?;
            if let Some(found) = find(&dictionary) {
                return Some(found);
            }
            next = dictionary.reference(b"Parent");
        }
        None
    }

    /// Returns whether an object is a signature field, or the widget of one.
    pub(super) fn is_signature_field(&self, number: u32) -> bool {
        let kind = self.inherited(number, |field| field.name(b"FT"));
        kind.is_some_and(|kind| kind == b"Sig")
    }

    /// Returns the fields of the form that are not kids of others.
    pub(super) fn form_fields(&self) -> Vec<u32> {
        let fields = || {
            let root = self.object(self.trailer_reference(b"Root")?)?;
            let form = self.resolved(Dictionary::parse(&root)?.value(b"AcroForm")?)?;
            let fields = self.resolved(Dictionary::parse(&form)?.value(b"Fields")?)?;
            Some(references(&fields))
        };
        fields().unwrap_or_default()
    }

    /// Returns the kids of a field.
    pub(super) fn kids(&self, field: u32) -> Vec<u32> {
        let kids = || {
            let field = self.object(field)?;
            let kids = self.resolved(Dictionary::parse(&field)?.value(b"Kids")?)?;
            Some(references(&kids))
        };
        kids().unwrap_or_default()
    }
}
