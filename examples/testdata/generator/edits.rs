//! Statements that were changed after they were made, and copies and comments that change nothing.

use super::Case;
use super::banks::design;
use super::fonts::{Fonts, Typeface, base14};
use super::object::{Dict, Object, array, name, text};
use super::sheet::{Element, Sheet, Weight};
use super::statement::{Statement, statement};
use super::writer::{Document, FileKind, PAGE_TREE};

const EDITED: &str = "EDITED_PDF";
const REMADE: &str = "REMADE_PDF";
/// The page that is changed, from 0.
const PAGE: usize = 1;
/// The amount that is changed, among those of its page.
const AMOUNT: usize = 7;

/// Returns all cases.
pub fn cases() -> Vec<Case> {
    [changed(), annotated(), unchanged(), copies()]
        .into_iter()
        .flatten()
        .collect()
}

fn sample() -> Statement {
    statement(design("federal")).pages(3)
}

fn case(name: &str, note: &'static str, bytes: Vec<u8>) -> Case {
    Case {
        path: format!("edits/{name}.pdf"),
        note,
        bytes,
        truth: sample().truth(),
    }
}

/// A text on a sheet: its index among the elements, place, size and text.
struct Written {
    index: usize,
    x: i64,
    y: i64,
    size: i64,
    text: String,
}

impl Written {
    /// Returns the amount that is changed.
    fn amount(sheet: &Sheet) -> Self {
        let elements = sheet.elements.iter().enumerate();
        let mut amounts = elements.filter_map(|(index, element)| match element {
            Element::Text {
                x, y, size, text, ..
            } if is_amount(text) => Some(Self {
                index,
                x: *x,
                y: *y,
                size: *size,
                text: text.clone(),
            }),
            _ => None,
        });
        amounts.nth(AMOUNT).expect("a page of amounts")
    }

    fn width(&self) -> i64 {
        Typeface::Helvetica.width(&self.text, self.size)
    }

    /// Returns the text with another first digit.
    fn changed(&self) -> String {
        let mut characters = self.text.chars();
        let first = characters.next().expect("a digit");
        let other = if first == '9' { '8' } else { '9' };
        format!("{other}{}", characters.as_str())
    }

    /// Returns a white area over the text.
    fn panel(&self) -> Element {
        Element::Panel {
            corner: (self.x - 500, self.y - 2_000),
            size: (self.width() + 1_000, self.size + 2_000),
            colour: [255, 255, 255],
        }
    }

    /// Returns the text's area in points.
    fn area(&self) -> [i64; 4] {
        let (right, top) = (self.x + self.width(), self.y + self.size);
        [self.x, self.y - 2_000, right, top].map(|side| side / 1000)
    }
}

fn is_amount(text: &str) -> bool {
    text.len() > 4
        && text.as_bytes()[text.len() - 3] == b'.'
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || b".,".contains(&byte))
}

/// Returns the statement with an amount that is covered and replaced, saved by a browser.
pub(super) fn edited_copy() -> Document {
    let mut document = sample().document_of(&covered());
    let producer = text("Skia/PDF m120");
    document.set_info(Dict::new().with("Producer", producer));
    document
}

/// Returns the pages with an amount that is covered and replaced.
fn covered() -> Vec<Sheet> {
    let mut sheets = sample().sheets();
    let amount = Written::amount(&sheets[PAGE]);
    sheets[PAGE].elements.push(amount.panel());
    let new = amount.changed();
    sheets[PAGE].text(amount.x, amount.y, amount.size, Weight::Regular, &new);
    sheets
}

fn changed() -> Vec<Case> {
    let covered = sample().document_of(&covered()).write(FileKind::Classic);
    let mut early = sample().document();
    early.set_info(Dict::new().with("CreationDate", text("D:20230530101500+05'30'")));
    vec![
        case(
            "covered_amount",
            "a white rectangle covers an amount, and another amount is written over it",
            covered,
        )
        .with_code("BALANCE_MISMATCH"),
        case(
            "other_font",
            "one amount was removed and written again with a font of its own",
            other_font(),
        )
        .with_code("BALANCE_MISMATCH"),
        case(
            "bold_amount",
            "one amount was replaced in the font of the headings",
            bold(&Written::changed),
        )
        .with_code("BALANCE_MISMATCH"),
        removed_page().with_code("MISSING_TRANSACTIONS"),
        case(
            "created_early",
            "the creation date is a year before the last transaction",
            early.write(FileKind::Classic),
        ),
    ]
    .into_iter()
    .map(|case| case.with_code(EDITED))
    .collect()
}

/// Returns the statement with an amount in bold, with the text that `write` returns.
fn bold(write: &dyn Fn(&Written) -> String) -> Vec<u8> {
    let mut sheets = sample().sheets();
    let amount = Written::amount(&sheets[PAGE]);
    sheets[PAGE].elements.remove(amount.index);
    let text = write(&amount);
    sheets[PAGE].text(amount.x, amount.y, amount.size, Weight::Bold, &text);
    sample().document_of(&sheets).write(FileKind::Classic)
}

fn removed_page() -> Case {
    let mut document = sample().document();
    let mut file = document.write(FileKind::Classic);
    document.pages.pop();
    let (kids, count) = (array(document.pages.iter().copied()), document.pages.len());
    let tree = document.dict_mut(PAGE_TREE);
    tree.set("Kids", kids);
    tree.set("Count", count);
    document.append_update(&mut file, &[PAGE_TREE]);
    let mut case = case("removed_page", "an update removes the last page", file);
    case.truth.map = "T".repeat(count);
    case
}

fn other_font() -> Vec<u8> {
    let mut sheets = sample().sheets();
    let amount = Written::amount(&sheets[PAGE]);
    sheets[PAGE].elements.remove(amount.index);
    let mut document = sample().document_of(&sheets);
    let page = document.pages[PAGE];
    let fonts = Fonts::install(&mut document, Typeface::Helvetica);
    let font = base14(&mut document, "Helvetica");
    let [size, x, y] = [amount.size, amount.x, amount.y].map(|milli| milli as f64 / 1000.0);
    let written = format!("BT /F3 {size} Tf {x} {y} Td ({}) Tj ET", amount.changed());
    let mut content = sheets[PAGE].operators(&fonts);
    content.extend(written.bytes());
    let content = document.add_flate(Dict::new(), &content);
    let mut resources = fonts.resources();
    let Some(Object::Dict(of_page)) = resources.remove("Font") else {
        panic!("a page has fonts");
    };
    resources.set("Font", of_page.with("F3", font));
    document.dict_mut(page).set("Contents", content);
    document.dict_mut(page).set("Resources", resources);
    document.write(FileKind::Classic)
}

/// An annotation with an area. `IC` is its interior, `CA` its opacity.
fn annotation(subtype: &str, area: [i64; 4]) -> Dict {
    Dict::new()
        .with("Type", name("Annot"))
        .with("Subtype", name(subtype))
        .with("F", 4)
        .with("Rect", array(area))
}

/// Returns the statement with an annotation on the changed page. It is drawn as a white rectangle
/// with a text, if it has one.
fn with_annotation(annotation: Dict, shown: Option<&str>, kind: FileKind) -> Vec<u8> {
    let mut document = sample().document();
    let mut file = document.write(kind);
    let page = document.pages[PAGE];
    let mut changed = vec![page];
    let mut annotation = annotation;
    if let Some(shown) = shown {
        let font = base14(&mut document, "Helvetica");
        let fonts = Dict::new().with("F1", font);
        let form = Dict::new()
            .with("Type", name("XObject"))
            .with("Subtype", name("Form"))
            .with("BBox", array([0, 0, 100, 20]))
            .with("Resources", Dict::new().with("Font", fonts));
        let drawn = format!("1 g 0 0 100 20 re f 0 g BT /F1 9 Tf 2 5 Td ({shown}) Tj ET");
        let appearance = document.add_flate(form, drawn.as_bytes());
        annotation.set("AP", Dict::new().with("N", appearance));
        changed.extend([font, appearance]);
    }
    let annotation = document.add_dict(annotation);
    changed.push(annotation);
    document.dict_mut(page).set("Annots", array([annotation]));
    document.append_update(&mut file, &changed);
    file
}

fn annotated() -> Vec<Case> {
    let area = Written::amount(&sample().sheets()[PAGE]).area();
    let square = annotation("Square", area).with("IC", array([1, 1, 1]));
    let annotated = |name, note, annotation, shown| {
        let file = with_annotation(annotation, shown, FileKind::Classic);
        case(name, note, file)
            .with_code(EDITED)
            .tolerating("BALANCE_MISMATCH")
    };
    vec![
        annotated(
            "text_box",
            "a text box with another amount lies over an amount",
            annotation("FreeText", area),
            Some("9,999.00"),
        ),
        annotated(
            "stamp",
            "a stamp lies over an amount",
            annotation("Stamp", area),
            Some("PAID"),
        ),
        annotated(
            "rectangle",
            "a filled rectangle lies over an amount",
            square,
            Some(""),
        ),
    ]
}

/// Updates and drawings that change nothing that the statement says.
fn unchanged() -> Vec<Case> {
    let sheet = &sample().sheets()[PAGE];
    let amount = Written::amount(sheet);
    let highlight = annotation("Highlight", amount.area()).with("C", array([1, 1, 0]));
    let frame = annotation("Square", amount.area()).with("C", array([1, 0, 0]));
    // Below the last line of the page.
    let comment = annotation("FreeText", [40, 20, 140, 40]);

    let mut twice = sample().sheets();
    twice[PAGE].elements.push(amount.panel());
    let (x, y, size) = (amount.x, amount.y, amount.size);
    twice[PAGE].text(x, y, size, Weight::Regular, &amount.text);
    let twice = sample().document_of(&twice).write(FileKind::Classic);

    let mut dated = sample().document();
    let mut updated = dated.write(FileKind::Classic);
    let info = Dict::new().with("ModDate", text("D:20250101101500+05'30'"));
    let info = dated.add_dict(info);
    dated.trailer.set("Info", info);
    dated.append_update(&mut updated, &[info]);
    let annotated = |name, note, annotation, shown| {
        case(
            name,
            note,
            with_annotation(annotation, shown, FileKind::Classic),
        )
    };
    vec![
        annotated(
            "highlight",
            "an amount is highlighted, in an update",
            highlight,
            None,
        ),
        annotated(
            "frame",
            "a frame around an amount, in an update",
            frame,
            None,
        ),
        annotated(
            "comment",
            "a comment in the margin, in an update",
            comment,
            Some("checked"),
        ),
        case(
            "drawn_twice",
            "an amount is drawn, covered by the background of its row, and drawn again",
            twice,
        ),
        case(
            "bold_original",
            "one amount is in bold, and every balance follows",
            bold(&|amount| amount.text.clone()),
        ),
        case("dated", "an update adds a date to the metadata", updated),
    ]
}

/// Copies by other software, and a printed signature.
fn copies() -> Vec<Case> {
    let made_with = |producer: &str| {
        let mut document = sample().document();
        document.set_info(Dict::new().with("Producer", text(producer)));
        document.write(FileKind::Classic)
    };
    let mut claimed = sample().sheets();
    claimed[0].text(
        60_000,
        30_000,
        8_000,
        Weight::Regular,
        "Digitally signed by DS EXAMPLE BANK",
    );
    let claimed = sample().document_of(&claimed).write(FileKind::Classic);
    vec![
        case(
            "printed_by_browser",
            "a copy that a browser printed",
            made_with("Skia/PDF m120"),
        ),
        case(
            "library",
            "made with a library for any program",
            made_with("ReportLab PDF Library - www.reportlab.com"),
        ),
        case(
            "signature_printed",
            "a signature is printed, but the file has none",
            claimed,
        ),
    ]
    .into_iter()
    .map(|case| case.with_code(REMADE))
    .collect()
}
