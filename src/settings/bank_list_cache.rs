//! The service's list of banks as last downloaded, cached in the state folder.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this is where the list is written and read"
)]

use crate::bankconnect::BaseUrl;
use crate::bankconnect::wire;
use crate::error::AppError;
use crate::statement::banks;
use crate::statement::custom_banks::CustomBank;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fs::{self, DirBuilder};
use std::io::ErrorKind::{NotADirectory, NotFound};
use std::io::{self, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

pub(crate) const FILE: &str = "banks.json";

/// A list of banks, and where and when it was downloaded.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct BankList {
    base_url: String,
    read_at: Timestamp,
    pub(crate) banks: Vec<ListedBank>,
}

/// One bank of the list. Untrusted text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ListedBank {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) ifsc: Option<String>,
}

impl BankList {
    /// Returns the banks whose PDF statements the service accepts.
    pub(crate) fn of(downloaded: &[wire::ListedBank], base: &BaseUrl, read_at: Timestamp) -> Self {
        let listed = |bank: &wire::ListedBank| ListedBank {
            id: bank.id.as_str().to_owned(),
            name: bank.name.as_ref().unwrap_or(&bank.id).as_str().to_owned(),
            ifsc: bank.npci_code.as_ref().map(|code| code.as_str().to_owned()),
        };
        Self {
            base_url: base.to_string(),
            read_at,
            banks: downloaded
                .iter()
                .filter(|bank| bank.pdf)
                .map(listed)
                .collect(),
        }
    }

    pub(crate) fn contains(&self, id: &str) -> bool {
        self.banks.iter().any(|bank| bank.id == id)
    }

    /// Returns the banks that are neither built in nor in an earlier list.
    pub(crate) fn new_since<'c>(&'c self, earlier: &Self) -> impl Iterator<Item = &'c ListedBank> {
        let known = |id: &str| banks::is_built_in(id) || earlier.contains(id);
        self.banks.iter().filter(move |bank| !known(&bank.id))
    }

    /// Returns the banks to add to the registry: those that are not built in and are valid.
    pub(crate) fn custom_banks(&self) -> Vec<CustomBank> {
        let new = self
            .banks
            .iter()
            .filter(|bank| !banks::is_built_in(&bank.id));
        let addition = |bank: &ListedBank| CustomBank {
            id: bank.id.clone(),
            name: bank.name.clone(),
            aliases: Vec::new(),
            ifsc: bank.ifsc.iter().cloned().collect(),
            domains: Vec::new(),
        };
        new.map(addition)
            .filter(|added| added.validate().is_ok())
            .collect()
    }

    /// Writes the list atomically, readable by its owner only.
    pub(crate) fn save(&self, folder: &Path) -> Result<PathBuf, AppError> {
        let path = folder.join(FILE);
        let write = || -> io::Result<()> {
            DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(folder)?;
            let mut file = NamedTempFile::new_in(folder)?;
            serde_json::to_writer_pretty(&mut file, self)?;
            file.flush()?;
            file.persist(&path).map_err(|error| error.error)?;
            Ok(())
        };
        write().map_err(|error| {
            let message = format!("could not save the list of banks in {}", folder.display());
            AppError::environment(message, error, "set BANKSCREEN_STATE_DIR to another folder")
        })?;
        Ok(path)
    }
}

/// Reads the cached list, if there is one.
pub(crate) fn read(folder: &Path) -> Result<Option<BankList>, AppError> {
    let path = folder.join(FILE);
    let reject = |error: Box<dyn std::error::Error + Send + Sync>| {
        let message = format!("could not read the list of banks {}", path.display());
        let hint = "remove it; bankscreen banks --refresh downloads it again";
        AppError::environment(message, error, hint)
    };
    match fs::read(&path) {
        Ok(json) => serde_json::from_slice(&json)
            .map(Some)
            .map_err(|error| reject(error.into())),
        // An unusable folder is reported when it is needed.
        Err(error) if matches!(error.kind(), NotFound | NotADirectory) => Ok(None),
        Err(error) => Err(reject(error.into())),
    }
}
