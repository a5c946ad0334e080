//! Pages of every page class, and pages that are easily mistaken for another class.

use super::banks::design;
use super::filters::flate;
use super::fonts::{Fonts, Typeface};
use super::images::{Bitmap, Codec, add_scanned_page, full_page, image_resources};
use super::object::{Body, Dict, Id, Object, array, name};
use super::sheet::{Element, POINT, Sheet, Weight};
use super::statement::{Statement, statement};
use super::writer::{Document, FileKind, PAGE_HEIGHT, PAGE_WIDTH};
use super::{Case, GroundTruth};

/// Returns all page cases.
pub fn cases() -> Vec<Case> {
    [
        scans(),
        disguised_scans(),
        typefaces(),
        mixtures(),
        placements(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Returns a case in the folder of the pages.
pub fn case(name: &str, note: &'static str, mut document: Document, truth: GroundTruth) -> Case {
    Case {
        path: format!("pages/{name}.pdf"),
        note,
        bytes: document.write(FileKind::Classic),
        truth,
    }
}

/// Returns the ground truth for a page map. The statement's facts apply if any page has text.
pub fn truth(statement: &Statement, map: &str, codes: &[&'static str]) -> GroundTruth {
    let readable = map.contains(['T', 'O']);
    let mut truth = if readable {
        statement.truth()
    } else {
        GroundTruth::unreadable()
    };
    map.clone_into(&mut truth.map);
    truth.codes = codes.to_vec();
    truth
}

/// Pages that consist of one image each.
fn scans() -> Vec<Case> {
    let statement = statement(design("uco"));
    let sheets = statement.sheets();
    let scanned = |name, note, codec| {
        let mut document = Document::new(1);
        for sheet in &sheets {
            add_scanned_page(&mut document, sheet, codec);
        }
        let map = "S".repeat(sheets.len());
        case(
            name,
            note,
            document,
            truth(&statement, &map, &["PDF_IS_IMAGE"]),
        )
    };
    vec![
        scanned("scan_jpeg", "one full-page JPEG", Codec::Jpeg),
        scanned("scan_fax", "one full-page CCITT group 4 image", Codec::Fax),
        scanned(
            "scan_jbig2",
            "one full-page JBIG2 image, generic region",
            Codec::Jbig2,
        ),
        scanned(
            "scan_jpx",
            "one full-page JPEG 2000 image of few pixels",
            Codec::Jpeg2000,
        ),
        scanned(
            "scan_flate_rgb",
            "one full-page RGB image under Flate",
            Codec::FlateRgb,
        ),
    ]
}

/// Scans whose image is not a single image object of the page.
fn disguised_scans() -> Vec<Case> {
    let statement = statement(design("uco"));
    let sheet = &statement.sheets()[0];
    let scanned = |name, note, document| {
        case(
            name,
            note,
            document,
            truth(&statement, "S", &["PDF_IS_IMAGE"]),
        )
    };
    vec![
        scanned(
            "scan_strips",
            "a scan cut into eight strips, none of which covers a third of the page",
            scan_in_strips(sheet),
        ),
        scanned(
            "scan_inline",
            "the full-page image is an inline image of the content stream",
            scan_inline(sheet),
        ),
        scanned(
            "scan_in_form",
            "the full-page image is drawn by a form XObject",
            scan_in_form(sheet),
        ),
    ]
}

fn scan_in_strips(sheet: &Sheet) -> Document {
    let mut document = Document::new(2);
    let bitmap = Bitmap::of(sheet, 100);
    let strip_count = 8;
    let height = bitmap.height() / strip_count;
    let mut objects = Dict::new();
    let mut content = Vec::new();
    for strip in 0..strip_count {
        let image = bitmap
            .strip(strip * height, (strip + 1) * height)
            .add_to(&mut document, Codec::Fax);
        objects.set(&format!("S{strip}"), image);
        let bottom = 842 - (strip + 1) * 105;
        content.extend(format!("q {PAGE_WIDTH} 0 0 105 0 {bottom} cm /S{strip} Do Q\n").bytes());
    }
    let content = document.add_flate(Dict::new(), &content);
    document.add_page(content, Dict::new().with("XObject", objects));
    document
}

fn scan_inline(sheet: &Sheet) -> Document {
    let mut document = Document::new(3);
    let (_, samples) = Bitmap::of(sheet, 72).encoded(Codec::Fax);
    let size = format!("{PAGE_WIDTH} 0 0 {PAGE_HEIGHT}");
    let mut content = format!(
        "q {size} 0 0 cm\nBI /W {PAGE_WIDTH} /H {PAGE_HEIGHT} /CS /G /BPC 1 /F /CCF \
         /DP << /K -1 /Columns {PAGE_WIDTH} /Rows {PAGE_HEIGHT} >> ID "
    )
    .into_bytes();
    content.extend(samples);
    content.extend(b"\nEI Q\n");
    let content = document.add(Body::Stream(Dict::new(), content));
    document.add_page(content, Dict::new());
    document
}

fn scan_in_form(sheet: &Sheet) -> Document {
    let mut document = Document::new(4);
    let image = Bitmap::of(sheet, 72).add_to(&mut document, Codec::Fax);
    let form = form(&mut document, &full_page("Im1"), image_resources(image));
    let content = document.add(Body::Stream(Dict::new(), b"/Fm1 Do\n".to_vec()));
    document.add_page(content, form_resources(form));
    document
}

/// The same statement in each typeface.
fn typefaces() -> Vec<Case> {
    let with_typeface = |name, note, typeface, letter: &str, codes: &[&'static str]| {
        let statement = statement(design("sub_member")).typeface(typeface);
        let map = letter.repeat(statement.sheets().len());
        case(
            name,
            note,
            statement.document(),
            truth(&statement, &map, codes),
        )
    };
    vec![
        with_typeface(
            "cid_mapped",
            "embedded CID font with ToUnicode",
            Typeface::Embedded,
            "T",
            &[],
        ),
        with_typeface(
            "cid_unmapped",
            "embedded CID font without ToUnicode, glyph numbers arbitrary",
            Typeface::EmbeddedUnmapped,
            "U",
            &["PDF_IS_IMAGE"],
        )
        .tolerating("UNMAPPED_TEXT"),
        with_typeface(
            "type3_named",
            "Type 3 font without ToUnicode, but with the usual glyph names",
            Typeface::Type3Named,
            "T",
            &[],
        ),
        with_typeface(
            "type3_mapped",
            "Type 3 font with numbered glyphs and ToUnicode",
            Typeface::Type3Mapped,
            "T",
            &[],
        ),
        with_typeface(
            "type3_unmapped",
            "Type 3 font with numbered glyphs and no ToUnicode",
            Typeface::Type3Unmapped,
            "U",
            &["PDF_IS_IMAGE"],
        )
        .tolerating("UNMAPPED_TEXT"),
        with_typeface(
            "outlines",
            "each letter is a filled path: neither text nor image",
            Typeface::Outlines,
            "V",
            &["PDF_IS_IMAGE"],
        ),
    ]
}

/// Files with pages of different classes.
fn mixtures() -> Vec<Case> {
    let long = statement(design("axis")).pages(6);
    let short = statement(design("uco"));
    vec![
        mixed(
            "mixed",
            "six pages, of which the third and the sixth are scans",
            &long,
            "TTSTTS",
        )
        .with_code("PARTLY_SCANNED"),
        mixed(
            "ocr",
            "scans with a full invisible text layer",
            &long.pages(2),
            "OO",
        )
        .with_code("OCR_TEXT_LAYER"),
        mixed(
            "mixed_ocr",
            "text, then a scan with an invisible text layer",
            &long.pages(2),
            "TO",
        )
        .with_code("OCR_TEXT_LAYER"),
        mixed(
            "scan_one_letter",
            "scans with one invisible letter each",
            &long.pages(2),
            "11",
        )
        .with_code("PDF_IS_IMAGE"),
        mixed(
            "mixed_unmapped",
            "text, then a page whose font has no Unicode",
            &long.pages(2),
            "TU",
        )
        .with_code("UNMAPPED_TEXT"),
        mixed(
            "blank_last",
            "the last page is blank",
            &long.pages(3),
            "TTB",
        ),
        mixed(
            "blank",
            "two pages with nothing on them",
            &short.pages(2),
            "BB",
        )
        .with_code("PDF_IS_IMAGE"),
        mixed(
            "logo_page",
            "a page with nothing but a small logo",
            &long.pages(2),
            "TV",
        )
        .tolerating("PARTLY_SCANNED"),
    ]
}

/// Writes each page of a statement in the class that the page map gives. `1` is a scan with one
/// invisible letter.
fn mixed(name: &str, note: &'static str, statement: &Statement, map: &str) -> Case {
    let mut document = Document::new(5);
    let visible = Fonts::install(&mut document, Typeface::Helvetica);
    let unmapped = map
        .contains('U')
        .then(|| Fonts::install(&mut document, Typeface::EmbeddedUnmapped));
    for (sheet, letter) in statement.sheets().iter().zip(map.chars()) {
        match letter {
            'T' => add_text_page(&mut document, sheet, &visible),
            'U' => add_text_page(
                &mut document,
                sheet,
                unmapped.as_ref().expect("the font is installed"),
            ),
            'S' => add_scanned_page(&mut document, sheet, Codec::Fax),
            'O' => add_ocr_page(&mut document, sheet, sheet, &visible),
            '1' => {
                let mut letter = Sheet::default();
                letter.text(40 * POINT, 40 * POINT, 8 * POINT, Weight::Regular, "i");
                add_ocr_page(&mut document, sheet, &letter, &visible)
            }
            'V' => add_logo_page(&mut document, &[]),
            _ => {
                let content = document.add(Body::Stream(Dict::new(), b"q Q\n".to_vec()));
                document.add_page(content, Dict::new())
            }
        };
    }
    let map = map.replace('1', "S");
    let truth = truth(statement, &map, &[]);
    case(name, note, document, truth)
}

fn add_text_page(document: &mut Document, sheet: &Sheet, fonts: &Fonts) -> Id {
    let content = document.add_flate(Dict::new(), &sheet.operators(fonts));
    document.add_page(content, fonts.resources())
}

/// Adds a scan of one sheet with the invisible text of another.
fn add_ocr_page(document: &mut Document, visible: &Sheet, invisible: &Sheet, fonts: &Fonts) -> Id {
    let image = Bitmap::of(visible, 100).add_to(document, Codec::Fax);
    let text = Sheet {
        elements: invisible
            .elements
            .iter()
            .filter(|element| matches!(element, Element::Text { .. }))
            .cloned()
            .collect(),
    };
    let operators = [full_page("Im1"), b"3 Tr\n".to_vec(), text.operators(fonts)].concat();
    let content = document.add_flate(Dict::new(), &operators);
    document.add_page(content, fonts.resources().merged(&image_resources(image)))
}

/// Adds a page with a small colour image in its upper left corner, followed by `operators`.
fn add_logo_page(document: &mut Document, operators: &[u8]) -> Id {
    let mut logo = Sheet::default();
    logo.text(0, 835 * POINT, 8 * POINT, Weight::Bold, "LOGO");
    let image = Bitmap::of(&logo, 72)
        .strip(0, 12)
        .add_to(document, Codec::FlateRgb);
    let content = [b"q 120 0 0 40 36 770 cm /Im1 Do Q\n", operators].concat();
    let content = document.add_flate(Dict::new(), &content);
    document.add_page(content, image_resources(image))
}

/// Text that a complete reader finds and an incomplete reader misses.
fn placements() -> Vec<Case> {
    let statement = statement(design("karur_old"));
    let sheet = &statement.sheets()[0];
    let fonts_in = |document: &mut Document| Fonts::install(document, Typeface::Courier);

    let rotated = |angle: i64, matrix: &str| {
        let mut document = Document::new(6);
        let fonts = fonts_in(&mut document);
        let content = [matrix.as_bytes(), b" cm\n", &sheet.operators(&fonts)].concat();
        let content = document.add_flate(Dict::new(), &content);
        let page = document.add_page(content, fonts.resources());
        document.dict_mut(page).set("Rotate", angle);
        document
            .dict_mut(page)
            .set("MediaBox", array([0, 0, PAGE_HEIGHT, PAGE_WIDTH]));
        document
    };
    let mut nested = Document::new(7);
    let fonts = fonts_in(&mut nested);
    let inner = form(&mut nested, &sheet.operators(&fonts), fonts.resources());
    let outer = form(&mut nested, b"q /Fm1 Do Q\n", form_resources(inner));
    let content = nested.add(Body::Stream(Dict::new(), b"/Fm1 Do\n".to_vec()));
    nested.add_page(content, form_resources(outer));

    let mut logo = Document::new(8);
    let fonts = fonts_in(&mut logo);
    let page = add_logo_page(&mut logo, &sheet.operators(&fonts));
    let resources = logo.dict_mut(page).remove("Resources");
    let Some(Object::Dict(resources)) = resources else {
        unreachable!("add_logo_page sets the resources")
    };
    logo.dict_mut(page)
        .set("Resources", resources.merged(&fonts.resources()));

    let mut inline = Document::new(9);
    let fonts = fonts_in(&mut inline);
    let mut content = b"q 90 0 0 20 36 815 cm\nBI /W 3 /H 1 /CS /RGB /BPC 8 ID ".to_vec();
    content.extend([0xE0, 0x45, 0x49, 0x20, 0x45, 0x49, 0x20, 0x30, 0x60]);
    content.extend(b"\nEI Q\n");
    content.extend(sheet.operators(&fonts));
    let content = inline.add(Body::Stream(
        Dict::new().with("Filter", name("FlateDecode")),
        flate(&content),
    ));
    inline.add_page(content, fonts.resources());

    let text = || truth(&statement, "T", &[]);
    vec![
        case(
            "rotated_90",
            "page rotated by 90 degrees",
            rotated(90, "0 1 -1 0 842 0"),
            text(),
        ),
        case(
            "rotated_270",
            "page rotated by 270 degrees",
            rotated(270, "0 -1 1 0 0 595"),
            text(),
        ),
        case(
            "nested_forms",
            "all text is in a form XObject within another one",
            nested,
            text(),
        ),
        case("logo_and_text", "a small logo above the text", logo, text()),
        case(
            "inline_image",
            "text after an inline image whose samples spell EI",
            inline,
            text(),
        ),
    ]
}

/// Adds a form XObject.
pub fn form(document: &mut Document, operators: &[u8], resources: Dict) -> Id {
    let dict = Dict::new()
        .with("Type", name("XObject"))
        .with("Subtype", name("Form"))
        .with("BBox", array([0, 0, PAGE_WIDTH, PAGE_HEIGHT]))
        .with("Resources", resources);
    document.add_flate(dict, operators)
}

/// Returns resources with one form named `Fm1`.
pub fn form_resources(form: Id) -> Dict {
    Dict::new().with("XObject", Dict::new().with("Fm1", form))
}
