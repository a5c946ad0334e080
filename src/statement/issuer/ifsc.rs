//! Evidence from the account's own IFSC code, which is the one in a labelled field.

use super::{Evidence, EvidenceKind};
use crate::statement::banks::BankRegistry;
use crate::statement::page::{self, Page, TextLine};

/// Labels examined on one page; a statement has one or two.
const MAX_LABELS: usize = 32;
/// Lines below a label that can contain the value of its column.
const ROWS_BELOW: usize = 3;
/// Points by which the value of a column may be shifted from its label.
const COLUMN_SHIFT: f32 = 40.0;

/// Returns the owner of the account's IFSC code; `None` when the code is lent to an unknown bank.
pub(super) fn evidence<'r>(ifsc: &str, banks: &'r BankRegistry) -> Option<Evidence<'r>> {
    let shown = ifsc.get(..5).unwrap_or_default();
    Some(Evidence::new(
        EvidenceKind::LabelledIfsc,
        banks.by_ifsc(ifsc)?,
        format!("labelled IFSC {shown}…"),
    ))
}

/// Returns the IFSC code after a label, or in the column below it, in upper case.
pub(super) fn labelled(page: &Page) -> Option<String> {
    let lines: Vec<&TextLine> = page.around_table().collect();
    let mut labels = 0;
    for (index, line) in lines.iter().enumerate() {
        let Some(label_end) = label_end(&line.text) else {
            continue;
        };
        labels += 1;
        if labels > MAX_LABELS {
            return None;
        }
        let after = line.text.get(label_end..).unwrap_or_default();
        if let Some(found) = first_ifsc(after) {
            return Some(found);
        }
        let mut cells = line.cells.iter();
        let label = cells.find(|cell| cell.range.end >= label_end)?;
        let mut in_column = page::below(&lines, index, label, ROWS_BELOW, COLUMN_SHIFT);
        if let Some(found) = in_column.find_map(first_ifsc) {
            return Some(found);
        }
    }
    None
}

/// Returns the end of a label such as `ifsc`, `rtgs/neft ifsc code` or `ifs code`.
fn label_end(text: &str) -> Option<usize> {
    ["ifsc", "ifs code", "ifscode", "ifs-code"]
        .iter()
        .find_map(|label| Some(text.find(label)? + label.len()))
}

fn first_ifsc(text: &str) -> Option<String> {
    text.split([' ', ':', ',', '(', ')', ';', '|'])
        .find_map(parse_ifsc)
}

/// Parses a word that is an IFSC code. Inside of a longer word it is part of a narration.
fn parse_ifsc(word: &str) -> Option<String> {
    let bare = word.trim_matches(['.', '-', '/']);
    let (code, rest) = bare.as_bytes().split_at_checked(4)?;
    let is_ifsc = bare.len() == 11
        && code.iter().all(u8::is_ascii_lowercase)
        && rest.first() == Some(&b'0')
        && rest.iter().all(u8::is_ascii_alphanumeric);
    is_ifsc.then(|| bare.to_ascii_uppercase())
}
