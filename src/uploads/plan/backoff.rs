//! How long to wait before trying the same file again.

use std::time::Duration;

/// Least waits in milliseconds, by the number of attempts made; the last stands for all more.
///
/// The schedule is cargo's for its registry: about a second first, so that a blip costs little,
/// then longer, so that a service in trouble is left alone.
const LEAST: [u64; 4] = [500, 3000, 6000, 9000];
/// The random part of a wait, which keeps files that failed together from coming back together.
const SPREAD: Duration = Duration::from_secs(1);

/// The wait after `attempts` attempts; `random` is in `0.0..1.0`, and anything else counts as 0.
pub(super) fn delay(attempts: u32, random: f64) -> Duration {
    let step = attempts.saturating_sub(1) as usize;
    let least = LEAST.get(step).or(LEAST.last()).copied().unwrap_or(0);
    let random = if (0.0..1.0).contains(&random) {
        random
    } else {
        0.0
    };
    Duration::from_millis(least) + SPREAD.mul_f64(random)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_ten_seconds_and_a_broken_source_of_chance_does_no_harm() {
        for (attempts, least) in [(1, 500), (2, 3000), (4, 9000), (9, 9000)] {
            assert_eq!(delay(attempts, 0.0), Duration::from_millis(least));
            assert!(delay(attempts, 0.999) < Duration::from_millis(least + 1000));
            assert_eq!(delay(attempts, f64::NAN), delay(attempts, 0.0));
        }
    }
}
