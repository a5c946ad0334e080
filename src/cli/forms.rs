//! `bankscreen forms`: the forms of statements that accepted uploads have taught, and the logos on
//! a page.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: it reads the file that the user wants to import"
)]

use super::ExitStatus;
use super::args::{FormsArgs, FormsCommand};
use super::stdout;
use crate::error::AppError;
use crate::isolation::{self, PageRequest};
use crate::journal::{FormSource, Journal, JournalReader};
use crate::pdf::{Limits, PictureSize};
use crate::screen::logos_of;
use crate::settings::environment;
use crate::statement::{BankRegistry, LearntForms};
use crate::text::columns::counted;
use crate::text::sanitize;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

/// Bytes of the largest file to import.
const MAX_BYTES: u64 = 16 << 20;
/// Digits that identify a form to forget.
const MIN_DIGITS: usize = 4;
/// Digits of a form in the list.
const SHOWN_DIGITS: usize = 12;

/// Lists, exports, imports or forgets forms, or prints logos.
pub(super) fn run(args: &FormsArgs, banks: &BankRegistry) -> Result<ExitStatus, AppError> {
    let folder = environment::state_folder()?;
    match &args.command {
        None => list(&folder),
        Some(FormsCommand::Export) => export(&folder),
        Some(FormsCommand::Import { file }) => import(&folder, file, banks),
        Some(FormsCommand::Logos { file }) => logos(file),
        Some(FormsCommand::Forget { form }) => forget(&folder, form),
    }
}

fn read(folder: &Path, source: FormSource) -> Result<LearntForms, AppError> {
    Ok(match JournalReader::open(folder)? {
        Some(reader) => reader.learnt_forms(source)?,
        None => LearntForms::default(),
    })
}

fn list(folder: &Path) -> Result<ExitStatus, AppError> {
    let forms = read(folder, FormSource::All)?;
    stdout::print(|out| {
        if forms.0.is_empty() {
            writeln!(out, "no form was learnt yet")?;
        }
        for known in &forms.0 {
            let digits = known.form.as_str().get(..SHOWN_DIGITS).unwrap_or_default();
            let accounts = counted(known.accounts as usize, "account");
            let against = match known.contradictions {
                0 => String::new(),
                count => format!(", {} against it", counted(count as usize, "account")),
            };
            let used = if forms.is_evidence(&known.form) {
                "evidence"
            } else {
                "not used"
            };
            let bank = sanitize(&known.bank);
            writeln!(out, "{digits}  {bank:<24}  {used}: {accounts}{against}")?;
        }
        Ok(())
    })?;
    Ok(ExitStatus::Passed)
}

/// Prints the rows of this machine only, so that a team can exchange files without counting an
/// account twice.
fn export(folder: &Path) -> Result<ExitStatus, AppError> {
    let forms = read(folder, FormSource::Own)?;
    stdout::print(|out| out.write_all(forms.to_csv().as_bytes()))?;
    Ok(ExitStatus::Passed)
}

fn import(folder: &Path, path: &Path, banks: &BankRegistry) -> Result<ExitStatus, AppError> {
    let lossy = path.to_string_lossy();
    let shown = sanitize(&lossy);
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(MAX_BYTES).read_to_string(&mut text));
    read.map_err(|error| {
        let message = format!("{shown} can't be read");
        AppError::usage(format!("{message}: {error}"), "name a file of forms export")
    })?;
    let forms = LearntForms::parse(&text, banks).map_err(|line| {
        let message = format!("{shown}, line {line}: not a row of forms export");
        AppError::usage(message, "nothing was imported; export the forms again")
    })?;
    let name = path.file_name().unwrap_or(path.as_os_str());
    let mut journal = Journal::open(folder, None, None)?;
    journal.import_forms(&name.to_string_lossy(), &forms)?;
    let rows = counted(forms.0.len(), "form");
    stdout::print(|out| writeln!(out, "imported {rows}"))?;
    Ok(ExitStatus::Passed)
}

/// Prints the hashes of what may be logos on the first page, each with its place in percent of the
/// page.
fn logos(path: &Path) -> Result<ExitStatus, AppError> {
    let lossy = path.to_string_lossy();
    let shown = sanitize(&lossy);
    let limits = Limits::default();
    let mut bytes = Vec::new();
    let read =
        File::open(path).and_then(|file| file.take(limits.file_bytes).read_to_end(&mut bytes));
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
        AppError::usage(
            format!("{shown}: {error}"),
            "name a PDF file without a password",
        )
    })?;
    let found = logos_of(&picture);
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    stdout::print(|out| {
        if found.is_empty() {
            writeln!(out, "no area of the first page may be a logo")?;
        }
        for (area, hash) in &found {
            let (left, top) = (area.x * 100 / width, area.y * 100 / height);
            let (wide, high) = (area.width * 100 / width, area.height * 100 / height);
            writeln!(
                out,
                "{hash}  left {left} %, top {top} %, {wide} % wide, {high} % high"
            )?;
        }
        Ok(())
    })?;
    Ok(if found.is_empty() {
        ExitStatus::Failed
    } else {
        ExitStatus::Passed
    })
}

fn forget(folder: &Path, form: &str) -> Result<ExitStatus, AppError> {
    let digits = form.to_lowercase();
    if digits.len() < MIN_DIGITS || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let shown = sanitize(form);
        let message = format!("{shown:?} is not the beginning of a form");
        return Err(AppError::usage(message, "bankscreen forms lists them"));
    }
    if JournalReader::open(folder)?.is_none() {
        stdout::print(|out| writeln!(out, "nothing matches"))?;
        return Ok(ExitStatus::Failed);
    }
    let count = Journal::open(folder, None, None)?.forget_forms(&digits)?;
    if count == 0 {
        stdout::print(|out| writeln!(out, "nothing matches"))?;
        return Ok(ExitStatus::Failed);
    }
    let forms = counted(count, "form");
    stdout::print(|out| writeln!(out, "forgot {forms}"))?;
    Ok(ExitStatus::Passed)
}
