//! Cross-reference tables, streams and object streams with false object offsets.

use super::super::damage;
use super::super::object::{Body, Dict, Id, array, name, raw};
use super::super::writer::{Document, FileKind, PAGE_TREE};
use super::streams::stream_text;
use super::{Case, case, first_page, next_id, replaced, sample, sample_with};

const DAMAGED: &str = "DAMAGED_PDF";
const INVALID: &str = "INVALID_FILE_OBJECT";
/// Length of an entry of a cross-reference table, in bytes (7.5.4).
const ROW: usize = 20;

/// Returns all cases.
pub fn cases() -> Vec<Case> {
    [
        chains(),
        rows(),
        trailers(),
        references(),
        numbers(),
        streams(),
        packed(),
        vec![false_linearisation()],
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn whole() -> Vec<u8> {
    sample().bytes()
}

/// Returns the offset of the cross-reference table.
fn table_offset(file: &[u8]) -> usize {
    damage::find(file, b"xref\n0 ").expect("a classic file has a table")
}

/// Returns the sample with additional trailer entries; no offset changes.
fn with_trailer(entries: &str) -> Vec<u8> {
    let entries = [entries, " /Root"].concat();
    replaced(&whole(), b"/Root", entries.as_bytes())
}

fn chains() -> Vec<Case> {
    let start = table_offset(&whole());
    vec![
        case(
            "prev_itself",
            "the previous table of the table is the table itself",
            with_trailer(&format!("/Prev {start}")),
        )
        .repairable(),
        case(
            "prev_beyond_end",
            "the previous table is beyond the end of the file",
            with_trailer("/Prev 99999999"),
        )
        .repairable(),
        case(
            "prev_negative",
            "the previous table is before the start of the file",
            with_trailer("/Prev -40"),
        )
        .repairable(),
        case(
            "xref_stream_of_itself",
            "XRefStm is the offset of its own table",
            with_trailer(&format!("/XRefStm {start}")),
        )
        .repairable(),
        case(
            "prev_chain",
            "300 empty revisions, each with the previous one as its predecessor",
            chain(),
        )
        .repairable()
        .tolerating("LIMIT_EXCEEDED"),
    ]
}

fn chain() -> Vec<u8> {
    let mut file = whole();
    let mut previous = table_offset(&file);
    for _ in 0..300 {
        let start = file.len();
        let revision = format!("xref\n0 0\ntrailer<</Size 9/Root 1 0 R/Prev {previous}>>\n");
        file.extend(revision.bytes());
        previous = start;
    }
    file.extend(format!("startxref\n{previous}\n%%EOF\n").bytes());
    file
}

/// Returns the sample with every used entry of its table replaced.
fn with_rows(row: impl Fn(usize, usize) -> String) -> Vec<u8> {
    let mut file = whole();
    let start = table_offset(&file);
    let first = start + damage::find(&file[start..], b"65535 f \n").expect("a free row") + 9;
    let count = (damage::find(&file, b"trailer\n").expect("a trailer") - first) / ROW;
    for index in 0..count {
        let text = row(index, count);
        file[first + index * ROW..][..ROW].copy_from_slice(text.as_bytes());
    }
    file
}

fn rows() -> Vec<Case> {
    let original = whole();
    let offset = |number: usize| {
        let marker = format!("\n{number} 0 obj\n");
        damage::find(&original, marker.as_bytes()).expect("objects are numbered in order") + 1
    };
    vec![
        case(
            "xref_beyond_end",
            "every table entry points beyond the end of the file",
            with_rows(|_, _| "9999999999 00000 n \n".to_owned()),
        )
        .with_code(DAMAGED),
        case(
            "xref_rotated",
            "every table entry points to the next object",
            with_rows(|index, count| format!("{:010} 00000 n \n", offset((index + 1) % count + 1))),
        )
        .with_code(DAMAGED),
        case(
            "xref_all_one",
            "every table entry points to the first object",
            with_rows(|_, _| format!("{:010} 00000 n \n", offset(1))),
        )
        .with_code(DAMAGED),
        case(
            "xref_all_free",
            "every table entry marks its object as free",
            with_rows(|_, _| "0000000000 65535 f \n".to_owned()),
        )
        .with_unspecified_map()
        .any_outcome(),
        case(
            "xref_huge_section",
            "the table claims 2,147,483,647 entries",
            replaced(&original, b"xref\n0 ", b"xref\n0 2147483647 % "),
        )
        .repairable(),
        case(
            "xref_far_section",
            "the table begins at object 4,294,967,295",
            replaced(&original, b"xref\n0 ", b"xref\n4294967295 "),
        )
        .repairable(),
    ]
}

fn trailers() -> Vec<Case> {
    let size = |text: &str| {
        let own = format!("/Size {} ", next_id(&sample().document()).0);
        replaced(&whole(), own.as_bytes(), text.as_bytes())
    };
    vec![
        case(
            "size_huge",
            "the trailer claims 2,147,483,647 objects",
            size("/Size 2147483647 "),
        )
        .repairable(),
        case(
            "size_negative",
            "the trailer claims -1 objects",
            size("/Size -1 "),
        )
        .repairable(),
        case(
            "root_missing",
            "the catalog of the trailer does not exist",
            replaced(&whole(), b"/Root 1 0 R", b"/Root 999 0 R"),
        )
        .any_outcome(),
        case(
            "root_is_a_page",
            "the catalog of the trailer is the page tree",
            replaced(&whole(), b"/Root 1 0 R", b"/Root 2 0 R"),
        )
        .any_outcome(),
    ]
}

/// Entries near the root whose value is a reference to itself.
fn references() -> Vec<Case> {
    let looped = |name, note, set: &dyn Fn(&mut Document, Id)| {
        sample_with(name, note, |document| {
            let own = next_id(document);
            document.add(Body::Plain(own.into()));
            set(document, own);
        })
        .any_outcome()
    };
    vec![
        looped(
            "root_loop",
            "the catalog is a reference to itself",
            &|document, own| document.trailer.set("Root", own),
        ),
        looped(
            "pages_loop",
            "the page tree is a reference to itself",
            &|document, own| document.catalog_mut().set("Pages", own),
        ),
        looped(
            "trailer_loop",
            "Prev, XRefStm, ID and Info are a reference to itself",
            &|document, own| {
                for key in ["Prev", "XRefStm", "ID", "Info"] {
                    document.trailer.set(key, own);
                }
            },
        ),
        looped(
            "page_loop",
            "box, rotation, annotations, unit and group of the page are a reference to itself",
            &|document, own| {
                for key in ["MediaBox", "Rotate", "Annots", "UserUnit", "Group"] {
                    first_page(document).set(key, own);
                }
            },
        ),
        looped(
            "types_loop",
            "the types of catalog, page tree and page are a reference to itself",
            &|document, own| {
                document.catalog_mut().set("Type", own);
                document.page_tree_mut().set("Type", own);
                first_page(document).set("Type", own);
            },
        ),
    ]
}

/// Returns the linearised sample with every digit of the linearisation dictionary set to 9.
fn false_linearisation() -> Case {
    let mut file = sample().kind(FileKind::Linearised).bytes();
    let start = damage::find(&file, b"/Linearized 1").expect("the dictionary comes first") + 13;
    let end = start + damage::find(&file[start..], b">>").expect("the dictionary ends");
    for byte in &mut file[start..end] {
        if byte.is_ascii_digit() {
            *byte = b'9';
        }
    }
    let note = "every digit of the linearisation dictionary is 9";
    case("linearisation_lies", note, file).repairable()
}

/// Object numbers that no reader should allocate memory for.
fn numbers() -> Vec<Case> {
    let with_object = |name, note, head: &str| {
        let mut document = sample().document();
        let text = format!("[0]\nendobj\n{head} obj\n[0]");
        document.add(Body::Plain(raw(text)));
        case(name, note, document.write(FileKind::Classic)).repairable()
    };
    vec![
        with_object(
            "number_of_12_digits",
            "an unreferenced object with a number of 12 digits",
            "123456789012 0",
        ),
        with_object(
            "generation_65536",
            "an object of generation 65,536",
            "77 65536",
        ),
        with_object("number_negative", "an object with number -1", "-1 0"),
        sample_with(
            "number_above_8_million",
            "metadata at object number 8,388,608, beyond the limit of viewers",
            |document| {
                document.catalog_mut().set("Metadata", Id(8_388_608));
                document.catalog_mut().set("PieceInfo", Id(u32::MAX));
            },
        )
        .repairable(),
    ]
}

/// Returns a file with one cross-reference stream, after any objects.
fn xref_stream(objects: &[u8], dict: &str, data: &[u8]) -> Vec<u8> {
    let mut file = objects.to_vec();
    let start = file.len();
    file.extend(b"999 0 obj\n");
    stream_text(&format!("/Type /XRef /Root 1 0 R {dict}"), data).write(&mut file, None);
    file.extend(format!("\nendobj\nstartxref\n{start}\n%%EOF\n").bytes());
    file
}

fn streams() -> Vec<Case> {
    let classic = whole();
    let objects = &classic[..table_offset(&classic)];
    let none: &[u8] = b"%PDF-1.5\n";
    let widths_zero = "/W [0 0 0] /Index [0 100000000] /Size 100000000 /Length 0";
    let repairable = |name, note, dict: &str, data: &[u8]| {
        case(name, note, xref_stream(objects, dict, data)).any_outcome()
    };
    vec![
        case(
            "xref_stream_empty_rows",
            "100,000,000 entries of width 0, and no object",
            xref_stream(none, widths_zero, b""),
        )
        .without_statement()
        .with_code(INVALID),
        repairable(
            "xref_stream_empty_rows_before_objects",
            "100,000,000 entries of width 0 after a complete statement",
            widths_zero,
            b"",
        ),
        repairable(
            "xref_stream_wide_rows",
            "entries of 2,147,483,647 bytes",
            "/W [1 2147483647 1] /Size 10 /Length 3",
            b"\x01\x02\x03",
        ),
        repairable(
            "xref_stream_negative_rows",
            "entries with a field of -4 bytes",
            "/W [1 -4 2] /Size 10 /Length 3",
            b"\x01\x02\x03",
        ),
        repairable(
            "xref_stream_sum_overflow",
            "entries whose width overflows 64 bits",
            "/W [9223372036854775807 9223372036854775807 2] /Size 10 /Length 3",
            b"\x01\x02\x03",
        ),
        repairable(
            "xref_stream_index_overflow",
            "an index that starts at the largest object number and continues",
            "/W [1 1 1] /Index [4294967295 9 9223372036854775807 9] /Size 10 /Length 3",
            b"\x01\x02\x03",
        ),
    ]
}

/// Object streams that contain or extend themselves, or that claim false counts and offsets.
fn packed() -> Vec<Case> {
    let stream_of = |dict: &Dict, index: &str, objects: &[u8]| {
        let dict = dict
            .clone()
            .with("Type", name("ObjStm"))
            .with("First", index.len());
        Body::Stream(dict, [index.as_bytes(), objects].concat())
    };
    let mut extends = sample().document();
    extends.fill_page_tree();
    let mut tree = Vec::new();
    extends.objects[&PAGE_TREE].write(&mut tree, None);
    let own = next_id(&extends);
    let dict = Dict::new().with("N", 1).with("Extends", own);
    extends.add(stream_of(&dict, "2 0 ", &tree));

    let mut mutual = sample().document();
    let first = next_id(&mutual);
    let dict = Dict::new().with("N", 1);
    mutual.add(stream_of(&dict, &format!("{} 0 ", first.0), b"null"));

    let mut lying = sample().document();
    lying.fill_page_tree();
    let dict = Dict::new().with("N", 2_147_483_647);
    let counted = lying.add(stream_of(&dict, "2 0 ", &tree));

    let mut far = sample().document();
    far.fill_page_tree();
    let dict = Dict::new().with("N", 1);
    let offset = far.add(stream_of(&dict, "2 2147483647 ", &tree));

    let mut nested = sample().document();
    let list = array([Id(1), Id(2)]);
    let dict = Dict::new().with("N", Id(nested.size())).with("X", list);
    let counted_by_itself = nested.add(stream_of(&dict, "2 0 ", &tree));
    vec![
        case(
            "object_stream_extends_itself",
            "an object stream that extends itself",
            extends.write_packed(own, &[PAGE_TREE]),
        )
        .repairable(),
        case(
            "object_stream_in_itself",
            "an object stream whose only location is inside itself",
            mutual.write_packed(first, &[first, PAGE_TREE]),
        )
        .any_outcome(),
        case(
            "object_stream_count_huge",
            "an object stream claims 2,147,483,647 objects",
            lying.write_packed(counted, &[PAGE_TREE]),
        )
        .any_outcome(),
        case(
            "object_stream_offset_huge",
            "an object at an offset far beyond the end of its object stream",
            far.write_packed(offset, &[PAGE_TREE]),
        )
        .any_outcome(),
        case(
            "object_stream_counted_by_itself",
            "the object count of an object stream is a reference to the stream",
            nested.write_packed(counted_by_itself, &[PAGE_TREE]),
        )
        .any_outcome(),
    ]
}
