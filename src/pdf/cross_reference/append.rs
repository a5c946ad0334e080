//! Appends one clean cross-reference stream to a file.

use super::bytes::Cursor;
use super::{Entry, Table, verify};
use crate::pdf::damage::Damage;
use crate::pdf::keyword_index::KeywordIndex;
use crate::pdf::object_repair::RepairedObject;
use crate::pdf::object_scan::IrregularObjects;
use crate::pdf::open::FileBytes;
use hayro_syntax::Pdf;
use hayro_syntax::object::{Dict, FromBytes, MaybeRef, Object, ObjectIdentifier};
use memchr::memmem;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Bytes that are read and copied to repair objects, as a multiple of the length of the file.
pub(super) const MAX_PASSES: usize = 4;

/// A file with one clean table, which hayro-syntax takes as it is.
pub(in crate::pdf) struct CleanFile {
    pub(in crate::pdf) bytes: FileBytes,
    /// What was repaired, each kind once.
    pub(in crate::pdf) damage: BTreeSet<Damage>,
    /// An object that only the table leads to; `None` if the file has no table.
    witness: Option<ObjectIdentifier>,
}

/// Which objects of a file are checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::pdf) enum Check {
    /// Those that the object scan found irregular.
    Irregular,
    /// All of them, because hayro-syntax dropped the table of the file.
    All,
}

impl CleanFile {
    /// Returns `None` if the file has no usable table; its objects must then be searched for.
    ///
    /// Objects that engines may misread are appended as they are meant.
    pub(in crate::pdf) fn of(
        bytes: &FileBytes,
        keywords: &KeywordIndex<'_>,
        irregular: &IrregularObjects,
        check: Check,
    ) -> Option<Self> {
        let mut table = Table::read(bytes)?;
        if !table.verify(keywords) || !table.leads_to_root(bytes) {
            return None;
        }
        let mut clean = Vec::with_capacity(bytes.len() + table.entries.len() * 16 + 1024);
        clean.extend_from_slice(bytes);
        let mut damage = BTreeSet::new();
        let mut objects = Appended::of_table(&table, bytes, irregular);
        if check == Check::All {
            let unreadable = table.repair_unreadable(bytes, &mut damage).into_iter();
            objects.extend(unreadable.filter_map(|(number, generation, object)| {
                Appended::new(number, generation, object)
            }));
        }
        for object in objects {
            object.append(&mut clean, &mut table, &mut damage);
        }
        Some(Self::finish(clean, table, damage))
    }

    /// Appends the objects that engines may misread to a file without a usable table, so that a
    /// search takes them, because they are the last of their numbers.
    pub(in crate::pdf) fn without_table(
        bytes: &FileBytes,
        irregular: &IrregularObjects,
    ) -> Option<Self> {
        let objects = Appended::last_of_each_number(bytes, irregular);
        if objects.is_empty() {
            return None;
        }
        let mut clean = bytes.to_vec();
        let mut damage = BTreeSet::from([Damage::CrossReference]);
        for object in objects {
            object.append(&mut clean, &mut Table::default(), &mut damage);
        }
        // An offset without a table starts the search.
        clean.extend(b"startxref\n0\n%%EOF\n");
        Some(Self {
            bytes: Arc::new(clean),
            damage,
            witness: None,
        })
    }

    /// Replaces objects of the file, by their numbers. Returns `None` without a table.
    pub(in crate::pdf) fn with_objects(
        &self,
        objects: &[(ObjectIdentifier, Vec<u8>)],
    ) -> Option<Self> {
        self.witness?;
        let mut table = Table::read(&self.bytes)?;
        let mut clean = self.bytes.to_vec();
        for (id, object) in objects {
            let id = (id.obj_number, u32::try_from(id.gen_number).ok()?);
            append_object(&mut clean, &mut table, id, object);
        }
        Some(Self::finish(clean, table, self.damage.clone()))
    }

    /// Appends the table.
    fn finish(mut clean: Vec<u8>, mut table: Table, mut damage: BTreeSet<Damage>) -> Self {
        let last = table
            .entries
            .last_key_value()
            .map_or(0, |(number, _)| *number);
        let page_tree = last + 1;
        let witness = last + 2;
        clean.push(b'\n');
        let _separated = separate_page_tree(&mut clean, &mut table, page_tree);
        // A search takes the number of an object only behind white space.
        clean.extend(b"\nx");
        let offset = clean.len();
        clean.extend(format!("{witness} 0 obj\ntrue\nendobj\n").into_bytes());
        table.entries.insert(
            witness,
            Entry::Plain {
                offset,
                generation: 0,
            },
        );
        let section = clean.len();
        append_section(&mut clean, &table, witness + 1);
        clean.extend(format!("startxref\n{section}\n%%EOF\n").into_bytes());
        if table.is_damaged {
            damage.insert(Damage::CrossReference);
        }
        Self {
            bytes: Arc::new(clean),
            damage,
            witness: Some(ObjectIdentifier::new(witness, 0)),
        }
    }

    /// Returns whether hayro-syntax has dropped the table, and searched the file for objects.
    pub(in crate::pdf) fn was_dropped(&self, pdf: &Pdf) -> bool {
        self.witness
            .is_some_and(|witness| pdf.xref().get::<Object<'_>>(witness).is_none())
    }
}

/// An object that replaces the one with its number.
struct Appended {
    number: u32,
    generation: u32,
    object: RepairedObject,
}

impl Appended {
    /// Returns the irregular objects to which the table leads.
    fn of_table(table: &Table, bytes: &[u8], irregular: &IrregularObjects) -> Vec<Self> {
        let find_length = |number| table.integer(bytes, number);
        // Streams without an end overlap, so the total is limited.
        let mut remaining = bytes.len().saturating_mul(MAX_PASSES);
        let mut read = |start: usize| {
            let object = RepairedObject::read(bytes, start, &find_length)?;
            remaining = remaining.checked_sub(object.bytes.len())?;
            Some(object)
        };
        let plain = irregular.plain.iter().filter_map(|keyword| {
            let offset = verify::head_start(bytes.get(..*keyword)?)?;
            let head = verify::head_at(bytes, offset)?;
            if table.entries.get(&head.number) != Some(&head.entry()) {
                return None;
            }
            let start = keyword + b" obj".len();
            Self::new(head.number, head.generation, read(start)?)
        });
        let packed = irregular.packed.iter().filter_map(|object| {
            let Some(Entry::Packed { stream, .. }) = table.entries.get(&object.number) else {
                return None;
            };
            let Some(Entry::Plain { offset, .. }) = table.entries.get(stream) else {
                return None;
            };
            // The keyword of the stream must be that of this object.
            let head = bytes.get(*offset..object.stream)?;
            if memmem::find(head, b"endobj").is_some() {
                return None;
            }
            let repaired = RepairedObject::read(&object.bytes, 0, &find_length)?;
            Self::new(object.number, 0, repaired)
        });
        plain.chain(packed).collect()
    }

    /// Returns the last irregular object of each number, unless another object follows it.
    fn last_of_each_number(bytes: &[u8], irregular: &IrregularObjects) -> Vec<Self> {
        let mut last = BTreeMap::new();
        for keyword in &irregular.plain {
            let start = bytes.get(..*keyword).and_then(verify::head_start);
            if let Some(head) = start.and_then(|start| verify::head_at(bytes, start)) {
                last.insert(head.number, (head, keyword + b" obj".len()));
            }
        }
        let mut remaining = bytes.len().saturating_mul(MAX_PASSES);
        let objects = last.into_values().filter_map(|(head, start)| {
            let last = last_head(bytes, head.number, head.generation)?;
            remaining = remaining.checked_sub(bytes.len() - last)?;
            let object = RepairedObject::read(bytes, start, &|_| None)?;
            remaining = remaining.checked_sub(object.bytes.len())?;
            (last == head.offset).then(|| Self::new(head.number, head.generation, object))?
        });
        objects.collect()
    }

    /// Returns `None` if nothing had to be repaired.
    fn new(number: u32, generation: u32, object: RepairedObject) -> Option<Self> {
        (!object.damage.is_empty()).then_some(Self {
            number,
            generation,
            object,
        })
    }

    fn append(self, clean: &mut Vec<u8>, table: &mut Table, damage: &mut BTreeSet<Damage>) {
        let Self {
            number,
            generation,
            object,
        } = self;
        damage.extend(object.damage);
        append_object(clean, table, (number, generation), &object.bytes);
    }
}

/// Returns the offset of the last definition of an object.
fn last_head(bytes: &[u8], number: u32, generation: u32) -> Option<usize> {
    let head = format!("{number} {generation} obj");
    let mut found = memmem::rfind_iter(bytes, head.as_bytes());
    // Inside a longer number, the head is that of another object.
    found.find(|at| {
        let before = at.checked_sub(1).and_then(|before| bytes.get(before));
        !before.is_some_and(u8::is_ascii_digit)
    })
}

/// Appends an object, and corrects its entry.
fn append_object(
    clean: &mut Vec<u8>,
    table: &mut Table,
    (number, generation): (u32, u32),
    object: &[u8],
) {
    clean.push(b'\n');
    let offset = clean.len();
    table
        .entries
        .insert(number, Entry::Plain { offset, generation });
    clean.extend(format!("{number} {generation} obj\n").into_bytes());
    clean.extend_from_slice(object);
    clean.extend(b"\nendobj\n");
}

/// Gives the root of the page tree an object of its own if the catalog contains it: hayro-syntax
/// only follows a reference.
fn separate_page_tree(clean: &mut Vec<u8>, table: &mut Table, number: u32) -> Option<()> {
    let root = table.root()?;
    let Entry::Plain { offset, generation } = *table.entries.get(&root)? else {
        return None;
    };
    let mut cursor = Cursor::new(clean, offset);
    cursor.object_head()?;
    cursor.skip_space();
    let catalog = Dict::from_bytes(cursor.rest())?;
    let MaybeRef::NotRef(pages) = catalog.get_raw::<Dict<'_>>("Pages")? else {
        return None;
    };
    let start = memmem::find(catalog.data(), pages.data())?;
    let before = catalog.data().get(..start)?;
    let after = catalog.data().get(start + pages.data().len()..)?;
    let reference = format!(" {number} 0 R ");
    let new_catalog = [before, reference.as_bytes(), after].concat();
    let pages = pages.data().to_vec();
    append_object(clean, table, (number, 0), &pages);
    append_object(clean, table, (root, generation), &new_catalog);
    table.is_damaged = true;
    Some(())
}

/// Appends a cross-reference stream without a filter, as object `number`.
fn append_section(clean: &mut Vec<u8>, table: &Table, number: u32) {
    let mut rows = Vec::new();
    let mut index: Vec<(u32, u32)> = Vec::new();
    for (number, entry) in &table.entries {
        let Some(row) = row(*entry) else {
            continue;
        };
        rows.extend(row);
        match index.last_mut() {
            Some((start, count)) if *start + *count == *number => *count += 1,
            _ => index.push((*number, 1)),
        }
    }
    let index = index
        .iter()
        .map(|(start, count)| format!("{start} {count}"));
    let index = index.collect::<Vec<_>>().join(" ");
    let head = format!(
        "{number} 0 obj\n<</Type/XRef/W[1 4 4]/Size {}/Index[{index}]/Length {}\n",
        number + 1,
        rows.len()
    );
    clean.extend(head.into_bytes());
    clean.extend_from_slice(&table.trailer);
    clean.extend(b">>\nstream\n");
    clean.extend(rows);
    clean.extend(b"\nendstream\nendobj\n");
}

/// Returns the row of an entry: its kind, offset and generation, or object stream and index.
fn row(entry: Entry) -> Option<[u8; 9]> {
    let (kind, first, second) = match entry {
        Entry::Free => return None,
        Entry::Plain { offset, generation } => (1, u32::try_from(offset).ok()?, generation),
        Entry::Packed { stream, index } => (2, stream, index),
    };
    let mut row = [kind; 9];
    row[1..5].copy_from_slice(&first.to_be_bytes());
    row[5..].copy_from_slice(&second.to_be_bytes());
    Some(row)
}
