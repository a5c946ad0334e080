//! Places the glyphs of strings on a level baseline, by a table of their advances.
//!
//! Almost all text is level, and a few fonts in a few sizes show all text of a document. What a
//! glyph adds to the position thus is in a table, and the loop over all glyphs of all pages only
//! adds it up.

use super::char_code::CharCode;
use super::pen::Pen;

/// Glyphs that are placed at once.
const MAX_GLYPHS: usize = 64;
/// Codes in a table: those of a one-byte font.
const CODES: usize = 256;

/// A character and its extent along the baseline, in points.
#[derive(Debug, Clone, Copy)]
pub(in crate::pdf) struct PositionedGlyph {
    pub(in crate::pdf) character: char,
    pub(in crate::pdf) x0: f32,
    /// At least `x0`, if the text runs rightward.
    pub(in crate::pdf) x1: f32,
}

impl PositionedGlyph {
    pub(in crate::pdf) const EMPTY: Self = Self {
        character: '\0',
        x0: 0.0,
        x1: 0.0,
    };
}

/// Consecutive glyphs of one string on a baseline in parallel to the upper edge of the page. The
/// font dictionary states that each is one character.
#[derive(Debug)]
pub(in crate::pdf) struct LevelGlyphs<'g> {
    /// Not empty.
    pub(in crate::pdf) glyphs: &'g [PositionedGlyph],
    /// Whether no glyph begins before the one before or ends before its beginning, and all
    /// positions are finite.
    pub(in crate::pdf) are_ordered: bool,
    /// Whether all characters are ASCII.
    pub(in crate::pdf) are_ascii: bool,
}

impl<'g> LevelGlyphs<'g> {
    /// Describes glyphs of which nothing is known.
    pub(in crate::pdf) fn new(glyphs: &'g [PositionedGlyph]) -> Self {
        let is_ordered = |glyph: &PositionedGlyph| glyph.x0 <= glyph.x1 && glyph.x1.is_finite();
        Self {
            glyphs,
            are_ordered: glyphs.iter().all(is_ordered)
                && glyphs.is_sorted_by(|before, glyph| before.x0 <= glyph.x0)
                && glyphs.first().is_some_and(|first| first.x0.is_finite()),
            are_ascii: glyphs.iter().all(|glyph| glyph.character.is_ascii()),
        }
    }
}

/// The part of the graphics state on which the advances of a font's glyphs depend.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct LevelState {
    pub(super) size: f32,
    pub(super) char_spacing: f32,
    pub(super) word_spacing: f32,
    pub(super) horizontal_scale: f32,
    /// The direction of the text, per unit of advance.
    pub(super) along: f32,
    /// The length of an em on the page.
    pub(super) em: f32,
}

/// What a glyph adds to the position.
#[derive(Debug, Clone, Copy)]
struct Advance {
    /// [`char::MIN`] if the code was not used yet.
    character: char,
    /// The distance to the next glyph in text space.
    step: f32,
    /// The width on the page.
    width: f32,
}

const UNUSED: Advance = Advance {
    character: char::MIN,
    step: 0.0,
    width: 0.0,
};

/// The advances of the glyphs of one font in one text state, filled on first use.
#[derive(Debug)]
pub(super) struct AdvanceTable {
    advances: Advances,
    glyphs: [PositionedGlyph; MAX_GLYPHS],
}

#[derive(Debug)]
struct Advances {
    state: LevelState,
    /// Indexed by code.
    by_code: [Advance; CODES],
    /// The greatest width; infinite if a glyph moves backwards.
    max_width: f32,
    are_ascii: bool,
}

/// Why no more glyphs were placed.
#[derive(Debug, Clone, Copy)]
pub(super) enum End {
    /// The string has ended.
    String,
    /// Enough are placed at once.
    Full,
    /// The next code is not one character that the font dictionary states.
    Other(CharCode),
}

impl AdvanceTable {
    pub(super) fn new(state: LevelState) -> Self {
        Self {
            advances: Advances::new(state),
            glyphs: [PositionedGlyph::EMPTY; MAX_GLYPHS],
        }
    }

    /// Discards the advances if they are those of another text state.
    pub(super) fn prepare(&mut self, state: LevelState) {
        if self.advances.state != state {
            self.advances = Advances::new(state);
        }
    }

    /// Places the next glyphs, and moves the pen behind them. Also returns why it ended.
    ///
    /// `glyph_of` returns the character and the advance width of a code, if the font dictionary
    /// states that it is one character.
    #[inline]
    pub(super) fn place(
        &mut self,
        glyph_of: impl Fn(CharCode) -> Option<(char, f32)>,
        codes: &mut impl Iterator<Item = CharCode>,
        pen: &mut Pen,
    ) -> (Option<LevelGlyphs<'_>>, End) {
        let Self { advances, glyphs } = self;
        // A copy, which the compiler keeps in registers.
        let mut moving = *pen;
        let (mut count, mut end) = (0, None);
        for (glyph, code) in glyphs.iter_mut().zip(codes) {
            let Some(advance) = advances.get(&glyph_of, code, pen) else {
                end = Some(End::Other(code));
                break;
            };
            let x0 = moving.origin().0;
            *glyph = PositionedGlyph {
                character: advance.character,
                x0,
                x1: advance.width + x0,
            };
            moving.x += advance.step;
            count += 1;
        }
        *pen = moving;
        let placed = glyphs.get(..count).unwrap_or_default();
        let last = placed.last();
        let placed_all = if count < MAX_GLYPHS {
            End::String
        } else {
            End::Full
        };
        let placed = last.map(|last| advances.describe(placed, last, pen));
        (placed, end.unwrap_or(placed_all))
    }
}

impl Advances {
    fn new(state: LevelState) -> Self {
        Self {
            state,
            by_code: [UNUSED; CODES],
            max_width: 0.0,
            are_ascii: true,
        }
    }

    #[expect(clippy::inline_always, reason = "called for every glyph of every page")]
    #[inline(always)]
    fn get(
        &mut self,
        glyph_of: impl Fn(CharCode) -> Option<(char, f32)>,
        code: CharCode,
        pen: &Pen,
    ) -> Option<Advance> {
        let advance = *self.by_code.get(code.value as usize)?;
        if advance.character == UNUSED.character {
            return self.resolve(glyph_of(code)?, code, pen);
        }
        Some(advance)
    }

    #[cold]
    #[inline(never)]
    fn resolve(
        &mut self,
        (character, width): (char, f32),
        code: CharCode,
        pen: &Pen,
    ) -> Option<Advance> {
        let advance = Advance {
            character,
            step: pen.step(code, width),
            width: self.state.em * width,
        };
        *self.by_code.get_mut(code.value as usize)? = advance;
        self.are_ascii &= character.is_ascii();
        let moves_forward = advance.step >= 0.0 && advance.width >= 0.0;
        let width = if moves_forward {
            advance.width
        } else {
            f32::INFINITY
        };
        self.max_width = self.max_width.max(width);
        Some(advance)
    }

    /// Describes glyphs that were placed; `last` is the last one.
    fn describe<'g>(
        &self,
        glyphs: &'g [PositionedGlyph],
        last: &PositionedGlyph,
        pen: &Pen,
    ) -> LevelGlyphs<'g> {
        // Positions that only grow, and of which the last one is finite, are in order: a sum of
        // floating-point numbers rounds to the same side. A position that is not a number would
        // be in all that follow.
        let only_grow = pen.grows() && (last.x0 + self.max_width).is_finite();
        if !(only_grow && self.are_ascii) {
            return LevelGlyphs::new(glyphs);
        }
        LevelGlyphs {
            glyphs,
            are_ordered: true,
            are_ascii: true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::observer::{Fill, GlyphStyle, ImagePaint, Observer};
    use super::super::{Area, CharMapping, Glyph, Interpreter, Matrix, Workspace};
    use super::{LevelGlyphs, PositionedGlyph};
    use crate::pdf::limits::{Budget, Limits};
    use crate::pdf::structure;
    use hayro_syntax::Pdf;
    use proptest::prelude::*;
    use std::ops::ControlFlow;
    use std::time::Duration;

    /// Collects the positions of glyphs, one by one or by strings.
    #[derive(Default)]
    struct Placed<const BY_STRINGS: bool> {
        em: f32,
        glyphs: Vec<(char, [u32; 3])>,
    }

    impl<const BY_STRINGS: bool> Placed<BY_STRINGS> {
        fn push(&mut self, glyph: PositionedGlyph, y: f32) {
            let place = [glyph.x0, glyph.x1, y].map(f32::to_bits);
            self.glyphs.push((glyph.character, place));
        }
    }

    impl<const BY_STRINGS: bool> Observer for Placed<BY_STRINGS> {
        const INITIAL_CHUNK_BYTES: usize = 1 << 10;
        const TRACKS_PAINT: bool = false;
        const TAKES_LEVEL_GLYPHS: bool = BY_STRINGS;

        fn style(&mut self, style: GlyphStyle) {
            [self.em, ..] = style.matrix.0;
        }

        fn glyph(&mut self, glyph: &Glyph, (x0, y): (f32, f32)) -> ControlFlow<()> {
            let character = match &glyph.mapping {
                CharMapping::Char(character) => *character,
                CharMapping::Text(text) => text.chars().next().unwrap_or('-'),
                _ => '?',
            };
            let x1 = self.em * glyph.advance + x0;
            self.push(PositionedGlyph { character, x0, x1 }, y);
            ControlFlow::Continue(())
        }

        fn level_glyphs(&mut self, level: &LevelGlyphs<'_>, y: f32) -> ControlFlow<()> {
            let checked = LevelGlyphs::new(level.glyphs);
            assert_eq!(level.are_ordered, checked.are_ordered);
            assert_eq!(level.are_ascii, checked.are_ascii);
            assert!(!level.glyphs.is_empty());
            level.glyphs.iter().for_each(|glyph| self.push(*glyph, y));
            ControlFlow::Continue(())
        }

        fn image(&mut self, _: ImagePaint) -> ControlFlow<()> {
            ControlFlow::Continue(())
        }

        fn drawing(&mut self, _: Option<Fill>) -> ControlFlow<()> {
            ControlFlow::Continue(())
        }
    }

    /// Returns the glyphs of a page and the number of its operators.
    fn place<const BY_STRINGS: bool>(content: &str) -> (Vec<(char, [u32; 3])>, u64) {
        let file = format!(
            "%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n\
             2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n\
             3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R\
             /Resources<</Font<</F 5 0 R/G 6 0 R>>>>>>endobj\n\
             5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n\
             6 0 obj<</Type/Font/Subtype/Type1/BaseFont/Other/FirstChar 65\
             /Widths[500 0 250.5 1000]/Encoding<</Differences[66/f_f/Euro]>>>>endobj\n\
             4 0 obj<</Length {}>>stream\n{content}\nendstream endobj\n\
             trailer<</Root 1 0 R/Size 7>>\n",
            content.len()
        );
        let pdf = Pdf::new(file.into_bytes()).unwrap();
        let page = &pdf.pages()[0];
        let limits = Limits::default();
        let mut budget = Budget::new(&limits, &|| Duration::ZERO);
        let (mut workspace, mut placed) = (Workspace::default(), Placed::<BY_STRINGS>::default());
        Interpreter::new(&mut workspace, &mut budget, &mut placed)
            .run(
                structure::contents(page).streams,
                page.resources(),
                Matrix::IDENTITY,
                Area::PAGE,
            )
            .unwrap();
        (placed.glyphs, budget.operators())
    }

    /// An operator with its operands, with `~` between them.
    fn operator() -> impl Strategy<Value = String> {
        let number = || prop_oneof![-3..3, 0..800].prop_map(|number| f64::from(number) / 2.0);
        let text = || "[A-D ]{0,9}([A-Za-z0-9.]{60,80}|\\\\351|\\\\101)?";
        let font = (prop_oneof!["F", "G"], number());
        let state = prop_oneof!["Tc", "Tw", "Tz", "Ts", "TL"];
        prop_oneof![
            4 => text().prop_map(|text| format!("({text})~Tj")),
            4 => (number(), number()).prop_map(|(x, y)| format!("1~0~0~1~{x}~{y}~Tm")),
            1 => (text(), number(), text()).prop_map(|(a, x, b)| format!("[({a})~{x}~({b})]~TJ")),
            1 => "([0-9a-f][0-9a-f]){0,9}".prop_map(|digits| format!("<{digits}>~Tj")),
            1 => font.prop_map(|(font, size)| format!("/{font}~{size}~Tf")),
            1 => (number(), state).prop_map(|(number, state)| format!("{number}~{state}")),
            1 => (number(), number()).prop_map(|(x, y)| format!("1~0~0~1~{x}~{y}~cm")),
            1 => (number(), number()).prop_map(|(a, b)| format!("{a}~{b}~0~2~30~500~Tm")),
            1 => (number(), number()).prop_map(|(x, y)| format!("{x}~{y}~Td")),
            1 => prop_oneof!["q", "Q", "ET~BT", "ET~BT~/F~8~Tf", "3~Tr", "0~Tr"],
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            failure_persistence: None,
            ..ProptestConfig::default()
        })]

        #[test]
        fn strings_have_the_glyphs_that_single_operations_give(
            operators in proptest::collection::vec(operator(), 0..40)
        ) {
            let page = ["BT~/F~8~Tf", &operators.join("~"), "ET "].join("~");
            let usual = page.replace('~', " ");
            // With two blanks between operands, each of them is read by itself.
            let unusual = page.replace('~', "  ");
            let expected = place::<false>(&unusual);
            for content in [usual, unusual.clone()] {
                prop_assert_eq!(place::<true>(&content), expected.clone());
                prop_assert_eq!(place::<false>(&content), expected.clone());
            }
        }
    }
}
