//! Banks beyond the built-in table: the user's `banks.toml`, and the service's list if it was read.

use super::{bank_list_cache, environment};
use crate::error::AppError;
use crate::statement::BankRegistry;
use crate::statement::custom_banks::CustomBank;
use std::fs;
use std::io;

/// Builds the registry: the built-in banks, the user's banks, and those of the service's list that
/// the user did not define.
///
/// # Errors
///
/// If a file exists and can't be read, or defines an invalid bank.
pub(crate) fn bank_registry() -> Result<BankRegistry, AppError> {
    let mut custom = user_banks()?;
    // Without a state folder there is no list either.
    if let Ok(folder) = environment::state_folder()
        && let Some(list) = bank_list_cache::read(&folder)?
    {
        let is_defined = |id: &str| custom.iter().any(|bank: &CustomBank| bank.id == id);
        let new = list.custom_banks().into_iter();
        let new: Vec<_> = new.filter(|bank| !is_defined(&bank.id)).collect();
        custom.extend(new);
    }
    Ok(BankRegistry::new(custom))
}

fn user_banks() -> Result<Vec<CustomBank>, AppError> {
    let Some(path) = environment::config_folder().map(|folder| folder.join("banks.toml")) else {
        return Ok(Vec::new());
    };
    let hint = "write [[bank]] tables with id and name, and any of aliases, ifsc, domains";
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => {
            let message = format!("could not read {}", path.display());
            return Err(AppError::environment(message, error, hint));
        }
    };
    let reject = |what: &str| AppError::usage(format!("{}: {what}", path.display()), hint);
    let file: BanksFile = toml::from_str(&text).map_err(|error| {
        let start = error.span().map_or(0, |span| span.start);
        let before = text.as_bytes().get(..start).unwrap_or_default();
        let line = 1 + memchr::memchr_iter(b'\n', before).count();
        reject(&format!("line {line}: {}", error.message()))
    })?;
    for bank in &file.bank {
        bank.validate()
            .map_err(|invalid| reject(&format!("bank {:?}: {invalid}", bank.id)))?;
    }
    Ok(file.bank)
}

#[derive(Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct BanksFile {
    #[serde(default)]
    bank: Vec<CustomBank>,
}
