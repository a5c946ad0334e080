//! `--notes`: one message per incomplete case, as text files in a folder.
//!
//! A list in the folder names the files that this program wrote there, with their hashes. Only
//! these are replaced or removed, and only as long as nobody has changed them.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this is where messages are written to a folder"
)]

use crate::error::AppError;
use crate::output::{AtomicFile, Existing};
use crate::report::CaseReport;
use crate::screen::ContentHash;
use crate::screen::cases::CaseState;
use crate::screen::notes::{NoteLanguages, file_stem};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, DirBuilder};
use std::io::{self, Write as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;

/// The list of messages in the folder.
const LIST: &str = ".bankscreen-notes";
const EXTENSION: &str = ".txt";
/// Bytes of a file name without number and extension; file systems allow 255.
const MAX_NAME_BYTES: usize = 200;

/// A message that an earlier run wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Written {
    content: String,
    /// The hash of the case's name.
    case: String,
}

/// Messages by file name.
type List = BTreeMap<String, Written>;

/// Writes the messages of incomplete cases, and removes those of the other cases of the run.
///
/// # Errors
///
/// If the folder can't be read or written.
pub(super) fn write(
    folder: &Path,
    cases: &[CaseReport],
    languages: &NoteLanguages,
) -> Result<(), AppError> {
    let written = update(folder, cases, languages);
    written.map_err(|error| {
        AppError::environment(
            format!("could not write messages to {}", folder.display()),
            error,
            "set --notes to a folder that you can write to",
        )
    })
}

fn update(folder: &Path, cases: &[CaseReport], languages: &NoteLanguages) -> io::Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    let mut list = read_list(folder)?;
    list.retain(|name, written| hash_of(&folder.join(name)) == Some(written.content.clone()));
    let case_hash = |case: &CaseReport| ContentHash::of(case.name.as_bytes()).to_string();
    let own: BTreeSet<String> = cases.iter().map(case_hash).collect();
    let (earlier, mut kept): (List, List) = list
        .into_iter()
        .partition(|(_, written)| own.contains(&written.case));
    let incomplete = cases
        .iter()
        .filter(|case| case.state == CaseState::Incomplete);
    let mut written = BTreeSet::new();
    for case in incomplete {
        let is_free = |name: &str| {
            let is_taken = kept.contains_key(name) || written.contains(name);
            !is_taken && (earlier.contains_key(name) || !folder.join(name).exists())
        };
        let Some(name) = file_names(&case.name).find(|name| is_free(name)) else {
            continue;
        };
        let message = languages.message(&case.needs) + "\n";
        let mut file = AtomicFile::create(&folder.join(&name))?;
        file.file().write_all(message.as_bytes())?;
        file.persist(Existing::Replace)?;
        written.insert(name.clone());
        let entry = Written {
            content: ContentHash::of(message.as_bytes()).to_string(),
            case: case_hash(case),
        };
        kept.insert(name, entry);
    }
    for name in earlier.keys().filter(|name| !written.contains(*name)) {
        fs::remove_file(folder.join(name))?;
    }
    write_list(folder, &kept)
}

/// Returns the file names of a case, in the order in which they are tried.
fn file_names(case: &str) -> impl Iterator<Item = String> {
    let name = file_stem(case);
    let end = name.floor_char_boundary(MAX_NAME_BYTES);
    let name = name.get(..end).unwrap_or_default().to_owned();
    (1..=u32::MAX).map(move |number| match number {
        1 => format!("{name}{EXTENSION}"),
        _ => format!("{name}-{number}{EXTENSION}"),
    })
}

fn hash_of(path: &Path) -> Option<String> {
    let bytes = fs::read(path).ok()?;
    Some(ContentHash::of(&bytes).to_string())
}

fn read_list(folder: &Path) -> io::Result<List> {
    let text = match fs::read_to_string(folder.join(LIST)) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(List::new()),
        Err(error) => return Err(error),
    };
    let entries = text.lines().filter_map(|line| {
        let mut cells = line.splitn(3, '\t');
        let (content, case) = (cells.next()?.to_owned(), cells.next()?.to_owned());
        let name = cells.next()?;
        // A name in the list must not lead elsewhere.
        let is_name = !name.contains('/') && name.ends_with(EXTENSION);
        is_name.then(|| (name.to_owned(), Written { content, case }))
    });
    Ok(entries.collect())
}

fn write_list(folder: &Path, list: &List) -> io::Result<()> {
    let path = folder.join(LIST);
    if list.is_empty() {
        return match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        };
    }
    let mut file = AtomicFile::create(&path)?;
    for (name, Written { content, case }) in list {
        writeln!(file.file(), "{content}\t{case}\t{name}")?;
    }
    file.persist(Existing::Replace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_have_only_harmless_characters() {
        let first = |case: &str| file_names(case).next().unwrap();
        assert_eq!(first("Asha 1-2_b.c"), "Asha 1-2_b.c.txt");
        assert_eq!(first("../a\\b:c"), ".._a_b_c.txt");
        assert_eq!(first("आशा"), "आशा.txt");
        let long = "ä".repeat(500);
        let second = file_names(&long).nth(1).unwrap();
        assert!(
            second.ends_with("ä-2.txt") && second.len() < 255,
            "{second}"
        );
    }
}
