//! Signals that end a run: the first lets it finish its report, the second ends it at once.

use crate::event_log::{Event, Log};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

/// How often a wait looks up whether a signal came: quick to people, and next to no work.
const LOOK_UP: Duration = Duration::from_millis(50);

/// Watches for signals for as long as the process lives.
#[derive(Debug, Clone)]
pub(crate) struct Interrupt {
    stop: Arc<AtomicBool>,
    signal: Arc<AtomicUsize>,
    /// Whether the log has the signal.
    is_logged: Arc<AtomicBool>,
    log: Log,
}

impl Interrupt {
    /// Starts watching; a signal is written down when it is first asked after.
    pub(crate) fn watch(log: &Log) -> io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let signal = Arc::new(AtomicUsize::new(0));
        for number in [SIGINT, SIGTERM, SIGHUP] {
            // Order matters: a second signal finds the flag set and ends the process.
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

    /// Set once a signal has come.
    pub(crate) fn flag(&self) -> &AtomicBool {
        &self.stop
    }

    /// Waits for a signal.
    pub(crate) async fn came(&self) -> i32 {
        loop {
            if let Some(signal) = self.signal() {
                return signal;
            }
            tokio::time::sleep(LOOK_UP).await;
        }
    }

    /// The signal that came, if one did.
    pub(crate) fn signal(&self) -> Option<i32> {
        let number = self.signal.load(Ordering::Relaxed);
        let signal = i32::try_from(number).ok().filter(|number| *number != 0)?;
        if !self.is_logged.swap(true, Ordering::Relaxed) {
            self.log.write(|| Event::signal(signal));
        }
        Some(signal)
    }
}
