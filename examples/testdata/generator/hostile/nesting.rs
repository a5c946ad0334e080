//! Containers nested so deep that a recursive reader overflows its stack.

use super::super::object::{Body, Dict, Object, name, raw};
use super::super::writer::Document;
use super::compressed_data::repeated;
use super::{Case, compressed_sample_with, prepend_content, prepend_operators, sample_with};

/// Nesting levels that overflow any thread stack, but fit into a small uncompressed file.
const LEVELS: usize = 30_000;
/// Nesting levels in compressed data.
const COMPRESSED_LEVELS: usize = 1_000_000;

/// Returns all cases.
pub fn cases() -> Vec<Case> {
    [objects(), packed(), operands()]
        .into_iter()
        .flatten()
        .collect()
}

fn nested(open: &str, close: &str, levels: usize) -> Object {
    raw([open.repeat(levels), close.repeat(levels)].concat())
}

/// Attaches an object to the catalog's `PieceInfo`, which text extraction does not need.
fn attach(document: &mut Document, object: Object) {
    let id = document.add(Body::Plain(object));
    document.catalog_mut().set("PieceInfo", id);
}

fn objects() -> Vec<Case> {
    vec![
        sample_with("nested_arrays", "an array nested 30,000 deep", |document| {
            attach(document, nested("[", "]", LEVELS));
        })
        .any_outcome(),
        sample_with(
            "nested_dictionaries",
            "a dictionary nested 8,000 deep",
            |document| attach(document, nested("<</A", ">>", 8_000)),
        )
        .any_outcome(),
        sample_with(
            "nested_arrays_open",
            "10,000 arrays begin and none ends",
            |document| attach(document, nested("[", "", 10_000)),
        )
        .any_outcome(),
        sample_with(
            "nested_catalog",
            "the catalog contains an array nested 5,000 deep",
            |document| {
                let deep = nested("[", "]", 5_000);
                document.catalog_mut().set("PieceInfo", deep);
            },
        )
        .any_outcome(),
    ]
}

fn packed() -> Vec<Case> {
    vec![
        compressed_sample_with(
            "nested_arrays_packed",
            "an array nested a million deep in an object stream",
            |document| attach(document, nested("[", "]", COMPRESSED_LEVELS)),
        )
        .any_outcome(),
        compressed_sample_with(
            "nested_dictionaries_packed",
            "a dictionary nested a million deep in an object stream",
            |document| attach(document, nested("<</A", ">>", COMPRESSED_LEVELS)),
        )
        .any_outcome(),
    ]
}

/// Nested operands in content, followed by the normal statement.
fn operands() -> Vec<Case> {
    let before = |path, note, head: &[u8], unit: &[u8]| {
        sample_with(path, note, |document| {
            let bytes = repeated(head, unit, unit.len() * COMPRESSED_LEVELS);
            let dict = Dict::new().with("Filter", name("FlateDecode"));
            let stream = document.add(Body::Stream(dict, bytes));
            prepend_content(document, stream);
        })
        .any_outcome()
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
        sample_with(
            "content_balanced_arrays",
            "operands nested 100,000 deep, in arrays that all end",
            |document| {
                let deep = [b"[".repeat(100_000), b"]".repeat(100_000)].concat();
                prepend_operators(document, &[&deep, &b" 0 d\n"[..]].concat());
            },
        )
        .any_outcome(),
    ]
}
