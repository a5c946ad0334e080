//! `bankscreen session webhook`: registers a URL that the service calls.

use super::{Completion, InterruptibleCalls};
use crate::bankconnect::wire::ApiError;
use crate::bankconnect::{WEBHOOK_MODE, WebhookUrl};
use crate::cli::args::{SessionFormatArg, WebhookArgs};
use crate::cli::context::Context;
use crate::cli::{ExitStatus, stdout};
use crate::connection::{Connection, ConnectionOptions, Required};
use crate::error::AppError;
use crate::report::SCHEMA;
use serde_json::json;

/// Registers the URL.
pub(super) fn run(args: &WebhookArgs, context: &Context) -> Result<ExitStatus, AppError> {
    // Checked first, so that an invalid URL is reported before a key is read.
    let url = WebhookUrl::parse(&args.url).map_err(|error| {
        let hint = "use a URL such as https://hooks.example.com/bankconnect, with at most 200 \
                    characters";
        AppError::environment("the webhook URL is invalid", error, hint)
    })?;
    let options = ConnectionOptions::from(&args.connection);
    let connection = Connection::open(&options, &context.settings, Required::ServerHash)?;
    let calls = InterruptibleCalls::new(context)?;
    let completion = calls.run(async {
        let registered = connection.client.update_webhook(&url).await;
        registered.map_err(call_error)
    })?;
    if let Completion::Interrupted(status) = completion {
        return Ok(status);
    }
    // The path of a webhook often contains a token, so only the origin is printed.
    let origin = url.origin();
    stdout::print(|out| match args.format {
        SessionFormatArg::Text => {
            writeln!(out, "webhook    registered at {origin}")?;
            writeln!(
                out,
                "calls      completed uploads, expired sessions, processing"
            )
        }
        SessionFormatArg::Json => {
            let line = json!({
                "schema": SCHEMA, "type": "webhook", "origin": origin, "mode": WEBHOOK_MODE,
            });
            writeln!(out, "{line}")
        }
    })?;
    Ok(ExitStatus::Passed)
}

fn call_error(error: ApiError) -> AppError {
    let is_unknown = matches!(error, ApiError::Indeterminate { .. });
    let error = AppError::call("register the webhook", error);
    if is_unknown {
        error.with_hint("run the same command again; it is unknown whether it was registered")
    } else {
        error
    }
}
