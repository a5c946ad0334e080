//! Checks that each entry leads to its object, and finds the objects that moved.

use super::bytes::Cursor;
use super::{Entry, Table};
use crate::pdf::keyword_index::{Keyword, KeywordIndex};
use crate::pdf::object_extent::split_digits;
use std::collections::BTreeMap;

/// A table of which more entries are wrong, one in this many, is of no use.
const MAX_WRONG_SHARE: usize = 3;

impl Table {
    /// Corrects or removes entries that do not lead to their object.
    ///
    /// Returns whether the table can be used. If much of it is wrong, the file was changed without
    /// it, and only a search through the whole file finds the objects.
    pub(in crate::pdf) fn verify(&mut self, keywords: &KeywordIndex<'_>) -> bool {
        let bytes = keywords.bytes();
        let mut wrong = Vec::new();
        let mut plain = 0_usize;
        for (number, entry) in &mut self.entries {
            let Entry::Plain { offset, generation } = entry else {
                continue;
            };
            plain += 1;
            match head_at(bytes, *offset) {
                Some(head) if head.number == *number => {
                    // Readers take the generation of the object.
                    self.is_damaged |= head.generation != *generation;
                    *entry = head.entry();
                }
                _ => wrong.push(*number),
            }
        }
        if wrong.is_empty() {
            return true;
        }
        let heads = Heads::of(keywords);
        let missing = wrong.iter().filter(|number| heads.0.contains_key(*number));
        if missing.count() * MAX_WRONG_SHARE > plain {
            return false;
        }
        for number in wrong {
            let Some(entry) = self.entries.get_mut(&number) else {
                continue;
            };
            let declared = match entry {
                Entry::Plain { offset, .. } => *offset,
                _ => 0,
            };
            let nearest = heads.nearest(number, declared);
            // Harmless are an entry that leads nowhere, because references to it are null, and that
            // of a section, which was found without it.
            self.is_damaged |= match nearest {
                Some(Entry::Plain { offset, .. }) => !self.sections.contains(&offset),
                _ => false,
            };
            *entry = nearest.unwrap_or(Entry::Free);
        }
        true
    }

    /// Returns the value of an object that is an integer.
    pub(super) fn integer(&self, bytes: &[u8], number: u32) -> Option<usize> {
        let Entry::Plain { offset, .. } = self.entries.get(&number)? else {
            return None;
        };
        let mut cursor = Cursor::new(bytes, *offset);
        cursor.object_head()?;
        cursor.number()?.try_into().ok()
    }

    /// Returns the number of the document's root.
    pub(super) fn root(&self) -> Option<u32> {
        // The first of the entries that the table keeps.
        let mut trailer = Cursor::new(&self.trailer, 0);
        trailer.word(b"/Root")?;
        trailer.number()?.try_into().ok()
    }

    /// Returns whether the table leads to the document's root.
    pub(super) fn leads_to_root(&self, bytes: &[u8]) -> bool {
        let entry = self
            .root()
            .and_then(|root| Some((root, *self.entries.get(&root)?)));
        match entry {
            Some((number, Entry::Plain { offset, .. })) => {
                head_at(bytes, offset).is_some_and(|head| head.number == number)
            }
            Some((_, Entry::Packed { stream, .. })) => match self.entries.get(&stream) {
                Some(Entry::Plain { offset, .. }) => {
                    head_at(bytes, *offset).is_some_and(|head| head.number == stream)
                }
                _ => false,
            },
            _ => false,
        }
    }
}

/// The start of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) offset: usize,
    pub(super) number: u32,
    pub(super) generation: u32,
}

impl Head {
    pub(super) fn entry(self) -> Entry {
        Entry::Plain {
            offset: self.offset,
            generation: self.generation,
        }
    }
}

/// Returns the start of the object at an offset, or behind white space that begins there.
pub(super) fn head_at(bytes: &[u8], offset: usize) -> Option<Head> {
    let mut cursor = Cursor::new(bytes, offset);
    cursor.skip_space();
    let offset = cursor.offset();
    // Inside a longer number, the offset leads to another object.
    let before = offset.checked_sub(1).and_then(|before| bytes.get(before));
    if before.is_some_and(u8::is_ascii_digit) {
        return None;
    }
    let (number, generation) = cursor.object_head()?;
    Some(Head {
        offset,
        number,
        generation,
    })
}

/// The starts of all objects in a file, by number, in the order of the file.
struct Heads(BTreeMap<u32, Vec<Head>>);

impl Heads {
    fn of(keywords: &KeywordIndex<'_>) -> Self {
        let bytes = keywords.bytes();
        let mut heads: BTreeMap<u32, Vec<Head>> = BTreeMap::new();
        for keyword in keywords.offsets(Keyword::Obj) {
            let before = bytes.get(..keyword).unwrap_or_default();
            let start = head_start(before);
            if let Some(head) = start.and_then(|start| head_at(bytes, start)) {
                heads.entry(head.number).or_default().push(head);
            }
        }
        Self(heads)
    }

    /// Returns the definition of an object that is nearest to an offset.
    fn nearest(&self, number: u32, offset: usize) -> Option<Entry> {
        let heads = self.0.get(&number)?.iter();
        let nearest = heads.min_by_key(|head| head.offset.abs_diff(offset));
        nearest.map(|head| head.entry())
    }
}

/// Returns where the number and the generation begin that bytes end with.
pub(super) fn head_start(before: &[u8]) -> Option<usize> {
    let (before, _generation) = split_digits(before)?;
    let (before, _number) = split_digits(before.trim_ascii_end())?;
    Some(before.len())
}
