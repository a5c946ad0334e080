//! Parses the command line, then adds the settings of the config file that it leaves open.

use super::args::Args;
use crate::error::AppError;
use crate::settings::effective::{EffectiveSettings, effective_settings};
use crate::settings::{self, Settings, argv};
use clap::{CommandFactory, FromArgMatches};
use std::ffi::OsString;

/// The command line with the settings of the config file.
#[derive(Debug)]
pub(super) struct ParsedArgs {
    pub(super) args: Args,
    pub(super) settings: Settings,
    /// The effective settings, for the event log; empty without one.
    pub(super) effective: EffectiveSettings,
}

/// Parses the command line and loads the config file, if the command uses it. `--sandbox` and
/// `--profile` may precede a command.
///
/// Ends the program for `--help`, `--version` and invalid arguments.
///
/// # Errors
///
/// If the config file can't be used, or a setting is invalid.
pub(super) fn parse(args: impl IntoIterator<Item = OsString>) -> Result<ParsedArgs, AppError> {
    let root = Args::command();
    let words = move_global_options(args.into_iter().collect(), &root);
    let mut built = root.clone();
    built.build();
    let matches = root.clone().get_matches_from(&words);
    let args = Args::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    if !args.uses_config_file() {
        return Ok(ParsedArgs {
            args,
            settings: Settings::default(),
            effective: EffectiveSettings::new(),
        });
    }
    let profile = settings::load(args.profile.as_deref())?;
    let words = argv::with_settings(&words, &built, &matches, &profile);
    let parsed = root.try_get_matches_from(words).and_then(|matches| {
        let args = Args::from_arg_matches(&matches)?;
        let has_log = args
            .screening()
            .is_some_and(|(_, screening)| screening.log_file.is_some());
        let effective = if has_log {
            effective_settings(&built, &matches, &profile)
        } else {
            EffectiveSettings::new()
        };
        Ok((args, effective))
    });
    let (args, effective) = parsed.map_err(|error| argv::invalid_setting(&error, &profile))?;
    Ok(ParsedArgs {
        args,
        settings: Settings {
            profile,
            ..Settings::default()
        },
        effective,
    })
}

/// Moves the options that may precede a command behind its name. Other arguments before a command
/// are rejected, so that a PATH can have the name of a command.
fn move_global_options(mut argv: Vec<OsString>, root: &clap::Command) -> Vec<OsString> {
    let mut options = 1;
    loop {
        match argv.get(options).and_then(|word| word.to_str()) {
            Some("--profile") => options += 2,
            Some(word) if word == "--sandbox" || word.starts_with("--profile=") => options += 1,
            _ => break,
        }
    }
    let mut command = root;
    let mut names = 0;
    while let Some(word) = argv.get(options + names).and_then(|word| word.to_str())
        && let Some(found) = command.find_subcommand(word)
    {
        (command, names) = (found, names + 1);
    }
    if names > 0
        && let Some(moved) = argv.get_mut(1..options + names)
    {
        moved.rotate_left(options - 1);
    }
    argv
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn global_options_move_behind_the_command() {
        let check = |argv: &str, expected: &str| {
            let argv = argv.split(' ').map(OsString::from).collect();
            let words = move_global_options(argv, &Args::command());
            assert_eq!(words.join(" ".as_ref()), expected);
        };
        check("b --sandbox upload x -- y", "b upload --sandbox x -- y");
        check(
            "b --profile p --sandbox session new --qr",
            "b session new --profile p --sandbox --qr",
        );
        check("b --profile upload", "b --profile upload");
        check("b --check upload", "b --check upload");
        check("b banks upload", "b banks upload");
    }
}
