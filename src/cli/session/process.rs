//! `bankscreen session process`: ends the uploads, waits for processing, and reports the outcome.

use super::answers;
use super::{Completion, InterruptibleCalls, print, session_id};
use crate::cli::args::{ProcessArgs, SessionFormatArg};
use crate::cli::context::Context;
use crate::cli::{ExitStatus, stdout};
use crate::connection::{Connection, ConnectionOptions, Required};
use crate::error::AppError;
use crate::event_log::Notices;
use crate::uploads::{Processing, ProcessingStep, is_completed};
use tokio::time::timeout;

/// Processes a session and prints its report.
pub(super) fn run(args: &ProcessArgs, context: &Context) -> Result<ExitStatus, AppError> {
    let options = ConnectionOptions::from(&args.session.connection);
    let connection = Connection::open(&options, &context.settings, Required::ServerHash)?;
    let calls = InterruptibleCalls::new(context)?;
    let completion = calls.run(async {
        let id = session_id(&args.session, &connection).await?;
        let processing = Processing::new(&connection.client, args.every, |step| {
            if !args.quiet {
                print_step(&step, &context.notices);
            }
        });
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
    Ok(if is_completed(&report) {
        ExitStatus::Passed
    } else {
        ExitStatus::Failed
    })
}

fn print_step(step: &ProcessingStep, notices: &Notices) {
    match step {
        ProcessingStep::AlreadyStarted => notices.info("processing has already started"),
        ProcessingStep::Progress(processed, all) => {
            notices.info(format_args!("{processed} of {all} statements processed"));
        }
        ProcessingStep::Retrying(error) => notices.info(format_args!("{error}; retrying")),
    }
}
