//! Forms, glyphs, patterns and masks that draw themselves, or each other without end.

use super::super::object::{Body, Dict, Id, Object, array, name};
use super::super::pages::form;
use super::super::writer::{Document, PAGE_HEIGHT, PAGE_WIDTH};
use super::{Case, add_resource, armed, first_page, operate_before, upcoming};

const LIMIT: &str = "LIMIT_EXCEEDED";

/// All of them.
pub fn cases() -> Vec<Case> {
    [own(), painted(), exponential(), sizes()]
        .into_iter()
        .flatten()
        .collect()
}

/// Resources with one entry called `X`.
fn one(category: &str, id: Id) -> Dict {
    Dict::new().with(category, Dict::new().with("X", id))
}

/// Shows a form before the statement.
fn show(document: &mut Document, form: Id) {
    add_resource(document, "XObject", "X", form);
    operate_before(document, b"q /X Do Q\n");
}

fn own() -> Vec<Case> {
    vec![
        armed("form_in_itself", "a form that draws itself", |document| {
            let own = upcoming(document);
            form(document, b"/X Do /X Do", one("XObject", own));
            show(document, own);
        })
        .tolerating(LIMIT)
        .repairable(),
        armed(
            "forms_in_each_other",
            "two forms that draw each other",
            |document| {
                let first = upcoming(document);
                let second = Id(first.0 + 1);
                form(document, b"/X Do", one("XObject", second));
                form(document, b"/X Do", one("XObject", first));
                show(document, first);
            },
        )
        .tolerating(LIMIT)
        .repairable(),
        armed(
            "page_as_form",
            "the page's own content stream is drawn as a form",
            |document| {
                let page = first_page(document);
                let Some(Object::Reference(content)) = page.find("Contents") else {
                    panic!("the sample has one content stream");
                };
                let content = *content;
                show(document, content);
            },
        )
        .repairable(),
    ]
}

/// Patterns, masks and glyphs that need themselves to be drawn.
fn painted() -> Vec<Case> {
    vec![
        armed(
            "pattern_in_itself",
            "a tiling pattern that is painted with itself",
            |document| {
                let own = upcoming(document);
                let dict = Dict::new()
                    .with("Type", name("Pattern"))
                    .with("PatternType", 1)
                    .with("PaintType", 1)
                    .with("TilingType", 1)
                    .with("BBox", array([0, 0, 1, 1]))
                    .with("XStep", Object::Milli(1))
                    .with("YStep", Object::Milli(0))
                    .with("Resources", one("Pattern", own));
                let paint = b"/Pattern cs /X scn 0 0 600 900 re f\n";
                document.add_flate(dict, paint);
                add_resource(document, "Pattern", "X", own);
                operate_before(document, &[b"q ", &paint[..], b" Q\n"].concat());
            },
        )
        .tolerating(LIMIT)
        .repairable(),
        armed(
            "mask_in_itself",
            "a soft mask whose group is drawn under the same mask",
            |document| {
                let state = upcoming(document);
                let group = Id(state.0 + 1);
                let mask = Dict::new().with("S", name("Luminosity")).with("G", group);
                document.add_dict(Dict::new().with("SMask", mask));
                form(document, b"/X gs 0 0 9 9 re f", one("ExtGState", state));
                add_resource(document, "ExtGState", "X", state);
                operate_before(document, b"q /X gs 0 0 600 900 re f Q\n");
            },
        )
        .tolerating(LIMIT)
        .repairable(),
        armed(
            "glyph_in_itself",
            "a Type 3 glyph that shows itself",
            |document| {
                let own = upcoming(document);
                let glyph = Id(own.0 + 1);
                document.add_dict(type3(glyph).with("Resources", one("Font", own)));
                document.add(Body::Stream(Dict::new(), SHOW_TWICE.to_vec()));
                show_glyph(document, own);
            },
        )
        .any_answer()
        .tolerating("UNMAPPED_TEXT"),
        armed(
            "glyph_of_no_size",
            "a Type 3 font whose matrix makes every glyph a point",
            |document| {
                let glyph = upcoming(document);
                document.add_flate(Dict::new(), b"0 0 d0 0 0 9 9 re f");
                let font = type3(glyph).with("FontMatrix", array([0; 6]));
                let font = document.add_dict(font);
                show_glyph(document, font);
            },
        )
        .any_answer()
        .tolerating("UNMAPPED_TEXT"),
    ]
}

/// What a glyph does that shows two others.
const SHOW_TWICE: &[u8] = b"1000 0 d0 BT /X 1 Tf (aa) Tj ET";

/// A Type 3 font of one glyph.
fn type3(glyph: Id) -> Dict {
    Dict::new()
        .with("Type", name("Font"))
        .with("Subtype", name("Type3"))
        .with("FontBBox", array([0, 0, 1000, 1000]))
        .with("FontMatrix", array([1, 0, 0, 1, 0, 0].map(Object::Milli)))
        .with("CharProcs", Dict::new().with("a", glyph))
        .with(
            "Encoding",
            Dict::new().with("Differences", vec![Object::Int(97), name("a")]),
        )
        .with("FirstChar", 97)
        .with("LastChar", 97)
        .with("Widths", array([1000]))
}

fn show_glyph(document: &mut Document, font: Id) {
    add_resource(document, "Font", "X", font);
    operate_before(document, b"BT /X 9 Tf 50 50 Td (a) Tj ET\n");
}

/// Forms of which each draws the next so many times, thirty levels deep.
fn forms_drawing(times: usize) -> impl FnOnce(&mut Document) {
    move |document| {
        let mut inner = form(document, b"0 0 m", Dict::new());
        for _ in 0..30 {
            inner = form(document, &b"/X Do ".repeat(times), one("XObject", inner));
        }
        show(document, inner);
    }
}

fn exponential() -> Vec<Case> {
    vec![
        armed(
            "forms_twice",
            "30 forms of which each draws the next twice",
            forms_drawing(2),
        )
        .refused(LIMIT),
        armed(
            "forms_ten_times",
            "30 forms of which each draws the next ten times",
            forms_drawing(10),
        )
        .refused(LIMIT),
        armed(
            "glyphs_twice",
            "30 Type 3 fonts whose glyph shows that of the next twice",
            |document| {
                let last = b"1000 0 d0 0 0 500 500 re f".to_vec();
                let last = document.add(Body::Stream(Dict::new(), last));
                let mut inner = document.add_dict(type3(last));
                for _ in 0..30 {
                    let glyph = document.add(Body::Stream(Dict::new(), SHOW_TWICE.to_vec()));
                    let font = type3(glyph).with("Resources", one("Font", inner));
                    inner = document.add_dict(font);
                }
                show_glyph(document, inner);
            },
        )
        .any_answer()
        .tolerating("UNMAPPED_TEXT"),
    ]
}

/// Forms that are too deep, too many or too large.
fn sizes() -> Vec<Case> {
    vec![
        armed(
            "form_deep",
            "60 forms of which each draws the next once, with a word in the last",
            |document| {
                let page = first_page(document);
                let Some(Object::Dict(resources)) = page.find("Resources") else {
                    panic!("the sample has resources of its own");
                };
                let resources = resources.clone();
                let word = b"BT /F1 9 Tf 50 50 Td (deep) Tj ET";
                let mut inner = form(document, word, resources);
                for _ in 0..60 {
                    inner = form(document, b"/X Do", one("XObject", inner));
                }
                show(document, inner);
            },
        )
        .tolerating(LIMIT)
        .repairable(),
        armed(
            "form_100000_times",
            "one form is drawn 150,000 times, more than the limit of 100,000",
            |document| {
                let blank = form(document, b"0 0 m", Dict::new());
                add_resource(document, "XObject", "X", blank);
                operate_before(document, &b"/X Do ".repeat(150_000));
            },
        )
        .refused(LIMIT),
        armed(
            "form_huge",
            "a form whose box and matrix are larger than any number of 32 bits",
            |document| {
                let dict = Dict::new()
                    .with("Type", name("XObject"))
                    .with("Subtype", name("Form"))
                    .with(
                        "BBox",
                        array([-PAGE_WIDTH, i64::MIN + 1, i64::MAX, PAGE_HEIGHT]),
                    )
                    .with("Matrix", array([i64::MAX, 0, 0, i64::MAX, i64::MAX, 0]));
                let form = document.add_flate(dict, b"0 0 9 9 re f");
                show(document, form);
            },
        )
        .repairable(),
    ]
}
