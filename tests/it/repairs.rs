//! Objects that break the syntax, in all kinds of files: they are read as most readers do, and
//! reported.

use crate::generator::banks::design;
use crate::generator::encrypt::{Encryptor, Placement, Scheme};
use crate::generator::fonts::{Fonts, Typeface};
use crate::generator::images::{Codec, add_scanned_page};
use crate::generator::object::{Body, Dict, Id, Object, StreamForm, name, raw};
use crate::generator::sheet::{Element, POINT, Sheet, Weight};
use crate::generator::statement::statement;
use crate::generator::writer::{Document, FileKind, PAGE_TREE};
use bankscreen::pdf::{Engines, Password};
use bankscreen::screen::{
    CandidateId, CandidatePassword, Code, Finding, LedgerUse, Policy, Screening, screen,
};
use bankscreen::statement::PeriodSource;
use std::sync::Arc;
use std::time::Duration;

const PASSWORD: &str = "RAJE1503";
const SCHEMES: [Option<Scheme>; 4] = [
    None,
    Some(Scheme::Rc4With128Bits),
    Some(Scheme::Aes128),
    Some(Scheme::Aes256),
];
const KINDS: [FileKind; 2] = [FileKind::Classic, FileKind::ObjectStreams];

/// Returns a statement of three pages.
fn document() -> Document {
    statement(design("federal")).pages(3).document()
}

fn encrypt(document: &mut Document, scheme: Option<Scheme>) {
    let Some(scheme) = scheme else { return };
    document.version = if scheme == Scheme::Aes256 {
        "2.0"
    } else {
        "1.6"
    };
    let encryptor = Encryptor::new(
        scheme,
        PASSWORD.as_bytes(),
        b"bank-side",
        document.file_id(),
        Placement::Indirect,
    );
    document.encrypt_with(encryptor);
}

fn screened(bytes: Vec<u8>) -> Screening {
    let candidate = CandidatePassword {
        password: Password::new(PASSWORD),
        id: CandidateId::Request,
    };
    let policy = Policy {
        candidates: vec![candidate],
        engines: Engines::All,
        ..Policy::default()
    };
    screen(&Arc::new(bytes), &policy, &|| Duration::ZERO)
}

fn map(screening: &Screening) -> String {
    let document = screening.document.as_ref();
    let pages = document.map(|document| document.pages.as_slice());
    let pages = pages.unwrap_or_default().iter();
    pages.map(|page| page.letter()).collect()
}

fn damage(screening: &Screening) -> Option<&Finding> {
    let mut findings = screening.findings.iter();
    findings.find(|finding| finding.code == Code::DamagedPdf)
}

/// Checks that a file is read completely, and its damage reported with a reason.
#[track_caller]
fn assert_read(bytes: Vec<u8>, reason: &str, context: &str) {
    let screening = screened(bytes);
    assert_eq!(map(&screening), "TTT", "{context}");
    let issuer = screening.statement.issuer.as_ref();
    let bank = issuer.map(|issuer| issuer.bank.id());
    assert_eq!(bank, Some("federal"), "{context}");
    let message = damage(&screening).map(|finding| finding.message.as_str());
    let message = message.unwrap_or_default();
    assert!(message.contains(reason), "{context}: {message:?}");
}

#[test]
fn streams_are_found_however_their_data_is_marked() {
    let standard = StreamForm::STANDARD;
    let with_start = |start| StreamForm { start, ..standard };
    let with_end = |end| StreamForm { end, ..standard };
    let with_length = |length| StreamForm { length, ..standard };
    let marks = "streams are not marked";
    let lengths = "lengths of streams";
    let forms = [
        (with_start("\nstream \n"), marks),
        (with_start("\nstream \r\n"), marks),
        (with_start("stream   \r"), marks),
        (with_start(" stream\t\x0C\n"), marks),
        (with_start(" % data\nstream "), marks),
        (with_start("\nstream"), marks),
        (with_end("\nendstrea\nendobj\n"), marks),
        (with_end("endstrea endobj\n"), marks),
        (with_end("\r\nendobj\r\n"), marks),
        (with_end("\n"), marks),
        (with_length(|length| Some(length / 2)), lengths),
        (with_length(|length| Some(length + 3)), lengths),
        (with_length(|length| Some(length + 50_000)), lengths),
        (with_length(|_| Some(0)), lengths),
        (with_length(|_| None), lengths),
        (
            StreamForm {
                start: "\nstream  \n",
                end: "\nendobj\n",
                length: |length| Some(length - 3),
            },
            lengths,
        ),
    ];
    for (form, reason) in forms {
        for kind in KINDS {
            for scheme in SCHEMES {
                let mut document = document();
                encrypt(&mut document, scheme);
                document.stream_form = Box::new(move |_| form);
                let method = scheme.map(Scheme::method);
                let context = format!("{form:?}, {kind:?}, {method:?}");
                assert_read(document.write(kind), reason, &context);
            }
        }
    }
}

#[test]
fn a_line_end_of_any_form_is_not_damage() {
    for start in ["\nstream\n", "\nstream\r\n", "stream\r", "\r\nstream\n"] {
        for end in ["endstream\nendobj\n", "\r\n\nendstream endobj\n"] {
            let form = StreamForm {
                start,
                end,
                ..StreamForm::STANDARD
            };
            let mut document = document();
            document.stream_form = Box::new(move |_| form);
            let screening = screened(document.write(FileKind::Classic));
            assert_eq!(map(&screening), "TTT", "{form:?}");
            assert_eq!(damage(&screening), None, "{form:?}");
        }
    }
}

#[test]
fn a_length_of_its_own_is_compared_with_the_data() {
    for (wrong, is_damaged) in [(0, false), (40, true)] {
        let mut document = document();
        let ids: Vec<Id> = document.objects.keys().copied().collect();
        for id in ids.iter().copied() {
            let Body::Stream(dict, bytes) = document.objects[&id].clone() else {
                continue;
            };
            let length = Body::Plain(Object::from(bytes.len() - wrong));
            let length = document.add(length);
            let dict = dict.with("Length", length);
            document.objects.insert(id, Body::Stream(dict, bytes));
        }
        let known = ids.clone();
        document.stream_form = Box::new(move |id| StreamForm {
            // The length is in the dictionary already.
            length: if known.contains(&id) { |_| None } else { Some },
            ..StreamForm::STANDARD
        });
        for kind in KINDS {
            let screening = screened(document.write(kind));
            assert_eq!(map(&screening), "TTT", "{kind:?}");
            assert_eq!(damage(&screening).is_some(), is_damaged, "{kind:?}");
        }
    }
}

/// Returns a dictionary with a key without a value: before all entries, after them, or between.
fn with_odd_key(dict: &Dict, key: &str, position: usize) -> Dict {
    match position {
        0 => Dict::new().with(key, raw("")).merged(dict),
        1 => dict.clone().with(key, raw("")),
        _ => dict
            .find("Type")
            .map_or_else(Dict::new, |kind| Dict::new().with("Type", kind.clone()))
            .with(key, raw(""))
            .merged(dict),
    }
}

#[test]
fn keys_without_values_are_ignored_in_any_object() {
    const CATALOG: Id = Id(1);
    for key in ["Prepared", "Pages"] {
        for position in 0..3 {
            for kind in KINDS {
                for scheme in [None, Some(Scheme::Aes128)] {
                    let page = document().pages[1];
                    for id in [CATALOG, PAGE_TREE, page] {
                        let mut document = document();
                        document.fill_page_tree();
                        let odd = with_odd_key(document.dict_mut(id), key, position);
                        *document.dict_mut(id) = odd;
                        encrypt(&mut document, scheme);
                        let method = scheme.map(Scheme::method);
                        let context = format!("{key} {position} {id:?} {kind:?} {method:?}");
                        // The catalog has a key of this name.
                        if (id, key) == (CATALOG, "Pages") {
                            continue;
                        }
                        assert_read(document.write(kind), "keys without values", &context);
                    }
                }
            }
        }
    }
}

#[test]
fn trailers_with_keys_without_values_are_read() {
    for kind in KINDS {
        for scheme in [None, Some(Scheme::Aes128)] {
            for position in 0..2 {
                let mut document = document();
                encrypt(&mut document, scheme);
                document.trailer = with_odd_key(&document.trailer, "Prepared", position);
                let context = format!("{kind:?} {position} {}", scheme.is_some());
                assert_read(document.write(kind), "", &context);
            }
        }
    }
}

#[test]
fn damage_to_objects_that_are_not_used_any_more_is_not_reported() {
    let mut document = document();
    let page = document.pages[0];
    let sound = document.dict_mut(page).clone();
    *document.dict_mut(page) = with_odd_key(&sound, "Prepared", 0);
    let mut file = document.write(FileKind::Classic);
    *document.dict_mut(page) = sound;
    document.append_update(&mut file, &[page]);
    let screening = screened(file);
    assert_eq!(map(&screening), "TTT");
    assert_eq!(damage(&screening), None);
}

#[test]
fn irregular_objects_are_read_without_a_table_too() {
    for start in ["\nstream \n", "\nstream\t\r\n"] {
        for scheme in SCHEMES {
            let form = StreamForm {
                start,
                ..StreamForm::STANDARD
            };
            let mut document = document();
            document.stream_form = Box::new(move |_| form);
            encrypt(&mut document, scheme);
            let mut file = document.write(FileKind::Classic);
            let end = file.windows(9).rposition(|word| word == b"startxref");
            file.truncate(end.unwrap());
            assert_read(file, "cross-reference", start);
        }
    }
}

#[test]
fn cross_reference_streams_are_read_however_they_are_marked() {
    let changes: [(&str, &str); 4] = [
        ("\nstream\n", "\nstream \r\n"),
        ("\nendstream\n", "\nendstrea\n"),
        ("\nendstream\n", "\n"),
        ("/Length ", "/Length 9"),
    ];
    for (old, new) in changes {
        let file = document().write(FileKind::ObjectStreams);
        let mut windows = file.windows(old.len());
        let at = windows.rposition(|found| found == old.as_bytes()).unwrap();
        let damaged = [&file[..at], new.as_bytes(), &file[at + old.len()..]].concat();
        assert_read(damaged, "", new);
    }
}

#[test]
fn nodes_and_pages_of_the_wrong_type_are_recognized_by_their_keys() {
    for wrong in [None, Some("Page2"), Some("Catalog")] {
        for scheme in [None, Some(Scheme::Aes256)] {
            for kind in KINDS {
                let mut document = document();
                let (first, rest) = (document.pages[0], document.pages[1..].to_vec());
                let kids = rest
                    .iter()
                    .map(|page| Object::from(*page))
                    .collect::<Vec<_>>();
                let node = Dict::new().with("Parent", PAGE_TREE).with("Count", 2);
                let node = wrong
                    .into_iter()
                    .fold(node, |node, kind| node.with("Type", name(kind)));
                let node = document.add_dict(node.with("Kids", kids));
                document
                    .page_tree_mut()
                    .set("Kids", vec![first.into(), node.into()]);
                encrypt(&mut document, scheme);
                let context = format!("{wrong:?} {kind:?}");
                assert_read(document.write(kind), "page tree is broken", &context);
            }
        }
    }
    let mut document = document();
    let page = document.pages[1];
    document.dict_mut(page).set("Type", name("Pages"));
    assert_read(
        document.write(FileKind::Classic),
        "page tree is broken",
        "Pages",
    );
}

/// Adds an object behind all others that no table names.
fn with_planted(file: &[u8], object: &[u8]) -> Vec<u8> {
    let find = |word: &[u8]| file.windows(word.len()).rposition(|found| found == word);
    let table = find(b"\nxref\n").unwrap() + 1;
    let end = find(b"startxref\n").unwrap();
    let (before, table_and_trailer) = (&file[..table], &file[table..end]);
    let start = before.len() + object.len();
    let tail = format!("startxref\n{start}\n%%EOF\n");
    [before, object, table_and_trailer, tail.as_bytes()].concat()
}

#[test]
fn one_unreadable_object_does_not_bring_back_unused_ones() {
    for unreadable in ["", ">>", "<< /A [ >>", "]", "next", "fals", "<< /A 1 )"] {
        for user in ["Annots", "Parent2", "Metadata"] {
            let mut document = document();
            let page = document.pages[0];
            let own = document.add(Body::Plain(raw(unreadable)));
            document.dict_mut(page).set(user, own);
            document.catalog_mut().set(user, own);
            let content = Id(page.0 - 1);
            let file = document.write(FileKind::Classic);
            let head = format!("{} 0 obj\n<< /Length 31 >>\nstream\n", content.0);
            let other = "BT /F1 9 Tf (State Bank) Tj ET  \nendstream\nendobj\n";
            let planted = [head, other.to_owned()].concat();
            let file = with_planted(&file, planted.as_bytes());
            let description = format!("{unreadable:?} {user}");
            let screening = screened(file);
            assert_eq!(map(&screening), "TTT", "{description}");
            let issuer = screening.statement.issuer.as_ref();
            let bank = issuer.map(|issuer| issuer.bank.id());
            assert_eq!(bank, Some("federal"), "{description}");
            let period = screening.statement.period.map(|period| period.source);
            assert_eq!(period, Some(PeriodSource::Printed), "{description}");
        }
    }
}

#[test]
fn positions_in_object_streams_are_corrected() {
    let mut document = document();
    let pages = document.pages.clone();
    let (mut index, mut bodies) = (Vec::new(), Vec::new());
    for page in &pages {
        index.extend(format!("{} {} ", page.0, bodies.len()).into_bytes());
        document.objects[page].write(&mut bodies, None);
        bodies.push(b'\n');
    }
    let dict = Dict::new()
        .with("Type", name("ObjStm"))
        .with("N", pages.len())
        .with("First", index.len());
    let stream = document.add_flate(dict, &[index, bodies].concat());
    let wrong: Vec<_> = pages.iter().rev().copied().collect();
    let planted = format!(
        "{} 0 obj\n<< /Type /Page /Contents null >>\nendobj\n",
        pages[0].0
    );
    let file = document.write_packed(stream, &wrong);
    let at = file
        .windows(9)
        .rposition(|word| word == b"startxref")
        .unwrap();
    let file = [&file[..at], planted.as_bytes(), &file[at..]].concat();
    assert_read(file, "cross-reference", "wrong positions");
}

#[test]
fn pages_with_damaged_content_are_named() {
    for (page, share) in [(1, 2), (2, 3)] {
        let mut document = document();
        let id = Id(document.pages[page].0 - 1);
        let Body::Stream(dict, mut bytes) = document.objects[&id].clone() else {
            panic!("the content precedes its page");
        };
        bytes.truncate(bytes.len() * share / 4);
        document.objects.insert(id, Body::Stream(dict, bytes));
        let screening = screened(document.write(FileKind::Classic));
        assert_eq!(map(&screening), "TTT");
        let finding = damage(&screening).unwrap();
        assert_eq!(finding.pages, [page + 1], "{}", finding.message);
        assert!(finding.message.contains("page content"));
    }
    let mut document = document();
    let last = document.pages[2];
    let content = document.dict_mut(last).find("Contents").cloned().unwrap();
    let missing = Object::Reference(Id(999));
    document
        .dict_mut(last)
        .set("Contents", vec![missing, content]);
    let screening = screened(document.write(FileKind::Classic));
    assert_eq!(damage(&screening).unwrap().pages, [3]);
}

/// Returns a statement whose bank is only named by its address on the last page with text.
fn with_address_at_the_end(scans: usize) -> Vec<u8> {
    let mut document = Document::new(77);
    let fonts = Fonts::install(&mut document, Typeface::Helvetica);
    let mut sheets = statement(design("federal")).pages(3).sheets();
    for sheet in &mut sheets {
        sheet.elements.retain(|element| match element {
            Element::Text { text, .. } => {
                let text = text.to_lowercase();
                !["federal", "fdrl", "aluva"]
                    .iter()
                    .any(|mark| text.contains(mark))
            }
            _ => true,
        });
    }
    let last = sheets.last_mut().unwrap();
    let address = "www.federalbank.co.in";
    last.text(50 * POINT, 20 * POINT, 8 * POINT, Weight::Regular, address);
    for sheet in &sheets {
        let content = document.add_flate(Dict::new(), &sheet.operators(&fonts));
        document.add_page(content, fonts.resources());
    }
    for _ in 0..scans {
        add_scanned_page(&mut document, &Sheet::default(), Codec::Jpeg);
    }
    document.write(FileKind::Classic)
}

#[test]
fn the_last_page_with_text_is_read_also_if_scans_follow() {
    for scans in [0, 1, 3] {
        let screening = screened(with_address_at_the_end(scans));
        let issuer = screening.statement.issuer.as_ref();
        let bank = issuer.map(|issuer| issuer.bank.id());
        assert_eq!(bank, Some("federal"), "{scans} scans");
    }
}

#[test]
fn a_period_from_some_pages_is_partial() {
    for (pages, ledger, expected) in [
        (2, LedgerUse::Skip, PeriodSource::Transactions),
        (3, LedgerUse::Skip, PeriodSource::Transactions),
        (5, LedgerUse::Skip, PeriodSource::Partial),
        (5, LedgerUse::Read, PeriodSource::Transactions),
    ] {
        let mut document = Document::new(78);
        let fonts = Fonts::install(&mut document, Typeface::Helvetica);
        for mut sheet in statement(design("federal")).pages(pages).sheets() {
            sheet.elements.retain(|element| match element {
                Element::Text { text, .. } => !text.to_lowercase().contains("period"),
                _ => true,
            });
            let content = document.add_flate(Dict::new(), &sheet.operators(&fonts));
            document.add_page(content, fonts.resources());
        }
        let policy = Policy {
            ledger,
            ..Policy::default()
        };
        let bytes = Arc::new(document.write(FileKind::Classic));
        let screening = screen(&bytes, &policy, &|| Duration::ZERO);
        let source = screening.statement.period.map(|period| period.source);
        assert_eq!(source, Some(expected), "{pages} pages, {ledger:?}");
    }
}
