//! Traps reachable from the catalog and trailer.
//!
//! They are in outlines, names, annotations, layers, scripts, metadata and encryption.

use super::super::banks::design;
use super::super::fonts::{Fonts, Typeface};
use super::super::object::{Body, Dict, Id, array, name, raw, text};
use super::super::pages::form;
use super::super::statement::statement;
use super::super::writer::{Document, FileKind, PAGE_TREE};
use super::{
    Case, add_resource, case, compressed_sample_with, first_page, next_id, prepend_operators,
    sample, sample_with,
};

const ACTIVE: &str = "ACTIVE_CONTENT";

/// Returns all cases.
pub fn cases() -> Vec<Case> {
    [
        loops(),
        annotations(),
        scripts(),
        metadata(),
        encryption_dicts(),
        vec![replaced_page()],
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Adds a dictionary with a reference to itself under each of these keys.
fn add_loop(document: &mut Document, dict: Dict, keys: &[&str]) -> Id {
    let own = next_id(document);
    let dict = keys.iter().fold(dict, |dict, key| match *key {
        "Kids" | "K" | "Fields" => dict.with(key, array([own])),
        _ => dict.with(key, own),
    });
    document.add_dict(dict)
}

fn loops() -> Vec<Case> {
    vec![
        sample_with(
            "outline_loop",
            "an outline whose entry follows, contains and precedes itself",
            |document| {
                let entry = Dict::new().with("Title", text("again"));
                let keys = ["First", "Last", "Next", "Prev", "Parent"];
                let entry = add_loop(document, entry, &keys);
                let outline = Dict::new().with("First", entry).with("Last", entry);
                document
                    .catalog_mut()
                    .set("Outlines", outline.with("Count", i64::MAX));
            },
        )
        .repairable(),
        sample_with(
            "name_tree_loop",
            "name and number trees that are their own kids",
            |document| {
                let tree = add_loop(document, Dict::new(), &["Kids"]);
                let names = Dict::new()
                    .with("Dests", tree)
                    .with("EmbeddedFiles", tree)
                    .with("JavaScript", tree);
                document.catalog_mut().set("Names", names);
                document.catalog_mut().set("PageLabels", tree);
            },
        )
        .repairable()
        .tolerating(ACTIVE),
        sample_with(
            "layers_loop",
            "optional content whose groups and order contain themselves",
            |document| {
                let list = next_id(document);
                document.add(Body::Plain(array([list, list])));
                let group = Dict::new().with("Type", name("OCMD"));
                let group = add_loop(document, group, &["OCGs", "VE"]);
                let settings = Dict::new().with("Order", list).with("OFF", list);
                let layers = Dict::new()
                    .with("OCGs", list)
                    .with("D", settings)
                    .with("Configs", list);
                document.catalog_mut().set("OCProperties", layers);
                add_resource(document, "Properties", "X", group);
                prepend_operators(document, b"/OC /X BDC 0 g EMC\n");
            },
        )
        .repairable(),
        sample_with(
            "structure_loop",
            "a structure tree whose element is its own kid",
            |document| {
                let tree = Dict::new().with("Type", name("StructTreeRoot"));
                let tree = add_loop(document, tree, &["K", "ParentTree", "RoleMap"]);
                document.catalog_mut().set("StructTreeRoot", tree);
            },
        )
        .repairable(),
        sample_with(
            "fields_loop",
            "form fields that are their own kids and parents",
            |document| {
                let field = Dict::new().with("T", text("again"));
                let field = add_loop(document, field, &["Kids", "Parent"]);
                let fields = Dict::new().with("Fields", array([field]));
                document.catalog_mut().set("AcroForm", fields);
            },
        )
        .repairable(),
    ]
}

fn annotations() -> Vec<Case> {
    let note = || {
        Dict::new()
            .with("Type", name("Annot"))
            .with("Subtype", name("Stamp"))
            .with("Rect", array([0, 0, 600, 900]))
    };
    vec![
        compressed_sample_with(
            "annotations_100000",
            "a page with 100,000 references to one annotation",
            |document| {
                let stamp = document.add_dict(note());
                let list = format!("{} 0 R ", stamp.0).repeat(100_000);
                first_page(document).set("Annots", raw(["[", &list, "]"].concat()));
            },
        )
        .repairable()
        .tolerating("LIMIT_EXCEEDED"),
        sample_with(
            "annotation_of_itself",
            "an annotation whose appearance, popup and parent are the annotation",
            |document| {
                let own = next_id(document);
                let appearance = Dict::new().with("N", own).with("D", own);
                let keys = ["Popup", "Parent", "IRT"];
                add_loop(document, note().with("AP", appearance), &keys);
                first_page(document).set("Annots", array([own]));
            },
        )
        .repairable(),
        sample_with(
            "appearance_in_itself",
            "an annotation whose appearance draws itself",
            |document| {
                let appearance = next_id(document);
                let own = Dict::new().with("XObject", Dict::new().with("X", appearance));
                form(document, b"/X Do /X Do", own);
                let stamp = document.add_dict(note().with("AP", Dict::new().with("N", appearance)));
                first_page(document).set("Annots", array([stamp]));
            },
        )
        .repairable()
        .tolerating("LIMIT_EXCEEDED"),
        sample_with(
            "annotations_loop",
            "a list of annotations that contains itself",
            |document| {
                let list = next_id(document);
                document.add(Body::Plain(array([list, PAGE_TREE])));
                first_page(document).set("Annots", list);
            },
        )
        .repairable(),
    ]
}

fn scripts() -> Vec<Case> {
    vec![
        sample_with(
            "javascript_hidden",
            "a script under the name /J#61vaScript, in octal and hexadecimal",
            |document| {
                let action = raw("<< /S /J#61vaScript /#4a#53 (\\141pp.alert\\(1\\)) >>");
                document.catalog_mut().set("Open#41ction", action);
            },
        )
        .with_code(ACTIVE),
        sample_with(
            "javascript_packed",
            "a script in an additional action of the page; the action follows itself",
            |document| {
                let action = Dict::new()
                    .with("S", name("J#61vaScript"))
                    .with("JS", text("app.alert(1)"));
                let action = add_loop(document, action, &["Next"]);
                first_page(document).set("AA", Dict::new().with("O", action));
            },
        )
        .with_code(ACTIVE)
        .repairable(),
        compressed_sample_with(
            "javascript_compressed",
            "a script that is only in an object stream",
            |document| {
                let action = Dict::new()
                    .with("S", name("JavaScript"))
                    .with("JS", text("app.alert(1)"));
                let action = document.add_dict(action);
                document.catalog_mut().set("OpenAction", action);
            },
        )
        .with_code(ACTIVE),
        sample_with(
            "launch_hidden",
            "a link that starts a program, under names in hexadecimal",
            |document| {
                let link = "<< /Type /Annot /Subtype /Link /Rect [0 0 600 900] \
                    /#41 << /#53 /L#61un#63h /F (viewer.exe) >> >>";
                first_page(document).set("Annots", array([raw(link)]));
            },
        )
        .with_code(ACTIVE),
        sample_with(
            "attachment_hidden",
            "an embedded file, under names in hexadecimal",
            |document| {
                let dict = Dict::new().with("Type", name("Embedded#46ile"));
                let data = document.add_flate(dict, b"MZ");
                let file = Dict::new()
                    .with("F", text("viewer.exe"))
                    .with("E#46", Dict::new().with("F", data));
                let names = Dict::new().with("N#61mes", vec![text("viewer.exe"), file.into()]);
                let names = Dict::new().with("Em#62eddedFiles", names);
                document.catalog_mut().set("N#61mes", names);
            },
        )
        .with_code(ACTIVE),
        sample_with(
            "actions_loop",
            "an action without effect that follows itself",
            |document| {
                let action = Dict::new().with("S", name("GoTo"));
                let action = add_loop(document, action, &["Next", "D"]);
                document.catalog_mut().set("OpenAction", action);
            },
        )
        .repairable(),
    ]
}

/// Untrusted text that is printed on a terminal, in a table or in a log.
fn metadata() -> Vec<Case> {
    let utf16 = |value: &str| {
        let mut bytes = vec![0xFE, 0xFF];
        bytes.extend(value.encode_utf16().flat_map(u16::to_be_bytes));
        text(bytes)
    };
    vec![
        sample_with(
            "metadata_terminal",
            "metadata with ESC, BEL, CSI, right-to-left override and line breaks",
            |document| {
                document.set_info(
                    Dict::new()
                        .with("Title", text("\x1B]0;owned\x07\x1B[2J\x1B[31mred"))
                        .with(
                            "Author",
                            utf16("\u{202E}fdp.tnemetats\u{2066}\u{200B}\u{FEFF}"),
                        )
                        .with(
                            "Producer",
                            text("\x1B[8m\r\n::stop-commands::x\r\n\x08\x08\x7F"),
                        )
                        .with(
                            "Creator",
                            utf16("\u{9B}2J\u{85}\u{2028}\u{E0041}\u{FFFF}\0"),
                        )
                        .with("CreationDate", text("D:\x1B[5m99999999999999+99'99'"))
                        .with("ModDate", text("D:00000000000000")),
                );
            },
        ),
        sample_with(
            "metadata_formulas",
            "metadata that a spreadsheet would execute as formulas",
            |document| {
                document.set_info(
                    Dict::new()
                        .with("Title", text("=HYPERLINK(\"http://example.com\")"))
                        .with("Author", text("@SUM(1+1)*cmd|' /C calc'!A0"))
                        .with("Producer", text("=1+1,\"quoted\",-2"))
                        .with("Creator", text("<script>alert(1)</script>&\"']]>")),
                );
            },
        ),
        sample_with(
            "metadata_broken_text",
            "metadata in UTF-16 that ends in half a character, and in invalid UTF-8",
            |document| {
                document.set_info(
                    Dict::new()
                        .with("Producer", text(b"\xFE\xFF\xD8\x00\x00"))
                        .with("Creator", text(b"\xEF\xBB\xBF\xFF\xC0\x80\xED\xA0\x80"))
                        .with("CreationDate", text(b"\xFE\xFF\x00D\x00:\x00")),
                );
            },
        ),
        compressed_sample_with(
            "metadata_long",
            "a producer of 1,000,000 letters and a creator of 1,000,000 combining marks",
            |document| {
                let marks = "a".to_owned() + &"\u{301}".repeat(1_000_000);
                document.set_info(
                    Dict::new()
                        .with("Producer", text("P".repeat(1_000_000)))
                        .with("Creator", utf16(&marks)),
                );
            },
        )
        .tolerating("LIMIT_EXCEEDED"),
        sample_with(
            "metadata_loop",
            "metadata that refer to themselves",
            |document| {
                let own = next_id(document);
                document.set_info(Dict::new().with("Producer", own).with("Title", own));
            },
        )
        .repairable(),
    ]
}

/// Encryption dictionaries that no producer writes.
fn encryption_dicts() -> Vec<Case> {
    let encrypted = |name, note, dict: Dict| {
        sample_with(name, note, |document| document.trailer.set("Encrypt", dict))
            .any_outcome()
            .tolerating("PASSWORD_INCORRECT")
    };
    let standard = |version: i64, revision: i64| {
        Dict::new()
            .with("Filter", name("Standard"))
            .with("V", version)
            .with("R", revision)
            .with("P", -4)
    };
    vec![
        encrypted(
            "encrypt_unknown",
            "encrypted by version 99, which does not exist",
            standard(99, 99)
                .with("O", text([7; 32]))
                .with("U", text([9; 32])),
        ),
        encrypted(
            "encrypt_empty",
            "encrypted with empty O and U and a key of 5 bits",
            standard(2, 3)
                .with("Length", 5)
                .with("O", text(""))
                .with("U", text("")),
        ),
        encrypted(
            "encrypt_key_huge",
            "encrypted with a key of 2,147,483,647 bits",
            standard(2, 3)
                .with("Length", 2_147_483_647)
                .with("O", text([7; 32]))
                .with("U", text([9; 32])),
        ),
        encrypted(
            "encrypt_short",
            "AES-256 with U and UE of one byte",
            standard(5, 6)
                .with("Length", 256)
                .with("O", text("o"))
                .with("U", text("u"))
                .with("OE", text("o"))
                .with("UE", text("u"))
                .with("Perms", text("p"))
                .with(
                    "CF",
                    Dict::new().with("StdCF", Dict::new().with("CFM", name("AESV3"))),
                )
                .with("StmF", name("StdCF"))
                .with("StrF", name("StdCF")),
        ),
        sample_with(
            "encrypt_loop",
            "the encryption dictionary refers to itself",
            |document| {
                let own = next_id(document);
                document.add(Body::Plain(own.into()));
                document.trailer.set("Encrypt", own);
            },
        )
        .any_outcome()
        .tolerating("PASSWORD_INCORRECT"),
    ]
}

/// Returns a statement whose only page is replaced by a page of another bank in an update.
fn replaced_page() -> Case {
    let mut document = statement(design("axis")).rows(8).document();
    let mut file = document.write(FileKind::Classic);
    let first_new = document.size();
    let fonts = Fonts::install(&mut document, Typeface::Helvetica);
    let content = sample().sheets()[0].operators(&fonts);
    let content = document.add_flate(Dict::new(), &content);
    let page = document.pages[0];
    first_page(&mut document).set("Contents", content);
    first_page(&mut document).set("Resources", fonts.resources());
    let changed: Vec<Id> = document
        .objects
        .keys()
        .copied()
        .filter(|id| *id == page || id.0 >= first_new)
        .collect();
    document.append_update(&mut file, &changed);
    case(
        "update_of_another_bank",
        "an update replaces the only page by a page of another bank",
        file,
    )
    .tolerating("EDITED_PDF")
}
