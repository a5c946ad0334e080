//! Makes untrusted text safe to print: file names, metadata, messages of other programs.
//!
//! A name can carry escape sequences that recolour, retitle or rewrite a terminal, and bidi
//! controls that make `fdp.exe` look like `exe.pdf`. Everything that is not plain visible text is
//! shown as what it is. Machine formats escape by their own rules and keep the raw text.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Combining marks shown on one character; more would pile up over other lines.
const MAX_MARKS: usize = 4;

/// Shows control, bidi and invisible characters as visible text.
pub fn clean(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|b| (0x20..0x7F).contains(&b)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut marks = 0;
    for c in text.chars() {
        marks = if is_mark(c) { marks + 1 } else { 0 };
        match c {
            '\0'..='\x1F' => {
                out.push('^');
                out.push(char::from(c as u8 + 0x40));
            }
            '\x7F' => out.push_str("^?"),
            '\u{80}'..='\u{9F}' => {
                let _infallible = write!(out, "\\x{:02x}", u32::from(c));
            }
            _ if is_deceptive(c) => {
                let _infallible = write!(out, "<U+{:04X}>", u32::from(c));
            }
            _ if marks > MAX_MARKS => {}
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Characters that are invisible or reorder what stands around them.
///
/// Invisible are those with the property `Default_Ignorable_Code_Point` of Unicode, among them
/// fillers that take the width of a letter, variation selectors and tags. The last two of the first
/// plane are no characters, and XML has no way to write them.
fn is_deceptive(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
        | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}' | '\u{FFFE}' | '\u{FFFF}' | '\u{1BCA0}'..='\u{1BCA3}'
        | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

fn is_mark(c: char) -> bool {
    matches!(c,
        '\u{0300}'..='\u{036F}' | '\u{0483}'..='\u{0489}' | '\u{1AB0}'..='\u{1AFF}'
        | '\u{1DC0}'..='\u{1DFF}' | '\u{20D0}'..='\u{20FF}' | '\u{FE20}'..='\u{FE2F}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn tricks_become_visible() {
        let check = |text, expected| assert_eq!(clean(text), expected);
        check("april.pdf", "april.pdf");
        check("खाता विवरण.pdf", "खाता विवरण.pdf");
        check("a\x1b[2Jb\n", "a^[[2Jb^J");
        check("exe\u{202E}fdp", "exe<U+202E>fdp");
        check("a\u{9B}31mb", "a\\x9b31mb");
        for hidden in [
            '\u{AD}', '\u{34F}', '\u{115F}', '\u{1160}', '\u{3164}', '\u{FFA0}',
        ]
        .into_iter()
        .chain('\u{FE00}'..='\u{FE0F}')
        .chain('\u{E0000}'..='\u{E01EF}')
        {
            let shown = format!("a<U+{:04X}>b", u32::from(hidden));
            assert_eq!(clean(&format!("a{hidden}b")), shown);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            failure_persistence: None,
            ..ProptestConfig::default()
        })]

        #[test]
        fn what_is_clean_stays_as_it_is_and_holds_no_control(text in any::<String>()) {
            let once = clean(&text).into_owned();
            prop_assert!(!once.chars().any(|c| c.is_control() || is_deceptive(c)));
            prop_assert_eq!(clean(&once), once.as_str());
        }
    }
}
