//! Applies the content stream lexer to the objects of a file, which have the same tokens.

use super::lexer::{self, Lexed, TokenKind};
use std::ops::Range;

/// A token of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::pdf) enum Token<'b> {
    /// Without the slash; escapes are not decoded.
    Name(&'b [u8]),
    Number(&'b [u8]),
    Keyword(&'b [u8]),
    /// Without the delimiters; escapes are not decoded.
    String(&'b [u8]),
    /// Start of an array or dictionary.
    Open(Container),
    /// End of an array or dictionary.
    Close,
}

/// What brackets enclose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::pdf) enum Container {
    Array,
    Dictionary,
}

/// Returns the length of the object at the start of `bytes`, or `None` if it does not end there.
///
/// Calls `visit` with each token and the number of arrays and dictionaries open after it. Like
/// repair, it is lenient: only its closing delimiter ends a string, array or dictionary, not an
/// early keyword such as `endobj`.
pub(in crate::pdf) fn object_length<'b>(
    bytes: &'b [u8],
    mut visit: impl FnMut(Token<'b>, usize),
) -> Option<usize> {
    visit_tokens(bytes, |token, _, open| visit(token, open))
}

/// As [`object_length`], but also passes the range of each token, with its delimiters.
pub(in crate::pdf) fn visit_tokens<'b>(
    bytes: &'b [u8],
    mut visit: impl FnMut(Token<'b>, Range<usize>, usize),
) -> Option<usize> {
    let mut offset = 0;
    let mut depth = 0_usize;
    while let Lexed::Token(lexeme) = lexer::next(bytes, offset, false) {
        offset = lexeme.end;
        // A slash, parenthesis or angle bracket in front is not part of the range.
        let opening = match lexeme.kind {
            TokenKind::Name | TokenKind::Literal | TokenKind::PlainLiteral | TokenKind::Hex => 1,
            _ => 0,
        };
        let whole = lexeme.range.start - opening..lexeme.end;
        let token = bytes.get(lexeme.range).unwrap_or_default();
        let token = match lexeme.kind {
            TokenKind::ArrayStart => Token::Open(Container::Array),
            TokenKind::DictMark if token == b"<<" => Token::Open(Container::Dictionary),
            TokenKind::ArrayEnd | TokenKind::DictMark => Token::Close,
            TokenKind::Name => Token::Name(token),
            TokenKind::Number(_) => Token::Number(token),
            TokenKind::Keyword => Token::Keyword(token),
            TokenKind::Literal | TokenKind::PlainLiteral | TokenKind::Hex => Token::String(token),
        };
        match token {
            Token::Open(_) => depth += 1,
            Token::Close => depth = depth.saturating_sub(1),
            _ => {}
        }
        visit(token, whole, depth);
        if depth == 0 {
            return Some(offset);
        }
    }
    // If a file is truncated directly after `obj`, the object is empty, not unterminated.
    bytes.is_empty().then_some(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_end_at_their_closing_bracket() {
        let check = |bytes: &[u8], is_complete| {
            assert_eq!(object_length(bytes, |_, _| ()).is_some(), is_complete);
        };
        check(b"<</A[1 2(x\\)y)]/B<41>>> endobj", true);
        check(b" 12 endobj", true);
        check(b"<</A[1 2 endobj", false);
        check(b"(never closed endobj", false);
        check(b"<</A 1 endobj 2 0 obj <<", false);
    }
}
