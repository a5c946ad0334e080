//! Fonts of the test files: base-14, embedded CID and Type 3 fonts, and text without any font.
//!
//! A case selects a [`Typeface`]; [`Fonts`] is that typeface installed in one document.

use super::filters::flate;
use super::glyphs::{ADVANCE, CELL, characters, glyph_index, strokes};
use super::object::{Body, Dict, Id, Object, array, name, text};
use super::truetype::font_file;
use super::writer::Document;

/// The ways to draw text on a page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Typeface {
    /// Base-14 Helvetica, not embedded, `WinAnsiEncoding`.
    Helvetica,
    /// Base-14 Courier, not embedded, `WinAnsiEncoding`.
    Courier,
    /// Embedded TrueType as a CID font with a `ToUnicode` map.
    Embedded,
    /// The same without the map and with shuffled glyphs: the codes cannot be mapped to Unicode.
    EmbeddedUnmapped,
    /// Type 3 with standard glyph names.
    Type3Named,
    /// Type 3 with numbered glyph names and a `ToUnicode` map.
    Type3Mapped,
    /// Type 3 with numbered glyph names and without a map.
    Type3Unmapped,
    /// The same with names that are bare numbers, and with codes in the range of letters.
    Type3Numbered,
    /// Type 3 with arbitrary glyph names and without a map, but with ASCII codes.
    Type3Arbitrary,
    /// A CID font that is not embedded, whose codes are Unicode. Its `ToUnicode` map is a name.
    UnicodeCodes,
    /// No font: each glyph is a filled path.
    Outlines,
}

/// Widths of Helvetica from space to tilde, from Adobe's published metrics of the base-14 fonts.
const HELVETICA: [i64; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556,
    556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667,
    611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667,
    667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500,
    222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];

/// Names of the characters from space to `@` in the Adobe Glyph List.
const NAMES_TO_AT: &str = "space exclam quotedbl numbersign dollar percent ampersand quotesingle \
    parenleft parenright asterisk plus comma hyphen period slash zero one two three four five six \
    seven eight nine colon semicolon less equal greater question at";

/// Names of the characters between the upper-case and the lower-case letters.
const NAMES_BETWEEN: &str = "bracketleft backslash bracketright asciicircum underscore grave";
/// Names of the characters after the lower-case letters.
const NAMES_AFTER: &str = "braceleft bar braceright asciitilde";

impl Typeface {
    /// Returns the width of a text. Width and size are in thousandths of a point.
    pub fn width(self, text: &str, size: i64) -> i64 {
        let units: i64 = text
            .chars()
            .map(|c| match self {
                Self::Helvetica => HELVETICA[glyph_index(c)],
                _ => ADVANCE,
            })
            .sum();
        units * size / 1000
    }
}

/// A typeface that is installed in a document.
pub struct Fonts {
    typeface: Typeface,
    regular: Id,
    bold: Id,
}

impl Fonts {
    /// Adds the font objects of a typeface; [`Typeface::Outlines`] needs none.
    pub fn install(document: &mut Document, typeface: Typeface) -> Self {
        let (regular, bold) = match typeface {
            Typeface::Helvetica => (
                base14(document, "Helvetica"),
                base14(document, "Helvetica-Bold"),
            ),
            Typeface::Courier => (
                base14(document, "Courier"),
                base14(document, "Courier-Bold"),
            ),
            Typeface::Embedded | Typeface::EmbeddedUnmapped => {
                let font = cid_font(document, typeface);
                (font, font)
            }
            Typeface::Type3Named
            | Typeface::Type3Mapped
            | Typeface::Type3Unmapped
            | Typeface::Type3Numbered
            | Typeface::Type3Arbitrary => {
                let font = type3(document, typeface);
                (font, font)
            }
            Typeface::UnicodeCodes => {
                let font = unicode_font(document);
                (font, font)
            }
            Typeface::Outlines => (Id(0), Id(0)),
        };
        Self {
            typeface,
            regular,
            bold,
        }
    }

    /// Returns the typeface.
    pub fn typeface(&self) -> Typeface {
        self.typeface
    }

    /// Replaces the `ToUnicode` maps. `text` returns the text of a character.
    pub fn set_to_unicode(&self, document: &mut Document, text: &dyn Fn(char) -> String) {
        let codes: Vec<_> = characters()
            .filter(char::is_ascii)
            .map(|c| (hex(&self.codes(&c.to_string())), text(c)))
            .collect();
        let range = match codes[0].0.len() {
            2 => "<00> <FF>",
            _ => "<0000> <FFFF>",
        };
        let map = to_unicode(document, range, &codes);
        for font in [self.regular, self.bold] {
            document.dict_mut(font).set("ToUnicode", map);
        }
    }

    /// Returns the resource dictionary of a page that uses only these fonts.
    pub fn resources(&self) -> Dict {
        if self.typeface == Typeface::Outlines {
            return Dict::new();
        }
        let fonts = Dict::new().with("F1", self.regular).with("F2", self.bold);
        Dict::new().with("Font", fonts)
    }

    /// Returns the character codes of a text.
    pub fn codes(&self, text: &str) -> Vec<u8> {
        text.chars()
            .flat_map(|c| match self.typeface {
                Typeface::Embedded => two_bytes(glyph_index(c) + 1),
                Typeface::EmbeddedUnmapped => two_bytes(shuffled_index(c) + 1),
                Typeface::Type3Mapped | Typeface::Type3Unmapped => vec![type3_code(c)],
                Typeface::Type3Numbered => vec![numbered_code(c)],
                Typeface::UnicodeCodes => two_bytes(c as usize),
                _ => {
                    assert!(
                        c.is_ascii(),
                        "{c:?} is in no encoding of {:?}",
                        self.typeface
                    );
                    vec![c as u8]
                }
            })
            .collect()
    }
}

/// Adds one of the fonts that every viewer has.
pub fn base14(document: &mut Document, base: &str) -> Id {
    document.add_dict(
        Dict::new()
            .with("Type", name("Font"))
            .with("Subtype", name("Type1"))
            .with("BaseFont", name(base))
            .with("Encoding", name("WinAnsiEncoding")),
    )
}

fn two_bytes(glyph: usize) -> Vec<u8> {
    u16::try_from(glyph)
        .expect("few glyphs")
        .to_be_bytes()
        .to_vec()
}

/// Maps a character to an unrelated glyph index.
///
/// This is a permutation, because the number of glyphs, 97, is prime.
fn shuffled_index(character: char) -> usize {
    (glyph_index(character) * 41 + 13) % characters().count()
}

/// Returns a Type 3 code that is neither the code of the character nor at a fixed distance from it.
fn type3_code(character: char) -> u8 {
    u8::try_from(shuffled_index(character) + 1).expect("below 256")
}

/// Returns a Type 3 code from `0` on, and that of ASCII for the space.
fn numbered_code(character: char) -> u8 {
    match character {
        ' ' => b' ',
        character => b'0' + type3_code(character),
    }
}

fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().map(|byte| format!("{byte:02X}"));
    digits.collect::<Vec<_>>().concat()
}

/// Adds a CID font without a font program.
fn unicode_font(document: &mut Document) -> Id {
    let descendant = document.add_dict(cid_descendant("Courier").with("DW", ADVANCE));
    document.add_dict(type0("Courier", descendant).with("ToUnicode", name("Identity-H")))
}

/// Returns the first entries of a CID font.
fn cid_descendant(base: &str) -> Dict {
    let system = Dict::new()
        .with("Registry", text("Adobe"))
        .with("Ordering", text("Identity"))
        .with("Supplement", 0);
    Dict::new()
        .with("Type", name("Font"))
        .with("Subtype", name("CIDFontType2"))
        .with("BaseFont", name(base))
        .with("CIDSystemInfo", system)
}

/// Returns a font of two-byte codes, without a `ToUnicode` map.
fn type0(base: &str, descendant: Id) -> Dict {
    Dict::new()
        .with("Type", name("Font"))
        .with("Subtype", name("Type0"))
        .with("BaseFont", name(base))
        .with("Encoding", name("Identity-H"))
        .with("DescendantFonts", array([descendant]))
}

fn cid_font(document: &mut Document, typeface: Typeface) -> Id {
    let mut order: Vec<char> = characters().collect();
    if typeface == Typeface::EmbeddedUnmapped {
        order.sort_by_key(|&c| shuffled_index(c));
    }
    let file = font_file(&order);
    let file = document.add_flate(Dict::new().with("Length1", file.len()), &file);
    let base = match typeface {
        Typeface::Embedded => "BCDEEE+StatementSans",
        _ => "BCDFEE+StatementSans",
    };
    let descriptor = document.add_dict(
        Dict::new()
            .with("Type", name("FontDescriptor"))
            .with("FontName", name(base))
            .with("Flags", 4)
            .with("FontBBox", array([0, 0, 500, 700]))
            .with("ItalicAngle", 0)
            .with("Ascent", 700)
            .with("Descent", -200)
            .with("CapHeight", 700)
            .with("StemV", 100)
            .with("FontFile2", file),
    );
    let descendant = document.add_dict(
        cid_descendant(base)
            .with("FontDescriptor", descriptor)
            .with("DW", ADVANCE)
            .with("CIDToGIDMap", name("Identity")),
    );
    let mut font = type0(base, descendant);
    if typeface == Typeface::Embedded {
        let codes: Vec<_> = characters()
            .map(|c| (format!("{:04X}", glyph_index(c) + 1), c.to_string()))
            .collect();
        font.set("ToUnicode", to_unicode(document, "<0000> <FFFF>", &codes));
    }
    document.add_dict(font)
}

fn type3(document: &mut Document, typeface: Typeface) -> Id {
    let mut shapes: Vec<(u8, String, char)> = characters()
        .filter(char::is_ascii)
        .map(|c| match typeface {
            Typeface::Type3Named => (c as u8, glyph_name(c), c),
            Typeface::Type3Numbered => (numbered_code(c), numbered_code(c).to_string(), c),
            Typeface::Type3Arbitrary => (c as u8, format!("g{}", c as u32 + 200), c),
            _ => (type3_code(c), format!("g{}", type3_code(c)), c),
        })
        .collect();
    shapes.sort();
    let mut procedures = Dict::new();
    let mut differences = Vec::new();
    let (first, last) = (shapes[0].0, shapes[shapes.len() - 1].0);
    for (code, glyph, character) in &shapes {
        let mut shape = format!("{ADVANCE} 0 0 0 500 700 d1\n").into_bytes();
        for stroke in strokes(*character) {
            let rectangle = [
                stroke.column * CELL,
                stroke.bottom * CELL,
                CELL,
                stroke.height * CELL,
            ];
            shape.extend(rectangle.map(|v| v.to_string()).join(" ").bytes());
            shape.extend(b" re\n");
        }
        shape.extend(b"f");
        procedures.set(glyph, document.add(Body::Stream(Dict::new(), shape)));
        differences.extend([Object::from(u32::from(*code)), name(glyph)]);
    }
    let count = usize::from(last - first) + 1;
    let mut font = Dict::new()
        .with("Type", name("Font"))
        .with("Subtype", name("Type3"))
        .with("FontBBox", array([0, 0, 500, 700]))
        .with(
            "FontMatrix",
            array([1, 0, 0, 1, 0, 0].map(|v| Object::Milli(i64::from(v)))),
        )
        .with("CharProcs", procedures)
        .with("Encoding", Dict::new().with("Differences", differences))
        .with("FirstChar", u32::from(first))
        .with("LastChar", u32::from(last))
        .with("Widths", array(vec![ADVANCE; count]))
        .with("Resources", Dict::new());
    if typeface == Typeface::Type3Mapped {
        let codes: Vec<_> = shapes
            .iter()
            .map(|(code, _, c)| (format!("{code:02X}"), c.to_string()))
            .collect();
        font.set("ToUnicode", to_unicode(document, "<00> <FF>", &codes));
    }
    document.add_dict(font)
}

fn glyph_name(character: char) -> String {
    if character.is_ascii_alphabetic() {
        return character.to_string();
    }
    let names = NAMES_TO_AT
        .split_whitespace()
        .chain(NAMES_BETWEEN.split_whitespace())
        .chain(NAMES_AFTER.split_whitespace());
    let unnamed_before = characters()
        .take_while(|&c| c != character)
        .filter(|c| !c.is_ascii_alphabetic());
    names
        .skip(unnamed_before.count())
        .map(str::to_owned)
        .next()
        .expect("all of ASCII is listed")
}

/// Adds a `ToUnicode` map of hexadecimal codes (9.10.3).
fn to_unicode(document: &mut Document, range: &str, codes: &[(String, String)]) -> Id {
    let mut map = format!(
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n\
         /CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n\
         /CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n\
         1 begincodespacerange\n{range}\nendcodespacerange\n"
    );
    // PostScript interpreters accept at most 100 entries per block.
    for block in codes.chunks(100) {
        let rows: Vec<String> = block
            .iter()
            .map(|(code, text)| {
                let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
                format!("<{code}> <{}>\n", hex(&units))
            })
            .collect();
        let count = block.len().to_string();
        map += &[&count, " beginbfchar\n", &rows.concat(), "endbfchar\n"].concat();
    }
    map += "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n";
    document.add(Body::Stream(
        Dict::new().with("Filter", name("FlateDecode")),
        flate(map.as_bytes()),
    ))
}
