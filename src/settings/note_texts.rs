//! The user's own words for messages to applicants: files in the folder `notes` beside the config
//! file, one per language.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this is where the user's texts are read"
)]

use super::environment;
use crate::error::AppError;
use crate::screen::notes::NoteLanguages;
use std::fs;
use std::io;
use std::path::Path;

/// The folder, in the config folder.
pub(crate) const NOTES: &str = "notes";
/// Extension of the files in it.
const EXTENSION: &str = "txt";
const HINT: &str = "write lines KEY = TEXT; the guide's page on cases has the keys";

/// Returns the built-in texts, changed by the user's files.
///
/// # Errors
///
/// If the folder or a file can't be read, or a line is not a text.
pub(crate) fn note_languages() -> Result<NoteLanguages, AppError> {
    let mut languages = NoteLanguages::default();
    let Some(folder) = environment::config_folder().map(|folder| folder.join(NOTES)) else {
        return Ok(languages);
    };
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(languages),
        Err(error) => return Err(unreadable(&folder, error)),
    };
    let paths: io::Result<Vec<_>> = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect();
    let mut paths = paths.map_err(|error| unreadable(&folder, error))?;
    paths.retain(|path| path.extension().is_some_and(|own| own == EXTENSION));
    paths.sort();
    for path in paths {
        let Some(language) = path.file_stem().and_then(|name| name.to_str()) else {
            continue;
        };
        let text = fs::read_to_string(&path).map_err(|error| unreadable(&path, error))?;
        let added = languages.add(language, &text);
        added.map_err(|invalid| AppError::usage(format!("{}: {invalid}", path.display()), HINT))?;
    }
    Ok(languages)
}

fn unreadable(path: &Path, error: io::Error) -> AppError {
    AppError::environment(format!("could not read {}", path.display()), error, HINT)
}
