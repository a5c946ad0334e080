//! Flags of screening that files set: the table `[check]` of the config file, for `--check`, and
//! the project's own file, for every command that screens.

use super::keys::similar;
use super::owned_file::read_owned;
use super::setting::{Setting, Value};
use super::source::Source;
use crate::error::AppError;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::{env, io};
use toml::de::{DeTable, DeValue};

/// The table of the config file, and of the project's file.
pub(super) const CHECK: &str = "check";
/// The name of the project's file.
const PROJECT_FILE: &str = "bankscreen.toml";

/// What a key accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The value of the flag, as text or as a number.
    Value,
    /// Values of the flag, as text or as an array.
    List,
    /// `true` sets the flag.
    Switch,
}

/// The keys, which are flags of the same names. None of them is a secret, names an output, or
/// changes an exit code or what is uploaded.
const KEYS: [(&str, Kind); 13] = [
    ("bank", Kind::Value),
    ("from", Kind::Value),
    ("to", Kind::Value),
    ("strict", Kind::Switch),
    ("strict_originals", Kind::Switch),
    ("ignore", Kind::List),
    ("error", Kind::List),
    ("files_only", Kind::Switch),
    ("no_ledger", Kind::Switch),
    ("jobs", Kind::Value),
    ("max_file_size", Kind::Value),
    ("max_pages", Kind::Value),
    ("time_limit", Kind::Value),
];

/// The flags that a file sets, by key.
pub(super) type ScreeningSettings = BTreeMap<&'static str, Setting>;

/// The project's own file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ProjectFile {
    pub(crate) path: PathBuf,
    pub(super) settings: ScreeningSettings,
}

/// Returns the names of all keys.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    KEYS.iter().map(|(name, _)| *name)
}

/// Finds the project's file, in the working directory or in the nearest folder above it.
///
/// A file in a screened folder or below one is passed over: it may be the applicant's.
///
/// # Errors
///
/// If the file can't be used, other users can write it, or a setting in it is invalid.
pub(crate) fn find_project(screened: &[PathBuf]) -> Result<Option<ProjectFile>, AppError> {
    let Ok(folder) = env::current_dir().and_then(|folder| folder.canonicalize()) else {
        return Ok(None);
    };
    let screened: Vec<PathBuf> = screened
        .iter()
        .filter_map(|path| path.canonicalize().ok())
        .collect();
    let is_screened = |folder: &&Path| screened.iter().any(|path| folder.starts_with(path));
    let trusted = folder.ancestors().filter(|folder| !is_screened(folder));
    for folder in trusted {
        let path = folder.join(PROJECT_FILE);
        match read_owned(&path) {
            Ok(text) => {
                let settings = parse_project(&text, &path)?;
                return Ok(Some(ProjectFile { path, settings }));
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => {
                let message = format!("could not use the project's file {}", path.display());
                let hint = "make it a text file that you own and that only you can write";
                return Err(AppError::environment(message, error, hint));
            }
        }
    }
    Ok(None)
}

/// Parses the project's file: the keys, with or without the heading `[check]`.
fn parse_project(text: &str, path: &Path) -> Result<ScreeningSettings, AppError> {
    let file = Source { text, path };
    let table = file.table()?;
    let table = table.get_ref();
    let mut settings = parse_table(file, table, Some(CHECK))?;
    settings.extend(parse_check(file, table)?);
    Ok(settings)
}

/// Parses the table `[check]` of a file.
///
/// # Errors
///
/// If a key is unknown or a value has another type than its flag.
pub(super) fn parse_check(
    file: Source<'_>,
    table: &DeTable<'_>,
) -> Result<ScreeningSettings, AppError> {
    let Some((name, value)) = table.get_key_value(CHECK) else {
        return Ok(ScreeningSettings::new());
    };
    let Some(table) = value.get_ref().as_table() else {
        let message = format!("{}: {CHECK} must be a table", file.location(name.span()));
        let hint = "write [check], with its settings below";
        return Err(AppError::usage(message, hint));
    };
    parse_table(file, table, None)
}

/// Parses a table; `other` is a key that is not a setting.
fn parse_table(
    file: Source<'_>,
    table: &DeTable<'_>,
    other: Option<&str>,
) -> Result<ScreeningSettings, AppError> {
    let mut settings = ScreeningSettings::new();
    for (name, value) in table {
        let written = name.get_ref().as_ref();
        if Some(written) == other {
            continue;
        }
        let Some((key, kind)) = KEYS.iter().find(|(key, _)| *key == written) else {
            return Err(unknown_key(file, written, name.span()));
        };
        let Some(value) = read_value(*kind, value.get_ref()) else {
            let message = format!("{}: {key}: unexpected value", file.location(name.span()));
            let hint = match kind {
                Kind::Value => "write a number, or text in quotes",
                Kind::List => r#"write ["PARTIAL_PERIOD", "MISSING_MONTHS"]"#,
                Kind::Switch => "write true or false",
            };
            return Err(AppError::usage(message, hint));
        };
        let line = file.line(&name.span());
        settings.insert(key, Setting { value, line });
    }
    Ok(settings)
}

fn unknown_key(file: Source<'_>, written: &str, span: Range<usize>) -> AppError {
    let location = file.location(span);
    let hint = match similar(written, names()) {
        Some(name) => format!("use {name}"),
        None => format!("use one of {}", names().collect::<Vec<_>>().join(", ")),
    };
    AppError::usage(
        format!("{location}: {written:?} is not a setting of screening"),
        hint,
    )
}

fn read_value(kind: Kind, value: &DeValue<'_>) -> Option<Value> {
    match (kind, value) {
        (Kind::Switch, DeValue::Boolean(on)) => Some(Value::Switch(*on)),
        (Kind::Value, DeValue::Integer(number)) => Some(Value::Text(number.as_str().to_owned())),
        (Kind::Value, DeValue::Float(number)) => Some(Value::Text(number.as_str().to_owned())),
        (Kind::Value, DeValue::Datetime(date)) => Some(Value::Text(date.to_string())),
        (Kind::Value | Kind::List, DeValue::String(text)) if !text.trim().is_empty() => {
            Some(Value::Text(text.to_string()))
        }
        (Kind::List, DeValue::Array(words)) => {
            let words = words.iter().map(|word| word.get_ref().as_str());
            let words: Option<Vec<&str>> = words.collect();
            // An empty list overrides that of another file.
            words.map(|words| Value::Text(words.join(",")))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_sets_flags_of_screening_only() {
        let parse = |text: &str| {
            let parsed = parse_project(text, Path::new("bankscreen.toml"));
            parsed.map_err(|error| error.to_string())
        };
        let text =
            "bank = 'hdfc'\nstrict = true\n[check]\nignore = ['A', 'B']\nfrom = 2026-01-02\n";
        let settings = parse(text).unwrap();
        let value = |key: &str| settings[key].value.clone();
        assert_eq!(value("bank"), Value::Text("hdfc".to_owned()));
        assert_eq!(value("strict"), Value::Switch(true));
        assert_eq!(value("ignore"), Value::Text("A,B".to_owned()));
        assert_eq!(value("from"), Value::Text("2026-01-02".to_owned()));
        assert_eq!(settings["ignore"].line, 4);
        for (text, expected) in [
            ("output = 'x'", "not a setting of screening"),
            ("exit_zero = true", "not a setting of screening"),
            ("api_key_command = 'x'", "not a setting of screening"),
            ("link_id = 'x'", "not a setting of screening"),
            ("[profiles.a]\njobs = 1", "line 1"),
            ("\nstrickt = true", "line 2"),
            ("strict = 'yes'", "unexpected value"),
            ("check = 1", "must be a table"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}
