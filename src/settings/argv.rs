//! Turns settings that are flags too into arguments in front of the user's own, so that only the
//! command-line parser interprets them.

use super::environment::variable;
use super::keys::{KEYS, Key, ValueKind};
use super::{Profile, Setting, Value, screening_keys};
use crate::error::AppError;
use clap::error::{ContextKind, ContextValue};
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command};
use std::ffi::OsString;

/// Returns the arguments with the settings that neither they nor the environment override.
/// `matches` is the result of parsing `args` alone.
pub(crate) fn with_settings(
    args: &[OsString],
    root: &Command,
    matches: &ArgMatches,
    profile: &Profile,
) -> Vec<OsString> {
    let (command, matches, depth) = innermost(root, matches);
    let is_session = is_session_command(args, depth);
    let is_check = is_set(matches, "check") || is_set(matches, "serve_stdio");
    let of_screening = screening_keys().filter_map(|key| {
        let (setting, _) = profile.screening(key, is_check)?;
        screening_argument(key, &setting.value, command, matches)
    });
    let keys = KEYS
        .iter()
        .filter(|key| !is_session || key.applies_to_sessions())
        .filter(|key| profile.screening(key.name, is_check).is_none());
    let settings = keys.filter_map(|key| {
        let setting = profile.setting(key.name)?;
        argument(key, setting, command, matches, profile)
    });
    let settings = of_screening.chain(settings);
    let (before, after) = args.split_at(args.len().min(1 + depth));
    before
        .iter()
        .cloned()
        .chain(settings)
        .chain(after.iter().cloned())
        .collect()
}

/// Returns the innermost command, its matches, and the number of words in its name.
fn innermost<'a>(
    root: &'a Command,
    matches: &'a ArgMatches,
) -> (&'a Command, &'a ArgMatches, usize) {
    let (mut command, mut matches, mut depth) = (root, matches, 0);
    while let Some((name, below)) = matches.subcommand()
        && let Some(found) = command.find_subcommand(name)
    {
        (command, matches, depth) = (found, below, depth + 1);
    }
    (command, matches, depth)
}

/// Returns whether a switch is set, if the command has it.
pub(super) fn is_set(matches: &ArgMatches, id: &str) -> bool {
    let found = matches.try_get_one::<bool>(id);
    found.ok().flatten().copied().unwrap_or(false)
}

/// Returns whether the command is one of `bankscreen session`.
fn is_session_command(args: &[OsString], depth: usize) -> bool {
    depth > 0 && args.get(1).is_some_and(|first| first == "session")
}

/// Returns a setting as one argument, if the command has its flag and nothing overrides it.
fn argument(
    key: &Key,
    setting: &Setting,
    command: &Command,
    matches: &ArgMatches,
    profile: &Profile,
) -> Option<OsString> {
    let (id, value) = match (key.kind, &setting.value) {
        (ValueKind::Flag, Value::Text(text)) => (key.name, Some(OsString::from(text))),
        (ValueKind::FlagPath, Value::Text(_)) => (key.name, Some(profile.path(key.name)?.into())),
        (ValueKind::Switch, Value::Switch(false)) if key.name == "include_warnings" => {
            ("no_include_warnings", None)
        }
        _ => return None,
    };
    if key.variables.iter().any(|name| variable(name).is_some()) {
        return None;
    }
    flag(id, value, command, matches)
}

/// Returns a flag of screening as one argument.
fn screening_argument(
    key: &str,
    value: &Value,
    command: &Command,
    matches: &ArgMatches,
) -> Option<OsString> {
    match value {
        // No value is that of an empty list.
        Value::Text(text) if text.is_empty() => None,
        Value::Text(text) => flag(key, Some(text.into()), command, matches),
        Value::Switch(true) => flag(key, None, command, matches),
        Value::Switch(false) | Value::Words(_) => None,
    }
}

/// Returns a flag with its value, if the command has it and the user did not override it.
fn flag(
    id: &str,
    value: Option<OsString>,
    command: &Command,
    matches: &ArgMatches,
) -> Option<OsString> {
    let argument = command.get_arguments().find(|found| found.get_id() == id)?;
    if is_overridden(argument, command, matches) {
        return None;
    }
    let mut text = OsString::from("--");
    text.push(argument.get_long()?);
    if let Some(value) = value {
        text.push("=");
        text.push(value);
    }
    Some(text)
}

/// Returns whether the user gave the flag, or one that conflicts with it.
fn is_overridden(argument: &Arg, command: &Command, matches: &ArgMatches) -> bool {
    let is_given = |found: &Arg| {
        let id = found.get_id().as_str();
        // Querying a flag that the command does not have would panic.
        let known = matches.try_contains_id(id).is_ok();
        known && matches.value_source(id) == Some(ValueSource::CommandLine)
    };
    // `--x` and `--no-x` override each other.
    let opposite = argument.get_id().as_str().strip_prefix("no_");
    let excludes = |found: &&Arg| {
        is_given(found)
            && (found.is_exclusive_set()
                || opposite.is_some_and(|id| found.get_id() == id)
                || command
                    .get_arg_conflicts_with(found)
                    .iter()
                    .any(|other| other.get_id() == argument.get_id()))
    };
    let conflicts = command.get_arg_conflicts_with(argument);
    is_given(argument)
        || conflicts.into_iter().any(is_given)
        || command.get_arguments().any(|found| excludes(&found))
}

/// Returns the error of a setting whose value its flag rejects.
pub(crate) fn invalid_setting(error: &clap::Error, profile: &Profile) -> AppError {
    let named = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(named)) => named.as_str(),
        _ => "",
    };
    let flag = named.split([' ', '=']).next().unwrap_or_default();
    let key = flag.trim_start_matches('-').replace('-', "_");
    let message = error.to_string();
    let message = message.lines().next().unwrap_or_default();
    let message = message.strip_prefix("error: ").unwrap_or(message);
    let of_screening = profile.screening(&key, true).map(|(_, place)| place);
    let location = of_screening.or_else(|| Some(profile.location(profile.setting(&key)?)));
    let location = location.unwrap_or_else(|| "the config file".to_owned());
    let hint = format!("use a value that {flag} accepts; see bankscreen --help");
    AppError::usage(format!("{location}: {key}: {message}"), hint)
}
