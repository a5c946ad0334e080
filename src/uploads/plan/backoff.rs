//! Backoff: the delay before the next attempt of the same file.

use std::time::Duration;

/// Minimum delays in milliseconds, by the number of attempts made. The last one repeats.
///
/// This is the schedule that Cargo uses for its registry. The first delay is short, because most
/// failures are brief. Later delays are longer, to relieve a failing service.
const MIN_DELAYS_MS: [u64; 4] = [500, 3000, 6000, 9000];
/// Maximum random part of a delay. It spreads the retries of files that failed together.
const MAX_JITTER: Duration = Duration::from_secs(1);
/// Maximum time to wait for a busy service that states no time.
const MAX_BUSY_DELAY: Duration = Duration::from_mins(2);

/// Returns the delay after `attempts` attempts.
///
/// `random` is in `0.0..1.0`; other values count as 0.
pub(super) fn delay(attempts: u32, random: f64) -> Duration {
    let index = attempts.saturating_sub(1) as usize;
    let min_delay = MIN_DELAYS_MS.get(index).or(MIN_DELAYS_MS.last());
    Duration::from_millis(min_delay.copied().unwrap_or(0)) + jitter(random)
}

/// Returns the time to wait after `refusals` consecutive refusals of a busy service that states no
/// time: it doubles from one second to two minutes.
///
/// `random` is in `0.0..1.0`; other values count as 0.
pub fn busy_delay(refusals: u32, random: f64) -> Duration {
    let doublings = refusals.saturating_sub(1).min(u64::BITS - 1);
    let seconds = 1_u64.checked_shl(doublings).unwrap_or(u64::MAX);
    Duration::from_secs(seconds.min(MAX_BUSY_DELAY.as_secs())) + jitter(random)
}

fn jitter(random: f64) -> Duration {
    let random = if (0.0..1.0).contains(&random) {
        random
    } else {
        0.0
    };
    MAX_JITTER.mul_f64(random)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_grow_to_ten_seconds_and_invalid_random_numbers_count_as_zero() {
        for (attempts, min_delay) in [(1, 500), (2, 3000), (4, 9000), (9, 9000)] {
            assert_eq!(delay(attempts, 0.0), Duration::from_millis(min_delay));
            assert!(delay(attempts, 0.999) < Duration::from_millis(min_delay + 1000));
            assert_eq!(delay(attempts, f64::NAN), delay(attempts, 0.0));
        }
        for (refusals, seconds) in [(1, 1), (2, 2), (8, 120), (1000, 120)] {
            assert_eq!(busy_delay(refusals, 0.0), Duration::from_secs(seconds));
        }
    }
}
