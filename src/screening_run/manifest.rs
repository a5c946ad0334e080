//! Reads `--manifest`: a CSV file that names files and what is expected of each.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this is where the manifest is read"
)]

use super::find_bank;
use super::user_file::read_limited;
use crate::batch::Input;
use crate::error::AppError;
use crate::pdf::Password;
use crate::screen::{CandidateId, CandidatePassword, Expected};
use crate::statement::BankRegistry;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zeroize::Zeroizing;

/// Maximum size of a manifest.
const MAX_BYTES: u64 = 64 << 20;
const HINT: &str = "start with a header row: path, and any of bank, password, account_category";

/// Reads the files that a manifest names, with what is expected of each.
///
/// # Errors
///
/// If the manifest can't be read, or a column or value is invalid; the message names the line.
pub(super) fn read(path: &Path, banks: &BankRegistry) -> Result<Vec<Input>, AppError> {
    let reject = |error: io::Error| {
        let message = format!("could not read the manifest {}", path.display());
        AppError::environment(message, error, HINT)
    };
    let text = read_limited(|| File::open(path), MAX_BYTES).map_err(reject)?;
    let text = Zeroizing::new(text);
    let without_bom = text.strip_prefix("\u{FEFF}".as_bytes()).unwrap_or(&text);
    let mut rows = csv::ReaderBuilder::new()
        .trim(csv::Trim::Headers)
        .flexible(true)
        .from_reader(without_bom);
    let columns = Columns::parse(path, &mut rows)?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut inputs = Vec::new();
    for row in rows.byte_records() {
        let row = row.map_err(|error| reject(io::Error::other(error)))?;
        let line = row.position().map_or(0, csv::Position::line);
        inputs.extend(columns.input(path, folder, &row, line, banks)?);
    }
    Ok(inputs)
}

/// The index of each column.
struct Columns {
    path: usize,
    bank: Option<usize>,
    password: Option<usize>,
    account_category: Option<usize>,
}

impl Columns {
    fn parse(path: &Path, rows: &mut csv::Reader<&[u8]>) -> Result<Self, AppError> {
        let malformed = |what: String| {
            AppError::usage(format!("the manifest {}: {what}", path.display()), HINT)
        };
        let header = rows
            .headers()
            .map_err(|error| malformed(error.to_string()))?;
        let index = |name: &str| {
            header
                .iter()
                .position(|column| column.eq_ignore_ascii_case(name))
        };
        let known = ["path", "bank", "password", "account_category"];
        let is_known = |column: &&str| known.iter().any(|name| column.eq_ignore_ascii_case(name));
        if let Some(unknown) = header.iter().find(|column| !is_known(column)) {
            return Err(malformed(format!("unknown column {unknown:?}")));
        }
        Ok(Self {
            path: index("path").ok_or_else(|| malformed("column path is missing".to_owned()))?,
            bank: index("bank"),
            password: index("password"),
            account_category: index("account_category"),
        })
    }

    fn input(
        &self,
        manifest: &Path,
        folder: &Path,
        row: &csv::ByteRecord,
        line: u64,
        banks: &BankRegistry,
    ) -> Result<Option<Input>, AppError> {
        let text = |column: Option<usize>| {
            let field = column
                .and_then(|column| row.get(column))
                .unwrap_or_default();
            std::str::from_utf8(field).map_err(|_cause| {
                let message = format!(
                    "the manifest {}: line {line} is not valid UTF-8",
                    manifest.display()
                );
                AppError::usage(message, "save the file as UTF-8")
            })
        };
        let path = text(Some(self.path))?;
        if path.is_empty() {
            return Ok(None);
        }
        let bank = text(self.bank)?.trim();
        let origin = format!(
            "the manifest {}, line {line}: bank {bank}",
            manifest.display()
        );
        let bank = (!bank.is_empty())
            .then(|| find_bank(banks, bank, &origin))
            .transpose()?;
        let password = text(self.password)?;
        let category = text(self.account_category)?.trim();
        let expected = Expected {
            bank,
            candidate: (!password.is_empty()).then(|| CandidatePassword {
                password: Password::new(password),
                id: CandidateId::Manifest(line),
            }),
            account_category: (!category.is_empty()).then(|| category.to_owned()),
        };
        let input = Input::from(folder.join(PathBuf::from(path)));
        Ok(Some(input.expecting(Arc::new(expected))))
    }
}
