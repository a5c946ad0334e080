//! Every setting with its source, and the sources of secrets.

use super::{Diagnosis, Fact};
use crate::bankconnect::BaseUrl;
use crate::error::AppError;
use crate::screening_run::find_bank;
use crate::settings::environment::variable;
use crate::settings::{KEYS, Key, Profile, Settings, Value, ValueKind, screening_keys, secrets};

/// Adds settings and secrets.
pub(super) fn diagnose(
    settings: &Settings,
    check: &dyn Fn(&Profile) -> Result<(), AppError>,
    diagnosis: &mut Diagnosis,
) {
    let profile = &settings.profile;
    let is_secret = |key: &&Key| key.name.starts_with("api_key") || key.name.starts_with("server");
    let plain = KEYS
        .iter()
        .filter(|key| !is_secret(key) && key.name != "default_profile");
    let mut facts = vec![Fact {
        name: "profile".to_owned(),
        value: profile.name.clone(),
        source: profile.path.as_ref().map(|path| path.display().to_string()),
    }];
    facts.extend(plain.map(|key| fact(key, profile)));
    let project = profile.project.as_ref();
    facts.extend(project.map(|project| Fact {
        name: "project".to_owned(),
        value: Some(project.path.display().to_string()),
        source: None,
    }));
    facts.extend(screening_keys().filter_map(|key| screening_fact(key, profile)));
    let entries = profile.dashboard.entries.iter();
    facts.extend(entries.map(|entry| Fact {
        name: entry.name.clone(),
        value: Some(entry.value.clone()).filter(|value| !value.is_empty()),
        source: Some(profile.line(entry.line)),
    }));
    diagnosis.add_section("settings", facts);
    if let Err(error) = check(profile) {
        diagnosis.add_error(&error);
    }
    validate(settings, diagnosis);
    check_secrets(settings, diagnosis);
}

fn fact(key: &Key, profile: &Profile) -> Fact {
    let set = key
        .variables
        .iter()
        .find_map(|name| Some((*name, variable(name)?)));
    let (value, source) = if let Some((name, value)) = set {
        (printable(key, &value.to_string_lossy()), name.to_owned())
    } else if let Some(setting) = profile.setting(key.name) {
        let value = match &setting.value {
            Value::Text(_) if matches!(key.kind, ValueKind::FlagPath | ValueKind::Path) => profile
                .path(key.name)
                .unwrap_or_default()
                .display()
                .to_string(),
            Value::Text(text) => printable(key, text),
            value => value.to_string(),
        };
        (value, profile.location(setting))
    } else {
        (key.default.to_owned(), "default".to_owned())
    };
    Fact {
        name: key.name.to_owned(),
        value: Some(value).filter(|value| !value.is_empty()),
        source: Some(source),
    }
}

/// Returns a flag of screening that a file sets for `--check`.
fn screening_fact(key: &str, profile: &Profile) -> Option<Fact> {
    let (setting, place) = profile.screening(key, true)?;
    let value = setting.value.to_string();
    Some(Fact {
        name: format!("check.{key}"),
        value: Some(value).filter(|value| !value.is_empty()),
        source: Some(place),
    })
}

/// Returns a value as it may be printed: an invalid URL could contain a password.
fn printable(key: &Key, value: &str) -> String {
    match key.name {
        "base_url" => BaseUrl::parse(value)
            .map_or_else(|_invalid| "(not shown)".to_owned(), |base| base.to_string()),
        "color" if key.variables.len() > 1 && value == "1" => "set".to_owned(),
        _ => value.to_owned(),
    }
}

/// Validates the settings that no parser does.
fn validate(settings: &Settings, diagnosis: &mut Diagnosis) {
    let Settings { profile, banks, .. } = settings;
    if let Some(id) = profile.text("bank") {
        let place = profile.place_of("bank", id).unwrap_or_default();
        if let Err(error) = find_bank(banks, id, &format!("{place}: bank {id}")) {
            diagnosis.add_error(&error);
        }
    }
    let base = variable("BANKSCREEN_BASE_URL");
    let base = base.map(|value| value.to_string_lossy().into_owned());
    let base = base.as_deref().or(profile.text("base_url"));
    if let Some(Err(error)) = base.map(BaseUrl::parse) {
        diagnosis.add_error(&secrets::invalid_base_url(error));
    }
}

/// Tries the sources of secrets and adds where they come from.
fn check_secrets(settings: &Settings, diagnosis: &mut Diagnosis) {
    if let Err(error) = secrets::forbid_core_dumps() {
        diagnosis.add_error(&error);
        return;
    }
    let profile = &settings.profile;
    let file = profile.path("api_key_file");
    let file = file.filter(|_| variable("BANKSCREEN_API_KEY").is_none());
    let key = settings.api_key(file.as_deref()).map(|_key| true);
    let hash = settings.server_hash().map(|hash| hash.is_some());
    let mut facts = Vec::new();
    for (name, result, keys) in [
        ("API key", key, ["api_key_file", "api_key_command"]),
        (
            "server hash",
            hash,
            ["server_hash_file", "server_hash_command"],
        ),
    ] {
        let source = source(profile, keys);
        let value = match &result {
            Ok(true) => Some("set".to_owned()),
            Err(_) if source.is_some() => Some("unusable".to_owned()),
            Ok(false) | Err(_) => None,
        };
        facts.push(Fact {
            name: name.to_owned(),
            value,
            source,
        });
        if let Err(error) = result {
            diagnosis.add_error(&error);
        }
    }
    diagnosis.add_section("secrets", facts);
}

/// Returns where a secret comes from.
fn source(profile: &Profile, keys: [&str; 2]) -> Option<String> {
    let known = KEYS.iter().filter(|key| keys.contains(&key.name));
    for key in known {
        let set = key.variables.iter().find(|name| variable(name).is_some());
        if let Some(name) = set {
            return Some((*name).to_owned());
        }
        if let Some(setting) = profile.setting(key.name) {
            let file = profile
                .path(key.name)
                .filter(|_| key.name.ends_with("file"));
            let from =
                file.map_or_else(|| "a command".to_owned(), |file| file.display().to_string());
            return Some(format!("{from}, {}", profile.location(setting)));
        }
    }
    None
}
