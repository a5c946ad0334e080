//! Lenient parser for `ToUnicode` maps (ISO 32000-2, 9.10.3).
//!
//! Reads only the sections that map codes, at any position in the stream. A broken header, on which
//! strict parsers fail, is ignored. A range costs one entry, regardless of its length.

use super::char_mapping::{CharMapping, is_private, is_readable, is_zero_width};
use super::lexer::{self, Lexed, TokenKind};

/// Bytes of text that one code may map to. A ligature has up to 4 letters, an Arabic word a dozen.
const MAX_TEXT: usize = 32;

/// Codes that a font can have: all fonts seen in practice use codes of at most two bytes.
const MAX_CODES: u32 = 0xFFFF;

/// A map from character codes to Unicode.
#[derive(Debug, Default)]
pub(super) struct ToUnicode {
    /// Sorted by first code. If entries overlap, the one with the highest first code applies.
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    first: u32,
    last: u32,
    target: Target,
}

#[derive(Debug)]
enum Target {
    /// The character of the first code; later codes map to the characters that follow it.
    Characters(u32),
    Text(Box<str>),
    /// Text that contains private characters.
    Private,
    /// The map states that the code has no text.
    Empty,
}

/// The sections of a map, by the form of their entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Section {
    /// `bfchar`: code, text.
    Chars,
    /// `bfrange`: first, last, text or an array of texts.
    Ranges,
    /// `cidchar`: code, number.
    ///
    /// Some writers embed a CID map here by mistake; readers then take the numbers for Unicode.
    CidChars,
    /// `cidrange`: first, last, number.
    CidRanges,
}

impl ToUnicode {
    /// Returns the map in which the codes are Unicode.
    pub(super) fn identity() -> Self {
        let all = Entry {
            first: 0,
            last: MAX_CODES,
            target: Target::Characters(0),
        };
        Self { entries: vec![all] }
    }

    pub(super) fn parse(data: &[u8]) -> Self {
        let mut map = Self::default();
        let mut section = None;
        let mut operands = Vec::new();
        let mut offset = 0;
        while let Lexed::Token(lexeme) = lexer::next(data, offset, true) {
            offset = lexeme.end;
            let is_cut = lexeme.range.end == data.len();
            let token = data.get(lexeme.range).unwrap_or_default();
            match lexeme.kind {
                TokenKind::Keyword => {
                    if let Some(section) = section {
                        map.add_section(section, &operands);
                    }
                    operands.clear();
                    section = Section::from_keyword(token);
                }
                // Without the end of a code, its value is unknown.
                TokenKind::Hex
                | TokenKind::Literal
                | TokenKind::PlainLiteral
                | TokenKind::Number(_)
                    if is_cut =>
                {
                    break;
                }
                TokenKind::Hex | TokenKind::Literal | TokenKind::PlainLiteral
                    if section.is_some() =>
                {
                    let mut bytes = Vec::new();
                    lexer::unescape(lexeme.kind, token, &mut bytes);
                    operands.push(Operand::Bytes(bytes));
                }
                TokenKind::Number(number) if section.is_some() => {
                    operands.push(Operand::Number(number as u32));
                }
                TokenKind::ArrayStart if section.is_some() => operands.push(Operand::ArrayStart),
                TokenKind::ArrayEnd if section.is_some() => operands.push(Operand::ArrayEnd),
                _ => {}
            }
        }
        // A map that was cut short keeps the entries before the cut.
        if let Some(section) = section {
            map.add_section(section, &operands);
        }
        // The sort is stable, so that the last definition of a code applies.
        map.entries.sort_by_key(|entry| entry.first);
        map
    }

    /// Whether the map has more codes or more entries than any font needs.
    pub(super) fn exceeds_code_space(&self) -> bool {
        let is_wide = |entry: &Entry| entry.last - entry.first > MAX_CODES;
        self.entries.len() > MAX_CODES as usize || self.entries.iter().any(is_wide)
    }

    /// Returns the mapping of a code. [`CharMapping::Unmapped`] is a mapping to private characters;
    /// other unreadable ones count as none.
    pub(super) fn lookup(&self, code: u32) -> Option<CharMapping> {
        let after = self.entries.partition_point(|entry| entry.first <= code);
        let entry = self.entries.get(after.checked_sub(1)?)?;
        if code > entry.last {
            return None;
        }
        Some(match &entry.target {
            Target::Characters(base) => {
                match char::from_u32(base.wrapping_add(code - entry.first))? {
                    character if is_zero_width(character) => CharMapping::Text(Box::default()),
                    character if is_readable(character) => CharMapping::Char(character),
                    character if is_private(character) => CharMapping::Unmapped,
                    _ => return None,
                }
            }
            Target::Text(text) => CharMapping::Text(text.clone()),
            Target::Private => CharMapping::Unmapped,
            Target::Empty => CharMapping::Text(Box::default()),
        })
    }

    fn add_section(&mut self, section: Section, operands: &[Operand]) {
        let mut rest = operands;
        while !rest.is_empty() {
            let consumed = match (section, rest) {
                (Section::Chars | Section::CidChars, [code, target, ..]) => {
                    self.add(code.code(), code.code(), target);
                    2
                }
                (Section::Ranges, [first, _, Operand::ArrayStart, items @ ..]) => {
                    3 + self.add_each(first.code(), items)
                }
                (Section::Ranges | Section::CidRanges, [first, last, target, ..]) => {
                    self.add(first.code(), last.code(), target);
                    3
                }
                _ => return,
            };
            rest = rest.get(consumed..).unwrap_or_default();
        }
    }

    /// Maps consecutive codes to the items of an array; returns the number of operands consumed.
    fn add_each(&mut self, first: u32, items: &[Operand]) -> usize {
        let mut code = first;
        for (index, item) in items.iter().enumerate() {
            if matches!(item, Operand::ArrayEnd) {
                return index + 1;
            }
            self.add(code, code, item);
            code = code.saturating_add(1);
        }
        items.len()
    }

    fn add(&mut self, first: u32, last: u32, target: &Operand) {
        let target = match target {
            Operand::Bytes(bytes) => decode_target(bytes),
            Operand::Number(number) => Target::Characters(*number),
            Operand::ArrayStart | Operand::ArrayEnd => return,
        };
        // A reversed range maps nothing.
        if first <= last {
            self.entries.push(Entry {
                first,
                last,
                target,
            });
        }
    }
}

impl Section {
    fn from_keyword(keyword: &[u8]) -> Option<Self> {
        match keyword {
            b"beginbfchar" => Some(Self::Chars),
            b"beginbfrange" => Some(Self::Ranges),
            b"begincidchar" => Some(Self::CidChars),
            b"begincidrange" => Some(Self::CidRanges),
            _ => None,
        }
    }
}

enum Operand {
    Bytes(Vec<u8>),
    Number(u32),
    ArrayStart,
    ArrayEnd,
}

impl Operand {
    fn code(&self) -> u32 {
        match self {
            Self::Bytes(bytes) => big_endian(bytes),
            Self::Number(number) => *number,
            Self::ArrayStart | Self::ArrayEnd => u32::MAX,
        }
    }
}

fn big_endian(bytes: &[u8]) -> u32 {
    let low = bytes.iter().take(4);
    low.fold(0, |value, byte| value << 8 | u32::from(*byte))
}

/// Decodes UTF-16BE text, or the single byte that some writers use.
fn decode_target(bytes: &[u8]) -> Target {
    if bytes.len() < 2 {
        return match bytes.first() {
            Some(byte) => Target::Characters(u32::from(*byte)),
            None => Target::Empty,
        };
    }
    // Decode only as much as is needed to see that the text is too long.
    let bytes = bytes.get(..2 * MAX_TEXT + 2).unwrap_or(bytes);
    let (text, _) = encoding_rs::UTF_16BE.decode_without_bom_handling(bytes);
    let mut characters = text.chars();
    match (characters.next(), characters.next()) {
        (Some(only), None) => Target::Characters(u32::from(only)),
        _ if text.len() <= MAX_TEXT && text.chars().all(is_readable) => Target::Text(text.into()),
        _ if text.chars().all(|c| is_private(c) || is_readable(c)) => Target::Private,
        // Text that is too long or unreadable leaves the code unmapped.
        _ => Target::Characters(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_ranges_and_arrays_are_mapped() {
        let map = ToUnicode::parse(
            b"/Ordering (UC>) << >> def 1 begincodespacerange <0000> <FFFF> endcodespacerange
              2 beginbfchar <0001> <0041> <0002> <> endbfchar
              2 beginbfrange <0010> <0019> <0030> <0020> <0021> [<0066006C> <20B9>] endbfrange",
        );
        let check = |code, expected| assert_eq!(map.lookup(code), expected, "{code:#x}");
        check(0x01, Some(CharMapping::Char('A')));
        check(0x02, Some(CharMapping::Text("".into())));
        check(0x13, Some(CharMapping::Char('3')));
        check(0x20, Some(CharMapping::Text("fl".into())));
        check(0x21, Some(CharMapping::Char('₹')));
        check(0x22, None);
    }

    #[test]
    fn a_map_that_is_cut_short_keeps_its_complete_entries() {
        for (cut, expected) in [
            ("1 beginbfchar <01> <0041> <02> <0042", None),
            ("1 beginbfchar <01> <0041> <02> ", None),
            ("1 beginbfrange <01> <01> <0041> <02> <0", None),
            ("1 beginbfrange <01> <05> [<0041> <0042> <00", Some('B')),
            ("1 beginbfchar <01> <0041> <02> <0042>", Some('B')),
        ] {
            let map = ToUnicode::parse(cut.as_bytes());
            assert_eq!(map.lookup(1), Some(CharMapping::Char('A')), "{cut}");
            assert_eq!(map.lookup(2), expected.map(CharMapping::Char), "{cut}");
        }
    }

    #[test]
    fn a_range_of_all_codes_costs_one_entry() {
        let map = ToUnicode::parse(b"1 beginbfrange <00000000> <FFFFFFFF> <0001> endbfrange");
        assert_eq!(map.entries.len(), 1);
        assert_eq!(map.lookup(0x40), Some(CharMapping::Char('A')));
        assert_eq!(map.lookup(1), None);
    }

    #[test]
    fn private_characters_are_a_mapping_that_cannot_be_read() {
        let map = ToUnicode::parse(
            b"2 beginbfchar <01> <E041> <02> <F0410042> endbfchar
              1 beginbfrange <10> <19> <F730> endbfrange",
        );
        for code in [0x01, 0x02, 0x15] {
            assert_eq!(map.lookup(code), Some(CharMapping::Unmapped), "{code:#x}");
        }
    }

    #[test]
    fn a_cid_map_is_accepted_as_a_unicode_map() {
        let map = ToUnicode::parse(b"1 begincidrange <0000> <00ff> 0 endcidrange");
        assert_eq!(map.lookup(0x6A), Some(CharMapping::Char('j')));
    }
}
