//! Files designed to harm a reader: bombs, loops, false sizes, and text that controls terminals.
//!
//! Most files are a complete statement with a trap, so that a reader that survives has something to
//! report. If several outcomes are correct, all of them are tolerated. A crash, a hang and a
//! different bank are never correct. All files are small on disk.

mod bombs;
mod catalogs;
mod compressed_data;
mod contents;
mod cross_references;
mod files;
mod fonts;
mod forms;
mod images;
mod nesting;
mod page_trees;
mod streams;
mod unreferenced;

use super::banks::design;
use super::damage;
use super::object::{Dict, Id, Object};
use super::statement::{Statement, statement};
use super::writer::{Document, FileKind};
use super::{Case, GroundTruth};

/// Codes of a reader that gives up or reads only a part of the file.
pub const REJECTION_CODES: &[&str] = &[
    "DAMAGED_PDF",
    "INVALID_FILE_OBJECT",
    "LIMIT_EXCEEDED",
    "PDF_IS_IMAGE",
];

/// Returns all hostile cases.
pub fn cases() -> Vec<Case> {
    [
        bombs::cases(),
        catalogs::cases(),
        contents::cases(),
        cross_references::cases(),
        files::cases(),
        fonts::cases(),
        forms::cases(),
        images::cases(),
        nesting::cases(),
        page_trees::cases(),
        streams::cases(),
        unreferenced::cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Returns a statement of one page, the basis of most hostile files.
fn sample() -> Statement {
    statement(design("federal")).rows(4)
}

/// Returns a case whose expected facts are those of the sample.
fn case(name: &str, note: &'static str, bytes: Vec<u8>) -> Case {
    Case {
        path: format!("hostile/{name}.pdf"),
        note,
        bytes,
        truth: sample().truth(),
    }
}

/// Returns the sample after `add_trap` has modified it.
fn sample_with(name: &str, note: &'static str, add_trap: impl FnOnce(&mut Document)) -> Case {
    let mut document = sample().document();
    add_trap(&mut document);
    case(name, note, document.write(FileKind::Classic))
}

/// Like [`sample_with`], but with all dictionaries in compressed object streams.
fn compressed_sample_with(
    name: &str,
    note: &'static str,
    add_trap: impl FnOnce(&mut Document),
) -> Case {
    let mut document = sample().document();
    add_trap(&mut document);
    case(name, note, document.write(FileKind::ObjectStreams))
}

impl Case {
    /// Accepts any page map.
    fn with_unspecified_map(mut self) -> Self {
        self.truth.map.clear();
        self.truth.map_known = false;
        self
    }

    /// Accepts both a complete screening and a rejection.
    fn any_outcome(mut self) -> Self {
        self.truth.tolerated.extend(REJECTION_CODES);
        self.with_unspecified_map()
    }

    /// Requires one rejection code and tolerates the codes that may follow from it.
    fn rejected_with(self, code: &'static str) -> Self {
        let mut case = self.any_outcome().with_code(code);
        case.truth.tolerated.retain(|tolerated| *tolerated != code);
        case
    }

    /// Expects no facts, because the file has no readable statement.
    fn without_statement(mut self) -> Self {
        let codes = (self.truth.codes, self.truth.tolerated);
        let (map, map_known) = (String::new(), self.truth.map_known);
        self.truth = GroundTruth {
            map,
            map_known,
            codes: codes.0,
            tolerated: codes.1,
            ..GroundTruth::unreadable()
        };
        self
    }

    /// Tolerates a damage finding although no content is lost.
    fn repairable(self) -> Self {
        self.tolerating("DAMAGED_PDF")
    }
}

/// Returns the ID of the next object to be added, for objects that refer to themselves.
fn next_id(document: &Document) -> Id {
    Id(document.size())
}

/// Returns the dictionary of the first page.
fn first_page(document: &mut Document) -> &mut Dict {
    document.dict_mut(document.pages[0])
}

/// Inserts a content stream, or an array of them, before the content of the first page.
fn prepend_content(document: &mut Document, content: impl Into<Object>) {
    let page = first_page(document);
    let own = page.find("Contents").expect("pages have content").clone();
    page.set("Contents", vec![content.into(), own]);
}

/// Inserts operators before the content of the first page.
fn prepend_operators(document: &mut Document, operators: &[u8]) {
    let stream = document.add_flate(Dict::new(), operators);
    prepend_content(document, stream);
}

/// Adds a named resource to the first page.
fn add_resource(document: &mut Document, category: &str, key: &str, value: impl Into<Object>) {
    let page = first_page(document);
    let Some(Object::Dict(resources)) = page.find("Resources") else {
        panic!("each page of the sample has its own resources");
    };
    let entries = match resources.find(category) {
        Some(Object::Dict(entries)) => entries.clone(),
        _ => Dict::new(),
    };
    let resources = resources.clone().with(category, entries.with(key, value));
    page.set("Resources", resources);
}

/// Replaces the first occurrence of `old`.
fn replaced(file: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    let offset = damage::find(file, old).expect("the file contains the pattern");
    [&file[..offset], new, &file[offset + old.len()..]].concat()
}
