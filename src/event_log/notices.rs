//! Messages on standard error, with a copy in the event log.

use super::{Event, EventLog, Level};
use std::fmt::{self, Display};
use std::io::{self, Write};
use std::sync::Arc;

/// What `--quiet` hides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) enum Hidden {
    #[default]
    Nothing,
    /// Notes, and files that pass.
    Notes,
    /// Warnings too: everything except errors.
    Warnings,
}

/// Shows a message, without its severity in words.
type Show = dyn Fn(Level, &str) + Send + Sync;

/// Prints messages to the user and records them in the event log.
#[derive(Clone, Default)]
pub(crate) struct Notices {
    log: EventLog,
    /// What is recorded but not printed.
    hidden: Hidden,
    /// Shows messages in place of standard error.
    show: Option<Arc<Show>>,
}

impl fmt::Debug for Notices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fields = (&self.log, self.hidden, self.show.is_some());
        f.debug_tuple("Notices").field(&fields).finish()
    }
}

impl Notices {
    /// Returns messages of which notes are hidden, if `quiet` is set.
    pub(crate) fn new(log: EventLog, quiet: bool) -> Self {
        let hidden = if quiet {
            Hidden::Notes
        } else {
            Hidden::Nothing
        };
        Self::hiding(log, hidden)
    }

    /// Returns messages of which some are hidden.
    pub(crate) fn hiding(log: EventLog, hidden: Hidden) -> Self {
        Self {
            log,
            hidden,
            show: None,
        }
    }

    /// Returns messages for a program that owns the terminal: on standard error, they would damage
    /// its screen. `show` also records them. Notes are recorded only.
    pub(crate) fn shown_by(
        log: EventLog,
        show: impl Fn(Level, &str) + Send + Sync + 'static,
    ) -> Self {
        Self {
            show: Some(Arc::new(show)),
            ..Self::new(log, true)
        }
    }

    /// Prints `error: …`.
    pub(crate) fn error(&self, text: impl Display) {
        self.print(Level::Error, &format!("error: {text}"));
    }

    /// Prints `warning: …`, unless warnings are hidden.
    pub(crate) fn warning(&self, text: impl Display) {
        self.print_from(Hidden::Warnings, &format!("warning: {text}"));
    }

    /// Prints `note: …`, unless notes are hidden.
    pub(crate) fn note(&self, text: impl Display) {
        self.print_from(Hidden::Notes, &format!("note: {text}"));
    }

    /// Prints a message that needs no attention.
    pub(crate) fn info(&self, text: impl Display) {
        self.print(Level::Info, &text.to_string());
    }

    /// Prints a message that needs attention, and that `hidden` hides.
    fn print_from(&self, hidden: Hidden, text: &str) {
        if self.hidden >= hidden {
            self.log.write(|| Event::notice(Level::Warning, text));
        } else {
            self.print(Level::Warning, text);
        }
    }

    fn print(&self, level: Level, text: &str) {
        if let Some(show) = &self.show {
            let words = ["error: ", "warning: "].into_iter();
            let mut without = words.filter_map(|word| text.strip_prefix(word));
            show(level, without.next().unwrap_or(text));
            return;
        }
        print_line(text);
        self.log.write(|| Event::notice(level, text));
    }
}

/// Prints a line on standard error that the event log contains in another form, or can't contain.
pub(crate) fn print_line(text: impl Display) {
    // If standard error is closed, there is no reader.
    let _closed = writeln!(io::stderr(), "{text}");
}
