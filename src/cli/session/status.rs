//! `bankscreen session status`: shows what was uploaded to a session.

use super::answers;
use super::{Completion, InterruptibleCalls, print, session_id};
use crate::cli::args::{SessionFormatArg, StatusArgs};
use crate::cli::context::Context;
use crate::cli::{ExitStatus, stdout};
use crate::connection::{Connection, ConnectionOptions, Required};
use crate::error::AppError;
use crate::settings::environment::time_zone;

/// Queries and prints the status.
pub(super) fn run(args: &StatusArgs, context: &Context) -> Result<ExitStatus, AppError> {
    let options = ConnectionOptions::from(&args.connection);
    let connection = Connection::open(&options, &context.settings, Required::ServerHash)?;
    let calls = InterruptibleCalls::new(context)?;
    let completion = calls.run(async {
        let id = session_id(args, &connection).await?;
        let status = connection.client.upload_status(&id).await;
        let status = status.map_err(|error| AppError::call("get the session's status", error))?;
        Ok((id, status))
    })?;
    let (id, status) = match completion {
        Completion::Done(done) => done,
        Completion::Interrupted(status) => return Ok(status),
    };
    answers::store(&id, &status.accounts, &connection.client, &options, context);
    stdout::print(|out| match args.format {
        SessionFormatArg::Text => print::status(out, &id, &status, &time_zone()),
        SessionFormatArg::Json => writeln!(out, "{}", print::status_json(&id, &status)),
    })?;
    Ok(ExitStatus::Passed)
}
