//! Forms, glyphs, patterns and masks that draw themselves or each other endlessly.

use super::super::object::{Body, Dict, Id, Object, array, name};
use super::super::pages::form;
use super::super::writer::{Document, PAGE_HEIGHT, PAGE_WIDTH};
use super::{Case, add_resource, first_page, next_id, prepend_operators, sample_with};

const LIMIT: &str = "LIMIT_EXCEEDED";

/// Returns all cases.
pub fn cases() -> Vec<Case> {
    [self_invoking(), self_painting(), exponential(), sizes()]
        .into_iter()
        .flatten()
        .collect()
}

/// Returns resources with one entry named `X`.
fn single_resource(category: &str, id: Id) -> Dict {
    Dict::new().with(category, Dict::new().with("X", id))
}

/// Draws a form before the statement.
fn draw_form(document: &mut Document, form: Id) {
    add_resource(document, "XObject", "X", form);
    prepend_operators(document, b"q /X Do Q\n");
}

fn self_invoking() -> Vec<Case> {
    vec![
        sample_with("form_in_itself", "a form that draws itself", |document| {
            let own = next_id(document);
            form(document, b"/X Do /X Do", single_resource("XObject", own));
            draw_form(document, own);
        })
        .tolerating(LIMIT)
        .repairable(),
        sample_with(
            "forms_in_each_other",
            "two forms that draw each other",
            |document| {
                let first = next_id(document);
                let second = Id(first.0 + 1);
                form(document, b"/X Do", single_resource("XObject", second));
                form(document, b"/X Do", single_resource("XObject", first));
                draw_form(document, first);
            },
        )
        .tolerating(LIMIT)
        .repairable(),
        sample_with(
            "page_as_form",
            "the page's own content stream is drawn as a form",
            |document| {
                let page = first_page(document);
                let Some(Object::Reference(content)) = page.find("Contents") else {
                    panic!("the sample has one content stream");
                };
                let content = *content;
                draw_form(document, content);
            },
        )
        .repairable(),
    ]
}

/// Patterns, masks and glyphs that are painted with themselves.
fn self_painting() -> Vec<Case> {
    vec![
        sample_with(
            "pattern_in_itself",
            "a tiling pattern that is painted with itself",
            |document| {
                let own = next_id(document);
                let dict = Dict::new()
                    .with("Type", name("Pattern"))
                    .with("PatternType", 1)
                    .with("PaintType", 1)
                    .with("TilingType", 1)
                    .with("BBox", array([0, 0, 1, 1]))
                    .with("XStep", Object::Milli(1))
                    .with("YStep", Object::Milli(0))
                    .with("Resources", single_resource("Pattern", own));
                let paint = b"/Pattern cs /X scn 0 0 600 900 re f\n";
                document.add_flate(dict, paint);
                add_resource(document, "Pattern", "X", own);
                prepend_operators(document, &[b"q ", &paint[..], b" Q\n"].concat());
            },
        )
        .tolerating(LIMIT)
        .repairable(),
        sample_with(
            "mask_in_itself",
            "a soft mask whose group is drawn under the same mask",
            |document| {
                let state = next_id(document);
                let group = Id(state.0 + 1);
                let mask = Dict::new().with("S", name("Luminosity")).with("G", group);
                document.add_dict(Dict::new().with("SMask", mask));
                form(
                    document,
                    b"/X gs 0 0 9 9 re f",
                    single_resource("ExtGState", state),
                );
                add_resource(document, "ExtGState", "X", state);
                prepend_operators(document, b"q /X gs 0 0 600 900 re f Q\n");
            },
        )
        .tolerating(LIMIT)
        .repairable(),
        sample_with(
            "glyph_in_itself",
            "a Type 3 glyph that shows itself",
            |document| {
                let own = next_id(document);
                let glyph = Id(own.0 + 1);
                document.add_dict(type3(glyph).with("Resources", single_resource("Font", own)));
                document.add(Body::Stream(Dict::new(), SHOW_TWICE.to_vec()));
                show_glyph(document, own);
            },
        )
        .any_outcome()
        .tolerating("UNMAPPED_TEXT"),
        sample_with(
            "glyph_of_no_size",
            "a Type 3 font whose matrix reduces every glyph to a point",
            |document| {
                let glyph = next_id(document);
                document.add_flate(Dict::new(), b"0 0 d0 0 0 9 9 re f");
                let font = type3(glyph).with("FontMatrix", array([0; 6]));
                let font = document.add_dict(font);
                show_glyph(document, font);
            },
        )
        .any_outcome()
        .tolerating("UNMAPPED_TEXT"),
    ]
}

/// Content of a glyph that shows two glyphs of the font `X`.
const SHOW_TWICE: &[u8] = b"1000 0 d0 BT /X 1 Tf (aa) Tj ET";

/// Returns a Type 3 font with one glyph.
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
    prepend_operators(document, b"BT /X 9 Tf 50 50 Td (a) Tj ET\n");
}

/// Adds 30 nested forms, each of which draws the next one `times` times.
fn forms_drawing(times: usize) -> impl FnOnce(&mut Document) {
    move |document| {
        let mut inner = form(document, b"0 0 m", Dict::new());
        for _ in 0..30 {
            inner = form(
                document,
                &b"/X Do ".repeat(times),
                single_resource("XObject", inner),
            );
        }
        draw_form(document, inner);
    }
}

fn exponential() -> Vec<Case> {
    vec![
        sample_with(
            "forms_twice",
            "30 nested forms; each draws the next one twice",
            forms_drawing(2),
        )
        .rejected_with(LIMIT),
        sample_with(
            "forms_ten_times",
            "30 nested forms; each draws the next one ten times",
            forms_drawing(10),
        )
        .rejected_with(LIMIT),
        sample_with(
            "glyphs_twice",
            "30 Type 3 fonts; each glyph shows the glyph of the next font twice",
            |document| {
                let last = b"1000 0 d0 0 0 500 500 re f".to_vec();
                let last = document.add(Body::Stream(Dict::new(), last));
                let mut inner = document.add_dict(type3(last));
                for _ in 0..30 {
                    let glyph = document.add(Body::Stream(Dict::new(), SHOW_TWICE.to_vec()));
                    let font = type3(glyph).with("Resources", single_resource("Font", inner));
                    inner = document.add_dict(font);
                }
                show_glyph(document, inner);
            },
        )
        .any_outcome()
        .tolerating("UNMAPPED_TEXT"),
    ]
}

/// Forms that are too deep, too many or too large.
fn sizes() -> Vec<Case> {
    vec![
        sample_with(
            "form_deep",
            "60 nested forms, with a word in the last one",
            |document| {
                let page = first_page(document);
                let Some(Object::Dict(resources)) = page.find("Resources") else {
                    panic!("each page of the sample has its own resources");
                };
                let resources = resources.clone();
                let word = b"BT /F1 9 Tf 50 50 Td (deep) Tj ET";
                let mut inner = form(document, word, resources);
                for _ in 0..60 {
                    inner = form(document, b"/X Do", single_resource("XObject", inner));
                }
                draw_form(document, inner);
            },
        )
        .tolerating(LIMIT)
        .repairable(),
        sample_with(
            "form_100000_times",
            "one form is drawn 150,000 times, more than the limit of 100,000",
            |document| {
                let blank = form(document, b"0 0 m", Dict::new());
                add_resource(document, "XObject", "X", blank);
                prepend_operators(document, &b"/X Do ".repeat(150_000));
            },
        )
        .rejected_with(LIMIT),
        sample_with(
            "form_huge",
            "a form whose box and matrix exceed 32 bits",
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
                draw_form(document, form);
            },
        )
        .repairable(),
    ]
}
