//! The config file's profiles, and how a profile is found and loaded.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this is where the config file is opened"
)]

use super::dashboard::DashboardTables;
use super::{environment, file};
use crate::bankconnect::SecretCommand;
use crate::error::AppError;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Maximum size of a config file.
const MAX_BYTES: u64 = 1 << 20;
/// Permission bits with which users other than the owner can write.
const WRITABLE_BY_OTHERS: u32 = 0o022;

/// The settings of one profile.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Profile {
    /// The config file, if one exists.
    pub(crate) path: Option<PathBuf>,
    /// The profile's name; `None` if no profile was chosen.
    pub(crate) name: Option<String>,
    pub(super) settings: BTreeMap<&'static str, Setting>,
    /// The keys and colors of the dashboard.
    pub(crate) dashboard: DashboardTables,
}

/// One setting, and its line in the config file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Setting {
    pub(crate) value: Value,
    /// Counted from 1.
    pub(crate) line: usize,
}

/// The value of a setting. It is never a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Text(String),
    /// A program and its arguments.
    Words(Vec<String>),
    Switch(bool),
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

/// Reads a file, unless another user could have written it: it names commands that are run.
fn read_owned(path: &Path) -> io::Result<String> {
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    let reject = |what: String| Err(io::Error::new(io::ErrorKind::PermissionDenied, what));
    if !metadata.is_file() {
        let what = "not a regular file";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, what));
    }
    let mode = metadata.permissions().mode() & 0o777;
    if mode & WRITABLE_BY_OTHERS != 0 {
        return reject(format!("other users can write it (mode {mode:o})"));
    }
    let user = rustix::process::geteuid().as_raw();
    if metadata.uid() != user && metadata.uid() != 0 && user != 0 {
        return reject("it belongs to another user".to_owned());
    }
    let mut text = String::new();
    file.take(MAX_BYTES).read_to_string(&mut text)?;
    Ok(text)
}
