//! Resolves paths, lists of paths and the manifest to inputs.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this is where lists of paths are read"
)]

use super::PeriodUse;
use super::cases::{CaseFolders, CasesBy, RunFiles};
use super::manifest::Manifest;
use super::user_file::read_limited;
use crate::batch::{self, Archives, Input, Separator};
use crate::error::AppError;
use crate::event_log::Notices;
use crate::screen::{Policy, archive_passwords};
use crate::settings::Settings;
use crate::text::sanitize;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Maximum size of a list of paths.
const MAX_LIST_BYTES: u64 = 256 << 20;
/// Paths that a message lists.
const MAX_LISTED_PATHS: usize = 3;

/// What to screen.
#[derive(Debug, Clone)]
pub(crate) struct InputOptions {
    /// Files, folders, and at most one `-` for standard input.
    pub(crate) paths: Vec<PathBuf>,
    /// A list of paths; `-` is standard input.
    pub(crate) files_from: Option<PathBuf>,
    /// What separates the paths of the list.
    pub(crate) separator: Separator,
    pub(crate) manifest: Option<PathBuf>,
    /// Whether the PDF files in archives and mails are screened.
    pub(crate) archive: bool,
    /// Maximum bytes read from standard input.
    pub(crate) max_file_size: u64,
    /// Whether paths may lead to no file.
    pub(crate) allow_empty: bool,
    /// What the periods of the manifest are for.
    pub(crate) period_use: PeriodUse,
    /// How the files are grouped into cases; `None` if the run is one case.
    pub(crate) cases: Option<CasesBy>,
}

impl InputOptions {
    /// Returns whether the user named anything to screen.
    pub(crate) fn is_empty(&self) -> bool {
        self.paths.is_empty() && self.files_from.is_none() && self.manifest.is_none()
    }

    /// Resolves the options to inputs, each file once, in the order given: the paths, the list, the
    /// manifest. The candidate passwords of the policy open archives in locked archives.
    ///
    /// # Errors
    ///
    /// If nothing is named, standard input is used twice, a list or the manifest can't be used, or
    /// there is no file.
    pub(crate) fn resolve(
        &self,
        settings: &Settings,
        policy: &Policy,
        notices: &Notices,
    ) -> Result<RunFiles, AppError> {
        let list_is_stdin = self.files_from.as_deref().is_some_and(is_dash);
        let uses_of_stdin =
            self.paths.iter().filter(|path| is_dash(path)).count() + usize::from(list_is_stdin);
        if uses_of_stdin > 1 {
            return Err(AppError::usage(
                "standard input can be used only once",
                "use - either as a PATH or for --files-from",
            ));
        }
        if self.is_empty() {
            return Err(AppError::usage(
                "no path to screen",
                "run bankscreen --check PATH; see bankscreen --help",
            ));
        }
        self.check_cases()?;
        // Before folders are searched, so that an invalid row is reported at once.
        let manifest = self.read_manifest(settings, notices)?;
        let archives = self.archives(policy);
        let archives = archives.as_ref();
        let mut given = Vec::new();
        for path in &self.paths {
            given.push(self.input(path, archives)?);
        }
        if let Some(list) = &self.files_from {
            let bytes = read_list_file(list)?;
            check_list(list, &bytes, self.separator)?;
            given.extend(batch::read_list(&bytes, self.separator));
        }
        let files = self.group(given, manifest, archives)?;
        if let Some(archives) = archives {
            report_without_pdf(&archives.without_pdf(), notices);
        }
        let has_case = files.cases.as_ref().is_some_and(|cases| !cases.is_empty());
        if files.inputs.is_empty() && !has_case && !self.allow_empty {
            return Err(self.no_file());
        }
        Ok(files)
    }

    /// Returns the archives of a run, if they are searched.
    fn archives(&self, policy: &Policy) -> Option<Archives> {
        let passwords = || archive_passwords(policy);
        self.archive
            .then(|| Archives::new(self.max_file_size, passwords()))
    }

    /// Reads the manifest, if there is one.
    ///
    /// # Errors
    ///
    /// If it can't be used.
    pub(crate) fn read_manifest(
        &self,
        settings: &Settings,
        notices: &Notices,
    ) -> Result<Option<Manifest>, AppError> {
        let Some(path) = self.manifest.as_deref() else {
            return Ok(None);
        };
        let manifest = Manifest::read(path, settings, self.period_use, notices)?;
        if self.cases == Some(CasesBy::Folders) {
            manifest.check_without_cases()?;
        }
        Ok(Some(manifest))
    }

    /// Resolves folders, each of which is a case, and files that are in none. A manifest describes
    /// them.
    ///
    /// # Errors
    ///
    /// If rows of the manifest contradict each other, or the name of a folder can't be that of a
    /// case.
    pub(crate) fn resolve_folders(
        &self,
        folders: Vec<PathBuf>,
        loose: Vec<PathBuf>,
        manifest: Option<&Manifest>,
        policy: &Policy,
    ) -> Result<RunFiles, AppError> {
        let archives = self.archives(policy);
        let archives = archives.as_ref();
        let Some(manifest) = manifest else {
            let found = CaseFolders::find_in(folders, loose, archives, &mut |_, _| ())?;
            return Ok(found.cases.into_files(found.inputs));
        };
        manifest.describe_folders(archives, |visit| {
            CaseFolders::find_in(folders, loose, archives, visit)
        })
    }

    /// Finds the files at the given paths and in the manifest, grouped into cases if requested.
    fn group(
        &self,
        given: Vec<Input>,
        manifest: Option<Manifest>,
        archives: Option<&Archives>,
    ) -> Result<RunFiles, AppError> {
        match (self.cases, manifest) {
            (None, Some(manifest)) => Ok(RunFiles {
                inputs: manifest.discover(given, archives)?,
                cases: None,
            }),
            (None, None) => Ok(RunFiles {
                inputs: batch::discover_in(given, archives),
                cases: None,
            }),
            (Some(CasesBy::Manifest), Some(manifest)) => manifest.discover_cases(given, archives),
            (Some(CasesBy::Folders), Some(manifest)) => manifest
                .describe_folders(archives, |visit| CaseFolders::find(given, archives, visit)),
            (Some(_), None) => {
                let found = CaseFolders::find(given, archives, &mut |_, _| ())?;
                Ok(found.cases.into_files(found.inputs))
            }
        }
    }

    /// Checks the options that `--cases` requires or excludes.
    fn check_cases(&self) -> Result<(), AppError> {
        match self.cases {
            Some(_) if self.paths.iter().any(|path| is_dash(path)) => Err(AppError::usage(
                "--cases groups files, and - is standard input",
                "save the PDF as a file",
            )),
            Some(CasesBy::Manifest) if self.manifest.is_none() => Err(AppError::usage(
                "--cases manifest requires --manifest",
                "add --manifest FILE with a column case, or use --cases folders",
            )),
            _ => Ok(()),
        }
    }

    /// Returns the error of a run without a file.
    fn no_file(&self) -> AppError {
        let mut sources = Vec::new();
        if !self.paths.is_empty() {
            sources.push(format!("no PDF file in {}", listed(&self.paths)));
        }
        if let Some(list) = &self.files_from {
            sources.push(format!("none in the list {}", list.display()));
        }
        if let Some(manifest) = &self.manifest {
            sources.push(format!("none in the manifest {}", manifest.display()));
        }
        AppError::usage(
            format!("no file to screen: {}", sources.join(", ")),
            "check the paths, or add --allow-empty if that is not an error",
        )
    }

    fn input(&self, path: &Path, archives: Option<&Archives>) -> Result<Input, AppError> {
        if !is_dash(path) {
            return Ok(Input::from(path.to_owned()));
        }
        let limit = archives.map_or(0, Archives::max_bytes);
        let limit = limit.max(self.max_file_size);
        let bytes = batch::read_standard_input(limit).map_err(|error| {
            AppError::environment("could not read standard input", error, "use a PATH instead")
        })?;
        Ok(Input::standard_input(bytes))
    }
}

/// Reports archives in which no PDF file was found. Most mails without one are not a fault, but
/// some applicants send photos.
fn report_without_pdf(archives: &[PathBuf], notices: &Notices) {
    if !archives.is_empty() {
        let text = format!("no PDF file in {}", listed(archives));
        notices.note(sanitize(&text));
    }
}

fn is_dash(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Lists the first paths, for messages.
pub(super) fn listed(paths: &[impl AsRef<Path>]) -> String {
    let first = paths.iter().take(MAX_LISTED_PATHS);
    let mut listed: Vec<_> = first
        .map(|path| path.as_ref().display().to_string())
        .collect();
    let more = paths.len().saturating_sub(MAX_LISTED_PATHS);
    if more > 0 {
        listed.push(format!("and {more} more"));
    }
    listed.join(", ")
}

/// Checks that a list is not in an encoding in which paths have other bytes. With NUL as separator,
/// every byte is accepted.
fn check_list(path: &Path, bytes: &[u8], separator: Separator) -> Result<(), AppError> {
    let reject = |what: &str, hint: &str| {
        let message = format!("the list {}: {what}", path.display());
        Err(AppError::usage(message, hint))
    };
    match (separator, bytes) {
        (Separator::Line, [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..]) => {
            reject("UTF-16 text", "save the list as UTF-8")
        }
        (Separator::Line, bytes) if memchr::memchr(0, bytes).is_some() => reject(
            "a NUL byte, which no path contains",
            "add --null if NUL separates the paths, or save the list as UTF-8",
        ),
        _ => Ok(()),
    }
}

fn read_list_file(path: &Path) -> Result<Vec<u8>, AppError> {
    let open = || -> io::Result<Box<dyn Read>> {
        Ok(if is_dash(path) {
            Box::new(io::stdin().lock())
        } else {
            Box::new(File::open(path)?)
        })
    };
    read_limited(open, MAX_LIST_BYTES).map_err(|error| {
        AppError::environment(
            format!("could not read the list {}", path.display()),
            error,
            "set --files-from to an existing file that contains paths",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_about_an_empty_run_lists_some_paths() {
        let list = |count: usize| {
            let paths: Vec<_> = (0..count).map(|n| PathBuf::from(n.to_string())).collect();
            listed(&paths)
        };
        assert_eq!(list(1), "0");
        assert_eq!(list(3), "0, 1, 2");
        assert_eq!(list(4), "0, 1, 2, and 1 more");
    }
}
