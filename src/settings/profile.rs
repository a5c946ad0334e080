//! The config file's profiles, and how a profile is found and loaded.

use super::dashboard::DashboardTables;
use super::owned_file::read_owned;
use super::screening::{ProjectFile, ScreeningSettings};
use super::setting::{Setting, Value};
use super::{environment, file};
use crate::bankconnect::SecretCommand;
use crate::error::AppError;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// The settings of one profile.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Profile {
    /// The config file, if one exists.
    pub(crate) path: Option<PathBuf>,
    /// The profile's name; `None` if no profile was chosen.
    pub(crate) name: Option<String>,
    pub(super) settings: BTreeMap<&'static str, Setting>,
    /// Flags of screening for `--check`, which hold for all profiles.
    pub(super) check: ScreeningSettings,
    /// The project's own file, if there is one.
    pub(crate) project: Option<ProjectFile>,
    /// The keys and colors of the dashboard.
    pub(crate) dashboard: DashboardTables,
}

impl Profile {
    pub(crate) fn setting(&self, key: &str) -> Option<&Setting> {
        self.settings.get(key)
    }

    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        match &self.setting(key)?.value {
            Value::Text(text) => Some(text),
            Value::Words(_) | Value::Switch(_) => None,
        }
    }

    pub(crate) fn switch(&self, key: &str) -> Option<bool> {
        match self.setting(key)?.value {
            Value::Switch(on) => Some(on),
            Value::Text(_) | Value::Words(_) => None,
        }
    }

    /// Returns a path, resolved against the folder of the config file.
    pub(crate) fn path(&self, key: &str) -> Option<PathBuf> {
        self.text(key).map(|text| self.resolved(text))
    }

    fn resolved(&self, text: &str) -> PathBuf {
        if let (Some(below), Some(home)) = (text.strip_prefix("~/"), environment::home()) {
            return home.join(below);
        }
        let folder = self.path.as_deref().and_then(Path::parent);
        folder.map_or_else(|| text.into(), |folder| folder.join(text))
    }

    /// Returns a command that prints a secret.
    pub(crate) fn command(&self, key: &str) -> Option<SecretCommand> {
        match &self.setting(key)?.value {
            Value::Text(line) => Some(SecretCommand::Shell(line.clone())),
            Value::Words(words) => {
                let (program, arguments) = words.split_first()?;
                Some(SecretCommand::Program {
                    program: program.clone(),
                    arguments: arguments.to_vec(),
                })
            }
            Value::Switch(_) => None,
        }
    }

    /// Returns a flag of screening that a file sets, and its place: the project's file overrides
    /// `[check]`, which holds for `--check` only.
    pub(crate) fn screening(&self, key: &str, is_check: bool) -> Option<(&Setting, String)> {
        let of_project = self.project.as_ref().and_then(|project| {
            let setting = project.settings.get(key)?;
            let place = format!("{} line {}", project.path.display(), setting.line);
            Some((setting, place))
        });
        of_project.or_else(|| {
            let setting = self.check.get(key).filter(|_| is_check)?;
            Some((setting, self.line(setting.line)))
        })
    }

    /// Returns where a file sets this value, for messages; `None` if none does.
    pub(crate) fn place_of(&self, key: &str, value: &str) -> Option<String> {
        let is_same =
            |setting: &Setting| matches!(&setting.value, Value::Text(text) if text == value);
        if let Some((setting, place)) = self.screening(key, true)
            && is_same(setting)
        {
            return Some(place);
        }
        let setting = self.setting(key).filter(|setting| is_same(setting))?;
        Some(self.location(setting))
    }

    /// Returns file and line of a setting, for messages.
    pub(crate) fn location(&self, setting: &Setting) -> String {
        self.line(setting.line)
    }

    /// Returns the file and a line in it, for messages.
    pub(crate) fn line(&self, line: usize) -> String {
        let path = self.path.as_deref().unwrap_or(Path::new("config.toml"));
        format!("{} line {line}", path.display())
    }
}

/// Reads the config file and selects a profile: the named one, else the default of the file.
///
/// # Errors
///
/// If the file can't be used, a setting in it is invalid, or the named profile does not exist.
pub(crate) fn load(profile: Option<&str>) -> Result<Profile, AppError> {
    let named = environment::variable("BANKSCREEN_CONFIG").map(PathBuf::from);
    let is_named = named.is_some();
    let default = || environment::config_folder().map(|folder| folder.join("config.toml"));
    let Some(path) = named.or_else(default) else {
        return without_file(profile, None);
    };
    match read_owned(&path) {
        Ok(text) => file::parse(&text, &path, profile),
        Err(error) if error.kind() == io::ErrorKind::NotFound && !is_named => {
            without_file(profile, Some(&path))
        }
        Err(error) => {
            let hint = match error.kind() {
                io::ErrorKind::PermissionDenied => format!(
                    "use a file that you own and that only you can write: chmod 600 {}",
                    path.display()
                ),
                io::ErrorKind::NotFound => {
                    "set BANKSCREEN_CONFIG to an existing file, or unset it".to_owned()
                }
                _ => "use a text file as described in the settings guide".to_owned(),
            };
            let message = format!("could not use the config file {}", path.display());
            Err(AppError::environment(message, error, hint))
        }
    }
}

fn without_file(profile: Option<&str>, path: Option<&Path>) -> Result<Profile, AppError> {
    let Some(name) = profile else {
        return Ok(Profile::default());
    };
    let location = path.map_or_else(String::new, |path| format!(" at {}", path.display()));
    Err(AppError::usage(
        format!("profile {name:?} does not exist: no config file{location}"),
        "create the config file as described in the settings guide, or omit --profile",
    ))
}
