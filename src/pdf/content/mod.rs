//! Executes content streams and reports what they draw to an [`Observer`].
//!
//! The interpreter paints nothing. It tracks the graphics and text state, executes forms and stops
//! as soon as the observer has enough. It inflates no image and reads no font program. Both page
//! classification and text extraction are observers.

mod char_code;
mod char_mapping;
mod encoding;
mod font;
mod interpreter;
mod level;
mod lexer;
mod matrix;
pub(super) mod object_lexer;
mod observer;
mod operands;
mod paint;
mod pen;
mod preamble;
mod reader;
mod state;
mod text_showing;
mod to_unicode;

pub(super) use char_mapping::{CharMapping, is_readable, is_zero_width};
pub(super) use font::Glyph;
pub(super) use interpreter::{Interpreter, RunOutcome, Workspace};
pub(super) use level::{LevelGlyphs, PositionedGlyph};
pub(super) use lexer::{is_blank, unescape_name, unescape_string};
pub(super) use matrix::{Area, Matrix};
pub(super) use observer::{
    Fill, FontFacts, GlyphStyle, ImagePaint, MapSource, Observer, Visibility,
};
pub(super) use paint::Rgb;
