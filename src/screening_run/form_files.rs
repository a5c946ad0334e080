//! Reads what `bankscreen forms` is given: a file of learnt forms, or a page with a logo.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: it reads the files that the user names"
)]

use crate::error::AppError;
use crate::isolation::{self, PageRequest};
use crate::pdf::{Limits, PictureSize};
use crate::screen::logos_of;
use crate::statement::{BankRegistry, LearntForms};
use crate::text::sanitize;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

/// Bytes of the largest file of forms.
const MAX_BYTES: u64 = 16 << 20;

/// Reads a file that `forms export` printed.
///
/// # Errors
///
/// If the file can't be read, or has an invalid row.
pub(crate) fn read_forms(path: &Path, banks: &BankRegistry) -> Result<LearntForms, AppError> {
    let lossy = path.to_string_lossy();
    let shown = sanitize(&lossy);
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(MAX_BYTES).read_to_string(&mut text));
    read.map_err(|error| {
        let message = format!("{shown} can't be read");
        AppError::usage(format!("{message}: {error}"), "name a file of forms export")
    })?;
    LearntForms::parse(&text, banks).map_err(|line| {
        let message = format!("{shown}, line {line}: not a row of forms export");
        AppError::usage(message, "nothing was imported; export the forms again")
    })
}

/// Returns a line for each area of the first page that may be a logo: its hash, and its place in
/// percent of the page.
///
/// # Errors
///
/// If the file can't be read, or its first page can't be rendered.
pub(crate) fn page_logos(path: &Path) -> Result<Vec<String>, AppError> {
    let lossy = path.to_string_lossy();
    let shown = sanitize(&lossy);
    let limits = Limits::default();
    let mut bytes = Vec::new();
    let file = File::open(path).map(|file| file.take(limits.file_bytes));
    let read = file.and_then(|mut file| file.read_to_end(&mut bytes));
    read.map_err(|error| {
        AppError::usage(format!("{shown} can't be read: {error}"), "name a PDF file")
    })?;
    let page = PageRequest {
        page: 0,
        size: PictureSize::MAX,
        password: None,
    };
    let picture = isolation::draw(&Arc::new(bytes), &page, limits.time, &|| false);
    let picture = picture.map_err(|error| {
        let hint = "name a PDF file without a password";
        AppError::usage(format!("{shown}: {error}"), hint)
    })?;
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let lines = logos_of(&picture).into_iter().map(|(area, hash)| {
        let (left, top) = (area.x * 100 / width, area.y * 100 / height);
        let (wide, high) = (area.width * 100 / width, area.height * 100 / height);
        format!("{hash}  left {left} %, top {top} %, {wide} % wide, {high} % high")
    });
    Ok(lines.collect())
}
