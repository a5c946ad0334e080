//! Writes values so that equal values have equal bytes.
//!
//! A program that adds a signature can write objects anew, with their keys in another order,
//! `612` for `612.0`, or `(\101)` for `(A)`. Nothing of that changes the document.

use super::dictionary::visit_all;
use crate::pdf::content::object_lexer::{Container, Token};
use crate::pdf::content::{unescape_name, unescape_string};

/// Returns the canonical form of a value; what can't be read follows as it is.
pub(super) fn canonical(value: &[u8]) -> Vec<u8> {
    let mut writer = Writer::new();
    let unread = visit_all(value, |token, is_hexadecimal| {
        writer.add(token, is_hexadecimal);
    });
    [writer.finish(), unread].concat()
}

/// An array or dictionary that is not closed yet: the canonical forms of its items.
struct Open {
    container: Container,
    items: Vec<Vec<u8>>,
}

impl Open {
    fn new(container: Container) -> Self {
        Self {
            container,
            items: Vec::new(),
        }
    }

    fn close(self) -> Vec<u8> {
        let items = self.items;
        match self.container {
            Container::Array => [b"[ ", items.join(&b' ').as_slice(), b" ]"].concat(),
            Container::Dictionary => {
                let mut pairs: Vec<&[Vec<u8>]> = items.chunks(2).collect();
                // Keeps the order of repeated keys: readers differ in which one they take.
                pairs.sort_by_key(|pair| pair.first());
                let pairs: Vec<Vec<u8>> = pairs.iter().map(|pair| pair.join(&b' ')).collect();
                [b"<< ", pairs.join(&b' ').as_slice(), b" >>"].concat()
            }
        }
    }
}

struct Writer {
    /// The values outside of arrays and dictionaries.
    outer: Open,
    open: Vec<Open>,
}

impl Writer {
    fn new() -> Self {
        Self {
            outer: Open::new(Container::Array),
            open: Vec::new(),
        }
    }

    fn items(&mut self) -> &mut Vec<Vec<u8>> {
        &mut self.open.last_mut().unwrap_or(&mut self.outer).items
    }

    fn add(&mut self, token: Token<'_>, is_hexadecimal: bool) {
        let item = match token {
            Token::Open(container) => {
                self.open.push(Open::new(container));
                return;
            }
            Token::Close => match self.open.pop() {
                Some(closed) => closed.close(),
                None => b">".to_vec(),
            },
            Token::Keyword(b"R") => self.reference(),
            Token::Name(name) => [b"/", unescape_name(name).as_ref()].concat(),
            Token::Number(digits) => number(digits),
            Token::Keyword(word) => word.to_vec(),
            Token::String(text) => {
                // Without delimiters of its own: a string can contain any.
                let decoded = unescape_string(text, is_hexadecimal);
                format!("{decoded:?}").into_bytes()
            }
        };
        self.items().push(item);
    }

    /// Joins a reference with the two numbers before it, so that it is one value.
    fn reference(&mut self) -> Vec<u8> {
        let items = self.items();
        let numbers = items.split_off(items.len().saturating_sub(2));
        [numbers.join(&b' ').as_slice(), b" R"].concat()
    }

    fn finish(mut self) -> Vec<u8> {
        while let Some(unclosed) = self.open.pop() {
            let text = unclosed.close();
            self.items().push(text);
        }
        self.outer.close()
    }
}

/// Returns a number without a plus sign and without zeros after the last digit that counts.
fn number(digits: &[u8]) -> Vec<u8> {
    let digits = digits.strip_prefix(b"+").unwrap_or(digits);
    if !digits.contains(&b'.') {
        return digits.to_vec();
    }
    let end = digits.iter().rposition(|byte| *byte != b'0');
    let digits = digits.get(..=end.unwrap_or_default()).unwrap_or_default();
    let digits = digits.strip_suffix(b".").unwrap_or(digits);
    match digits {
        b"" | b"-" | b"-0" => b"0".to_vec(),
        digits => digits.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_have_equal_forms() {
        let check = |a: &str, b: &str, is_equal: bool| {
            let [a, b] = [a, b].map(|value| canonical(value.as_bytes()));
            assert_eq!(a == b, is_equal);
        };
        check("[1 0 R]", "[ 1 0 R %c\n]", true);
        check("<</A/B>>", "<< /#41 /B >>", true);
        check("<</A 1 0 R/B[2]>>", "<</B[2]/A 1 0 R>>", true);
        check("<</A<</C 1/D 2>>>>", "<</A<</D 2/C 1>>>>", true);
        check("[612.0 +1 -.50 0.0 -0.]", "[612 1 -.5 0 0]", true);
        check("(A\\101\\\n)", "<4141>", true);
        check("[1 0 R]", "[10 R]", false);
        check("[1 2]", "[2 1]", false);
        check("<</A 1/B 2>>", "<</A 2/B 1>>", false);
        check("<</A 1>>", "<</A 1/A 2>>", false);
        check("<</A 1/A 2>>", "<</A 2/A 1>>", false);
        check("(a)", "(b)", false);
        check("[610]", "[61]", false);
        check("(a", "(b", false);
        check("[[1] 2]", "[[1 2]]", false);
    }
}
