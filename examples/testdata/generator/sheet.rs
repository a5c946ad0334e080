//! The visible content of a page, independent of its form: text, outlines or an image.
//!
//! Coordinates are integers in thousandths of a point from the lower left corner, so that they are
//! equal on every machine.

use super::fonts::{Fonts, Typeface};
use super::glyphs::{ADVANCE, CELL, strokes};
use super::object::{milli, write_text};

/// One point in the unit of coordinates.
pub const POINT: i64 = 1000;

/// A visible element of a page.
#[derive(Clone)]
pub enum Element {
    Text {
        x: i64,
        y: i64,
        size: i64,
        weight: Weight,
        text: String,
    },
    /// A hairline.
    Rule { from: (i64, i64), to: (i64, i64) },
    /// A filled rectangle in the colours red, green, blue (0 to 255).
    Panel {
        corner: (i64, i64),
        size: (i64, i64),
        colour: [u8; 3],
    },
}

/// Regular or bold type.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    Regular,
    Bold,
}

/// The elements of one page.
#[derive(Clone, Default)]
pub struct Sheet {
    pub elements: Vec<Element>,
}

impl Sheet {
    /// Adds text with its baseline starting at (`x`, `y`).
    pub fn text(&mut self, x: i64, y: i64, size: i64, weight: Weight, text: &str) {
        if !text.is_empty() {
            self.elements.push(Element::Text {
                x,
                y,
                size,
                weight,
                text: text.to_owned(),
            });
        }
    }

    /// Adds a hairline.
    pub fn rule(&mut self, from: (i64, i64), to: (i64, i64)) {
        self.elements.push(Element::Rule { from, to });
    }

    /// Returns the content stream operators that draw the page.
    pub fn operators(&self, fonts: &Fonts) -> Vec<u8> {
        let mut out = b"0.4 w\n".to_vec();
        for element in &self.elements {
            match element {
                Element::Text {
                    x, y, size, text, ..
                } if fonts.typeface() == Typeface::Outlines => {
                    outline(&mut out, *x, *y, *size, text);
                }
                Element::Text {
                    x,
                    y,
                    size,
                    weight,
                    text,
                } => {
                    let font = if *weight == Weight::Bold { "F2" } else { "F1" };
                    out.extend(format!("BT /{font} {} Tf ", milli(*size)).bytes());
                    out.extend(format!("1 0 0 1 {} {} Tm ", milli(*x), milli(*y)).bytes());
                    write_text(&fonts.codes(text), &mut out);
                    out.extend(b" Tj ET\n");
                }
                Element::Rule { from, to } => {
                    out.extend(format!("{} {} m ", milli(from.0), milli(from.1)).bytes());
                    out.extend(format!("{} {} l S\n", milli(to.0), milli(to.1)).bytes());
                }
                Element::Panel {
                    corner,
                    size,
                    colour,
                } => {
                    let shades = colour.map(|c| milli(i64::from(c) * 1000 / 255)).join(" ");
                    let numbers = [corner.0, corner.1, size.0, size.1].map(milli).join(" ");
                    out.extend(format!("q {shades} rg {numbers} re f Q\n").bytes());
                }
            }
        }
        out
    }
}

/// Draws text as filled rectangles.
fn outline(out: &mut Vec<u8>, x: i64, y: i64, size: i64, text: &str) {
    for (index, character) in (0..).zip(text.chars()) {
        let left = x + index * ADVANCE * size / 1000;
        for stroke in strokes(character) {
            let rectangle = [
                left + stroke.column * CELL * size / 1000,
                y + stroke.bottom * CELL * size / 1000,
                CELL * size / 1000,
                stroke.height * CELL * size / 1000,
            ];
            out.extend(rectangle.map(milli).join(" ").bytes());
            out.extend(b" re\n");
        }
    }
    out.extend(b"f\n");
}
