//! `bankscreen forms`: the forms of statements that accepted uploads have taught, and the logos on
//! a page.

use super::ExitStatus;
use super::args::{FormsArgs, FormsCommand};
use super::stdout;
use crate::error::AppError;
use crate::journal::{FormSource, Journal, JournalReader};
use crate::screening_run::{page_logos, read_forms};
use crate::settings::environment;
use crate::statement::{BankRegistry, LearntForms};
use crate::text::columns::counted;
use crate::text::sanitize;
use std::path::Path;

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
    let forms = read_forms(path, banks)?;
    let name = path.file_name().unwrap_or(path.as_os_str());
    let mut journal = Journal::open(folder, None, None)?;
    journal.import_forms(&name.to_string_lossy(), &forms)?;
    let rows = counted(forms.0.len(), "form");
    stdout::print(|out| writeln!(out, "imported {rows}"))?;
    Ok(ExitStatus::Passed)
}

fn logos(path: &Path) -> Result<ExitStatus, AppError> {
    let lines = page_logos(path)?;
    stdout::print(|out| lines.iter().try_for_each(|line| writeln!(out, "{line}")))?;
    if lines.is_empty() {
        stdout::print(|out| writeln!(out, "nothing on the first page may be a logo"))?;
        return Ok(ExitStatus::Failed);
    }
    Ok(ExitStatus::Passed)
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
