//! Every setting with its source, and the sources of secrets.

use super::{Fact, Findings};
use crate::bankconnect::{BaseUrl, disable_core_dumps};
use crate::cli::args::Args;
use crate::cli::failure::Failure;
use crate::cli::network;
use crate::settings::resolve;
use crate::settings::{self, KEYS, Key, Kind, Profile, Value};
use clap::CommandFactory;
use std::ffi::OsString;

/// Tells settings and secrets.
pub(super) fn tell(profile: &Profile, findings: &mut Findings) {
    let of_secrets = |key: &&Key| key.name.starts_with("api_key") || key.name.starts_with("server");
    let plain = KEYS
        .iter()
        .filter(|key| !of_secrets(key) && key.name != "default_profile");
    let mut facts = vec![Fact {
        name: "profile".to_owned(),
        value: profile.name.clone(),
        source: profile.path.as_ref().map(|path| path.display().to_string()),
    }];
    facts.extend(plain.map(|key| fact(key, profile)));
    findings.section("settings", facts);
    check(profile, findings);
    secrets(profile, findings);
}

fn fact(key: &Key, profile: &Profile) -> Fact {
    let set = key
        .variables
        .iter()
        .find_map(|name| Some((*name, settings::variable(name)?)));
    let (value, source) = if let Some((name, value)) = set {
        (shown(key, &value.to_string_lossy()), name.to_owned())
    } else if let Some(setting) = profile.setting(key.name) {
        let value = match &setting.value {
            Value::Text(_) if matches!(key.kind, Kind::FlagPath | Kind::Path) => profile
                .path(key.name)
                .unwrap_or_default()
                .display()
                .to_string(),
            Value::Text(text) => shown(key, text),
            Value::Words(words) => words.join(" "),
            Value::Switch(on) => on.to_string(),
        };
        (value, profile.place(setting))
    } else {
        (key.otherwise.to_owned(), "default".to_owned())
    };
    Fact {
        name: key.name.to_owned(),
        value: Some(value).filter(|value| !value.is_empty()),
        source: Some(source),
    }
}

/// A value as it may be shown: an address that can't be used may hold a password.
fn shown(key: &Key, value: &str) -> String {
    match key.name {
        "base_url" => BaseUrl::parse(value)
            .map_or_else(|_refused| "(not shown)".to_owned(), |base| base.to_string()),
        "color" if key.variables.len() > 1 && value == "1" => "set".to_owned(),
        _ => value.to_owned(),
    }
}

/// Lets the parser and the registry judge what is set.
fn check(profile: &Profile, findings: &mut Findings) {
    let typed: Vec<OsString> = ["bankscreen", "upload", "-"].map(OsString::from).into();
    let mut root = Args::command();
    root.build();
    if let Ok(matches) = Args::command().try_get_matches_from(&typed) {
        let words = settings::with_settings(&typed, &root, &matches, profile);
        if let Err(error) = Args::command().try_get_matches_from(words) {
            findings.fail(&settings::refused(&error, profile));
        }
    }
    let bank = profile
        .text("bank")
        .map(|id| resolve::bank(id, &format!("bank {id} in the config file")));
    if let Some(Err(failure)) = bank {
        findings.fail(&failure);
    }
    let base = settings::variable("BANKSCREEN_BASE_URL");
    let base = base.map(|value| value.to_string_lossy().into_owned());
    let base = base.as_deref().or(profile.text("base_url"));
    if let Some(Err(error)) = base.map(BaseUrl::parse) {
        let hint = format!("a URL such as {}", BaseUrl::PRODUCTION);
        findings.fail(&Failure::environment(
            "the base URL can't be used",
            error,
            hint,
        ));
    }
}

fn secrets(profile: &Profile, findings: &mut Findings) {
    if let Err(error) = disable_core_dumps() {
        let heading = "core dumps can't be turned off, and the key could end in one";
        findings.fail(&Failure::environment(
            heading,
            error,
            "it where limits may be lowered",
        ));
        return;
    }
    settings::enforce(profile.clone());
    let file = profile.path("api_key_file");
    let file = file.filter(|_| settings::variable("BANKSCREEN_API_KEY").is_none());
    let [key, hash] = network::try_secrets(file);
    let mut facts = Vec::new();
    for (name, tried, keys) in [
        ("API key", key, ["api_key_file", "api_key_command"]),
        (
            "server hash",
            hash,
            ["server_hash_file", "server_hash_command"],
        ),
    ] {
        let source = source(profile, keys);
        let value = match &tried {
            Ok(true) => Some("set".to_owned()),
            Err(_) if source.is_some() => Some("can't be used".to_owned()),
            Ok(false) | Err(_) => None,
        };
        facts.push(Fact {
            name: name.to_owned(),
            value,
            source,
        });
        if let Err(failure) = tried {
            findings.fail(&failure);
        }
    }
    findings.section("secrets", facts);
}

/// Where a secret comes from, never what it is.
fn source(profile: &Profile, keys: [&str; 2]) -> Option<String> {
    let known = KEYS.iter().filter(|key| keys.contains(&key.name));
    for key in known {
        let set = key
            .variables
            .iter()
            .find(|name| settings::variable(name).is_some());
        if let Some(name) = set {
            return Some((*name).to_owned());
        }
        if let Some(setting) = profile.setting(key.name) {
            let file = profile
                .path(key.name)
                .filter(|_| key.name.ends_with("file"));
            let from =
                file.map_or_else(|| "a command".to_owned(), |file| file.display().to_string());
            return Some(format!("{from}, {}", profile.place(setting)));
        }
    }
    None
}
