//! The state of the service as observed by a queue: reachable, busy, or losing responses.

use super::attempt::{AttemptResult, NotProcessed};
use super::backoff;
use super::breaker::Breaker;
use super::step::{JobId, QueueLimits, Wait};
use super::stop::StopReason;
use std::time::Duration;

/// Whether an attempt may start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Admission {
    /// Any attempt may start.
    Open,
    /// One attempt may start, as a probe.
    Probe,
    /// No attempt may start.
    Blocked(Wait),
}

/// What the results of attempts show about the service.
#[derive(Debug)]
pub(super) struct ServiceState {
    breaker: Breaker,
    paused_until: Duration,
    /// The start of the current outage, and its latest kind.
    ///
    /// An outage consists of failures to connect and requests to wait, without any other result.
    outage: Option<(Duration, StopReason)>,
    was_reached: bool,
    consecutive_busy: u32,
    consecutive_unknown: u32,
}

impl ServiceState {
    pub(super) fn new() -> Self {
        Self {
            breaker: Breaker::Closed { failures: 0 },
            paused_until: Duration::ZERO,
            outage: None,
            was_reached: false,
            consecutive_busy: 0,
            consecutive_unknown: 0,
        }
    }

    /// Returns until when the service asked to wait, if it ever did.
    pub(super) fn paused_until(&self) -> Option<Duration> {
        (self.paused_until > Duration::ZERO).then_some(self.paused_until)
    }

    /// Returns whether an attempt may start now.
    pub(super) fn admission(&self, now: Duration) -> Admission {
        if now < self.paused_until {
            return Admission::Blocked(Wait::RetryAfter(self.paused_until));
        }
        match self.breaker {
            Breaker::Closed { .. } => Admission::Open,
            Breaker::Open { until } if now < until => {
                Admission::Blocked(Wait::Unreachable(Some(until)))
            }
            Breaker::Open { .. } => Admission::Probe,
            Breaker::HalfOpen { .. } => Admission::Blocked(Wait::Unreachable(None)),
        }
    }

    /// Marks the attempt of `job` as the probe.
    pub(super) fn start_probe(&mut self, job: JobId) {
        self.breaker = Breaker::HalfOpen { probe: job };
    }

    /// Updates the state after an attempt.
    ///
    /// `random` is a number in `0.0..1.0` for the wait of a busy service that states no time.
    pub(super) fn record(
        &mut self,
        job: JobId,
        result: &AttemptResult,
        now: Duration,
        random: f64,
        limits: &QueueLimits,
    ) {
        match result {
            AttemptResult::NotProcessed {
                reason,
                retry_after,
            } => match reason {
                NotProcessed::NameResolution | NotProcessed::Connect | NotProcessed::Tls => {
                    self.record_outage(now, StopReason::Unreachable);
                    let reopen_at = now.saturating_add(limits.probe_interval);
                    self.breaker
                        .record_failure(job, limits.breaker_failures, reopen_at);
                }
                NotProcessed::RateLimited | NotProcessed::ServiceUnavailable => {
                    self.was_reached = true;
                    self.record_outage(now, StopReason::Busy);
                    self.consecutive_busy += 1;
                    let own_wait = backoff::busy_delay(self.consecutive_busy, random);
                    let until = now.saturating_add(retry_after.unwrap_or(own_wait));
                    self.paused_until = self.paused_until.max(until);
                    // Each attempt sends a whole body, so a single one probes the service.
                    self.breaker.open(self.paused_until);
                }
                // The connection was established, so the service is reachable.
                NotProcessed::BodyCut => {
                    self.record_contact();
                    self.outage = None;
                }
                // These results prove nothing about the service.
                NotProcessed::Cancelled
                | NotProcessed::InvalidRequest
                | NotProcessed::FileChanged
                | NotProcessed::JournalRefused => {
                    self.breaker.cancel_probe(job, now);
                }
            },
            AttemptResult::Accepted { .. } | AttemptResult::Rejected(_) => {
                self.record_contact();
                self.outage = None;
                self.consecutive_unknown = 0;
            }
            AttemptResult::Unknown { .. } => {
                self.record_contact();
                self.outage = None;
                self.consecutive_unknown += 1;
            }
        }
    }

    fn record_contact(&mut self) {
        self.was_reached = true;
        self.consecutive_busy = 0;
        self.breaker.close();
    }

    fn record_outage(&mut self, now: Duration, kind: StopReason) {
        let since = self.outage.as_ref().map_or(now, |(since, _)| *since);
        self.outage = Some((since, kind));
    }

    /// Returns whether too many consecutive outcomes are unknown to continue.
    pub(super) fn loses_responses(&self, limits: &QueueLimits) -> bool {
        self.consecutive_unknown >= limits.max_consecutive_unknown
    }

    /// Returns the reason to give up, if the current outage exceeds its limit.
    ///
    /// A requested wait counts as part of the outage, so an excessive wait ends the queue at once.
    pub(super) fn give_up_reason(&self, now: Duration, limits: &QueueLimits) -> Option<StopReason> {
        let (since, kind) = self.outage.as_ref()?;
        let max_outage = if self.was_reached {
            limits.max_outage
        } else {
            limits.first_contact_timeout
        };
        let end = now.max(self.paused_until);
        (end.saturating_sub(*since) > max_outage).then(|| kind.clone())
    }
}
