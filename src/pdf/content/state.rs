//! The state that content stream operators change (ISO 32000-2, 8.4 and 9.3).
//!
//! It covers only what moves or hides text and images.

use super::font::Font;
use super::matrix::{Area, Matrix};
use super::operands::Operands;
use hayro_syntax::page::Resources;
use std::rc::Rc;

/// Saved graphics states per stream. Deeper `q` operators are counted, not saved.
const MAX_SAVED_STATES: usize = 512;

/// The part of the graphics state that `q` saves and `Q` restores.
#[derive(Debug, Clone)]
pub(super) struct GraphicsState {
    pub(super) ctm: Matrix,
    /// The bounding box of the clipping path, in page space.
    pub(super) clip: Area,
    pub(super) text: TextState,
}

/// The text state parameters (ISO 32000-2, 9.3).
#[derive(Debug, Clone)]
pub(super) struct TextState {
    pub(super) font: Option<Rc<Font>>,
    pub(super) size: f32,
    pub(super) char_spacing: f32,
    pub(super) word_spacing: f32,
    /// Operand of `Tz` as a factor: 1 is 100 %.
    pub(super) horizontal_scale: f32,
    pub(super) leading: f32,
    pub(super) rise: f32,
    /// Operand of `Tr`.
    pub(super) render_mode: i32,
}

impl GraphicsState {
    pub(super) fn new(ctm: Matrix, clip: Area) -> Self {
        Self {
            ctm,
            clip,
            text: TextState {
                font: None,
                size: 0.0,
                char_spacing: 0.0,
                word_spacing: 0.0,
                horizontal_scale: 1.0,
                leading: 0.0,
                rise: 0.0,
                render_mode: 0,
            },
        }
    }
}

impl TextState {
    /// Whether text is painted: modes 3 and 7 paint nothing (ISO 32000-2, table 104).
    pub(super) fn is_visible(&self) -> bool {
        !matches!(self.render_mode, 3 | 7)
    }
}

/// The path under construction, reduced to its bounding box.
#[derive(Debug, Clone, Copy)]
pub(super) struct Path {
    /// In page space.
    pub(super) area: Area,
    /// Whether `W` or `W*` makes it a clipping path.
    pub(super) is_clip: bool,
}

impl Path {
    pub(super) const EMPTY: Self = Self {
        area: Area::EMPTY,
        is_clip: false,
    };
}

/// The matrices of a text object, between `BT` and `ET`.
#[derive(Debug, Clone, Copy)]
pub(super) struct TextObject {
    pub(super) matrix: Matrix,
    /// The text line matrix: `matrix` at the start of the line.
    pub(super) line: Matrix,
}

impl TextObject {
    pub(super) const START: Self = Self {
        matrix: Matrix::IDENTITY,
        line: Matrix::IDENTITY,
    };

    /// Moves to the start of a line, relative to the start of the current one.
    pub(super) fn move_line(&mut self, x: f32, y: f32) {
        self.line = self.line.translated(x, y);
        self.matrix = self.line;
    }
}

/// The state of one content stream during execution.
pub(super) struct StreamState<'r, 'p> {
    pub(super) resources: &'r Resources<'p>,
    pub(super) graphics: GraphicsState,
    saved: Vec<GraphicsState>,
    /// Number of `q` operators beyond [`MAX_SAVED_STATES`].
    pub(super) unsaved_depth: usize,
    pub(super) path: Path,
    pub(super) text: TextObject,
    /// Fonts that this stream has selected, by resource name.
    pub(super) fonts: Vec<(Vec<u8>, Rc<Font>)>,
    pub(super) operands: Operands,
    /// Reusable buffer for the bytes of the string being shown.
    pub(super) string_buffer: Vec<u8>,
    /// Whether `BI` was read, so that `ID` starts image data. A stray `ID` is ignored.
    pub(super) in_inline_image: bool,
    /// One entry per open marked-content sequence: whether it is a hidden layer.
    marked_content: Vec<bool>,
    /// Number of hidden layers among the open sequences.
    hidden_depth: usize,
}

impl<'r, 'p> StreamState<'r, 'p> {
    pub(super) fn new(resources: &'r Resources<'p>, graphics: GraphicsState) -> Self {
        Self {
            resources,
            graphics,
            saved: Vec::new(),
            unsaved_depth: 0,
            path: Path::EMPTY,
            text: TextObject::START,
            fonts: Vec::new(),
            operands: Operands::default(),
            string_buffer: Vec::new(),
            in_inline_image: false,
            marked_content: Vec::new(),
            hidden_depth: 0,
        }
    }

    /// Whether the current content belongs to a hidden layer.
    pub(super) fn is_hidden(&self) -> bool {
        self.hidden_depth > 0
    }

    /// Executes `q`.
    pub(super) fn save(&mut self) {
        if self.saved.len() < MAX_SAVED_STATES {
            self.saved.push(self.graphics.clone());
        } else {
            self.unsaved_depth += 1;
        }
    }

    /// Executes `Q`.
    pub(super) fn restore(&mut self) {
        if self.unsaved_depth > 0 {
            self.unsaved_depth -= 1;
        } else if let Some(state) = self.saved.pop() {
            self.graphics = state;
        }
    }

    /// Adds the rectangle of `re` to the path.
    pub(super) fn add_rectangle(&mut self) {
        let [x, y, w, h] = [0, 1, 2, 3].map(|index| self.operands.number(index));
        for (x, y) in [(x, y), (x + w, y), (x, y + h), (x + w, y + h)] {
            let (x, y) = self.graphics.ctm.apply(x, y);
            self.path.area = self.path.area.extended_to(x, y);
        }
    }

    /// Adds the first `count` points among the operands to the path.
    ///
    /// The control points of a curve count too: its bounding box lies within theirs.
    pub(super) fn add_points(&mut self, count: usize) {
        for index in 0..count {
            let (x, y) = (
                self.operands.number(index * 2),
                self.operands.number(index * 2 + 1),
            );
            let (x, y) = self.graphics.ctm.apply(x, y);
            self.path.area = self.path.area.extended_to(x, y);
        }
    }

    /// Ends the path and applies it to the clip if it is a clipping path.
    pub(super) fn end_path(&mut self) {
        if self.path.is_clip {
            self.graphics.clip = self.graphics.clip.intersect(self.path.area);
        }
        self.path = Path::EMPTY;
    }

    /// Executes `T*`.
    pub(super) fn next_line(&mut self) {
        self.text.move_line(0.0, -self.graphics.text.leading);
    }

    /// Starts a marked-content sequence.
    pub(super) fn begin_marked(&mut self, hidden: bool) {
        self.marked_content.push(hidden);
        self.hidden_depth += usize::from(hidden);
    }

    /// Executes `EMC`.
    pub(super) fn end_marked(&mut self) {
        if let Some(hidden) = self.marked_content.pop() {
            self.hidden_depth -= usize::from(hidden);
        }
    }
}
