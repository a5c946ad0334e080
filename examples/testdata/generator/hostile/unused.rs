//! Traps in what no page needs, or that readers step over without a word.
//!
//! The statement is read as if nothing were wrong; that something is must be told all the same.

use super::super::damage;
use super::super::filters::flate;
use super::super::object::{Body, Dict, Id, Object, name, raw};
use super::super::writer::{Document, FileKind};
use super::inflating::{MIB, spaces};
use super::typefaces::dict_of;
use super::{Case, armed, armed_compactly, case, replaced, sample, upcoming};

const DAMAGED: &str = "DAMAGED_PDF";

/// All of them.
pub fn cases() -> Vec<Case> {
    [files(), numbers(), nesting(), loops()]
        .into_iter()
        .flatten()
        .collect()
}

/// The sample with an object that nothing refers to.
fn beside(name: &str, note: &'static str, body: impl FnOnce(Id) -> Body) -> Case {
    let beside = |document: &mut Document| {
        let body = body(upcoming(document));
        document.add(body);
    };
    armed(name, note, beside).with_code(DAMAGED)
}

fn files() -> Vec<Case> {
    let whole = sample().bytes();
    let packed = sample().document().write(FileKind::ObjectStreams);
    vec![
        case(
            "trailer_without_size",
            "a trailer that does not say how many objects there are",
            replaced(&whole, b"/Size", b"/Seiz"),
        )
        .with_code(DAMAGED),
        case(
            "object_stream_disguised",
            "an object stream that calls itself a font",
            replaced(&packed, b"/ObjStm", b"/Font  "),
        )
        .refused(DAMAGED),
        case(
            "xref_stream_disguised",
            "a cross-reference stream that calls itself a page",
            replaced(&packed, b"/XRef", b"/Page"),
        )
        .refused(DAMAGED),
        case(
            "junk_behind",
            "40,000 bytes of something else behind the end",
            damage::padded(&whole, &b"nothing of the bank ".repeat(2_000)),
        )
        .with_code(DAMAGED),
        armed(
            "bomb_beside",
            "a stream that inflates to 96 MiB, and that nothing refers to",
            |document| {
                let dict = Dict::new().with("Filter", name("FlateDecode"));
                document.add(Body::Stream(dict, spaces(96 * MIB)));
            },
        )
        .refused("LIMIT_EXCEEDED"),
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
        beside(
            "widths_first_smallest",
            "a font nothing uses, with widths from character -2,147,483,648 on",
            |_| font("/FirstChar -2147483648 /LastChar 2147483647 /Widths [1]"),
        ),
        beside(
            "object_stream_unused_count",
            "an unused object stream that claims 2,147,483,647 objects",
            |_| packed(2_147_483_647, 12),
        ),
        beside(
            "object_stream_unused_first",
            "an unused object stream whose objects begin 2 GB behind its end",
            |_| packed(2, 2_147_483_647),
        ),
        beside(
            "predictor_tiff_columns_unused",
            "an unused stream under a TIFF predictor with rows of 2,147,483,647 samples",
            |_| predicted("<< /Predictor 2 /Columns 2147483647 >>"),
        ),
        beside(
            "predictor_tiff_bits_unused",
            "an unused stream under a TIFF predictor with samples of 3 bits",
            |_| predicted("<< /Predictor 2 /BitsPerComponent 3 >>"),
        ),
        beside(
            "predictor_unknown_unused",
            "an unused stream under predictor 2,000",
            |_| predicted("<< /Predictor 2000 >>"),
        ),
        {
            let map = "1 beginbfrange <80000000> <FFFFFFFF> <0041> endbfrange";
            armed(
                "to_unicode_range_beside",
                "the font of the statement maps two billion codes that it has not",
                |document| add_to_map(document, map),
            )
            .with_code(DAMAGED)
        },
    ]
}

/// Gives the font of the sample a map to Unicode.
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
        beside(
            "nested_arrays_unused",
            "an unused array nested 3,000 deep",
            |_| nested("[", "]", 3_000),
        ),
        beside(
            "nested_dictionaries_unused",
            "an unused dictionary nested 3,000 deep",
            |_| nested("<</A", ">>", 3_000),
        ),
        beside(
            "nested_strings_unused",
            "an unused string with parentheses nested 3,000 deep",
            |_| nested("(", ")", 3_000),
        ),
        armed_compactly(
            "nested_arrays_unused_packed",
            "the same array in an object stream",
            |document| {
                document.add(nested("[", "]", 3_000));
            },
        )
        .with_code(DAMAGED),
    ]
}

fn loops() -> Vec<Case> {
    vec![
        beside(
            "reference_to_itself_unused",
            "an unused object that is a reference to itself",
            |own| Body::Plain(own.into()),
        ),
        beside(
            "dictionary_of_itself_unused",
            "an unused dictionary that contains itself",
            |own| Body::Plain(Dict::new().with("Next", own).into()),
        ),
        armed(
            "siblings_loop_unused",
            "unused entries of an outline that follow one another in a circle",
            |document| {
                let first = upcoming(document);
                let second = Id(first.0 + 1);
                document.add_dict(Dict::new().with("Next", second));
                document.add_dict(Dict::new().with("Next", first));
            },
        )
        .with_code(DAMAGED),
    ]
}
