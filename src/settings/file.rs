//! Reads the text of a config file. What it says of a mistake names the line, and repeats no value:
//! someone may have written a secret where none belongs.

use super::key::{KEYS, Key, Kind, RIVALS, instead_of_secret, similar};
use super::{Profile, Setting, Value};
use crate::cli::failure::Failure;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use toml::de::{DeTable, DeValue};

/// The table of profiles.
const PROFILES: &str = "profiles";
/// Names the profile to use where none is typed.
const DEFAULT: &str = "default_profile";

/// Reads a config file and chooses a profile: the one named, else the default of the file, else
/// only what stands above all profiles.
pub(super) fn read(text: &str, path: &Path, wanted: Option<&str>) -> Result<Profile, Failure> {
    let file = Source { text, path };
    let table = DeTable::parse(text).map_err(|error| {
        let place = file.place(error.span().unwrap_or_default());
        // Not its whole text, which shows the line.
        let heading = format!("{place}: {}", error.message());
        Failure::usage(heading, "TOML, such as: jobs = 4")
    })?;
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
            let place = file.place(name.span());
            let heading = format!("{place}: a profile is a table");
            return Err(Failure::usage(
                heading,
                "[profiles.NAME], and its keys below",
            ));
        };
        // All are read, so that a mistake in one shows before it is needed.
        profiles.insert(name.get_ref().to_string(), file.settings(table, None)?);
    }
    let name = wanted.map(str::to_owned).or(default);
    if let Some(name) = &name {
        let chosen = profiles.remove(name);
        merge(
            &mut settings,
            chosen.ok_or_else(|| file.no_profile(name, &profiles))?,
        );
    }
    Ok(Profile {
        path: Some(path.to_owned()),
        name,
        settings,
    })
}

type Settings = BTreeMap<&'static str, Setting>;

/// Lets a profile's settings beat those above all profiles.
fn merge(settings: &mut Settings, chosen: Settings) {
    for [one, other] in RIVALS {
        if chosen.contains_key(one) || chosen.contains_key(other) {
            settings.remove(one);
            settings.remove(other);
        }
    }
    settings.extend(chosen);
}

/// A file that is being read.
#[derive(Clone, Copy)]
struct Source<'s> {
    text: &'s str,
    path: &'s Path,
}

impl Source<'_> {
    fn line(&self, span: &Range<usize>) -> usize {
        let before = self.text.as_bytes().get(..span.start).unwrap_or_default();
        1 + memchr::memchr_iter(b'\n', before).count()
    }

    fn place(&self, span: Range<usize>) -> String {
        format!("{} line {}", self.path.display(), self.line(&span))
    }

    /// The settings of a table; `tables` is the key that is none.
    fn settings(&self, table: &DeTable<'_>, tables: Option<&str>) -> Result<Settings, Failure> {
        let mut settings = Settings::new();
        for (name, value) in table {
            let written = name.get_ref().as_ref();
            if Some(written) == tables {
                continue;
            }
            let known = KEYS
                .iter()
                .find(|key| key.name == written && (tables.is_some() || key.name != DEFAULT));
            let Some(key) = known else {
                return Err(self.unknown(written, name.span()));
            };
            let setting = Setting {
                value: self.value(key, value.get_ref(), name.span())?,
                line: self.line(&name.span()),
            };
            settings.insert(key.name, setting);
        }
        for [one, other] in RIVALS {
            if let (Some(_), Some(second)) = (settings.get(one), settings.get(other)) {
                let heading = format!(
                    "{} line {}: {one} and {other} are two ways to the same",
                    self.path.display(),
                    second.line
                );
                return Err(Failure::usage(heading, "one of them"));
            }
        }
        Ok(settings)
    }

    fn unknown(&self, written: &str, span: Range<usize>) -> Failure {
        let place = self.place(span);
        if let Some(instead) = instead_of_secret(written) {
            return Failure::usage(
                format!(
                    "{place}: {written} is not read from a config file, which gets copied, backed \
                     up and shown to others"
                ),
                format!("{instead}; and take a secret that stood here for known to others"),
            );
        }
        let names = KEYS.iter().map(|key| key.name).chain([PROFILES]);
        let hint = similar(written, names).map_or_else(
            || {
                let names: Vec<_> = KEYS.iter().map(|key| key.name).collect();
                format!("one of {}", names.join(", "))
            },
            str::to_owned,
        );
        Failure::usage(format!("{place}: there is no setting {written:?}"), hint)
    }

    fn value(&self, key: &Key, value: &DeValue<'_>, span: Range<usize>) -> Result<Value, Failure> {
        let refuse = |what: &str, hint: &str| {
            let place = self.place(span.clone());
            Err(Failure::usage(
                format!("{place}: {}: {what}", key.name),
                hint,
            ))
        };
        match (key.kind, value) {
            (Kind::Switch, DeValue::Boolean(on)) => Ok(Value::Switch(*on)),
            (Kind::Switch, _) => refuse("neither true nor false", "true or false"),
            (Kind::Choice(words), DeValue::String(text)) if words.contains(&text.as_ref()) => {
                Ok(Value::Text(text.to_string()))
            }
            (Kind::Choice(words), _) => refuse("no such choice", &words.join(", ")),
            (_, DeValue::String(text)) if !text.trim().is_empty() => {
                Ok(Value::Text(text.to_string()))
            }
            (Kind::Flag, DeValue::Integer(number)) => Ok(Value::Text(number.as_str().to_owned())),
            (Kind::Flag, DeValue::Float(number)) => Ok(Value::Text(number.as_str().to_owned())),
            (Kind::Command, DeValue::Array(words)) if !words.is_empty() => {
                let words = words.iter().map(|word| word.get_ref().as_str());
                let words: Option<Vec<_>> = words.map(|w| w.map(str::to_owned)).collect();
                match words {
                    Some(words) => Ok(Value::Words(words)),
                    None => refuse("not every word of it is text", r#"["program", "argument"]"#),
                }
            }
            (Kind::Command, _) => refuse(
                "neither a line for the shell nor a program with its arguments",
                r#""pass show finbox", or ["pass", "show", "finbox"], which uses no shell"#,
            ),
            _ => refuse("no text, or an empty one", "the value in quotes"),
        }
    }

    fn no_profile(&self, name: &str, profiles: &BTreeMap<String, Settings>) -> Failure {
        let names: Vec<_> = profiles.keys().map(String::as_str).collect();
        let hint = match similar(name, names.iter().copied()) {
            Some(similar) => similar.to_owned(),
            None if names.is_empty() => format!("[profiles.{name}], and its settings below"),
            None => format!("one of {}", names.join(", ")),
        };
        let heading = format!("{}: there is no profile {name:?}", self.path.display());
        Failure::usage(heading, hint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(text: &str, wanted: Option<&str>) -> Result<Profile, String> {
        read(text, Path::new("config.toml"), wanted).map_err(|failure| failure.to_string())
    }

    #[test]
    fn a_profile_beats_what_stands_above_all() {
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
    fn mistakes_are_told_with_their_line_and_without_values() {
        let check = |text: &str, expected: &[&str]| {
            let said = profile(text, None).unwrap_err();
            for part in expected {
                assert!(said.contains(part), "{said}\n{part}");
            }
            assert!(!said.contains("canary"), "{said}");
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
            &["line 2", "one of them"],
        );
        check("[profiles]\na = 1", &["line 2", "[profiles.NAME]"]);
        check(
            "default_profile = \"live\"\n[profiles.life]\n",
            &["\"live\"", "life"],
        );
        check("[profiles.a]\ndefault_profile = \"a\"", &["line 2"]);
    }
}
