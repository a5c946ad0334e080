//! Statements whose fonts map to wrong or to no text, and text under lines and shadows.

use super::Case;
use super::banks::design;
use super::fonts::{Fonts, Typeface};
use super::object::Dict;
use super::pages::{case, truth};
use super::sheet::{Element, POINT, Sheet, Weight};
use super::statement::{Statement, statement};
use super::writer::Document;

/// Returns all cases.
pub fn cases() -> Vec<Case> {
    [wrong_maps(), lost_digits(), glyph_names(), overlays()]
        .into_iter()
        .flatten()
        .collect()
}

/// Builds a case from pages of text in a font with changed `ToUnicode` maps.
fn mapped(
    name: &str,
    note: &'static str,
    statement: &Statement,
    typeface: Typeface,
    (map, codes): (&str, &[&'static str]),
    text: &dyn Fn(char) -> String,
) -> Case {
    let statement = statement.typeface(typeface);
    let mut document = Document::new(0x70);
    let fonts = Fonts::install(&mut document, typeface);
    fonts.set_to_unicode(&mut document, text);
    for sheet in statement.sheets() {
        let content = document.add_flate(Dict::new(), &sheet.operators(&fonts));
        document.add_page(content, fonts.resources());
    }
    case(name, note, document, truth(&statement, map, codes))
}

const IMAGE: &[&str] = &["PDF_IS_IMAGE"];

/// Moves the characters after the space by a distance, around the end of ASCII.
fn shifted(character: char, distance: u32) -> String {
    let moved = match character {
        ' ' => u32::from(' '),
        character => 0x21 + (u32::from(character) - 0x21 + distance) % 94,
    };
    char::from_u32(moved).expect("ASCII").to_string()
}

/// Swaps the characters of a list for each other.
fn permuted(character: char, all: &str) -> String {
    let count = all.chars().count();
    let position = all.chars().position(|known| known == character);
    position
        .and_then(|position| all.chars().nth((position * 7 + 3) % count))
        .unwrap_or(character)
        .to_string()
}

fn wrong_maps() -> Vec<Case> {
    let axis = statement(design("axis")).pages(1);
    let kotak = statement(design("kotak")).pages(1);
    vec![
        mapped(
            "to_unicode_shifted",
            "the ToUnicode map is wrong by three characters",
            &axis,
            Typeface::Helvetica,
            ("U", IMAGE),
            &|c| shifted(c, 3),
        ),
        mapped(
            "cid_shifted",
            "the ToUnicode map of a CID font is wrong by 29 characters",
            &kotak,
            Typeface::Embedded,
            ("U", IMAGE),
            &|c| shifted(c, 29),
        ),
        mapped(
            "cid_wrong_letters",
            "the ToUnicode map swaps lower-case letters and upper-case letters",
            &kotak,
            Typeface::Embedded,
            ("U", IMAGE),
            &|c| {
                let all = if c.is_lowercase() {
                    "abcdefghijklmnopqrstuvwxyz"
                } else {
                    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                };
                permuted(c, all)
            },
        ),
        mapped(
            "cid_wrong_digits",
            "the ToUnicode map swaps digits, so that no date is possible",
            &kotak,
            Typeface::Embedded,
            ("U", IMAGE),
            &|c| permuted(c, "0123456789"),
        ),
    ]
}

fn lost_digits() -> Vec<Case> {
    let axis = statement(design("axis")).pages(1);
    let kotak = statement(design("kotak")).pages(1);
    let private = |c: char| {
        let code = 0xE000 + u32::from(c);
        char::from_u32(code)
            .expect("a private character")
            .to_string()
    };
    let without_digits = |c: char| match c {
        '0'..='9' => String::new(),
        c => c.to_string(),
    };
    vec![
        mapped(
            "to_unicode_private",
            "the ToUnicode map has only private characters",
            &axis,
            Typeface::Helvetica,
            ("U", IMAGE),
            &private,
        ),
        mapped(
            "to_unicode_private_digits",
            "the ToUnicode map has private characters for three digits",
            &axis,
            Typeface::Helvetica,
            ("U", IMAGE),
            &|c| match c {
                '0' | '5' | '7' => private(c),
                c => c.to_string(),
            },
        ),
        mapped(
            "to_unicode_private_signs",
            "the ToUnicode map has private characters for signs",
            &axis,
            Typeface::Helvetica,
            ("T", &[]),
            &|c| match c {
                '*' | '&' | '_' => private(c),
                c => c.to_string(),
            },
        ),
        mapped(
            "to_unicode_empty_digits",
            "the ToUnicode map has empty texts for digits, the encoding has digits",
            &axis,
            Typeface::Helvetica,
            ("T", &[]),
            &without_digits,
        ),
        mapped(
            "cid_empty_digits",
            "the ToUnicode map of a CID font has empty texts for digits",
            &kotak,
            Typeface::Embedded,
            ("U", IMAGE),
            &without_digits,
        ),
        mapped(
            "cid_empty_blanks",
            "the ToUnicode map of a CID font has an empty text for the space",
            &kotak,
            Typeface::Embedded,
            ("T", &[]),
            &|c| c.to_string().trim().to_owned(),
        ),
    ]
}

fn glyph_names() -> Vec<Case> {
    let in_typeface = |name, note, typeface, map, codes: &[&'static str]| {
        let statement = statement(design("sub_member")).typeface(typeface);
        case(
            name,
            note,
            statement.document(),
            truth(&statement, map, codes),
        )
    };
    vec![
        in_typeface(
            "type3_numbered",
            "Type 3 glyphs are named by numbers, which are also their codes and mean nothing",
            Typeface::Type3Numbered,
            "U",
            IMAGE,
        ),
        in_typeface(
            "type3_arbitrary",
            "Type 3 glyphs have arbitrary names; their codes are ASCII",
            Typeface::Type3Arbitrary,
            "T",
            &[],
        ),
        in_typeface(
            "to_unicode_name",
            "the codes of a CID font are Unicode, and ToUnicode is the name Identity-H",
            Typeface::UnicodeCodes,
            "T",
            &[],
        ),
    ]
}

/// Draws each text of a page together with something else.
fn overlaid(sheet: &Sheet, fonts: &Fonts, draw: &dyn Fn(&Element) -> [Vec<u8>; 2]) -> Vec<u8> {
    let alone = |element: &Element| {
        let elements = vec![element.clone()];
        Sheet { elements }.operators(fonts)
    };
    let mut out = Vec::new();
    for element in &sheet.elements {
        let [before, after] = draw(element);
        out.extend([before, alone(element), after].concat());
    }
    out
}

fn overlays() -> Vec<Case> {
    // A line of one character below each text, and its distance down.
    let ruled = |name, note, bank, character: &'static str, drop: i64| {
        overlay(name, note, bank, move |fonts, element| {
            let Element::Text {
                x, y, size, text, ..
            } = element
            else {
                return Default::default();
            };
            let typeface = fonts.typeface();
            let count = typeface.width(text, *size) / typeface.width(character, *size) + 1;
            let line = character.repeat(usize::try_from(count).expect("a width"));
            let mut sheet = Sheet::default();
            sheet.text(x + 700, y - drop, *size, Weight::Regular, &line);
            [Vec::new(), sheet.operators(fonts)]
        })
    };
    let shadowed = |name, note, bank, (right, down): (i64, i64), is_below: bool| {
        overlay(name, note, bank, move |fonts, element| {
            let Element::Text {
                x,
                y,
                size,
                weight,
                text,
            } = element
            else {
                return Default::default();
            };
            let mut sheet = Sheet::default();
            sheet.text(x + right, y - down, *size, *weight, text);
            let shadow = [
                b"q 0.7 g\n".to_vec(),
                sheet.operators(fonts),
                b"Q\n".to_vec(),
            ]
            .concat();
            if is_below {
                [shadow, Vec::new()]
            } else {
                [Vec::new(), shadow]
            }
        })
    };
    vec![
        ruled(
            "line_of_underscores",
            "underscores below all texts",
            "uco",
            "_",
            0,
        ),
        ruled(
            "line_of_dots",
            "dots half a point below the baseline",
            "axis",
            ".",
            POINT / 2,
        ),
        ruled(
            "line_of_dashes",
            "dashes through all texts",
            "hdfc",
            "-",
            -POINT,
        ),
        shadowed(
            "shadow",
            "a grey shadow below all texts",
            "hdfc",
            (1200, 1200),
            true,
        ),
        shadowed(
            "shadow_level",
            "a grey shadow on the baseline",
            "uco",
            (1200, 0),
            false,
        ),
        shadowed(
            "shadow_up",
            "a grey shadow to the left and above",
            "axis",
            (-900, -1100),
            false,
        ),
    ]
}

fn overlay(
    name: &str,
    note: &'static str,
    bank: &str,
    draw: impl Fn(&Fonts, &Element) -> [Vec<u8>; 2],
) -> Case {
    let design = design(bank);
    let statement = statement(design).pages(1);
    let mut document = Document::new(0x71);
    let fonts = Fonts::install(&mut document, design.typeface);
    for sheet in statement.sheets() {
        let content = overlaid(&sheet, &fonts, &|element| draw(&fonts, element));
        let content = document.add_flate(Dict::new(), &content);
        document.add_page(content, fonts.resources());
    }
    case(name, note, document, truth(&statement, "T", &[]))
}
