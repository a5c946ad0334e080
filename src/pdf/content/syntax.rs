//! The lexer on objects of a file, whose tokens are those of content streams.

use super::lexer::{self, Kind, Lexed};

/// The length of the object at the start of `bytes`, if it ends within them.
///
/// Reads as forgivingly as repair does: only the end of a string, array or dictionary ends it, not
/// a keyword that comes too early.
pub(in crate::pdf) fn object_length(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    let mut open = 0_usize;
    while let Lexed::Token(lexeme) = lexer::next(bytes, at, false) {
        at = lexeme.end;
        match lexeme.kind {
            Kind::ArrayStart => open += 1,
            Kind::ArrayEnd => open = open.saturating_sub(1),
            Kind::DictMark => match bytes.get(lexeme.range) {
                Some(b"<<") => open += 1,
                _ => open = open.saturating_sub(1),
            },
            _ => {}
        }
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
        let check = |bytes: &[u8], ends| assert_eq!(object_length(bytes).is_some(), ends);
        check(b"<</A[1 2(x\\)y)]/B<41>>> endobj", true);
        check(b" 12 endobj", true);
        check(b"<</A[1 2 endobj", false);
        check(b"(never closed endobj", false);
        check(b"<</A 1 endobj 2 0 obj <<", false);
    }
}
