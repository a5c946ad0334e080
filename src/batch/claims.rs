//! Who screens what next, and how far ahead of the report that may be.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Results that may wait for a slower one before them.
///
/// A result takes some kilobytes. The bound is high enough for all cores to stay busy behind a file
/// that takes a second, and low enough for a report of any length to need little memory.
const WINDOW: usize = 2048;
/// How often a thread that waits looks up whether the run is over.
const LOOK_UP: Duration = Duration::from_millis(50);

/// The inputs of a run, claimed one by one and in order.
pub(super) struct Claims {
    count: usize,
    places: Mutex<Places>,
    moved: Condvar,
}

struct Places {
    /// The first input that nobody has claimed.
    next: usize,
    /// Results handed on; all before this place are.
    handed_on: usize,
}

impl Claims {
    pub(super) fn new(count: usize) -> Self {
        Self {
            count,
            places: Mutex::new(Places {
                next: 0,
                handed_on: 0,
            }),
            moved: Condvar::new(),
        }
    }

    /// Claims the next input; waits while it is too far ahead of what has been handed on.
    ///
    /// `None` once there is none left, or `halted` says so.
    pub(super) fn claim(&self, halted: &dyn Fn() -> bool) -> Option<usize> {
        let mut places = self.lock();
        while !halted() && places.next < self.count {
            if places.next < places.handed_on + WINDOW {
                let claimed = places.next;
                places.next += 1;
                return Some(claimed);
            }
            let waited = self.moved.wait_timeout(places, LOOK_UP);
            places = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        None
    }

    /// Says that one more result was handed on.
    pub(super) fn hand_on(&self) {
        self.lock().handed_on += 1;
        self.moved.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Places> {
        // Nothing that can panic is done under the lock.
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::Instant;

    #[test]
    fn claims_stop_a_window_ahead_and_go_on_when_results_do() {
        let claims = Claims::new(WINDOW + 2);
        for place in 0..WINDOW {
            assert_eq!(claims.claim(&|| false), Some(place));
        }
        let started = Instant::now();
        let late = || started.elapsed() > Duration::from_millis(120);
        assert_eq!(claims.claim(&late), None, "the window is full");
        claims.hand_on();
        assert_eq!(claims.claim(&|| false), Some(WINDOW));
        let claimed = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                assert_eq!(claims.claim(&|| false), Some(WINDOW + 1));
                claimed.store(true, Ordering::Relaxed);
            });
            claims.hand_on();
        });
        assert!(claimed.into_inner());
        assert_eq!(claims.claim(&|| false), None, "all are claimed");
    }
}
