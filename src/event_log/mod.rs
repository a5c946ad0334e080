//! The event log (`--log-file`): one JSON object per line for everything that a run does.
//!
//! It is independent of what is printed: the same with `--quiet` and `--verbose`. [`EventLog`]
//! appends lines, [`Event`] defines them and masks text from outside, and [`Notices`] prints
//! messages and records them.

mod counters;
mod event;
mod log;
mod notices;

pub(crate) use event::{AttemptEvent, AttemptTimes, Event, Level};
pub(crate) use log::{EventLog, EventLogError, is_event_log};
pub(crate) use notices::{Hidden, Notices, print_line};
