//! Makes untrusted text safe to print: file names, metadata, messages of other programs.
//!
//! A file name can contain escape sequences that recolour, retitle or rewrite a terminal, and
//! bidirectional controls that display `fdp.exe` as `exe.pdf`. Such characters are replaced by a
//! visible notation. Machine formats keep the raw text and escape it by their own rules.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Maximum number of combining marks per character; more would overlap adjacent lines.
const MAX_MARKS: usize = 4;

/// Replaces control, bidirectional and invisible characters by a visible notation.
///
/// Sanitized text is unchanged when sanitized again.
pub(crate) fn sanitize(text: &str) -> Cow<'_, str> {
    // Most names are printable ASCII and need no copy.
    if text.bytes().all(|b| (0x20..0x7F).contains(&b)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut marks = 0;
    for c in text.chars() {
        marks = if is_mark(c) { marks + 1 } else { 0 };
        match c {
            // Caret notation, as printed by `cat -v`.
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

/// Returns whether a character is invisible or reorders the surrounding text.
///
/// The invisible characters are those with the Unicode property `Default_Ignorable_Code_Point`,
/// which includes fillers as wide as a letter, variation selectors and tags. U+FFFE and U+FFFF are
/// noncharacters, which XML cannot represent.
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
    fn deceptive_characters_become_visible() {
        let check = |text, expected| assert_eq!(sanitize(text), expected);
        check("april.pdf", "april.pdf");
        check("खाता विवरण.pdf", "खाता विवरण.pdf");
        check("a\x1b[2Jb\n", "a^[[2Jb^J");
        check("exe\u{202E}fdp", "exe<U+202E>fdp");
        check("a\u{9B}31mb", "a\\x9b31mb");
        for invisible in [
            '\u{AD}', '\u{34F}', '\u{115F}', '\u{1160}', '\u{3164}', '\u{FFA0}',
        ]
        .into_iter()
        .chain('\u{FE00}'..='\u{FE0F}')
        .chain('\u{E0000}'..='\u{E01EF}')
        {
            let shown = format!("a<U+{:04X}>b", u32::from(invisible));
            assert_eq!(sanitize(&format!("a{invisible}b")), shown);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            failure_persistence: None,
            ..ProptestConfig::default()
        })]

        #[test]
        fn sanitizing_is_idempotent_and_removes_controls(text in any::<String>()) {
            let once = sanitize(&text).into_owned();
            prop_assert!(!once.chars().any(|c| c.is_control() || is_deceptive(c)));
            prop_assert_eq!(sanitize(&once), once.as_str());
        }
    }
}
