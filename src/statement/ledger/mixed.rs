//! Finds pages of another account inside a statement.

use super::Mixed;
use super::label::Label;
use super::page_numbers::PageNumber;
use super::rows::Row;
use crate::pdf::Line;
use crate::statement::account::{self, AccountKey};

/// Lines above the headings of a page that are searched for the account number.
const MAX_LINES: usize = 60;

/// The account that the head of a page names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PageAccount {
    /// Index of the page in the file.
    page: u32,
    key: AccountKey,
}

impl PageAccount {
    /// Finds the account number above the headings of a page.
    pub(super) fn find(page: u32, head: &[Line]) -> Option<Self> {
        let head = head.get(..head.len().min(MAX_LINES))?;
        let key = account::full_number(head)?;
        Some(Self { page, key })
    }
}

/// What the accounts of the pages show.
#[derive(Debug, Default)]
pub(super) struct Judged {
    pub(super) verdict: Mixed,
    /// The numbers, from 1, of the pages of another account than most.
    pub(super) pages: Vec<usize>,
    /// Indices of the pages that begin the pages of another account.
    pub(super) starts: Vec<u32>,
}

/// Judges which accounts the pages name.
pub(super) fn judge(accounts: &[PageAccount], numbers: &[PageNumber], rows: &[Row]) -> Judged {
    let starts: Vec<&PageAccount> = accounts
        .windows(2)
        .filter_map(|pair| match pair {
            [before, after] if before.key != after.key => Some(after),
            _ => None,
        })
        .collect();
    if starts.is_empty() {
        return Judged::default();
    }
    let count = |key| accounts.iter().filter(|known| known.key == key).count();
    // Of equally frequent accounts, the first is the one of the statement.
    let main = accounts
        .iter()
        .rev()
        .max_by_key(|known| count(known.key))
        .map(|main| main.key);
    let foreign = accounts.iter().filter(|known| Some(known.key) != main);
    let begins = |start: &&PageAccount| {
        let is_first = numbers
            .iter()
            .any(|number| number.page == start.page && number.number == 1);
        let has_opening = rows
            .iter()
            .any(|row| row.page == start.page && row.label == Some(Label::Opening));
        is_first || has_opening
    };
    let returns = starts.iter().enumerate().any(|(index, start)| {
        let earlier = starts.iter().take(index).map(|known| known.key);
        let first = accounts.first().map(|first| first.key);
        earlier.chain(first).any(|key| key == start.key)
    });
    let is_sequence = !returns && starts.iter().all(begins);
    Judged {
        verdict: if is_sequence {
            Mixed::Statements
        } else {
            Mixed::Pages
        },
        pages: foreign.map(|known| known.page as usize + 1).collect(),
        starts: starts.iter().map(|start| start.page).collect(),
    }
}
