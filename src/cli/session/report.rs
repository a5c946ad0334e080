//! `bankscreen session report`: saves the insights of a processed session, or their spreadsheet.

use super::{Completion, InterruptibleCalls};
use crate::cli::ExitStatus;
use crate::cli::args::ReportArgs;
use crate::cli::context::Context;
use crate::connection::{Connection, ConnectionOptions, Required, samples};
use crate::error::AppError;
use crate::output::Role;
use crate::session_report::{ReportOptions, SessionReport};
use crate::text::columns::thousands;
use crate::text::sanitize;

/// Downloads the report and saves it.
pub(super) fn run(args: &ReportArgs, context: &Context) -> Result<ExitStatus, AppError> {
    let options = ConnectionOptions::from(&args.connection);
    let mut guard = context.output_guard();
    guard.keep(Role::KeyFile, options.api_key_file.clone());
    // Opened first, so that an unusable path is reported before a key is read.
    let mut report = SessionReport::open(&ReportOptions::from(args), guard)?;
    let connection = Connection::open(&options, &context.settings, Required::ServerHash)?;
    let calls = InterruptibleCalls::new(context)?;
    let completion = calls.run(async {
        let client = &connection.client;
        let id = match &args.session_id {
            Some(id) => id.clone(),
            None => samples::process(client).await?,
        };
        report.download(client, &id).await?;
        Ok(id)
    })?;
    let id = match completion {
        Completion::Done(id) => id,
        Completion::Interrupted(status) => return Ok(status),
    };
    let saved = report.save()?;
    if !saved.is_standard_output {
        context.notices.info(format_args!(
            "saved the report of session {} to {} ({} bytes, with personal data)",
            sanitize(&id),
            sanitize(&args.output.to_string_lossy()),
            thousands(usize::try_from(saved.bytes).unwrap_or(usize::MAX))
        ));
    }
    Ok(ExitStatus::Passed)
}
