//! Lists a watched folder: its cases, their files, and what shows that a file changed.
//!
//! Only listings and attributes are used, never notifications of the operating system, which
//! network file systems don't send.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this is where the watched folder is listed"
)]

use super::names::{Screened, is_case};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// Maximum depth of folders in a case.
const MAX_DEPTH: usize = 128;

/// The attributes of a file that a write changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FileStamp {
    pub(super) bytes: u64,
    /// The modification time in seconds and nanoseconds.
    modified: (i64, i64),
    /// The time of the last change of attributes. Copies that set an old modification time change
    /// it.
    changed: (i64, i64),
}

/// Files with their stamps.
pub(super) type Files = BTreeMap<PathBuf, FileStamp>;

impl FileStamp {
    pub(super) fn of(metadata: &Metadata) -> Self {
        Self {
            bytes: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }

    /// Returns whether the content is the same, as far as size and modification time show.
    pub(super) fn has_content_of(&self, other: &Self) -> bool {
        (self.bytes, self.modified) == (other.bytes, other.modified)
    }

    /// Returns a stamp for tests.
    #[cfg(test)]
    pub(super) fn new(bytes: u64, modified: i64) -> Self {
        Self {
            bytes,
            modified: (modified, 0),
            changed: (modified, 0),
        }
    }
}

/// What a folder contains, and in its folders.
#[derive(Debug, Clone, Default)]
pub(super) struct FoundFiles {
    /// Regular files that can be statements.
    pub(super) statements: Files,
    /// All other files.
    pub(super) others: Files,
    /// Why a part of the folder could not be listed.
    pub(super) unreadable: Option<String>,
}

/// The content of the watched folder.
#[derive(Debug, Default)]
pub(super) struct FolderScan {
    /// The folders of cases by name.
    pub(super) cases: BTreeMap<OsString, FoundFiles>,
    /// The files that are in no folder of a case.
    pub(super) loose: FoundFiles,
}

/// Lists a watched folder.
///
/// # Errors
///
/// If the folder itself can't be listed.
pub(super) fn scan(folder: &Path, screened: Screened) -> io::Result<FolderScan> {
    let mut found = FolderScan::default();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let path = folder.join(&name);
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => {
                if is_case(&name) {
                    let mut files = FoundFiles::default();
                    if files.search(&path, screened, 0) {
                        found.cases.insert(name, files);
                    }
                }
            }
            Ok(_) => found.loose.add(path, screened),
            Err(error) => found.loose.fail(&path, &error),
        }
    }
    Ok(found)
}

/// Lists all files of one folder.
pub(super) fn scan_case(folder: &Path) -> FoundFiles {
    let mut files = FoundFiles::default();
    files.search(folder, Screened::Pdf, 0);
    files
}

impl FoundFiles {
    /// Adds the files of a folder. Returns whether the folder exists.
    fn search(&mut self, folder: &Path, screened: Screened, depth: usize) -> bool {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            // It was moved or removed since its parent was listed.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return false,
            Err(error) => {
                self.fail(folder, &error);
                return true;
            }
        };
        for entry in entries {
            let kind = entry.and_then(|entry| Ok((entry.file_type()?, entry)));
            match kind {
                Ok((kind, entry)) if kind.is_dir() => {
                    if depth < MAX_DEPTH {
                        self.search(&folder.join(entry.file_name()), screened, depth + 1);
                    } else {
                        let error = io::Error::other("folders are nested too deeply");
                        self.fail(folder, &error);
                    }
                }
                Ok((_, entry)) => self.add(folder.join(entry.file_name()), screened),
                Err(error) => self.fail(folder, &error),
            }
        }
        true
    }

    fn add(&mut self, path: PathBuf, screened: Screened) {
        let metadata = match fs::metadata(&path) {
            Ok(metadata) => metadata,
            // Gone, or a dangling link.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return,
            Err(error) => return self.fail(&path, &error),
        };
        if metadata.is_dir() {
            // A link to a folder, which is not followed.
            return;
        }
        let files = match path.file_name() {
            Some(name) if screened.is_statement(name) && metadata.is_file() => &mut self.statements,
            _ => &mut self.others,
        };
        files.insert(path, FileStamp::of(&metadata));
    }

    fn fail(&mut self, path: &Path, error: &io::Error) {
        let reason = format!("could not read {}: {error}", path.display());
        self.unreadable.get_or_insert(reason);
    }
}

/// Returns the stamp of a file; `None` if it is gone or can't be examined.
pub(super) fn stamp_of(path: &Path) -> Option<FileStamp> {
    let metadata = fs::metadata(path).ok()?;
    Some(FileStamp::of(&metadata))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_are_sub_folders_with_their_statements_and_other_files() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for name in ["Asha/more", "Empty", ".hidden", "New folder"] {
            fs::create_dir_all(root.join(name)).unwrap();
        }
        for name in [
            "loose.pdf",
            "Asha/a.pdf",
            "Asha/more/b.PDF",
            "Asha/c.pdf.part",
            ".hidden/d.pdf",
            "New folder/e.pdf",
        ] {
            fs::write(root.join(name), "x").unwrap();
        }
        let found = scan(root, Screened::Pdf).unwrap();
        let names: Vec<_> = found.cases.keys().collect();
        assert_eq!(names, ["Asha", "Empty"]);
        let asha = &found.cases[&OsString::from("Asha")];
        let statements: Vec<_> = asha.statements.keys().collect();
        let expected = ["Asha/a.pdf", "Asha/more/b.PDF"].map(|name| root.join(name));
        assert_eq!(statements, expected.iter().collect::<Vec<_>>());
        assert_eq!(asha.others.len(), 1);
        assert_eq!(found.loose.statements.len(), 1);
        assert!(scan(&root.join("missing"), Screened::Pdf).is_err());
    }
}
