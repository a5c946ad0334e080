//! The command line: from what was typed to an exit code. One file a command.

mod args;
mod banks;
mod check;
mod dashboard;
mod documents;
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

pub use args::Args;
pub use exit::Exit;

use crate::jail;
use args::Command;
use failure::Failure;

/// Does what was asked for.
pub fn run(args: Args) -> Exit {
    crate::batch::install_hook();
    // The process for risky files is told by the one that starts it.
    let is_jail = matches!(args.command, Some(Command::Jail));
    if let Err(failure) = if is_jail {
        Ok(())
    } else {
        settings::add_banks()
    } {
        return failure.report();
    }
    let done = match args.command {
        Some(Command::Banks { query }) => banks::run(&query),
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
