//! Text-showing operators: splits strings into codes and positions each glyph (ISO 32000-2, 9.4.4).

use super::char_code::CharCode;
use super::font::{CharCodes, Font};
use super::interpreter::{CONTINUE, Flow, Interpreter};
use super::level::End;
use super::lexer::{self, TokenKind};
use super::matrix::Matrix;
use super::observer::{GlyphStyle, Observer};
use super::operands::ShownItem;
use super::pen::Pen;
use super::state::{StreamState, TextState};
use std::ops::ControlFlow;
use std::rc::Rc;

/// Bytes of a shown string that cost about as much as one operator.
const BYTES_PER_OPERATOR: u64 = 8;
/// Bytes of a shown string between two checks of the time budget.
///
/// Even, so that no two-byte code is split.
const BYTES_PER_TIME_CHECK: usize = 1 << 14;

impl<O: Observer> Interpreter<'_, '_, '_, O> {
    /// Executes a text-showing operator on the strings among the operands.
    pub(super) fn show_text(&mut self, bytes: &[u8], state: &mut StreamState<'_, '_>) -> Flow {
        let Some(font) = shown_font(state) else {
            return CONTINUE;
        };
        let items = std::mem::take(&mut state.operands.shown);
        for item in &items {
            match item {
                ShownItem::Adjust(thousandths) => {
                    let text = &state.graphics.text;
                    let x = -thousandths / 1000.0 * text.size * text.horizontal_scale;
                    state.text.matrix = state.text.matrix.translated(x, 0.0);
                }
                ShownItem::String(kind, range) => {
                    let token = bytes.get(range.clone()).unwrap_or_default();
                    if self.show_token(&font, *kind, token, state)?.is_break() {
                        return Ok(ControlFlow::Break(()));
                    }
                }
            }
        }
        state.operands.shown = items;
        CONTINUE
    }

    /// Shows a string that is the only operand of its operator: see [`Self::show_text`].
    pub(super) fn show_single(
        &mut self,
        kind: TokenKind,
        token: &[u8],
        state: &mut StreamState<'_, '_>,
    ) -> Flow {
        match shown_font(state) {
            Some(font) => self.show_token(&font, kind, token, state),
            None => CONTINUE,
        }
    }

    /// Shows a string as the stream writes it.
    fn show_token(
        &mut self,
        font: &Font,
        kind: TokenKind,
        token: &[u8],
        state: &mut StreamState<'_, '_>,
    ) -> Flow {
        if kind == TokenKind::PlainLiteral {
            return self.show_chunks(font, token, state);
        }
        let mut buffer = std::mem::take(&mut state.string_buffer);
        buffer.clear();
        lexer::unescape(kind, token, &mut buffer);
        let flow = self.show_chunks(font, &buffer, state);
        state.string_buffer = buffer;
        flow
    }

    fn show_chunks(&mut self, font: &Font, string: &[u8], state: &mut StreamState<'_, '_>) -> Flow {
        for chunk in string.chunks(BYTES_PER_TIME_CHECK) {
            self.budget
                .spend_operators(chunk.len() as u64 / BYTES_PER_OPERATOR)?;
            if string.len() > BYTES_PER_TIME_CHECK {
                self.budget.check_time()?;
            }
            if self.show_string(font, chunk, state).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        CONTINUE
    }

    fn show_string(
        &mut self,
        font: &Font,
        string: &[u8],
        state: &mut StreamState<'_, '_>,
    ) -> ControlFlow<()> {
        match font.codes(string) {
            CharCodes::Bytes(bytes) => {
                let codes = bytes.iter().map(|byte| CharCode::from_byte(*byte));
                self.show_codes(font, codes, state)
            }
            CharCodes::Pairs(bytes) => {
                let (pairs, rest) = bytes.as_chunks();
                self.show_codes(font, pairs.iter().copied().map(CharCode::from_pair), state)?;
                let [byte] = rest else {
                    return ControlFlow::Continue(());
                };
                // A byte that is missing at the end of a string counts as zero.
                let last = [[*byte, 0]];
                self.show_codes(font, last.iter().copied().map(CharCode::from_pair), state)
            }
            CharCodes::Mapped(codes) => self.show_codes(font, codes, state),
        }
    }

    fn show_codes(
        &mut self,
        font: &Font,
        codes: impl Iterator<Item = CharCode>,
        state: &mut StreamState<'_, '_>,
    ) -> ControlFlow<()> {
        let text = &state.graphics.text;
        let scale = Matrix([
            text.size * text.horizontal_scale,
            0.0,
            0.0,
            text.size,
            0.0,
            text.rise,
        ]);
        let ctm = state.graphics.ctm;
        let pen = pen_at(text, state.text.matrix, ctm);
        // Hidden text still moves the text position.
        let ((x, y), flow) = if state.is_hidden() {
            self.observer.hidden_text();
            (skip_glyphs(font, codes, pen), ControlFlow::Continue(()))
        } else {
            // The glyphs of Type 3 fonts can have colours of their own.
            let has_colour = O::TRACKS_PAINT && !font.is_type3();
            let matrix = scale.then(state.text.matrix).then(ctm);
            self.observer.style(GlyphStyle {
                matrix,
                visibility: state.graphics.text_visibility(),
                colour: if has_colour {
                    state.graphics.text_colour()
                } else {
                    None
                },
                clip: state.graphics.clip,
                font: font.facts(),
            });
            draw_glyphs(font, codes, pen, matrix, self.observer)
        };
        state.text.matrix = state.text.matrix.with_origin(x, y);
        flow
    }
}

/// Returns the font of the text that an operator shows; `None` if it shows nothing.
fn shown_font(state: &StreamState<'_, '_>) -> Option<Rc<Font>> {
    // Viewers do not copy the text of patterns.
    let font = state.graphics.text.font.as_ref();
    font.filter(|_| !state.graphics.is_pattern).map(Rc::clone)
}

/// Returns the position of the first glyph of a string.
fn pen_at(text: &TextState, matrix: Matrix, ctm: Matrix) -> Pen {
    let [along_x, along_y, up_x, up_y, x, y] = matrix.0;
    Pen {
        x,
        y,
        along: (along_x, along_y),
        rise: (text.rise * up_x, text.rise * up_y),
        ctm,
        size: text.size,
        char_spacing: text.char_spacing,
        word_spacing: text.word_spacing,
        horizontal_scale: text.horizontal_scale,
    }
}

/// Reports the glyphs of a string; returns the position behind them.
///
/// `matrix` maps glyph space to the page. A function of its own, called once a string: within the
/// interpreter's loop over operators, the compiler keeps what changes with each glyph on the stack.
#[inline(never)]
fn draw_glyphs<O: Observer>(
    font: &Font,
    mut codes: impl Iterator<Item = CharCode>,
    mut pen: Pen,
    matrix: Matrix,
    observer: &mut O,
) -> ((f32, f32), ControlFlow<()>) {
    let mut uncached = None;
    let [em, ..] = matrix.0;
    let is_level = O::TAKES_LEVEL_GLYPHS && pen.is_level();
    let advances = is_level.then(|| font.advances(pen.level_state(em)));
    if let Some(mut advances) = advances.flatten() {
        let (_, y) = pen.origin();
        loop {
            let (placed, end) = advances.place(|code| font.stated(code), &mut codes, &mut pen);
            if let Some(glyphs) = placed
                && observer.level_glyphs(&glyphs, y).is_break()
            {
                return ((pen.x, pen.y), ControlFlow::Break(()));
            }
            match end {
                End::Full => {}
                End::String => return ((pen.x, pen.y), ControlFlow::Continue(())),
                End::Other(code) => {
                    let glyph = font.glyph(code, &mut uncached);
                    if observer.glyph(glyph, pen.origin()).is_break() {
                        return ((pen.x, pen.y), ControlFlow::Break(()));
                    }
                    pen.advance(code, glyph.advance);
                }
            }
        }
    }
    let flow = codes.try_for_each(|code| {
        let glyph = font.glyph(code, &mut uncached);
        observer.glyph(glyph, pen.origin())?;
        pen.advance(code, glyph.advance);
        ControlFlow::Continue(())
    });
    ((pen.x, pen.y), flow)
}

/// Returns the position behind the glyphs of a hidden string.
fn skip_glyphs(font: &Font, codes: impl Iterator<Item = CharCode>, mut pen: Pen) -> (f32, f32) {
    let mut uncached = None;
    for code in codes {
        pen.advance(code, font.glyph(code, &mut uncached).advance);
    }
    (pen.x, pen.y)
}
