//! Statements in sound but unusual files, and in damaged ones.

use super::banks::design;
use super::damage;
use super::filters::{ascii85, flate, lzw, run_length};
use super::fonts::{Fonts, Typeface};
use super::object::{Body, Dict, Id, Object, array, name, text};
use super::random::Random;
use super::statement::{Statement, statement};
use super::writer::{Document, FileKind, PAGE_HEIGHT, PAGE_TREE, PAGE_WIDTH};
use super::{Case, Truth};

const DAMAGED: &str = "DAMAGED_PDF";

/// All structure cases.
pub fn cases() -> Vec<Case> {
    [
        file_kinds(),
        revisions(),
        page_trees(),
        contents(),
        active(),
        damaged(),
        cut(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn case(name: &str, note: &'static str, bytes: Vec<u8>, truth: Truth) -> Case {
    Case {
        path: format!("structure/{name}.pdf"),
        note,
        bytes,
        truth,
    }
}

/// Three pages of text that stand for any statement.
fn sample() -> Statement {
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
        )
        .tolerating("EDITED_PDF"),
        written(
            "linearised",
            "linearised, with hint tables",
            FileKind::Linearised,
        ),
    ]
}

/// Files to which later versions were appended.
fn revisions() -> Vec<Case> {
    let revised = |name, note, count: u64| {
        let mut document = sample().document();
        let mut file = document.write(FileKind::Classic);
        for revision in 1..=count {
            let known: Vec<Id> = document.objects.keys().copied().collect();
            let fonts = Fonts::install(&mut document, Typeface::Helvetica);
            // Each revision replaces the first page by that of another ledger.
            let sheet = &sample().seed(900 + revision).sheets()[0];
            let content = document.add_flate(Dict::new(), &sheet.operators(&fonts));
            let first = document.pages[0];
            document.dict_mut(first).set("Contents", content);
            document.dict_mut(first).set("Resources", fonts.resources());
            let changed = document.objects.keys().copied();
            let changed: Vec<Id> = changed
                .filter(|id| *id == first || !known.contains(id))
                .collect();
            document.append_revision(&mut file, &changed);
        }
        case(name, note, file, sample().truth()).tolerating("EDITED_PDF")
    };
    vec![
        revised(
            "revised",
            "one revision appended, which replaces the first page",
            1,
        ),
        revised(
            "revised_twice",
            "two revisions appended, each replaces the first page",
            2,
        ),
    ]
}

fn page_trees() -> Vec<Case> {
    let mut deep = sample().document();
    let mut kid = deep.pages.clone();
    let count = kid.len();
    for _ in 0..5 {
        let node = Dict::new().with("Type", name("Pages")).with("Count", count);
        let node = deep.add_dict(node.with("Kids", array(kid.iter().copied())));
        for id in kid {
            deep.dict_mut(id).set("Parent", node);
        }
        kid = vec![node];
    }
    deep.dict_mut(kid[0]).set("Parent", PAGE_TREE);
    deep.page_tree_mut().set("Kids", array(kid));

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

/// Content streams under other filters, and in pieces.
fn contents() -> Vec<Case> {
    let filtered = |name, note, filters: &[&str], encode: &dyn Fn(&[u8]) -> Vec<u8>| {
        let bytes = filtered_document(filters, encode).write(FileKind::Classic);
        case(name, note, bytes, sample().truth())
    };
    let mut split = Document::new(11);
    let fonts = Fonts::install(&mut split, Typeface::Helvetica);
    for sheet in sample().sheets() {
        let operators = sheet.operators(&fonts);
        // Cut between the operands of a text line: a token ends there, an instruction does not.
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
            "content under ASCII85 over Flate",
            &["ASCII85Decode", "FlateDecode"],
            &|bytes| ascii85(&flate(bytes)),
        ),
        filtered("filter_lzw", "content under LZW", &["LZWDecode"], &lzw),
        filtered(
            "filter_run_length",
            "content under RunLength",
            &["RunLengthDecode"],
            &run_length,
        ),
        case(
            "split_content",
            "content in three streams a page, cut between operands",
            split.write(FileKind::Classic),
            sample().truth(),
        ),
    ]
}

/// The sample with its content under the given filters.
fn filtered_document(filters: &[&str], encode: &dyn Fn(&[u8]) -> Vec<u8>) -> Document {
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

/// Files that would do something when opened.
fn active() -> Vec<Case> {
    let acting = |name, note, arm: &dyn Fn(&mut Document)| {
        let mut document = sample().document();
        arm(&mut document);
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
        acting("javascript", "runs JavaScript when opened", &|document| {
            let action = Dict::new()
                .with("S", name("JavaScript"))
                .with("JS", text("app.alert('opened');"));
            document.catalog_mut().set("OpenAction", action);
        }),
        acting("attachment", "carries an embedded file", &|document| {
            let file = file_specification(document);
            let names = Dict::new().with("Names", vec![text("rows.csv"), file.into()]);
            document
                .catalog_mut()
                .set("Names", Dict::new().with("EmbeddedFiles", names));
        }),
        acting(
            "launch",
            "a launch action waits on the first page",
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

/// Files whose cross-reference table is wrong while all objects are there.
fn damaged() -> Vec<Case> {
    let whole = sample().bytes();
    let truth = || sample().truth();
    let broken = |name, note, bytes| case(name, note, bytes, truth()).with_code(DAMAGED);
    let harmless = |name, note, bytes| case(name, note, bytes, truth()).tolerating(DAMAGED);
    let after_header = damage::find(&whole, b"\n").expect("a header line") + 1;
    let middle = whole.len() / 2;
    let between = middle + damage::find(&whole[middle..], b"endobj\n").expect("objects") + 7;
    let start = damage::find(&whole, b"startxref\n").expect("a tail") + b"startxref\n".len();
    let plain = filtered_document(&[], &<[u8]>::to_vec).write(FileKind::Classic);
    vec![
        broken(
            "shifted_start",
            "14 bytes inserted after the header line: every offset is wrong",
            damage::inserted(&whole, after_header, b"% sent by fax\n"),
        ),
        broken(
            "shifted_middle",
            "a comment line inserted between two objects: half of the offsets are wrong",
            damage::inserted(
                &whole,
                between,
                b"% checked by the branch, no error found\n",
            ),
        ),
        broken(
            "startxref_nowhere",
            "startxref points behind the end of the file",
            damage::inserted(&whole, start, b"9"),
        ),
        broken(
            "tail_cut_object_streams",
            "the last 40 bytes are lost, and all dictionaries stand in object streams",
            damage::without_tail(&sample().kind(FileKind::ObjectStreams).bytes(), 40),
        ),
        broken(
            "tail_cut",
            "the last 40 bytes are lost",
            damage::without_tail(&whole, 40),
        ),
        broken(
            "crlf",
            "sent in text mode: each LF became CR LF",
            damage::with_crlf(&plain),
        ),
        harmless(
            "junk_before_header",
            "mail headers before %PDF-, offsets counted from there",
            damage::inserted(
                &whole,
                0,
                b"Content-Type: application/pdf\r\nContent-Transfer-Encoding: binary\r\n\r\n",
            ),
        ),
        harmless(
            "padded",
            "20,480 spaces after the end: startxref is far from the last bytes",
            damage::padded(&whole, &[b' '; 20_480]),
        ),
        harmless(
            "without_endobj",
            "no object is closed by endobj",
            without_endobj(&mut sample().document()),
        ),
    ]
}

/// Writes a document without `endobj`, with right offsets.
fn without_endobj(document: &mut Document) -> Vec<u8> {
    let file = document.write(FileKind::Classic);
    let mut out = damage::without(&file, b"\nendobj");
    let table = damage::find(&out, b"xref\n0 ").expect("a table");
    let mut rows = table + damage::find(&out[table..], b"65535 f \n").expect("rows") + 9;
    for id in document.objects.keys() {
        let marker = format!("\n{} 0 obj\n", id.0);
        let at = damage::find(&out, marker.as_bytes()).expect("the object was written") + 1;
        out[rows..rows + 10].copy_from_slice(format!("{at:010}").as_bytes());
        rows += 20;
    }
    let start = damage::find(&out, b"startxref\n").expect("a tail");
    out.truncate(start);
    out.extend(format!("startxref\n{table}\n%%EOF\n").bytes());
    out
}

/// Files of which the end is lost.
fn cut() -> Vec<Case> {
    let mut document = sample().document();
    let ballast: [u8; 16_384] = Random::new(12).bytes();
    let profile = document.add(Body::Stream(Dict::new().with("N", 3), ballast.to_vec()));
    document
        .catalog_mut()
        .set("PieceInfo", Dict::new().with("Preview", profile));
    let file = document.write(FileKind::Classic);
    let at = damage::find(&file, &ballast[..16]).expect("the ballast was written");
    assert!(at < file.len() * 6 / 10, "the cut has to spare the pages");

    let long = statement(design("axis")).pages(4);
    let mut pages = long.document();
    let third = pages.pages[2];
    let whole = pages.write(FileKind::Classic);
    // The content of a page stands before its dictionary, under the number before.
    let content = format!("\n{} 0 obj\n", third.0 - 1);
    let content = damage::find(&whole, content.as_bytes()).expect("the content was written");
    let data = content + damage::find(&whole[content..], b"stream\n").expect("a stream") + 7;
    let mut truth = long.truth();
    "TTXX".clone_into(&mut truth.map);
    vec![
        case(
            "truncated",
            "the last 40 % are lost, but no page is among them",
            damage::truncated(&file, 60),
            sample().truth(),
        )
        .with_code(DAMAGED),
        case(
            "truncated_pages",
            "cut in the third of four pages, whose page tree still promises all",
            whole[..data + 12].to_vec(),
            truth,
        )
        .with_code(DAMAGED),
    ]
}
