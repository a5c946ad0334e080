//! Files made to harm a reader: bombs, loops, lies about sizes, and text that acts on terminals.
//!
//! Most are a whole statement with the trap beside it, so that a reader that survives has something
//! to tell. Where several answers are right, all of them are tolerated; what is never right is to
//! crash, to hang, or to name another bank. All traps are small: nothing here is large on disk.

mod bombs;
mod catalogs;
mod contents;
mod files;
mod forms;
mod inflating;
mod maps;
mod nesting;
mod pictures;
mod streams;
mod trees;
mod typefaces;
mod unused;

use super::banks::design;
use super::damage;
use super::object::{Dict, Id, Object};
use super::statement::{Statement, statement};
use super::writer::{Document, FileKind};
use super::{Case, Truth};

/// What a reader may answer that gives up, or that reads only what it can.
pub const REFUSALS: &[&str] = &[
    "DAMAGED_PDF",
    "INVALID_FILE_OBJECT",
    "LIMIT_EXCEEDED",
    "PDF_IS_IMAGE",
];

/// All hostile files.
pub fn cases() -> Vec<Case> {
    [
        bombs::cases(),
        catalogs::cases(),
        contents::cases(),
        files::cases(),
        forms::cases(),
        maps::cases(),
        nesting::cases(),
        pictures::cases(),
        streams::cases(),
        trees::cases(),
        typefaces::cases(),
        unused::cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// One page of text that stands for any statement.
fn sample() -> Statement {
    statement(design("federal")).rows(4)
}

/// A file in which the sample can be read as if nothing were wrong.
fn case(name: &str, note: &'static str, bytes: Vec<u8>) -> Case {
    Case {
        path: format!("hostile/{name}.pdf"),
        note,
        bytes,
        truth: sample().truth(),
    }
}

/// The sample in which `arm` has set the trap.
fn armed(name: &str, note: &'static str, arm: impl FnOnce(&mut Document)) -> Case {
    let mut document = sample().document();
    arm(&mut document);
    case(name, note, document.write(FileKind::Classic))
}

/// The same, with all dictionaries in compressed object streams.
fn armed_compactly(name: &str, note: &'static str, arm: impl FnOnce(&mut Document)) -> Case {
    let mut document = sample().document();
    arm(&mut document);
    case(name, note, document.write(FileKind::ObjectStreams))
}

impl Case {
    /// The same case, whatever a reader makes of the pages.
    fn with_any_map(mut self) -> Self {
        self.truth.map.clear();
        self.truth.map_known = false;
        self
    }

    /// The same case, in which reading and giving up are both right.
    fn any_answer(mut self) -> Self {
        self.truth.tolerated.extend(REFUSALS);
        self.with_any_map()
    }

    /// The same case, in which one refusal is right and more may follow from it.
    fn refused(self, code: &'static str) -> Self {
        let mut case = self.any_answer().with_code(code);
        case.truth.tolerated.retain(|tolerated| *tolerated != code);
        case
    }

    /// The same case without anything to be read.
    fn without_statement(mut self) -> Self {
        let codes = (self.truth.codes, self.truth.tolerated);
        let (map, map_known) = (String::new(), self.truth.map_known);
        self.truth = Truth {
            map,
            map_known,
            codes: codes.0,
            tolerated: codes.1,
            ..Truth::nothing()
        };
        self
    }

    /// The same case, which a reader may call damaged although it lost nothing.
    fn repairable(self) -> Self {
        self.tolerating("DAMAGED_PDF")
    }
}

/// The number that the next object of a document gets, for objects that name themselves.
fn upcoming(document: &Document) -> Id {
    Id(document.size())
}

/// The dictionary of the first page.
fn first_page(document: &mut Document) -> &mut Dict {
    document.dict_mut(document.pages[0])
}

/// Shows a content stream, or an array of them, before the content of the first page.
fn put_before(document: &mut Document, content: impl Into<Object>) {
    let page = first_page(document);
    let own = page.find("Contents").expect("pages have content").clone();
    page.set("Contents", vec![content.into(), own]);
}

/// Shows operators before the content of the first page.
fn operate_before(document: &mut Document, operators: &[u8]) {
    let stream = document.add_flate(Dict::new(), operators);
    put_before(document, stream);
}

/// Adds a named resource to the first page.
fn add_resource(document: &mut Document, category: &str, key: &str, value: impl Into<Object>) {
    let page = first_page(document);
    let Some(Object::Dict(resources)) = page.find("Resources") else {
        panic!("pages of the sample have resources of their own");
    };
    let known = match resources.find(category) {
        Some(Object::Dict(known)) => known.clone(),
        _ => Dict::new(),
    };
    let resources = resources.clone().with(category, known.with(key, value));
    page.set("Resources", resources);
}

/// Puts `new` in place of the first `old`.
fn replaced(file: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    let at = damage::find(file, old).expect("what is to be replaced is there");
    [&file[..at], new, &file[at + old.len()..]].concat()
}
