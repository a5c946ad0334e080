//! `bankscreen session process`: ends the uploads, waits for processing, and reports the outcome.

use super::answers;
use super::{Completion, InterruptibleCalls, print, session_id};
use crate::bankconnect::Client;
use crate::bankconnect::wire::{
    AccountState, ApiError, ErrorCode, ProcessingState, ProgressReport, SessionReport,
};
use crate::cli::args::{ProcessArgs, SessionFormatArg};
use crate::cli::context::Context;
use crate::cli::{ExitStatus, stdout};
use crate::connection::{Connection, ConnectionOptions, Required};
use crate::error::AppError;
use crate::event_log::Notices;
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// Maximum pause between two queries, whatever the service asks for.
const MAX_PAUSE: Duration = Duration::from_mins(2);

/// Processes a session and prints its report.
pub(super) fn run(args: &ProcessArgs, context: &Context) -> Result<ExitStatus, AppError> {
    let options = ConnectionOptions::from(&args.session.connection);
    let connection = Connection::open(&options, &context.settings, Required::ServerHash)?;
    let calls = InterruptibleCalls::new(context)?;
    let completion = calls.run(async {
        let id = session_id(&args.session, &connection).await?;
        let mut processing = Processing {
            client: &connection.client,
            args,
            notices: &context.notices,
            progress: None,
        };
        let report = timeout(args.wait, processing.run(&id)).await;
        let report = report.map_err(|_elapsed| {
            let message = format!("processing did not end within {} s", args.wait.as_secs());
            AppError::unavailable(message, "run the same command again; it resumes")
        })?;
        let report = report.map_err(|error| AppError::call("process the session", error))?;
        Ok((id, report))
    })?;
    let (id, report) = match completion {
        Completion::Done(done) => done,
        Completion::Interrupted(status) => return Ok(status),
    };
    answers::store(&id, &report.accounts, &connection.client, &options, context);
    stdout::print(|out| match args.session.format {
        SessionFormatArg::Text => print::report(out, &id, &report),
        SessionFormatArg::Json => writeln!(out, "{}", print::report_json(&id, &report)),
    })?;
    Ok(exit_status(&report))
}

/// Returns `Passed` if there is an account, and every account and statement was completed.
fn exit_status(report: &SessionReport) -> ExitStatus {
    let completed = report.accounts.iter().all(|account| {
        account.state == AccountState::Completed
            && account.error.is_none()
            && account
                .statements
                .iter()
                .all(|statement| statement.state != ProcessingState::Failed)
    });
    if completed && !report.accounts.is_empty() {
        ExitStatus::Passed
    } else {
        ExitStatus::Failed
    }
}

/// Processing of one session, driven by queries.
struct Processing<'a> {
    client: &'a Client,
    args: &'a ProcessArgs,
    notices: &'a Notices,
    /// Processed and all statements, as last printed.
    progress: Option<(usize, usize)>,
}

/// What to ask the service next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Start,
    Progress,
    Report,
}

impl Processing<'_> {
    /// Queries the service until there is a report. A start request that the service did not
    /// receive is repeated; a session can't be processed twice.
    async fn run(&mut self, id: &str) -> Result<SessionReport, ApiError> {
        let mut stage = Stage::Start;
        loop {
            let response = match stage {
                Stage::Start => {
                    let started = self.client.initiate_processing(id).await;
                    started.map(|()| Stage::Progress)
                }
                Stage::Progress => {
                    let progress = self.client.progress(id).await;
                    progress.map(|report| self.print_progress(&report))
                }
                Stage::Report => match self.client.session_report(id).await {
                    Ok(report) => return Ok(report),
                    Err(error) => Err(error),
                },
            };
            let (next, pause) = match response {
                Ok(next) if next == stage => (next, self.args.every),
                Ok(next) => (next, Duration::ZERO),
                Err(error) => self.after_error(stage, error)?,
            };
            stage = next;
            sleep(pause).await;
        }
    }

    /// Returns the next stage after an error and the pause before it.
    fn after_error(&self, stage: Stage, error: ApiError) -> Result<(Stage, Duration), ApiError> {
        let code = match &error {
            ApiError::Rejected(response) => response.code.as_ref(),
            _ => None,
        };
        let every = self.args.every;
        match code {
            Some(ErrorCode::DuplicateProcessingRequest) if stage == Stage::Start => {
                self.print("processing has already started");
                return Ok((Stage::Progress, Duration::ZERO));
            }
            // The first start request was lost on its way.
            Some(ErrorCode::ProcessingNotRequested) => return Ok((Stage::Start, every)),
            _ => {}
        }
        if !error.is_retryable() {
            return Err(error);
        }
        self.print(&format!("{error}; retrying"));
        let pause = match error {
            ApiError::Busy { retry_after, .. } => retry_after.unwrap_or(every).min(MAX_PAUSE),
            _ => every,
        };
        // A start request without an answer may have been processed: the progress shows it.
        let next = if stage == Stage::Start && !error.has_no_effect() {
            Stage::Progress
        } else {
            stage
        };
        Ok((next, pause.max(every)))
    }

    /// Prints the progress if it has changed, and returns the next stage.
    fn print_progress(&mut self, report: &ProgressReport) -> Stage {
        let processed = report.statements.iter().filter(|statement| {
            matches!(
                statement.processing,
                ProcessingState::Completed | ProcessingState::Failed
            )
        });
        let now = (processed.count(), report.statements.len());
        if self.progress.replace(now) != Some(now) {
            self.print(&format!("{} of {} statements processed", now.0, now.1));
        }
        match report.session {
            ProcessingState::Completed | ProcessingState::Failed => Stage::Report,
            ProcessingState::Processing | ProcessingState::Other(_) => Stage::Progress,
        }
    }

    fn print(&self, text: &str) {
        if !self.args.quiet {
            self.notices.info(text);
        }
    }
}
