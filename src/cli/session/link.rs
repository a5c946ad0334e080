//! `bankscreen session link`: creates a session whose journey returns to this machine, and waits
//! for that.

use super::new;
use super::{Completion, InterruptibleCalls};
use crate::bankconnect::{JourneyEnd, RedirectListener};
use crate::cli::args::{LinkArgs, SessionFormatArg};
use crate::cli::context::Context;
use crate::cli::{ExitStatus, stdout};
use crate::connection::{Connection, ConnectionOptions, Required};
use crate::error::AppError;
use crate::report::SCHEMA;
use crate::uploads::check_request;
use serde_json::json;
use tokio::time::timeout;

/// Creates a session, shows its journey, and waits for the browser to return.
pub(super) fn run(args: &LinkArgs, context: &Context) -> Result<ExitStatus, AppError> {
    let mut request = new::request(&args.request, context)?;
    check_request(&request)?;
    let options = ConnectionOptions::from(&args.request.connection);
    let connection = Connection::open(&options, &context.settings, Required::ApiKey)?;
    let calls = InterruptibleCalls::new(context)?;
    let format = args.request.show.format;
    let completion = calls.run(async {
        let reject = |error| {
            let message = "could not open a page for the browser to return to";
            let hint = "use bankscreen session new --redirect-url URL";
            AppError::environment(message, error, hint)
        };
        let listener = RedirectListener::bind().await.map_err(reject)?;
        request.redirect_url = Some(listener.url().map_err(reject)?);
        let created = new::create(&connection, &request).await?;
        new::show(&args.request, &request, &created, context)?;
        if format == SessionFormatArg::Text {
            context.notices.info(
                "waiting for the end of the journey; it must end in a browser on this machine",
            );
        }
        let ended = timeout(args.wait, listener.wait(created.session_id.as_str())).await;
        let ended = ended.map_err(|_elapsed| {
            let message = format!("the journey did not end within {} s", args.wait.as_secs());
            AppError::network(
                message,
                "use a longer --wait; the session may still be open",
            )
        })?;
        Ok((created, ended.map_err(reject)?))
    })?;
    let (created, end) = match completion {
        Completion::Done(done) => done,
        Completion::Interrupted(status) => return Ok(status),
    };
    let (outcome, status) = match end {
        JourneyEnd::Finished(_) => ("finished", ExitStatus::Passed),
        JourneyEnd::Cancelled => ("left", ExitStatus::Failed),
    };
    stdout::print(|out| match format {
        SessionFormatArg::Text => writeln!(out, "journey    {outcome}"),
        SessionFormatArg::Json => {
            let line = json!({
                "schema": SCHEMA, "type": "journey",
                "session_id": created.session_id, "outcome": outcome,
            });
            writeln!(out, "{line}")
        }
    })?;
    Ok(status)
}
