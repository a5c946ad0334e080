//! Who screens what next, how far ahead of the report that may be, and who hands results on.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Results that may wait for a slower one before them.
///
/// A result takes some kilobytes. The bound is high enough for all cores to stay busy behind a file
/// that takes a second, and low enough for a report of any length to need little memory.
const WINDOW: usize = 2048;
/// How often a thread that waits looks up whether the run is over.
const LOOK_UP: Duration = Duration::from_millis(50);

/// The inputs of a run, claimed one by one and in order, and their results, handed on in the same.
///
/// Results are handed on by the threads that make them, one at a time: a thread that did nothing
/// else would have to be woken for every file.
pub(super) struct Claims<R> {
    count: usize,
    places: Mutex<Places<R>>,
    moved: Condvar,
}

struct Places<R> {
    /// The first input that nobody has claimed.
    next: usize,
    /// Results handed on; all before this place are.
    handed_on: usize,
    /// Results that wait for those before them.
    waiting: BTreeMap<usize, R>,
    /// Whether some thread is handing results on.
    handing: bool,
    /// Threads that wait for results to be handed on.
    held_back: usize,
}

impl<R> Claims<R> {
    pub(super) fn new(count: usize) -> Self {
        Self {
            count,
            places: Mutex::new(Places {
                next: 0,
                handed_on: 0,
                waiting: BTreeMap::new(),
                handing: false,
                held_back: 0,
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
            places.held_back += 1;
            let waited = self.moved.wait_timeout(places, LOOK_UP);
            places = waited.unwrap_or_else(PoisonError::into_inner).0;
            places.held_back -= 1;
        }
        None
    }

    /// Takes a result, and hands on all that are next in order, unless another thread is at it:
    /// that one then takes this result as well.
    ///
    /// # Errors
    ///
    /// When `sink` fails; nothing is handed on after that.
    pub(super) fn finish<E>(
        &self,
        place: usize,
        result: R,
        sink: &Mutex<impl FnMut(R) -> Result<(), E>>,
    ) -> Result<(), E> {
        let mut places = self.lock();
        places.waiting.insert(place, result);
        if places.handing {
            return Ok(());
        }
        places.handing = true;
        while let Some(next) = places.take_next() {
            if places.held_back > 0 {
                self.moved.notify_all();
            }
            drop(places);
            // Never waited for: one thread hands on. After a failure none does, as it stays marked.
            sink.lock().unwrap_or_else(PoisonError::into_inner)(next)?;
            places = self.lock();
        }
        places.handing = false;
        Ok(())
    }

    /// The results that still wait for others before them, which an interrupted run never made.
    pub(super) fn into_waiting(self) -> impl Iterator<Item = R> {
        let places = self.places.into_inner();
        let places = places.unwrap_or_else(PoisonError::into_inner);
        places.waiting.into_values()
    }

    fn lock(&self) -> MutexGuard<'_, Places<R>> {
        // Nothing that can panic is done under the lock.
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<R> Places<R> {
    fn take_next(&mut self) -> Option<R> {
        let next = self.waiting.remove(&self.handed_on)?;
        self.handed_on += 1;
        Some(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::Instant;

    /// Keeps the places that are handed on, and fails at one of them, if it is told to.
    fn keeping(
        kept: &Mutex<Vec<usize>>,
        fails_at: Option<usize>,
    ) -> Mutex<impl FnMut(usize) -> Result<(), &'static str>> {
        Mutex::new(move |place| {
            kept.lock().unwrap().push(place);
            if fails_at == Some(place) {
                Err("no room")
            } else {
                Ok(())
            }
        })
    }

    fn finish(claims: &Claims<usize>, place: usize) {
        let kept = Mutex::default();
        claims.finish(place, place, &keeping(&kept, None)).unwrap();
    }

    #[test]
    fn claims_stop_a_window_ahead_and_go_on_when_results_do() {
        let claims = Claims::new(WINDOW + 2);
        for place in 0..WINDOW {
            assert_eq!(claims.claim(&|| false), Some(place));
        }
        let started = Instant::now();
        let late = || started.elapsed() > Duration::from_millis(120);
        assert_eq!(claims.claim(&late), None, "the window is full");
        finish(&claims, 1);
        let started = Instant::now();
        let late = || started.elapsed() > Duration::from_millis(20);
        assert_eq!(claims.claim(&late), None, "the first is still missing");
        finish(&claims, 0);
        assert_eq!(claims.claim(&|| false), Some(WINDOW));
        assert_eq!(claims.claim(&|| false), Some(WINDOW + 1));
        assert_eq!(claims.claim(&|| false), None, "all are claimed");
    }

    #[test]
    fn a_thread_held_back_goes_on_when_results_do() {
        let claims = Claims::new(WINDOW + 1);
        for _ in 0..WINDOW {
            claims.claim(&|| false).unwrap();
        }
        let claimed = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                assert_eq!(claims.claim(&|| false), Some(WINDOW));
                claimed.store(true, Ordering::Relaxed);
            });
            finish(&claims, 0);
        });
        assert!(claimed.into_inner());
    }

    #[test]
    fn results_are_handed_on_in_order_whoever_makes_them() {
        let claims = Claims::new(1000);
        let handed_on = Mutex::default();
        let sink = keeping(&handed_on, None);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    while let Some(place) = claims.claim(&|| false) {
                        claims.finish(place, place, &sink).unwrap();
                    }
                });
            }
        });
        assert!(handed_on.lock().unwrap().iter().copied().eq(0..1000));
        assert_eq!(claims.into_waiting().count(), 0);
    }

    #[test]
    fn nothing_is_handed_on_after_a_failure_and_what_waits_for_others_is_kept() {
        let claims = Claims::new(4);
        let handed_on = Mutex::default();
        let sink = keeping(&handed_on, Some(1));
        assert_eq!(claims.finish(0, 0, &sink), Ok(()));
        assert_eq!(claims.finish(3, 3, &sink), Ok(()));
        assert_eq!(claims.finish(1, 1, &sink), Err("no room"));
        assert_eq!(claims.finish(2, 2, &sink), Ok(()));
        assert_eq!(*handed_on.lock().unwrap(), [0, 1]);
        assert_eq!(claims.into_waiting().collect::<Vec<_>>(), [2, 3]);
    }
}
