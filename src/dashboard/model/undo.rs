//! What the user can undo.

use super::file::FileId;
use crate::screen::{Code, Expected};
use std::sync::Arc;

/// Changes that are remembered.
const MAX_CHANGES: usize = 100;

/// A change by the user, with what was before.
#[derive(Debug)]
pub enum Undo {
    /// Files were removed from the queue.
    Removed(Vec<FileId>),
    /// Files were marked or unmarked: whether each was marked.
    Marked(Vec<(FileId, bool)>),
    /// Bank or category was set: the expectations of each file.
    Corrected(Vec<(FileId, Arc<Expected>)>),
    /// Warnings were ignored or restored: the ignored ones of each file.
    Ignored(Vec<(FileId, Vec<Code>)>),
    /// Files were moved into a case.
    MovedToCase(Vec<Moved>),
}

/// A file that was moved into another case, as it was before.
#[derive(Debug)]
pub struct Moved {
    /// The file.
    pub file: FileId,
    /// The index of its case; `None` if it was in none.
    pub case: Option<usize>,
    /// The values that it was screened against.
    pub expected: Arc<Expected>,
    /// Whether it was marked.
    pub marked: bool,
}

impl Undo {
    /// Whether nothing was changed.
    fn is_empty(&self) -> bool {
        match self {
            Self::Removed(files) => files.is_empty(),
            Self::Marked(files) => files.is_empty(),
            Self::Corrected(files) => files.is_empty(),
            Self::Ignored(files) => files.is_empty(),
            Self::MovedToCase(files) => files.is_empty(),
        }
    }
}

/// The latest changes by the user.
#[derive(Debug, Default)]
pub struct Changes(Vec<Undo>);

impl Changes {
    /// Adds a change, unless nothing was changed.
    pub fn add(&mut self, change: Undo) {
        if change.is_empty() {
            return;
        }
        if self.0.len() >= MAX_CHANGES {
            self.0.remove(0);
        }
        self.0.push(change);
    }

    /// Takes the latest change.
    pub fn take(&mut self) -> Option<Undo> {
        self.0.pop()
    }
}
