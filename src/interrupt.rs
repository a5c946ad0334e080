//! Signals that end a run: the first lets it finish its report, a later one ends it immediately.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: signals that were ignored at the start are read from the system"
)]

use crate::error::AppError;
use crate::event_log::{Event, EventLog};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGXFSZ};
use signal_hook::iterator::Signals;
use signal_hook::low_level;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::time::{Duration, Instant};
use std::{fs, io, thread};

/// Interval at which a wait checks for a signal: imperceptible to users, and almost no work.
const POLL_INTERVAL: Duration = Duration::from_millis(50);
/// Signals within this time after the first count as the same one: `timeout` signals the process
/// and its group, and a closing session sends SIGTERM and SIGHUP.
const SAME_SIGNAL: Duration = Duration::from_secs(1);
/// Interval at which the number of a signal is awaited.
const NUMBER_INTERVAL: Duration = Duration::from_millis(1);
/// The file with the signals that this process ignores, and its line.
const STATUS: (&str, &str) = ("/proc/self/status", "SigIgn:");

/// Watches for signals for as long as the process lives.
#[derive(Debug, Clone)]
pub(crate) struct Interrupt {
    stop: Arc<AtomicBool>,
    /// The first signal; 0 before.
    signal: Arc<AtomicI32>,
    /// Whether the signal was logged.
    is_logged: Arc<AtomicBool>,
    /// Whether running work is to end early; `None` if it has a grace period after a signal.
    abort: Option<Arc<AtomicBool>>,
    log: EventLog,
}

impl Interrupt {
    /// Starts watching. A signal is logged when it is first observed.
    ///
    /// # Errors
    ///
    /// If the handlers can't be installed.
    pub(crate) fn watch(log: &EventLog) -> Result<Self, AppError> {
        Self::install(log).map_err(|error| {
            AppError::environment("could not watch for signals", error, "try again")
        })
    }

    fn install(log: &EventLog) -> io::Result<Self> {
        let interrupt = Self {
            stop: Arc::default(),
            signal: Arc::default(),
            is_logged: Arc::default(),
            abort: None,
            log: log.clone(),
        };
        let ignored = ignored_signals();
        let watched = [SIGINT, SIGTERM, SIGHUP]
            .into_iter()
            .filter(|signal| !ignored.contains(signal));
        let watched: Vec<_> = watched.collect();
        for signal in &watched {
            // At once, so that no run ends as if it had seen no signal.
            signal_hook::flag::register(*signal, Arc::clone(&interrupt.stop))?;
        }
        let mut signals = Signals::new(watched)?;
        let receiver = interrupt.clone();
        let thread = thread::Builder::new().name("signals".to_owned());
        thread.spawn(move || receiver.receive(signals.forever()))?;
        Ok(interrupt)
    }

    /// Returns an interrupt that no signal triggers, but [`Interrupt::stop`] and
    /// [`Interrupt::abort`].
    pub(crate) fn manual(log: &EventLog) -> Self {
        Self {
            stop: Arc::default(),
            signal: Arc::new(AtomicI32::new(SIGINT)),
            // There is no signal to log.
            is_logged: Arc::new(AtomicBool::new(true)),
            abort: Some(Arc::default()),
            log: log.clone(),
        }
    }

    /// Stops a run: it starts nothing more, and ends when what is running has ended.
    pub(crate) fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// Stops a run, and ends what is running.
    pub(crate) fn abort(&self) {
        self.stop();
        if let Some(abort) = &self.abort {
            abort.store(true, Ordering::Relaxed);
        }
    }

    /// Waits until what is running is to end: `grace` after a signal, or when it is aborted.
    pub(crate) async fn wait_for_abort(&self, grace: Duration) {
        let Some(abort) = &self.abort else {
            tokio::time::sleep(grace).await;
            return;
        };
        while !abort.load(Ordering::Relaxed) {
            tokio::time::sleep(POLL_INTERVAL).await;
        }
    }

    /// Sets the flag at the first signal, and ends the process at a later one.
    fn receive(&self, signals: impl Iterator<Item = i32>) {
        let mut first = None;
        for signal in signals {
            let first = *first.get_or_insert_with(Instant::now);
            let code =
                self.signal
                    .compare_exchange(0, signal, Ordering::Relaxed, Ordering::Relaxed);
            if let Err(code) = code
                && first.elapsed() >= SAME_SIGNAL
            {
                low_level::exit(128 + code);
            }
        }
    }

    /// Returns the flag that the first signal sets.
    pub(crate) fn flag(&self) -> &AtomicBool {
        &self.stop
    }

    /// Waits for a signal and returns its number.
    pub(crate) async fn wait(&self) -> i32 {
        loop {
            if let Some(signal) = self.signal() {
                return signal;
            }
            tokio::time::sleep(POLL_INTERVAL).await;
        }
    }

    /// Returns the signal that was received, if any.
    pub(crate) fn signal(&self) -> Option<i32> {
        if !self.stop.load(Ordering::Relaxed) {
            return None;
        }
        let mut signal = self.signal.load(Ordering::Relaxed);
        while signal == 0 {
            // The thread that stores the number was notified with the flag.
            thread::sleep(NUMBER_INTERVAL);
            signal = self.signal.load(Ordering::Relaxed);
        }
        if !self.is_logged.swap(true, Ordering::Relaxed) {
            self.log.write(|| Event::signal(signal));
        }
        Some(signal)
    }
}

/// Lets a write beyond the limit on the size of files fail as on a full disk. Otherwise a signal
/// would end the process in the middle of an upload, and leave the terminal of the dashboard as it
/// is.
pub(crate) fn survive_file_size_limit() {
    // If this fails, only the message about the limit is lost.
    drop(signal_hook::flag::register(SIGXFSZ, Arc::default()));
}

/// Returns the signals that were ignored when the program started. `nohup` ignores SIGHUP, and a
/// shell ignores SIGINT for commands in the background; they stay ignored.
fn ignored_signals() -> Vec<i32> {
    let (file, label) = STATUS;
    let status = fs::read_to_string(file).unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix(label));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    let mask = mask.unwrap_or(0);
    let is_ignored = |signal: &i32| mask >> (signal - 1) & 1 == 1;
    [SIGINT, SIGTERM, SIGHUP]
        .into_iter()
        .filter(is_ignored)
        .collect()
}
