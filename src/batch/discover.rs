//! Expands command-line paths, folders and lists of paths into inputs.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this is where folders are searched"
)]

use crate::pdf::FileBytes;
use crate::screen::Expected;
use std::collections::{HashMap, HashSet};
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Maximum depth of nested folders.
const MAX_FOLDER_DEPTH: usize = 128;

/// One file to screen.
#[derive(Debug, Clone)]
pub struct Input {
    /// The path as the user entered it; for a file in a folder, joined to the folder's path.
    pub path: PathBuf,
    /// The source of the bytes.
    pub origin: Origin,
    /// Expectations for this file, in addition to those for all files.
    pub expected: Option<Arc<Expected>>,
}

/// The source of an input's bytes.
#[derive(Debug, Clone)]
pub enum Origin {
    /// The file at the path.
    File,
    /// Standard input.
    StandardInput(FileBytes),
    /// None, because the folder could not be searched.
    Unreadable(io::ErrorKind, String),
}

impl Input {
    fn file(path: PathBuf) -> Self {
        Self {
            path,
            origin: Origin::File,
            expected: None,
        }
    }

    fn unreadable(path: PathBuf, error: &io::Error) -> Self {
        Self {
            path,
            origin: Origin::Unreadable(error.kind(), error.to_string()),
            expected: None,
        }
    }

    /// Adds expectations.
    #[must_use]
    pub fn expecting(mut self, expected: Arc<Expected>) -> Self {
        self.expected = Some(expected);
        self
    }

    /// Returns an input with bytes from standard input.
    pub fn standard_input(bytes: Vec<u8>) -> Self {
        Self {
            path: PathBuf::from("-"),
            origin: Origin::StandardInput(Arc::new(bytes)),
            expected: None,
        }
    }
}

/// Expands folders and removes repeated paths.
///
/// The files of a folder are sorted by the bytes of their names, independent of the locale.
pub fn discover(paths: impl IntoIterator<Item = Input>) -> Vec<Input> {
    let mut found = Vec::new();
    for input in paths {
        // Follows links here, because the user named this path.
        let is_folder = matches!(input.origin, Origin::File)
            && fs::metadata(&input.path).is_ok_and(|metadata| metadata.is_dir());
        if is_folder {
            search(&input.path, 0, &mut found);
        } else {
            found.push(input);
        }
    }
    let mut seen = HashSet::with_capacity(found.len());
    let is_new: Vec<_> = found
        .iter()
        .map(|input| seen.insert(input.path.as_path()))
        .collect();
    let mut is_new = is_new.into_iter();
    found.retain(|_| is_new.next().unwrap_or(true));
    found
}

/// Adds the files of a manifest.
///
/// If a file is already an input, that input receives the expectations of the manifest row. All
/// other rows are appended.
pub fn add_manifest(inputs: &mut Vec<Input>, manifest: Vec<Input>) {
    let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut index_by_path: HashMap<PathBuf, usize> = HashMap::new();
    for (index, input) in inputs.iter().enumerate() {
        index_by_path.entry(absolute(&input.path)).or_insert(index);
    }
    for row in manifest {
        let path = absolute(&row.path);
        let index = index_by_path.get(&path);
        if let Some(input) = index.and_then(|index| inputs.get_mut(*index)) {
            input.expected = row.expected;
        } else {
            index_by_path.insert(path, inputs.len());
            inputs.push(row);
        }
    }
}

fn search(folder: &Path, depth: usize, found: &mut Vec<Input>) {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => {
            found.push(Input::unreadable(folder.to_owned(), &error));
            return;
        }
    };
    let mut members = Vec::new();
    for entry in entries {
        match entry {
            Ok(entry) => members.push(entry),
            Err(error) => found.push(Input::unreadable(folder.to_owned(), &error)),
        }
    }
    members.sort_by_cached_key(fs::DirEntry::file_name);
    for member in members {
        let path = folder.join(member.file_name());
        match member.file_type() {
            Ok(kind) if kind.is_dir() => {
                if depth < MAX_FOLDER_DEPTH {
                    search(&path, depth + 1, found);
                } else {
                    let error = io::Error::other("folders are nested too deeply");
                    found.push(Input::unreadable(path, &error));
                }
            }
            // Links to folders are not followed, because they may form a cycle.
            Ok(kind) if kind.is_symlink() && path.is_dir() => {}
            Ok(_) if is_pdf_name(&member.file_name()) => found.push(Input::file(path)),
            Ok(_) => {}
            Err(error) => found.push(Input::unreadable(path, &error)),
        }
    }
}

fn is_pdf_name(name: &OsStr) -> bool {
    Path::new(name)
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("pdf"))
}

/// The separator of paths in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Separator {
    /// Line feeds; a carriage return before the line feed is ignored.
    Line,
    /// NUL bytes, as in the output of `find -print0`.
    Nul,
}

/// Parses a list of paths. Empty entries are skipped.
pub fn read_list(list: &[u8], separator: Separator) -> Vec<Input> {
    let byte = match separator {
        Separator::Line => b'\n',
        Separator::Nul => 0,
    };
    list.split(|b| *b == byte)
        .map(|entry| match separator {
            Separator::Line => entry.strip_suffix(b"\r").unwrap_or(entry),
            Separator::Nul => entry,
        })
        .filter(|entry| !entry.is_empty())
        .map(|entry| Input::file(PathBuf::from(OsStr::from_bytes(entry))))
        .collect()
}

impl From<PathBuf> for Input {
    fn from(path: PathBuf) -> Self {
        Self::file(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(inputs: &[Input]) -> Vec<&str> {
        inputs.iter().filter_map(|i| i.path.to_str()).collect()
    }

    #[test]
    fn lists_are_split_at_their_separator_only() {
        let lines = read_list(b"a.pdf\r\n\nb c.pdf\n", Separator::Line);
        assert_eq!(names(&lines), ["a.pdf", "b c.pdf"]);
        let nul = read_list(b"a\nb.pdf\0c.pdf\0", Separator::Nul);
        assert_eq!(names(&nul), ["a\nb.pdf", "c.pdf"]);
    }

    #[test]
    fn folders_expand_to_their_pdfs_in_order_without_repeats() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir(root.join("inner")).unwrap();
        for name in ["b.PDF", "a.pdf", "notes.txt", ".hidden.pdf", "inner/c.pdf"] {
            fs::write(root.join(name), b"").unwrap();
        }
        let paths = [root.to_owned(), root.join("a.pdf")];
        let found = discover(paths.map(Input::from));
        let found: Vec<_> = found
            .iter()
            .map(|input| input.path.strip_prefix(root).unwrap().to_str().unwrap())
            .collect();
        assert_eq!(found, [".hidden.pdf", "a.pdf", "b.PDF", "inner/c.pdf"]);
    }
}
