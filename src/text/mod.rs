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
