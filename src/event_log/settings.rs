//! The settings that a run is under, as its log tells them. No flag takes a secret.

use super::event::masked;
use crate::cli::network;
use crate::settings::{self, Profile};
use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::{Map, Value};

/// Settings by the names that the config file has for them; those of flags alone by the flag's.
pub(crate) type Settings = Map<String, Value>;

/// What is in force after flags, environment and config file: switches as such, all else as it was
/// written. `root` is the definition that was matched, all of it built.
pub(crate) fn in_force(root: &Command, matches: &ArgMatches, profile: &Profile) -> Settings {
    let (command, matches) = match matches.subcommand() {
        Some((name, below)) => (root.find_subcommand(name).unwrap_or(root), below),
        None => (root, matches),
    };
    // A flag that the command does not have is not set.
    let is_set = |id: &str| {
        let found = matches.try_get_one::<bool>(id);
        found.ok().flatten().copied().unwrap_or(false)
    };
    let checks_only = is_set("check");
    let concerns = |arg: &&Arg| !(checks_only && arg.get_help_heading() == Some("Dashboard"));
    let mut settings = Settings::new();
    for arg in command.get_arguments().filter(concerns) {
        let id = arg.get_id().as_str();
        let value = match arg.get_action() {
            ArgAction::SetTrue => Some(Value::Bool(is_set(id))),
            ArgAction::Set => match id {
                // It may hold what a URL should not; below it is told as it is used.
                "base_url" => None,
                _ => text(matches, id),
            },
            _ => None,
        };
        settings.extend(value.map(|value| (id.to_owned(), value)));
    }
    settings.remove("check");
    // Of a pair that overrides each other, one word tells.
    if let Some(left_out) = settings.remove("no_include_warnings") {
        let included = left_out == Value::Bool(false);
        settings.insert("include_warnings".to_owned(), included.into());
    }
    if !checks_only {
        let typed = matches.try_get_one::<String>("base_url");
        let base = network::base_url(typed.ok().flatten().cloned()).ok();
        let base = base.filter(|_| !is_set("sandbox"));
        settings.extend(base.map(|base| ("base_url".to_owned(), base.to_string().into())));
        if let Some(id) = settings::variable("BANKSCREEN_LINK_ID") {
            let id = masked(&id.to_string_lossy());
            settings.entry("link_id").or_insert(id.into());
        }
    }
    let path = profile.path.as_ref();
    let path = path.map(|path| masked(&path.to_string_lossy()).into());
    settings.extend(path.map(|path| ("config".to_owned(), path)));
    let name = profile.name.as_deref();
    settings.extend(name.map(|name| ("profile".to_owned(), masked(name).into())));
    settings
}

/// The value of a flag as it was written.
fn text(matches: &ArgMatches, id: &str) -> Option<Value> {
    let mut words = matches.try_get_raw(id).ok().flatten()?;
    let word = words.next()?.to_string_lossy();
    Some(masked(&word).into())
}
