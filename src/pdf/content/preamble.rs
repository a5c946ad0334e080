//! Skips what programs repeat before every string that they show.
//!
//! Many programs write `ET BT /F1 8 Tf` between all strings of a page. Executing the same bytes in
//! the same stream has the same result each time, so it is kept and applied as a whole.

use super::font::Font;
use super::lexer::is_blank;
use super::state::{StreamState, TextObject};
use std::ops::Range;
use std::rc::Rc;

/// Bytes between two strings that are compared. More are not usual before a font is selected.
const MAX_BYTES: usize = 64;

/// The operators between a shown string and the next selection of a font, and their result.
///
/// The operators only end and begin text and select fonts: their result does not depend on the
/// state before them.
#[derive(Debug, Default)]
pub(super) struct Preamble {
    /// From behind the string to behind the last operator.
    bytes: Vec<u8>,
    operators: u64,
    begins_text: bool,
    /// `None` until a font was selected.
    font: Option<(Rc<Font>, f32)>,
    /// The operators since the last string, if a preamble could still follow.
    pending: Option<Pending>,
}

/// The operators since a shown string, as far as they can be part of a preamble.
#[derive(Debug, Clone, Copy)]
struct Pending {
    /// The offset behind the string.
    start: usize,
    operators: u64,
    begins_text: bool,
}

impl Preamble {
    /// Notes an operator, at a range of the bytes, that was executed.
    pub(super) fn add(
        &mut self,
        bytes: &[u8],
        operator: &Range<usize>,
        state: &StreamState<'_, '_>,
    ) {
        let own = bytes.get(operator.clone()).unwrap_or_default();
        if matches!(own, b"Tj" | b"TJ" | b"'" | b"\"") && !state.in_inline_image {
            return self.add_shown(operator.end);
        }
        let Some(pending) = &mut self.pending else {
            return;
        };
        pending.operators += 1;
        match own {
            b"ET" => {}
            b"BT" => pending.begins_text = true,
            b"Tf" if state.operands.written_name(bytes).is_some() => {
                let found = bytes.get(pending.start..operator.end);
                let font = state.graphics.text.font.clone();
                if let Some(found) = found.filter(|found| found.len() <= MAX_BYTES)
                    && let Some(font) = font
                {
                    self.bytes.clear();
                    self.bytes.extend_from_slice(found);
                    self.font = Some((font, state.graphics.text.size));
                    (self.operators, self.begins_text) = (pending.operators, pending.begins_text);
                }
                self.pending = None;
            }
            _ => self.pending = None,
        }
    }

    /// Notes that the operator before an offset has shown a string.
    pub(super) fn add_shown(&mut self, end: usize) {
        self.pending = Some(Pending {
            start: end,
            operators: 0,
            begins_text: false,
        });
    }

    /// Whether the last operator has shown a string, so that the preamble can follow.
    pub(super) fn can_follow(&self) -> bool {
        let pending = self.pending.as_ref();
        pending.is_some_and(|pending| pending.operators == 0) && self.font.is_some()
    }

    /// Applies the preamble if the bytes behind a shown string, at an offset, are the same again.
    ///
    /// Returns the offset behind them and the number of operators.
    pub(super) fn apply(
        &mut self,
        bytes: &[u8],
        start: usize,
        state: &mut StreamState<'_, '_>,
    ) -> Option<(usize, u64)> {
        let (font, size) = self.font.as_ref()?;
        let behind = bytes.get(start..)?.strip_prefix(&*self.bytes)?;
        if !is_blank(*behind.first()?) {
            return None;
        }
        self.pending = None;
        if self.begins_text {
            state.text = TextObject::START;
        }
        let text = &mut state.graphics.text;
        text.size = *size;
        // Almost always, it is selected already.
        if !text.font.as_ref().is_some_and(|own| Rc::ptr_eq(own, font)) {
            text.font = Some(Rc::clone(font));
        }
        Some((start + self.bytes.len(), self.operators))
    }

    /// Forgets the operators since the last string, because their bytes are not in the buffer any
    /// more or another operator follows.
    pub(super) fn discard(&mut self) {
        self.pending = None;
    }
}

#[cfg(test)]
mod tests {
    use super::super::observer::{Fill, GlyphStyle, ImagePaint, Observer};
    use super::super::{Area, Glyph, Interpreter, Matrix, Workspace};
    use crate::pdf::limits::{Budget, Limits};
    use crate::pdf::structure;
    use hayro_syntax::Pdf;
    use std::ops::ControlFlow;
    use std::time::Duration;

    /// Describes the glyphs: font, size and origin.
    #[derive(Default)]
    struct Shown {
        style: String,
        glyphs: Vec<String>,
    }

    impl Observer for Shown {
        const INITIAL_CHUNK_BYTES: usize = 1 << 10;
        const TRACKS_PAINT: bool = false;

        fn style(&mut self, style: GlyphStyle) {
            self.style = format!("font {}, size {}", style.font.id, style.matrix.0[3]);
        }

        fn glyph(&mut self, _: &Glyph, (x, y): (f32, f32)) -> ControlFlow<()> {
            self.glyphs.push(format!("{} at {x} {y}", self.style));
            ControlFlow::Continue(())
        }

        fn image(&mut self, _: ImagePaint) -> ControlFlow<()> {
            ControlFlow::Continue(())
        }

        fn drawing(&mut self, _: Option<Fill>) -> ControlFlow<()> {
            ControlFlow::Continue(())
        }
    }

    fn glyphs(content: &str, operators: u64) -> Option<Vec<String>> {
        let file = format!(
            "%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n\
             2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n\
             3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R\
             /Resources<</Font<</F 5 0 R/G 6 0 R>>>>>>endobj\n\
             5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n\
             6 0 obj<</Type/Font/Subtype/Type1/BaseFont/Courier>>endobj\n\
             4 0 obj<</Length {}>>stream\n{content}\nendstream endobj\n\
             trailer<</Root 1 0 R/Size 7>>\n",
            content.len()
        );
        let pdf = Pdf::new(file.into_bytes()).unwrap();
        let page = &pdf.pages()[0];
        let limits = Limits {
            operators,
            ..Limits::default()
        };
        let mut budget = Budget::new(&limits, &|| Duration::ZERO);
        let (mut workspace, mut shown) = (Workspace::default(), Shown::default());
        let streams = structure::contents(page).streams;
        let outcome = Interpreter::new(&mut workspace, &mut budget, &mut shown).run(
            streams,
            page.resources(),
            Matrix::IDENTITY,
            Area::PAGE,
        );
        outcome.is_ok().then_some(shown.glyphs)
    }

    /// Repeats what is between two strings with the same blanks, or with more each time.
    fn page(are_equal: bool) -> String {
        let between = [
            "ET BT /F 8 Tf",
            "ET BT /F 8 Tf",
            "ET BT /G 9 Tf",
            "ET BT /G 9 Tf",
            "ET BT /F 8 Tf",
            "/G 8 Tf",
            "/G 8 Tf",
            "ET q BT /F 8 Tf",
            "ET BT 7 Tf",
            "ET BT 7 Tf",
            "ET BT /F 8 Tf 1 0 0 1",
            "ET BT /F 8 Tf 1 0 0 1",
        ];
        let mut content = "BT /F 8 Tf 1 0 0 1 10 700 Tm (a) Tj".to_owned();
        for (index, between) in between.into_iter().enumerate() {
            let blanks = if are_equal { 1 } else { index + 1 };
            let place = if between.ends_with("1 0 0 1") {
                "30 600 Tm"
            } else {
                "5 20 Td"
            };
            content.push_str(&" ".repeat(blanks));
            content.push_str(&[between, place, "(b) Tj"].join(" "));
        }
        content + " ET"
    }

    #[test]
    fn repeated_operators_have_the_same_result_as_different_ones() {
        let (equal, different) = (page(true), page(false));
        assert_eq!(glyphs(&equal, 1000), glyphs(&different, 1000));
        assert_eq!(glyphs(&equal, 1000).unwrap().len(), 13);
        // They are counted, too.
        let enough = (0..1000).find(|limit| glyphs(&equal, *limit).is_some());
        assert_eq!(
            enough,
            (0..1000).find(|limit| glyphs(&different, *limit).is_some())
        );
    }
}
