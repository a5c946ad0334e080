//! Compares a file as it was signed with the file as it is, object by object.
//!
//! Objects that the signed file does not have are harmless unless one of its objects was changed to
//! refer to them, or referred to them all along, so that only changed objects are judged. A reader
//! of the changed file must not be able to see anything else, whatever reader that is: what readers
//! understand differently is a change.

use super::canonical::canonical;
use super::dictionary::{Dictionary, first_string, reference, references};
use super::occupied::Occupied;
use super::revision::Revision;
use super::signature_field::{area, is_plain, is_shown_nowhere};
use super::validation_data;
use crate::pdf::cross_reference::Entry;
use crate::pdf::limits::{Budget, LimitHit};
use std::cell::OnceCell;
use std::collections::{BTreeSet, HashSet};

/// Changed objects that are judged.
const MAX_CHANGED: usize = 2_000;
/// Objects that are read between two looks at the clock.
const PIECE: usize = 500;

/// Keys that signing a field sets or changes.
const SIGNED_FIELD_KEYS: [&[u8]; 11] = [
    b"V", b"AP", b"AS", b"DA", b"F", b"Ff", b"Lock", b"M", b"MK", b"SV", b"Type",
];
/// Keys of a field that change nothing on the page.
const INVISIBLE_FIELD_KEYS: [&[u8]; 3] = [b"Ff", b"Lock", b"SV"];
/// Keys whose values are names, languages or dates. Encryption makes equal strings differ.
const LABELS: [&[u8]; 7] = [b"Lang", b"LastModified", b"M", b"NM", b"T", b"TM", b"TU"];

/// The file as it was signed and as it is.
pub(super) struct Comparison<'f> {
    pub(super) old: Revision<'f>,
    pub(super) new: Revision<'f>,
    /// The objects of signatures that are valid and whose signers are known.
    trusted: &'f HashSet<u32>,
    occupied: &'f Occupied,
    is_encrypted: bool,
    /// The objects to which more than one place of the signed file refers, once they are counted.
    shared: OnceCell<HashSet<u32>>,
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

impl<'f> Comparison<'f> {
    pub(super) fn new(
        old: Revision<'f>,
        new: Revision<'f>,
        trusted: &'f HashSet<u32>,
        occupied: &'f Occupied,
    ) -> Self {
        // Not the word in the file, which anybody can append.
        let is_encrypted = old.trailer_value(b"Encrypt").is_some();
        Self {
            old,
            new,
            trusted,
            occupied,
            is_encrypted,
            shared: OnceCell::new(),
        }
    }

    /// Returns whether all changes are allowed.
    pub(super) fn is_allowed(&self) -> bool {
        self.has_same_encryption() && !self.has_hidden_members() && self.judge() == Some(true)
    }

    /// Returns whether the signed file refers to objects that it does not have, but the file has
    /// now.
    pub(super) fn has_filled_gaps(&self, budget: &Budget<'_>) -> Result<bool, LimitHit> {
        let added = self.new.table.entries.keys().copied();
        let added: HashSet<u32> = added
            .filter(|number| self.new.has(*number) && self.is_new(*number))
            .collect();
        if added.is_empty() {
            return Ok(false);
        }
        for (index, number) in self.old.table.entries.keys().enumerate() {
            if index % PIECE == 0 {
                budget.check_time()?;
            }
            let object = self.old.object(*number).unwrap_or_default();
            if references(&object)
                .iter()
                .any(|found| added.contains(found))
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Returns whether a new object stream has something for an object that not all readers take: a
    /// second object of the same number, or one in place of an unchanged object.
    fn has_hidden_members(&self) -> bool {
        let entries = self.new.table.entries.values();
        let streams: BTreeSet<u32> = entries
            .filter_map(|entry| match entry {
                Entry::Packed { stream, .. } if !self.is_unchanged(*stream) => Some(*stream),
                _ => None,
            })
            .collect();
        streams.into_iter().any(|stream| {
            let Some(members) = self.new.members(stream) else {
                return true;
            };
            let mut known = HashSet::new();
            let mut members = members.iter();
            members.any(|member| !known.insert(*member) || self.is_unchanged(*member))
        })
    }

    /// Returns whether the signed file has an object, and its entry is still the same.
    fn is_unchanged(&self, number: u32) -> bool {
        let [old, new] = [&self.old, &self.new].map(|file| file.table.entries.get(&number));
        self.old.has(number) && old == new
    }

    /// Returns whether objects are decrypted as before.
    fn has_same_encryption(&self) -> bool {
        let [old, new] = [&self.old, &self.new].map(|revision| {
            let dictionary = revision.trailer_value(b"Encrypt");
            let dictionary = dictionary.map(|value| canonical(&value));
            // The first identifier of the file is a part of the key.
            let identifier = revision.trailer_value(b"ID");
            let identifier = identifier.and_then(|identifier| first_string(&identifier));
            (dictionary, identifier.filter(|_| self.is_encrypted))
        });
        old == new
    }

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
        self.find_appearances(&changed, &mut places);
        let old_data = validation_data::objects(&self.old);
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

    /// Returns whether two values of a key are equal.
    fn is_equal(&self, key: &[u8], old: Option<&[u8]>, new: Option<&[u8]>) -> bool {
        let is_string = |value: &[u8]| {
            value.starts_with(b"(") || value.starts_with(b"<") && !value.starts_with(b"<<")
        };
        let are_labels = || {
            let mut values = [old, new].into_iter();
            LABELS.contains(&key) && values.all(|value| value.is_some_and(is_string))
        };
        old.map(canonical) == new.map(canonical)
            || self.is_encrypted && are_labels()
            || old
                .zip(new)
                .is_some_and(|(old, new)| self.leads_to_equal(old, new))
    }

    /// Returns whether values are equal of which one or both became an object of their own.
    fn leads_to_equal(&self, old: &[u8], new: &[u8]) -> bool {
        let behind = |revision: &Revision<'_>, value: &[u8]| match reference(value) {
            Some(_) => {
                let number = revision.target(value)?;
                let object = revision.object(number)?;
                (!revision.is_stream(number)).then_some(object)
            }
            None => Some(value.to_vec()),
        };
        let values = behind(&self.old, old).zip(behind(&self.new, new));
        // Under another number, equal strings of an encrypted file have another meaning.
        !self.is_encrypted
            && reference(new).is_some_and(|number| self.is_new(number))
            && values.is_some_and(|(old, new)| canonical(&old) == canonical(&new))
    }

    /// Returns the keys whose values differ; `None` if a new dictionary repeats a key, because
    /// readers differ in which value they take.
    fn differences(&self, old: &Dictionary<'_>, new: &Dictionary<'_>) -> Option<Vec<Vec<u8>>> {
        if new.has_repeated_key() {
            return None;
        }
        let keys: BTreeSet<&[u8]> = old.keys().chain(new.keys()).collect();
        let differ = keys
            .into_iter()
            .filter(|key| !self.is_equal(key, old.value(key), new.value(key)));
        Some(differ.map(<[u8]>::to_vec).collect())
    }

    /// Judges the changes of catalog and form.
    fn judge_catalog(&self, places: &mut Places) -> Option<bool> {
        let old_root = self.old.trailer_reference(b"Root")?;
        let new_root = self.new.trailer_reference(b"Root")?;
        if !self.may_replace(Some(old_root), Some(new_root)) {
            return Some(false);
        }
        places.judged.extend([old_root, new_root]);
        let infos = [&self.old, &self.new].map(|file| file.trailer_reference(b"Info"));
        if infos[0] == infos[1] {
            places.metadata.extend(infos[0]);
        } else {
            places.has_new_metadata = true;
        }
        let (old, new) = (self.old.object(old_root)?, self.new.object(new_root)?);
        let (old, new) = (Dictionary::parse(&old)?, Dictionary::parse(&new)?);
        for key in self.differences(&old, &new)? {
            match key.as_slice() {
                b"AcroForm" | b"Extensions" | b"Version" | b"Perms" => {}
                // Without it, the signatures can no longer be checked later.
                b"DSS" if new.value(b"DSS").is_some() => places.is_signed_again = true,
                b"Metadata" => places.has_new_metadata = true,
                _ => return Some(false),
            }
        }
        if !validation_data::is_well_formed(&self.new, &new) {
            return Some(false);
        }
        if old.reference(b"Metadata") == new.reference(b"Metadata") {
            places.metadata.extend(old.reference(b"Metadata"));
        }
        places
            .judged
            .extend(self.own([old.reference(b"Extensions")]));
        let forms = [&old, &new].map(|catalog| catalog.reference(b"AcroForm"));
        if !self.may_replace(forms[0], forms[1]) {
            return Some(false);
        }
        places.judged.extend(self.own(forms));
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
        let allowed: &[&[u8]] = match old.value(b"NeedAppearances") {
            None | Some(b"false") => &[b"Fields", b"SigFlags", b"Type", b"DR", b"DA"],
            // Readers draw the values of fields themselves, by the resources of the form.
            Some(_) => &[b"Fields", b"SigFlags", b"Type"],
        };
        let differences = self.differences(old, new)?;
        let mut differences = differences.iter();
        if !differences.all(|key| allowed.contains(&key.as_slice())) {
            return Some(false);
        }
        let lists = [old, new].map(|form| form.reference(b"Fields"));
        if !self.may_replace(lists[0], lists[1]) {
            return Some(false);
        }
        places.judged.extend(self.own(lists));
        self.is_list_extended(old, new, b"Fields", places)
    }

    /// Returns whether an object may take the place of another one: it is the same, or is new.
    /// Otherwise, a third object of the signed file would be lost.
    fn may_replace(&self, old: Option<u32>, new: Option<u32>) -> bool {
        new.is_none_or(|number| old == new || self.is_new(number))
            && !new.is_some_and(|number| self.new.is_stream(number))
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
        if is_direct && self.is_equal(key, before, after) {
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
    /// fields. The order of annotations counts: later ones cover earlier ones.
    fn are_signatures_added(&self, old: &[u32], new: &[u32]) -> bool {
        let (kept, added): (Vec<u32>, Vec<u32>) =
            new.iter().partition(|number| old.contains(number));
        kept == old
            && added
                .iter()
                .all(|number| self.is_harmless_signature(*number))
    }

    /// Returns whether a list has a new field with a value.
    fn has_new_value(&self, old: &[u32], new: &[u32]) -> bool {
        let mut added = new.iter().filter(|number| !old.contains(number));
        added.any(|number| self.new_value(*number).is_some())
    }

    /// Returns the signature of a field, or of the field of a widget, if the signature is new, too.
    fn new_value(&self, number: u32) -> Option<u32> {
        let value = self.new.inherited(number, |field| field.reference(b"V"))?;
        self.is_new(value).then_some(value)
    }

    /// Returns whether a field has a new signature of a known signer. An old one would allow
    /// anybody to show anything in its name.
    fn has_known_value(&self, number: u32) -> bool {
        let value = self.new_value(number);
        value.is_some_and(|value| self.trusted.contains(&value))
    }

    fn is_new(&self, number: u32) -> bool {
        !self.old.has(number)
    }

    /// Returns the field of a widget: itself or, for a widget that does not name its parent, the
    /// new field that has it as its kid.
    fn field_of(&self, widget: u32) -> u32 {
        let kind = self.new.inherited(widget, |field| field.range(b"FT"));
        if kind.is_some() {
            return widget;
        }
        let mut fields = self.new.form_fields().into_iter();
        let has_kid = |field: &u32| self.is_new(*field) && self.new.kids(*field).contains(&widget);
        fields.find(has_kid).unwrap_or(widget)
    }

    /// Returns whether an object is a new signature field that hides nothing, or the signature of a
    /// known signer. Anybody can make one that covers what was signed.
    fn is_harmless_signature(&self, number: u32) -> bool {
        let field = self.field_of(number);
        let is_known = self.has_known_value(field);
        let is_unsigned = || {
            let value = self.old.inherited(number, |field| field.range(b"V"));
            self.old.has(number) && value.is_none()
        };
        let is_addable = self.is_new(number) || is_known && is_unsigned();
        if !is_addable || !self.new.is_signature_field(field) || self.new.is_stream(number) {
            return false;
        }
        let object = self.new.object(number);
        let dictionary = object.as_deref().and_then(Dictionary::parse);
        dictionary.is_some_and(|dictionary| {
            let kids = self.new.kids(number);
            let do_kids_hide_nothing = || kids.iter().all(|kid| self.is_harmless_widget(*kid));
            is_plain(&dictionary)
                && (is_known || self.hides_nothing(number, &dictionary) && do_kids_hide_nothing())
        })
    }

    /// Returns whether an object is a widget that hides nothing.
    fn is_harmless_widget(&self, number: u32) -> bool {
        let object = self.new.object(number);
        let widget = object.as_deref().and_then(Dictionary::parse);
        widget.is_some_and(|widget| {
            is_plain(&widget)
                && widget.value(b"Kids").is_none()
                && self.hides_nothing(number, &widget)
        })
    }

    /// Returns whether a field or widget shows nothing, or shows itself beside everything that its
    /// page showed when it was signed, and not in the name of an earlier signature.
    fn hides_nothing(&self, number: u32, field: &Dictionary<'_>) -> bool {
        let is_beside = || area(field).is_some_and(|area| self.occupied.is_free(number, area));
        let is_unsigned = || {
            let value = self.new.inherited(number, |field| field.range(b"V"));
            value.is_none()
        };
        is_shown_nowhere(field)
            || is_beside() && (is_unsigned() || self.new_value(self.field_of(number)).is_some())
    }

    /// Returns whether the appearance of a field of the signed file is not used elsewhere, so that
    /// another one can replace it.
    fn has_own_appearance(&self, field: &Dictionary<'_>) -> bool {
        let appearance = field.reference(b"AP");
        appearance.is_none_or(|number| !self.shared().contains(&number))
    }

    /// Returns the objects that the signed file uses in one place only, and those that are new.
    fn own<const N: usize>(&self, objects: [Option<u32>; N]) -> impl Iterator<Item = u32> {
        let objects = objects.into_iter().flatten();
        objects.filter(|number| !self.shared().contains(number))
    }

    /// Returns the objects to which several objects or trailers of the signed file refer, or one
    /// several times.
    fn shared(&self) -> &HashSet<u32> {
        self.shared.get_or_init(|| {
            let objects = self.old.table.entries.keys();
            let objects = objects.filter_map(|object| self.old.object(*object));
            let trailers = self.old.written_trailers().map(<[u8]>::to_vec);
            let found = objects
                .chain(trailers)
                .flat_map(|object| references(&object));
            let mut known = HashSet::new();
            found.filter(|number| !known.insert(*number)).collect()
        })
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

    /// Finds the appearances of fields that were signed now, so far as nothing else uses them.
    fn find_appearances(&self, changed: &[u32], places: &mut Places) {
        for number in changed {
            let objects = self.old.object(*number).zip(self.new.object(*number));
            let Some((old, new)) = objects.filter(|_| self.old.is_signature_field(*number)) else {
                continue;
            };
            let Some((field, new)) = Dictionary::parse(&old).zip(Dictionary::parse(&new)) else {
                continue;
            };
            // The appearance of any other field is a part of what was signed.
            if field.value(b"V").is_some() || new.value(b"V").is_none() {
                continue;
            }
            let appearances = field
                .value(b"AP")
                .and_then(|value| self.old.resolved(value));
            let normal = appearances.as_deref().and_then(Dictionary::parse);
            let normal = normal.and_then(|appearances| appearances.reference(b"N"));
            places
                .judged
                .extend(self.own([field.reference(b"AP"), normal]));
        }
    }

    /// Judges an object of the signed file that was changed.
    fn judge_object(&self, number: u32, places: &mut Places) -> Option<bool> {
        let (old, new) = (self.old.object(number)?, self.new.object(number)?);
        let is_same = canonical(&old) == canonical(&new);
        let is_stream = self.old.is_stream(number) || self.new.is_stream(number);
        let Some((old, new)) = Dictionary::parse(&old).zip(Dictionary::parse(&new)) else {
            return Some(is_same && !is_stream);
        };
        let kinds = [&old, &new].map(|dictionary| dictionary.name(b"Type").unwrap_or_default());
        let is_kind = |kind: &[u8]| kinds.iter().all(|found| found == kind);
        // What is in an object stream is compared by itself, and the tables are compared as such.
        if is_kind(b"ObjStm") || is_kind(b"XRef") {
            return Some(true);
        }
        // The data of streams is not compared.
        if is_stream {
            return Some(false);
        }
        let differences = self.differences(&old, &new)?;
        let are_all = |allowed: &[&[u8]]| {
            let mut differences = differences.iter();
            differences.all(|key| allowed.contains(&key.as_slice()))
        };
        if is_kind(b"Page") {
            let is_allowed = are_all(&[b"Annots", b"LastModified", b"Tabs"]);
            return Some(is_allowed && self.is_list_extended(&old, &new, b"Annots", places)?);
        }
        if self.old.is_signature_field(number) && self.new.is_signature_field(number) {
            let is_signed_now = old.value(b"V").is_none() && new.value(b"V").is_some();
            places.is_signed_again |= is_signed_now;
            // A signature that shows itself can cover what was signed before.
            let may_show = self.hides_nothing(number, &new) || self.has_known_value(number);
            let allowed: &[&[u8]] = if is_signed_now && may_show {
                &SIGNED_FIELD_KEYS
            } else {
                &INVISIBLE_FIELD_KEYS
            };
            return Some(
                are_all(allowed) && self.has_own_appearance(&old) && keeps_kind(&old, &new),
            );
        }
        // iText adds its version to the page tree.
        Some(are_all(&[b"ITXT"]))
    }
}

/// Returns whether a field has the same kind of object as before, or now states that it is an
/// annotation.
fn keeps_kind(old: &Dictionary<'_>, new: &Dictionary<'_>) -> bool {
    let [old, new] = [old, new].map(|field| field.name(b"Type"));
    old == new || old.is_none() && new.as_deref() == Some(b"Annot")
}

/// Returns the objects of an array of references; `None` if it has anything else.
pub(super) fn reference_list(list: &[u8]) -> Option<Vec<u32>> {
    let found = references(list);
    let expected: Vec<String> = found.iter().map(|number| format!("{number} 0 R")).collect();
    let expected = format!("[ {} ]", expected.join(" "));
    (canonical(list) == canonical(expected.as_bytes())).then_some(found)
}
