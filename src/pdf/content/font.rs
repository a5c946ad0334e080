//! Font dictionaries: character code to Unicode and width (ISO 32000-2, 9.5 to 9.10).
//!
//! The font program is never read: it is large, untrusted and rarely needed. If only the program
//! defines a code, the mapping is a guess and is marked as such ([`CharMapping::Guess`]).

use super::char_code::CharCode;
use super::char_mapping::{CharMapping, is_readable};
use super::encoding::{self, SimpleEncoding};
use super::level::{AdvanceTable, LevelState};
use super::observer::{FontFacts, MapSource};
use super::to_unicode::ToUnicode;
use crate::pdf::damage::Damage;
use crate::pdf::filter::{self, DecodeError};
use crate::pdf::limits::Budget;
use hayro_cmap::{BfString, CMap, CMapName, CidFamily};
use hayro_syntax::object::{Array, Dict, Name, Object, Stream, String as PdfString};
use std::cell::{OnceCell, RefCell, RefMut};
use std::ops::RangeInclusive;

/// Size from which a `ToUnicode` map or embedded `CMap` is ignored; real ones stay below 1 MiB.
const MAX_CMAP_BYTES: usize = 4 << 20;
/// Number of codes of a one-byte font. Subset fonts rarely have more codes either.
const ONE_BYTE_CODES: usize = 256;
/// Text space units per width unit of all fonts except Type 3 (ISO 32000-2, 9.2.4).
const THOUSANDTH: f32 = 0.001;
/// Default of `DW` (ISO 32000-2, 9.7.4.3).
const DEFAULT_CID_WIDTH: f32 = 1000.0;

/// A glyph as its font dictionary describes it: Unicode mapping and advance width.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::pdf) struct Glyph {
    pub(in crate::pdf) mapping: CharMapping,
    /// In text space, for a font size of 1 (ISO 32000-2, 9.2.4).
    pub(in crate::pdf) advance: f32,
}

/// One font of a document.
#[derive(Debug)]
pub(in crate::pdf) struct Font {
    kind: FontKind,
    /// Text space units per unit of width.
    width_scale: f32,
    is_type3: bool,
    facts: FontFacts,
    /// Glyphs of the lowest codes, filled on first use.
    ///
    /// Empty if the length of a code is part of its identity, because the index is the value alone.
    cache: Box<[OnceCell<Glyph>]>,
    /// The advances of its glyphs in the text state in which it was used last.
    advances: RefCell<Option<Box<AdvanceTable>>>,
}

#[derive(Debug)]
enum FontKind {
    Simple(Box<SimpleFont>),
    Composite(Box<CompositeFont>),
}

/// A font of one-byte codes.
#[derive(Debug)]
struct SimpleFont {
    encoding: SimpleEncoding,
    to_unicode: Option<ToUnicode>,
    /// Indexed by code.
    widths: Box<[f32]>,
}

/// A Type 0 font.
#[derive(Debug)]
struct CompositeFont {
    /// Maps codes to CIDs. `None` is the identity mapping of two-byte codes.
    code_map: Option<CMap>,
    to_unicode: Option<ToUnicode>,
    /// Whether the codes may be glyphs of the font program, although the map names them Unicode.
    guesses_identity: bool,
    /// Maps CIDs to Unicode, for the character collections of Adobe.
    collection: Option<CMap>,
    /// Whether the codes are UTF-16.
    is_utf16: bool,
    /// Sorted by first CID.
    widths: Vec<(RangeInclusive<u32>, CidWidths)>,
    default_width: f32,
}

#[derive(Debug)]
enum CidWidths {
    /// One width for the whole range.
    Uniform(f32),
    /// One width per CID.
    PerCid(Box<[f32]>),
}

/// A shown string with the rule that splits it into character codes.
///
/// The caller runs a separate loop per variant, because all text passes through it.
pub(in crate::pdf) enum CharCodes<'s> {
    /// One byte per code: see [`CharCode::from_byte`].
    Bytes(&'s [u8]),
    /// Two bytes per code: see [`CharCode::from_pair`].
    Pairs(&'s [u8]),
    /// Codes whose lengths a `CMap` defines.
    Mapped(MappedCodes<'s>),
}

/// Iterates over the codes of a string whose lengths a `CMap` defines.
pub(in crate::pdf) struct MappedCodes<'s> {
    cmap: &'s CMap,
    rest: &'s [u8],
}

impl Iterator for MappedCodes<'_> {
    type Item = CharCode;

    /// Returns the shortest code of the map that matches, or two bytes if no code matches.
    fn next(&mut self) -> Option<CharCode> {
        let first = *self.rest.first()?;
        let mut value = 0;
        let mut matched = None;
        for (index, byte) in self.rest.iter().take(4).enumerate() {
            value = value << 8 | u32::from(*byte);
            let bytes = index + 1;
            if self.cmap.lookup_cid_code(value, bytes as u8).is_some() {
                matched = Some(CharCode { value, bytes });
                break;
            }
        }
        let code = matched.unwrap_or(CharCode {
            value: first.into(),
            bytes: self.rest.len().min(2),
        });
        self.rest = self.rest.get(code.bytes..).unwrap_or_default();
        Some(code)
    }
}

impl Font {
    /// Reads a font dictionary. Never fails: an unreadable font leaves all its codes unmapped.
    ///
    /// `id` identifies the font among those of the document.
    pub(in crate::pdf) fn read(id: u32, dict: &Dict<'_>, budget: &mut Budget<'_>) -> Self {
        let to_unicode = dict
            .get::<Stream<'_>>("ToUnicode")
            .and_then(|stream| decode_map(&stream, budget))
            .map(|data| ToUnicode::parse(&data));
        if to_unicode
            .as_ref()
            .is_some_and(ToUnicode::exceeds_code_space)
        {
            budget.record_damage(Damage::CharacterMap);
        }
        let subtype = dict.get::<Name<'_>>("Subtype");
        let subtype = subtype.as_deref().unwrap_or_default();
        let kind = if subtype == b"Type0" {
            read_composite(dict, to_unicode, budget)
        } else {
            read_simple(dict, subtype == b"Type3", to_unicode)
        };
        // Only Type 3 fonts define their own glyph space.
        let width_scale = if subtype == b"Type3" {
            let matrix = dict.get::<Array<'_>>("FontMatrix");
            let scale = matrix.and_then(|matrix| matrix.iter::<f32>().next());
            scale.unwrap_or(THOUSANDTH)
        } else {
            THOUSANDTH
        };
        let prefers_program = match &kind {
            FontKind::Simple(simple) => simple.encoding.has_unknown_names && subtype != b"Type3",
            FontKind::Composite(composite) => composite.guesses_identity,
        };
        // With a `CMap`, codes of different lengths can have the same value.
        let cached = match &kind {
            FontKind::Composite(composite) if composite.code_map.is_some() => 0,
            _ => ONE_BYTE_CODES,
        };
        Self {
            kind,
            width_scale,
            is_type3: subtype == b"Type3",
            facts: FontFacts {
                id,
                prefers_program,
                garbled: None,
            },
            cache: vec![OnceCell::new(); cached].into_boxed_slice(),
            advances: RefCell::default(),
        }
    }

    pub(in crate::pdf) fn is_type3(&self) -> bool {
        self.is_type3
    }

    pub(in crate::pdf) fn facts(&self) -> FontFacts {
        self.facts
    }

    /// Makes all glyphs unmapped except blanks, because the characters they map to are wrong.
    pub(in crate::pdf) fn mark_garbled(&mut self, source: MapSource) {
        self.facts.garbled = Some(source);
        self.cache.fill(OnceCell::new());
        *self.advances.get_mut() = None;
    }

    /// Splits a shown string into character codes.
    pub(in crate::pdf) fn codes<'s>(&'s self, shown: &'s [u8]) -> CharCodes<'s> {
        match &self.kind {
            FontKind::Simple(_) => CharCodes::Bytes(shown),
            FontKind::Composite(composite) => match &composite.code_map {
                None => CharCodes::Pairs(shown),
                Some(cmap) => CharCodes::Mapped(MappedCodes { cmap, rest: shown }),
            },
        }
    }

    /// Returns the glyph of a code. `uncached` provides storage for a glyph outside the cache.
    #[inline]
    pub(in crate::pdf) fn glyph<'s>(
        &'s self,
        code: CharCode,
        uncached: &'s mut Option<Glyph>,
    ) -> &'s Glyph {
        match self.cache.get(code.value as usize) {
            Some(cell) => cell.get_or_init(|| self.resolve(code)),
            None => self.resolve_uncached(code, uncached),
        }
    }

    /// Returns the character and the advance of a code, if the dictionary states that it is one
    /// character.
    #[cold]
    pub(super) fn stated(&self, code: CharCode) -> Option<(char, f32)> {
        let mut uncached = None;
        let glyph = self.glyph(code, &mut uncached);
        match glyph.mapping {
            CharMapping::Char(character) => Some((character, glyph.advance)),
            _ => None,
        }
    }

    /// Returns the advances of the glyphs in a text state; `None` if the values of codes do not
    /// identify glyphs.
    #[inline]
    pub(super) fn advances(&self, state: LevelState) -> Option<RefMut<'_, AdvanceTable>> {
        if self.cache.is_empty() {
            return None;
        }
        RefMut::filter_map(self.advances.borrow_mut(), |advances| {
            let table = advances.get_or_insert_with(|| Box::new(AdvanceTable::new(state)));
            table.prepare(state);
            Some(&mut **table)
        })
        .ok()
    }

    /// Not a part of the loop over glyphs, whose code must stay small.
    #[cold]
    fn resolve_uncached<'s>(&self, code: CharCode, uncached: &'s mut Option<Glyph>) -> &'s Glyph {
        uncached.insert(self.resolve(code))
    }

    #[cold]
    fn resolve(&self, code: CharCode) -> Glyph {
        let (mapping, width) = match &self.kind {
            FontKind::Simple(simple) => (simple.map(code), simple.width(code)),
            FontKind::Composite(composite) => {
                (composite.map(code), composite.width(composite.cid(code)))
            }
        };
        let mapping = match mapping {
            CharMapping::Char(c) | CharMapping::Guess(c) if c.is_whitespace() => mapping,
            _ if self.facts.garbled.is_some() => CharMapping::Unmapped,
            _ => mapping,
        };
        Glyph {
            mapping,
            advance: width * self.width_scale,
        }
    }
}

impl SimpleFont {
    fn map(&self, code: CharCode) -> CharMapping {
        let Ok(byte) = u8::try_from(code.value) else {
            return CharMapping::Unmapped;
        };
        let stated = self
            .to_unicode
            .as_ref()
            .and_then(|map| map.lookup(code.value));
        match stated {
            // As in viewers, a character of the encoding precedes an empty text.
            Some(empty) if empty.is_empty() => match self.encoding.map(byte) {
                CharMapping::Char(c) if !c.is_whitespace() => CharMapping::Char(c),
                _ => empty,
            },
            Some(mapping) => mapping,
            None => self.encoding.map(byte),
        }
    }

    fn width(&self, code: CharCode) -> f32 {
        self.widths.get(code.value as usize).copied().unwrap_or(0.0)
    }
}

impl CompositeFont {
    fn map(&self, code: CharCode) -> CharMapping {
        if let Some(mapping) = self
            .to_unicode
            .as_ref()
            .and_then(|map| map.lookup(code.value))
        {
            return match mapping {
                CharMapping::Char(c) if self.guesses_identity => CharMapping::Guess(c),
                mapping => mapping,
            };
        }
        if self.is_utf16 {
            return char::from_u32(code.value).map_or(CharMapping::Unmapped, CharMapping::Char);
        }
        self.collection
            .as_ref()
            .and_then(|map| map.lookup_bf_string(self.cid(code)))
            .map_or(CharMapping::Unmapped, from_bf_string)
    }

    fn cid(&self, code: CharCode) -> u32 {
        match &self.code_map {
            // CID 0 is the glyph for undefined codes (ISO 32000-2, 9.7.6.3).
            Some(cmap) => cmap
                .lookup_cid_code(code.value, code.bytes as u8)
                .unwrap_or(0),
            None => code.value,
        }
    }

    fn width(&self, cid: u32) -> f32 {
        // Only the last range that starts at or before the CID can contain it.
        let after = self
            .widths
            .partition_point(|(range, _)| *range.start() <= cid);
        let nearest = after
            .checked_sub(1)
            .and_then(|index| self.widths.get(index));
        match nearest.filter(|(range, _)| range.contains(&cid)) {
            Some((_, CidWidths::Uniform(width))) => *width,
            Some((range, CidWidths::PerCid(widths))) => widths
                .get((cid - range.start()) as usize)
                .copied()
                .unwrap_or(self.default_width),
            None => self.default_width,
        }
    }
}

fn from_bf_string(text: BfString) -> CharMapping {
    match text {
        BfString::Char(c) if is_readable(c) => CharMapping::Char(c),
        BfString::String(text) if !text.is_empty() && text.chars().all(is_readable) => {
            CharMapping::Text(text.into_boxed_str())
        }
        _ => CharMapping::Unmapped,
    }
}

/// Decodes a map; returns `None` if it is damaged or exceeds [`MAX_CMAP_BYTES`].
fn decode_map(stream: &Stream<'_>, budget: &mut Budget<'_>) -> Option<Vec<u8>> {
    let data = filter::decode(stream, MAX_CMAP_BYTES, budget);
    if let Err(DecodeError::Limit(_)) = data {
        budget.record_damage(Damage::CharacterMap);
    }
    data.ok()
}

fn read_cmap(stream: &Stream<'_>, budget: &mut Budget<'_>) -> Option<CMap> {
    let data = decode_map(stream, budget)?;
    CMap::parse(&data, hayro_cmap::load_embedded)
}

fn read_simple(dict: &Dict<'_>, is_type3: bool, to_unicode: Option<ToUnicode>) -> FontKind {
    let mut widths = vec![0.0; ONE_BYTE_CODES];
    let descriptor = dict.get::<Dict<'_>>("FontDescriptor");
    if let Some(array) = dict.get::<Array<'_>>("Widths") {
        let missing = descriptor.and_then(|d| d.get::<f32>("MissingWidth"));
        widths.fill(missing.unwrap_or(0.0));
        // Clamp negative values, which damaged and hostile files contain.
        let first = dict.get::<i32>("FirstChar").unwrap_or(0).max(0) as usize;
        for (slot, object) in widths
            .iter_mut()
            .skip(first)
            .zip(array.iter::<Object<'_>>())
        {
            if let Some(width) = object.into_f32() {
                *slot = width;
            }
        }
    } else {
        let name = dict.get::<Name<'_>>("BaseFont");
        encoding::standard_widths(name.as_deref().unwrap_or_default(), &mut widths);
    }
    FontKind::Simple(Box::new(SimpleFont {
        encoding: SimpleEncoding::read(dict, is_type3),
        to_unicode,
        widths: widths.into_boxed_slice(),
    }))
}

fn read_composite(
    dict: &Dict<'_>,
    to_unicode: Option<ToUnicode>,
    budget: &mut Budget<'_>,
) -> FontKind {
    let descendants = dict.get::<Array<'_>>("DescendantFonts");
    let descendant = descendants
        .and_then(|fonts| fonts.iter::<Dict<'_>>().next())
        .unwrap_or_default();
    let name = dict.get::<Name<'_>>("Encoding");
    let name = name.as_deref().unwrap_or_default();
    let code_map = if name.is_empty() {
        dict.get::<Stream<'_>>("Encoding")
            .and_then(|stream| read_cmap(&stream, budget))
    } else if name.starts_with(b"Identity") {
        None
    } else {
        // An unknown name results in the identity mapping as well.
        hayro_cmap::load_embedded(CMapName::from_bytes(name))
            .and_then(|data| CMap::parse(data, hayro_cmap::load_embedded))
    };
    // As in viewers, the name of the identity mapping makes two-byte codes Unicode.
    let map_name = dict.get::<Name<'_>>("ToUnicode");
    let names_identity = map_name.is_some_and(|name| name.starts_with(b"Identity"));
    let is_identity = names_identity && to_unicode.is_none() && code_map.is_none();
    let to_unicode = to_unicode.or_else(|| is_identity.then(ToUnicode::identity));
    // A `ToUnicode` map has precedence, so the large collection map is loaded only without one.
    let collection = to_unicode
        .is_none()
        .then(|| character_collection(&descendant))
        .flatten();
    FontKind::Composite(Box::new(CompositeFont {
        // The predefined CMaps of UTF-16 codes have the encoding in their names.
        is_utf16: name
            .windows(5)
            .any(|part| part == b"UTF16" || part == b"UCS2-"),
        code_map,
        to_unicode,
        guesses_identity: is_identity && encoding::is_embedded(&descendant),
        collection,
        widths: descendant
            .get::<Array<'_>>("W")
            .map(|array| read_cid_widths(&array))
            .unwrap_or_default(),
        default_width: descendant.get::<f32>("DW").unwrap_or(DEFAULT_CID_WIDTH),
    }))
}

/// Returns the map from CIDs to Unicode that Adobe publishes for a character collection.
fn character_collection(descendant: &Dict<'_>) -> Option<CMap> {
    let info = descendant.get::<Dict<'_>>("CIDSystemInfo")?;
    let registry = info.get::<PdfString<'_>>("Registry")?;
    let ordering = info.get::<PdfString<'_>>("Ordering")?;
    let family = CidFamily::from_registry_ordering(registry.as_bytes(), ordering.as_bytes());
    let data = hayro_cmap::load_embedded(family.ucs2_cmap()?)?;
    CMap::parse(data, hayro_cmap::load_embedded)
}

/// Reads a `W` array (ISO 32000-2, 9.7.4.3): `c [w1 w2 …]` and `first last w`.
///
/// Ranges are not expanded: a range of 2 billion CIDs costs one entry.
fn read_cid_widths(array: &Array<'_>) -> Vec<(RangeInclusive<u32>, CidWidths)> {
    let mut widths: Vec<(RangeInclusive<u32>, CidWidths)> = Vec::new();
    let mut items = array.iter::<Object<'_>>();
    while let (Some(first), Some(second)) = (items.next(), items.next()) {
        let Some(first) = first.into_i32().and_then(|n| u32::try_from(n).ok()) else {
            break;
        };
        if let Object::Array(each) = second {
            let each: Box<[f32]> = each.iter::<f32>().collect();
            if let Some(more) = (each.len() as u32).checked_sub(1) {
                widths.push((first..=first.saturating_add(more), CidWidths::PerCid(each)));
            }
            continue;
        }
        let last = second.into_i32().and_then(|n| u32::try_from(n).ok());
        let width = items.next().and_then(Object::into_f32);
        let (Some(last), Some(width)) = (last, width) else {
            break;
        };
        widths.push((first..=last, CidWidths::Uniform(width)));
    }
    widths.sort_by_key(|(range, _)| *range.start());
    widths
}
