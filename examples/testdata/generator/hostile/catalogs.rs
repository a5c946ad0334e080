//! What hangs on the catalog: outlines, names, annotations, layers, scripts, metadata, encryption.

use super::super::banks::design;
use super::super::fonts::{Fonts, Typeface};
use super::super::object::{Body, Dict, Id, array, name, raw, text};
use super::super::pages::form;
use super::super::statement::statement;
use super::super::writer::{Document, FileKind, PAGE_TREE};
use super::{
    Case, add_resource, armed, armed_compactly, case, first_page, operate_before, sample, upcoming,
};

const ACTIVE: &str = "ACTIVE_CONTENT";

/// All of them.
pub fn cases() -> Vec<Case> {
    [
        loops(),
        annotations(),
        scripts(),
        metadata(),
        locks(),
        vec![replaced_page()],
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Adds a dictionary that refers to itself under each of these keys.
fn add_loop(document: &mut Document, dict: Dict, keys: &[&str]) -> Id {
    let own = upcoming(document);
    let dict = keys.iter().fold(dict, |dict, key| match *key {
        "Kids" | "K" | "Fields" => dict.with(key, array([own])),
        _ => dict.with(key, own),
    });
    document.add_dict(dict)
}

fn loops() -> Vec<Case> {
    vec![
        armed(
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
        armed(
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
        armed(
            "layers_loop",
            "optional content whose groups and order contain themselves",
            |document| {
                let list = upcoming(document);
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
                operate_before(document, b"/OC /X BDC 0 g EMC\n");
            },
        )
        .repairable(),
        armed(
            "structure_loop",
            "a structure tree whose element is its own kid",
            |document| {
                let tree = Dict::new().with("Type", name("StructTreeRoot"));
                let tree = add_loop(document, tree, &["K", "ParentTree", "RoleMap"]);
                document.catalog_mut().set("StructTreeRoot", tree);
            },
        )
        .repairable(),
        armed(
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
        armed_compactly(
            "annotations_100000",
            "a page of 100,000 annotations, all the same",
            |document| {
                let stamp = document.add_dict(note());
                let list = format!("{} 0 R ", stamp.0).repeat(100_000);
                first_page(document).set("Annots", raw(["[", &list, "]"].concat()));
            },
        )
        .repairable()
        .tolerating("LIMIT_EXCEEDED"),
        armed(
            "annotation_of_itself",
            "an annotation whose appearance, popup and parent are the annotation",
            |document| {
                let own = upcoming(document);
                let looks = Dict::new().with("N", own).with("D", own);
                let keys = ["Popup", "Parent", "IRT"];
                add_loop(document, note().with("AP", looks), &keys);
                first_page(document).set("Annots", array([own]));
            },
        )
        .repairable(),
        armed(
            "appearance_in_itself",
            "an annotation whose appearance draws itself",
            |document| {
                let looks = upcoming(document);
                let own = Dict::new().with("XObject", Dict::new().with("X", looks));
                form(document, b"/X Do /X Do", own);
                let stamp = document.add_dict(note().with("AP", Dict::new().with("N", looks)));
                first_page(document).set("Annots", array([stamp]));
            },
        )
        .repairable()
        .tolerating("LIMIT_EXCEEDED"),
        armed(
            "annotations_loop",
            "a list of annotations that contains itself",
            |document| {
                let list = upcoming(document);
                document.add(Body::Plain(array([list, PAGE_TREE])));
                first_page(document).set("Annots", list);
            },
        )
        .repairable(),
    ]
}

fn scripts() -> Vec<Case> {
    vec![
        armed(
            "javascript_hidden",
            "a script under the name /J#61vaScript, in octal and hexadecimal",
            |document| {
                let action = raw("<< /S /J#61vaScript /#4a#53 (\\141pp.alert\\(1\\)) >>");
                document.catalog_mut().set("Open#41ction", action);
            },
        )
        .with_code(ACTIVE),
        armed(
            "javascript_packed",
            "a script in an action that follows itself, as an additional action of the page",
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
        armed_compactly(
            "javascript_compressed",
            "a script that stands in an object stream only",
            |document| {
                let action = Dict::new()
                    .with("S", name("JavaScript"))
                    .with("JS", text("app.alert(1)"));
                let action = document.add_dict(action);
                document.catalog_mut().set("OpenAction", action);
            },
        )
        .with_code(ACTIVE),
        armed(
            "launch_hidden",
            "a link that starts a program, under names in hexadecimal",
            |document| {
                let link = "<< /Type /Annot /Subtype /Link /Rect [0 0 600 900] \
                    /#41 << /#53 /L#61un#63h /F (viewer.exe) >> >>";
                first_page(document).set("Annots", array([raw(link)]));
            },
        )
        .with_code(ACTIVE),
        armed(
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
        armed(
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

/// Texts of strangers that come out on a terminal, in a table or in a log.
fn metadata() -> Vec<Case> {
    let utf16 = |value: &str| {
        let mut bytes = vec![0xFE, 0xFF];
        bytes.extend(value.encode_utf16().flat_map(u16::to_be_bytes));
        text(bytes)
    };
    vec![
        armed(
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
        armed(
            "metadata_formulas",
            "metadata that a spreadsheet would run",
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
        armed(
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
        armed_compactly(
            "metadata_long",
            "a producer of 1,000,000 letters and a creator of as many combining marks",
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
        armed(
            "metadata_loop",
            "metadata that refer to themselves",
            |document| {
                let own = upcoming(document);
                document.set_info(Dict::new().with("Producer", own).with("Title", own));
            },
        )
        .repairable(),
    ]
}

/// Encryption that nobody could have done.
fn locks() -> Vec<Case> {
    let locked = |name, note, dict: Dict| {
        armed(name, note, |document| document.trailer.set("Encrypt", dict))
            .any_answer()
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
        locked(
            "encrypt_unknown",
            "encrypted by version 99, which does not exist",
            standard(99, 99)
                .with("O", text([7; 32]))
                .with("U", text([9; 32])),
        ),
        locked(
            "encrypt_empty",
            "encrypted with empty O and U and a key of 5 bits",
            standard(2, 3)
                .with("Length", 5)
                .with("O", text(""))
                .with("U", text("")),
        ),
        locked(
            "encrypt_key_huge",
            "encrypted with a key of 2,147,483,647 bits",
            standard(2, 3)
                .with("Length", 2_147_483_647)
                .with("O", text([7; 32]))
                .with("U", text([9; 32])),
        ),
        locked(
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
        armed(
            "encrypt_loop",
            "the encryption dictionary refers to itself",
            |document| {
                let own = upcoming(document);
                document.add(Body::Plain(own.into()));
                document.trailer.set("Encrypt", own);
            },
        )
        .any_answer()
        .tolerating("PASSWORD_INCORRECT"),
    ]
}

/// A statement of one bank whose only page an update replaces by that of another bank.
fn replaced_page() -> Case {
    let mut document = statement(design("axis")).rows(8).document();
    let mut file = document.write(FileKind::Classic);
    let known = document.size();
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
        .filter(|id| *id == page || id.0 >= known)
        .collect();
    document.append_revision(&mut file, &changed);
    case(
        "update_of_another_bank",
        "an update replaces the only page by that of another bank",
        file,
    )
    .tolerating("EDITED_PDF")
}
