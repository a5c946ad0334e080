//! Keeps the identity parts of answers in a file that only the user can read.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this module writes a file"
)]

use crate::bankconnect::wire::AcceptedUpload;
use crate::error::AppError;
use serde_json::json;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// Beginning of the first line of such a file.
const LINE_START: &[u8] = br#"{"type":"identity","#;

/// Returns whether a file with this beginning has identities.
pub(crate) fn is_identity_file(head: &[u8]) -> bool {
    head.starts_with(LINE_START)
}

/// A file with one JSON object per accepted file whose answer has an identity part.
pub(crate) struct IdentityFile {
    file: Mutex<File>,
    /// The first error of writing, reported at the end.
    error: Mutex<Option<io::Error>>,
}

impl IdentityFile {
    /// Opens a file: a new one, or one of an earlier run, to which lines are appended.
    ///
    /// # Errors
    ///
    /// If the file can't be opened, or can be read by others.
    pub(crate) fn open(path: &Path) -> Result<Self, AppError> {
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true).mode(0o600);
        let shown = path.display();
        let failed = |error| {
            let message = format!("could not open {shown}");
            AppError::environment(message, error, "choose another --keep-identity")
        };
        let file = options.open(path).map_err(failed)?;
        let metadata = file.metadata().map_err(failed)?;
        if !metadata.is_file() {
            return Err(AppError::usage(
                format!("{shown} is not a regular file"),
                "choose another --keep-identity",
            ));
        }
        if metadata.mode() & 0o077 != 0 {
            return Err(AppError::usage(
                format!("other users can read {shown}, and identities are personal data"),
                format!("run chmod 600 {shown}, or choose another --keep-identity"),
            ));
        }
        Ok(Self {
            file: Mutex::new(file),
            error: Mutex::new(None),
        })
    }

    /// Appends the identity part of an answer, if it has one.
    pub(super) fn write(&self, name: &str, session: &str, accepted: &AcceptedUpload) {
        let Some(identity) = &accepted.identity else {
            return;
        };
        let rest = json!({
            "path": name,
            "session_id": session,
            "statement_id": accepted.statement_id,
        });
        let rest = rest.to_string();
        let rest = rest.trim_start_matches('{').trim_end_matches('}');
        let start = String::from_utf8_lossy(LINE_START);
        let line = format!("{start}{rest},\"identity\":{}}}\n", identity.expose());
        let line = zeroize::Zeroizing::new(line);
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = file.write_all(line.as_bytes()) {
            let mut first = self.error.lock().unwrap_or_else(PoisonError::into_inner);
            first.get_or_insert(error);
        }
    }

    /// Returns the first error of writing.
    pub(crate) fn take_error(&self) -> Option<io::Error> {
        let mut error = self.error.lock().unwrap_or_else(PoisonError::into_inner);
        error.take()
    }
}
