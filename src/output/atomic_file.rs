//! A private file that gets its name when it is complete.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this is where output files are created"
)]

use super::guard::folder;
use rustix::fs::{AtFlags, CWD, FlockOperation, Mode, OFlags, flock};
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use tempfile::{Builder, NamedTempFile};

/// The folder in which a process finds its open files by number.
const OPEN_FILES: &str = "/proc/self/fd";
/// Names of temporary files. A run that was killed may leave one; the next run in the folder
/// removes it.
const PREFIX: &str = ".bankscreen-";
const SUFFIX: &str = ".tmp";
/// Random characters between prefix and suffix.
const RANDOM_CHARACTERS: usize = 12;

/// A file that only its owner can access, without its final name.
#[derive(Debug)]
pub(crate) struct AtomicFile {
    file: TemporaryFile,
    path: PathBuf,
}

#[derive(Debug)]
enum TemporaryFile {
    /// A file without a name, so that nothing remains if the program dies.
    Unnamed(File),
    /// A file with another name, for file systems without unnamed files.
    Named(NamedTempFile),
}

/// What happens to an existing file of the same name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Existing {
    /// It is replaced.
    Replace,
    /// It is kept, and naming the file fails.
    Keep,
}

impl AtomicFile {
    /// Creates the file in the folder of `path`, which is its later name, and removes temporary
    /// files that killed runs left in that folder.
    ///
    /// # Errors
    ///
    /// If the folder does not exist or can't be written.
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        let folder = folder(path);
        remove_abandoned(folder);
        let file = if let Some(file) = open_unnamed(folder) {
            TemporaryFile::Unnamed(file)
        } else {
            let named = builder().tempfile_in(folder);
            let named = named.map_err(|error| without_path(&error))?;
            lock(named.as_file());
            TemporaryFile::Named(named)
        };
        Ok(Self {
            file,
            path: path.to_owned(),
        })
    }

    /// Returns the open file, which can be read and written.
    pub(crate) fn file(&mut self) -> &mut File {
        match &mut self.file {
            TemporaryFile::Unnamed(file) => file,
            TemporaryFile::Named(file) => file.as_file_mut(),
        }
    }

    /// Stores the file on disk and gives it its name.
    ///
    /// # Errors
    ///
    /// If the disk is full, or if the name exists and is to be kept. The file is then removed.
    pub(crate) fn persist(mut self, existing: Existing) -> io::Result<()> {
        self.file().sync_all()?;
        let path = &self.path;
        match (self.file, existing) {
            (TemporaryFile::Unnamed(file), Existing::Keep) => link(&file, path),
            (TemporaryFile::Unnamed(file), Existing::Replace) => {
                // A temporary name first: a link can't replace an existing file, a rename can.
                lock(&file);
                let named = builder()
                    .make_in(folder(path), |temporary| link(&file, temporary))
                    .map_err(|error| without_path(&error))?;
                named.persist(path).map_err(|error| error.error)
            }
            (TemporaryFile::Named(file), Existing::Keep) => file
                .persist_noclobber(path)
                .map(drop)
                .map_err(|error| error.error),
            (TemporaryFile::Named(file), Existing::Replace) => {
                file.persist(path).map(drop).map_err(|error| error.error)
            }
        }
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file().flush()
    }
}

fn builder() -> Builder<'static, 'static> {
    let mut builder = Builder::new();
    builder
        .prefix(PREFIX)
        .suffix(SUFFIX)
        .rand_bytes(RANDOM_CHARACTERS);
    builder
}

/// Replaces an error by one that does not contain the temporary name, which means nothing to users.
fn without_path(error: &io::Error) -> io::Error {
    // tempfile wraps the error of the system.
    let source = error.get_ref().and_then(|wrapper| wrapper.source());
    let source = source.and_then(|source| source.downcast_ref::<io::Error>());
    match source.and_then(io::Error::raw_os_error) {
        Some(code) => io::Error::from_raw_os_error(code),
        None => error.kind().into(),
    }
}

/// Marks a temporary file as in use, for as long as it is open.
fn lock(file: impl AsFd) {
    // On a file system without locks, nothing is removed either.
    let _unsupported = flock(file, FlockOperation::NonBlockingLockExclusive);
}

/// Removes the temporary files of runs that were killed. Files of running ones are locked.
fn remove_abandoned(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        if entry.file_name().to_str().is_some_and(is_temporary_name) {
            remove_if_abandoned(&entry.path());
        }
    }
}

fn is_temporary_name(name: &str) -> bool {
    let random = name
        .strip_prefix(PREFIX)
        .and_then(|rest| rest.strip_suffix(SUFFIX));
    random.is_some_and(|random| {
        random.len() == RANDOM_CHARACTERS && random.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

fn remove_if_abandoned(path: &Path) {
    let flags = OFlags::RDWR | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let Ok(file) = rustix::fs::open(path, flags, Mode::empty()).map(File::from) else {
        return;
    };
    let is_own = file
        .metadata()
        .is_ok_and(|found| found.is_file() && found.uid() == rustix::process::geteuid().as_raw());
    if is_own && flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok() {
        let _already_removed = fs::remove_file(path);
    }
}

/// Opens a file without a name in a folder, if the file system supports that.
fn open_unnamed(folder: &Path) -> Option<File> {
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    let file = rustix::fs::open(folder, flags, Mode::RUSR | Mode::WUSR).ok()?;
    Path::new(OPEN_FILES).is_dir().then(|| file.into())
}

/// Gives an unnamed file a name that does not exist yet.
fn link(file: &File, path: &Path) -> io::Result<()> {
    let open = format!("{OPEN_FILES}/{}", file.as_raw_fd());
    rustix::fs::linkat(CWD, &open, CWD, path, AtFlags::SYMLINK_FOLLOW).map_err(io::Error::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn write(path: &Path, text: &str, existing: Existing) -> io::Result<()> {
        let mut file = AtomicFile::create(path)?;
        file.write_all(text.as_bytes())?;
        file.persist(existing)
    }

    #[test]
    fn an_existing_file_is_replaced_or_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report");
        write(&path, "first", Existing::Keep).unwrap();
        let error = write(&path, "second", Existing::Keep).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(&path).unwrap(), "first");
        write(&path, "third", Existing::Replace).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "third");
        let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_that_is_not_completed_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let mut file = AtomicFile::create(&folder.path().join("report")).unwrap();
        file.write_all(b"incomplete").unwrap();
        drop(file);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn only_abandoned_temporary_files_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let abandoned = path(".bankscreen-abcDEF012345.tmp");
        let locked = path(".bankscreen-abcDEF012346.tmp");
        let others = [".bankscreen-notes.tmp", ".tmpabcdef", "a.tmp"].map(path);
        for path in [&abandoned, &locked].into_iter().chain(&others) {
            fs::write(path, "x").unwrap();
        }
        let running = File::open(&locked).unwrap();
        lock(&running);
        write(&path("report"), "text", Existing::Replace).unwrap();
        assert!(!abandoned.exists());
        assert!(locked.exists() && others.iter().all(|path| path.exists()));
    }

    #[test]
    fn errors_do_not_contain_the_temporary_name() {
        let error = AtomicFile::create(Path::new("/proc/report")).unwrap_err();
        assert!(!error.to_string().contains(PREFIX), "{error}");
    }
}
