//! Fonts and their maps that claim too many glyphs or refer to themselves.

use super::super::filters::flate;
use super::super::fonts::Typeface;
use super::super::object::{Body, Dict, Id, Object, array, name, raw};
use super::super::writer::{Document, FileKind};
use super::{Case, case, next_id, sample};

/// Returns all cases.
pub fn cases() -> Vec<Case> {
    [widths(), maps(), files(), loops()]
        .into_iter()
        .flatten()
        .collect()
}

/// Returns the first dictionary with this `Subtype` or `Type`.
pub fn dict_of<'a>(document: &'a mut Document, kind: &str) -> &'a mut Dict {
    let is_kind = |dict: &Dict, key| matches!(dict.find(key), Some(Object::Name(n)) if n == kind);
    let id = document.objects.iter().find_map(|(id, body)| match body {
        Body::Plain(Object::Dict(dict)) | Body::Stream(dict, _)
            if is_kind(dict, "Subtype") || is_kind(dict, "Type") =>
        {
            Some(*id)
        }
        _ => None,
    });
    document.dict_mut(id.expect("the document has such a dictionary"))
}

/// Returns the sample in an embedded typeface after `add_trap` has modified it.
fn embedded(name: &str, note: &'static str, add_trap: impl FnOnce(&mut Document)) -> Case {
    typeset_in(Typeface::Embedded, name, note, add_trap)
}

fn typeset_in(
    typeface: Typeface,
    name: &str,
    note: &'static str,
    add_trap: impl FnOnce(&mut Document),
) -> Case {
    let mut document = sample().typeface(typeface).document();
    add_trap(&mut document);
    case(name, note, document.write(FileKind::ObjectStreams))
}

fn widths() -> Vec<Case> {
    vec![
        embedded(
            "cid_widths_range",
            "widths for the glyphs 0 to 2,147,483,647",
            |document| {
                let widths = array([0, 2_147_483_647, 500]);
                dict_of(document, "CIDFontType2").set("W", widths);
            },
        )
        .tolerating("LIMIT_EXCEEDED")
        .repairable(),
        embedded(
            "cid_widths_backwards",
            "widths for the glyphs 9 to -2,147,483,648",
            |document| {
                let widths = array([9, -2_147_483_648, 500]);
                dict_of(document, "CIDFontType2").set("W", widths);
            },
        )
        .repairable(),
        embedded("cid_widths_1000000", "1,000,000 widths", |document| {
            let widths = ["[0 [", &"500 ".repeat(1_000_000), "]]"].concat();
            dict_of(document, "CIDFontType2").set("W", raw(widths));
        })
        .tolerating("LIMIT_EXCEEDED")
        .repairable(),
        typeset_in(
            Typeface::Helvetica,
            "widths_first_huge",
            "widths from character 2,147,483,647 to -1",
            |document| {
                let font = dict_of(document, "Type1");
                font.set("FirstChar", 2_147_483_647);
                font.set("LastChar", -1);
                font.set("Widths", array([500; 3]));
            },
        )
        .repairable(),
        typeset_in(
            Typeface::Helvetica,
            "differences_huge",
            "an encoding with differences from character 2,147,483,647 and at -5",
            |document| {
                let differences = vec![
                    Object::Int(2_147_483_647),
                    name("A"),
                    name("B"),
                    Object::Int(-5),
                    name("C"),
                ];
                let encoding = Dict::new()
                    .with("BaseEncoding", name("WinAnsiEncoding"))
                    .with("Differences", differences);
                dict_of(document, "Type1").set("Encoding", encoding);
            },
        )
        .repairable(),
    ]
}

/// Maps from codes to characters. The resulting text is unspecified.
fn maps() -> Vec<Case> {
    let mapped = |path, note, body: &str| {
        embedded(path, note, |document| {
            let text = format!(
                "begincmap\n1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n\
                 {body}\nendcmap\n"
            );
            let dict = Dict::new().with("Filter", name("FlateDecode"));
            let map = document.add(Body::Stream(dict, flate(text.as_bytes())));
            dict_of(document, "Type0").set("ToUnicode", map);
        })
        .any_outcome()
        .tolerating("UNMAPPED_TEXT")
    };
    let long = format!(
        "1 beginbfchar\n<0001> <{}>\nendbfchar",
        "0041".repeat(500_000)
    );
    let many = [
        "100000 beginbfrange\n",
        &"<0000> <FFFF> <0041>\n".repeat(100_000),
    ]
    .concat();
    vec![
        mapped(
            "to_unicode_range_huge",
            "a ToUnicode map of the codes 0 to FFFFFFFF",
            "1 beginbfrange\n<00000000> <FFFFFFFF> <0041>\nendbfrange",
        ),
        mapped(
            "to_unicode_ranges_100000",
            "a ToUnicode map of 100,000 ranges of 65,536 codes each",
            &many,
        ),
        mapped(
            "to_unicode_long_text",
            "a ToUnicode map from one code to 500,000 letters",
            &long,
        ),
        mapped(
            "to_unicode_long_codes",
            "a ToUnicode map whose codes have 40 bytes",
            &format!(
                "1 begincodespacerange\n<{}> <{}>\nendcodespacerange",
                "00".repeat(40),
                "FF".repeat(40)
            ),
        ),
        mapped(
            "to_unicode_control",
            "a ToUnicode map from every code to ESC, BEL or a bidirectional override",
            "3 beginbfrange\n<0000> <0020> <001B>\n<0021> <0040> <0007>\n\
             <0041> <FFFF> <202E>\nendbfrange",
        ),
        mapped(
            "to_unicode_surrogates",
            "a ToUnicode map to lone surrogates and beyond the last character",
            "2 beginbfrange\n<0000> <0040> <D800>\n<0041> <FFFF> <DBFFDFFF>\nendbfrange",
        ),
    ]
}

fn files() -> Vec<Case> {
    let with_file = |name, note, bytes: Vec<u8>| {
        embedded(name, note, |document| {
            let file = document.add_flate(Dict::new().with("Length1", bytes.len()), &bytes);
            dict_of(document, "FontDescriptor").set("FontFile2", file);
        })
        .repairable()
    };
    let tables = [
        b"\0\x01\0\0\xFF\xFF\0\0\0\0\0\0".to_vec(),
        b"glyf\0\0\0\0\xFF\xFF\xFF\xF0\xFF\xFF\xFF\xFF".repeat(400),
    ];
    vec![
        with_file(
            "font_tables_65535",
            "a font file that claims 65,535 tables beyond its end",
            tables.concat(),
        ),
        with_file(
            "font_file_noise",
            "a font file of 20,000 bytes of 0xFF",
            vec![0xFF; 20_000],
        ),
        with_file("font_file_empty", "an empty font file", Vec::new()),
    ]
}

fn loops() -> Vec<Case> {
    vec![
        embedded(
            "descendant_of_itself",
            "a composite font that is its own descendant",
            |document| {
                let own = font_id(document);
                dict_of(document, "Type0").set("DescendantFonts", array([own]));
            },
        )
        .any_outcome()
        .tolerating("UNMAPPED_TEXT"),
        embedded(
            "encoding_uses_itself",
            "a CMap that uses itself",
            |document| {
                let own = next_id(document);
                let dict = Dict::new()
                    .with("Type", name("CMap"))
                    .with("CMapName", name("Loop"))
                    .with("UseCMap", own);
                document.add_flate(dict, b"/Loop usecmap begincmap endcmap");
                dict_of(document, "Type0").set("Encoding", own);
            },
        )
        .any_outcome()
        .tolerating("UNMAPPED_TEXT"),
        embedded(
            "to_unicode_uses_itself",
            "a ToUnicode map that uses itself",
            |document| {
                let own = next_id(document);
                document.add_flate(Dict::new().with("UseCMap", own), b"begincmap endcmap");
                dict_of(document, "Type0").set("ToUnicode", own);
            },
        )
        .any_outcome()
        .tolerating("UNMAPPED_TEXT"),
    ]
}

/// Returns the ID of the composite font.
fn font_id(document: &Document) -> Id {
    let font = document.objects.iter().find(|(_, body)| match body {
        Body::Plain(Object::Dict(dict)) => dict.find("DescendantFonts").is_some(),
        _ => false,
    });
    *font.expect("the typeface is composite").0
}
