//! What is to be seen on a page, before it is decided how: as text, as outlines or as a picture.
//!
//! Lengths are thousandths of a point from the lower left corner, as integers: equal on every
//! machine.

use super::fonts::{Fonts, Typeface};
use super::glyphs::{ADVANCE, CELL, strokes};
use super::object::{milli, write_text};

/// Thousandths of a point in a point.
pub const POINT: i64 = 1000;

/// One thing on a page.
#[derive(Clone)]
pub enum Mark {
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

/// The marks of one page.
#[derive(Clone, Default)]
pub struct Sheet {
    pub marks: Vec<Mark>,
}

impl Sheet {
    /// Adds text that starts at a point.
    pub fn text(&mut self, x: i64, y: i64, size: i64, weight: Weight, text: &str) {
        if !text.is_empty() {
            self.marks.push(Mark::Text {
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
        self.marks.push(Mark::Rule { from, to });
    }

    /// The operators that draw the page.
    pub fn operators(&self, fonts: &Fonts) -> Vec<u8> {
        let mut out = b"0.4 w\n".to_vec();
        for mark in &self.marks {
            match mark {
                Mark::Text {
                    x, y, size, text, ..
                } if fonts.typeface() == Typeface::Outlines => {
                    outline(&mut out, *x, *y, *size, text);
                }
                Mark::Text {
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
                Mark::Rule { from, to } => {
                    out.extend(format!("{} {} m ", milli(from.0), milli(from.1)).bytes());
                    out.extend(format!("{} {} l S\n", milli(to.0), milli(to.1)).bytes());
                }
                Mark::Panel {
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
    for (place, character) in (0..).zip(text.chars()) {
        let left = x + place * ADVANCE * size / 1000;
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
