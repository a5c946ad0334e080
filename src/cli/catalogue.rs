//! The service's list of banks as it was last read, kept in the state folder.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this is where the list is kept and read"
)]

use super::failure::Failure;
use crate::bankconnect::BaseUrl;
use crate::bankconnect::wire::ListedBank;
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

const FILE: &str = "banks.json";

/// A list of banks, and where and when it was read.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Catalogue {
    base_url: String,
    read_at: Timestamp,
    pub(crate) banks: Vec<Listed>,
}

/// One bank of it. Untrusted text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Listed {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) ifsc: Option<String>,
}

impl Catalogue {
    /// Banks whose PDF statements the service reads.
    pub(crate) fn of(read: &[ListedBank], base: &BaseUrl, read_at: Timestamp) -> Self {
        let listed = |bank: &ListedBank| Listed {
            id: bank.id.as_str().to_owned(),
            name: bank.name.as_ref().unwrap_or(&bank.id).as_str().to_owned(),
            ifsc: bank.npci_code.as_ref().map(|code| code.as_str().to_owned()),
        };
        Self {
            base_url: base.to_string(),
            read_at,
            banks: read.iter().filter(|bank| bank.pdf).map(listed).collect(),
        }
    }

    pub(crate) fn has(&self, id: &str) -> bool {
        self.banks.iter().any(|bank| bank.id == id)
    }

    /// Banks that neither the program nor an earlier list knows.
    pub(crate) fn beyond<'c>(&'c self, earlier: &Self) -> impl Iterator<Item = &'c Listed> {
        let known = |id: &str| banks::is_listed(id) || earlier.has(id);
        self.banks.iter().filter(move |bank| !known(&bank.id))
    }

    /// What it adds to the registry: banks that the program does not know, if they can be names of
    /// banks at all.
    pub(crate) fn custom_banks(&self) -> Vec<CustomBank> {
        let new = self.banks.iter().filter(|bank| !banks::is_listed(&bank.id));
        let addition = |bank: &Listed| CustomBank {
            id: bank.id.clone(),
            name: bank.name.clone(),
            aliases: Vec::new(),
            ifsc: bank.ifsc.iter().cloned().collect(),
            domains: Vec::new(),
        };
        new.map(addition)
            .filter(|added| added.fault().is_none())
            .collect()
    }

    /// Writes it whole or not at all, for its owner only.
    pub(crate) fn keep(&self, folder: &Path) -> Result<PathBuf, Failure> {
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
            let heading = format!("the list of banks can't be kept in {}", folder.display());
            Failure::environment(heading, error, "BANKSCREEN_STATE_DIR with another folder")
        })?;
        Ok(path)
    }
}

/// The list that is kept in a folder, if there is one.
pub(crate) fn read(folder: &Path) -> Result<Option<Catalogue>, Failure> {
    let path = folder.join(FILE);
    let refuse = |error: Box<dyn std::error::Error + Send + Sync>| {
        let heading = format!("the list of banks {} can't be read", path.display());
        Failure::environment(
            heading,
            error,
            "remove it; bankscreen banks --refresh writes it again",
        )
    };
    match fs::read(&path) {
        Ok(json) => serde_json::from_slice(&json)
            .map(Some)
            .map_err(|error| refuse(error.into())),
        // A folder that can't be one is told where it is needed.
        Err(error) if matches!(error.kind(), NotFound | NotADirectory) => Ok(None),
        Err(error) => Err(refuse(error.into())),
    }
}
