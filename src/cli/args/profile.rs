//! The option `--profile`, which every command has for which the config file matters.

use super::Args;
use clap::{Arg, ArgMatches, Command, CommandFactory};

const PROFILE: &str = "profile";
/// Commands that use no setting.
const WITHOUT_SETTINGS: [&str; 4] = ["schema", "completions", "man", crate::isolation::ARGUMENT];

/// Returns the definition of the command line.
pub(in crate::cli) fn definition() -> Command {
    add_profile(Args::command())
}

fn add_profile(command: Command) -> Command {
    let command = command.mut_subcommands(|command| {
        if WITHOUT_SETTINGS.contains(&command.get_name()) {
            return command;
        }
        add_profile(command)
    });
    if command.is_subcommand_required_set() {
        return command;
    }
    let profile = Arg::new(PROFILE)
        .long(PROFILE)
        .value_name("NAME")
        .help("Use this profile of the config file")
        .display_order(900);
    command.arg(profile)
}

/// Returns the profile that the command, or its subcommand, was called with.
pub(in crate::cli) fn profile(matches: &ArgMatches) -> Option<&str> {
    if let Some((_, matches)) = matches.subcommand() {
        return profile(matches);
    }
    // Commands without settings have no such argument.
    let name = matches.try_get_one::<String>(PROFILE).ok()?;
    name.map(String::as_str)
}
