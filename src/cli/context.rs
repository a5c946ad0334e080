//! What every command receives besides its arguments: settings, event log and messages.

use super::exit::{self, ExitStatus};
use super::parse::ParsedArgs;
use crate::error::AppError;
use crate::event_log::{Event, EventLog, EventLogError, Notices};
use crate::settings::Settings;

/// The settings and outputs of a run.
#[derive(Debug)]
pub(super) struct Context {
    pub(super) settings: Settings,
    pub(super) log: EventLog,
    pub(super) notices: Notices,
}

impl Context {
    /// Opens the event log, if there is one, and records the start of the run.
    ///
    /// # Errors
    ///
    /// If the log file can't be used.
    pub(super) fn new(parsed: &ParsedArgs) -> Result<Self, AppError> {
        let settings = parsed.settings.clone();
        let Some((mode, screening)) = parsed.args.screening() else {
            return Ok(Self {
                settings,
                log: EventLog::none(),
                notices: Notices::default(),
            });
        };
        let log = EventLog::open(screening.log_file.as_deref(), screening.output.as_deref());
        let log = log.map_err(log_error)?;
        log.write(|| Event::RunBegan {
            version: env!("CARGO_PKG_VERSION"),
            mode,
            pid: std::process::id(),
            paths: screening.paths.len(),
            settings: &parsed.effective,
        });
        Ok(Self {
            settings,
            notices: Notices::new(log.clone(), screening.quiet),
            log,
        })
    }

    /// Prints an error that does not end the run, with its hints.
    pub(super) fn warn(&self, error: &AppError) {
        self.notices.warning(exit::text(error));
    }

    /// Prints an error with its hints and returns the exit status.
    pub(super) fn report(&self, error: &AppError) -> ExitStatus {
        exit::report(error, &self.notices)
    }
}

fn log_error(error: EventLogError) -> AppError {
    match error {
        EventLogError::SameAsOutput { .. } => AppError::usage(
            error.to_string(),
            "use two different files: the report would replace the log",
        ),
        EventLogError::Open { path, source } => AppError::environment(
            format!("could not use the log file {}", path.display()),
            source,
            "set --log-file to a file in an existing folder that you can write to",
        ),
    }
}
