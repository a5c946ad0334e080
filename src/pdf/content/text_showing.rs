//! Text-showing operators: splits strings into codes and positions each glyph (ISO 32000-2, 9.4.4).

use super::font::{CharCode, CharCodes, Font};
use super::interpreter::{CONTINUE, Flow, Interpreter};
use super::lexer;
use super::matrix::Matrix;
use super::observer::{GlyphStyle, Observer};
use super::operands::ShownItem;
use super::state::StreamState;
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
        let mut string = std::mem::take(&mut state.string_buffer);
        let items = std::mem::take(&mut state.operands.shown);
        for item in &items {
            match item {
                ShownItem::Adjust(thousandths) => {
                    let text = &state.graphics.text;
                    let x = -thousandths / 1000.0 * text.size * text.horizontal_scale;
                    state.text.matrix = state.text.matrix.translated(x, 0.0);
                }
                ShownItem::String(kind, range) => {
                    string.clear();
                    let token = bytes.get(range.clone()).unwrap_or_default();
                    lexer::unescape(*kind, token, &mut string);
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
        (state.operands.shown, state.string_buffer) = (items, string);
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
                let codes = bytes.chunks(2).map(CharCode::from_pair);
                self.show_codes(font, codes, state)
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
        // Within a string only the origin changes, so everything else is computed once.
        let ctm = state.graphics.ctm;
        let [.., rise_x, rise_y] = scale.then(state.text.matrix.with_origin(0.0, 0.0)).0;
        let [along_x, along_y, .., mut x, mut y] = state.text.matrix.0;
        // Hidden text still moves the text position.
        let is_shown = !state.is_hidden();
        if is_shown {
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
        } else {
            self.observer.hidden_text();
        }
        let mut flow = ControlFlow::Continue(());
        for code in codes {
            let mut uncached = None;
            let glyph = font.glyph(code, &mut uncached);
            if is_shown {
                let origin = ctm.apply(rise_x + x, rise_y + y);
                flow = self.observer.glyph(glyph, origin);
                if flow.is_break() {
                    break;
                }
            }
            let mut advance = glyph.advance * text.size + text.char_spacing;
            if code.is_word_space() {
                advance += text.word_spacing;
            }
            let advance = advance * text.horizontal_scale;
            (x, y) = (along_x * advance + x, along_y * advance + y);
        }
        state.text.matrix = state.text.matrix.with_origin(x, y);
        flow
    }
}
