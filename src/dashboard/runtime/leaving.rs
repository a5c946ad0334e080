//! The end: what is under way is waited for as long as it may take, and every exit has its code.

use super::event_loop::{Runtime, now};
use super::mailroom::Command;
use crate::cli::Exit;
use crate::cli::failure::Failure;
use crate::cli::notice::notice;
use crate::dashboard::Message;
use crate::text::sanitize;
use signal_hook::consts::SIGHUP;
use std::time::{Duration, Instant};

/// How long attempts under way may go on after a signal, or when the terminal is gone.
pub(super) const GRACE: Duration = Duration::from_secs(5);
pub(super) const GRACE_WITHOUT_TERMINAL: Duration = Duration::from_secs(1);
/// How long the ends of attempts that were aborted are waited for.
const ABORT: Duration = Duration::from_secs(1);

/// How the program is ending.
pub(super) struct Leaving {
    pub(super) exit: Option<i32>,
    /// When attempts under way are ended.
    pub(super) abort_at: Option<Instant>,
    /// When the end is not waited for any more.
    pub(super) gone_at: Option<Instant>,
}

impl Runtime {
    /// Waits for what is under way, and leaves.
    pub(super) fn finish(&mut self) -> Result<(), Failure> {
        self.mailroom.ask(Command::Finish);
        self.leaving = Some(Leaving {
            exit: None,
            abort_at: None,
            gone_at: None,
        });
        let text = "leaving when what is being sent has ended; Ctrl-C leaves at once";
        self.tell(Message::Ending(text.to_owned()), true)
    }

    /// Starts nothing more, and leaves when what is under way has ended, or the time is over.
    pub(super) fn leave(&mut self, signal: Option<i32>, grace: Duration) -> Result<(), Failure> {
        let now = now();
        let grace = if self.leaving.is_some() {
            Duration::ZERO
        } else {
            grace
        };
        let before = self.leaving.as_ref().and_then(|leaving| leaving.exit);
        self.mailroom.ask(Command::Finish);
        self.leaving = Some(Leaving {
            exit: signal.or(before),
            abort_at: now.checked_add(grace),
            gone_at: now.checked_add(grace + ABORT),
        });
        self.tell(Message::Ending("leaving".to_owned()), true)
    }

    /// Ends attempts whose time is over; and the program, when that takes too long.
    pub(super) fn ended(&mut self) -> Option<Exit> {
        let now = now();
        let leaving = self.leaving.as_mut()?;
        if leaving.abort_at.is_some_and(|at| at <= now) {
            leaving.abort_at = None;
            self.mailroom.ask(Command::Abort);
        }
        let leaving = self.leaving.as_ref()?;
        leaving
            .gone_at
            .is_some_and(|at| at <= now)
            .then(|| self.exit(leaving.exit))
    }

    /// By signal, else by whether every upload that was asked for arrived.
    pub(super) fn exit(&self, signal: Option<i32>) -> Exit {
        let progress = self.model.queue.progress();
        match signal {
            Some(signal) => Exit::Interrupted(signal),
            None if progress.uploaded < progress.asked => Exit::Failed,
            None => Exit::Passed,
        }
    }

    /// One line on the shell's screen of what the run came to.
    pub(super) fn say_what_became(&self) {
        let progress = self.model.queue.progress();
        if progress.asked == 0 || self.is_deaf() {
            return;
        }
        let session = self.model.open_session();
        let session = session.map_or_else(String::new, |session| {
            format!(" in session {}", sanitize(&session.id))
        });
        let unknown = match progress.unknown {
            0 => String::new(),
            count => format!("; {count} unknown: bankscreen history --outcome unknown"),
        };
        notice(format_args!(
            "uploaded {} of {}{session}{unknown}",
            progress.uploaded, progress.asked
        ));
    }

    /// Whether nobody sees the screen any more.
    pub(super) fn is_deaf(&self) -> bool {
        self.leaving
            .as_ref()
            .is_some_and(|leaving| leaving.exit == Some(SIGHUP))
    }
}
