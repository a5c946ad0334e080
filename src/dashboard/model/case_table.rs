//! The table of cases: its rows, its selection and its filter.

use super::filter::Filter;
use super::queue::{JudgedCase, Queue};
use super::scroll::visible_top;
use crate::screen::all_months;
use crate::screen::cases::CaseState;
use crate::statement::{Bank, Month};
use std::cell::OnceCell;
use unicode_width::UnicodeWidthStr as _;

/// The state of the table of cases.
#[derive(Debug, Default)]
pub struct CaseTable {
    rows: Vec<usize>,
    /// Compares the name, the state, the banks and the accounts.
    filter: Filter,
    /// Index of the selected row.
    pub selected: usize,
    /// Index of the first visible row.
    pub top: usize,
    /// Computed when it is drawn, and not for every file that is screened meanwhile.
    extent: OnceCell<CaseTableExtent>,
}

/// What the columns of the table have to hold.
#[derive(Debug)]
pub struct CaseTableExtent {
    /// The months of the accounts of all rows, ascending.
    pub months: Vec<Month>,
    /// Terminal columns of the widest name of all cases.
    pub name_width: usize,
}

impl CaseTable {
    /// Returns the indices of the cases in the rows.
    pub fn rows(&self) -> &[usize] {
        &self.rows
    }

    /// Returns the index of the selected case.
    pub fn current(&self) -> Option<usize> {
        self.rows.get(self.selected).copied()
    }

    /// Returns the filter.
    pub fn filter(&self) -> &Filter {
        &self.filter
    }

    /// Sets the filter. It compares the name, the state, the banks and the accounts.
    pub fn set_filter(&mut self, filter: Filter, queue: &Queue) {
        self.filter = filter;
        self.refresh(queue);
    }

    /// Selects a row and scrolls a table of `height` rows to it.
    pub fn select(&mut self, row: usize, height: usize) {
        self.selected = row.min(self.rows.len().saturating_sub(1));
        self.scroll_to_selected(height);
    }

    /// Scrolls a table of `height` rows to the selected row.
    pub fn scroll_to_selected(&mut self, height: usize) {
        self.top = visible_top(self.top, self.selected, self.rows.len(), height);
    }

    /// Returns what the columns have to hold. It is computed once for each change of the rows or of
    /// how cases are judged, since it reads all cases.
    pub fn extent(&self, queue: &Queue) -> &CaseTableExtent {
        self.extent.get_or_init(|| {
            let judged = self.rows.iter();
            let judged = judged.filter_map(|case| queue.cases().judged(*case));
            let names = queue.listed_cases().map(|(_, case)| case.name.width());
            CaseTableExtent {
                months: all_months(judged.flat_map(|judged| &judged.accounts)),
                name_width: names.max().unwrap_or(0),
            }
        })
    }

    /// Applies the filter to the cases. The selection stays on its case.
    pub fn refresh(&mut self, queue: &Queue) {
        self.extent.take();
        let current = self.current();
        let cases = queue.cases();
        let shown = queue.listed_cases().filter(|(index, case)| {
            let (_, uploads) = queue.totals_of_case(*index);
            let has_failed = uploads.unknown > 0 || uploads.not_sent > 0;
            self.shows(&case.name, cases.judged(*index), has_failed)
        });
        self.rows = shown.map(|(index, _)| index).collect();
        let kept = self.rows.iter().position(|row| Some(*row) == current);
        let last = self.rows.len().saturating_sub(1);
        self.selected = kept.unwrap_or(self.selected).min(last);
    }

    /// Returns whether the filter shows a case. `has_failed` is set if uploads of it are unknown or
    /// were not sent.
    fn shows(&self, name: &str, judged: Option<&JudgedCase>, has_failed: bool) -> bool {
        let state = judged.map(|judged| judged.state);
        if self.filter.only_problems && state == Some(CaseState::Ready) && !has_failed {
            return false;
        }
        if self.filter.is_empty() {
            return true;
        }
        let mut texts = vec![name, state.map_or("waiting", CaseState::name)];
        for account in judged.iter().flat_map(|judged| &judged.accounts) {
            texts.extend(account.bank.as_ref().map(Bank::id));
            texts.push(&account.account);
        }
        self.filter.matches_texts(&texts)
    }
}
