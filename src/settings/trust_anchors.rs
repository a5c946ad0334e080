//! The user's trust anchors: certificates in the folder `trust_anchors` beside the config file.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this is where the folder of trust anchors is listed"
)]

use super::environment;
use crate::error::AppError;
use crate::pdf::{TrustAnchors, certificates_of};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The folder, in the config folder.
pub(crate) const TRUST_ANCHORS: &str = "trust_anchors";
/// Extension of the files in it.
const EXTENSION: &str = "pem";
const HINT: &str = "write certificates in PEM into *.pem files, or remove the file";

/// Reads the certificates of all `*.pem` files. Without the folder there are none.
///
/// # Errors
///
/// If the folder or a file can't be read, or a file has no certificate or a malformed one.
pub(crate) fn trust_anchors() -> Result<TrustAnchors, AppError> {
    let Some(folder) = environment::config_folder().map(|folder| folder.join(TRUST_ANCHORS)) else {
        return Ok(TrustAnchors::default());
    };
    let files = match files(&folder) {
        Ok(files) => files,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(unreadable(&folder, error)),
    };
    let mut certificates = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).map_err(|error| unreadable(&file, error))?;
        let found = certificates_of(&text).filter(|found| !found.is_empty());
        certificates.extend(found.ok_or_else(|| {
            AppError::usage(
                format!("{}: not a certificate in PEM", file.display()),
                HINT,
            )
        })?);
    }
    Ok(TrustAnchors::new(certificates))
}

/// Returns the files in the order of their names.
fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let extension = path.extension().and_then(|extension| extension.to_str());
        if extension.is_some_and(|extension| extension.eq_ignore_ascii_case(EXTENSION)) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn unreadable(path: &Path, error: io::Error) -> AppError {
    AppError::environment(format!("could not read {}", path.display()), error, HINT)
}
