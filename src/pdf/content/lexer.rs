//! Splits the bytes of a content stream into operands and operators (ISO 32000-2, 7.8.2).
//!
//! The lexer owns no data: a lexeme is a kind and a range of the input. It never fails; as in
//! viewers, bytes that form no token are skipped.

use std::num::NonZero;
use std::ops::Range;

/// The kind of a lexeme.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum TokenKind {
    Number(f32),
    /// A name; the range excludes the slash.
    Name,
    /// A literal string; the range excludes the parentheses.
    Literal,
    /// A literal string that has no escapes and line ends to decode.
    PlainLiteral,
    /// A hexadecimal string; the range excludes the angle brackets.
    Hex,
    ArrayStart,
    ArrayEnd,
    /// `<<` or `>>`.
    DictMark,
    Keyword,
}

/// One token and its position.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Lexeme {
    pub(super) kind: TokenKind,
    pub(super) range: Range<usize>,
    /// The offset from which to search for the next token.
    pub(super) end: usize,
}

impl Lexeme {
    /// A token without a closing delimiter.
    fn new(kind: TokenKind, range: Range<usize>) -> Self {
        let end = range.end;
        Self { kind, range, end }
    }
}

/// The result of [`next`].
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Lexed {
    Token(Lexeme),
    /// The bytes end inside or before a token. Resume from this offset with more bytes.
    Unfinished(usize),
}

/// Reads the first token at or after `offset`.
///
/// Set `at_end` if no bytes follow; a token may then extend to the end of `bytes`.
#[expect(clippy::inline_always, reason = "called for every token of every page")]
#[inline(always)]
pub(super) fn next(bytes: &[u8], mut offset: usize, at_end: bool) -> Lexed {
    loop {
        let Some(&first) = bytes.get(offset) else {
            return Lexed::Unfinished(offset);
        };
        if is_blank(first) {
            offset += 1;
            continue;
        }
        let lexeme = match first {
            b'0'..=b'9' | b'+' | b'-' | b'.' => plain_number(bytes, offset)
                .or_else(|| regular_run(bytes, offset, at_end).map(number_or_keyword)),
            b'(' => literal_string(bytes, offset, at_end),
            b'<' => hex_string_or_dict(bytes, offset, at_end),
            b'[' => Some(Lexeme::new(TokenKind::ArrayStart, offset..offset + 1)),
            b']' => Some(Lexeme::new(TokenKind::ArrayEnd, offset..offset + 1)),
            b'/' => regular_run(bytes, offset + 1, at_end)
                .map(|(_, range)| Lexeme::new(TokenKind::Name, range)),
            b'>' => {
                let width = 1 + usize::from(bytes.get(offset + 1) == Some(&b'>'));
                Some(Lexeme::new(TokenKind::DictMark, offset..offset + width))
            }
            b'%' => match comment_end(bytes, offset) {
                Some(end) => {
                    offset = end;
                    continue;
                }
                None if at_end => return Lexed::Unfinished(bytes.len()),
                None => None,
            },
            // Stray delimiters, including the braces of PostScript functions.
            b')' | b'{' | b'}' => {
                offset += 1;
                continue;
            }
            _ => regular_run(bytes, offset, at_end)
                .map(|(_, range)| Lexeme::new(TokenKind::Keyword, range)),
        };
        return lexeme.map_or(Lexed::Unfinished(offset), Lexed::Token);
    }
}

/// Returns the offset behind the numbers `1 0 0 1`, if they are the first tokens at an offset.
///
/// Most matrices of a page begin so.
#[expect(
    clippy::inline_always,
    reason = "called for every operator of every page"
)]
#[inline(always)]
pub(super) fn identity(bytes: &[u8], offset: usize) -> Option<usize> {
    let rest = bytes.get(offset..)?;
    let is_identity = rest.get(1..9) == Some(b"1 0 0 1 ") && is_blank(*rest.first()?);
    is_identity.then_some(offset + 9)
}

/// Reads two plain numbers, with a blank between them, at an offset. Returns the offset behind.
pub(super) fn two_numbers(bytes: &[u8], offset: usize) -> Option<((f32, f32), usize)> {
    let (first, len) = many_digits(bytes.get(offset..)?)?;
    let blank = offset + len.get();
    if !is_blank(*bytes.get(blank)?) {
        return None;
    }
    let (second, len) = many_digits(bytes.get(blank + 1..)?)?;
    Some(((first, second), blank + 1 + len.get()))
}

/// Returns the offset behind an operator of two letters, if it is at an offset, with at most one
/// blank before it.
pub(super) fn operator_end(bytes: &[u8], offset: usize, operator: [u8; 2]) -> Option<usize> {
    let is_after_blank = is_blank(*bytes.get(offset)?);
    let start = offset + usize::from(is_after_blank);
    let [first, second, behind] = bytes.get(start..)?.first_chunk()?;
    let is_found = [*first, *second] == operator && !is_regular(*behind);
    is_found.then_some(start + 2)
}

/// Returns the offset of the line end after a comment, if it is in `bytes` (ISO 32000-2, 7.2.4).
fn comment_end(bytes: &[u8], offset: usize) -> Option<usize> {
    let rest = bytes.get(offset..)?;
    memchr::memchr2(b'\n', b'\r', rest).map(|end| offset + end)
}

/// Whether a byte is white space (ISO 32000-2, 7.2.3).
pub(in crate::pdf) fn is_blank(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | 0x0C | b'\r' | b' ')
}

fn is_regular(byte: u8) -> bool {
    REGULAR.get(usize::from(byte)) == Some(&true)
}

/// Bytes that are neither white space nor delimiters.
///
/// A table is used because the lexer tests every byte of a page.
#[expect(clippy::indexing_slicing, reason = "checked at compile time")]
const REGULAR: [bool; 256] = {
    let mut regular = [true; 256];
    let mut excluded = b"\0\t\n\x0C\r ()<>[]{}/%".as_slice();
    while let [byte, rest @ ..] = excluded {
        regular[*byte as usize] = false;
        excluded = rest;
    }
    regular
};

/// Returns the regular characters from `start` and their range.
fn regular_run(bytes: &[u8], start: usize, at_end: bool) -> Option<(&[u8], Range<usize>)> {
    let rest = bytes.get(start..)?;
    let len = match rest.iter().position(|byte| !is_regular(*byte)) {
        Some(len) => len,
        None if at_end => rest.len(),
        None => return None,
    };
    Some((rest.get(..len)?, start..start + len))
}

/// Classifies a token whose first byte can start a number.
fn number_or_keyword((token, range): (&[u8], Range<usize>)) -> Lexeme {
    let kind = parse_number(token).map_or(TokenKind::Keyword, TokenKind::Number);
    Lexeme::new(kind, range)
}

/// Fast path for the common form of a number: optional minus, few digits, at most one point.
///
/// Returns `None` if the token has any other form; use [`parse_number`] then.
#[expect(clippy::inline_always, reason = "called for most tokens of every page")]
#[inline(always)]
fn plain_number(bytes: &[u8], start: usize) -> Option<Lexeme> {
    let rest = bytes.get(start..)?;
    // More than half of the numbers of a page are single digits, most of them in text matrices.
    if let [digit @ b'0'..=b'9', next, ..] = rest
        && !is_regular(*next)
    {
        let kind = TokenKind::Number(f32::from(digit - b'0'));
        return Some(Lexeme::new(kind, start..start + 1));
    }
    let (value, len) = many_digits(rest)?;
    let range = start..start + len.get();
    Some(Lexeme::new(TokenKind::Number(value), range))
}

/// Reads a plain number and its length: see [`plain_number`].
#[inline(never)]
fn many_digits(bytes: &[u8]) -> Option<(f32, NonZero<usize>)> {
    let (is_negative, unsigned) = match bytes {
        [b'-', unsigned @ ..] => (true, unsigned),
        _ => (false, bytes),
    };
    let (mut value, mut len) = (0_u64, 0);
    // The length up to the point.
    let mut whole = None;
    let end = loop {
        let byte = *unsigned.get(len)?;
        let digit = byte.wrapping_sub(b'0');
        if digit <= 9 {
            value = value * 10 + u64::from(digit);
        } else if byte == b'.' && whole.is_none() {
            whole = Some(len);
        } else {
            break byte;
        }
        len += 1;
        if len > MAX_PLAIN_LEN {
            return None;
        }
    };
    let value = match whole {
        // A point alone is no number.
        Some(_) if len == 1 => return None,
        Some(whole) => value as f64 / POWERS_OF_TEN.get(len - whole - 1)?,
        None => value as f64,
    };
    if len == 0 || is_regular(end) {
        return None;
    }
    let value = if is_negative { -value } else { value };
    let len = NonZero::new(len + usize::from(is_negative))?;
    Some((value as f32, len))
}

/// Bytes of a plain number, without its sign. All its digits are exact in 53 bits.
const MAX_PLAIN_LEN: usize = 15;
const POWERS_OF_TEN: [f64; MAX_PLAIN_LEN] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14,
];

/// Parses a number as leniently as viewers do: `--5` is 5 and `1-2` is 1.
fn parse_number(token: &[u8]) -> Option<f32> {
    let signs = token
        .iter()
        .take_while(|b| matches!(b, b'+' | b'-'))
        .count();
    let negative = signs == 1 && token.first() == Some(&b'-');
    let mut value = 0.0_f64;
    let mut scale = 0.0_f64;
    let mut digits = 0;
    for byte in token.get(signs..)? {
        match byte {
            b'0'..=b'9' => {
                digits += 1;
                let digit = f64::from(byte - b'0');
                if scale > 0.0 {
                    value += digit * scale;
                    scale *= 0.1;
                } else {
                    value = value * 10.0 + digit;
                }
            }
            b'.' if scale == 0.0 => scale = 0.1,
            // Viewers stop at a minus inside a number.
            b'-' if digits > 0 => break,
            _ => return None,
        }
    }
    let value = if negative { -value } else { value };
    (digits > 0 || scale > 0.0).then_some(value as f32)
}

fn literal_string(bytes: &[u8], offset: usize, at_end: bool) -> Option<Lexeme> {
    let start = offset + 1;
    let mut depth = 1;
    let mut cursor = start;
    let mut kind = TokenKind::PlainLiteral;
    while let Some(&byte) = bytes.get(cursor) {
        match byte {
            // An escaped parenthesis does not count.
            b'\\' => {
                kind = TokenKind::Literal;
                cursor += 1;
            }
            b'\r' => kind = TokenKind::Literal,
            b'(' => depth += 1,
            b')' => {
                depth -= 1;
                if depth == 0 {
                    return Some(Lexeme {
                        kind,
                        range: start..cursor,
                        end: cursor + 1,
                    });
                }
            }
            _ => {}
        }
        cursor += 1;
    }
    // At the end of the data, an unterminated string extends to the end.
    at_end.then_some(Lexeme {
        kind,
        range: start..bytes.len(),
        end: bytes.len(),
    })
}

fn hex_string_or_dict(bytes: &[u8], offset: usize, at_end: bool) -> Option<Lexeme> {
    match bytes.get(offset + 1) {
        None if !at_end => return None,
        Some(b'<') => {
            return Some(Lexeme::new(TokenKind::DictMark, offset..offset + 2));
        }
        _ => {}
    }
    let start = offset + 1;
    let rest = bytes.get(start..)?;
    let len = match memchr::memchr(b'>', rest) {
        Some(len) => len,
        None if at_end => rest.len(),
        None => return None,
    };
    Some(Lexeme {
        kind: TokenKind::Hex,
        range: start..start + len,
        end: (start + len + 1).min(bytes.len()),
    })
}

/// Decodes a string token and appends its bytes to `out` (ISO 32000-2, 7.3.4).
pub(super) fn unescape(kind: TokenKind, token: &[u8], out: &mut Vec<u8>) {
    match kind {
        TokenKind::Hex => unescape_hex(token, out),
        TokenKind::PlainLiteral => out.extend_from_slice(token),
        _ => unescape_literal(token, out),
    }
}

/// Returns the bytes of a string token without its delimiters.
pub(in crate::pdf) fn unescape_string(token: &[u8], is_hexadecimal: bool) -> Vec<u8> {
    let kind = if is_hexadecimal {
        TokenKind::Hex
    } else {
        TokenKind::Literal
    };
    let mut bytes = Vec::with_capacity(token.len());
    unescape(kind, token, &mut bytes);
    bytes
}

fn unescape_hex(token: &[u8], out: &mut Vec<u8>) {
    // The strings of almost all files have nothing but pairs of digits. Without branches and
    // tables, the compiler converts many at a time.
    let (pairs, rest) = token.as_chunks();
    let are_digits = token
        .iter()
        .fold(true, |all, byte| all & byte.is_ascii_hexdigit());
    if are_digits && rest.is_empty() {
        out.extend(pairs.iter().copied().map(hex_pair));
        return;
    }
    let digits = token.iter().filter(|byte| byte.is_ascii_hexdigit());
    let mut digits = digits.copied();
    while let Some(high) = digits.next() {
        // A missing last digit counts as 0.
        out.push(hex_pair([high, digits.next().unwrap_or(b'0')]));
    }
}

/// Returns the value of two hexadecimal digits.
fn hex_pair(digits: [u8; 2]) -> u8 {
    // Letters have bit 6, and the value of their lower four bits is 9 less.
    let digits = u16::from_le_bytes(digits);
    let values = (digits & 0x0F0F) + 9 * (digits >> 6 & 0x0101);
    (values << 4 | values >> 8) as u8
}

fn unescape_literal(token: &[u8], out: &mut Vec<u8>) {
    let mut bytes = token.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        // An unescaped line end of any form is a single line feed.
        if byte == b'\r' {
            bytes.next_if_eq(&b'\n');
            out.push(b'\n');
            continue;
        }
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        match bytes.next() {
            Some(b'n') => out.push(b'\n'),
            Some(b'r') => out.push(b'\r'),
            Some(b't') => out.push(b'\t'),
            Some(b'b') => out.push(8),
            Some(b'f') => out.push(0x0C),
            // An escaped line end is removed.
            Some(b'\n') | None => {}
            Some(b'\r') => {
                bytes.next_if_eq(&b'\n');
            }
            Some(digit @ b'0'..=b'7') => {
                let mut value = u32::from(digit - b'0');
                for _ in 0..2 {
                    let Some(digit) = bytes.next_if(|b| matches!(b, b'0'..=b'7')) else {
                        break;
                    };
                    value = value * 8 + u32::from(digit - b'0');
                }
                // High-order overflow is ignored (ISO 32000-2, 7.3.4.2).
                out.push((value & 0xFF) as u8);
            }
            Some(other) => out.push(other),
        }
    }
}

/// Decodes the escapes of a name: `#41` is `A` (ISO 32000-2, 7.3.5).
pub(in crate::pdf) fn unescape_name(token: &[u8]) -> std::borrow::Cow<'_, [u8]> {
    if !token.contains(&b'#') {
        return token.into();
    }
    let mut out = Vec::with_capacity(token.len());
    let mut rest = token;
    while let Some((&byte, tail)) = rest.split_first() {
        let code = match (byte, tail) {
            (b'#', [high, low, ..]) => std::str::from_utf8(&[*high, *low])
                .ok()
                .and_then(|hex| u8::from_str_radix(hex, 16).ok()),
            _ => None,
        };
        out.push(code.unwrap_or(byte));
        rest = if code.is_some() {
            tail.get(2..).unwrap_or_default()
        } else {
            tail
        };
    }
    out.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lex(bytes: &[u8]) -> Vec<(TokenKind, &[u8])> {
        let mut offset = 0;
        let mut tokens = Vec::new();
        while let Lexed::Token(lexeme) = next(bytes, offset, true) {
            offset = lexeme.end;
            tokens.push((lexeme.kind, &bytes[lexeme.range]));
        }
        tokens
    }

    #[test]
    fn operands_and_operators_are_distinguished() {
        assert_eq!(
            lex(b"/F1 12 Tf[(a(b)\\))-.5<4142>]TJ % note\nT*"),
            [
                (TokenKind::Name, &b"F1"[..]),
                (TokenKind::Number(12.0), b"12"),
                (TokenKind::Keyword, b"Tf"),
                (TokenKind::ArrayStart, b"["),
                (TokenKind::Literal, b"a(b)\\)"),
                (TokenKind::Number(-0.5), b"-.5"),
                (TokenKind::Hex, b"4142"),
                (TokenKind::ArrayEnd, b"]"),
                (TokenKind::Keyword, b"TJ"),
                (TokenKind::Keyword, b"T*"),
            ]
        );
    }

    #[test]
    fn a_token_truncated_by_the_end_of_input_is_unfinished() {
        assert_eq!(next(b"q (abc", 1, false), Lexed::Unfinished(2));
        assert_eq!(next(b"12", 0, false), Lexed::Unfinished(0));
        assert_eq!(next(b" % (no) Tj", 0, false), Lexed::Unfinished(1));
        assert_eq!(next(b" % (no) Tj", 0, true), Lexed::Unfinished(10));
        assert_eq!(next(b"   ", 0, true), Lexed::Unfinished(3));
    }

    #[test]
    fn a_string_without_escapes_is_plain() {
        for (token, expected) in [
            (b"(a(b)c\n)".as_slice(), TokenKind::PlainLiteral),
            (b"(a\\(b)", TokenKind::Literal),
            (b"(a\rb)", TokenKind::Literal),
        ] {
            let [(kind, range)] = lex(token)[..] else {
                panic!("one token")
            };
            assert_eq!(kind, expected);
            let mut out = Vec::new();
            unescape(kind, range, &mut out);
            assert_eq!(out == range, kind == TokenKind::PlainLiteral);
        }
    }

    #[test]
    fn string_and_name_escapes_are_decoded() {
        let check = |kind, token: &[u8], expected: &[u8]| {
            let mut out = Vec::new();
            unescape(kind, token, &mut out);
            assert_eq!(out, expected);
        };
        check(TokenKind::Literal, b"a\\(b\\)\\101\\53\\\nc", b"a(b)A+c");
        check(TokenKind::Hex, b"41 4", b"A@");
        check(TokenKind::Hex, b"09afAF7e", b"\x09\xAF\xAF\x7E");
        check(TokenKind::Hex, b"09afA\nF7e", b"\x09\xAF\xAF\x7E");
        check(TokenKind::Hex, b"0g9-:afA@G`Fx7e/", b"\x09\xAF\xAF\x7E");
        assert_eq!(&*unescape_name(b"F#311#"), b"F11#");
    }

    #[test]
    fn malformed_numbers_parse_as_in_viewers() {
        let check = |token: &[u8], expected| assert_eq!(parse_number(token), expected);
        check(b"-12.25", Some(-12.25));
        check(b"--5", Some(5.0));
        check(b".5", Some(0.5));
        check(b"1-2", Some(1.0));
        check(b"-", None);
        check(b"1e5", None);
    }

    #[test]
    fn fast_path_agrees_with_general_number_parser() {
        for token in [
            "0",
            "7",
            "-7",
            "12.25",
            "-.5",
            "5.",
            "-0",
            "0.001",
            "123456789012345",
            "-",
            ".",
            "-.",
            "+5",
            "--5",
            "1-2",
            "1.2.3",
            "1e5",
            "12345678901234567",
            "0.1234567890123456",
        ] {
            let expected =
                parse_number(token.as_bytes()).map_or(TokenKind::Keyword, TokenKind::Number);
            let found = next(format!("{token} ").as_bytes(), 0, false);
            let lexeme = Lexeme::new(expected, 0..token.len());
            assert_eq!(found, Lexed::Token(lexeme), "{token}");
        }
    }
}
