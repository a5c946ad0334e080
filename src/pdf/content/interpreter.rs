//! Content stream interpreter: executes the operators of a stream and of the forms it invokes.

use super::font::Font;
use super::lexer::{self, Lexed, TokenKind};
use super::matrix::{Area, Matrix};
use super::observer::{Fill, ImagePaint, MapSource, Observer};
use super::preamble::Preamble;
use super::reader::{Buffers, ContentReader};
use super::state::{GraphicsState, Path, StreamState, TextObject};
use crate::pdf::damage::Damage;
use crate::pdf::layers::Layers;
use crate::pdf::limits::{Budget, LimitHit};
use hayro_syntax::object::{Array, Dict, Name, ObjRef, Stream};
use hayro_syntax::page::Resources;
use std::collections::HashMap;
use std::ops::{ControlFlow, Range};
use std::rc::Rc;

/// Fonts cached per document.
const MAX_FONTS: usize = 4096;
/// Area, in square points, from which the cell of a tiling pattern is executed. Smaller areas hold
/// no legible part of a page.
const MIN_PATTERN_AREA: f32 = 1000.0;
/// Printable bytes that must follow `EI`, and white space, for it to end inline image data.
const INLINE_IMAGE_LOOKAHEAD: usize = 12;

/// Identifies a font within the file, across the pages that use it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum FontKey {
    Object(ObjRef),
    /// A direct dictionary, identified by the address of its bytes.
    Direct(usize),
}

/// State shared by the pages of one document: parsed fonts, reusable buffers, layers.
#[derive(Default)]
pub(in crate::pdf) struct Workspace {
    fonts: HashMap<FontKey, Rc<Font>>,
    /// The number of fonts read so far.
    font_count: u32,
    buffers: Vec<Buffers>,
    layers: Layers,
}

impl Workspace {
    pub(in crate::pdf) fn new(layers: Layers) -> Self {
        Self {
            layers,
            ..Self::default()
        }
    }

    /// Makes the glyphs of a font unmapped, because the characters they map to are wrong.
    pub(in crate::pdf) fn mark_garbled(&mut self, id: u32, source: MapSource) {
        let font = self.fonts.values_mut().find(|font| font.facts().id == id);
        // Between pages, nothing else refers to the fonts.
        if let Some(font) = font.and_then(Rc::get_mut) {
            font.mark_garbled(source);
        }
    }
}

/// How far the content of a page was executed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::pdf) enum RunOutcome {
    /// All operators were executed.
    Finished,
    /// All readable operators were executed, but some of the data is damaged.
    Damaged,
    /// The observer stopped the execution.
    Stopped,
}

/// Executes the content streams of one page and reports to one observer.
pub(in crate::pdf) struct Interpreter<'w, 'b, 'c, O> {
    workspace: &'w mut Workspace,
    pub(super) budget: &'b mut Budget<'c>,
    pub(super) observer: &'w mut O,
    form_depth: u32,
    is_damaged: bool,
}

/// `Break` when the observer has stopped the execution.
pub(super) type Flow = Result<ControlFlow<()>, LimitHit>;
pub(super) const CONTINUE: Flow = Ok(ControlFlow::Continue(()));

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
            form_depth: 0,
            is_damaged: false,
        }
    }

    /// Executes streams as one content stream. `ctm` maps its user space to the page.
    ///
    /// # Errors
    ///
    /// Returns an error if the document's budget is exhausted.
    pub(in crate::pdf) fn run<'p>(
        &mut self,
        streams: Vec<Stream<'p>>,
        resources: &Resources<'p>,
        ctm: Matrix,
        clip: Area,
    ) -> Result<RunOutcome, LimitHit> {
        let flow = self.run_streams(streams, resources, GraphicsState::new(ctm, clip))?;
        Ok(match flow {
            ControlFlow::Break(()) => RunOutcome::Stopped,
            ControlFlow::Continue(()) if self.is_damaged => RunOutcome::Damaged,
            ControlFlow::Continue(()) => RunOutcome::Finished,
        })
    }

    /// Returns whether an annotation belongs to a hidden layer.
    pub(in crate::pdf) fn hides_layer_of(&mut self, annotation: &Dict<'_>) -> bool {
        self.workspace.layers.hides(annotation, b"OC")
    }

    fn run_streams<'p>(
        &mut self,
        streams: Vec<Stream<'p>>,
        resources: &Resources<'p>,
        graphics: GraphicsState,
    ) -> Flow {
        // A form needs buffers of its own while its parent is suspended, hence a pool.
        let buffers = self.workspace.buffers.pop().unwrap_or_default();
        let mut reader = ContentReader::new(streams, buffers, O::INITIAL_CHUNK_BYTES);
        let mut state = StreamState::new(resources, graphics);
        let flow = self.run_operators(&mut reader, &mut state);
        self.is_damaged |= reader.is_damaged;
        self.workspace.buffers.push(reader.into_buffers());
        flow
    }

    fn run_operators(
        &mut self,
        reader: &mut ContentReader<'_>,
        state: &mut StreamState<'_, '_>,
    ) -> Flow {
        let mut offset = 0;
        let mut at_end = false;
        let mut preamble = Preamble::default();
        // Where colours are tracked, only the start of a page is read.
        let keeps_preamble = !O::TRACKS_PAINT;
        loop {
            if let Some(end) = self.begin_matrix(reader.bytes(), offset, state, &mut preamble)? {
                offset = end;
                continue;
            }
            let lexeme = match lexer::next(reader.bytes(), offset, at_end) {
                Lexed::Token(lexeme) => lexeme,
                Lexed::Unfinished(_) if at_end => return CONTINUE,
                Lexed::Unfinished(start) => {
                    offset = start;
                    at_end = !reader.fill(self.budget)?;
                    continue;
                }
            };
            offset = lexeme.end;
            let operator = lexeme.range;
            if lexeme.kind == TokenKind::Keyword {
                // An unterminated array would consume the rest of the page. As in viewers, an
                // operator that shows or ends text closes it; other keywords inside an array are
                // ignored.
                let own = reader.bytes().get(operator.clone()).unwrap_or_default();
                if state.operands.in_array() && !matches!(own, b"ET" | b"Tj" | b"TJ") {
                    continue;
                }
                self.budget.spend_operators(1)?;
                let flow = if state.in_inline_image && own == b"ID" {
                    state.in_inline_image = false;
                    offset = self.skip_inline_image(reader, offset)?;
                    let is_mask = std::mem::take(&mut state.inline_is_mask);
                    self.report_image(None, !is_mask, state)
                } else {
                    self.execute(reader.bytes(), operator.clone(), state)?
                };
                if flow.is_break() {
                    return Ok(flow);
                }
                if keeps_preamble {
                    preamble.add(reader.bytes(), &operator, state);
                }
                state.operands.clear();
            } else if let Some(end) = end_of_show(reader.bytes(), lexeme.kind, offset, state) {
                self.budget.spend_operators(1)?;
                let string = reader.bytes().get(operator).unwrap_or_default();
                if self.show_single(lexeme.kind, string, state)?.is_break() {
                    return Ok(ControlFlow::Break(()));
                }
                offset = end;
                if keeps_preamble {
                    preamble.add_shown(end);
                }
            } else {
                state.operands.push(lexeme.kind, operator);
                continue;
            }
            if preamble.can_follow()
                && let Some((end, operators)) = preamble.apply(reader.bytes(), offset, state)
            {
                self.budget.spend_operators(operators)?;
                offset = end;
            }
            let discarded = reader.discard(offset);
            if discarded > 0 {
                offset -= discarded;
                preamble.discard();
            }
        }
    }

    /// Reads `1 0 0 1 x y` at an offset, and executes the operator if it is `Tm`: almost every
    /// string begins so. Returns the offset behind.
    #[expect(
        clippy::inline_always,
        reason = "called for every operator of every page"
    )]
    #[inline(always)]
    fn begin_matrix(
        &mut self,
        bytes: &[u8],
        offset: usize,
        state: &mut StreamState<'_, '_>,
        preamble: &mut Preamble,
    ) -> Result<Option<usize>, LimitHit> {
        if !state.operands.are_empty() {
            return Ok(None);
        }
        let Some(offset) = lexer::identity(bytes, offset) else {
            return Ok(None);
        };
        let Some((origin, end)) = lexer::two_numbers(bytes, offset) else {
            state.operands.push_identity(None);
            return Ok(Some(offset));
        };
        let Some(end) = lexer::operator_end(bytes, end, *b"Tm") else {
            state.operands.push_identity(Some(origin));
            return Ok(Some(end));
        };
        self.budget.spend_operators(1)?;
        state.text = TextObject::at(origin);
        preamble.discard();
        Ok(Some(end))
    }

    fn execute(
        &mut self,
        bytes: &[u8],
        operator: Range<usize>,
        state: &mut StreamState<'_, '_>,
    ) -> Flow {
        match bytes.get(operator).unwrap_or_default() {
            b"q" => {
                state.save();
                if state.unsaved_depth > 0 {
                    self.budget.record_damage(Damage::Nesting);
                }
            }
            b"Q" => state.restore(),
            b"cm" => {
                if let Some(matrix) = state.operands.matrix() {
                    state.graphics.ctm = matrix.then(state.graphics.ctm);
                }
            }
            b"re" => state.add_rectangle(),
            b"m" | b"l" => state.add_points(1),
            b"c" => state.add_points(3),
            b"v" | b"y" => state.add_points(2),
            b"W" | b"W*" => state.path.is_clip = true,
            b"n" => state.end_path(),
            b"f" | b"F" | b"f*" | b"B" | b"B*" | b"b" | b"b*" => {
                let path = state.path;
                state.end_path();
                return self.report_fill(&path, state);
            }
            b"S" | b"s" => {
                state.end_path();
                return Ok(self.report_drawing(None, state));
            }
            b"BI" => state.in_inline_image = true,
            b"sh" => {
                let area = state.graphics.clip;
                let fill = Some(Fill { area, solid: None });
                return Ok(self.report_drawing(fill, state));
            }
            b"Do" => return self.invoke_x_object(bytes, state),
            b"BMC" => state.begin_marked(false),
            b"BDC" => {
                let hidden = self.is_hidden_layer(bytes, state);
                state.begin_marked(hidden);
            }
            b"EMC" => state.end_marked(),
            operator => return self.execute_text(operator, bytes, state),
        }
        CONTINUE
    }

    fn execute_text(
        &mut self,
        operator: &[u8],
        bytes: &[u8],
        state: &mut StreamState<'_, '_>,
    ) -> Flow {
        let number = |index| state.operands.number(index);
        match operator {
            b"BT" => state.text = TextObject::START,
            b"Tf" => return self.select_font(bytes, state),
            b"Tc" => state.graphics.text.char_spacing = number(0),
            b"Tw" => state.graphics.text.word_spacing = number(0),
            b"Tz" => state.graphics.text.horizontal_scale = number(0) / 100.0,
            b"TL" => state.graphics.text.leading = number(0),
            b"Ts" => state.graphics.text.rise = number(0),
            b"Tr" => state.graphics.text.render_mode = number(0) as i32,
            b"Td" => {
                let (x, y) = (number(0), number(1));
                state.text.move_line(x, y);
            }
            b"TD" => {
                let (x, y) = (number(0), number(1));
                state.graphics.text.leading = -y;
                state.text.move_line(x, y);
            }
            b"Tm" => {
                if let Some(matrix) = state.operands.matrix() {
                    state.text = TextObject {
                        matrix,
                        line: matrix,
                    };
                }
            }
            b"T*" => state.next_line(),
            b"Tj" | b"TJ" => return self.show_text(bytes, state),
            b"'" => {
                state.next_line();
                return self.show_text(bytes, state);
            }
            b"\"" => {
                state.graphics.text.word_spacing = number(0);
                state.graphics.text.char_spacing = number(1);
                state.next_line();
                return self.show_text(bytes, state);
            }
            b"gs" => return self.apply_graphics_state(bytes, state),
            b"true" if state.in_inline_image => {
                let name = state.operands.last_name(bytes);
                state.inline_is_mask |= matches!(name.as_deref(), Some(b"IM" | b"ImageMask"));
            }
            operator if O::TRACKS_PAINT => {
                let name = state.operands.last_name(bytes);
                let spaces = &state.resources.color_spaces;
                let paint = &mut state.graphics.paint;
                paint.set_colour(operator, name.as_deref(), &state.operands, spaces);
            }
            _ => {}
        }
        CONTINUE
    }

    /// Applies an extended graphics state: opacity and font (ISO 32000-2, table 57).
    fn apply_graphics_state(&mut self, bytes: &[u8], state: &mut StreamState<'_, '_>) -> Flow {
        let Some(name) = state.operands.name(bytes) else {
            return CONTINUE;
        };
        let Some(parameters) = state.resources.ext_g_states.get::<Dict<'_>>(&*name) else {
            return CONTINUE;
        };
        state.graphics.paint.apply(&parameters);
        let Some(font) = parameters.get::<Array<'_>>("Font") else {
            return CONTINUE;
        };
        let mut items = font.flex_iter();
        if let (Some(dict), Some(size)) = (items.next::<Dict<'_>>(), items.next::<f32>()) {
            state.graphics.text.font = Some(self.font(None, &dict)?);
            state.graphics.text.size = size;
        }
        CONTINUE
    }

    fn select_font(&mut self, bytes: &[u8], state: &mut StreamState<'_, '_>) -> Flow {
        let Some(written) = state.operands.written_name(bytes) else {
            return CONTINUE;
        };
        state.graphics.text.size = state.operands.number(1);
        if let Some((_, font)) = state.fonts.iter().find(|(known, _)| known == written) {
            state.graphics.text.font = Some(Rc::clone(font));
            return CONTINUE;
        }
        let name = lexer::unescape_name(written);
        let fonts = &state.resources.fonts;
        let key = fonts.get_ref(&*name).map(FontKey::Object);
        // Look an indirect font up before its dictionary is parsed.
        let cached = key.and_then(|key| self.workspace.fonts.get(&key));
        let font = match cached {
            Some(font) => Rc::clone(font),
            None => self.font(key, &fonts.get::<Dict<'_>>(&*name).unwrap_or_default())?,
        };
        state.fonts.push((written.to_owned(), Rc::clone(&font)));
        state.graphics.text.font = Some(font);
        CONTINUE
    }

    /// Returns the cached font or reads it. A font without a key is keyed by its dictionary.
    fn font(&mut self, key: Option<FontKey>, dict: &Dict<'_>) -> Result<Rc<Font>, LimitHit> {
        let key = key.unwrap_or(FontKey::Direct(dict.data().as_ptr() as usize));
        if let Some(font) = self.workspace.fonts.get(&key) {
            return Ok(Rc::clone(font));
        }
        // A font dictionary can be expensive to read, and a page can have thousands of fonts.
        self.budget.check_time()?;
        self.workspace.font_count += 1;
        let font = Rc::new(Font::read(self.workspace.font_count, dict, self.budget));
        // Fonts still in use stay alive through their `Rc`; others are read again when needed.
        if self.workspace.fonts.len() >= MAX_FONTS {
            self.workspace.fonts.clear();
        }
        self.workspace.fonts.insert(key, Rc::clone(&font));
        Ok(font)
    }

    fn report_drawing(
        &mut self,
        fill: Option<Fill>,
        state: &StreamState<'_, '_>,
    ) -> ControlFlow<()> {
        if state.is_hidden() {
            return ControlFlow::Continue(());
        }
        self.observer.drawing(fill)
    }

    fn report_fill(&mut self, path: &Path, state: &StreamState<'_, '_>) -> Flow {
        let GraphicsState {
            paint,
            clip,
            clip_is_exact,
            ..
        } = &state.graphics;
        let area = path.area.intersect(*clip);
        let is_solid = path.is_rectangle() && *clip_is_exact && paint.fill_is_opaque();
        let fill = Fill {
            area,
            solid: paint.fill.colour.filter(|_| is_solid),
        };
        if self.report_drawing(Some(fill), state).is_break() {
            return Ok(ControlFlow::Break(()));
        }
        match &paint.fill.pattern {
            Some(name) if O::TRACKS_PAINT && !state.is_hidden() => {
                self.execute_pattern(name, area, state)
            }
            _ => CONTINUE,
        }
    }

    fn report_image(
        &mut self,
        id: Option<ObjRef>,
        is_opaque: bool,
        state: &StreamState<'_, '_>,
    ) -> ControlFlow<()> {
        if state.is_hidden() {
            return ControlFlow::Continue(());
        }
        let graphics = &state.graphics;
        // An image fills the unit square of user space (ISO 32000-2, 8.9.3).
        let area = graphics.ctm.apply_to_area(Area::UNIT);
        self.observer.image(ImagePaint {
            area: area.intersect(graphics.clip),
            id,
            is_opaque: is_opaque
                && graphics.clip_is_exact
                && graphics.ctm.is_upright()
                && graphics.paint.fill_is_opaque(),
        })
    }

    fn invoke_x_object(&mut self, bytes: &[u8], state: &StreamState<'_, '_>) -> Flow {
        let Some(name) = state.operands.name(bytes) else {
            return CONTINUE;
        };
        let objects = &state.resources.x_objects;
        let Some(stream) = objects.get::<Stream<'_>>(&*name) else {
            return CONTINUE;
        };
        let dict = stream.dict();
        let is_hidden = self.workspace.layers.hides(dict, b"OC") || state.is_hidden();
        let subtype = dict.get::<Name<'_>>("Subtype");
        match subtype.as_deref() {
            Some(b"Image") if is_hidden => CONTINUE,
            Some(b"Image") => {
                let is_opaque = O::TRACKS_PAINT && image_is_opaque(dict);
                Ok(self.report_image(objects.get_ref(&*name), is_opaque, state))
            }
            Some(b"PS") => CONTINUE,
            // Only the text of a hidden form matters, and only to some observers.
            _ if is_hidden && !O::TRACKS_PAINT => CONTINUE,
            // As in viewers, a form without a subtype is executed too.
            _ => {
                let mut graphics = state.graphics.clone();
                graphics.is_hidden = is_hidden;
                self.execute_form(stream, state.resources, graphics)
            }
        }
    }

    /// Executes the cell of a tiling pattern once, where it fills the centre of an area
    /// (ISO 32000-2, 8.7.3).
    fn execute_pattern(&mut self, name: &[u8], area: Area, state: &StreamState<'_, '_>) -> Flow {
        let Some(cell) = state.resources.patterns.get::<Stream<'_>>(name) else {
            return CONTINUE;
        };
        if area.size() < MIN_PATTERN_AREA {
            return CONTINUE;
        }
        let dict = cell.dict();
        let mut graphics = state.graphics.clone();
        graphics.clip = area;
        graphics.is_pattern = true;
        graphics.paint.fill.pattern = None;
        let matrix = form_matrix(dict).then(state.initial_ctm);
        let step = |key| dict.get::<f32>(key).unwrap_or(0.0);
        let (x_step, y_step) = (step("XStep"), step("YStep"));
        let shift = form_box(dict).map_or((0.0, 0.0), |bbox| {
            let cell = matrix.apply_to_area(bbox);
            let steps = |distance: f32, step: f32| {
                let steps = (distance / step).round();
                if steps.is_finite() { steps } else { 0.0 }
            };
            let [a, _, _, d, ..] = matrix.0;
            (
                steps(area.center().0 - cell.center().0, a * x_step) * x_step,
                steps(area.center().1 - cell.center().1, d * y_step) * y_step,
            )
        });
        graphics.ctm = Matrix::translate(shift.0, shift.1).then(matrix);
        self.execute_stream(cell, state.resources, graphics)
    }

    /// Executes a form `XObject` or an appearance stream (ISO 32000-2, 8.10.1).
    ///
    /// # Errors
    ///
    /// Returns an error if the document's budget is exhausted.
    pub(in crate::pdf) fn run_form<'p>(
        &mut self,
        form: Stream<'p>,
        resources: &Resources<'p>,
        ctm: Matrix,
        clip: Area,
    ) -> Result<ControlFlow<()>, LimitHit> {
        self.execute_form(form, resources, GraphicsState::new(ctm, clip))
    }

    fn execute_form<'p>(
        &mut self,
        form: Stream<'p>,
        inherited: &Resources<'p>,
        mut graphics: GraphicsState,
    ) -> Flow {
        let dict = form.dict();
        graphics.ctm = form_matrix(dict).then(graphics.ctm);
        if dict.contains_key("Group") {
            graphics.paint.enter_group();
        }
        self.execute_stream(form, inherited, graphics)
    }

    /// Executes the stream of a form or pattern, clipped to its bounding box.
    fn execute_stream<'p>(
        &mut self,
        form: Stream<'p>,
        inherited: &Resources<'p>,
        mut graphics: GraphicsState,
    ) -> Flow {
        // Report nesting that is too deep as damage rather than fail: the rest is still readable.
        if self.form_depth >= self.budget.limits().form_depth {
            self.budget.record_damage(Damage::FormNesting);
            return CONTINUE;
        }
        self.budget.spend_form()?;
        let dict = form.dict();
        if let Some(bbox) = form_box(dict) {
            graphics.clip = graphics.clip.intersect(graphics.ctm.apply_to_area(bbox));
            graphics.clip_is_exact &= graphics.ctm.is_upright();
        }
        // A form without resources uses those of the stream that invokes it.
        let own = dict.get::<Dict<'p>>("Resources").map(Resources::new);
        self.form_depth += 1;
        let flow = self.run_streams(vec![form], own.as_ref().unwrap_or(inherited), graphics);
        self.form_depth -= 1;
        flow
    }

    /// Returns whether a marked-content sequence starts that belongs to a hidden layer.
    fn is_hidden_layer(&mut self, bytes: &[u8], state: &StreamState<'_, '_>) -> bool {
        if state.operands.name(bytes).as_deref() != Some(b"OC") {
            return false;
        }
        let Some(name) = state.operands.last_name(bytes) else {
            return false;
        };
        self.workspace
            .layers
            .hides(&state.resources.properties, &name)
    }

    /// Returns the offset behind inline image data (ISO 32000-2, 8.9.7).
    ///
    /// The data ends at an `EI` between white space if printable text follows, because the two
    /// letters can also occur in the data itself.
    fn skip_inline_image(
        &mut self,
        reader: &mut ContentReader<'_>,
        mut from: usize,
    ) -> Result<usize, LimitHit> {
        loop {
            let bytes = reader.bytes();
            let rest = bytes.get(from..).unwrap_or_default();
            for position in memchr::memmem::find_iter(rest, b"EI") {
                let start = from + position;
                let before = start.checked_sub(1).and_then(|index| bytes.get(index));
                let after_end = (start + 2 + INLINE_IMAGE_LOOKAHEAD).min(bytes.len());
                let after = bytes.get(start + 2..after_end).unwrap_or_default();
                let is_end = before.is_some_and(|byte| lexer::is_blank(*byte))
                    && after.first().is_none_or(|byte| lexer::is_blank(*byte))
                    && after
                        .iter()
                        .all(|byte| lexer::is_blank(*byte) || (0x20..0x7F).contains(byte));
                if is_end && (after.len() >= INLINE_IMAGE_LOOKAHEAD || reader.is_exhausted()) {
                    return Ok(start + 2);
                }
            }
            // `EI` and its lookahead may be cut by the end of the buffer: search its last bytes
            // again.
            from = from.max(bytes.len().saturating_sub(16));
            if !reader.fill(self.budget)? {
                return Ok(reader.bytes().len());
            }
        }
    }
}

/// Returns the matrix of a form or pattern.
fn form_matrix(dict: &Dict<'_>) -> Matrix {
    dict.get::<Array<'_>>("Matrix")
        .and_then(|matrix| <[f32; 6]>::try_from(matrix).ok())
        .map_or(Matrix::IDENTITY, Matrix)
}

/// Returns the bounding box of a form or pattern.
fn form_box(dict: &Dict<'_>) -> Option<Area> {
    let bbox = dict.get::<Array<'_>>("BBox")?;
    let [x0, y0, x1, y1] = <[f32; 4]>::try_from(bbox).ok()?;
    Some(Area::EMPTY.extended_to(x0, y0).extended_to(x1, y1))
}

/// Returns the offset behind the operator `Tj` at an offset, if the token before it is its string
/// and the only operand.
fn end_of_show(
    bytes: &[u8],
    kind: TokenKind,
    offset: usize,
    state: &StreamState<'_, '_>,
) -> Option<usize> {
    let is_string = matches!(
        kind,
        TokenKind::Literal | TokenKind::PlainLiteral | TokenKind::Hex
    );
    let is_single = is_string && state.operands.are_empty() && !state.in_inline_image;
    is_single
        .then(|| lexer::operator_end(bytes, offset, *b"Tj"))
        .flatten()
}

/// Returns whether an image paints all of its area (ISO 32000-2, 8.9.5 and 8.9.6).
fn image_is_opaque(dict: &Dict<'_>) -> bool {
    let has_mask = dict.get::<bool>("ImageMask") == Some(true)
        || dict.contains_key("SMask")
        || dict.contains_key("Mask")
        || dict.get::<i32>("SMaskInData").unwrap_or(0) != 0;
    !has_mask
}
