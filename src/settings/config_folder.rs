//! Reads what the user keeps beside the config file.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this is where files of the config folder are read"
)]

use super::environment;
use crate::error::AppError;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A text file in the config folder.
pub(super) struct ConfigFile {
    pub(super) path: PathBuf,
    pub(super) text: String,
}

impl ConfigFile {
    /// Returns the error of a file with a wrong content.
    pub(super) fn reject(&self, what: &dyn fmt::Display, hint: &str) -> AppError {
        AppError::usage(format!("{}: {what}", self.path.display()), hint)
    }
}

/// Reads a file; `None` if there is none.
///
/// # Errors
///
/// If the file exists and can't be read.
pub(super) fn read_file(name: &str, hint: &str) -> Result<Option<ConfigFile>, AppError> {
    let Some(path) = environment::config_folder().map(|folder| folder.join(name)) else {
        return Ok(None);
    };
    match fs::read_to_string(&path) {
        Ok(text) => Ok(Some(ConfigFile { path, text })),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unreadable(&path, error, hint)),
    }
}

/// Reads the files of a folder that `is_wanted` accepts, in the order of their names; none if there
/// is no folder.
///
/// # Errors
///
/// If the folder or a file can't be read.
pub(super) fn read_folder(
    name: &str,
    is_wanted: impl Fn(&Path) -> bool,
    hint: &str,
) -> Result<Vec<ConfigFile>, AppError> {
    let Some(folder) = environment::config_folder().map(|folder| folder.join(name)) else {
        return Ok(Vec::new());
    };
    let mut paths = match list(&folder) {
        Ok(paths) => paths,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(unreadable(&folder, error, hint)),
    };
    paths.retain(|path| is_wanted(path));
    paths.sort();
    let read = |path: PathBuf| match fs::read_to_string(&path) {
        Ok(text) => Ok(ConfigFile { path, text }),
        Err(error) => Err(unreadable(&path, error, hint)),
    };
    paths.into_iter().map(read).collect()
}

fn list(folder: &Path) -> io::Result<Vec<PathBuf>> {
    fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect()
}

fn unreadable(path: &Path, error: io::Error, hint: &str) -> AppError {
    AppError::environment(format!("could not read {}", path.display()), error, hint)
}
