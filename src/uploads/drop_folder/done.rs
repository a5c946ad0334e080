//! `--move-done`: moves the folder of a finished case, never over another one and never losing a
//! file.
//!
//! On the same file system the folder is renamed. Otherwise it is copied under a hidden name,
//! flushed, compared and renamed, before the first original is removed. What arrived or changed
//! meanwhile stays in the watched folder, or returns to it.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this is where folders are moved"
)]

use super::scan::{FileStamp, Files, scan_case};
use crate::error::AppError;
use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;
use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs::{self, DirBuilder, File, FileTimes, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// Folders of the same name that can be moved to one place.
const MAX_NUMBER: u32 = 10_000;
/// The end of the hidden name of a copy in progress.
const COPY_SUFFIX: &str = ".bankscreen-copy";
/// Bytes that are compared at a time.
const CHUNK_BYTES: usize = 64 << 10;

/// The folder that finished cases are moved to.
#[derive(Debug)]
pub(super) struct DoneFolder {
    path: PathBuf,
    device: u64,
}

/// A case that was moved.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct MovedCase {
    /// Its new folder.
    pub(super) target: PathBuf,
    /// Files that arrived or changed meanwhile, and are in the watched folder.
    pub(super) remaining: usize,
    /// Files that arrived or changed meanwhile, were moved with the folder, and could not be
    /// returned.
    pub(super) stranded: Vec<PathBuf>,
}

impl DoneFolder {
    /// Opens the folder, and creates it for its owner if it does not exist.
    ///
    /// # Errors
    ///
    /// If it can't be used, or is the watched folder or in it, where it would be a case itself.
    pub(super) fn open(path: &Path, watched: &Path) -> Result<Self, AppError> {
        let unusable = |error| {
            AppError::environment(
                format!("could not use the folder {}", path.display()),
                error,
                "set --move-done to a folder that you can write to",
            )
        };
        let watched = fs::canonicalize(watched).map_err(unusable)?;
        // Before it is created, because it would then be a case.
        if place_of(path).map_err(unusable)?.starts_with(&watched) {
            return Err(AppError::usage(
                format!("--move-done {} is in the watched folder", path.display()),
                "choose a folder elsewhere, best on the same file system",
            ));
        }
        let mut builder = DirBuilder::new();
        builder.recursive(true).mode(0o700);
        let opened = builder.create(path).and_then(|()| {
            let path = fs::canonicalize(path)?;
            let device = fs::metadata(&path)?.dev();
            Ok((path, device))
        });
        let (path, device) = opened.map_err(unusable)?;
        Ok(Self { path, device })
    }

    /// Moves the folder of a case. `files` are its files as they were judged, by path.
    ///
    /// If a folder of that name is there already, the new one gets a number.
    ///
    /// # Errors
    ///
    /// If the folder can't be moved; it is then where it was.
    pub(super) fn take(&self, folder: &Path, files: &Files) -> io::Result<MovedCase> {
        if fs::metadata(&self.path)?.dev() != self.device {
            // Copies would fill the disk below the mount point.
            let message = "the folder for finished cases is on another file system than before";
            return Err(io::Error::other(message));
        }
        let name = folder.file_name().unwrap_or_default();
        let moved = match self.rename_free(folder, name) {
            Ok(target) => {
                let (remaining, stranded) = return_others(&target, folder, files);
                MovedCase {
                    target,
                    remaining,
                    stranded,
                }
            }
            Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
                self.copy(folder, name, files)?
            }
            Err(error) => return Err(error),
        };
        for changed in [Some(self.path.as_path()), folder.parent()] {
            // Some file systems can't flush folders.
            let _best_effort = changed.map(sync);
        }
        Ok(moved)
    }

    /// Renames a folder to the first free name, and returns its new path.
    fn rename_free(&self, folder: &Path, name: &OsStr) -> io::Result<PathBuf> {
        for number in 1..=MAX_NUMBER {
            let target = self.path.join(numbered(name, number));
            match rename_new(folder, &target) {
                Ok(()) => return Ok(target),
                Err(error) if is_taken(&error) => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    /// Moves a folder to another file system.
    fn copy(&self, folder: &Path, name: &OsStr, files: &Files) -> io::Result<MovedCase> {
        let mut hidden = OsString::from(".");
        hidden.push(name);
        hidden.push(COPY_SUFFIX);
        let copy = self.path.join(hidden);
        match fs::remove_dir_all(&copy) {
            // A run that was killed left it. Its originals are all in place.
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        let target = copy_files(folder, &copy, files).and_then(|()| self.rename_free(&copy, name));
        let target = match target {
            Ok(target) => target,
            Err(error) => {
                let _best_effort = fs::remove_dir_all(&copy);
                return Err(error);
            }
        };
        let mut has_removed = false;
        for (path, stamp) in files {
            // A file that was written after it was judged stays.
            if !is_unchanged(path, stamp) {
                continue;
            }
            // The first original is removed only after the copy's name is on disk.
            let flushed = if has_removed {
                Ok(())
            } else {
                sync(&self.path)
            };
            match flushed.and_then(|()| fs::remove_file(path)) {
                Ok(()) => has_removed = true,
                // All originals are in place; without this, each attempt would leave a copy.
                Err(error) if !has_removed => {
                    let _best_effort = fs::remove_dir_all(&target);
                    return Err(error);
                }
                // The original stays, and is counted below.
                Err(_) => {}
            }
        }
        Ok(MovedCase {
            target,
            remaining: remove_empty(folder),
            stranded: Vec::new(),
        })
    }
}

/// Returns the path of a folder without links, even if it does not exist yet.
fn place_of(path: &Path) -> io::Result<PathBuf> {
    let path = std::path::absolute(path)?;
    let mut parents = path.ancestors();
    let existing = parents.find(|parent| parent.exists()).unwrap_or(&path);
    let missing = path.strip_prefix(existing).unwrap_or(Path::new(""));
    Ok(fs::canonicalize(existing)?.join(missing))
}

/// Returns the name of a folder with a number, unless it is the first.
fn numbered(name: &OsStr, number: u32) -> OsString {
    let mut numbered = name.to_owned();
    if number > 1 {
        numbered.push(format!(" ({number})"));
    }
    numbered
}

fn is_taken(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::AlreadyExists | io::ErrorKind::DirectoryNotEmpty
    )
}

/// Renames a file or folder to a name that does not exist.
fn rename_new(from: &Path, target: &Path) -> io::Result<()> {
    match renameat_with(CWD, from, CWD, target, RenameFlags::NOREPLACE) {
        // Network file systems don't know the flag. A rename replaces an empty folder only, so one
        // that was just created reserves the name.
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) if from.is_dir() => {
            fs::create_dir(target)?;
            fs::rename(from, target).inspect_err(|_| drop(fs::remove_dir(target)))
        }
        // A link never replaces a file.
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => {
            fs::hard_link(from, target)?;
            fs::remove_file(from)
        }
        renamed => Ok(renamed?),
    }
}

/// Returns files to the watched folder that were not there when the case was judged. Returns their
/// number, and those that can't be returned.
fn return_others(target: &Path, folder: &Path, files: &Files) -> (usize, Vec<PathBuf>) {
    let found = scan_case(target);
    let (mut returned, mut stranded) = (0, Vec::new());
    if found.unreadable.is_some() {
        stranded.push(target.to_owned());
    }
    for (path, stamp) in found.statements.iter().chain(&found.others) {
        let Ok(relative) = path.strip_prefix(target) else {
            continue;
        };
        let original = folder.join(relative);
        let is_judged = files
            .get(&original)
            .is_some_and(|judged| judged.has_content_of(stamp));
        if is_judged {
            continue;
        }
        let parent = original.parent().map_or(Ok(()), fs::create_dir_all);
        match parent.and_then(|()| rename_new(path, &original)) {
            Ok(()) => returned += 1,
            Err(_) => stranded.push(path.clone()),
        }
    }
    (returned, stranded)
}

/// Copies the files of a folder to a new one, flushes them, and compares them with the originals.
fn copy_files(folder: &Path, copy: &Path, files: &Files) -> io::Result<()> {
    let mode = fs::metadata(folder)?.mode();
    let create = |folder: &Path| DirBuilder::new().recursive(true).mode(mode).create(folder);
    create(copy)?;
    let mut folders = BTreeSet::from([copy.to_owned()]);
    for (path, stamp) in files {
        let relative = path.strip_prefix(folder).map_err(io::Error::other)?;
        let target = copy.join(relative);
        if !fs::symlink_metadata(path)?.is_file() {
            let message = "links and special files are not moved to another file system";
            return Err(io::Error::other(message));
        }
        let parents = target.ancestors().skip(1);
        let parents = parents.take_while(|parent| parent.starts_with(copy));
        folders.extend(parents.map(Path::to_owned));
        target.parent().map_or(Ok(()), create)?;
        copy_file(path, &target)?;
        if !is_unchanged(path, stamp) {
            return Err(io::Error::other("a file changed while it was copied"));
        }
    }
    folders.iter().try_for_each(|folder| sync(folder))
}

fn copy_file(original: &Path, target: &Path) -> io::Result<()> {
    let mut source = File::open(original)?;
    let metadata = source.metadata()?;
    let mut options = OpenOptions::new();
    options
        .read(true)
        .write(true)
        .create_new(true)
        .mode(metadata.mode());
    let mut copied = options.open(target)?;
    io::copy(&mut source, &mut copied)?;
    let modified = FileTimes::new().set_modified(metadata.modified()?);
    copied.set_times(modified)?;
    copied.sync_all()?;
    if have_same_content(original, target)? {
        Ok(())
    } else {
        Err(io::Error::other("the copy of a file differs from it"))
    }
}

fn have_same_content(first: &Path, second: &Path) -> io::Result<bool> {
    let (mut first, mut second) = (File::open(first)?, File::open(second)?);
    let limit = CHUNK_BYTES as u64;
    let (mut own, mut other) = (Vec::new(), Vec::new());
    loop {
        own.clear();
        other.clear();
        (&mut first).take(limit).read_to_end(&mut own)?;
        (&mut second).take(limit).read_to_end(&mut other)?;
        if own != other {
            return Ok(false);
        }
        if own.is_empty() {
            return Ok(true);
        }
    }
}

/// Returns whether a file is as it was.
fn is_unchanged(path: &Path, stamp: &FileStamp) -> bool {
    let found = fs::metadata(path);
    found.is_ok_and(|metadata| FileStamp::of(&metadata).has_content_of(stamp))
}

/// Removes a folder without files, and returns the number of files, or folders that can't be read,
/// for which it stays.
fn remove_empty(folder: &Path) -> usize {
    let Ok(entries) = fs::read_dir(folder) else {
        return 1;
    };
    let mut files = 0;
    for entry in entries {
        let folder = entry.ok().filter(|entry| {
            let kind = entry.file_type();
            kind.is_ok_and(|kind| kind.is_dir())
        });
        files += folder.map_or(1, |folder| remove_empty(&folder.path()));
    }
    // It stays if a file arrived at this moment, or if it belongs to another user.
    let _best_effort = fs::remove_dir(folder);
    files
}

fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    /// Returns a folder with `in/Asha`, which has two files, and its files.
    fn case() -> (TempDir, PathBuf, Files) {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("in/Asha");
        fs::create_dir_all(folder.join("more")).unwrap();
        fs::write(folder.join("a.pdf"), "a").unwrap();
        fs::write(folder.join("more/b.pdf"), "b").unwrap();
        let files = scan_case(&folder).statements;
        (root, folder, files)
    }

    fn done(root: &TempDir) -> DoneFolder {
        DoneFolder::open(&root.path().join("done"), &root.path().join("in")).unwrap()
    }

    fn names(folder: &Path) -> Vec<String> {
        let found = scan_case(folder);
        let files = found.statements.into_keys().chain(found.others.into_keys());
        let relative = files.map(|path| path.strip_prefix(folder).unwrap().to_owned());
        relative
            .map(|path| path.to_str().unwrap().to_owned())
            .collect()
    }

    #[test]
    fn a_case_is_never_moved_over_another_one() {
        let (root, folder, files) = case();
        let done = done(&root);
        let moved = done.take(&folder, &files).unwrap();
        assert_eq!(moved.target, done.path.join("Asha"));
        assert!(!folder.exists());
        assert_eq!(names(&moved.target), ["a.pdf", "more/b.pdf"]);
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("c.pdf"), "c").unwrap();
        let files = scan_case(&folder).statements;
        let second = done.take(&folder, &files).unwrap();
        assert_eq!(second.target, done.path.join("Asha (2)"));
        assert_eq!(names(&moved.target), ["a.pdf", "more/b.pdf"]);
        assert_eq!(names(&second.target), ["c.pdf"]);
    }

    #[test]
    fn files_that_arrive_at_the_last_moment_stay_in_the_watched_folder() {
        let (root, folder, files) = case();
        fs::write(folder.join("late.pdf"), "late").unwrap();
        fs::write(folder.join("a.pdf"), "longer").unwrap();
        let moved = done(&root).take(&folder, &files).unwrap();
        assert_eq!(moved.remaining, 2);
        assert_eq!(names(&folder), ["a.pdf", "late.pdf"]);
        assert_eq!(names(&moved.target), ["more/b.pdf"]);
    }

    #[test]
    fn a_copy_to_another_file_system_leaves_what_arrived_meanwhile() {
        let (root, folder, files) = case();
        let done = done(&root);
        // A run that was killed in the middle of a copy left this.
        let hidden = done.path.join(".Asha.bankscreen-copy");
        fs::create_dir(&hidden).unwrap();
        fs::write(hidden.join("a.pdf"), "").unwrap();
        fs::write(folder.join("late.pdf"), "late").unwrap();
        let moved = done.copy(&folder, "Asha".as_ref(), &files).unwrap();
        assert_eq!(moved.remaining, 1);
        assert_eq!(names(&folder), ["late.pdf"]);
        assert_eq!(names(&moved.target), ["a.pdf", "more/b.pdf"]);
        assert_eq!(fs::read(moved.target.join("more/b.pdf")).unwrap(), b"b");
        assert!(!hidden.exists());
    }

    #[test]
    fn copies_are_compared_with_their_originals() {
        let (_root, folder, _) = case();
        let (first, second) = (folder.join("a.pdf"), folder.join("more/b.pdf"));
        assert!(!have_same_content(&first, &second).unwrap());
        fs::write(&second, "a").unwrap();
        assert!(have_same_content(&first, &second).unwrap());
        fs::write(&second, "ab").unwrap();
        assert!(!have_same_content(&first, &second).unwrap());
    }

    #[test]
    fn what_can_not_be_copied_leaves_everything_in_place() {
        let (root, folder, _) = case();
        let done = done(&root);
        std::os::unix::fs::symlink("a.pdf", folder.join("link.pdf")).unwrap();
        let files = scan_case(&folder).statements;
        assert!(done.copy(&folder, "Asha".as_ref(), &files).is_err());
        assert_eq!(names(&folder), ["a.pdf", "link.pdf", "more/b.pdf"]);
        assert_eq!(names(&done.path), [""; 0]);
    }

    #[test]
    fn the_folder_must_be_outside_of_the_watched_one() {
        let (root, folder, _) = case();
        let watched = root.path().join("in");
        for inside in [&watched, &folder, &watched.join("done")] {
            assert!(DoneFolder::open(inside, &watched).is_err());
        }
    }
}
