//! Judges by a signature field alone whether it can show or do anything.

use super::dictionary::{Dictionary, visit_all};
use crate::pdf::content::Area;
use crate::pdf::content::object_lexer::{Container, Token};

/// Keys by which a field does something when its page is opened or it is clicked.
const ACTIONS: [&[u8]; 2] = [b"A", b"AA"];
/// Annotation flags `NoZoom` and `NoRotate` (ISO 32000-2, table 167).
const SCREEN_FLAGS: u32 = 0b1_1000;

/// Returns whether a field has a clear meaning, no actions, and no annotation other than a widget.
/// Readers differ in which value of a repeated key they take.
pub(super) fn is_plain(field: &Dictionary<'_>) -> bool {
    let is_widget = |kind: &[u8]| kind == b"/Widget";
    !field.has_repeated_key()
        && !field.keys().any(|key| ACTIONS.contains(&key))
        && field.value(b"Subtype").is_none_or(is_widget)
}

/// Returns whether a field has no widget, or one without an area.
pub(super) fn is_shown_nowhere(field: &Dictionary<'_>) -> bool {
    if field.value(b"Rect").is_none() {
        return !field.keys().any(|key| key == b"Subtype");
    }
    rectangle(field)
        .is_some_and(|[x0, y0, x1, y1]| x0.total_cmp(&x1).is_eq() || y0.total_cmp(&y1).is_eq())
}

/// Returns the area of a widget in user space; `None` if readers can differ in it, or if it depends
/// on how the page is shown.
pub(super) fn area(field: &Dictionary<'_>) -> Option<Area> {
    let flags = match field.value(b"F") {
        None => 0,
        Some(flags) => std::str::from_utf8(flags).ok()?.parse::<u32>().ok()?,
    };
    if flags & SCREEN_FLAGS != 0 {
        return None;
    }
    let [x0, y0, x1, y1] = rectangle(field)?.map(|side| side as f32);
    Some(Area::EMPTY.extended_to(x0, y0).extended_to(x1, y1))
}

fn rectangle(field: &Dictionary<'_>) -> Option<[f64; 4]> {
    <[f64; 4]>::try_from(sides(field.value(b"Rect")?)?).ok()
}

/// Returns the numbers of an array without anything else.
fn sides(area: &[u8]) -> Option<Vec<f64>> {
    let mut sides = area.starts_with(b"[").then(Vec::new);
    let unread = visit_all(area, |token, _| match token {
        Token::Open(Container::Array) | Token::Close => {}
        Token::Number(digits) => match (number(digits), &mut sides) {
            (Some(side), Some(sides)) => sides.push(side),
            _ => sides = None,
        },
        _ => sides = None,
    });
    sides.filter(|_| unread.is_empty())
}

/// Returns a number as PDF writes it. Readers differ in what they make of exponents.
fn number(digits: &[u8]) -> Option<f64> {
    let is_known = |byte: &u8| byte.is_ascii_digit() || b"+-.".contains(byte);
    let digits = std::str::from_utf8(digits).ok()?;
    let value = digits.parse().ok();
    value.filter(|_| digits.bytes().all(|byte| is_known(&byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_every_reader_hides_is_shown_nowhere() {
        let check = |field: &str, is_hidden: bool| {
            let field = format!("<<{field}>> ");
            let dictionary = Dictionary::parse(field.as_bytes()).unwrap();
            let is_harmless = is_plain(&dictionary) && is_shown_nowhere(&dictionary);
            assert_eq!(is_harmless, is_hidden, "{field}");
        };
        check("/FT/Sig/T(a)", true);
        check("/Subtype/Widget/Rect[0 0 0 0]", true);
        check("/Subtype/Widget/Rect[9 9 9.0 50]", true);
        check("/Subtype/Widget", false);
        check("/Subtype/RichMedia/Rect[0 0 0 0]", false);
        check("/Subtype/Widget/Rect[0 0 9 9]", false);
        check("/Subtype/Widget/Rect 7 0 R", false);
        check("/Subtype/Widget/Rect[0 0 500e-400 9]", false);
        check("/Subtype/Widget/Rect[16777216 0 16777217 9]", false);
        check("/Rect[0 0 0 0]/Rect[0 0 9 9]", false);
        check(
            "/Subtype/Widget/Subtype/Widget/Rect[0 0 0 0]/Rect[0 0 9 9]",
            false,
        );
        check("/Subtype/Widget/Rect[0 0 0 0]/AA<</PO 7 0 R>>", false);
    }
}
