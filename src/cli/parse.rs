//! Parses the command line, then adds the settings of the config file that it leaves open.

use super::args::{self, Args};
use crate::error::AppError;
use crate::settings::effective::{EffectiveSettings, effective_settings};
use crate::settings::{self, Settings, argv, similar};
use clap::FromArgMatches;
use std::ffi::OsString;
use std::path::Path;

/// The command line with the settings of the config file.
#[derive(Debug)]
pub(super) struct ParsedArgs {
    pub(super) args: Args,
    /// The profile that the command line names.
    pub(super) profile: Option<String>,
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
    let root = args::definition();
    let words = move_global_options(args.into_iter().collect(), &root);
    reject_unknown_word(&words, &root)?;
    let mut built = root.clone();
    built.build();
    let matches = root.clone().get_matches_from(&words);
    let args = Args::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    let profile_name = args::profile(&matches).map(str::to_owned);
    if !args.uses_config_file() {
        return Ok(ParsedArgs {
            args,
            profile: profile_name,
            settings: Settings::default(),
            effective: EffectiveSettings::new(),
        });
    }
    let mut profile = settings::load(profile_name.as_deref())?;
    if args.screening().is_some() {
        profile.project = settings::find_project(&args.screened_paths())?;
    }
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
        profile: profile_name,
        settings: Settings {
            profile,
            ..Settings::default()
        },
        effective,
    })
}

/// Rejects a first word that is neither a command nor a path: it would open the dashboard, which
/// reports a missing file.
fn reject_unknown_word(argv: &[OsString], root: &clap::Command) -> Result<(), AppError> {
    let is_check = argv.iter().any(|word| word == "--check");
    let Some(word) = argv.get(1).filter(|_| !is_check) else {
        return Ok(());
    };
    let text = word.to_string_lossy();
    let is_known = text.starts_with('-')
        || text == "help"
        || text.is_empty()
        || root.find_subcommand(word).is_some()
        || Path::new(word).symlink_metadata().is_ok();
    if is_known {
        return Ok(());
    }
    let commands = root
        .get_subcommands()
        .filter(|command| !command.is_hide_set());
    let names = commands.map(clap::Command::get_name).chain(["--check"]);
    let hint = match similar(&text, names) {
        Some("--check") => "use bankscreen --check PATH to screen files".to_owned(),
        Some(name) => format!("use bankscreen {name}"),
        None => match similar_file(&text) {
            Some(name) => format!("use {name}, or see bankscreen --help"),
            None => "name an existing file or folder, or see bankscreen --help".to_owned(),
        },
    };
    Err(AppError::usage(
        format!("{text:?} is neither a command nor an existing path"),
        hint,
    ))
}

/// Returns the file in the same folder whose name is most similar.
fn similar_file(text: &str) -> Option<String> {
    let path = Path::new(text);
    let name = path.file_name()?.to_str()?;
    let folder = path.parent()?;
    let searched = if folder == Path::new("") {
        Path::new(".")
    } else {
        folder
    };
    let entries = searched.read_dir().ok()?.flatten();
    let names: Vec<_> = entries
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    let found = similar(name, names.iter().map(String::as_str))?;
    Some(folder.join(found).to_string_lossy().into_owned())
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
            let words = move_global_options(argv, &args::definition());
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
