//! The circuit breaker: a service that can't be reached is asked by one file at a time.

use super::queue::JobId;
use std::time::Duration;

/// Whether attempts may start, judged by those that found no connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Breaker {
    /// They may; so many in a row have failed.
    Closed { failures: u32 },
    /// None may until then.
    Open { until: Duration },
    /// This one has started to find out; no other may.
    HalfOpen { probe: JobId },
}

impl Breaker {
    /// A service was reached, whatever it said.
    pub(super) fn reached(&mut self) {
        *self = Self::Closed { failures: 0 };
    }

    /// An attempt found no connection. After `limit` in a row the breaker opens for `probe_every`.
    pub(super) fn failed(&mut self, job: JobId, limit: u32, reopen_at: Duration) {
        *self = match *self {
            Self::Closed { failures } if failures + 1 < limit => Self::Closed {
                failures: failures + 1,
            },
            Self::HalfOpen { probe } if probe != job => return,
            // Attempts that were under way when it opened do not put off the probe.
            Self::Open { .. } => return,
            Self::Closed { .. } | Self::HalfOpen { .. } => Self::Open { until: reopen_at },
        };
    }

    /// A probe was given up: it tells nothing, and another may start.
    pub(super) fn gave_up(&mut self, job: JobId, now: Duration) {
        if *self == (Self::HalfOpen { probe: job }) {
            *self = Self::Open { until: now };
        }
    }
}
