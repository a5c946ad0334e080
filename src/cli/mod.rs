//! The command line: from what was typed to an exit code. One file a command.

mod args;
mod banks;
mod catalogue;
mod check;
mod config;
mod dashboard;
mod doctor;
mod documents;
mod examples;
mod exit;
mod failure;
mod history;
mod interrupt;
mod manifest;
mod network;
mod notice;
mod output;
mod post;
mod sandbox;
mod screening;
mod session;
mod settings;
mod upload;

pub use exit::Exit;

use crate::jail;
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
    if args.has_settings()
        && let Err(failure) = settings::add_banks()
    {
        return failure.report();
    }
    let profile = args.profile;
    let done = match args.command {
        Some(Command::Banks { query, refreshing }) => banks::run(&query, &refreshing),
        Some(Command::Doctor(args)) => doctor::run(&args, profile.as_deref()),
        Some(Command::Upload(args)) => upload::run(&args),
        Some(Command::Session(args)) => session::run(&args),
        Some(Command::Sandbox(args)) => sandbox::run(&args),
        Some(Command::History(args)) => history::run(&args),
        Some(Command::Schema) => documents::schema(),
        Some(Command::Completions { shell }) => documents::completions(shell),
        Some(Command::Man) => documents::man(),
        Some(Command::Jail) => jail::run_child().map(|()| Exit::Passed).map_err(|error| {
            let heading = "the process for risky files got no file that it could screen";
            let hint = "bankscreen --check PATH, which starts such processes itself";
            Failure::environment(heading, error, hint)
        }),
        None if args.check => check::run(&args.screening),
        None => dashboard::run(&args.screening, &args.dashboard),
    };
    done.unwrap_or_else(|failure| failure.report())
}
