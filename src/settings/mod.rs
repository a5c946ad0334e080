//! The config file: profiles of settings, which flags and the environment beat.
//!
//! Settings that are flags too are handed to the parser as if they had been typed, so that there is
//! one place that understands them: [`words`] gives them. The others are asked of [`in_force`].

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this is where the config file is opened and its place looked up"
)]

mod file;
mod key;
pub(crate) mod resolve;
mod words;

pub(crate) use key::{KEYS, Key, Kind};
pub(crate) use words::{refused, with_settings};

use crate::bankconnect::SecretCommand;
use crate::cli::failure::Failure;
use std::collections::BTreeMap;
use std::env;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

static IN_FORCE: OnceLock<Profile> = OnceLock::new();

/// A config file larger than this is something else.
const MAX_BYTES: u64 = 1 << 20;
/// Others than the owner may write.
const WRITABLE: u32 = 0o022;

/// The settings of one profile.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Profile {
    /// The file, if there is one.
    pub(crate) path: Option<PathBuf>,
    /// What it is called; `None` where no profile was chosen.
    pub(crate) name: Option<String>,
    settings: BTreeMap<&'static str, Setting>,
}

/// One setting, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Setting {
    pub(crate) value: Value,
    /// From 1.
    pub(crate) line: usize,
}

/// What a setting holds. None is ever a secret.
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

    /// A path, resolved against the folder of the config file.
    pub(crate) fn path(&self, key: &str) -> Option<PathBuf> {
        self.text(key).map(|text| self.resolved(text))
    }

    fn resolved(&self, text: &str) -> PathBuf {
        if let (Some(below), Some(home)) = (text.strip_prefix("~/"), home()) {
            return home.join(below);
        }
        let folder = self.path.as_deref().and_then(Path::parent);
        folder.map_or_else(|| text.into(), |folder| folder.join(text))
    }

    /// A command that prints a secret.
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

    /// Where a setting stands, for messages.
    pub(crate) fn place(&self, setting: &Setting) -> String {
        let path = self.path.as_deref().unwrap_or(Path::new("config.toml"));
        format!("{} line {}", path.display(), setting.line)
    }
}

/// The settings of this run; none before [`enforce`].
pub(crate) fn in_force() -> &'static Profile {
    static NOTHING: OnceLock<Profile> = OnceLock::new();
    IN_FORCE
        .get()
        .unwrap_or_else(|| NOTHING.get_or_init(Profile::default))
}

/// Makes settings those of this run. The first call counts.
pub(crate) fn enforce(profile: Profile) {
    let _first_counts = IN_FORCE.set(profile);
}

/// Reads the config file and chooses a profile of it: the one named, else its default.
pub(crate) fn load(profile: Option<&str>) -> Result<Profile, Failure> {
    let named = variable("BANKSCREEN_CONFIG").map(PathBuf::from);
    let is_named = named.is_some();
    let Some(path) = named.or_else(|| folder().map(|folder| folder.join("config.toml"))) else {
        return without_file(profile, None);
    };
    match open(&path) {
        Ok(text) => file::read(&text, &path, profile),
        Err(error) if error.kind() == io::ErrorKind::NotFound && !is_named => {
            without_file(profile, Some(&path))
        }
        Err(error) => {
            let hint = match error.kind() {
                io::ErrorKind::PermissionDenied => format!(
                    "a file of yours that only you can write: chmod 600 {}",
                    path.display()
                ),
                io::ErrorKind::NotFound => {
                    "BANKSCREEN_CONFIG with a file that exists, or unset it".to_owned()
                }
                _ => "a text file as the README describes it".to_owned(),
            };
            let heading = format!("the config file {} can't be used", path.display());
            Err(Failure::environment(heading, error, hint))
        }
    }
}

fn without_file(profile: Option<&str>, path: Option<&Path>) -> Result<Profile, Failure> {
    let Some(name) = profile else {
        return Ok(Profile::default());
    };
    let place = path.map_or_else(String::new, |path| format!(" at {}", path.display()));
    Err(Failure::usage(
        format!("there is no profile {name:?}: there is no config file{place}"),
        "write one, as the README describes it, or leave --profile out",
    ))
}

/// Reads the file, unless someone else could have written it: it names commands to be run.
fn open(path: &Path) -> io::Result<String> {
    let file = File::open(path)?;
    let found = file.metadata()?;
    let refuse = |what: String| Err(io::Error::new(io::ErrorKind::PermissionDenied, what));
    if !found.is_file() {
        let what = "it is no regular file";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, what));
    }
    let mode = found.permissions().mode() & 0o777;
    if mode & WRITABLE != 0 {
        return refuse(format!("others can write it (mode {mode:o})"));
    }
    let user = rustix::process::geteuid().as_raw();
    if found.uid() != user && found.uid() != 0 && user != 0 {
        return refuse("it belongs to another user".to_owned());
    }
    let mut text = String::new();
    file.take(MAX_BYTES).read_to_string(&mut text)?;
    Ok(text)
}

/// Where the user's settings are: `XDG_CONFIG_HOME`, else `~/.config`.
pub(crate) fn folder() -> Option<PathBuf> {
    // The XDG specification has relative paths ignored.
    let base = variable("XDG_CONFIG_HOME").map(PathBuf::from);
    let base = base.filter(|path| path.is_absolute());
    let base = base.or_else(|| Some(home()?.join(".config")))?;
    Some(base.join("bankscreen"))
}

pub(crate) fn home() -> Option<PathBuf> {
    variable("HOME")
        .map(PathBuf::from)
        .filter(|home| home.is_absolute())
}

/// A variable that is set to something.
pub(crate) fn variable(name: &str) -> Option<std::ffi::OsString> {
    env::var_os(name).filter(|value| !value.is_empty())
}
