//! What every command receives besides its arguments: settings, event log and messages.

use super::exit::{self, ExitStatus};
use super::parse::ParsedArgs;
use crate::batch::Input;
use crate::error::AppError;
use crate::event_log::{Event, EventLog, EventLogError, Notices};
use crate::output::{OutputGuard, OutputKind, Target};
use crate::settings::Settings;
use std::path::{Path, PathBuf};

/// The settings and outputs of a run.
#[derive(Debug)]
pub(super) struct Context {
    pub(super) settings: Settings,
    pub(super) log: EventLog,
    pub(super) notices: Notices,
    /// Protects the files that the settings and the arguments name.
    guard: OutputGuard,
}

impl Context {
    /// Names the project's file, if there is one.
    pub(super) fn note_project(&self) {
        if let Some(project) = &self.settings.profile.project {
            let path = project.path.display();
            self.notices
                .note(format_args!("the project's file sets flags: {path}"));
        }
    }

    /// Opens the event log, if there is one, and records the start of the run.
    ///
    /// # Errors
    ///
    /// If the log file can't be used.
    pub(super) fn new(parsed: &ParsedArgs) -> Result<Self, AppError> {
        let settings = parsed.settings.clone();
        let Some((mode, screening)) = parsed.args.screening() else {
            return Ok(Self {
                guard: OutputGuard::new(&settings, parsed.args.force()),
                settings,
                log: EventLog::none(),
                notices: Notices::default(),
            });
        };
        let mut guard = OutputGuard::new(&settings, screening.force);
        for (role, path) in parsed.args.files_read() {
            guard.keep(role, path);
        }
        let log = claim_log(screening.log_file.as_deref(), &mut guard)?;
        if mode != "dashboard" {
            screening.report().check(&guard)?;
        }
        let log = open_log(log)?;
        log.write(|| Event::RunBegan {
            version: env!("CARGO_PKG_VERSION"),
            mode,
            pid: std::process::id(),
            paths: screening.paths.len(),
            settings: &parsed.effective,
        });
        Ok(Self {
            settings,
            notices: Notices::hiding(log.clone(), screening.hidden()),
            log,
            guard,
        })
    }

    /// Returns a guard for the outputs of this run.
    pub(super) fn output_guard(&self) -> OutputGuard {
        self.guard.clone()
    }

    /// Returns a guard that protects the inputs too, and starts writing the event log.
    ///
    /// # Errors
    ///
    /// If the event log is an input.
    pub(super) fn guard_inputs(&self, inputs: &[Input]) -> Result<OutputGuard, AppError> {
        let mut guard = self.guard.clone();
        match guard.keep_inputs(inputs) {
            Ok(()) => self.log.release(),
            Err(error) => {
                self.log.discard();
                return Err(error);
            }
        }
        Ok(guard)
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

fn claim_log(path: Option<&Path>, guard: &mut OutputGuard) -> Result<Option<PathBuf>, AppError> {
    let Some(path) = path else {
        return Ok(None);
    };
    let target = guard.claim("--log-file", Some(path), OutputKind::EventLog)?;
    Ok(match target {
        Target::Device(path) | Target::File(path) => Some(path),
        Target::StandardOutput => None,
    })
}

fn open_log(path: Option<PathBuf>) -> Result<EventLog, AppError> {
    let Some(path) = path else {
        return Ok(EventLog::none());
    };
    EventLog::open(&path).map_err(|EventLogError::Open { path, source }| {
        AppError::environment(
            format!("could not use the log file {}", path.display()),
            source,
            "set --log-file to a file in an existing folder that you can write to",
        )
    })
}
