//! The circuit breaker: while the service is unreachable, one file at a time probes it.

use super::step::JobId;
use std::time::Duration;

/// Whether attempts may start, depending on previous failures to connect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Breaker {
    /// Attempts may start. `failures` counts consecutive failures to connect.
    Closed { failures: u32 },
    /// No attempt may start before `until`.
    Open { until: Duration },
    /// The attempt of `probe` is running; no other attempt may start.
    HalfOpen { probe: JobId },
}

impl Breaker {
    /// Closes the breaker: the service was reached, whatever it responded.
    pub(super) fn close(&mut self) {
        *self = Self::Closed { failures: 0 };
    }

    /// Opens the breaker until a time: the service is busy.
    pub(super) fn open(&mut self, until: Duration) {
        *self = Self::Open { until };
    }

    /// Counts a failure to connect. After `max_failures` in a row the breaker opens until
    /// `reopen_at`.
    pub(super) fn record_failure(&mut self, job: JobId, max_failures: u32, reopen_at: Duration) {
        *self = match *self {
            Self::Closed { failures } if failures + 1 < max_failures => Self::Closed {
                failures: failures + 1,
            },
            Self::HalfOpen { probe } if probe != job => return,
            // Attempts that were running when the breaker opened do not delay the probe.
            Self::Open { .. } => return,
            Self::Closed { .. } | Self::HalfOpen { .. } => Self::Open { until: reopen_at },
        };
    }

    /// Handles a cancelled probe, which proves nothing: the next probe may start at once.
    pub(super) fn cancel_probe(&mut self, job: JobId, now: Duration) {
        if *self == (Self::HalfOpen { probe: job }) {
            *self = Self::Open { until: now };
        }
    }
}
