//! Inputs that arrive one by one while earlier ones are screened, bounded in number and bytes.

use super::discover::Input;
use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Inputs between their source and the screening threads.
///
/// The source reserves room before it reads an input into memory, and blocks while there is none.
/// Room is free again when the result of the input was emitted. `T` identifies an input to its
/// source.
#[derive(Debug)]
pub struct Intake<T> {
    max_files: usize,
    max_bytes: u64,
    state: Mutex<State<T>>,
    changed: Condvar,
}

#[derive(Debug)]
struct State<T> {
    waiting: VecDeque<Job<T>>,
    /// Number of inputs with reserved room: read, waiting or in progress.
    files: usize,
    /// Sum of the bytes that were reserved for them.
    bytes: u64,
    /// Whether all inputs have arrived.
    is_complete: bool,
    is_cancelled: bool,
}

/// An input with its tag and the bytes that were reserved for it.
#[derive(Debug)]
pub(super) struct Job<T> {
    pub(super) input: Input,
    pub(super) tag: T,
    bytes: u64,
}

impl<T> Intake<T> {
    /// Returns an intake for at most `max_files` inputs and `max_bytes` bytes at a time.
    ///
    /// A single input may be larger than `max_bytes`.
    pub fn new(max_files: usize, max_bytes: u64) -> Self {
        Self {
            max_files,
            max_bytes,
            state: Mutex::new(State {
                waiting: VecDeque::new(),
                files: 0,
                bytes: 0,
                is_complete: false,
                is_cancelled: false,
            }),
            changed: Condvar::new(),
        }
    }

    /// Reserves room for an input of `bytes` bytes, and blocks while there is none.
    ///
    /// Returns false if the intake was cancelled: the input is no longer needed.
    pub fn reserve(&self, bytes: u64) -> bool {
        let has_no_room = |state: &mut State<T>| {
            let is_full =
                state.files >= self.max_files || state.bytes.saturating_add(bytes) > self.max_bytes;
            !state.is_cancelled && state.files > 0 && is_full
        };
        let waited = self.changed.wait_while(self.lock(), has_no_room);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner);
        if state.is_cancelled {
            return false;
        }
        state.files += 1;
        state.bytes = state.bytes.saturating_add(bytes);
        true
    }

    /// Adds an input for which `bytes` bytes were reserved.
    pub fn add(&self, input: Input, bytes: u64, tag: T) {
        self.lock().waiting.push_back(Job { input, tag, bytes });
        self.changed.notify_all();
    }

    /// Frees room of `bytes` bytes that was reserved for an input which did not arrive.
    pub fn withdraw(&self, bytes: u64) {
        let mut state = self.lock();
        state.files = state.files.saturating_sub(1);
        state.bytes = state.bytes.saturating_sub(bytes);
        drop(state);
        self.changed.notify_all();
    }

    /// Ends the intake: no further input arrives, and those that have arrived are screened.
    pub fn complete(&self) {
        self.lock().is_complete = true;
        self.changed.notify_all();
    }

    /// Ends the intake, and drops the inputs that are not yet screened.
    pub fn cancel(&self) {
        self.lock().is_cancelled = true;
        self.changed.notify_all();
    }

    /// Returns the number of inputs with reserved room, whose result was not emitted.
    pub fn unanswered(&self) -> usize {
        self.lock().files
    }

    /// Takes the next input, and blocks until there is one. Returns `None` at the end.
    pub(super) fn take(&self) -> Option<Job<T>> {
        let is_pending = |state: &mut State<T>| {
            state.waiting.is_empty() && !state.is_complete && !state.is_cancelled
        };
        let waited = self.changed.wait_while(self.lock(), is_pending);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner);
        if state.is_cancelled {
            return None;
        }
        state.waiting.pop_front()
    }

    /// Frees the room of an input whose result was emitted.
    pub(super) fn release(&self, job: &Job<T>) {
        self.withdraw(job.bytes);
    }

    /// Waits until everything was emitted or the intake was cancelled, at most for `time`.
    ///
    /// Returns whether that is the case.
    pub(super) fn wait_for_end(&self, time: Duration) -> bool {
        let has_ended =
            |state: &State<T>| state.is_cancelled || (state.is_complete && state.files == 0);
        let is_running = |state: &mut State<T>| !has_ended(state);
        let waited = self
            .changed
            .wait_timeout_while(self.lock(), time, is_running);
        has_ended(&waited.unwrap_or_else(PoisonError::into_inner).0)
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        // A poisoned lock is still consistent: no code under the lock can panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    fn add(intake: &Intake<u8>, bytes: u64, tag: u8) {
        assert!(intake.reserve(bytes));
        intake.add(Input::standard_input(Vec::new()), bytes, tag);
    }

    /// Asserts that there is no room for `bytes` until `free` was called.
    fn assert_waits(intake: &Arc<Intake<u8>>, bytes: u64, free: impl FnOnce()) {
        let has_room = Arc::new(AtomicBool::new(false));
        let (other, reserved) = (Arc::clone(intake), Arc::clone(&has_room));
        let source = std::thread::Builder::new().spawn(move || {
            let is_needed = other.reserve(bytes);
            reserved.store(true, Ordering::Relaxed);
            is_needed
        });
        std::thread::sleep(Duration::from_millis(50));
        assert!(!has_room.load(Ordering::Relaxed), "there was room");
        free();
        source.unwrap().join().unwrap();
        assert!(has_room.load(Ordering::Relaxed));
    }

    #[test]
    fn the_source_waits_while_the_limit_of_files_or_bytes_is_reached() {
        let intake = Arc::new(Intake::new(2, 100));
        add(&intake, 10, 1);
        add(&intake, 10, 2);
        assert_waits(&intake, 1, || {
            let first = intake.take().unwrap();
            assert_eq!(first.tag, 1);
            intake.release(&first);
        });
        let intake = Arc::new(Intake::new(9, 100));
        add(&intake, 60, 1);
        assert_waits(&intake, 60, || intake.release(&intake.take().unwrap()));
    }

    #[test]
    fn an_input_above_the_limit_of_bytes_is_accepted_alone() {
        let intake = Intake::new(9, 100);
        add(&intake, 1000, 1);
        assert_eq!(intake.unanswered(), 1);
    }

    #[test]
    fn a_complete_intake_hands_out_what_it_has_and_ends_after_the_last_result() {
        let intake = Intake::new(9, 100);
        add(&intake, 1, 1);
        intake.complete();
        let job = intake.take().unwrap();
        assert!(intake.take().is_none());
        assert!(!intake.wait_for_end(Duration::ZERO));
        intake.release(&job);
        assert!(intake.wait_for_end(Duration::ZERO));
    }

    #[test]
    fn an_input_that_does_not_arrive_frees_its_room() {
        let intake = Intake::<u8>::new(1, 100);
        assert!(intake.reserve(10));
        intake.withdraw(10);
        intake.complete();
        assert!(intake.wait_for_end(Duration::ZERO));
    }

    #[test]
    fn a_cancelled_intake_hands_out_nothing_and_accepts_nothing() {
        let intake = Intake::new(9, 100);
        add(&intake, 1, 1);
        intake.cancel();
        assert!(intake.take().is_none());
        assert!(!intake.reserve(1));
        assert!(intake.wait_for_end(Duration::ZERO));
    }
}
