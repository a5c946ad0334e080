//! Signals that end a run: the first lets it finish its report, the second ends it immediately.

use crate::error::AppError;
use crate::event_log::{Event, EventLog};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

/// Interval at which a wait checks for a signal: imperceptible to users, and almost no work.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// Watches for signals for as long as the process lives.
#[derive(Debug, Clone)]
pub(crate) struct Interrupt {
    stop: Arc<AtomicBool>,
    signal: Arc<AtomicUsize>,
    /// Whether the signal was logged.
    is_logged: Arc<AtomicBool>,
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
        let stop = Arc::new(AtomicBool::new(false));
        let signal = Arc::new(AtomicUsize::new(0));
        for number in [SIGINT, SIGTERM, SIGHUP] {
            // The order matters: a second signal finds the flag set and ends the process.
            let code = 128 + number;
            signal_hook::flag::register_conditional_shutdown(number, code, Arc::clone(&stop))?;
            signal_hook::flag::register_usize(number, Arc::clone(&signal), number as usize)?;
            signal_hook::flag::register(number, Arc::clone(&stop))?;
        }
        Ok(Self {
            stop,
            signal,
            is_logged: Arc::default(),
            log: log.clone(),
        })
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
        let number = self.signal.load(Ordering::Relaxed);
        let signal = i32::try_from(number).ok().filter(|number| *number != 0)?;
        if !self.is_logged.swap(true, Ordering::Relaxed) {
            self.log.write(|| Event::signal(signal));
        }
        Some(signal)
    }
}
