//! Checks every object of a table as hayro-syntax reads it.
//!
//! If hayro-syntax can't read a single object, it drops the whole table. This check costs as much
//! as reading the file, so it only runs after that has happened.

use super::append::MAX_PASSES;
use super::bytes::Cursor;
use super::{Entry, Table};
use crate::pdf::damage::Damage;
use crate::pdf::object_repair::RepairedObject;
use hayro_syntax::object::{FromBytes, Object, Stream};
use std::collections::{BTreeMap, BTreeSet};

/// Members of one object stream. Writers put a hundred objects or more into each.
const MAX_MEMBERS: usize = 1 << 20;

impl Table {
    /// Returns the objects that hayro-syntax only reads after repair, with their generations, and
    /// frees the entries of those that can't be repaired.
    pub(super) fn repair_unreadable(
        &mut self,
        bytes: &[u8],
        damage: &mut BTreeSet<Damage>,
    ) -> Vec<(u32, u32, RepairedObject)> {
        let mut repaired = Vec::new();
        let mut lost = Vec::new();
        let mut remaining = bytes.len().saturating_mul(MAX_PASSES);
        for (number, entry) in &self.entries {
            let Entry::Plain { offset, generation } = entry else {
                continue;
            };
            let mut cursor = Cursor::new(bytes, *offset);
            if cursor.object_head().is_none() {
                lost.push(*number);
                continue;
            }
            cursor.skip_space();
            if Object::from_bytes(cursor.rest()).is_some() {
                continue;
            }
            let find_length = |number| self.integer(bytes, number);
            let object = RepairedObject::read(bytes, cursor.offset(), &find_length);
            let is_readable = |object: &RepairedObject| {
                Object::from_bytes(object.bytes.trim_ascii_start()).is_some()
            };
            let object = object.filter(is_readable).filter(|object| {
                let left = remaining.checked_sub(object.bytes.len());
                remaining = left.unwrap_or(0);
                left.is_some()
            });
            match object {
                Some(object) => repaired.push((*number, *generation, object)),
                None => lost.push(*number),
            }
        }
        if !lost.is_empty() {
            damage.insert(Damage::Unterminated);
        }
        for number in lost {
            self.entries.insert(number, Entry::Free);
        }
        self.correct_indices(bytes);
        repaired
    }

    /// Corrects the positions in object streams, and frees the entries of objects that are not in
    /// their stream. Leaves streams alone that can't be decoded, such as encrypted ones.
    fn correct_indices(&mut self, bytes: &[u8]) {
        let mut members: BTreeMap<u32, Option<BTreeMap<u32, u32>>> = BTreeMap::new();
        for entry in self.entries.values() {
            if let Entry::Packed { stream, .. } = entry
                && !members.contains_key(stream)
            {
                members.insert(*stream, self.members(bytes, *stream));
            }
        }
        for (number, entry) in &mut self.entries {
            let Entry::Packed { stream, index } = entry else {
                continue;
            };
            let Some(Some(found)) = members.get(stream) else {
                continue;
            };
            match found.get(number) {
                Some(position) if position == index => {}
                Some(position) => {
                    *index = *position;
                    self.is_damaged = true;
                }
                None => {
                    *entry = Entry::Free;
                    self.is_damaged = true;
                }
            }
        }
    }

    /// Returns the positions of the members of an object stream, by their numbers.
    fn members(&self, bytes: &[u8], stream: u32) -> Option<BTreeMap<u32, u32>> {
        let Entry::Plain { offset, .. } = self.entries.get(&stream)? else {
            return None;
        };
        let mut cursor = Cursor::new(bytes, *offset);
        cursor.object_head()?;
        cursor.skip_space();
        let stream = Stream::from_bytes(cursor.rest())?;
        let count = stream.dict().get::<usize>("N")?.min(MAX_MEMBERS);
        let data = stream.decoded_data().ok()?;
        let mut header = Cursor::new(&data, 0);
        let mut members = BTreeMap::new();
        for index in 0..u32::try_from(count).ok()? {
            let number = header.number()?.try_into().ok()?;
            header.number()?;
            members.entry(number).or_insert(index);
        }
        Some(members)
    }
}
