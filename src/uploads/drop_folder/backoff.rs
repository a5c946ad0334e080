//! Times between attempts: each twice as long as the one before, up to ten minutes.

use std::time::Duration;

/// The longest time between two attempts.
const MAX_DELAY: Duration = Duration::from_mins(10);

/// Counts failed attempts in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Backoff {
    first: Duration,
    failures: u32,
}

impl Backoff {
    /// Returns the count of an operation whose first delay is `first`.
    pub(super) fn new(first: Duration) -> Self {
        Self { first, failures: 0 }
    }

    /// Counts a failure, and returns how long to wait before the next attempt.
    pub(super) fn next_delay(&mut self) -> Duration {
        let factor = 2_u32.saturating_pow(self.failures);
        self.failures = self.failures.saturating_add(1);
        self.first.saturating_mul(factor).min(MAX_DELAY)
    }

    /// Returns the number of failures since the last success.
    pub(super) fn failures(&self) -> u32 {
        self.failures
    }

    /// Forgets the failures after an attempt that succeeded.
    pub(super) fn reset(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_a_limit() {
        let mut backoff = Backoff::new(Duration::from_secs(10));
        let delays: Vec<u64> = (0..9).map(|_| backoff.next_delay().as_secs()).collect();
        assert_eq!(delays, [10, 20, 40, 80, 160, 320, 600, 600, 600]);
        for _ in 0..100 {
            assert_eq!(backoff.next_delay(), MAX_DELAY);
        }
        backoff.reset();
        assert_eq!(backoff.failures(), 0);
        assert_eq!(backoff.next_delay(), Duration::from_secs(10));
    }
}
