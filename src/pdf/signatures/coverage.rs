//! Classifies what was appended to a file after it was signed.
//!
//! Compares the file as it was signed with the file as it is, object by object, by their
//! cross-reference tables. Objects that the signed file does not have are harmless unless one of
//! its objects was changed to refer to them, so that only changed objects are judged.

use super::canonical::canonical;
use super::dictionary::{Dictionary, references};
use crate::pdf::catch_panic::catch_panic;
use crate::pdf::cross_reference::{Entry, Table};
use crate::pdf::keyword_index::{Keyword, KeywordIndex};
use crate::pdf::object_extent;
use crate::pdf::open::FileBytes;
use crate::pdf::password::Password;
use hayro_syntax::Pdf;
use hayro_syntax::object::{Array, Dict, ObjectIdentifier};
use memchr::memmem;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

/// Changed objects that are judged.
const MAX_CHANGED: usize = 2_000;
/// Objects of the validation data.
const MAX_VALIDATION_OBJECTS: usize = 5_000;
/// Depth of the validation data: the dictionary, one dictionary per signature, arrays, streams.
const MAX_VALIDATION_DEPTH: usize = 6;
/// Fields that inherit their kind from a parent are followed so far.
const MAX_PARENTS: usize = 8;

/// Keys that signing a field sets or changes.
const SIGNED_FIELD_KEYS: [&[u8]; 11] = [
    b"V", b"AP", b"AS", b"DA", b"F", b"Ff", b"Lock", b"M", b"MK", b"SV", b"Type",
];
/// Keys of a field that change nothing on the page.
const INVISIBLE_FIELD_KEYS: [&[u8]; 3] = [b"Ff", b"Lock", b"SV"];

/// What follows the signed bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Coverage {
    /// Nothing.
    WholeFile,
    /// Further signatures, timestamps or validation data only.
    Extended,
    /// Anything else.
    ChangedAfter,
}

impl Coverage {
    /// Returns the name in records.
    pub fn name(self) -> &'static str {
        match self {
            Self::WholeFile => "whole-file",
            Self::Extended => "extended",
            Self::ChangedAfter => "changed-after",
        }
    }
}

/// A file with signatures.
pub(super) struct SignedFile<'f> {
    bytes: &'f FileBytes,
    keywords: &'f KeywordIndex<'f>,
    pdf: &'f Pdf,
    passwords: &'f [Password],
    /// The objects of signatures that are valid and whose signers are known.
    trusted: HashSet<u32>,
}

impl<'f> SignedFile<'f> {
    pub(super) fn new(
        bytes: &'f FileBytes,
        keywords: &'f KeywordIndex<'f>,
        pdf: &'f Pdf,
        passwords: &'f [Password],
    ) -> Self {
        Self {
            bytes,
            keywords,
            pdf,
            passwords,
            trusted: HashSet::new(),
        }
    }

    /// Adds a signature that is valid and whose signer is known. It may show itself on a page.
    pub(super) fn trust(&mut self, signature: u32) {
        self.trusted.insert(signature);
    }

    /// Classifies what follows the signed bytes, which end at an offset.
    pub(super) fn coverage(&self, end: usize) -> Coverage {
        let tail = self.bytes.get(end..).unwrap_or_default();
        if tail.trim_ascii().is_empty() {
            return Coverage::WholeFile;
        }
        let is_allowed = self.comparison(end).and_then(|comparison| {
            let allowed = comparison.judge()?;
            (allowed && !self.has_stray_objects(end, &comparison)).then_some(())
        });
        match is_allowed {
            Some(()) => Coverage::Extended,
            None => Coverage::ChangedAfter,
        }
    }

    fn comparison(&self, end: usize) -> Option<Comparison<'_>> {
        let signed = self.bytes.get(..end)?;
        let updated = memmem::rfind(self.bytes, b"startxref")? >= end;
        let old = Table::read(signed)?;
        let new = Table::read(self.bytes)?;
        if !updated || new.is_damaged {
            return None;
        }
        let old_pdf = needs_engine(&old).then(|| self.open(signed)).flatten();
        Some(Comparison {
            old: Revision {
                bytes: signed,
                table: old,
                pdf: old_pdf.map(PdfOf::Signed),
            },
            new: Revision {
                bytes: self.bytes,
                table: new,
                pdf: Some(PdfOf::File(self.pdf)),
            },
            trusted: &self.trusted,
            is_encrypted: self.keywords.offsets(Keyword::Encrypt).next().is_some(),
        })
    }

    /// Opens the file as it was signed.
    fn open(&self, signed: &[u8]) -> Option<Pdf> {
        let signed = Arc::new(signed.to_vec());
        catch_panic(|| {
            let plain = Pdf::new(Arc::clone(&signed)).ok();
            plain.or_else(|| {
                let mut passwords = self.passwords.iter();
                passwords.find_map(|password| {
                    Pdf::new_with_password(Arc::clone(&signed), password.expose()).ok()
                })
            })
        })?
    }

    /// Returns whether objects were appended that replace objects of the signed file for readers
    /// that search a file for its objects, and not for others.
    fn has_stray_objects(&self, end: usize, comparison: &Comparison<'_>) -> bool {
        let appended = self.keywords.offsets(Keyword::Obj);
        appended.filter(|offset| *offset >= end).any(|offset| {
            let head = self.bytes.get(..offset).unwrap_or_default();
            let Some((number, _)) = object_extent::id_before(head) else {
                return false;
            };
            let is_old = comparison.old.table.entries.contains_key(&number);
            let is_replaced = matches!(
                comparison.new.table.entries.get(&number),
                Some(Entry::Plain { offset, .. }) if *offset >= end
            );
            is_old && !is_replaced
        })
    }
}

/// Returns whether a file has objects in streams.
fn needs_engine(table: &Table) -> bool {
    let mut entries = table.entries.values();
    entries.any(|entry| matches!(entry, Entry::Packed { .. }))
}

/// What reads the objects in streams.
enum PdfOf<'f> {
    Signed(Pdf),
    File(&'f Pdf),
}

impl PdfOf<'_> {
    fn get(&self) -> &Pdf {
        match self {
            Self::Signed(pdf) => pdf,
            Self::File(pdf) => pdf,
        }
    }
}

/// The file at one time.
struct Revision<'f> {
    bytes: &'f [u8],
    table: Table,
    pdf: Option<PdfOf<'f>>,
}

impl Revision<'_> {
    /// Returns an object as it is written, or the dictionary of a stream.
    fn object(&self, number: u32) -> Option<Vec<u8>> {
        match *self.table.entries.get(&number)? {
            Entry::Free => None,
            Entry::Plain { offset, .. } => {
                let rest = object_extent::window(self.bytes.get(offset..)?);
                let head = memmem::find(rest.get(..40).unwrap_or(rest), b"obj")?;
                let (found, _) = object_extent::id_before(rest.get(..head)?.trim_ascii_end())?;
                let body = rest.get(head + b"obj".len()..)?;
                let length = crate::pdf::content::object_lexer::object_length(body, |_, _| {})?;
                (found == number).then(|| body.get(..length).unwrap_or_default().to_vec())
            }
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

    /// Returns the number of an object of the trailer.
    fn trailer_reference(&self, key: &[u8]) -> Option<u32> {
        let trailer = [b"<<", self.table.trailer.as_slice(), b">> "].concat();
        Dictionary::parse(&trailer)?.reference(key)
    }

    /// Returns a value: as it is written, or the object that it refers to.
    fn resolved(&self, value: &[u8]) -> Option<Vec<u8>> {
        let is_direct = value.starts_with(b"[") || value.starts_with(b"<<");
        if is_direct {
            return Some([value, b" "].concat());
        }
        self.object(*references(value).first()?)
    }

    /// Returns whether an object is a signature field, or the widget of one.
    fn is_signature_field(&self, number: u32) -> bool {
        let mut next = Some(number);
        for _ in 0..MAX_PARENTS {
            let Some(object) = next.and_then(|number| self.object(number)) else {
                return false;
            };
            let Some(dictionary) = Dictionary::parse(&object) else {
                return false;
            };
            if let Some(kind) = dictionary.name(b"FT") {
                return kind == b"Sig";
            }
            next = dictionary.reference(b"Parent");
        }
        false
    }

    /// Returns the objects of the validation data.
    fn validation_data(&self) -> HashSet<u32> {
        let root = self.trailer_reference(b"Root");
        let root = root.and_then(|root| self.object(root));
        let catalog = root.as_deref().and_then(Dictionary::parse);
        let store = catalog.as_ref().and_then(|catalog| catalog.value(b"DSS"));
        let mut found = HashSet::new();
        let mut level = store.map(references).unwrap_or_default();
        for _ in 0..MAX_VALIDATION_DEPTH {
            let mut next = Vec::new();
            for number in level {
                if found.len() < MAX_VALIDATION_OBJECTS
                    && found.insert(number)
                    && let Some(object) = self.object(number)
                {
                    next.extend(references(&object));
                }
            }
            level = next;
        }
        found
    }
}

/// The file as it was signed and as it is.
struct Comparison<'f> {
    old: Revision<'f>,
    new: Revision<'f>,
    trusted: &'f HashSet<u32>,
    is_encrypted: bool,
}

/// What changed objects stand for, so far as their places show.
#[derive(Default)]
struct Places {
    /// Objects whose changes were judged with the objects that refer to them.
    judged: BTreeSet<u32>,
    /// Document information and metadata.
    metadata: BTreeSet<u32>,
    /// Whether signatures, timestamps or validation data were added.
    is_signed_again: bool,
    /// Whether metadata was changed.
    has_new_metadata: bool,
}

impl Comparison<'_> {
    /// Returns whether all changes are allowed; `None` if an object can't be read.
    fn judge(&self) -> Option<bool> {
        let mut places = Places::default();
        if !self.judge_catalog(&mut places)? {
            return Some(false);
        }
        let changed = self.changed();
        if changed.len() > MAX_CHANGED {
            return None;
        }
        self.find_annotations(&changed, &mut places)?;
        let old_data = self.old.validation_data();
        for number in changed {
            if places.judged.contains(&number) {
                continue;
            }
            if places.metadata.contains(&number) {
                places.has_new_metadata = true;
                continue;
            }
            // A rewritten object can be replaced by another one in the new validation data.
            if old_data.contains(&number) {
                places.is_signed_again = true;
                continue;
            }
            if !self.judge_object(number, &mut places)? {
                return Some(false);
            }
        }
        // Metadata is updated with each signature, but alone it is a change.
        Some(places.is_signed_again || !places.has_new_metadata)
    }

    /// Returns the objects of the signed file that have another place or another content now.
    fn changed(&self) -> Vec<u32> {
        let is_moved = |number: &u32, old: &Entry| {
            let new = self.new.table.entries.get(number).copied();
            new.unwrap_or(Entry::Free) != *old
        };
        let is_changed = |number: &u32, old: &Entry| match *old {
            Entry::Free => false,
            Entry::Plain { .. } => is_moved(number, old),
            Entry::Packed { stream, .. } => {
                let container = self.old.table.entries.get(&stream);
                let is_same = container.is_some_and(|container| !is_moved(&stream, container));
                !is_same || is_moved(number, old)
            }
        };
        let entries = self.old.table.entries.iter();
        let changed = entries.filter(|(number, entry)| is_changed(number, entry));
        changed.map(|(number, _)| *number).collect()
    }

    fn text(&self, value: &[u8]) -> Vec<u8> {
        canonical(value, !self.is_encrypted)
    }

    /// Returns the keys whose values differ.
    fn differences(&self, old: &Dictionary<'_>, new: &Dictionary<'_>) -> Vec<Vec<u8>> {
        let keys: BTreeSet<&[u8]> = old.keys().chain(new.keys()).collect();
        let text = |value: Option<&[u8]>| value.map(|value| self.text(value));
        let differ = keys.into_iter().filter(|key| {
            // A key that is repeated has no value, and is a difference.
            let is_repeated = |dictionary: &Dictionary<'_>| {
                dictionary.keys().filter(|known| known == key).count() > 1
            };
            is_repeated(new) || text(old.value(key)) != text(new.value(key))
        });
        differ.map(<[u8]>::to_vec).collect()
    }

    /// Judges the changes of catalog and form.
    fn judge_catalog(&self, places: &mut Places) -> Option<bool> {
        let old_root = self.old.trailer_reference(b"Root")?;
        let new_root = self.new.trailer_reference(b"Root")?;
        places.judged.extend([old_root, new_root]);
        let info = self.old.trailer_reference(b"Info");
        places
            .metadata
            .extend(info.filter(|info| self.new.trailer_reference(b"Info") == Some(*info)));
        if self.old.trailer_reference(b"Encrypt") != self.new.trailer_reference(b"Encrypt") {
            return Some(false);
        }
        let (old, new) = (self.old.object(old_root)?, self.new.object(new_root)?);
        let (old, new) = (Dictionary::parse(&old)?, Dictionary::parse(&new)?);
        for key in self.differences(&old, &new) {
            match key.as_slice() {
                b"AcroForm" | b"Extensions" | b"Version" | b"Perms" => {}
                // Without it, the signatures can no longer be checked later.
                b"DSS" if new.value(b"DSS").is_some() => places.is_signed_again = true,
                b"Metadata" => places.has_new_metadata = true,
                _ => return Some(false),
            }
        }
        if old.reference(b"Metadata") == new.reference(b"Metadata") {
            places.metadata.extend(old.reference(b"Metadata"));
        }
        places.judged.extend(old.reference(b"Extensions"));
        places.judged.extend(old.reference(b"AcroForm"));
        places.judged.extend(new.reference(b"AcroForm"));
        match (old.value(b"AcroForm"), new.value(b"AcroForm")) {
            (None, None) => Some(true),
            (Some(_), None) => Some(false),
            (old, Some(new)) => {
                let empty = b"<<>> ".to_vec();
                let old = old.map_or(Some(empty), |form| self.old.resolved(form))?;
                let new = self.new.resolved(new)?;
                self.judge_form(&Dictionary::parse(&old)?, &Dictionary::parse(&new)?, places)
            }
        }
    }

    fn judge_form(
        &self,
        old: &Dictionary<'_>,
        new: &Dictionary<'_>,
        places: &mut Places,
    ) -> Option<bool> {
        let allowed: [&[u8]; 5] = [b"Fields", b"SigFlags", b"DR", b"DA", b"Type"];
        let differences = self.differences(old, new);
        if !differences
            .iter()
            .all(|key| allowed.contains(&key.as_slice()))
        {
            return Some(false);
        }
        places.judged.extend(old.reference(b"Fields"));
        places.judged.extend(new.reference(b"Fields"));
        self.is_list_extended(old, new, b"Fields", places)
    }

    /// Returns whether a list has only been extended by harmless signature fields. Notes whether
    /// one of them has a signature.
    fn is_list_extended(
        &self,
        old: &Dictionary<'_>,
        new: &Dictionary<'_>,
        key: &[u8],
        places: &mut Places,
    ) -> Option<bool> {
        let [before, after] = [old, new].map(|dictionary| dictionary.value(key));
        let is_direct = after.is_none_or(|list| list.starts_with(b"["));
        if is_direct && before.map(|list| self.text(list)) == after.map(|list| self.text(list)) {
            return Some(true);
        }
        let list = |revision: &Revision<'_>, list: Option<&[u8]>| {
            let list = list.map_or(Some(b"[]".to_vec()), |list| revision.resolved(list))?;
            reference_list(&list)
        };
        let (before, after) = (list(&self.old, before)?, list(&self.new, after)?);
        let is_extended = self.are_signatures_added(&before, &after);
        places.is_signed_again |= is_extended && self.has_new_value(&before, &after);
        Some(is_extended)
    }

    /// Returns whether a list of fields or annotations has only been extended by harmless signature
    /// fields.
    fn are_signatures_added(&self, old: &[u32], new: &[u32]) -> bool {
        let is_kept = |number: &u32| new.contains(number);
        let is_harmless =
            |number: &u32| old.contains(number) || self.is_harmless_signature(*number);
        old.iter().all(is_kept) && new.iter().all(is_harmless)
    }

    /// Returns whether a list has a new field with a value.
    fn has_new_value(&self, old: &[u32], new: &[u32]) -> bool {
        let mut added = new.iter().filter(|number| !old.contains(number));
        added.any(|number| self.new_value(*number).is_some())
    }

    /// Returns the signature of a field, or of the field of a widget, if the signature is new, too.
    fn new_value(&self, number: u32) -> Option<u32> {
        let mut next = Some(number);
        for _ in 0..MAX_PARENTS {
            let object = self.new.object(next?)?;
            let dictionary = Dictionary::parse(&object)?;
            if let Some(value) = dictionary.reference(b"V") {
                return self.is_new(value).then_some(value);
            }
            next = dictionary.reference(b"Parent");
        }
        None
    }

    /// Returns whether a field has a new signature of a known signer. An old one would allow
    /// anybody to show anything in its name.
    fn has_known_value(&self, number: u32) -> bool {
        let value = self.new_value(number);
        value.is_some_and(|value| self.trusted.contains(&value))
    }

    fn is_new(&self, number: u32) -> bool {
        !matches!(
            self.old.table.entries.get(&number),
            Some(Entry::Plain { .. } | Entry::Packed { .. })
        )
    }

    /// Returns whether an object is a new signature field without an area, or the signature of a
    /// known signer. Anybody can make one with an area that covers what was signed.
    fn is_harmless_signature(&self, number: u32) -> bool {
        let is_unsigned = |object: &Vec<u8>| {
            Dictionary::parse(object).is_some_and(|field| field.value(b"V").is_none())
        };
        let is_addable = self.is_new(number)
            || self.has_known_value(number)
                && self.old.object(number).as_ref().is_some_and(is_unsigned);
        if !is_addable || !self.new.is_signature_field(number) {
            return false;
        }
        let object = self.new.object(number);
        let dictionary = object.as_deref().and_then(Dictionary::parse);
        dictionary.is_some_and(|dictionary| {
            if self.has_known_value(number) {
                return true;
            }
            let kids = dictionary
                .value(b"Kids")
                .map(references)
                .unwrap_or_default();
            let are_kids_invisible = kids
                .iter()
                .all(|kid| *kid != number && self.has_no_area(*kid));
            are_kids_invisible && self.has_no_area(number)
        })
    }

    fn has_no_area(&self, number: u32) -> bool {
        let object = self.new.object(number);
        let dictionary = object.as_deref().and_then(Dictionary::parse);
        let Some(dictionary) = dictionary else {
            return false;
        };
        let Some(area) = dictionary.value(b"Rect") else {
            // A field without a widget.
            return dictionary.name(b"Subtype").is_none();
        };
        let area = String::from_utf8_lossy(area).replace(['[', ']'], " ");
        let sides: Option<Vec<f32>> = area
            .split_ascii_whitespace()
            .map(|side| side.parse().ok())
            .collect();
        match sides.as_deref() {
            Some([x0, y0, x1, y1]) => {
                (x1 - x0).abs() <= f32::EPSILON || (y1 - y0).abs() <= f32::EPSILON
            }
            _ => false,
        }
    }

    /// Judges lists of annotations that are objects of their own.
    fn find_annotations(&self, changed: &[u32], places: &mut Places) -> Option<()> {
        let changed: HashSet<u32> = changed.iter().copied().collect();
        let pdf = self.new.pdf.as_ref()?.get();
        for page in pdf.pages().iter() {
            let Some(list) = page.raw().get_ref("Annots") else {
                continue;
            };
            let list = list.obj_number;
            if !changed.contains(&list) {
                continue;
            }
            let lists = self.old.object(list).zip(self.new.object(list));
            let lists =
                lists.and_then(|(old, new)| Some((reference_list(&old)?, reference_list(&new)?)));
            if lists.is_some_and(|(old, new)| self.are_signatures_added(&old, &new)) {
                places.judged.insert(list);
            }
        }
        Some(())
    }

    /// Judges an object of the signed file that was changed.
    fn judge_object(&self, number: u32, places: &mut Places) -> Option<bool> {
        let (old, new) = (self.old.object(number)?, self.new.object(number)?);
        let is_same = canonical(&old, true) == canonical(&new, true);
        let Some((old, new)) = Dictionary::parse(&old).zip(Dictionary::parse(&new)) else {
            return Some(is_same);
        };
        let kinds = [&old, &new].map(|dictionary| dictionary.name(b"Type").unwrap_or_default());
        let differences = self.differences(&old, &new);
        let are_all = |allowed: &[&[u8]]| {
            let mut differences = differences.iter();
            differences.all(|key| allowed.contains(&key.as_slice()))
        };
        let is_kind = |kind: &[u8]| kinds.iter().all(|found| found == kind);
        // What is in an object stream is compared by itself, and the tables are compared as such.
        if is_kind(b"ObjStm") || is_kind(b"XRef") {
            return Some(true);
        }
        if is_kind(b"Page") {
            let is_allowed = are_all(&[b"Annots", b"LastModified", b"Tabs"]);
            return Some(is_allowed && self.is_list_extended(&old, &new, b"Annots", places)?);
        }
        if self.old.is_signature_field(number) && self.new.is_signature_field(number) {
            let is_signed_now = old.value(b"V").is_none() && new.value(b"V").is_some();
            places.is_signed_again |= is_signed_now;
            // A signature that shows itself can cover what was signed before.
            let may_show = self.has_no_area(number) || self.has_known_value(number);
            let allowed: &[&[u8]] = if is_signed_now && may_show {
                &SIGNED_FIELD_KEYS
            } else {
                &INVISIBLE_FIELD_KEYS
            };
            return Some(are_all(allowed));
        }
        // The data of a stream is not compared.
        Some(differences.is_empty() && old.value(b"Length").is_none())
    }
}

/// Returns the objects of an array of references; `None` if it has anything else.
fn reference_list(list: &[u8]) -> Option<Vec<u32>> {
    let found = references(list);
    let expected: Vec<String> = found.iter().map(|number| format!("{number} 0 R")).collect();
    let expected = format!("[ {} ]", expected.join(" "));
    (canonical(list, true) == canonical(expected.as_bytes(), true)).then_some(found)
}
