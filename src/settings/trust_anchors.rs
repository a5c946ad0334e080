//! The user's trust anchors: certificates in the folder `trust_anchors` beside the config file.

use super::config_folder::read_folder;
use crate::error::AppError;
use crate::pdf::{TrustAnchors, certificates_of};
use std::path::Path;

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
    let is_wanted = |path: &Path| {
        let extension = path.extension().and_then(|extension| extension.to_str());
        extension.is_some_and(|extension| extension.eq_ignore_ascii_case(EXTENSION))
    };
    let mut certificates = Vec::new();
    for file in read_folder(TRUST_ANCHORS, is_wanted, HINT)? {
        let found = certificates_of(&file.text).filter(|found| !found.is_empty());
        let found = found.ok_or_else(|| file.reject(&"not a certificate in PEM", HINT))?;
        certificates.extend(found);
    }
    Ok(TrustAnchors::new(certificates))
}
