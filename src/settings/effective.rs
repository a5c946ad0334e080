//! The effective settings as the event log records them. No flag takes a secret.

use super::environment::variable;
use super::{Profile, argv, secrets};
use crate::text::mask_numbers as masked;
use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::{Map, Value};

/// Settings by their names in the config file; flags without such a name by the flag's own.
pub(crate) type EffectiveSettings = Map<String, Value>;

/// Returns the settings that flags, environment and config file result in: switches as booleans,
/// all others as text. `root` is the built definition that `matches` comes from.
pub(crate) fn effective_settings(
    root: &Command,
    matches: &ArgMatches,
    profile: &Profile,
) -> EffectiveSettings {
    let (command, matches) = match matches.subcommand() {
        Some((name, below)) => (root.find_subcommand(name).unwrap_or(root), below),
        None => (root, matches),
    };
    let is_set = |id: &str| argv::is_set(matches, id);
    let only_checks = is_set("check") || is_set("serve_stdio");
    let applies = |arg: &&Arg| !(only_checks && is_upload_heading(arg.get_help_heading()));
    let mut settings = EffectiveSettings::new();
    for arg in command.get_arguments().filter(applies) {
        let id = arg.get_id().as_str();
        let value = match arg.get_action() {
            ArgAction::SetTrue => Some(Value::Bool(is_set(id))),
            ArgAction::Count => Some(Value::Bool(matches.get_count(id) > 0)),
            ArgAction::Set => match id {
                // The text may contain a password; the parsed URL is recorded below.
                "base_url" => None,
                _ => text(matches, id),
            },
            _ => None,
        };
        settings.extend(value.map(|value| (id.to_owned(), value)));
    }
    settings.remove("check");
    settings.remove("serve_stdio");
    // `--x` and `--no-x` are one setting.
    if let Some(excluded) = settings.remove("no_include_warnings") {
        let included = excluded == Value::Bool(false);
        settings.insert("include_warnings".to_owned(), included.into());
    }
    if !only_checks {
        let flag = matches.try_get_one::<String>("base_url");
        let base = secrets::base_url(flag.ok().flatten().map(String::as_str)).ok();
        let base = base.filter(|_| !is_set("sandbox"));
        settings.extend(base.map(|base| ("base_url".to_owned(), base.to_string().into())));
        if let Some(id) = variable("BANKSCREEN_LINK_ID") {
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

/// Returns whether options under this heading of the help have no meaning for `--check`.
fn is_upload_heading(heading: Option<&str>) -> bool {
    matches!(heading, Some("Upload" | "Connection" | "Dashboard"))
}

/// Returns the value of a flag as the user wrote it.
fn text(matches: &ArgMatches, id: &str) -> Option<Value> {
    let mut words = matches.try_get_raw(id).ok().flatten()?;
    let word = words.next()?.to_string_lossy();
    Some(masked(&word).into())
}
