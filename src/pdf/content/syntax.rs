//! The lexer on objects of a file, whose tokens are those of content streams.

use super::lexer::{self, Kind, Lexed};

/// A token of an object, and how many arrays and dictionaries are open around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::pdf) enum Token<'b> {
    /// Without its slash, and with its escapes.
    Name(&'b [u8]),
    Number(&'b [u8]),
    Keyword(&'b [u8]),
    /// Without its delimiters.
    String(&'b [u8]),
    /// An array or dictionary begins.
    Open,
    /// It ends.
    Close,
}

/// The length of the object at the start of `bytes`, if it ends within them; `visit` is shown its
/// tokens.
///
/// Reads as forgivingly as repair does: only the end of a string, array or dictionary ends it, not
/// a keyword that comes too early.
pub(in crate::pdf) fn object_length<'b>(
    bytes: &'b [u8],
    mut visit: impl FnMut(Token<'b>, usize),
) -> Option<usize> {
    let mut at = 0;
    let mut open = 0_usize;
    while let Lexed::Token(lexeme) = lexer::next(bytes, at, false) {
        at = lexeme.end;
        let token = bytes.get(lexeme.range).unwrap_or_default();
        let token = match lexeme.kind {
            Kind::ArrayStart => Token::Open,
            Kind::DictMark if token == b"<<" => Token::Open,
            Kind::ArrayEnd | Kind::DictMark => Token::Close,
            Kind::Name => Token::Name(token),
            Kind::Number(_) => Token::Number(token),
            Kind::Keyword => Token::Keyword(token),
            Kind::Literal | Kind::Hex => Token::String(token),
        };
        match token {
            Token::Open => open += 1,
            Token::Close => open = open.saturating_sub(1),
            _ => {}
        }
        visit(token, open);
        if open == 0 {
            return Some(at);
        }
    }
    // An object at the very end of a file that is cut off costs one more look at nothing.
    bytes.is_empty().then_some(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_end_where_their_brackets_close() {
        let check =
            |bytes: &[u8], ends| assert_eq!(object_length(bytes, |_, _| ()).is_some(), ends);
        check(b"<</A[1 2(x\\)y)]/B<41>>> endobj", true);
        check(b" 12 endobj", true);
        check(b"<</A[1 2 endobj", false);
        check(b"(never closed endobj", false);
        check(b"<</A 1 endobj 2 0 obj <<", false);
    }
}
