//! `bankscreen session`: creates sessions, waits for journeys, shows and processes uploads, saves
//! reports, and registers webhooks.

mod answers;
mod forget;
mod link;
mod new;
mod print;
mod process;
mod report;
mod status;
mod webhook;

use super::ExitStatus;
use super::args::{SessionArgs, SessionCommand, StatusArgs};
use super::context::Context;
use crate::connection::{Connection, async_runtime, samples};
use crate::error::AppError;
use crate::interrupt::Interrupt;
use tokio::runtime::Runtime;

/// Runs one of the commands.
pub(super) fn run(args: &SessionArgs, context: &Context) -> Result<ExitStatus, AppError> {
    match &args.command {
        SessionCommand::New(args) => new::run(args, context),
        SessionCommand::Link(args) => link::run(args, context),
        SessionCommand::Status(args) => status::run(args, context),
        SessionCommand::Process(args) => process::run(args, context),
        SessionCommand::Report(args) => report::run(args, context),
        SessionCommand::Webhook(args) => webhook::run(args, context),
        SessionCommand::Forget(args) => forget::run(args),
    }
}

/// Runs the calls of a command until they end or a signal is received.
struct InterruptibleCalls {
    runtime: Runtime,
    interrupt: Interrupt,
}

impl InterruptibleCalls {
    fn new(context: &Context) -> Result<Self, AppError> {
        Ok(Self {
            runtime: async_runtime()?,
            interrupt: Interrupt::watch(&context.log)?,
        })
    }

    /// Returns the result of the calls, or the exit status of a signal.
    fn run<T>(
        &self,
        calls: impl Future<Output = Result<T, AppError>>,
    ) -> Result<Completion<T>, AppError> {
        self.runtime.block_on(async {
            tokio::select! {
                done = calls => done.map(Completion::Done),
                signal = self.interrupt.wait() => {
                    Ok(Completion::Interrupted(ExitStatus::Interrupted(signal)))
                }
            }
        })
    }
}

/// How the calls of a command ended.
enum Completion<T> {
    Done(T),
    Interrupted(ExitStatus),
}

/// Returns the requested session. A sandbox of this run has none yet, so a new one with samples is
/// created there.
async fn session_id(args: &StatusArgs, connection: &Connection) -> Result<String, AppError> {
    match &args.session_id {
        Some(id) => Ok(id.clone()),
        None => samples::upload(&connection.client).await,
    }
}
