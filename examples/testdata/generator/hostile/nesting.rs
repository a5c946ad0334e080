//! Containers nested so deep that a reader that recurses runs out of stack.

use super::super::object::{Body, Dict, Object, name, raw};
use super::super::writer::Document;
use super::inflating::repeated;
use super::{Case, armed, armed_compactly, operate_before, put_before};

/// Levels that still fit into a small file uncompressed; any stack of a thread is too short.
const LEVELS: usize = 30_000;
/// Levels where they are compressed.
const PACKED_LEVELS: usize = 1_000_000;

/// All nested files.
pub fn cases() -> Vec<Case> {
    [objects(), packed(), operands()]
        .into_iter()
        .flatten()
        .collect()
}

fn nested(open: &str, close: &str, levels: usize) -> Object {
    raw([open.repeat(levels), close.repeat(levels)].concat())
}

/// Puts an object behind the catalog's `PieceInfo`, which no reader of text needs.
fn attach(document: &mut Document, object: Object) {
    let id = document.add(Body::Plain(object));
    document.catalog_mut().set("PieceInfo", id);
}

fn objects() -> Vec<Case> {
    vec![
        armed("nested_arrays", "an array nested 30,000 deep", |document| {
            attach(document, nested("[", "]", LEVELS));
        })
        .any_answer(),
        armed(
            "nested_dictionaries",
            "a dictionary nested 8,000 deep",
            |document| attach(document, nested("<</A", ">>", 8_000)),
        )
        .any_answer(),
        armed(
            "nested_arrays_open",
            "10,000 arrays begin and none ends",
            |document| attach(document, nested("[", "", 10_000)),
        )
        .any_answer(),
        armed(
            "nested_catalog",
            "the catalog itself holds an array nested 5,000 deep",
            |document| {
                let deep = nested("[", "]", 5_000);
                document.catalog_mut().set("PieceInfo", deep);
            },
        )
        .any_answer(),
    ]
}

fn packed() -> Vec<Case> {
    vec![
        armed_compactly(
            "nested_arrays_packed",
            "an array nested a million deep in an object stream",
            |document| attach(document, nested("[", "]", PACKED_LEVELS)),
        )
        .any_answer(),
        armed_compactly(
            "nested_dictionaries_packed",
            "a dictionary nested a million deep in an object stream",
            |document| attach(document, nested("<</A", ">>", PACKED_LEVELS)),
        )
        .any_answer(),
    ]
}

/// Nested operands in content; after them the statement is drawn as ever.
fn operands() -> Vec<Case> {
    let before = |path, note, head: &[u8], unit: &[u8]| {
        armed(path, note, |document| {
            let bytes = repeated(head, unit, unit.len() * PACKED_LEVELS);
            let dict = Dict::new().with("Filter", name("FlateDecode"));
            let stream = document.add(Body::Stream(dict, bytes));
            put_before(document, stream);
        })
        .any_answer()
    };
    vec![
        before(
            "content_nested_arrays",
            "a million arrays begin in the content and none ends",
            b"",
            b"[",
        ),
        before(
            "content_nested_dictionaries",
            "a million property lists begin in the content and none ends",
            b"/P ",
            b"<</A",
        ),
        before(
            "content_nested_strings",
            "a million parentheses open in a string of the content",
            b"",
            b"(",
        ),
        before(
            "content_nested_procedures",
            "a million braces open in the content",
            b"",
            b"{",
        ),
        armed(
            "content_balanced_arrays",
            "operands nested 100,000 deep, in arrays that all end",
            |document| {
                let deep = [b"[".repeat(100_000), b"]".repeat(100_000)].concat();
                operate_before(document, &[&deep, &b" 0 d\n"[..]].concat());
            },
        )
        .any_answer(),
    ]
}
