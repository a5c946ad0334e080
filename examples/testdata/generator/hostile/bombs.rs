//! Streams that inflate far beyond what the file weighs.
//!
//! A reader needs the content, the maps and the fonts; what it does not need, such as metadata, it
//! should not inflate at all, and then the statement is simply read.

use super::super::damage;
use super::super::filters::flate;
use super::super::fonts::Typeface;
use super::super::object::{Body, Dict, Id, Object, array, name};
use super::super::writer::{Document, FileKind, PAGE_TREE};
use super::inflating::{MIB, repeated, spaces};
use super::typefaces::dict_of;
use super::{
    Case, add_resource, armed, case, first_page, operate_before, put_before, sample, upcoming,
};

const FLATE: &str = "FlateDecode";
const LIMIT: &str = "LIMIT_EXCEEDED";

/// All bombs.
pub fn cases() -> Vec<Case> {
    [contents(), structures(), fonts(), bystanders()]
        .into_iter()
        .flatten()
        .collect()
}

/// The dictionary of a stream under these filters.
fn filtered(filters: &[&str]) -> Dict {
    match filters {
        [one] => Dict::new().with("Filter", name(one)),
        _ => Dict::new().with("Filter", array(filters.iter().map(|filter| name(filter)))),
    }
}

/// The sample with a bomb before the content of its page.
fn before(name: &str, note: &'static str, filters: &[&str], bytes: Vec<u8>) -> Case {
    armed(name, note, |document| {
        let bomb = document.add(Body::Stream(filtered(filters), bytes));
        put_before(document, bomb);
    })
    .refused(LIMIT)
}

fn contents() -> Vec<Case> {
    let packed = flate(&spaces(96 * MIB));
    let digits = packed.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let hexadecimal = digits.map(|digit| b"0123456789abcdef"[usize::from(digit)]);
    vec![
        before(
            "content_bomb",
            "page content that inflates to 96 MiB of spaces",
            &[FLATE],
            spaces(96 * MIB),
        ),
        before(
            "content_bomb_stacked",
            "page content under three Flate filters that inflates to 1 GiB",
            &[FLATE; 3],
            flate(&flate(&spaces(1024 * MIB))),
        ),
        before(
            "content_bomb_run_length",
            "page content under Flate and RunLength that grows to 96 MiB",
            &[FLATE, "RunLengthDecode"],
            repeated(b"", &[129, b' '], 96 * MIB / 64),
        ),
        before(
            "content_bomb_hexadecimal",
            "page content under ASCIIHex and two Flate filters that inflates to 96 MiB",
            &["ASCIIHexDecode", FLATE, FLATE],
            hexadecimal.collect(),
        ),
        armed(
            "content_repeated",
            "page content that names one stream of 60 MiB a hundred times",
            |document| {
                let bytes = flate(&spaces(60 * MIB));
                let part = document.add(Body::Stream(filtered(&[FLATE; 2]), bytes));
                put_before(document, part);
                let parts = vec![Object::from(part); 100];
                let page = first_page(document);
                let Some(Object::Array(own)) = page.find("Contents") else {
                    panic!("content was put before");
                };
                let all = [parts, own.clone()].concat();
                page.set("Contents", all);
            },
        )
        .refused(LIMIT),
        armed(
            "content_bomb_behind_text",
            "96 MiB of spaces behind the text of the page",
            |document| {
                let bytes = flate(&spaces(96 * MIB));
                let bomb = document.add(Body::Stream(filtered(&[FLATE; 2]), bytes));
                let page = first_page(document);
                let own = page.find("Contents").expect("pages have content").clone();
                page.set("Contents", vec![own, bomb.into()]);
            },
        )
        .any_answer(),
    ]
}

/// Bombs in what a reader has to inflate before it knows any page.
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
        .any_answer(),
        case(
            "xref_stream_bomb",
            "the cross-reference stream inflates to 66 MiB",
            with_xref_bomb(),
        )
        .any_answer(),
    ]
}

/// Adds an object stream of the given objects with 66 MiB of spaces behind them.
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

/// The sample behind a cross-reference stream of free objects without end.
fn with_xref_bomb() -> Vec<u8> {
    let mut document = sample().document();
    let own = upcoming(&document);
    let dict = filtered(&[FLATE])
        .with("Type", name("XRef"))
        .with("Size", 10_000_000)
        .with("W", array([1, 4, 2]))
        .with("Root", Id(1));
    document.add(Body::Stream(dict, repeated(b"", b"\0", 66 * MIB)));
    let file = document.write(FileKind::Classic);
    let marker = format!("\n{} 0 obj\n", own.0);
    let at = damage::find(&file, marker.as_bytes()).expect("it was added") + 1;
    let end = damage::find(&file, b"xref\n0 ").expect("a table");
    let tail = format!("startxref\n{at}\n%%EOF\n");
    [&file[..end], tail.as_bytes()].concat()
}

fn fonts() -> Vec<Case> {
    let in_font = |name, note, subtype: &str, key: &str, bytes: Vec<u8>| {
        let mut document = sample().typeface(Typeface::Embedded).document();
        let bomb = document.add(Body::Stream(filtered(&[FLATE; 2]), flate(&bytes)));
        dict_of(&mut document, subtype).set(key, bomb);
        case(name, note, document.write(FileKind::Classic))
            .any_answer()
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

/// Bombs where no statement needs to be inflated.
fn bystanders() -> Vec<Case> {
    let bomb = |document: &mut Document, dict: Dict| {
        let dict = dict.merged(&filtered(&[FLATE; 2]));
        document.add(Body::Stream(dict, flate(&spaces(96 * MIB))))
    };
    vec![
        armed(
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
        armed(
            "profile_bomb",
            "a colour profile that inflates to 96 MiB and is selected by the page",
            |document| {
                let bomb = bomb(document, Dict::new().with("N", 3));
                let space = vec![name("ICCBased"), bomb.into()];
                add_resource(document, "ColorSpace", "CS0", space);
                operate_before(document, b"/CS0 cs 0 0 0 sc\n");
            },
        )
        .tolerating(LIMIT),
    ]
}
