//! The calls that screening avoided: uploads that would have been made and paid for.
//!
//! The command `upload` and the dashboard count by the same rule. A file that the service would
//! refuse with one of its own codes saves a call if it has a session to go to. With cases, that is
//! the session of its case, whatever the state of the case and of its other files: without
//! screening, all of them would have been sent. A file in no case would not.

use super::case_session::case_scope;
use crate::journal::{Journal, JournalError};
use crate::screen::cases::Case;
use crate::screen::{Code, ContentHash};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// A call that screening avoided: the content, and the code with which the service would have
/// refused it.
pub(crate) type SavedCall = (ContentHash, Code);

/// Saved calls by the session or the case that they would have been made for.
#[derive(Debug, Default)]
pub(crate) struct SavedCalls(BTreeMap<String, Vec<SavedCall>>);

impl SavedCalls {
    /// Returns the calls of files that would have been sent to one session, which `scope`
    /// identifies.
    pub(crate) fn of_session(scope: String, calls: impl IntoIterator<Item = SavedCall>) -> Self {
        Self(BTreeMap::from([(scope, calls.into_iter().collect())]))
    }

    /// Returns the calls of files that would have been sent to the sessions of their cases.
    pub(crate) fn of_cases<'c>(
        calls: impl IntoIterator<Item = (Option<&'c Case>, SavedCall)>,
    ) -> Self {
        let mut saved = Self::default();
        for (case, call) in calls {
            // A file in no case is not uploaded in any case.
            if let Some(case) = case {
                let calls = saved.0.entry(case_scope(case)).or_default();
                calls.push(call);
            }
        }
        saved
    }

    /// Returns the number of files.
    pub(crate) fn files(&self) -> usize {
        self.0.values().map(Vec::len).sum()
    }

    /// Journals the calls, and returns the number of those that no earlier run has journaled.
    ///
    /// # Errors
    ///
    /// If the journal can't be written.
    pub(crate) fn record(
        &self,
        journal: &mut Journal,
        at: Timestamp,
    ) -> Result<usize, JournalError> {
        let mut new = 0;
        for (scope, calls) in &self.0 {
            let calls = calls.iter();
            let calls = calls.map(|(content, code)| (*content, code.name()));
            new += journal.record_saved_calls(scope, calls, at)?;
        }
        Ok(new)
    }
}
