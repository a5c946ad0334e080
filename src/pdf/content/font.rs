//! What a font tells without its outlines: code -> Unicode and width (ISO 32000-2, 9.5 to 9.10).
//!
//! The font program itself is never read: it is large, hostile and rarely needed. Where only the
//! program knows what a code means, the answer is a guess and says so ([`Meaning::Guess`]).

use super::encoding::{self, SimpleEncoding};
use super::to_unicode::ToUnicode;
use crate::pdf::filter::{self, Undecodable};
use crate::pdf::limits::Budget;
use crate::pdf::repair::Damage;
use hayro_cmap::{BfString, CMap, CMapName, CidFamily};
use hayro_syntax::object::{Array, Dict, Name, Object, Stream, String as PdfString};
use std::cell::OnceCell;
use std::ops::RangeInclusive;

/// A `ToUnicode` map or embedded `CMap` larger than this is ignored; real ones stay below 1 MiB.
const MAX_CMAP_BYTES: usize = 4 << 20;
/// Codes of a one-byte font. Those that are cut to the glyphs of a document rarely have more.
const LOW_CODES: usize = 256;

/// What one code stands for.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::pdf) enum Meaning {
    /// A character, by the font's own word.
    Char(char),
    /// Several characters, such as a ligature, or none that is its own.
    Text(Box<str>),
    /// Probably this character: the font program, which is not read, may say otherwise.
    Guess(char),
    /// Nothing leads to Unicode.
    Unmapped,
}

impl Meaning {
    /// Whether this is a letter or digit, which is what counts as text.
    pub(in crate::pdf) fn is_alphanumeric(&self) -> bool {
        match self {
            Self::Char(c) | Self::Guess(c) => c.is_alphanumeric(),
            Self::Text(text) => text.chars().any(char::is_alphanumeric),
            Self::Unmapped => false,
        }
    }
}

/// What a code stands for, and how far it moves on.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::pdf) struct Sign {
    pub(in crate::pdf) meaning: Meaning,
    /// In text space, for a font size of 1 (ISO 32000-2, 9.2.4).
    pub(in crate::pdf) advance: f32,
}

/// One font of a document.
#[derive(Debug)]
pub(in crate::pdf) struct Font {
    kind: Kind,
    /// Text space units (thousandths unless Type 3) to the em.
    unit: f32,
    /// The lowest codes, each looked up when it is first shown. Empty where a value alone does not
    /// make a code.
    known: Box<[OnceCell<Sign>]>,
}

#[derive(Debug)]
enum Kind {
    Simple(Box<Simple>),
    Composite(Box<Composite>),
}

/// A font of one-byte codes.
#[derive(Debug)]
struct Simple {
    encoding: SimpleEncoding,
    to_unicode: Option<ToUnicode>,
    /// By code.
    widths: Box<[f32]>,
}

/// A Type 0 font.
#[derive(Debug)]
struct Composite {
    /// `None` is the identity: two bytes, code = CID.
    codes: Option<CMap>,
    to_unicode: Option<ToUnicode>,
    /// CID to Unicode, for the character collections of Adobe.
    collection: Option<CMap>,
    /// Codes are UTF-16 already.
    utf16: bool,
    /// Sorted by first CID.
    widths: Vec<(RangeInclusive<u32>, CidWidths)>,
    default_width: f32,
}

#[derive(Debug)]
enum CidWidths {
    Same(f32),
    Each(Box<[f32]>),
}

/// One code of a shown string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::pdf) struct Code {
    pub(in crate::pdf) value: u32,
    pub(in crate::pdf) bytes: usize,
}

/// A shown string, to be cut into codes; each of the ways has its own loop, as all text is in it.
pub(in crate::pdf) enum Codes<'s> {
    /// Each byte is one: see [`Code::of_byte`].
    Bytes(&'s [u8]),
    /// Each two bytes are one: see [`Code::of_pair`].
    Pairs(&'s [u8]),
    Mapped(MappedCodes<'s>),
}

/// The codes of a string, as a map tells their lengths.
pub(in crate::pdf) struct MappedCodes<'s> {
    cmap: &'s CMap,
    rest: &'s [u8],
}

impl Iterator for MappedCodes<'_> {
    type Item = Code;

    /// The shortest code of the map that the rest begins with; two bytes where there is none.
    fn next(&mut self) -> Option<Code> {
        let first = *self.rest.first()?;
        let mut value = 0;
        let mut found = None;
        for (index, byte) in self.rest.iter().take(4).enumerate() {
            value = value << 8 | u32::from(*byte);
            let bytes = index + 1;
            if self.cmap.lookup_cid_code(value, bytes as u8).is_some() {
                found = Some(Code { value, bytes });
                break;
            }
        }
        let code = found.unwrap_or(Code {
            value: first.into(),
            bytes: self.rest.len().min(2),
        });
        self.rest = self.rest.get(code.bytes..).unwrap_or_default();
        Some(code)
    }
}

impl Code {
    pub(in crate::pdf) fn of_byte(byte: u8) -> Self {
        Self {
            value: byte.into(),
            bytes: 1,
        }
    }

    /// A code of two bytes; a zero stands for one that is missing at the end of a string.
    pub(in crate::pdf) fn of_pair(pair: &[u8]) -> Self {
        let [first, second] = [0, 1].map(|index| pair.get(index).copied().unwrap_or_default());
        Self {
            value: u16::from_be_bytes([first, second]).into(),
            bytes: pair.len(),
        }
    }

    /// Word spacing applies to the one-byte code 32 only (ISO 32000-2, 9.3.3).
    pub(in crate::pdf) fn is_word_space(self) -> bool {
        self.value == 32 && self.bytes == 1
    }
}

impl Font {
    /// Reads a font dictionary. Never fails: an unreadable font means nothing.
    pub(in crate::pdf) fn read(dict: &Dict<'_>, budget: &mut Budget<'_>) -> Self {
        let to_unicode = dict
            .get::<Stream<'_>>("ToUnicode")
            .and_then(|stream| read_map(&stream, budget))
            .map(|data| ToUnicode::parse(&data));
        if to_unicode.as_ref().is_some_and(ToUnicode::claims_too_much) {
            budget.notice(Damage::CharacterMap);
        }
        let subtype = dict.get::<Name<'_>>("Subtype");
        let subtype = subtype.as_deref().unwrap_or_default();
        let kind = if subtype == b"Type0" {
            composite(dict, to_unicode, budget)
        } else {
            simple(dict, subtype == b"Type3", to_unicode)
        };
        let unit = if subtype == b"Type3" {
            let matrix = dict.get::<Array<'_>>("FontMatrix");
            let scale = matrix.and_then(|matrix| matrix.iter::<f32>().next());
            scale.unwrap_or(0.001)
        } else {
            0.001
        };
        let known = match &kind {
            Kind::Composite(composite) if composite.codes.is_some() => 0,
            _ => LOW_CODES,
        };
        Self {
            kind,
            unit,
            known: vec![OnceCell::new(); known].into_boxed_slice(),
        }
    }

    /// Cuts a shown string into codes.
    pub(in crate::pdf) fn codes<'s>(&'s self, shown: &'s [u8]) -> Codes<'s> {
        match &self.kind {
            Kind::Simple(_) => Codes::Bytes(shown),
            Kind::Composite(composite) => match &composite.codes {
                None => Codes::Pairs(shown),
                Some(cmap) => Codes::Mapped(MappedCodes { cmap, rest: shown }),
            },
        }
    }

    /// What a code stands for, and how far it moves on; the slot is for what is not kept.
    #[inline]
    pub(in crate::pdf) fn sign<'s>(&'s self, code: Code, slot: &'s mut Option<Sign>) -> &'s Sign {
        match self.known.get(code.value as usize) {
            Some(known) => known.get_or_init(|| self.look_up(code)),
            None => slot.insert(self.look_up(code)),
        }
    }

    fn look_up(&self, code: Code) -> Sign {
        let (meaning, width) = match &self.kind {
            Kind::Simple(simple) => (simple.meaning(code), simple.width(code)),
            Kind::Composite(composite) => (
                composite.meaning(code),
                composite.width(composite.cid(code)),
            ),
        };
        Sign {
            meaning,
            advance: width * self.unit,
        }
    }
}

impl Simple {
    fn meaning(&self, code: Code) -> Meaning {
        let Ok(byte) = u8::try_from(code.value) else {
            return Meaning::Unmapped;
        };
        stated(self.to_unicode.as_ref(), code.value).unwrap_or_else(|| self.encoding.meaning(byte))
    }

    fn width(&self, code: Code) -> f32 {
        self.widths.get(code.value as usize).copied().unwrap_or(0.0)
    }
}

impl Composite {
    fn meaning(&self, code: Code) -> Meaning {
        if let Some(meaning) = stated(self.to_unicode.as_ref(), code.value) {
            return meaning;
        }
        if self.utf16 {
            return char::from_u32(code.value).map_or(Meaning::Unmapped, Meaning::Char);
        }
        self.collection
            .as_ref()
            .and_then(|map| map.lookup_bf_string(self.cid(code)))
            .map_or(Meaning::Unmapped, from_bf_string)
    }

    fn cid(&self, code: Code) -> u32 {
        match &self.codes {
            Some(cmap) => cmap
                .lookup_cid_code(code.value, code.bytes as u8)
                .unwrap_or(0),
            None => code.value,
        }
    }

    fn width(&self, cid: u32) -> f32 {
        let after = self
            .widths
            .partition_point(|(range, _)| *range.start() <= cid);
        let nearest = after
            .checked_sub(1)
            .and_then(|index| self.widths.get(index));
        match nearest.filter(|(range, _)| range.contains(&cid)) {
            Some((_, CidWidths::Same(width))) => *width,
            Some((range, CidWidths::Each(each))) => each
                .get((cid - range.start()) as usize)
                .copied()
                .unwrap_or(self.default_width),
            None => self.default_width,
        }
    }
}

/// What a `ToUnicode` map says of a code, where it says anything.
fn stated(to_unicode: Option<&ToUnicode>, code: u32) -> Option<Meaning> {
    let meaning = to_unicode?.lookup(code)?;
    (meaning != Meaning::Unmapped).then_some(meaning)
}

fn from_bf_string(text: BfString) -> Meaning {
    match text {
        BfString::Char(c) if is_readable(c) => Meaning::Char(c),
        BfString::String(text) if !text.is_empty() && text.chars().all(is_readable) => {
            Meaning::Text(text.into_boxed_str())
        }
        _ => Meaning::Unmapped,
    }
}

/// Whether a character means something to whoever copies it: the replacement character, controls
/// and the private use area do not.
pub(in crate::pdf) fn is_readable(c: char) -> bool {
    c != char::REPLACEMENT_CHARACTER
        && !matches!(c, '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..)
        && (!c.is_control() || c.is_whitespace())
}

/// The bytes of a map, unless it is damaged or larger than any map.
fn read_map(stream: &Stream<'_>, budget: &mut Budget<'_>) -> Option<Vec<u8>> {
    let data = filter::decode(stream, MAX_CMAP_BYTES, budget);
    if let Err(Undecodable::Limit(_)) = data {
        budget.notice(Damage::CharacterMap);
    }
    data.ok()
}

fn read_cmap(stream: &Stream<'_>, budget: &mut Budget<'_>) -> Option<CMap> {
    let data = read_map(stream, budget)?;
    CMap::parse(&data, hayro_cmap::load_embedded)
}

fn simple(dict: &Dict<'_>, is_type3: bool, to_unicode: Option<ToUnicode>) -> Kind {
    let mut widths = vec![0.0; LOW_CODES];
    let descriptor = dict.get::<Dict<'_>>("FontDescriptor");
    if let Some(array) = dict.get::<Array<'_>>("Widths") {
        let missing = descriptor.and_then(|d| d.get::<f32>("MissingWidth"));
        widths.fill(missing.unwrap_or(0.0));
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
    Kind::Simple(Box::new(Simple {
        encoding: SimpleEncoding::read(dict, is_type3),
        to_unicode,
        widths: widths.into_boxed_slice(),
    }))
}

fn composite(dict: &Dict<'_>, to_unicode: Option<ToUnicode>, budget: &mut Budget<'_>) -> Kind {
    let descendants = dict.get::<Array<'_>>("DescendantFonts");
    let descendant = descendants
        .and_then(|fonts| fonts.iter::<Dict<'_>>().next())
        .unwrap_or_default();
    let name = dict.get::<Name<'_>>("Encoding");
    let name = name.as_deref().unwrap_or_default();
    let codes = if name.is_empty() {
        dict.get::<Stream<'_>>("Encoding")
            .and_then(|stream| read_cmap(&stream, budget))
    } else if name.starts_with(b"Identity") {
        None
    } else {
        hayro_cmap::load_embedded(CMapName::from_bytes(name))
            .and_then(|data| CMap::parse(data, hayro_cmap::load_embedded))
    };
    let collection = to_unicode
        .is_none()
        .then(|| character_collection(&descendant))
        .flatten();
    Kind::Composite(Box::new(Composite {
        utf16: name
            .windows(5)
            .any(|part| part == b"UTF16" || part == b"UCS2-"),
        codes,
        to_unicode,
        collection,
        widths: descendant
            .get::<Array<'_>>("W")
            .map(|array| cid_widths(&array))
            .unwrap_or_default(),
        default_width: descendant.get::<f32>("DW").unwrap_or(1000.0),
    }))
}

/// The map from CIDs to Unicode that Adobe publishes for a collection.
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
/// Ranges are kept as ranges: an array that claims two thousand million widths costs one entry.
fn cid_widths(array: &Array<'_>) -> Vec<(RangeInclusive<u32>, CidWidths)> {
    let mut found: Vec<(RangeInclusive<u32>, CidWidths)> = Vec::new();
    let mut items = array.iter::<Object<'_>>();
    while let (Some(first), Some(second)) = (items.next(), items.next()) {
        let Some(first) = first.into_i32().and_then(|n| u32::try_from(n).ok()) else {
            break;
        };
        if let Object::Array(each) = second {
            let each: Box<[f32]> = each.iter::<f32>().collect();
            if let Some(more) = (each.len() as u32).checked_sub(1) {
                found.push((first..=first.saturating_add(more), CidWidths::Each(each)));
            }
            continue;
        }
        let last = second.into_i32().and_then(|n| u32::try_from(n).ok());
        let width = items.next().and_then(Object::into_f32);
        let (Some(last), Some(width)) = (last, width) else {
            break;
        };
        found.push((first..=last, CidWidths::Same(width)));
    }
    found.sort_by_key(|(range, _)| *range.start());
    found
}
