//! Resolves paths, lists of paths and the manifest to inputs.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this is where lists of paths are read"
)]

use super::manifest;
use super::user_file::read_limited;
use crate::batch::{self, Input, Separator};
use crate::error::AppError;
use crate::statement::BankRegistry;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Maximum size of a list of paths.
const MAX_LIST_BYTES: u64 = 256 << 20;

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
    /// Maximum bytes read from standard input.
    pub(crate) max_file_size: u64,
}

impl InputOptions {
    /// Returns whether the user named anything to screen.
    pub(crate) fn is_empty(&self) -> bool {
        self.paths.is_empty() && self.files_from.is_none() && self.manifest.is_none()
    }

    /// Resolves the options to inputs, each file once, in the order given.
    ///
    /// # Errors
    ///
    /// If nothing is named, standard input is used twice, or a list or the manifest can't be read.
    pub(crate) fn resolve(&self, banks: &BankRegistry) -> Result<Vec<Input>, AppError> {
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
        let mut given = Vec::new();
        for path in &self.paths {
            given.push(self.input(path)?);
        }
        if let Some(list) = &self.files_from {
            given.extend(batch::read_list(&read_list_file(list)?, self.separator));
        }
        let mut inputs = batch::discover(given);
        if let Some(path) = &self.manifest {
            batch::add_manifest(&mut inputs, manifest::read(path, banks)?);
        }
        Ok(inputs)
    }

    fn input(&self, path: &Path) -> Result<Input, AppError> {
        if !is_dash(path) {
            return Ok(Input::from(path.to_owned()));
        }
        let bytes = batch::read_standard_input(self.max_file_size).map_err(|error| {
            AppError::environment("could not read standard input", error, "use a PATH instead")
        })?;
        Ok(Input::standard_input(bytes))
    }
}

fn is_dash(path: &Path) -> bool {
    path.as_os_str() == "-"
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
