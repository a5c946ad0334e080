//! Runs the dashboard on a terminal.
//!
//! The pure part, [`crate::dashboard`], decides what changes and what it looks like. The
//! [`EventLoop`] feeds it messages, performs its effects and draws. Work that takes time runs on a
//! thread and answers by message.

mod active_session;
mod discovery;
mod effects;
mod event_logging;
mod event_loop;
mod export;
mod frame_scheduler;
mod history;
mod preview;
mod screening;
mod shutdown;
mod sources;
mod terminal;
mod upload_worker;

pub(crate) use shutdown::DashboardEnd;

use crate::batch::Input;
use crate::connection::ConnectionOptions;
use crate::dashboard::Setup;
use crate::error::AppError;
use crate::event_log::{EventLog, Notices};
use crate::screen::Policy;
use crate::settings::Settings;
use event_loop::EventLoop;

/// What the dashboard runs with.
pub(crate) struct DashboardOptions {
    pub(crate) setup: Setup,
    pub(crate) policy: Policy,
    /// Number of screening threads.
    pub(crate) jobs: usize,
    pub(crate) connection: ConnectionOptions,
    /// Maximum number of simultaneous uploads.
    pub(crate) concurrency: usize,
    /// Whether to capture the mouse.
    pub(crate) mouse: bool,
    pub(crate) settings: Settings,
    pub(crate) notices: Notices,
    pub(crate) log: EventLog,
}

/// Runs the dashboard until the user leaves.
///
/// # Errors
///
/// If the terminal can't be used.
pub(crate) fn run(options: DashboardOptions, inputs: Vec<Input>) -> Result<DashboardEnd, AppError> {
    EventLoop::start(options)?.run(inputs)
}
