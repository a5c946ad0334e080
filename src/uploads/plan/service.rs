//! What a queue knows of the service: whether it can be reached, asks to wait, or loses answers.

use super::attempt::{AttemptEnd, NotTaken};
use super::breaker::Breaker;
use super::queue::{JobId, Settings, Wait};
use super::stop::Stop;
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
    trouble: Option<(Duration, Stop)>,
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
            return Gate::Shut(Wait::Asked(self.paused_until));
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
        end: &AttemptEnd,
        now: Duration,
        fallback: Duration,
        settings: &Settings,
    ) {
        match end {
            AttemptEnd::NotTaken { why, retry_after } => match why {
                NotTaken::Resolve | NotTaken::Connect | NotTaken::Tls => {
                    self.trouble(now, Stop::Unreachable);
                    let reopen_at = now.saturating_add(settings.probe_every);
                    self.breaker.failed(job, settings.breaker, reopen_at);
                }
                NotTaken::RateLimited | NotTaken::Unavailable => {
                    self.reach();
                    self.trouble(now, Stop::Busy);
                    let wait = retry_after.unwrap_or(fallback);
                    self.paused_until = self.paused_until.max(now.saturating_add(wait));
                }
                NotTaken::BodyCut => {
                    self.reach();
                    self.trouble = None;
                }
                NotTaken::Cancelled
                | NotTaken::NotBuilt
                | NotTaken::Changed
                | NotTaken::Withheld => {
                    self.breaker.gave_up(job, now);
                }
            },
            AttemptEnd::Answered(_) => {
                self.reach();
                self.trouble = None;
                self.lost_in_a_row = 0;
            }
            AttemptEnd::Unknown { .. } => {
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

    fn trouble(&mut self, now: Duration, kind: Stop) {
        let since = self.trouble.as_ref().map_or(now, |(since, _)| *since);
        self.trouble = Some((since, kind));
    }

    /// Whether too many answers were lost to send on.
    pub(super) fn loses_answers(&self, settings: &Settings) -> bool {
        self.lost_in_a_row >= settings.lost_in_a_row
    }

    /// Why it makes no sense to wait any longer, if it makes none.
    pub(super) fn hopeless(&self, now: Duration, settings: &Settings) -> Option<Stop> {
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
