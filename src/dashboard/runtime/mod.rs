//! Runs the dashboard on a terminal.
//!
//! The pure part, [`crate::dashboard`], decides what changes and what it looks like. The event loop
//! feeds it messages, performs its effects and draws. Work that takes time runs on a thread and
//! answers by an event.

mod active_session;
mod case_folders;
mod case_recall;
mod case_uploads;
mod discovery;
mod effects;
mod event;
mod event_logging;
mod event_loop;
mod export;
mod frame_scheduler;
mod history;
mod preview;
mod processing;
mod saved_calls;
mod screening;
mod shutdown;
mod sources;
mod stored;
mod terminal;
mod upload_worker;

pub(crate) use event_loop::{DashboardOptions, run};
pub(crate) use shutdown::DashboardEnd;
