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

use std::fmt::Write as _;

/// Returns the number of the line, from 1, that contains an offset.
#[cfg(feature = "app")]
pub(crate) fn line_number(text: &str, offset: usize) -> usize {
    let before = text.as_bytes().get(..offset).unwrap_or_default();
    1 + memchr::memchr_iter(b'\n', before).count()
}

/// Returns bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    // Allocated once: a buffer that grows leaves copies, and the bytes can be secret.
    let mut digits = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        let _infallible = write!(digits, "{byte:02x}");
    }
    digits
}

/// Returns a text with its first character in upper case.
pub(crate) fn capitalize(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().into_iter().flat_map(char::to_uppercase);
    first.chain(chars).collect()
}
