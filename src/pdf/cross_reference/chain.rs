//! Follows the sections of a file from the newest to the oldest.

use super::bytes::Cursor;
use super::section::Section;
use super::{Entry, Table};
use crate::pdf::file_kind;
use memchr::memmem;
use std::collections::BTreeMap;

/// Sections that are followed. Some writers add one for each annotation.
const MAX_SECTIONS: usize = 10_000;

impl Table {
    /// Reads the tables of a file. Returns `None` if the newest one can't be read.
    pub(in crate::pdf) fn read(bytes: &[u8]) -> Option<Self> {
        let keyword = memmem::rfind(bytes, b"startxref")?;
        let mut cursor = Cursor::new(bytes, keyword + b"startxref".len());
        let start = cursor.number()?;
        // Offsets count from the header, or from the start of the file; other data may precede it.
        let header = file_kind::header_offset(bytes).unwrap_or(0);
        let mut bases = vec![0];
        if header > 0 {
            bases.push(header);
        }
        let mut tables = bases.into_iter().filter_map(|base| {
            let file = bytes.get(base..)?;
            let mut table = Self::follow(file, start)?;
            table.shift(base);
            Some(table)
        });
        let first = tables.next()?;
        if first.leads_to_root(bytes) {
            return Some(first);
        }
        Some(
            tables
                .find(|table| table.leads_to_root(bytes))
                .unwrap_or(first),
        )
    }

    fn follow(bytes: &[u8], start: u64) -> Option<Self> {
        let mut table = Self::default();
        let mut next = Some(start);
        while let Some(offset) = next.and_then(|offset| usize::try_from(offset).ok()) {
            if table.sections.contains(&offset) || table.sections.len() >= MAX_SECTIONS {
                table.is_damaged = true;
                break;
            }
            table.sections.push(offset);
            let Some(section) = Section::read(bytes, offset) else {
                // The newest section is necessary.
                if table.sections.len() == 1 {
                    return None;
                }
                table.is_damaged = true;
                break;
            };
            let hybrid = section.trailer.hybrid;
            let hybrid = hybrid.and_then(|offset| usize::try_from(offset).ok());
            table.sections.extend(hybrid);
            let hybrid = hybrid.and_then(|offset| Section::read(bytes, offset));
            if section.trailer.hybrid.is_some() && hybrid.is_none() {
                table.is_damaged = true;
            }
            table.is_damaged |= section.is_damaged;
            table.is_damaged |= hybrid.as_ref().is_some_and(|stream| stream.is_damaged);
            table.is_ambiguous |=
                section.is_ambiguous() || hybrid.as_ref().is_some_and(Section::is_ambiguous);
            if table.trailer.is_empty() {
                table.trailer.clone_from(&section.trailer.document);
            }
            next = section.trailer.previous;
            table.add(section, hybrid);
        }
        (!table.trailer.is_empty()).then_some(table)
    }

    /// Adds the entries of an older section. In a hybrid file, the stream has the objects that the
    /// table calls free (ISO 32000-2, 7.5.8.4).
    fn add(&mut self, section: Section, hybrid: Option<Section>) {
        let mut entries: BTreeMap<u32, Entry> = section.entries.into_iter().collect();
        for (number, entry) in hybrid.into_iter().flat_map(|stream| stream.entries) {
            let known = entries.entry(number).or_insert(Entry::Free);
            if *known == Entry::Free {
                *known = entry;
            }
        }
        for (number, entry) in entries {
            self.entries.entry(number).or_insert(entry);
        }
    }

    /// Moves all objects by the length of the data before the header.
    fn shift(&mut self, base: usize) {
        for section in &mut self.sections {
            *section = section.saturating_add(base);
        }
        for entry in self.entries.values_mut() {
            if let Entry::Plain { offset, .. } = entry {
                *offset = offset.saturating_add(base);
            }
        }
    }
}
