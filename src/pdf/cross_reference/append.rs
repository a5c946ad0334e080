//! Appends one clean cross-reference stream to a file.

use super::bytes::Cursor;
use super::{Entry, Table};
use crate::pdf::keyword_index::KeywordIndex;
use crate::pdf::open::FileBytes;
use hayro_syntax::Pdf;
use hayro_syntax::object::{Dict, FromBytes, MaybeRef, Object, ObjectIdentifier};
use memchr::memmem;
use std::sync::Arc;

/// A file with one clean table, which hayro-syntax takes as it is.
pub(in crate::pdf) struct CleanFile {
    pub(in crate::pdf) bytes: FileBytes,
    /// Whether the tables of the file had to be corrected.
    pub(in crate::pdf) is_damaged: bool,
    /// An object that only the table leads to.
    witness: ObjectIdentifier,
}

impl CleanFile {
    /// Returns `None` if the file has no usable table; its objects must then be searched for.
    pub(in crate::pdf) fn of(bytes: &FileBytes, keywords: &KeywordIndex<'_>) -> Option<Self> {
        let mut table = Table::read(bytes)?;
        if !table.verify(keywords) || !table.leads_to_root(bytes) {
            return None;
        }
        let last = table
            .entries
            .last_key_value()
            .map_or(0, |(number, _)| *number);
        let mut clean = Vec::with_capacity(bytes.len() + table.entries.len() * 16 + 1024);
        clean.extend_from_slice(bytes);
        let page_tree = last + 1;
        let witness = last + 2;
        clean.push(b'\n');
        let _separated = separate_page_tree(&mut clean, &mut table, bytes, page_tree);
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
        Some(Self {
            bytes: Arc::new(clean),
            is_damaged: table.is_damaged,
            witness: ObjectIdentifier::new(witness, 0),
        })
    }

    /// Returns whether hayro-syntax has dropped the table, and searched the file for objects.
    pub(in crate::pdf) fn was_dropped(&self, pdf: &Pdf) -> bool {
        pdf.xref().get::<Object<'_>>(self.witness).is_none()
    }
}

/// Gives the root of the page tree an object of its own if the catalog contains it: hayro-syntax
/// only follows a reference.
fn separate_page_tree(
    clean: &mut Vec<u8>,
    table: &mut Table,
    bytes: &[u8],
    number: u32,
) -> Option<()> {
    let root = table.root()?;
    let Entry::Plain { offset, generation } = *table.entries.get(&root)? else {
        return None;
    };
    let mut cursor = Cursor::new(bytes, offset);
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
    for (number, generation, object) in
        [(number, 0, pages.data()), (root, generation, &new_catalog)]
    {
        let offset = clean.len();
        table
            .entries
            .insert(number, Entry::Plain { offset, generation });
        clean.extend(format!("{number} {generation} obj\n").into_bytes());
        clean.extend_from_slice(object);
        clean.extend(b"\nendobj\n");
    }
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
