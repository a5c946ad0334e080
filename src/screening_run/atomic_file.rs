//! A private file that gets its name when it is complete.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this is where output files are created"
)]

use rustix::fs::{AtFlags, CWD, Mode, OFlags};
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// The folder in which a process finds its open files by number.
const OPEN_FILES: &str = "/proc/self/fd";

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
    /// Creates the file in the folder of `path`, which is its later name.
    ///
    /// # Errors
    ///
    /// If the folder does not exist or can't be written.
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        let folder = folder(path);
        let file = match open_unnamed(folder) {
            Some(file) => TemporaryFile::Unnamed(file),
            None => TemporaryFile::Named(NamedTempFile::new_in(folder)?),
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
                let named = tempfile::Builder::new()
                    .make_in(folder(path), |temporary| link(&file, temporary))?;
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

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
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
    use std::fs;
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
}
