//! Messages on standard error, with a copy in the event log.

use super::{Event, EventLog, Level};
use std::fmt::Display;
use std::io::{self, Write};

/// Prints messages to the user and records them in the event log.
#[derive(Debug, Clone, Default)]
pub(crate) struct Notices {
    log: EventLog,
    /// Whether notes are recorded but not printed (`--quiet`).
    quiet: bool,
}

impl Notices {
    pub(crate) fn new(log: EventLog, quiet: bool) -> Self {
        Self { log, quiet }
    }

    /// Prints `error: …`.
    pub(crate) fn error(&self, text: impl Display) {
        self.print(Level::Error, &format!("error: {text}"));
    }

    /// Prints `warning: …`.
    pub(crate) fn warning(&self, text: impl Display) {
        self.print(Level::Warning, &format!("warning: {text}"));
    }

    /// Prints `note: …`, unless notes are hidden.
    pub(crate) fn note(&self, text: impl Display) {
        let text = format!("note: {text}");
        if self.quiet {
            self.log.write(|| Event::notice(Level::Warning, &text));
        } else {
            self.print(Level::Warning, &text);
        }
    }

    /// Prints a message that needs no attention.
    pub(crate) fn info(&self, text: impl Display) {
        self.print(Level::Info, &text.to_string());
    }

    fn print(&self, level: Level, text: &str) {
        print_line(text);
        self.log.write(|| Event::notice(level, text));
    }
}

/// Prints a line on standard error that the event log contains in another form, or can't contain.
pub(crate) fn print_line(text: impl Display) {
    // If standard error is closed, there is no reader.
    let _closed = writeln!(io::stderr(), "{text}");
}
