//! Encodings of one-byte fonts: character code to Unicode (ISO 32000-2, 9.6.5 and Annex D).

use super::char_mapping::CharMapping;
use hayro_syntax::object::{Array, Dict, Name, Object};
use rustc_hash::FxHashMap as HashMap;
use std::sync::LazyLock;

const GLYPH_NAMES_TSV: &str = include_str!("../../data/glyph_names.tsv");
const STANDARD_WIDTHS_TSV: &str = include_str!("../../data/standard_widths.tsv");

/// Width of a glyph that a standard font does not list, in thousandths: the digits of Helvetica.
const DEFAULT_WIDTH: f32 = 556.0;
/// Width of every glyph of a fixed-pitch font, in thousandths: that of Courier.
const FIXED_PITCH_WIDTH: f32 = 600.0;

struct GlyphNames {
    by_name: HashMap<&'static str, char>,
    /// `StandardEncoding`, indexed by code.
    standard: [Option<char>; 256],
}

static GLYPH_NAMES: LazyLock<GlyphNames> = LazyLock::new(|| {
    let mut names = GlyphNames {
        by_name: HashMap::default(),
        standard: [None; 256],
    };
    for row in table_rows(GLYPH_NAMES_TSV) {
        let mut cells = row.split('\t');
        let (Some(name), Some(value), Some(code)) = (cells.next(), cells.next(), cells.next())
        else {
            continue;
        };
        let character = u32::from_str_radix(value, 16).ok().and_then(char::from_u32);
        let Some(character) = character else { continue };
        names.by_name.insert(name, character);
        // The column is `-` for a name that has no code.
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

fn table_rows(table: &'static str) -> impl Iterator<Item = &'static str> {
    table.lines().filter(|line| !line.starts_with('#'))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum BaseEncoding {
    Standard,
    WinAnsi,
    MacRoman,
    /// The built-in encoding of the embedded font program, which is not read.
    BuiltIn,
    /// No base encoding: a Type 3 font maps only the glyph names in `Differences`.
    None,
}

/// The encoding of one font.
#[derive(Debug)]
pub(super) struct SimpleEncoding {
    base: BaseEncoding,
    differences: HashMap<u8, CharMapping>,
    /// Whether some codes are guessed because their glyph names are unknown.
    pub(super) has_unknown_names: bool,
}

impl SimpleEncoding {
    pub(super) fn read(font: &Dict<'_>, is_type3: bool) -> Self {
        let dict = font.get::<Dict<'_>>("Encoding");
        let name = font
            .get::<Name<'_>>("Encoding")
            .or_else(|| dict.as_ref()?.get::<Name<'_>>("BaseEncoding"));
        let base = match name.as_deref() {
            Some(b"WinAnsiEncoding") => BaseEncoding::WinAnsi,
            Some(b"MacRomanEncoding") => BaseEncoding::MacRoman,
            Some(b"StandardEncoding") => BaseEncoding::Standard,
            // Without a name, the base depends on the font (ISO 32000-2, 9.6.5).
            _ if is_type3 => BaseEncoding::None,
            _ if is_embedded(font) => BaseEncoding::BuiltIn,
            _ => BaseEncoding::Standard,
        };
        let mut encoding = Self {
            base,
            differences: HashMap::default(),
            has_unknown_names: false,
        };
        if let Some(array) = dict.and_then(|dict| dict.get::<Array<'_>>("Differences")) {
            encoding.read_differences(&array);
        }
        encoding
    }

    pub(super) fn map(&self, code: u8) -> CharMapping {
        if let Some(mapping) = self.differences.get(&code) {
            return mapping.clone();
        }
        let character = match self.base {
            BaseEncoding::None => return CharMapping::Unmapped,
            BaseEncoding::WinAnsi => decode_byte(encoding_rs::WINDOWS_1252, code),
            BaseEncoding::MacRoman => decode_byte(encoding_rs::MACINTOSH, code),
            BaseEncoding::Standard | BaseEncoding::BuiltIn => GLYPH_NAMES
                .standard
                .get(usize::from(code))
                .copied()
                .flatten(),
        };
        // An embedded program may have any encoding: guess the standard one, then the Windows one.
        match (character, self.base) {
            (Some(character), BaseEncoding::BuiltIn) => CharMapping::Guess(character),
            (Some(character), _) => CharMapping::Char(character),
            (None, BaseEncoding::BuiltIn) => {
                let guess = decode_byte(encoding_rs::WINDOWS_1252, code);
                guess.map_or(CharMapping::Unmapped, CharMapping::Guess)
            }
            (None, _) => CharMapping::Unmapped,
        }
    }
}

impl SimpleEncoding {
    /// Reads a `Differences` array: `[code /name /name … code /name …]` (ISO 32000-2, 9.6.5.1).
    fn read_differences(&mut self, array: &Array<'_>) {
        let mut code = 0_u32;
        for item in array.iter::<Object<'_>>() {
            match item {
                Object::Number(number) => code = u32::try_from(number.as_i64()).unwrap_or(u32::MAX),
                Object::Name(name) => {
                    if let Ok(code) = u8::try_from(code) {
                        let mapping = self.map_glyph_name(name.as_str(), code);
                        self.differences.insert(code, mapping);
                    }
                    code = code.saturating_add(1);
                }
                _ => {}
            }
        }
    }

    /// Maps a code by its glyph name.
    ///
    /// dvips names Type 3 glyphs after their code, for example `a97` at code 97. Such a name, and
    /// any other unknown one, carries no other information, and the code is usually Latin-1. If it
    /// is not, the text makes no sense, which is detected when it is read.
    fn map_glyph_name(&mut self, name: &str, code: u8) -> CharMapping {
        if let Some(character) = glyph_name_to_char(name) {
            return CharMapping::Char(character);
        }
        if name == ".notdef" {
            return CharMapping::Unmapped;
        }
        // Windows drivers name glyphs after their code in hexadecimal.
        let hex = name.strip_prefix('G').filter(|hex| hex.len() == 2);
        let named = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        let named = named.and_then(|code| decode_byte(encoding_rs::WINDOWS_1252, code));
        if let Some(character) = named {
            return CharMapping::Guess(character);
        }
        let number = name.trim_start_matches(|c: char| c.is_ascii_alphabetic());
        self.has_unknown_names |= number.parse() != Ok(u32::from(code));
        decode_byte(encoding_rs::WINDOWS_1252, code)
            .map_or(CharMapping::Unmapped, CharMapping::Guess)
    }
}

/// Decodes one byte; returns `None` for control characters.
fn decode_byte(encoding: &'static encoding_rs::Encoding, code: u8) -> Option<char> {
    let bytes = [code];
    let (text, _) = encoding.decode_without_bom_handling(&bytes);
    text.chars().next().filter(|c| !c.is_control())
}

pub(super) fn is_embedded(font: &Dict<'_>) -> bool {
    font.get::<Dict<'_>>("FontDescriptor")
        .is_some_and(|descriptor| {
            ["FontFile", "FontFile2", "FontFile3"]
                .iter()
                .any(|key| descriptor.contains_key(key))
        })
}

/// Converts a glyph name to a character (Adobe Glyph List specification, section 2).
fn glyph_name_to_char(name: &str) -> Option<char> {
    // `A.alt` and `f_i` are variants of the name before the first dot or underscore.
    let base = name.split(['.', '_']).next().unwrap_or(name);
    if let Some(character) = GLYPH_NAMES.by_name.get(base) {
        return Some(*character);
    }
    let hex = base
        .strip_prefix("uni")
        .and_then(|hex| hex.get(..4))
        .or_else(|| base.strip_prefix('u').filter(|hex| hex.len() >= 4))?;
    u32::from_str_radix(hex, 16).ok().and_then(char::from_u32)
}

/// Fills in the widths of a font that is not embedded and has no `Widths` array.
///
/// A font that is not one of the standard fonts gets the widths of Helvetica or Times, chosen by
/// its name. The error shifts the end of a word slightly, which affects only word breaks.
pub(super) fn standard_widths(base_font: &[u8], widths: &mut [f32]) {
    let name = base_font.to_ascii_lowercase();
    let has = |part: &[u8]| name.windows(part.len()).any(|window| window == part);
    if has(b"courier") || has(b"mono") || has(b"consol") {
        widths.fill(FIXED_PITCH_WIDTH);
        return;
    }
    // Columns of the table: code, Helvetica, Helvetica-Bold, Times-Roman, Times-Bold.
    let column = 1 + 2 * usize::from(has(b"times") || has(b"serif")) + usize::from(has(b"bold"));
    widths.fill(DEFAULT_WIDTH);
    for row in table_rows(STANDARD_WIDTHS_TSV) {
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
    fn glyph_names_convert_to_characters() {
        let check = |name, expected| assert_eq!(glyph_name_to_char(name), expected, "{name}");
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
    fn every_table_row_is_parsed() {
        let rows = table_rows(GLYPH_NAMES_TSV).count();
        assert_eq!(GLYPH_NAMES.by_name.len(), rows);
        assert_eq!(
            GLYPH_NAMES.standard.iter().flatten().count(),
            149,
            "Annex D.2"
        );
        let mut widths = vec![0.0; 256];
        standard_widths(b"Helvetica-Bold", &mut widths);
        let thousandths = |widths: &[f32], c: u8| widths[usize::from(c)] as i32;
        assert_eq!(thousandths(&widths, b'A'), 722);
        standard_widths(b"TimesNewRoman", &mut widths);
        assert_eq!(thousandths(&widths, b'A'), 722);
        assert_eq!(thousandths(&widths, b'a'), 444);
    }
}
