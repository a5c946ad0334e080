//! Reads the cross-reference tables of a file, and gives hayro-syntax a single clean one.
//!
//! A file names its objects by tables and streams that refer to each other (ISO 32000-2, 7.5.4 and
//! 7.5.8). If hayro-syntax dislikes anything about them, it drops them all and takes the last
//! object of each number in the file, without saying so. Objects that no table names any more, of
//! an earlier version or an attachment, then replace those that every viewer shows. This module
//! reads the tables as viewers do, checks that each entry leads to its object, and appends one
//! table that leaves nothing to guess. It also appends a copy of each object that hayro-syntax
//! would misread, as most readers understand it.

mod append;
mod bytes;
mod chain;
mod section;
#[cfg(test)]
mod tests;
mod thorough;
mod verify;

pub(super) use append::{Check, CleanFile};

use std::collections::BTreeMap;

/// The largest object number (ISO 32000-1, annex C).
const MAX_OBJECT_NUMBER: u32 = 8_388_607;

/// Where an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entry {
    /// Nowhere: references to it are null.
    Free,
    /// In the file.
    Plain {
        /// The offset of its number.
        offset: usize,
        generation: u32,
    },
    /// In an object stream.
    Packed {
        /// The number of the stream.
        stream: u32,
        /// The position in the stream, from 0.
        index: u32,
    },
}

/// The objects of a file by number, as its tables give them.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Table {
    pub(super) entries: BTreeMap<u32, Entry>,
    /// The trailer's entries that concern the whole file, as they are written.
    pub(super) trailer: Vec<u8>,
    /// The offsets of the sections that were read.
    sections: Vec<usize>,
    /// Whether an entry does not lead to its object, or a section can't be read.
    pub(super) is_damaged: bool,
    /// Whether a section has two different entries for an object, or repeats a key that leads to
    /// objects. Readers differ in which one they take.
    pub(super) is_ambiguous: bool,
}
