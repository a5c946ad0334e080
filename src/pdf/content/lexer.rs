//! Cuts the bytes of a content stream into operands and operators (ISO 32000-2, 7.8.2).
//!
//! The lexer owns nothing: a lexeme is a kind and a range of the bytes given. It never fails;
//! what is no token is skipped, as viewers do.

use std::ops::Range;

/// What a lexeme is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Kind {
    Number(f32),
    /// A name; the range leaves out the slash.
    Name,
    /// A literal string; the range leaves out the parentheses.
    Literal,
    /// A hexadecimal string; the range leaves out the angle brackets.
    Hex,
    ArrayStart,
    ArrayEnd,
    /// `<<` or `>>`.
    DictMark,
    Keyword,
}

/// One token and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Lexeme {
    pub(super) kind: Kind,
    pub(super) range: Range<usize>,
    /// Where the next token is looked for.
    pub(super) end: usize,
}

impl Lexeme {
    /// A token without anything that ends it.
    fn new(kind: Kind, range: Range<usize>) -> Self {
        let end = range.end;
        Self { kind, range, end }
    }
}

/// What [`next`] found.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Lexed {
    Token(Lexeme),
    /// The bytes end inside a token, or before one: with more bytes, start again from here.
    Unfinished(usize),
}

/// Reads the token at or after `at`.
///
/// `last` says that no bytes will follow; then a token may run up to the very end.
#[expect(clippy::inline_always, reason = "every token of every page comes by")]
#[inline(always)]
pub(super) fn next(bytes: &[u8], mut at: usize, last: bool) -> Lexed {
    loop {
        let Some(&first) = bytes.get(at) else {
            return Lexed::Unfinished(at);
        };
        if is_blank(first) {
            at += 1;
            continue;
        }
        let found = match first {
            b'0'..=b'9' | b'+' | b'-' | b'.' => {
                plain_number(bytes, at).or_else(|| run(bytes, at, last).map(or_number))
            }
            b'(' => literal(bytes, at, last),
            b'<' => angle(bytes, at, last),
            b'[' => Some(single(Kind::ArrayStart, at)),
            b']' => Some(single(Kind::ArrayEnd, at)),
            b'/' => run(bytes, at + 1, last).map(|(_, range)| Lexeme::new(Kind::Name, range)),
            b'>' => {
                let width = 1 + usize::from(bytes.get(at + 1) == Some(&b'>'));
                Some(Lexeme::new(Kind::DictMark, at..at + width))
            }
            b'%' => match end_of_comment(bytes, at) {
                Some(end) => {
                    at = end;
                    continue;
                }
                None if last => return Lexed::Unfinished(bytes.len()),
                None => None,
            },
            b')' | b'{' | b'}' => {
                at += 1;
                continue;
            }
            _ => run(bytes, at, last).map(|(_, range)| Lexeme::new(Kind::Keyword, range)),
        };
        return found.map_or(Lexed::Unfinished(at), Lexed::Token);
    }
}

/// Where the line of a comment ends (ISO 32000-2, 7.2.4), if it does in these bytes.
fn end_of_comment(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = bytes.get(at..)?;
    memchr::memchr2(b'\n', b'\r', rest).map(|end| at + end)
}

/// White space (ISO 32000-2, 7.2.3).
pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | 0x0C | b'\r' | b' ')
}

fn is_regular(byte: u8) -> bool {
    REGULAR.get(usize::from(byte)) == Some(&true)
}

/// What is neither white space nor a delimiter: looked up, as every byte of a page is asked about.
#[expect(clippy::indexing_slicing, reason = "checked while it is compiled")]
const REGULAR: [bool; 256] = {
    let mut regular = [true; 256];
    let mut others = b"\0\t\n\x0C\r ()<>[]{}/%".as_slice();
    while let [byte, rest @ ..] = others {
        regular[*byte as usize] = false;
        others = rest;
    }
    regular
};

fn single(kind: Kind, at: usize) -> Lexeme {
    Lexeme::new(kind, at..at + 1)
}

/// A run of regular characters from `start`, and where it stands.
fn run(bytes: &[u8], start: usize, last: bool) -> Option<(&[u8], Range<usize>)> {
    let rest = bytes.get(start..)?;
    let len = match rest.iter().position(|byte| !is_regular(*byte)) {
        Some(len) => len,
        None if last => rest.len(),
        None => return None,
    };
    Some((rest.get(..len)?, start..start + len))
}

/// A token that begins like a number.
fn or_number((token, range): (&[u8], Range<usize>)) -> Lexeme {
    let kind = number(token).map_or(Kind::Keyword, Kind::Number);
    Lexeme::new(kind, range)
}

/// A number as nearly all are written: a sign at most, few digits, one point at most, and then
/// something else. `None` is no answer: [`number`] must be asked.
fn plain_number(bytes: &[u8], start: usize) -> Option<Lexeme> {
    let rest = bytes.get(start..)?;
    let (negative, digits) = match rest {
        [b'-', digits @ ..] => (true, digits),
        _ => (false, rest),
    };
    let mut value = 0_u64;
    // Digits before the point, once it is met with.
    let mut whole = None;
    let mut len = 0;
    for byte in digits.iter().take(MOST_PLAIN + 1) {
        match byte {
            b'0'..=b'9' => value = value * 10 + u64::from(byte - b'0'),
            b'.' if whole.is_none() => whole = Some(len),
            _ => break,
        }
        len += 1;
    }
    if len > MOST_PLAIN || is_regular(*digits.get(len)?) || len <= usize::from(whole.is_some()) {
        return None;
    }
    let mut value = value as f64;
    if let Some(whole) = whole {
        value /= POWERS_OF_TEN.get(len - whole - 1)?;
    }
    let value = if negative { -value } else { value };
    let end = start + usize::from(negative) + len;
    Some(Lexeme::new(Kind::Number(value as f32), start..end))
}

/// Bytes of a plain number. All its digits are exact in 53 bits.
const MOST_PLAIN: usize = 15;
const POWERS_OF_TEN: [f64; MOST_PLAIN] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14,
];

/// Reads a number as forgivingly as viewers do: `--5` is 5 and `1-2` is 1.
pub(super) fn number(token: &[u8]) -> Option<f32> {
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
            b'-' if digits > 0 => break,
            _ => return None,
        }
    }
    let value = if negative { -value } else { value };
    (digits > 0 || scale > 0.0).then_some(value as f32)
}

fn literal(bytes: &[u8], at: usize, last: bool) -> Option<Lexeme> {
    let start = at + 1;
    let mut depth = 1;
    let mut cursor = start;
    while let Some(&byte) = bytes.get(cursor) {
        match byte {
            b'\\' => cursor += 1,
            b'(' => depth += 1,
            b')' => {
                depth -= 1;
                if depth == 0 {
                    return Some(Lexeme {
                        kind: Kind::Literal,
                        range: start..cursor,
                        end: cursor + 1,
                    });
                }
            }
            _ => {}
        }
        cursor += 1;
    }
    last.then_some(Lexeme {
        kind: Kind::Literal,
        range: start..bytes.len(),
        end: bytes.len(),
    })
}

fn angle(bytes: &[u8], at: usize, last: bool) -> Option<Lexeme> {
    match bytes.get(at + 1) {
        None if !last => return None,
        Some(b'<') => {
            return Some(Lexeme::new(Kind::DictMark, at..at + 2));
        }
        _ => {}
    }
    let start = at + 1;
    let rest = bytes.get(start..)?;
    let len = match memchr::memchr(b'>', rest) {
        Some(len) => len,
        None if last => rest.len(),
        None => return None,
    };
    Some(Lexeme {
        kind: Kind::Hex,
        range: start..start + len,
        end: (start + len + 1).min(bytes.len()),
    })
}

/// Appends the bytes that a string token stands for (ISO 32000-2, 7.3.4).
pub(super) fn unescape(kind: Kind, token: &[u8], out: &mut Vec<u8>) {
    match kind {
        Kind::Hex => unescape_hex(token, out),
        _ if memchr::memchr2(b'\\', b'\r', token).is_none() => out.extend_from_slice(token),
        _ => unescape_literal(token, out),
    }
}

fn unescape_hex(token: &[u8], out: &mut Vec<u8>) {
    let digits = token.iter().map(|byte| hex_digit(*byte));
    let mut digits = digits.filter(|digit| *digit < 16);
    while let Some(high) = digits.next() {
        out.push(high << 4 | digits.next().unwrap_or(0));
    }
}

/// The value of a hexadecimal digit, below 16; of what is none, above.
fn hex_digit(byte: u8) -> u8 {
    HEX_DIGITS
        .get(usize::from(byte))
        .copied()
        .unwrap_or(NO_DIGIT)
}

const NO_DIGIT: u8 = u8::MAX;
#[expect(clippy::indexing_slicing, reason = "checked while it is compiled")]
const HEX_DIGITS: [u8; 256] = {
    let mut digits = [NO_DIGIT; 256];
    let mut value = 0;
    while value < 16 {
        digits[b"0123456789abcdef"[value] as usize] = value as u8;
        digits[b"0123456789ABCDEF"[value] as usize] = value as u8;
        value += 1;
    }
    digits
};

fn unescape_literal(token: &[u8], out: &mut Vec<u8>) {
    let mut bytes = token.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
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
                out.push((value & 0xFF) as u8);
            }
            Some(other) => out.push(other),
        }
    }
}

/// The bytes a name stands for: `#41` is `A` (ISO 32000-2, 7.3.5).
pub(super) fn unescape_name(token: &[u8]) -> std::borrow::Cow<'_, [u8]> {
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

    fn lex(bytes: &[u8]) -> Vec<(Kind, &[u8])> {
        let mut at = 0;
        let mut found = Vec::new();
        while let Lexed::Token(lexeme) = next(bytes, at, true) {
            at = lexeme.end;
            found.push((lexeme.kind, &bytes[lexeme.range]));
        }
        found
    }

    #[test]
    fn operators_and_operands_are_told_apart() {
        assert_eq!(
            lex(b"/F1 12 Tf[(a(b)\\))-.5<4142>]TJ % note\nT*"),
            [
                (Kind::Name, &b"F1"[..]),
                (Kind::Number(12.0), b"12"),
                (Kind::Keyword, b"Tf"),
                (Kind::ArrayStart, b"["),
                (Kind::Literal, b"a(b)\\)"),
                (Kind::Number(-0.5), b"-.5"),
                (Kind::Hex, b"4142"),
                (Kind::ArrayEnd, b"]"),
                (Kind::Keyword, b"TJ"),
                (Kind::Keyword, b"T*"),
            ]
        );
    }

    #[test]
    fn a_token_cut_by_the_end_of_the_bytes_is_unfinished() {
        assert_eq!(next(b"q (abc", 1, false), Lexed::Unfinished(2));
        assert_eq!(next(b"12", 0, false), Lexed::Unfinished(0));
        assert_eq!(next(b" % (no) Tj", 0, false), Lexed::Unfinished(1));
        assert_eq!(next(b" % (no) Tj", 0, true), Lexed::Unfinished(10));
        assert_eq!(next(b"   ", 0, true), Lexed::Unfinished(3));
    }

    #[test]
    fn strings_stand_for_bytes() {
        let check = |kind, token: &[u8], expected: &[u8]| {
            let mut out = Vec::new();
            unescape(kind, token, &mut out);
            assert_eq!(out, expected);
        };
        check(Kind::Literal, b"a\\(b\\)\\101\\53\\\nc", b"a(b)A+c");
        check(Kind::Hex, b"41 4", b"A@");
        assert_eq!(&*unescape_name(b"F#311#"), b"F11#");
    }

    #[test]
    fn odd_numbers_read_as_viewers_read_them() {
        let check = |token: &[u8], expected| assert_eq!(number(token), expected);
        check(b"-12.25", Some(-12.25));
        check(b"--5", Some(5.0));
        check(b".5", Some(0.5));
        check(b"1-2", Some(1.0));
        check(b"-", None);
        check(b"1e5", None);
    }

    #[test]
    fn plain_numbers_read_as_all_others() {
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
            let expected = number(token.as_bytes()).map_or(Kind::Keyword, Kind::Number);
            let found = next(format!("{token} ").as_bytes(), 0, false);
            let lexeme = Lexeme::new(expected, 0..token.len());
            assert_eq!(found, Lexed::Token(lexeme), "{token}");
        }
    }
}
