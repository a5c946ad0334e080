//! Text for terminals, logs and the journal: sanitized, redacted and fitted into columns.
//!
//! This module is below everything that prints. It handles strings only and knows no statement,
//! file or upload.

pub(crate) mod columns;
#[cfg(feature = "app")]
mod redact;
mod sanitize;

#[cfg(feature = "app")]
pub(crate) use redact::{mask, mask_numbers};
pub(crate) use sanitize::sanitize;

/// Returns a text with its first character in upper case.
#[cfg(feature = "app")]
pub(crate) fn capitalize(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().into_iter().flat_map(char::to_uppercase);
    first.chain(chars).collect()
}
