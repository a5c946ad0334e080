//! The color of each role, on terminals with unknown, light and dark backgrounds.
//!
//! If the background is unknown, only the 16 colors that every terminal theme defines are used, and
//! of these neither black, white nor gray: the terminal's theme decides what is readable. Success
//! is cyan: red and green look alike to many users, and blue is hard to read on black.
//!
//! For a known background, 24-bit colors have a contrast of at least 4.5 (WCAG 2.1, 1.4.3) on the
//! backgrounds of common themes, also after they are mapped to 256 colors. Success, warning and
//! failure differ for users with any kind of colour blindness.

use crate::dashboard::model::{Appearance, Background, ColorRole, Colors};
use ratatui::style::Color;

/// Returns the color of a role; `None` for the terminal's own text color.
pub(super) fn color(appearance: Appearance, role: ColorRole) -> Option<Color> {
    let Appearance {
        colors, palette, ..
    } = appearance;
    let fitting = |color: Color| match (color, colors) {
        (_, Colors::None) | (Color::Rgb(..), Colors::Sixteen) => None,
        (Color::Rgb(red, green, blue), Colors::Indexed) => {
            Some(Color::Indexed(nearest_indexed([red, green, blue])))
        }
        (color, _) => Some(color),
    };
    let chosen = palette.color(role).and_then(fitting);
    chosen.or_else(|| {
        let [red, green, blue] = match palette.background {
            Background::Terminal => return sixteen(role).and_then(fitting),
            Background::Light => light(role),
            Background::Dark => dark(role),
        };
        let exact = fitting(Color::Rgb(red, green, blue));
        exact.or_else(|| bright(palette.background, role).and_then(fitting))
    })
}

/// Returns one of the 16 colors, for any background.
fn sixteen(role: ColorRole) -> Option<Color> {
    match role {
        ColorRole::Key | ColorRole::Success | ColorRole::Progress => Some(Color::Cyan),
        ColorRole::Warning => Some(Color::Yellow),
        ColorRole::Error => Some(Color::Red),
        ColorRole::Badge => Some(Color::Magenta),
        // Dimmed instead: no gray is readable on every background.
        ColorRole::Muted => None,
    }
}

/// Returns one of the 16 colors, for a terminal that has no others.
fn bright(background: Background, role: ColorRole) -> Option<Color> {
    let on_light = background == Background::Light;
    match sixteen(role)? {
        // Yellow and cyan on white can't be read in most themes.
        Color::Yellow if on_light => Some(Color::Magenta),
        Color::Cyan if on_light => Some(Color::Blue),
        color if on_light => Some(color),
        Color::Yellow => Some(Color::LightYellow),
        Color::Cyan => Some(Color::LightCyan),
        Color::Red => Some(Color::LightRed),
        Color::Magenta => Some(Color::LightMagenta),
        color => Some(color),
    }
}

fn light(role: ColorRole) -> [u8; 3] {
    match role {
        ColorRole::Key => [0x05, 0x50, 0xae],
        ColorRole::Success => [0x00, 0x69, 0x5c],
        ColorRole::Warning => [0x8a, 0x5a, 0x00],
        ColorRole::Error => [0xb0, 0x00, 0x3a],
        ColorRole::Progress => [0x66, 0x39, 0xba],
        ColorRole::Badge => [0x9a, 0x00, 0x7a],
        ColorRole::Muted => [0x5f, 0x5f, 0x5f],
    }
}

fn dark(role: ColorRole) -> [u8; 3] {
    match role {
        ColorRole::Key => [0x7a, 0xb8, 0xff],
        ColorRole::Success => [0x4f, 0xd6, 0xbe],
        ColorRole::Warning => [0xff, 0xd7, 0x5f],
        ColorRole::Error => [0xff, 0x87, 0x87],
        ColorRole::Progress => [0xc4, 0xa7, 0xff],
        ColorRole::Badge => [0xff, 0x9e, 0xf0],
        ColorRole::Muted => [0xa8, 0xa8, 0xa8],
    }
}

/// Returns the luminance of a color, from 0 to 255 (ITU-R BT.601).
pub(super) fn luminance([red, green, blue]: [u8; 3]) -> u32 {
    (299 * u32::from(red) + 587 * u32::from(green) + 114 * u32::from(blue)) / 1000
}

/// Returns the index of the nearest color of the xterm palette: a color of its cube, or a gray.
pub(super) fn nearest_indexed(pixel: [u8; 3]) -> u8 {
    const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    let step = |part: u8| {
        let distance = |index: &usize| STEPS.get(*index).map_or(255, |step| step.abs_diff(part));
        (0..STEPS.len()).min_by_key(distance).unwrap_or(0)
    };
    let indices = pixel.map(step);
    // The cube is coarse in the dark, so the gray ramp is often closer.
    let in_cube = indices.map(|index| STEPS.get(index).copied().unwrap_or(0));
    let mean = luminance(pixel);
    let gray = (mean.saturating_sub(3) / 10).min(23) as u8;
    let as_gray = [8 + 10 * gray; 3];
    let distance = |other: [u8; 3]| -> u32 {
        let parts = pixel.iter().zip(other);
        parts.map(|(a, b)| u32::from(a.abs_diff(b)).pow(2)).sum()
    };
    if distance(as_gray) < distance(in_cube) {
        return 232 + gray;
    }
    let [red, green, blue] = indices.map(|index| index as u8);
    16 + 36 * red + 6 * green + blue
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dashboard::model::Palette;
    use crate::report::Symbols;

    /// Backgrounds of white, One, GitHub, Solarized, Gruvbox and Catppuccin.
    const LIGHT: [u32; 6] = [
        0x00ff_ffff,
        0x00fa_fafa,
        0x00f6_f8fa,
        0x00fd_f6e3,
        0x00fb_f1c7,
        0x00ef_f1f5,
    ];
    /// Backgrounds of black, VS Code, One, Solarized, Gruvbox and Nord.
    const DARK: [u32; 6] = [
        0x0000_0000,
        0x001e_1e1e,
        0x0028_2c34,
        0x0000_2b36,
        0x0028_2828,
        0x002e_3440,
    ];

    fn appearance(background: Background, colors: Colors) -> Appearance {
        Appearance {
            symbols: Symbols::Unicode,
            colors,
            palette: Palette {
                background,
                ..Palette::default()
            },
        }
    }

    fn rgb(color: Color) -> [u8; 3] {
        const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];
        match color {
            Color::Rgb(red, green, blue) => [red, green, blue],
            Color::Indexed(gray @ 232..) => [8 + 10 * (gray - 232); 3],
            Color::Indexed(index @ 16..) => {
                let index = index - 16;
                [index / 36, index / 6 % 6, index % 6].map(|step| STEPS[usize::from(step)])
            }
            other => panic!("{other:?}"),
        }
    }

    /// Returns the linear light of each part, between 0 and 1 (IEC 61966-2-1).
    fn linear(color: [u8; 3]) -> [f64; 3] {
        color.map(|part| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 {
                part / 12.92
            } else {
                ((part + 0.055) / 1.055).powf(2.4)
            }
        })
    }

    /// Returns the contrast of two colors (WCAG 2.1).
    fn contrast(one: [u8; 3], other: [u8; 3]) -> f64 {
        let luminance = |color| {
            let [red, green, blue] = linear(color);
            0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05
        };
        let (one, other) = (luminance(one), luminance(other));
        one.max(other) / one.min(other)
    }

    const DEPTHS: [Colors; 2] = [Colors::True, Colors::Indexed];
    const THEMES: [(Background, [u32; 6]); 2] =
        [(Background::Light, LIGHT), (Background::Dark, DARK)];

    #[test]
    fn colors_have_contrast_on_common_backgrounds() {
        for ((background, backgrounds), depth) in THEMES
            .into_iter()
            .flat_map(|theme| DEPTHS.map(|depth| (theme, depth)))
        {
            for role in ColorRole::ALL {
                let color = rgb(color(appearance(background, depth), role).unwrap());
                for behind in backgrounds {
                    let [_, behind @ ..] = behind.to_be_bytes();
                    let contrast = contrast(color, behind);
                    assert!(
                        contrast >= 4.5,
                        "{role:?} {depth:?} on {behind:?}: {contrast}"
                    );
                }
            }
        }
    }

    /// Returns the CIE L*a*b* coordinates of linear light.
    fn lab([red, green, blue]: [f64; 3]) -> [f64; 3] {
        let cube = |t: f64| {
            if t > 0.008_856 {
                t.cbrt()
            } else {
                7.787 * t + 16.0 / 116.0
            }
        };
        let x = cube((0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505);
        let y = cube(0.2126 * red + 0.7152 * green + 0.0722 * blue);
        let z = cube((0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089);
        [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
    }

    /// Protanopia, deuteranopia and tritanopia (Machado, Oliveira and Fernandes 2009).
    const DEFICIENCIES: [[[f64; 3]; 3]; 3] = [
        [
            [0.152_286, 1.052_583, -0.204_868],
            [0.114_503, 0.786_281, 0.099_216],
            [-0.003_882, -0.048_116, 1.051_998],
        ],
        [
            [0.367_322, 0.860_646, -0.227_968],
            [0.280_085, 0.672_501, 0.047_413],
            [-0.011_820, 0.042_940, 0.968_881],
        ],
        [
            [1.255_528, -0.076_749, -0.178_779],
            [-0.078_411, 0.930_809, 0.147_602],
            [0.004_733, 0.691_367, 0.303_900],
        ],
    ];

    #[test]
    fn outcomes_differ_for_colour_blind_users() {
        let outcomes = [ColorRole::Success, ColorRole::Warning, ColorRole::Error];
        for ((background, _), depth) in THEMES
            .into_iter()
            .flat_map(|theme| DEPTHS.map(|depth| (theme, depth)))
        {
            for matrix in DEFICIENCIES {
                let seen = outcomes.map(|role| {
                    let color = rgb(color(appearance(background, depth), role).unwrap());
                    let light = linear(color);
                    let row = |row: [f64; 3]| -> f64 {
                        row.iter()
                            .zip(light)
                            .map(|(a, b)| a * b)
                            .sum::<f64>()
                            .clamp(0.0, 1.0)
                    };
                    lab(matrix.map(row))
                });
                for (index, one) in seen.iter().enumerate() {
                    for other in &seen[index + 1..] {
                        let parts = one.iter().zip(other);
                        let squares: f64 = parts.map(|(a, b)| (a - b).powi(2)).sum();
                        // A difference of 2 is just noticeable.
                        assert!(squares.sqrt() >= 12.0, "{background:?} {one:?} {other:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn colors_map_to_the_nearest_indexed_color() {
        assert_eq!(nearest_indexed([255, 255, 255]), 231);
        assert_eq!(nearest_indexed([0, 0, 0]), 16);
        assert_eq!(nearest_indexed([255, 0, 0]), 196);
        assert_eq!(nearest_indexed([128, 128, 128]), 244);
    }

    #[test]
    fn chosen_colors_fit_the_terminal() {
        let mut chosen = appearance(Background::Light, Colors::True);
        chosen
            .palette
            .set_color(ColorRole::Key, Color::Rgb(255, 0, 0));
        chosen.palette.set_color(ColorRole::Error, Color::LightRed);
        let check = |colors, key, error| {
            let appearance = Appearance { colors, ..chosen };
            assert_eq!(color(appearance, ColorRole::Key), key, "{colors:?}");
            assert_eq!(color(appearance, ColorRole::Error), error, "{colors:?}");
        };
        let bright = Some(Color::LightRed);
        check(Colors::True, Some(Color::Rgb(255, 0, 0)), bright);
        check(Colors::Indexed, Some(Color::Indexed(196)), bright);
        check(Colors::Sixteen, Some(Color::Blue), bright);
        check(Colors::None, None, None);
    }
}
