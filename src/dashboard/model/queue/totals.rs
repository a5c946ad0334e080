//! Counts over the files of the queue. Each file contributes to them; a change replaces the
//! contribution of one file, so that its time does not depend on the number of files.

use crate::dashboard::model::file::{File, Ineligible, UploadState};
use crate::screen::Verdict;
use crate::uploads::plan::OutcomeKind;

/// Counts over the files in the queue.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FileCounts {
    /// All files.
    pub files: usize,
    /// Files that are not screened yet.
    pub waiting: usize,
    /// Files that passed.
    pub pass: usize,
    /// Files with warnings.
    pub warn: usize,
    /// Files that failed.
    pub fail: usize,
    /// Marked files.
    pub marked: usize,
    /// Files that are not requested yet and can be sent, unless their case forbids it.
    pub eligible: usize,
    /// Those of them with warnings.
    pub eligible_with_warnings: usize,
    /// Files that a setting excludes because of their warnings.
    pub excluded: usize,
    /// Files that need a password or a bank, and nothing else.
    pub needs_user: usize,
    /// Files that can't be sent for another reason.
    pub unsendable: usize,
}

/// Totals over the files whose upload was requested.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UploadTotals {
    /// Files whose upload was requested.
    pub requested: usize,
    /// Requested files with an outcome.
    pub finished: usize,
    /// Requested files that are accepted or already uploaded.
    pub uploaded: usize,
    /// Requested files whose outcome is unknown.
    pub unknown: usize,
    /// Requested files that were rejected or skipped.
    pub not_sent: usize,
    /// Files with an attempt in progress.
    pub sending: usize,
    /// Size of the requested files, in bytes.
    pub bytes: u64,
    /// Bytes of the requested files that were sent.
    pub bytes_sent: u64,
}

impl UploadTotals {
    /// Requested files without an outcome.
    pub fn left(&self) -> usize {
        self.requested.saturating_sub(self.finished)
    }
}

/// The part of a file in the counts and totals.
#[derive(Debug, Clone, Copy)]
pub(super) struct Contribution {
    pub(super) present: bool,
    verdict: Option<Verdict>,
    marked: bool,
    /// `None` if the file is not screened, or its upload was requested.
    readiness: Option<Readiness>,
    /// `None` if the upload was not requested.
    upload: Option<UploadContribution>,
}

/// Whether a screened file can be sent, as far as only it is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Readiness {
    Eligible,
    /// By a setting, because of its warnings.
    Excluded,
    NeedsUser,
    Unsendable,
}

impl Readiness {
    fn of(file: &File, include_warnings: bool) -> Option<Self> {
        if !matches!(file.upload, UploadState::NotRequested) {
            return None;
        }
        Some(match file.check_eligibility(include_warnings) {
            Ok(_) => Self::Eligible,
            Err(Ineligible::NotScreened) => return None,
            Err(_) if file.needs_user() => Self::NeedsUser,
            Err(Ineligible::HasWarnings) => Self::Excluded,
            Err(_) => Self::Unsendable,
        })
    }
}

/// The part of a file in the upload totals.
#[derive(Debug, Clone, Copy)]
struct UploadContribution {
    bytes: u64,
    bytes_sent: u64,
    sending: bool,
    outcome: Option<OutcomeKind>,
}

impl UploadContribution {
    fn of(file: &File) -> Option<Self> {
        let bytes = file.bytes.unwrap_or(0);
        let waiting = Self {
            bytes,
            bytes_sent: 0,
            sending: false,
            outcome: None,
        };
        match &file.upload {
            UploadState::NotRequested => None,
            // A retry sends all bytes again.
            UploadState::Queued | UploadState::Retrying(_) => Some(waiting),
            UploadState::Sending { sent, total } => {
                // Scaled, since the request body is longer than the file.
                let scaled = u128::from(bytes) * u128::from(*sent) / u128::from((*total).max(1));
                Some(Self {
                    bytes_sent: u64::try_from(scaled).unwrap_or(bytes).min(bytes),
                    sending: true,
                    ..waiting
                })
            }
            UploadState::Finished(record) => Some(Self {
                bytes_sent: bytes,
                outcome: Some(record.outcome.kind),
                ..waiting
            }),
        }
    }
}

impl Contribution {
    pub(super) fn of(file: &File, include_warnings: bool) -> Self {
        Self {
            readiness: Readiness::of(file, include_warnings),
            present: !file.removed,
            verdict: file.verdict(),
            marked: file.marked,
            upload: UploadContribution::of(file),
        }
    }

    pub(super) fn add_to(self, counts: &mut FileCounts, totals: &mut UploadTotals) {
        self.apply(counts, totals, |number| *number += 1);
        if let Some(upload) = self.upload.filter(|_| self.present) {
            totals.bytes += upload.bytes;
            totals.bytes_sent += upload.bytes_sent;
        }
    }

    pub(super) fn subtract_from(self, counts: &mut FileCounts, totals: &mut UploadTotals) {
        self.apply(counts, totals, |number| *number = number.saturating_sub(1));
        if let Some(upload) = self.upload.filter(|_| self.present) {
            totals.bytes = totals.bytes.saturating_sub(upload.bytes);
            totals.bytes_sent = totals.bytes_sent.saturating_sub(upload.bytes_sent);
        }
    }

    /// Applies `step` to each number that includes the file.
    fn apply(self, counts: &mut FileCounts, totals: &mut UploadTotals, step: impl Fn(&mut usize)) {
        if !self.present {
            return;
        }
        let count = |number: &mut usize, counts: bool| {
            if counts {
                step(number);
            }
        };
        count(&mut counts.files, true);
        count(&mut counts.waiting, self.verdict.is_none());
        count(&mut counts.pass, self.verdict == Some(Verdict::Pass));
        count(&mut counts.warn, self.verdict == Some(Verdict::Warn));
        count(&mut counts.fail, self.verdict == Some(Verdict::Fail));
        count(&mut counts.marked, self.marked);
        let is_eligible = self.readiness == Some(Readiness::Eligible);
        let has_warnings = self.verdict == Some(Verdict::Warn);
        count(&mut counts.eligible, is_eligible);
        count(
            &mut counts.eligible_with_warnings,
            is_eligible && has_warnings,
        );
        count(
            &mut counts.excluded,
            self.readiness == Some(Readiness::Excluded),
        );
        count(
            &mut counts.needs_user,
            self.readiness == Some(Readiness::NeedsUser),
        );
        count(
            &mut counts.unsendable,
            self.readiness == Some(Readiness::Unsendable),
        );
        let Some(upload) = self.upload else { return };
        let is_uploaded = upload.outcome.is_some_and(OutcomeKind::is_uploaded);
        let is_unknown = upload.outcome == Some(OutcomeKind::Unknown);
        count(&mut totals.requested, true);
        count(&mut totals.finished, upload.outcome.is_some());
        count(&mut totals.uploaded, is_uploaded);
        count(&mut totals.unknown, is_unknown);
        let is_not_sent = upload.outcome.is_some() && !is_uploaded && !is_unknown;
        count(&mut totals.not_sent, is_not_sent);
        count(&mut totals.sending, upload.sending);
    }
}
