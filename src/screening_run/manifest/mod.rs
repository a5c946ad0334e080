//! `--manifest`: a table that names files and what is expected of each.
//!
//! [`Manifest::read`] rejects everything that is wrong in the table. [`Manifest::discover`] finds
//! the files and assigns the rows to them.

mod assign;
mod cases;
mod columns;
mod layout;
mod row;
mod text;

use super::PeriodUse;
use super::user_file::SecretFile;
use crate::applicant::RuleTable;
use crate::error::AppError;
use crate::event_log::Notices;
use crate::settings::Settings;
use crate::settings::secrets::forbid_core_dumps;
use columns::{Column, Columns};
use layout::{Layout, LineCounter};
use row::Row;
use std::io;
use std::path::{Path, PathBuf};

/// Maximum size of a manifest.
const MAX_BYTES: u64 = 64 << 20;

/// The rows of a manifest.
pub(crate) struct Manifest {
    /// As the user entered it, for messages.
    path: PathBuf,
    rows: Vec<Row>,
    has_case_column: bool,
    /// The rules by which passwords are derived from details.
    rules: RuleTable,
}

/// Returns the folder to which the paths of a manifest are relative: its own, or the working
/// directory if it is a pipe or another open file.
fn folder<'p>(path: &'p Path, file: &SecretFile) -> &'p Path {
    let open_files = ["/dev/stdin", "/dev/fd", "/proc"];
    let is_open_file = open_files.iter().any(|open| path.starts_with(open));
    let folder = path.parent().filter(|_| file.is_regular && !is_open_file);
    folder.unwrap_or(Path::new(""))
}

/// A place in a manifest, for messages.
#[derive(Debug, Clone, Copy)]
struct Place<'m> {
    manifest: &'m Path,
    /// Counted from 1, in the file as it is.
    line: u64,
    column: Option<&'m str>,
}

impl Place<'_> {
    fn reject(&self, what: &str, hint: impl Into<String>) -> AppError {
        AppError::usage(format!("{self}: {what}"), hint)
    }
}

impl std::fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "the manifest {}, line {}",
            self.manifest.display(),
            self.line
        )?;
        match self.column {
            Some(column) => write!(f, ", column {column}"),
            None => Ok(()),
        }
    }
}

impl Manifest {
    /// Reads a manifest. A warning reports passwords and details that other users can read.
    ///
    /// # Errors
    ///
    /// If the manifest can't be read, or anything in it is invalid; the message names the line.
    pub(super) fn read(
        path: &Path,
        settings: &Settings,
        period_use: PeriodUse,
        notices: &Notices,
    ) -> Result<Self, AppError> {
        let file = SecretFile::read(path, MAX_BYTES).map_err(|error| {
            let hint = match error.kind() {
                io::ErrorKind::FileTooLarge => "split the manifest",
                _ => "set --manifest to an existing CSV file",
            };
            let message = format!("could not read the manifest {}", path.display());
            AppError::environment(message, error, hint)
        })?;
        let at = |line| Place {
            manifest: path,
            line,
            column: None,
        };
        let text = text::decode(&file.bytes)
            .map_err(|invalid| at(invalid.line).reject(invalid.what, text::HINT))?;
        let text = text.as_bytes();
        let layout = Layout::detect(text)
            .map_err(|invalid| at(invalid.line).reject(&invalid.to_string(), invalid.hint()))?;
        let reader = row::Reader {
            folder: folder(path, &file),
            banks: &settings.banks,
            period_use,
        };
        let mut lines = LineCounter::new(text);
        let mut columns: Option<Columns> = None;
        let mut rows = Vec::new();
        for record in layout.records(text) {
            // The layout was checked; other errors can't occur in memory.
            let record = record.map_err(|error| AppError::internal(error.to_string()))?;
            let start = record.position().map_or(0, csv::Position::byte);
            let place = at(lines.line_of_record(layout.start + start));
            if record.iter().all(|field| field.trim_ascii().is_empty()) {
                continue;
            }
            match &columns {
                None => {
                    let header = Columns::parse(&record, place)?;
                    if header.has_details() {
                        forbid_core_dumps()?;
                    }
                    columns = Some(header);
                }
                Some(columns) => {
                    columns.check_surplus(&record, place, layout.separator)?;
                    rows.push(reader.read(columns, &record, place)?);
                }
            }
        }
        let Some(columns) = columns else {
            return Err(AppError::usage(
                format!("the manifest {} is empty", path.display()),
                format!("start with a header row: {}", columns::LIST),
            ));
        };
        if columns.contains(Column::Password) {
            file.warn_if_shared("the passwords in", path, notices);
        } else if columns.has_details() {
            file.warn_if_shared("the details of applicants in", path, notices);
        }
        Ok(Self {
            path: path.to_owned(),
            rows,
            has_case_column: columns.contains(Column::Case),
            rules: settings.rules.clone(),
        })
    }
}
