//! Assigns inputs to worker threads and emits results in input order within a bounded window.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Maximum distance between the next input to emit and the last one assigned.
///
/// A result takes a few kilobytes. The window keeps all cores busy behind a file that takes a
/// second, and bounds the memory of a run of any length.
const WINDOW: usize = 2048;
/// How often a blocked thread checks whether the run was cancelled.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// Assigns the inputs of a run in order, and emits their results in the same order.
///
/// The worker threads emit the results, one thread at a time. A dedicated thread would have to be
/// woken for every file.
pub(super) struct ReorderBuffer<R> {
    count: usize,
    state: Mutex<State<R>>,
    window_moved: Condvar,
}

struct State<R> {
    /// Index of the first input that is not assigned.
    next: usize,
    /// Number of emitted results: those of all inputs before this index.
    emitted: usize,
    /// Results that cannot be emitted before earlier ones, by input index.
    pending: BTreeMap<usize, R>,
    /// Whether a thread is emitting results.
    is_emitting: bool,
    /// Number of threads that wait for the window to move.
    blocked: usize,
}

impl<R> ReorderBuffer<R> {
    pub(super) fn new(count: usize) -> Self {
        Self {
            count,
            state: Mutex::new(State {
                next: 0,
                emitted: 0,
                pending: BTreeMap::new(),
                is_emitting: false,
                blocked: 0,
            }),
            window_moved: Condvar::new(),
        }
    }

    /// Assigns the next input to the calling thread, and blocks while the window is full.
    ///
    /// Returns `None` when all inputs are assigned or `is_cancelled` returns true.
    pub(super) fn claim(&self, is_cancelled: &dyn Fn() -> bool) -> Option<usize> {
        let mut state = self.lock();
        while !is_cancelled() && state.next < self.count {
            if state.next < state.emitted + WINDOW {
                let claimed = state.next;
                state.next += 1;
                return Some(claimed);
            }
            state.blocked += 1;
            let waited = self.window_moved.wait_timeout(state, POLL_INTERVAL);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
            state.blocked -= 1;
        }
        None
    }

    /// Submits the result of an input and emits all results that are next in order.
    ///
    /// If another thread is already emitting, that thread also emits this result.
    ///
    /// # Errors
    ///
    /// Returns the error of `sink`. No result is emitted after an error.
    pub(super) fn submit<E>(
        &self,
        index: usize,
        result: R,
        sink: &Mutex<impl FnMut(R) -> Result<(), E>>,
    ) -> Result<(), E> {
        let mut state = self.lock();
        state.pending.insert(index, result);
        if state.is_emitting {
            return Ok(());
        }
        state.is_emitting = true;
        while let Some(next) = state.take_next() {
            if state.blocked > 0 {
                self.window_moved.notify_all();
            }
            drop(state);
            // The lock is uncontended, because one thread emits at a time. An error leaves
            // `is_emitting` set, which prevents further output.
            sink.lock().unwrap_or_else(PoisonError::into_inner)(next)?;
            state = self.lock();
        }
        state.is_emitting = false;
        Ok(())
    }

    /// Returns the results that wait for earlier ones, which a cancelled run never produced.
    pub(super) fn into_pending(self) -> impl Iterator<Item = R> {
        let state = self.state.into_inner();
        let state = state.unwrap_or_else(PoisonError::into_inner);
        state.pending.into_values()
    }

    fn lock(&self) -> MutexGuard<'_, State<R>> {
        // A poisoned lock is still consistent: no code under the lock can panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<R> State<R> {
    fn take_next(&mut self) -> Option<R> {
        let next = self.pending.remove(&self.emitted)?;
        self.emitted += 1;
        Some(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use std::sync::atomic::{AtomicBool, Ordering};

    /// Returns a sink that records the emitted indexes and fails at one of them.
    fn recording_sink(
        recorded: &Mutex<Vec<usize>>,
        fails_at: Option<usize>,
    ) -> Mutex<impl FnMut(usize) -> Result<(), &'static str>> {
        Mutex::new(move |index| {
            recorded.lock().unwrap().push(index);
            if fails_at == Some(index) {
                Err("no space left")
            } else {
                Ok(())
            }
        })
    }

    fn submit(buffer: &ReorderBuffer<usize>, index: usize) {
        let recorded = Mutex::default();
        let sink = recording_sink(&recorded, None);
        buffer.submit(index, index, &sink).unwrap();
    }

    /// Requests the end at the poll after the first `polls`.
    fn after_polls(polls: usize) -> impl Fn() -> bool {
        let left = Cell::new(polls);
        move || match left.get() {
            0 => true,
            some => {
                left.set(some - 1);
                false
            }
        }
    }

    #[test]
    fn claims_block_when_the_window_is_full_and_resume_when_it_moves() {
        let buffer = ReorderBuffer::new(WINDOW + 2);
        for index in 0..WINDOW {
            assert_eq!(buffer.claim(&|| false), Some(index));
        }
        assert_eq!(buffer.claim(&after_polls(3)), None, "the window is full");
        submit(&buffer, 1);
        assert_eq!(
            buffer.claim(&after_polls(1)),
            None,
            "result 0 is still missing"
        );
        submit(&buffer, 0);
        assert_eq!(buffer.claim(&|| false), Some(WINDOW));
        assert_eq!(buffer.claim(&|| false), Some(WINDOW + 1));
        assert_eq!(buffer.claim(&|| false), None, "all inputs are assigned");
    }

    #[test]
    fn a_blocked_thread_is_woken_when_the_window_moves() {
        let buffer = ReorderBuffer::new(WINDOW + 1);
        for _ in 0..WINDOW {
            buffer.claim(&|| false).unwrap();
        }
        let claimed = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                assert_eq!(buffer.claim(&|| false), Some(WINDOW));
                claimed.store(true, Ordering::Relaxed);
            });
            submit(&buffer, 0);
        });
        assert!(claimed.into_inner());
    }

    #[test]
    fn results_of_many_threads_are_emitted_in_order() {
        let buffer = ReorderBuffer::new(1000);
        let emitted = Mutex::default();
        let sink = recording_sink(&emitted, None);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    while let Some(index) = buffer.claim(&|| false) {
                        buffer.submit(index, index, &sink).unwrap();
                    }
                });
            }
        });
        assert!(emitted.lock().unwrap().iter().copied().eq(0..1000));
        assert_eq!(buffer.into_pending().count(), 0);
    }

    #[test]
    fn nothing_is_emitted_after_an_error_and_pending_results_are_kept() {
        let buffer = ReorderBuffer::new(4);
        let emitted = Mutex::default();
        let sink = recording_sink(&emitted, Some(1));
        assert_eq!(buffer.submit(0, 0, &sink), Ok(()));
        assert_eq!(buffer.submit(3, 3, &sink), Ok(()));
        assert_eq!(buffer.submit(1, 1, &sink), Err("no space left"));
        assert_eq!(buffer.submit(2, 2, &sink), Ok(()));
        assert_eq!(*emitted.lock().unwrap(), [0, 1]);
        assert_eq!(buffer.into_pending().collect::<Vec<_>>(), [2, 3]);
    }
}
