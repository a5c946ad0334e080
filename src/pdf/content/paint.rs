//! Colours and opacity, as far as they decide what a viewer shows (ISO 32000-2, 8.6 and 11.6).

use super::operands::Operands;
use hayro_syntax::object::{Array, Dict, Name, Object, Stream};
use std::rc::Rc;

/// Opacity up to which painted content is invisible on a screen.
const MAX_INVISIBLE_ALPHA: f32 = 0.02;
/// Opacity from which painted content hides what is below.
const MIN_OPAQUE_ALPHA: f32 = 0.95;
/// Difference of a colour component up to which two colours look the same.
const MAX_COLOUR_DIFFERENCE: u8 = 8;

/// A colour on the screen: red, green and blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::pdf) struct Rgb([u8; 3]);

impl Rgb {
    pub(in crate::pdf) const WHITE: Self = Self([255; 3]);
    pub(in crate::pdf) const BLACK: Self = Self([0; 3]);

    /// Creates a colour from components between 0 and 1.
    fn new(components: [f32; 3]) -> Self {
        Self(components.map(|component| (component * 255.0).round() as u8))
    }

    fn from_cmyk([c, m, y, k]: [f32; 4]) -> Self {
        Self::new([c, m, y].map(|ink| (1.0 - ink) * (1.0 - k)))
    }

    /// Returns whether text of this colour cannot be seen on a surface of the other.
    pub(in crate::pdf) fn looks_like(self, other: Self) -> bool {
        let pairs = self.0.iter().zip(other.0);
        pairs
            .map(|(one, other)| one.abs_diff(other))
            .all(|difference| difference <= MAX_COLOUR_DIFFERENCE)
    }
}

/// The current colour space, reduced to what its operands mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ColourSpace {
    Gray,
    Rgb,
    Cmyk,
    /// Amounts of special inks. Zero of each leaves the paper white.
    Inks,
    Other,
}

/// The colour or pattern of fills, or of strokes.
#[derive(Debug, Clone)]
pub(super) struct Ink {
    space: ColourSpace,
    /// `None` if the colour is unknown or a pattern.
    pub(super) colour: Option<Rgb>,
    /// Resource name of the pattern.
    pub(super) pattern: Option<Rc<[u8]>>,
}

impl Ink {
    const BLACK: Self = Self {
        space: ColourSpace::Gray,
        colour: Some(Rgb::BLACK),
        pattern: None,
    };

    fn device(space: ColourSpace, operands: &Operands) -> Self {
        let mut ink = Self {
            space,
            ..Self::BLACK
        };
        ink.set(operands);
        ink
    }

    /// Executes `sc` or `scn`.
    fn set(&mut self, operands: &Operands) {
        let number = |index| operands.number(index);
        let [a, b, c, d] = [0, 1, 2, 3].map(number);
        self.pattern = None;
        self.colour = match self.space {
            ColourSpace::Gray => Some(Rgb::new([a; 3])),
            ColourSpace::Rgb => Some(Rgb::new([a, b, c])),
            ColourSpace::Cmyk => Some(Rgb::from_cmyk([a, b, c, d])),
            ColourSpace::Inks if operands.all_numbers_are_zero() => Some(Rgb::WHITE),
            ColourSpace::Inks | ColourSpace::Other => None,
        };
    }

    /// Executes `cs`: the initial colour is black, or all of a special ink.
    fn select(name: &[u8], spaces: &Dict<'_>) -> Self {
        let space = ColourSpace::named(name).unwrap_or_else(|| ColourSpace::read(name, spaces));
        let is_known = !matches!(space, ColourSpace::Inks | ColourSpace::Other);
        Self {
            space,
            colour: is_known.then_some(Rgb::BLACK),
            pattern: None,
        }
    }
}

impl ColourSpace {
    fn named(name: &[u8]) -> Option<Self> {
        match name {
            b"DeviceGray" | b"CalGray" => Some(Self::Gray),
            b"DeviceRGB" | b"CalRGB" => Some(Self::Rgb),
            b"DeviceCMYK" => Some(Self::Cmyk),
            b"Separation" | b"DeviceN" => Some(Self::Inks),
            _ => None,
        }
    }

    fn read(name: &[u8], spaces: &Dict<'_>) -> Self {
        if let Some(alias) = spaces.get::<Name<'_>>(name) {
            return Self::named(&alias).unwrap_or(Self::Other);
        }
        let Some(array) = spaces.get::<Array<'_>>(name) else {
            return Self::Other;
        };
        let mut items = array.flex_iter();
        let family = items.next::<Name<'_>>();
        let family = family.as_deref().unwrap_or_default();
        if family != b"ICCBased" {
            return Self::named(family).unwrap_or(Self::Other);
        }
        let profile = items.next::<Stream<'_>>();
        match profile.and_then(|profile| profile.dict().get::<i32>("N")) {
            Some(1) => Self::Gray,
            Some(3) => Self::Rgb,
            Some(4) => Self::Cmyk,
            _ => Self::Other,
        }
    }
}

/// The part of the graphics state that decides whether paint can be seen.
#[derive(Debug, Clone)]
pub(super) struct Paint {
    pub(super) fill: Ink,
    pub(super) stroke: Ink,
    fill_alpha: f32,
    stroke_alpha: f32,
    /// Opacity of the transparency groups around the content.
    group_alpha: f32,
    /// Whether a blend mode or a soft mask lets what is below show through.
    is_blended: bool,
    /// The same for the transparency groups around the content.
    group_is_blended: bool,
}

impl Paint {
    pub(super) const INITIAL: Self = Self {
        fill: Ink::BLACK,
        stroke: Ink::BLACK,
        fill_alpha: 1.0,
        stroke_alpha: 1.0,
        group_alpha: 1.0,
        is_blended: false,
        group_is_blended: false,
    };

    pub(super) fn shows_fill(&self) -> bool {
        self.fill_alpha * self.group_alpha > MAX_INVISIBLE_ALPHA
    }

    pub(super) fn shows_stroke(&self) -> bool {
        self.stroke_alpha * self.group_alpha > MAX_INVISIBLE_ALPHA
    }

    /// Whether a fill or an image hides what is below.
    pub(super) fn fill_is_opaque(&self) -> bool {
        !self.is_blended
            && !self.group_is_blended
            && self.fill_alpha * self.group_alpha >= MIN_OPAQUE_ALPHA
    }

    /// Applies an extended graphics state (ISO 32000-2, table 57).
    pub(super) fn apply(&mut self, parameters: &Dict<'_>) {
        if let Some(alpha) = parameters.get::<f32>("ca") {
            self.fill_alpha = alpha;
        }
        if let Some(alpha) = parameters.get::<f32>("CA") {
            self.stroke_alpha = alpha;
        }
        let has_mask = parameters.get::<Dict<'_>>("SMask").is_some();
        let mode = match parameters.get::<Object<'_>>("BM") {
            Some(Object::Name(name)) => Some(name),
            // The first known mode of a list; viewers know all standard modes.
            Some(Object::Array(names)) => names.iter::<Name<'_>>().next(),
            _ => None,
        };
        let blends = mode
            .as_ref()
            .map(|mode| !matches!(&**mode, b"Normal" | b"Compatible"));
        if has_mask || blends.is_some() || parameters.contains_key("SMask") {
            self.is_blended = has_mask || blends.unwrap_or(false);
        }
    }

    /// Enters a transparency group, which starts with its own parameters (ISO 32000-2, 11.6.6).
    pub(super) fn enter_group(&mut self) {
        self.group_is_blended |= std::mem::take(&mut self.is_blended);
        self.group_alpha *= self.fill_alpha;
        (self.fill_alpha, self.stroke_alpha) = (1.0, 1.0);
    }

    /// Executes a colour operator. `name` is the operand of `cs` and `CS`, or a pattern.
    pub(super) fn set_colour(
        &mut self,
        operator: &[u8],
        name: Option<&[u8]>,
        operands: &Operands,
        spaces: &Dict<'_>,
    ) {
        let ink = match operator {
            b"g" | b"rg" | b"k" | b"cs" | b"sc" | b"scn" => &mut self.fill,
            b"G" | b"RG" | b"K" | b"CS" | b"SC" | b"SCN" => &mut self.stroke,
            _ => return,
        };
        match operator {
            b"g" | b"G" => *ink = Ink::device(ColourSpace::Gray, operands),
            b"rg" | b"RG" => *ink = Ink::device(ColourSpace::Rgb, operands),
            b"k" | b"K" => *ink = Ink::device(ColourSpace::Cmyk, operands),
            b"cs" | b"CS" => *ink = Ink::select(name.unwrap_or_default(), spaces),
            _ => {
                ink.set(operands);
                if let Some(name) = name {
                    ink.colour = None;
                    ink.pattern = Some(name.into());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_white_looks_like_white_and_light_grey_does_not() {
        let grey = |level| Rgb::new([level; 3]);
        assert!(grey(0.98).looks_like(Rgb::WHITE));
        assert!(!grey(0.9).looks_like(Rgb::WHITE));
        assert!(Rgb::from_cmyk([0.0; 4]).looks_like(Rgb::WHITE));
        assert!(Rgb::from_cmyk([0.0, 0.0, 0.0, 1.0]).looks_like(Rgb::BLACK));
    }

    #[test]
    fn opacity_of_groups_multiplies() {
        let mut paint = Paint::INITIAL;
        paint.fill_alpha = 0.0;
        paint.enter_group();
        assert!(!paint.shows_fill());
        assert!(!paint.shows_stroke());
    }

    #[test]
    fn a_blended_group_hides_nothing_whatever_its_content_sets() {
        let mut paint = Paint::INITIAL;
        assert!(paint.fill_is_opaque());
        paint.is_blended = true;
        paint.enter_group();
        paint.is_blended = false;
        assert!(!paint.fill_is_opaque());
    }
}
