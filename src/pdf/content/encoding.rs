//! Encodings of one-byte fonts: code -> character (ISO 32000-2, 9.6.5 and Annex D).

use super::font::Meaning;
use hayro_syntax::object::{Array, Dict, Name, Object};
use rustc_hash::FxHashMap as HashMap;
use std::sync::LazyLock;

const GLYPH_NAMES: &str = include_str!("../../data/glyph_names.tsv");
const STANDARD_WIDTHS: &str = include_str!("../../data/standard_widths.tsv");

struct GlyphNames {
    by_name: HashMap<&'static str, char>,
    standard: [Option<char>; 256],
}

static NAMES: LazyLock<GlyphNames> = LazyLock::new(|| {
    let mut names = GlyphNames {
        by_name: HashMap::default(),
        standard: [None; 256],
    };
    for row in rows(GLYPH_NAMES) {
        let mut cells = row.split('\t');
        let (Some(name), Some(value), Some(code)) = (cells.next(), cells.next(), cells.next())
        else {
            continue;
        };
        let character = u32::from_str_radix(value, 16).ok().and_then(char::from_u32);
        let Some(character) = character else { continue };
        names.by_name.insert(name, character);
        if let Some(slot) = code
            .parse()
            .ok()
            .and_then(|code: usize| names.standard.get_mut(code))
        {
            *slot = Some(character);
        }
    }
    names
});

fn rows(table: &'static str) -> impl Iterator<Item = &'static str> {
    table.lines().filter(|line| !line.starts_with('#'))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Base {
    Standard,
    WinAnsi,
    MacRoman,
    /// The font program's own, which is not read.
    BuiltIn,
    /// Type 3: only the names of its glyph procedures count.
    None,
}

/// The encoding of one font.
#[derive(Debug)]
pub(super) struct SimpleEncoding {
    base: Base,
    differences: HashMap<u8, Meaning>,
}

impl SimpleEncoding {
    pub(super) fn read(font: &Dict<'_>, is_type3: bool) -> Self {
        let dict = font.get::<Dict<'_>>("Encoding");
        let named = font
            .get::<Name<'_>>("Encoding")
            .or_else(|| dict.as_ref()?.get::<Name<'_>>("BaseEncoding"));
        let base = match named.as_deref() {
            Some(b"WinAnsiEncoding") => Base::WinAnsi,
            Some(b"MacRomanEncoding") => Base::MacRoman,
            Some(b"StandardEncoding") => Base::Standard,
            _ if is_type3 => Base::None,
            _ if is_embedded(font) => Base::BuiltIn,
            _ => Base::Standard,
        };
        let differences = dict
            .and_then(|dict| dict.get::<Array<'_>>("Differences"))
            .map(|array| read_differences(&array))
            .unwrap_or_default();
        Self { base, differences }
    }

    pub(super) fn meaning(&self, code: u8) -> Meaning {
        if let Some(meaning) = self.differences.get(&code) {
            return meaning.clone();
        }
        let character = match self.base {
            Base::None => return Meaning::Unmapped,
            Base::WinAnsi => decode_with(encoding_rs::WINDOWS_1252, code),
            Base::MacRoman => decode_with(encoding_rs::MACINTOSH, code),
            Base::Standard | Base::BuiltIn => {
                NAMES.standard.get(usize::from(code)).copied().flatten()
            }
        };
        match (character, self.base) {
            (Some(character), Base::BuiltIn) => Meaning::Guess(character),
            (Some(character), _) => Meaning::Char(character),
            (None, Base::BuiltIn) => {
                let guess = decode_with(encoding_rs::WINDOWS_1252, code);
                guess.map_or(Meaning::Unmapped, Meaning::Guess)
            }
            (None, _) => Meaning::Unmapped,
        }
    }
}

fn decode_with(encoding: &'static encoding_rs::Encoding, code: u8) -> Option<char> {
    let bytes = [code];
    let (text, _) = encoding.decode_without_bom_handling(&bytes);
    text.chars().next().filter(|c| !c.is_control())
}

fn is_embedded(font: &Dict<'_>) -> bool {
    font.get::<Dict<'_>>("FontDescriptor")
        .is_some_and(|descriptor| {
            ["FontFile", "FontFile2", "FontFile3"]
                .iter()
                .any(|key| descriptor.contains_key(key))
        })
}

/// `[code /name /name … code /name …]` (ISO 32000-2, 9.6.5.1).
fn read_differences(array: &Array<'_>) -> HashMap<u8, Meaning> {
    let mut found = HashMap::default();
    let mut code = 0_u32;
    for item in array.iter::<Object<'_>>() {
        match item {
            Object::Number(number) => code = u32::try_from(number.as_i64()).unwrap_or(u32::MAX),
            Object::Name(name) => {
                if let Ok(code) = u8::try_from(code) {
                    found.insert(code, named(name.as_str(), code));
                }
                code = code.saturating_add(1);
            }
            _ => {}
        }
    }
    found
}

/// What a code with this glyph name stands for.
///
/// Names such as `a97` at code 97, which dvips gives to Type 3 glyphs, tell nothing but the code;
/// such codes usually are Latin-1.
fn named(name: &str, code: u8) -> Meaning {
    if let Some(character) = glyph_character(name) {
        return Meaning::Char(character);
    }
    let number = name.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let same = number.parse() == Ok(u32::from(code));
    let latin = same.then(|| decode_with(encoding_rs::WINDOWS_1252, code));
    latin.flatten().map_or(Meaning::Unmapped, Meaning::Guess)
}

/// The character that a glyph name stands for (Adobe Glyph List specification, section 2).
fn glyph_character(name: &str) -> Option<char> {
    // `A.alt` and `f_i` are variants of what stands before the first dot or underscore.
    let base = name.split(['.', '_']).next().unwrap_or(name);
    if let Some(character) = NAMES.by_name.get(base) {
        return Some(*character);
    }
    let hex = base
        .strip_prefix("uni")
        .and_then(|hex| hex.get(..4))
        .or_else(|| base.strip_prefix('u').filter(|hex| hex.len() >= 4))?;
    u32::from_str_radix(hex, 16).ok().and_then(char::from_u32)
}

/// Fills in the widths of a font that is not embedded and gives none.
///
/// Fonts other than the standard ones are taken for Helvetica or Times by their name. The error
/// moves a word's end a little, which only word breaks notice.
pub(super) fn standard_widths(base_font: &[u8], widths: &mut [f32]) {
    let name = base_font.to_ascii_lowercase();
    let has = |part: &[u8]| name.windows(part.len()).any(|window| window == part);
    if has(b"courier") || has(b"mono") || has(b"consol") {
        widths.fill(600.0);
        return;
    }
    let column = 1 + 2 * usize::from(has(b"times") || has(b"serif")) + usize::from(has(b"bold"));
    widths.fill(556.0);
    for row in rows(STANDARD_WIDTHS) {
        let mut cells = row.split('\t');
        let code = cells.next().and_then(|cell| cell.parse::<usize>().ok());
        let width = cells.nth(column - 1).and_then(|cell| cell.parse().ok());
        if let Some((slot, width)) = code.and_then(|code| widths.get_mut(code)).zip(width) {
            *slot = width;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn glyph_names_lead_to_characters() {
        let check = |name, expected| assert_eq!(glyph_character(name), expected, "{name}");
        check("seven", Some('7'));
        check("A", Some('A'));
        check("A.sc", Some('A'));
        check("f_i", Some('f'));
        check("uni20B9", Some('₹'));
        check("u20B9", Some('₹'));
        check("g23", None);
        check("a0", None);
    }

    #[test]
    fn every_row_of_the_tables_is_read() {
        assert_eq!(NAMES.by_name.len(), rows(GLYPH_NAMES).count());
        assert_eq!(NAMES.standard.iter().flatten().count(), 149, "Annex D.2");
        let mut widths = vec![0.0; 256];
        standard_widths(b"Helvetica-Bold", &mut widths);
        let thousandths = |widths: &[f32], c: u8| widths[usize::from(c)] as i32;
        assert_eq!(thousandths(&widths, b'A'), 722);
        standard_widths(b"TimesNewRoman", &mut widths);
        assert_eq!(thousandths(&widths, b'A'), 722);
        assert_eq!(thousandths(&widths, b'a'), 444);
    }
}
