//! Counts events for the last line of the log.

use super::event::{Event, Level};
use crate::screen::Verdict;
use crate::uploads::plan::OutcomeKind;
use serde::Serialize;
use std::collections::BTreeMap;

/// Counts of events by kind and result.
///
/// Events are counted, not files: the dashboard may screen and send a file more than once.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Counters {
    /// Screenings by verdict.
    screened: BTreeMap<&'static str, u64>,
    /// Uploads by outcome.
    outcomes: BTreeMap<&'static str, u64>,
    /// Attempts to upload that ended.
    attempts: u64,
    /// Calls other than uploads.
    calls: u64,
    warnings: u64,
    errors: u64,
    /// Lines that could not be written.
    pub(super) lines_lost: u64,
}

impl Default for Counters {
    /// Every verdict and outcome is present from the start, so that readers can rely on the keys.
    fn default() -> Self {
        let verdicts = [Verdict::Pass, Verdict::Warn, Verdict::Fail].map(Verdict::name);
        Self {
            screened: verdicts.map(|name| (name, 0)).into(),
            outcomes: OutcomeKind::ALL.map(|kind| (kind.name(), 0)).into(),
            attempts: 0,
            calls: 0,
            warnings: 0,
            errors: 0,
            lines_lost: 0,
        }
    }
}

impl Counters {
    pub(super) fn add(&mut self, event: &Event<'_>) {
        match event.level() {
            Level::Info => {}
            Level::Warning => self.warnings += 1,
            Level::Error => self.errors += 1,
        }
        match event {
            Event::FileScreened { verdict, .. } => {
                *self.screened.entry(verdict.name()).or_default() += 1;
            }
            Event::FindingAdded {
                verdict,
                verdict_before,
                ..
            } => {
                let before = self.screened.entry(verdict_before.name()).or_default();
                *before = before.saturating_sub(1);
                *self.screened.entry(verdict.name()).or_default() += 1;
            }
            Event::FileOutcome { outcome, .. } => {
                *self.outcomes.entry(outcome.name()).or_default() += 1;
            }
            Event::AttemptEnded(_) => self.attempts += 1,
            Event::Call(_) => self.calls += 1,
            Event::RunBegan { .. }
            | Event::FilesFound { .. }
            | Event::SessionUsed { .. }
            | Event::AttemptBegan { .. }
            | Event::UploadPlanned { .. }
            | Event::QueueStopped { .. }
            | Event::Notice { .. }
            | Event::Signal { .. }
            | Event::RunEnded { .. } => {}
        }
    }
}
