//! The state that content stream operators change (ISO 32000-2, 8.4 and 9.3).
//!
//! It covers only what moves or hides text and images.

use super::font::Font;
use super::matrix::{Area, Matrix};
use super::observer::Visibility;
use super::operands::Operands;
use super::paint::{Paint, Rgb};
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
    /// Whether the clipping path is its bounding box.
    pub(super) clip_is_exact: bool,
    /// Whether an object around this content belongs to a hidden layer.
    pub(super) is_hidden: bool,
    /// Whether this content is a cell of a tiling pattern.
    pub(super) is_pattern: bool,
    pub(super) text: TextState,
    pub(super) paint: Paint,
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
            clip_is_exact: true,
            is_hidden: false,
            is_pattern: false,
            paint: Paint::INITIAL,
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

impl GraphicsState {
    /// Returns whether text is painted (ISO 32000-2, table 104).
    pub(super) fn text_visibility(&self) -> Visibility {
        let is_visible = match self.text.render_mode {
            3 | 7 => false,
            1 | 5 => self.paint.shows_stroke(),
            2 | 6 => self.paint.shows_fill() || self.paint.shows_stroke(),
            _ => self.paint.shows_fill(),
        };
        if is_visible {
            Visibility::Visible
        } else {
            Visibility::Invisible
        }
    }

    /// Returns the colour of text; `None` if it is unknown, or fill and stroke differ.
    pub(super) fn text_colour(&self) -> Option<Rgb> {
        let Paint { fill, stroke, .. } = &self.paint;
        match self.text.render_mode {
            1 | 5 => stroke.colour,
            2 | 6 => fill.colour.filter(|_| fill.colour == stroke.colour),
            _ => fill.colour,
        }
    }
}

/// Distance in points by which the ends of a horizontal or vertical line may differ: rounding.
const MAX_EDGE_OFFSET: f32 = 0.01;

/// The path under construction, reduced to its bounding box.
#[derive(Debug, Clone, Copy)]
pub(super) struct Path {
    /// In page space.
    pub(super) area: Area,
    /// Whether `W` or `W*` makes it a clipping path.
    pub(super) is_clip: bool,
    /// Number of points so far, without control points.
    points: usize,
    last: (f32, f32),
    /// Whether all lines are horizontal or vertical.
    is_upright: bool,
}

impl Path {
    pub(super) const EMPTY: Self = Self {
        area: Area::EMPTY,
        is_clip: false,
        points: 0,
        last: (0.0, 0.0),
        is_upright: true,
    };

    /// Whether the path is one upright rectangle, open or closed.
    pub(super) fn is_rectangle(&self) -> bool {
        self.is_upright && matches!(self.points, 4 | 5)
    }

    fn add(&mut self, point @ (x, y): (f32, f32)) {
        self.area = self.area.extended_to(x, y);
        let (dx, dy) = (x - self.last.0, y - self.last.1);
        self.is_upright &= self.points == 0 || dx.abs().min(dy.abs()) <= MAX_EDGE_OFFSET;
        self.points += 1;
        self.last = point;
    }
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

    /// Returns the result of a translation by `Tm`.
    pub(super) fn at((x, y): (f32, f32)) -> Self {
        let matrix = Matrix::translate(x, y);
        Self {
            matrix,
            line: matrix,
        }
    }

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
    /// Maps the user space at the start of the stream to the page. Patterns use it.
    pub(super) initial_ctm: Matrix,
    saved: Vec<GraphicsState>,
    /// Number of `q` operators beyond [`MAX_SAVED_STATES`].
    pub(super) unsaved_depth: usize,
    pub(super) path: Path,
    pub(super) text: TextObject,
    /// Fonts that this stream has selected, by resource name as the stream writes it.
    pub(super) fonts: Vec<(Vec<u8>, Rc<Font>)>,
    pub(super) operands: Operands,
    /// Reusable buffer for the bytes of the string being shown.
    pub(super) string_buffer: Vec<u8>,
    /// Whether `BI` was read, so that `ID` starts image data. A stray `ID` is ignored.
    pub(super) in_inline_image: bool,
    /// Whether the inline image is a stencil mask.
    pub(super) inline_is_mask: bool,
    /// One entry per open marked-content sequence: whether it is a hidden layer.
    marked_content: Vec<bool>,
    /// Number of hidden layers among the open sequences.
    hidden_depth: usize,
}

impl<'r, 'p> StreamState<'r, 'p> {
    pub(super) fn new(resources: &'r Resources<'p>, graphics: GraphicsState) -> Self {
        Self {
            resources,
            initial_ctm: graphics.ctm,
            graphics,
            saved: Vec::new(),
            unsaved_depth: 0,
            path: Path::EMPTY,
            text: TextObject::START,
            fonts: Vec::new(),
            operands: Operands::default(),
            string_buffer: Vec::new(),
            in_inline_image: false,
            inline_is_mask: false,
            marked_content: Vec::new(),
            hidden_depth: 0,
        }
    }

    /// Whether the current content belongs to a hidden layer.
    pub(super) fn is_hidden(&self) -> bool {
        self.hidden_depth > 0 || self.graphics.is_hidden
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
        for (x, y) in [(x, y), (x + w, y), (x + w, y + h), (x, y + h)] {
            self.path.add(self.graphics.ctm.apply(x, y));
        }
    }

    /// Adds the first `count` points among the operands to the path.
    ///
    /// The control points of a curve count too: its bounding box lies within theirs.
    pub(super) fn add_points(&mut self, count: usize) {
        self.path.is_upright &= count == 1;
        for index in 0..count {
            let (x, y) = (
                self.operands.number(index * 2),
                self.operands.number(index * 2 + 1),
            );
            self.path.add(self.graphics.ctm.apply(x, y));
        }
    }

    /// Ends the path and applies it to the clip if it is a clipping path.
    pub(super) fn end_path(&mut self) {
        if self.path.is_clip {
            self.graphics.clip = self.graphics.clip.intersect(self.path.area);
            self.graphics.clip_is_exact &= self.path.is_rectangle();
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
