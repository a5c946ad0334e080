//! Shows strings: cuts them into codes and finds the place of every glyph (ISO 32000-2, 9.4.4).

use super::font::{Code, Codes, Font};
use super::interpreter::{Flow, Interpreter, ON};
use super::lexer;
use super::matrix::Matrix;
use super::operands::Shown;
use super::run::Run;
use super::{Observer, Style};
use std::ops::ControlFlow;

/// Codes of a shown string that cost about as much as an operator.
const CODES_PER_OPERATOR: u64 = 8;
/// Bytes of a shown string between two looks at the clock. Even, as most codes have two bytes.
const CODES_A_LOOK: usize = 1 << 14;

impl<O: Observer> Interpreter<'_, '_, '_, O> {
    /// `Tj`, `TJ` and their like: shows the strings among the operands.
    pub(super) fn show(&mut self, bytes: &[u8], run: &mut Run<'_, '_>) -> Flow {
        let Some(font) = run.state.text.font.clone() else {
            return ON;
        };
        let mut shown = std::mem::take(&mut run.shown);
        let items = std::mem::take(&mut run.operands.shown);
        for item in &items {
            match item {
                Shown::Adjust(thousandths) => {
                    let text = &run.state.text;
                    let x = -thousandths / 1000.0 * text.size * text.horizontal_scale;
                    run.text.matrix = run.text.matrix.moved(x, 0.0);
                }
                Shown::String(kind, range) => {
                    shown.clear();
                    let token = bytes.get(range.clone()).unwrap_or_default();
                    lexer::unescape(*kind, token, &mut shown);
                    for piece in shown.chunks(CODES_A_LOOK) {
                        self.budget
                            .spend_operators(piece.len() as u64 / CODES_PER_OPERATOR)?;
                        if shown.len() > CODES_A_LOOK {
                            self.budget.check_time()?;
                        }
                        if self.show_string(&font, piece, run).is_break() {
                            return Ok(ControlFlow::Break(()));
                        }
                    }
                }
            }
        }
        (run.operands.shown, run.shown) = (items, shown);
        ON
    }

    fn show_string(&mut self, font: &Font, shown: &[u8], run: &mut Run<'_, '_>) -> ControlFlow<()> {
        match font.codes(shown) {
            Codes::Bytes(bytes) => {
                let codes = bytes.iter().map(|byte| Code::of_byte(*byte));
                self.show_codes(font, codes, run)
            }
            Codes::Pairs(bytes) => self.show_codes(font, bytes.chunks(2).map(Code::of_pair), run),
            Codes::Mapped(codes) => self.show_codes(font, codes, run),
        }
    }

    fn show_codes(
        &mut self,
        font: &Font,
        codes: impl Iterator<Item = Code>,
        run: &mut Run<'_, '_>,
    ) -> ControlFlow<()> {
        let text = &run.state.text;
        let scale = Matrix([
            text.size * text.horizontal_scale,
            0.0,
            0.0,
            text.size,
            0.0,
            text.rise,
        ]);
        // Along a string only the place changes.
        let ctm = run.state.ctm;
        let [.., rise_x, rise_y] = scale.then(run.text.matrix.at(0.0, 0.0)).0;
        let [along_x, along_y, .., mut x, mut y] = run.text.matrix.0;
        let shows = run.hidden == 0;
        if shows {
            self.observer.style(Style {
                matrix: scale.then(run.text.matrix).then(ctm),
                visible: text.is_visible(),
            });
        }
        let mut flow = ControlFlow::Continue(());
        for code in codes {
            let mut slot = None;
            let sign = font.sign(code, &mut slot);
            if shows {
                let origin = ctm.apply(rise_x + x, rise_y + y);
                flow = self.observer.glyph(sign, origin);
                if flow.is_break() {
                    break;
                }
            }
            let mut step = sign.advance * text.size + text.char_spacing;
            if code.is_word_space() {
                step += text.word_spacing;
            }
            let step = step * text.horizontal_scale;
            (x, y) = (along_x * step + x, along_y * step + y);
        }
        run.text.matrix = run.text.matrix.at(x, y);
        flow
    }
}
