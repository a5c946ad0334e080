//! Rejects outputs that would destroy a file of the user.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this is where outputs are compared with existing files"
)]

use crate::batch::{FileId, Input};
use crate::error::AppError;
use crate::event_log;
use crate::journal;
use crate::report::is_own_report;
use crate::settings::{Settings, bank_list_cache, environment};
use crate::text::sanitize;
use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs::{self, File, Metadata};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The name of standard output.
const STANDARD_OUTPUT: &str = "-";
/// Bytes at each end of a file by which its content is recognized. Long enough for the head of each
/// format and for the summary of a text report.
const SAMPLE_BYTES: u64 = 4096;

/// What a file is for the run, as in "the manifest".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Statement,
    Manifest,
    PathList,
    PasswordFile,
    ApplicantFile,
    KeyFile,
    Settings,
    State,
}

impl Role {
    fn description(self) -> &'static str {
        match self {
            Self::Statement => "a file that this run screens",
            Self::Manifest => "the manifest",
            Self::PathList => "the list of paths",
            Self::PasswordFile => "the password file",
            Self::ApplicantFile => "the file with the applicant's details",
            Self::KeyFile => "a file with a key",
            Self::Settings => "a file of the settings",
            Self::State => "a file that bankscreen keeps",
        }
    }
}

/// What is written to an output.
#[derive(Debug, Clone, Copy)]
pub(crate) enum OutputKind {
    /// A report or list, which replaces the file.
    Report,
    /// A document of the service, which replaces the file. It can't be recognized afterwards.
    Download,
    /// Events, which are appended.
    EventLog,
    /// Identities, which are appended to a file whose beginning the function accepts.
    Identities(fn(&[u8]) -> bool),
}

impl OutputKind {
    /// Returns whether existing content may be replaced or continued.
    fn accepts(self, head: &[u8], tail: &[u8]) -> bool {
        match self {
            Self::Report => is_own_report(head, tail),
            Self::Download => false,
            Self::EventLog => event_log::is_event_log(head),
            Self::Identities(is_own) => is_own(head),
        }
    }

    fn rejection(self, path: &Path, option: &str) -> AppError {
        let path = path.display();
        let (what, hint) = match self {
            Self::Report => (
                "exists and is not a report of bankscreen",
                format!("choose another file for {option}, or add --force to replace it"),
            ),
            Self::Download => (
                "already exists",
                format!("choose another file for {option}, or add --force to replace it"),
            ),
            Self::EventLog => (
                "exists and is not an event log of bankscreen",
                format!("choose another file for {option}"),
            ),
            Self::Identities(_) => (
                "has other content",
                format!("choose another file for {option}; an existing file is never overwritten"),
            ),
        };
        AppError::usage(format!("{path} {what}"), hint)
    }
}

/// Where an output goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    StandardOutput,
    /// A device or pipe, which is written in place.
    Device(PathBuf),
    /// A new or replaceable file. Symbolic links are resolved.
    File(PathBuf),
}

/// A file by which others are compared.
#[derive(Debug, Clone)]
struct KnownFile {
    id: Option<FileId>,
    /// Whether the file has several names.
    is_linked: bool,
    /// The folder without links, and the name in lower case: some file systems ignore letter case.
    place: Option<(PathBuf, String)>,
}

impl KnownFile {
    fn is_same(&self, other: &Self) -> bool {
        (self.id.is_some() && self.id == other.id)
            || (self.place.is_some() && self.place == other.place)
    }
}

/// An output that the run has claimed.
#[derive(Debug, Clone)]
struct Claim {
    /// The option with its value.
    output: String,
    file: KnownFile,
}

/// The files that a run reads, keeps and writes.
#[derive(Debug, Clone, Default)]
pub(crate) struct OutputGuard {
    kept: Vec<(Role, PathBuf)>,
    claims: Vec<Claim>,
    /// The option that claimed standard output.
    stdout: Option<String>,
    /// Whether files of other programs may be replaced.
    force: bool,
}

impl OutputGuard {
    /// Returns a guard of the files that the settings name. `force` allows replacing files of other
    /// programs, but none that the run uses.
    pub(crate) fn new(settings: &Settings, force: bool) -> Self {
        let profile = &settings.profile;
        let mut guard = Self {
            force,
            ..Self::default()
        };
        for key in ["api_key_file", "server_hash_file"] {
            guard.keep(Role::KeyFile, profile.path(key));
        }
        guard.keep(Role::PasswordFile, profile.path("password_file"));
        guard.keep(Role::Settings, profile.path.clone());
        guard
    }

    /// Protects a file that the run reads.
    pub(crate) fn keep(&mut self, role: Role, path: Option<PathBuf>) {
        let path = path.filter(|path| path != Path::new(STANDARD_OUTPUT));
        self.kept.extend(path.map(|path| (role, path)));
    }

    /// Protects the inputs of the run, and checks the outputs that were claimed before.
    ///
    /// # Errors
    ///
    /// If such an output is an input.
    pub(crate) fn keep_inputs(&mut self, inputs: &[Input]) -> Result<(), AppError> {
        let files = inputs.iter().filter_map(Input::file_path);
        let mut files: Vec<&Path> = files.collect();
        // Members of an archive have its path.
        files.dedup();
        let files = files.into_iter();
        self.kept
            .extend(files.map(|path| (Role::Statement, path.to_owned())));
        let mut folders = Folders::default();
        for claim in &self.claims {
            if let Some(role) = self.used_by_run(&claim.file, &mut folders) {
                return Err(used(&claim.output, role));
            }
        }
        Ok(())
    }

    /// Claims an output, such as `--output`, or standard output without an option.
    ///
    /// # Errors
    ///
    /// If the run uses the file, another output has it, it has other content, or it is a folder.
    pub(crate) fn claim(
        &mut self,
        option: &str,
        path: Option<&Path>,
        kind: OutputKind,
    ) -> Result<Target, AppError> {
        let Some(path) = path.filter(|path| *path != Path::new(STANDARD_OUTPUT)) else {
            return self.claim_stdout(option, path.is_some(), kind);
        };
        let found = match fs::metadata(path) {
            Ok(found) => Some(found),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(unwritable(path, error)),
        };
        if found.as_ref().is_some_and(Metadata::is_dir) {
            return Err(AppError::usage(
                format!("{} is a folder", path.display()),
                format!("set {option} to a file in that folder"),
            ));
        }
        if found.as_ref().is_some_and(|found| !found.is_file()) {
            return Ok(Target::Device(path.to_owned()));
        }
        let resolved = resolve(path, found.is_some())?;
        let output = format!("{option} {}", sanitize(&path.to_string_lossy()));
        let file = KnownFile {
            id: found.as_ref().map(FileId::from),
            is_linked: found.as_ref().is_some_and(|found| found.nlink() > 1),
            place: place(&resolved, &mut Folders::default()),
        };
        if let Some(role) = self.used_by_run(&file, &mut Folders::default()) {
            return Err(used(&output, role));
        }
        if let Some(other) = self.claims.iter().find(|claim| claim.file.is_same(&file)) {
            return Err(AppError::usage(
                format!("{} and {output} are the same file", other.output),
                "use two different files: one would replace the other",
            ));
        }
        let is_replaceable = match &found {
            Some(found) if found.len() > 0 => {
                (self.force && matches!(kind, OutputKind::Report | OutputKind::Download))
                    || accepts(&resolved, kind).map_err(|error| unwritable(path, error))?
            }
            _ => true,
        };
        if !is_replaceable {
            return Err(kind.rejection(path, option));
        }
        self.claims.push(Claim { output, file });
        Ok(Target::File(resolved))
    }

    fn claim_stdout(
        &mut self,
        option: &str,
        is_explicit: bool,
        kind: OutputKind,
    ) -> Result<Target, AppError> {
        if is_explicit && !matches!(kind, OutputKind::Report | OutputKind::Download) {
            return Err(AppError::usage(
                format!("{option} can't be standard output, which has the report"),
                format!("set {option} to a file"),
            ));
        }
        if let Some(other) = &self.stdout {
            return Err(AppError::usage(
                format!("{other} and {option} are both standard output"),
                format!("set {option} to a file"),
            ));
        }
        self.stdout = Some(option.to_owned());
        Ok(Target::StandardOutput)
    }

    /// Returns what the file is for the run, if the run uses it.
    fn used_by_run(&self, file: &KnownFile, folders: &mut Folders) -> Option<Role> {
        if let Some(role) = own_folder(file).or_else(|| linked_from_own_folder(file)) {
            return Some(role);
        }
        let is_same = |path: &Path, folders: &mut Folders| {
            let id = file.id.and_then(|_| fs::metadata(path).ok());
            // Only a regular file can be replaced by accident.
            let id = id.filter(Metadata::is_file);
            let known = KnownFile {
                id: id.as_ref().map(FileId::from),
                is_linked: false,
                place: place(path, folders),
            };
            known.is_same(file)
        };
        let mut kept = self.kept.iter();
        let found = kept.find(|(_, path)| is_same(path, folders));
        found.map(|(role, _)| *role)
    }
}

/// Returns the role of a file in a folder of this program.
fn own_folder(file: &KnownFile) -> Option<Role> {
    let (folder, name) = file.place.as_ref()?;
    let config = environment::config_folder().and_then(|folder| fs::canonicalize(folder).ok());
    if config.is_some_and(|config| folder.starts_with(config)) {
        return Some(Role::Settings);
    }
    // Users may choose a folder for the journal in which they have other files.
    let state = environment::state_folder().ok();
    let state = state.and_then(|folder| fs::canonicalize(folder).ok())?;
    (*folder == state && is_state_file(name)).then_some(Role::State)
}

/// Returns the role of a file in a folder of this program that has this file's inode.
fn linked_from_own_folder(file: &KnownFile) -> Option<Role> {
    let id = file.id.filter(|_| file.is_linked)?;
    let has_id = |path: &Path| {
        fs::metadata(path).is_ok_and(|found| found.is_file() && FileId::from(&found) == id)
    };
    let holds = |folder: Option<PathBuf>, is_kept: fn(&str) -> bool| {
        let entries = folder.and_then(|folder| fs::read_dir(folder).ok());
        let mut entries = entries.into_iter().flatten().flatten();
        entries.any(|entry| {
            let name = entry.file_name();
            is_kept(&name.to_string_lossy()) && has_id(&entry.path())
        })
    };
    if holds(environment::config_folder(), |_| true) {
        return Some(Role::Settings);
    }
    holds(environment::state_folder().ok(), is_state_file).then_some(Role::State)
}

/// Returns whether a file with this name in the folder of the journal is kept by this program.
fn is_state_file(name: &str) -> bool {
    journal::is_own_file(name) || name == bank_list_cache::FILE
}

/// Folders without links, by the paths that lead to them.
#[derive(Debug, Default)]
struct Folders(HashMap<PathBuf, Option<PathBuf>>);

impl Folders {
    fn canonical(&mut self, folder: &Path) -> Option<PathBuf> {
        if let Some(known) = self.0.get(folder) {
            return known.clone();
        }
        let canonical = fs::canonicalize(folder).ok();
        self.0.insert(folder.to_owned(), canonical.clone());
        canonical
    }
}

fn place(path: &Path, folders: &mut Folders) -> Option<(PathBuf, String)> {
    let name = path.file_name()?.to_string_lossy().to_lowercase();
    Some((folders.canonical(folder(path))?, name))
}

/// Returns the folder of a path.
pub(super) fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Returns the path without links, so that a link stays and its target is written.
fn resolve(path: &Path, exists: bool) -> Result<PathBuf, AppError> {
    if exists {
        return fs::canonicalize(path).map_err(|error| unwritable(path, error));
    }
    if fs::symlink_metadata(path).is_ok() {
        return Err(AppError::usage(
            format!("{} is a link to a file that does not exist", path.display()),
            "remove the link, or choose another file",
        ));
    }
    if path.file_name().is_none_or(OsStr::is_empty) {
        return Err(unwritable(path, io::ErrorKind::InvalidFilename.into()));
    }
    Ok(path.to_owned())
}

fn accepts(path: &Path, kind: OutputKind) -> io::Result<bool> {
    let mut file = File::open(path)?;
    let mut head = Vec::new();
    (&mut file).take(SAMPLE_BYTES).read_to_end(&mut head)?;
    let length = file.metadata()?.len();
    let mut tail = Vec::new();
    file.seek(SeekFrom::Start(length.saturating_sub(SAMPLE_BYTES)))?;
    file.take(SAMPLE_BYTES).read_to_end(&mut tail)?;
    Ok(kind.accepts(&head, &tail))
}

fn used(output: &str, role: Role) -> AppError {
    AppError::usage(
        format!("{output} is {}", role.description()),
        "choose another file for it",
    )
}

/// Returns the error of an output that can't be created.
pub(super) fn unwritable(path: &Path, error: io::Error) -> AppError {
    let message = format!("could not write {}", path.display());
    let hint = "use an existing folder that you can write to";
    AppError::environment(message, error, hint)
}
