//! Everything that changes while one content stream runs.

use super::font::Font;
use super::operands::Operands;
use super::state::{GraphicsState, Path, TextObject};
use hayro_syntax::page::Resources;
use std::rc::Rc;

/// Saved graphics states kept; deeper `q` operators are counted, not saved.
const MAX_SAVED_STATES: usize = 512;

/// The state of one content stream that is being run.
pub(super) struct Run<'r, 'p> {
    pub(super) resources: &'r Resources<'p>,
    pub(super) state: GraphicsState,
    pub(super) saved: Vec<GraphicsState>,
    pub(super) unsaved: usize,
    pub(super) path: Path,
    pub(super) text: TextObject,
    pub(super) fonts: Vec<(Vec<u8>, Rc<Font>)>,
    pub(super) operands: Operands,
    /// The bytes of the string being shown: a buffer.
    pub(super) shown: Vec<u8>,
    /// `BI` was seen: `ID` will begin image data. A stray `ID` means nothing.
    pub(super) inline_image: bool,
    /// One entry an open marked-content sequence: whether it is a hidden layer.
    pub(super) marked: Vec<bool>,
    pub(super) hidden: usize,
}

impl<'r, 'p> Run<'r, 'p> {
    pub(super) fn new(resources: &'r Resources<'p>, state: GraphicsState) -> Self {
        Self {
            resources,
            state,
            saved: Vec::new(),
            unsaved: 0,
            path: Path::EMPTY,
            text: TextObject::START,
            fonts: Vec::new(),
            operands: Operands::default(),
            shown: Vec::new(),
            inline_image: false,
            marked: Vec::new(),
            hidden: 0,
        }
    }

    pub(super) fn save(&mut self) {
        if self.saved.len() < MAX_SAVED_STATES {
            self.saved.push(self.state.clone());
        } else {
            self.unsaved += 1;
        }
    }

    pub(super) fn restore(&mut self) {
        if self.unsaved > 0 {
            self.unsaved -= 1;
        } else if let Some(state) = self.saved.pop() {
            self.state = state;
        }
    }

    pub(super) fn rectangle(&mut self) {
        let [x, y, w, h] = [0, 1, 2, 3].map(|index| self.operands.number(index));
        for (x, y) in [(x, y), (x + w, y), (x, y + h), (x + w, y + h)] {
            let (x, y) = self.state.ctm.apply(x, y);
            self.path.area = self.path.area.with(x, y);
        }
    }

    pub(super) fn points(&mut self, count: usize) {
        for index in 0..count {
            let (x, y) = (
                self.operands.number(index * 2),
                self.operands.number(index * 2 + 1),
            );
            let (x, y) = self.state.ctm.apply(x, y);
            self.path.area = self.path.area.with(x, y);
        }
    }

    pub(super) fn end_path(&mut self) {
        if self.path.clips {
            self.state.clip = self.state.clip.intersect(self.path.area);
        }
        self.path = Path::EMPTY;
    }

    pub(super) fn next_line(&mut self) {
        self.text.move_line(0.0, -self.state.text.leading);
    }

    pub(super) fn begin_marked(&mut self, hidden: bool) {
        self.marked.push(hidden);
        self.hidden += usize::from(hidden);
    }

    pub(super) fn end_marked(&mut self) {
        if let Some(hidden) = self.marked.pop() {
            self.hidden -= usize::from(hidden);
        }
    }
}
