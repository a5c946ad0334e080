//! Files in which single objects break the syntax, although most readers read them.

use super::encrypt::{Encryptor, Placement, Scheme};
use super::filters::{flate, lzw};
use super::object::{Body, Dict, Id, Object, StreamForm, array, name, raw};
use super::structure::{self, DAMAGED, filtered_document, sample};
use super::writer::{Document, FileKind, PAGE_TREE};
use super::{Case, Encryption, GroundTruth};

const PASSWORD: &str = "ANIK0207";

/// Returns all cases.
pub fn cases() -> Vec<Case> {
    [streams(), dictionaries(), kids(), cut()]
        .into_iter()
        .flatten()
        .collect()
}

fn case(name: &str, note: &'static str, bytes: Vec<u8>, truth: GroundTruth) -> Case {
    structure::case(name, note, bytes, truth).with_code(DAMAGED)
}

/// Returns the sample after `damage` has modified it.
fn damaged(name: &str, note: &'static str, kind: FileKind, damage: fn(&mut Document)) -> Case {
    let mut document = sample().document();
    damage(&mut document);
    case(name, note, document.write(kind), sample().truth())
}

/// Streams whose start, end or length is not as it should be.
fn streams() -> Vec<Case> {
    let formed = |name, note, kind, form: StreamForm| {
        let mut document = sample().document();
        document.stream_form = Box::new(move |_| form);
        case(name, note, document.write(kind), sample().truth())
    };
    let standard = StreamForm::STANDARD;
    let spaced = StreamForm {
        start: "\nstream \r\n",
        ..standard
    };
    let mut cases = vec![
        formed(
            "stream_space",
            "a space between the keyword stream and the line end",
            FileKind::Classic,
            spaced,
        ),
        formed(
            "stream_space_packed",
            "the same in a file with object streams",
            FileKind::ObjectStreams,
            spaced,
        ),
        formed(
            "endstream_misspelt",
            "endstrea in place of endstream",
            FileKind::Classic,
            StreamForm {
                end: "endstrea \nendobj\n",
                ..standard
            },
        ),
        formed(
            "endstream_missing",
            "no endstream",
            FileKind::ObjectStreams,
            StreamForm {
                end: "\nendobj\n",
                ..standard
            },
        ),
        formed(
            "length_short",
            "streams declare half of their length",
            FileKind::Classic,
            StreamForm {
                length: |length| Some(length / 2),
                ..standard
            },
        ),
        formed(
            "length_missing",
            "streams without a length",
            FileKind::ObjectStreams,
            StreamForm {
                length: |_| None,
                ..standard
            },
        ),
    ];
    let protected = sample().seed(7100);
    let mut locked = protected.document();
    locked.version = "1.6";
    locked.stream_form = Box::new(|_| StreamForm {
        start: "\nstream\t\n",
        end: "\nendobj\n",
        ..StreamForm::STANDARD
    });
    let encryptor = Encryptor::new(
        Scheme::Aes128,
        PASSWORD.as_bytes(),
        b"bank-side-repair",
        locked.file_id(),
        Placement::Indirect,
    );
    locked.encrypt_with(encryptor);
    let mut truth = protected.truth();
    truth.encryption = Encryption::NeedsPassword {
        method: Scheme::Aes128.method(),
        user: PASSWORD,
        owner: "bank-side-repair",
        map: std::mem::take(&mut truth.map),
    };
    truth.codes.push("PASSWORD_INCORRECT");
    cases.push(Case {
        path: "encrypted/user_stream_marks.pdf".to_owned(),
        note: "user password; a tab after the keyword stream, and no endstream",
        bytes: locked.write(FileKind::Classic),
        truth,
    });
    cases
}

/// Adds a key without a value in front of the entries of a dictionary.
fn with_odd_key(dict: &Dict, key: &str) -> Dict {
    Dict::new().with(key, raw("")).merged(dict)
}

fn dictionaries() -> Vec<Case> {
    let mut trailer = sample().document();
    trailer.trailer = with_odd_key(&trailer.trailer, "Prepared");
    vec![
        damaged(
            "key_without_value_catalog",
            "the catalog has a last key without a value",
            FileKind::Classic,
            |document| document.catalog_mut().set("Prepared", raw("")),
        ),
        damaged(
            "key_without_value_tree",
            "the root of the page tree has a first key without a value",
            FileKind::Classic,
            |document| *document.page_tree_mut() = with_odd_key(document.page_tree_mut(), "Pages"),
        ),
        damaged(
            "key_without_value_page",
            "a page in an object stream has a key without a value",
            FileKind::ObjectStreams,
            |document| {
                let page = document.pages[1];
                let odd = with_odd_key(document.dict_mut(page), "Tabs");
                *document.dict_mut(page) = odd;
            },
        ),
        case(
            "key_without_value_trailer",
            "the trailer has a key without a value",
            trailer.write(FileKind::Classic),
            sample().truth(),
        ),
    ]
}

/// Page trees that list what is not a page.
fn kids() -> Vec<Case> {
    let with_kid = |name, note, kid: fn(&mut Document) -> Object| {
        let mut document = sample().document();
        let mut kids: Vec<Object> = document.pages.iter().map(|page| (*page).into()).collect();
        kids.insert(1, kid(&mut document));
        document.page_tree_mut().set("Kids", kids);
        case(
            name,
            note,
            document.write(FileKind::Classic),
            sample().truth(),
        )
    };
    vec![
        with_kid(
            "kids_catalog",
            "the page tree also lists the catalog",
            |_| Id(1).into(),
        ),
        with_kid(
            "kids_font",
            "the page tree also lists a font and an annotation without a type",
            |document| {
                let font = Dict::new()
                    .with("Type", name("Font"))
                    .with("Subtype", name("Type1"))
                    .with("BaseFont", name("Helvetica"));
                let font = document.add_dict(font);
                let tree = Dict::new()
                    .with("Type", name("Pages"))
                    .with("Parent", PAGE_TREE)
                    .with("Count", 0);
                let note = Dict::new()
                    .with("Subtype", name("Text"))
                    .with("Rect", array([0, 0, 9, 9]));
                let note = document.add_dict(note);
                let tree = tree.with("Kids", vec![font.into(), note.into()]);
                document.add_dict(tree).into()
            },
        ),
    ]
}

/// Returns the compressed data of a page's content, and its object.
fn content(document: &Document, page: usize) -> (Id, Dict, Vec<u8>) {
    let Body::Plain(Object::Dict(page)) = &document.objects[&document.pages[page]] else {
        panic!("a page is a dictionary");
    };
    let Some(Object::Reference(id)) = page.find("Contents") else {
        panic!("the content is a stream");
    };
    let Body::Stream(dict, bytes) = &document.objects[id] else {
        panic!("the content is a stream");
    };
    (*id, dict.clone(), bytes.clone())
}

/// Streams that end before their data.
fn cut() -> Vec<Case> {
    let changed = |name, note, page: usize, map: &str, change: &dyn Fn(&mut Vec<u8>)| {
        let mut document = sample().document();
        let (id, dict, mut bytes) = content(&document, page);
        change(&mut bytes);
        document.objects.insert(id, Body::Stream(dict, bytes));
        let mut truth = sample().truth();
        map.clone_into(&mut truth.map);
        case(name, note, document.write(FileKind::Classic), truth)
            .tolerating("MISSING_TRANSACTIONS")
    };
    let mut form = sample().document();
    let (id, dict, bytes) = content(&form, 1);
    let page = form.pages[1];
    let resources = form.dict_mut(page).find("Resources").cloned();
    let dict = dict
        .with("Type", name("XObject"))
        .with("Subtype", name("Form"))
        .with("BBox", array([0, 0, 595, 842]))
        .with("Resources", resources.expect("pages have resources"));
    let half = bytes[..bytes.len() / 2].to_vec();
    form.objects.insert(id, Body::Stream(dict, half));
    let draw = form.add_flate(Dict::new(), b"q /Page Do Q");
    let objects = Dict::new().with("XObject", Dict::new().with("Page", id));
    form.dict_mut(page).set("Contents", draw);
    form.dict_mut(page).set("Resources", objects);
    let mut lzw_cut = filtered_document(&["LZWDecode"], &lzw);
    let (id, dict, mut bytes) = content(&lzw_cut, 2);
    bytes.truncate(bytes.len() * 2 / 3);
    lzw_cut.objects.insert(id, Body::Stream(dict, bytes));
    vec![
        case(
            "content_cut_lzw",
            "the content of the last page, encoded with LZW, ends at two thirds",
            lzw_cut.write(FileKind::Classic),
            sample().truth(),
        )
        .tolerating("MISSING_TRANSACTIONS"),
        changed(
            "content_cut",
            "the compressed content of the last page ends at two thirds",
            2,
            "TTT",
            &|bytes| bytes.truncate(bytes.len() * 2 / 3),
        ),
        changed(
            "content_hole",
            "the second half of the compressed content of the second page is zeros",
            1,
            "TTT",
            &|bytes| {
                let middle = bytes.len() / 2;
                bytes[middle..].fill(0);
            },
        ),
        changed(
            "content_cut_at_start",
            "the compressed content of the second page ends after 30 bytes",
            1,
            "TXT",
            &|bytes| *bytes = flate(&[&b"0.4 w\n"[..], &bytes[..]].concat())[..30].to_vec(),
        ),
        case(
            "content_cut_form",
            "the second page is a form whose compressed data ends at the half",
            form.write(FileKind::Classic),
            sample().truth(),
        )
        .tolerating("MISSING_TRANSACTIONS"),
    ]
}
