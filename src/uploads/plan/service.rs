//! What a queue knows of the service: whether it can be reached, asks to wait, or loses answers.

use super::attempt::{AttemptResult, NotProcessed};
use super::breaker::Breaker;
use super::queue::{JobId, QueueLimits, Wait};
use super::stop::StopReason;
use std::time::Duration;

/// Whether an attempt may start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gate {
    /// Any may.
    Open,
    /// One may, to find out.
    Probe,
    /// None may.
    Shut(Wait),
}

/// What attempts have told so far.
#[derive(Debug)]
pub(super) struct Service {
    breaker: Breaker,
    paused_until: Duration,
    /// Since when nothing but failures to connect and pleas to wait have come, and which came last.
    trouble: Option<(Duration, StopReason)>,
    reached: bool,
    lost_in_a_row: u32,
}

impl Service {
    pub(super) fn new() -> Self {
        Self {
            breaker: Breaker::Closed { failures: 0 },
            paused_until: Duration::ZERO,
            trouble: None,
            reached: false,
            lost_in_a_row: 0,
        }
    }

    pub(super) fn gate(&self, now: Duration) -> Gate {
        if now < self.paused_until {
            return Gate::Shut(Wait::RetryAfter(self.paused_until));
        }
        match self.breaker {
            Breaker::Closed { .. } => Gate::Open,
            Breaker::Open { until } if now < until => Gate::Shut(Wait::Unreachable(Some(until))),
            Breaker::Open { .. } => Gate::Probe,
            Breaker::HalfOpen { .. } => Gate::Shut(Wait::Unreachable(None)),
        }
    }

    /// This attempt starts to find out whether the service is back.
    pub(super) fn probe(&mut self, job: JobId) {
        self.breaker = Breaker::HalfOpen { probe: job };
    }

    /// Takes in what an attempt tells of the service.
    ///
    /// `fallback` is the wait where the service asks for one without saying how long.
    pub(super) fn hear(
        &mut self,
        job: JobId,
        end: &AttemptResult,
        now: Duration,
        fallback: Duration,
        settings: &QueueLimits,
    ) {
        match end {
            AttemptResult::NotProcessed {
                reason,
                retry_after,
            } => match reason {
                NotProcessed::NameResolution | NotProcessed::Connect | NotProcessed::Tls => {
                    self.trouble(now, StopReason::Unreachable);
                    let reopen_at = now.saturating_add(settings.probe_every);
                    self.breaker.failed(job, settings.breaker, reopen_at);
                }
                NotProcessed::RateLimited | NotProcessed::ServiceUnavailable => {
                    self.reach();
                    self.trouble(now, StopReason::Busy);
                    let wait = retry_after.unwrap_or(fallback);
                    self.paused_until = self.paused_until.max(now.saturating_add(wait));
                }
                NotProcessed::BodyCut => {
                    self.reach();
                    self.trouble = None;
                }
                NotProcessed::Cancelled
                | NotProcessed::InvalidRequest
                | NotProcessed::FileChanged
                | NotProcessed::JournalRefused => {
                    self.breaker.gave_up(job, now);
                }
            },
            AttemptResult::Accepted { .. } | AttemptResult::Rejected(_) => {
                self.reach();
                self.trouble = None;
                self.lost_in_a_row = 0;
            }
            AttemptResult::Unknown { .. } => {
                self.reach();
                self.trouble = None;
                self.lost_in_a_row += 1;
            }
        }
    }

    fn reach(&mut self) {
        self.reached = true;
        self.breaker.reached();
    }

    fn trouble(&mut self, now: Duration, kind: StopReason) {
        let since = self.trouble.as_ref().map_or(now, |(since, _)| *since);
        self.trouble = Some((since, kind));
    }

    /// Whether too many answers were lost to send on.
    pub(super) fn loses_answers(&self, settings: &QueueLimits) -> bool {
        self.lost_in_a_row >= settings.lost_in_a_row
    }

    /// Why it makes no sense to wait any longer, if it makes none.
    pub(super) fn hopeless(&self, now: Duration, settings: &QueueLimits) -> Option<StopReason> {
        let (since, kind) = self.trouble.as_ref()?;
        let patience = if self.reached {
            settings.give_up
        } else {
            settings.first_contact
        };
        let horizon = now.max(self.paused_until);
        (horizon.saturating_sub(*since) > patience).then(|| kind.clone())
    }
}
