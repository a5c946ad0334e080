//! Tables as writers spell them. Behind each table is an object that none names any more; a search
//! through the file would take it, because it is the last of its number.

use super::Table;
use super::append::{Check, CleanFile};
use crate::pdf::keyword_index::KeywordIndex;
use crate::pdf::object_scan::ObjectScan;
use hayro_syntax::Pdf;
use hayro_syntax::object::{Name, ObjectIdentifier};
use proptest::prelude::*;
use std::sync::Arc;

/// Objects 1 to 4: the catalog, the page tree, a page, and a name. The planted object has another
/// name.
const OBJECTS: [&str; 4] = [
    "<</Type/Catalog/Pages 2 0 R>>",
    "<</Type/Pages/Kids[3 0 R]/Count 1>>",
    "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>",
    "/Named",
];
const PLANTED: &str = "\n4 0 obj /Planted endobj\n";

/// A file that is built piece by piece.
#[derive(Default)]
struct Builder {
    bytes: Vec<u8>,
    offsets: Vec<usize>,
}

impl Builder {
    fn new() -> Self {
        Self::after(b"")
    }

    /// Begins a file with other data before the header; offsets count from the header.
    fn after(data: &[u8]) -> Self {
        let mut file = Self::default();
        file.bytes.extend_from_slice(b"%PDF-1.7\n");
        for (index, object) in OBJECTS.iter().enumerate() {
            file.object(index + 1, object);
        }
        file.bytes.splice(0..0, data.iter().copied());
        file
    }

    fn object(&mut self, number: usize, value: &str) {
        self.offsets.push(self.bytes.len());
        self.text(&format!("{number} 0 obj {value} endobj\n"));
    }

    fn text(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
    }

    /// Adds a table; `end` ends each line of it.
    fn table(&mut self, end: &str) {
        self.text("xref\n0 5\n");
        self.text(&format!("0000000000 65535 f{end}"));
        for offset in self.offsets.clone() {
            self.text(&format!("{offset:010} 00000 n{end}"));
        }
    }

    fn end(mut self, section: usize) -> Vec<u8> {
        self.text(PLANTED);
        self.text(&format!("startxref\n{section}\n%%EOF\n"));
        self.bytes
    }
}

fn clean(file: &Arc<Vec<u8>>) -> Option<CleanFile> {
    let keywords = KeywordIndex::new(file);
    let irregular = ObjectScan::of_file(&keywords).irregular_objects(file);
    CleanFile::of(file, &keywords, &irregular, Check::Irregular)
}

/// Returns the name that object 4 is, and whether the file counts as damaged.
fn read(bytes: &[u8]) -> (String, bool) {
    let file = Arc::new(bytes.to_vec());
    let Some(clean) = clean(&file) else {
        return ("no table".to_owned(), true);
    };
    let pdf = Pdf::new(Arc::clone(&clean.bytes)).unwrap();
    let name = pdf.xref().get::<Name<'_>>(ObjectIdentifier::new(4, 0));
    let name = name.map_or("null".to_owned(), |name| name.as_str().to_owned());
    assert!(!clean.was_dropped(&pdf), "the clean table was dropped");
    (name, !clean.damage.is_empty())
}

#[track_caller]
fn assert_named(bytes: &[u8]) {
    assert_eq!(read(bytes), ("Named".to_owned(), false));
}

#[test]
fn lines_of_19_to_21_bytes_and_comments_are_read() {
    for end in ["\n", " \n", "\r\n", " \r\n", "\r"] {
        for comment in ["", "% made by a writer\n"] {
            let mut file = Builder::new();
            let section = file.bytes.len();
            file.table(end);
            file.text(&format!(
                "{comment}trailer{comment}\n<</Size 5/Root 1 0 R>>\n"
            ));
            assert_named(&file.end(section));
        }
    }
}

#[test]
fn offsets_may_count_from_the_header_or_lead_to_the_line_end_before_an_object() {
    for data in [&b"\xEF\xBB\xBF"[..], b"\n", b"MIME part\r\n\r\n"] {
        let mut file = Builder::after(data);
        let section = file.bytes.len() - data.len();
        file.table(" \n");
        file.text("trailer\n<</Size 5/Root 1 0 R>>\n");
        assert_named(&file.end(section));
    }
    let mut file = Builder::new();
    for offset in &mut file.offsets {
        *offset -= 1;
    }
    let section = file.bytes.len();
    file.table(" \n");
    file.text("trailer\n<</Size 5/Root 1 0 R>>\n");
    assert_named(&file.end(section));
}

#[test]
fn a_table_that_counts_from_1_and_an_empty_previous_section_are_read() {
    let mut file = Builder::new();
    let section = file.bytes.len();
    file.table(" \n");
    file.text("trailer\n<</Size 5/Root 1 0 R/Prev 0/XRefStm 0>>\n");
    let bytes = file.end(section);
    assert_named(&bytes);
    let text = String::from_utf8(bytes).unwrap();
    assert_named(text.replace("xref\n0 5\n", "xref\n1 5\n").as_bytes());
}

#[test]
fn a_wrong_entry_costs_only_itself() {
    let mut file = Builder::new();
    file.offsets[3] += 3;
    let section = file.bytes.len();
    file.table(" \n");
    file.text("trailer\n<</Size 5/Root 1 0 R>>\n");
    // Of two objects with the number, the nearer one is meant.
    assert_eq!(read(&file.end(section)), ("Named".to_owned(), true));
}

#[test]
fn a_table_of_wrong_entries_is_not_used() {
    let mut file = Builder::new();
    for offset in &mut file.offsets[1..] {
        *offset += 3;
    }
    let section = file.bytes.len();
    file.table(" \n");
    file.text("trailer\n<</Size 5/Root 1 0 R>>\n");
    assert_eq!(read(&file.end(section)).0, "no table");
}

/// Adds a cross-reference stream with fields of these widths, and returns its offset.
fn add_stream(file: &mut Builder, widths: [usize; 3], extra: &str, last: (u64, u64)) -> usize {
    let section = file.bytes.len();
    let mut rows = Vec::new();
    let mut add = |kind: u64, first: u64| {
        for (value, width) in [kind, first, 0].into_iter().zip(widths) {
            rows.extend_from_slice(&value.to_be_bytes()[8 - width..]);
        }
    };
    add(0, 0);
    for offset in &file.offsets {
        add(1, *offset as u64);
    }
    add(last.0, last.1);
    let [kind, first, second] = widths;
    let head = format!(
        "9 0 obj <</Type/XRef/W[{kind} {first} {second}]/Size 6/Root 1 0 R{extra}/Length {}>>\n\
         stream\n",
        rows.len()
    );
    file.text(&head);
    file.bytes.extend_from_slice(&rows);
    file.text("\nendstream endobj\n");
    section
}

#[test]
fn streams_with_fields_of_any_length_and_unknown_kinds_are_read() {
    for widths in [[1, 2, 1], [1, 5, 2], [1, 6, 0], [2, 8, 2], [1, 3, 1]] {
        for last in [(0, 0), (3, 7)] {
            let mut file = Builder::new();
            let section = add_stream(&mut file, widths, "", last);
            assert_named(&file.end(section));
        }
    }
}

#[test]
fn a_hybrid_file_takes_free_objects_from_its_stream() {
    let mut file = Builder::new();
    let stream = add_stream(&mut file, [1, 4, 1], "/Prev 12", (0, 0));
    let section = file.bytes.len();
    let rows = file.offsets.clone();
    file.text("xref\n0 5\n0000000000 65535 f \n");
    for offset in rows.iter().take(3) {
        file.text(&format!("{offset:010} 00000 n \n"));
    }
    file.text("0000000000 00000 f \n");
    file.text(&format!(
        "trailer\n<</Size 5/Root 1 0 R/XRefStm {stream}>>\n"
    ));
    assert_named(&file.end(section));
}

#[test]
fn an_update_replaces_and_removes_objects() {
    let update = |row: &str, value: &str| {
        let mut file = Builder::new();
        let first = file.bytes.len();
        file.table(" \n");
        file.text("trailer\n<</Size 5/Root 1 0 R>>\n");
        let offset = file.bytes.len();
        file.object(4, value);
        let section = file.bytes.len();
        let row = row.replace("OFFSET", &format!("{offset:010}"));
        file.text(&format!(
            "xref\n4 1\n{row}\ntrailer\n<</Size 5/Root 1 0 R/Prev {first}>>\n"
        ));
        read(&file.end(section))
    };
    assert_eq!(update("OFFSET 00000 n ", "/New"), ("New".to_owned(), false));
    assert_eq!(update("0000000000 00001 f ", "/New").0, "null");
}

#[test]
fn a_page_tree_in_the_catalog_becomes_an_object() {
    let pages = "<</Type/Catalog/Pages<</Type/Pages/Kids[3 0 R]/Count 1>>>>";
    let mut file = Builder::default();
    file.text("%PDF-1.7\n");
    for (index, object) in [pages, OBJECTS[1], OBJECTS[2], OBJECTS[3]]
        .iter()
        .enumerate()
    {
        file.object(index + 1, object);
    }
    let section = file.bytes.len();
    file.table(" \n");
    file.text("trailer\n<</Size 5/Root 1 0 R>>\n");
    let bytes = file.end(section);
    assert_eq!(read(&bytes), ("Named".to_owned(), true));
    let file = Arc::new(bytes);
    let clean = clean(&file).unwrap();
    assert_eq!(Pdf::new(Arc::clone(&clean.bytes)).unwrap().pages().len(), 1);
}

#[test]
fn a_generation_that_differs_is_damage() {
    let mut file = Builder::new();
    let section = file.bytes.len();
    file.table(" \n");
    file.text("trailer\n<</Size 5/Root 1 0 R>>\n");
    let text = String::from_utf8(file.end(section)).unwrap();
    let (before, after) = text.split_once("xref\n").unwrap();
    let table = after.replacen("00000 n", "00001 n", 4);
    let read = read(format!("{before}xref\n{table}").as_bytes());
    assert_eq!(read, ("Named".to_owned(), true));
}

proptest! {
    #[test]
    fn damaged_tables_never_panic(
        cuts in prop::collection::vec((0..900_usize, any::<u8>()), 0..12),
        widths in prop::array::uniform3(0..9_usize),
    ) {
        let mut file = Builder::new();
        let section = add_stream(&mut file, widths, "/Prev 20/Index[0 6]", (2, 3));
        let mut bytes = file.end(section);
        for (index, byte) in cuts {
            if let Some(known) = bytes.get_mut(index) {
                *known = byte;
            }
        }
        let file = Arc::new(bytes);
        let _clean = clean(&file);
    }
}

#[test]
fn two_entries_of_an_object_and_repeated_keys_are_ambiguous() {
    let check = |rows: &str, trailer: &str, is_ambiguous: bool| {
        let mut file = Builder::new();
        let start = file.bytes.len();
        let root = file.offsets[0];
        file.text(&format!("xref\n1 1\n{root:010} 00000 n \n{rows}"));
        file.text(&format!(
            "trailer <<{trailer}>>\nstartxref\n{start}\n%%EOF\n"
        ));
        let table = Table::read(&file.bytes).unwrap();
        assert_eq!(table.is_ambiguous, is_ambiguous, "{rows}{trailer}");
    };
    check("", "/Root 1 0 R/Size 5", false);
    check("", "/Root 1 0 R/#52oot 2 0 R/Size 5", true);
    check("", "/Root 1 0 R/ID[()]/ID[(a)]", true);
    check(
        "4 1\n0000000009 00000 n \n4 1\n0000000009 00000 n \n",
        "/Root 1 0 R",
        false,
    );
    check(
        "4 1\n0000000009 00000 n \n4 1\n0000000029 00000 n \n",
        "/Root 1 0 R",
        true,
    );
}
