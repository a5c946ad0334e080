//! Parses the text of a config file. Messages about mistakes name the line and repeat no value,
//! because a user may have written a secret where it does not belong.

use super::dashboard::{self, TABLES};
use super::keys::{EXCLUSIVE_KEYS, KEYS, Key, ValueKind, secret_alternative, similar};
use super::setting::{Setting, Value};
use super::source::Source;
use super::{Profile, screening};
use crate::error::AppError;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use toml::de::{DeTable, DeValue};

/// The table of profiles.
const PROFILES: &str = "profiles";
/// Names the profile to use without `--profile`.
const DEFAULT: &str = "default_profile";

/// Parses a config file and selects a profile: the requested one, else the default of the file,
/// else only the settings outside all profiles.
///
/// # Errors
///
/// If the text is not TOML, a setting is unknown or invalid, or the profile does not exist.
pub(super) fn parse(text: &str, path: &Path, requested: Option<&str>) -> Result<Profile, AppError> {
    let file = Source { text, path };
    let table = file.table()?;
    let table = table.get_ref();
    let mut settings = file.settings(table, Some(PROFILES))?;
    let default = settings.remove(DEFAULT);
    let default = default.and_then(|setting| match setting.value {
        Value::Text(name) => Some(name),
        Value::Words(_) | Value::Switch(_) => None,
    });
    let mut profiles = BTreeMap::new();
    let tables = table.get(PROFILES).map(toml::Spanned::get_ref);
    for (name, value) in tables.and_then(DeValue::as_table).into_iter().flatten() {
        let Some(table) = value.get_ref().as_table() else {
            let location = file.location(name.span());
            let message = format!("{location}: a profile must be a table");
            let hint = "write [profiles.NAME], with its settings below";
            return Err(AppError::usage(message, hint));
        };
        // All profiles are parsed, so that a mistake is reported before the profile is used.
        profiles.insert(name.get_ref().to_string(), file.settings(table, None)?);
    }
    let name = requested.map(str::to_owned).or(default);
    if let Some(name) = &name {
        let profile = profiles.remove(name);
        let profile = profile.ok_or_else(|| file.unknown_profile(name, &profiles))?;
        merge(&mut settings, profile);
    }
    Ok(Profile {
        path: Some(path.to_owned()),
        name,
        settings,
        check: screening::parse_check(file, table)?,
        project: None,
        dashboard: dashboard::parse(file, table)?,
    })
}

type SettingsTable = BTreeMap<&'static str, Setting>;

/// Overrides the settings outside all profiles with those of a profile.
fn merge(settings: &mut SettingsTable, profile: SettingsTable) {
    for [one, other] in EXCLUSIVE_KEYS {
        if profile.contains_key(one) || profile.contains_key(other) {
            settings.remove(one);
            settings.remove(other);
        }
    }
    settings.extend(profile);
}

impl Source<'_> {
    /// Returns the settings of a table; `profiles_key` is the key that is not a setting.
    fn settings(
        &self,
        table: &DeTable<'_>,
        profiles_key: Option<&str>,
    ) -> Result<SettingsTable, AppError> {
        let mut settings = SettingsTable::new();
        for (name, value) in table {
            let written = name.get_ref().as_ref();
            let is_top_level = profiles_key.is_some();
            let is_table = written == screening::CHECK || TABLES.contains(&written);
            if Some(written) == profiles_key || (is_table && is_top_level) {
                continue;
            }
            if is_table {
                let location = self.location(name.span());
                let message = format!("{location}: {written} holds for all profiles");
                let hint = format!("write [{written}] outside of profiles");
                return Err(AppError::usage(message, hint));
            }
            if written == DEFAULT && !is_top_level {
                let location = self.location(name.span());
                let message = format!("{location}: {DEFAULT} can not be inside a profile");
                let hint = "write it at the top of the file, before the first [table]";
                return Err(AppError::usage(message, hint));
            }
            let Some(key) = KEYS.iter().find(|key| key.name == written) else {
                return Err(self.unknown_key(written, name.span()));
            };
            let setting = Setting {
                value: self.value(key, value.get_ref(), name.span())?,
                line: self.line(&name.span()),
            };
            settings.insert(key.name, setting);
        }
        for [one, other] in EXCLUSIVE_KEYS {
            if let (Some(_), Some(second)) = (settings.get(one), settings.get(other)) {
                let message = format!(
                    "{} line {}: {one} and {other} can't be combined",
                    self.path.display(),
                    second.line
                );
                return Err(AppError::usage(message, "keep one of them"));
            }
        }
        Ok(settings)
    }

    fn unknown_key(&self, written: &str, span: Range<usize>) -> AppError {
        let location = self.location(span);
        if let Some(alternative) = secret_alternative(written) {
            return AppError::usage(
                format!(
                    "{location}: {written} is not allowed in a config file, which gets copied, \
                     backed up and shown to others"
                ),
                format!("use {alternative}; replace the secret if it was stored here"),
            );
        }
        let names = KEYS
            .iter()
            .map(|key| key.name)
            .chain([PROFILES, screening::CHECK])
            .chain(TABLES);
        let hint = if let Some(name) = similar(written, names) {
            format!("use {name}")
        } else {
            let names: Vec<_> = KEYS.iter().map(|key| key.name).collect();
            format!("use one of {}", names.join(", "))
        };
        AppError::usage(format!("{location}: unknown setting {written:?}"), hint)
    }

    fn value(&self, key: &Key, value: &DeValue<'_>, span: Range<usize>) -> Result<Value, AppError> {
        let reject = |what: &str, hint: &str| {
            let location = self.location(span.clone());
            let message = format!("{location}: {}: {what}", key.name);
            Err(AppError::usage(message, hint))
        };
        match (key.kind, value) {
            (ValueKind::Switch, DeValue::Boolean(on)) => Ok(Value::Switch(*on)),
            (ValueKind::Switch, _) => reject("expected true or false", "write true or false"),
            (ValueKind::Choice(words), DeValue::String(text)) if words.contains(&text.as_ref()) => {
                Ok(Value::Text(text.to_string()))
            }
            (ValueKind::Choice(words), _) => reject(
                "unknown choice",
                &format!("use one of {}", words.join(", ")),
            ),
            (_, DeValue::String(text)) if !text.trim().is_empty() => {
                Ok(Value::Text(text.to_string()))
            }
            (ValueKind::Flag, DeValue::Integer(number)) => {
                Ok(Value::Text(number.as_str().to_owned()))
            }
            (ValueKind::Flag, DeValue::Float(number)) => {
                Ok(Value::Text(number.as_str().to_owned()))
            }
            (ValueKind::Command, DeValue::Array(words)) if !words.is_empty() => {
                let words = words.iter().map(|word| word.get_ref().as_str());
                let words: Option<Vec<_>> = words.map(|w| w.map(str::to_owned)).collect();
                match words {
                    Some(words) => Ok(Value::Words(words)),
                    None => reject(
                        "every element must be a string",
                        r#"write ["program", "argument"]"#,
                    ),
                }
            }
            (ValueKind::Command, _) => reject(
                "expected a shell command or a program with its arguments",
                r#"write "pass show finbox", or ["pass", "show", "finbox"], which uses no shell"#,
            ),
            _ => reject("expected a non-empty string", "write the value in quotes"),
        }
    }

    fn unknown_profile(&self, name: &str, profiles: &BTreeMap<String, SettingsTable>) -> AppError {
        let names: Vec<_> = profiles.keys().map(String::as_str).collect();
        let hint = match similar(name, names.iter().copied()) {
            Some(similar) => format!("use {similar}"),
            None if names.is_empty() => {
                format!("write [profiles.{name}], with its settings below")
            }
            None => format!("use one of {}", names.join(", ")),
        };
        let message = format!("{}: profile {name:?} does not exist", self.path.display());
        AppError::usage(message, hint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(text: &str, requested: Option<&str>) -> Result<Profile, String> {
        parse(text, Path::new("config.toml"), requested).map_err(|error| error.to_string())
    }

    #[test]
    fn a_profile_overrides_the_settings_outside_profiles() {
        let text = "jobs = 2\nbank = \"hdfc\"\napi_key_file = \"key\"\ndefault_profile = \"a\"\n\
            [profiles.a]\njobs = 3\napi_key_command = [\"pass\", \"x\"]\n\
            [profiles.b]\nmouse = false\n";
        let a = profile(text, None).unwrap();
        assert_eq!((a.text("jobs"), a.text("bank")), (Some("3"), Some("hdfc")));
        assert_eq!(a.text("api_key_file"), None);
        assert!(a.command("api_key_command").is_some());
        assert_eq!(a.setting("jobs").unwrap().line, 6);
        let b = profile(text, Some("b")).unwrap();
        assert_eq!(
            (b.text("jobs"), b.switch("mouse")),
            (Some("2"), Some(false))
        );
        assert_eq!(b.name.as_deref(), Some("b"));
    }

    #[test]
    fn messages_name_the_line_and_repeat_no_value() {
        let check = |text: &str, expected: &[&str]| {
            let error = profile(text, None).unwrap_err();
            for part in expected {
                assert!(error.contains(part), "{error}\n{part}");
            }
            assert!(!error.contains("canary"), "{error}");
        };
        check("\njobz = 4", &["line 2", "\"jobz\"", "jobs"]);
        check("api_key = \"canary\"", &["line 1", "api_key_command"]);
        check("api_key = canary", &["line 1"]);
        check(
            "[profiles.a]\nserver-hash = \"canary\"",
            &["line 2", "server_hash_file"],
        );
        check("mouse = \"canary\"", &["true or false"]);
        check("symbols = \"canary\"", &["auto, unicode, ascii"]);
        check("bank = \"\"", &["line 1", "bank"]);
        check(
            "api_key_file = \"a\"\napi_key_command = \"b\"",
            &["line 2", "keep one"],
        );
        check("[profiles]\na = 1", &["line 2", "[profiles.NAME]"]);
        check(
            "default_profile = \"live\"\n[profiles.life]\n",
            &["\"live\"", "life"],
        );
        check(
            "[profiles.a]\ndefault_profile = \"a\"",
            &["line 2", "top of the file"],
        );
    }
}
