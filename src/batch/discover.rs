//! Expands command-line paths, folders and lists of paths into inputs.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this is where folders are searched"
)]

use super::archives::{self, ArchiveFile, Archives, FoundBy, MailHints, MemberFile};
use super::read::ReadError;
use crate::archive::{ArchiveError, ArchiveKind};
use crate::pdf::FileBytes;
use crate::screen::Expected;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ffi::OsStr;
use std::fs::{self, Metadata};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
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
    /// The index of its case among those of the run; `None` if it is in none.
    pub case: Option<usize>,
    file_id: Option<FileId>,
}

/// The source of an input's bytes.
#[derive(Debug, Clone)]
pub enum Origin {
    /// The file at the path.
    File,
    /// Standard input.
    StandardInput(FileBytes),
    /// A stream of this many bytes, which exceeds the size limit and was not kept.
    TooLarge(u64),
    /// None, because the folder could not be searched.
    Unreadable(io::ErrorKind, String),
    /// A member of an archive.
    Member(Arc<MemberFile>),
    /// None, because the archive could not be read, or not completely.
    Rejected(Arc<ArchiveFile>, ReadFailure),
}

/// Why an archive could not be read.
#[derive(Debug, Clone)]
pub enum ReadFailure {
    /// It is damaged, locked or exceeds a limit.
    Archive(ArchiveError),
    /// The reader failed, with this message.
    Panicked(String),
}

/// Identifies a file on this machine, whatever path leads to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FileId {
    /// The device that contains the file.
    pub device: u64,
    /// The number of the file on its device.
    pub inode: u64,
}

impl From<&Metadata> for FileId {
    fn from(metadata: &Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
        }
    }
}

impl Input {
    fn file(path: PathBuf) -> Self {
        Self {
            path,
            origin: Origin::File,
            expected: None,
            case: None,
            file_id: None,
        }
    }

    /// Returns the input of a file, with its identity.
    pub(super) fn existing(path: PathBuf) -> Self {
        Self {
            file_id: Discovery::id_of(&path),
            ..Self::file(path)
        }
    }

    /// Returns the input of a member of this archive.
    pub(super) fn member(&self, path: PathBuf, member: MemberFile) -> Self {
        Self {
            path,
            origin: Origin::Member(Arc::new(member)),
            ..self.clone()
        }
    }

    /// Returns the input that reports why this archive, or one in it, could not be read.
    pub(super) fn rejected(
        &self,
        path: PathBuf,
        file: &Arc<ArchiveFile>,
        error: ReadError,
    ) -> Self {
        let failure = match error {
            ReadError::Archive(error) => ReadFailure::Archive(error),
            error => ReadFailure::Panicked(error.to_string()),
        };
        Self {
            path,
            origin: Origin::Rejected(Arc::clone(file), failure),
            ..self.clone()
        }
    }

    /// Returns the file that the run reads; `None` for standard input.
    pub fn file_path(&self) -> Option<&Path> {
        match &self.origin {
            Origin::StandardInput(_) => None,
            Origin::Member(member) => member.archive().file_path(),
            Origin::Rejected(archive, _) => archive.file_path(),
            _ => Some(&self.path),
        }
    }

    /// Returns the path of the archive of which the input is a member.
    pub fn archive_path(&self) -> Option<&Path> {
        match &self.origin {
            Origin::Member(member) => Some(member.archive().path()),
            Origin::Rejected(archive, _) => Some(archive.path()),
            _ => None,
        }
    }

    /// Returns the name of a member in its archive.
    pub fn member_name(&self) -> Option<&[u8]> {
        match &self.origin {
            Origin::Member(member) => Some(member.name()),
            _ => None,
        }
    }

    /// Returns what the mail around a member suggests about its password.
    pub(super) fn mail(&self) -> Option<&MailHints> {
        match &self.origin {
            Origin::Member(member) => member.mail(),
            _ => None,
        }
    }

    fn unreadable(path: PathBuf, error: &io::Error) -> Self {
        Self {
            origin: Origin::Unreadable(error.kind(), error.to_string()),
            ..Self::file(path)
        }
    }

    /// Adds the input to a case.
    #[must_use]
    pub fn in_case(mut self, case: usize) -> Self {
        self.case = Some(case);
        self
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
            origin: Origin::StandardInput(Arc::new(bytes)),
            ..Self::file(PathBuf::from("-"))
        }
    }

    /// Returns an input of a stream under its own name.
    pub fn streamed(name: &str, origin: Origin) -> Self {
        Self {
            origin,
            ..Self::file(PathBuf::from(name))
        }
    }

    /// Returns what is equal for two inputs of the same file.
    pub fn key(&self) -> FileKey {
        match self.file_id {
            Some(id) => match self.archive_path() {
                // Members share the identity of their archive.
                Some(archive) => FileKey::Member(id, self.name_behind(archive)),
                None => FileKey::Id(id),
            },
            None => FileKey::Path(absolute(&self.path)),
        }
    }

    /// Returns what follows the path of an archive in the own one.
    fn name_behind(&self, archive: &Path) -> Vec<u8> {
        let own = self.path.as_os_str().as_bytes();
        let length = archive.as_os_str().len();
        own.get(length..).unwrap_or_default().to_vec()
    }

    /// Returns the identity of the file, or of the archive around it, as [`Discovery`] found it.
    ///
    /// Standard input and a path that leads to no file have none.
    pub fn file_id(&self) -> Option<FileId> {
        self.file_id
    }
}

/// The files that paths lead to, each once, under the first path that leads to it.
///
/// Two paths lead to the same file if device and inode are equal: overlapping folders, other
/// spellings, symbolic links and hard links. Paths that lead nowhere are compared as text.
///
/// Archives are searched as folders are, if requested.
#[derive(Debug, Default)]
pub struct Discovery<'a> {
    archives: Option<&'a Archives>,
    inputs: Vec<Input>,
    index_by_key: HashMap<FileKey, usize>,
}

/// What distinguishes two files.
#[derive(Debug, PartialEq, Eq, Hash)]
pub enum FileKey {
    /// The identity of a file on this machine.
    Id(FileId),
    /// The identity of an archive, and the name of a file in it.
    Member(FileId, Vec<u8>),
    /// The absolute path of a file that could not be examined.
    Path(PathBuf),
}

/// Returns an absolute path, or the path itself.
pub fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

impl<'a> Discovery<'a> {
    /// Returns a search that is also one in archives, if there is a list of them.
    pub fn new(archives: Option<&'a Archives>) -> Self {
        Self {
            archives,
            ..Self::default()
        }
    }

    /// Adds a file, or the files of a folder, sorted by the bytes of their names.
    ///
    /// `visit` receives every path that leads to a file, including repeated ones, with the index of
    /// its input.
    pub fn add(&mut self, mut input: Input, visit: &mut dyn FnMut(&Input, usize)) {
        if !matches!(input.origin, Origin::File) {
            return self.insert_file(input, FoundBy::Path, visit);
        }
        // Follows links here, because the user named this path.
        match fs::metadata(&input.path) {
            Ok(metadata) if metadata.is_dir() => self.search(&input.path, 0, visit),
            Ok(metadata) => {
                input.file_id = Some(FileId::from(&metadata));
                self.insert_file(input, FoundBy::Path, visit);
            }
            Err(_) => {
                let named = self.archives.and_then(|all| all.named(&input.path));
                for input in named.unwrap_or_else(|| vec![input]) {
                    self.insert(input, visit);
                }
            }
        }
    }

    /// Adds a file, or the members of an archive.
    fn insert_file(
        &mut self,
        input: Input,
        found_by: FoundBy,
        visit: &mut dyn FnMut(&Input, usize),
    ) {
        let members = self.archives.and_then(|all| all.members(&input, found_by));
        for input in members.unwrap_or_else(|| vec![input]) {
            self.insert(input, visit);
        }
    }

    /// Returns the identity of the file to which a path leads, if it leads to one.
    pub fn id_of(path: &Path) -> Option<FileId> {
        fs::metadata(path).ok().as_ref().map(FileId::from)
    }

    /// Returns the files in the order of their first paths.
    pub fn into_inputs(self) -> Vec<Input> {
        self.inputs
    }

    fn insert(&mut self, input: Input, visit: &mut dyn FnMut(&Input, usize)) {
        let next = self.inputs.len();
        if matches!(input.origin, Origin::StandardInput(_)) {
            visit(&input, next);
            self.inputs.push(input);
            return;
        }
        match self.index_by_key.entry(input.key()) {
            Entry::Occupied(known) => visit(&input, *known.get()),
            Entry::Vacant(new) => {
                new.insert(next);
                visit(&input, next);
                self.inputs.push(input);
            }
        }
    }

    fn search(&mut self, folder: &Path, depth: usize, visit: &mut dyn FnMut(&Input, usize)) {
        for member in members(folder, self.archives.is_some()) {
            match member {
                Member::File(file) => self.insert_file(file, FoundBy::Folder, visit),
                Member::Folder(path) if depth < MAX_FOLDER_DEPTH => {
                    self.search(&path, depth + 1, visit);
                }
                Member::Folder(path) => {
                    let error = io::Error::other("folders are nested too deeply");
                    self.insert(Input::unreadable(path, &error), visit);
                }
            }
        }
    }
}

/// What a folder directly contains.
#[derive(Debug)]
pub enum Member {
    /// A folder, without links.
    Folder(PathBuf),
    /// A PDF file or an archive by its name, or something that could not be examined.
    File(Input),
}

/// Returns the folders and the PDF files directly in a folder, sorted by the bytes of their names;
/// archives, too, if they are wanted. What can't be read is an unreadable input.
pub fn members(folder: &Path, with_archives: bool) -> Vec<Member> {
    let is_archive_name =
        |name: &OsStr| with_archives && ArchiveKind::of_name(name.as_bytes()).is_some();
    let unreadable = |path: &Path, error| Member::File(Input::unreadable(path.to_owned(), &error));
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => return vec![unreadable(folder, error)],
    };
    let (mut found, mut failed) = (Vec::new(), Vec::new());
    for entry in entries {
        match entry {
            Ok(entry) => found.push(entry),
            Err(error) => failed.push(unreadable(folder, error)),
        }
    }
    found.sort_by_cached_key(fs::DirEntry::file_name);
    let members = found.into_iter().filter_map(|member| {
        let name = member.file_name();
        let path = folder.join(&name);
        match member.file_type() {
            Ok(kind) if kind.is_dir() => Some(Member::Folder(path)),
            Ok(_) if is_pdf_name(&name) || is_archive_name(&name) => {
                let metadata = fs::metadata(&path).ok();
                // Links to folders are not followed, because they may form a cycle.
                let is_folder = metadata.as_ref().is_some_and(Metadata::is_dir);
                let file_id = metadata.as_ref().map(FileId::from);
                let file = Input {
                    file_id,
                    ..Input::file(path)
                };
                (!is_folder).then_some(Member::File(file))
            }
            Ok(_) => None,
            Err(error) => Some(unreadable(&path, error)),
        }
    });
    failed.into_iter().chain(members).collect()
}

/// Returns the identity of an archive and the name of a member, if a path such as `a.zip!b.pdf`
/// names one.
pub fn member_of(path: &Path) -> Option<(FileId, Vec<u8>)> {
    let (archive, name) = archives::split_member_path(path)?;
    Some((Discovery::id_of(&archive)?, name))
}

/// Expands folders and returns each file once; see [`Discovery`].
pub fn discover(paths: impl IntoIterator<Item = Input>) -> Vec<Input> {
    discover_in(paths, None)
}

/// Expands folders, and archives if there is a list of them; see [`Discovery`].
pub fn discover_in(
    paths: impl IntoIterator<Item = Input>,
    archives: Option<&Archives>,
) -> Vec<Input> {
    let mut files = Discovery::new(archives);
    for path in paths {
        files.add(path, &mut |_, _| ());
    }
    files.into_inputs()
}

pub(super) fn is_pdf_name(name: &OsStr) -> bool {
    Path::new(name)
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("pdf"))
}

/// The separator of paths in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Separator {
    /// Line feeds; a carriage return before the line feed and a byte order mark at the start are
    /// ignored.
    Line,
    /// NUL bytes, as in the output of `find -print0`; every other byte belongs to a path.
    Nul,
}

/// Parses a list of paths. Empty entries are skipped.
pub fn read_list(list: &[u8], separator: Separator) -> Vec<Input> {
    let (list, byte) = match separator {
        Separator::Line => (
            list.strip_prefix("\u{FEFF}".as_bytes()).unwrap_or(list),
            b'\n',
        ),
        Separator::Nul => (list, 0),
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
        let lines = read_list("\u{FEFF}a.pdf\r\n\nb c.pdf\n".as_bytes(), Separator::Line);
        assert_eq!(names(&lines), ["a.pdf", "b c.pdf"]);
        let nul = read_list("\u{FEFF}a\nb.pdf\0c.pdf\r\0".as_bytes(), Separator::Nul);
        assert_eq!(names(&nul), ["\u{FEFF}a\nb.pdf", "c.pdf\r"]);
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

    #[test]
    fn every_path_is_visited_and_each_file_is_an_input_once() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir(root.join("in")).unwrap();
        fs::write(root.join("in/a.pdf"), b"").unwrap();
        fs::hard_link(root.join("in/a.pdf"), root.join("in/b.pdf")).unwrap();
        std::os::unix::fs::symlink("in/a.pdf", root.join("link")).unwrap();
        let mut files = Discovery::default();
        let mut visited = Vec::new();
        for path in [
            "link",
            "in",
            "in/./a.pdf",
            "missing",
            "./missing",
            "in/gone",
        ] {
            let path = Input::from(root.join(path));
            files.add(path, &mut |_, index| visited.push(index));
        }
        assert_eq!(visited, [0, 0, 0, 0, 1, 1, 2]);
        let inputs = files.into_inputs();
        assert_eq!(inputs.len(), 3);
        let id = FileId::from(&fs::metadata(root.join("in/b.pdf")).unwrap());
        let ids: Vec<_> = inputs.iter().map(Input::file_id).collect();
        assert_eq!(ids, [Some(id), None, None]);
    }
}
