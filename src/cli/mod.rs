//! The command line: from what was typed to an exit code. One file a command.

pub(crate) mod args;
mod banks;
pub(crate) mod catalogue;
mod check;
mod doctor;
mod documents;
mod examples;
mod exit;
pub(crate) mod failure;
mod history;
pub(crate) mod interrupt;
pub(crate) mod manifest;
pub(crate) mod network;
pub(crate) mod notice;
pub(crate) mod output;
pub(crate) mod sandbox;
pub(crate) mod screening;
pub(crate) mod session;
mod upload;

pub use exit::Exit;

use crate::dashboard::runtime as dashboard;
use crate::event_log::{Event, Log};
use crate::isolation;
use crate::settings::resolve;
use args::{Args, Command};
use failure::Failure;
use std::ffi::OsString;

/// Does what was asked for by the words typed, of which the first is the program's name.
pub fn run(typed: impl IntoIterator<Item = OsString>) -> Exit {
    crate::batch::install_hook();
    let args = match Args::read(typed) {
        Ok(args) => args,
        Err(failure) => return failure.report(),
    };
    let log = match begin_log(&args) {
        Ok(log) => log,
        Err(failure) => return failure.report(),
    };
    let exit = obey(args, &log).unwrap_or_else(|failure| failure.report());
    log.end(exit);
    exit
}

/// Opens the log, if there is to be one, and writes down what the run is.
fn begin_log(args: &Args) -> Result<Log, Failure> {
    let Some((mode, screening)) = args.screens() else {
        return Ok(Log::none());
    };
    let log = Log::open(screening.log_file.as_deref(), screening.output.as_deref())?;
    notice::keep_in(log.clone());
    log.write(|| Event::RunBegan {
        version: env!("CARGO_PKG_VERSION"),
        mode,
        pid: std::process::id(),
        paths: screening.paths.len(),
        settings: &args.settings,
    });
    Ok(log)
}

/// Runs the command that was typed.
fn obey(args: Args, log: &Log) -> Result<Exit, Failure> {
    if args.has_settings() {
        resolve::add_banks()?;
    }
    let profile = args.profile;
    match args.command {
        Some(Command::Banks { query, refreshing }) => banks::run(&query, &refreshing),
        Some(Command::Doctor(args)) => doctor::run(&args, profile.as_deref()),
        Some(Command::Upload(args)) => upload::run(&args, log),
        Some(Command::Session(args)) => session::run(&args),
        Some(Command::Sandbox(args)) => sandbox::run(&args),
        Some(Command::History(args)) => history::run(&args),
        Some(Command::Schema) => documents::schema(),
        Some(Command::Completions { shell }) => documents::completions(shell),
        Some(Command::Man) => documents::man(),
        Some(Command::ScreenIsolated) => {
            isolation::run_child()
                .map(|()| Exit::Passed)
                .map_err(|error| {
                    let heading = "the process for risky files got no file that it could screen";
                    let hint = "bankscreen --check PATH, which starts such processes itself";
                    Failure::environment(heading, error, hint)
                })
        }
        None if args.check => check::run(&args.screening, log),
        None => dashboard::run(&args.screening, &args.dashboard, log),
    }
}
