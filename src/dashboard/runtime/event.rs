//! Events of the event loop, and the background threads that send them.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this is where the dashboard's threads and clock are"
)]

use crate::batch::Input;
use crate::dashboard::Message;
use crate::dashboard::model::Level;
use crate::event_log::{self, EventLog, Notices};
use crate::report::SettledUpload;
use crate::screen::ContentHash;
use crossterm::event::Event as TerminalEvent;
use std::sync::mpsc::Sender;
use std::thread;
use std::time::Instant;

/// An input of the loop, for the model or for the runtime.
pub(super) enum Event {
    Message(Message),
    Terminal(TerminalEvent),
    Signal(i32),
    /// The terminal is gone.
    HungUp,
    /// Files were found. Those without a case are added to the one with this name, else to that of
    /// their folder.
    Found(Vec<Input>, Option<String>),
    /// Outcomes that were unknown and are known now.
    Resolved(Vec<(ContentHash, SettledUpload)>),
    /// The upload thread has ended.
    UploadsEnded,
}

impl From<Message> for Event {
    fn from(message: Message) -> Self {
        Self::Message(message)
    }
}

impl Event {
    pub(super) fn error(text: String) -> Self {
        Self::Message(Message::Notice(Level::Error, text))
    }

    pub(super) fn info(text: String) -> Self {
        Self::Message(Message::Notice(Level::Info, text))
    }
}

/// Returns messages that the dashboard shows in its log.
pub(super) fn notices(log: EventLog, events: Sender<Event>) -> Notices {
    Notices::shown_by(log, move |level, text| {
        let level = match level {
            event_log::Level::Info => Level::Info,
            event_log::Level::Warning => Level::Warning,
            event_log::Level::Error => Level::Error,
        };
        // If the receiver is gone, the program is ending.
        drop(events.send(Message::Log(level, text.to_owned()).into()));
    })
}

/// Runs work on a thread; it answers by message.
pub(super) fn in_background(work: impl FnOnce() + Send + 'static) {
    thread::spawn(work);
}

/// Returns the monotonic time.
pub(super) fn now() -> Instant {
    Instant::now()
}
