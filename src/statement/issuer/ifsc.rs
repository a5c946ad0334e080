//! The account's own IFSC: the one in the field that says so.

use super::{Kind, Vote};
use crate::statement::banks;
use crate::statement::page::{self, Page, TextLine};

/// Labels looked at on one page; a statement has one or two.
const MOST_LABELS: usize = 32;
/// How far below its label, in lines, the value of a column stands.
const VALUE_BELOW: usize = 3;
/// How far from its label, in points, the value of a column may begin.
const COLUMN_SHIFT: f32 = 40.0;

/// The vote of an account's IFSC; a code that is lent, no table says to whom, has none.
pub(super) fn vote(ifsc: &str) -> Option<Vote> {
    let shown = ifsc.get(..5).unwrap_or_default();
    Some(Vote::new(
        Kind::LabelledIfsc,
        banks::by_ifsc(ifsc)?,
        format!("IFSC {shown}… beside its label"),
    ))
}

/// The IFSC behind a label that says IFSC, or in the column below it, in upper case.
pub(super) fn labelled(page: &Page) -> Option<String> {
    let lines: Vec<&TextLine> = page.around_table().collect();
    let mut labels = 0;
    for (index, line) in lines.iter().enumerate() {
        let Some(label) = label(&line.text) else {
            continue;
        };
        labels += 1;
        if labels > MOST_LABELS {
            return None;
        }
        let behind = line.text.get(label..).unwrap_or_default();
        if let Some(found) = first_ifsc(behind) {
            return Some(found);
        }
        let label = line.cells.iter().find(|cell| cell.range.end >= label)?;
        let mut in_column = page::below(&lines, index, label, VALUE_BELOW, COLUMN_SHIFT);
        if let Some(found) = in_column.find_map(first_ifsc) {
            return Some(found);
        }
    }
    None
}

/// Where a label such as `ifsc`, `rtgs/neft ifsc code` or `ifs code` ends.
fn label(text: &str) -> Option<usize> {
    ["ifsc", "ifs code", "ifscode", "ifs-code"]
        .iter()
        .find_map(|label| Some(text.find(label)? + label.len()))
}

fn first_ifsc(text: &str) -> Option<String> {
    text.split([' ', ':', ',', '(', ')', ';', '|'])
        .find_map(ifsc_in)
}

/// An IFSC standing by itself: glued to other text it is part of a narration.
fn ifsc_in(word: &str) -> Option<String> {
    let bare = word.trim_matches(['.', '-', '/']);
    let (code, rest) = bare.as_bytes().split_at_checked(4)?;
    let shaped = bare.len() == 11
        && code.iter().all(u8::is_ascii_lowercase)
        && rest.first() == Some(&b'0')
        && rest.iter().all(u8::is_ascii_alphanumeric);
    shaped.then(|| bare.to_ascii_uppercase())
}
