//! Statements in valid files with unusual structure, and in damaged files.

use super::banks::design;
use super::damage;
use super::filters::{ascii85, flate, lzw, run_length};
use super::fonts::{Fonts, Typeface};
use super::object::{Body, Dict, Id, Object, array, name, text};
use super::random::Random;
use super::statement::{Statement, statement};
use super::writer::{Document, FileKind, PAGE_HEIGHT, PAGE_TREE, PAGE_WIDTH};
use super::{Case, GroundTruth};

pub(super) const DAMAGED: &str = "DAMAGED_PDF";

/// Returns all structure cases.
pub fn cases() -> Vec<Case> {
    [
        file_kinds(),
        incremental_updates(),
        page_trees(),
        contents(),
        active_content(),
        damaged(),
        truncated(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

pub(super) fn case(name: &str, note: &'static str, bytes: Vec<u8>, truth: GroundTruth) -> Case {
    Case {
        path: format!("structure/{name}.pdf"),
        note,
        bytes,
        truth,
    }
}

/// Returns the statement of most cases: three pages of text.
pub(super) fn sample() -> Statement {
    statement(design("federal")).pages(3)
}

fn file_kinds() -> Vec<Case> {
    let written = |name, note, kind| {
        let sample = sample().kind(kind);
        case(name, note, sample.bytes(), sample.truth())
    };
    vec![
        written(
            "object_streams",
            "object streams and a cross-reference stream",
            FileKind::ObjectStreams,
        ),
        written(
            "hybrid",
            "page dictionaries hidden behind XRefStm",
            FileKind::Hybrid,
        ),
        written(
            "linearised",
            "linearised, with hint tables",
            FileKind::Linearised,
        ),
    ]
}

/// Files with incremental updates.
fn incremental_updates() -> Vec<Case> {
    let updated = |name, note, count: u64| {
        let mut document = sample().document();
        let mut file = document.write(FileKind::Classic);
        for number in 1..=count {
            let old: Vec<Id> = document.objects.keys().copied().collect();
            let fonts = Fonts::install(&mut document, Typeface::Helvetica);
            // Each update replaces the first page by the first page of another ledger.
            let sheet = &sample().seed(900 + number).sheets()[0];
            let content = document.add_flate(Dict::new(), &sheet.operators(&fonts));
            let first = document.pages[0];
            document.dict_mut(first).set("Contents", content);
            document.dict_mut(first).set("Resources", fonts.resources());
            let changed = document.objects.keys().copied();
            let changed: Vec<Id> = changed
                .filter(|id| *id == first || !old.contains(id))
                .collect();
            document.append_update(&mut file, &changed);
        }
        case(name, note, file, sample().truth())
            .with_code("BALANCE_MISMATCH")
            .with_code("EDITED_PDF")
    };
    vec![
        updated(
            "revised",
            "one incremental update, which replaces the first page",
            1,
        ),
        updated(
            "revised_twice",
            "two incremental updates, each replaces the first page",
            2,
        ),
    ]
}

fn page_trees() -> Vec<Case> {
    let mut deep = sample().document();
    let mut kids = deep.pages.clone();
    let count = kids.len();
    for _ in 0..5 {
        let node = Dict::new().with("Type", name("Pages")).with("Count", count);
        let node = deep.add_dict(node.with("Kids", array(kids.iter().copied())));
        for id in kids {
            deep.dict_mut(id).set("Parent", node);
        }
        kids = vec![node];
    }
    deep.dict_mut(kids[0]).set("Parent", PAGE_TREE);
    deep.page_tree_mut().set("Kids", array(kids));

    let mut inherited = sample().document();
    let mut resources = None;
    for page in inherited.pages.clone() {
        resources = inherited.dict_mut(page).remove("Resources");
        inherited.dict_mut(page).remove("MediaBox");
    }
    let tree = inherited.page_tree_mut();
    tree.set("Resources", resources.expect("pages have resources"));
    tree.set("MediaBox", array([0, 0, PAGE_WIDTH, PAGE_HEIGHT]));

    let miscounted = |name, note, count: i64| {
        let mut document = sample().document();
        document.page_tree_mut().set("Count", count);
        case(
            name,
            note,
            document.write(FileKind::Classic),
            sample().truth(),
        )
        .tolerating(DAMAGED)
    };
    let truth = || sample().truth();
    vec![
        case(
            "deep_tree",
            "page tree nested five levels below its root",
            deep.write(FileKind::Classic),
            truth(),
        ),
        case(
            "inherited",
            "pages inherit resources and MediaBox from the page tree",
            inherited.write(FileKind::Classic),
            truth(),
        ),
        miscounted(
            "count_too_high",
            "the page tree claims 5 pages and has 3",
            5,
        ),
        miscounted("count_too_low", "the page tree claims 2 pages and has 3", 2),
    ]
}

/// Content streams with other filters, and content in several streams.
fn contents() -> Vec<Case> {
    let filtered = |name, note, filters: &[&str], encode: &dyn Fn(&[u8]) -> Vec<u8>| {
        let bytes = filtered_document(filters, encode).write(FileKind::Classic);
        case(name, note, bytes, sample().truth())
    };
    let mut split = Document::new(11);
    let fonts = Fonts::install(&mut split, Typeface::Helvetica);
    for sheet in sample().sheets() {
        let operators = sheet.operators(&fonts);
        // Cut between two operands: a token ends there, but the operation continues in the next
        // stream.
        let third = operators.len() / 3;
        let cut = |from: usize| {
            from + damage::find(&operators[from..], b" Tf ").expect("text follows") + b" Tf ".len()
        };
        let (first, second) = (cut(third), cut(2 * third));
        let pieces = [
            &operators[..first],
            &operators[first..second],
            &operators[second..],
        ];
        let pieces: Vec<Object> = pieces
            .iter()
            .map(|piece| split.add_flate(Dict::new(), piece).into())
            .collect();
        split.add_page(pieces, fonts.resources());
    }
    vec![
        filtered(
            "filter_ascii85",
            "content encoded with Flate, then ASCII85",
            &["ASCII85Decode", "FlateDecode"],
            &|bytes| ascii85(&flate(bytes)),
        ),
        filtered(
            "filter_lzw",
            "content encoded with LZW",
            &["LZWDecode"],
            &lzw,
        ),
        filtered(
            "filter_run_length",
            "content encoded with RunLength",
            &["RunLengthDecode"],
            &run_length,
        ),
        case(
            "split_content",
            "content in three streams per page, split between operands",
            split.write(FileKind::Classic),
            sample().truth(),
        ),
    ]
}

/// Returns the sample document with its content encoded by the given filters.
pub fn filtered_document(filters: &[&str], encode: &dyn Fn(&[u8]) -> Vec<u8>) -> Document {
    let mut document = Document::new(10);
    let fonts = Fonts::install(&mut document, Typeface::Helvetica);
    for sheet in sample().sheets() {
        let dict = match filters {
            [] => Dict::new(),
            _ => Dict::new().with("Filter", array(filters.iter().map(|filter| name(filter)))),
        };
        let content = document.add(Body::Stream(dict, encode(&sheet.operators(&fonts))));
        document.add_page(content, fonts.resources());
    }
    document
}

/// Files with active content.
fn active_content() -> Vec<Case> {
    let active = |name, note, add_action: &dyn Fn(&mut Document)| {
        let mut document = sample().document();
        add_action(&mut document);
        case(
            name,
            note,
            document.write(FileKind::Classic),
            sample().truth(),
        )
        .with_code("ACTIVE_CONTENT")
    };
    let file_specification = |document: &mut Document| {
        let data = Dict::new().with("Type", name("EmbeddedFile"));
        let data = document.add_flate(data, b"date,amount\n2024-04-01,100.00\n");
        let specification = Dict::new()
            .with("Type", name("Filespec"))
            .with("F", text("rows.csv"))
            .with("EF", Dict::new().with("F", data));
        document.add_dict(specification)
    };
    vec![
        active("javascript", "runs JavaScript when opened", &|document| {
            let action = Dict::new()
                .with("S", name("JavaScript"))
                .with("JS", text("app.alert('opened');"));
            document.catalog_mut().set("OpenAction", action);
        }),
        active("attachment", "carries an embedded file", &|document| {
            let file = file_specification(document);
            let names = Dict::new().with("Names", vec![text("rows.csv"), file.into()]);
            document
                .catalog_mut()
                .set("Names", Dict::new().with("EmbeddedFiles", names));
        }),
        active(
            "launch",
            "a launch action runs when the first page opens",
            &|document| {
                let action = Dict::new()
                    .with("S", name("Launch"))
                    .with("F", text("viewer.exe"));
                let first = document.pages[0];
                document
                    .dict_mut(first)
                    .set("AA", Dict::new().with("O", action));
            },
        ),
    ]
}

/// Files with damaged cross-reference data and complete objects.
fn damaged() -> Vec<Case> {
    let intact = sample().bytes();
    let truth = || sample().truth();
    let broken = |name, note, bytes| case(name, note, bytes, truth()).with_code(DAMAGED);
    let harmless = |name, note, bytes| case(name, note, bytes, truth()).tolerating(DAMAGED);
    let after_header = damage::find(&intact, b"\n").expect("a header line") + 1;
    let middle = intact.len() / 2;
    let between = middle + damage::find(&intact[middle..], b"endobj\n").expect("objects") + 7;
    let start = damage::find(&intact, b"startxref\n").expect("a tail") + b"startxref\n".len();
    let plain = filtered_document(&[], &<[u8]>::to_vec).write(FileKind::Classic);
    vec![
        broken(
            "shifted_start",
            "14 bytes inserted after the header line: every offset is wrong",
            damage::inserted(&intact, after_header, b"% sent by fax\n"),
        ),
        broken(
            "shifted_middle",
            "a comment line inserted between two objects: half of the offsets are wrong",
            damage::inserted(
                &intact,
                between,
                b"% checked by the branch, no error found\n",
            ),
        ),
        broken(
            "startxref_nowhere",
            "startxref points behind the end of the file",
            damage::inserted(&intact, start, b"9"),
        ),
        broken(
            "tail_cut_object_streams",
            "the last 40 bytes are missing, and all dictionaries are in object streams",
            damage::without_tail(&sample().kind(FileKind::ObjectStreams).bytes(), 40),
        ),
        broken(
            "tail_cut",
            "the last 40 bytes are missing",
            damage::without_tail(&intact, 40),
        ),
        broken(
            "crlf",
            "transferred in text mode: CR LF instead of each LF",
            damage::with_crlf(&plain),
        ),
        harmless(
            "junk_before_header",
            "mail headers before %PDF-, offsets relative to %PDF-",
            damage::inserted(
                &intact,
                0,
                b"Content-Type: application/pdf\r\nContent-Transfer-Encoding: binary\r\n\r\n",
            ),
        ),
        harmless(
            "padded",
            "20,480 spaces after the end: startxref is far from the last bytes",
            damage::padded(&intact, &[b' '; 20_480]),
        ),
        harmless(
            "without_endobj",
            "no object is closed by endobj",
            without_endobj(&mut sample().document()),
        ),
    ]
}

/// Writes a document without `endobj`, with correct offsets.
fn without_endobj(document: &mut Document) -> Vec<u8> {
    let file = document.write(FileKind::Classic);
    let mut out = damage::without(&file, b"\nendobj");
    let table = damage::find(&out, b"xref\n0 ").expect("a table");
    let mut rows = table + damage::find(&out[table..], b"65535 f \n").expect("rows") + 9;
    for id in document.objects.keys() {
        let marker = format!("\n{} 0 obj\n", id.0);
        let offset = damage::find(&out, marker.as_bytes()).expect("the object was written") + 1;
        out[rows..rows + 10].copy_from_slice(format!("{offset:010}").as_bytes());
        rows += 20;
    }
    let start = damage::find(&out, b"startxref\n").expect("a tail");
    out.truncate(start);
    out.extend(format!("startxref\n{table}\n%%EOF\n").bytes());
    out
}

/// Files without their end.
fn truncated() -> Vec<Case> {
    let mut document = sample().document();
    let ballast: [u8; 16_384] = Random::new(12).bytes();
    let profile = document.add(Body::Stream(Dict::new().with("N", 3), ballast.to_vec()));
    document
        .catalog_mut()
        .set("PieceInfo", Dict::new().with("Preview", profile));
    let file = document.write(FileKind::Classic);
    let offset = damage::find(&file, &ballast[..16]).expect("the ballast was written");
    assert!(
        offset < file.len() * 6 / 10,
        "the cut must be behind the pages"
    );

    let long = statement(design("axis")).pages(4);
    let mut pages = long.document();
    let third = pages.pages[2];
    let whole = pages.write(FileKind::Classic);
    // The content stream of a page precedes its dictionary and has the previous number.
    let content = format!("\n{} 0 obj\n", third.0 - 1);
    let content = damage::find(&whole, content.as_bytes()).expect("the content was written");
    let data = content + damage::find(&whole[content..], b"stream\n").expect("a stream") + 7;
    let mut truth = long.truth();
    "TTXX".clone_into(&mut truth.map);
    vec![
        case(
            "truncated",
            "the last 40 % are missing, but all pages are present",
            damage::truncated(&file, 60),
            sample().truth(),
        )
        .with_code(DAMAGED),
        case(
            "truncated_pages",
            "truncated in the third of four pages; the page tree still lists all four",
            whole[..data + 12].to_vec(),
            truth,
        )
        .with_code(DAMAGED),
    ]
}
