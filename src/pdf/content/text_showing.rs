//! Text-showing operators: splits strings into codes and positions each glyph (ISO 32000-2, 9.4.4).

use super::font::{CharCode, CharCodes, Font, Glyph, StatedGlyph};
use super::interpreter::{CONTINUE, Flow, Interpreter};
use super::lexer::{self, TokenKind};
use super::matrix::Matrix;
use super::observer::{GlyphStyle, LevelGlyph, Observer};
use super::operands::ShownItem;
use super::state::{StreamState, TextState};
use std::ops::ControlFlow;

/// Bytes of a shown string that cost about as much as one operator.
const BYTES_PER_OPERATOR: u64 = 8;
/// Bytes of a shown string between two checks of the time budget.
///
/// Even, so that no two-byte code is split.
const BYTES_PER_TIME_CHECK: usize = 1 << 14;

impl<O: Observer> Interpreter<'_, '_, '_, O> {
    /// Executes a text-showing operator on the strings among the operands.
    pub(super) fn show_text(&mut self, bytes: &[u8], state: &mut StreamState<'_, '_>) -> Flow {
        let Some(font) = state.graphics.text.font.clone() else {
            return CONTINUE;
        };
        // Viewers do not copy the text of patterns.
        if state.graphics.is_pattern {
            return CONTINUE;
        }
        let mut buffer = std::mem::take(&mut state.string_buffer);
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
                    let string = if *kind == TokenKind::PlainLiteral {
                        token
                    } else {
                        buffer.clear();
                        lexer::unescape(*kind, token, &mut buffer);
                        &buffer
                    };
                    for chunk in string.chunks(BYTES_PER_TIME_CHECK) {
                        self.budget
                            .spend_operators(chunk.len() as u64 / BYTES_PER_OPERATOR)?;
                        if string.len() > BYTES_PER_TIME_CHECK {
                            self.budget.check_time()?;
                        }
                        if self.show_string(&font, chunk, state).is_break() {
                            return Ok(ControlFlow::Break(()));
                        }
                    }
                }
            }
        }
        (state.operands.shown, state.string_buffer) = (items, buffer);
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
        let pen = Pen::new(text, state.text.matrix, ctm);
        // Hidden text still moves the text position.
        let ((x, y), flow) = if state.is_hidden() {
            self.observer.hidden_text();
            (skip_glyphs(font, codes, pen), ControlFlow::Continue(()))
        } else {
            // The glyphs of Type 3 fonts can have colours of their own.
            let has_colour = O::TRACKS_PAINT && !font.is_type3();
            self.observer.style(GlyphStyle {
                matrix: scale.then(state.text.matrix).then(ctm),
                visibility: state.graphics.text_visibility(),
                colour: if has_colour {
                    state.graphics.text_colour()
                } else {
                    None
                },
                clip: state.graphics.clip,
                font: font.facts(),
            });
            draw_glyphs(font, codes, pen, self.observer)
        };
        state.text.matrix = state.text.matrix.with_origin(x, y);
        flow
    }
}

/// The position of the next glyph of a string.
///
/// Within a string only the origin changes, so everything else is computed once.
#[derive(Clone, Copy)]
struct Pen {
    /// The origin in text space, without the rise.
    x: f32,
    y: f32,
    /// The direction of the text, per unit of advance.
    along: (f32, f32),
    rise: (f32, f32),
    ctm: Matrix,
    size: f32,
    char_spacing: f32,
    word_spacing: f32,
    horizontal_scale: f32,
}

impl Pen {
    fn new(text: &TextState, matrix: Matrix, ctm: Matrix) -> Self {
        let [along_x, along_y, up_x, up_y, x, y] = matrix.0;
        Self {
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

    /// Returns the origin of the glyph on the page.
    fn origin(&self) -> (f32, f32) {
        let (rise_x, rise_y) = self.rise;
        self.ctm.apply(rise_x + self.x, rise_y + self.y)
    }

    /// Whether all glyphs of the string have the same baseline, in parallel to the page's edge.
    fn is_level(&self) -> bool {
        let [_, b, ..] = self.ctm.0;
        self.along.1 == 0.0 && b == 0.0
    }

    /// Returns the distance to the next glyph, per unit of direction.
    fn distance(&self, code: CharCode, advance: f32) -> f32 {
        let mut advance = advance * self.size + self.char_spacing;
        if code.is_word_space() {
            advance += self.word_spacing;
        }
        advance * self.horizontal_scale
    }

    /// Moves behind a glyph.
    fn advance(&mut self, code: CharCode, glyph: &Glyph) {
        let distance = self.distance(code, glyph.advance);
        self.x += self.along.0 * distance;
        self.y += self.along.1 * distance;
    }

    /// Moves behind a glyph of a string that [is level](Self::is_level).
    fn advance_level(&mut self, code: CharCode, glyph: StatedGlyph) {
        self.x += self.along.0 * self.distance(code, glyph.advance);
    }
}

/// Reports the glyphs of a string; returns the position behind them.
///
/// A function of its own, called once a string: within the interpreter's loop over operators, the
/// compiler keeps what changes with each glyph on the stack.
#[inline(never)]
fn draw_glyphs<O: Observer>(
    font: &Font,
    mut codes: impl Iterator<Item = CharCode>,
    mut pen: Pen,
    observer: &mut O,
) -> ((f32, f32), ControlFlow<()>) {
    let mut uncached = None;
    if pen.is_level() {
        let (_, y) = pen.origin();
        loop {
            let mut level = LevelGlyphs {
                font,
                codes: &mut codes,
                pen,
                other: None,
            };
            let flow = observer.level_glyphs(&mut level, y);
            let other = level.other;
            pen = level.pen;
            if flow.is_break() {
                return ((pen.x, pen.y), flow);
            }
            let Some(code) = other else { break };
            let glyph = font.glyph(code, &mut uncached);
            if observer.glyph(glyph, pen.origin()).is_break() {
                return ((pen.x, pen.y), ControlFlow::Break(()));
            }
            pen.advance(code, glyph);
        }
    }
    let flow = codes.try_for_each(|code| {
        let glyph = font.glyph(code, &mut uncached);
        observer.glyph(glyph, pen.origin())?;
        pen.advance(code, glyph);
        ControlFlow::Continue(())
    });
    ((pen.x, pen.y), flow)
}

/// The next glyphs of a string on a level baseline that are one character each.
///
/// Almost all text consists of such glyphs, and without the others the loop over them has no call.
struct LevelGlyphs<'f, 'c, C> {
    font: &'f Font,
    codes: &'c mut C,
    /// A copy, which the compiler keeps in registers.
    pen: Pen,
    /// The code of the first other glyph. It ends the iteration.
    other: Option<CharCode>,
}

impl<C: Iterator<Item = CharCode>> Iterator for LevelGlyphs<'_, '_, C> {
    type Item = LevelGlyph;

    #[expect(clippy::inline_always, reason = "called for every glyph of every page")]
    #[inline(always)]
    fn next(&mut self) -> Option<LevelGlyph> {
        if self.other.is_some() {
            return None;
        }
        let code = self.codes.next()?;
        let Some(glyph) = self.font.known_glyph(code) else {
            self.other = Some(code);
            return None;
        };
        let x = self.pen.origin().0;
        self.pen.advance_level(code, glyph);
        Some(LevelGlyph { glyph, x })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, self.codes.size_hint().1)
    }
}

/// Returns the position behind the glyphs of a hidden string.
fn skip_glyphs(font: &Font, codes: impl Iterator<Item = CharCode>, mut pen: Pen) -> (f32, f32) {
    let mut uncached = None;
    for code in codes {
        pen.advance(code, font.glyph(code, &mut uncached));
    }
    (pen.x, pen.y)
}
