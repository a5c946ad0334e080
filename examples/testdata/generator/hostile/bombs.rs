//! Streams that inflate to far more than the size of the file.
//!
//! A reader needs page content, cross-references and fonts. It should not inflate other streams,
//! such as metadata, and then reads the statement normally.

use super::super::damage;
use super::super::filters::flate;
use super::super::fonts::Typeface;
use super::super::object::{Body, Dict, Id, Object, array, name};
use super::super::writer::{Document, FileKind, PAGE_TREE};
use super::compressed_data::{MIB, repeated, spaces};
use super::fonts::dict_of;
use super::{
    Case, add_resource, case, first_page, next_id, prepend_content, prepend_operators, sample,
    sample_with,
};

const FLATE: &str = "FlateDecode";
const LIMIT: &str = "LIMIT_EXCEEDED";

/// Returns all bombs.
pub fn cases() -> Vec<Case> {
    [contents(), structures(), fonts(), unneeded_streams()]
        .into_iter()
        .flatten()
        .collect()
}

/// Returns the dictionary of a stream with these filters.
fn filtered(filters: &[&str]) -> Dict {
    match filters {
        [one] => Dict::new().with("Filter", name(one)),
        _ => Dict::new().with("Filter", array(filters.iter().map(|filter| name(filter)))),
    }
}

/// Returns the sample with a bomb before the content of its page.
fn content_bomb(name: &str, note: &'static str, filters: &[&str], bytes: Vec<u8>) -> Case {
    sample_with(name, note, |document| {
        let bomb = document.add(Body::Stream(filtered(filters), bytes));
        prepend_content(document, bomb);
    })
    .rejected_with(LIMIT)
}

fn contents() -> Vec<Case> {
    let packed = flate(&spaces(96 * MIB));
    let digits = packed.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let hexadecimal = digits.map(|digit| b"0123456789abcdef"[usize::from(digit)]);
    vec![
        content_bomb(
            "content_bomb",
            "page content that inflates to 96 MiB of spaces",
            &[FLATE],
            spaces(96 * MIB),
        ),
        content_bomb(
            "content_bomb_stacked",
            "page content under three Flate filters that inflates to 1 GiB",
            &[FLATE; 3],
            flate(&flate(&spaces(1024 * MIB))),
        ),
        content_bomb(
            "content_bomb_run_length",
            "page content under Flate and RunLength that grows to 96 MiB",
            &[FLATE, "RunLengthDecode"],
            repeated(b"", &[129, b' '], 96 * MIB / 64),
        ),
        content_bomb(
            "content_bomb_hexadecimal",
            "page content under ASCIIHex and two Flate filters that inflates to 96 MiB",
            &["ASCIIHexDecode", FLATE, FLATE],
            hexadecimal.collect(),
        ),
        sample_with(
            "content_repeated",
            "page content that refers to one stream of 60 MiB 100 times",
            |document| {
                let bytes = flate(&spaces(60 * MIB));
                let part = document.add(Body::Stream(filtered(&[FLATE; 2]), bytes));
                prepend_content(document, part);
                let parts = vec![Object::from(part); 100];
                let page = first_page(document);
                let Some(Object::Array(own)) = page.find("Contents") else {
                    panic!("the content is an array");
                };
                let all = [parts, own.clone()].concat();
                page.set("Contents", all);
            },
        )
        .rejected_with(LIMIT),
        sample_with(
            "content_bomb_behind_text",
            "96 MiB of spaces after the text of the page",
            |document| {
                let bytes = flate(&spaces(96 * MIB));
                let bomb = document.add(Body::Stream(filtered(&[FLATE; 2]), bytes));
                let page = first_page(document);
                let own = page.find("Contents").expect("pages have content").clone();
                page.set("Contents", vec![own, bomb.into()]);
            },
        )
        .any_outcome(),
    ]
}

/// Bombs in streams that a reader must inflate before it finds any page.
fn structures() -> Vec<Case> {
    let mut packed = sample().document();
    packed.fill_page_tree();
    let roots = [Id(1), PAGE_TREE];
    let bomb = object_stream_bomb(&mut packed, &roots);
    vec![
        case(
            "object_stream_bomb",
            "the object stream of the catalog inflates to 66 MiB",
            packed.write_packed(bomb, &roots),
        )
        .any_outcome(),
        case(
            "xref_stream_bomb",
            "the cross-reference stream inflates to 66 MiB",
            with_xref_bomb(),
        )
        .any_outcome(),
    ]
}

/// Adds an object stream with the given objects, followed by 66 MiB of spaces.
fn object_stream_bomb(document: &mut Document, packed: &[Id]) -> Id {
    let mut index = Vec::new();
    let mut bodies = Vec::new();
    for id in packed {
        index.extend(format!("{} {} ", id.0, bodies.len()).bytes());
        document.objects[id].write(&mut bodies, None);
        bodies.push(b'\n');
    }
    let dict = filtered(&[FLATE])
        .with("Type", name("ObjStm"))
        .with("N", packed.len())
        .with("First", index.len());
    let head = [index, bodies].concat();
    document.add(Body::Stream(dict, repeated(&head, b" ", 66 * MIB)))
}

/// Returns the sample with a cross-reference stream of countless free objects.
fn with_xref_bomb() -> Vec<u8> {
    let mut document = sample().document();
    let own = next_id(&document);
    let dict = filtered(&[FLATE])
        .with("Type", name("XRef"))
        .with("Size", 10_000_000)
        .with("W", array([1, 4, 2]))
        .with("Root", Id(1));
    document.add(Body::Stream(dict, repeated(b"", b"\0", 66 * MIB)));
    let file = document.write(FileKind::Classic);
    let marker = format!("\n{} 0 obj\n", own.0);
    let start = damage::find(&file, marker.as_bytes()).expect("the stream was added") + 1;
    let end = damage::find(&file, b"xref\n0 ").expect("a table");
    let tail = format!("startxref\n{start}\n%%EOF\n");
    [&file[..end], tail.as_bytes()].concat()
}

fn fonts() -> Vec<Case> {
    let in_font = |name, note, subtype: &str, key: &str, bytes: Vec<u8>| {
        let mut document = sample().typeface(Typeface::Embedded).document();
        let bomb = document.add(Body::Stream(filtered(&[FLATE; 2]), flate(&bytes)));
        dict_of(&mut document, subtype).set(key, bomb);
        case(name, note, document.write(FileKind::Classic))
            .any_outcome()
            .tolerating("UNMAPPED_TEXT")
    };
    vec![
        in_font(
            "to_unicode_bomb",
            "a ToUnicode map that inflates to 96 MiB",
            "Type0",
            "ToUnicode",
            repeated(b"begincmap\n", b" ", 96 * MIB),
        ),
        in_font(
            "font_file_bomb",
            "a font file that inflates to 66 MiB",
            "FontDescriptor",
            "FontFile2",
            repeated(b"", b"\0", 66 * MIB),
        ),
    ]
}

/// Bombs in streams that are not needed to read a statement.
fn unneeded_streams() -> Vec<Case> {
    let bomb = |document: &mut Document, dict: Dict| {
        let dict = dict.merged(&filtered(&[FLATE; 2]));
        document.add(Body::Stream(dict, flate(&spaces(96 * MIB))))
    };
    vec![
        sample_with(
            "metadata_bomb",
            "an XMP stream that inflates to 96 MiB",
            |document| {
                let dict = Dict::new()
                    .with("Type", name("Metadata"))
                    .with("Subtype", name("XML"));
                let bomb = bomb(document, dict);
                document.catalog_mut().set("Metadata", bomb);
            },
        )
        .tolerating(LIMIT),
        sample_with(
            "profile_bomb",
            "a colour profile that inflates to 96 MiB and is selected by the page",
            |document| {
                let bomb = bomb(document, Dict::new().with("N", 3));
                let space = vec![name("ICCBased"), bomb.into()];
                add_resource(document, "ColorSpace", "CS0", space);
                prepend_operators(document, b"/CS0 cs 0 0 0 sc\n");
            },
        )
        .tolerating(LIMIT),
    ]
}
