//! Graceful shutdown: waits for running uploads as long as allowed, and determines the end.

use super::event::now;
use super::event_loop::EventLoop;
use super::upload_worker::Command;
use crate::dashboard::Message;
use crate::error::AppError;
use crate::text::sanitize;
use signal_hook::consts::SIGHUP;
use std::time::{Duration, Instant};

/// How long running attempts may continue after a signal.
pub(super) const SIGNAL_GRACE: Duration = Duration::from_secs(5);
/// How long running attempts may continue when the terminal is gone.
pub(super) const TERMINAL_GONE_GRACE: Duration = Duration::from_secs(1);
/// How long to wait for the end of aborted attempts.
const ABORT_TIMEOUT: Duration = Duration::from_secs(1);

/// How the dashboard ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DashboardEnd {
    /// A signal ended it.
    Signal(i32),
    /// The service has every file that the user uploaded.
    AllUploaded,
    /// At least one requested upload did not succeed.
    SomeFailed,
}

/// A shutdown in progress.
pub(super) struct Shutdown {
    signal: Option<i32>,
    /// When running attempts are aborted.
    pub(super) abort_at: Option<Instant>,
    /// When the program ends in any case.
    pub(super) end_at: Option<Instant>,
}

impl EventLoop {
    /// Ends the dashboard after the running uploads.
    pub(super) fn finish(&mut self) -> Result<(), AppError> {
        self.uploads.send(Command::Finish);
        self.shutdown = Some(Shutdown {
            signal: None,
            abort_at: None,
            end_at: None,
        });
        let text = "quitting when the running uploads have ended; Ctrl-C quits immediately";
        self.dispatch(Message::ShuttingDown(text.to_owned()), true)
    }

    /// Starts nothing more, and ends when the running uploads have ended or `grace` is over.
    pub(super) fn leave(&mut self, signal: Option<i32>, grace: Duration) -> Result<(), AppError> {
        let now = now();
        let grace = if self.shutdown.is_some() {
            Duration::ZERO
        } else {
            grace
        };
        let earlier = self.shutdown.as_ref().and_then(|shutdown| shutdown.signal);
        self.uploads.send(Command::Finish);
        self.shutdown = Some(Shutdown {
            signal: signal.or(earlier),
            abort_at: now.checked_add(grace),
            end_at: now.checked_add(grace + ABORT_TIMEOUT),
        });
        self.dispatch(Message::ShuttingDown("quitting".to_owned()), true)
    }

    /// Aborts running attempts whose grace is over, and returns the end if that takes too long.
    pub(super) fn shutdown_timeout(&mut self) -> Option<DashboardEnd> {
        let now = now();
        let shutdown = self.shutdown.as_mut()?;
        if shutdown.abort_at.is_some_and(|at| at <= now) {
            shutdown.abort_at = None;
            self.uploads.send(Command::Abort);
        }
        let shutdown = self.shutdown.as_ref()?;
        shutdown
            .end_at
            .is_some_and(|at| at <= now)
            .then(|| self.end(shutdown))
    }

    /// Returns the end: by the signal, else by whether every requested upload succeeded.
    pub(super) fn end(&self, shutdown: &Shutdown) -> DashboardEnd {
        let totals = self.model.queue.upload_totals();
        match shutdown.signal {
            Some(signal) => DashboardEnd::Signal(signal),
            None if totals.uploaded < totals.requested => DashboardEnd::SomeFailed,
            None => DashboardEnd::AllUploaded,
        }
    }

    /// Prints one line about the uploads after the terminal was restored.
    pub(super) fn print_summary(&self) {
        let totals = self.model.queue.upload_totals();
        if totals.requested == 0 || self.is_terminal_gone() {
            return;
        }
        let session = self.model.open_session();
        let session = session.map_or_else(String::new, |session| {
            format!(" to session {}", sanitize(&session.name.id))
        });
        let unknown = match totals.unknown {
            0 => String::new(),
            count => format!(
                "; outcome of {count} unknown: bankscreen history --outcome unknown lists them"
            ),
        };
        self.notices.info(format_args!(
            "uploaded {} of {}{session}{unknown}",
            totals.uploaded, totals.requested
        ));
    }

    /// Returns whether the screen is no longer visible.
    pub(super) fn is_terminal_gone(&self) -> bool {
        self.shutdown
            .as_ref()
            .is_some_and(|shutdown| shutdown.signal == Some(SIGHUP))
    }
}
