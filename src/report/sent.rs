//! What became of a file's upload, as every format is given it, and the counts over a run.

use crate::uploads::plan::{Outcome, OutcomeKind, OutcomeRecord};
use jiff::Timestamp;
use serde::{Serialize, Serializer};

/// What became of one file's upload, or is about to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// How it ended; `None` where it was only to be told what would be sent.
    pub outcome: Option<Outcome>,
    /// The session, where one was needed.
    pub session: Option<String>,
    /// When the outcome became known.
    pub at: Timestamp,
    /// For people: what was or would be sent, or why nothing was.
    pub told: String,
    /// For people: what to do about it.
    pub hint: Option<String>,
}

impl Sent {
    /// The word for the outcome, or for its being planned.
    pub fn word(&self) -> &'static str {
        self.outcome.as_ref().map_or("to-send", |o| o.kind.name())
    }

    pub(super) fn record(&self) -> Option<OutcomeRecord<'_>> {
        let outcome = self.outcome.as_ref()?;
        Some(OutcomeRecord::new(
            outcome,
            self.session.as_deref(),
            self.at,
        ))
    }
}

/// Files by the outcome of their upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Outcomes {
    counts: [usize; OutcomeKind::ALL.len()],
    planned: usize,
}

impl Outcomes {
    pub(super) fn add(&mut self, sent: &Sent) {
        let Some(outcome) = &sent.outcome else {
            self.planned += 1;
            return;
        };
        let places = OutcomeKind::ALL.iter().zip(&mut self.counts);
        for (_, count) in places.filter(|(kind, _)| **kind == outcome.kind) {
            *count += 1;
        }
    }

    /// Files that ended so.
    pub fn of(&self, wanted: OutcomeKind) -> usize {
        let mut counts = OutcomeKind::ALL.iter().zip(self.counts);
        counts
            .find(|(kind, _)| **kind == wanted)
            .map_or(0, |(_, count)| count)
    }

    /// Files of which it was only told that they would be sent.
    pub fn planned(&self) -> usize {
        self.planned
    }

    /// Words and counts, in the order in which they are told.
    pub(super) fn words(&self) -> Vec<(&'static str, usize)> {
        let counts = OutcomeKind::ALL.iter().zip(self.counts);
        let mut words: Vec<_> = counts.map(|(kind, count)| (kind.name(), count)).collect();
        if self.planned > 0 {
            words.insert(0, ("to-send", self.planned));
        }
        words
    }
}

impl Serialize for Outcomes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.words())
    }
}
