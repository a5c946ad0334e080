//! Reads `--manifest`: a CSV file that names files and what is expected of each.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this is where the manifest is read"
)]

use super::failure::Failure;
use crate::batch::Input;
use crate::pdf::Password;
use crate::screen::{CandidatePassword, Expected};
use crate::settings::resolve;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zeroize::Zeroizing;

/// Manifests larger than this are something else.
const MOST_BYTES: u64 = 64 << 20;
const HINT: &str = "a header row with path and any of bank, password, account_category";

/// The files that a manifest names, with what is expected of each.
pub(crate) fn read(path: &Path) -> Result<Vec<Input>, Failure> {
    let refuse = |error: io::Error| {
        let heading = format!("the manifest {} can't be read", path.display());
        Failure::environment(heading, error, HINT)
    };
    let mut text = Zeroizing::new(Vec::new());
    let file = fs::File::open(path).map_err(refuse)?;
    file.take(MOST_BYTES + 1)
        .read_to_end(&mut text)
        .map_err(refuse)?;
    if text.len() as u64 > MOST_BYTES {
        let size = format!("it is larger than {} MiB", MOST_BYTES >> 20);
        return Err(refuse(io::Error::new(io::ErrorKind::FileTooLarge, size)));
    }
    let bare = text.strip_prefix("\u{FEFF}".as_bytes()).unwrap_or(&text);
    let mut rows = csv::ReaderBuilder::new()
        .trim(csv::Trim::Headers)
        .flexible(true)
        .from_reader(bare);
    let columns = Columns::of(path, &mut rows)?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut inputs = Vec::new();
    for row in rows.byte_records() {
        let row = row.map_err(|error| refuse(io::Error::other(error)))?;
        let line = row.position().map_or(0, csv::Position::line);
        inputs.extend(columns.input(path, folder, &row, line)?);
    }
    Ok(inputs)
}

/// Where each column is.
struct Columns {
    path: usize,
    bank: Option<usize>,
    password: Option<usize>,
    account_category: Option<usize>,
}

impl Columns {
    fn of(path: &Path, rows: &mut csv::Reader<&[u8]>) -> Result<Self, Failure> {
        let malformed =
            |what: String| Failure::usage(format!("the manifest {}: {what}", path.display()), HINT);
        let header = rows
            .headers()
            .map_err(|error| malformed(error.to_string()))?;
        let place = |name: &str| {
            header
                .iter()
                .position(|column| column.eq_ignore_ascii_case(name))
        };
        let known = ["path", "bank", "password", "account_category"];
        let is_known = |column: &&str| known.iter().any(|name| column.eq_ignore_ascii_case(name));
        if let Some(stranger) = header.iter().find(|column| !is_known(column)) {
            return Err(malformed(format!("no column {stranger:?} is known")));
        }
        Ok(Self {
            path: place("path").ok_or_else(|| malformed("no column is named path".to_owned()))?,
            bank: place("bank"),
            password: place("password"),
            account_category: place("account_category"),
        })
    }

    fn input(
        &self,
        manifest: &Path,
        folder: &Path,
        row: &csv::ByteRecord,
        line: u64,
    ) -> Result<Option<Input>, Failure> {
        let text = |column: Option<usize>| {
            let field = column
                .and_then(|column| row.get(column))
                .unwrap_or_default();
            std::str::from_utf8(field).map_err(|_cause| {
                let heading = format!("the manifest {}: line {line}", manifest.display());
                Failure::usage(heading + " is no UTF-8", "save it as UTF-8")
            })
        };
        let path = text(Some(self.path))?;
        if path.is_empty() {
            return Ok(None);
        }
        let bank = text(self.bank)?.trim();
        let given = format!(
            "the manifest {}, line {line}: bank {bank}",
            manifest.display()
        );
        let bank = (!bank.is_empty())
            .then(|| resolve::bank(bank, &given))
            .transpose()?;
        let password = text(self.password)?;
        let category = text(self.account_category)?.trim();
        let expected = Expected {
            bank,
            candidate: (!password.is_empty()).then(|| CandidatePassword {
                password: Password::new(password),
                origin: format!("manifest:{line}"),
            }),
            account_category: (!category.is_empty()).then(|| category.to_owned()),
        };
        let input = Input::from(folder.join(PathBuf::from(path)));
        Ok(Some(input.expecting(Arc::new(expected))))
    }
}
