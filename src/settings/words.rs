//! Settings that are flags too, as words for the parser, put in front of what was typed.

use super::key::{KEYS, Key, Kind};
use super::{Profile, Setting, Value, variable};
use crate::cli::failure::Failure;
use clap::error::{ContextKind, ContextValue};
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command};
use std::ffi::OsString;

/// What was typed, with the settings that it and the environment leave open. `matches` is what the
/// parser made of it alone.
pub(crate) fn with_settings(
    typed: &[OsString],
    root: &Command,
    matches: &ArgMatches,
    profile: &Profile,
) -> Vec<OsString> {
    let (command, matches, depth) = innermost(root, matches);
    let is_session = matches_session(typed, depth);
    let asked = KEYS
        .iter()
        .filter(|key| !is_session || key.is_of_sessions());
    let words = asked.filter_map(|key| {
        let setting = profile.setting(key.name)?;
        word(key, setting, command, matches, profile)
    });
    let (before, after) = typed.split_at(typed.len().min(1 + depth));
    before
        .iter()
        .cloned()
        .chain(words)
        .chain(after.iter().cloned())
        .collect()
}

/// The command that was typed, what was matched of it, and how many words its name has.
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

/// Commands below another are those of sessions.
fn matches_session(typed: &[OsString], depth: usize) -> bool {
    depth > 0 && typed.get(1).is_some_and(|first| first == "session")
}

/// A setting as one word, if its flag is there and nothing typed or set beats it.
fn word(
    key: &Key,
    setting: &Setting,
    command: &Command,
    matches: &ArgMatches,
    profile: &Profile,
) -> Option<OsString> {
    let (id, value) = match (key.kind, &setting.value) {
        (Kind::Flag, Value::Text(text)) => (key.name, Some(OsString::from(text))),
        (Kind::FlagPath, Value::Text(_)) => (key.name, Some(profile.path(key.name)?.into())),
        (Kind::Switch, Value::Switch(false)) if key.name == "include_warnings" => {
            ("no_include_warnings", None)
        }
        _ => return None,
    };
    if key.variables.iter().any(|name| variable(name).is_some()) {
        return None;
    }
    let argument = command.get_arguments().find(|found| found.get_id() == id)?;
    if is_beaten(argument, command, matches) {
        return None;
    }
    let mut word = OsString::from("--");
    word.push(argument.get_long()?);
    if let Some(value) = value {
        word.push("=");
        word.push(value);
    }
    Some(word)
}

/// Whether the flag, or one that can't be used with it, was typed.
fn is_beaten(argument: &Arg, command: &Command, matches: &ArgMatches) -> bool {
    let typed = |found: &Arg| {
        let id = found.get_id().as_str();
        // Asking after a flag that the command does not have would panic.
        let known = matches.try_contains_id(id).is_ok();
        known && matches.value_source(id) == Some(ValueSource::CommandLine)
    };
    // Of a pair that overrides each other, the opposite counts as well.
    let opposite = argument.get_id().as_str().strip_prefix("no_");
    let excludes = |found: &&Arg| {
        typed(found)
            && (found.is_exclusive_set()
                || opposite.is_some_and(|id| found.get_id() == id)
                || command
                    .get_arg_conflicts_with(found)
                    .iter()
                    .any(|other| other.get_id() == argument.get_id()))
    };
    let conflicts = command.get_arg_conflicts_with(argument);
    typed(argument)
        || conflicts.into_iter().any(typed)
        || command.get_arguments().any(|found| excludes(&found))
}

/// A setting that its flag does not take.
pub(crate) fn refused(error: &clap::Error, profile: &Profile) -> Failure {
    let named = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(named)) => named.as_str(),
        _ => "",
    };
    let flag = named.split([' ', '=']).next().unwrap_or_default();
    let key = flag.trim_start_matches('-').replace('-', "_");
    let said = error.to_string();
    let said = said.lines().next().unwrap_or_default();
    let said = said.strip_prefix("error: ").unwrap_or(said);
    let place = match profile.setting(&key) {
        Some(setting) => profile.place(setting),
        None => "the config file".to_owned(),
    };
    let hint = format!("a value that {flag} takes; see bankscreen --help");
    Failure::usage(format!("{place}: {key}: {said}"), hint)
}
