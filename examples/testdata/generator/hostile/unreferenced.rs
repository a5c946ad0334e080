//! Traps in objects that no page needs, or that readers skip silently.
//!
//! The statement is read normally, but the trap must be reported.

use super::super::damage;
use super::super::filters::flate;
use super::super::object::{Body, Dict, Id, Object, name, raw};
use super::super::writer::{Document, FileKind};
use super::compressed_data::{MIB, spaces};
use super::fonts::dict_of;
use super::{Case, case, compressed_sample_with, next_id, replaced, sample, sample_with};

const DAMAGED: &str = "DAMAGED_PDF";

/// Returns all cases.
pub fn cases() -> Vec<Case> {
    [files(), numbers(), nesting(), loops()]
        .into_iter()
        .flatten()
        .collect()
}

/// Returns the sample with an unreferenced object.
fn with_unreferenced(name: &str, note: &'static str, body: impl FnOnce(Id) -> Body) -> Case {
    let add_object = |document: &mut Document| {
        let body = body(next_id(document));
        document.add(body);
    };
    sample_with(name, note, add_object).with_code(DAMAGED)
}

fn files() -> Vec<Case> {
    let whole = sample().bytes();
    let packed = sample().document().write(FileKind::ObjectStreams);
    vec![
        case(
            "trailer_without_size",
            "a trailer without the number of objects",
            replaced(&whole, b"/Size", b"/Seiz"),
        )
        .with_code(DAMAGED),
        case(
            "object_stream_disguised",
            "an object stream with the type of a font",
            replaced(&packed, b"/ObjStm", b"/Font  "),
        )
        .rejected_with(DAMAGED),
        case(
            "xref_stream_disguised",
            "a cross-reference stream with the type of a page",
            replaced(&packed, b"/XRef", b"/Page"),
        )
        .rejected_with(DAMAGED),
        case(
            "junk_behind",
            "40,000 bytes of other data after the end",
            damage::padded(&whole, &b"nothing of the bank ".repeat(2_000)),
        )
        .with_code(DAMAGED),
        sample_with(
            "bomb_beside",
            "an unreferenced stream that inflates to 96 MiB",
            |document| {
                let dict = Dict::new().with("Filter", name("FlateDecode"));
                document.add(Body::Stream(dict, spaces(96 * MIB)));
            },
        )
        .rejected_with("LIMIT_EXCEEDED"),
    ]
}

fn numbers() -> Vec<Case> {
    let predicted = |parameters: &str| {
        let dict = Dict::new()
            .with("Filter", name("FlateDecode"))
            .with("DecodeParms", raw(parameters));
        Body::Stream(dict, flate(b"0 g 0 G"))
    };
    let font = |entries: &str| {
        let text = format!("<< /Type /Font /Subtype /TrueType /BaseFont /X {entries} >>");
        Body::Plain(Object::Raw(text.into_bytes()))
    };
    let packed = |count: i64, first: i64| {
        let dict = Dict::new()
            .with("Type", name("ObjStm"))
            .with("N", count)
            .with("First", first)
            .with("Filter", name("FlateDecode"));
        Body::Stream(dict, flate(b"900 0 901 5 null null"))
    };
    vec![
        with_unreferenced(
            "widths_first_smallest",
            "an unused font with widths from character -2,147,483,648",
            |_| font("/FirstChar -2147483648 /LastChar 2147483647 /Widths [1]"),
        ),
        with_unreferenced(
            "object_stream_unused_count",
            "an unused object stream that claims 2,147,483,647 objects",
            |_| packed(2_147_483_647, 12),
        ),
        with_unreferenced(
            "object_stream_unused_first",
            "an unused object stream whose objects start 2 GB beyond its end",
            |_| packed(2, 2_147_483_647),
        ),
        with_unreferenced(
            "predictor_tiff_columns_unused",
            "an unused stream under a TIFF predictor with rows of 2,147,483,647 samples",
            |_| predicted("<< /Predictor 2 /Columns 2147483647 >>"),
        ),
        with_unreferenced(
            "predictor_tiff_bits_unused",
            "an unused stream under a TIFF predictor with samples of 3 bits",
            |_| predicted("<< /Predictor 2 /BitsPerComponent 3 >>"),
        ),
        with_unreferenced(
            "predictor_unknown_unused",
            "an unused stream under predictor 2,000",
            |_| predicted("<< /Predictor 2000 >>"),
        ),
        {
            let map = "1 beginbfrange <80000000> <FFFFFFFF> <0041> endbfrange";
            sample_with(
                "to_unicode_range_beside",
                "the font of the statement maps 2 billion codes that it does not have",
                |document| add_to_map(document, map),
            )
            .with_code(DAMAGED)
        },
    ]
}

/// Adds a `ToUnicode` map to the font of the sample.
fn add_to_map(document: &mut Document, map: &str) {
    let map = document.add_flate(Dict::new(), map.as_bytes());
    dict_of(document, "Type1").set("ToUnicode", map);
}

fn nesting() -> Vec<Case> {
    let nested = |opening: &str, closing: &str, depth: usize| {
        let text = [opening.repeat(depth), " ".to_owned(), closing.repeat(depth)].concat();
        Body::Plain(Object::Raw(text.into_bytes()))
    };
    vec![
        with_unreferenced(
            "nested_arrays_unused",
            "an unused array nested 3,000 deep",
            |_| nested("[", "]", 3_000),
        ),
        with_unreferenced(
            "nested_dictionaries_unused",
            "an unused dictionary nested 3,000 deep",
            |_| nested("<</A", ">>", 3_000),
        ),
        with_unreferenced(
            "nested_strings_unused",
            "an unused string with parentheses nested 3,000 deep",
            |_| nested("(", ")", 3_000),
        ),
        compressed_sample_with(
            "nested_arrays_unused_packed",
            "an unused array nested 3,000 deep in an object stream",
            |document| {
                document.add(nested("[", "]", 3_000));
            },
        )
        .with_code(DAMAGED),
    ]
}

fn loops() -> Vec<Case> {
    vec![
        with_unreferenced(
            "reference_to_itself_unused",
            "an unused object that is a reference to itself",
            |own| Body::Plain(own.into()),
        ),
        with_unreferenced(
            "dictionary_of_itself_unused",
            "an unused dictionary that contains itself",
            |own| Body::Plain(Dict::new().with("Next", own).into()),
        ),
        sample_with(
            "siblings_loop_unused",
            "unused outline entries that form a loop",
            |document| {
                let first = next_id(document);
                let second = Id(first.0 + 1);
                document.add_dict(Dict::new().with("Next", second));
                document.add_dict(Dict::new().with("Next", first));
            },
        )
        .with_code(DAMAGED),
    ]
}
