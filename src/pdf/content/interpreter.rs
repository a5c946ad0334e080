//! Executes operators: the loop over one content stream, and the forms it invokes.

use super::Observer;
use super::font::Font;
use super::lexer::{self, Kind, Lexed};
use super::matrix::{Area, Matrix};
use super::reader::{Buffers, ContentReader};
use super::run::Run;
use super::state::{GraphicsState, TextObject};
use crate::pdf::limits::{Budget, LimitHit};
use crate::pdf::repair::Damage;
use hayro_syntax::object::{Array, Dict, Name, ObjRef, ObjectIdentifier, Stream};
use hayro_syntax::page::Resources;
use std::collections::{HashMap, HashSet};
use std::ops::{ControlFlow, Range};
use std::rc::Rc;

/// Fonts kept of one document.
const MAX_FONTS: usize = 4096;

/// Where a font stands in the file, which is the same for all pages that use it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum FontPlace {
    Object(ObjRef),
    /// The address of the bytes of a dictionary that is no object of its own.
    Bytes(usize),
}

/// What one document's pages share: fonts once read, buffers once grown.
#[derive(Default)]
pub(in crate::pdf) struct Workspace {
    fonts: HashMap<FontPlace, Rc<Font>>,
    buffers: Vec<Buffers>,
    /// Optional content that is switched off (ISO 32000-2, 8.11.4).
    hidden_layers: HashSet<ObjectIdentifier>,
}

impl Workspace {
    pub(in crate::pdf) fn new(hidden_layers: HashSet<ObjectIdentifier>) -> Self {
        Self {
            hidden_layers,
            ..Self::default()
        }
    }
}

/// How running a page ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::pdf) enum Outcome {
    /// All of it was run.
    Finished,
    /// All of it was run, but some of its data is damaged.
    Damaged,
    /// The observer had seen enough.
    Stopped,
}

/// Runs content streams of one page for one observer.
pub(in crate::pdf) struct Interpreter<'w, 'b, 'c, O> {
    workspace: &'w mut Workspace,
    pub(super) budget: &'b mut Budget<'c>,
    pub(super) observer: &'w mut O,
    depth: u32,
    damaged: bool,
}

pub(super) type Flow = Result<ControlFlow<()>, LimitHit>;
pub(super) const ON: Flow = Ok(ControlFlow::Continue(()));

impl<'w, 'b, 'c, O: Observer> Interpreter<'w, 'b, 'c, O> {
    pub(in crate::pdf) fn new(
        workspace: &'w mut Workspace,
        budget: &'b mut Budget<'c>,
        observer: &'w mut O,
    ) -> Self {
        Self {
            workspace,
            budget,
            observer,
            depth: 0,
            damaged: false,
        }
    }

    /// Runs streams as one content stream, whose user space `ctm` maps to the page.
    ///
    /// # Errors
    ///
    /// When the document's budget is used up.
    pub(in crate::pdf) fn run<'p>(
        &mut self,
        streams: Vec<Stream<'p>>,
        resources: &Resources<'p>,
        ctm: Matrix,
        clip: Area,
    ) -> Result<Outcome, LimitHit> {
        let flow = self.run_streams(streams, resources, GraphicsState::new(ctm, clip))?;
        Ok(match flow {
            ControlFlow::Break(()) => Outcome::Stopped,
            ControlFlow::Continue(()) if self.damaged => Outcome::Damaged,
            ControlFlow::Continue(()) => Outcome::Finished,
        })
    }

    fn run_streams<'p>(
        &mut self,
        streams: Vec<Stream<'p>>,
        resources: &Resources<'p>,
        state: GraphicsState,
    ) -> Flow {
        let buffers = self.workspace.buffers.pop().unwrap_or_default();
        let mut reader = ContentReader::new(streams, buffers, O::FIRST_PIECE);
        let mut run = Run::new(resources, state);
        let flow = self.run_operators(&mut reader, &mut run);
        self.damaged |= reader.damaged;
        self.workspace.buffers.push(reader.into_buffers());
        flow
    }

    fn run_operators(&mut self, reader: &mut ContentReader<'_>, run: &mut Run<'_, '_>) -> Flow {
        let mut at = 0;
        let mut last = false;
        loop {
            let lexeme = match lexer::next(reader.bytes(), at, last) {
                Lexed::Token(lexeme) => lexeme,
                Lexed::Unfinished(_) if last => return ON,
                Lexed::Unfinished(start) => {
                    at = start;
                    last = !reader.fill(self.budget)?;
                    continue;
                }
            };
            at = lexeme.end;
            let operator = lexeme.range;
            if lexeme.kind != Kind::Keyword {
                run.operands.push(lexeme.kind, operator);
                continue;
            }
            // An array that never ends would swallow the page; an operator that shows or ends
            // text closes it, as in viewers. Other words inside an array are noise.
            let shows = matches!(
                reader.bytes().get(operator.clone()),
                Some(b"ET" | b"Tj" | b"TJ")
            );
            if run.operands.in_array() && !shows {
                continue;
            }
            self.budget.spend_operators(1)?;
            if run.inline_image && reader.bytes().get(operator.clone()) == Some(b"ID") {
                run.inline_image = false;
                at = self.skip_inline_image(reader, at)?;
                if self.image(run).is_break() {
                    return Ok(ControlFlow::Break(()));
                }
            } else if self.execute(reader.bytes(), operator, run)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
            run.operands.clear();
            at -= reader.discard(at);
        }
    }

    fn execute(&mut self, bytes: &[u8], operator: Range<usize>, run: &mut Run<'_, '_>) -> Flow {
        match bytes.get(operator).unwrap_or_default() {
            b"q" => {
                run.save();
                if run.unsaved > 0 {
                    self.budget.notice(Damage::Nesting);
                }
            }
            b"Q" => run.restore(),
            b"cm" => {
                if let Some(matrix) = run.operands.matrix() {
                    run.state.ctm = matrix.then(run.state.ctm);
                }
            }
            b"re" => run.rectangle(),
            b"m" | b"l" => run.points(1),
            b"c" => run.points(3),
            b"v" | b"y" => run.points(2),
            b"W" | b"W*" => run.path.clips = true,
            b"n" => run.end_path(),
            b"f" | b"F" | b"f*" | b"S" | b"s" | b"B" | b"B*" | b"b" | b"b*" => {
                run.end_path();
                return Ok(self.drawing(run));
            }
            b"BI" => run.inline_image = true,
            b"sh" => return Ok(self.drawing(run)),
            b"Do" => return self.x_object(bytes, run),
            b"BMC" => run.begin_marked(false),
            b"BDC" => {
                let hidden = self.is_hidden_layer(bytes, run);
                run.begin_marked(hidden);
            }
            b"EMC" => run.end_marked(),
            operator => return self.execute_text(operator, bytes, run),
        }
        ON
    }

    fn execute_text(&mut self, operator: &[u8], bytes: &[u8], run: &mut Run<'_, '_>) -> Flow {
        let number = |index| run.operands.number(index);
        match operator {
            b"BT" => run.text = TextObject::START,
            b"Tf" => return self.select_font(bytes, run),
            b"Tc" => run.state.text.char_spacing = number(0),
            b"Tw" => run.state.text.word_spacing = number(0),
            b"Tz" => run.state.text.horizontal_scale = number(0) / 100.0,
            b"TL" => run.state.text.leading = number(0),
            b"Ts" => run.state.text.rise = number(0),
            b"Tr" => run.state.text.render_mode = number(0) as i32,
            b"Td" => {
                let (x, y) = (number(0), number(1));
                run.text.move_line(x, y);
            }
            b"TD" => {
                let (x, y) = (number(0), number(1));
                run.state.text.leading = -y;
                run.text.move_line(x, y);
            }
            b"Tm" => {
                if let Some(matrix) = run.operands.matrix() {
                    run.text = TextObject {
                        matrix,
                        line: matrix,
                    };
                }
            }
            b"T*" => run.next_line(),
            b"Tj" | b"TJ" => return self.show(bytes, run),
            b"'" => {
                run.next_line();
                return self.show(bytes, run);
            }
            b"\"" => {
                run.state.text.word_spacing = number(0);
                run.state.text.char_spacing = number(1);
                run.next_line();
                return self.show(bytes, run);
            }
            b"gs" => return self.graphics_state(bytes, run),
            _ => {}
        }
        ON
    }

    /// An extended graphics state may also select a font (ISO 32000-2, table 57).
    fn graphics_state(&mut self, bytes: &[u8], run: &mut Run<'_, '_>) -> Flow {
        let Some(name) = run.operands.name(bytes) else {
            return ON;
        };
        let font = run
            .resources
            .ext_g_states
            .get::<Dict<'_>>(&*name)
            .and_then(|state| state.get::<Array<'_>>("Font"));
        let Some(font) = font else { return ON };
        let mut items = font.flex_iter();
        if let (Some(dict), Some(size)) = (items.next::<Dict<'_>>(), items.next::<f32>()) {
            run.state.text.font = Some(self.font(None, &dict)?);
            run.state.text.size = size;
        }
        ON
    }

    fn select_font(&mut self, bytes: &[u8], run: &mut Run<'_, '_>) -> Flow {
        let Some(name) = run.operands.name(bytes) else {
            return ON;
        };
        run.state.text.size = run.operands.number(1);
        if let Some((_, font)) = run.fonts.iter().find(|(known, _)| known[..] == *name) {
            run.state.text.font = Some(Rc::clone(font));
            return ON;
        }
        let fonts = &run.resources.fonts;
        let place = fonts.get_ref(&*name).map(FontPlace::Object);
        let known = place.and_then(|place| self.workspace.fonts.get(&place));
        let font = match known {
            Some(font) => Rc::clone(font),
            None => self.font(place, &fonts.get::<Dict<'_>>(&*name).unwrap_or_default())?,
        };
        run.fonts.push((name.into_owned(), Rc::clone(&font)));
        run.state.text.font = Some(font);
        ON
    }

    fn font(&mut self, place: Option<FontPlace>, dict: &Dict<'_>) -> Result<Rc<Font>, LimitHit> {
        let place = place.unwrap_or(FontPlace::Bytes(dict.data().as_ptr() as usize));
        if let Some(font) = self.workspace.fonts.get(&place) {
            return Ok(Rc::clone(font));
        }
        self.budget.check_time()?;
        let font = Rc::new(Font::read(dict, self.budget));
        if self.workspace.fonts.len() >= MAX_FONTS {
            self.workspace.fonts.clear();
        }
        self.workspace.fonts.insert(place, Rc::clone(&font));
        Ok(font)
    }

    fn drawing(&mut self, run: &Run<'_, '_>) -> ControlFlow<()> {
        if run.hidden > 0 {
            return ControlFlow::Continue(());
        }
        self.observer.drawing()
    }

    fn image(&mut self, run: &Run<'_, '_>) -> ControlFlow<()> {
        if run.hidden > 0 {
            return ControlFlow::Continue(());
        }
        let area = run.state.ctm.apply_to_box(Area::UNIT);
        self.observer.image(area.intersect(run.state.clip))
    }

    fn x_object(&mut self, bytes: &[u8], run: &mut Run<'_, '_>) -> Flow {
        let Some(name) = run.operands.name(bytes) else {
            return ON;
        };
        let Some(stream) = run.resources.x_objects.get::<Stream<'_>>(&*name) else {
            return ON;
        };
        let layer = stream.dict().get_ref("OC");
        if layer.is_some_and(|id| self.workspace.hidden_layers.contains(&id.into())) {
            return ON;
        }
        let subtype = stream.dict().get::<Name<'_>>("Subtype");
        match subtype.as_deref() {
            Some(b"Image") => Ok(self.image(run)),
            Some(b"PS") => ON,
            // A form without its subtype is still run, as viewers do.
            _ if run.hidden > 0 => ON,
            _ => self.form(stream, run.resources, run.state.clone()),
        }
    }

    /// Runs a form `XObject` or an appearance stream in the state given (ISO 32000-2, 8.10.1).
    pub(in crate::pdf) fn run_form<'p>(
        &mut self,
        form: Stream<'p>,
        resources: &Resources<'p>,
        ctm: Matrix,
        clip: Area,
    ) -> Result<ControlFlow<()>, LimitHit> {
        self.form(form, resources, GraphicsState::new(ctm, clip))
    }

    fn form<'p>(
        &mut self,
        form: Stream<'p>,
        outer: &Resources<'p>,
        mut state: GraphicsState,
    ) -> Flow {
        if self.depth >= self.budget.limits().form_depth {
            self.budget.notice(Damage::Forms);
            return ON;
        }
        self.budget.spend_form()?;
        let dict = form.dict();
        let matrix = dict.get::<Array<'_>>("Matrix");
        if let Some(matrix) = matrix.and_then(|m| <[f32; 6]>::try_from(m).ok()) {
            state.ctm = Matrix(matrix).then(state.ctm);
        }
        if let Some([x0, y0, x1, y1]) = dict
            .get::<Array<'_>>("BBox")
            .and_then(|bbox| <[f32; 4]>::try_from(bbox).ok())
        {
            let bbox = Area::EMPTY.with(x0, y0).with(x1, y1);
            state.clip = state.clip.intersect(state.ctm.apply_to_box(bbox));
        }
        let own = dict.get::<Dict<'p>>("Resources").map(Resources::new);
        self.depth += 1;
        let flow = self.run_streams(vec![form], own.as_ref().unwrap_or(outer), state);
        self.depth -= 1;
        flow
    }

    fn is_hidden_layer(&self, bytes: &[u8], run: &Run<'_, '_>) -> bool {
        if self.workspace.hidden_layers.is_empty() {
            return false;
        }
        let Some(name) = run.operands.last_name(bytes) else {
            return false;
        };
        run.resources
            .properties
            .get_ref(&*name)
            .is_some_and(|id| self.workspace.hidden_layers.contains(&id.into()))
    }

    /// Finds the end of inline image data (ISO 32000-2, 8.9.7): `EI` between white space, before
    /// something that looks like content again.
    fn skip_inline_image(
        &mut self,
        reader: &mut ContentReader<'_>,
        mut from: usize,
    ) -> Result<usize, LimitHit> {
        loop {
            let bytes = reader.bytes();
            let rest = bytes.get(from..).unwrap_or_default();
            for found in memchr::memmem::find_iter(rest, b"EI") {
                let at = from + found;
                let before = at.checked_sub(1).and_then(|index| bytes.get(index));
                let after = bytes
                    .get(at + 2..(at + 14).min(bytes.len()))
                    .unwrap_or_default();
                let ends = before.is_some_and(|byte| lexer::is_blank(*byte))
                    && after.first().is_none_or(|byte| lexer::is_blank(*byte))
                    && after
                        .iter()
                        .all(|byte| lexer::is_blank(*byte) || (0x20..0x7F).contains(byte));
                if ends && (after.len() >= 12 || reader.is_exhausted()) {
                    return Ok(at + 2);
                }
            }
            // A marker may be cut by the end of the bytes: look at its last ones again.
            from = from.max(bytes.len().saturating_sub(16));
            if !reader.fill(self.budget)? {
                return Ok(reader.bytes().len());
            }
        }
    }
}
