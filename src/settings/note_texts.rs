//! The user's own words for messages to applicants: files in the folder `notes` beside the config
//! file, one per language.

use super::config_folder::read_folder;
use crate::applicant::RuleTable;
use crate::error::AppError;
use crate::screen::notes::NoteLanguages;
use std::path::Path;

/// The folder, in the config folder.
pub(crate) const NOTES: &str = "notes";
/// Extension of the files in it.
const EXTENSION: &str = "txt";
const HINT: &str = "write lines KEY = TEXT; the guide's page on cases has the keys";

/// Returns the built-in texts, changed by the user's files. They describe passwords by `rules`.
///
/// # Errors
///
/// If the folder or a file can't be read, or a line is not a text.
pub(crate) fn note_languages(rules: &RuleTable) -> Result<NoteLanguages, AppError> {
    let mut languages = NoteLanguages::default();
    let is_wanted = |path: &Path| {
        path.extension().is_some_and(|own| own == EXTENSION) && language(path).is_some()
    };
    for file in read_folder(NOTES, is_wanted, HINT)? {
        let language = language(&file.path).unwrap_or_default();
        let added = languages.add(language, &file.text);
        added.map_err(|invalid| file.reject(&invalid, HINT))?;
    }
    Ok(languages.with_rules(rules))
}

/// Returns the language of a file: its name without the extension.
fn language(path: &Path) -> Option<&str> {
    path.file_stem()?.to_str()
}
