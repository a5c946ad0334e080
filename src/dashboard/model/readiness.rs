//! Which files an upload would send, and how many wait for what.
//!
//! The status of a file, the counts in the header and the question before an upload all use this,
//! so that they agree.

use super::file::{File, FileId, Ineligible};
use super::queue::FileCounts;
use super::{Model, SessionState};
use crate::screen::cases::CaseState;

/// Counts of the files whose upload was not requested. Each file is in one of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReadyCounts {
    /// Files that an upload sends.
    pub ready: usize,
    /// Those of them with warnings.
    pub with_warnings: usize,
    /// Files that could be sent, but their case is not ready, or a setting excludes their warnings.
    pub on_hold: usize,
    /// Files that need a password, a bank or a case from the user.
    pub needs_user: usize,
    /// Files that the service would refuse.
    pub unsendable: usize,
    /// Files that are not screened yet.
    pub waiting: usize,
}

impl ReadyCounts {
    /// Returns the counts of files that can be sent together or not at all.
    fn of(counts: FileCounts, can_be_sent: bool) -> Self {
        let own = Self {
            on_hold: counts.excluded,
            needs_user: counts.needs_user,
            unsendable: counts.unsendable,
            waiting: counts.waiting,
            ..Self::default()
        };
        if can_be_sent {
            Self {
                ready: counts.eligible,
                with_warnings: counts.eligible_with_warnings,
                ..own
            }
        } else {
            Self {
                on_hold: own.on_hold + counts.eligible,
                ..own
            }
        }
    }

    fn plus(self, other: Self) -> Self {
        Self {
            ready: self.ready + other.ready,
            with_warnings: self.with_warnings + other.with_warnings,
            on_hold: self.on_hold + other.on_hold,
            needs_user: self.needs_user + other.needs_user,
            unsendable: self.unsendable + other.unsendable,
            waiting: self.waiting + other.waiting,
        }
    }
}

impl Model {
    /// Checks whether a file may be uploaded, also by the state of its case. Returns the ID of the
    /// bank to send.
    ///
    /// # Errors
    ///
    /// Returns the reason why the file may not be uploaded.
    pub fn check_eligibility(
        &self,
        file: &File,
        include_incomplete: bool,
    ) -> Result<Option<String>, Ineligible> {
        let bank = file.check_eligibility(self.setup.include_warnings)?;
        if self.queue.cases().is_empty() {
            return Ok(bank);
        }
        let case = file.case.ok_or(Ineligible::NoCase)?;
        match self.check_case(case) {
            Err(Ineligible::CaseIncomplete) if include_incomplete => Ok(bank),
            checked => checked.map(|()| bank),
        }
    }

    /// Checks whether the files of a case may be uploaded.
    ///
    /// # Errors
    ///
    /// Returns the reason why they may not.
    pub fn check_case(&self, case: usize) -> Result<(), Ineligible> {
        let uploads = |(_, file): (FileId, &File)| {
            let session = file.upload_record()?.session.as_deref()?;
            Some(self.processing.has_ended_uploads(session))
        };
        // The files are not searched while nothing is processed, which is most of the time.
        let has_ended = !self.processing.is_empty()
            && matches!(self.session, SessionState::PerCase { .. })
            && self
                .queue
                .files_of_case(case)
                .filter_map(uploads)
                .any(|ended| ended);
        if has_ended {
            return Err(Ineligible::Processed);
        }
        match self.queue.cases().judged(case).map(|judged| judged.state) {
            Some(CaseState::Ready) => Ok(()),
            Some(CaseState::Incomplete) => Err(Ineligible::CaseIncomplete),
            Some(CaseState::Blocked) => Err(Ineligible::CaseBlocked),
            None => Err(Ineligible::NotScreened),
        }
    }

    /// Returns the counts of a case, or of all files.
    pub fn ready_counts(&self, case: Option<usize>) -> ReadyCounts {
        let cases = self.queue.cases();
        let of_case = |case: usize| {
            let (counts, _) = self.queue.totals_of_case(case);
            ReadyCounts::of(counts, self.check_case(case).is_ok())
        };
        if let Some(case) = case {
            return of_case(case);
        }
        let counts = self.queue.counts();
        if cases.is_empty() {
            return ReadyCounts::of(counts, true);
        }
        let all = 0..cases.list().len();
        let grouped = all
            .map(of_case)
            .fold(ReadyCounts::default(), ReadyCounts::plus);
        // The files in no case are those that no case has.
        let rest = ReadyCounts::of(self.queue.counts_of_rest(), false);
        let rest = ReadyCounts {
            needs_user: rest.needs_user + rest.on_hold,
            on_hold: 0,
            ..rest
        };
        grouped.plus(rest)
    }
}
