//! Notices to people, on standard error, and a copy of them in the log.

use crate::event_log::{Event, Level, Log};
use std::fmt::Display;
use std::io::{self, Write};
use std::sync::OnceLock;

/// The log of this run. Notices come from everywhere, also from where there is no run yet, and none
/// of them needs to know of the log; events of other kinds are written by whoever holds a [`Log`].
static LOG: OnceLock<Log> = OnceLock::new();

/// Has notices written to a log from now on. The first call counts.
pub(crate) fn keep_in(log: Log) {
    let _first_counts = LOG.set(log);
}

/// Says something on standard error; where that is closed, there is no one to tell.
pub(crate) fn notice(message: impl Display) {
    notice_unless(false, message);
}

/// Says something unless people want it quiet; the log has it all the same.
pub(crate) fn notice_unless(quiet: bool, message: impl Display) {
    let text = message.to_string();
    if !quiet {
        progress(&text);
    }
    if let Some(log) = LOG.get() {
        log.write(|| Event::notice(level(&text), &text));
    }
}

/// Says something on standard error that the log has in events of its own, or can't have.
pub(crate) fn progress(message: impl Display) {
    let _nobody_listens = writeln!(io::stderr(), "{message}");
}

/// How much a notice matters, which its first word tells.
fn level(text: &str) -> Level {
    match text.split_once(':') {
        Some(("error", _)) => Level::Error,
        Some(("note" | "interrupted", _)) => Level::Warning,
        _ => Level::Info,
    }
}
