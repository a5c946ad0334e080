//! The command line: arguments, settings, one file per command, printing and exit codes.
//!
//! What the program does is in the application layer below (`screening_run`, `uploads`,
//! `connection`, `dashboard::runtime`); commands here connect it to arguments and output.

mod args;
mod banks;
mod check;
mod context;
mod dashboard;
mod doctor;
mod examples;
mod exit;
mod forms;
mod generate;
mod history;
mod parse;
mod sandbox;
mod serve;
mod session;
mod stdout;
mod upload;
mod usage;

pub use exit::ExitStatus;

use crate::error::AppError;
use crate::isolation;
use args::Command;
use context::Context;
use parse::ParsedArgs;
use std::ffi::OsString;

/// Records whether standard output is closed; `main` calls it before the standard library replaces
/// closed streams.
pub fn record_closed_stdout() {
    crate::output::record_closed_stdout();
}

/// Runs the program; the first argument is its name.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitStatus {
    crate::batch::install_hook();
    crate::interrupt::survive_file_size_limit();
    let parsed = match parse::parse(args) {
        Ok(parsed) => parsed,
        Err(error) => return exit::report_before_log(&error),
    };
    let mut context = match Context::new(&parsed) {
        Ok(context) => context,
        Err(error) => return exit::report_before_log(&error),
    };
    let status = dispatch(parsed, &mut context).unwrap_or_else(|error| context.report(&error));
    context.log.end(status.code());
    status
}

/// Runs the requested command.
fn dispatch(parsed: ParsedArgs, context: &mut Context) -> Result<ExitStatus, AppError> {
    let ParsedArgs { args, profile, .. } = parsed;
    if args.uses_config_file() {
        let (banks, unusable_list) = crate::settings::bank_registry()?;
        context.settings.rules = crate::settings::rule_table(&banks)?;
        context.settings.banks = banks;
        // A refresh replaces the list.
        if let Some(error) = unusable_list {
            context.warn(&error);
        }
    }
    match args.command {
        Some(Command::Banks(args)) => banks::run(&args, context),
        Some(Command::Doctor(doctor)) => doctor::run(&doctor, profile.as_deref()),
        Some(Command::Upload(args)) => upload::run(&args, context),
        Some(Command::Session(args)) => session::run(&args, context),
        Some(Command::Sandbox(args)) => sandbox::run(&args, context),
        Some(Command::History(args)) => history::run(&args, context),
        Some(Command::Forms(args)) => forms::run(&args, &context.settings.banks),
        Some(Command::Schema) => generate::schema(),
        Some(Command::Completions { shell }) => generate::completions(shell),
        Some(Command::Man) => generate::man(),
        Some(Command::ScreenIsolated) => screen_isolated(),
        None if let Some(code) = args.explain => generate::explanation(code),
        None if args.serve_stdio => serve::run(&args.screening, context),
        None if args.check => check::run(&args.screening, context),
        None => dashboard::run(&args.screening, &args.dashboard, context),
    }
}

/// Runs the isolated process, which reads one request from standard input.
fn screen_isolated() -> Result<ExitStatus, AppError> {
    match isolation::run_child() {
        Ok(()) => Ok(ExitStatus::Passed),
        Err(error) => {
            let message = "the isolated process received no valid request";
            let hint = "run bankscreen --check PATH, which starts isolated processes itself";
            Err(AppError::environment(message, error, hint))
        }
    }
}
