//! The upload part of a file's record, and the counts of a run by outcome.

use crate::bankconnect::wire::UploadAnswer;
use crate::text::columns::thousands;
use crate::uploads::plan::{Outcome, OutcomeCode, OutcomeKind, OutcomeRecord};
use jiff::Timestamp;
use serde::{Serialize, Serializer};

/// Name of a planned upload, next to the names of [`OutcomeKind`].
const PLANNED: &str = "to-send";

/// The upload of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UploadRecord {
    /// A dry run: the file would be uploaded.
    Planned {
        /// What would be uploaded, as text.
        message: String,
    },
    /// The outcome is known.
    Settled(Box<SettledUpload>),
}

/// An upload that has its outcome, which may be "unknown".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettledUpload {
    /// The outcome, with the receipt of the service.
    pub outcome: Outcome,
    /// ID of the session; `None` when the run needed none.
    pub session: Option<String>,
    /// When the outcome became known.
    pub at: Timestamp,
    /// What was uploaded, or why nothing was, as text. Untrusted.
    pub message: String,
    /// What the user can do about it.
    pub hint: Option<String>,
}

impl From<SettledUpload> for UploadRecord {
    fn from(settled: SettledUpload) -> Self {
        Self::Settled(Box::new(settled))
    }
}

impl UploadRecord {
    /// Returns the settled upload, or `None` for a dry run.
    pub fn settled(&self) -> Option<&SettledUpload> {
        match self {
            Self::Planned { .. } => None,
            Self::Settled(settled) => Some(settled),
        }
    }

    /// Returns the kind of the outcome, or `None` for a dry run.
    pub fn kind(&self) -> Option<OutcomeKind> {
        self.settled().map(|settled| settled.outcome.kind)
    }

    /// Returns whether the network or the service was not available, so that a later run may
    /// succeed.
    pub fn is_unavailable(&self) -> bool {
        self.settled().is_some_and(|settled| {
            let code = settled.outcome.code.as_ref();
            let is_temporary = code.is_some_and(OutcomeCode::is_temporary);
            settled.outcome.kind == OutcomeKind::Skipped && is_temporary
        })
    }

    /// Returns the name of the outcome; `to-send` for a dry run.
    pub fn outcome_name(&self) -> &'static str {
        self.kind().map_or(PLANNED, OutcomeKind::name)
    }

    /// Returns the description of the upload. Untrusted text.
    pub fn message(&self) -> &str {
        match self {
            Self::Planned { message } => message,
            Self::Settled(settled) => &settled.message,
        }
    }

    /// Returns what the service answered, if it did.
    pub fn answer(&self) -> Option<&UploadAnswer> {
        self.settled()?.outcome.receipt.answer.as_deref()
    }

    /// Returns the hint, if there is one.
    pub fn hint(&self) -> Option<&str> {
        self.settled()?.hint.as_deref()
    }

    pub(super) fn record(&self) -> Option<OutcomeRecord<'_>> {
        let settled = self.settled()?;
        let session = settled.session.as_deref();
        Some(OutcomeRecord::new(&settled.outcome, session, settled.at))
    }
}

/// Counts of files by the outcome of their upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OutcomeCounts {
    counts: [usize; OutcomeKind::ALL.len()],
    planned: usize,
}

#[cfg(test)]
impl<const N: usize> From<[OutcomeKind; N]> for OutcomeCounts {
    fn from(kinds: [OutcomeKind; N]) -> Self {
        let mut counts = Self::default();
        for kind in kinds {
            counts.add_kind(kind);
        }
        counts
    }
}

impl OutcomeCounts {
    /// Counts an upload.
    pub fn add(&mut self, upload: &UploadRecord) {
        match upload.kind() {
            Some(kind) => self.add_kind(kind),
            None => self.planned += 1,
        }
    }

    fn add_kind(&mut self, kind: OutcomeKind) {
        let counts = OutcomeKind::ALL.iter().zip(&mut self.counts);
        for (_, count) in counts.filter(|(counted, _)| **counted == kind) {
            *count += 1;
        }
    }

    /// Returns the number of files with this outcome.
    pub fn of(&self, kind: OutcomeKind) -> usize {
        let mut counts = OutcomeKind::ALL.iter().zip(self.counts);
        counts
            .find(|(counted, _)| **counted == kind)
            .map_or(0, |(_, count)| count)
    }

    /// Returns the number of files that a dry run would upload.
    pub fn planned(&self) -> usize {
        self.planned
    }

    /// Returns name and count of every outcome, in display order; planned uploads only if any.
    pub(super) fn by_name(&self) -> Vec<(&'static str, usize)> {
        let counts = OutcomeKind::ALL.iter().zip(self.counts);
        let mut named: Vec<_> = counts.map(|(kind, count)| (kind.name(), count)).collect();
        if self.planned > 0 {
            named.insert(0, (PLANNED, self.planned));
        }
        named
    }

    /// Formats the outcomes that occurred, such as `3 accepted, 1 unknown`; `none` without a file.
    pub fn list(&self) -> String {
        let named = self.by_name().into_iter().filter(|(_, count)| *count > 0);
        let items = named.map(|(name, count)| format!("{} {name}", thousands(count)));
        let items: Vec<_> = items.collect();
        if items.is_empty() {
            "none".to_owned()
        } else {
            items.join(", ")
        }
    }
}

impl Serialize for OutcomeCounts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.by_name())
    }
}
